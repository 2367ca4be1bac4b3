"""Challenge cases by versions as a grid: one coloured and lettered cell each. Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from capsule_flows.wording import count
from capsule_panel import markup

MOST = 60
"""Cases that are shown; those that need a look come first."""
SHOWN = 8


class Letter(NamedTuple):
    """How one state of a case is drawn."""

    letter: str
    style: str
    """Its colour."""
    rank: int
    """How much it needs a look; the least first."""


LETTERS: Mapping[str, Letter] = {
    "broken": Letter("B", "bad", 0),
    "wrong": Letter("W", "bad", 1),
    "not answered": Letter("N", "bad", 2),
    "unsteady": Letter("U", "doubt", 3),
    "infrastructure failed": Letter("I", "doubt", 4),
    "not comparable": Letter("C", "none", 5),
    "fixed": Letter("F", "well", 6),
    "right": Letter("R", "well", 7),
    "not run": Letter("·", "none", 8),
}
"""A case that was right before and is wrong now is broken, the other way round fixed."""
STYLE = """
table.grid { width: auto; border-collapse: separate; border-spacing: 2px; }
.grid th { border: 0; padding: 2px 8px 2px 0; white-space: nowrap; }
.grid td { border: 0; padding: 0; vertical-align: middle; }
.grid td.case { padding-right: 12px; max-width: 22em; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.grid abbr { display: block; min-width: 28px; padding: 3px 6px; text-align: center; font-weight: 600;
  text-decoration: none; border-radius: var(--round-s); }
.grid .bad, .key .bad { background: var(--problem-ground); color: var(--problem); }
.grid .well, .key .well { background: var(--good-ground); color: var(--good); }
.grid .doubt, .key .doubt { background: var(--open-ground); color: var(--open); }
.grid .none, .key .none { background: var(--inset); color: var(--quiet); }
.key b { padding: 1px 6px; border-radius: var(--round-s); }
"""


def states(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with what changed since the version before: broken and fixed beside right and wrong.

    `cells` has a row a case and a column a release, oldest first: right, wrong, another state, or
    blank where it was not run. A version on which nobody knows is passed over.
    """
    return cells.apply(lambda row: pd.Series(_along(list(row)), index=cells.columns), axis=1)


def _along(row: Sequence[Any]) -> list[str]:
    told, before = [], None
    for cell in row:
        state = "not run" if pd.isna(cell) else str(cell)
        if state in ("right", "wrong"):
            flipped = {("right", "wrong"): "broken", ("wrong", "right"): "fixed"}
            told.append(flipped.get((before or state, state), state))
            before = state
        else:
            told.append(state)
    return told


def broke_on(known: pd.DataFrame) -> list[str | None]:
    """Return for each case that is wrong on the newest version the one on which it broke; None for others.

    `known` is what `states` returns.
    """
    found = []
    for along in known.to_numpy():
        versions = [
            one for one, state in zip(known.columns, along, strict=True) if state == "broken"
        ]
        is_wrong = along[-1] in ("broken", "wrong")
        found.append(str(versions[-1]) if is_wrong and versions else None)
    return found


def grid(cells: pd.DataFrame, names: Sequence[str], versions: Sequence[str]) -> str:
    """Return the grid as HTML; `names` are the cases', by row, `versions` what is over each column."""
    if cells.empty or not len(cells.columns):
        return markup.paragraph("No case was replayed yet.", "quiet")
    known = states(cells)
    ranks = [LETTERS[state].rank for state in known.iloc[:, -1]]
    order = sorted(range(len(known)), key=ranks.__getitem__)
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in versions)
    rows = "".join(_row(names[place], list(known.iloc[place])) for place in order[:MOST])
    more = len(order) - MOST
    rest = markup.paragraph(f"And {count(more, 'case')} more.", "quiet") if more > 0 else ""
    return (
        '<div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">Case</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>{rest}{_key(known)}"
    )


def _row(name: str, along: Sequence[str]) -> str:
    return f'<tr><td class="case">{escape(name)}</td>{"".join(map(_cell, along))}</tr>'


def _cell(state: str) -> str:
    drawn = LETTERS[state]
    return f'<td><abbr class="{drawn.style}" title="{state}">{drawn.letter}</abbr></td>'


def _key(known: pd.DataFrame) -> str:
    """Return what the letters mean, of those that occur."""
    there = set(known.to_numpy().ravel())
    said = [
        f'<b class="{drawn.style}">{drawn.letter}</b> {state}'
        for state, drawn in LETTERS.items()
        if state in there
    ]
    return f'<p class="quiet key">{" &nbsp; ".join(said)}</p>'
