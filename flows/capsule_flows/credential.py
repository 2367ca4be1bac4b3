"""The one credential of a start's Prefect server: made at the first start, kept for its user alone.

Imports nothing of Prefect, whose settings freeze early.
"""

import json
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

USER = "capsules"
FILE = "prefect-credential"
PROFILES = "profiles.toml"
SIGNING = "app-secret"


def kept_credential(home: Path) -> str | None:
    """Return the credential of the start in the folder `home`; None where none can be read."""
    try:
        return (home / FILE).read_text().strip() or None
    except OSError:
        return None


def make_credential(home: Path) -> str:
    """Return the credential kept in `home`, made where there is none: `user:password`, 256 random bits."""
    credential = kept_credential(home) or f"{USER}:{secrets.token_urlsafe(32)}"
    # Written anew each time, so that a file that others could read is so no more.
    _write_for_the_user_alone(home / FILE, f"{credential}\n")
    return credential


def app_secret(home: Path) -> str:
    """Return the secret with which the app signs what it gives to browsers, made where there is none."""
    try:
        secret = (home / SIGNING).read_text().strip()
    except OSError:
        secret = ""
    secret = secret or secrets.token_urlsafe(32)
    _write_for_the_user_alone(home / SIGNING, f"{secret}\n")
    return secret


def write_profile(home: Path, api_url: str, credential: str) -> None:
    """Write the Prefect profile by which Prefect's own commands reach this start."""
    settings = {"PREFECT_API_URL": api_url, "PREFECT_API_AUTH_STRING": credential}
    # A JSON string is a TOML string too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    text = "\n".join([f'active = "{USER}"', "", f"[profiles.{USER}]", *lines, ""])
    _write_for_the_user_alone(home / PROFILES, text)


def _write_for_the_user_alone(file: Path, text: str) -> None:
    # A temporary file has mode 600 from its first moment.
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-", delete=False) as made:
        made.write(text)
    Path(made.name).replace(file)
