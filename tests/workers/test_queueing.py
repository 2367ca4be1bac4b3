"""Who is next, and how many containers wait: pure, without server or engine."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from capsule_flows.containment import Limits, Recipe
from capsule_flows.queueing import Queued, Room, in_order, person_of, startable
from capsule_flows.waiting import Held, Load, plan

START = datetime(2026, 1, 1, tzinfo=UTC)
RELEASE = uuid4()
PLENTY = Room(runs=100, memory=1 << 40, limits={})


def queued(by: str, second: int, release: UUID | None = RELEASE, memory: int = 1) -> Queued:
    return Queued(uuid4(), by, release, START + timedelta(seconds=second), memory)


def test_one_run_overtakes_the_hundred_of_somebody_else() -> None:
    """Whoever has least under way comes first, however long the others' queue is."""
    hundred = [queued("busy", second) for second in range(100)]
    one = queued("quiet", 200)
    assert in_order([*hundred, one], [])[:2] == [hundred[0], one]
    assert in_order([*hundred[1:], one], [hundred[0]])[0] == one


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=30))
def test_places_are_shared_evenly_among_those_who_wait(waiting: list[tuple[str, int]]) -> None:
    """Of any first places, nobody who still waits has two fewer than another person."""
    runs = [queued(by, second) for by, second in waiting]
    ordered = in_order(runs, [])
    assert sorted(run.run_id for run in ordered) == sorted(run.run_id for run in runs)
    for places in range(len(ordered)):
        having = Counter(run.by for run in ordered[:places])
        still = {run.by for run in ordered[places:]}
        assert all(having[one] >= max(having.values(), default=0) - 1 for one in still)


def test_a_release_at_its_limit_holds_up_nobody_else() -> None:
    """Its own runs wait; another release's run starts."""
    other = uuid4()
    mine, theirs = queued("a", 1), queued("b", 2, release=other)
    room = replace(PLENTY, limits={RELEASE: 1})
    assert startable([mine, theirs], [queued("c", 0)], room) == [theirs]


def test_memory_is_never_overcommitted_and_no_run_overtakes_a_larger_one() -> None:
    """The large run waits for room at the head of the queue; alone it is started whatever it asks."""
    large, small = queued("a", 1, memory=8), queued("b", 2, memory=1)
    room = replace(PLENTY, memory=8)
    assert startable([large, small], [queued("c", 0, memory=2)], room) == []
    assert startable([queued("a", 1, memory=99)], [], room) != []


def test_whose_a_run_is_stands_in_its_tags() -> None:
    assert person_of(["capsule", "by:Ada"]) == "Ada"
    assert person_of([]) == ""


RECIPE = Recipe(
    image="sha256:ab",
    entrypoint="a.b.flow",
    module="a.model",
    capsule=True,
    environment={},
    limits=Limits(memory=10, cpus=1, processes=200, seconds=60, work_bytes=1),
    waiting=2,
    greatest_age=100,
    idle=50,
)
KEY = RECIPE.key
QUIET = Load(busy=0, hot=0, busy_memory=0, memory=100, cores=2)


def test_as_many_wait_as_asked_for() -> None:
    assert plan({KEY: RECIPE}, [], QUIET, {KEY: 0}).make == (KEY, KEY)
    assert plan({KEY: RECIPE}, [Held(KEY, 1)] * 3, QUIET, {KEY: 0}).retire == (2,)


def test_an_unused_release_costs_nothing_after_a_while() -> None:
    decided = plan({KEY: RECIPE}, [Held(KEY, 60)], QUIET, {KEY: 51})
    assert (decided.retire, decided.make) == ((0,), ())


def test_what_is_too_old_or_of_another_release_is_let_go() -> None:
    held = [Held(KEY, 101), Held("gone", 1)]
    assert plan({KEY: RECIPE}, held, QUIET, {KEY: 0}).retire == (0, 1)


def test_nothing_is_made_ready_beside_a_run_that_has_just_begun() -> None:
    """The trial that somebody waits for has the processors to itself; a long one does not hold up."""
    assert plan({KEY: RECIPE}, [], replace(QUIET, busy=1, hot=1), {KEY: 0}).make == ()
    assert plan({KEY: RECIPE}, [], replace(QUIET, busy=1), {KEY: 0}).make == (KEY,)


def test_waiting_containers_fit_into_the_memory_beside_the_runs() -> None:
    tight = replace(QUIET, busy=1, busy_memory=85)
    assert plan({KEY: RECIPE}, [], tight, {KEY: 0}).make == (KEY,)
    full = replace(QUIET, busy=1, busy_memory=95)
    assert plan({KEY: RECIPE}, [Held(KEY, 1)], full, {KEY: 0}).retire == (0,)
