"""Evidence for the tests of the gate: everything in order, to be spoilt one thing at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from capsule_flows.claiming import rate_result
from capsule_flows.gate import confidence_of
from capsule_flows.gate_facts import (
    BesideChampion,
    Covered,
    Decision,
    GateEvidence,
    Measured,
    Reason,
    Shelf,
    Signed,
)
from capsule_kit.policy import Cases, Policy

NOW = datetime(2026, 11, 26, tzinfo=UTC)
THIS, OLDER = "1" * 64, "0" * 64
POLICY = Policy.model_validate(
    {
        "criteria": [
            {"metric": "sensitivity", "at_least": 0.85},
            {"metric": "right", "at_least": 0.7, "tier": "supporting"},
            {"metric": "right", "at_least": 0.6, "cases": "sealed"},
        ],
        "verdicts": {"at_least": 2, "valid_days": 90},
        "champion": {"drop_at_most": 0.1},
        "challenge": {"sealed_at_least": 1},
        "coverage": {"cases": 100, "persons": 2, "each_group": 10},
    }
)
SHELF = Shelf(
    cases=12,
    critical=3,
    replayed=True,
    critical_wrong=(),
    critical_untold=(),
    untold=0,
    unsteady=0,
)


def measured(policy: Policy, place: int, k: int, n: int, cases: Cases = "brought") -> Measured:
    """Return that k of n show the policy's criterion at this place."""
    wanted = policy.criteria[place].asked(confidence_of(policy))
    return Measured(cases=cases, result=rate_result(k, n, wanted, "malignant"))


def signed(by: str, word: str = "ready", release: str = THIS, days_ago: float = 1) -> Signed:
    """Return a person's verdict."""
    at = NOW - timedelta(days=days_ago)
    limits = "women over 40" if word == "ready within limits" else None
    return Signed(by=by, word=word, limits=limits, release_id=release, at=at)


def evidence(**changes: Any) -> GateEvidence:
    """Return evidence that shows all that POLICY asks, with some of it changed."""
    facts: dict[str, Any] = {
        "capsule": "tumor",
        "release_id": THIS,
        "at": NOW,
        "positive": "malignant",
        "unit": "",
        "measured": (
            measured(POLICY, 0, 60, 60),
            measured(POLICY, 1, 110, 120),
            measured(POLICY, 2, 30, 30, "sealed"),
        ),
        "open": SHELF,
        "sealed": SHELF,
        "verdicts": (signed("Ada"), signed("Ben")),
        "champion": BesideChampion(
            release_id=OLDER, still_right=105, broken=1, fixed=5, still_wrong=9
        ),
        "covered": Covered(
            cases=120,
            persons=("Ada", "Ben"),
            groups=(("site", "left", 60), ("site", "right", 60)),
            failed_trials=0,
            trained_on=0,
            example=0,
        ),
    }
    return GateEvidence.model_validate(facts | changes)


def open_reasons(decision: Decision) -> list[Reason]:
    """Return what is neither met nor left unasked."""
    return [one for one in decision.reasons if one.found not in ("met", "not asked")]
