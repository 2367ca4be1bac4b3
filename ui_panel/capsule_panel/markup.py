"""Small pieces of HTML, in which everything that came from a person is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from markdown_it import MarkdownIt

from capsule_flows.wording import unbroken
from capsule_panel.look import FOCUS

STYLE = f"""
:host {{ font-family: var(--font); color: var(--ink); font-size: var(--text); line-height: 1.5; }}
h1 {{ font-size: var(--title); line-height: 1.25; margin: 4px 0 8px; font-weight: 500; }}
h2 {{ font-size: var(--heading); margin: 0 0 6px; font-weight: 500; }}
h3, h2.small {{ font-size: var(--text); margin: 0 0 4px; font-weight: 600; }}
p {{ margin: 0 0 8px; max-width: 92ch; }}
a {{ color: var(--accent); }}
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {{ {FOCUS} }}
.quiet {{ color: var(--quiet); font-size: var(--small); }}
.headline {{ font-size: var(--headline); line-height: 1.35; font-weight: 500; max-width: 62ch;
  margin: 0 0 10px; }}
.problem, .good, .note {{ padding: 10px 14px; border-radius: var(--round-s); border-left: 4px solid;
  margin-bottom: 8px; white-space: pre-line; overflow-wrap: anywhere; }}
.problem {{ border-color: var(--problem); background: var(--problem-ground); }}
.good {{ border-color: var(--good); background: var(--good-ground); }}
.note {{ border-color: var(--accent); background: var(--note-ground); }}
.field-problem {{ color: var(--problem); font-size: var(--small); }}
table {{ border-collapse: collapse; width: 100%; font-size: var(--small); }}
th {{ text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 2px solid var(--line);
  padding: 6px 10px 6px 0; vertical-align: bottom; }}
td {{ border-bottom: 1px solid var(--line); padding: 7px 10px 7px 0; vertical-align: top;
  overflow-wrap: anywhere; }}
.scroll {{ max-height: 420px; overflow: auto; margin-bottom: 8px; }}
.card {{ display: block; border: 1px solid var(--line); border-radius: var(--round);
  padding: 18px 20px; background: var(--sheet); text-decoration: none; color: inherit; }}
a.card:hover, a.card:focus {{ border-color: var(--accent); box-shadow: 0 1px 6px var(--shadow); }}
a.button {{ display: inline-block; border: 1px solid var(--accent); border-radius: var(--round-s);
  padding: 6px 14px; text-decoration: none; font-weight: 500; }}
.two {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 12px 32px; }}
.word {{ display: inline-block; min-width: 9em; font-weight: 600; }}
.met {{ color: var(--good); }} .missed {{ color: var(--problem); }} .open {{ color: var(--open); }}
pre {{ background: var(--inset); border-radius: var(--round-s); padding: 10px 12px; font-size: 13px;
  margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 300px; overflow: auto; }}
summary {{ cursor: pointer; font-weight: 500; padding: 4px 0; }}
progress {{ width: 100%; height: 10px; appearance: none; border: 0; border-radius: 5px;
  overflow: hidden; background: var(--line); }}
progress::-webkit-progress-bar {{ background: var(--line); }}
progress::-webkit-progress-value {{ background: var(--accent); }}
progress::-moz-progress-bar {{ background: var(--accent); }}
progress:not([value]) {{ background: linear-gradient(90deg, var(--line) 40%, var(--accent) 50%, var(--line) 60%)
  0 / 300% 100%; animation: at-work 2.4s linear infinite; }}
