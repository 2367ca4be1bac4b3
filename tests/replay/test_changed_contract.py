"""Challenge cases under a contract that has changed: checked again, turned into its units, or not comparable."""

from capsule_kit.columns import Column
from capsule_kit.manifest import Manifest
from judgement.examples import class_manifest
from replay.place import ROWS, B, M, Place, by_case, older, replayed


def changed_contract(**age: object) -> Manifest:
    """Return the example under a contract that asks otherwise for the age."""
    manifest = class_manifest()
    columns = tuple(
        Column(**{**one.model_dump(), **age}) if one.name == "age" else one
        for one in manifest.contract.columns
    )
    contract = manifest.contract.model_copy(update={"columns": columns})
    return manifest.model_copy(update={"contract": contract})


def test_cases_are_checked_again_when_the_contract_has_changed(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    replayed(place, "one", older(65))
    two = replayed(place, "two", older(55), "night 2", changed_contract(at_most=65.0))
    assert by_case(two.cases, "change") == {
        "p1": "still right",
        "p2": "fixed",
        "p3": "not comparable",
    }
    assert "65" in by_case(two.cases, "why")["p3"]


def test_numbers_are_turned_into_the_unit_of_the_new_contract(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    in_days = changed_contract(unit="days")
    two = replayed(place, "two", older(60 * 365), "night 2", in_days)
    assert by_case(two.cases, "right") == {"p1": True, "p2": True, "p3": True}


def test_where_nothing_fits_any_more_nothing_is_run(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    none = replayed(place, "two", older(55), "night 2", changed_contract(at_most=1.0))
    assert set(none.cases["change"]) == {"not comparable"}
    assert place.server.started == []
