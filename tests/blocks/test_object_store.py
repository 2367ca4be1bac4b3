"""The store on object storage: no credential is kept, the first results stay, and a run elsewhere is lent its own objects alone."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pandas as pd
import pytest
import s3fs

from capsule_blocks import CaseStore
from capsule_blocks.lending import NothingToLend
from capsule_blocks.shelves import StoreUnreachable
from capsule_kit.errors import StorageFailed
from capsule_kit.object_storage import fetch, local_folders, push
from capsule_kit.receipt import admit
from private_s3 import S3Server

CONTRACT = "c" * 64
SECRET = "malignant-and-nobody-else-knows"
INPUTS = pd.DataFrame({"case_id": ["k1"], "row": [2], "size": [1.5]})
ANSWERS = pd.DataFrame({"case_id": ["k1"], "diagnosis": [SECRET]})
Kept = Callable[[], dict[str, bytes]]

pytestmark = pytest.mark.parametrize("store", ["s3"], indirect=True)


def test_the_block_keeps_no_credential(store: CaseStore, s3: S3Server) -> None:
    """What Prefect stores of it is an address and a folder."""
    text = store.model_dump_json(context={"include_secrets": True})
    assert s3.secret not in text
    assert s3.key not in text
    assert str(store.root) in text


def test_another_machine_sees_the_same_store(store: CaseStore, tmp_path: Path) -> None:
    """A second store with a scratch folder of its own reads what the first one kept."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    left = store.stage(run, sealed.inputs_hash, CONTRACT).results
    (left / "predictions.parquet").write_bytes(b"p")
    store.collect(run)
    other = CaseStore(root=store.root, scratch=tmp_path / "other")
    pd.testing.assert_frame_equal(other.inputs(sealed.inputs_hash), INPUTS)
    found = other.results(run)
    assert found is not None
    assert found.is_relative_to(tmp_path / "other")
    assert (found / "predictions.parquet").read_bytes() == b"p"