progress:not([value])::-webkit-progress-bar {{ background: none; }}
@keyframes at-work {{ from {{ background-position: 100% 0; }} to {{ background-position: 0 0; }} }}
@media (prefers-reduced-motion: reduce) {{ progress:not([value]) {{ animation: none; }} }}
td.tier {{ white-space: nowrap; }}
table.lines {{ width: auto; border: 1px solid var(--line); font-size: var(--small); }}
table.lines th, table.lines td {{ border-bottom: 1px solid var(--line); padding: 3px 10px; font-weight: 400;
  max-width: 16em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
table.lines th, table.lines td:nth-child(2) {{ color: var(--quiet); background: var(--inset); text-align: right; }}
table.lines tr.header td {{ font-weight: 600; background: var(--note-ground); }}
table.lines tr.units td {{ font-style: italic; background: var(--note-ground); }}
table.lines tr.above td, table.lines tr.below td {{ color: var(--quiet); text-decoration: line-through; }}
table.lines tr td:nth-child(2) {{ text-decoration: none !important; }}
table.lines tr.gap td {{ text-align: center; }}
ul {{ margin: 0 0 8px; padding-left: 20px; }}
.cases {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 14px; }}
.case {{ border: 1px solid var(--line); border-left: 4px solid var(--picture-differ);
  border-radius: var(--round-s); padding: 12px 14px; break-inside: avoid; overflow-wrap: anywhere; }}
.case h3 {{ margin: 0 0 2px; }}
.case .words {{ margin: 0 0 6px; }}
.given {{ display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 6px 0 0; font-size: var(--small); }}
.given dt {{ color: var(--quiet); }}
.given dd {{ margin: 0; }}
.given .whole {{ grid-column: 1 / -1; }}
@media print {{ .scroll, pre {{ max-height: none; overflow: visible; }} a.button {{ display: none; }}
  tr, .card, .problem, .good {{ break-inside: avoid; }} h2, h3 {{ break-after: avoid; }} }}
"""

# An author's picture would be fetched from wherever it names.
_AUTHOR = MarkdownIt("commonmark", {"html": False}).disable("image")


def author_text(text: str) -> str:
    """Return an author's Markdown as HTML; tags in it are shown, not obeyed."""
    return str(_AUTHOR.render(text))


def text(said: str) -> str:
    """Return what is said, escaped, a number and its unit held together."""
    return escape(unbroken(said))


def paragraph(said: str, style: str = "") -> str:
    """Return one escaped paragraph."""
    return f'<p class="{style}">{text(said)}</p>' if style else f"<p>{text(said)}</p>"


def problem(sentence: str) -> str:
    """Return a sentence about something that went wrong, announced to screen readers."""
    return f'<div class="problem" role="alert">{text(sentence)}</div>'


def field_problem(sentence: str) -> str:
    """Return what is wrong with a field, small, beside it; nothing where nothing is."""
    if not sentence:
        return ""
    return f'<div class="field-problem" role="alert">{text(sentence)}</div>'


def note(sentence: str) -> str:
    """Return a sentence about what is neither good nor wrong."""
    return f'<div class="note" role="status">{text(sentence)}</div>'


def good(sentence: str) -> str:
    """Return a sentence about something that was done."""
    return f'<div class="good" role="status">{text(sentence)}</div>'


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an escaped table."""
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in headers)
    body = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def bullets(sentences: Iterable[str]) -> str:
    """Return an escaped list; nothing where there are no sentences."""
    items = "".join(f"<li>{text(sentence)}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else ""


def printed(lines: str, label: str) -> str:
    """Return what a program printed; of what is longer than its box, the end is in view."""
    box = "display:flex;flex-direction:column-reverse;max-height:300px;overflow:auto"
    # One that shrinks to its box would scroll by itself, from its beginning.
    inside = f'<pre style="max-height:none;flex:none">{escape(lines)}</pre>'
    return f'<div style="{box}" tabindex="0" role="log" aria-label="{escape(label)}">{inside}</div>'


def folded(title: str, inside: str, *, is_open: bool = False) -> str:
    """Return HTML behind a line that unfolds it; `inside` is HTML already."""
    return (
        f"<details{' open' if is_open else ''}><summary>{escape(title)}</summary>{inside}</details>"
    )


def link(url: str, said: str, style: str = "") -> str:
    """Return a link; an address that is neither http(s) nor of this app becomes plain text."""
    if not url.startswith(("https://", "http://", "/")):
        return text(said)
    return f'<a class="{style}" href="{escape(url)}">{text(said)}</a>'
