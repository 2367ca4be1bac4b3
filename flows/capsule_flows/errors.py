"""What can go wrong on the control side; each error carries the command's exit code."""

from collections.abc import Sequence


class FlowsError(Exception):
    """Base of the control side's errors; its text is one sentence for a person."""

    exit_code = 4


class NotStarted(FlowsError):
    """Nothing answers where the Prefect server should be."""

    def __init__(self, api_url: str | None) -> None:
        where = f"at {api_url}" if api_url else "here, and PREFECT_API_URL is not set"
        super().__init__(
            f"No Prefect server answers {where}. Start everything with `capsules up` in this folder,"
            " or set CAPSULES_HOME to the folder where it was started."
        )


class CredentialRefused(FlowsError):
    """The Prefect server asks for a credential and was given none, or another."""

    def __init__(self, api_url: str) -> None:
        super().__init__(
            f"The Prefect server at {api_url} does not take this credential. Call the command in the"
            " folder of its start or set CAPSULES_HOME to it; for another server, set"
            " PREFECT_API_AUTH_STRING to the credential it asks for."
        )


class DatabaseUnusable(FlowsError):
    """The ledger's or Prefect's database cannot be used as it is set."""

    def __init__(self, what: str, setting: str, problem: str) -> None:
        super().__init__(f"The database of {what}, set by {setting}, cannot be used: {problem}.")


class UnknownCapsule(FlowsError):
    """No deployment publishes a capsule of this name."""

    exit_code = 64

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no capsule {name!r}. "
            + (f"Deployed are: {', '.join(known)}." if known else "Run `capsules deploy` first.")
        )


class NotGivenOut(FlowsError):
    """A capsule has no release that experts may run."""

    exit_code = 64

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} was not released yet, and experts run releases only. Its author gives one out on"
            f" the authors' page, or with `capsules release {name}`."
        )


class UnknownCaseSet(FlowsError):
    """No case set of this name was added for the capsule."""

    exit_code = 2

    def __init__(self, capsule: str, name: str) -> None:
        super().__init__(
            f"{capsule} has no case set called {name!r}."
            f" Add one with `capsules cases add {capsule} FILE --name {name}`."
        )


class UnknownTrial(FlowsError):
    """The ledger and the Prefect server know no trial of this id."""

    exit_code = 64

    def __init__(self, asked: str) -> None:
        super().__init__(f"There is no trial {asked!r}. `capsules trials` lists them.")


class SettingsRefused(FlowsError):
    """The settings are not what the form asks for."""

    exit_code = 2

    def __init__(self, errors: Sequence[str]) -> None:
        self.errors = list(errors)
        super().__init__("The settings were refused: " + "; ".join(errors))
