"""A file that a case names arrives at the model unchanged, and no other trial's file does: cold, waiting, as a process."""

import json
import os
import random
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import docker
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from prefect.utilities.callables import parameter_schema

from e2e.browsing import bring
from e2e.conftest import Started, until
from e2e.plain_flows import working
from e2e.proving import containers
from filed.declaration import flow

pytestmark = pytest.mark.docker

TESTS = Path(__file__).parents[1]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def deployment(started: Started) -> Iterator[str]:
    """The capsule on the start's pool, with no container waiting."""
    base = started.get("/deployments/name/tumor_malignancy/trial")["job_variables"]["image"]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(TESTS / "filed", folder, dirs_exist_ok=True)
        image = subprocess.run(
            ["docker", "build", "-q", "--build-arg", f"BASE={base}", folder],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "DOCKER_BUILDKIT": "0"},
        ).stdout.strip()
    made = started.post("/flows/", {"name": "filed"})
    body = {
        "name": "trial",
        "flow_id": made["id"],
        "entrypoint": "filed.declaration.flow",
        "work_pool_name": "capsules",
        "pull_steps": [],
        "tags": ["capsule"],
        "parameter_openapi_schema": parameter_schema(flow).model_dump_for_openapi(),
        "enforce_parameter_schema": True,
        "job_variables": {"image": image, "waiting_containers": 0},
    }
    found = str(started.post("/deployments/", body)["id"])
    yield found
    # The pages of the start's capsules are looked at by other tests.
    started.ask("DELETE", f"/deployments/{found}").raise_for_status()


def scans(seed: int) -> dict[str, bytes]:
    """Return images of any bytes; every trial's are called alike."""
    drawn = random.Random(seed)
    return {f"malignant/{number}.png": PNG + drawn.randbytes(40_000) for number in range(3)}


def packed(place: Path, files: dict[str, bytes], off: int = 0) -> Path:
    """Return an archive of cases that name these files, with answers that are off by so much."""
    rows = [f"S-{number},{name},{off + sum(files[name])}" for number, name in enumerate(files)]
    with zipfile.ZipFile(place / "hers.zip", "w") as archive:
        archive.writestr("cases.csv", "\n".join(("specimen,scan,total", *rows)))
        for name, content in files.items():
            archive.writestr(name, content)
    return place / "hers.zip"


def tried(started: Started, place: Path, files: dict[str, bytes]) -> tuple[dict[str, Any], Any]:
    """Take an archive through a trial; return what was told of it, and what the model saw."""
    shown = started.json("try", "filed", str(packed(place, files)))
    results = started.home / "store" / "results" / shown["trial"]
    return shown, json.loads((results / "files" / "seen.json").read_text())


def insist_on_its_own(shown: dict[str, Any], seen: Any, files: dict[str, bytes]) -> None:
    """Insist that the model read these files, these alone, under names that tell it nothing."""
    assert shown["kind"] == "judged", shown
    hashes = sorted(sha256(content).hexdigest() for content in files.values())
    assert seen["hashes"] == hashes
    assert seen["names"] == [f"{one}.png" for one in hashes]
    assert seen["columns"] == ["specimen", "scan"]
    assert seen["modes"] == ["0o444"]
    assert "on 3 of 3 cases" in shown["sentence"], shown["sentence"]


def test_in_a_container_of_its_own(started: Started, deployment: str, tmp_path: Path) -> None:
    files = scans(1)
    shown, seen = tried(started, tmp_path, files)
    insist_on_its_own(shown, seen, files)
    assert not seen["written"]


def test_in_a_container_that_waited(started: Started, deployment: str, tmp_path: Path) -> None:
    variables = started.get(f"/deployments/{deployment}")["job_variables"]
    changed = {"job_variables": {**variables, "waiting_containers": 1}}
    started.ask("PATCH", f"/deployments/{deployment}", changed).raise_for_status()

    def waiting() -> str | None:
        with closing(docker.from_env()):
            for one in containers(started):
                ours = "CAPSULE_MODULE=filed.model" in one.attrs["Config"]["Env"]
                if ours and b'"op": "ready"' in one.logs():
                    return str(one.id)
        return None

    waited = until(waiting, 90, "a waiting container")
    files = scans(2)
    shown, seen = tried(started, tmp_path, files)
    insist_on_its_own(shown, seen, files)
    assert not seen["written"]
    record = started.get(f"/flow_runs/{shown['trial']}")
    assert record["infrastructure_pid"].endswith(waited)


@pytest.mark.browser
def test_from_the_page_where_the_image_is_seen_again(
    started: Started, deployment: str, tmp_path: Path, page: Page
) -> None:
    drawn = BytesIO()
    Image.new("RGB", (400, 300), "purple").save(drawn, "PNG")
    page.goto(f"{started.app}/capsule?name=filed")
    expect(page.get_by_text("packed as one ZIP archive with the files")).to_be_visible()
    bring(page, packed(tmp_path, {"a.png": drawn.getvalue(), "b.png": b""}), "purple")
    expect(page.get_by_text("The file “b.png” is empty.").first).to_be_visible()
    bring(page, packed(tmp_path, {"a.png": drawn.getvalue()}, off=7), "purple")
    expect(page.get_by_text("1 cases are kept as 'purple'").first).to_be_visible()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Where it disagrees with you: 1 case")).to_be_visible(timeout=120_000)
    expect(page.get_by_alt_text("The image of this case").first).to_be_visible()
    expect(page.get_by_role("article").get_by_text("a.png")).to_be_visible()


def test_in_a_local_process(started: Started, deployment: str, tmp_path: Path) -> None:
    variables = {"env": {"PYTHONPATH": str(TESTS)}}
    changed = {"work_pool_name": "capsules-process", "job_variables": variables}
    started.ask("PATCH", f"/deployments/{deployment}", changed).raise_for_status()
    files = scans(3)
    home = {"CAPSULES_HOME": str(started.home)}
    with working(started, "capsules-process", tmp_path / "home", **home):
        shown, seen = tried(started, tmp_path, files)
    insist_on_its_own(shown, seen, files)
