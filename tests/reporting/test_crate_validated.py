"""The crate of a trial before the validator of its profile, where one is installed.

roc-validator demands older versions of what the linters need, so it is no part of the environment:
`uv pip install roc-validator` brings it.
"""

import json
import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from capsule_flows.home import Resources
from reporting.conftest import Try
from reporting.test_crate import crate

services = pytest.importorskip(
    "rocrate_validator.services", reason="roc-validator is not installed"
)
models = pytest.importorskip("rocrate_validator.models")
http = pytest.importorskip("rocrate_validator.utils.http")

PROFILE = "workflow-run-crate-0.5"
OF_1_1 = {
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
}
"""Terms whose addresses have changed since RO-Crate 1.1."""


class FromTheLibrary(BaseAdapter):
    """Answers for RO-Crate's context with the copy in the rocrate library, so that no network is needed.

    The copy is of a later version, so the terms that have moved since are put back.
    """

    def send(self, request: PreparedRequest, **_: object) -> Response:
        answer = Response()
        answer.status_code, answer.url, answer.request = 200, str(request.url), request
        answer.headers["Content-Type"] = "application/ld+json"
        copy = json.loads((files("rocrate") / "data" / "ro-crate.jsonld").read_bytes())
        copy["@context"].update(OF_1_1)
        answer.raw = BytesIO(json.dumps(copy).encode())
        return answer

    def close(self) -> None:
        """Nothing is open."""


def issues(zipped: bytes, place: Path) -> list[str]:
    """Return what a validator has to say against a crate."""
    place.write_bytes(zipped)
    settings = models.ValidationSettings(
        rocrate_uri=str(place),
        profile_identifier=PROFILE,
        requirement_severity=models.Severity.REQUIRED,
        no_cache=True,
    )
    http.HttpRequester().session.mount("https://w3id.org/ro/crate/", FromTheLibrary())
    return [str(one.message) for one in services.validate(settings).get_issues()]


# The validator's own libraries use what rdflib has deprecated.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_validator_accepts_it_by_the_released_profile_and_refuses_it_without_its_run(
    where: Resources, tried: Try, tmp_path: Path
) -> None:
    whole = crate(where, tried, with_answers=True)
    assert issues(whole, tmp_path / "whole.zip") == []
    without_run = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as old, zipfile.ZipFile(without_run, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "ro-crate-metadata.json":
                told = json.loads(content)
                told["@graph"] = [one for one in told["@graph"] if one["@type"] != "CreateAction"]
                content = json.dumps(told).encode()
            new.writestr(name, content)
    assert any(
        "CreateAction" in one for one in issues(without_run.getvalue(), tmp_path / "less.zip")
    )
