"""How many messy files are read to the cells that were meant, and whether any is read silently wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, bounded

if TYPE_CHECKING:
    from checks.messy_suites import Became


def measure_messy(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Read every file of the suites that are there; `tell` is given a line for each suite."""
    from checks.messy_suites import all_outcomes

    outcomes = all_outcomes()
    for suite in dict.fromkeys(one.file.suite for one in outcomes):
        tell(f"{suite}: {_in_words([one for one in outcomes if one.file.suite == suite])}")
    tables = [one for one in outcomes if not one.file.refuse]
    right = [one for one in tables if one.outcome in ("right", "right once confirmed")]
    wrong = [one for one in outcomes if one.outcome == "wrong"]
    for one in wrong:
        tell(f"wrong: {one.file.suite}, {one.file.name}: {one.told}")
    suites = ", ".join(dict.fromkeys(one.file.suite for one in outcomes))
    return {
        "messy_read_share": Figure(
            round(len(right) / len(tables), 3),
            "share",
            f"of {len(tables)} messy files with a table in them ({suites}), those read to the cells"
            f" that were meant; {_in_words(tables)}",
        ),
        "messy_silently_wrong": bounded(
            len(wrong),
            "files",
            f"of {len(outcomes)} messy files, those read to other cells without a question",
            0,
        ),
    }


def _in_words(outcomes: "Sequence[Became]") -> str:
    became = Counter(one.outcome for one in outcomes)
    return ", ".join(f"{many} {outcome}" for outcome, many in became.most_common())
