"""The author's way from a model to what an expert runs: drafted, said, seen, built, released, shared."""

import asyncio
from collections.abc import Sequence
from html import escape

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.accounts import accounts
from capsule_flows.home import Resources
from capsule_flows.new_capsule import NewCapsule
from capsule_flows.new_folder import folder_of
from capsule_panel import access, markup
from capsule_panel.frame import column, control, html, page, section
from capsule_panel.make_build import Build, deployed
from capsule_panel.make_draft import Drafting
from capsule_panel.make_preview import Preview
from capsule_panel.make_release import Release
from capsule_panel.make_texts import Texts
from capsule_panel.sharing_view import Sharing

ALONE = (
    "Nobody else can come in here: start with CAPSULES_ACCOUNTS=passwords, or with your OpenID Connect"
    " provider, and this model can be shared with a person or by a link."
)


def view() -> pmui.Page:
    """Return the page of the model, or of the capsule, that the address names."""
    asked = {
        key: (pn.state.session_args.get(key) or [b""])[0].decode(errors="replace")
        for key in ("from", "name")
    }

    async def fill() -> Sequence[Viewable]:
        await access.insist("make capsules", None)
        resources = await asyncio.to_thread(control)
        if asked["name"] or not asked["from"]:
            making = Making(resources, asked["name"])
            await making.load()
            return making.view()
        body = column()

        async def on_made(name: str, made: NewCapsule) -> None:
            making = Making(resources, name, made)
            if pn.state.location:
                pn.state.location.search = f"?name={name}"
            body[:] = making.view()
            await making.load()

        drafting = Drafting(asked["from"], on_made)
        body[:] = drafting.view()
        pn.state.execute(drafting.load)
        return [body]

    return page("Make a capsule", fill)


class Making:
    """A capsule of this project from its texts to its release."""

    def __init__(self, resources: Resources, name: str, made: NewCapsule | None = None) -> None:
        """Take what was just drafted, where it was.

        Raises:
            NoSuchFolder: this project has no such capsule.
        """
        self._resources, self._name, self._made = resources, name, made
        self._folder = folder_of(name)
        self._texts = Texts(name, self._on_saved)
        self._preview = Preview(name)
        self._build = Build(resources, name, self._on_built)
        self._release = Release(resources, name, self._load_sharing)
        self._share = column()

    async def load(self) -> None:
        """Show each step as it stands."""
        await asyncio.gather(self._texts.load(), self._preview.load(), self._on_built())

    def view(self) -> list[Viewable]:
        """Return the steps below each other."""
        links = markup.link("/author", "All models of yours")
        made = ""
        if self._made is not None:
            files = markup.bullets(map(str, self._made.files))
            made = (
                markup.good(f"{self._folder} is written; nothing of the model was opened.")
                + markup.folded("What was written", files)
                + (
                    markup.note("What the draft could not know:") + markup.bullets(self._made.ask)
                    if self._made.ask
                    else ""
                )
            )
        head = f'<p class="quiet">{links}</p><h1>{escape(self._name)}</h1>{made}'
        return [
            html(head),
            self._texts.view(),
            self._preview.view(),
            self._build.view(),
            self._release.view(),
            self._share,
        ]

    async def _on_saved(self) -> None:
        await asyncio.gather(self._preview.load(), self._build.load())

    async def _on_built(self) -> None:
        await asyncio.gather(self._build.load(), self._release.load(), self._load_sharing())

    async def _load_sharing(self) -> None:
        one = await asyncio.to_thread(deployed, self._name)
        title = "5. Share it"
        if not accounts().needed:
            alone = html(f"<h2>{title}</h2>" + markup.paragraph(ALONE, "quiet"))
            self._share[:] = [section(alone)]
        elif one is None:
            later = html(f"<h2>{title}</h2>" + markup.note("Build and release it first."))
            self._share[:] = [section(later)]
        else:
            sharing = Sharing(self._resources, one, title=title)
            await sharing.load()
            self._share[:] = [sharing.view()]
