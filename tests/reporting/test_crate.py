"""The crate of a trial keeps the released profile, and holds answers only where that was said."""

import json
import zipfile
from io import BytesIO
from typing import Any

from capsule_flows.crate import PROFILES, crate_of
from capsule_flows.home import Resources
from reporting.conftest import B, M, Try


def crate(where: Resources, tried: Try, *, with_answers: bool) -> bytes:
    run = tried([M, B], [B, B], [0.4, 0.1], settings={"threshold": 0.5, "seed": 3, "note": "=x"})
    return crate_of(where, run, made_by="Ada", with_answers=with_answers)


def read(zipped: bytes) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Return the crate's entities by their ids, and the names of its files."""
    with zipfile.ZipFile(BytesIO(zipped)) as file:
        graph = json.loads(file.read("ro-crate-metadata.json"))["@graph"]
        return {one["@id"]: one for one in graph}, set(file.namelist())


def test_it_keeps_what_workflow_run_crate_0_5_demands(where: Resources, tried: Try) -> None:
    by_id, names = read(crate(where, tried, with_answers=True))
    about, root = by_id["ro-crate-metadata.json"], by_id["./"]
    assert about["about"] == {"@id": "./"}
    assert {"@id": "https://w3id.org/ro/crate/1.1"} in about["conformsTo"]
    assert {one["@id"] for one in root["conformsTo"]} == set(PROFILES)
    assert all(by_id[url]["@type"] == "CreativeWork" for url in PROFILES)
    assert root["license"]
    workflow = by_id[root["mainEntity"]["@id"]]
    assert set(workflow["@type"]) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    assert by_id[workflow["programmingLanguage"]["@id"]]["@type"] == "ComputerLanguage"
    (action,) = [one for one in by_id.values() if one["@type"] == "CreateAction"]
    assert action["instrument"] == root["mainEntity"]
    assert root["mentions"] == [{"@id": action["@id"]}]
    for parameter in (by_id[one["@id"]] for side in ("input", "output") for one in workflow[side]):
        assert parameter["@type"] == "FormalParameter"
        assert parameter["additionalType"]
        example = by_id[parameter["workExample"]["@id"]]
        assert example["exampleOfWork"] == {"@id": parameter["@id"]}
    told = {key for key, one in by_id.items() if "File" in one["@type"]}
    assert told == names - {"ro-crate-metadata.json"}


def test_it_says_who_ran_it_on_what_and_with_which_result(where: Resources, tried: Try) -> None:
    by_id, names = read(crate(where, tried, with_answers=False))
    root, (action,) = by_id["./"], [one for one in by_id.values() if one["@type"] == "CreateAction"]
    assert by_id[action["agent"]["@id"]]["name"] == "Ada"
    assert root["mainEntity"] == action["instrument"] == {"@id": "capsule.json"}
    assert {"@id": "inputs.parquet"} in action["object"]
    assert {"@id": "cases.csv"} in action["result"]
    assert by_id["#value-threshold"]["value"] == 0.5
    assert by_id[action["containerImage"]["@id"]]["sha256"] == "c" * 64
    assert {"inputs.parquet", "cases.csv", "report.html", "report.json", "capsule.json"} <= names


def test_answers_are_in_it_only_where_that_is_said(where: Resources, tried: Try) -> None:
    with zipfile.ZipFile(BytesIO(crate(where, tried, with_answers=False))) as file:
        assert "answers.parquet" not in file.namelist()
        assert "answer" not in file.read("cases.csv").decode().splitlines()[0]
    with zipfile.ZipFile(BytesIO(crate(where, tried, with_answers=True))) as file:
        assert "answers.parquet" in file.namelist()
