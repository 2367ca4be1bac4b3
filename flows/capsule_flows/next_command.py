"""A newer version taken: written into the author's folder, whole or not at all; deploying it stays the author's."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from capsule_blocks.files import workbench
from capsule_blocks.registered_models import Version
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.new_capsule import CAPSULES
from capsule_flows.new_finding import find_source
from capsule_flows.new_model import ARTIFACT
from capsule_flows.next_known import made_ready, prepared
from capsule_flows.next_offer import built_words
from capsule_flows.next_preparing import PROJECT, is_newer, package_of, refuse_taken
from capsule_flows.next_taking import CannotTake, registered_in, taking
from capsule_flows.registry_connection import NoRegistry, the_registry
from capsule_flows.releases import Published

SCRATCH = ".next"
ALONE = "it was not built and replayed before; `capsules models` says why."


@dataclass(frozen=True)
class Taken:
    """A version that was written into a capsule's folder."""

    folder: Path
    before: str
    """The version that the folder was of."""
    address: str
    files: tuple[Path, ...]
    """What changed."""
    said: tuple[str, ...]
    """What its author has to see to, a sentence each."""
    known: str
    """What came of building and replaying it beside the capsule."""


class NothingNewer(FlowsError):
    """The registry has no version that is newer than the capsule's."""

    exit_code = 64


def take_next(where: Resources, one: Published) -> Taken:
    """Write the newest version that was made ready into the capsule's folder, else the newest there is.

    Raises:
        NothingNewer: there is none, or the capsule is of no registered model.
        CannotTake: it does not fit the capsule, or is in its folder already.
        CapsuleError: the registry does not answer.
    """
    folder = PROJECT / CAPSULES / package_of(one)
    name = one.manifest.name
    ready = made_ready(prepared(where.ledger, name), one.release().id)
    source = find_source(ready.address if ready else newest_of(one).address)
    before = registered_in(folder)
    refuse_taken(before, source.registered, folder.name)
    change = taking(folder, source)
    scratch = folder.with_name(SCRATCH)
    # Beside what it replaces, so that it is moved there in no time.
    with workbench(scratch) as bench:
        (bench / ARTIFACT).mkdir()
        source.copy(bench / ARTIFACT)
        (folder / ARTIFACT).rename(bench / "before")
        (bench / ARTIFACT).rename(folder / ARTIFACT)
    with suppress(OSError):  # another one works in it
        scratch.rmdir()
    for file, text in change.texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    files = (folder / ARTIFACT, *(folder / file for file in change.texts))
    known = (
        built_words(where.ledger, name, ready.release_id) if ready and ready.release_id else ALONE
    )
    return Taken(folder, before, source.registered, files, change.said, known)


def newest_of(one: Published) -> Version:
    """Return the newest version of a capsule's model.

    Raises:
        NothingNewer: the registry has none that is newer than the deployed one.
        NoRegistry: none is connected.
        UnknownModel: the registry has no such model.
    """
    registered, server = one.manifest.registered, the_registry().server()
    if not registered:
        raise NothingNewer(
            f'{one.manifest.name} says no registered="models:/NAME/VERSION": nothing is newer.'
        )
    if server is None:
        raise NoRegistry
    model = registered.removeprefix("models:/").rpartition("/")[0]
    newest = next(iter(server.versions(model)), None)
    if newest is None or not is_newer(newest, registered):
        raise NothingNewer(f"{registered} is the newest version of its model.")
    if not newest.ready:
        raise CannotTake(f"{newest.address} is not registered to its end: try again in a moment.")
    return newest
