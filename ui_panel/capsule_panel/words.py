"""The app's own sentences: a contract, a time, a state, in words."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from capsule_flows.findings import Finding, allowed
from capsule_flows.wording import count
from capsule_kit.contract import Contract

SEEN = "The author of this model can see what you try here, refused files too."
CONTRACT_HEADERS = ("Column", "What it holds", "What to write", "May be blank")


def contract_rows(contract: Contract) -> list[tuple[str, str, str, str]]:
    """Return the contract as rows under CONTRACT_HEADERS, the answer column last."""
    rows = [
        (
            column.name,
            column.meaning,
            allowed(column),
            "no" if column.required else "yes",
        )
        for column in contract.columns
    ]
    answers = [
        (
            f"{answer.name} (your answer)",
            f"{answer.meaning} It is sealed: the model never sees it.",
            allowed(answer),
            "yes, then the case is not judged",
        )
        for answer in contract.answer.as_columns()
    ]
    return [*rows, *answers]


def places(finding: Finding) -> str:
    """Return the lines a finding is about: "line 3", "lines 3, 4, 9 to 12 and 8 more"."""
    if not finding.rows:
        return "the whole table"
    noun = "line" if finding.count == 1 else "lines"
    *listed, last = runs = _runs(finding.rows)
    more = finding.count - len(finding.rows)
    if more > 0:
        return f"{noun} {', '.join(runs)} and {more:,} more"
    return f"{noun} {', '.join(listed)} and {last}" if listed else f"{noun} {last}"


def _runs(lines: Sequence[int]) -> list[str]:
    """Return ascending lines with those that follow each other drawn together."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    texts = [[str(one) for one in run] for run in runs]
    return [text for run in texts for text in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)]


def found_in(findings: Sequence[Finding]) -> str:
    """Say how many things stand in the way, and how many are only worth a look."""
    refusing = sum(finding.severity == "refuse" for finding in findings)
    warning = len(findings) - refusing
    said = [f"{count(refusing, 'thing')} to mend"] if refusing else []
    said += [f"{count(warning, 'thing')} worth a look"] if warning else []
    return f"{' and '.join(said)}:" if said else "Nothing stood out."


def when(moment: datetime) -> str:
    """Return a moment as "23 Nov 2026, 11:50 UTC"."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def until(moment: datetime) -> str:
    """Return when something ends, as a day for what ends with it: "until the end of 10 Dec 2026, UTC"."""
    if moment.time() != time():
        return f"until {when(moment)}"
    last = moment - timedelta(days=1)
    return f"until the end of {last.day} {last:%b %Y}, UTC"


def outcome_style(outcome: str) -> str:
    """Return the colour class that goes beside a criterion's outcome word."""
    return {"met": "met", "not met": "missed"}.get(outcome, "open")
