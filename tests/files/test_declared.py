"""What an author may say of a column that names files, and what that changes in a contract."""

import pytest
from pydantic import BaseModel

from capsule_kit.columns import Column, column, columns_of
from capsule_kit.errors import DeclarationError

from .bringing import CONTRACT, IMAGE


def test_a_column_without_files_is_told_as_before_there_were_any() -> None:
    plain = Column(name="note", kind="text", meaning="A note.", example="x")
    assert "file" not in plain.model_dump(mode="json")
    assert IMAGE.model_dump(mode="json")["file"] == "image"
    other = CONTRACT.model_copy(update={"columns": (IMAGE.model_copy(update={"file": None}),)})
    assert other.hash != CONTRACT.model_copy(update={"columns": (IMAGE,)}).hash


def test_a_column_says_what_kind_of_file_its_text_names() -> None:
    class Row(BaseModel):
        smear: str = column(file="image", draws="image", meaning="A smear.", example="a.png")
        nmr: str | None = column(file="spectrum", meaning="A spectrum.", example="a.jdx")

    assert [(one.file, one.required) for one in columns_of(Row)] == [
        ("image", True),
        ("spectrum", False),
    ]


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (float, {"file": "image", "unit": "mm"}, "a number names no file"),
        (str, {"file": "image", "identifier": True}, "a file does not name a case"),
        (str, {"file": "sequence", "draws": "sequence"}, "cannot be drawn"),
        (str, {"file": "spectrum", "draws": "image"}, "cannot be drawn"),
    ],
)
def test_what_contradicts_itself_is_refused(kind: type, said: dict[str, object], why: str) -> None:
    field = column(meaning="It.", example="1", **said)  # type: ignore[arg-type]
    row = type("Row", (BaseModel,), {"__annotations__": {"x": kind}, "x": field})
    with pytest.raises(DeclarationError, match=why):
        columns_of(row)


def test_the_header_of_the_hashes_is_kept_for_them() -> None:
    field = column(meaning="It.", example="1")
    name = "image (SHA-256)"
    row = type("Row", (BaseModel,), {"__annotations__": {name: str}, name: field})
    with pytest.raises(DeclarationError, match="is kept for files"):
        columns_of(row)


def test_a_setting_names_no_file() -> None:
    from capsule_kit import Capsule, ClassAnswer, Page

    class Row(BaseModel):
        size: float = column(unit="mm", meaning="Its size.", example=1)

    class Settings(BaseModel):
        atlas: str = column(default="", file="image", meaning="An atlas.", example="a.png")

    with pytest.raises(DeclarationError, match="a setting names no file"):
        Capsule(
            name="sized",
            title="Is it?",
            row=Row,
            answer=ClassAnswer(column="so", classes=("no", "yes"), meaning="So."),
            settings=Settings,
            model="sized.model",
            page=Page(does="d", needs="n", limits="l"),
        )
