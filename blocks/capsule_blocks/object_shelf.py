"""Object storage as a shelf, through fsspec: one object a file, one archive a folder, each whole or not at all.

Credentials and endpoint come from the environment, as every tool for S3 reads them; none is kept.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import fsspec

from capsule_blocks.files import put, put_folder, workbench
from capsule_blocks.shelves import StoreUnreachable
from capsule_kit.object_storage import pack, unpack

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


class ObjectShelf:
    """A prefix of a bucket, with a local folder for copies."""

    def __init__(self, root: str, cache: Path) -> None:
        """Open the place.

        Args:
            root: `s3://bucket/prefix`, or another address that fsspec knows.
            cache: A local folder for copies of what is only read; may be cleared when nothing runs.
        """
        self._root, self._cache = root.rstrip("/"), cache
        protocol = root.partition("://")[0]
        options = _s3_options() if protocol in {"s3", "s3a"} else {}
        with self._asking():
            self._files: Any = fsspec.filesystem(protocol, use_listings_cache=False, **options)

    def address(self, key: str) -> str:
        """Return the object's address."""
        return f"{self._root}/{key}"

    def keep(self, made: Path, key: str, *, replace: bool = False) -> None:
        """Put a finished file; unless `replace` is said, an object that is there stays.

        Of two that put at the same moment the first one wins, if the server knows `If-None-Match`
        (old ones do not for objects of more than 100 MB); the object is whole in any case.
        """
        if not replace and self.has(key):
            return
        with self._asking():
            try:
                mode = "overwrite" if replace else "create"
                self._files.put_file(str(made), self.address(key), mode=mode)
            except FileNotFoundError as cause:
                raise StoreUnreachable(self._root, "there is no such bucket") from cause
            except OSError:
                # How "it is there already" is said differs from one server to the next.
                if replace or not self.has(key):
                    raise

    def keep_folder(self, made: Path, key: str) -> None:
        """Put a finished folder as one archive, unless one is there."""
        with workbench(self._cache) as bench:
            pack(made, bench / "archive")
            self.keep(bench / "archive", _archive(key))

    def has(self, key: str) -> bool:
        """Say whether there is such an object."""
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        """Return an object's size in bytes, or None where there is none."""
        with self._asking():
            try:
                facts = self._files.info(self.address(key))
            except FileNotFoundError:
                return None
        return int(facts["size"]) if facts["type"] == "file" else None

    def read(self, key: str) -> bytes:
        """Return the object's bytes."""
        with self._asking():
            return bytes(self._files.cat_file(self.address(key)))

    def file(self, key: str) -> Path:
        """Return a copy in the cache, fetched once: what is kept under a key does not change."""
        place = self._cache / key
        if not place.is_file():
            with workbench(self._cache) as bench:
                self.copy(key, bench / "copy")
                put(bench / "copy", place)
        return place

    def copy(self, key: str, place: Path) -> None:
        """Fetch an object into a local file. Raises: FileNotFoundError."""
        with self._asking():
            self._files.get_file(self.address(key), str(place))

    def folder(self, key: str) -> Path | None:
        """Return the unpacked archive in the cache, fetched once."""
        place = self._cache / key
        if not place.is_dir():
            if not self.has(_archive(key)):
                return None
            with workbench(self._cache) as bench:
                self.copy(_archive(key), bench / "archive")
                unpack(bench / "archive", bench / "folder")
                put_folder(bench / "folder", place)
        return place

    def keys(self, prefix: str) -> list[str]:
        """Return the objects' keys below a prefix."""
        with self._asking():
            found = self._files.find(self.address(prefix))
        below = self._root.partition("://")[2]
        return sorted(path.removeprefix(below).lstrip("/") for path in found)

    def remove(self, keys: list[str]) -> None:
        """Remove objects; one that is gone already is no error."""
        for key in keys:
            with self._asking():
                self._files.rm_file(self.address(key))

    def presigned(
        self, key: str, purpose: Literal["get_object", "put_object"], valid: timedelta
    ) -> str:
        """Return an address that opens this object alone, for this purpose alone, for this long."""
        seconds = int(valid.total_seconds())
        with self._asking():
            return str(self._files.url(self.address(key), expires=seconds, client_method=purpose))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, StoreUnreachable):
            raise
        except ImportError as cause:
            missing = f"{cause}; install prefect-capsules[s3]"
            raise StoreUnreachable(self._root, missing) from cause
        except Exception as cause:
            # What a storage's own library raises differs from one to the next.
            raise StoreUnreachable(self._root, cause) from cause


def _archive(key: str) -> str:
    return f"{key}.tar"


def _s3_options() -> dict[str, Any]:
    """Return how S3 is spoken to, so that servers other than Amazon's understand it as well."""
    own = any(os.environ.get(name) for name in ENDPOINTS)
    return {
        "config_kwargs": {
            "signature_version": "s3v4",
            "s3": {"addressing_style": "path" if own else "auto"},
            # Older servers do not know the checksums that newer clients send unasked.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            "retries": {"mode": "standard", "max_attempts": 3},
            "connect_timeout": 10,
        }
    }
