"""A behaviour check, made: its derived cases run like cases, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_blocks.tables import CaseSet, Trial
from capsule_flows.behaviour_checks import BehaviourCheck
from capsule_flows.behaviour_judging import Behaved, Side, behaved
from capsule_flows.behaviour_keeping import CannotCheck, keep
from capsule_flows.following import wait_final
from capsule_flows.home import Resources
from capsule_flows.masking import MASK
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import Published
from capsule_flows.settling import settle
from capsule_flows.submitting import submit
from capsule_flows.trial_words import BEHAVIOUR, JUDGED
from capsule_kit.contract import Contract
from capsule_kit.manifest import SETTINGS_PARAMETER, Manifest
from capsule_kit.predictions import PREDICTIONS_FILE, read_predictions
from capsule_kit.receipt import CASE_ID

LONGEST_TRIAL_S = 3600.0


@dataclass(frozen=True)
class Known:
    """A behaviour check of a case set with its runs."""

    behaviour: Behaviour
    runs: tuple[tuple[Trial, BehaviourOutcome | None], ...]
    """Newest first; without an outcome while it is going on."""


def ask(
    resources: Resources,
    published: Published,
    trial: Trial,
    check: BehaviourCheck,
    *,
    by: str,
    owner: str | None = None,
) -> tuple[Behaviour, UUID]:
    """Start a check of a trial's cases with the trial's settings; return it and its flow run's id.

    Raises:
        CannotCheck: as `keep`, or the trial it must be compared with is of another release.
    """
    case_set = trial.case_set_id and resources.ledger.case_set_by_id(trial.case_set_id)
    if not case_set:
        raise CannotCheck("The cases of this trial are not in the store, so none can be changed.")
    if check.of_the_table and published.release().id != trial.release_id:
        raise CannotCheck(
            "The model was released anew since this trial, so there is nothing to compare with."
            " Run these cases again, and check it there."
        )
    behaviour = keep(resources, published.manifest, case_set, check, by=by, owner=owner)
    return behaviour, _submit(
        resources, published, behaviour.derived_id, _settings_of(trial), by, owner
    )


def run_again(
    resources: Resources,
    published: Published,
    behaviour: Behaviour,
    *,
    by: str,
    settings: Mapping[str, Any] | None = None,
) -> BehaviourOutcome:
    """Make a check again on what is published now, wait for it, and return what came of it.

    Raises:
        CannotCheck: the contract no longer allows it.
    """
    check = BehaviourCheck.model_validate(behaviour.asked)
    case_set = _case_set(resources, behaviour.case_set_id)
    now = keep(
        resources, published.manifest, case_set, check, by=behaviour.by, owner=behaviour.owner
    )
    wanted = dict(settings or {})
    if check.of_the_table and not before(resources, case_set.id, published.release().id, wanted):
        first = submit(
            resources, published, case_set.name, wanted, by=by, door="command", owner=case_set.owner
        )
        wait_final(first, timeout_s=LONGEST_TRIAL_S)
        settle(resources, first)
    flow_run_id = _submit(resources, published, now.derived_id, wanted, by, behaviour.owner)
    wait_final(flow_run_id, timeout_s=LONGEST_TRIAL_S)
    outcome = outcome_of(resources, now, flow_run_id)
    assert outcome is not None
    return outcome


def outcome_of(
    resources: Resources, behaviour: Behaviour, flow_run_id: UUID
) -> BehaviourOutcome | None:
    """Return what came of a check in a trial, settling both if nobody has; None while it goes on."""
    ledger = resources.ledger
    if there := ledger.behaviour_outcome(behaviour.id, flow_run_id):
        return there
    outcome = ledger.outcome(flow_run_id) or settle(resources, flow_run_id)
    trial = ledger.trial(flow_run_id)
    if outcome is None or trial is None:
        return None
    row = BehaviourOutcome(
        behaviour_id=behaviour.id,
        flow_run_id=flow_run_id,
        kind=outcome.kind,
        sentence=outcome.sentence,
    )
    if outcome.kind == JUDGED:
        then = before(resources, behaviour.case_set_id, trial.release_id, trial.settings)
        found = _behaved(resources, behaviour, trial, then)
        row.before_id = then.flow_run_id if then else None
        row.sentence, row.found = found.sentence, found.model_dump(mode="json")
    ledger.add_once(row)
    return ledger.behaviour_outcome(behaviour.id, flow_run_id)


def before(
    resources: Resources, case_set_id: UUID, release_id: str, settings: Mapping[str, Any]
) -> Trial | None:
    """Return the newest judged trial on a case set of this release with these settings, its results kept."""
    same = [
        one
        for one in resources.ledger.trials_of_case_set(case_set_id)
        if one.release_id == release_id and one.settings == dict(settings)
    ]
    outcomes = resources.ledger.outcomes([one.flow_run_id for one in same])
    for one in same:
        outcome = outcomes.get(one.flow_run_id)
        if outcome and outcome.kind == JUDGED and resources.store.results(one.flow_run_id):
            return one
    return None


def known(resources: Resources, case_set_id: UUID | None) -> list[Known]:
    """Return every check of a case set with its runs, the newest check first."""
    if case_set_id is None:
        return []
    return [_known(resources, one) for one in resources.ledger.behaviours(case_set_id=case_set_id)]


def of_derived(resources: Resources, trial: Trial) -> list[Known]:
    """Return the checks whose changed cases a trial ran."""
    found = resources.ledger.behaviours(capsule=trial.capsule)
    return [_known(resources, one) for one in found if one.derived_id == trial.case_set_id]


def _known(resources: Resources, one: Behaviour) -> Known:
    trials = resources.ledger.trials_of_case_set(one.derived_id)
    settled = resources.ledger.outcomes([trial.flow_run_id for trial in trials])
    # What nobody has settled goes on: whoever waits for it, or the sweep, settles it.
    runs = (
        (
            trial,
            outcome_of(resources, one, trial.flow_run_id) if trial.flow_run_id in settled else None,
        )
        for trial in trials
    )
    return Known(one, tuple(runs))


def checks_of(resources: Resources, capsule: str) -> list[Behaviour]:
    """Return every check of a capsule's cases once, however often it was derived; oldest first."""
    found = reversed(resources.ledger.behaviours(capsule=capsule))
    return list({(one.case_set_id, one.check_hash): one for one in found}.values())


