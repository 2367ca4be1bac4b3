"""The trials that one may be put beside, as links under its result."""

from collections.abc import Sequence

from capsule_blocks.tables import Outcome, Trial
from capsule_flows.home import Resources
from capsule_flows.permission import Visitor
from capsule_flows.trial_words import BEHAVIOUR, JUDGED
from capsule_panel import access, markup
from capsule_panel.words import when

SHOWN = 8


def others(resources: Resources, trial: Trial, visitor: Visitor) -> list[tuple[Trial, Outcome]]:
    """Return the newest judged trials of the same capsule that the visitor may see, those on the same cases first."""
    found = [
        one
        for one in resources.ledger.trials(trial.capsule)
        if one.flow_run_id != trial.flow_run_id
        and one.door != BEHAVIOUR
        and access.allowed(visitor, "see trial", one)
    ]
    outcomes = resources.ledger.outcomes([one.flow_run_id for one in found])
    judged = [
        (one, outcomes[one.flow_run_id])
        for one in found
        if one.flow_run_id in outcomes and outcomes[one.flow_run_id].kind == JUDGED
    ]
    return sorted(judged, key=lambda pair: pair[0].case_set_id != trial.case_set_id)[:SHOWN]


def links(trial: Trial, found: Sequence[tuple[Trial, Outcome]]) -> str:
    """Return a link for each to the page where the two stand side by side, the earlier one first."""
    if not found:
        return ""
    items = "".join(f"<li>{_link(trial, *one)}</li>" for one in found)
    return (
        "<h2>Beside another trial</h2>"
        + markup.paragraph("Case by case: what broke, what was fixed, and what differs.", "quiet")
        + f"<ul>{items}</ul>"
    )


def _link(trial: Trial, other: Trial, outcome: Outcome) -> str:
    before, after = sorted((trial, other), key=lambda one: one.at)
    same = "the same cases" if other.case_set_id == trial.case_set_id else other.case_set_name
    release = (
        "same release"
        if other.release_id == trial.release_id
        else f"release {other.release_id[:8]}"
    )
    return markup.link(
        f"/compare?before={before.flow_run_id}&after={after.flow_run_id}",
        f"{when(other.at)}, {same}, {release}: {outcome.sentence}",
    )
