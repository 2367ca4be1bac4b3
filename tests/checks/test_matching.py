"""Headers find their columns."""

from capsule_flows.matching import match

from .contracts import CONTRACT

NAMES = [*(column.name for column in CONTRACT.columns), "diagnosis"]


def test_headers_alike_but_for_case_spaces_and_underscores_match() -> None:
    found = match(
        ["Sample", "RADIUS", "cells", "stain", "frozen", "Taken_On", "Diagnosis"], CONTRACT
    )

    assert found.headers["taken on"] == "Taken_On"
    assert found.headers["diagnosis"] == "Diagnosis"
    assert found.unmatched == ()


def test_the_exact_name_comes_before_one_that_reads_the_same() -> None:
    found = match(["RADIUS", *NAMES], CONTRACT)

    assert found.headers["radius"] == "radius"
    assert found.unused == ("RADIUS",)


def test_two_headers_that_both_fit_loosely_are_left_to_the_expert() -> None:
    found = match(["Radius", "RADIUS"], CONTRACT)

    assert "radius" in found.unmatched
    assert found.unused == ("Radius", "RADIUS")
