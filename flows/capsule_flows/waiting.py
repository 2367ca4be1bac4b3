"""Containers that wait, everything imported and loaded, each for one trial: how many, and since when."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from capsule_flows.containers import Container
from capsule_flows.containment import Recipe

HOT_S = 2.0
"""A run this young is left undisturbed: no container is made ready beside it, in seconds."""
REST_S = 1.0
"""And so long after a run has ended, while it is judged and shown, in seconds."""
FIRST_REST_S, LONGEST_REST_S = 1.0, 60.0
"""How long a release rests whose container ended before it was ready; doubled each time."""


@dataclass(frozen=True)
class Held:
    """What is known of one waiting container."""

    key: str
    age: float
    """In seconds."""


@dataclass(frozen=True)
class Load:
    """What the machine is doing."""

    busy: int
    """How many trials are under way."""
    hot: int
    """How many began less than HOT_S, or ended less than REST_S ago."""
    busy_memory: int
    """How much their containers may use, in bytes."""
    memory: int
    """How much all containers together may use, in bytes."""
    cores: int


@dataclass(frozen=True)
class Plan:
    """What is to be done now."""

    retire: tuple[int, ...]
    """Places in the list of those held."""
    make: tuple[str, ...]
    """Keys of the recipes."""


def plan(
    wanted: Mapping[str, Recipe], held: list[Held], load: Load, unused: Mapping[str, float]
) -> Plan:
    """Return which containers to let go and which to make.

    Args:
        wanted: The releases' recipes by key, without those that rest after a failure.
        held: The waiting containers, those still starting as well.
        load: What the machine is doing.
        unused: Seconds since each release was last tried, by key.
    """
    live = {key: recipe for key, recipe in wanted.items() if unused[key] < recipe.idle}
    kept: dict[str, int] = defaultdict(int)
    retire, memory = [], load.busy_memory
    for place, one in enumerate(held):
        recipe = live.get(one.key)
        fits = recipe and memory + recipe.limits.memory <= load.memory
        if recipe and fits and one.age < recipe.greatest_age and kept[one.key] < recipe.waiting:
            kept[one.key] += 1
            memory += recipe.limits.memory
        else:
            retire.append(place)
    make: list[str] = []
    spare = 0 if load.hot else load.cores - load.busy
    for key, recipe in sorted(live.items(), key=lambda item: unused[item[0]]):
        for _ in range(recipe.waiting - kept[key]):
            if len(make) < spare and memory + recipe.limits.memory <= load.memory:
                make.append(key)
                memory += recipe.limits.memory
    return Plan(tuple(retire), tuple(make))


@dataclass
class _Rest:
    until: float
    seconds: float


@dataclass
class WaitingContainers:
    """The waiting containers of one worker."""

    make: Callable[[Recipe], Awaitable[Container]]
    let_go: Callable[[Container], Awaitable[None]]
    load: Callable[[], Load]
    log: Any
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whatever makes a new plan worth while."""
    _wanted: dict[str, Recipe] = field(default_factory=dict)
    _held: list[Container] = field(default_factory=list)
    _used: dict[str, float] = field(default_factory=dict)
    _rests: dict[str, _Rest] = field(default_factory=dict)

    def want(self, recipes: Mapping[str, Recipe]) -> None:
        """Say for which releases containers are to wait; the first mention counts as a use."""
        if set(recipes) - set(self._wanted):
            self.changed.set()
        self._wanted = dict(recipes)
        for key in recipes:
            self._used.setdefault(key, time.monotonic())

    def take(self, key: str) -> Container | None:
        """Return a container of this key that waits, the readiest first; None where none does."""
        self._used[key] = time.monotonic()
        fitting = [one for one in self._held if one.key == key and not one.ended.is_set()]
        if not fitting:
            return None
        taken = min(fitting, key=lambda one: (not one.ready, one.born))
        self._held.remove(taken)
        return taken

    def make_room(self, memory: int) -> list[Container]:
        """Take out waiting containers until `memory` bytes are free; whoever asked lets them go."""
        out = []
        load = self.load()
        while self._held and self._held_memory() + load.busy_memory + memory > load.memory:
            out.append(self._held.pop(0))
        return out

    async def tend(self, every_s: float) -> None:
        """Keep as many waiting as the plan says, for as long as this is awaited."""
        try:
            while True:
                self.changed.clear()
                await self._once()
                try:
                    await asyncio.wait_for(self.changed.wait(), every_s)
                except TimeoutError:
                    continue
        finally:
            # Awaited although whoever awaits this was cancelled.
            with anyio.CancelScope(shield=True):
                await asyncio.gather(*(self.let_go(one) for one in self._held))
            self._held.clear()

    async def _once(self) -> None:
        await self._drop_ended()
        now = time.monotonic()
        wanted = {
            key: recipe
            for key, recipe in self._wanted.items()
            if key not in self._rests or self._rests[key].until < now
        }
        held = [Held(one.key, now - one.born) for one in self._held]
        unused = {key: now - self._used[key] for key in wanted}
        planned = plan(wanted, held, self.load(), unused)
        leaving = [self._held[place] for place in planned.retire]
        for one in leaving:
            self._held.remove(one)
        await asyncio.gather(*(self.let_go(one) for one in leaving))
        for key in planned.make:
            await self._add(self._wanted[key])

    async def _add(self, recipe: Recipe) -> None:
        try:
            made = await self.make(recipe)
        except Exception as problem:  # noqa: BLE001 - the engine or the image may come back
            self._let_rest(recipe.key, str(problem))
            return
        self._held.append(made)

    async def _drop_ended(self) -> None:
        ended = [one for one in self._held if one.ended.is_set()]
        for one in ended:
            self._held.remove(one)
            if not one.ready:
                end = await one.end()
                said = f"it ended with {end.code} before it was ready\n{end.last_lines}"
                self._let_rest(one.key, said)
        for one in self._held:
            if one.ready:
                self._rests.pop(one.key, None)
        await asyncio.gather(*(self.let_go(one) for one in ended))

    def _let_rest(self, key: str, problem: str) -> None:
        before = self._rests.get(key)
        seconds = min(LONGEST_REST_S, before.seconds * 2) if before else FIRST_REST_S
        self._rests[key] = _Rest(time.monotonic() + seconds, seconds)
        self.log.warning("No container waits for %s yet: %s", key, problem)

    def _held_memory(self) -> int:
        return sum(
            self._wanted[one.key].limits.memory for one in self._held if one.key in self._wanted
        )
