"""What was measured to go wrong with Panel, held where no other test holds it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import capsule_panel
from capsule_panel import make_draft
from capsule_panel.tables import PAGE, cases_frame, cases_table

SOURCES = sorted(Path(capsule_panel.__file__).parent.rglob("*.py"))
FROM_ELSEWHERE = ("pn.template", "pn.widgets.FileInput", "pn.widgets.FileDropper")
"""Templates load from other hosts; a file input holds the whole file in memory, and one fails silently at 20 MB."""
BOUNDED = "pmui.FileInput"
"""Holds a file in memory too, and refuses what is larger than it is told."""
TABLER = "icon"
"""Icons of Panel's own buttons load from another host; those of the material set are letters of a font here."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in SOURCES:
        yield file.stem, ast.parse(file.read_text())


def test_no_part_is_used_that_loads_from_elsewhere_or_holds_a_file_in_memory() -> None:
    used = {
        ast.unparse(node)
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    assert not [one for one in used if one.startswith(FROM_ELSEWHERE)]


def test_a_file_that_is_held_in_memory_is_bounded() -> None:
    made = [
        (name, {one.arg for one in call.keywords})
        for name, tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == BOUNDED
    ]
    assert [name for name, said in made if "max_file_size" not in said] == []
    assert make_draft.LARGEST_SAMPLE <= 20_000_000


def test_no_button_of_panels_own_has_an_icon() -> None:
    for name, tree in trees():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("pn.widgets."):
                assert TABLER not in {one.arg for one in call.keywords}, name


def test_no_callback_waits_for_ledger_store_or_server_and_stalls_everybody() -> None:
    """One blocking callback stalls every page for its length, so each such question is asked in a thread."""
    waiting = [
        f"{name}.{function.name}: {ast.unparse(call)[:80]}"
        for name, tree in trees()
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef)
        for call in calls_of(function)
        if blocks(call)
    ]
    assert waiting == []


def calls_of(function: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that a function makes itself, those of functions within it apart."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from calls_of(node)


def blocks(call: ast.Call) -> bool:
    """Say whether a call asks the ledger or the store, or hands one to a function that does."""
    if ast.unparse(call.func) == "asyncio.to_thread":
        return False
    asked = ast.unparse(call.func).split(".")
    return bool({"ledger", "store"} & set(asked[:-1]))


def test_a_callback_that_waits_is_found() -> None:
    tree = ast.parse("async def on_click(self):\n    self._resources.ledger.add(row)\n")
    (function,) = tree.body
    assert [blocks(call) for call in calls_of(function)] == [True]


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
def test_of_a_hundred_thousand_rows_a_browser_is_sent_one_page() -> None:
    many = 100_000
    judged = pd.DataFrame(
        {
            "case_id": [f"c{number}" for number in range(many)],
            "case": "S",
            "answer": "benign",
            "prediction": "benign",
            "score": 0.5,
            "right": True,
        }
    )
    sent = cases_table(cases_frame(judged, {})).get_root().source.data
    assert {len(column) for column in sent.values()} == {PAGE}
