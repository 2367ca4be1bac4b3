"""A file that was refused is mended on the page and kept; its person's decisions serve the next file."""

import io
from uuid import uuid4

import pytest

from capsule_blocks.shelves import CasesMissing
from capsule_flows.drafting import Draft, decide, read_again, resume
from capsule_flows.fitting import Fitting
from capsule_flows.home import Resources
from capsule_flows.reading import Unreadable
from capsule_flows.reading_choices import ReadAs
from capsule_flows.receiving import Received, keep, receive_cases
from capsule_kit.manifest import Manifest, Page

from .test_fitting import DIABETES

pytestmark = pytest.mark.usefixtures("read_here")

MANIFEST = Manifest(
    name="diabetes",
    title="Is it diabetes?",
    contract=DIABETES,
    criteria=(),
    costs=(),
    page=Page(does="d", needs="n", limits="l"),
)
CHOICE = Fitting(headers={"glucose": "sugar"}, units={"sugar": "mg/dL"})


@pytest.fixture
def here(resources: Resources) -> Resources:
    """Give an empty ledger and store of this machine."""
    return resources


def brought(here: Resources, content: str, by: str = "Ada", owner: str | None = None) -> Received:
    stream = io.BytesIO(content.encode())
    return receive_cases(here, MANIFEST, stream, "mine.csv", name="mine", by=by, owner=owner)


def taken_up(here: Resources, received: Received) -> Draft:
    draft = resume(here, MANIFEST, received.upload_id)
    assert not isinstance(draft, Unreadable)
    return draft


def test_a_refused_file_is_taken_up_mended_and_kept(here: Resources) -> None:
    received = brought(here, "sugar,diabetes\n92,no\n0,yes\nabc,no\n")
    assert not received.accepted
    told = CHOICE.model_copy(update={"cells": {4: {"sugar": "180"}}, "left_out": (3,)})
    draft = decide(taken_up(here, received), told, MANIFEST)

    after = keep(here, MANIFEST, draft, name="mine", by="Ada")

    assert after.accepted
    assert after.case_set is not None
    inputs = here.store.inputs(after.case_set.inputs_hash)
    assert inputs["row"].tolist() == [2, 4]
    assert inputs["glucose"].tolist() == pytest.approx([5.107, 9.991], abs=1e-3)
    checks = here.ledger.checks(received.upload_id)
    assert [check.accepted for check in checks] == [False, True]
    assert Fitting.model_validate(checks[-1].fitting) == told
    assert taken_up(here, received).fitting == told


def test_decisions_on_columns_serve_the_same_persons_next_file(here: Resources) -> None:
    first = taken_up(here, brought(here, "sugar,diabetes\n92,no\n"))
    keep(here, MANIFEST, decide(first, CHOICE, MANIFEST), name="mine", by="Ada")

    second = brought(here, "diabetes,sugar\nno,95\n")

    assert second.accepted
    assert {one.mistake for one in second.draft.report.findings} == {"column taken", "unit turned"}
    assert not brought(here, "diabetes,sugar\nno,96\n", by="Grace").accepted
    assert not brought(here, "diabetes,blood glucos\nno,97\n").accepted


def test_an_unknown_upload_is_said_to_be_missing(here: Resources) -> None:
    with pytest.raises(CasesMissing, match="no upload"):
        resume(here, MANIFEST, uuid4())


def test_an_unreadable_file_stays_unreadable(here: Resources) -> None:
    received = brought(here, "\x00\x01\x02")

    assert received.report is None
    assert isinstance(resume(here, MANIFEST, received.upload_id), Unreadable)


DOUBTED = "glucose,diabetes,note\n5.1,no,a\n6.2,yes\n"


def test_a_reading_in_doubt_is_decided_kept_and_taken_up_again(here: Resources) -> None:
    received = brought(here, DOUBTED)
    assert not received.accepted
    assert received.draft.report.findings[0].mistake == "reading in doubt"
    assert "is not taken yet: 1 thing to decide." in received.sentence
    sure = Fitting(read_as=ReadAs(sure=("separators",)))

    draft = read_again(here, MANIFEST, received.upload_id, sure)

    assert isinstance(draft, Draft)
    assert keep(here, MANIFEST, draft, name="mine", by="Ada").accepted
    assert taken_up(here, received).fitting == sure


def test_a_file_that_was_refused_is_read_with_her_choices(here: Resources) -> None:
    received = brought(here, "glucose diabetes\n5,1 no\n")
    assert not received.accepted

    draft = read_again(
        here, MANIFEST, received.upload_id, Fitting(read_as=ReadAs(delimiter=" ", decimal=","))
    )

    assert isinstance(draft, Draft)
    assert draft.report.accepted


def test_the_same_persons_next_file_is_read_as_the_last_but_its_doubts_are_new(
    here: Resources,
) -> None:
    content = DOUBTED.replace(",", " ")
    first = brought(here, content)
    fitting = Fitting(read_as=ReadAs(delimiter=" ", sure=("separators",)))
    draft = read_again(here, MANIFEST, first.upload_id, fitting)
    assert isinstance(draft, Draft)
    assert keep(here, MANIFEST, draft, name="mine", by="Ada").accepted

    again = brought(here, content + "7 no b\n")

    assert not again.accepted
    assert again.draft.fitting.read_as == ReadAs(delimiter=" ")
    assert brought(here, "glucose,diabetes\n5.5,no\n").accepted
