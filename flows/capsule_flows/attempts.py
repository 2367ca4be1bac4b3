"""What came of files that did not become cases: refused ones, and drafts that nobody went on with."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from capsule_blocks import Ledger
from capsule_blocks.tables import Check, Upload
from capsule_flows.findings import Finding
from capsule_flows.grouping import grouped, left_to_do
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest

MOST = 50


@dataclass(frozen=True)
class Attempt:
    """A file whose cases were not taken, as its last check left it."""

    upload: Upload
    changes: int
    """How often its person decided something after it was refused."""
    last: datetime
    """When something was last done about it."""
    standing: str
    """Where it stands, in words."""
    findings: tuple[Finding, ...]
    """What the last check says, one mistake in many rows as one; none where the file could not be read."""


def attempts(ledger: Ledger, manifest: Manifest, limit: int = MOST) -> list[Attempt]:
    """Return the files brought for a capsule that did not become cases, newest first."""
    return [
        _attempt(upload, ledger.checks(upload.id), manifest.contract)
        for upload in ledger.not_taken(manifest.name, limit)
    ]


def _attempt(upload: Upload, checks: list[Check], contract: Contract) -> Attempt:
    findings = tuple(grouped(_findings(checks[-1]), contract)) if checks else ()
    return Attempt(
        upload=upload,
        changes=max(0, len(checks) - 1),
        last=checks[-1].at if checks else upload.at,
        standing=_standing(checks[-1] if checks else None, findings),
        findings=findings,
    )


def _findings(check: Check) -> tuple[Finding, ...]:
    try:
        return tuple(Finding.model_validate(one) for one in check.findings)
    except ValidationError:
        return ()


def _standing(last: Check | None, findings: tuple[Finding, ...]) -> str:
    if last is None:
        return "The check was broken off."
    # A file that could not be read has one sentence in the place of findings.
    if not findings and last.findings:
        return str(last.findings[0].get("sentence", ""))
    if left := left_to_do(findings):
        return f"{left}."
    return "It fits now, and was not kept."
