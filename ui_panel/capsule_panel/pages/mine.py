"""Your cases and words: what a person brought, ran, said and signed here, and what became of it."""

import asyncio
from collections.abc import Mapping, Sequence
from html import escape
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.tables import CaseSet, Outcome, Trial, Verdict
from capsule_flows.becoming import Became, became
from capsule_flows.flips import flips_of
from capsule_flows.gate_signatures import TAKEN_BACK
from capsule_flows.home import Resources
from capsule_flows.permission import Visitor
from capsule_flows.verdict_fates import VerdictFate, fate_of
from capsule_flows.wording import count
from capsule_panel import access, markup
from capsule_panel.flips_view import flips_shown
from capsule_panel.frame import control, html, page, section
from capsule_panel.header import known_name
from capsule_panel.speaking import WRONG
from capsule_panel.words import when

MOST = 50
"""How many rows of each kind are shown; the newest."""
STYLES = {"mended": "met", "still wrong": "missed", "wrong again": "missed"}
NOBODY = (
    "This browser does not know your name yet. Write it beside what you bring or say; from then on"
    " you find it here."
)


def view() -> pmui.Page:
    """Return the page."""
    return page("My cases", _fill)


async def _fill() -> Sequence[Viewable]:
    visitor = await access.here()
    name = visitor.name or known_name()
    head = html("<h1>Your cases and words</h1>")
    if not name:
        return [head, html(markup.paragraph(NOBODY))]
    resources = await asyncio.to_thread(control)
    parts = await asyncio.to_thread(_parts, resources, visitor, name)
    flips = await asyncio.to_thread(flips_of, resources, name, visitor.owner)
    for cases in {one.case_set.id: one.case_set for one in flips}.values():
        await access.insist("see cases", cases)
    about = f"What {name} brought, ran, said and signed, newest first."
    return [
        html("<h1>Your cases and words</h1>" + markup.paragraph(about, "quiet")),
        *flips_shown(resources, flips, name),
        *(section(html(part)) for part in parts),
    ]


def _parts(resources: Resources, visitor: Visitor, name: str) -> list[str]:
    ledger = resources.ledger
    trials = ledger.trials_of(name, visitor.owner, limit=MOST)
    own = {trial.flow_run_id for trial in trials}
    # A name alone tells nobody apart where people have accounts.
    mine = [
        one for one in ledger.assessments_by(name) if not visitor.owner or one.flow_run_id in own
    ]
    signed = [
        one for one in ledger.verdicts(by=name) if not visitor.owner or one.flow_run_id in own
    ]
    wrong = [one for one in mine if one.word == WRONG]
    return [
        called_wrong(became(resources, wrong[:MOST]), len(wrong)),
        _verdicts(resources, visitor, signed[:MOST]),
        _trials(trials, ledger.outcomes(own), [one.flow_run_id for one in mine]),
        _case_sets(ledger.case_sets_of(name, visitor.owner)[:MOST]),
    ]


