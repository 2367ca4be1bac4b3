"""Answers of two columns, of one with a mark, and of none, from the table to the sealed file."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from capsule_blocks.case_store import CaseStore
from capsule_flows.checking import check
from capsule_flows.reading import Table
from capsule_flows.templates import template_of
from capsule_kit.answers import Answer, NoAnswer, TimeAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

AGE = Column(name="age", kind="number", unit="years", meaning="age", example="50")
MARKED = TimeAnswer(column="survival", unit="days", meaning="death after surgery", example=28)
TWO = MARKED.model_copy(update={"event": "died"})


def contract(answer: Answer) -> Contract:
    """Return a contract of one column and this answer."""
    return Contract(columns=(AGE,), answer=answer)


def table(**columns: list[str]) -> Table:
    """Return a table as it is read from a file."""
    return Table(cells=pd.DataFrame(columns, dtype="str"), first_line=2, how="written by a test")


@pytest.mark.parametrize(
    ("answer", "columns"),
    [
        (MARKED, {"survival": ["9", "13,5+", "", "28+"]}),
        (TWO, {"survival": ["9", "13,5", "", "28"], "died": ["yes", "no", "yes", "No"]}),
    ],
)
def test_times_are_sealed_with_whether_it_happened(
    answer: TimeAnswer, columns: dict[str, list[str]], tmp_path: Path
) -> None:
    report = check(table(age=["50", "51", "52", "53"], **columns), contract(answer))
    assert report.accepted
    assert report.inputs is not None
    assert report.answers is not None
    assert list(report.inputs.columns) == ["case_id", "row", "age"]
    store = CaseStore(root=tmp_path)
    sealed = store.seal(report.inputs, report.answers, contract(answer).hash)
    kept = store.answers(sealed.inputs_hash, sealed.answers_hash)
    assert list(kept.columns) == ["case_id", "answer", "event"]
    assert kept["answer"].tolist() == [9.0, 13.5, 28.0]
    assert kept["event"].tolist() == [True, False, False]


@pytest.mark.parametrize("cell", ["-3", "soon", "28++x", "+"])
def test_what_is_no_time_is_refused_with_how_to_write_one(cell: str) -> None:
    report = check(table(age=["50"], survival=[cell]), contract(MARKED))
    assert not report.accepted
    assert "with + behind it where it had not happened by then" in report.findings[0].sentence


def test_outputs_without_an_answer_are_sealed_with_an_empty_file(tmp_path: Path) -> None:
    report = check(table(age=["50", "51"]), contract(NoAnswer(meaning="a summary")))
    assert report.accepted
    assert report.inputs is not None
    assert report.answers is not None
    store = CaseStore(root=tmp_path)
    sealed = store.seal(report.inputs, report.answers, "c" * 64)
    assert len(store.answers(sealed.inputs_hash, sealed.answers_hash)) == 0


@pytest.mark.parametrize("answer", [MARKED, TWO, NoAnswer(meaning="a summary")])
def test_a_template_has_every_column_of_the_answer(answer: Answer) -> None:
    found = pd.read_excel(BytesIO(template_of(contract(answer))), engine="calamine", dtype="str")
    assert list(found.columns) == ["age", *(one.name for one in answer.as_columns())]


def test_an_answer_of_two_columns_is_refused_where_either_is_among_the_inputs(
    tmp_path: Path,
) -> None:
    inputs = pd.DataFrame({"case_id": ["a"], "died": [True]})
    answers = pd.DataFrame({"case_id": ["a"], "survival": [9.0], "died": [True]})
    with pytest.raises(ValueError, match="'died' is among the inputs"):
        CaseStore(root=tmp_path).seal(inputs, answers, "c" * 64)
