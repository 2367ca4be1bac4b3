"""Models in a shell, in another Python, in R and in the kit's Python answer the same request alike."""

import ast
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from capsule_kit import Command, OtherPython, model_process
from capsule_kit.models import Model
from protocol.asking import PACKAGE, ask, package, table

NAUGHTY = [
    'a "quoted", cell',
    "NA",
    None,
    "two\nlines",
    "Ünïcödé 細胞 🧬",
    "00123",
    "=1+1",
    "semi;colon\ttab",
    "null",
    " spaces ",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil",
    "a" * 10_000,
]
SHELL = r"""
echo "capsule with awk 1.3"
echo "some words of its own"
echo "capsule loaded"
read -r folder
cat "$folder/settings.csv" > "$folder/out/files/settings.csv"
cat "$folder/inputs.csv" > "$folder/out/files/inputs.csv"
echo "capsule progress 1 2"
{
  echo "case_id,prediction"
  grep -oE '"[0-9a-f]{16}",[0-9.]+' "$folder/inputs.csv" \
    | awk -F, '{ gsub(/"/, "", $1); print $1 "," 2 * $2 }'
} > "$folder/out/predictions.csv"
echo "capsule predicted"
"""
PYTHON = """
import pandas as pd
from capsule_kit import progress

def load():
    print("capsule predicted is what I print")

def predict(cases, settings):
    with open("seen.txt", "w", encoding="utf-8") as file:
        file.write(repr(cases["note"].astype(object).where(cases["note"].notna(), None).tolist()))
    progress(1, 2)
    return pd.DataFrame({"prediction": cases["size"] * settings.get("factor", 2)})
"""
RSCRIPT = r"""
cat("capsule with R", as.character(getRversion()), "\n")
cat("capsule loaded\n")
folder <- readLines(file("stdin"), n = 1)
cases <- read.csv(file.path(folder, "inputs.csv"), na.strings = "", encoding = "UTF-8",
                  colClasses = c(case_id = "character", note = "character"))
settings <- read.csv(file.path(folder, "settings.csv"), colClasses = "character")
factor <- as.numeric(settings$value[settings$name == "factor"])
cat("capsule progress 1 2\n")
writeLines(enc2utf8(cases$note), file.path(folder, "out", "files", "notes.txt"), useBytes = TRUE)
write.csv(data.frame(case_id = cases$case_id, prediction = factor * cases$size),
          file.path(folder, "out", "predictions.csv"), row.names = FALSE)
cat("capsule predicted\n")
"""
NEEDS_R = pytest.mark.skipif(
    shutil.which("Rscript") is None and os.environ.get("CAPSULES_REQUIRE_R") != "1",
    reason="there is no Rscript here (Debian's package r-base-core)",
)
SIZES = [float(number) + 0.25 for number in range(len(NAUGHTY))]


def test_a_shell_script_is_a_model(tmp_path: Path) -> None:
    with package(tmp_path, predict_sh=SHELL):
        got = ask(
            Command("sh", "predict.sh", package=PACKAGE),
            tmp_path,
            table(SIZES, NAUGHTY),
            {"threshold": 0.5, "word": "a, b", "nothing": None, "flag": True, "many": [1, 2]},
        )
    assert got.predictions["prediction"].tolist() == [2 * size for size in SIZES]
    assert got.told == [(1, 2)]
    assert got.packages == {"awk": "1.3"}
    assert got.files["settings.csv"] == (
        'name,value\nthreshold,0.5\nword,"a, b"\nnothing,\nflag,true\nmany,"[1, 2]"\n'
    )
    lines = got.files["inputs.csv"].splitlines()
    assert lines[:4] == [
        '"case_id","size","note"',
        '"0000000000000000",0.25,"a ""quoted"", cell"',
        '"0000000000000001",1.25,"NA"',
        '"0000000000000002",2.25,',
    ]


@NEEDS_R
def test_base_r_alone_reads_and_writes_all_that_the_protocol_needs(tmp_path: Path) -> None:
    notes = [note for note in NAUGHTY if note]
    with package(tmp_path, predict_R=RSCRIPT):
        got = ask(
            Command("Rscript", "predict.R", package=PACKAGE),
            tmp_path,
            table(SIZES[1:], notes),
            {"factor": 3.5},
        )
    assert got.predictions["prediction"].tolist() == [3.5 * size for size in SIZES[1:]]
    assert got.files["notes.txt"] == "\n".join(notes) + "\n"
    assert got.told == [(1, 2)]


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has pandas and numpy, and neither pyarrow nor anything that the kit needs."""
    folder = tmp_path_factory.mktemp("bare") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python3*/site-packages")
    for name in ("pandas", "numpy", "dateutil", "six"):
        found = subprocess.run(
            [sys.executable, "-c", f"import {name}; print({name}.__file__)"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        source = Path(found).parent if found.endswith("__init__.py") else Path(found)
        (site / source.name).symlink_to(source)
        for libraries in source.parent.glob(f"{name}.libs"):
            (site / libraries.name).symlink_to(libraries)
    return folder / "bin" / "python"


@pytest.mark.parametrize("which", ["the kit's", "another with Parquet", "another without"])
def test_a_module_is_asked_alike_in_every_python(
    tmp_path: Path, bare_python: Path, which: str
) -> None:
    models: dict[str, Model] = {
        "the kit's": f"{PACKAGE}.model",
        "another with Parquet": OtherPython(sys.executable, f"{PACKAGE}.model"),
        "another without": OtherPython(str(bare_python), f"{PACKAGE}.model"),
    }
    with package(tmp_path, model_py=PYTHON):
        got = ask(models[which], tmp_path, table(SIZES, NAUGHTY), {"factor": 4})
    assert got.predictions["prediction"].tolist() == [4 * size for size in SIZES]
    assert ast.literal_eval(got.files["seen.txt"]) == NAUGHTY
    assert got.told == [(1, 2)]
    assert ("Python" in got.packages) is (which != "the kit's")


def test_the_model_end_is_written_in_what_python_3_8_has() -> None:
    source = Path(model_process.__file__).read_text()
    ast.parse(source, feature_version=(3, 8))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        str(node.module).partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
    }
    assert imported - sys.stdlib_module_names == {"pandas"}


def test_the_models_process_sees_no_more_of_the_environment_than_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "secret")
    monkeypatch.delenv("LANG", raising=False)
    monkeypatch.delenv("LC_ALL", raising=False)
    script = SHELL.replace("read -r folder", 'read -r folder; env > "$folder/out/files/env.txt"')
    with package(tmp_path, predict_sh=script):
        got = ask(Command("sh", "predict.sh", package=PACKAGE), tmp_path, table([1.0], ["x"]))
    seen = dict(line.split("=", 1) for line in got.files["env.txt"].splitlines())
    ours = seen.keys() - {"PWD", "_", "SHLVL", "OLDPWD"}
    assert ours <= {"PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR", "CAPSULE_PROTOCOL"}
    assert (seen["LANG"], seen["CAPSULE_PROTOCOL"]) == ("C.UTF-8", "1")
    assert Path(seen["PWD"]).name == PACKAGE
