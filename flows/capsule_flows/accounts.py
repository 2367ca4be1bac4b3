"""How people come in, by one setting: the one author of this machine, passwords, or OpenID Connect."""

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from capsule_flows.errors import FlowsError

SETTING = "CAPSULES_ACCOUNTS"
CLIENT = "CAPSULES_ACCOUNTS_CLIENT"
APP_URL = "CAPSULES_APP_URL"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class AccountsUnusable(FlowsError):
    """The setting cannot be used as it is."""

    exit_code = 64


@dataclass(frozen=True)
class Accounts:
    """Who may come in, and how."""

    kind: Literal["one author", "passwords", "openid"]
    issuer: str = ""
    """The OpenID Connect provider's address; empty unless there is one."""
    client_id: str = ""
    client_secret: str = ""

    @property
    def needed(self) -> bool:
        """Whether somebody has to sign in."""
        return self.kind != "one author"


ONE_AUTHOR = Accounts("one author")


def accounts() -> Accounts:
    """Return what the environment sets.

    Raises:
        AccountsUnusable: it is none of the three, or the provider lacks its client.
    """
    value = os.environ.get(SETTING, "").strip()
    if not value:
        return ONE_AUTHOR
    if value == "passwords":
        return Accounts("passwords")
    where = urlsplit(value)
    if where.scheme not in ("https", "http") or not where.hostname:
        raise AccountsUnusable(
            f"{SETTING} is {value!r}. Set it to `passwords`, or to the address of your OpenID Connect"
            " provider, https://…"
        )
    if where.scheme == "http" and where.hostname not in LOOPBACK:
        raise AccountsUnusable(
            f"{SETTING} has to begin with https://, or anybody could be anybody."
        )
    client_id, found, secret = os.environ.get(CLIENT, "").partition(":")
    if not (client_id and found and secret):
        raise AccountsUnusable(
            f"Set {CLIENT} to CLIENT_ID:SECRET, as the provider at {value} gave them to you."
        )
    return Accounts("openid", value.rstrip("/"), client_id, secret)


def public_url() -> str | None:
    """Return the address under which people reach the app, where it is another than this machine's own.

    Raises:
        AccountsUnusable: it is open to others, and nobody would have to sign in; or it is no address.
    """
    value = os.environ.get(APP_URL, "").strip().rstrip("/")
    if not value or urlsplit(value).hostname in LOOPBACK:
        return None
    if urlsplit(value).scheme not in ("https", "http") or urlsplit(value).path:
        raise AccountsUnusable(f"{APP_URL} is {value!r}; write it as https://HOST, without a path.")
    if not accounts().needed:
        raise AccountsUnusable(
            f"Others would reach the app at {value} without signing in. Set {SETTING} to `passwords` or"
            f" to your OpenID Connect provider, or take {APP_URL} away."
        )
    return value
