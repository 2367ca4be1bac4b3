"""What is asked about a file that does not fit, and what an answer changes of the decisions."""

from uuid import uuid4

from capsule_blocks.tables import Upload
from capsule_flows.checking import check
from capsule_flows.drafting import Draft, decide
from capsule_flows.fitting import Fitting
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
