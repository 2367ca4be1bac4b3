"""A message when a trial is done, through a notification block of Prefect's where one is named.

It is sent once, by whoever put the outcome into the ledger. A message that cannot be sent is a line
in the log and nothing else: the outcome stands.
"""

import logging
import os
import threading
from typing import Any

from prefect.blocks.core import Block
from prefect.utilities.asyncutils import run_coro_as_sync

from capsule_blocks.tables import Outcome, Trial
from capsule_flows.home import Resources
from capsule_flows.trial_words import BEHAVIOUR, REPLAY

LOG = logging.getLogger(__name__)
SETTING = "CAPSULES_NOTIFY"
"""Names the block as Prefect does: "slack-webhook/ward", "custom-webhook/lab"."""
SILENT_DOORS = (REPLAY, BEHAVIOUR)
"""Nobody waits for these trials one by one."""


def tell(resources: Resources, trial: Trial, outcome: Outcome) -> threading.Thread | None:
    """Send the message beside what is going on; return the thread that does, or None where there is none."""
    if trial.door in SILENT_DOORS:
        return None
    return send(*message(resources, trial, outcome))


def send(subject: str, body: str) -> threading.Thread | None:
    """Send a message beside what is going on; return the thread that does, or None where no block is named."""
    place = os.environ.get(SETTING)
    if not place:
        return None
    # Not a daemon: a command that ends now waits until it is sent, and a slow receiver holds up no page.
    thread = threading.Thread(target=_send, args=(place, subject, body), name="message")
    thread.start()
    return thread


def message(resources: Resources, trial: Trial, outcome: Outcome) -> tuple[str, str]:
    """Return the subject and the text of the message."""
    subject = f"{trial.capsule.replace('_', ' ')} on “{trial.case_set_name}”: {outcome.kind}"
    page = resources.trial_url(trial.flow_run_id)
    return subject, f"{outcome.sentence}\n\nStarted by {trial.by}. {page}"


def _send(place: str, subject: str, body: str) -> None:
    async def sending() -> None:
        block: Any = await Block.aload(place)
        notify = getattr(block, "anotify", None) or block.notify
        await notify(body=body, subject=subject)

    try:
        run_coro_as_sync(sending())
    except Exception as cause:  # noqa: BLE001 - whatever a receiver does, the outcome stands
        LOG.warning("The message by %s=%s could not be sent: %s", SETTING, place, cause)
