"""The message when a trial is done reaches a real receiver through Prefect's own block, once, and harms nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from prefect import Flow
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.states import Cancelled

from capsule_blocks import CaseStore
from capsule_blocks.tables import Outcome
from capsule_flows.home import Resources
from capsule_flows.prefect_api import prefect_api
from capsule_flows.settling import settle
from capsule_flows.telling import SETTING, tell
from receiver import Received, receiving
from rows import release, trial


@pytest.fixture
def received() -> Iterator[Received]:
    with receiving() as found:
        yield found


def ended(resources: Resources, door: str = "app") -> threading.Thread | None:
    tried = trial(case_set_name="mine", door=door)
    outcome = Outcome(flow_run_id=tried.flow_run_id, kind="judged", sentence="3 of 3 are right.")
    return tell(resources, tried, outcome)


@pytest.fixture
def block(
    prefect: None, received: Received, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, str]]:
    """Name a block that posts to the receiver; give what has come there."""
    url, got = received
    made = CustomWebhookNotificationBlock(
        name="here",
        url=url,
        json_data={"subject": "{{subject}}", "text": "{{body}}"},
        allow_private_urls=True,
    )
    made.save("ward", overwrite=True)
    monkeypatch.setenv(SETTING, "custom-webhook/ward")
    return got


def test_the_message_says_what_came_out_and_where_to_look(
    block: list[dict[str, str]], resources: Resources
) -> None:
    sending = ended(resources)
    assert sending is not None
    sending.join(60)
    (told,) = block
    assert told["subject"] == "tumor on “mine”: judged"
    assert told["text"].startswith("3 of 3 are right.\n\nStarted by Ada. http://app/trial?id=")


def test_eight_settlers_on_eight_machines_send_one_message(
    block: list[dict[str, str]], resources: Resources, tmp_path: Path
) -> None:
    """Each has a store of its own, so no lock of this machine's helps; the ledger alone decides."""
    run = prefect_api().create_flow_run(Flow(name="tumor", fn=lambda: None), state=Cancelled())
    resources.ledger.add(release(), trial(flow_run_id=run.id))
    settlers = [
        replace(resources, store=CaseStore(root=tmp_path / f"machine-{one}")) for one in range(8)
    ]
    together = threading.Barrier(len(settlers))

    def settling(one: Resources) -> Outcome | None:
        together.wait()
        return settle(one, run.id)

    with ThreadPoolExecutor(len(settlers)) as pool:
        outcomes = list(pool.map(settling, settlers))
    assert settle(resources, run.id) in outcomes
    assert len({str(one) for one in outcomes}) == 1
    for sending in [one for one in threading.enumerate() if one.name == "message"]:
        sending.join(60)
    assert [one["subject"] for one in block] == ["tumor on “c”: cancelled"]


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
