"""What went wrong in a training, a build or a deployment: the line that matters, out of all that was printed. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STEP = re.compile(r"Step \d+/\d+ : ")
RAISED = re.compile(
    r"([A-Za-z_][\w.]*(?:Error|Exception|Exit|Failed|Refused|Missing|Interrupt)): (.*)"
)
"""The last line of a traceback."""
FRAME = re.compile(r'\s*File "(.+)", line (\d+)')
OURS = re.compile(r"(?:^|/)(capsules/(?!capsule_kit/)\S+)")
"""A file of an author."""
BUILD_FAILED = "prefect.utilities.dockerutils.BuildError"
COMMAND_FAILED = "returned a non-zero code"
TELLING = (
    re.compile(r"\s*cause: (.*)"),  # uv
    re.compile(r"E: (.*)"),  # apt
    re.compile(r"ERROR: (.*)"),  # pip
    RAISED,
    re.compile(r"Error in .* : ?(.*)"),  # R, which may go on in the next line
    re.compile(r"(?i)(?:\S+ )?(?:fatal )?error: (.*)"),  # compilers, uv, R
)
"""How tools write what they could not do, the most telling first."""
NOISE = ("An exception occurred.", " ---> ", "Removing intermediate container")


def line_that_matters(output: str) -> str:
    """Return the one line that says what to mend; the last line where nothing stands out."""
    lines = _plain(output)
    cause = _cause(lines)
    if cause is None:
        return _telling(lines)
    raised, message, where = cause
    if raised == BUILD_FAILED:
        return _telling(_printed(lines)) if COMMAND_FAILED in message else message
    name = raised.rpartition(".")[2]
    # Our own errors are sentences.
    sentence = message if raised.startswith("capsule_") else f"{name}: {message}"
    return f"{where}: {sentence}" if where and not raised.startswith("capsule_") else sentence


def last_lines(output: str, count: int) -> Sequence[str]:
    """Return the last lines of the step that failed, without what its tools print around it."""
    lines = _plain(output)
    printed = _printed(lines)
    return (printed or lines)[-count:]


def _plain(output: str) -> list[str]:
    return [line for one in output.splitlines() if (line := COLOUR.sub("", one).rstrip())]


def _printed(lines: Sequence[str]) -> list[str]:
    """Return what the last step of an image's build printed, the step itself first; empty where none was begun."""
    begun = [place for place, line in enumerate(lines) if STEP.match(line)]
    if not begun:
        return []
    after = lines[begun[-1] :]
    ends = [place for place, line in enumerate(after) if line.startswith("Traceback")]
    return [line for line in (after[: ends[0]] if ends else after) if not line.startswith(NOISE)]


def _cause(lines: Sequence[str]) -> tuple[str, str, str] | None:
    """Return the first exception that was raised: its name, its message, and the author's line it came from."""
    where = ""
    for place in (at for at, line in enumerate(lines) if line.startswith("Traceback")):
        for line in lines[place + 1 :]:
            if (frame := FRAME.match(line)) and (own := OURS.search(frame[1])):
                where = f"{own[1]}, line {frame[2]}"
            if raised := RAISED.fullmatch(line):
                return raised[1], raised[2], where
    return None


def _telling(lines: Sequence[str]) -> str:
    for pattern in TELLING:
        found = [
            (hit, next_) for line, next_ in pairwise([*lines, ""]) if (hit := pattern.match(line))
        ]
        if found:
            last, next_ = found[-1]
            return last[0].strip() if pattern is RAISED else last[1].strip() or next_.strip()
    return lines[-1].strip() if lines else "it said nothing."
