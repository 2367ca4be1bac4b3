"""Passwords and the long random words that stand for one: only what they hash to is kept.

scrypt (RFC 7914) with the costs that OWASP's password storage sheet names for 32 MB; the salt and
the costs stand in the kept text, so that they can be raised later.
"""

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b64decode, b64encode
from threading import BoundedSemaphore

SHORTEST = 12
LONGEST = 1024
COST, BLOCK, PARALLEL = 2**15, 8, 3
MEMORY = 64 * 1024 * 1024
SALT_BYTES = 16
_AT_ONCE = BoundedSemaphore(2)
"""So many are computed at a time: each takes 32 MB, and who asks is not known yet."""


def new_token() -> tuple[str, str]:
    """Return a random word of 256 bits for an address or a cookie, and what is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, kept_token(token)


def kept_token(token: str) -> str:
    """Return what the ledger keeps of a token: its SHA-256."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def problem_with(password: str) -> str | None:
    """Say why a password cannot be taken; None where it can."""
    if len(password) < SHORTEST:
        return f"Choose at least {SHORTEST} characters; a short sentence is easy to remember."
    if len(password) > LONGEST:
        return f"Choose at most {LONGEST} characters."
    return None


def kept_password(password: str) -> str:
    """Return what the ledger keeps of a password."""
    salt = secrets.token_bytes(SALT_BYTES)
    derived = _derive(password, salt, COST, BLOCK, PARALLEL)
    return "$".join(["scrypt", str(COST), str(BLOCK), str(PARALLEL), _text(salt), _text(derived)])


def is_password(password: str, kept: str | None) -> bool:
    """Say whether this is the password; without one, take as long to say no."""
    _, cost, block, parallel, salt, derived = (kept or _nobodys()).split("$")
    given = _derive(password[:LONGEST], b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(given, b64decode(derived)) and kept is not None


def _nobodys() -> str:
    blank = _text(bytes(SALT_BYTES))
    return f"scrypt${COST}${BLOCK}${PARALLEL}${blank}${blank}"


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    # The same password may be typed as other code points on another machine.
    typed = unicodedata.normalize("NFKC", password).encode(errors="replace")
    with _AT_ONCE:
        return hashlib.scrypt(
            typed, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY, dklen=32
        )


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
