"""What an MLflow server tells of its models, asked of a real one."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from capsule_blocks import ModelRegistry
from capsule_blocks.mlflow_server import MlflowServer
from capsule_blocks.registered_models import (
    Lineage,
    ModelFileMissing,
    ModelsUnreachable,
    Unknown,
    UnknownModel,
    Version,
)
from machine import free_port
from private_mlflow import MlflowHere

EXAMPLE = Version(model="nodule", version="1", address="models:/nodule/1")


@pytest.fixture
def server(mlflow: MlflowHere) -> MlflowServer:
    found = ModelRegistry(url=mlflow.url).server()
    assert found is not None
    return found


def test_models_come_by_name_with_their_newest_version_and_aliases(server: MlflowServer) -> None:
    models = {one.name: one for one in server.models()}
    assert list(models) == ["emptied", "nodule", "orphan", "progression", "wine"]
    assert models["progression"].aliases == {"champion": "1"}
    newest = models["progression"].newest
    assert newest is not None
    assert (newest.version, newest.ready, newest.at is not None) == ("2", True, True)
    assert models["emptied"].newest is None


def test_versions_come_newest_first_with_aliases_and_tags(server: MlflowServer) -> None:
    second, first = server.versions("progression")
    assert (second.address, first.address) == ("models:/progression/2", "models:/progression/1")
    assert (first.aliases, first.tags) == (("champion",), {"team": "north"})
    assert server.version("progression", "@champion") == first


def test_a_versions_lineage_is_its_run_with_metrics_program_and_commit(
    server: MlflowServer,
) -> None:
    lineage = server.lineage(server.version("progression", "1"))
    assert isinstance(lineage, Lineage)
    assert lineage.metrics == {"rmse": 54.5}
    assert lineage.params["alpha"] == "1.0"
    assert lineage.commit == "c0ffee" + 34 * "0"
    assert str(lineage.program).endswith("register.py")
    assert lineage.by


def test_a_card_has_signature_example_and_requirements_as_the_client_wrote_them(
    server: MlflowServer,
) -> None:
    card = server.card(server.version("nodule", "1"))
    assert card.signature is not None
    assert [(one.name, one.type) for one in card.signature.inputs] == [
        ("size_mm", "double"),
        ("site", "string"),
        ("age", "long"),
        ("smoker", "boolean"),
    ]
    assert [one.name for one in card.signature.outputs] == ["diagnosis", "probability"]
    limit, mode, levels = card.signature.params
    assert (limit.name, limit.default, limit.many) == ("limit_mm", 10.0, False)
    assert (mode.default, levels.many) == ("fast", True)
    assert card.example[1] == {"size_mm": 22.0, "site": "right", "age": 60, "smoker": False}
    assert any(line.startswith("cloudpickle==") for line in card.requirements)
    assert card.python is not None
    assert card.gaps == ()


def test_a_signature_that_nobody_wrote_is_read(server: MlflowServer) -> None:
    card = server.card(server.version("wine", "1"))
    assert card.signature is not None
    assert card.signature.inputs[11].name == "od280/od315_of_diluted_wines"
    assert card.signature.outputs[0].shape == (-1,)
    assert card.example[0]["proline"] == 1065.0


def test_a_version_without_signature_is_a_card_that_says_so(server: MlflowServer) -> None:
    card = server.card(server.version("progression", "2"))
    assert card.signature is None
    assert card.gaps == (
        "The model has no signature: nothing says which columns it takes.",
        "The model has no input example.",
    )


def test_all_files_of_a_version_are_copied(server: MlflowServer, tmp_path: Path) -> None:
    server.copy(server.version("nodule", "1"), tmp_path)
    assert (tmp_path / "python_model.pkl").stat().st_size > 100
    assert "signature" in (tmp_path / "MLmodel").read_text()


def test_files_that_are_gone_are_said(server: MlflowServer, tmp_path: Path) -> None:
    gone = replace(server.version("nodule", "1"), source="models:/m-0")
    with pytest.raises(UnknownModel, match="the files of models:/nodule/1"):
        server.copy(gone, tmp_path)
    nowhere = replace(gone, source="file:///elsewhere", run_id=None)
    with pytest.raises(ModelFileMissing, match="names neither a run nor a logged model"):
        server.copy(nowhere, tmp_path)


@pytest.mark.parametrize(
    ("model", "version"), [("nobody", "1"), ("nodule", "9"), ("progression", "@nightly")]
)
def test_a_model_that_is_not_there_is_said(server: MlflowServer, model: str, version: str) -> None:
    with pytest.raises(UnknownModel, match=f"There is no model {model}.* it may have been deleted"):
        server.version(model, version)


def test_a_deleted_model_has_no_versions_and_says_so(server: MlflowServer) -> None:
    assert server.versions("emptied") == []


def test_a_run_that_is_deleted_leaves_its_version_usable(server: MlflowServer) -> None:
    orphan = server.version("orphan", "1")
    assert isinstance(server.lineage(orphan), Lineage)  # MLflow keeps deleted runs for a while
    purged = replace(orphan, run_id="0" * 32)
    assert server.lineage(purged) == Unknown(f"The run {'0' * 32} that made it was deleted.")
    assert server.lineage(replace(orphan, run_id=None)) == Unknown(
        "The version was registered without a run."
    )


def test_a_server_that_does_not_answer_is_one_sentence() -> None:
    with pytest.raises(
        ModelsUnreachable, match=r"The models at http://127\.0\.0\.1.*Connection refused"
    ):
        MlflowServer(f"http://127.0.0.1:{free_port()}").models()


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A web server that says the same to everybody."""

    class Same(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, "<html>", "it answers 200 and not as MLflow does"),
        (401, json.dumps({"message": "Who are you?\nNobody."}), "Who are you\\?"),
        (200, json.dumps({"registered_model": None}), "it answers, and not as MLflow does"),
    ],
)
def test_a_server_that_is_no_mlflow_is_one_sentence(status: int, body: str, said: str) -> None:
    with answering(status, body) as url, pytest.raises(ModelsUnreachable, match=said):
        MlflowServer(url).version("nodule", "1")


def test_a_file_that_would_leave_the_folder_is_not_copied(tmp_path: Path) -> None:
    listed = json.dumps({"files": [{"path": "../../evil.py", "is_dir": False}]})
    with answering(200, listed) as url:
        version = replace(EXAMPLE, source="models:/m-1")
        with pytest.raises(ModelFileMissing, match=r"'\.\./\.\./evil\.py' is no file to be copied"):
            MlflowServer(url).copy(version, tmp_path)


def test_a_credential_goes_with_each_request_and_is_not_shown() -> None:
    registry = ModelRegistry(url="http://models.example", user="ada", secret="s3cret")  # type: ignore[arg-type]
    assert registry._headers() == {"Authorization": "Basic YWRhOnMzY3JldA=="}
    assert "s3cret" not in repr(registry)
