"""Every harm that the faulty model can do, by name."""

import ctypes
import json
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from capsule_kit.model_process import _Replies, progress

FOREVER_S = 600
RAW = Path("../predictions.parquet")
"""Where the kit looks for the predictions."""


def do(deed: str, given: pd.DataFrame, facts: str) -> pd.DataFrame:
    """Do the deed; return the predictions as the deed would have them."""
    if deed == "escape":
        from faulty import escapes

        Path("attempts.json").write_text(json.dumps(escapes.attempt_all(json.loads(facts))))
        return given
    changed = DEEDS[deed](given)
    return given if changed is None else changed


def _raise(_: pd.DataFrame) -> None:
    raise ValueError("the model's own error")


def _exit(_: pd.DataFrame) -> None:
    print("a last word", flush=True)
    os._exit(7)


def _segfault(_: pd.DataFrame) -> None:
    ctypes.string_at(0)


def _sleep_in_c(_: pd.DataFrame) -> None:
    ctypes.CDLL(None).sleep(FOREVER_S)


def _sleep_holding_the_lock(_: pd.DataFrame) -> None:
    ctypes.PyDLL(None).sleep(FOREVER_S)


def _block_signals(_: pd.DataFrame) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass


def _spin_in_c(_: pd.DataFrame) -> None:
    sum(range(10**14))


def _memory(_: pd.DataFrame) -> None:
    eaten = []
    while True:
        eaten.append(b"x" * (1 << 24))


def _fork_bomb(_: pd.DataFrame) -> NoReturn:
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.05)


def _full_disk(_: pd.DataFrame) -> None:
    with Path("everything").open("wb") as file:
        while True:
            file.write(b"x" * (1 << 20))


def _many_files(_: pd.DataFrame) -> None:
    for number in range(3000):
        Path(f"{number:05d}").touch()


def _endless_logs(_: pd.DataFrame) -> None:
    while True:
        sys.stderr.write("there is much to say\n" * 1000)


def _endless_progress(_: pd.DataFrame) -> None:
    done = 0
    while True:
        done += 1
        progress(done, FOREVER_S)


def _reply(text: str) -> None:
    pipe = _Replies.current._pipe
    assert pipe is not None
    pipe.write(text)
    pipe.flush()


def _rubbish_replies(_: pd.DataFrame) -> None:
    for rubbish in ("\0\1\2\n", "[" * 100_000 + "\n", "capsule\n", "capsule \n", "predicted\n"):
        _reply(rubbish)
    for counts in ("", " many", " 1e999 -1", " " + "9" * 400 + " 5", " ² ٣ 3 3", " 3" * 1000):
        _reply(f"capsule progress{counts}\n")
    _reply("x" * (1 << 20) + "\n")


def _forged_reply(_: pd.DataFrame) -> None:
    _reply("capsule predicted /data/receipt.json\n")
    time.sleep(FOREVER_S)


def _half_a_reply(_: pd.DataFrame) -> None:
    _reply("capsule predic")
    os._exit(0)


def _odd_files(_: pd.DataFrame) -> None:
    Path("link").symlink_to("/data/receipt.json")
    Path("way out").symlink_to("/", target_is_directory=True)
    os.link("/work/files/../files/link", "hard link") if Path("link").is_symlink() else None
    os.mkfifo("pipe")
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/plain.txt").write_text("kept")
    Path("-rf \n\u202e.txt").write_text("kept as well")
    for kind, number in (("character", 0o020000), ("block", 0o060000)):
        try:
            os.mknod(f"{kind} device", number | 0o666, os.makedev(1, 3))
        except OSError as refused:
            Path(f"{kind}.txt").write_text(f"{refused}")
    for name in ("/data/inputs.parquet", "/data/receipt.json", "/etc/passwd"):
        try:
            os.link(name, f"stolen {Path(name).name}")
        except OSError as refused:
            Path(f"{Path(name).name}.txt").write_text(f"{refused}")


def _endless_file(_: pd.DataFrame) -> None:
    with Path("sparse").open("wb") as file:
        file.truncate(1 << 44)


