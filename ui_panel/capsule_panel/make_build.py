"""Where an author commits a capsule, builds its image with the log in view, and runs its example in Docker."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.errors import FlowsError, NotGivenOut, UnknownCapsule
from capsule_flows.following import read_run
from capsule_flows.home import Resources
from capsule_flows.new_folder import commit, declared_in, outside, uncommitted
from capsule_flows.releases import Published, find_published
from capsule_flows.submitting import submit
from capsule_flows.wording import count
from capsule_kit.trial_flow import EXAMPLE
from capsule_panel import access, markup
from capsule_panel.frame import column, errors_in, html, section
from capsule_panel.person import Person
from capsule_panel.watch import Watch

LINES = 400
"""So many lines of the log are kept in view."""
LOOK_MS = 300
NAMED = 5


class BuildFailed(FlowsError):
    """The build or the deployment ended badly; its log is above."""


class Build:
    """A capsule's commit, its image, its deployment, and its example's run."""

    def __init__(
        self, resources: Resources, name: str, on_built: Callable[[], Awaitable[None]]
    ) -> None:
        """Take what is told once it was deployed, or committed."""
        self._resources, self._name, self._on_built = resources, name, on_built
        self._git, self._said, self._log, self._now = html(), html(), html(), column()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._commit = pmui.Button(
            label="Commit this capsule's files", variant="outlined", margin=(4, 12, 8, 0)
        )
        self._commit.on_click(self._on_commit)
        self._build = pmui.Button(
            label="Build it and run its example", color="primary", margin=(4, 12, 8, 0)
        )
        self._build.on_click(self._on_build)

    async def load(self) -> None:
        """Say what git has not seen, and what is deployed."""
        with errors_in(self._git):
            paths = await asyncio.to_thread(uncommitted)
            one = await asyncio.to_thread(deployed, self._name)
            others = outside(paths, self._name)
            self._commit.visible = len(paths) > len(others)
            self._git.object = _state(len(paths) - len(others), others, one)

    def view(self) -> Viewable:
        """Return it on one sheet."""
        return section(
            html("<h2>3. Build it and run its example</h2>"),
            self._git,
            pn.FlexBox(self._commit, self._build),
            self._said,
            self._log,
            self._now,
        )

    async def _on_commit(self, _: object) -> None:
        with errors_in(self._said):
            visitor = await access.insist("make capsules", None)
            by = access.name_of(visitor)
            await asyncio.to_thread(commit, self._name, by=by)
            self._said.object = markup.good("Committed. Build it now, so that its image says so.")
            await self.load()

    async def _on_build(self, _: object) -> None:
        self._build.disabled = True
        self._lines.clear()
        self._now[:] = []
        # Many lines come at once, and each would be a message to the browser.
        clock = pn.state.add_periodic_callback(self._show_log, period=LOOK_MS)
        try:
            with errors_in(self._said):
                visitor = await access.insist("make capsules", None)
                self._said.object = markup.paragraph(
                    "Building. The first image of a model takes some minutes, a change of its code"
                    " some seconds.",
                    "quiet",
                )
                declared = await asyncio.to_thread(declared_in, self._name)
                await self._deploy(declared)
                self._said.object = markup.good("Built and deployed. Its example runs now.")
                await self._run_example(visitor.owner, access.name_of(visitor))
            await self._on_built()
        finally:
            clock.stop()
            self._show_log()
            self._build.disabled = False

    async def _deploy(self, declared: Path) -> None:
        words = ("deploy", "--log", "--prefect-file", str(declared))
        async for line in _lines("capsule_flows.commands", *words):
            self._lines.append(line)

    async def _run_example(self, owner: str | None, by: str) -> None:
        one = await asyncio.to_thread(find_published, self._name)
        run_id = await asyncio.to_thread(
            submit, self._resources, one, EXAMPLE, {}, by=by, door="app", owner=owner
        )
        watch = Watch(self._resources, run_id, Person())
        link = markup.link(f"/trial?id={run_id}", "The example's trial has a page of its own")
        self._now[:] = [watch.now, html(f"<p>{link}.</p>")]
        await watch.follow(await asyncio.to_thread(read_run, run_id))

    def _show_log(self) -> None:
        if self._lines:
            self._log.object = markup.printed("\n".join(self._lines), "What the build says")


def deployed(name: str, *, given_out: bool = False) -> Published | None:
    """Return what is deployed of a capsule, with `given_out` for experts; None where nothing is."""
    try:
        return find_published(name, given_out=given_out)
    except (UnknownCapsule, NotGivenOut):
        return None


async def _lines(module: str, *words: str) -> AsyncIterator[str]:
    """Yield what a module run as a command prints.

    Raises:
        BuildFailed: it ended badly; what it said of that is in the sentence.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, stdout=PIPE, stderr=STDOUT, limit=1 << 20
    )
    assert process.stdout is not None
    last = ""
    async for line in process.stdout:
        text = line.decode(errors="replace").rstrip()
        if " failed: " in text:
            last = text
        yield text
    if await process.wait():
        raise BuildFailed(last or "The build ended badly; its log says why.")


def _state(own: int, others: list[str], one: Published | None) -> str:
    said = []
    if own:
        said.append(
            f"{count(own, 'file')} of this capsule are not committed as they are; a release needs a"
            " commit, and a build after it."
        )
    if others:
        named = ", ".join(others[:NAMED]) + (" …" if len(others) > NAMED else "")
        said.append(f"Other files of this project are not committed either: {named}.")
    now = "Nothing of it is deployed yet."
    if one is not None:
        version = str(one.code_version or "unknown")
        dirty = ", with changes that were not committed" if version.endswith("-dirty") else ""
        where = f"as image {one.image[7:15]}" if one.image else "as a local process"
        now = f"Deployed is commit {version[:8]}{dirty}, {where}."
    return markup.paragraph(now, "quiet") + "".join(map(markup.note, said))
