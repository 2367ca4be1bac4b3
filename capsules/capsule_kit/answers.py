"""The answer column: what an expert knows to be true of a case, and when a prediction agrees with it."""

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

    def as_column(self) -> Column:
        """Return the answer as a column that may be blank: a case without an answer is not judged."""
        return Column(
            name=self.column,
            synonyms=self.synonyms,
            words=self.words,
            kind="choice",
            choices=self.classes,
            required=False,
            meaning=self.meaning,
            example=self.positive or self.classes[0],
            says=self.says,
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
    """How far a prediction may be from the answer and still be right, in `unit`."""
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

    def as_column(self) -> Column:
        """Return the answer as a column that may be blank: a case without an answer is not judged."""
        return Column(
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
        )


Answer = Annotated[ClassAnswer | NumberAnswer, Field(discriminator="kind")]
