"""A behaviour check said without code: fields that read as a sentence, made from the contract."""

from collections.abc import Callable, Mapping
from typing import get_args

import panel_material_ui as pmui
from panel.viewable import Viewable
from pydantic import ValidationError

import panel as pn
from capsule_flows.behaviour_checks import (
    Again,
    BehaviourCheck,
    Change,
    Expected,
    Kind,
    OtherSmiles,
    OtherUnit,
    Reordered,
    Rewritten,
    SetTo,
    Shifted,
    Swapped,
    Way,
    cell,
    moves,
    offered,
)
from capsule_flows.behaviour_words import change_in_words
from capsule_flows.units import convertible, same_unit
from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_kit.contract import Contract
from capsule_panel import markup
from capsule_panel.frame import html
from capsule_panel.review import ON_DESK, SHOWN

WHOLE = "the cases as a whole"
ALL = "all cases"
How = str
RAISE, LOWER = "is raised by", "is lowered by"
HOWS: Mapping[Kind, tuple[How, ...]] = {
    "shifted": (RAISE, LOWER),
    "set": ("is set to",),
    "swapped": ("is swapped for the other choice",),
    "unit": ("is written in another unit, rounded",),
    "writing": ("is written in capitals", "is written in small letters", "gets wider gaps"),
    "smiles": ("is written as another SMILES of the same molecule",),
    "order": ("come in another order",),
    "again": ("are run once more by themselves",),
}
KINDS: Mapping[How, Kind] = {how: kind for kind, hows in HOWS.items() for how in hows}
WRITINGS = dict(zip(HOWS["writing"], ("capitals", "small letters", "wider gaps"), strict=True))
WAYS: tuple[Way, ...] = get_args(Way)
UNITS = (
    *("g/L", "mg/L", "µg/L", "ng/L", "g/dL", "mg/dL", "µg/mL", "ng/mL", "pg/mL"),
    *("mol/L", "mmol/L", "µmol/L", "nmol/L", "kg", "g", "mg", "µg", "lb"),
    *("m", "cm", "mm", "µm", "inch", "mm²", "µm²", "mL", "L", "µL"),
    *("year", "month", "week", "day", "hour", "minute", "second", "kPa", "mmHg", "K", "degC"),
)
"""Units that people write; offered are those into which the contract's can be turned."""


