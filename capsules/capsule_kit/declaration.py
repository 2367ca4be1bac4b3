"""The declaration: everything an author says of a capsule, checked when it is imported.

Importing a declaration imports nothing of the model; `prefect deploy` does it on a machine
that need not have the model's libraries.
"""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.columns import columns_of, refuse_bad_setting
from capsule_kit.contract import Contract
from capsule_kit.criteria import Criterion, ErrorCost, metrics_of
from capsule_kit.errors import DeclarationError
from capsule_kit.manifest import Headline, Manifest, Page
from capsule_kit.models import Model, checked_model
from capsule_kit.policy import Policy
from capsule_kit.training_profile import TrainingProfile

if TYPE_CHECKING:
    from prefect import Flow

REGISTERED = re.compile(r"models:/[^/:]+/[0-9]+")


class Capsule:
    """A model wrapped for the expert who can tell whether it is right."""

    def __init__(
        self,
        *,
        name: str,
        title: str,
        row: type[BaseModel],
        answer: Answer,
        settings: type[BaseModel],
        model: Model,
        page: Page,
        criteria: Sequence[Criterion] = (),
        costs: Sequence[ErrorCost] = (),
        headlines: Sequence[Headline] = (),
        profile: Path | None = None,
        groups: Sequence[str] = (),
        gate: Path | None = None,
        registered: str = "",
    ) -> None:
        """Check the declaration.

        Args:
            name: The capsule's package name, which is also its Prefect flow's.
            title: The question it answers, in the expert's words.
            row: One field for each column the model is given, made with `column`.
            answer: The answer column.
            settings: One field for each setting, each with a default: made with `column(default=…)`,
                or a plain pydantic field of any type that JSON has.
            model: Module path with `load()` and `predict(cases, settings)`; or the same in
                `OtherPython`, or a `Command` in any language (docs/protocol.md). Not imported here.
            page: The author's text for the expert.
            criteria: What success means, said before any case is seen.
            costs: What each kind of error costs.
            headlines: The files to be seen first among those that the capsule writes.
            profile: The file that the training wrote with `write_profile`; while it is not there,
                nothing is known of what the model was trained on.
            groups: Columns whose values are groups that are judged by themselves.
            gate: The file that says when a release may go into use (docs/gate.md); while it is not
                there, no release is GO.
            registered: The model's version in a registry, models:/NAME/VERSION, which hears what
                becomes of it (docs/registry.md).

        Raises:
            DeclarationError: names the place that cannot be used, and the mend.
        """
        self.settings = settings
        _refuse_bad_settings(settings)
        contract = Contract(columns=columns_of(row), answer=answer)
        self.manifest = Manifest(
            name=name,
            title=title,
            contract=contract,
            criteria=tuple(criteria),
            costs=tuple(costs),
            groups=tuple(groups),
            page=page,
            headlines=tuple(headlines),
            model=checked_model(model, name),
            registered=registered,
            profile=_profile(profile, contract) if profile else None,
            gate=_policy(gate, settings) if gate else None,
        )
        _refuse_bad_names(self.manifest)
        _refuse_bad_answer(self.manifest)
        _refuse_bad_criteria(self.manifest)
        _refuse_bad_costs(self.manifest)

    @property
    def model(self) -> Model:
        """How the author's code is started."""
        return self.manifest.model

    def flow(self) -> "Flow[..., Any]":
        """Return the Prefect flow whose parameter schema carries the whole declaration."""
        from capsule_kit.trial_flow import build_flow

        return build_flow(self)


def _profile(path: Path, contract: Contract) -> TrainingProfile | None:
    """Read the training's profile; one that cannot be used is as good as none, and is said.

    It is no error, because the training that writes it anew imports the declaration too.
    """
    if not path.is_file():
        return None
    try:
        profile = TrainingProfile.of_file(path)
    except ValueError:
        profile = None
    if profile is None or not profile.fits(contract):
        say = f"{path} was not written for this contract, so it is left aside. Train again."
        warnings.warn(say, stacklevel=3)
        return None
    return profile


def _policy(path: Path, settings: type[BaseModel]) -> Policy | None:
    """Read the gate's policy, with every setting in it, also those it leaves at their defaults."""
    policy = Policy.of_file(path)
    if policy is None:
        return None
    try:
        whole = settings.model_validate(policy.settings).model_dump(mode="json")
    except ValidationError as cause:
        first = cause.errors()[0]
        raise DeclarationError(
            f"{path}: settings, {'.'.join(map(str, first['loc']))}",
            first["msg"],
            f"Use what {settings.__qualname__} allows",
        ) from cause
    return policy.model_copy(update={"settings": whole})


