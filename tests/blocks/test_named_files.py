"""The store keeps the files that cases name once each, whole or not at all, and lays them beside their cases alone."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

from capsule_blocks import CaseStore
from capsule_blocks.lending import TooMuchToLend
from capsule_blocks.shelves import CasesMissing
from capsule_kit.object_storage import local_folders

CONTRACT = "c" * 64
ONE, OTHER = b"the first image", b"the second image"
HASHES = [sha256(content).hexdigest() for content in (ONE, OTHER)]


def makes(*contents: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for content in contents:
            (folder / sha256(content).hexdigest()).write_bytes(content)

    return make


def naming(*digests: str | None) -> pd.DataFrame:
    """Return inputs whose cases name these files."""
    names = [None if one is None else f"scan {n}.png" for n, one in enumerate(digests)]
    return pd.DataFrame(
        {
            "case_id": [f"k{n}" for n in range(len(digests))],
            "row": range(2, 2 + len(digests)),
            "image": pd.array(names, "str"),
            "image (SHA-256)": pd.array(digests, "str"),
        }
    )


def answers(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"case_id": inputs["case_id"], "ill": "yes"})


def seal(store: CaseStore, inputs: pd.DataFrame) -> str:
    return store.seal(inputs, answers(inputs), CONTRACT).inputs_hash


def test_the_same_file_is_kept_once(store: CaseStore, kept: Callable[[], dict[str, bytes]]) -> None:
    store.files.keep(HASHES, makes(ONE, OTHER))
    store.files.keep(HASHES[:1], lambda _: pytest.fail("it is there already"))
    assert kept() == {f"files/{HASHES[0]}": ONE, f"files/{HASHES[1]}": OTHER}
    assert store.files.file(HASHES[1]).read_bytes() == OTHER


def test_other_bytes_than_the_hash_says_are_not_kept(
    store: CaseStore, kept: Callable[[], dict[str, bytes]]
) -> None:
    def wrong(folder: Path) -> None:
        makes(ONE)(folder)
        (folder / HASHES[1]).write_bytes(b"cut sho")

    with pytest.raises(ValueError, match="has other bytes than it was checked with"):
        store.files.keep(HASHES, wrong)
    assert kept() == {}


def test_a_run_finds_the_files_that_its_cases_name_and_no_others(store: CaseStore) -> None:
    store.files.keep(HASHES, makes(ONE, OTHER))
    first, second = (seal(store, naming(digest, None)) for digest in HASHES)
    assert first != second
    for inputs_hash, digest, content in ((first, HASHES[0], ONE), (second, HASHES[1], OTHER)):
        staged = store.stage(uuid4(), inputs_hash, CONTRACT)
        (found,) = (staged.data / "files").iterdir()
        assert found.name == f"{digest}.png"
        assert found.read_bytes() == content
        assert found.stat().st_mode & 0o777 == 0o444


def test_cases_without_files_have_no_folder_of_files(store: CaseStore) -> None:
    staged = store.stage(uuid4(), seal(store, naming(None)), CONTRACT)
    assert sorted(one.name for one in staged.data.iterdir()) == ["inputs.parquet", "receipt.json"]


def test_a_file_that_the_store_has_lost_is_said_to_be_missing(store: CaseStore) -> None:
    inputs_hash = seal(store, naming(HASHES[0]))
    with pytest.raises(CasesMissing, match="no file at .*files/"):
        store.stage(uuid4(), inputs_hash, CONTRACT)
    assert store.staging.opened() == []


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_a_run_elsewhere_is_lent_the_files_with_its_cases(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.files.keep(HASHES, makes(ONE, OTHER))
    inputs_hash = seal(store, naming(HASHES[0]))
    lent = store.lend(uuid4(), inputs_hash, CONTRACT)
    with local_folders(lent.data, lent.results) as (data, _):
        assert [one.read_bytes() for one in (data / "files").iterdir()] == [ONE]
    monkeypatch.setattr("capsule_blocks.lending.MOST_FILES", 2)
    with pytest.raises(TooMuchToLend, match="more files than a run elsewhere is given"):
        store.lend(uuid4(), inputs_hash, CONTRACT)
