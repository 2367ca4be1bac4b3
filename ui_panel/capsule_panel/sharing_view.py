"""Where an author shares her model: with a person or by a link, until a day; and takes it back."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.people import Share
from capsule_flows.accounts import accounts
from capsule_flows.home import Resources
from capsule_flows.people import add_person, invite, person
from capsule_flows.permission import Visitor
from capsule_flows.releases import Published
from capsule_flows.releasing import all_released
from capsule_flows.sharing import (
    end_of,
    is_open,
    revoke,
    share_by_id,
    share_by_link,
    share_with,
    shares_of,
)
from capsule_panel import access, markup
from capsule_panel.frame import column, errors_in, html, section
from capsule_panel.words import until, when

USUAL = timedelta(days=30)
NO_CASES = "none: she brings her own"
SHOWN = 50
NOT_YET = markup.note(
    "Experts run releases only, and this model has none yet. Give one out on the authors' page; then it"
    " can be shared here."
)
Settings = Callable[[], Mapping[str, Any] | None]
"""Gives what the form on the page holds; None where a value cannot be used."""


class Sharing:
    """The form that shares, and what is shared now."""

    def __init__(
        self,
        resources: Resources,
        published: Published,
        settings: Settings | None = None,
        title: str = "Share this model",
    ) -> None:
        """Take the settings from the form on the page, where there is one and they are wanted."""
        self._title = title
        self._resources, self._published, self._settings = resources, published, settings
        self._capsule = published.manifest.name
        self._whom = pmui.TextInput(
            label="Her login, or for a link a note for whom it is",
            max_length=100,
            width=460,
            margin=(8, 16, 8, 0),
        )
        self._until = pmui.DatePicker(
            label="Open until the end of (UTC)",
            value=datetime.now(UTC).date() + USUAL,
            width=220,
            margin=(8, 0),
        )
        self._cases = pmui.Select(
            label="Cases that come with it", options=[NO_CASES], width=460, margin=(8, 0)
        )
        self._filled = pmui.Checkbox(
            label="With the settings as they stand on the form above",
            visible=settings is not None,
            margin=(4, 0),
        )
        self._link = pmui.Button(label="Make a link", color="primary", margin=(8, 12, 8, 0))
        self._link.on_click(self._on_link)
        self._person = pmui.Button(
            label="Share with this login", variant="outlined", margin=(8, 12, 8, 0)
        )
        self._person.on_click(self._on_person)
        self._said, self._list = html(), column()
        self._form = column(
            pn.FlexBox(self._whom, self._until),
            self._cases,
            self._filled,
            pn.Row(self._link, self._person),
        )
        self._not_yet = html(NOT_YET)

    async def load(self) -> None:
        """Show what is shared, and which cases can be."""
        ledger = self._resources.ledger
        cases = await asyncio.to_thread(ledger.case_sets, self._capsule)
        self._cases.options = [NO_CASES, *(one.name for one in cases)]
        given_out = bool(await asyncio.to_thread(all_released, ledger, self._capsule))
        self._form.visible, self._not_yet.visible = given_out, not given_out
        shares = await asyncio.to_thread(shares_of, ledger, self._capsule)
        self._list[:] = [self._row(one) for one in shares[:SHOWN]] or [
            html(markup.paragraph("It is shared with nobody yet.", "quiet"))
        ]

    def view(self) -> Viewable:
        """Return the form with what is shared."""
        about = (
            "Whoever you share it with sees this model and her own cases and trials, nothing of"
            " others. You see what she tries, and her page tells her so."
        )
        return section(
            html(f"<h2>{self._title}</h2>" + markup.paragraph(about, "quiet")),
            self._not_yet,
            self._form,
            self._said,
            html("<h3 style='margin-top:14px'>Shared now and before</h3>"),
            self._list,
        )

    async def _on_link(self, _: object) -> None:
        with errors_in(self._said):
            visitor = await access.insist("share", self._capsule)
            _, token = await asyncio.to_thread(
                share_by_link,
                self._resources.ledger,
                self._capsule,
                note=str(self._whom.value or "").strip(),
                by=visitor.name,
                **self._terms(),
            )
            await self._shared(
                "Copy this link now and send it; only its fingerprint is kept.",
                f"{self._resources.app_url}/s/{token}",
            )

    async def _on_person(self, _: object) -> None:
        login = str(self._whom.value or "").strip()
        if not login:
            self._said.object = markup.problem("Write the login with which she signs in.")
            return
        with errors_in(self._said):
            visitor = await access.insist("share", self._capsule)
            share = await asyncio.to_thread(self._share_with, login, visitor.name)
            await self._shared(*share)

    def _share_with(self, login: str, by: str) -> tuple[str, str | None]:
        ledger = self._resources.ledger
        known = person(ledger, login)
        stands = known or add_person(ledger, login, name="", role="expert", by=by)
        share_with(ledger, self._capsule, stands.login, by=by, **self._terms())
        if accounts().kind != "passwords" or stands.password:
            return (
                f"Shared with {stands.name}. Tell {stands.login}; she finds it when she signs in.",
                None,
            )
        token = invite(ledger, stands, by=by)
        said = (
            f"Shared with {stands.login}, who has no password yet. Send this link, with which one is"
            " chosen within a week; only its fingerprint is kept."
        )
        return said, f"{self._resources.app_url}/join/{token}"

    def _terms(self) -> dict[str, Any]:
        self._resources.ledger.add_once(self._published.release())
        chosen = str(self._cases.value)
        settings = self._settings() if self._settings and self._filled.value else None
        return {
            "until": end_of(self._until.value),
            "case_set": None if chosen == NO_CASES else chosen,
            "settings": settings or {},
        }

    async def _shared(self, sentence: str, url: str | None) -> None:
        link = f"<p><code>{escape(url)}</code></p>" if url else ""
        self._said.object = markup.good(sentence) + link
        self._whom.value = ""
        await self.load()

    def _row(self, share: Share) -> Viewable:
        said = html(described(share))
        if not is_open(share):
            return said
        button = pmui.Button(
            label="Take back", variant="outlined", size="small", color="error", margin=(0, 0, 8, 0)
        )

        async def take_back(_: object) -> None:
            with errors_in(self._said):
                visitor = await access.insist("share", self._capsule)
                ledger = self._resources.ledger
                stands = await asyncio.to_thread(share_by_id, ledger, share.share_id)
                if stands and is_open(stands):
                    await asyncio.to_thread(revoke, ledger, stands, by=visitor.name)
                self._said.object = markup.good("Taken back. It opens nothing any more.")
                await self.load()

        button.on_click(take_back)
        return column(said, button)


async def for_the_author(
    resources: Resources, published: Published, visitor: Visitor, settings: Settings
) -> list[Viewable]:
    """Return where the model is shared; nothing where there are no others, or she may not."""
    name = published.manifest.name
    if not accounts().needed or not access.allowed(visitor, "share", name):
        return []
    sharing = Sharing(resources, published, settings)
    await sharing.load()
    return [sharing.view()]


def described(share: Share) -> str:
    """Return one share as a line of escaped HTML."""
    whom = share.login or f"By a link{f', for {share.note}' if share.note else ''}"
    with_it = f", with the cases “{share.case_set}”" if share.case_set else ""
    filled = ", settings filled in" if share.settings else ""
    if share.revoked:
        standing = f"taken back {when(share.at)} by {share.by}"
    else:
        standing = f"{'open' if is_open(share) else 'ended'}, {until(share.until)}"
    return markup.paragraph(f"{whom}{with_it}{filled} — {standing}")
