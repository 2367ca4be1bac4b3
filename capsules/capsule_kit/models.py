"""What an author's model is: a module of the capsule's Python, of another Python, or any command. Pure.

docs/protocol.md says what a started model is asked.
"""

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from capsule_kit.errors import DeclarationError

MODULE = re.compile(r"\w+(\.\w+)+")


class OtherPython(BaseModel):
    """A module with `load()` and `predict(cases, settings)`, run by a Python with packages of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["python"] = "python"
    python: str
    """Where its interpreter is in the image, 3.8 or newer: "/opt/model/bin/python"."""
    module: str
    """The module's path, inside the capsule's package."""

    def __init__(self, python: str, module: str, **more: Literal["python"]) -> None:
        super().__init__(python=python, module=module, **more)


class Command(BaseModel):
    """Any program that speaks the protocol, started in the folder of the capsule's package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["command"] = "command"
    words: tuple[str, ...] = ()
    """The program and its arguments, each a word by itself; no shell reads them."""
    package: str = ""
    """The capsule's package, in whose folder it is started; the declaration fills it in."""

    def __init__(self, *words: str, **more: object) -> None:
        super().__init__(**({"words": words, **more} if words else more))


NotOurPython = Annotated[OtherPython | Command, Field(discriminator="kind")]
Model = str | NotOurPython
"""A module's path, or one of the two that need not be Python of the capsule's own."""


def checked_model(model: Model, capsule: str) -> Model:
    """Return the model as the manifest keeps it.

    Raises:
        DeclarationError: nothing can be started by it.
    """
    place = f"{capsule}: model={model!r}"
    if isinstance(model, Command):
        if not model.words or not all(model.words):
            raise DeclarationError(place, "a word of the command is empty", "Leave it out")
        if " " in model.words[0]:
            mend = f"Write Command({', '.join(map(repr, model.words[0].split()))})"
            raise DeclarationError(place, "the program and its arguments are one word", mend)
        return model.model_copy(update={"package": capsule})
    module = model.module if isinstance(model, OtherPython) else model
    if not isinstance(module, str) or not MODULE.fullmatch(module):
        raise DeclarationError(
            place,
            "this is not the path of a module inside a package",
            f'Write model="{capsule}.model", or Command("Rscript", "predict.R")',
        )
    if isinstance(model, OtherPython) and not PurePosixPath(model.python).is_absolute():
        raise DeclarationError(
            place,
            f"{model.python!r} is not the whole path of an interpreter",
            'Say where it is in the image: OtherPython("/opt/model/bin/python", …)',
        )
    return model


def package_of(model: Model) -> str:
    """Return the package that holds the author's code and the trained files; "" where there is none."""
    if isinstance(model, Command):
        return model.package
    return (model.module if isinstance(model, OtherPython) else model).rpartition(".")[0]


def as_text(model: Model) -> str:
    """Return the model as one environment variable can hold it."""
    return model if isinstance(model, str) else model.model_dump_json()


def of_text(text: str) -> Model:
    """Return the model that `as_text` wrote."""
    if not text.startswith("{"):
        return text
    found: OtherPython | Command = TypeAdapter(NotOurPython).validate_json(text)
    return found
