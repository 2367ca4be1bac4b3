"""Her own page says what became of each case that she called wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pandas as pd
import pytest

from capsule_blocks.tables import Assessment, Trial
from capsule_flows.becoming import Became, Fate, Later, is_right
from capsule_panel.pages.mine import called_wrong

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def trial(release: str = "r2") -> Trial:
    return Trial(
        flow_run_id=uuid4(),
        release_id=release,
        capsule="tumor",
        case_set_name="c",
        door="app",
        by="Ada",
        at=AT,
    )


def case(right: Sequence[bool | None], corrected: str | None = None) -> Became:
    said = Assessment(
        flow_run_id=uuid4(),
        case_id="k",
        word="wrong",
        reason="<b>plain</b>",
        corrected=corrected,
        by="Ada",
        at=AT,
    )
    later = tuple(Later(trial(), "malignant", one) for one in right)
    return Became(said, trial("r1"), "S-1", "benign", later)


@pytest.mark.parametrize(
    ("right", "fate"),
    [
        ([], "not tried since"),
        ([False], "still wrong"),
        ([False, True], "mended"),
        ([True, False], "wrong again"),
        ([True, None], "cannot be told"),
    ],
)
def test_the_newest_later_trial_says_where_a_case_stands(
    right: list[bool | None], fate: Fate
) -> None:
    assert case(right).fate == fate


def test_what_she_said_it_should_be_counts_before_the_answer() -> None:
    row = {"prediction": "malignant", "right": False}
    assert is_right(row, None) is False
    assert is_right(row, "malignant") is True
    assert is_right({"prediction": 2.5, "right": True}, "3") is False
    assert is_right({"prediction": "x", "right": pd.NA}, None) is None


def test_the_page_counts_what_was_mended_and_escapes_what_she_wrote() -> None:
    told = called_wrong([case([True]), case([])], of=2)
    assert "1 of 2 cases mended." in told
    assert "release r2 says malignant, 24 Nov 2026, 12:00 UTC" in told
    assert "&lt;b&gt;plain&lt;/b&gt;" in told
