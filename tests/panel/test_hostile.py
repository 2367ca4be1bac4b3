"""Whatever text is shown, the page around it stays as it is, and the text can be read as it was written."""

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from prefect.client.schemas.objects import Artifact

import capsule_panel
from capsule_flows.findings import Finding
from capsule_flows.following import RunView
from capsule_panel import artifacts, going, markup
from capsule_panel.findings_view import findings_html
from capsule_panel.header import navigation
from capsule_panel.tables import cases_frame
from checks.contracts import CONTRACT
from hostile import CLASSES, HOSTILE, UNSTORABLE

PLAIN = "plain"
RENDERERS: dict[str, Callable[[str], str]] = {
    "paragraph": markup.paragraph,
    "problem": markup.problem,
    "good": markup.good,
    "header of a table": lambda text: markup.table([text], [["x"]]),
    "cell of a table": lambda text: markup.table(["x"], [[text]]),
    "list": lambda text: markup.bullets([text]),
    "finding": lambda text: findings_html([_finding(text)], CONTRACT),
    "fold": lambda text: markup.folded(text, "<p>x</p>"),
    "link's text": lambda text: markup.link("/", text),
    "person's name": lambda text: navigation("/", text),
    "log": lambda text: going.log(run_saying(text)),
    "state": lambda text: going.live(run_saying(text), None),
    "artifact": lambda text: artifacts.shown(artifact("table", [{text: text}])),
    "artifact's text": lambda text: artifacts.shown(artifact("odd", text)),
}


def run_saying(text: str) -> RunView:
    url = "http://localhost/run"
    return RunView(uuid4(), "RUNNING", text, text, False, 0.5, None, [text], url)


def artifact(kind: str, data: object) -> Artifact:
    return Artifact(id=uuid4(), type=kind, data=data, created=datetime.now(UTC), key="k")


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", RENDERERS)
def test_the_page_around_a_text_stays_as_it_is(name: str) -> None:
    render = RENDERERS[name]
    usual = Skeleton(render(PLAIN)).tags
    for text in (*HOSTILE, *UNSTORABLE):
        shown = Skeleton(render(text))
        assert shown.tags == usual, text[:80]
        assert _as_read(text) in _as_read(shown.text), text[:80]


def _as_read(text: str) -> str:
    # A parser of HTML takes every line's end for one and the same.
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("kind", CLASSES)
def test_an_authors_page_text_brings_no_element_that_acts(kind: str) -> None:
    formatting = {"p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "hr", "br"}
    formatting |= {"blockquote", "h1", "h2", "h3"}
    for text in CLASSES[kind]:
        made = Skeleton(markup.author_text(text))
        assert {tag for tag, _ in made.tags} <= formatting, text[:80]
        assert {name for _, names in made.tags for name in names} <= {"href", "class"}, text[:80]
        assert not any(
            one.strip().lower().startswith(("javascript", "data")) for one in made.addresses
        )


def test_an_address_is_a_link_only_where_it_leads_to_a_page() -> None:
    for text in HOSTILE:
        for tag, _ in Skeleton(markup.link(text, PLAIN)).tags:
            assert tag == "a"
            assert text.startswith(("https://", "http://", "/"))


def test_cells_of_the_long_tables_are_the_text_itself() -> None:
    """Tabulator shows cells as text, so nothing is escaped on the way, and nothing is lost."""
    texts = list(HOSTILE)
    judged = pd.DataFrame({"case_id": texts, "case": texts, "answer": texts, "prediction": texts})
    judged = judged.assign(score=0.5, right=True)
    shown = cases_frame(judged, {text: text for text in texts})
    for column in ("case", "answer", "prediction", "word"):
        assert shown[column].tolist() == texts


def _finding(text: str) -> Finding:
    return Finding(
        row=2,
        rows=(2,),
        count=1,
        column=text,
        found=text,
        mistake="kind",
        sentence=text,
        severity="refuse",
        technical=text,
    )


OBEYING = {("pane", name) for name in ("Str", "Markdown", "Alert", "HTML", "DataFrame", "JSON")} | {
    ("widgets", name) for name in ("StaticText", "Tabulator")
}
OBEYING |= {
    ("pmui", name) for name in ("Typography", "Alert", "Card", "Accordion", "Tabs", "Details")
}
MEANT = {("pane", "HTML"), ("widgets", "Tabulator")}
"""What takes HTML and is used nevertheless: all HTML is made in markup.py; every Tabulator's titles are escaped."""


def test_no_part_that_obeys_text_is_used_but_two() -> None:
    used = {used for tree in _sources() for used in _attributes(tree)}
    assert used & OBEYING <= MEANT


def test_every_header_of_a_tabulator_is_escaped() -> None:
    """A header is drawn as HTML, and the columns' names may be those of a person's file."""
    for tree in _sources():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("widgets.Tabulator"):
                titles = [one.value for one in call.keywords if one.arg == "titles"]
                assert titles, ast.unparse(call)[:200]
                assert "escape(" in ast.unparse(titles[0]), ast.unparse(titles[0])


def _sources() -> Iterator[ast.Module]:
    for file in Path(capsule_panel.__file__).parent.rglob("*.py"):
        yield ast.parse(file.read_text())


def _attributes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node.value).rpartition(".")[2], node.attr
