"""Reading without a process for each file, where not the process is tried but what becomes of the table."""

from pathlib import Path

import pytest

from capsule_flows import reading, reading_child
from capsule_flows.reading_choices import ReadAs


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process do what the reading process does; starting one takes a hundred times as long."""

    def here(path: Path, name: str, folder: Path, read_as: ReadAs) -> bool:
        reading_child.main(path, name, folder, read_as)
        return True

    monkeypatch.setattr(reading, "_run_child", here)
