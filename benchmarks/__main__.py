"""`python -m benchmarks [PART …]`: measure, print a table, write figures.json; what is not measured stays.

The part `without` takes long and is measured only when it is named.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure, read, table, write
from benchmarks.mechanisms import MECHANISMS, lacking, python_path
from benchmarks.start import PROJECT, everything_running

sys.path.append(
    str(PROJECT / "tests")
)  # whose private PostgreSQL and messy files serve here as well
from private_postgres import binaries, private_postgres

POSTGRES = "postgres"
WITHOUT = "without-"
DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
FIGURES = Path(__file__).with_name("figures.json")
Part = Callable[[Path], dict[str, Figure]]


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def main() -> None:
    """Measure the parts that were named, or all, on starts of their own, and leave nothing running."""
    asked = _asked(sys.argv[1:] or [*PARTS, *ALONE])
    if len(asked) == 1:
        measure(asked[0])
        return
    for name in asked:
        # Prefect's settings freeze when it is imported, so each start needs a process of its own.
        subprocess.run([sys.executable, "-m", "benchmarks", name], check=True)
    tell(table(read(FIGURES)))


def measure(name: str) -> None:
    """Measure one part, on a start of its own unless it needs none."""
    if name in ALONE:
        _finish(ALONE[name]())
        return
    tell(f"Starting everything to measure: {name}.")
    with (
        tempfile.TemporaryDirectory(prefix="capsules-bench-") as home,
        _set_up(name) as (settings, part),
        everything_running(Path(home), **settings),
    ):
        figures = part(Path(home))
    _finish(figures)


def _finish(figures: dict[str, Figure]) -> None:
    write(figures, FIGURES)
    tell(table(figures))


def _asked(words: list[str]) -> list[str]:
    every = [f"{WITHOUT}{name}" for name in MECHANISMS]
    asked = every if words == [WITHOUT.rstrip("-")] else words
    if unknown := set(asked) - {*PARTS, *ALONE, *every}:
        there = ", ".join([*PARTS, *ALONE, WITHOUT.rstrip("-")])
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {there}.")
    return asked


@contextmanager
def _set_up(name: str) -> Iterator[tuple[dict[str, str], Part]]:
    """Hold what a part needs before its start; yield the settings that the start gets, and the part."""
    programs = binaries()
    if name.startswith(WITHOUT):
        lacked = name.removeprefix(WITHOUT)
        with lacking(lacked) as code:
            yield {"PYTHONPATH": python_path(code)}, lambda _: _without(lacked, code)
    elif name == POSTGRES and programs is not None:
        with private_postgres(programs) as server:
            yield {DATABASE: server.url("asyncpg", server.new_database())}, PARTS[name]
    else:
        yield {}, PARTS[name]


# What the parts import reads a start's addresses once, so they import it when one is there.


def _trials(_: Path) -> dict[str, Figure]:
    from benchmarks.trials import measure_trials

    return measure_trials(tell)


def _check(_: Path) -> dict[str, Figure]:
    from benchmarks.checks import measure_check

    return measure_check(tell)


def _waiting(home: Path) -> dict[str, Figure]:
    from benchmarks.waiting import measure_waiting

    return measure_waiting(home, tell)


def _tiny(home: Path) -> dict[str, Figure]:
    from benchmarks.waiting import measure_on_sqlite

    return measure_on_sqlite(home, tell)


def _without(name: str, code: Path) -> dict[str, Figure]:
    from benchmarks.without import measure_without

    return measure_without(name, code)


def _postgres(_: Path) -> dict[str, Figure]:
    from benchmarks.waiting import measure_on_postgres

    return measure_on_postgres(tell, there=binaries() is not None)


def _click(_: Path) -> dict[str, Figure]:
    from benchmarks.click import measure_click
    from benchmarks.stand import stand

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return {"click_to_judged_s": Figure(None, "s", "not measured: no Chromium is here")}
    with stand(tell) as at:
        return measure_click(at, browser, tell)


def _coverage() -> dict[str, Figure]:
    from benchmarks.coverage import measure_coverage

    return measure_coverage(tell)


def _pages(_: Path) -> dict[str, Figure]:
    from benchmarks.pages import measure_pages
    from capsule_flows.home import resources

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        none = Figure(None, "times", "not measured: no Chromium is here")
        return {"page_interactive_vs_empty": none}
    return measure_pages(resources().app_url, browser, tell)


def _people(_: Path) -> dict[str, Figure]:
    from benchmarks.people import measure_people
    from capsule_flows.home import resources

    return measure_people(resources().app_url, tell)


def _judging(_: Path) -> dict[str, Figure]:
    from benchmarks.judging import measure_judging

    return measure_judging(tell)


def _redraw(_: Path) -> dict[str, Figure]:
    from benchmarks.redraw import measure_redraw

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return {"redraw_1000_s": Figure(None, "s", "not measured: no Chromium is here")}
    return measure_redraw(browser, tell)


def _rows() -> dict[str, Figure]:
    from benchmarks.rows import measure_rows

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        none = Figure(None, "s", "not measured: no Chromium is here")
        return {"rows_100k_shown_s": none, "rows_100k_browsed_s": none}
    return measure_rows(browser, tell)


def _million(_: Path) -> dict[str, Figure]:
    from benchmarks.million import measure_million

    return measure_million(tell)


def _replay(_: Path) -> dict[str, Figure]:
    from benchmarks.replays import measure_replays
    from benchmarks.stand import stand

    with stand(tell) as at:
        return measure_replays(at, tell)


def _gate() -> dict[str, Figure]:
    from benchmarks.gate import measure_gate

    return measure_gate(tell)


def _messy() -> dict[str, Figure]:
    from benchmarks.messy import measure_messy

    return measure_messy(tell)


PARTS: dict[str, Part] = {
    "trials": _trials,
    "check": _check,
    "waiting": _waiting,
    "tiny": _tiny,
    POSTGRES: _postgres,
    "click": _click,
    "redraw": _redraw,
    "pages": _pages,
    "people": _people,
    "million": _million,
    "judging": _judging,
    "replay": _replay,
}
ALONE: dict[str, Callable[[], dict[str, Figure]]] = {
    "coverage": _coverage,
    "gate": _gate,
    "messy": _messy,
    "rows": _rows,
}

if __name__ == "__main__":
    main()
