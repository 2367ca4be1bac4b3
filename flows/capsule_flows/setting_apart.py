"""Cases that are counted by themselves: what is not there, and what the expert takes out. Pure.

A case has one reason, the first that fits. None of them is a pass.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from capsule_flows import judgement_words
from capsule_flows.class_judging import rate_of
from capsule_flows.estimates import Bools
from capsule_flows.judged_cases import Known, left_out, unjudgeable
from capsule_flows.judgement import SetApart, Why
from capsule_flows.said import Said
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer
from capsule_kit.predictions import WHY_NONE


def set_apart(
    table: pd.DataFrame, known: Known, counts: Bools, answer: Answer, said: Said
) -> tuple[SetApart, ...]:
    """Return each reason that occurs, with the share right were its cases counted otherwise."""
    rated = isinstance(answer, ClassAnswer | NumberAnswer | NoAnswer)
    # Outputs that nobody has said a word on are told in `Judgement.assessed`.
    answered = np.ones(len(table), bool) if isinstance(answer, NoAnswer) else ~np.isnan(known.true)
    found = []
    for why, cases, counted in _reasons(table, known, counts, answered, said):
        n = int(cases.sum())
        if not n:
            continue
        among = counts & ~cases if counted else counts | (cases & answered)
        comparable = rated and why != "no answer" and not isinstance(answer, NoAnswer)
        rate = rate_of(int((known.right & among).sum()), int(among.sum())) if comparable else None
        sentence = judgement_words.set_apart(
            why, n, (rate.k, rate.n) if rate else None, counted=counted
        )
        found.append(SetApart(why=why, cases=n, counted=counted, otherwise=rate, sentence=sentence))
    return tuple(found)


def _reasons(
    table: pd.DataFrame, known: Known, counts: Bools, answered: Bools, said: Said
) -> Sequence[tuple[Why, Bools, bool]]:
    out, unsure = left_out(table, said), unjudgeable(table, said)
    silent = counts & ~known.there
    reasons: list[tuple[Why, Bools, bool]] = [
        ("left out", out, False),
        ("cannot judge", unsure & ~out, False),
        ("no answer", ~answered & ~out & ~unsure, False),
    ]
    if "why" not in table:
        return [*reasons, ("no prediction", silent, True)]
    given = table["why"]
    unexplained = silent & ~given.isin(WHY_NONE).to_numpy(bool)
    explained: tuple[Why, ...] = ("crash", "timeout", "unreadable input", "refused")
    return [
        *reasons,
        *(
            (why, silent & given.eq(why).fillna(value=False).to_numpy(bool), True)
            for why in explained
        ),
        ("no prediction", unexplained, True),
    ]
