"""What came of a behaviour check, as a page shows it: pure, from the ledger's row to escaped HTML."""

from collections.abc import Sequence
from html import escape
from uuid import UUID

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
        f'<div role="status">{word}<p class="headline">{markup.text(behaved.sentence)}</p></div>'
        + markup.bullets(behaved.notes)
        + _cases(behaved)
    )


def own_page(flow_run_id: UUID) -> str:
    """Return where a check's run is followed by itself."""
    link = markup.link(f"/trial?id={flow_run_id}", "This run has a page of its own")
    return f'<p class="quiet">{link}, where it can be stopped.</p>'


def earlier(known: Sequence[Known], contract: Contract) -> str:
    """Return the checks of these cases, newest first, each with what came of its runs."""
    rows = "".join(_run(one, *run, contract) for one in known for run in one.runs)
    if not rows:
        return ""
    return (
        "<h3 style='margin-top:14px'>Checks of these cases</h3>"
        f"<table><tbody>{rows}</tbody></table>"
    )


def derived(trial: Trial, known: Sequence[Known], contract: Contract) -> str:
    """Return what the page of a check's own trial says: that its cases are changed ones, and what came of it."""
    rows = "".join(
        _run(one, run, found, contract)
        for one in known
        for run, found in one.runs
        if run.flow_run_id == trial.flow_run_id
    )
    about = (
        "These are cases of yours, changed, beside the same cases unchanged. Nobody knows an answer to"
        " them: how they behave is all that is looked at."
    )
    return f"<h2>A check of behaviour</h2>{markup.paragraph(about)}<table><tbody>{rows}</tbody></table>"


def _run(one: Known, trial: Trial, found: BehaviourOutcome | None, contract: Contract) -> str:
    check = asked(BehaviourCheck.model_validate(one.behaviour.asked), contract)
    about = f"{when(trial.at)}, by {trial.by}, release {trial.release_id[:8]}"
    page = markup.link(f"/trial?id={trial.flow_run_id}", about)
    behaved = Behaved.model_validate(found.found) if found and found.found else None
    inside = markup.bullets(behaved.notes) + _table(behaved.listed) if behaved else ""
    word = behaved.word if behaved else "going on" if found is None else NOT_SEEN
    failed = f" {found.sentence}" if found and behaved is None else ""
    told = behaved.sentence if behaved else f"{check}.{failed}"
    more = markup.folded("The cases, and what limits it", inside) if inside else ""
    return f'<tr><td>{_word(word)}</td><td>{markup.text(told)}{more}</td><td class="quiet">{page}</td></tr>'


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
