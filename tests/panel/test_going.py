"""A trial under way says where it is and how long it takes, and nothing of it is obeyed as code."""

from uuid import uuid4

import pytest

from capsule_blocks.tables import Outcome
from capsule_flows.expecting import about, usual_seconds
from capsule_flows.following import RunView
from capsule_panel.going import live, log, timing, unjudged


def run(**more: object) -> RunView:
    facts = {
        "flow_run_id": uuid4(),
        "state_type": "RUNNING",
        "state_name": "Running",
        "sentence": "Predicting: 12 of 50 cases.",
        "final": False,
        "progress": 0.24,
        "seconds": 12.0,
        "log": [],
        "url": "http://127.0.0.1/run",
    }
    return RunView(**{**facts, **more})  # type: ignore[arg-type]


def test_the_usual_time_is_the_median_of_trials_of_about_that_size() -> None:
    small = [(10, 1.0)] * 20
    large = [(1000, 20.0), (1000, 22.0), (900, 18.0), *[(1100, 22.0)] * 7]
    assert usual_seconds([*small, *large], 1000) == pytest.approx(20.0, rel=0.1)
    assert usual_seconds([*small, *large], 10) == pytest.approx(1.0)
    assert usual_seconds([], 10) is None
    assert usual_seconds([(0, 1.0)], 10) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "a second"), (40, "40 seconds"), (170, "3 minutes"), (7300, "2 hours")],
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert about(seconds) == said


def test_what_is_not_known_of_the_time_is_not_said() -> None:
    assert timing(12, 40) == "12 seconds so far; usually about 40 seconds."
    assert timing(None, 40) == "Usually about 40 seconds."
    assert timing(12, None) == "12 seconds so far."
    assert timing(None, None) == ""


def test_how_far_it_is_is_a_bar_only_where_it_is_known() -> None:
    assert 'value="0.240"' in live(run(), None)
    assert "value=" not in live(run(progress=None), None)


def test_a_line_of_the_log_is_text() -> None:
    told = log(run(log=["12:00:00 <img src=x onerror=alert(1)>"]))
    assert "<img" not in told
    assert "&lt;img src=x onerror=alert(1)&gt;" in told


def test_a_stopped_trial_is_no_failure_and_nothing_was_judged() -> None:
    told = unjudged(
        Outcome(flow_run_id=uuid4(), kind="cancelled", sentence="It was stopped."), None
    )
    assert "<h2>Stopped</h2>" in told
    assert 'class="problem"' not in told
    assert "says nothing about the model" in told
