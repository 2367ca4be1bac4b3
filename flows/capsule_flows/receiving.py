"""One upload from the door to the store: received, read, fitted, checked, sealed. Every door calls this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from capsule_blocks.tables import AnswersRevision, CaseSet, Check, Upload
from capsule_flows.checking import AS_IT_IS, Report
from capsule_flows.drafting import Draft, begin
from capsule_flows.findings import Finding
from capsule_flows.fitting import Fitting
from capsule_flows.grouping import grouped, left_to_do, only_doubts
from capsule_flows.home import Resources
from capsule_flows.reading import Unreadable
from capsule_flows.reading_choices import RECOGNISED, ReadAs
from capsule_flows.unpacking import keep_files
from capsule_kit.manifest import Manifest


@dataclass(frozen=True)
class Received:
    """What became of a file that somebody brought."""

    sentence: str
    """What happened, for the person who brought it."""
    accepted: bool
    """Whether it is now a case set."""
    upload_id: UUID
    """Under what the ledger knows the file."""
    draft: Draft | None = None
    """The table and what the check found; None where the file could not be read."""
    unreadable: Unreadable | None = None
    """Why it could not be read, and what was seen of it."""
    case_set: CaseSet | None = None
    """The case set, where it was accepted."""

    @property
    def report(self) -> Report | None:
        """What the check found; None where the file could not be read."""
        return None if self.draft is None else self.draft.report


def receive_cases(
    resources: Resources,
    manifest: Manifest,
    stream: BinaryIO,
    filename: str,
    *,
    name: str,
    by: str,
    owner: str | None = None,
    read_as: ReadAs = RECOGNISED,
) -> Received:
    """Take a file of cases with their answers into the store; keep it, with its findings, even if refused.

    Args:
        resources: Where it is kept.
        manifest: The capsule it was brought for.
        stream: The file's bytes.
        filename: What the file was called where it came from.
        name: What the case set is to be called; a number is added where the name is taken.
        by: Who brought it.
        owner: Whose it is, where people have accounts.
        read_as: How it is to be read, where that is known.
    """
    file = resources.store.receive(stream, filename)
    upload = Upload(
        capsule=manifest.name,
        filename=filename,
        sha256=file.sha256,
        size=file.size,
        by=by,
        owner=owner,
    )
    resources.ledger.add(upload)
    fitting = Fitting(read_as=read_as) if read_as else None
    draft = begin(resources, manifest, upload, fitting)
    if isinstance(draft, Unreadable):
        findings = [{"sentence": draft.sentence}]
        checked = _check(manifest, upload, findings=findings, fitting=fitting or AS_IT_IS)
        resources.ledger.add(checked)
        return Received(draft.sentence, accepted=False, upload_id=upload.id, unreadable=draft)
    return keep(resources, manifest, draft, name=name, by=by)


def keep(resources: Resources, manifest: Manifest, draft: Draft, *, name: str, by: str) -> Received:
    """Write down what the check says of a draft, and seal its cases where nothing refuses them."""
    report, upload = draft.report, draft.upload
    findings = [finding.model_dump(mode="json") for finding in report.findings]
    checked = _check(
        manifest, upload, accepted=report.accepted, findings=findings, fitting=draft.fitting
    )
    resources.ledger.add(checked)
    if report.inputs is None or report.answers is None:
        told = grouped(report.findings, manifest.contract)
        sentence = _not_taken(upload.filename, told)
        return Received(sentence, accepted=False, upload_id=upload.id, draft=draft)
    if draft.table.files:
        archive = resources.store.upload(upload.sha256, upload.filename)
        keep_files(
            resources.store.files, archive, upload.filename, draft.table.files, report.inputs
        )
    sealed = resources.store.seal(report.inputs, report.answers, manifest.contract.hash)
    case_set = CaseSet(
        capsule=manifest.name,
        name=name,
        inputs_hash=sealed.inputs_hash,
        contract_hash=manifest.contract.hash,
        cases=sealed.cases,
        check_id=checked.id,
        by=by,
        owner=upload.owner,
    )
    case_set, fresh = name_it(resources, case_set, sealed.answers_hash, "as first given")
    known = "" if fresh else " It was here already, with the same answers."
    sentence = (
        f"{sealed.cases} cases are kept as {case_set.name!r}, their {len(report.answers)} answers"
        f" sealed apart.{known}"
    )
    return Received(sentence, accepted=True, upload_id=upload.id, draft=draft, case_set=case_set)


def write_down(resources: Resources, manifest: Manifest, draft: Draft) -> None:
    """Write down a draft as it stands, so that nothing decided is lost if nobody goes on with it."""
    told = grouped(draft.report.findings, manifest.contract)
    findings = [one.model_dump(mode="json") for one in told]
    resources.ledger.add(_check(manifest, draft.upload, findings=findings, fitting=draft.fitting))


def _not_taken(filename: str, told: Sequence[Finding]) -> str:
    """Say that a file did not become cases: something is wrong with it, or only in doubt."""
    how = "is not taken yet" if only_doubts(told) else "was not accepted"
    return f"{filename} {how}: {left_to_do(told)}. The file is kept, and the capsule's author can see it."


def _check(
    manifest: Manifest,
    upload: Upload,
    *,
    accepted: bool = False,
    findings: Sequence[Mapping[str, object]] = (),
    fitting: Fitting = AS_IT_IS,
) -> Check:
    return Check(
        upload_id=upload.id,
        capsule=manifest.name,
        contract_hash=manifest.contract.hash,
        accepted=accepted,
        findings=[dict(one) for one in findings],
        fitting=fitting.model_dump(mode="json") if fitting else {},
    )


def name_it(
    resources: Resources, wanted: CaseSet, answers_hash: str, reason: str
) -> tuple[CaseSet, bool]:
    """Add the case set under its name, or the same name with a number, unless it is there already.

    `reason` is why its answers are as they are. Returns the case set, and whether it is new.
    """
    ledger = resources.ledger
    base, number = wanted.name, 1
    while True:
        if ledger.add_once(wanted):
            ledger.add(
                AnswersRevision(
                    case_set_id=wanted.id,
                    revision=1,
                    answers_hash=answers_hash,
                    reason=reason,
                    by=wanted.by,
                )
            )
            return wanted, True
        there = ledger.case_set(wanted.capsule, wanted.name)
        if there and there.inputs_hash == wanted.inputs_hash and there.owner == wanted.owner:
            answers = ledger.latest_answers(there.id)
            if answers and answers.answers_hash == answers_hash:
                return there, False
        number += 1
        wanted.name = f"{base}-{number}"
