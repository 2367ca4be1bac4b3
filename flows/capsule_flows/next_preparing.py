"""A newer version in the registry becomes the capsule's next release: built and deployed beside it, then replayed.

The author's folder is only read. What was done is a row of the ledger, written last: whoever is killed
before leaves nothing that is offered, and the next look does it again.
"""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

from capsule_blocks.files import workbench
from capsule_blocks.prepared import Prepared
from capsule_blocks.registered_models import ModelFileMissing, ModelsUnreachable, Version
from capsule_flows.deploying import DeployFailed, StepKilled, run_step
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources, folder
from capsule_flows.new_capsule import CAPSULES
from capsule_flows.new_finding import CannotDraft, find_source
from capsule_flows.new_model import ARTIFACT
from capsule_flows.new_releases import start_replay
from capsule_flows.new_source import Source
from capsule_flows.next_known import prepared
from capsule_flows.next_offer import last_replay
from capsule_flows.next_scratch import (
    as_next,
    commit_of,
    copy_project,
    declared_in,
    made_of,
    version_of,
)
from capsule_flows.next_taking import CannotTake, registered_in, taking
from capsule_flows.prefect_api import prefect_api
from capsule_flows.registry_connection import connected_registry
from capsule_flows.releases import Published, find_next, published
from capsule_kit.errors import CapsuleError

LOCK = "next-"
DECLARED = ".prefect-next.yaml"
PROJECT = Path()
"""The author's: where `capsules up` was called."""
log = logging.getLogger(__name__)


def prepare_newer(where: Resources) -> None:
    """Make ready what the registry has that is newer than a capsule's version, and have it replayed."""
    try:
        registry = connected_registry()
        server = registry.server() if registry else None
        models = {one.name: one.newest for one in server.models()} if server else {}
    except (ModelsUnreachable, ValueError) as cause:
        log.warning("The registry is not looked through for newer versions: %s", cause)
        return
    if not models:
        return
    for one in published():
        model = _model(one.manifest.registered)
        if model not in models:
            continue
        try:
            _see_to(where, one, models[model])
        except (FlowsError, CapsuleError) as cause:
            log.warning("The next release of %s: %s", one.manifest.name, cause)


def is_newer(newest: Version | None, registered: str) -> bool:
    """Say whether a registry's newest version of a model is newer than the one of this address.

    A registry counts upwards: a smaller number is what was left when newer ones were deleted.
    """
    number = registered.rpartition("/")[2]
    return newest is not None and number.isdecimal() and int(newest.version) > int(number)


def is_due(rows: Sequence[Prepared], address: str, beside_id: str, folder_hash: str) -> bool:
    """Say whether a version is to be made ready beside a release: neither done, nor failed with the folder as it is."""
    tried = [row for row in rows if (row.address, row.beside_id) == (address, beside_id)]
    return not any(row.release_id or row.made_of == folder_hash for row in tried)


def being_built(where: Resources) -> frozenset[str]:
    """Return the capsules of which a next release is being built on this machine."""
    found = set()
    for file in (where.store.local / "locks").glob(f"{LOCK}*"):
        with suppress(OSError), file.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found.add(file.name.removeprefix(LOCK))
    return frozenset(found)


def package_of(one: Published) -> str:
    """Return the name of a capsule's folder."""
    return one.entrypoint.split(".")[0]


def _see_to(where: Resources, one: Published, newest: Version | None) -> None:
    if newest is None or not is_newer(newest, one.manifest.registered):
        # What was newer is the capsule's own by now, or was deleted.
        if (left := find_next(one.manifest.name)) is not None:
            prefect_api().delete_deployment(left.deployment_id)
        return
    if one.image is None or not newest.ready:
        return
    name, beside = one.manifest.name, one.release()

    def due() -> bool:
        return is_due(
            prepared(where.ledger, name),
            newest.address,
            beside.id,
            made_of(PROJECT, package_of(one)),
        )

    if due():
        with _alone(where, name):
            if due():
                where.ledger.add_once(beside)
                where.ledger.add_once(_prepared(where, one, newest.address))
    _replay(where, one)


def _prepared(where: Resources, one: Published, address: str) -> Prepared:
    """Build and deploy a version, and return what came of it."""
    row = Prepared(
        capsule=one.manifest.name,
        address=address,
        beside_id=one.release().id,
        made_of=made_of(PROJECT, package_of(one)),
    )
    try:
        made = _deployed(one, find_source(address)).release()
    except StepKilled:
        raise
    except (CannotTake, CannotDraft, DeployFailed, ModelFileMissing, OSError) as cause:
        row.problem = str(cause).splitlines()[0]
        log.warning("Version %s of %s was not built: %s", address, row.capsule, cause)
        return row
    where.ledger.add_once(made)
    row.release_id = made.id
    return row


def _deployed(one: Published, source: Source) -> Published:
    """Build the version in a copy of the project, and deploy it beside the capsule.

    Raises:
        CannotTake: it does not fit the capsule, or stands in the author's folder already.
        DeployFailed: building or deploying failed.
    """
    name, package = one.manifest.name, package_of(one)
    at = CAPSULES / package
    refuse_taken(registered_in(PROJECT / at), source.registered, package)
    take = taking(PROJECT / at, source)
    version = version_of(commit_of(PROJECT), source.registered)
    declared = as_next(declared_in(PROJECT, package, one.entrypoint), version)
    with workbench(folder() / "next") as bench:
        copy_project(PROJECT.absolute(), bench, without=at / ARTIFACT)
        for file, text in take.texts.items():
            (bench / at / file).write_text(text, encoding="utf-8")
        (bench / at / ARTIFACT).mkdir(parents=True)
        source.copy(bench / at / ARTIFACT)
        (bench / DECLARED).write_text(yaml.safe_dump(declared), encoding="utf-8")
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        paths = filter(None, [str(bench / CAPSULES), os.environ.get("PYTHONPATH")])
        run_step(
            "prefect deploy",
            [*command, "--prefect-file", DECLARED],
            cwd=bench,
            environment={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    made = find_next(name)
    if made is None or made.manifest.registered != source.registered:
        raise DeployFailed("Deploying", f"Prefect has no deployment of {source.registered} now.")
    return made


def refuse_taken(there: str, address: str, package: str) -> None:
    """Refuse to write a version into a folder that has it, or a newer one.

    Raises:
        CannotTake: it does.
    """
    if int(there.rpartition("/")[2]) >= int(address.rpartition("/")[2]):
        raise CannotTake(
            f"{CAPSULES / package} is of {there} already: commit it, then"
            f" `capsules deploy --prefect-file {CAPSULES / package / 'prefect.yaml'}`."
        )


def _replay(where: Resources, one: Published) -> None:
    """Have the version that is made ready beside a release replayed on the kept cases, once."""
    ledger, name = where.ledger, one.manifest.name
    made = find_next(name) if ledger.kept(name) else None
    if made is None:
        return
    release_id = made.release().id
    ready = [row.release_id for row in prepared(ledger, name) if row.beside_id == one.release().id]
    if release_id in ready and last_replay(ledger, release_id) is None:
        start_replay(name, release_id, next_version=True)


@contextmanager
def _alone(where: Resources, capsule: str) -> Iterator[None]:
    """Let one process of this machine at a time build a capsule's next release."""
    locks = where.store.local / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / f"{LOCK}{capsule}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _model(registered: str) -> str:
    return registered.removeprefix("models:/").rpartition("/")[0]
