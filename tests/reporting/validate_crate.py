"""Prints what a validator has to say against crates, as JSON: a list of sentences for each. Runs in an environment of its own.

usage: python validate_crate.py PROFILE CRATE...
"""

import json
import sys
from importlib.resources import files
from io import BytesIO

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

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


def issues(profile: str, crate: str) -> list[str]:
    """Return what stands against a crate."""
    settings = models.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier=profile,
        requirement_severity=models.Severity.REQUIRED,
        no_cache=True,
    )
    HttpRequester().session.mount("https://w3id.org/ro/crate/", FromTheLibrary())
    return [str(one.message) for one in services.validate(settings).get_issues()]


if __name__ == "__main__":
    found = [issues(sys.argv[1], crate) for crate in sys.argv[2:]]
    sys.stdout.write(json.dumps(found))
