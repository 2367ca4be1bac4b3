"""The flow that runs a trial: the same from Prefect's form, the command line, a schedule and the app."""

import inspect
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from prefect import Flow, get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State, StateType
from pydantic import BaseModel, Field, RootModel, create_model

from capsule_kit.errors import CasesRefused, ModelFailed
from capsule_kit.manifest import CASES_PARAMETER, SETTINGS_PARAMETER
from capsule_kit.model_link import ModelLink
from capsule_kit.predictions import PREDICTIONS_FILE, read_predictions
from capsule_kit.provenance import PROVENANCE_FILE, gather
from capsule_kit.receipt import CASE_ID, INPUTS_FILE, Receipt, admit

if TYPE_CHECKING:
    from capsule_kit.declaration import Capsule

DATA_VARIABLE = "CAPSULE_DATA"
RESULTS_VARIABLE = "CAPSULE_RESULTS"
FILES_FOLDER = "files"
EXAMPLE = "example"
DATA_REFUSED = "DataRefused"
MODEL_FAILED = "ModelFailed"


def build_flow(capsule: "Capsule") -> Flow[..., Any]:
    """Return the flow of a capsule; its parameter schema carries contract, criteria, page and form."""
    cases_type = _cases_type(capsule)

    def trial(**parameters: Any) -> State[Any] | None:
        return _run(capsule, parameters[SETTINGS_PARAMETER])

    annotations = {CASES_PARAMETER: cases_type, SETTINGS_PARAMETER: capsule.settings}
    defaults = {CASES_PARAMETER: cases_type(EXAMPLE), SETTINGS_PARAMETER: capsule.settings()}
    trial.__annotations__ = annotations
    trial.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by Prefect
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=defaults[name],
            )
            for name, annotation in annotations.items()
        ]
    )
    trial.__doc__ = f"{capsule.manifest.title}\n\n{capsule.manifest.page.does}"
    trial.__module__ = capsule.settings.__module__
    return Flow(trial, name=capsule.manifest.name)


def _cases_type(capsule: "Capsule") -> type[RootModel[str]]:
    """Return the type of the parameter `cases`, whose schema carries the contract."""
    return create_model(
        "Cases",
        __base__=RootModel[str],
        __doc__="The name of a case set that was added before.",
        __module__=capsule.settings.__module__,
        __cls_kwargs__={"json_schema_extra": capsule.manifest.as_schema_keys()},
        root=(str, Field(min_length=1, max_length=200, title="Case set")),
    )


def _run(capsule: "Capsule", settings: BaseModel) -> State[Any] | None:
    try:
        _predict(capsule, settings)
    except CasesRefused as refusal:
        return State(type=StateType.FAILED, name=DATA_REFUSED, message=str(refusal))
    except ModelFailed as failure:
        return State(type=StateType.FAILED, name=MODEL_FAILED, message=str(failure))
    return None


def _predict(capsule: "Capsule", settings: BaseModel) -> None:
    started_at = datetime.now(UTC)
    data, results = _folder(DATA_VARIABLE, "/data"), _folder(RESULTS_VARIABLE, "/results")
    contract = capsule.manifest.contract
    receipt = admit(data, contract.hash)
    given = settings.model_dump(mode="json")
    files, raw = results / FILES_FOLDER, results / f"{PREDICTIONS_FILE}.raw"
    files.mkdir(exist_ok=True)
    with ModelLink(capsule.model) as link:
        progress = _Progress(receipt)
        link.wait_loaded()
        loaded_at = datetime.now(UTC)
        get_run_logger().info("The model is loaded; predicting %s cases.", receipt.cases)
        link.predict(
            inputs=data / INPUTS_FILE,
            settings=given,
            files=files,
            predictions=raw,
            on_progress=progress.tell,
        )
        progress.tell(receipt.cases, receipt.cases)
    case_ids = pd.read_parquet(data / INPUTS_FILE, columns=[CASE_ID])[CASE_ID]
    predictions = read_predictions(raw, case_ids, contract.answer)
    provenance = gather(
        capsule=capsule.manifest.name,
        model=capsule.model,
        receipt=receipt,
        settings=given,
        loaded_at=loaded_at,
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )
    _write(results / PROVENANCE_FILE, provenance.model_dump_json(indent=2).encode())
    predictions.to_parquet(raw, index=False)
    raw.replace(results / PREDICTIONS_FILE)
    if not any(files.iterdir()):
        shutil.rmtree(files)


class _Progress:
    """The progress artifact on the flow run's page."""

    def __init__(self, receipt: Receipt) -> None:
        self._id = create_progress_artifact(
            progress=0.0, key="predicting", description=f"Predicting {receipt.cases} cases"
        )

    def tell(self, done: int, of: int) -> None:
        update_progress_artifact(self._id, progress=100.0 * done / max(of, 1))  # type: ignore[arg-type]


def _folder(variable: str, usual: str) -> Path:
    folder = Path(os.environ.get(variable, usual))
    if not folder.is_dir():
        raise CasesRefused(
            f"nothing was staged for this run (there is no folder {folder})",
            "Start it on a work pool of type capsule-docker or capsule-process.",
        )
    return folder


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)
