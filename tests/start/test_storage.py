"""One setting puts the case store on S3; where that cannot be used, nothing is started and a sentence says why."""

from pathlib import Path

import pytest

from capsule_flows.diagnosis import diagnose
from capsule_flows.planning import CannotStart
from capsule_flows.storage import STORE_VARIABLE, case_store
from private_s3 import S3Server


def test_without_the_setting_the_cases_are_in_the_starts_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And work and copies need no other folder."""
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    store = case_store(tmp_path)
    assert (store.root, store.scratch, store.local) == (
        tmp_path / "store",
        None,
        tmp_path / "store",
    )


def test_with_the_setting_the_cases_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: S3Server
) -> None:
    """The bucket is known to take something before anything is started, and `doctor` says so."""
    place = f"s3://{s3.new_bucket()}/capsules"
    for name, value in {**s3.environment, STORE_VARIABLE: place}.items():
        monkeypatch.setenv(name, value)
    store = case_store(tmp_path)
    assert (store.root, store.scratch) == (place, tmp_path / "scratch")
    (told,) = [one for one in diagnose() if one.what == "case store"]
    assert told.ok
    assert place in told.sentence


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("s3://no-such-bucket-at-all/x", "cannot be used"),
        ("nonsense://bucket/x", "cannot be used"),
    ],
)
def test_a_place_that_cannot_be_used_is_told_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: S3Server, place: str, why: str
) -> None:
    """In one sentence that names the setting; `doctor` says the same."""
    for name, value in {**s3.environment, STORE_VARIABLE: place}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart, match=f"{STORE_VARIABLE} is set.*{why}"):
        case_store(tmp_path)
    (told,) = [one for one in diagnose() if one.what == "case store"]
    assert not told.ok