def called_wrong(cases: Sequence[Became], of: int) -> str:
    """Return each case that was called wrong with what became of it."""
    title = "<h2>What became of the cases you called wrong</h2>"
    if not cases:
        return title + markup.paragraph("You have called none wrong yet.", "quiet")
    mended = sum(one.fate == "mended" for one in cases)
    said = f"{mended} of {count(len(cases), 'case')} mended."
    more = f" The newest {len(cases)} of {of} are shown." if of > len(cases) else ""
    rows = "".join(_became(one) for one in cases)
    heads = ("Case", "You said", "What became of it")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return (
        title
        + markup.paragraph(said + more)
        + f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _became(one: Became) -> str:
    should = f"; it should be {one.said.corrected}" if one.said.corrected else ""
    why = f" {one.said.reason}" if one.said.reason else ""
    trial = markup.link(_address(one.tried), one.case)
    said = f"“{one.prediction or 'nothing'}” is wrong{should}.{why}"
    style = STYLES.get(one.fate, "open")
    return (
        f"<tr><td>{trial}<br><span class='quiet'>{escape(when(one.said.at))}</span></td>"
        f"<td>{escape(said)}</td>"
        f'<td><span class="word {style}">{escape(one.fate.capitalize())}</span> {_newest(one)}</td>'
        "</tr>"
    )


def _newest(one: Became) -> str:
    if not one.later:
        return ""
    newest = one.later[-1]
    same = newest.trial.release_id == one.tried.release_id
    release = "the same release" if same else f"release {newest.trial.release_id[:8]}"
    said = f"{release} says {newest.prediction or 'nothing'}, {when(newest.trial.at)}"
    return markup.link(_address(newest.trial), said)


def _verdicts(resources: Resources, visitor: Visitor, signed: Sequence[Verdict]) -> str:
    title = "<h2>Your verdicts</h2>"
    if not signed:
        return title + markup.paragraph("You have signed none yet.", "quiet")

    def sees(trial: Trial) -> bool:
        return access.allowed(visitor, "see trial", trial)

    items = (
        f"<li>{_verdict(resources, one)}{became_of(fate_of(resources, one, sees))}</li>"
        for one in signed
    )
    return f"{title}<ul>{''.join(items)}</ul>"


def _verdict(resources: Resources, one: Verdict) -> str:
    release = resources.ledger.release(one.release_id)
    name = release.manifest.get("title", release.capsule) if release else ""
    within = f", within: {one.limits}" if one.limits else ""
    link = markup.link(f"/trial?id={one.flow_run_id}", when(one.at))
    release_name = f"release {one.release_id[:8]}"
    stood = f"{release_name.capitalize()} is “{one.word}”{within}."
    if one.word == TAKEN_BACK:
        stood = f"You took your word on {release_name} back."
    said = f": {name} {stood} {one.statement}"
    return link + escape(said)


def became_of(fate: VerdictFate) -> str:
    """Return what became of a verdict, as HTML."""
    said = []
    if fate.anew is not None:
        said.append(
            f"You signed anew on {when(fate.anew.at)}: “{fate.anew.word}”; that counts now."
        )
    if fate.trial is None or fate.outcome is None:
        said.append("It is still the newest release that was tried.")
        return markup.paragraph(" ".join(said), "quiet")
    came = (
        f"Release {fate.trial.release_id[:8]} has come since, and was tried {when(fate.trial.at)}"
    )
    words = [
        f"{one.by}: “{one.word}”{f', within: {one.limits}' if one.limits else ''}"
        for one in fate.said
    ]
    spoken = (
        f"Verdicts on it: {'; '.join(words)}."
        if words
        else "Nobody has signed a verdict on it yet."
    )
    there = markup.link(_address(fate.trial), came)
    rest = escape(f": {fate.outcome.sentence} {spoken}")
    return f'<p class="quiet">{escape(" ".join(said))} {there}{rest}</p>'


def _trials(
    trials: Sequence[Trial], outcomes: Mapping[UUID, Outcome], spoken: Sequence[UUID]
) -> str:
    title = "<h2>Your trials</h2>"
    if not trials:
        return title + markup.paragraph("You have run none yet.", "quiet")
    return f"{title}<ul>{''.join(_trial(one, outcomes, spoken) for one in trials)}</ul>"


def _trial(trial: Trial, outcomes: Mapping[UUID, Outcome], spoken: Sequence[UUID]) -> str:
    ended = outcomes.get(trial.flow_run_id)
    words = spoken.count(trial.flow_run_id)
    said = f" You spoke on {count(words, 'case')}." if words else ""
    about = f": {trial.capsule.replace('_', ' ')} on “{trial.case_set_name}”. "
    how = ended.sentence if ended else "Going on, or not looked at since it ended."
    return (
        f"<li>{markup.link(_address(trial), when(trial.at))}{markup.text(about + how + said)}</li>"
    )


def _case_sets(found: Sequence[CaseSet]) -> str:
    title = "<h2>Your cases</h2>"
    if not found:
        return title + markup.paragraph("You have brought none yet.", "quiet")
    rows = [
        (one.name, one.capsule.replace("_", " "), str(one.cases), when(one.at)) for one in found
    ]
    return title + markup.table(("Name", "For", "Cases", "Brought"), rows)


def _address(trial: Trial) -> str:
    return f"/trial?id={trial.flow_run_id}"
