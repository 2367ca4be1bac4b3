"""Rows of her file as fields to mend; what is written in one comes back with its line and its header."""

from collections.abc import Callable
from typing import Any

import param

import panel as pn

Heard = Callable[[dict[str, Any]], Any]


class Cells(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """A table of fields, one row a line of the file; rows that stay are not drawn anew.

    A Tabulator tells the place of a changed cell on the screen, which is another row's once a row
    above it has gone; and each redraw takes the field away in which she stands.
    """

    headers = param.List(default=[], doc="The headers of the file that are shown.")
    rows = param.List(
        default=[],
        doc="Rows as dicts: `line` of the file, `cells` as texts, `marked` with the places to mend.",
    )
    ticked = param.List(default=[], doc="The lines that are ticked.")

    _stylesheets = [  # noqa: RUF012  Panel reads it from the class
        """
.cells { overflow-x: auto; font-family: var(--font); font-size: var(--small); color: var(--ink);
  border: 1px solid var(--line); border-radius: var(--round-s); }
.cells table { border-collapse: collapse; min-width: 100%; }
.cells th { color: var(--quiet); font-weight: 600; text-align: left; padding: 6px 10px; white-space: nowrap;
  max-width: 24em; overflow: hidden; text-overflow: ellipsis; }
.cells tr { border-bottom: 1px solid var(--line); }
.cells tr:last-child { border-bottom: 0; }
.cells td { padding: 3px; }
.cells td:first-child { text-align: center; }
.cells input[type=text] { font: inherit; color: inherit; background: none; width: 100%; min-width: 7.5em;
  box-sizing: border-box; padding: 6px 7px; border: 1px solid transparent; border-radius: var(--round-s); }
.cells input[type=text]:hover { border-color: var(--field-line); }
.cells input[aria-invalid=true] { background: var(--marked); border-color: var(--problem); }
.cells input[type=checkbox] { width: 18px; height: 18px; accent-color: var(--accent); }
.cells :focus-visible { outline: 2px solid var(--accent); outline-offset: -1px; }
"""
    ]

    _esm = """
function part(tag, inside, set) {
  const made = Object.assign(document.createElement(tag), set)
  inside.append(made)
  return made
}

export function render({ model }) {
  const whole = Object.assign(document.createElement("div"), { className: "cells" })
  const table = part("table", whole, {})
  const head = part("tr", part("thead", table, {}), {})
  const body = part("tbody", table, {})
  let drawn = new Map()

  const marked = () => [...body.querySelectorAll("[aria-invalid=true]")]

  function goOn(from) {
    const next = marked().find((one) => from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)
    if (next) { next.focus(); next.select() } else { from.blur(); from.focus() }
  }

  function rowOf(line) {
    const row = document.createElement("tr")
    const tick = part("input", part("td", row, {}), { type: "checkbox" })
    tick.setAttribute("aria-label", `Tick line ${line}`)
    tick.addEventListener("change", () => {
      const others = model.ticked.filter((one) => one !== line)
      model.ticked = tick.checked ? [...others, line] : others
    })
    part("th", row, { scope: "row", textContent: line })
    const fields = model.headers.map((header) => {
      const field = part("input", part("td", row, {}), { type: "text", spellcheck: false })
      field.setAttribute("aria-label", `${header}, line ${line}`)
      field.addEventListener("change", () => model.send_msg({ line, header, text: field.value }))
      field.addEventListener("keydown", (event) => {
        if (event.isComposing) return
        if (event.key === "Enter") { event.preventDefault(); goOn(field) }
        if (event.key === "Escape") field.value = field.defaultValue
      })
      return field
    })
    return { row, tick, fields }
  }

  function fill({ tick, fields }, { line, cells, marked }) {
    tick.checked = model.ticked.includes(line)
    fields.forEach((field, place) => {
      const text = cells[place].replace(/[\\r\\n]/g, "")  // as a field would have it
      // What she has written and is on its way stays in its field.
      if (field.value === field.defaultValue) field.value = text
      field.defaultValue = text
      field.setAttribute("aria-invalid", marked.includes(place))
    })
  }

  function draw() {
    const at = whole.getRootNode().activeElement
    const place = [...drawn.values()].findIndex(({ row }) => row.contains(at))
    const before = drawn
    drawn = new Map(model.rows.map((one) => [one.line, before.get(one.line) ?? rowOf(one.line)]))
    for (const [line, { row }] of before) if (!drawn.has(line)) row.remove()
    model.rows.forEach((one, index) => {
      const { row } = drawn.get(one.line)
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null)
      fill(drawn.get(one.line), one)
    })
    if (place < 0 || at.isConnected) return
    // The row that she was in is mended: on to the one that has come to its place.
    const next = [...drawn.values()][Math.min(place, drawn.size - 1)]
    const field = next?.fields.find((one) => one.getAttribute("aria-invalid") === "true")
    if (field) field.focus(); else model.send_msg({ nothing_left: true })
  }

  function begin() {
    head.replaceChildren()
    part("th", head, { scope: "col", textContent: "Tick" })
    part("th", head, { scope: "col", textContent: "Line" })
    model.headers.forEach((header) => part("th", head, { scope: "col", textContent: header, title: header }))
    body.replaceChildren()
    drawn = new Map()
    draw()
  }

  model.on("headers", begin)
  model.on("rows", draw)
  model.on("ticked", () => drawn.forEach(({ tick }, line) => { tick.checked = model.ticked.includes(line) }))
  begin()
  return whole
}
"""

    def __init__(self, heard: Heard, **params: Any) -> None:
        super().__init__(**params)

        async def on_message(event: Any) -> None:
            if isinstance(event.data, dict):
                await heard(event.data)

        self.on_msg(on_message)
