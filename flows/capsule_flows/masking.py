"""Settings as they may be kept and shown: without the secrets that are among them. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MASK = "•••"


def masked(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with every value masked whose name the schema has for a secret."""
    names = set(_secret_names(schema))
    masked: dict[str, Any] = _masked(dict(settings), names)
    return masked


def _masked(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if name in names and inner else _masked(inner, names)
            for name, inner in value.items()
        }
    return [_masked(one, names) for one in value] if isinstance(value, list) else value


def _secret_names(schema: Any) -> Iterator[str]:
    """Yield the names of all properties of a secret, in whatever definition; a namesake is masked too."""
    if isinstance(schema, list):
        for one in schema:
            yield from _secret_names(one)
    elif isinstance(schema, Mapping):
        for key, inner in schema.items():
            if key == "properties" and isinstance(inner, Mapping):
                yield from (name for name, prop in inner.items() if _is_secret(prop))
            yield from _secret_names(inner)


def _is_secret(prop: Any) -> bool:
    # A group that holds a secret is a reference, and so it is not masked whole.
    return '"format": "password"' in json.dumps(prop)
