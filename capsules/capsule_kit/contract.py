"""The data contract: what a table of cases must look like, as one frozen value with a hash."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

from capsule_kit.answers import Answer
from capsule_kit.columns import Column


def canonical_json(value: Any) -> str:
    """Return `value` as JSON that is the same text for the same content, whatever its key order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value's canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


class Contract(BaseModel):
    """The input columns of a case and its answer column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[Column, ...]
    """What the model is given; the answer is never among them."""
    answer: Answer
    """What the expert knows; sealed before the model sees the rest."""

    @property
    def hash(self) -> str:
        """The contract's content hash; a receipt names the contract by it."""
        return digest(self.model_dump(mode="json"))

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns that a person's table has: those of the model, then the answer's."""
        return (*self.columns, *self.answer.as_columns())

    @property
    def identifier(self) -> str | None:
        """The header of the column that names a case, or None."""
        return next((column.name for column in self.columns if column.identifier), None)
