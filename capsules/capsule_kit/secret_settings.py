"""Settings that hold a secret: told to the model, and to nobody else who writes them down."""

from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr


def for_the_model(settings: BaseModel) -> dict[str, Any]:
    """Return the settings as JSON with their secrets, which pydantic itself would mask."""
    told: dict[str, Any] = _revealed(settings.model_dump(), settings.model_dump(mode="json"))
    return told


def _revealed(held: Any, told: Any) -> Any:
    match held:
        case SecretStr():
            return held.get_secret_value()
        case SecretBytes():
            return held.get_secret_value().decode(errors="replace")
        case dict() if isinstance(told, dict):
            return {name: _revealed(held.get(name), value) for name, value in told.items()}
        case list() | tuple() if isinstance(told, list):
            return [_revealed(one, value) for one, value in zip(held, told, strict=True)]
        case _:
            return told
