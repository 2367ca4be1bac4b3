"""A picture for each question that a person would ask of a trial, chosen by the answer's kind."""

import pandas as pd
from panel.viewable import Viewable

from capsule_flows.class_pictures import LARGE, SMALL, confusion_picture, mix_ups
from capsule_flows.judgement import Judgement
from capsule_flows.number_pictures import compared, difference_picture, predicted_picture
from capsule_flows.rate_pictures import calibration_picture, groups_picture
from capsule_flows.thresholds import declared_alarms, scored
from capsule_kit.answers import ClassAnswer, NumberAnswer
from capsule_kit.manifest import Manifest
from capsule_panel import markup
from capsule_panel.frame import html, section
from capsule_panel.number_field import NumberField
from capsule_panel.threshold import ThresholdView

MOST_GROUPS = 30


def pictures(
    judgement: Judgement,
    cases: pd.DataFrame,
    manifest: Manifest,
    alarms: NumberField | None = None,
) -> list[Viewable]:
    """Return the pictures that this trial's answers allow, none where nothing can be drawn.

    `alarms` is the field that asks how many false alarms one true case is worth, where there is one
    on the page already.
    """
    answer = manifest.contract.answer
    drawn: list[str] = []
    moving: list[Viewable] = []
    if isinstance(answer, NumberAnswer):
        drawn += _of_numbers(cases, answer)
    if isinstance(answer, ClassAnswer):
        drawn += _of_classes(judgement)
        moving += _of_scores(cases, manifest, answer, alarms)
        if judgement.calibration is not None and answer.positive is not None:
            drawn.append(_calibration(judgement, answer.positive))
    drawn += _by_group(judgement)
    return [*(section(html(one)) for one in drawn[:1]), *moving, *map(_sheet, drawn[1:])]


def _sheet(drawn: str) -> Viewable:
    return section(html(drawn))


def _of_classes(judgement: Judgement) -> list[str]:
    if judgement.confusion is None or not judgement.judged:
        return []
    size = len(judgement.confusion.labels)
    said = "<h2>What it mixes up</h2>"
    if size > 2:
        said += markup.bullets(mix_ups(judgement.confusion))
    if size > SMALL:
        return [said]
    drawn = confusion_picture(judgement.confusion)
    if size > LARGE:
        drawn = markup.folded(f"All {size} classes beside each other", drawn)
    return [said + drawn]


def _of_scores(
    cases: pd.DataFrame, manifest: Manifest, answer: ClassAnswer, alarms: NumberField | None
) -> list[Viewable]:
    if answer.positive is None:
        return []
    found = scored(cases, answer.positive)
    if not found.n:
        return []
    asked = alarms or declared_alarms(manifest.costs, answer.positive)
    return [ThresholdView(found, asked).view()]


def _calibration(judgement: Judgement, positive: str) -> str:
    found = judgement.calibration
    assert found is not None
    said = [found.sentence, *(one.sentence for one in (found.brier, found.slope, found.intercept))]
    return (
        "<h2>Do its scores come true?</h2>"
        + markup.paragraph("On the line a score of 0.3 comes true three times in ten.", "quiet")
        + calibration_picture(found, positive)
        + markup.bullets(dict.fromkeys(said))
    )


def _of_numbers(cases: pd.DataFrame, answer: NumberAnswer) -> list[str]:
    found = compared(cases)
    if not len(found.true):
        return []
    return [
        "<h2>What it said over your answer</h2>" + predicted_picture(found, answer),
        "<h2>Is it off to one side?</h2>" + difference_picture(found, answer),
    ]


def _by_group(judgement: Judgement) -> list[str]:
    groups = judgement.groups
    if groups is None or not (groups.declared or groups.found):
        return []
    said = "<h2>Is it as good for everybody?</h2>"
    if groups.declared:
        said += groups_picture(groups.declared[:MOST_GROUPS], judgement.rate)
        if (more := len(groups.declared) - MOST_GROUPS) > 0:
            said += markup.paragraph(f"{more} more groups are not drawn.", "quiet")
    if groups.sentence:
        said += markup.paragraph(groups.sentence)
    if groups.found:
        said += groups_picture(groups.found[:MOST_GROUPS], judgement.rate)
    return [said]
