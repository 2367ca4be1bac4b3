"""What goes out through the plain doors goes to whom a trial belongs, and to its author, and to nobody else."""

import csv
import io

import pandas as pd
import pytest

from access.conftest import browser
from access.test_nothing_left_out import WHO
from capsule_blocks.tables import Outcome, Trial, now
from capsule_flows.home import Resources
from capsule_flows.judging import judge
from judgement.examples import class_manifest, tables
from rows import trial_on

Cookies = dict[str, str | None]
DOORS = (
    "/file?id={id}&name=notes.txt",
    "/cases?id={id}&as=csv",
    "/cases?id={id}&as=xlsx",
    "/compared?before={id}&after={id}&as=csv",
    "/compared?before={id}&after={id}&as=xlsx",
    "/report?id={id}&form=csv",
)
HERS = dict(zip(WHO, (200, 200, 403, 403, 403, 403), strict=True))
"""What the doors of a trial that belongs to the expert with whom the capsule is shared answer."""


@pytest.fixture
def hers(resources: Resources, cookies: Cookies) -> Trial:
    """Ada's judged trial of two cases, with a file that the capsule wrote."""
    manifest = class_manifest().model_copy(update={"name": "tumor"})
    inputs, answers, predicted = tables(["benign", "malignant"], ["benign", "=1+1"])
    tried = trial_on(resources, manifest, inputs, answers, owner="ada")
    store, ledger = resources.store, resources.ledger
    cases = ledger.case_sets("tumor")[0]
    left = store.stage(tried.flow_run_id, cases.inputs_hash, cases.contract_hash).results
    (left / "files").mkdir()
    (left / "files" / "notes.txt").write_text("as it went")
    store.collect(tried.flow_run_id)
    judgement, judged = judge(inputs, answers, predicted, manifest)
    store.save_judged(tried.flow_run_id, judged)
    ledger.add(
        Outcome(
            flow_run_id=tried.flow_run_id,
            kind="judged",
            sentence=judgement.headline,
            judgement=judgement.model_dump(mode="json"),
            ended_at=now(),
        )
    )
    return tried


@pytest.mark.parametrize("door", DOORS)
async def test_a_trials_doors_open_to_its_expert_and_its_author_alone(
    app: str, cookies: Cookies, hers: Trial, door: str
) -> None:
    told = {}
    for who in WHO:
        async with browser(app, cookies[who]) as client:
            answer = await client.get(door.format(id=hers.flow_run_id))
            told[who] = answer.status_code
            if answer.status_code == 200:
                assert answer.headers["content-disposition"].startswith("attachment")
            else:
                assert "is not open to you" in answer.text
    assert told == HERS


async def test_what_goes_out_is_the_file_and_the_cases_with_no_formula(
    app: str, cookies: Cookies, hers: Trial
) -> None:
    async with browser(app, cookies["expert, shared"]) as client:
        sent = {door: await client.get(door.format(id=hers.flow_run_id)) for door in DOORS}
    assert sent[DOORS[0]].text == "as it went"
    for door in (DOORS[1], DOORS[3]):
        rows = list(csv.reader(io.StringIO(sent[door].content.decode("utf-8-sig"))))
        assert len(rows) == 3
        assert "'=1+1" in rows[1]
    for door in (DOORS[2], DOORS[4]):
        table = pd.read_excel(io.BytesIO(sent[door].content), engine="calamine")
        assert len(table) == 2
        assert "=1+1" in table.iloc[0].tolist()


async def test_a_file_that_is_not_listed_goes_out_to_nobody(
    app: str, cookies: Cookies, hers: Trial
) -> None:
    async with browser(app, cookies["author"]) as client:
        for name in ("../predictions.parquet", "/etc/passwd", "nothing.txt"):
            answer = await client.get("/file", params={"id": str(hers.flow_run_id), "name": name})
            assert answer.status_code == 404
