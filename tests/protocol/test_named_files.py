"""A model in any language finds the path of a file where the expert wrote its name."""

import sys
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from capsule_kit import Command, OtherPython
from capsule_kit.columns import Column
from capsule_kit.errors import CasesRefused
from capsule_kit.models import Model
from protocol import asking
from protocol.asking import PACKAGE, ask, package

SCAN = Column(name="scan", kind="text", file="any", required=False, meaning="It.", example="x.png")
ONE, OTHER = bytes(range(256)) * 4, b"\0" * 7
PYTHON = """
import pandas as pd

def load():
    pass

def predict(cases, settings):
    assert list(cases.columns) == ["scan", "size"], list(cases.columns)
    sizes = [len(open(path, "rb").read()) if isinstance(path, str) else 0 for path in cases["scan"]]
    with open("seen.txt", "w") as file:
        file.write("\\n".join(str(path) for path in cases["scan"]))
    return pd.DataFrame({"prediction": [float(size) for size in sizes]}, index=cases.index)
"""
SHELL = r"""
echo "capsule loaded"
read -r folder
cat "$folder/inputs.csv" > "$folder/out/files/inputs.csv"
{
  echo "case_id,prediction"
  tail -n +2 "$folder/inputs.csv" | while IFS=, read -r id scan size; do
    path=$(echo "$scan" | tr -d '"')
    echo "$(echo "$id" | tr -d '"'),$([ -n "$path" ] && wc -c < "$path" || echo 0)"
  done
} > "$folder/out/predictions.csv"
echo "capsule predicted"
"""


@pytest.fixture(autouse=True)
def with_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask under a contract with a column of files."""
    monkeypatch.setattr(asking, "COLUMNS", (SCAN, asking.SIZE))


def staged(place: Path) -> pd.DataFrame:
    """Lay two files into a run's folder, and return the cases that name them."""
    (place / "files").mkdir()
    digests = [sha256(content).hexdigest() for content in (ONE, OTHER)]
    (place / "files" / f"{digests[0]}.png").write_bytes(ONE)
    (place / "files" / digests[1]).write_bytes(OTHER)
    return pd.DataFrame(
        {
            "case_id": [f"{number:016x}" for number in range(4)],
            "row": range(2, 6),
            "scan": pd.array(["malignant/a.png", "b", None, "A.png"], "str"),
            "size": [1.0, 2.0, 3.0, 4.0],
            "scan (SHA-256)": pd.array([digests[0], digests[1], None, digests[0]], "str"),
        }
    )


MODELS = {
    "module": f"{PACKAGE}.model",
    "other Python": OtherPython(sys.executable, f"{PACKAGE}.model"),
    "command": Command("sh", "-c", SHELL),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_opens_the_file_and_learns_nothing_of_its_name(
    tmp_path: Path, model: Model
) -> None:
    with package(tmp_path, model_py=PYTHON):
        asked = ask(model, tmp_path, staged(tmp_path))

    assert asked.predictions["prediction"].tolist() == [1024, 7, 0, 1024]
    (seen,) = asked.files.values()
    assert "malignant" not in seen
    assert str(tmp_path.resolve() / "files" / sha256(ONE).hexdigest()) + ".png" in seen


def test_a_file_that_is_not_the_one_that_was_checked_is_refused(tmp_path: Path) -> None:
    cases = staged(tmp_path)
    (tmp_path / "files" / sha256(OTHER).hexdigest()).write_bytes(b"another")
    with (
        package(tmp_path, model_py=PYTHON),
        pytest.raises(CasesRefused, match="the file 'b', which a case names"),
    ):
        ask(f"{PACKAGE}.model", tmp_path, cases)
