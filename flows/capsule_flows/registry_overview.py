"""Every model of the registry beside its capsule, and what waits for its author."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import select

from capsule_blocks import Ledger
from capsule_blocks.registered_models import Models, RegisteredModel
from capsule_blocks.tables import Release, Verdict
from capsule_flows.champion import decisions
from capsule_flows.gate_evidence import standing
from capsule_flows.next_offer import offer
from capsule_flows.releases import Published
from capsule_flows.releasing import released
from capsule_kit.errors import CapsuleError

NEWER, NO_VERSION, NO_CAPSULE, NOT_RELEASED, NOTHING = range(5)
"""What waits for the author, the most pressing first."""


@dataclass(frozen=True)
class ModelLine:
    """One model, and its capsule where it has one."""

    model: str
    version: str | None
    """Its newest; None where every version was deleted."""
    address: str | None
    """That version as `capsules new --from` takes it."""
    aliases: tuple[str, ...]
    """All of the model's, each as NAME=VERSION."""
    at: datetime | None
    by: str | None
    capsule: str | None = None
    of_version: str | None = None
    """The version that the deployed capsule is of."""
    release: str | None = None
    is_released: bool = False
    gate: str | None = None
    """The gate's newest answer on this release."""
    verdicts: str = ""
    """How many experts signed what on it: "2 ready, 1 not ready"."""
    waits: int = NOTHING
    sentence: str = ""
    """What waits for the author; empty where nothing does."""


@dataclass(frozen=True)
class Overview:
    """The models, those first for which something waits, and the places that could not be read."""

    lines: tuple[ModelLine, ...]
    problems: tuple[str, ...] = ()
    """A sentence each."""


def overview(
    ledger: Ledger,
    places: Sequence[Models],
    published: Sequence[Published],
    text: str = "",
    *,
    building: Collection[str] = (),
) -> Overview:
    """Return every model whose name holds `text`, beside its capsule.

    `building` are the capsules of which a next release is being built.
    """
    capsules = {
        _model(one.manifest.registered): one for one in published if one.manifest.registered
    }
    lines, problems = [], []
    for place in places:
        try:
            models = place.models()
        except CapsuleError as cause:
            problems.append(str(cause))
            continue
        lines += [
            _line(
                ledger,
                one,
                capsules.get(_model(one.newest.address) if one.newest else ""),
                building,
            )
            for one in models
            if text in one.name
        ]
    return Overview(tuple(sorted(lines, key=lambda one: (one.waits, one.model))), tuple(problems))


def _model(address: str) -> str:
    """Return a version's address without the version: a folder's model of the same name has another."""
    return address.rpartition("/")[0]


def _line(
    ledger: Ledger, model: RegisteredModel, one: Published | None, building: Collection[str]
) -> ModelLine:
    newest = model.newest
    line = ModelLine(
        model=model.name,
        version=newest.version if newest else None,
        address=newest.address if newest else None,
        aliases=tuple(f"{name}={version}" for name, version in sorted(model.aliases.items())),
        at=newest.at if newest else model.changed_at,
        by=newest.by if newest else None,
    )
    if newest is None:
        return replace(line, waits=NO_VERSION, sentence="Every version of it was deleted.")
    if one is None:
        make = f"It has no capsule: capsules new NAME --from {newest.address}"
        return replace(line, waits=NO_CAPSULE, sentence=make)
    return _beside_capsule(ledger, line, one, building=one.manifest.name in building)


def _beside_capsule(
    ledger: Ledger, line: ModelLine, one: Published, *, building: bool
) -> ModelLine:
    release, of_version = one.release(), one.manifest.registered.rpartition("/")[2]
    given_out = released(ledger, release.id) is not None
    waits, sentence = NOTHING, ""
    # A registry counts upwards, so a smaller number than the capsule's is what was left.
    if int(line.version or 0) > int(of_version):
        waits, sentence = NEWER, offer(ledger, one, str(line.address), building=building)
    elif line.version != of_version:
        waits = NO_VERSION
        sentence = f"Version {of_version}, which the capsule is of, was deleted."
    elif not given_out:
        waits, sentence = NOT_RELEASED, f"Not released: capsules release {release.capsule}"
    return replace(
        line,
        capsule=release.capsule,
        of_version=of_version,
        release=release.id,
        is_released=given_out,
        gate=_gate(ledger, release),
        verdicts=_verdicts(ledger, release),
        waits=waits,
        sentence=sentence,
    )


def _gate(ledger: Ledger, release: Release) -> str | None:
    known = [one for one in decisions(ledger, release.capsule) if one.release_id == release.id]
    return known[0].answer if known else None


def _verdicts(ledger: Ledger, release: Release) -> str:
    asked = select(Verdict).join(Release).where(Release.capsule == release.capsule)
    here = [
        one.word for one in standing(ledger.rows(asked), release.id) if one.release_id == release.id
    ]
    return ", ".join(f"{number} {word}" for word, number in sorted(Counter(here).items()))
