"""The pages under docs/ name what there is, and point to files that exist."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

from capsule_flows.claiming import CriterionResult
from capsule_flows.comparing import Comparison
from capsule_flows.findings import Finding
from capsule_flows.judgement import Confusion, Cost, Judgement, NamedRate, NumberErrors, Rate
from e2e.faults import as_table

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
JSON_PAGE = (DOCS / "json.md").read_text()
NAMED = set(re.findall(r"`([^`]+)`", JSON_PAGE))
FIGURES = json.loads((PROJECT / "benchmarks" / "figures.json").read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "value",
    [
        Finding,
        Judgement,
        Rate,
        NamedRate,
        Confusion,
        NumberErrors,
        Cost,
        CriterionResult,
        Comparison,
    ],
)
def test_every_field_of_a_printed_value_is_on_the_json_page(value: type) -> None:
    assert set(value.model_fields) - NAMED == set()  # type: ignore[attr-defined]


def test_every_name_that_the_command_prints_is_on_the_json_page() -> None:
    files = (PROJECT / "flows" / "capsule_flows").glob("command*.py")
    printed = {
        key.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    assert printed - NAMED == set()


@pytest.mark.parametrize(
    "package", ["capsules/capsule_kit", "blocks/capsule_blocks", "flows/capsule_flows"]
)
def test_every_module_is_in_the_map(package: str) -> None:
    told = set(re.findall(r"`(\w+)/?`", (DOCS / "design.md").read_text()))
    modules = {file.stem for file in (PROJECT / package).glob("*.py") if file.stem[0] != "_"}
    assert modules - told == set()


def test_what_the_map_calls_pure_is_held_to_it_by_the_linter() -> None:
    rows = re.findall(r"^\| \| (.*) \| pure: ", (DOCS / "design.md").read_text(), re.MULTILINE)
    called = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    held = [one["source_modules"] for one in contracts["contracts"] if "is pure" in one["name"]]
    assert len(called) > 40
    assert called <= {name.partition(".")[2] for names in held for name in names}


def test_every_figure_has_its_value_unit_bound_day_and_machine() -> None:
    needed = {"value", "unit", "bound", "met", "date", "machine"}
    assert all(needed <= set(figure) for figure in FIGURES.values())
    assert {
        "submit_to_judged_s",
        "bare_docker_run_s",
        "submit_vs_bare",
        "check_10000_rows_s",
    } <= set(FIGURES)


def test_a_figure_is_met_or_not_only_where_it_has_a_bound() -> None:
    for figure in FIGURES.values():
        value, bound = figure["value"], figure["bound"]
        if value is None or bound is None:
            assert figure["met"] is None
        else:
            assert figure["met"] == (value >= bound if figure["at_least"] else value <= bound)


def test_the_page_on_containers_has_the_fault_table_that_the_tests_have() -> None:
    assert as_table() in (DOCS / "containers.md").read_text()
