"""The report: one file that needs nothing else, the same as JSON and CSV, answers only where they may be seen."""

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from capsule_blocks.tables import AnswersRevision, Verdict
from capsule_flows.home import Resources
from capsule_flows.report import MOST_CASES, Report
from capsule_flows.report_items import BEHAVIOUR, ITEMS, SECTIONS
from capsule_flows.reporting import report_of
from judgement.examples import class_manifest, number_manifest
from reporting.conftest import B, M, Try

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
HOSTILE = '<script>alert("x")</script>'


class Seen(HTMLParser):
    """What a browser would find in the file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outside: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.outside += [f"{name}={value}" for name, value in attrs if name in {"src", "srcset"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_is_one_file_that_opens_nothing_and_runs_nothing(where: Resources, tried: Try) -> None:
    run = tried([M, B, B], [B, B, B], [0.4, 0.1, 0.2], by=HOSTILE)
    seen = Seen(report_of(where, run, made_by=HOSTILE, with_answers=True).html())
    assert not seen.tags & {"script", "img", "link", "iframe", "object"}
    assert seen.outside == []
    assert HOSTILE in seen.text
    assert {"svg", "desc", "h2", "th"} <= seen.tags


def test_its_sections_come_in_the_guidelines_order_with_the_items_they_answer(
    where: Resources, tried: Try
) -> None:
    page = report_of(where, tried([M, B], [M, B]), made_by="Ada", with_answers=True).html()
    places = [page.index(f">{name}</h2>") for name in SECTIONS]
    assert places == sorted(places)
    # No item asks how a model behaves on changed cases.
    assert {one.section for one in ITEMS} == set(SECTIONS) - {BEHAVIOUR}
    assert "Answers DECIDE-AI 2a, 4a, 4b, 4c; TRIPOD+AI 3b, 9b, 15" in page


def test_it_says_how_many_cases_came_in_were_judged_and_had_each_answer(
    where: Resources, tried: Try
) -> None:
    run = tried([M, B, B, None], [B, B, None, B])
    page = report_of(where, run, made_by="Ada", with_answers=True).html()
    flow = "4 cases came in, 3 were judged; by their answers 2 benign, 1 malignant."
    assert flow in page.replace("\xa0", " ")


def test_it_says_version_image_contract_hashes_who_and_when(where: Resources, tried: Try) -> None:
    run = tried([M, B], [M, B])
    found = report_of(where, run, made_by="Eve", with_answers=True)
    report, page = found.report, found.html()
    wanted = (
        report.model.release,
        report.model.image,
        report.model.contract_hash,
        report.model.model_hash,
        report.data.inputs_hash,
        report.data.answers_hash,
        report.run.predictions_hash,
        "Ada",
        "Eve",
        str(run),
    )
    assert [one for one in wanted if not one or one not in page] == []


def test_as_json_it_keeps_its_published_schema() -> None:
    assert json.loads(SCHEMA.read_text()) == Report.model_json_schema()


@pytest.mark.parametrize("with_answers", [True, False])
def test_as_json_it_is_the_same_report(where: Resources, tried: Try, with_answers: bool) -> None:
    found = report_of(where, tried([M, B], [M, M]), made_by="Ada", with_answers=with_answers)
    assert Report.model_validate_json(found.json()) == found.report


def test_without_answers_no_form_of_it_says_the_answer_to_a_case(
    where: Resources, tried: Try
) -> None:
    run = tried([M, B], [B, B])
    for by, word in (("Ada", "wrong"), ("Eve", "right")):
        where.ledger.add_assessment(flow_run_id=run, case_id="c0", word=word, reason="seen", by=by)
    found = report_of(where, run, made_by="Eve", with_answers=False)
    assert list(pd.read_csv(StringIO(found.csv()))) == [
        "case_id",
        "row",
        "case",
        "prediction",
        "score",
    ]
    told = json.loads(found.json())
    assert {(one["answer"], one["right"], one["cost"]) for one in told["cases"]} == {(None,) * 3}
    assert [one["words"] for one in told["cases"]] == [[], []]
    assert told["experts"]["disputed"] == []
    assert ">Answer</th>" not in found.html()


def test_no_spreadsheet_takes_a_cell_of_the_table_for_a_formula(
    where: Resources, tried: Try
) -> None:
    found = report_of(where, tried([M], ["=1+1"]), made_by="Ada", with_answers=True)
    assert pd.read_csv(StringIO(found.csv()))["prediction"].tolist() == ["'=1+1"]


def test_a_thousand_cases_are_in_it_and_of_more_the_rest_is_linked(
    where: Resources, tried: Try
) -> None:
    answers = [M, B] * 600
    run = tried(answers, answers[::-1], [0.25] * 1200)
    found = report_of(where, run, made_by="Ada", with_answers=True)
    page = found.html()
    assert len(found.report.cases) == MOST_CASES
    assert f'200 more cases: <a href="http://127.0.0.1:5006/report?id={run}&amp;form=csv">' in page
    assert len(page.encode()) < 2_000_000
    assert found.csv().count("\n") == 1201


def test_numbers_have_their_pictures_and_their_limits(where: Resources, tried: Try) -> None:
    run = tried([1.0, 2.0, 3.0, 4.0], [1.1, 2.2, 2.9, 9.0], manifest=number_manifest())
    page = report_of(where, run, made_by="Ada", with_answers=True).html()
    assert page.count("<svg") >= 2
    assert "NaN" not in page


def test_the_verdict_and_what_limits_the_result_are_said(where: Resources, tried: Try) -> None:
    earlier = tried([M, B], [M, B])
    run = tried([M, B], [M, B], release="r2")
    kept = where.ledger.case_set("example", "Monday")
    assert kept is not None
    where.ledger.add(
        Verdict(flow_run_id=run, release_id="r2", word="not ready", statement="Too few.", by="Ada")
    )
    where.ledger.add_revision(
        AnswersRevision(
            case_set_id=kept.id,
            answers_hash="a" * 64,
            reason="looked again",
            after_seeing=earlier,
            by="Ada",
        )
    )
    found = report_of(where, run, made_by="Ada", with_answers=True).report
    assert [one.word for one in found.verdicts] == ["not ready"]
    said = " ".join(found.caveats)
    assert "chosen by Ada and are no random sample" in said
    assert "1 trial on these cases came before this release" in said
    assert "revised once after this trial" in said
    assert "not recorded what the model was trained on" in said


def test_a_trial_on_revised_answers_says_so(where: Resources, tried: Try) -> None:
    earlier = tried([M, B], [M, B])
    kept = where.ledger.case_set("example", "Monday")
    assert kept is not None
    where.ledger.add_revision(
        AnswersRevision(
            case_set_id=kept.id, answers_hash="a" * 64, reason="x", after_seeing=earlier, by="Ada"
        )
    )
    found = report_of(where, tried([M, B], [M, B]), made_by="Ada", with_answers=True).report
    assert any(
        "revised once after predictions on these cases had been seen" in one
        for one in found.caveats
    )


def test_two_experts_are_compared_and_their_disputed_cases_listed(
    where: Resources, tried: Try
) -> None:
    run = tried([M, B, B], [B, B, B], manifest=class_manifest())
    for by, case, word in [
        ("Ada", "c0", "wrong"),
        ("Eve", "c0", "acceptable"),
        ("Ada", "c1", "right"),
        ("Eve", "c1", "right"),
    ]:
        where.ledger.add_assessment(flow_run_id=run, case_id=case, word=word, reason="", by=by)
    found = report_of(where, run, made_by="Ada", with_answers=True)
    assert found.report.experts is not None
    assert found.report.experts.pairs[0].sentence == (
        "Ada and Eve said the same of 1 of 2 cases (50 %, plausibly 2 to 98 %)."
        " A coefficient takes 50 cases read by both."
    )
    assert [one.case_id for one in found.report.experts.disputed] == ["c0"]
    assert "Ada: wrong; Eve: acceptable" in found.html()
