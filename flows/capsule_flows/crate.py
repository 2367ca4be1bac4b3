"""A trial as a Workflow Run RO-Crate: what ran on what with which result, in a form that other tools read.

Profiles: Workflow Run Crate 0.5 and Process Run Crate 0.5 (w3id.org/ro/wfrun), Workflow RO-Crate 1.0.
Answers are in it only where whoever takes it says so.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from rocrate.model.computerlanguage import ComputerLanguage
from rocrate.model.contextentity import ContextEntity
from rocrate.model.data_entity import DataEntity
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

from capsule_flows.home import Resources
from capsule_flows.report import Report
from capsule_flows.reporting import FORMS, Reported, report_of
from capsule_flows.side_by_side import Side, judged_side

PROFILES: Mapping[str, str] = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
TERMS = "https://w3id.org/ro/terms/workflow-run#"
OF_TERMS = ("ContainerImage", "containerImage", "DockerImage", "sha256")
"""What the crate says in the profile's own vocabulary."""
LICENCE = "No licence is given: ask whoever brought the cases."
KINDS: Mapping[type, str] = {bool: "Boolean", int: "Integer", float: "Float"}


CRATE = "zip"

_Example = tuple[ContextEntity, DataEntity | ContextEntity]


def written(
    resources: Resources, flow_run_id: UUID, form: str, *, made_by: str, answers: bool | None
) -> bytes | None:
    """Return a trial's report or crate as a file's bytes; None where there is no such form.

    Where nobody said whether answers belong in it, a report has them and a crate, which is made to be
    published, has not.

    Raises:
        UnknownTrial, NotJudged, NoCases: as `reporting.report_of`.
    """
    if form == CRATE:
        return crate_of(resources, flow_run_id, made_by=made_by, with_answers=answers is True)
    if form not in FORMS:
        return None
    with_answers = answers is not False
    return FORMS[form](
        report_of(resources, flow_run_id, made_by=made_by, with_answers=with_answers)
    ).encode()


def crate_of(resources: Resources, flow_run_id: UUID, *, made_by: str, with_answers: bool) -> bytes:
    """Return the crate as a zip file.

    Raises:
        UnknownTrial, NotJudged, NoCases: as `reporting.report_of`.
    """
    side = judged_side(resources, flow_run_id)
    made = report_of(resources, flow_run_id, made_by=made_by, with_answers=with_answers)
    crate = _empty(made.report)
    with tempfile.TemporaryDirectory() as folder:
        files = _files(crate, resources, side, made, Path(folder))
        _run(crate, made.report, files)
        zipped = Path(folder) / "crate.zip"
        crate.write_zip(zipped)
        return zipped.read_bytes()


def _empty(report: Report) -> ROCrate:
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms.update({name: TERMS + name for name in OF_TERMS})
    crate.name = f"Trial of {report.model.capsule} on {report.data.case_set}"
    crate.description = report.judgement.headline
    crate.license = LICENCE
    crate.root_dataset["conformsTo"] = [
        crate.add(
            ContextEntity(
                crate,
                url,
                {"@type": "CreativeWork", "name": name, "version": url.rsplit("/", 1)[-1]},
            )
        )
        for url, name in PROFILES.items()
    ]
    return crate


def _files(
    crate: ROCrate, resources: Resources, side: Side, made: Reported, folder: Path
) -> dict[str, DataEntity]:
    """Add the files; return those that the run is told by: workflow, inputs, results."""
    report = made.report

    def written(name: str, content: str, about: str, kind: str) -> DataEntity:
        (folder / name).write_text(content)
        return crate.add_file(
            folder / name, name, properties={"name": about, "encodingFormat": kind}
        )

    (folder / "capsule.json").write_text(_declaration(side))
    workflow = crate.add_workflow(
        folder / "capsule.json",
        "capsule.json",
        main=True,
        properties={"name": report.model.title, "version": report.model.release},
        lang=_language(crate),
    )
    files = {
        "workflow": workflow,
        "predictions": written("cases.csv", made.csv(), "Case by case", "text/csv"),
        "report": written("report.html", made.html(), "The report", "text/html"),
    }
    written("report.json", made.json(), "The report by its schema", "application/json")
    if side.cases is not None:
        inputs = folder / "inputs.parquet"
        resources.store.inputs(side.cases.inputs_hash).to_parquet(inputs, index=False)
        about = {"name": side.cases.name, "encodingFormat": "application/vnd.apache.parquet"}
        files["inputs"] = crate.add_file(inputs, "inputs.parquet", properties=about)
    if report.with_answers:
        _answers(crate, resources, side, folder)
    _results(crate, resources, side)
    return files


