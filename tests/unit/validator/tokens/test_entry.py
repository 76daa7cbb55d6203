"""Client entries: what is written in SSM is understood to the letter, or not at all."""

import hmac
import json
from hashlib import sha256
from math import inf
from typing import Any

import pytest
from validator.tokens.entry import RIGHTS, BrokenEntryError, client_of

ONE = {"sha256": sha256(b"one").hexdigest(), "expires_at": "2027-01-01T00:00:00Z"}
OTHER = {"sha256": sha256(b"other").hexdigest(), "expires_at": None}
ENTRY = {
    "tokens": [ONE, OTHER],
    "contracts": ["email", "timestamped"],
    "rights": ["send"],
    "suspended": False,
}


def entry(**changes: Any) -> str:
    """Return an entry in which some members are others."""
    return json.dumps(ENTRY | changes)


def test_reads_tokens_and_limits() -> None:
    """All that a client is, in one parameter."""
    client = client_of("acme", entry())

    assert client.name == "acme"
    assert [(token.digest, token.expires_at) for token in client.tokens] == [
        (sha256(b"one").digest(), 1_798_761_600),
        (sha256(b"other").digest(), inf),
    ]
    assert (sorted(client.contracts), *client.rights) == (["email", "timestamped"], "send")
    assert not client.is_suspended
    assert client_of("acme", entry(suspended=True)).is_suspended


@pytest.mark.parametrize("value", ["plain", "}{", "[1]", '"x"', "null", "t\u00f6ken"])
def test_a_plain_text_is_a_token_that_may_do_everything(value: str) -> None:
    """So it was in 0.1.0, whose tokens go on working."""
    client = client_of("acme", value)

    assert [token.digest for token in client.tokens] == [sha256(value.encode()).digest()]
    assert client.tokens[0].expires_at == inf
    assert all(client.may(right, "anything") for right in RIGHTS)
    assert not client.is_suspended


@pytest.mark.parametrize(
    ("right", "contract", "allowed"),
    [
        ("send", "email", True),
        ("send", "timestamped", True),
        ("send", "four-fields", False),
        ("send", "*", False),
        ("send", "", False),
        ("send", None, True),
        ("look-up", "email", False),
        ("metrics", None, False),
    ],
)
def test_a_client_may_do_what_its_entry_says(
    right: str, contract: str | None, allowed: bool
) -> None:
    """The right and the contract, both."""
    assert client_of("acme", entry()).may(right, contract) is allowed


def test_a_star_stands_for_every_contract() -> None:
    """Also for one that a later release adds."""
    assert client_of("acme", entry(contracts=["*"])).may("send", "of-a-later-release")


@pytest.mark.parametrize("contracts", [[], ["email*"], ["EMAIL"]])
def test_nothing_else_stands_for_a_contract(contracts: list[str]) -> None:
    """A name is a name."""
    assert not client_of("acme", entry(contracts=contracts)).may("send", "email")


@pytest.mark.parametrize("client", ["smoke", "canary"])
def test_tokens_that_weir_shows_itself_are_plain(client: str) -> None:
    """Weir could not read them back from their hash."""
    plain = {"token": "one", "expires_at": None}

    assert client_of(client, entry(tokens=[plain, OTHER])).tokens[0].digest == bytes.fromhex(
        ONE["sha256"] or ""
    )


SIGNING = {"scheme": "github", "secrets": ["one secret of sixteen", "another secret of it"]}
BODY = b"{}"
SIGNED = {
    "x-hub-signature-256": "sha256=" + hmac.digest(b"one secret of sixteen", BODY, "sha256").hex(),
    "x-github-delivery": "1",
}


def test_a_client_may_sign() -> None:
    """With one of two secrets, which its hash names in the log."""
    client = client_of("acme", entry(tokens=[], signing=SIGNING))

    found = client.secret_of(SIGNED, BODY, 0.0)

    assert found is not None
    assert found.hash == sha256(b"one secret of sixteen").hexdigest()[:8]
    assert found.expires_at == inf
    assert client.secret_of(SIGNED, b"{} ", 0.0) is None


def test_without_secrets_no_signature_is_right() -> None:
    """Not even one by an empty secret."""
    signed = {**SIGNED, "x-hub-signature-256": "sha256=" + hmac.digest(b"", BODY, "sha256").hex()}

    for value in (entry(), entry(signing={}), "plain"):
        assert client_of("acme", value).secret_of(signed, BODY, 0.0) is None


def test_events_are_keyed_where_the_entry_says_so() -> None:
    """Not every sender's source and id are one of a kind."""
    assert client_of("acme", entry(keyed_events=True)).has_keyed_events
    assert not client_of("acme", entry(keyed_events=False)).has_keyed_events
    assert not client_of("acme", entry()).has_keyed_events


