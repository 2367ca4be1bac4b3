"""What the check found, as a person reads it: where, what stands there, what is allowed, what to do."""

from collections.abc import Mapping, Sequence
from html import escape

from capsule_flows.findings import Finding, allowed
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_panel import markup
from capsule_panel.words import found_in, places

MOST = 100
"""So many are shown; they are grouped, so more are of a table that is another one."""
HEADERS = {"Where": 20, "Stands there": 18, "Allowed": 22, "What to do": 40}
"""Each with its share of the width in per cent."""
SEVERITIES = {"refuse": ("to mend", "missed"), "warn": ("worth a look", "open")}


def findings_html(findings: Sequence[Finding], contract: Contract) -> str:
    """Return grouped findings as HTML: their number, then a row for each, the technical line folded."""
    if not findings:
        return ""
    columns = {one.name: one for one in contract.all_columns}
    rows = "".join(_row(one, columns) for one in findings[:MOST])
    more = len(findings) - MOST
    left = markup.paragraph(f"{more} more are not shown.", "quiet") if more > 0 else ""
    head = "".join(
        f'<th scope="col" style="width: {width}%">{text}</th>' for text, width in HEADERS.items()
    )
    return (
        f"{markup.paragraph(found_in(findings))}"
        f'<table style="table-layout: fixed"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{left}'
    )


def _row(one: Finding, columns: Mapping[str, Column]) -> str:
    word, style = SEVERITIES[one.severity]
    column = columns.get(one.column or "")
    where = f"<b>{escape(one.column)}</b><br>" if one.column else ""
    cells = (
        f'{where}{escape(places(one))}<br><span class="{style}">{word}</span>',
        escape(one.found or ("nothing" if one.mistake == "missing" else "")),
        escape(allowed(column)) if column else "",
        f"{escape(one.sentence)}{_details(one)}",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _details(one: Finding) -> str:
    if not one.technical:
        return ""
    return markup.folded("details", markup.paragraph(one.technical, "quiet"))
