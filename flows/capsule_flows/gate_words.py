"""The gate's answer as lines for a terminal, as Markdown for a pull request, and as a JSON document. Pure."""

from collections.abc import Iterator
from typing import Any

from capsule_blocks.gate_tables import Override
from capsule_flows.deciding import Answered
from capsule_flows.gate_facts import Reason

SHOWN = 8
"""Of a hash, in words."""


def document(given: Answered) -> dict[str, Any]:
    """Return the answer as JSON; docs/json.md says what its names mean. Of the evidence only its hash."""
    row = given.row
    return {
        "capsule": row.capsule,
        "release": row.release_id,
        "answer": row.answer,
        "headline": given.decision.headline,
        "reasons": [one.model_dump(mode="json") for one in given.decision.reasons],
        "decision": str(row.id),
        "policy_hash": row.policy_hash,
        "evidence_hash": row.evidence_hash,
        "by": row.by,
        "at": row.at.isoformat(),
        "champion": given.champion,
        "overrides": [_override(one) for one in given.overrides],
    }


def lines(given: Answered) -> Iterator[str]:
    """Give the answer as a terminal shows it."""
    yield given.decision.headline
    for one in given.decision.reasons:
        yield f"  {one.found}, {one.tier}: {one.asks}. {one.sentence}"
        if one.settle:
            yield f"      What would settle it: {one.settle}"
    yield f"  {_champion(given)}"
    yield from (f"  {_overridden(one)}" for one in given.overrides)
    yield f"  Recorded as decision {given.row.id}."


def markdown(given: Answered) -> str:
    """Return the answer as Markdown, for a pull request."""
    decision = given.decision
    head = "| | | Asked | Found | What would settle it |\n|---|---|---|---|---|\n"
    rows = "".join(_table_row(one) for one in decision.reasons)
    beside = [_champion(given), *map(_overridden, given.overrides)]
    row = given.row
    hashes = f"policy {(row.policy_hash or 'none')[:SHOWN]}, evidence {row.evidence_hash[:SHOWN]}"
    told = "".join(f"- {_cell(one)}\n" for one in beside)
    return (
        f"## {_cell(decision.headline)}\n\n{head}{rows}\n{told}\n"
        f"Decision {row.id}, {row.at:%Y-%m-%d %H:%M} UTC, asked by {_cell(row.by)}; {hashes}.\n"
    )


def _table_row(one: Reason) -> str:
    cells = (one.found, one.tier, one.asks, one.sentence, one.settle)
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _cell(text: str) -> str:
    """Return text that a table of Markdown shows and does not obey."""
    for sign in "\\`*_{}[]<>#|~":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _champion(given: Answered) -> str:
    if given.champion is None:
        return "There is no champion yet: no release was let through."
    if given.champion == given.row.release_id:
        return "This release is the champion."
    return f"The champion stays release {given.champion[:SHOWN]}."


def _overridden(one: Override) -> str:
    return (
        f"Override: {one.by} let release {one.release_id[:SHOWN]} through against the gate on"
        f" {one.at:%Y-%m-%d}: {one.reason}"
    )


def _override(one: Override) -> dict[str, str]:
    return {
        "release": one.release_id,
        "decision": str(one.decision_id),
        "by": one.by,
        "reason": one.reason,
        "at": one.at.isoformat(),
    }
