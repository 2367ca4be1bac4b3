"""A capsule whose model imports nothing and takes no time, unless it is asked to."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, NumberAnswer, Page, column


class Row(BaseModel):
    """One number."""

    size: float = column(unit="dimensionless", meaning="Any number.", example=1.0)


class Settings(BaseModel):
    """What the model is to do before it answers."""

    model_config = ConfigDict(extra="forbid")

    deed: Literal["answer", "sleep", "hang"] = column(
        default="answer",
        example="answer",
        meaning="Answer at once; sleep for a minute; be at work in C, where no signal is heard.",
    )


capsule = Capsule(
    name="tiny",
    title="What is twice this number?",
    row=Row,
    answer=NumberAnswer(
        column="double",
        unit="dimensionless",
        tolerance=0.1,
        meaning="Twice the number.",
        example=2.0,
    ),
    settings=Settings,
    model="tiny.model",
    page=Page(does="Doubles a number.", needs="Numbers.", limits="None."),
)
flow = capsule.flow()