def _end_saying_predicted() -> NoReturn:
    _reply("capsule predicted\n")
    os._exit(0)


def _growing_file(_: pd.DataFrame) -> None:
    """Be a terabyte as soon as somebody has opened the small file to copy it."""
    Path("small").write_bytes(b"x" * (1 << 22))
    if os.fork() == 0:
        with Path("small").open("ab") as file:
            until = time.monotonic() + FOREVER_S
            while time.monotonic() < until:
                file.truncate(1 << 22)
                file.truncate(1 << 40)


def _deep_folders(_: pd.DataFrame) -> None:
    for _step in range(1500):
        Path("d").mkdir()
        os.chdir("d")
    Path("treasure.txt").write_text("deep")
    os.chdir("/work/files")
    Path(os.fsdecode(b"not \xff a name.txt")).write_text("odd")
    Path("plain.txt").write_text("kept")


def _odd_words(_: pd.DataFrame) -> NoReturn:
    print("nothing \0 but \x1b[31m trouble", flush=True)
    raise ValueError("a \0 and a \x1b[31m and a \ud800 and " + "x" * (1 << 20))


def _gigantic_line(given: pd.DataFrame) -> pd.DataFrame:
    sys.stderr.write("y" * (1 << 20) + "\n")
    return given.assign(prediction="z" * (1 << 20))


def _predictions_as_a_link(_: pd.DataFrame) -> None:
    RAW.symlink_to("/data/inputs.parquet")
    _end_saying_predicted()


def _predictions_as_a_pipe(_: pd.DataFrame) -> None:
    os.mkfifo(RAW)
    _end_saying_predicted()


def _billion_rows(given: pd.DataFrame) -> None:
    """A small file whose dictionary pages stand for a billion rows."""
    many = 50_000_000
    column = pa.DictionaryArray.from_arrays(pa.array(_zeros(many)), pa.array(["yes"]))
    table = pa.table({"case_id": column, "prediction": column})
    with pq.ParquetWriter(RAW, table.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(table)
    del given
    _end_saying_predicted()


def _zeros(many: int) -> pa.Array:
    empty = mmap.mmap(-1, many)
    return pa.Array.from_buffers(pa.int8(), many, [None, pa.py_buffer(empty)])


def _gigantic_string(given: pd.DataFrame) -> None:
    """A small file in which each of many cells has half a megabyte, written once."""
    many = 900
    text = pa.DictionaryArray.from_arrays(pa.array(_zeros(many)), pa.array(["x" * (1 << 19)]))
    ids = pa.array([str(given.index[0])] * many)
    pq.write_table(pa.table({"case_id": ids, "prediction": text}), RAW, compression="zstd")
    _end_saying_predicted()


def _nested_predictions(given: pd.DataFrame) -> pd.DataFrame:
    return given.assign(prediction=[[{"yes": 1}]] * len(given))


def _few_predictions(given: pd.DataFrame) -> pd.DataFrame:
    return given.iloc[:1]


DEEDS: dict[str, Callable[[pd.DataFrame], pd.DataFrame | None]] = {
    "none": lambda _: None,
    "raise": _raise,
    "exit": _exit,
    "segfault": _segfault,
    "sleep in C": _sleep_in_c,
    "sleep in C holding the lock": _sleep_holding_the_lock,
    "block signals": _block_signals,
    "spin in C": _spin_in_c,
    "memory": _memory,
    "fork bomb": _fork_bomb,
    "full disk": _full_disk,
    "many files": _many_files,
    "endless logs": _endless_logs,
    "endless progress": _endless_progress,
    "rubbish replies": _rubbish_replies,
    "forged reply": _forged_reply,
    "half a reply": _half_a_reply,
    "odd files": _odd_files,
    "endless file": _endless_file,
    "growing file": _growing_file,
    "deep folders": _deep_folders,
    "odd words": _odd_words,
    "gigantic line": _gigantic_line,
    "predictions as a link": _predictions_as_a_link,
    "predictions as a pipe": _predictions_as_a_pipe,
    "billion rows": _billion_rows,
    "gigantic string": _gigantic_string,
    "nested predictions": _nested_predictions,
    "few predictions": _few_predictions,
}
