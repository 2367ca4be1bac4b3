"""Every kind of setting that pydantic knows, through Prefect's own schema, becomes a field that gives it back."""

import datetime
import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.validation import validate
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from capsule_flows.masking import MASK, masked
from capsule_kit import Capsule, ClassAnswer, Page, column
from capsule_kit.errors import DeclarationError
from capsule_kit.manifest import settings_schema
from capsule_kit.secret_settings import for_the_model
from capsule_panel.durations import duration_shown, read_duration
from capsule_panel.form import FormField, plan
from capsule_panel.form_groups import FormView
from capsule_panel.form_values import Problem, parse, typed_as
from capsule_panel.form_words import hint


class Row(BaseModel):
    x: float = column(unit="mm", meaning="a length", example=1)


class Stain(enum.Enum):
    HE = "H&E"
    PAP = "Pap"


class Inner(BaseModel):
    depth: int = Field(3, ge=1, lt=10, multiple_of=3, description="How deep.")
    token: SecretStr = SecretStr("s3")


class Outer(BaseModel):
    inner: Inner = Inner()
    note: str = ""


class Tree(BaseModel):
    kind: Literal["tree"] = "tree"
    leaves: int = 4


class Line(BaseModel):
    kind: Literal["line"] = "line"
    slope: float = 0.5


class Loop(BaseModel):
    again: "Loop | None" = None


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rate: float = Field(2.5e-9, gt=0, lt=1)
    trees: int = Field(300, multiple_of=100)
    price: Decimal = Decimal("0.1")
    fast: bool = True
    maybe: bool | None = None
    stain: Stain = Stain.HE
    level: Literal[1, 2, 3] = 2
    either: float | Literal["auto"] = "auto"
    code: str = Field("AB-1", pattern=r"^[A-Z]{2}-[0-9]$", min_length=4, max_length=4)
    day: datetime.date = datetime.date(2026, 3, 31)
    clock: datetime.time = datetime.time(14, 30, tzinfo=datetime.UTC)
    at: datetime.datetime = datetime.datetime(2026, 3, 31, 14, 30, tzinfo=datetime.UTC)
    rest: datetime.timedelta = datetime.timedelta(minutes=90)
    cuts: list[float] = Field([0.1, 0.5], min_length=1, max_length=4)
    names: list[str] = []
    pair: tuple[float, float] = (0.0, 1.0)
    stains: set[Stain] = {Stain.PAP}
    group: Outer = Outer(note="set here")
    perhaps: Inner | None = None
    shape: Annotated[Tree | Line, Field(discriminator="kind")] = Line(slope=2)
    many: list[Inner] = []
    words: dict[str, float] = {"a": 1.5}
    loop: Loop = Loop()
    secret: SecretStr | None = None
    made: list[int] = Field(default_factory=lambda: [7])
    anything: Any = None


def schema_of(settings: type[BaseModel]) -> dict[str, Any]:
    """Return the schema that a deployment of such a capsule would publish."""
    capsule = Capsule(
        name="tiny",
        title="?",
        row=Row,
        answer=ClassAnswer(column="truth", classes=("a", "b"), meaning="the truth"),
        settings=settings,
        model="tiny.model",
        page=Page(does="", needs="", limits=""),
    )
    schema: dict[str, Any] = parameter_schema(capsule.flow()).model_dump_for_openapi()
    return schema


def fields_of(settings: type[BaseModel]) -> dict[str, FormField]:
    return {one.name: one for one in plan(schema_of(settings))}


def refusals(schema: dict[str, Any], given: dict[str, Any]) -> list[Any]:
    inner = {**settings_schema(schema), "definitions": schema["definitions"]}
    return list(validate(given, inner, raise_on_error=False, preprocess=False))


def test_the_untouched_form_gives_the_authors_defaults_which_the_server_takes() -> None:
    schema = schema_of(Everything)
    form = FormView(plan(schema), lambda: None)
    given = form.read()
    assert given is not None
    assert refusals(schema, given) == []
    again = Everything.model_validate(given)
    assert again == Everything()
    assert for_the_model(again) == for_the_model(Everything())


