"""The places where a case, or all cases of a trial, are kept for good, so that every later version is tried on them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.tables import Kept, Trial
from capsule_flows.challenge import SORTS, standing
from capsule_flows.home import Resources
from capsule_flows.keeping import KeepAs, keep_cases, pointed_out
from capsule_flows.publishing import take_down
from capsule_flows.sealed_shelf import looks
from capsule_flows.wording import count
from capsule_kit.answers import Answer, NumberAnswer
from capsule_panel import access, markup
from capsule_panel.form import FormField
from capsule_panel.form_values import Problem, parse
from capsule_panel.frame import errors_in, html, section
from capsule_panel.person import Person
from capsule_panel.words import when

ABOUT = "Every later version of the model is tried on them, each night, and you hear what changes."
SEALED = (
    "Sealed cases are seen by you alone: the developers are told whether a version passes, and"
    " nothing else. Each look at them is counted."
)

MOST_ALIKE = 5
TOLERANCE = FormField(
    name="tolerance",
    label="Right within",
    kind="number",
    default=None,
    optional=True,
    low=0,
    low_open=True,
)


class KeepFields:
    """What is said of cases that are kept."""

    def __init__(self, answer: Answer) -> None:
        """`answer` says whether a tolerance can be said."""
        self._sort = pmui.Select(
            label="What kind of case", options=list(SORTS), width=150, margin=(8, 12, 0, 0)
        )
        self._critical = pmui.Checkbox(
            label="Critical: a wrong answer stops a release", margin=(14, 12, 0, 0)
        )
        self._sealed = pmui.Checkbox(
            label="Sealed: the developers do not see it", margin=(14, 0, 0, 0)
        )
        self.reason = pmui.TextInput(
            label="Why it matters", width=420, max_length=2000, margin=(8, 12, 0, 0)
        )
        self._is_number = isinstance(answer, NumberAnswer)
        self._tolerance = pmui.TextInput(
            label="Right within (as declared)", width=190, max_length=30, margin=(8, 0, 0, 0)
        )

    def view(self) -> Viewable:
        """Return the fields."""
        more = [self._tolerance] if self._is_number else []
        return pn.Column(
            pn.FlexBox(self._sort, self._critical, self._sealed),
            pn.FlexBox(self.reason, *more),
            sizing_mode="stretch_width",
        )

    def read(self, reason: str = "") -> KeepAs | Problem:
        """Return what is said; `reason` is taken where none is written."""
        written = str(self._tolerance.value or "").strip()
        tolerance = parse(TOLERANCE, written) if written else None
        if isinstance(tolerance, Problem):
            return tolerance
        return KeepAs(
            reason=str(self.reason.value or "").strip() or reason,
            critical=bool(self._critical.value),
            shelf="sealed" if self._sealed.value else "open",
            sort=self._sort.value,
            tolerance=float(tolerance) if isinstance(tolerance, int | float) else None,
        )


class Keeping:
    """Keeps cases of a trial, and knows which are kept."""

    def __init__(self, resources: Resources, trial: Trial, person: Person) -> None:
        self._resources, self._trial, self._person = resources, trial, person

    def standing(self, case_ids: Sequence[str]) -> dict[str, Kept]:
        """Return the word that stands on each of the trial's cases that are kept."""
        if self._trial.case_set_id is None:
            return {}
        rows = self._resources.ledger.kept_of(self._trial.case_set_id)
        return {one: row for one, row in standing(rows, case_ids).items() if not row.withdrawn}

    async def shelve(self, said: KeepAs | Problem, cases: Sequence[str] | None) -> str:
        """Keep these cases, or all of them; return what is to be shown."""
        case_set_id = self._trial.case_set_id
        if not self._person.asked() or case_set_id is None:
            return markup.problem("Write your name above first.")
        if isinstance(said, Problem):
            return markup.problem(said.sentence)
        await access.insist("keep cases", self._trial)
        case_set = await asyncio.to_thread(self._resources.ledger.case_set_by_id, case_set_id)
        assert case_set is not None
        row = await asyncio.to_thread(
            keep_cases, self._resources, case_set, said, by=self._person.name_given, cases=cases
        )
        if row.shelf == "sealed":
            await asyncio.to_thread(take_down, self._resources, case_set_id)
        alike = await asyncio.to_thread(self._alike, row)
        return markup.good(told(row)) + "".join(map(markup.note, alike))

    def _alike(self, row: Kept) -> list[str]:
        """Say which of these cases are nearly the same as others of hers, or of the open shelf."""
        said = []
        for group in pointed_out(self._resources, self._trial.capsule):
            own = [one for one in group if one.case_set_id == row.case_set_id]
            shown = [one for one in group if one in own or one.shelf == "open"]
            if own and len(shown) > 1:
                names = ", ".join(one.case for one in shown)
                said.append(f"Nearly the same as each other: {names}. Both are kept.")
        return said[:MOST_ALIKE]


