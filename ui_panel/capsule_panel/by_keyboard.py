"""What every page lacks for whoever uses the keyboard alone."""

import panel as pn


class ByKeyboard(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """Opens choices by Enter, Space and arrows, and lets the page be scrolled; shows nothing."""

    # A choice of panel-material-ui 0.16 opens by a click alone.
    _esm = """
const CLOSED_CHOICE = ".MuiSelect-select[aria-expanded=false]"
const OPENERS = ["Enter", " ", "ArrowDown", "ArrowUp"]

export function render({ model, view }) {
  let top = view
  while (top.parent) top = top.parent
  const open = (event) => {
    const at = event.composedPath()[0]
    if (!OPENERS.includes(event.key) || !at.matches?.(CLOSED_CHOICE)) return
    event.preventDefault()
    at.click()
  }
  document.addEventListener("keydown", open)
  model.on("remove", () => document.removeEventListener("keydown", open))
  // What scrolls can be scrolled by keyboard alone, on a page without a link too.
  requestAnimationFrame(() => top.shadow_el.querySelector(".main-content")?.setAttribute("tabindex", "0"))
}
"""
