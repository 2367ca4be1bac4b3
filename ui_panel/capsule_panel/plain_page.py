"""A page without Panel, in the same look: for those who are not in yet. No script, no request elsewhere."""

from html import escape

from capsule_panel import markup
from capsule_panel.look import FOCUS, TOKENS, chosen_attribute

STYLE = f"""{TOKENS}
body {{ margin: 0; font-size: var(--text); line-height: 1.5; }}
header {{ background: var(--sheet); border-bottom: 1px solid var(--line); padding: 14px 24px; }}
header a {{ font-weight: 600; font-size: 18px; color: var(--accent); text-decoration: none; }}
main {{ max-width: 440px; margin: 8vh auto 0; padding: 28px 32px; background: var(--sheet);
  border: 1px solid var(--line); border-radius: var(--round); box-sizing: border-box; }}
@media (max-width: 500px) {{ main {{ margin: 0; border: 0; border-radius: 0; max-width: none; }} }}
h1 {{ font-size: var(--headline); font-weight: 500; line-height: 1.3; margin: 0 0 12px; }}
p {{ margin: 0 0 12px; overflow-wrap: anywhere; }}
.quiet {{ color: var(--quiet); font-size: var(--small); }}
label {{ display: block; margin: 16px 0 0; font-size: var(--small); color: var(--quiet); }}
input {{ display: block; width: 100%; box-sizing: border-box; font: inherit; margin-top: 4px;
  padding: 10px; color: var(--ink); background: var(--sheet); border: 1px solid var(--field-line);
  border-radius: var(--round-s); }}
button, a.button {{ display: inline-block; font: inherit; font-weight: 500; margin: 20px 0 12px;
  padding: 10px 20px; border: 0; border-radius: var(--round-s); background: var(--accent);
  color: var(--on-accent); cursor: pointer; text-decoration: none; }}
a {{ color: var(--accent); }}
:focus-visible {{ {FOCUS} }}
.problem {{ border-left: 4px solid var(--problem); background: var(--problem-ground);
  padding: 10px 14px; border-radius: var(--round-s); margin: 0 0 12px; }}
.note {{ border-left: 4px solid var(--accent); background: var(--note-ground);
  padding: 10px 14px; border-radius: var(--round-s); margin: 16px 0 12px; }}
"""


def plain_page(title: str, body: str, look: str | None) -> str:
    """Return the page; `body` is HTML already, `look` what the browser's cookie says of light and dark."""
    return (
        f'<!doctype html><html lang="en"{chosen_attribute(look)}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<header><a href="/">Capsules</a></header><main><h1>{escape(title)}</h1>{body}</main>'
        "</body></html>"
    )


def field(label: str, name: str, kind: str = "text", **more: str) -> str:
    """Return a labelled field that has to be filled; the first of a page takes the keyboard."""
    extra = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in more.items())
    return f'<label>{escape(label)}<input name="{name}" type="{kind}" required{extra}></label>'


def form(fields: str, button: str, xsrf: str) -> str:
    """Return a form that is sent to the page's own address."""
    return f'<form method="post">{xsrf}{fields}<button>{escape(button)}</button></form>'


def problem(sentence: str | None) -> str:
    """Return what went wrong, announced to screen readers; nothing where nothing did."""
    return markup.problem(sentence) if sentence else ""
