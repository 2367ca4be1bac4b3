"""The gate: policy and evidence in, the decision out. Pure: nothing is opened, nobody is asked, no clock is read.

- GO needs every critical and supporting reason met: missing is never a pass.
- So a model below one floor gets GO only if that one errs (intersection-union; Berger 1982,
  Technometrics 24:295), and the number of criteria needs no correction.
- Each asking is done at a fifteenth of the risk, so that whoever asks after each of up to 1,000
  cases is told GO of a model at its floor no more often than `false_go` says (docs/gate.md).
"""

import math
from collections.abc import Sequence

from capsule_flows.gate_challenge import challenged
from capsule_flows.gate_facts import Answer, Decision, GateEvidence, Reason
from capsule_flows.gate_reasons import against_champion, coverage, criteria
from capsule_flows.gate_signatures import signatures
from capsule_flows.wording import count
from capsule_kit.criteria import Criterion
from capsule_kit.policy import Policy

ASKINGS = 15
"""By how much the risk of one asking is smaller than that of all; a test computes that it suffices."""
NO_POLICY = Reason(
    asks="a policy",
    tier="critical",
    found="missing",
    sentence="Nobody has said when a release of this capsule may go into use.",
    settle="Write gate.toml beside the capsule, name it in Capsule(gate=…) and deploy again.",
)
_ORDER = ("not met", "disputed", "missing", "too few to tell", "met", "not asked")
_TIERS = ("critical", "supporting", "advisory")


def confidence_of(policy: Policy) -> float:
    """Return the one-sided confidence with which each thing is asked, each time."""
    # Rounded up to what a sentence can show.
    return math.ceil(1e5 * (1 - policy.false_go / ASKINGS)) / 1e5


def asked_of(policy: Policy) -> tuple[Criterion, ...]:
    """Return the criteria as the judgement is to measure them, in the policy's order."""
    return tuple(wanted.asked(confidence_of(policy)) for wanted in policy.criteria)


def decide(policy: Policy | None, evidence: GateEvidence) -> Decision:
    """Return the gate's answer with its reasons, those that stand in the way first."""
    if policy is None:
        return _decision(evidence, [NO_POLICY])
    sure = confidence_of(policy)
    reasons = [*criteria(policy, evidence, sure)]
    if policy.challenge is not None:
        reasons += challenged(policy.challenge, evidence)
    if policy.champion is not None:
        reasons.append(against_champion(policy.champion, evidence, sure))
    if policy.verdicts is not None:
        reasons.append(signatures(policy.verdicts, evidence))
    if policy.coverage is not None:
        reasons += coverage(policy.coverage, evidence)
    return _decision(evidence, reasons)


def _decision(evidence: GateEvidence, reasons: Sequence[Reason]) -> Decision:
    ordered = sorted(reasons, key=lambda one: (_TIERS.index(one.tier), _ORDER.index(one.found)))
    answer = _answer(reasons)
    return Decision(
        answer=answer, headline=_headline(answer, evidence, ordered), reasons=tuple(ordered)
    )


def _answer(reasons: Sequence[Reason]) -> Answer:
    if any(one.tier == "critical" and one.found == "not met" for one in reasons):
        return "NO-GO"
    return "INCONCLUSIVE" if any(map(_stands_in_the_way, reasons)) else "GO"


def _stands_in_the_way(one: Reason) -> bool:
    return one.tier != "advisory" and one.found not in ("met", "not asked")


def _headline(answer: Answer, evidence: GateEvidence, reasons: Sequence[Reason]) -> str:
    release = f"{evidence.capsule}, release {evidence.release_id[:8]}"
    if answer == "GO":
        return f"GO: {release} shows all that its policy asks."
    against = [one for one in reasons if one.tier == "critical" and one.found == "not met"]
    if answer == "NO-GO":
        return f"NO-GO: {release}. Not met: {_listed(against)}."
    open_ = [one for one in reasons if _stands_in_the_way(one)]
    return f"INCONCLUSIVE: {release}. Still open: {_listed(open_)}."


def _listed(reasons: Sequence[Reason]) -> str:
    first, *rest = dict.fromkeys(one.asks for one in reasons)
    return f"{first}, and {count(len(rest), 'more thing')}" if rest else first
