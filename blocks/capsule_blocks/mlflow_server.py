"""An MLflow tracking server as a place where models are kept, asked over its documented REST API 2.0.

httpx, which Prefect brings, rather than `mlflow-skinny`: that adds some fifteen packages to the
control side, among them ones that load pickles, for ten requests
(https://mlflow.org/docs/latest/api_reference/rest-api.html).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from capsule_blocks.model_card import CARD_FILE, Card, card_of, neighbours
from capsule_blocks.registered_models import (
    Lineage,
    ModelFileMissing,
    ModelsUnreachable,
    RegisteredModel,
    Unknown,
    UnknownModel,
    Version,
)

API = "/api/2.0/mlflow"
ARTIFACT = "/model-versions/get-artifact"
"""Gives a version's file wherever it lies, with the server's own rights to it."""
PAGE = 100
WAIT_S = 20.0
LARGEST_TEXT = 5_000_000
"""A file that is read rather than copied is no larger than this, in bytes."""
MOST_FILES = 2_000
CHUNK = 1 << 20
GONE = "RESOURCE_DOES_NOT_EXIST"


class MlflowServer:
    """One MLflow server."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Remember the address; nothing is asked yet.

        Args:
            url: The server's address, http or https, without `/api`.
            headers: What goes with each request, such as `Authorization`.
        """
        self._url = url.rstrip("/")
        self._headers = dict(headers or {})

    def models(self) -> Sequence[RegisteredModel]:
        """Return all models, by name."""
        found = self._pages("registered-models/search", {}, "registered_models")
        return sorted((_model(one) for one in found), key=lambda one: one.name)

    def versions(self, model: str) -> Sequence[Version]:
        """Return the versions of a model, newest first; raises UnknownModel."""
        aliases = _aliases(self._model(model))
        quoted = model.replace("'", "''")
        asked = {"filter": f"name='{quoted}'"}
        found = self._pages("model-versions/search", asked, "model_versions")
        versions = [_version(one, aliases) for one in found]
        return sorted(versions, key=lambda one: int(one.version), reverse=True)

    def version(self, model: str, version: str) -> Version:
        """Return a version by its number or by `@alias`; raises UnknownModel."""
        aliases = _aliases(self._model(model))
        number = aliases.get(version[1:]) if version.startswith("@") else version
        if number is None:
            raise UnknownModel(self._url, f"{model} with the alias {version[1:]}")
        asked = {"name": model, "version": number}
        what = f"{model}, version {number}"
        return _version(self._part("model-versions/get", asked, what, "model_version"), aliases)

    def lineage(self, version: Version) -> Lineage | Unknown:
        """Return the run that made a version, with its metrics, or why that is not known."""
        if not version.run_id:
            return Unknown("The version was registered without a run.")
        try:
            asked = {"run_id": version.run_id}
            return _lineage(self._part("runs/get", asked, f"run {version.run_id}", "run"))
        except UnknownModel:
            return Unknown(f"The run {version.run_id} that made it was deleted.")

    def card(self, version: Version) -> Card:
        """Return what stands beside a version's model; what is missing is said in it."""
        text = self._text(version, CARD_FILE)
        if text is None:
            return Card(gaps=("The version's files have no MLmodel: it was not saved by MLflow.",))
        beside = {name: self._text(version, name) for name in neighbours(text)}
        return card_of(text, {name: one for name, one in beside.items() if one is not None})

    def copy(self, version: Version, to: Path) -> None:
        """Copy a version's files into an empty folder; raises ModelFileMissing."""
        names = list(self._files(version))
        if CARD_FILE not in names:
            raise ModelFileMissing(version.address, "the server lists no MLmodel among them")
        for name in names:
            place = to / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with self._artifact(version, name) as answer, place.open("wb") as file:
                if answer.is_error:
                    raise ModelFileMissing(version.address, f"{name} is gone")
                for piece in answer.iter_bytes(CHUNK):
                    file.write(piece)

    def tag(self, model: str, version: str, tags: Mapping[str, str]) -> None:
        """Set tags on a version, over those of the same keys; raises UnknownModel."""
        for key, value in tags.items():
            body = {"name": model, "version": version, "key": key, "value": value}
            self._tell("model-versions/set-tag", body, f"{model}, version {version}")

    def point(self, model: str, alias: str, version: str) -> None:
        """Have an alias point to a version, and to no other any more; raises UnknownModel."""
        body = {"name": model, "alias": alias, "version": version}
        self._tell("registered-models/alias", body, f"{model}, version {version}")

    def _files(self, version: Version) -> Iterator[str]:
        """Yield the paths of a version's files, each known to stay inside a folder."""
        waiting, seen = [""], 0
        while waiting:
            folder = waiting.pop()
            for one in self._listed(version, folder):
                name, seen = str(one["path"]), seen + 1
                parts = PurePosixPath(name).parts
                if not parts or ".." in parts or name[0] in "/\\" or seen > MOST_FILES:
                    raise ModelFileMissing(version.address, f"{name!r} is no file to be copied")
                if one.get("is_dir"):
                    waiting.append(name)
                else:
                    yield name

    def _listed(self, version: Version, folder: str) -> list[dict[str, Any]]:
        """Return a folder of a version; its source is a logged model since MLflow 3, before it a run's."""
        asked = f"the files of {version.address}"
        model_id = version.source.removeprefix("models:/").strip("/")
        if version.source.startswith("models:/") and "/" not in model_id:
            place = f"logged-models/{model_id}/artifacts/directories"
            said = self._ask(place, {"artifact_directory_path": folder} if folder else {}, asked)
            return list(said.get("files", ()))
        if not version.run_id:
            raise ModelFileMissing(version.address, "it names neither a run nor a logged model")
        root = version.source.rpartition("/artifacts/")[2] or version.source.rpartition("/")[2]
        path = f"{root}/{folder}".strip("/")
        said = self._ask("artifacts/list", {"run_id": version.run_id, "path": path}, asked)
        return [
            {**one, "path": str(one["path"]).removeprefix(f"{root}/")}
            for one in said.get("files", ())
        ]

    def _text(self, version: Version, name: str) -> str | None:
        """Return a small file's text, or None where there is none that can be read."""
        with self._artifact(version, name) as answer:
            if answer.is_error:
                return None
            read = bytearray()
            for piece in answer.iter_bytes(CHUNK):
                read += piece
                if len(read) > LARGEST_TEXT:
                    return None
        return bytes(read).decode("utf-8", errors="replace")

    @contextmanager
    def _artifact(self, version: Version, name: str) -> Iterator[httpx.Response]:
        asked = {"name": version.model, "version": version.version, "path": name}
        with (
            self._client() as client,
            self._said(),
            client.stream("GET", ARTIFACT, params=asked) as answer,
        ):
            yield answer

    def _model(self, name: str) -> dict[str, Any]:
        return self._part("registered-models/get", {"name": name}, name, "registered_model")

    def _pages(self, place: str, asked: Mapping[str, str], key: str) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            more = {"page_token": token} if token else {}
            said = self._ask(place, {**asked, "max_results": str(PAGE), **more}, place)
            yield from said.get(key, ())
            token = said.get("next_page_token", "")
            if not token:
                return

    def _part(self, place: str, asked: Mapping[str, str], what: str, key: str) -> dict[str, Any]:
        said = self._ask(place, asked, what).get(key)
        if not isinstance(said, dict):
            raise ModelsUnreachable(self._url, "it answers, and not as MLflow does")
        return said

    def _ask(self, place: str, asked: Mapping[str, str], what: str) -> dict[str, Any]:
        with self._client() as client, self._said():
            return self._answer(client.get(f"{API}/{place}", params=dict(asked)), what)

    def _tell(self, place: str, body: Mapping[str, str], what: str) -> None:
        with self._client() as client, self._said():
            self._answer(client.post(f"{API}/{place}", json=dict(body)), what)

    def _answer(self, answer: httpx.Response, what: str) -> dict[str, Any]:
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            problem = f"it answers {answer.status_code} and not as MLflow does"
            raise ModelsUnreachable(self._url, problem)
        if said.get("error_code") == GONE:
            raise UnknownModel(self._url, what)
        if answer.is_error:
            problem = str(said.get("message") or answer.status_code).splitlines()[0].rstrip(".")
            raise ModelsUnreachable(self._url, problem)
        return said

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, headers=self._headers, timeout=WAIT_S)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what httpx raises into one sentence."""
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            problem = str(cause).strip().rstrip(".") or type(cause).__name__
            raise ModelsUnreachable(self._url, problem) from cause


def _model(said: Mapping[str, Any]) -> RegisteredModel:
    aliases = _aliases(said)
    newest = max(said.get("latest_versions", ()), key=lambda one: int(one["version"]), default=None)
    return RegisteredModel(
        name=str(said["name"]),
        description=str(said.get("description") or ""),
        tags=_pairs(said.get("tags", ())),
        aliases=aliases,
        changed_at=_moment(said.get("last_updated_timestamp")),
        newest=None if newest is None else _version(newest, aliases),
    )


def _version(said: Mapping[str, Any], aliases: Mapping[str, str]) -> Version:
    number = str(said["version"])
    return Version(
        model=str(said["name"]),
        version=number,
        address=f"models:/{said['name']}/{number}",
        aliases=tuple(sorted(alias for alias, points in aliases.items() if points == number)),
        at=_moment(said.get("creation_timestamp")),
        by=said.get("user_id") or None,
        description=str(said.get("description") or ""),
        tags=_pairs(said.get("tags", ())),
        ready=said.get("status", "READY") == "READY",
        run_id=said.get("run_id") or None,
        source=str(said.get("source") or ""),
    )


def _lineage(said: Mapping[str, Any]) -> Lineage:
    info, data = said["info"], said.get("data", {})
    tags = _pairs(data.get("tags", ()))
    return Lineage(
        run_id=str(info["run_id"]),
        run=info.get("run_name"),
        by=tags.get("mlflow.user") or info.get("user_id"),
        ended_at=_moment(info.get("end_time")),
        program=tags.get("mlflow.source.name"),
        commit=tags.get("mlflow.source.git.commit"),
        metrics={one["key"]: float(one["value"]) for one in data.get("metrics", ())},
        params=_pairs(data.get("params", ())),
    )


def _aliases(said: Mapping[str, Any]) -> dict[str, str]:
    return {one["alias"]: str(one["version"]) for one in said.get("aliases", ())}


def _pairs(said: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(one["key"]): str(one.get("value", "")) for one in said}


def _moment(milliseconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
