"""The crate of a trial before the validator of its profile.

roc-validator demands older versions of what the linters need, so it has an environment of its own, made
for this test from validator.txt; where no registry of packages answers, the test is skipped.
"""

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from capsule_flows.home import Resources
from reporting.conftest import Try
from reporting.test_crate import crate

HERE = Path(__file__).parent
PROFILE = "workflow-run-crate-0.5"
UV = Path(sys.executable).with_name("uv")


@pytest.fixture
def validator(tmp_path: Path) -> Path:
    """Give a Python that has the validator."""
    python = tmp_path / "validator" / "bin" / "python"
    subprocess.run(
        [UV, "venv", "--quiet", "--python", sys.executable, python.parents[1]], check=True
    )
    install = [UV, "pip", "install", "--quiet", "--require-hashes", "--python", python]
    made = subprocess.run(
        [*install, "-r", HERE / "validator.txt"],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if made.returncode:
        why = f"roc-validator cannot be installed here: {made.stderr.strip()[-300:]}"
        if os.environ.get("CAPSULES_REQUIRE_VALIDATOR") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return python


def test_a_validator_accepts_it_by_the_released_profile_and_refuses_it_without_its_run(
    where: Resources, tried: Try, tmp_path: Path, validator: Path
) -> None:
    whole, less = tmp_path / "whole.zip", tmp_path / "less.zip"
    whole.write_bytes(crate(where, tried, with_answers=True))
    less.write_bytes(without_its_run(whole))
    said = subprocess.run(
        [validator, HERE / "validate_crate.py", PROFILE, whole, less],
        check=True,
        capture_output=True,
        timeout=300,
    )
    accepted, refused = json.loads(said.stdout)
    assert accepted == []
    assert any("CreateAction" in one for one in refused)


def without_its_run(whole: Path) -> bytes:
    """Return a crate that does not tell its run."""
    made = BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "ro-crate-metadata.json":
                told = json.loads(content)
                told["@graph"] = [one for one in told["@graph"] if one["@type"] != "CreateAction"]
                content = json.dumps(told).encode()
            new.writestr(name, content)
    return made.getvalue()
