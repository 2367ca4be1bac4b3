"""The keys with which one goes through cases: heard while nobody types, said aloud to a screen reader."""

from collections.abc import Awaitable, Callable
from typing import Any

import param

import panel as pn

OnKey = Callable[[str, str], Awaitable[None]]
"""Told the key's meaning and the id of the case that was on the screen when it was pressed."""


class Keys(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """Hears the keys, and speaks what was done; a tick turns them off for whoever's own keys they are."""

    case = param.String(doc="The id of the case on the screen.")
    said = param.String(doc="What was done last, for the eyes and for a screen reader.")
    aloud = param.String(doc="The case on the screen, for a screen reader alone.")
    put_down = param.Integer(doc="Counts how often the field that has the focus is to let it go.")

    _stylesheets = [  # noqa: RUF012  Panel reads it from the class
        """
.keys { font-family: var(--font); font-size: var(--small); line-height: 1.6; color: var(--ink);
  display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; }
.keys label { cursor: pointer; }
.keys kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--quiet); border-radius: 4px;
  padding: 1px 6px; margin: 0 2px; }
.keys .aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.keys .said { flex-basis: 100%; min-height: 1.6em; font-weight: 500; }
"""
    ]

    _esm = """
const MEANINGS = { 1: "right", 2: "acceptable", 3: "wrong", 4: "cannot judge",
  ArrowLeft: "before", k: "before", ArrowRight: "after", j: "after", Enter: "next" }
const TYPING = "input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable]," +
  " [role=combobox], [role=listbox], [role=option], [role=radio], [role=slider], [role=tab]"
const PRESSED_BY_ENTER = "a, button, summary, [role=button], [type=checkbox]"

export function render({ model }) {
  const keys = Object.assign(document.createElement("div"), { className: "keys" })
  const label = document.createElement("label")
  const on = Object.assign(document.createElement("input"), { type: "checkbox", checked: true })
  label.append(on, " Use the keys")
  const help = document.createElement("span")
  for (const [key, what] of [["1", "right"], ["2", "acceptable"], ["3", "wrong"], ["4", "cannot judge"],
      ["←", "before"], ["→", "after"], ["Enter", "next without your word"]]) {
    help.append(Object.assign(document.createElement("kbd"), { textContent: key }), ` ${what} `)
  }
  const said = Object.assign(document.createElement("div"), { className: "said", textContent: model.said })
  said.setAttribute("role", "status")
  const aloud = Object.assign(document.createElement("div"), { className: "aloud", textContent: model.aloud })
  aloud.setAttribute("role", "status")
  keys.append(label, help, said, aloud)
  model.on("aloud", () => { aloud.textContent = model.aloud })
  model.on("said", () => { said.textContent = model.said })
  model.on("put_down", () => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    at?.blur()
  })

  const press = (event) => {
    const meaning = MEANINGS[event.key]
    const at = event.composedPath()[0]
    if (!meaning || !on.checked || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.isComposing || event.repeat && event.key.match(/[1-4]/)) return
    if (at.matches?.(TYPING)) return
    if (event.key === "Enter" && at.matches?.(PRESSED_BY_ENTER)) return
    event.preventDefault()
    model.send_msg({ meaning, case: model.case })
  }
  document.addEventListener("keydown", press)
  model.on("remove", () => document.removeEventListener("keydown", press))
  return keys
}
"""

    def __init__(self, on_key: OnKey, **params: Any) -> None:
        super().__init__(**params)

        async def heard(event: Any) -> None:
            told = event.data
            if isinstance(told, dict):
                await on_key(str(told.get("meaning", "")), str(told.get("case", "")))

        self.on_msg(heard)
