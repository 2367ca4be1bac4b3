"""Two hundred case sets of five capsules replayed, beside the bare predictions in the same containers."""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pandas as pd

from benchmarks.figures import Figure, bounded
from benchmarks.stand import POOL, Stand, bare
from benchmarks.trials import EXAMPLE, NAME
from capsule_blocks.tables import AnswersRevision, CaseSet, Check
from capsule_flows.case_ids import case_ids
from capsule_flows.home import Resources, resources
from capsule_flows.keeping import KeepAs, keep_cases
from capsule_flows.releases import Published, find_published, published
from capsule_flows.replay_history import ReplayResult
from capsule_flows.replay_rounds import at_once, replay_all
from capsule_kit.manifest import CAPSULE_KEY

CAPSULES, SETS, ROWS, TIMES = 5, 40, 100, 3
BOUND, WHO = 1.3, "the bench"
BARE = f"""
import pathlib
import pandas as pd
from {NAME} import model
model.load()
for file in sorted(pathlib.Path("/data").glob("*.parquet")):
    cases = pd.read_parquet(file).set_index("case_id").drop(columns="row")
    model.predict(cases, {{"threshold": 0.5}}).to_parquet("/tmp/predictions.parquet")
"""


def measure_replays(at: Stand, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Replay all in turn with bare containers, as many at a time."""
    where, image = resources(), find_published(NAME).image
    if image is None:
        why = "not measured: no Docker engine answers here"
        return {"replay_vs_bare": Figure(None, "times", why)}
    names = [_deployed(at, number) for number in range(1, CAPSULES + 1)]
    chosen = [one for one in published() if one.manifest.name in names]
    with _kept(where, chosen) as folders:
        tell(f"{CAPSULES * SETS} case sets are kept.")
        replays, alone = [], []
        for turn in range(1, TIMES + 1):
            at.wait_waiting(image)
            start = time.perf_counter()
            done = replay_all(
                where, chosen, why="command", moment=datetime.now(UTC), tell=lambda _: None
            )
            replays.append(time.perf_counter() - start)
            if not all(type(one) is ReplayResult and not one.replayed.unsettled for one in done):
                message = f"Not all was replayed: {done}"
                raise SystemExit(message)
            start = time.perf_counter()
            with ThreadPoolExecutor(at_once()) as pool:
                list(pool.map(lambda folder: bare(image, folder, BARE), folders))
            alone.append(time.perf_counter() - start)
            tell(f"turn {turn}: replay {replays[-1]:.2f} s, bare {alone[-1]:.2f} s")
    note = (
        f"{CAPSULES * SETS} case sets of {ROWS} cases, {CAPSULES} capsules, {at_once()} at a time,"
        f" by the bare predictions in one container a capsule; medians of {TIMES}"
    )
    return {
        "replay_s": Figure(round(median(replays), 3), "s", "the same, alone"),
        "replay_vs_bare": bounded(median(replays) / median(alone), "times", note, BOUND),
    }


def _deployed(at: Stand, number: int) -> str:
    """Deploy the example once more under a name of its own; return the name."""
    one, name = find_published(NAME), f"bench_{number}"
    schema = deepcopy(one.schema)
    for definition in schema["definitions"].values():
        if CAPSULE_KEY in definition:
            definition[CAPSULE_KEY]["name"] = name
    there = at.client.read_deployment(one.deployment_id)
    at.client.create_deployment(
        flow_id=there.flow_id,
        name=name,
        entrypoint=one.entrypoint,
        parameter_openapi_schema=schema,
        parameters=there.parameters,
        work_pool_name=POOL,
        job_variables={"image": one.image},
        pull_steps=[],
        tags=["capsule"],
    )
    return name


@contextmanager
def _kept(where: Resources, chosen: list[Published]) -> Iterator[list[Path]]:
    """Keep case sets of each capsule; hold a folder with the same inputs for each, for a bare container."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        folders = []
        for one in chosen:
            (folder := Path(scratch, one.manifest.name)).mkdir(mode=0o755)
            where.ledger.add_once(one.release())
            for number in range(SETS):
                inputs, answers = _cases(one, number)
                case_set = _brought(where, one, number, inputs, answers)
                keep_cases(where, case_set, KeepAs(reason="measured"), by=WHO)
                inputs.to_parquet(file := folder / f"{number:03}.parquet", index=False)
                file.chmod(0o644)
            folders.append(folder)
        yield folders


def _cases(of: Published, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a hundred cases like the example's, unlike every other set's."""
    contract = of.manifest.contract
    table = pd.read_csv(EXAMPLE).sample(ROWS, replace=True, random_state=number)
    table = table.reset_index(drop=True)
    table["specimen"] = [f"{of.manifest.name}-{number}-{row}" for row in range(ROWS)]
    typed = table[[one.name for one in contract.columns]].astype({"specimen": "str"})
    ids = case_ids(typed)
    inputs = pd.DataFrame({"case_id": ids, "row": range(2, ROWS + 2), **typed})
    header = contract.answer.as_columns()[0].name
    return inputs, pd.DataFrame({"case_id": ids, header: table[header]})


def _brought(
    where: Resources, of: Published, number: int, inputs: pd.DataFrame, answers: pd.DataFrame
) -> CaseSet:
    contract_hash, capsule = of.manifest.contract.hash, of.manifest.name
    sealed = where.store.seal(inputs, answers, contract_hash)
    check = Check(capsule=capsule, contract_hash=contract_hash, accepted=True)
    case_set = CaseSet(
        capsule=capsule,
        name=f"set {number}",
        inputs_hash=sealed.inputs_hash,
        contract_hash=contract_hash,
        cases=sealed.cases,
        check_id=check.id,
        by=WHO,
    )
    locked = AnswersRevision(
        case_set_id=case_set.id, answers_hash=sealed.answers_hash, reason="as given", by=WHO
    )
    where.ledger.add(check, case_set, locked)
    return case_set