class KeepCase:
    """One click that keeps the case on the desk."""

    def __init__(self, keeping: Keeping, answer: Answer) -> None:
        self._keeping, self._fields = keeping, KeepFields(answer)
        self._case: Mapping[str, Any] = {}
        self._reason = ""
        self._kept: dict[str, str] = {}
        self._button = pmui.Button(label="Keep this case", variant="outlined", margin=(8, 8, 8, 0))
        self._button.on_click(self._on_keep)
        self._more = pmui.Button(label="Say more of it first", variant="text", margin=(8, 0))
        self._folded = pn.Column(
            html(markup.paragraph(SEALED, "quiet")),
            self._fields.view(),
            sizing_mode="stretch_width",
            visible=False,
        )
        self._more.on_click(lambda _: self._folded.param.update(visible=not self._folded.visible))
        self._said = html()

    def view(self) -> Viewable:
        """Return the button and what can be said."""
        return pn.Column(
            pn.FlexBox(self._button, self._more),
            self._folded,
            self._said,
            sizing_mode="stretch_width",
        )

    async def load(self, case_ids: Sequence[str]) -> None:
        """Learn which cases are kept already."""
        kept = await asyncio.to_thread(self._keeping.standing, case_ids)
        self._kept = {one: markup.paragraph(told(row), "quiet") for one, row in kept.items()}

    def take_up(self, case: Mapping[str, Any], reason: str) -> None:
        """Turn to a case of the judged table; `reason` is what she said of it."""
        self._case, self._reason = case, reason
        self._said.object = self._kept.get(str(case["case_id"]), "")

    async def _on_keep(self, _: object) -> None:
        case_id = str(self._case["case_id"])
        with errors_in(self._said):
            told_now = await self._keeping.shelve(self._fields.read(self._reason), [case_id])
            self._said.object = self._kept[case_id] = told_now


class KeepView:
    """The place that keeps all cases of the trial."""

    def __init__(self, resources: Resources, trial: Trial, person: Person, answer: Answer) -> None:
        self._resources, self._trial = resources, trial
        self._keeping, self._fields = Keeping(resources, trial, person), KeepFields(answer)
        self._keep = pmui.Button(label="Keep all these cases", variant="outlined", margin=(8, 0))
        self._keep.on_click(self._on_keep)
        self._said, self._before = html(), html()

    async def load(self) -> None:
        """Say what is kept already, and who looked at what is sealed."""
        self._before.object = await asyncio.to_thread(self._told)

    def view(self) -> Viewable:
        """Return the place to keep them."""
        return section(
            html(
                "<h2>Keep these cases</h2>"
                + markup.paragraph(ABOUT)
                + markup.paragraph(SEALED, "quiet")
            ),
            self._fields.view(),
            self._keep,
            self._said,
            self._before,
        )

    def _told(self) -> str:
        case_set_id = self._trial.case_set_id
        if case_set_id is None:
            return ""
        rows = self._resources.ledger.kept_of(case_set_id)
        said = markup.bullets(told(row) for row in reversed(rows[-10:]))
        if not any(row.shelf == "sealed" for row in rows):
            return said
        seen = [
            one
            for one in looks(self._resources.ledger, self._trial.capsule)
            if one.case_set_id == case_set_id
        ]
        if not seen:
            return said + markup.note("Nobody has looked at the sealed cases since.")
        last = f"the last time by {seen[0].by}, {when(seen[0].at)}"
        return said + markup.note(
            f"The sealed cases were looked at {count(len(seen), 'time')}, {last}."
        )

    async def _on_keep(self, _: object) -> None:
        with errors_in(self._said):
            self._said.object = await self._keeping.shelve(self._fields.read(), None)
            await self.load()


def told(row: Kept) -> str:
    """Say who kept what, and how."""
    what = "All cases" if row.case_ids is None else count(len(row.case_ids), "case")
    how = [
        row.sort,
        *(["critical"] if row.critical else []),
        *(["sealed"] if row.shelf == "sealed" else []),
    ]
    if row.tolerance is not None:
        how.append(f"right within {row.tolerance:g}")
    done = "taken back" if row.withdrawn else f"kept as {', '.join(how)}"
    return f"{what} {done} by {row.by}, {when(row.at)}: {row.reason or 'no reason given'}"
