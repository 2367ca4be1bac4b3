"""A kept file between being read and being sealed: the table, what was decided of it, what the check says."""

from dataclasses import dataclass, replace
from uuid import UUID

from capsule_blocks.shelves import CasesMissing
from capsule_blocks.tables import Upload
from capsule_flows.checking import Report, check
from capsule_flows.fitting import Fitting
from capsule_flows.home import Resources
from capsule_flows.reading import Table, Unreadable, read_table
from capsule_flows.reading_choices import RECOGNISED
from capsule_flows.training_findings import beside_training
from capsule_kit.manifest import Manifest


@dataclass(frozen=True)
class Draft:
    """An upload on its way to becoming a case set. Its file never changes; decisions do."""

    upload: Upload
    table: Table
    """As read, before any decision."""
    fitting: Fitting
    report: Report
    """What the check says of the table with the decisions applied."""


def begin(
    resources: Resources, manifest: Manifest, upload: Upload, fitting: Fitting | None = None
) -> Draft | Unreadable:
    """Read a kept file and check it, with the decisions given or those its person made last time.

    Raises:
        CasesMissing: the store does not hold the file.
    """
    if fitting is not None:
        return _read(resources, manifest, upload, fitting)
    habits = _habits(resources, manifest, upload)
    for tried in (habits, habits.model_copy(update={"read_as": RECOGNISED})):
        if tried:
            draft = _read(resources, manifest, upload, tried)
            if isinstance(draft, Draft) and _fits(draft):
                return draft
    return _read(resources, manifest, upload, Fitting())


def _read(
    resources: Resources, manifest: Manifest, upload: Upload, fitting: Fitting
) -> Draft | Unreadable:
    path = resources.store.upload(upload.sha256, upload.filename)
    table = read_table(path, filename=upload.filename, read_as=fitting.read_as)
    if isinstance(table, Unreadable):
        return table
    return Draft(upload, table, fitting, checked(table, manifest, fitting))


def resume(resources: Resources, manifest: Manifest, upload_id: UUID) -> Draft | Unreadable:
    """Take up an upload where its last check left it.

    Raises:
        CasesMissing: there is no such upload for the capsule, or its file is gone.
    """
    upload = _upload(resources, manifest, upload_id)
    checks = resources.ledger.checks(upload_id)
    decided = Fitting.model_validate(checks[-1].fitting) if checks else None
    return begin(resources, manifest, upload, decided)


def decide(draft: Draft, fitting: Fitting, manifest: Manifest) -> Draft:
    """Return the draft with other decisions, checked again; the file is not read again."""
    return replace(draft, fitting=fitting, report=checked(draft.table, manifest, fitting))


def read_again(
    resources: Resources, manifest: Manifest, upload_id: UUID, fitting: Fitting
) -> Draft | Unreadable:
    """Return an upload read as she chose, with her other decisions.

    Raises:
        CasesMissing: there is no such upload for the capsule, or its file is gone.
    """
    return _read(resources, manifest, _upload(resources, manifest, upload_id), fitting)


def checked(table: Table, manifest: Manifest, fitting: Fitting) -> Report:
    """Check a table with its decisions, and hold what passes beside what the model was trained on."""
    report = check(table, manifest.contract, fitting)
    if report.inputs is None or manifest.profile is None:
        return report
    more = beside_training(report.inputs, manifest.contract, manifest.profile)
    return replace(report, findings=(*report.findings, *more))


def _upload(resources: Resources, manifest: Manifest, upload_id: UUID) -> Upload:
    upload = resources.ledger.upload(upload_id)
    if upload is None or upload.capsule != manifest.name:
        raise CasesMissing(f"upload {upload_id} for {manifest.name}", str(resources.store.root))
    return upload


def _habits(resources: Resources, manifest: Manifest, upload: Upload) -> Fitting:
    """Return what the same person last decided, kept or not: she mends a refused file elsewhere too.

    Nothing, if the last file of hers that was taken needed no decision.
    """
    for last in resources.ledger.checks_of_person(manifest.name, upload.by, upload.owner):
        habits = Fitting.model_validate(last.fitting).habits
        if habits or last.accepted:
            return habits
    return Fitting()


def _fits(draft: Draft) -> bool:
    """Say whether habits suit a file: it has the headers they speak of, and is no worse read than another."""
    headers = {header for header in draft.fitting.headers.values() if header is not None}
    whole = not draft.fitting.read_as or not draft.report.matching.unmatched
    return whole and headers <= set(draft.table.columns)