def _answers(crate: ROCrate, resources: Resources, side: Side, folder: Path) -> None:
    if side.cases is not None and side.answers is not None:
        known = resources.store.answers(side.cases.inputs_hash, side.answers.answers_hash)
        known.to_parquet(folder / "answers.parquet", index=False)
        about = {"name": "The answers", "encodingFormat": "application/vnd.apache.parquet"}
        crate.add_file(folder / "answers.parquet", "answers.parquet", properties=about)


def _results(crate: ROCrate, resources: Resources, side: Side) -> None:
    results = resources.store.results(side.trial.flow_run_id)
    if results is None:
        return
    for file in sorted(results.rglob("*")):
        if file.is_file():
            crate.add_file(file, f"results/{file.relative_to(results)}")


def _declaration(side: Side) -> str:
    return json.dumps(side.release.manifest, indent=1)


def _language(crate: ROCrate) -> ComputerLanguage:
    about = {
        "name": "Capsule declaration, run as a Prefect flow",
        "url": {"@id": "https://www.prefect.io"},
    }
    return crate.add(ComputerLanguage(crate, "#capsule", about))


def _run(crate: ROCrate, report: Report, files: Mapping[str, DataEntity]) -> None:
    """Add the run itself: who, when, by what, on what, with which result."""
    workflow = files["workflow"]
    given: list[_Example] = []
    came: list[_Example] = []
    for name in ("inputs", "predictions"):
        if name in files:
            place = given if name == "inputs" else came
            place.append(_example(crate, name, "File", files[name]))
    for name, value in report.run.settings.items():
        of = crate.add(ContextEntity(crate, f"#value-{name}", _property(name, value)))
        given.append(_example(crate, name, KINDS.get(type(value), "Text"), of))
    workflow["input"] = [parameter for parameter, _ in given]
    workflow["output"] = [parameter for parameter, _ in came]
    facts: dict[str, Any] = {
        "name": f"Trial {report.run.trial}",
        "description": report.judgement.headline,
        "startTime": report.run.at.isoformat(),
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
    }
    if report.run.ended_at is not None:
        facts["endTime"] = report.run.ended_at.isoformat()
    action = crate.add_action(
        workflow,
        identifier=f"#{report.run.trial}",
        object=[of for _, of in given],
        result=[*(of for _, of in came), files["report"]],
        properties=facts,
    )
    crate.root_dataset["mentions"] = [action]
    action["agent"] = crate.add(Person(crate, "#expert", {"name": report.run.by}))
    if report.model.image is not None:
        action["containerImage"] = crate.add(ContextEntity(crate, "#image", _image(report)))


def _example(crate: ROCrate, name: str, kind: str, of: DataEntity | ContextEntity) -> _Example:
    """Return a parameter of the workflow with what it was in this run."""
    about = {"@type": "FormalParameter", "name": name, "additionalType": kind}
    parameter = crate.add(ContextEntity(crate, f"#parameter-{name}", about))
    parameter["workExample"] = of
    of["exampleOfWork"] = parameter
    return parameter, of


def _property(name: str, value: object) -> dict[str, Any]:
    plain = value if isinstance(value, bool | int | float | str) else str(value)
    return {"@type": "PropertyValue", "name": name, "value": plain}


def _image(report: Report) -> dict[str, Any]:
    return {
        "@type": "ContainerImage",
        "additionalType": {"@id": f"{TERMS}DockerImage"},
        "name": report.model.capsule,
        "sha256": (report.model.image or "").removeprefix("sha256:"),
    }
