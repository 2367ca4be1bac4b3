"""What a trial leaves to take away: the files that the capsule wrote, and its cases as a table."""

import asyncio
import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import UUID

import pandas as pd

from capsule_blocks.shelves import CasesMissing
from capsule_blocks.tables import Trial
from capsule_flows.case_files import (
    TooManyRows,
    as_csv,
    as_xlsx,
    cases_as_table,
    compared_as_table,
)
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.permission import NotAllowed
from capsule_flows.run_files import RunFile, find_file, first_lines, first_rows, run_files
from capsule_flows.side_by_side import side_by_side
from capsule_kit.manifest import Manifest
from capsule_panel import markup
from capsule_panel.access import Door
from capsule_panel.frame import control
from capsule_panel.thumbnail import picture

LARGEST_DRAWING = 1_000_000
MOST_LISTED = 100
CHUNK = 1 << 18
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def files_shown(results: Path | None, manifest: Manifest, trial_id: UUID) -> str:
    """Return the files of a trial as HTML: the author's headline results first and looked into."""
    found = run_files(results, manifest.headlines)
    if results is None or not found:
        return ""
    shown = "".join(_headline(results, one, trial_id) for one in found if one.title is not None)
    others = [one for one in found if one.title is None]
    listed = "".join(f"<li>{_link(one, trial_id)}</li>" for one in others[:MOST_LISTED])
    if (more := len(others) - MOST_LISTED) > 0:
        listed += f"<li>and {more} more</li>"
    rest = markup.folded(f"Files ({len(others)})", f"<ul>{listed}</ul>", is_open=not shown)
    return f"<h2>What it wrote</h2>{shown}{rest if others else ''}"


def cases_links(trial_id: UUID) -> str:
    """Return the links by which a trial's cases are taken away."""
    return _table_links("/cases", id=trial_id)


def compared_links(before: UUID, after: UUID) -> str:
    """Return the links by which two trials, case by case, are taken away."""
    return _table_links("/compared", before=before, after=after)


def _table_links(door: str, **asked: UUID) -> str:
    links = [
        markup.link(f"{door}?{urlencode({**asked, 'as': kind})}", said)
        for kind, said in (("xlsx", "Excel"), ("csv", "CSV"))
    ]
    return f'<p class="quiet">Take all cases away as {links[0]} or {links[1]}.</p>'


class NothingThere(FlowsError):
    """What a door was asked for is not there."""

    exit_code = 64

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}. Open the trial's page and take it from there.")


class TrialDoor(Door):
    """Base of the doors through which something of a trial goes out, as a file and as nothing else."""

    async def trial(self, asked: str = "id") -> Trial:
        """Return the trial that is asked for under this name, if whoever is at the door may see it.

        Raises:
            NotAllowed: she may not.
            NothingThere: there is no such trial.
        """
        trial = await asyncio.to_thread(_trial, self.get_query_argument(asked, ""))
        await self.insist("see trial", trial)
        if trial is None:
            raise NothingThere("trial")
        return trial

    def as_attachment(self, name: str, kind: str) -> None:
        """Say that what follows is a file to be kept, whatever is in it."""
        self.set_header("Content-Type", kind)
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, '')}")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")

    async def send_table(self, table: pd.DataFrame, name: str) -> None:
        """Send a table as Excel or CSV, as the address asks."""
        excel = self.get_query_argument("as", "csv") == "xlsx"
        content = await asyncio.to_thread(as_xlsx if excel else as_csv, table)
        kind = EXCEL if excel else "text/csv; charset=utf-8"
        self.as_attachment(f"{name}.{'xlsx' if excel else 'csv'}", kind)
        self.finish(content)

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Answer what cannot be sent in one sentence."""
        try:
            yield
        except (FlowsError, CasesMissing, TooManyRows) as error:
            self.set_status(403 if isinstance(error, NotAllowed) else 404)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(str(error))


class FileHandler(TrialDoor):
    """GET /file?id=TRIAL&name=…: a file that the capsule wrote."""

    async def get(self) -> None:
        """Send the file in pieces."""
        with self.in_words():
            trial = await self.trial()
            name = self.get_query_argument("name", "", strip=False)
            results = await asyncio.to_thread(control().store.results, trial.flow_run_id)
            path = await asyncio.to_thread(find_file, results, name)
            if path is None:
                raise NothingThere("file of this trial")
            self.as_attachment(path.name, "application/octet-stream")
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    self.write(chunk)
                    await self.flush()


class CasesHandler(TrialDoor):
    """GET /cases?id=TRIAL&as=csv|xlsx: the trial case by case."""

    async def get(self) -> None:
        """Send the table."""
        with self.in_words():
            trial = await self.trial()
            table = await asyncio.to_thread(_cases, control(), trial)
            name = f"{trial.capsule}-{trial.case_set_name}-{_short(trial)}"
            await self.send_table(table, name)


class ComparedHandler(TrialDoor):
    """GET /compared?before=TRIAL&after=TRIAL&as=csv|xlsx: two trials side by side, case by case."""

    async def get(self) -> None:
        """Send the table."""
        with self.in_words():
            before, after = await self.trial("before"), await self.trial("after")
            pair = await asyncio.to_thread(
                side_by_side, control(), before.flow_run_id, after.flow_run_id
            )
            name = f"{before.capsule}-{_short(before)}-{_short(after)}"
            await self.send_table(compared_as_table(pair.cases), name)


def _short(trial: Trial) -> str:
    return str(trial.flow_run_id)[:8]


def _trial(asked: str) -> Trial | None:
    try:
        return control().ledger.trial(UUID(asked))
    except ValueError:
        return None


def _cases(resources: Resources, trial: Trial) -> pd.DataFrame:
    judged = resources.store.judged(trial.flow_run_id)
    case_set = trial.case_set_id and resources.ledger.case_set_by_id(trial.case_set_id)
    release = resources.ledger.release(trial.release_id)
    if judged is None or not case_set or release is None:
        raise NothingThere("judged case of this trial")
    contract = Manifest.model_validate(release.manifest).contract
    said = resources.ledger.assessments(trial.flow_run_id)
    words = {one.case_id: f"{one.word} ({one.by})" for one in said}
    return cases_as_table(judged, resources.store.inputs(case_set.inputs_hash), contract, words)


def _headline(results: Path, one: RunFile, trial_id: UUID) -> str:
    path = find_file(results, one.name)
    inside = _inside(path, one) if path is not None else ""
    return f"<h3>{escape(one.title or one.name)}</h3>{inside}<p>{_link(one, trial_id)}</p>"


def _inside(path: Path, one: RunFile) -> str:
    """Return what can be seen of a file without obeying it: pictures as pixels, texts as text."""
    match one.kind:
        case "picture":
            return picture(path, one.title or one.name)
        case "drawing" if one.size <= LARGEST_DRAWING:
            # As an image a drawing runs nothing and fetches nothing.
            code = base64.b64encode(path.read_bytes()).decode()
            alt = escape(one.title or one.name)
            return (
                f'<img style="max-width:100%" alt="{alt}" src="data:image/svg+xml;base64,{code}">'
            )
        case "table":
            return _table(first_rows(path))
        case "text":
            return f"<pre>{escape(first_lines(path))}</pre>"
        case _:
            return ""


def _table(rows: Sequence[Sequence[str]]) -> str:
    return markup.table(rows[0], rows[1:]) if rows else ""


def _link(one: RunFile, trial_id: UUID) -> str:
    address = f"/file?{urlencode({'id': str(trial_id), 'name': one.name})}"
    return f"{markup.link(address, one.name)} ({_size(one.size)})"


def _size(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"
