"""Challenge cases as a text file that a repository can hold, and back again through the same check as every table.

The file is CSV: the contract's columns, the answer's, then what was said of each case. Sealed cases
are never written: in a repository they would be open.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from capsule_blocks.tables import CaseSet
from capsule_flows.cells_as_text import as_series, column_as_text
from capsule_flows.challenge import SORTS, ChallengeCase
from capsule_flows.challenge_batch import together
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.keeping import KeepAs, keep_cases
from capsule_flows.reading_choices import DOUBTFUL, ReadAs
from capsule_flows.receiving import receive_cases
from capsule_flows.refitting import FIRST_LINE, as_written
from capsule_flows.replay_changes import BATCH_ID
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID, ROW

SAID = ("sort", "critical", "tolerance", "reason", "by")
PREFIX = "challenge "
"""How the headers begin of what was said of a case."""


class NoChallengeFile(FlowsError):
    """A file does not hold challenge cases."""

    exit_code = 2

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file} holds no challenge cases that can be taken: {why}")


class NotOneText(FlowsError):
    """Cases that name files are more than a text file can hold."""

    exit_code = 2

    def __init__(self, capsule: str, column: str) -> None:
        super().__init__(
            f"The challenge cases of {capsule} cannot be written into one text file: their column"
            f" {column!r} names files. They stay in the case store, and are replayed from there"
        )


def written(resources: Resources, manifest: Manifest, cases: Sequence[ChallengeCase]) -> str:
    """Return the open ones of these cases as a file, by their ids; those that no longer fit are left out.

    Raises:
        NotOneText: they name files.
    """
    if naming := next((one.name for one in manifest.contract.columns if one.file), None):
        raise NotOneText(manifest.name, naming)
    found = together(resources, manifest, [one for one in cases if one.shelf == "open"])
    rows = found.asked[found.asked[BATCH_ID].notna()].set_index(BATCH_ID)
    if found.inputs.empty:
        return ""
    cells = as_written(found.inputs, found.answers, manifest.contract)
    table = pd.DataFrame({name: as_series(column_as_text(held)) for name, held in cells.items()})
    said = rows.reindex(found.inputs[CASE_ID])
    for name in SAID:
        values = said[name].map({True: "yes", False: "no"}) if name == "critical" else said[name]
        table[f"{PREFIX}{name}"] = values.astype("string").fillna("").to_numpy()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.itertuples(index=False, name=None))
    return out.getvalue()


def taken_in(resources: Resources, manifest: Manifest, file: Path, *, by: str) -> CaseSet:
    """Take the file's cases through the check, seal their answers, and keep each as the file says.

    Raises:
        NoChallengeFile: it is no such file, or the check refuses it.
    """
    table = _read(file)
    given = table[[name for name in table if not str(name).startswith(PREFIX)]]
    stream = io.BytesIO(given.to_csv(index=False).encode())
    read_as = ReadAs(encoding="utf-8", delimiter=",", decimal=".", sure=DOUBTFUL)
    received = receive_cases(
        resources, manifest, stream, file.name, name=file.stem, by=by, read_as=read_as
    )
    if received.case_set is None:
        findings = received.report.findings if received.report else ()
        first = next((one.sentence for one in findings if one.severity == "refuse"), "")
        raise NoChallengeFile(file.name, first or received.sentence)
    _keep(resources, received.case_set, table, by)
    return received.case_set


def _read(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as cause:
        raise NoChallengeFile(file.name, str(cause)) from cause
    missing = [f"{PREFIX}{name}" for name in SAID if f"{PREFIX}{name}" not in table]
    if missing:
        raise NoChallengeFile(file.name, f"it has no column {missing[0]!r}.")
    wrong = sorted(set(table[f"{PREFIX}sort"]) - set(SORTS))
    if wrong:
        raise NoChallengeFile(file.name, f"{wrong[0]!r} is none of {', '.join(SORTS)}.")
    numbers = table[f"{PREFIX}tolerance"]
    if (pd.to_numeric(numbers, errors="coerce").isna() & (numbers != "")).any():
        raise NoChallengeFile(file.name, f"a cell of {PREFIX}tolerance is no number.")
    return table


def _keep(resources: Resources, case_set: CaseSet, table: pd.DataFrame, by: str) -> None:
    """Keep the cases that are said alike together."""
    inputs = resources.store.inputs(case_set.inputs_hash)
    names = [f"{PREFIX}{name}" for name in SAID]
    said = table.iloc[inputs[ROW].to_numpy() - FIRST_LINE][names].reset_index(drop=True)
    for _, alike in said.groupby(names, sort=False):
        sort, critical, tolerance, reason, who = alike.iloc[0]
        keep_as = KeepAs(
            reason=reason,
            critical=critical == "yes",
            sort=next(one for one in SORTS if one == sort),
            tolerance=float(tolerance) if tolerance else None,
        )
        ids = inputs[CASE_ID].loc[alike.index].tolist()
        keep_cases(resources, case_set, keep_as, by=who or by, cases=ids)
