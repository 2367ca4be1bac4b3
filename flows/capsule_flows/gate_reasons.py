"""What the gate asks of criteria, the champion and coverage, each answered with a reason. Pure."""

from collections.abc import Iterator

from capsule_flows import claim_words
from capsule_flows.claiming import rate_result
from capsule_flows.gate_facts import Found, GateEvidence, Reason
from capsule_flows.intervals import cases_needed
from capsule_flows.judgement import CriterionResult
from capsule_flows.paired import Changes, difference
from capsule_flows.wording import count
from capsule_kit.criteria import Criterion
from capsule_kit.policy import AgainstChampion, Coverage, Policy, Wanted

BETTER = "A better release; more cases of this one will hardly change it."
ON = {
    "brought": "cases brought",
    "open": "the open challenge cases",
    "sealed": "the sealed challenge cases",
}
HOW_TO_MEASURE = {
    "brought": "Run this release on cases whose answers are known.",
    "open": "Keep cases on the open shelf, and run `capsules replay`.",
    "sealed": "Keep cases on the sealed shelf, and run `capsules replay`.",
}


def outcome_alone(asks: str, one: Reason) -> Reason:
    """Return a reason of the sealed shelf: no case, no number, nothing to work towards."""
    told = f"The sealed shelf tells its outcome alone: {one.found}."
    settle = "" if one.found in ("met", "not asked") else "It does not say what would settle it."
    return one.model_copy(update={"asks": asks, "sentence": told, "settle": settle})


def criteria(policy: Policy, evidence: GateEvidence, sure: float) -> Iterator[Reason]:
    """Give a reason for each criterion, asked with so much confidence."""
    for wanted in policy.criteria:
        asked = wanted.asked(sure)
        asks = f"{claim_words.asked(asked)}, on {ON[wanted.cases]}"
        reason = _criterion(evidence, wanted, asked, asks)
        yield outcome_alone(asks, reason) if wanted.cases == "sealed" else reason


def _criterion(evidence: GateEvidence, wanted: Wanted, asked: Criterion, asks: str) -> Reason:
    found = next(
        (
            one.result
            for one in evidence.measured
            if one.cases == wanted.cases and one.result.criterion == asked
        ),
        None,
    )
    if found is None or not found.n:
        return Reason(
            asks=asks,
            tier=wanted.tier,
            found="missing",
            sentence="No case shows it.",
            settle=HOW_TO_MEASURE[wanted.cases],
        )
    if found.k is not None:
        # Counts are the evidence; what may be claimed of them is worked out here.
        found = rate_result(found.k, found.n, asked, evidence.positive)
    return Reason(
        asks=asks,
        tier=wanted.tier,
        found=found.outcome,
        sentence=_sentence(evidence, found),
        settle=_settle(found),
    )


def _sentence(evidence: GateEvidence, found: CriterionResult) -> str:
    if found.low is None or found.high is None:
        return found.sentence
    told = claim_words.Told(
        found.criterion, evidence.positive, evidence.unit, found.k, found.n, found.value
    )
    said = claim_words.lets_say(told, found.low, found.high)
    return f"{said[:1].upper()}{said[1:]}; {claim_words.bound(told)} is asked."


def _settle(found: CriterionResult) -> str:
    if found.outcome == "met":
        return ""
    if found.outcome == "not met":
        return BETTER
    wanted = found.criterion
    if found.k is None:
        return "More cases that go as these do."
    good = found.k if wanted.at_least is not None else found.n - found.k
    floor = wanted.bound if wanted.at_least is not None else 1 - wanted.bound
    needed = cases_needed(good, found.n, floor, wanted.confidence)
    if needed is None:
        return BETTER
    right = "right" if wanted.at_least is not None else "wrong"
    return f"{count(needed, 'such case')} more, if it gets all of them {right}."


def against_champion(asked: AgainstChampion, evidence: GateEvidence, sure: float) -> Reason:
    """Return whether the share right may have dropped, against the release in use, by more than allowed."""
    asks = f"a drop of at most {100 * asked.drop_at_most:.3g} points against the champion"
    beside = evidence.champion
    if beside is None:
        said = "There is no champion yet, or this release is it."
        return Reason(asks=asks, tier=asked.tier, found="not asked", sentence=said, settle="")
    changes = Changes(beside.still_right, beside.broken, beside.fixed, beside.still_wrong)
    n, name = sum(changes), f"the champion {beside.release_id[:8]}"
    if not n:
        said = f"No case was judged on both this release and {name}."
        settle = "Run both on the same cases, or keep cases and run `capsules replay`."
        return Reason(asks=asks, tier=asked.tier, found="missing", sentence=said, settle=settle)
    low, high = difference(changes, 2 * sure - 1)
    found: Found = "too few to tell"
    if low >= -asked.drop_at_most:
        found = "met"
    elif high < -asked.drop_at_most:
        found = "not met"
    sentence = (
        f"On {count(n, 'case')} judged on both, {beside.fixed} became right and {beside.broken} wrong"
        f" since {name}: in truth {100 * low:+.1f} to {100 * high:+.1f} points."
    )
    settle = {"met": "", "not met": BETTER}.get(found, "More cases that both were tried on.")
    return Reason(asks=asks, tier=asked.tier, found=found, sentence=sentence, settle=settle)


def coverage(asked: Coverage, evidence: GateEvidence) -> Iterator[Reason]:
    """Give a reason for each thing that the cases brought must span."""
    covered, tier = evidence.covered, asked.tier
    left = [
        f"{count(n, 'case')} of {what}"
        for n, what in ((covered.trained_on, "its training"), (covered.example, "its example"))
        if n
    ]
    apart = f" Left out: {' and '.join(left)}." if left else ""
    yield _enough(
        "cases brought", covered.cases, asked.cases, tier, f"{count(covered.cases, 'case')}.{apart}"
    )
    persons = ", ".join(covered.persons) or "nobody"
    yield _enough(
        "persons who brought them", len(covered.persons), asked.persons, tier, f"{persons}."
    )
    for column, value, n in covered.groups if asked.each_group else ():
        where = f"cases where {column} is {value}"
        yield _enough(where, n, asked.each_group, tier, f"{count(n, 'case')}.")
    failed = covered.failed_trials
    over = failed > asked.failed_trials_at_most
    yield Reason(
        asks=f"at most {count(asked.failed_trials_at_most, 'trial')} in which the model failed",
        tier=tier,
        found="not met" if over else "met",
        sentence=f"It failed as a whole in {count(failed, 'trial')} of this release.",
        settle="A release that does not." if over else "",
    )


def _enough(what: str, n: int, least: int, tier: str, sentence: str) -> Reason:
    enough = n >= least
    return Reason.model_validate(
        {
            "asks": f"at least {least} {what}",
            "tier": tier,
            "found": "met" if enough else "too few to tell",
            "sentence": sentence,
            "settle": "" if enough else f"{least - n} more.",
        }
    )
