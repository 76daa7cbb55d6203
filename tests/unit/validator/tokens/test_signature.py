"""Signatures: what each scheme publishes is accepted, and nothing that differs from it."""

import hmac
import secrets
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validator.tokens.signature import SCHEMES, WINDOW_SECONDS, Signing

# https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries, the one fixed vector.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1614265330
BODY = b'{"test": 2432232314}'
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
WRONG = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_BODY = b"Hello, World!"
GITHUB = {
    "x-hub-signature-256": "sha256="
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "push",
}
STRIPE_SECRET = "whsec_5ecret5ecret5ecret5ecret5ecret"
STRIPE_BODY = b'{"id": "evt_1", "object": "event"}'


def stripe_header(body: bytes = STRIPE_BODY, secret: str = STRIPE_SECRET, time: str = "") -> str:
    """Return the header of Stripe, by its description: there is no published vector."""
    time = time or str(NOW)
    digest = hmac.new(secret.encode(), time.encode() + b"." + body, sha256).hexdigest()
    return f"t={time},v1={digest}"


STRIPE = {"stripe-signature": stripe_header()}
SENT: dict[str, tuple[str, dict[str, str], bytes]] = {
    "standard-webhooks": (SECRET, STANDARD, BODY),
    "github": (GITHUB_SECRET, GITHUB, GITHUB_BODY),
    "stripe": (STRIPE_SECRET, STRIPE, STRIPE_BODY),
}


def is_right(
    scheme: str,
    body: bytes | None = None,
    *,
    now: float = NOW,
    secret: str | tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    **changes: str,
) -> bool:
    """Return whether the sample of *scheme* is accepted once something of it is another."""
    usual, headers, sent = SENT[scheme]
    known = (secret,) if isinstance(secret, str) else secret or (usual,)
    shown = headers | {name.replace("_", "-"): value for name, value in changes.items()}
    for name in without:
        del shown[name]
    found = Signing(scheme, known).secret_of(shown, sent if body is None else body, now)
    assert found is None or found in known
    return found is not None


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_the_scheme_publishes_is_right(scheme: str) -> None:
    """Every sender of the scheme makes it so."""
    assert is_right(scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_flipped_bit_of_the_body_is_wrong(scheme: str) -> None:
    """At every byte."""
    body = SENT[scheme][2]

    for at in range(len(body)):
        for bit in range(8):
            flipped = bytearray(body)
            flipped[at] ^= 1 << bit
            assert not is_right(scheme, bytes(flipped))
    for other in (b"", body[:-1], body + b" ", b" " + body, b"\xef\xbb\xbf" + body):
        assert not is_right(scheme, other)


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("standard-webhooks", "webhook-id"),
        ("standard-webhooks", "webhook-timestamp"),
        ("standard-webhooks", "webhook-signature"),
        ("github", "x-hub-signature-256"),
        ("stripe", "stripe-signature"),
    ],
)
def test_one_flipped_bit_of_what_is_signed_or_signs_is_wrong(scheme: str, name: str) -> None:
    """Text is compared, so that no second spelling of a digest passes."""
    text = SENT[scheme][1][name]

    def passes(other: str) -> bool:
        changed: dict[str, Any] = {name.replace("-", "_"): other}
        return is_right(scheme, **changed)

    for at in range(len(text)):
        for bit in range(7):
            flipped = text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :]
            assert not passes(flipped), flipped
    for other in {"", text[:-1], text + text[-1], text.upper(), f"{text},{text}"} - {text}:
        assert not passes(other), other


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_a_missing_header_is_wrong(name: str) -> None:
    """As in the tests of every library."""
    assert not is_right("standard-webhooks", without=(name,))


def test_any_right_signature_of_a_list_will_do() -> None:
    """A sender signs with the old and the new key; unknown versions are not looked at."""
    right = STANDARD["webhook-signature"]

    assert is_right("standard-webhooks", webhook_signature=f"{WRONG} v2,x v1a,abc {right} {WRONG}")
    for wrong in (
        WRONG,
        right.removeprefix("v1,"),
        right[:8],
        right.replace("v1,", "v1a,"),
        right.replace("v1,", "v2,"),
        right.replace(",", " "),
        right.replace(",", ""),
        right.replace("v1,", "v1,,"),
        " ".join([WRONG] * 10 + [right]),
    ):
        assert not is_right("standard-webhooks", webhook_signature=wrong), wrong