class BehaviourForm:
    """The fields, and the check that they say."""

    def __init__(self, contract: Contract, chosen: Callable[[str], tuple[str, ...] | None]) -> None:
        """`chosen` tells the case_ids that ALL, ON_DESK or SHOWN stand for; None for all."""
        self._contract, self._chosen = contract, chosen
        self._columns = {one.name: one for one in contract.columns}
        changeable = [one.name for one in contract.columns if offered(one)]
        names = {one.replace("_", " "): one for one in changeable} | {WHOLE: WHOLE}
        what = moves(contract.answer)
        self._what = pmui.Select(label="When", options=names, width=230, margin=(8, 8, 8, 0))
        self._how = pmui.Select(label="what happens", options=[], width=300, margin=8)
        self._value = pmui.TextInput(label="by how much", value="10", width=110, margin=8)
        self._among = pmui.Select(label="which", options=[], width=170, margin=8)
        self._cases = pmui.Select(
            label="in", options=[ALL, ON_DESK, SHOWN], value=ALL, width=230, margin=(8, 8, 8, 0)
        )
        self._way = pmui.Select(
            label=f"then {what or 'the answer'}",
            options=list(WAYS if what else WAYS[:1]),
            value="stays",
            width=260,
            margin=8,
        )
        self._within = pmui.TextInput(
            label="give or take (if you like)", width=210, margin=8, visible=what is not None
        )
        self._also: tuple[Change, ...] = ()
        self._and = pmui.Button(label="And change another column", variant="text", margin=(0, 8))
        self._and.on_click(lambda _: self._on_and())
        self._over = pmui.Button(label="Start over", variant="text", margin=(0, 8), visible=False)
        self._over.on_click(lambda _: self._have(()))
        self._told = html()
        self._what.param.watch(lambda _: self._on_what(), "value")
        self._how.param.watch(lambda _: self._on_how(), "value")
        self._on_what()

    def view(self) -> Viewable:
        """Return the fields in two lines."""
        return pn.Column(
            self._told,
            pn.FlexBox(self._what, self._how, self._value, self._among),
            pn.FlexBox(self._and, self._over),
            pn.FlexBox(self._cases, self._way, self._within),
            sizing_mode="stretch_width",
        )

    def read(self) -> BehaviourCheck | str:
        """Return the check that the fields say, or a sentence about what is missing."""
        within = self._number(self._within) if self._within.value else None
        if self._within.value and (within is None or within < 0):
            return "“Give or take” is a number from 0 on, such as 0.05, or blank."
        change = self._change()
        if isinstance(change, str):
            return change
        try:
            return BehaviourCheck(
                changes=(*self._also, change),
                cases=self._chosen(str(self._cases.value)),
                expected=Expected(way=self._way.value, within=within),
            )
        except ValidationError:
            return (
                "A column can be changed once, and the cases as a whole by themselves alone."
                " Choose another, or start over."
            )

    def _on_and(self) -> None:
        change = self._change()
        if isinstance(change, str):
            self._told.object = markup.field_problem(change)
        else:
            self._have((*self._also, change))

    def _have(self, changes: tuple[Change, ...]) -> None:
        """Hold these changes beside the one in the fields."""
        self._also = changes
        self._over.visible = bool(changes)
        said = "; ".join(change_in_words(one, self._contract) for one in changes)
        self._told.object = markup.paragraph(f"{said}; and:") if said else ""

    def _column(self) -> Column | None:
        return self._columns.get(str(self._what.value))

    def _on_what(self) -> None:
        column = self._column()
        kinds: tuple[Kind, ...] = ("order", "again") if column is None else offered(column)
        hows = [how for kind in kinds for how in HOWS[kind]]
        if column is not None and "unit" in kinds and not _units(column):
            hows = [one for one in hows if KINDS[one] != "unit"]
        self._how.param.update(options=hows, value=hows[0])
        self._on_how()

    def _on_how(self) -> None:
        column, kind = self._column(), KINDS.get(str(self._how.value))
        among = [] if column is None or kind is None else _among(column, kind)
        self._among.param.update(options=among, value=among[0] if among else None)
        self._among.visible = bool(among)
        free = kind == "set" and not among
        self._value.visible = kind == "shifted" or free
        self._value.label = "to what" if free else "by how much"
        # What follows a number is mostly asked to follow it; what is only written otherwise to stay.
        usual = {RAISE: "does not fall", LOWER: "does not rise"}.get(str(self._how.value), "stays")
        self._way.value = usual if usual in self._way.options else "stays"

    def _change(self) -> Change | str:
        column, how = self._column(), str(self._how.value)
        if column is None:
            return Reordered() if KINDS[how] == "order" else Again()
        match KINDS[how]:
            case "shifted":
                by = self._number(self._value)
                if not by:
                    return "Say by how much, in numbers, such as 10."
                signed = -abs(by) if how == LOWER else abs(by)
                percent = self._among.value == "%"
                return Shifted(column=column.name, by=signed, percent=percent)
            case "set":
                among = self._among.value
                value = str(self._value.value if among is None else among).strip()
                return SetTo(column=column.name, value=value) if value else "Say to what."
            case "swapped":
                return Swapped(column=column.name)
            case "unit":
                return OtherUnit(column=column.name, unit=str(self._among.value))
            case "writing":
                return Rewritten.model_validate({"column": column.name, "writing": WRITINGS[how]})
            case _:
                return OtherSmiles(column=column.name)

    @staticmethod
    def _number(field: pmui.TextInput) -> float | None:
        value = cell(str(field.value or ""), NUMBER)
        return None if value is None else float(str(value))


NUMBER = Column(name="number", kind="number", meaning="a number", example="10")


def _among(column: Column, kind: Kind) -> list[str]:
    """Return what a change is chosen among; empty where it is written, or needs nothing."""
    match kind:
        case "shifted":
            unit = column.unit or DIMENSIONLESS
            return ["%", "of its own" if unit == DIMENSIONLESS else unit]
        case "set":
            return ["yes", "no"] if column.kind == "yes/no" else list(column.choices)
        case "unit":
            return _units(column)
        case _:
            return []


def _units(column: Column) -> list[str]:
    unit = str(column.unit)
    return [
        one
        for one in UNITS
        if not same_unit(one, unit) and convertible(one, unit, column.molar_mass)
    ]
