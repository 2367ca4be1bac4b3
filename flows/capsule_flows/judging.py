"""Judging: predictions, answers and what the expert said in; the judgement and its cases out.

Pure: nothing is opened and nobody is asked, so it can be done again for each thing that she says.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd

from capsule_flows import judgement_words
from capsule_flows.caveats import Recorded, caveats
from capsule_flows.claiming import Asking, criterion_result, looked_at
from capsule_flows.class_judging import (
    calibrated,
    class_rates,
    confusion,
    discrimination,
    named_rates,
    rate_of,
    scored,
)
from capsule_flows.estimates import Bools
from capsule_flows.intervals import described
from capsule_flows.judged_cases import Known, counting, disagreements_first, joined, known_cases
from capsule_flows.judgement import Assessed, CriterionResult, Judgement
from capsule_flows.number_errors import number_errors
from capsule_flows.ordering import ordered, placed
from capsule_flows.pricing import cost, worth
from capsule_flows.said import NOTHING_SAID, Said, asked_of, prices_of
from capsule_flows.setting_apart import set_apart
from capsule_flows.slices import groups
from capsule_flows.training_apart import ApartFromTraining, apart_from_training
from capsule_flows.training_likeness import compared
from capsule_flows.wording import plausibly
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer, RankAnswer, TimeAnswer
from capsule_kit.criteria import Criterion
from capsule_kit.manifest import Manifest
from capsule_kit.predictions import SCORE
from capsule_kit.training_profile import TrainingProfile


def judge(
    inputs: pd.DataFrame,
    answers: pd.DataFrame,
    predictions: pd.DataFrame,
    manifest: Manifest,
    said: Said = NOTHING_SAID,
    recorded: Recorded | None = None,
) -> tuple[Judgement, pd.DataFrame]:
    """Judge predictions against answers.

    `inputs` has case_id, row and the contract's columns; `answers` case_id, answer and, of times,
    event; `predictions` case_id, prediction and perhaps score and no_prediction. The table that comes
    back has one row a case, costly and confident disagreements first: case_id, row, case (the
    identifier's value or "row N"), answer, prediction, score, right, cost; blank where there is none.
    Of times and ranks it has `placed`, the share of a case's pairs put in the right order; where the
    manifest has a profile of the training, unlike (why it is unlike it) and trained_on. `recorded` is
    how cases and answers came about, where that is known.
    """
    answer = manifest.contract.answer
    inputs = inputs.reset_index(drop=True)
    table = joined(inputs, answers, predictions, manifest.contract)
    prices = prices_of(manifest, said.preferences)
    every = known_cases(table, answer, prices, said)
    counts = counting(table, answer, said)
    table["right"] = _marked(table, every, answer, said)
    table["cost"] = pd.array(every.cost, dtype="Float64")
    if isinstance(answer, TimeAnswer | RankAnswer):
        table["placed"] = placed(every, answer, counts)
    if manifest.profile is not None:
        beside = compared(inputs, manifest.contract, manifest.profile)
        table["unlike"], table["trained_on"] = beside["unlike"], beside["trained_on"]
    asking = Asking(answer, prices, said)
    given = _Given(inputs, table, every, counts, manifest, asking, recorded)
    # Of a million cases, putting them in their order takes as long as half of all the rest.
    with ThreadPoolExecutor(1) as pool:
        in_order = pool.submit(disagreements_first, table, every, answer)
        judgement = _judgement(given, scores_given=SCORE in predictions)
        return judgement, in_order.result()


class _Given(NamedTuple):
    """What the parts of a judgement are made of."""

    inputs: pd.DataFrame
    table: pd.DataFrame
    """Case by case, in the order of the inputs."""
    every: Known
    counts: Bools
    """Which cases count."""
    manifest: Manifest
    asking: Asking
    recorded: Recorded | None


def _judgement(given: _Given, *, scores_given: bool) -> Judgement:
    answer = given.asking.answer
    known = given.every.of(given.counts)
    judgement = Judgement(
        kind=answer.kind,
        cases=len(given.table),
        judged=len(known.right),
        unanswered=_unanswered(given.table, answer),
        unpredicted=int((~known.there).sum()),
        right=int(known.right.sum()),
        **{"rate": None, "rates": (), "confusion": None, "errors": None, **_parts(given, known)},
        notes=(),
        headline="",
    )
    words = {
        "notes": _notes(given.every, judgement, answer, scores_given=scores_given),
        "headline": _headline(judgement, answer),
    }
    return judgement.model_copy(update=words)


def _parts(given: _Given, known: Known) -> dict[str, object]:
    """Return all parts that these cases and this kind of answer have."""
    answer, prices, said = given.asking
    parts = {
        **_of_the_kind(known, answer),
        "cost": cost(known, prices, said),
        "criteria": _criteria(given.inputs, known, given.asking, given.manifest),
        "set_apart": set_apart(given.table, given.every, given.counts, answer, said),
    }
    if isinstance(answer, ClassAnswer):
        parts["benefit"] = worth(known, answer, prices, said)
    if not isinstance(answer, TimeAnswer | RankAnswer):
        parts["groups"] = groups(given.inputs, known, given.manifest)
        parts["rate"] = rate_of(int(known.right.sum()), len(known.right))
    if given.manifest.profile is not None:
        parts["training"] = _apart(given, known, given.manifest.profile)
    if given.recorded is not None:
        profiled = given.manifest.profile is not None
        parts["caveats"] = caveats(given.recorded, profiled=profiled)
    if said.words or isinstance(answer, NoAnswer):
        parts["assessed"] = _assessed(given.table, said)
    return parts


def _apart(given: _Given, known: Known, profile: TrainingProfile) -> ApartFromTraining:
    """Return the cases unlike the training or used in it, with the result without them."""
    answer = given.asking.answer

    def result_of(some: Bools) -> str:
        left = known.of(some)
        if isinstance(answer, TimeAnswer | RankAnswer):
            return ordered(left, answer).sentence
        k, n = int(left.right.sum()), len(left.right)
        return f"{k} of {n} ({plausibly(k, n, described(k, n))})."

    rated = not isinstance(answer, TimeAnswer | RankAnswer)
    return apart_from_training(given.table[given.counts], profile, result_of, rated=rated)


def _of_the_kind(known: Known, answer: Answer) -> dict[str, object]:
    """Return the parts that answers of this kind have of their own."""
    if isinstance(answer, NumberAnswer):
        return {"errors": number_errors(known, answer)}
    if isinstance(answer, TimeAnswer | RankAnswer):
        return {"order": ordered(known, answer)}
    if not isinstance(answer, ClassAnswer):
        return {}
    counts = confusion(known, answer)
    parts: dict[str, object] = {"confusion": counts, "by_class": class_rates(counts, answer)}
    if answer.positive is None:
        return parts
    events, scores = scored(known, answer)
    return {
        **parts,
        "rates": named_rates(known, answer),
        "discrimination": discrimination(events, scores, answer.positive),
        "calibration": calibrated(events, scores, answer.positive),
    }


def _marked(
    table: pd.DataFrame, every: Known, answer: Answer, said: Said
) -> pd.arrays.BooleanArray:
    """Return whether each case is right; blank without an answer, and where only pairs can be."""
    if isinstance(answer, TimeAnswer | RankAnswer):
        blank = np.ones(len(table), bool)
    elif isinstance(answer, NoAnswer):
        blank = ~counting(table, answer, said)
    else:
        blank = table["answer"].isna().to_numpy(bool)
    return pd.arrays.BooleanArray(every.right.copy(), blank)


def _criteria(
    inputs: pd.DataFrame, known: Known, asking: Asking, manifest: Manifest
) -> tuple[CriterionResult, ...]:
    asked = asked_of(manifest.criteria, asking.said)
    about = {one.criterion.where: one.criterion for one in asked}
    some = {where: known.of(_about(inputs, known, one)) for where, one in about.items()}
    return tuple(criterion_result(some[one.criterion.where], asking, one) for one in asked)


def _about(inputs: pd.DataFrame, known: Known, wanted: Criterion) -> Bools:
    if wanted.where is None:
        return np.ones(len(known.place), bool)
    about: Bools = looked_at(inputs, wanted).to_numpy(bool)[known.place]
    return about


def _assessed(table: pd.DataFrame, said: Said) -> Assessed:
    words = table["case_id"].map(said.words)
    counts = {
        name: int((words == word).sum())
        for name, word in (
            ("right", "right"),
            ("acceptable", "acceptable"),
            ("wrong", "wrong"),
            ("cannot_judge", "cannot judge"),
        )
    }
    counts["unread"] = len(table) - sum(counts.values())
    return Assessed(**counts, sentence=judgement_words.assessed(**counts))


def _unanswered(table: pd.DataFrame, answer: Answer) -> int:
    return 0 if isinstance(answer, NoAnswer) else int(table["answer"].isna().sum())


def _notes(
    every: Known, found: Judgement, answer: Answer, *, scores_given: bool
) -> tuple[str, ...]:
    undeclared = unscored = 0
    if isinstance(answer, ClassAnswer):
        after = len(answer.classes)
        undeclared = int(((every.true == after) | (every.said == after)).sum())
        if scores_given:
            unscored = int((every.there & np.isnan(every.score)).sum())
    return judgement_words.notes(
        said_already=[
            *(one.sentence for one in found.set_apart),
            *(found.training.sentences if found.training else ()),
        ],
        undeclared=undeclared,
        unscored=unscored,
        uncosted=found.judged - found.cost.costed if found.cost else 0,
    )


def _headline(found: Judgement, answer: Answer) -> str:
    interval = described(found.right, found.judged)
    more = ""
    if isinstance(answer, NumberAnswer):
        said = judgement_words.closeness(found.cases, found.right, found.judged, interval, answer)
        more = found.errors.sentence if found.errors and found.errors.n else ""
    elif isinstance(answer, TimeAnswer | RankAnswer):
        said = found.order.sentence if found.order and found.judged else ""
        said = said or judgement_words.nothing_to_judge(found.cases)
    elif isinstance(answer, NoAnswer):
        spoken = found.assessed is not None and found.assessed.unread < found.cases
        said = judgement_words.accepted(
            found.cases, found.right, found.judged if spoken else 0, interval
        )
    else:
        said = judgement_words.agreement(found.cases, found.right, found.judged, interval)
        more = _misses(found, answer) if found.judged else ""
    apart = [one.sentence for one in found.set_apart if found.judged]
    return " ".join(part for part in (said, more, *apart) if part)


def _misses(found: Judgement, answer: ClassAnswer) -> str:
    if answer.positive is None:
        return ""
    missed, alarms = (
        (named.rate.n - named.rate.k, named.rate.n) if named.rate else (0, 0)
        for named in found.rates[:2]
    )
    return judgement_words.misses(answer.positive, *missed, *alarms)
