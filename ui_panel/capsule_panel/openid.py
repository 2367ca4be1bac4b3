"""Signing in through an OpenID Connect provider: the authorisation code flow with PKCE, by Authlib."""

import asyncio
import json
import logging
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from capsule_flows.accounts import Accounts, accounts
from capsule_flows.people import by_subject
from capsule_flows.sign_ins import sign_in
from capsule_panel.entry import EntryHandler, next_page
from capsule_panel.frame import control
from capsule_panel.markup import paragraph
from capsule_panel.plain_page import problem

LOG = logging.getLogger(__name__)

ON_THE_WAY = "capsules_openid"
WAY_DAYS = 10 / (24 * 60)
PATIENCE_S = 10
CLOCKS_APART_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")


class NotProven(Exception):
    """The provider did not say who this is, or not to us."""


@dataclass(frozen=True)
class Proven:
    """Who the provider says this is."""

    subject: str
    """The provider and its name for her."""
    email: str | None
    """Her address, where the provider has verified it."""


class OpenIdHandler(EntryHandler):
    """GET /openid: on to the provider."""

    def initialize(self, back: str) -> None:
        """Take the address to which the provider sends her back."""
        self._back = back

    async def get(self) -> None:
        """Remember in the browser what was asked, and go."""
        asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        try:
            there = await asyncio.to_thread(_way_there, accounts(), self._back, asked)
        except NotProven:
            LOG.exception("The OpenID Connect provider cannot be asked")
            self._say("Your organisation's sign-in does not answer. Try again in a moment.", 503)
            return
        kept = json.dumps({**asked, "next": next_page(self.get_query_argument("next", "/"))})
        self.set_secure_cookie(
            ON_THE_WAY, kept, expires_days=WAY_DAYS, httponly=True, samesite="Lax", path="/openid"
        )
        self.redirect(there)

    def _say(self, sentence: str, status: int) -> None:
        again = '<p><a href="/login">Back to signing in</a></p>'
        self.show("You are not signed in", problem(sentence) + again, status)


class OpenIdBackHandler(OpenIdHandler):
    """GET /openid/back: whom the provider sends back, with its word on who she is."""

    async def get(self) -> None:
        """Let her in, if she has an account here."""
        kept = json.loads(self.get_secure_cookie(ON_THE_WAY, max_age_days=1) or b"{}")
        self.clear_cookie(ON_THE_WAY, path="/openid")
        state, code = self.get_query_argument("state", ""), self.get_query_argument("code", "")
        if not code or not kept or not secrets.compare_digest(state, kept["state"]):
            self._say("The way back from your organisation took too long or was broken off.", 400)
            return
        try:
            proven = await asyncio.to_thread(prove, accounts(), self._back, code, kept)
        except NotProven:
            LOG.exception("The OpenID Connect provider's word was not taken")
            self._say("Your organisation's sign-in could not be checked. Try again.", 502)
            return
        ledger = control().ledger
        person = await asyncio.to_thread(by_subject, ledger, proven.subject, proven.email)
        if person is None:
            await self._unknown(proven)
            return
        one, token = await asyncio.to_thread(sign_in, ledger, person)
        self.let_in(one, token, next_page(kept["next"]))

    async def _unknown(self, proven: Proven) -> None:
        whom = proven.email or "this person, whose address your organisation has not verified,"
        said = f"There is no account here for {whom}. Ask the author of the model to add you."
        self.show("You have no account here", problem(said) + paragraph("Nothing was kept."), 403)


def prove(provider: Accounts, back: str, code: str, asked: dict[str, str]) -> Proven:
    """Return whom the provider's signed token names.

    Raises:
        NotProven: the provider does not answer, or its token is not for us and this browser.
    """
    found = _discovered(provider.issuer)
    try:
        with _session(provider, back) as session:
            told = session.fetch_token(
                found["token_endpoint"],
                code=code,
                code_verifier=asked["verifier"],
                timeout=PATIENCE_S,
            )
        keys = KeySet.import_key_set(_json(found["jwks_uri"]))
        token = jwt.decode(told["id_token"], keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": found["issuer"]},
                "aud": {"essential": True, "value": provider.client_id},
                "nonce": {"essential": True, "value": asked["nonce"]},
            },
            params={"client_id": provider.client_id, "access_token": told.get("access_token")},
        )
        claims.validate(leeway=CLOCKS_APART_S)
    except (OAuthError, JoseError, requests.RequestException, KeyError, ValueError) as cause:
        raise NotProven(str(cause)) from cause
    verified = claims.get("email") if claims.get("email_verified") is True else None
    return Proven(f"{found['issuer']} {claims['sub']}", verified)


def _way_there(provider: Accounts, back: str, asked: dict[str, str]) -> str:
    where = _discovered(provider.issuer)["authorization_endpoint"]
    with _session(provider, back) as session:
        url, _ = session.create_authorization_url(
            where, state=asked["state"], nonce=asked["nonce"], code_verifier=asked["verifier"]
        )
    return str(url)


def _session(provider: Accounts, back: str) -> Any:
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        scope="openid email",
        redirect_uri=back,
        code_challenge_method="S256",
    )


@cache
def _discovered(issuer: str) -> dict[str, str]:
    """Return what the provider says of itself; asked once, for it does not move."""
    found: dict[str, str] = _json(f"{issuer}/.well-known/openid-configuration")
    if found.get("issuer", "").rstrip("/") != issuer:
        raise NotProven(f"{issuer} says that it is {found.get('issuer')}")
    return found


def _json(url: str) -> Any:
    try:
        answer = requests.get(url, timeout=PATIENCE_S)
        answer.raise_for_status()
        return cast("Any", answer.json())
    except (requests.RequestException, ValueError) as cause:
        raise NotProven(f"{url}: {cause}") from cause
