"""What a column names must have come with the table, and be what the author says; each mistake is a finding."""

import pandas as pd
import pytest

from capsule_flows.checking import Report, check
from capsule_flows.file_types import BroughtFile, Files, kinds_of
from capsule_flows.fitting import Fitting
from capsule_flows.grouping import grouped
from capsule_flows.reading import Table

from .bringing import CONTRACT, JCAMP, JPEG, PNG

A = "a" * 64
HERS = {"images/a.png": PNG, "images/b.jpg": JPEG, "nmr/water.jdx": JCAMP}


def brought(files: dict[str, bytes]) -> Files:
    return {
        name: BroughtFile(f"{number:064x}", kinds_of(content[:4096]))
        for number, (name, content) in enumerate(files.items())
    }


def checked(
    image: list[str], spectrum: list[str] | None = None, files: Files | None = None
) -> Report:
    cells = pd.DataFrame(
        {"image": image, "spectrum": spectrum or [""] * len(image), "ill": ["no"] * len(image)}
    )
    files = brought(HERS) if files is None else files
    return check(Table(cells.astype("str"), 2, "", files=files), CONTRACT)


def test_accepted_cases_hold_what_was_written_and_the_hash_of_what_is_meant() -> None:
    report = checked(["a.png", "./images/b.jpg"], ["nmr\\water.jdx", " "])

    assert report.findings == ()
    assert report.inputs is not None
    assert list(report.inputs.columns) == [
        "case_id",
        "row",
        "image",
        "spectrum",
        "image (SHA-256)",
        "spectrum (SHA-256)",
    ]
    assert report.inputs["image"].tolist() == ["a.png", "./images/b.jpg"]
    assert report.inputs["image (SHA-256)"].tolist() == [f"{0:064x}", f"{1:064x}"]
    assert report.inputs["spectrum (SHA-256)"].isna().tolist() == [False, True]


def test_the_same_table_with_another_image_holds_other_cases() -> None:
    files = {"a.png": BroughtFile(A, ("any", "image"))}
    others = {"a.png": BroughtFile("b" * 64, ("any", "image"))}
    one, other = (checked(["a.png"], files=both).inputs for both in (files, others))
    assert one is not None
    assert other is not None
    assert one["case_id"].tolist() != other["case_id"].tolist()


@pytest.mark.parametrize(
    ("image", "files", "mistake", "said"),
    [
        (
            "c.png",
            HERS,
            "no file",
            "There is no file “c.png” among those that came with the table.",
        ),
        ("a.png", {}, "no file", "Pack the table and the files that “image” names into one ZIP"),
        ("a.png", {"x/a.png": PNG, "y/a.png": JPEG}, "several files", "More than one file"),
        ("a.png", {"a.png": b""}, "empty file", "The file “a.png” is empty."),
        ("a.png", {"a.png": JCAMP}, "other type", "“a.png” is not an image (PNG, JPEG"),
        ("png", {"a.png": PNG}, "no file", "There is no file “png”"),
    ],
)
def test_a_name_without_its_file_is_a_finding_on_its_row_and_column(
    image: str, files: dict[str, bytes], mistake: str, said: str
) -> None:
    report = checked([image], files=brought(files))

    assert not report.accepted
    one = next(each for each in report.findings if each.severity == "refuse")
    assert (one.mistake, one.column, one.rows, one.found) == (mistake, "image", (2,), image)
    assert said in one.sentence
    assert [(mark.header, mark.lines.tolist()) for mark in report.marks] == [("image", [2])]


def test_many_files_that_are_missing_are_one_thing_to_mend() -> None:
    report = checked([f"{number}.png" for number in range(50)], files={})

    (told,) = grouped(report.findings, CONTRACT)

    assert told.count == 50
    assert told.found == "“0.png”, “1.png”, “2.png” and 47 other values"
    assert told.sentence.startswith("These files did not come with the table.")


@pytest.mark.parametrize("mistake", [b"", JCAMP])
def test_every_way_in_which_many_files_are_wrong_has_a_sentence(mistake: bytes) -> None:
    names = [f"{number}.png" for number in range(5)]
    report = checked(names, files=brought(dict.fromkeys(names, mistake)))
    (told,) = grouped(report.findings, CONTRACT)
    assert "empty" in told.sentence or "none is by its first bytes" in told.sentence


def test_files_of_the_same_bytes_are_not_told_apart() -> None:
    same = BroughtFile(A, ("any", "image"))
    report = checked(["a.png"], files={"x/a.png": same, "y/a.png": same})
    assert report.accepted


def test_files_that_no_row_names_are_warned_of() -> None:
    report = checked(["a.png"])

    assert report.accepted
    (one,) = report.findings
    assert (one.mistake, one.severity) == ("unnamed files", "warn")
    assert "No row names “images/b.jpg”, “nmr/water.jdx”" in one.sentence


def test_a_row_left_out_leaves_its_file_out() -> None:
    cells = pd.DataFrame({"image": ["a.png", "gone.png"], "spectrum": "", "ill": "no"})
    table = Table(cells.astype("str"), 2, "", files=brought({"a.png": PNG}))
    assert check(table, CONTRACT, Fitting(left_out=(3,))).accepted
    assert check(table, CONTRACT, Fitting(cells={3: {"image": "a.png"}})).accepted
