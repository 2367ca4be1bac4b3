"""The gate's answer on a page: the word, what stands in the way and what would settle it. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

from capsule_blocks.gate_tables import Decided, Override
from capsule_flows.gate_facts import Decision, Reason, Signed
from capsule_panel import markup
from capsule_panel.words import when

STYLES = {"GO": "met", "NO-GO": "missed", "INCONCLUSIVE": "open"}
FOUND = {"met": "met", "not met": "missed", "not asked": "quiet"}
SHOWN = 8
HEADERS = ("Found", "Asked", "What was found", "What would settle it")


def answer_html(row: Decided, *, current: bool) -> str:
    """Return an answer; one on an earlier release says so."""
    decision = Decision.model_validate(row.decision)
    of = "" if current else f" That was release {row.release_id[:SHOWN]}, not the one deployed now."
    asked = f"Asked by {row.by}, {when(row.at)}.{of}"
    open_ = [one for one in decision.reasons if one.found not in ("met", "not asked")]
    rest = [one for one in decision.reasons if one not in open_]
    word = f'<span class="{STYLES[row.answer]}">{escape(row.answer)}</span>'
    said = decision.headline.partition(": ")[2]
    return (
        f'<p class="headline">{word}: {escape(said)}</p>{markup.paragraph(asked, "quiet")}'
        + (reasons_html(open_) if open_ else "")
        + (
            markup.folded(f"{len(rest)} more that are met or not asked", reasons_html(rest))
            if rest
            else ""
        )
    )


def reasons_html(reasons: Iterable[Reason]) -> str:
    """Return reasons as a table."""
    head = "".join(f'<th scope="col">{text}</th>' for text in HEADERS)
    rows = "".join(
        f'<tr><td class="tier"><b class="{FOUND.get(one.found, "open")}">{one.found}</b><br>'
        f'<span class="quiet">{one.tier}</span></td><td>{escape(one.asks)}</td>'
        f"<td>{escape(one.sentence)}</td><td>{escape(one.settle)}</td></tr>"
        for one in reasons
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def changed_html(newest: Decision, before: Decision | None) -> str:
    """Return what the gate finds otherwise than the last time it was asked."""
    if before is None:
        return ""
    was = {one.asks: one.found for one in before.reasons}
    told = [
        f"{one.asks}: {was[one.asks]} before, {one.found} now"
        for one in newest.reasons
        if was.get(one.asks, one.found) != one.found
    ]
    if newest.answer != before.answer:
        told.insert(0, f"the answer: {before.answer} before, {newest.answer} now")
    return markup.bullets(told) or markup.paragraph("Nothing that the gate asks for.", "quiet")


def verdicts_html(signed: Sequence[Signed], release_id: str) -> str:
    """Return each person's standing word, those on this release first."""
    if not signed:
        return markup.paragraph("Nobody has signed one.", "quiet")
    ordered = sorted(signed, key=lambda one: (one.release_id != release_id, one.by))
    return markup.bullets(
        f"{one.by}: {one.word}{f' ({one.limits})' if one.limits else ''}, {when(one.at)}"
        + ("" if one.release_id == release_id else f", on release {one.release_id[:SHOWN]}")
        for one in ordered
    )


def overrides_html(overrides: Sequence[Override]) -> str:
    """Return every override there ever was; nothing where there was none."""
    told = markup.bullets(
        f"{one.by} let release {one.release_id[:SHOWN]} through against the gate,"
        f" {when(one.at)}: {one.reason}"
        for one in overrides
    )
    return f"<h3>Overridden</h3>{told}" if told else ""
