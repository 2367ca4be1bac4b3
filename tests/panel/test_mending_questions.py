"""What is asked about a file that does not fit, and what an answer changes of the decisions."""

from uuid import uuid4

import pandas as pd

from capsule_blocks.tables import Upload
from capsule_flows.checking import check
from capsule_flows.drafting import Draft, decide
from capsule_flows.fitting import Fitting
from capsule_flows.reading import Table
from capsule_kit.manifest import Manifest, Page
from capsule_panel.mending_questions import Question, answered, questions
from checks.contracts import CONTRACT, table

MANIFEST = Manifest(
    name="tumor",
    title="Is it malignant?",
    contract=CONTRACT,
    criteria=(),
    costs=(),
    page=Page(does="d", needs="n", limits="l"),
)


def asked(draft: Draft) -> dict[tuple[str, str], Question]:
    """Return the questions by what they are about."""
    return {(one.about, one.of or one.column): one for one in questions(draft, MANIFEST)}


def test_a_header_a_unit_and_words_are_asked_and_each_answer_changes_its_own_decision() -> None:
    hers = table(radius=["14000", "9000", "12000"], stain=["P", "pap", "G"])
    hers = type(hers)(hers.cells.rename(columns={"cells": "counted cells"}), 2, hers.how)
    upload = Upload(id=uuid4(), capsule="tumor", filename="a.csv", sha256="0", size=1, by="A")
    draft = Draft(upload, hers, Fitting(), check(hers, CONTRACT))
    first = asked(draft)
    assert set(first) == {("header", "cells"), ("unit", "radius"), ("word", "P"), ("word", "G")}
    assert (first["header", "cells"].answer, first["header", "cells"].proposed) == (
        None,
        "counted cells",
    )
    assert first["unit", "radius"].answer == "µm"

    told = {("header", "cells"): "counted cells", ("unit", "radius"): " nm ", ("word", "P"): "Pap"}
    decided = Fitting()
    for what, answer in told.items():
        decided = answered(first[what], answer, MANIFEST, decided)
    assert decided == Fitting(
        headers={"cells": "counted cells"}, units={"radius": "nm"}, words={"stain": {"P": "Pap"}}
    )

    then = asked(decide(draft, decided, MANIFEST))
    assert {what: then[what].answer for what in then} == {
        ("header", "cells"): "counted cells",
        ("unit", "radius"): "nm",
        ("word", "P"): "Pap",
        ("word", "G"): None,
    }
    assert answered(then["word", "P"], None, MANIFEST, decided).words == {"stain": {}}
    assert answered(then["unit", "radius"], "", MANIFEST, decided).units == {"radius": "µm"}


def test_of_many_columns_twenty_are_asked_and_each_decided_one_makes_room_for_another() -> None:
    radius = CONTRACT.columns[1]
    names = [f"G{place:02d}" for place in range(22)]
    columns = tuple(radius.model_copy(update={"name": name}) for name in names)
    manifest = MANIFEST.model_copy(
        update={"contract": CONTRACT.model_copy(update={"columns": columns})}
    )
    cells = {f"x{place}": ["900", "800"] for place in range(22)} | {"diagnosis": ["benign"] * 2}
    hers = Table(pd.DataFrame(cells).astype("str"), 2, "by a test")
    upload = Upload(id=uuid4(), capsule="tumor", filename="a.csv", sha256="0", size=1, by="A")
    fitting, first = Fitting(), names[0]
    draft = Draft(upload, hers, fitting, check(hers, manifest.contract))
    assert [one.column for one in questions(draft, manifest)] == names[:20]

    fitting = Fitting(headers={first: "x0", names[1]: None})
    headers = [
        one
        for one in questions(decide(draft, fitting, manifest), manifest)
        if one.about == "header"
    ]
    assert [one.column for one in headers] == names

    fitting = Fitting(headers={name: f"x{place}" for place, name in enumerate(names)})
    asked_now = questions(decide(draft, fitting, manifest), manifest)
    assert {one.about for one in asked_now} == {"header"}, "not each is in a unit of its own"