def derived_sets(resources: Resources, capsule: str) -> set[UUID]:
    """Return the case sets of a capsule that a check has derived: nobody chose them to be run alone."""
    return {one.derived_id for one in resources.ledger.behaviours(capsule=capsule)}


def _submit(
    resources: Resources,
    published: Published,
    case_set_id: UUID,
    settings: Mapping[str, Any],
    by: str,
    owner: str | None,
) -> UUID:
    name = _case_set(resources, case_set_id).name
    return submit(resources, published, name, dict(settings), by=by, door=BEHAVIOUR, owner=owner)


def _case_set(resources: Resources, case_set_id: UUID) -> CaseSet:
    found = resources.ledger.case_set_by_id(case_set_id)
    if found is None:
        message = f"The ledger lacks the case set {case_set_id}."
        raise LookupError(message)
    return found


def _settings_of(trial: Trial) -> Mapping[str, Any]:
    """Return the settings as the trial was given them; the ledger has the secrets among them masked."""
    if MASK not in str(trial.settings):
        return trial.settings
    given: Mapping[str, Any] = prefect_api().read_flow_run(trial.flow_run_id).parameters
    return dict(given.get(SETTINGS_PARAMETER) or {})


def _behaved(
    resources: Resources, behaviour: Behaviour, trial: Trial, then: Trial | None
) -> Behaved:
    release = resources.ledger.release(trial.release_id)
    assert release is not None
    contract = Manifest.model_validate(release.manifest).contract
    return behaved(
        _side(resources, behaviour.derived_id, trial, contract),
        _side(resources, behaviour.case_set_id, then, contract) if then else None,
        BehaviourCheck.model_validate(behaviour.asked),
        contract,
        {str(why): int(n) for why, n in behaviour.left_out.items()},
    )


def _side(resources: Resources, case_set_id: UUID, trial: Trial, contract: Contract) -> Side:
    inputs = resources.store.inputs(_case_set(resources, case_set_id).inputs_hash)
    results = resources.store.results(trial.flow_run_id)
    if results is None:
        message = f"The store lacks what trial {trial.flow_run_id} left."
        raise LookupError(message)
    said = read_predictions(results / PREDICTIONS_FILE, inputs[CASE_ID], contract.answer)
    return Side(inputs, said)
