"""How a replay has cases run: a port of two questions, and Prefect behind it.

A run is asked for under a key, and the same key always gives the same run: whoever was killed after
asking asks again and gets what is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from capsule_blocks.tables import Outcome, Trial
from capsule_flows.challenge_batch import BY
from capsule_flows.errors import UnknownTrial
from capsule_flows.following import stop_run, wait_final
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_flows.settling import settle
from capsule_flows.submitting import submit
from capsule_flows.trial_words import INFRASTRUCTURE_FAILED, REPLAY
from capsule_kit.manifest import settings_schema

LONGEST_TRIAL_S = 3600.0
LONGEST_STOP_S = 60.0
LOST = "The Prefect server no longer knows this run."


class Runs(Protocol):
    """Where a capsule's current release is run."""

    def start(self, case_set_name: str, key: str) -> UUID:
        """Have a case set run, once for each key, as a trial of the ledger; return its flow run."""

    def settled(self, flow_run_id: UUID) -> Outcome:
        """Return how a run ended, once it has."""


@dataclass(frozen=True)
class PrefectRuns:
    """Flow runs of the capsule's deployment."""

    resources: Resources
    published: Published

    def start(self, case_set_name: str, key: str) -> UUID:
        """Ask the Prefect server for the run."""
        return submit(
            self.resources,
            self.published,
            case_set_name,
            {},
            by=BY,
            door=REPLAY,
            idempotency_key=key,
        )

    def settled(self, flow_run_id: UUID) -> Outcome:
        """Wait for the run, stop it after an hour, and settle it."""
        try:
            self._wait(flow_run_id)
            outcome = settle(self.resources, flow_run_id)
        except UnknownTrial:
            return self._lost(flow_run_id)
        if outcome is None:
            message = f"The run {flow_run_id} ended but belongs to no capsule."
            raise LookupError(message)
        return outcome

    def _wait(self, flow_run_id: UUID) -> None:
        try:
            wait_final(flow_run_id, timeout_s=LONGEST_TRIAL_S)
        except TimeoutError:
            stop_run(flow_run_id)
            wait_final(flow_run_id, timeout_s=LONGEST_STOP_S)

    def _lost(self, flow_run_id: UUID) -> Outcome:
        ledger = self.resources.ledger
        kind = INFRASTRUCTURE_FAILED
        ledger.add_once(Outcome(flow_run_id=flow_run_id, kind=kind, sentence=LOST))
        outcome = ledger.outcome(flow_run_id)
        assert outcome is not None
        return outcome


def as_it_comes(trial: Trial, defaults: Mapping[str, Any]) -> bool:
    """Say whether a trial was run with the settings that a replay has."""
    return all(name in defaults and defaults[name] == of for name, of in trial.settings.items())


def default_settings(published: Published) -> dict[str, Any]:
    """Return the settings that the form starts with."""
    fields = settings_schema(published.schema).get("properties", {})
    return {name: field["default"] for name, field in fields.items() if "default" in field}
