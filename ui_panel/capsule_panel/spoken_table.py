"""A Tabulator for whoever hears it or has no mouse: its parts in their places, each field and sorter by name."""

from typing import Any

import pandas as pd
from panel.io.model import JSCode

import panel as pn

MENDS = JSCode("""(cell) => {
  const table = cell.getTable()
  const place = (from, role) => from?.setAttribute("role", role)
  const sorter = (column) => {
    const title = column.querySelector(".tabulator-col-title")
    if (!title.textContent.trim()) return
    title.tabIndex = 0
    place(title, "button")
    title.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      event.stopPropagation()
      title.click()
    })
  }
  table.on("tableBuilt", () => {
    const whole = table.element
    // Its rows are owned where they stand; what scrolls around them can be reached by keyboard.
    whole.removeAttribute("aria-owns")
    place(whole.querySelector(".tabulator-tableholder"), "rowgroup")
    place(whole.querySelector(".tabulator-table"), "presentation")
    place(whole.querySelector(".tabulator-footer"), "rowgroup")
    place(whole.querySelector(".tabulator-footer-contents"), "row")
    place(whole.querySelector(".tabulator-paginator"), "gridcell")
    whole.querySelectorAll(".tabulator-col.tabulator-sortable").forEach(sorter)
  })
  return cell.getValue()
}""")
"""Runs as the first column's title is drawn, which is when Tabulator hands out its table."""


class SpokenTable(pn.widgets.Tabulator):  # type: ignore[misc]  # Panel ships no types
    """A Tabulator with its parts named; the titles are HTML that is escaped already."""

    def __init__(self, value: pd.DataFrame, **params: Any) -> None:
        super().__init__(value, title_formatters={value.columns[0]: MENDS}, **params)


class PlainTable(SpokenTable):
    """One whose cells have no styles of their own: for each of 100,000 rows they would be made anew."""

    def _validate(self, *events: Any) -> None:
        super(pn.widgets.Tabulator, self)._validate(*events)


def find(title: str, *, number: bool = False) -> dict[str, object]:
    """Return the filter in a column's header, named by the column."""
    kind = (
        {"type": "number", "func": ">=", "placeholder": "at least"}
        if number
        else {"type": "input", "func": "like", "placeholder": "find"}
    )
    name = f"{title}: {kind['placeholder']}"
    return {**kind, "elementAttributes": {"aria-label": name}}
