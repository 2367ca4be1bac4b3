"""Every door ends in the same judged trial."""

import io
import json
from typing import Any

import pandas as pd

from e2e.conftest import EXAMPLE, Started, until


def deployment(started: Started) -> dict[str, Any]:
    found: dict[str, Any] = started.get("/deployments/name/tumor_malignancy/trial")
    return found


def test_the_command_takes_a_table_to_a_judged_trial(started: Started) -> None:
    shown = started.json("try", "tumor_malignancy", str(EXAMPLE), "--by", "a tester")
    assert shown["kind"] == "judged"
    assert shown["judgement"]["judged"] == len(pd.read_csv(EXAMPLE))
    assert "It agreed with you on" in shown["sentence"]


def test_prefects_own_form_ends_in_the_same_judged_trial(started: Started) -> None:
    from_command = started.json("try", "tumor_malignancy", str(EXAMPLE))
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
    run = started.post(f"/deployments/{deployment(started)['id']}/create_flow_run", asked)
    shown = started.settled(run["id"])
    assert shown["kind"] == "judged"
    assert shown["judgement"] == from_command["judgement"]
    artifacts = started.post(
        "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}}
    )
    assert {"headline", "disagreements-first", "result-page"} <= {
        artifact["key"] for artifact in artifacts
    }


def test_the_server_refuses_settings_out_of_bounds(started: Started) -> None:
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 7}}}
    path = f"/deployments/{deployment(started)['id']}/create_flow_run"
    assert started.ask("POST", path, asked).status_code == 409


def test_prefect_deployment_run_ends_in_a_judged_trial(started: Started) -> None:
    said = started.prefect(
        "deployment", "run", "tumor_malignancy/trial", "--param", "cases=example"
    )
    run_id = next(word for word in said.split() if word.count("-") == 4 and len(word) == 36)
    assert started.settled(run_id)["kind"] == "judged"


def test_a_cron_schedule_really_makes_a_run_that_is_judged(started: Started) -> None:
    found = deployment(started)
    schedule = started.post(
        f"/deployments/{found['id']}/schedules",
        [{"schedule": {"cron": "* * * * *", "timezone": "UTC"}, "active": True}],
    )[0]
    try:
        wanted = {
            "flow_runs": {"deployment_id": {"any_": [found["id"]]}},
            "sort": "EXPECTED_START_TIME_ASC",
        }

        def scheduled() -> str | None:
            runs = started.post("/flow_runs/filter", wanted)
            return next((run["id"] for run in runs if run["auto_scheduled"]), None)

        run_id = until(scheduled, 90, "a scheduled run")
        assert started.settled(run_id)["kind"] == "judged"
    finally:
        path = f"/deployments/{found['id']}/schedules/{schedule['id']}"
        started.ask("DELETE", path).raise_for_status()


def test_a_case_set_that_nobody_added_is_a_data_failure_and_says_so(started: Started) -> None:
    asked = {"parameters": {"cases": "no such cases"}}
    run = started.post(f"/deployments/{deployment(started)['id']}/create_flow_run", asked)
    shown = started.settled(run["id"])
    assert shown["kind"] == "data refused"
    assert "no such cases" in shown["sentence"]


def test_a_refused_table_tells_row_and_column_and_is_kept(started: Started, tmp_path: Any) -> None:
    table = pd.read_csv(EXAMPLE, dtype=str)
    column = table.columns[1]
    table.loc[2, column] = "lots"
    file = tmp_path / "wrong.csv"
    table.to_csv(file, index=False)
    shown = started.json("try", "tumor_malignancy", str(file), code=2)
    assert any(f["column"] == column and f["rows"] == [4] for f in shown["findings"])
    assert started.json("check", "tumor_malignancy", str(file), code=2)["accepted"] is False


def test_the_add_cases_deployment_seals_a_pasted_table(started: Started, example: bytes) -> None:
    found = started.get("/deployments/name/add-cases/add-cases")
    pasted = pd.read_csv(io.BytesIO(example)).head(12).to_csv(index=False)
    asked = {
        "parameters": {
            "capsule": "tumor_malignancy",
            "name": "pasted",
            "table": pasted,
            "by": "a tester",
        }
    }
    run = started.post(f"/deployments/{found['id']}/create_flow_run", asked)

    def ended() -> dict[str, Any] | None:
        record: dict[str, Any] = started.get(f"/flow_runs/{run['id']}")
        return record if record["state_type"] in ("COMPLETED", "FAILED", "CRASHED") else None

    assert until(ended, 120, "the end of add-cases")["state_type"] == "COMPLETED"
    names = [row["name"] for row in started.json("cases")]
    assert "pasted" in names
    assert json.loads(started.capsules("cases", "--json"))
