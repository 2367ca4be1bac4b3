"""What came of a behaviour check, as a page shows it: pure, from the ledger's row to escaped HTML."""

from collections.abc import Sequence
from html import escape

from capsule_blocks.behaviours import BehaviourOutcome
from capsule_blocks.tables import Trial
from capsule_flows.behaviour import Known
from capsule_flows.behaviour_checks import BehaviourCheck
from capsule_flows.behaviour_judging import Behaved, Moved
from capsule_flows.behaviour_words import asked
from capsule_flows.wording import number
from capsule_kit.contract import Contract
from capsule_panel import markup
from capsule_panel.words import when

STYLES = {"held": "met", "broken": "missed"}
NOT_SEEN = "not seen"
FIRST = 10
"""How many broken cases are shown before the rest is folded."""


def outcome(found: BehaviourOutcome) -> str:
    """Return a check's word, its sentence, what limits it, and the broken cases, worst first."""
    if found.found is None:
        return _word(NOT_SEEN) + markup.paragraph(
            f"{found.kind.capitalize()}: {found.sentence} Nothing can be said of its behaviour."
        )
    behaved = Behaved.model_validate(found.found)
    word = _word(behaved.word)
    return (
        f'<div role="status">{word}<p class="headline">{escape(behaved.sentence)}</p></div>'
        + markup.bullets(behaved.notes)
        + _cases(behaved)
    )


def earlier(known: Sequence[Known], contract: Contract) -> str:
    """Return the checks of these cases, newest first, each with what came of its runs."""
    if not known:
        return ""
    items = "".join(_check(one, contract) for one in known)
    return f"<h3 style='margin-top:14px'>Checks of these cases</h3>{items}"


def _check(one: Known, contract: Contract) -> str:
    said = asked(BehaviourCheck.model_validate(one.behaviour.asked), contract)
    runs = "".join(_run(trial, found) for trial, found in one.runs)
    return f"<p style='margin:10px 0 2px'><b>{escape(said)}</b></p>{runs}"


def _run(trial: Trial, found: BehaviourOutcome | None) -> str:
    about = f"{when(trial.at)}, by {trial.by}, release {trial.release_id[:8]}"
    page = markup.link(f"/trial?id={trial.flow_run_id}", about)
    if found is None:
        return f'<p class="quiet">Going on: {page}</p>'
    if found.found is None:
        return (
            f"<p>{_word(NOT_SEEN)} {escape(found.sentence)} <span class='quiet'>{page}</span></p>"
        )
    behaved = Behaved.model_validate(found.found)
    told = (
        f"<p>{_word(behaved.word)} {escape(behaved.sentence)} <span class='quiet'>{page}</span></p>"
    )
    inside = markup.bullets(behaved.notes) + _table(behaved.listed)
    return told + (markup.folded("The cases, and what limits it", inside) if inside else "")


def _word(word: str) -> str:
    return f'<span class="word {STYLES.get(word, "open")}">{escape(word.capitalize())}</span>'


def _cases(behaved: Behaved) -> str:
    listed = behaved.listed
    more = behaved.broken - len(listed)
    rest = markup.paragraph(f"{more} more are not listed.", "quiet") if more else ""
    if len(listed) <= FIRST:
        return _table(listed) + rest
    return _table(listed[:FIRST]) + markup.folded(
        f"{len(listed) - FIRST} more broken cases", _table(listed[FIRST:]) + rest
    )


def _table(listed: Sequence[Moved]) -> str:
    if not listed:
        return ""
    rows = [
        (
            one.case,
            str(one.row),
            _said(one.before, one.before_score),
            _said(one.after, one.after_score),
        )
        for one in listed
    ]
    return markup.table(("Case", "Line in your file", "It said", "Changed, it said"), rows)


def _said(value: str | float, score: float | None) -> str:
    text = value if isinstance(value, str) else number(value)
    return text if score is None else f"{text} (score {number(score)})"