def test_the_first_results_stay(store: CaseStore, kept: Kept, tmp_path: Path) -> None:
    """A second collector that comes too late, on another machine, overwrites nothing."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    other = CaseStore(root=store.root, scratch=tmp_path / "other")
    for one, content in ((store, b"first"), (other, b"second")):
        left = one.stage(run, sealed.inputs_hash, CONTRACT).results
        (left / "predictions.parquet").write_bytes(content)
    store.collect(run)
    before = kept()
    taken = tmp_path / "late"
    taken.mkdir()
    (taken / "predictions.parquet").write_bytes(b"second")
    other._shelf.keep_folder(taken, f"results/{run}")
    other.collect(run)
    assert kept() == before


def test_what_is_kept_is_put_once_whatever_its_size(store: CaseStore, tmp_path: Path) -> None:
    """110 MB go up in parts and come back whole; other bytes under the same key change nothing."""
    large, other = tmp_path / "large", tmp_path / "other"
    large.write_bytes(b"first " * 18_500_000)
    other.write_bytes(b"second")
    store._shelf.keep(large, "large")
    store._shelf.keep(other, "large")
    assert store._shelf.file("large").read_bytes() == large.read_bytes()


def test_a_store_that_cannot_be_used_says_why(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No bucket, or a wrong key: one sentence with the address and what to check."""
    gone = CaseStore(root="s3://no-such-bucket/x", scratch=tmp_path)
    with pytest.raises(StoreUnreachable, match="s3://no-such-bucket/x cannot be used: there is no"):
        gone.seal(INPUTS, ANSWERS, CONTRACT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    s3fs.S3FileSystem.clear_instance_cache()  # in a new process the environment is read anew
    with pytest.raises(StoreUnreachable, match="AWS_SECRET_ACCESS_KEY"):
        CaseStore(root=store.root, scratch=tmp_path).inputs("e" * 64)
    s3fs.S3FileSystem.clear_instance_cache()


def test_an_address_needs_a_local_folder_beside_it(store: CaseStore, tmp_path: Path) -> None:
    """And a folder has nothing to lend to a run elsewhere."""
    with pytest.raises(ValueError, match="Set `scratch`"):
        CaseStore(root=store.root)
    local = CaseStore(root=tmp_path)
    sealed = local.seal(INPUTS, ANSWERS, CONTRACT)
    with pytest.raises(NothingToLend, match="CAPSULES_STORE=s3://"):
        local.lend(uuid4(), sealed.inputs_hash, CONTRACT)


def test_a_run_elsewhere_reads_and_writes_over_its_two_addresses(
    store: CaseStore, kept: Kept
) -> None:
    """It gets inputs and receipt and no answer; what it sends is collected and the rest cleared."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    lent = store.lend(run, sealed.inputs_hash, CONTRACT)
    assert SECRET.encode() not in httpx.get(lent.data).content
    with local_folders(lent.data, lent.results) as (data, results):
        assert sorted(file.name for file in data.iterdir()) == ["inputs.parquet", "receipt.json"]
        assert admit(data, CONTRACT).cases == 1
        (results / "files").mkdir()
        (results / "files/plot.png").write_bytes(b"i")
        (results / "predictions.parquet").write_bytes(b"p")
    taken = store.collect(run)
    assert taken is not None
    found = {path.relative_to(taken).as_posix(): path for path in taken.rglob("*.p*")}
    assert found["predictions.parquet"].read_bytes() == b"p"
    assert found["files/plot.png"].read_bytes() == b"i"
    assert not [key for key in kept() if key.startswith("staging/")]


def test_an_address_opens_nothing_but_its_own_object(store: CaseStore, tmp_path: Path) -> None:
    """Neither the answers, nor another way, nor the object beside it."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    lent = store.lend(run, sealed.inputs_hash, CONTRACT)
    answers = lent.data.replace(
        f"staging/{run}/data.tar", f"sealed/{sealed.inputs_hash}/{sealed.answers_hash}.parquet"
    )
    assert answers != lent.data
    assert httpx.get(answers).status_code == httpx.codes.FORBIDDEN
    assert httpx.put(lent.data, content=b"x").status_code == httpx.codes.FORBIDDEN
    assert httpx.get(lent.results).status_code == httpx.codes.FORBIDDEN
    with pytest.raises(StorageFailed, match="it answered 403") as failure:
        fetch(answers, tmp_path / "data")
    assert "Signature" not in str(failure.value)


def test_results_sent_after_the_end_change_nothing(
    store: CaseStore, kept: Kept, tmp_path: Path
) -> None:
    """An address that outlives its run reaches only what is cleared with the next collection."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    lent = store.lend(run, sealed.inputs_hash, CONTRACT)
    (tmp_path / "predictions.parquet").write_bytes(b"first")
    push(tmp_path, lent.results)
    store.collect(run)
    before = kept()
    (tmp_path / "predictions.parquet").write_bytes(b"second")
    push(tmp_path, lent.results)
    store.collect(run)
    assert kept() == before


def _hostile(archive: Path) -> None:
    with tarfile.open(archive, "w") as tar:
        for name, kind, link in (
            ("link", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard", tarfile.LNKTYPE, "link"),
            ("pipe", tarfile.FIFOTYPE, ""),
            ("../outside", tarfile.REGTYPE, ""),
            ("/absolute", tarfile.REGTYPE, ""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            tar.addfile(member)


@pytest.mark.parametrize("what", ["an archive of links and paths outside", "no archive"])
def test_rubbish_from_a_run_is_no_result(store: CaseStore, tmp_path: Path, what: str) -> None:
    """The run left nothing then, and nothing lies where it did not belong."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    lent = store.lend(run, sealed.inputs_hash, CONTRACT)
    archive = tmp_path / "archive"
    archive.write_bytes(b"rubbish")
    if what != "no archive":
        _hostile(archive)
    assert httpx.put(lent.results, content=archive.read_bytes()).is_success
    assert store.collect(run) is None
    assert not list(tmp_path.rglob("outside"))
