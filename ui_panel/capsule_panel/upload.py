"""The door for files: an upload streams to disk and is received; a template goes out."""

import asyncio
import logging
import tempfile
from collections.abc import Collection
from typing import IO, Any
from urllib.parse import urlsplit

from bokeh.server.tornado import BokehTornado
from tornado.web import HTTPError, RequestHandler, stream_request_body

from capsule_blocks.shelves import CasesMissing
from capsule_flows.errors import FlowsError, UnknownCapsule
from capsule_flows.grouping import grouped
from capsule_flows.permission import NotAllowed, Visitor
from capsule_flows.receiving import Received, receive_cases
from capsule_flows.templates import template_of
from capsule_kit.contract import Contract
from capsule_panel.access import Door, find_for
from capsule_panel.frame import control

LOG = logging.getLogger(__name__)

LARGEST = 500_000_000
"""Bytes of the largest file that is taken."""
FINDINGS_SENT = 2_000
FORBIDDEN = 403


@stream_request_body
class UploadHandler(Door):
    """POST /upload?capsule=…&filename=…&name=…&by=… with the file's bytes as the body."""

    _file: IO[bytes] | None = None
    _size = 0

    def initialize(self, origins: Collection[str]) -> None:
        """Take the HOST:PORT values under which the app is reached."""
        self._origins = origins

    def check_xsrf_cookie(self) -> None:
        """Accept the app's own pages alone: a browser always says where a POST comes from."""
        if urlsplit(self.request.headers.get("Origin", "")).netloc not in self._origins:
            raise HTTPError(403)

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer in one sentence, whatever went wrong."""
        foreign = "Send files from the app's own page."
        sentence = foreign if status_code == FORBIDDEN else "The file could not be taken in."
        self.finish({"accepted": False, "sentence": sentence})

    async def prepare(self) -> None:
        """Open a file on disk, unless she may not bring one, or more is announced than is taken."""
        try:
            await self.insist("bring cases", self.get_query_argument("capsule", ""))
        except FlowsError as error:
            self._refuse(403 if isinstance(error, NotAllowed) else 503, str(error))
            return
        self.request.connection.set_max_body_size(LARGEST + 1)  # type: ignore[union-attr]
        if int(self.request.headers.get("Content-Length", 0)) > LARGEST:
            self._refuse(413, f"The file is larger than {LARGEST // 1_000_000} MB.")
            return
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed in on_finish

    def data_received(self, chunk: bytes) -> None:
        """Write what has come so far."""
        if self._file is not None:
            self._file.write(chunk)
            self._size += len(chunk)

    async def post(self) -> None:
        """Receive the file and say what became of it."""
        wanted = {key: self.get_query_argument(key, "") for key in ("capsule", "filename", "by")}
        if not all(wanted.values()) or self._file is None:
            self._refuse(400, "Say who you are and choose a file.")
            return
        if not self._size:
            self._refuse(400, f"{wanted['filename']} is empty. Choose the file with your cases.")
            return
        self._file.seek(0)
        try:
            visitor = await self.insist("bring cases", wanted["capsule"])
            told = await asyncio.to_thread(
                _receive, self._file, wanted, self.get_query_argument("name", ""), visitor
            )
        except NotAllowed as error:
            self._refuse(403, str(error))
            return
        except (FlowsError, CasesMissing) as error:
            self._refuse(404 if isinstance(error, UnknownCapsule) else 503, str(error))
            return
        except Exception:
            LOG.exception("An upload could not be received")
            self._refuse(
                500,
                "The file could not be taken in. Try again; the app's log says why.",
            )
            return
        self.finish(told)

    def on_finish(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()

    on_connection_close = on_finish

    def _refuse(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.finish({"accepted": False, "sentence": sentence})


class TemplateHandler(Door):
    """GET /template?name=CAPSULE: an empty table to fill."""

    async def get(self) -> None:
        """Send the XLSX file."""
        name = self.get_query_argument("name", "")
        try:
            visitor = await self.insist("open capsule", name)
            published = await asyncio.to_thread(find_for, visitor, name)
        except FlowsError as error:
            self.set_status(403 if isinstance(error, NotAllowed) else 404)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(str(error))
            return
        manifest = published.manifest
        self.set_header(
            "Content-Type",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        self.set_header("Content-Disposition", f'attachment; filename="{manifest.name}.xlsx"')
        self.finish(await asyncio.to_thread(template_of, manifest.contract))


class HealthHandler(RequestHandler):
    """GET /health: whether the app serves, and how many pages it holds."""

    def get(self) -> None:
        """Answer ok."""
        app: BokehTornado = self.application  # type: ignore[assignment]
        pages = sum(len(app.get_sessions(path)) for path in app.app_paths)
        self.finish({"status": "ok", "pages": pages})


def reply(received: Received, contract: Contract, name: str) -> dict[str, Any]:
    """Return what the page is told of an upload."""
    draft = received.draft
    findings = grouped(draft.report.findings, contract) if draft else []
    return {
        "accepted": received.accepted,
        "upload": str(received.upload_id),
        "name": name,
        "how": draft.table.how if draft else None,
        "seen": bool(draft or (received.unreadable and received.unreadable.seen)),
        "sentence": received.sentence,
        "case_set": received.case_set.name if received.case_set else None,
        "findings": [one.model_dump(mode="json") for one in findings[:FINDINGS_SENT]],
    }


def _receive(
    file: IO[bytes], wanted: dict[str, str], name: str, visitor: Visitor
) -> dict[str, Any]:
    filename = wanted["filename"]
    manifest = find_for(visitor, wanted["capsule"]).manifest
    name = name.strip() or filename.rsplit(".", 1)[0]
    received = receive_cases(
        control(),
        manifest,
        file,  # type: ignore[arg-type]  # a TemporaryFile is a BinaryIO in all that is used
        filename,
        name=name,
        by=visitor.name or wanted["by"],
        owner=visitor.owner,
    )
    return reply(received, manifest.contract, name)
