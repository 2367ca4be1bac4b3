"""How a file is to be read, how it was, and what of that is in doubt: values alone, for the page and the reader.

Nothing that is in doubt is taken silently: each doubt refuses the table until a person has said
that she looked, or has chosen otherwise.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Doubtful = Literal[
    "sheet",
    "letters",
    "separators",
    "quotation marks",
    "header",
    "two-line header",
    "second table",
    "merged cells",
    "formulas",
    "decimal sign",
]
DOUBTFUL: tuple[Doubtful, ...] = get_args(Doubtful)
Role = Literal["above", "header", "units", "case", "below"]
DecimalSign = Literal[".", ","]

DELIMITERS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    " ": "spaces",
}
"""What may separate cells, in words; spaces by a person's choice alone, for they stand in names as well."""


class ReadAs(BaseModel):
    """Choices about the reading of one file; what is None is recognised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sheet: str | None = None
    """The sheet of a workbook."""
    encoding: str | None = None
    """How a text's letters are written, as Python names it."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What separates a text's cells, one of `DELIMITERS`."""
    decimal: DecimalSign | None = None
    """The sign before a text's decimals; the other one may then separate thousands."""
    header: int | None = Field(default=None, ge=0)
    """The header's line; 0 if there is none."""
    units: int | None = Field(default=None, ge=0)
    """The line of a row of units; 0 if there is none."""
    last: int | None = Field(default=None, ge=1)
    """The table's last line."""
    sure: tuple[Doubtful, ...] = ()
    """What was in doubt and she found right."""

    def __bool__(self) -> bool:
        """Say whether anything was chosen."""
        return self != ReadAs()

    @property
    def habits(self) -> "ReadAs":
        """The part that may serve another file from the same place."""
        return self.model_copy(update={"header": None, "units": None, "last": None, "sure": ()})


RECOGNISED = ReadAs()
"""Nothing is chosen."""


class Doubt(BaseModel):
    """What may have been read wrongly; the table is refused until a person decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: Doubtful
    sentence: str
    """What was seen, what was made of it, and what to do if that is wrong."""


class Line(BaseModel):
    """One line of the file, as it was understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    role: Role
    cells: tuple[str, ...]
    """Its first cells, each cut short."""


class Seen(BaseModel):
    """What the reader saw of a file; also of one that it refused, where it came so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """What the file is, such as `a text table`."""
    read_as: ReadAs
    """Every choice as it was in force; None where there is nothing to choose."""
    sheets: tuple[str, ...] = ()
    """The sheets with something in them."""
    doubts: tuple[Doubt, ...] = ()
    """What nobody has decided yet."""
    lines: tuple[Line, ...] = ()
    """The lines around the table's beginning and its end."""
