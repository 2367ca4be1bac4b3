"""Two trials of the ledger side by side: what differed is found, and what cannot be compared is said."""

from uuid import uuid4

import pytest

from capsule_blocks.tables import Kept
from capsule_flows.errors import UnknownTrial
from capsule_flows.home import Resources
from capsule_flows.side_by_side import CannotCompare, document, side_by_side
from judgement.examples import number_manifest
from reporting.conftest import B, M, Try


def test_release_and_settings_that_differ_are_said_and_the_rest_is_not(
    where: Resources, tried: Try
) -> None:
    first = tried([M, B], [M, B], settings={"threshold": 0.5})
    second = tried([M, B], [B, B], release="r2", settings={"threshold": 0.9})
    found = side_by_side(where, first, second)
    assert [tuple(one) for one in found.differs] == [
        ("Release", "r1", "r2"),
        ("Setting: threshold", "0.5", "0.9"),
    ]
    assert found.weighed.withheld is None
    assert document(found)["cases"][0]["change"] == "broken"


def test_a_case_of_a_critical_set_that_broke_is_named_first(where: Resources, tried: Try) -> None:
    first, second = tried([M, B], [M, B]), tried([M, B], [B, B])
    kept = where.ledger.case_set("example", "Monday")
    assert kept is not None
    where.ledger.add(Kept(case_set_id=kept.id, critical=True, reason="rare", by="Ada"))
    found = side_by_side(where, first, second)
    assert found.weighed.sentences[0] == "1 of 2 critical cases broke: row 2."


def test_other_data_are_compared_where_they_meet_and_nothing_is_called_better(
    where: Resources, tried: Try
) -> None:
    found = side_by_side(where, tried([M, B], [M, B]), tried([M, B, B], [M, B, B], cases="Tuesday"))
    assert "Cases" in [one.what for one in found.differs]
    assert "do not cover the same cases" in str(found.weighed.withheld)
    assert found.weighed.p is None


def test_trials_that_cannot_stand_side_by_side_are_refused_in_a_sentence(
    where: Resources, tried: Try
) -> None:
    first = tried([M, B], [M, B])
    other = number_manifest().model_copy(update={"name": "other"})
    with pytest.raises(CannotCompare, match=r"trials of example and of other\."):
        side_by_side(
            where, first, tried([1.0, 2.0], [1.0, 2.0], manifest=other, release="n", cases="x")
        )
    with pytest.raises(UnknownTrial):
        side_by_side(where, first, uuid4())
