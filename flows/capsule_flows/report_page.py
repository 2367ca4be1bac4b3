"""The report as one HTML file that needs nothing else: read on a screen, aloud, on paper, years later. Pure."""

from collections.abc import Sequence
from html import escape

from capsule_flows import report_items as items
from capsule_flows.report import Report
from capsule_flows.report_markup import p, when
from capsule_flows.report_pictures import Picture
from capsule_flows.report_sections import WRITTEN
from capsule_flows.report_style import STYLE
from capsule_flows.wording import count

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A report opens nothing and runs nothing, whatever a cell or an author wrote."""


def page_of(report: Report, drawings: Sequence[Picture] = ()) -> str:
    """Return the whole HTML file; `drawings` stand under the result."""
    written = {name: write(report) for name, write in WRITTEN.items()}
    written[items.RESULT] += "".join(
        f"<figure><figcaption>{escape(one.caption)}</figcaption>{one.svg}</figure>"
        for one in drawings
    )
    sections = "".join(_section(report, name, inside) for name, inside in written.items())
    title = f"Report: {report.model.title}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<header><p>Report of a trial</p><h1>{escape(report.model.title)}</h1>{_about(report)}</header>"
        f"{sections}</main></body></html>"
    )


def _about(report: Report) -> str:
    run = report.run
    answers = (
        "" if report.with_answers else " The answers to single cases are left out of this copy."
    )
    return p(
        f"Tried by {run.by}, {when(run.at)}, on {count(report.data.cases, 'case')}. Written"
        f" {when(report.made_at)} for {report.made_by or 'somebody unnamed'}.{answers}",
        "quiet",
    )


def _section(report: Report, name: str, inside: str) -> str:
    answered: dict[str, list[str]] = {}
    for one in report.items:
        if one.section == name:
            answered.setdefault(one.guideline, []).append(one.item)
    said = "; ".join(f"{guideline} {', '.join(of)}" for guideline, of in answered.items())
    place = name.lower().replace(" ", "-")
    return (
        f'<section aria-labelledby="{place}"><h2 id="{place}">{name}</h2>'
        f"{p(f'Answers {said}', 'items') if said else ''}{inside}</section>"
    )
