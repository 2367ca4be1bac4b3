"""How often the gate says GO of a model that is just below a floor, however often it is asked.

Models are simulated whose every case is right with a known probability, and the product's own gate is
asked after each case. What the simulation comes to for a single floor is computed exactly as well.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
from scipy.stats import binom

from benchmarks.figures import Figure, bounded
from capsule_flows.claiming import rate_result
from capsule_flows.gate import confidence_of, decide
from capsule_flows.gate_facts import Covered, Decision, GateEvidence, Measured, Shelf, Signed
from capsule_flows.intervals import lower_bound
from capsule_kit.policy import Policy

FLOORS = (0.5, 0.7, 0.85, 0.9, 0.95, 0.99)
BELOW = 0.001
"""By how much the models are below."""
CASES, MODELS = 1_000, 10_000
"""Cases that show each floor, up to which it is asked after each; simulated models in each setting."""
ASKED_WITHOUT = 50
"""Models that never meet the floor of which the gate is asked at the end all the same."""
SEED = 20_261_126
THEN = datetime(2026, 11, 26, tzinfo=UTC)
EMPTY = Shelf(
    cases=0,
    critical=0,
    replayed=True,
    critical_wrong=(),
    critical_untold=(),
    untold=0,
    unsteady=0,
)


def measure_gate(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Simulate models below one floor, or below two; `tell` is given a line for each setting."""
    rng = np.random.default_rng(SEED)
    shares, stated = {}, Policy.model_fields["false_go"].default
    for name, floors, rates in settings():
        policy = policy_of(floors)
        shares[name] = false_go(policy, rates, rng)
        exact = ever_met(rates[0], floors[0], confidence_of(policy))
        alone = ever_met(rates[0], floors[0], 1 - policy.false_go)
        tell(
            f"{name}: GO of {shares[name]:.4f}; of the first floor exactly {exact:.4f},"
            f" and {alone:.4f} if each asking were done as if it were the only one."
        )
    worst = max(shares, key=lambda name: shares[name])
    error = 3 * (shares[worst] * (1 - shares[worst]) / MODELS) ** 0.5
    note = (
        f"the most in {len(shares)} settings of {MODELS} models {BELOW:g} below a floor, the gate asked"
        f" after each of {CASES} cases; ± {error:.4f} (3 standard errors); stated: {stated:g};"
        f" nearest: {worst}"
    )
    return {"false_go_rate": bounded(shares[worst], "share", note, stated)}


def settings() -> Iterator[tuple[str, Sequence[float], Sequence[float]]]:
    """Give floors of sensitivity and specificity, with the true rates of the simulated models."""
    for floor in FLOORS:
        yield f"below {floor:g}, perfect elsewhere", (floor, 0.8), (floor - BELOW, 1.0)
    yield "below both floors", (0.85, 0.8), (0.85 - BELOW, 0.8 - BELOW)


def policy_of(floors: Sequence[float]) -> Policy:
    """Return a policy with these floors and all that is usual beside them."""
    names = ("sensitivity", "specificity")
    criteria = [
        {"metric": name, "at_least": floor} for name, floor in zip(names, floors, strict=True)
    ]
    beside = {"metric": "right", "at_least": 0.4, "tier": "supporting"}
    facts = {"criteria": [*criteria, beside], "verdicts": {}, "champion": {"drop_at_most": 0.1}}
    return Policy.model_validate(facts)


def false_go(policy: Policy, rates: Sequence[float], rng: np.random.Generator) -> float:
    """Return the share of simulated models of which the gate says GO at any moment."""
    right = [rng.random((MODELS, CASES)) < rate for rate in rates]
    counts = np.stack([one.cumsum(axis=1) for one in right])
    sure = confidence_of(policy)
    met = np.ones((MODELS, CASES), bool)
    for count, wanted in zip(counts, policy.criteria[:2], strict=True):
        met &= count >= fewest(wanted.bound, sure)
    moments = [np.flatnonzero(one) for one in met]
    went = sum(
        any(asked(policy, counts[:, model, n], n + 1).answer == "GO" for n in when)
        for model, when in enumerate(moments)
        if len(when)
    )
    never = [model for model, when in enumerate(moments) if not len(when)][:ASKED_WITHOUT]
    went += sum(asked(policy, counts[:, one, -1], CASES).answer == "GO" for one in never)
    return went / MODELS


def asked(policy: Policy, counts: Sequence[int], n: int) -> Decision:
    """Ask the product's gate; `counts` are right of n positive and of n other cases."""
    sure = confidence_of(policy)
    found, cleared = map(int, counts)
    shown = ((found, n), (cleared, n), (found + cleared, 2 * n))
    measured = tuple(
        Measured(cases="brought", result=rate_result(k, of, wanted.asked(sure), "positive"))
        for (k, of), wanted in zip(shown, policy.criteria, strict=True)
    )
    evidence = GateEvidence(
        capsule="simulated",
        release_id="0" * 64,
        at=THEN,
        positive="positive",
        unit="",
        measured=measured,
        open=EMPTY,
        sealed=EMPTY,
        verdicts=(Signed(by="A", word="ready", limits=None, release_id="0" * 64, at=THEN),),
        champion=None,
        covered=Covered(
            cases=2 * n, persons=("A",), groups=(), failed_trials=0, trained_on=0, example=0
        ),
    )
    return decide(policy, evidence)


def fewest(floor: float, confidence: float) -> np.ndarray:
    """Return for each number of cases the fewest right with which the floor is met, shape (CASES,)."""
    needed, k = [], 0
    for n in range(1, CASES + 1):
        while k <= n and lower_bound(k, n, confidence) < floor:
            k += 1
        needed.append(k)
    return np.array(needed)


def ever_met(rate: float, floor: float, confidence: float) -> float:
    """Return exactly how probably a model of this rate meets the floor at any of so many cases."""
    sizes = np.arange(1, CASES + 1)
    needed = binom.isf(1 - confidence, sizes, floor).astype(int) + 1
    going, met = np.zeros(CASES + 2), 0.0
    going[0] = 1.0
    for k in needed:
        going[1:] = going[1:] * (1 - rate) + going[:-1] * rate
        going[0] *= 1 - rate
        met += float(going[k:].sum())
        going[k:] = 0.0
    return met
