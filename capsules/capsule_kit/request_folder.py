"""What stands ready for a model when it is asked: one folder, laid out by the flow (docs/protocol.md)."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from capsule_kit.columns import Column
from capsule_kit.errors import ModelFailed
from capsule_kit.named_files import write_with_paths
from capsule_kit.predictions import COLUMNS, PREDICTIONS_FILE
from capsule_kit.receipt import INPUTS_FILE, ROW

INPUTS_CSV = "inputs.csv"
PREDICTIONS_CSV = "predictions.csv"
SETTINGS_JSON, SETTINGS_CSV = "settings.json", "settings.csv"
COLUMNS_CSV = "columns.csv"
OUT = "out"
"""The model's own folder, as it is called in the request's."""
ROWS_AT_ONCE = 50_000
LARGEST_CELL = 1 << 22
"""A line of predictions as CSV may be so long, in bytes."""


def lay_out(
    folder: Path,
    *,
    inputs: Path,
    settings: dict[str, Any],
    columns: Sequence[Column],
    out: Path,
    with_csv: bool,
) -> None:
    """Fill an empty folder with one request.

    Args:
        folder: The folder; the model need not be able to write in it.
        inputs: The checked cases, without answers, as Parquet.
        settings: The values of the form, as JSON.
        columns: The contract's columns, which say how a cell of the CSV is to be read.
        out: The folder in which the model writes.
        with_csv: Whether the cases are to be there as CSV too.

    Raises:
        CasesRefused: a file that the cases name is not there, or is another.
        ModelFailed: the cases as CSV, or with the paths of their files, do not fit.
    """
    if naming := [one.name for one in columns if one.file]:
        with _fitting(folder, "cases with the paths of their files"):
            write_with_paths(inputs, folder / INPUTS_FILE, naming)
    else:
        (folder / INPUTS_FILE).symlink_to(inputs)
    (folder / OUT).symlink_to(out)
    (folder / SETTINGS_JSON).write_text(json.dumps(settings, ensure_ascii=False), "utf-8")
    _write_rows(
        folder / SETTINGS_CSV,
        [("name", "value"), *((name, _as_cell(value)) for name, value in settings.items())],
    )
    _write_rows(
        folder / COLUMNS_CSV,
        [("name", "kind", "unit"), *((one.name, one.kind, one.unit or "") for one in columns)],
    )
    if with_csv:
        dates = [c.name for c in columns if c.kind == "date"]
        with _fitting(folder, "cases as CSV"):
            write_cases(folder / INPUTS_FILE, folder / INPUTS_CSV, dates)


@contextmanager
def _fitting(folder: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise ModelFailed(
            f"its {what} do not fit into {folder} ({problem.strerror}). Raise the"
            " deployment's job variable work_limit, or bring fewer cases"
        ) from problem


def write_cases(inputs: Path, place: Path, dates: Sequence[str]) -> None:
    """Write the cases of a Parquet file as CSV, a part at a time.

    Texts are quoted and blanks are not, so that a text NA and a blank are told apart.
    """
    with pq.ParquetFile(inputs) as file:
        kept = [name for name in file.schema_arrow.names if name != ROW]
        schema = pa.schema(
            [
                pa.field(name, pa.date32() if name in dates else file.schema_arrow.field(name).type)
                for name in kept
            ]
        )
        with pa.csv.CSVWriter(place, schema) as writer:
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=kept):
                writer.write_table(pa.Table.from_batches([batch]).cast(schema))


def predictions_of(out: Path) -> Path:
    """Return the file in which the model left its predictions.

    Raises:
        ModelFailed: it left none, or two.
    """
    found = [out / name for name in (PREDICTIONS_FILE, PREDICTIONS_CSV) if _is_there(out / name)]
    if not found:
        raise ModelFailed(
            f"it said that it had predicted, and left neither {PREDICTIONS_FILE} nor"
            f" {PREDICTIONS_CSV} in its folder {OUT}"
        )
    if len(found) > 1:
        raise ModelFailed(f"it left both {PREDICTIONS_FILE} and {PREDICTIONS_CSV}; one is meant")
    return found[0]


def as_parquet(given: Path, made: Path) -> None:
    """Write predictions that came as CSV as Parquet, each cell as it stands, a part at a time.

    Raises:
        ModelFailed: it is no CSV in UTF-8 with a header and as many cells in each row.
    """
    reading = pa.csv.ReadOptions(block_size=LARGEST_CELL)
    parsing = pa.csv.ParseOptions(newlines_in_values=True)
    try:
        with pa.csv.open_csv(given, reading, parsing) as first:
            names = [name for name in COLUMNS if name in first.schema.names]
        converting = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=names,
            null_values=[""],
            strings_can_be_null=True,
        )
        with (
            pa.csv.open_csv(given, reading, parsing, converting) as rows,
            pq.ParquetWriter(made, rows.schema) as writer,
        ):
            for batch in rows:
                writer.write_batch(batch)
    except (pa.ArrowException, ValueError) as cause:
        reason = str(cause).splitlines()[0]
        raise ModelFailed(f"its {PREDICTIONS_CSV} cannot be read ({reason})") from cause


def _is_there(place: Path) -> bool:
    return place.is_symlink() or place.exists()


def _as_cell(value: Any) -> str:
    """Return a setting as a cell: a text as it is, nothing as a blank, everything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _write_rows(place: Path, rows: Sequence[Sequence[str]]) -> None:
    with place.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
