"""The pictures of a report, the same that the trial's page shows, as SVG. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from capsule_flows.class_pictures import (
    LARGE,
    confusion_picture,
    decision_picture,
    scores_picture,
)
from capsule_flows.judgement import Judgement
from capsule_flows.number_pictures import compared, difference_picture, predicted_picture
from capsule_flows.rate_pictures import calibration_picture, groups_picture
from capsule_flows.thresholds import scored, threshold_in_use
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer

MOST_GROUPS = 30


class Picture(NamedTuple):
    """A picture with the line above it."""

    caption: str
    svg: str


def pictures(
    judgement: Judgement, cases: pd.DataFrame, answer: Answer, *, with_answers: bool
) -> Iterator[Picture]:
    """Give the pictures that this trial's answers allow; dots that are single answers only with them."""
    if isinstance(answer, NumberAnswer) and with_answers:
        found = compared(cases)
        if len(found.names):
            yield Picture("Prediction over answer", predicted_picture(found, answer))
            yield Picture(
                "Error over the mean of answer and prediction", difference_picture(found, answer)
            )
    if judgement.confusion and judgement.judged and len(judgement.confusion.labels) <= LARGE:
        yield Picture("Prediction beside answer", confusion_picture(judgement.confusion))
    if isinstance(answer, ClassAnswer) and answer.positive is not None:
        yield from _of_scores(judgement, cases, answer.positive)
    if groups := judgement.groups:
        every = (*groups.declared, *groups.found)[:MOST_GROUPS]
        if every:
            yield Picture("Share right by group", groups_picture(every, judgement.rate))


def _of_scores(judgement: Judgement, cases: pd.DataFrame, positive: str) -> Iterator[Picture]:
    found = scored(cases, positive)
    if found.n:
        in_use = threshold_in_use(found)
        threshold = 0.5 if in_use is None else in_use
        yield Picture("Scores of both classes", scores_picture(found, threshold))
    if judgement.calibration is not None:
        drawn = calibration_picture(judgement.calibration, positive)
        yield Picture("How often each tenth of scores came true", drawn)
    if judgement.benefit is not None and judgement.benefit.curve:
        drawn = decision_picture(judgement.benefit.curve, judgement.benefit.threshold)
        yield Picture("Net benefit by preference", drawn)
