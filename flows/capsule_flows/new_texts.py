"""The texts that only an author can say: where a declaration asks for them, and the same with them said. Pure."""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capsule_kit.blanks import BLANK

ANSWER = "answer"
WIDTH = 100
"""A line of the declaration is no longer than this, but where a word is."""
INFERRED = re.compile(rb"inferred=True,?[ \t]?")
MARKED = re.compile(re.escape(BLANK) + r": (.*?)\]\]", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A text that is still to be written."""

    of: str
    """The column or setting that it is of, or "answer"; empty where it is of the whole."""
    what: str
    """What is to be written, as the draft asks it."""


@dataclass(frozen=True)
class _Mark:
    """Where such a text stands."""

    text: Text
    start: int
    end: int
    """Places in the source, the end not included."""
    quote: str
    """The quotation mark around it."""


def texts_in(source: str) -> list[Text]:
    """Return what is still to be written in a declaration, in its order.

    Raises:
        SyntaxError: it is no Python.
    """
    return [one.text for one in _marks(source)]


def with_texts(source: str, said: Sequence[str]) -> str:
    """Return the declaration with what was said in place of the marked texts, in their order.

    An empty text leaves its mark as it is.

    Raises:
        SyntaxError: it is no Python.
        ValueError: there are more or fewer marked texts.
    """
    parts, at = [], 0
    for mark, text in zip(_marks(source), said, strict=True):
        told = " ".join(text.split())
        if not told:
            continue
        line = source[source.rfind("\n", 0, mark.start) + 1 : mark.start]
        around = source[mark.start - 1 : mark.start] + source[mark.end : mark.end + 1]
        if len(line) + len(told) < WIDTH or around != mark.quote * 2:
            parts += [source[at : mark.start], _quoted(told, mark.quote)]
            at = mark.end
        else:
            parts += [source[at : mark.start - 1], _wrapped(told, mark.quote, line)]
            at = mark.end + 1
    return "".join([*parts, source[at:]])


def inferred_in(source: str) -> int:
    """Return how many columns have bounds that were only seen in data.

    Raises:
        SyntaxError: it is no Python.
    """
    return len(_inferred(source))


def with_bounds_confirmed(source: str) -> str:
    """Return the declaration with the author standing for every bound that was only seen in data.

    Raises:
        SyntaxError: it is no Python.
    """
    lines = source.splitlines(keepends=True)
    for word in reversed(_inferred(source)):
        line = lines[word.lineno - 1].encode()
        before, after = line[: word.col_offset], line[word.col_offset :]
        rest = before + INFERRED.sub(b"", after, count=1)
        lines[word.lineno - 1] = rest.decode() if rest.strip() else ""
    return "".join(lines)


def _inferred(source: str) -> list[ast.keyword]:
    said = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.keyword)]
    found = [one for one in said if one.arg == "inferred" and ast.unparse(one.value) == "True"]
    return sorted(found, key=lambda one: (one.lineno, one.col_offset))


def _quoted(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")


def _wrapped(text: str, quote: str, line: str) -> str:
    """Return a text over several lines, as the formatter has it within a call."""
    indent = line[: len(line) - len(line.lstrip())]
    pieces = textwrap.wrap(text, WIDTH - len(indent) - 8, break_on_hyphens=False)
    told = [f"{one} " for one in pieces[:-1]] + pieces[-1:]
    inside = "".join(f"{indent}    {quote}{_quoted(one, quote)}{quote}\n" for one in told)
    return f"(\n{inside}{indent})"


def _marks(source: str) -> list[_Mark]:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        # Python counts a line's bytes.
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    marks = []
    for node, of in _texts(ast.parse(source)):
        start = place(node.lineno, node.col_offset)
        end = place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        opened = re.search(r"['\"]", source[start:end])
        marks += [
            _Mark(Text(of, found[1]), found.start(), found.end(), opened[0] if opened else '"')
            for found in MARKED.finditer(source, start, end)
        ]
    return sorted(marks, key=lambda one: one.start)


def _texts(tree: ast.AST, of: str = "") -> Iterator[tuple[ast.Constant, str]]:
    """Yield each text of a program, with the field of a class that it is of, or "answer"."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, of
        inside = of
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            inside = node.target.id
        elif isinstance(node, ast.keyword) and node.arg == ANSWER:
            inside = ANSWER
        yield from _texts(node, inside)
