"""The store keeps what comes in, holds answers apart, and takes over results whole."""

import io
import os
import resource
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

from capsule_blocks import CaseStore
from capsule_blocks.files import safe_name, workbench
from capsule_blocks.shelves import CasesMissing
from capsule_kit.errors import CasesRefused
from capsule_kit.receipt import admit

CONTRACT, OTHER = "c" * 64, "d" * 64
INPUTS = pd.DataFrame({"case_id": ["k1", "k2"], "row": [2, 3], "size": [1.5, None]})
SECRET = "malignant-and-nobody-else-knows"
ANSWERS = pd.DataFrame({"case_id": ["k1", "k2"], "diagnosis": [SECRET, None]})


Kept = Callable[[], dict[str, bytes]]


def _local(store: CaseStore) -> list[Path]:
    return [path for path in store.local.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("cases.csv", "cases.csv"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\ada\été.xlsx", "été.xlsx"),
        ("..", "upload"),
        ("", "upload"),
        (".ssh/", "ssh"),
        ("a\0b\n;rm -rf $HOME.csv", "a_b__rm -rf _HOME.csv"),
        ("con\u202evsc.exe", "con_vsc.exe"),
        ("\ud800.csv", "_.csv"),
    ],
)
def test_a_hostile_name_becomes_one_plain_segment(
    store: CaseStore, kept: Kept, given: str, name: str
) -> None:
    """The file lies in its own folder of the store; the name given stays in the value."""
    received = store.receive(io.BytesIO(b"a,b\n"), given)
    assert received.path.parts[-3:] == ("uploads", received.sha256, name)
    assert received.path.is_relative_to(store.local)
    assert received.path.read_bytes() == b"a,b\n"
    assert kept() == {f"uploads/{received.sha256}/{name}": b"a,b\n"}
    assert (received.filename, received.size) == (given, 4)


def test_a_long_name_keeps_its_ending() -> None:
    """300 two-byte letters fit a file system, and the ending still tells the format."""
    name = safe_name("é" * 300 + ".parquet")
    assert name.endswith("é.parquet")
    assert len(name.encode()) <= 120


def test_the_same_bytes_are_kept_once(store: CaseStore, kept: Kept) -> None:
    """A file that is brought twice is one file, and nothing is left of the way it came."""
    assert store.receive(io.BytesIO(b"x"), "a.csv") == store.receive(io.BytesIO(b"x"), "a.csv")
    assert [Path(key).name for key in kept()] == ["a.csv"]


def test_an_upload_that_breaks_off_leaves_nothing(store: CaseStore, kept: Kept) -> None:
    """Half a file is no file."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        store.receive(Broken(b"half"), "a.csv")
    assert kept() == {}
    assert [path for path in store.local.rglob("*") if path.is_file()] == []


def test_inputs_and_answers_come_back_from_apart(store: CaseStore, kept: Kept) -> None:
    """Sealing twice gives the same hashes, and each table comes back as it was."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    assert store.seal(INPUTS, ANSWERS, CONTRACT) == sealed
    pd.testing.assert_frame_equal(store.inputs(sealed.inputs_hash), INPUTS)
    pd.testing.assert_frame_equal(
        store.answers(sealed.inputs_hash, sealed.answers_hash),
        ANSWERS.rename(columns={"diagnosis": "answer"}),
    )
    assert sealed.cases == 2
    assert (
        sealed.inputs_hash
        == sha256(kept()[f"cases/{sealed.inputs_hash}/inputs.parquet"]).hexdigest()
    )
    assert store.has_receipt(sealed.inputs_hash, CONTRACT)
    assert not store.has_receipt(sealed.inputs_hash, OTHER)


def test_no_answer_is_outside_the_sealed_folder(store: CaseStore, kept: Kept) -> None:
    """Neither an answer nor its header is in any staged or stored file that a run may see."""
    inputs = INPUTS.copy()
    inputs.attrs = {"diagnosis": SECRET}
    sealed = store.seal(inputs, ANSWERS, CONTRACT)
    staged = store.stage(uuid4(), sealed.inputs_hash, CONTRACT)
    seen = {key: content for key, content in kept().items() if not key.startswith("sealed/")}
    seen |= {str(path): path.read_bytes() for path in _local(store) if "sealed" not in path.parts}
    assert {Path(key).name for key in seen} == {
        "inputs.parquet",
        "receipt.json",
        f"{CONTRACT}.json",
    }
    for content in seen.values():
        assert SECRET.encode() not in content
        assert b"diagnosis" not in content
    assert sorted(path.name for path in staged.data.iterdir()) == [
        "inputs.parquet",
        "receipt.json",
    ]
    assert stat.S_IMODE(store.local.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"case_id": ["k1"], "size": [1.5]}, "among the inputs"),
        ({"case_id": ["k9"], "diagnosis": ["x"]}, "not among the inputs"),
        ({"case_id": ["k1", "k1"], "diagnosis": ["x", "y"]}, "occurs twice"),
        ({"diagnosis": ["x"]}, "Pass case_id and the answer's"),
    ],
)
def test_tables_that_do_not_fit_are_not_sealed(
    store: CaseStore, kept: Kept, answers: dict[str, list[object]], why: str
) -> None:
    """Nothing is stored of them."""
    with pytest.raises(ValueError, match=why):
        store.seal(INPUTS, pd.DataFrame(answers), CONTRACT)
    assert kept() == {}


