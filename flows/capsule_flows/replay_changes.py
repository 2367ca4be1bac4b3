"""What became of each challenge case on a release: right as before, fixed, broken, unsteady, or why nobody knows. Pure.

Predictions of every version are held against the answers as they are now.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from capsule_flows.estimates import Bools
from capsule_flows.judged_cases import floats, within
from capsule_flows.trial_words import DATA_REFUSED_KIND, JUDGED, MODEL_FAILED_KIND
from capsule_flows.wording import count, number
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.receipt import CASE_ID

Change = Literal[
    "broken",
    "fixed",
    "unsteady",
    "infrastructure failed",
    "not answered",
    "still wrong",
    "not comparable",
    "still right",
]
CHANGES: tuple[Change, ...] = get_args(Change)
"""In the order in which a person wants to see them."""
FLIPS: tuple[Change, ...] = ("broken", "fixed", "unsteady")
"""What is news."""
UNSETTLED: tuple[Change, ...] = ("infrastructure failed", "not answered")
"""What the replay owes an answer on."""
BATCH_ID, WHY_NOT, ANSWER = "batch_id", "why_not", "answer"
"""Columns of the table of the asked: the case's id in what was run, blank where it does not fit; why it
does not; the answer as it is now."""
SETTLED_WRONG: tuple[Change, ...] = ("broken", "still wrong")
SHOWN = 8
"""Of a release's id, in words."""
ALIKE = 1e-9
"""Numbers are the same up to this share of their size."""
NOTHING: "pd.Series[Any]" = pd.Series(dtype="object")


@dataclass(frozen=True)
class Part:
    """How a run of the composed cases ended."""

    kind: str
    """The outcome's kind."""
    sentence: str
    predictions: pd.Series
    """By the ids of the composed case set; empty unless judged."""


@dataclass(frozen=True)
class Version:
    """What one version predicted, by case_id; what it said otherwise each time is left out."""

    release_id: str
    said: pd.Series


@dataclass(frozen=True)
class Known:
    """What other runs said of the cases, by case_id."""

    release_id: str
    """The release that is replayed."""
    same: pd.Series
    """What it predicted at an earlier time."""
    earlier: tuple[Version, ...] = ()
    """The versions before it, the one tried last the last."""

    @property
    def before(self) -> pd.Series:
        """What the newest version before that answered the case predicted; where there is none, what was seen first."""
        found = NOTHING
        for said in (*(one.said for one in reversed(self.earlier)), self.same):
            found = filled(found, said)
        return found


@dataclass(frozen=True)
class _Facts:
    """One array each, in the order of the asked."""

    after: pd.Series
    before: pd.Series
    same: pd.Series
    right: pd.Series
    """Of `after`."""
    changed: Bools
    """The same release said something else before."""
    flipped: Bools
    confirmed: Bools
    """The same release said the same at an earlier time."""

    @property
    def doubtful(self) -> Bools:
        """What has to be seen twice and was not."""
        return self.changed | (self.flipped & ~self.confirmed)


def has_doubts(asked: pd.DataFrame, answer: Answer, first: Part, known: Known) -> bool:
    """Say whether the cases have to be run again before anything is said of them."""
    if first.kind != JUDGED:
        return False
    facts = _facts(asked, answer, first, known)
    return bool(facts.doubtful.any())