def test_each_kind_has_its_field() -> None:
    kinds = {name: one.kind for name, one in fields_of(Everything).items()}
    assert kinds == {
        "rate": "number",
        "trees": "integer",
        "price": "number",
        "fast": "yes/no",
        "maybe": "yes/no",
        "stain": "choice",
        "level": "choice",
        "either": "either",
        "code": "text",
        "day": "date",
        "clock": "time",
        "at": "moment",
        "rest": "duration",
        "cuts": "list",
        "names": "list",
        "pair": "list",
        "stains": "choices",
        "group": "group",
        "perhaps": "group",
        "shape": "variant",
        "many": "json",
        "words": "json",
        "loop": "group",
        "secret": "secret",
        "made": "list",
        "anything": "json",
    }


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("either", "auto", "auto"),
        ("either", "2.5e-9", 2.5e-9),
        ("clock", "9:05", None),
        ("clock", "09:05", "09:05:00+00:00"),
        ("at", "2026-03-31 14:30", "2026-03-31T14:30:00+00:00"),
        ("at", "2026-03-31T14:30+02:00", "2026-03-31T14:30:00+02:00"),
        ("rest", "1 h 30 min", "PT5400S"),
        ("cuts", "0,5\n\n2.5e-9", [0.5, 2.5e-9]),
        ("cuts", "0.5\nfive", None),
        ("cuts", "1\n2\n3\n4\n5", None),
        ("pair", "1", None),
        ("trees", "200", 200),
        ("trees", "250", None),
        ("rate", "0", None),
        ("code", "ab-1", None),
        ("code", "XY-7", "XY-7"),
        ("price", "0.3", 0.3),
        ("either", "automatic", None),
    ],
)
def test_what_is_typed_is_what_is_meant_or_gets_a_sentence(
    name: str, typed: str, meant: object
) -> None:
    value = parse(fields_of(Everything)[name], typed)
    assert isinstance(value, Problem) if meant is None else value == meant


def test_a_sentence_says_what_to_write() -> None:
    fields = fields_of(Everything)
    assert parse(fields["either"], "much") == Problem(
        "“much” cannot be used here. Write a number or one of auto."
    )
    assert parse(fields["cuts"], "0.5\nfive") == Problem(
        "Line 2: “five” cannot be used here. Write a number."
    )
    assert hint(fields["trees"]) == "a whole number, in steps of 100"
    assert hint(fields["rate"]) == "more than 0 and less than 1"
    assert hint(fields["pair"]) == "2, one on each line"
    assert typed_as(fields["rest"]) == "1 h 30 min"


def test_a_secret_says_beside_its_field_that_it_is_kept_in_clear() -> None:
    fields = fields_of(Everything)
    assert "whoever may open the run in Prefect can read it" in hint(fields["secret"])
    (_, token) = fields["perhaps"].fields
    assert typed_as(token) == ""
    assert "Left blank, the author's own value is used." in hint(token)


def test_a_secret_reaches_the_model_and_neither_the_ledger_nor_the_provenance() -> None:
    settings = Everything(secret=SecretStr("abc"), perhaps=Inner(token=SecretStr("def")))
    told = for_the_model(settings)
    assert (told["secret"], told["perhaps"]["token"]) == ("abc", "def")
    kept = masked(told, schema_of(Everything))
    assert (kept["secret"], kept["perhaps"]["token"], kept["perhaps"]["depth"]) == (MASK, MASK, 3)
    assert "abc" not in str(settings.model_dump(mode="json"))


def test_what_the_server_refuses_inside_a_group_is_said_beside_its_field() -> None:
    form = FormView(plan(schema_of(Everything)), lambda: None)
    said = ["group.inner.depth: 11 is too much", "shape.slope: no", "nothing.there: lost"]
    assert form.refused(said) == ["nothing.there: lost"]


def test_a_setting_without_a_default_is_refused() -> None:
    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        weights: list[float]

    with pytest.raises(DeclarationError, match="has no default"):
        schema_of(Settings)


def test_a_number_made_by_column_still_needs_its_unit() -> None:
    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        depth: float = column(default=1, meaning="how deep", example=1)

    with pytest.raises(DeclarationError, match="has no unit"):
        schema_of(Settings)


def test_settings_of_which_no_form_can_be_made_are_refused() -> None:
    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
        thing: Callable[[], None] | None = None

    with pytest.raises(DeclarationError, match="no form can be made of it"):
        schema_of(Settings)


@pytest.mark.parametrize(
    ("text", "iso", "again"),
    [
        ("90 s", "PT90S", "1 min 30 s"),
        ("2 days", "PT172800S", "2 d"),
        ("1:30", "PT5400S", "1 h 30 min"),
        ("0.25 s", "PT0.25S", "0.25 s"),
        ("-5 min", "-PT300S", "-5 min"),
        ("P1DT2H", "PT93600S", "1 d 2 h"),
        ("0 s", "PT0S", "0 s"),
    ],
)
def test_a_length_of_time_is_read_and_shown_as_people_write_it(
    text: str, iso: str, again: str
) -> None:
    assert read_duration(text) == iso
    assert duration_shown(iso) == again
    assert read_duration(again) == iso


@pytest.mark.parametrize("text", ["", "soon", "5", "5 lightyears", "P", "PT", "1:75"])
def test_what_is_no_length_of_time_is_none(text: str) -> None:
    assert read_duration(text) is None
