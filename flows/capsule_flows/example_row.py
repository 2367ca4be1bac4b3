"""The example row of a contract's template: what stands in it, and how it is known again in a table.

Unchanged it is no case. Where a column names the case, it says there that it is an example; in any
case it is looked for in one place alone, directly beneath the template's own headers, so that a
real case of the same values has somewhere to stand.
"""

import math

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.reading import Table
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

EXAMPLE_LINE = 2
"""The line it stands in, as a spreadsheet counts."""


def as_example(column: Column) -> str:
    """Return what the example row has in a column, as text."""
    if column.identifier and column.kind == "text":
        return f"EXAMPLE {column.example}"
    if column.kind != "yes/no":
        return column.example
    return "yes" if column.example.strip().lower() in ("true", "yes", "1") else "no"


def is_example_row(table: Table, contract: Contract) -> bool:
    """Say whether a table begins with its template's example row, unchanged."""
    columns = contract.all_columns
    if list(table.columns) != [one.name for one in columns] or not len(table):
        return False
    if table.lines[0] != EXAMPLE_LINE:
        return False
    return all(
        _same(str(column_as_text(table.columns[one.name][:1])[0].as_py() or ""), as_example(one))
        for one in columns
    )


def _same(cell: str, example: str) -> bool:
    if cell.strip() == example.strip():
        return True
    try:
        return math.isclose(float(cell), float(example), rel_tol=1e-12)
    except ValueError:
        return False
