"""A sheet of a workbook becomes rows of text; which one is asked where several hold something."""

from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from capsule_flows.cells_as_text import as_text
from capsule_flows.file_kinds import LOCKED, NoTableError
from capsule_flows.reading_choices import RECOGNISED, Doubt, ReadAs
from capsule_flows.reading_formulas import Uncomputed, uncomputed
from capsule_flows.reading_rows import Grid, Merged


def read_book(path: Path, name: str, kind: str, read_as: ReadAs = RECOGNISED) -> Grid:
    """Return the chosen sheet of a workbook, or the first that holds something.

    Raises:
        NoTableError: the book is damaged, or has no such sheet.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheets = _filled(book)
            sheet = _chosen(sheets, read_as, name)
            start = sheet.start or (0, 0) if sheet else (0, 0)
            rows = [[as_text(cell) for cell in row] for row in sheet.to_python()] if sheet else []
            merged = _merged(sheet, start) if sheet else ()
    except PasswordError:
        raise NoTableError(
            f"{name} is encrypted {LOCKED}. Open it in a spreadsheet program and save it as .xlsx without one."
        ) from None
    except BaseException as cause:
        # A panic in the Rust reader is a BaseException of a type that cannot be imported.
        panicked = type(cause).__name__ == "PanicException"
        if not panicked and not isinstance(
            cause, CalamineError | OSError | ValueError | IndexError
        ):
            raise
        raise NoTableError(
            f"{name} is damaged and cannot be opened as {kind} ({cause})."
            " Open it in a spreadsheet program and save it again as .xlsx."
        ) from None
    names = tuple(one.name for one in sheets)
    rows = [[_without_nulls(cell, name) for cell in row] for row in rows]
    doubts = _which(names) if read_as.sheet is None else ()
    if sheet and (formulas := uncomputed(path, kind, sheet.name)):
        doubts = (*doubts, _never_computed(formulas))
    how = f"read as {kind}, sheet “{sheet.name if sheet else ''}”"
    return Grid(
        rows,
        start[0] + 1,
        how + (f" alone, of {len(names)}" if len(names) > 1 else ""),
        read_as.model_copy(update={"sheet": sheet.name if sheet else None}),
        doubts,
        merged=merged,
        sheets=names,
    )


def _filled(book: CalamineWorkbook) -> list[CalamineSheet]:
    """Return the sheets that are shown and hold something."""
    shown = [
        one.name
        for one in book.sheets_metadata
        if one.visible == SheetVisibleEnum.Visible and one.typ == SheetTypeEnum.WorkSheet
    ]
    sheets = (book.get_sheet_by_name(name) for name in shown)
    return [sheet for sheet in sheets if sheet.start is not None]


def _chosen(sheets: list[CalamineSheet], read_as: ReadAs, name: str) -> CalamineSheet | None:
    if read_as.sheet is None:
        return sheets[0] if sheets else None
    found = next((one for one in sheets if one.name == read_as.sheet), None)
    if found is None:
        there = ", ".join(f"“{one.name}”" for one in sheets) or "none with anything in it"
        raise NoTableError(f"{name} has no sheet “{read_as.sheet}”; it has {there}.")
    return found


def _which(names: tuple[str, ...]) -> tuple[Doubt, ...]:
    if len(names) < 2:
        return ()
    listed = ", ".join(f"“{name}”" for name in names)
    sentence = f"The file has {len(names)} sheets: {listed}. Choose the one with your cases."
    return (Doubt(about="sheet", sentence=sentence),)


def _never_computed(formulas: Uncomputed) -> Doubt:
    found = (
        f"{formulas.cells:,} cells hold formulas that were"
        if formulas.cells > 1
        else "A cell holds a formula that was"
    )
    return Doubt(
        about="formulas",
        sentence=f"{found} never computed: {formulas.first}. What it comes to is not in the file, so it"
        " is read as blank or as 0. Open the file in a spreadsheet program, save it there, and bring"
        " it again.",
    )


def _merged(sheet: CalamineSheet, start: tuple[int, int]) -> tuple[Merged, ...]:
    """Return merged cells by the lines of the file and by the places in the rows that were read."""
    found: Any = sheet.merged_cell_ranges or ()
    return tuple(
        ((top + 1, bottom + 1), (left - start[1], right - start[1]))
        for (top, left), (bottom, right) in found
    )


def _without_nulls(cell: str, name: str) -> str:
    """Return a cell whose letters an old workbook stores two bytes wide as what it says."""
    if "\0" not in cell:
        return cell
    if set(cell[1::2]) == {"\0"} and "\0" not in cell[::2]:
        return cell[::2]
    raise NoTableError(f"{name} holds letters that cannot be told. Save it again as .xlsx.")
