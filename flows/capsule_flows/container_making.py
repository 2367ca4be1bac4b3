"""Containers as a worker makes them, with the folders and the users that each has of its own."""

import os
import secrets
from pathlib import Path

import anyio
from anyio import to_thread

import capsule_kit
from capsule_flows.containers import Container
from capsule_flows.containment import (
    CLOSED,
    FIRST_MODEL_USER,
    KIT_USER,
    MODEL_USERS,
    Berth,
    Recipe,
    options,
)
from capsule_flows.docker_ground import PLACE_LABEL, POOL_LABEL, SECONDS_LABEL, DockerGround
from capsule_flows.staged_runs import open_place


class ContainerMaker:
    """Makes the containers of one worker, and removes them."""

    def __init__(self, ground: DockerGround) -> None:
        self._ground = ground
        self.held: set[str] = set()
        """The ids of those that were made and not let go yet."""
        self.door: Path | None = None
        """The folder with the socket to the API."""

    async def make(self, recipe: Recipe) -> Container:
        """Make a container of this recipe and start it."""
        user = kit_owner()
        staged = await to_thread.run_sync(open_place, user) if recipe.capsule else None
        container = Container(self._ground.engine, recipe.key, staged)
        berth = Berth(
            kit_user=KIT_USER if user is not None else os.getuid(),
            model_user=FIRST_MODEL_USER + secrets.randbelow(MODEL_USERS),
            data=staged.data if staged else None,
            results=staged.results if staged else None,
            door=self.door if recipe.network == CLOSED else None,
            kit=None if recipe.capsule else Path(capsule_kit.__file__).parent,
            labels={
                POOL_LABEL: self._ground.pool,
                SECONDS_LABEL: str(recipe.limits.seconds),
                **({PLACE_LABEL: staged.place.name} if staged else {}),
            },
        )
        try:
            await container.begin(options(recipe, berth), self.held.add)
        except BaseException:
            await self.let_go(container)
            raise
        return container

    async def let_go(self, container: Container) -> None:
        """Remove a container, and its place unless a run has it."""
        with anyio.CancelScope(shield=True):
            await container.remove()
            if container.staged and self._ground.staging:
                await to_thread.run_sync(self._ground.staging.clear, container.staged)
        self.held.discard(container.id)


def kit_owner() -> int | None:
    """Return the user that a run's flow is to be, where that is not this process's own."""
    return KIT_USER if os.getuid() == 0 else None
