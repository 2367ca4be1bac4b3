"""The message when a trial is done reaches a real receiver through Prefect's own block, once, and harms nothing."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.testing.utilities import prefect_test_harness

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import Outcome, Trial
from capsule_flows.home import Resources
from capsule_flows.telling import SETTING, tell


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    got: list[dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def received() -> Iterator[tuple[str, list[dict[str, str]]]]:
    handler = type("Here", (Receiver,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", handler.got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def prefect() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=180):
        yield


def ended(resources: Resources, door: str = "app") -> threading.Thread | None:
    trial = Trial(
        flow_run_id=uuid4(),
        release_id="r1",
        capsule="tumor",
        case_set_name="mine",
        door=door,
        by="Ada",
    )
    outcome = Outcome(flow_run_id=trial.flow_run_id, kind="judged", sentence="3 of 3 are right.")
    return tell(resources, trial, outcome)


@pytest.fixture
def resources(tmp_path: object) -> Resources:
    return Resources(
        store=CaseStore(root=f"{tmp_path}/store"),
        ledger=Ledger(url="sqlite://"),
        app_url="http://app",
        prefect_ui="",
    )


@pytest.mark.usefixtures("prefect")
def test_the_message_says_what_came_out_and_where_to_look(
    received: tuple[str, list[dict[str, str]]],
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, got = received
    block = CustomWebhookNotificationBlock(
        name="here",
        url=url,
        json_data={"subject": "{{subject}}", "text": "{{body}}"},
        allow_private_urls=True,
    )
    block.save("ward", overwrite=True)
    monkeypatch.setenv(SETTING, "custom-webhook/ward")
    sending = ended(resources)
    assert sending is not None
    sending.join(60)
    (told,) = got
    assert told["subject"] == "tumor on “mine”: judged"
    assert told["text"].startswith("3 of 3 are right.\n\nStarted by Ada. http://app/trial?id=")


@pytest.mark.usefixtures("prefect")
def test_a_block_that_is_not_there_is_a_line_in_the_log_and_no_harm(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(SETTING, "custom-webhook/nobody")
    sending = ended(resources)
    assert sending is not None
    sending.join(60)
    assert "could not be sent" in caplog.text


def test_without_a_block_named_and_at_a_replay_nobody_is_told(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert ended(resources) is None
    monkeypatch.setenv(SETTING, "custom-webhook/ward")
    assert ended(resources, door="replay") is None
