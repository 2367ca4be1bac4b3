"""Where flow and model are two users, the model works in its own folder and cannot touch its request."""

import os
import sys
from pathlib import Path

import pytest

from capsule_kit import Command, limiting
from capsule_kit.model_link import REQUEST_VARIABLE, model_link, start_ahead, wait_ahead
from capsule_kit.starting import MOST_PROCESSES, WORK_VARIABLE
from protocol.asking import COLUMNS, PACKAGE, package, table

MODEL_USER = 30_001
SYSTEM_PYTHON = "/usr/bin/python3"
OTHERS_MAY_PASS = 0o001
REACHED = all(one.stat().st_mode & OTHERS_MAY_PASS for one in Path(limiting.__file__).parents)
PARTED = pytest.mark.skipif(
    os.getuid() != 0 or not Path(SYSTEM_PYTHON).exists() or not REACHED,
    reason=f"only root can start another user's process, it takes {SYSTEM_PYTHON}, and that user"
    " has to find its way to this folder",
)
SHELL = r"""
echo "capsule loaded"
read -r folder
{ id -u; id -G; ulimit -u; cat /proc/self/oom_score_adj; echo "$HOME"; } > "$folder/out/files/me.txt"
for name in "$folder/mine" "$folder/settings.json"; do
  { echo mine > "$name"; } 2>/dev/null && echo "$name" >> "$folder/out/files/me.txt"
done
sed -n 's/^\("[0-9a-f]*"\).*/\1,1/p; 1i case_id,prediction' "$folder/inputs.csv" \
  > "$folder/out/predictions.csv"
echo "capsule predicted"
"""


@PARTED
def test_a_model_of_another_user_is_bounded_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Our own Python may lie where root alone can look; the one of the system bounds as well.
    monkeypatch.setattr(sys, "executable", SYSTEM_PYTHON)
    model = Command("bash", "predict.sh", package=PACKAGE)
    work, request = tmp_path / "work", tmp_path / "request"
    work.mkdir()
    request.mkdir()
    os.chown(work, MODEL_USER, MODEL_USER)
    for folder in (tmp_path, *tmp_path.parents):
        # What pytest makes is root's alone; the other user has to find its way.
        if folder.stat().st_mode & OTHERS_MAY_PASS == 0:
            folder.chmod(0o711)
    monkeypatch.setenv(WORK_VARIABLE, str(work))
    monkeypatch.setenv(REQUEST_VARIABLE, str(request))
    table([1.0, 2.0], ["a", None]).to_parquet(tmp_path / "inputs.parquet", index=False)
    with package(tmp_path, predict_sh=SHELL):
        start_ahead(model, MODEL_USER)
        wait_ahead()
        with model_link(model) as link:
            made = link.predict(
                inputs=tmp_path / "inputs.parquet",
                settings={"secret": "told to the model alone"},
                columns=COLUMNS,
                out=work,
                on_progress=lambda done, of: None,
            )
        # In a container nobody waits for it: it ends with the container.
        with link._process:
            for listener in link._listeners:
                listener.join()
    assert made.parent == work
    number = str(MODEL_USER)
    me = (work / "files" / "me.txt").read_text().split("\n")
    assert me == [number, number, str(MOST_PROCESSES), "1000", str(work), ""]
    assert not list(request.iterdir())
