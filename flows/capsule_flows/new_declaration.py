"""The declaration of a drafted capsule, as its author would have begun it. Pure: a draft in, Python out."""

import datetime
import json
from collections.abc import Sequence
from textwrap import indent
from typing import Any

from capsule_flows.new_draft import MEANING, UNIT, Draft, DraftAnswer, DraftColumn, DraftSetting
from capsule_kit.blanks import blank

TITLE = blank("the question it answers, in the expert's words")
ROW = blank("what one row is")
ANSWER = blank("what the answer is and how it was established")
DOES = blank("what the model does, for whom, in one or two sentences")
NEEDS = blank("what the expert must bring")
LIMITS = blank("where it is known not to work")
NAMES = {"float": "float", "int": "int", "str": "str", "bool": "bool", "date": "datetime.date"}
"""A draft's kinds as Python has them; a choice has a type of its own."""


def declaration(name: str, draft: Draft, model: str, registered: str = "") -> str:
    """Return the text of `declaration.py`.

    Args:
        name: The capsule's name.
        draft: What is known of it.
        model: The model as Python writes it, such as `OtherPython("/opt/model/bin/python", "n.model")`.
        registered: The version in a registry that it is of.
    """
    answer = _answer(draft.answer)
    body = [*_choices(draft.columns), _row(draft.columns), _settings(draft.settings)]
    arguments = [
        f"name={literal(name)}",
        f"title={literal(TITLE)}",
        "row=Row",
        f"answer={answer}",
        "settings=Settings",
        f"model={model}",
        *([f"registered={literal(registered)}"] if registered else []),
        "page="
        + call(
            "Page",
            f"does={literal(DOES)}",
            f"needs={literal(NEEDS)}",
            f"limits={literal(LIMITS)}",
        ),
    ]
    body.append(f"capsule = {call('Capsule', *arguments)}\n\nflow = capsule.flow()")
    head = '"""What the capsule asks, needs and promises. Imports nothing of the model."""'
    # As the formatter has it: two lines before a class, one before anything else.
    apart = "\n\n\n" if body[0].startswith("class") else "\n\n"
    return f"{head}\n\n{_imports(''.join(body))}{apart}" + "\n\n\n".join(body) + "\n"


def literal(value: Any) -> str:
    """Return a value as Python writes it, texts as the formatter likes them."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        if value.count('"') <= value.count("'"):
            return quoted
        inner = quoted[1:-1].replace('\\"', '"').replace("'", "\\'")
        return f"'{inner}'"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def call(name: str, *arguments: str) -> str:
    """Return a call with each argument in lines of its own."""
    return f"{name}({_lines(arguments)})"


def _lines(parts: Sequence[str]) -> str:
    return "\n" + "".join(f"{indent(one, '    ')},\n" for one in parts)


def _imports(body: str) -> str:
    """Return the import lines for what the body names."""
    kit = [
        name
        for name in (
            "Capsule",
            "ClassAnswer",
            "Command",
            "NumberAnswer",
            "OtherPython",
            "Page",
            "column",
        )
        if f"{name}(" in body
    ]
    pydantic = ["BaseModel", "ConfigDict", *(["Field"] if " Field(" in body else [])]
    lines = [
        *(["import datetime"] if "datetime." in body else []),
        *(["from typing import Literal"] if "Literal[" in body else []),
    ]
    own = f"from pydantic import {', '.join(pydantic)}\n\nfrom capsule_kit import {', '.join(kit)}"
    return "\n".join([*lines, *([""] if lines else []), own])


def _choices(columns: Sequence[DraftColumn]) -> list[str]:
    return [
        f"{_choice_type(one)} = Literal[{_lines([literal(word) for word in one.choices])}]"
        for one in columns
        if one.kind == "choice"
    ]


def _choice_type(one: DraftColumn) -> str:
    return "".join(part.capitalize() for part in one.name.split("_")) + "Choice"


def _row(columns: Sequence[DraftColumn]) -> str:
    fields = [f"{one.name}: {_annotation(one)} = {_column(one)}" for one in columns]
    return f'class Row(BaseModel):\n    """One case: {ROW}."""\n\n' + indent(
        "\n".join(fields), "    "
    )


def _annotation(one: DraftColumn) -> str:
    name = _choice_type(one) if one.kind == "choice" else NAMES[one.kind]
    return name if one.required else f"{name} | None"


def _column(one: DraftColumn) -> str:
    number = one.kind in ("float", "int")
    bounds = [
        f"{name}={literal(value)}"
        for name, value in (("at_least", one.low), ("at_most", one.high))
        if value is not None
    ]
    example = one.example if one.example is not None else _any_example(one)
    return call(
        "column",
        *(["identifier=True"] if one.identifier else []),
        *([f"unit={literal(UNIT)}"] if number else []),
        *([*bounds, "inferred=True"] if bounds else []),
        f"meaning={literal(MEANING)}",
        f"example={literal(str(example) if one.kind == 'date' else example)}",
        *([f"synonyms={literal((one.header,))}"] if one.header != one.name else []),
    )


def _any_example(one: DraftColumn) -> Any:
    words = {
        "str": "text",
        "date": datetime.date(2031, 12, 24),
        "bool": True,
        "int": 1,
        "float": 1.0,
    }
    return one.choices[0] if one.choices else words[one.kind]


def _settings(settings: Sequence[DraftSetting]) -> str:
    head = 'class Settings(BaseModel):\n    """What may be changed on the form."""\n\n'
    fields = (
        ['model_config = ConfigDict(extra="forbid")\n']
        if settings
        else ['model_config = ConfigDict(extra="forbid")']
    )
    return head + indent("\n".join([*fields, *map(_setting, settings)]), "    ")


def _setting(one: DraftSetting) -> str:
    kind = NAMES[one.kind]
    if one.many or one.default is None or one.kind == "date":
        default = tuple(one.default or ()) if one.many else one.default
        annotation = f"tuple[{kind}, ...]" if one.many else f"{kind} | None"
        return f"{one.name}: {annotation} = " + call(
            "Field", literal(default), f"description={literal(MEANING)}"
        )
    number = one.kind in ("float", "int")
    return f"{one.name}: {kind} = " + call(
        "column",
        f"default={literal(one.default)}",
        *([f"unit={literal(UNIT)}"] if number else []),
        f"meaning={literal(MEANING)}",
        f"example={literal(one.default)}",
    )


def _answer(answer: DraftAnswer) -> str:
    if answer.kind == "number":
        return call(
            "NumberAnswer",
            f"column={literal(answer.column)}",
            f"unit={literal(UNIT)}",
            f"tolerance={literal(answer.tolerance or 1.0)}",
            f"meaning={literal(ANSWER)}",
            f"example={literal(answer.example)}",
        )
    unknown = (blank("the first class"), blank("the second class"))
    classes = _lines([literal(one) for one in answer.classes or unknown])
    positive = positive_class(answer)
    return call(
        "ClassAnswer",
        f"column={literal(answer.column)}",
        f"classes=({classes})",
        *([f"positive={literal(positive)}"] if positive else []),
        f"meaning={literal(ANSWER)}",
    )


def positive_class(answer: DraftAnswer) -> str | None:
    """Return the class whose probability the score is taken to be; None where nobody can tell."""
    return answer.classes[-1] if answer.score and len(answer.classes) == 2 else None
