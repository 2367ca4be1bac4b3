"""What the faulty capsule asks for: two columns, and on the form the harm that it is to do."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, ClassAnswer, Page, column

Deed = Literal[
    "none",
    "raise",
    "exit",
    "segfault",
    "sleep in C",
    "sleep in C holding the lock",
    "block signals",
    "spin in C",
    "memory",
    "fork bomb",
    "full disk",
    "many files",
    "endless logs",
    "endless progress",
    "rubbish replies",
    "forged reply",
    "half a reply",
    "odd files",
    "endless file",
    "growing file",
    "deep folders",
    "odd words",
    "gigantic line",
    "predictions as a link",
    "predictions as a pipe",
    "billion rows",
    "gigantic string",
    "nested predictions",
    "few predictions",
    "escape",
]
"""All that the model can be asked to do."""


class Row(BaseModel):
    """One case."""

    specimen: str = column(identifier=True, meaning="Its number.", example="A-1")
    size: float = column(unit="mm", meaning="Its size.", example=3.5)


class Settings(BaseModel):
    """What the model is to do."""

    model_config = ConfigDict(extra="forbid")

    deed: Deed = column(default="none", meaning="The harm to be done.", example="none")
    predicting: float = column(
        default=0, unit="s", at_least=0, meaning="How long it predicts.", example=1
    )
    writing: float = column(
        default=0, unit="s", at_least=0, meaning="How long it writes.", example=1
    )
    facts: str = column(
        default="{}", meaning="What an attacker may know of the host, as JSON.", example="{}"
    )


capsule = Capsule(
    name="faulty",
    title="Is it large?",
    row=Row,
    answer=ClassAnswer(column="large", classes=("no", "yes"), meaning="Whether it is large."),
    settings=Settings,
    model="faulty.model",
    page=Page(does="Does harm.", needs="A size.", limits="Knows none."),
)

flow = capsule.flow()