def changes(
    asked: pd.DataFrame, answer: Answer, first: Part, again: Part | None, known: Known
) -> pd.DataFrame:
    """Return a row for each challenge case, what matters most first.

    Beside what was asked: before and after (the predictions), right (blank where nobody can say),
    change, why, a sentence where there is more to say, and broke_on, the release on which a case that
    is wrong now stopped being right (blank where it never was).
    """
    facts = _facts(asked, answer, first, known)
    twice = _usable(_of(asked[BATCH_ID], again.predictions if again else NOTHING), answer)
    fits = asked[BATCH_ID].notna().to_numpy(bool)
    there = facts.after.notna().to_numpy(bool)
    doubtful = facts.doubtful & fits
    again_judged, again_failed = (
        again is not None and again.kind == kind for kind in (JUDGED, MODEL_FAILED_KIND)
    )
    differs = there & ~_alike(facts.after, twice) if again_judged else np.zeros(len(asked), bool)
    right = facts.right
    if again_judged:
        right = right & right_of(asked, answer, twice).fillna(value=True)
    unknown = facts.right.isna().to_numpy(bool)
    wrong = facts.right.eq(other=False).fillna(value=False).to_numpy(bool)
    broke = _broke_on(asked, answer, known, facts.after)
    change, why = _decided(
        [
            (~fits, "not comparable", asked[WHY_NOT]),
            _not_judged(first, len(asked)),
            (~there, "not answered", "The model gave no prediction for it."),
            (
                differs,
                "unsteady",
                _said_two("It said {} and then {} on the same inputs.", facts.after, twice),
            ),
            (doubtful & again_failed, "unsteady", "It answered once, and failed the second time."),
            (
                doubtful & (not again_judged),
                "infrastructure failed",
                "It could not be run a second time, which it needs before anything is said of it.",
            ),
            (
                facts.changed,
                "unsteady",
                _said_two(
                    "The same release said {} before and says {} now, twice: its environment seems to have changed.",
                    facts.same,
                    facts.after,
                ),
            ),
            (unknown, "not comparable", _why_unknown(asked, answer)),
            (facts.flipped & wrong, "broken", ""),
            (facts.flipped, "fixed", ""),
            (wrong, "still wrong", _since(facts, broke)),
        ],
        ("still right", _first_time(facts)),
        len(asked),
    )
    known_right = right.mask(np.isin(change, ["not comparable", "infrastructure failed"]))
    known_right = known_right.mask(change == "not answered", other=False)
    table = asked.assign(
        before=facts.before.array,
        after=facts.after.array,
        right=known_right.array,
        change=pd.array(change, dtype="string"),
        why=pd.array(why, dtype="string"),
        broke_on=pd.Series(broke, dtype="string").where(np.isin(change, SETTLED_WRONG)).array,
    )
    order = pd.Categorical(change, categories=CHANGES, ordered=True).codes
    places = np.lexsort((np.arange(len(table)), ~table["critical"].to_numpy(bool), order))
    return table.iloc[places].reset_index(drop=True)


def right_of(asked: pd.DataFrame, answer: Answer, said: pd.Series) -> pd.Series:
    """Return whether each prediction is right by the answers of now; blank where nobody can say.

    Only classes and numbers are right or wrong case by case.
    """
    blank = (asked[ANSWER].isna().to_numpy(bool)) | said.isna().to_numpy(bool)
    if isinstance(answer, ClassAnswer):
        right = pd.Series(said.astype("string").array == asked[ANSWER].astype("string").array)
    elif isinstance(answer, NumberAnswer):
        right = pd.Series(_within(asked, answer, said))
    else:
        right, blank = pd.Series([False] * len(asked)), np.ones(len(asked), bool)
    return right.astype("boolean").mask(blank)


def filled(values: pd.Series, more: pd.Series) -> pd.Series:
    """Return the values, and of `more` what they lack."""
    if values.empty:
        return more
    found: pd.Series = pd.concat([values.astype("object"), more[~more.index.isin(values.index)]])
    return found


def still_broken(result: pd.DataFrame) -> pd.DataFrame:
    """Return the critical cases that broke on an earlier version and are not mended."""
    left = (result["change"] == "still wrong") & result["broke_on"].notna()
    return result[left & result["critical"]]


def news(result: pd.DataFrame, last: pd.DataFrame | None) -> pd.DataFrame:
    """Return the flips that the last replay of the same release did not tell already."""
    flips = result[result["change"].isin(FLIPS)]
    if last is None:
        return flips
    told = dict(zip(last[CASE_ID], last["change"], strict=True))
    return flips[
        [told.get(one) != now for one, now in zip(flips[CASE_ID], flips["change"], strict=True)]
    ]


def counted(result: pd.DataFrame) -> dict[str, int]:
    """Return how many cases went which way, those that none did left out."""
    found = result["change"].value_counts()
    return {one: int(found[one]) for one in CHANGES if one in found}


def in_words(counts: dict[str, int], sealed: int) -> str:
    """Return the counts of the open shelf as a sentence, and that there is a sealed one."""
    listed = ", ".join(f"{n} {one}" for one, n in counts.items())
    cases = f"{count(sum(counts.values()), 'case')}: {listed}." if counts else "No open case."
    more = (
        f" {count(sealed, 'sealed case')} beside, of which the gate alone tells." if sealed else ""
    )
    return cases + more


def _facts(asked: pd.DataFrame, answer: Answer, first: Part, known: Known) -> _Facts:
    after = _usable(_of(asked[BATCH_ID], first.predictions), answer)
    before, same = (_usable(_of(asked[CASE_ID], one), answer) for one in (known.before, known.same))
    right, was_right = (right_of(asked, answer, one) for one in (after, before))
    there = after.notna().to_numpy(bool)
    flipped = (right != was_right).fillna(value=False).to_numpy(bool)
    seen = there & same.notna().to_numpy(bool)
    alike = _alike(same, after)
    return _Facts(after, before, same, right, seen & ~alike, flipped, seen & alike)


