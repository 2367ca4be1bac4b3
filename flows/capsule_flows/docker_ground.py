"""The containers of this engine as the worker's watch sees them: there, ended, or somebody else's."""

import time
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from capsule_blocks.staging import Staging
from capsule_flows.containers import Engine
from capsule_flows.orphans import Trace

POOL_LABEL = "io.prefect-capsules.pool"
"""Whose work pool a container serves."""
PLACE_LABEL = "io.prefect-capsules.place"
"""The name of the staging folder that it was made with."""
SECONDS_LABEL = "io.prefect-capsules.seconds"
"""Its time limit."""
GRACE_S = 15.0
"""How long a container that has ended is left to whoever follows it."""


class DockerGround:
    """Where the runs of a Docker worker live."""

    what = "container"

    def __init__(self, held: Callable[[], Collection[str]]) -> None:
        """`held` tells the ids of the containers that this worker looks after itself."""
        self._held = held
        self.pool = ""
        self.staging: Staging | None = None

    @cached_property
    def engine(self) -> Engine:
        """Return the engine, connected at first use."""
        return Engine()

    def name(self, container_id: str) -> str:
        """Return what tells a container from all others, on whichever engine."""
        return f"{self.engine.id}:{container_id}"

    def look(self, flow_run_id: UUID, pid: str | None) -> Trace:
        """Say what is there of the run."""
        del flow_run_id
        if pid is None:
            return Trace.UNSEEN
        engine_id, _, container_id = pid.rpartition(":")
        if engine_id != self.engine.id:
            return Trace.ELSEWHERE
        state = self.engine.state(container_id)
        return Trace.ALIVE if state and state["Running"] else Trace.ENDED

    def kill(self, flow_run_id: UUID, pid: str | None) -> None:
        """Kill and remove the run's container."""
        del flow_run_id
        if pid is not None:
            self.engine.remove(pid.rpartition(":")[2])

    def clear(self) -> None:
        """Remove what dead workers left: ended containers, and places that no container has."""
        there = self.engine.labelled(POOL_LABEL)
        for one in there:
            ours = one["Labels"][POOL_LABEL] == self.pool and one["Id"] not in self._held()
            if ours and one["State"] in ("created", "exited", "dead") and self._old(one):
                self.engine.remove(one["Id"])
        if self.staging is None:
            return
        named = {one["Labels"].get(PLACE_LABEL) for one in there}
        for staged in self.staging.opened():
            if staged.place.name not in named and staged.age() > GRACE_S:
                self.staging.clear(staged)

    def overdue(self, pid: str | None, seconds: float) -> bool:
        """Say whether a run that nobody follows is past the time limit of its container."""
        if pid is None:
            return False
        limit = self.engine.labels(pid.rpartition(":")[2]).get(SECONDS_LABEL)
        return limit is not None and seconds > float(limit)

    def _old(self, listed: dict[str, Any]) -> bool:
        state = self.engine.state(listed["Id"])
        if state is None:
            return False
        since = max(_moment(state["FinishedAt"]), float(listed["Created"]))
        return time.time() - since > GRACE_S


def _moment(told: str) -> float:
    """Return a time that the engine told, as seconds since 1970; 0 for none."""
    return max(0.0, datetime.fromisoformat(told[:19] + "+00:00").timestamp())