def _refuse_bad_names(manifest: Manifest) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", manifest.name):
        raise DeclarationError(
            f"Capsule(name={manifest.name!r})",
            "the name is not a Python package name",
            "Use small letters, digits and underscores",
        )
    if manifest.registered and not REGISTERED.fullmatch(manifest.registered):
        raise DeclarationError(
            f"{manifest.name}: registered={manifest.registered!r}",
            "this is not a version in a registry",
            'Write registered="models:/NAME/VERSION" with the version\'s number',
        )
    contract = manifest.contract
    names = [column.name for column in contract.columns]
    answers = [column.name for column in contract.answer.as_columns()]
    if seen := [name for name in answers if name in names]:
        raise DeclarationError(
            f"{manifest.name}: answer column {seen[0]!r}",
            "the row has a column of the same name, so the model would see the answer",
            "Take it out of the row",
        )
    reserved = {"case_id", "row"} & {*names, *answers}
    if reserved:
        raise DeclarationError(
            f"{manifest.name}: column {min(reserved)!r}",
            "this name is used by the kit",
            "Choose another name for the column",
        )
    if sum(column.identifier for column in contract.columns) > 1:
        raise DeclarationError(
            f"{manifest.name}: row", "two columns are identifiers", "Keep identifier=True on one"
        )


def _refuse_bad_settings(settings: type[BaseModel]) -> None:
    place = f"{settings.__module__}.{settings.__qualname__}"
    for name, field in settings.model_fields.items():
        refuse_bad_setting(settings, name, field)
        if field.is_required():
            raise DeclarationError(
                f"{place}.{name}",
                "the setting has no default, so a nightly run could not start",
                "Write column(default=…, …)",
            )
    try:
        settings.model_json_schema()
        settings()
    except (PydanticUserError, PydanticSchemaGenerationError, ValidationError) as cause:
        raise DeclarationError(
            place,
            f"no form can be made of it ({str(cause).splitlines()[0]})",
            "Use types that JSON has, and defaults that they allow",
        ) from cause
    if settings.model_config.get("extra") != "forbid":
        raise DeclarationError(
            place,
            "a misspelt setting would pass unseen",
            'Write model_config = ConfigDict(extra="forbid")',
        )


def _refuse_bad_answer(manifest: Manifest) -> None:
    answer = manifest.contract.answer
    number = answer if isinstance(answer, NumberAnswer) else None
    if number and number.tolerance_kind == "fold" and number.tolerance <= 1:
        raise DeclarationError(
            f"{manifest.name}: tolerance={number.tolerance:g}",
            "a fold of 1 or less leaves no room",
            "Write tolerance=2 for from half of the answer to twice it",
        )
    names = {column.name for column in manifest.contract.columns}
    if strangers := [name for name in manifest.groups if name not in names]:
        raise DeclarationError(
            f"{manifest.name}: groups",
            f"there is no column {strangers[0]!r}",
            f"Use one of {', '.join(sorted(names))}",
        )


def _refuse_bad_criteria(manifest: Manifest) -> None:
    names = {column.name for column in manifest.contract.columns}
    answer = manifest.contract.answer
    asked = [
        *enumerate(manifest.criteria, start=1),
        *((f"{place} of the gate", one) for place, one in enumerate(_of_the_gate(manifest), 1)),
    ]
    for place, criterion in asked:
        where = f"{manifest.name}: criterion {place}"
        if criterion.where and criterion.where[0] not in names:
            raise DeclarationError(
                where,
                f"there is no column {criterion.where[0]!r}",
                f"Use one of {', '.join(sorted(names))}",
            )
        if criterion.metric not in metrics_of(answer):
            raise DeclarationError(
                where,
                f"{criterion.metric} cannot be measured on this answer",
                f"Use one of {', '.join(metrics_of(answer))}",
            )
        if criterion.metric in ("cost per case", "net benefit") and not manifest.costs:
            raise DeclarationError(
                where, f"{criterion.metric} needs to know what an error costs", "Declare costs=…"
            )


def _of_the_gate(manifest: Manifest) -> Sequence[Criterion]:
    return manifest.gate.criteria if manifest.gate else ()


def _refuse_bad_costs(manifest: Manifest) -> None:
    answer = manifest.contract.answer
    if isinstance(answer, ClassAnswer) and answer.positive not in (None, *answer.classes):
        raise DeclarationError(
            f"{manifest.name}: positive={answer.positive!r}",
            "this is none of the classes",
            f"Use one of {', '.join(answer.classes)}",
        )
    classes = answer.classes if isinstance(answer, ClassAnswer) else ()
    words = answer.words if isinstance(answer, ClassAnswer) else {}
    if isinstance(answer, ClassAnswer) and (
        strangers := sorted(set(words.values()) - set(classes))
    ):
        raise DeclarationError(
            f"{manifest.name}: words of {answer.column!r}",
            f"{strangers[0]!r} is none of the classes",
            "Let each word lead to one of the classes",
        )
    for cost in manifest.costs:
        for label in (cost.answer, cost.prediction):
            if label not in classes:
                raise DeclarationError(
                    f"{manifest.name}: ErrorCost({cost.answer!r}, {cost.prediction!r})",
                    f"{label!r} is none of the classes",
                    f"Use one of {', '.join(classes) or 'none: this answer has no classes'}",
                )
