"""The gate says GO only where everything that is asked was shown; each thing that is not has its stated effect."""

from typing import Any

import pytest

from capsule_flows.gate import asked_of, decide
from capsule_flows.gate_facts import BesideChampion, GateEvidence
from capsule_kit.policy import Policy
from gate.evidence import OLDER, POLICY, SHELF, evidence, measured, open_reasons, signed


def test_all_that_is_asked_and_shown_is_go() -> None:
    decision = decide(POLICY, evidence())
    assert decision.answer == "GO"
    assert {one.found for one in decision.reasons} == {"met"}
    assert not [one for one in decision.reasons if one.settle]


def only(*shown: Any) -> dict[str, Any]:
    return {"measured": shown}


SENSITIVE, RIGHT, SEALED = evidence().measured
COVERED = evidence().covered
SPOILT: list[tuple[str, dict[str, Any], str, str]] = [
    # What is wrong, the evidence, the answer, what is found of it.
    ("no case", {"measured": ()}, "INCONCLUSIVE", "missing"),
    ("few", only(measured(POLICY, 0, 20, 20), RIGHT, SEALED), "INCONCLUSIVE", "too few to tell"),
    ("a missed floor", only(measured(POLICY, 0, 30, 60), RIGHT, SEALED), "NO-GO", "not met"),
    ("a supporting one", only(SENSITIVE, measured(POLICY, 1, 40, 120), SEALED), "INCONCLUSIVE", "not met"),
    ("the sealed shelf", only(SENSITIVE, RIGHT, measured(POLICY, 2, 5, 30, "sealed")), "NO-GO", "not met"),
    ("a broken case", {"open": SHELF.model_copy(update={"critical_wrong": ("S-1",)})}, "NO-GO", "not met"),
    ("a lost case", {"open": SHELF.model_copy(update={"critical_untold": ("S-1",)})}, "INCONCLUSIVE", "missing"),
    ("no replay", {"open": SHELF.model_copy(update={"replayed": False})}, "INCONCLUSIVE", "missing"),
    ("an empty shelf", {"open": SHELF.model_copy(update={"cases": 0})}, "INCONCLUSIVE", "missing"),
    ("an empty sealed shelf", {"sealed": SHELF.model_copy(update={"cases": 0})}, "INCONCLUSIVE", "missing"),
    ("no result", {"open": SHELF.model_copy(update={"untold": 2})}, "INCONCLUSIVE", "missing"),
    ("chance", {"open": SHELF.model_copy(update={"unsteady": 1})}, "INCONCLUSIVE", "not met"),
    ("a failed trial", {"covered": COVERED.model_copy(update={"failed_trials": 1})}, "INCONCLUSIVE", "not met"),
    ("one person", {"covered": COVERED.model_copy(update={"persons": ("Ada",)})}, "INCONCLUSIVE", "too few to tell"),
    ("a small group", {"covered": COVERED.model_copy(update={"groups": (("site", "left", 9),)})}, "INCONCLUSIVE", "too few to tell"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "answer", "found"), SPOILT, ids=[s[0] for s in SPOILT])
def test_one_thing_amiss_is_never_go(
    what: str, changes: dict[str, Any], answer: str, found: str
) -> None:
    decision = decide(POLICY, evidence(**changes))
    assert decision.answer == answer
    assert found in {one.found for one in open_reasons(decision)}
    assert all(one.settle for one in open_reasons(decision))
    assert decision.headline.startswith(answer)


def test_an_advisory_reason_is_told_and_stands_in_nobodys_way() -> None:
    advised = Policy.model_validate(
        {
            "criteria": [
                {"metric": "sensitivity", "at_least": 0.85},
                {"metric": "right", "at_least": 0.9, "tier": "advisory"},
            ]
        }
    )
    shown = (measured(advised, 0, 60, 60), measured(advised, 1, 40, 120))
    decision = decide(advised, evidence(measured=shown))
    assert decision.answer == "GO"
    assert [one.found for one in open_reasons(decision)] == ["not met"]


def test_without_a_policy_nothing_is_go() -> None:
    decision = decide(None, evidence())
    assert decision.answer == "INCONCLUSIVE"
    assert "gate.toml" in decision.reasons[0].settle


def test_what_was_measured_with_less_confidence_is_missing() -> None:
    stricter = POLICY.model_copy(update={"false_go": 0.001})
    assert decide(stricter, evidence()).answer == "INCONCLUSIVE"


def test_it_says_how_many_cases_would_settle_a_floor() -> None:
    few = measured(POLICY, 0, 20, 20)
    told = open_reasons(decide(POLICY, evidence(measured=(few, RIGHT, SEALED))))[0]
    assert told.settle == "16 such cases more, if it gets all of them right."
    enough = measured(POLICY, 0, 36, 36)
    assert decide(POLICY, evidence(measured=(enough, RIGHT, SEALED))).answer == "GO"


def beside(still: int, broken: int, fixed: int, wrong: int) -> BesideChampion:
    return BesideChampion(
        release_id=OLDER, still_right=still, broken=broken, fixed=fixed, still_wrong=wrong
    )


