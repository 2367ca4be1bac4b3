"""The answer: what an expert knows to be true of a case, and what a prediction is beside it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from capsule_kit.columns import Column, Mistake


class ClassAnswer(BaseModel):
    """The answer is one of a few named classes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["class"] = "class"
    column: str
    """The answer column's header."""
    classes: tuple[str, ...] = Field(min_length=2)
    """Every class the model may name."""
    positive: str | None = None
    """The class that the model looks for; with it the predictions carry a score in [0, 1]."""
    meaning: str
    """What the answer is and how it was established, in the expert's words."""
    says: Mapping[Mistake, str] = Field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    """Other names that the column goes by in people's files."""
    words: Mapping[str, str] = Field(default_factory=dict)
    """What people write for a class → the class meant, such as "M" → "malignant"."""

    def as_columns(self) -> tuple[Column, ...]:
        """Return the answer's column; it may be blank: a case without an answer is not judged."""
        return (
            Column(
                name=self.column,
                synonyms=self.synonyms,
                words=self.words,
                kind="choice",
                choices=self.classes,
                required=False,
                meaning=self.meaning,
                example=self.positive or self.classes[0],
                says=self.says,
            ),
        )


class NumberAnswer(BaseModel):
    """The answer is a number, right within a tolerance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["number"] = "number"
    column: str
    """The answer column's header."""
    unit: str
    """The unit of answers and predictions; "dimensionless" is said."""
    tolerance: float = Field(gt=0)
    """How far a prediction may be from the answer and still be right."""
    tolerance_kind: Literal["absolute", "relative", "fold"] = "absolute"
    """"absolute": in `unit`. "relative": a share of the answer, 0.1 for 10 %. "fold": a factor above 1,
    2 for from half of the answer to twice it."""
    at_least: float | None = None
    at_most: float | None = None
    meaning: str
    """What the answer is and how it was established, in the expert's words."""
    example: float
    says: Mapping[Mistake, str] = Field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    """Other names that the column goes by in people's files."""
    molar_mass: float | None = Field(None, gt=0)
    """Of the substance measured, in g/mol; lets mg/dL be turned into mmol/L."""

    def as_columns(self) -> tuple[Column, ...]:
        """Return the answer's column; it may be blank: a case without an answer is not judged."""
        return (
            Column(
                name=self.column,
                synonyms=self.synonyms,
                molar_mass=self.molar_mass,
                kind="number",
                unit=self.unit,
                at_least=self.at_least,
                at_most=self.at_most,
                required=False,
                meaning=self.meaning,
                example=f"{self.example:g}",
                says=self.says,
            ),
        )


class TimeAnswer(BaseModel):
    """The answer is a time until something happened, or until it was last known not to have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["time"] = "time"
    column: str
    """The header of the column with the time."""
    unit: str
    """The unit of the times, and of predicted ones."""
    event: str | None = None
    """The header of a yes/no column that says whether it happened; without one, a + behind the time
    says that it had not: 28+."""
    event_meaning: str = "Whether it happened; no where the case was only followed so long."
    predicts: Literal["risk", "time"] = "risk"
    """"risk": the higher a prediction, the sooner. "time": the prediction is a time in `unit`."""
    meaning: str
    """What happens, and from when it is counted, in the expert's words."""
    example: float = Field(ge=0)
    says: Mapping[Mistake, str] = Field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    event_synonyms: tuple[str, ...] = ()

    def as_columns(self) -> tuple[Column, ...]:
        """Return the time's column, and the event's where there is one; both may be blank."""
        time = Column(
            name=self.column,
            synonyms=self.synonyms,
            kind="number" if self.event else "time",
            unit=self.unit,
            at_least=0 if self.event else None,
            required=False,
            meaning=self.meaning,
            example=f"{self.example:g}",
            says=self.says,
        )
        if self.event is None:
            return (time,)
        event = Column(
            name=self.event,
            synonyms=self.event_synonyms,
            kind="yes/no",
            required=False,
            meaning=self.event_meaning,
            example="yes",
        )
        return time, event


class RankAnswer(BaseModel):
    """The answer is a place in an order, 1 for the first; only the order counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["rank"] = "rank"
    column: str
    """The answer column's header."""
    predicts: Literal["rank", "score"] = "rank"
    """"rank": a smaller prediction comes first. "score": a larger one does."""
    meaning: str
    """What is put in an order and by what, in the expert's words."""
    example: float = 1
    says: Mapping[Mistake, str] = Field(default_factory=dict)
    synonyms: tuple[str, ...] = ()

    def as_columns(self) -> tuple[Column, ...]:
        """Return the answer's column; it may be blank: a case without an answer is not judged."""
        return (
            Column(
                name=self.column,
                synonyms=self.synonyms,
                kind="number",
                unit="dimensionless",
                required=False,
                meaning=self.meaning,
                example=f"{self.example:g}",
                says=self.says,
            ),
        )


class NoAnswer(BaseModel):
    """Nobody knows the answer beforehand: what the expert says of each output is the only evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["none"] = "none"
    output: Literal["text", "number"] = "text"
    """What the model gives for a case."""
    unit: str = "dimensionless"
    """The unit of a number."""
    meaning: str
    """What the output is, and what makes it right, in the expert's words."""

    def as_columns(self) -> tuple[Column, ...]:
        """Return no column."""
        return ()


Answer = Annotated[
    ClassAnswer | NumberAnswer | TimeAnswer | RankAnswer | NoAnswer, Field(discriminator="kind")
]
