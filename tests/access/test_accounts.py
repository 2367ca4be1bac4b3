"""One setting says how people come in; what cannot be used is refused before anything is open."""

import pytest

from capsule_flows.accounts import (
    APP_URL,
    CLIENT,
    ONE_AUTHOR,
    SETTING,
    Accounts,
    AccountsUnusable,
    accounts,
    public_url,
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (SETTING, CLIENT, APP_URL):
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_is_one_author() -> None:
    assert accounts() == ONE_AUTHOR
    assert not ONE_AUTHOR.needed
    assert public_url() is None


def test_passwords_and_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "passwords")
    assert accounts() == Accounts("passwords")
    monkeypatch.setenv(SETTING, "https://id.clinic.example/")
    monkeypatch.setenv(CLIENT, "capsules:se:cret")
    assert accounts() == Accounts("openid", "https://id.clinic.example", "capsules", "se:cret")


@pytest.mark.parametrize(
    ("value", "client", "said"),
    [
        ("yes", "", "Set it to `passwords`"),
        ("http://id.clinic.example", "a:b", "has to begin with https://"),
        ("https://id.clinic.example", "", "CLIENT_ID:SECRET"),
        ("https://id.clinic.example", "capsules", "CLIENT_ID:SECRET"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, value: str, client: str, said: str
) -> None:
    monkeypatch.setenv(SETTING, value)
    monkeypatch.setenv(CLIENT, client)
    with pytest.raises(AccountsUnusable, match=said):
        accounts()


def test_an_address_for_others_needs_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(APP_URL, "https://capsules.clinic.example/")
    with pytest.raises(AccountsUnusable, match="without signing in"):
        public_url()
    monkeypatch.setenv(SETTING, "passwords")
    assert public_url() == "https://capsules.clinic.example"
    monkeypatch.setenv(APP_URL, "http://127.0.0.1:5006")
    assert public_url() is None
