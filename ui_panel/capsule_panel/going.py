"""A trial under way: where it is, how long it takes, what it says, and the button that stops it."""

import asyncio
from html import escape
from pathlib import Path
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.tables import Outcome
from capsule_flows.expecting import about
from capsule_flows.following import RunView, stop_run
from capsule_flows.home import Resources
from capsule_flows.trial_words import (
    CANCELLED,
    DATA_REFUSED_KIND,
    INFRASTRUCTURE_FAILED,
    MODEL_FAILED_KIND,
)
from capsule_flows.wording import count
from capsule_kit.trial_flow import FILES_FOLDER
from capsule_panel import access, markup
from capsule_panel.frame import column, errors_in, html

ABOUT_STOP = "Stopping ends it at once; what the model has written until then is kept."
LEAVE = "You may close this page: the trial goes on, and its address finds it from any machine."
ENDS = {
    CANCELLED: ("Stopped", "Press Run again when you like."),
    MODEL_FAILED_KIND: (
        "The model failed",
        "It is not your doing. Its author sees this trial; your cases are kept for when it is mended.",
    ),
    DATA_REFUSED_KIND: (
        "Your cases were refused",
        "Mend them on the model's page, then press Run again.",
    ),
    INFRASTRUCTURE_FAILED: (
        "The machine failed, not the model",
        "Press Run again. If it stays so, tell whoever runs this app.",
    ),
}
"""What each end is called, and what to do then."""


class Stop:
    """The button, with what it costs."""

    def __init__(self, resources: Resources, flow_run_id: UUID) -> None:
        self._resources, self._id = resources, flow_run_id
        self._button = pmui.Button(label="Stop", variant="outlined", color="error", margin=(8, 0))
        self._button.on_click(self._on_stop)
        self._said = html(markup.paragraph(f"{ABOUT_STOP} {LEAVE}", "quiet"))
        self.view: Viewable = column(self._button, self._said)

    async def _on_stop(self, _: object) -> None:
        with errors_in(self._said):
            trial = await asyncio.to_thread(self._resources.ledger.trial, self._id)
            await access.insist("stop trial", trial)
            self._button.disabled = True
            await asyncio.to_thread(stop_run, self._id)


def live(run: RunView, usual: float | None) -> str:
    """Return where the trial is, how far, and how long it has taken so far."""
    bar = (
        f'<progress max="1" value="{run.progress:.3f}" aria-label="How far it is"></progress>'
        if run.progress is not None
        else '<progress aria-label="At work"></progress>'
    )
    # The clock stands apart, lest a screen reader speaks each second.
    return (
        f'<div role="status"><p class="headline">{escape(run.sentence)}</p></div>{bar}'
        f"{markup.paragraph(timing(run.seconds, usual), 'quiet')}"
    )


def timing(seconds: float | None, usual: float | None) -> str:
    """Return "12 seconds so far; usually about 40 seconds."."""
    said = [] if seconds is None else [f"{about(seconds)} so far"]
    said += [] if usual is None else [f"usually about {about(usual)}"]
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def judging() -> str:
    """Return what is said between the model's end and the judgement."""
    return (
        '<div role="status"><p class="headline">Judging what it said by your answers.</p></div>'
        '<progress aria-label="At work"></progress>'
    )


def unjudged(outcome: Outcome, results: Path | None) -> str:
    """Return how a trial ended that could not be judged, what is kept of it, and what to do now."""
    kept = [one for one in (results / FILES_FOLDER).rglob("*") if one.is_file()] if results else []
    said = (
        f" {count(len(kept), 'file')} that it had written {'is' if len(kept) == 1 else 'are'} kept."
    )
    title, then = ENDS.get(outcome.kind, (outcome.kind.capitalize(), ""))
    # The heading has said it.
    sentence = outcome.sentence.removeprefix(f"{title}: ")
    sentence = sentence[:1].upper() + sentence[1:]
    return (
        f"<h2>{escape(title)}</h2>"
        + (markup.note if outcome.kind == CANCELLED else markup.problem)(sentence)
        + (markup.paragraph(then) if then else "")
        + markup.paragraph(
            "Nothing was judged, so this says nothing about the model's answers."
            + (said if kept else "")
        )
    )


def log(run: RunView) -> str:
    """Return what the run itself said, the end of it in view while it goes on."""
    lines = "\n".join(run.log) or ("It said nothing." if run.final else "It has said nothing yet.")
    return (
        f"<h2>The run itself</h2><p>{markup.link(run.url, 'Open this run in Prefect')}</p>"
        + markup.folded(
            "What it said",
            markup.printed(lines, "What the run said"),
            is_open=not run.final,
        )
    )