def test_a_run_is_admitted_under_the_contract_that_was_checked(
    store: CaseStore,
) -> None:
    """The kit accepts what was staged with its own receipt, and refuses with another's."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    good = store.stage(uuid4(), sealed.inputs_hash, CONTRACT)
    assert admit(good.data, CONTRACT).cases == 2
    stale = store.stage(uuid4(), sealed.inputs_hash, OTHER)
    with pytest.raises(CasesRefused, match="another version"):
        admit(stale.data, OTHER)


def test_staging_again_begins_with_empty_results(store: CaseStore) -> None:
    """What an earlier start of the same run left cannot be taken for what this one says."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    assert store.staged(run) is None
    staged = store.stage(run, sealed.inputs_hash, CONTRACT)
    (staged.results / "predictions.parquet").write_bytes(b"p")
    assert store.stage(run, sealed.inputs_hash, CONTRACT) == store.staged(run) == staged
    assert list(staged.results.iterdir()) == []


def test_missing_cases_are_said_to_be_missing(store: CaseStore) -> None:
    """Inputs that are gone are named, with what to do; a path is no hash."""
    with pytest.raises(CasesMissing, match="no inputs at .* add the table again"):
        store.stage(uuid4(), "e" * 64, CONTRACT)
    with pytest.raises(ValueError, match="no content hash"):
        store.inputs("../sealed")


def test_results_are_taken_whole_and_plain(store: CaseStore, tmp_path: Path) -> None:
    """Regular files are taken over with their folders; links, pipes and sockets are dropped."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    left = store.stage(run, sealed.inputs_hash, CONTRACT).results
    (left / "predictions.parquet").write_bytes(b"p")
    (left / "files").mkdir()
    (left / "files/plot.png").write_bytes(b"i")
    (left / "leak").symlink_to(store.local / "sealed")
    (left / "leak.parquet").symlink_to("/etc/passwd")
    os.mkfifo(left / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        # An address has at most 108 bytes.
        here = os.open(left, os.O_RDONLY)
        door.bind(f"/proc/self/fd/{here}/door")
        os.close(here)
    taken = store.collect(run)
    assert taken == store.results(run)
    assert taken is not None
    found = sorted(str(path.relative_to(taken)) for path in taken.rglob("*"))
    assert found == ["files", "files/plot.png", "predictions.parquet"]
    assert store.staged(run) is None
    assert store.collect(run) == taken


def test_a_run_that_left_nothing_has_no_results(store: CaseStore) -> None:
    """Its staging folder is cleared all the same; a run never staged is nothing as well."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    left = store.stage(run, sealed.inputs_hash, CONTRACT).results
    (left / "link").symlink_to("/etc/passwd")
    assert store.collect(run) is None
    assert store.staged(run) is None
    assert store.collect(uuid4()) is None


def test_a_collection_cut_short_is_done_again(store: CaseStore) -> None:
    """A disk that takes nothing while collecting leaves no results and everything staged; the next call takes all."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    left = store.stage(run, sealed.inputs_hash, CONTRACT).results
    (left / "predictions.parquet").write_bytes(b"p")
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.collect(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    assert store.results(run) is None
    assert store.staged(run) is not None
    taken = store.collect(run)
    assert taken is not None
    assert (taken / "predictions.parquet").read_bytes() == b"p"


def test_four_collectors_take_the_results_once(store: CaseStore) -> None:
    """All four are told the same folder, and it holds all 50 files."""
    sealed = store.seal(INPUTS, ANSWERS, CONTRACT)
    run = uuid4()
    left = store.stage(run, sealed.inputs_hash, CONTRACT).results
    for number in range(50):
        (left / f"{number}").write_bytes(b"x" * 1000)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(store.collect, [run] * 4))
    assert taken == [store.results(run)] * 4
    assert {path.stat().st_size for path in (store.results(run) or Path()).iterdir()} == {1000}
    assert len(list((store.results(run) or Path()).iterdir())) == 50


def test_a_judged_table_comes_back(store: CaseStore) -> None:
    """What was saved of a trial is read again; of another trial there is none."""
    run = uuid4()
    frame = pd.DataFrame({"case_id": ["k1"], "right": [True]})
    store.save_judged(run, frame)
    found = store.judged(run)
    assert found is not None
    pd.testing.assert_frame_equal(found, frame)
    assert store.judged(uuid4()) is None


def test_what_a_killed_process_left_unfinished_is_cleared_and_nothing_that_is_in_use(
    tmp_path: Path,
) -> None:
    """Answers may lie there; the next who makes something clears them."""
    killed = (
        "import os, sys, pathlib\n"
        "from capsule_blocks.files import workbench\n"
        "with workbench(pathlib.Path(sys.argv[1])) as bench:\n"
        "    (bench / 'answers').write_text('benign')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", killed, tmp_path], check=False)
    assert ended.returncode == -9
    [left] = tmp_path.iterdir()
    assert (left / "answers").is_file()
    (kept := tmp_path / "copies").mkdir()
    with workbench(tmp_path) as mine, workbench(tmp_path) as another:
        assert set(tmp_path.iterdir()) == {kept, mine, another}
    assert list(tmp_path.iterdir()) == [kept]