def test_svix_names_are_those_of_the_time_before_the_standard() -> None:
    """Senders on Svix still use them; the two sets are not mixed."""
    svix = {name.replace("webhook", "svix"): value for name, value in STANDARD.items()}
    signing = Signing("standard-webhooks", (SECRET,))

    assert signing.secret_of(svix, BODY, NOW) == SECRET
    assert signing.secret_of(svix | STANDARD, BODY, NOW) == SECRET
    assert signing.delivery(svix) == {"id": STANDARD["webhook-id"]}
    for name in STANDARD:
        mixed = {key: value for key, value in STANDARD.items() if key != name}
        right = SECRET if name == "webhook-id" else None
        assert signing.secret_of(svix | mixed, BODY, NOW) == right
        assert signing.secret_of(mixed | {name.replace("webhook", "svix"): "x"}, BODY, NOW) is None


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_")])
def test_the_prefix_of_a_secret_is_no_part_of_the_key(secret: str) -> None:
    """Some senders show it, some do not."""
    assert is_right("standard-webhooks", secret=secret)


def test_stripe_signs_with_the_whole_secret() -> None:
    """Its prefix is part of the key, unlike in Standard Webhooks."""
    assert not is_right("stripe", secret=STRIPE_SECRET.removeprefix("whsec_"))


@pytest.mark.parametrize("scheme", ["standard-webhooks", "stripe"])
@pytest.mark.parametrize(
    ("seconds", "right"),
    [
        (0, True),
        (WINDOW_SECONDS, True),
        (-WINDOW_SECONDS, True),
        (WINDOW_SECONDS + 0.001, False),
        (-WINDOW_SECONDS - 0.001, False),
        (86_400, False),
        (-86_400, False),
    ],
)
def test_a_signature_holds_for_five_minutes(scheme: str, seconds: float, right: bool) -> None:
    """A request that was caught on its way cannot be sent again later."""
    assert is_right(scheme, now=NOW + seconds) is right


def test_github_signs_no_time() -> None:
    """So its signatures never end."""
    assert is_right("github", now=NOW + 1e9)


TIMES = ["", "-1", "+1614265330", " 1614265330", "1614265330 ", "1614265330.0", "1614265330e0"]
TIMES += ["1_614_265_330", "٠١٢٣٤٥٦٧٨٩", "hello", "0x60", "9" * 13, "9" * 5000, "\ud800", "1,2"]


@pytest.mark.parametrize("time", TIMES, ids=ascii)
def test_only_digits_are_a_time(time: str) -> None:
    """Even where the sender signs it: whoever reads numbers generously reads two as one."""
    content = f"{STANDARD['webhook-id']}.{time}.".encode("utf-8", "surrogatepass") + BODY
    key = SCHEMES["standard-webhooks"][0](SECRET)
    signed = f"v1,{b64encode(hmac.digest(key, content, 'sha256')).decode()}"
    signature = (
        "v1="
        + hmac.digest(
            STRIPE_SECRET.encode(),
            f"{time}.".encode("utf-8", "surrogatepass") + STRIPE_BODY,
            "sha256",
        ).hex()
    )

    assert not is_right("standard-webhooks", webhook_timestamp=time, webhook_signature=signed)
    assert not is_right("stripe", stripe_signature=f"t={time},{signature}")


HOSTILE = ["", "a,b", "msg.1614265330", "m sg", "mäsg", "٣", "\ud800", "x" * 256, "a\nb", "a\x7f"]


@pytest.mark.parametrize("delivery_id", HOSTILE, ids=ascii)
def test_an_id_that_is_doubled_or_could_be_read_in_two_ways_is_wrong(delivery_id: str) -> None:
    """It becomes a key; a dot would leave open where the id ends and the time begins."""
    content = f"{delivery_id}.{NOW}.".encode("utf-8", "surrogatepass") + BODY
    digest = hmac.digest(SCHEMES["standard-webhooks"][0](SECRET), content, "sha256")
    signed = f"v1,{b64encode(digest).decode()}"

    assert not is_right("standard-webhooks", webhook_id=delivery_id, webhook_signature=signed)
    assert not is_right("github", x_github_delivery=delivery_id)
    assert not is_right("github", x_github_event=delivery_id)


def test_stripe_signatures_are_several_while_a_secret_rolls() -> None:
    """And v0, which is for tests alone, is not looked at."""
    right = stripe_header()
    time, signature = right.split(",")
    other = stripe_header(secret="another secret of Stripe").split(",")[1]

    assert is_right("stripe", stripe_signature=f"{time},{other},{signature},v0=abc")
    for wrong in (
        f"{time},{other}",
        f"{time},{signature.replace('v1=', 'v0=')}",
        f"{time},{time},{signature}",
        f"{right},{right}",
        signature,
        time,
        f"{time};{signature}",
        f"{time} ,{signature}",
        f"t,{signature}",
        f"{time},v1",
        f"t={NOW} {signature}",
    ):
        assert not is_right("stripe", stripe_signature=wrong), wrong