def _decided(
    rules: "list[tuple[Any, Change, Any]]", otherwise: "tuple[Change, Any]", n: int
) -> tuple[Any, Any]:
    """Return for each case the change and the sentence of the first rule that holds."""
    change = np.full(n, otherwise[0], dtype=object)
    why = np.array(_each(otherwise[1], n), dtype=object)
    for holds, name, said in reversed(rules):
        change = np.where(holds, name, change)
        why = np.where(holds, _each(said, n), why)
    return change, np.where(pd.isna(why), "", why)


def _each(said: Any, n: int) -> list[Any]:
    return [said] * n if isinstance(said, str) else list(said)


def _not_judged(first: Part, n: int) -> "tuple[Any, Change, str]":
    names: dict[str, Change] = {
        DATA_REFUSED_KIND: "not comparable",
        MODEL_FAILED_KIND: "not answered",
    }
    change = names.get(first.kind, "infrastructure failed")
    return np.full(n, first.kind != JUDGED), change, first.sentence


def _why_unknown(asked: pd.DataFrame, answer: Answer) -> list[str]:
    if not isinstance(answer, ClassAnswer | NumberAnswer):
        kind = "Answers of this kind are not right or wrong case by case."
        return [kind] * len(asked)
    return ["It has no answer." if pd.isna(one) else "" for one in asked[ANSWER]]


def _broke_on(asked: pd.DataFrame, answer: Answer, known: Known, after: pd.Series) -> Any:
    """Return for each case the version on which it last went from right to wrong; None where it never did."""
    broke, was_right = np.full(len(asked), None, dtype=object), np.zeros(len(asked), bool)
    along = [
        (one.release_id, _usable(_of(asked[CASE_ID], one.said), answer)) for one in known.earlier
    ]
    for release_id, said in (*along, (known.release_id, after)):
        right = right_of(asked, answer, said)
        is_wrong = right.eq(other=False).fillna(value=False).to_numpy(bool)
        broke = np.where(is_wrong & was_right, release_id, broke)
        was_right = np.where(right.isna(), was_right, ~is_wrong)
    return broke


def _since(facts: _Facts, broke: Any) -> list[str]:
    """Say of what is still wrong since which version it is."""
    first = _first_time(facts)
    return [
        said if on is None else f"It broke on release {on[:SHOWN]} and was right before."
        for said, on in zip(first, broke, strict=True)
    ]


def _first_time(facts: _Facts) -> list[str]:
    return ["Seen for the first time." if first else "" for first in facts.before.isna()]


def _said_two(sentence: str, one: pd.Series, other: pd.Series) -> list[str]:
    return [sentence.format(_said(a), _said(b)) for a, b in zip(one, other, strict=True)]


def _said(value: Any) -> str:
    if pd.isna(value):
        return "nothing"
    return number(value) if isinstance(value, float) else str(value)


def _of(ids: pd.Series, values: pd.Series) -> pd.Series:
    return values.reindex(ids).reset_index(drop=True)


def _usable(values: pd.Series, answer: Answer) -> pd.Series:
    """Return predictions as texts, or as numbers where the answer is one."""
    if isinstance(answer, ClassAnswer) or getattr(answer, "output", "number") == "text":
        return values.astype("string")
    return pd.to_numeric(values, errors="coerce").astype("Float64")


def _alike(one: pd.Series, other: pd.Series) -> Bools:
    blank = one.isna().to_numpy(bool) & other.isna().to_numpy(bool)
    if isinstance(one.dtype, pd.StringDtype):
        same = (one == other).fillna(value=False).to_numpy(bool)
    else:
        same = np.isclose(floats(one), floats(other), rtol=ALIKE, atol=0)
    return same | blank


def _within(asked: pd.DataFrame, answer: NumberAnswer, said: pd.Series) -> Bools:
    predicted, true = floats(said.astype("Float64")), floats(asked[ANSWER].astype("Float64"))
    right = within(predicted, true, answer)
    for tolerance in asked["tolerance"].dropna().unique():
        own = asked["tolerance"].eq(tolerance).fillna(value=False).to_numpy(bool)
        hers = answer.model_copy(update={"tolerance": float(tolerance)})
        right = np.where(own, within(predicted, true, hers), right)
    return right
