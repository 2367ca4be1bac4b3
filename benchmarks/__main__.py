"""`python -m benchmarks`: measure, print a table, write figures.json."""

import tempfile
from pathlib import Path

from benchmarks.figures import table, write
from benchmarks.start import everything_running

FIGURES = Path(__file__).with_name("figures.json")


def main() -> None:
    """Measure everything on a start of its own, and leave nothing running."""
    with tempfile.TemporaryDirectory(prefix="capsules-bench-") as home:
        print("Starting everything for the measurement.", flush=True)
        with everything_running(Path(home)):
            # What they import reads the start's addresses once.
            from benchmarks.checks import measure_check
            from benchmarks.trials import measure_trials

            figures = {**measure_trials(lambda line: print(line, flush=True)), **measure_check()}
    write(figures, FIGURES)
    print(table(figures))


if __name__ == "__main__":
    main()