@pytest.mark.parametrize("scheme", SCHEMES)
def test_both_secrets_are_right_while_a_client_moves(scheme: str) -> None:
    """And the one that signed is named, so that the log shows when the old one falls silent."""
    usual, headers, body = SENT[scheme]
    other = b64encode(secrets.token_bytes(24)).decode()

    assert Signing(scheme, (usual, other)).secret_of(headers, body, NOW) == usual
    assert Signing(scheme, (other, usual)).secret_of(headers, body, NOW) == usual
    assert Signing(scheme, (other,)).secret_of(headers, body, NOW) is None


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("other", SCHEMES)
def test_a_signature_of_another_scheme_is_wrong(scheme: str, other: str) -> None:
    """A client has one scheme, whatever its requests show."""
    if scheme != other:
        secret = SECRET if scheme == "standard-webhooks" else SENT[other][0]
        assert Signing(scheme, (secret,)).secret_of(SENT[other][1], SENT[other][2], NOW) is None


@pytest.mark.parametrize(
    ("scheme", "delivery"),
    [
        ("standard-webhooks", {"id": STANDARD["webhook-id"]}),
        ("github", {"id": GITHUB["x-github-delivery"], "event": "push"}),
        ("stripe", {}),
    ],
)
def test_says_what_names_the_delivery(scheme: str, delivery: dict[str, str]) -> None:
    """By its id, a webhook that comes again is known; Stripe has it in the body."""
    secret, headers, _ = SENT[scheme]

    assert Signing(scheme, (secret,)).delivery(headers) == delivery


def test_github_may_leave_its_event_out() -> None:
    """Others sign in the same way and have no events."""
    assert is_right("github", without=("x-github-event",))


text = st.text(st.characters(categories=("Cs", "L", "N", "P", "S", "Z", "Cc")), max_size=60)


@given(value=text, other=text, third=text)
def test_no_header_raises(value: str, other: str, third: str) -> None:
    """Whatever is in it, the answer is 401 and never a crash."""
    for scheme, (secret, headers, body) in SENT.items():
        for values in ((value, other, third), (other, value, value)):
            shown = dict(zip(headers, values, strict=False))
            assert Signing(scheme, (secret,)).secret_of(shown, body, NOW) is None


GOOD: list[tuple[str, list[str]]] = [
    ("standard-webhooks", [SECRET, SECRET.rstrip("=")]),
    ("github", ["x" * 16]),
    ("stripe", [STRIPE_SECRET, "whsec_" + "y" * 32]),
]


@pytest.mark.parametrize(("scheme", "known"), GOOD)
def test_one_or_two_secrets_are_an_entrys(scheme: str, known: list[str]) -> None:
    """Two while the client moves from one to the other."""
    assert Signing.from_entry(scheme=scheme, secrets=known) == Signing(scheme, tuple(known))


@pytest.mark.parametrize(
    ("scheme", "known"),
    [
        ("standard-webhooks", []),
        ("standard-webhooks", [SECRET] * 3),
        ("standard-webhooks", ["whsec_"]),
        ("standard-webhooks", [""]),
        ("standard-webhooks", ["whsec_" + "*" * 32]),
        ("standard-webhooks", ["whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
        ("standard-webhooks", ["whsec_AAAA"]),
        ("github", ["x" * 15]),
        ("github", ["x" * 16, ""]),
        ("stripe", [""]),
        ("hmac", [SECRET]),
        ("", [SECRET]),
    ],
)
def test_what_anybody_could_sign_with_is_refused(scheme: str, known: list[str]) -> None:
    """An empty secret is everybody's."""
    with pytest.raises((ValueError, KeyError)):
        Signing.from_entry(scheme=scheme, secrets=known)


def test_no_secret_is_shown_by_accident(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever prints a client prints no secret."""
    assert SECRET not in repr(Signing("standard-webhooks", (SECRET,)))


def test_each_secret_costs_one_hmac(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many signatures a request shows, and none at all if its time is wrong."""
    calls: list[bytes] = []
    digest = hmac.digest

    def counted(key: bytes, content: bytes, name: str) -> bytes:
        calls.append(key)
        return digest(key, content, name)

    monkeypatch.setattr(hmac, "digest", counted)
    many = " ".join([WRONG] * 500)

    is_right("standard-webhooks", secret=(SECRET, SECRET), webhook_signature=many)
    assert len(calls) == 2
    is_right("standard-webhooks", now=0)
    assert len(calls) == 2
