"""A release made for experts is refused with every reason at once, given out once, and never changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy.exc

from capsule_blocks.released import Released
from capsule_blocks.tables import CaseSet
from capsule_flows.releases import Published
from capsule_flows.releasing import ReleaseRefused, all_released, hindrances, released
from capsule_kit.blanks import blank
from judgement.examples import class_manifest
from replay.place import Place

ONE = Published(
    deployment_id=uuid4(),
    full_name="tumor/trial",
    manifest=class_manifest(),
    schema={},
    image="sha256:ab",
    code_version="c0ffee",
    entrypoint="tumor.declaration.flow",
    work_pool="capsules",
)
EXAMPLE = CaseSet(
    capsule="tumor",
    name="example",
    cases=1,
    inputs_hash="a",
    contract_hash="b",
    by="A",
    check_id=uuid4(),
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A ledger and releases."""
    made = Place.new(tmp_path)
    yield made
    made.where.ledger.close()


def test_nothing_hinders_a_committed_image_with_texts_and_an_example() -> None:
    assert hindrances(ONE, EXAMPLE) == []


@pytest.mark.parametrize("version", [None, "", "unknown"])
def test_a_version_that_nobody_knows_hinders(version: str | None) -> None:
    (why,) = hindrances(replace(ONE, code_version=version), EXAMPLE)
    assert why.startswith("Nothing says which commit its code is of")


def test_every_reason_is_said_at_once() -> None:
    page = ONE.manifest.page.model_copy(update={"limits": blank("where it fails")})
    manifest = ONE.manifest.model_copy(update={"page": page})
    reasons = hindrances(
        replace(ONE, manifest=manifest, image=None, code_version="c0ffee-dirty"), None
    )
    said = "\n".join(reasons)
    assert len(reasons) == 4
    for part in ("uncommitted changes", "local process", "1 text", "where it fails", "example.csv"):
        assert part in said
    refused = ReleaseRefused("tumor", reasons)
    assert (refused.exit_code, str(refused).count("\n- ")) == (65, 4)


def test_a_release_is_given_out_once_and_never_changed(place: Place) -> None:
    first, second = place.release("one").release(), place.release("two").release()
    ledger = place.where.ledger
    for one in (first, second, first):
        ledger.add_once(one)
        row = Released(capsule=one.capsule, release_id=one.id, flow_run_id=uuid4(), by="Ada")
        added = ledger.add_once(row)
    assert not added
    assert [one.release_id for one in all_released(place.where.ledger, first.capsule)] == [
        second.id,
        first.id,
    ]
    with (
        pytest.raises(sqlalchemy.exc.DatabaseError, match="only grows"),
        ledger._engine().begin() as connection,
    ):
        connection.execute(sqlalchemy.text("UPDATE released SET by = 'Bob'"))
    assert released(place.where.ledger, first.id).by == "Ada"
    assert released(place.where.ledger, "none") is None
