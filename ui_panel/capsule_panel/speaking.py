"""What an expert may say of a prediction and of a release, and what she has not said yet."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from capsule_blocks.tables import Assessment
from capsule_flows.gate_signatures import (
    MORE_CASES,
    NOT_READY,
    READY,
    TAKEN_BACK,
    WITHIN_LIMITS,
)
from capsule_flows.wording import count

CASE_WORDS = ("right", "acceptable", "wrong", "cannot judge")
WRONG = "wrong"
VERDICT_WORDS = (READY, WITHIN_LIMITS, NOT_READY, MORE_CASES, TAKEN_BACK)


def still_missing(judged: pd.DataFrame, spoken: Collection[str]) -> str:
    """Say how many cases she has spoken on, and which disagreements wait for her word.

    `judged` has a row for each case with `case_id` and `right`; `spoken` are the ids spoken on.
    """
    done = int(judged["case_id"].isin(list(spoken)).sum())
    if done == len(judged):
        return f"You have spoken on all {count(done, 'case')}."
    waiting = _disagreements(judged) - set(spoken)
    if not waiting:
        return f"You have spoken on {done} of {count(len(judged), 'case')}; no disagreement waits."
    waits = "waits" if len(waiting) == 1 else "wait"
    return (
        f"You have spoken on {done} of {count(len(judged), 'case')};"
        f" {count(len(waiting), 'disagreement')} {waits} for your word."
    )


def next_open(judged: pd.DataFrame, spoken: Collection[str], after: int) -> int | None:
    """Return the place of the next case without her word, going round once; None where there is none."""
    places = np.flatnonzero(~judged["case_id"].isin(list(spoken)))
    if not len(places):
        return None
    later = places[places > after]
    return int(later[0] if len(later) else places[0])


def lacks(*, named: bool, word: str | None, statement: str, limits: str) -> str:
    """Say what a verdict still needs before it can be signed; empty where it needs nothing."""
    needed = [
        ("your name", not named),
        ("a choice", word is None),
        ("the limits within which it is ready", word == WITHIN_LIMITS and not limits),
        ("what you sign, in your own words", not statement),
    ]
    missing = [what for what, absent in needed if absent]
    if not missing:
        return ""
    *most, last = missing
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"The verdict still needs {listed}."


def latest_words(said: Collection[Assessment]) -> Mapping[str, str]:
    """Return for each case what was said of it and by whom: "wrong (A. Expert)"."""
    words: dict[str, list[str]] = {}
    for one in said:
        words.setdefault(one.case_id, []).append(f"{one.word} ({one.by})")
    return {case_id: ", ".join(each) for case_id, each in words.items()}


def _disagreements(judged: pd.DataFrame) -> set[str]:
    wrong = ~judged["right"].astype("boolean").fillna(value=True)
    return set(judged.loc[wrong.to_numpy(bool), "case_id"])
