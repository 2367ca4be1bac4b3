"""The flow that runs a trial: the same from Prefect's form, the command line, a schedule and the app."""

import inspect
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from prefect import Flow, get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State, StateType
from pydantic import BaseModel, Field, RootModel, create_model

from capsule_kit.errors import CasesRefused, ModelFailed, ProgramMissing, StorageFailed
from capsule_kit.handing_over import TooLarge, copy_if_plain, hand_over
from capsule_kit.manifest import CASES_PARAMETER, SETTINGS_PARAMETER
from capsule_kit.model_link import model_link
from capsule_kit.model_process import ROWS_AT_ONCE
from capsule_kit.models import package_of
from capsule_kit.object_storage import is_url, local_folders
from capsule_kit.predictions import PREDICTIONS_FILE, read_predictions
from capsule_kit.provenance import PROVENANCE_FILE, gather
from capsule_kit.receipt import CASE_ID, INPUTS_FILE, Receipt, admit
from capsule_kit.request_folder import PREDICTIONS_CSV, as_parquet
from capsule_kit.secret_settings import for_the_model
from capsule_kit.starting import WORK_VARIABLE

if TYPE_CHECKING:
    from capsule_kit.declaration import Capsule

DATA_VARIABLE = "CAPSULE_DATA"
RESULTS_VARIABLE = "CAPSULE_RESULTS"
FILES_FOLDER = "files"
FIRST_PROGRESS_S = 0.5
"""A trial that is done sooner shows no progress, which would cost it two calls."""
PROGRESS_EVERY_S = 0.25
LOADED = "The model is loaded"
"""How the line of the log begins that says so."""
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
    except (StorageFailed, ProgramMissing) as failure:
        return State(type=StateType.CRASHED, message=str(failure))
    except OSError as problem:
        return State(
            type=StateType.CRASHED,
            message=f"The results could not be written ({problem.strerror}: {problem.filename})."
            " Make room on the worker's disk and run it again.",
        )
    return None


def _predict(capsule: "Capsule", settings: BaseModel) -> None:
    started_at = datetime.now(UTC)
    places = _place(DATA_VARIABLE, "/data"), _place(RESULTS_VARIABLE, "/results")
    with local_folders(*places) as (data, results):
        _predict_in(data, results, capsule, settings, started_at)


def _predict_in(
    data: Path, results: Path, capsule: "Capsule", settings: BaseModel, started_at: datetime
) -> None:
    contract = capsule.manifest.contract
    receipt = admit(data, contract.hash)
    given = settings.model_dump(mode="json")
    made = results / f"{PREDICTIONS_FILE}.part"
    with model_link(capsule.model) as link, _out(results) as out:
        progress = _Progress(receipt)
        loaded_at = link.wait_loaded()
        get_run_logger().info("%s; predicting %s cases.", LOADED, receipt.cases)
        raw = link.predict(
            inputs=data / INPUTS_FILE,
            settings=for_the_model(settings),
            columns=contract.columns,
            out=out,
            on_progress=progress.tell,
        )
        progress.tell(receipt.cases, receipt.cases)
        _take_over(raw, made)
    if not hand_over(out / FILES_FOLDER, results / FILES_FOLDER):
        get_run_logger().warning("The model wrote more files than are kept; some are left out.")
    case_ids = pd.read_parquet(data / INPUTS_FILE, columns=[CASE_ID])[CASE_ID]
    predictions = read_predictions(made, case_ids, contract.answer)
    provenance = gather(
        capsule=capsule.manifest.name,
        package=package_of(capsule.model),
        model_packages=link.packages,
        receipt=receipt,
        settings=given,
        loaded_at=loaded_at,
        started_at=started_at,
        ended_at=datetime.now(UTC),
    )
    _write(results / PROVENANCE_FILE, provenance.model_dump_json(indent=2).encode())
    predictions.to_parquet(made, index=False, row_group_size=ROWS_AT_ONCE)
    made.replace(results / PREDICTIONS_FILE)


@contextmanager
def _out(results: Path) -> Iterator[Path]:
    """Hold the folder in which the model writes; what it leaves in `files` is kept however it ends."""
    if work := os.environ.get(WORK_VARIABLE):
        yield Path(work)
        return
    # Beside the results, since what it calls predictions is not yet to pass for the trial's.
    files = results / FILES_FOLDER
    files.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="out-") as place:
        Path(place, FILES_FOLDER).symlink_to(files.resolve())
        try:
            yield Path(place)
        finally:
            with suppress(OSError):
                files.rmdir()  # if it is empty


def _take_over(raw: Path, made: Path) -> None:
    """Take the predictions that the model wrote, as Parquet."""
    taken = made.with_suffix(".csv") if raw.name == PREDICTIONS_CSV else made
    try:
        copied = copy_if_plain(raw, taken)
    except TooLarge:
        copied = 0
    if not copied:
        raise ModelFailed("its predictions are no file that can be read")
    if taken != made:
        try:
            as_parquet(taken, made)
        finally:
            taken.unlink()


class _Progress:
    """The progress artifact on the flow run's page, for a trial that takes long enough to look at it."""

    def __init__(self, receipt: Receipt) -> None:
        self._cases = receipt.cases
        self._artifact: Any = None
        self._next = time.monotonic() + FIRST_PROGRESS_S

    def tell(self, done: int, of: int) -> None:
        """Show the share of cases that are done, not more often than a person can see."""
        now = time.monotonic()
        if now < self._next and (done < of or self._artifact is None):
            return
        self._next = now + PROGRESS_EVERY_S
        share = min(100.0, 100.0 * done / max(of, 1))
        if self._artifact is None:
            self._artifact = create_progress_artifact(
                progress=share, key="predicting", description=f"Predicting {self._cases} cases"
            )
        else:
            update_progress_artifact(self._artifact, progress=share)


def _place(variable: str, usual: str) -> str:
    """Return the folder or the address that this run was given."""
    place = os.environ.get(variable, usual)
    if not is_url(place) and not Path(place).is_dir():
        raise CasesRefused(
            f"nothing was staged for this run (there is no folder {place})",
            "Start it in the app, with `capsules try`, or on a work pool of type capsule-docker or"
            " capsule-process.",
        )
    return place


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)
