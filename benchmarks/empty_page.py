"""`python -m benchmarks.empty_page PORT`: one sentence and one button, in the app's own framework."""

import sys

import panel_material_ui as pmui

import panel as pn

WORD = "Nothing else is here."


def view() -> pmui.Page:
    """Return the page."""
    return pmui.Page(main=[pn.Column(pn.pane.HTML(f"<p>{WORD}</p>"), pmui.Button(label="Press"))])


if __name__ == "__main__":
    pn.extension("tabulator")
    pn.serve({"/": view}, port=int(sys.argv[1]), address="127.0.0.1", show=False)