@pytest.mark.parametrize(
    ("champion", "answer", "found"),
    [
        (None, "GO", "not asked"),
        (beside(0, 0, 0, 0), "INCONCLUSIVE", "missing"),
        (beside(10, 0, 0, 0), "INCONCLUSIVE", "too few to tell"),
        (beside(20, 70, 0, 30), "NO-GO", "not met"),
        (beside(200, 1, 8, 12), "GO", "met"),
    ],
)
def test_a_drop_against_the_champion(
    champion: BesideChampion | None, answer: str, found: str
) -> None:
    decision = decide(POLICY, evidence(champion=champion))
    asked = next(one for one in decision.reasons if "champion" in one.asks)
    assert (decision.answer, asked.found) == (answer, found)


VERDICTS: list[tuple[str, list[Any], str, str, str]] = [
    ("nobody", [], "INCONCLUSIVE", "missing", "2 more experts"),
    ("too few", [signed("Ada")], "INCONCLUSIVE", "missing", "1 more expert"),
    ("within limits", [signed("Ada"), signed("Ben", "ready within limits")], "GO", "met", ""),
    ("two disagree", [signed("Ada"), signed("Ben", "not ready")], "INCONCLUSIVE", "disputed", "Ben signs anew"),
    ("nobody is outvoted", [*map(signed, "ABCD"), signed("Eve", "not ready")], "INCONCLUSIVE", "disputed", "Eve"),
    ("all against", [signed("Ada", "not ready"), signed("Ben", "not ready")], "NO-GO", "not met", "Ada or Ben"),
    ("more cases", [signed("A"), signed("B"), signed("Eve", "need more cases")], "INCONCLUSIVE", "disputed", "Eve"),
    ("an older release", [signed("Ada"), signed("Ben", release=OLDER)], "INCONCLUSIVE", "missing", "1 more"),
    ("taken back", [signed("Ada"), signed("Ben", "taken back")], "INCONCLUSIVE", "missing", "1 more"),
    ("lapsed", [signed("Ada"), signed("Ben", days_ago=91)], "INCONCLUSIVE", "missing", "1 more"),
    ("an objection stands", [signed("A"), signed("B"), signed("Eve", "not ready", days_ago=500)], "INCONCLUSIVE", "disputed", "Eve"),
    ("an objection to an older one", [signed("A"), signed("B"), signed("Eve", "not ready", OLDER)], "GO", "met", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "verdicts", "answer", "found", "settle"), VERDICTS, ids=[one[0] for one in VERDICTS]
)
def test_each_kind_of_verdict_has_its_effect(
    what: str, verdicts: list[Any], answer: str, found: str, settle: str
) -> None:
    decision = decide(POLICY, evidence(verdicts=tuple(verdicts)))
    asked = next(one for one in decision.reasons if "must sign" in one.asks)
    assert (decision.answer, asked.found) == (answer, found)
    assert settle in asked.settle
    for one in verdicts:
        assert one.by in asked.sentence


def test_a_word_that_does_not_count_is_told_with_the_reason() -> None:
    verdicts = (
        signed("Ada", release=OLDER),
        signed("Ben", "taken back"),
        signed("Cy", days_ago=100),
        signed("Dee", "ready within limits"),
    )
    strict = POLICY.model_copy(
        update={"verdicts": POLICY.verdicts.model_copy(update={"within_limits": False})}  # type: ignore[union-attr]
    )
    told = next(
        one
        for one in decide(strict, evidence(verdicts=verdicts)).reasons
        if "must sign" in one.asks
    )
    assert "Ada signed “ready” on release 00000000, not on this one" in told.sentence
    assert "Ben took it back" in told.sentence
    assert "Cy signed “ready” on 2026-08-18, more than 90 days ago" in told.sentence
    assert "Dee signed “ready within limits”, which this policy does not count" in told.sentence


def test_the_sealed_shelf_tells_its_outcome_alone() -> None:
    sealed = SHELF.model_copy(
        update={"critical_wrong": ("SECRET-1",), "critical_untold": ("SECRET-2",), "unsteady": 7}
    )
    shown = (SENSITIVE, RIGHT, measured(POLICY, 2, 17, 31, "sealed"))
    decision = decide(POLICY, evidence(sealed=sealed, measured=shown))
    told = [one for one in decision.reasons if "sealed" in one.asks]
    assert len(told) == 5
    assert decision.answer == "NO-GO"
    for one in told:
        assert one.sentence == f"The sealed shelf tells its outcome alone: {one.found}."
        assert one.settle in ("", "It does not say what would settle it.")
    assert "SECRET" not in decision.model_dump_json()


def test_what_stands_in_the_way_comes_first() -> None:
    wrong = SHELF.model_copy(update={"critical_wrong": ("S-1", "S-2")})
    decision = decide(POLICY, evidence(open=wrong, verdicts=()))
    assert [one.found for one in decision.reasons][:2] == ["not met", "missing"]
    assert (
        decision.headline
        == "NO-GO: tumor, release 11111111. Not met: every critical open case right."
    )
    assert decision.reasons[0].sentence == "S-1, S-2 went wrong."


def test_a_decision_comes_out_the_same_from_what_was_written_down() -> None:
    gathered = evidence()
    again = GateEvidence.model_validate_json(gathered.model_dump_json())
    policy = Policy.model_validate_json(POLICY.model_dump_json())
    assert (again.hash, policy.hash) == (gathered.hash, POLICY.hash)
    assert decide(policy, again) == decide(POLICY, gathered)
    assert asked_of(policy) == asked_of(POLICY)