BROKEN: dict[str, str] = {
    "signing as text": entry(signing="github"),
    "signing left empty": entry(signing=None),
    "an unknown scheme": entry(signing=SIGNING | {"scheme": "hmac"}),
    "a scheme that is none": entry(signing=SIGNING | {"scheme": ["github"]}),
    "no scheme": entry(signing={"secrets": SIGNING["secrets"]}),
    "no secrets": entry(signing={"scheme": "github"}),
    "an empty list of secrets": entry(signing=SIGNING | {"secrets": []}),
    "three secrets": entry(signing=SIGNING | {"secrets": ["x" * 16] * 3}),
    "secrets as text": entry(signing=SIGNING | {"secrets": "xy"}),
    "secrets as an object": entry(signing=SIGNING | {"secrets": {"x" * 16: 1}}),
    "a secret by number": entry(signing=SIGNING | {"secrets": [5]}),
    "an empty secret": entry(signing=SIGNING | {"secrets": [""]}),
    "a secret that is no base64": entry(
        signing={"scheme": "standard-webhooks", "secrets": ["whsec_" + "*" * 32]}
    ),
    "signing with more": entry(signing=SIGNING | {"window": 5}),
    "keyed by number": entry(keyed_events=1),
    "keyed by text": entry(keyed_events="true"),
    "cut off": entry()[:-1],
    "empty": "{}",
    "blanks before it": " \n" + entry()[:-1],
    "deep": '{"tokens":' + "[" * 4000,
    "a huge number": '{"tokens":' + "1" * 4400 + "}",
    "a member too many": entry(suspend=True),
    "a member too few": json.dumps({k: v for k, v in ENTRY.items() if k != "suspended"}),
    "suspended by number": entry(suspended=0),
    "suspended by text": entry(suspended="false"),
    "an unknown right": entry(rights=["send", "read"]),
    "a right that is none": entry(rights=[["send"]]),
    "rights as text": entry(rights="send"),
    "contracts as text": entry(contracts="email"),
    "contracts left out": entry(contracts=None),
    "a contract by number": entry(contracts=["email", 7]),
    "a contract in a list": entry(contracts=[["email"]]),
    "three tokens": entry(tokens=[ONE, ONE, ONE]),
    "tokens as an object": entry(tokens=ONE),
    "a token as text": entry(tokens=["one"]),
    "a plain token of another client": entry(tokens=[{"token": "one", "expires_at": None}]),
    "no expiry": entry(tokens=[{"sha256": ONE["sha256"]}]),
    "an expiry that is no time": entry(tokens=[ONE | {"expires_at": "tomorrow"}]),
    "an expiry by number": entry(tokens=[ONE | {"expires_at": 1_798_761_600}]),
    "a hash too short": entry(tokens=[ONE | {"sha256": "00"}]),
    "a hash that is none": entry(tokens=[ONE | {"sha256": "g" * 64}]),
    "a hash by number": entry(tokens=[ONE | {"sha256": 5}]),
    "a hash and a token": entry(tokens=[ONE | {"token": "one"}]),
    "a token with more": entry(tokens=[ONE | {"client": "globex"}]),
    "a token with another member": entry(tokens=[ONE | {"note": "x"}]),
}


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_anything_else_is_broken(value: str) -> None:
    """A misspelled limit must not be no limit, and one entry must not stop the reading of all."""
    with pytest.raises(BrokenEntryError):
        client_of("acme", value)


@pytest.mark.parametrize(
    "token", [{"token": 5}, {"token": ""}, {"token": "one", "sha256": ONE["sha256"]}, {}], ids=repr
)
def test_a_broken_token_of_weirs_own_is_broken_too(token: dict[str, Any]) -> None:
    """The smoke test's entry is written by hand now and then."""
    with pytest.raises(BrokenEntryError):
        client_of("smoke", entry(tokens=[{"expires_at": None, **token}]))


def test_a_token_is_named_by_the_beginning_of_its_hash() -> None:
    """By which an operator finds it, and from which nobody makes the token."""
    assert client_of("acme", entry()).tokens[0].hash == sha256(b"one").hexdigest()[:8]


@pytest.mark.parametrize(
    ("name", "contracts", "allowed"),
    [
        ("acme", ["*"], False),
        ("acme", ["canary"], False),
        ("smoke", ["*"], False),
        ("canary", ["canary"], True),
        ("canary", ["*"], True),
        ("canary", ["email"], False),
    ],
)
def test_the_canarys_contract_is_the_canarys(
    name: str, contracts: list[str], *, allowed: bool
) -> None:
    """Whoever else sent it would stand in no ledger, audit or count."""
    client = client_of(name, entry(contracts=contracts, rights=["send", "look-up"]))

    assert client.may("send", "canary") is allowed
    assert client.may("look-up", "canary") is allowed


def test_a_plain_token_does_not_send_for_the_canary() -> None:
    """It may do everything else, as in 0.1.0."""
    assert not client_of("acme", "plain").may("send", "canary")
