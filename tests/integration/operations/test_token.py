"""`make token` against SSM and CloudFormation as moto plays them; the validator's reader judges."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import boto3
import pytest
from moto import mock_aws
from validator.tokens.entry import Client, client_of
from validator.tokens.signature import Signing

from operations.deployed import shown_token
from operations.token.__main__ import main
from operations.token.entry import Entry

Run = Callable[..., str]
TOKEN = re.compile(r"[\w-]{43}")


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make an account without parameters, in which stage dev reads entries and prod is 0.1.0."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        for stage, extra in (("dev", {"ClientEntries": "json"}), ("prod", {})):
            outputs = {"TokenParameterPath": f"/weir/{stage}/tokens", **extra}
            template = {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {name: {"Value": value} for name, value in outputs.items()},
            }
            boto3.client("cloudformation").create_stack(
                StackName=f"weir-{stage}", TemplateBody=json.dumps(template)
            )
        yield boto3.client("ssm")


@pytest.fixture
def run(ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command line and returns its standard output."""

    def command(*arguments: str, given: str = "") -> str:
        monkeypatch.setattr(sys, "argv", ["make token", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        capsys.readouterr()
        main()
        return capsys.readouterr().out.strip()

    return command


def kept(ssm: Any, client: str = "acme", stage: str = "dev") -> str:
    """Return what SSM holds about a client, which is encrypted."""
    found = ssm.get_parameter(Name=f"/weir/{stage}/tokens/{client}", WithDecryption=True)
    assert found["Parameter"]["Type"] == "SecureString"
    value: str = found["Parameter"]["Value"]
    return value


def read(ssm: Any, client: str = "acme") -> Client:
    """Return the client as the validator reads it."""
    return client_of(client, kept(ssm, client))


def hashes(client: Client) -> list[str]:
    """Return the SHA-256 of the client's tokens."""
    return [token.digest.hex() for token in client.tokens]


def digest(token: str) -> str:
    """Return a token's SHA-256."""
    return sha256(token.encode()).hexdigest()


def test_makes_a_token_that_ssm_does_not_hold(ssm: Any, run: Run) -> None:
    """Who may read the parameter cannot send in the client's name."""
    token = run("make", "--client", "acme")

    assert TOKEN.fullmatch(token)
    assert token not in kept(ssm)
    assert hashes(read(ssm)) == [digest(token)]
    assert read(ssm).rights == {"send", "look-up"}
    assert read(ssm).tokens[0].expires_at < float("inf")


def test_makes_what_is_asked_for(ssm: Any, run: Run) -> None:
    """A scraper reads metrics, and nothing else."""
    run(
        *("make", "--client", "acme", "--rights", "metrics", "--contracts", "email,any-object"),
        *("--expires-in-days", "never"),
    )

    client = read(ssm)
    assert (*client.rights, *sorted(client.contracts)) == ("metrics", "any-object", "email")
    assert client.tokens[0].expires_at == float("inf")


@pytest.mark.parametrize("client", ["smoke", "canary"])
def test_weir_can_read_back_what_it_shows_itself(ssm: Any, run: Run, client: str) -> None:
    """The smoke test speaks as the newest token."""
    first = run("make", "--client", client)
    assert shown_token(kept(ssm, client)) == first

    second = run("rotate", "--client", client)

    assert shown_token(kept(ssm, client)) == second
    assert hashes(read(ssm, client)) == [digest(first), digest(second)]


def test_the_canarys_token_does_what_the_canary_does(ssm: Any, run: Run) -> None:
    """It is kept in plain, so it is worth as little as possible to whoever reads it."""
    run("make", "--client", "canary")

    client = read(ssm, "canary")
    assert set(client.contracts) == {"canary"}
    assert set(client.rights) == {"send", "look-up"}
    assert client.tokens[0].expires_at == float("inf")


def test_never_replaces_a_token_unasked(run: Run) -> None:
    """The sender that uses it would be locked out within five minutes."""
    run("make", "--client", "acme")

    with pytest.raises(SystemExit, match="rotate"):
        run("make", "--client", "acme")


def test_rotates_within_one_client(ssm: Any, run: Run) -> None:
    """Both tokens work until the older one is retired."""
    first = run("make", "--client", "acme")
    second = run("rotate", "--client", "acme")
    both = hashes(read(ssm))
    with pytest.raises(SystemExit, match="retire"):
        run("rotate", "--client", "acme")
    run("retire", "--client", "acme")

    assert both == [digest(first), digest(second)]
    assert hashes(read(ssm)) == [digest(second)]


def test_rotates_a_plain_token_away(ssm: Any, run: Run) -> None:
    """A client of 0.1.0 keeps its rights, and its token until it is retired."""
    ssm.put_parameter(Name="/weir/dev/tokens/acme", Value="old", Type="SecureString")

    new = run("rotate", "--client", "acme")

    assert hashes(read(ssm)) == [digest("old"), digest(new)]
    assert read(ssm).rights == {"send", "look-up", "metrics"}


def test_retires_the_token_that_is_named(ssm: Any, run: Run) -> None:
    """The newer one may be the one that leaked."""
    first = run("make", "--client", "acme")
    second = run("rotate", "--client", "acme")

    run("retire", "--client", "acme", "--token-hash", digest(second)[:8])

    assert hashes(read(ssm)) == [digest(first)]


def test_does_not_retire_the_last_token_unasked(run: Run) -> None:
    """A slip would lock the sender out."""
    run("make", "--client", "acme")

    with pytest.raises(SystemExit, match="Nothing was removed"):
        run("retire", "--client", "acme")


def test_limits_suspends_resumes_and_removes(ssm: Any, run: Run) -> None:
    """Each change touches what it names, and nothing else."""
    token = run("make", "--client", "acme")
    run("limit", "--client", "acme", "--contracts", "email", "--rights", "send")
    limited = read(ssm)
    run("suspend", "--client", "acme")
    suspended = read(ssm).is_suspended
    run("resume", "--client", "acme")
    resumed = read(ssm)
    run("remove", "--client", "acme")

    assert (*limited.contracts, *limited.rights) == ("email", "send")
    assert suspended
    assert resumed == limited
    assert hashes(resumed) == [digest(token)]
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        kept(ssm)


def test_lists_every_client_without_a_token(ssm: Any, run: Run) -> None:
    """By the hashes that the log and the saved query show."""
    token = run("make", "--client", "acme")
    ssm.put_parameter(Name="/weir/dev/tokens/plain", Value="old-token", Type="SecureString")
    ssm.put_parameter(Name="/weir/dev/tokens/odd", Value="{}", Type="SecureString")

    listed = run("list")

    assert f"  {digest(token)[:8]} expires 20" in listed
    assert "plain: may look-up, metrics, send; every contract (plain" in listed
    assert "odd: BROKEN" in listed
    assert not {token, "old-token"} & set(listed.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["make", "--client", "acme", "--rights", "read"],
        ["make", "--client", "acme", "--contracts", "E mail"],
        ["make", "--client", "acme", "--expires-in-days", "0"],
        ["make", "--client", "acme", "--expires-in-days", "soon"],
        ["make", "--client", "Acme"],
        ["make", "--client", "acme", "--stage", "unknown"],
        ["make", "--client", "acme", "--stack-name", "weir-test"],
        ["make", "--client", "acme", "--stage", "local"],
        ["make"],
        ["limit", "--client", "acme", "--rights", "send"],
        ["rotate", "--client", "acme"],
        ["remove", "--client", "acme"],
        ["plain", "--client", "acme"],
    ],
    ids=" ".join,
)
def test_refuses_what_would_never_work(ssm: Any, run: Run, arguments: list[str]) -> None:
    """And writes nothing: a token that nobody knows, in a stage that nobody reads."""
    with pytest.raises(SystemExit) as end:
        run(*arguments)

    assert end.value.code
    assert ssm.describe_parameters()["Parameters"] == []


def test_refuses_a_stage_of_an_account_while_the_shell_leads_here(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token would be made on the one-machine stack, and never work in the account."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    with pytest.raises(SystemExit, match="leads to this machine"):
        run("make", "--client", "acme", "--stage", "prod")


def test_writes_plain_tokens_to_a_release_that_reads_nothing_else(ssm: Any, run: Run) -> None:
    """0.1.0 would take the entry itself for the token."""
    token = run("make", "--client", "acme", "--stage", "prod")

    assert kept(ssm, stage="prod") == token
    for action in ("rotate", "suspend"):
        with pytest.raises(SystemExit, match="plain tokens only"):
            run(action, "--client", "acme", "--stage", "prod")
    with pytest.raises(SystemExit, match="plain tokens only"):
        run("make", "--client", "globex", "--stage", "prod", "--rights", "send")


def test_writes_plain_tokens_back_from_the_history(ssm: Any, run: Run) -> None:
    """Before a rollback; without APPLY nothing changes."""
    ssm.put_parameter(Name="/weir/dev/tokens/acme", Value="old", Type="SecureString")
    run("limit", "--client", "acme", "--rights", "send")
    run("plain")
    before = kept(ssm)

    run("plain", "--apply")

    assert before.startswith("{")
    assert kept(ssm) == "old"


def test_writes_no_token_back_that_was_retired(ssm: Any, run: Run) -> None:
    """It may have leaked, which is why it was rotated."""
    ssm.put_parameter(Name="/weir/dev/tokens/acme", Value="leaked", Type="SecureString")
    run("rotate", "--client", "acme")
    run("retire", "--client", "acme")

    with pytest.raises(SystemExit):
        run("plain", "--apply")

    assert kept(ssm).startswith("{")


def test_takes_a_token_that_ssm_never_had_in_plain(
    ssm: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the client's own: another would lock its sender out."""
    token = run("make", "--client", "acme", "--contracts", "email")
    with pytest.raises(SystemExit):
        run("plain", "--apply")
    listed = capsys.readouterr().err
    with pytest.raises(SystemExit, match="not a token"):
        run("plain", "--client", "acme", "--apply", given="another\n")
    untouched = kept(ssm)

    run("plain", "--client", "acme", "--apply", given=f"{token}\n")

    assert "acme: SSM remembers no plain value" in listed
    assert untouched.startswith("{")
    assert kept(ssm) == token


def test_says_what_the_plain_form_adds(
    ssm: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rollback must not widen rights without a word."""
    ssm.put_parameter(Name="/weir/dev/tokens/acme", Value="old", Type="SecureString")
    run("limit", "--client", "acme", "--rights", "send", "--contracts", "email")

    run("plain")
    sys.argv[1:] = ["plain"]
    main()

    assert "adds look-up, metrics, every contract" in capsys.readouterr().err


def test_a_suspended_client_stays_locked_out(ssm: Any, run: Run) -> None:
    """The plain form knows no suspension."""
    ssm.put_parameter(Name="/weir/dev/tokens/acme", Value="old", Type="SecureString")
    run("suspend", "--client", "acme")

    with pytest.raises(SystemExit):
        run("plain", "--apply")

    assert read(ssm).is_suspended


def test_two_operators_do_not_undo_each_other_unseen(
    ssm: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSM writes without a condition, so the version says what happened."""
    run("make", "--client", "acme")
    text = kept(ssm)
    parse = Entry.parse

    def slowly(client: str, value: str) -> Any:
        ssm.put_parameter(
            Name="/weir/dev/tokens/acme", Value=text, Type="SecureString", Overwrite=True
        )
        return parse(client, value)

    monkeypatch.setattr(Entry, "parse", slowly)

    with pytest.raises(SystemExit, match="Somebody else"):
        run("suspend", "--client", "acme")


STRIPES = "whsec_5ecret5ecret5ecret5ecret5ecret"


@pytest.mark.parametrize("scheme", ["standard-webhooks", "github"])
def test_makes_a_client_that_signs(ssm: Any, run: Run, scheme: str) -> None:
    """It has a secret in place of a token, and may do nothing but send."""
    secret = run("make", "--client", "acme", "--scheme", scheme, "--contracts", "any-object")

    client = read(ssm)
    assert client.signing == Signing(scheme, (secret,))
    assert client.tokens == ()
    assert (*client.rights, *client.contracts) == ("send", "any-object")
    assert secret not in run("list")
    assert f"{digest(secret)[:8]} is a secret" in run("list")


def test_takes_the_secret_that_a_sender_shows(ssm: Any, run: Run) -> None:
    """Stripe makes its own; it is not repeated on the screen."""
    assert run("make", "--client", "acme", "--scheme", "stripe", given=f"{STRIPES}\n") == ""
    assert read(ssm).signing.secrets == (STRIPES,)

    given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    arguments = ("--client", "other", "--scheme", "standard-webhooks", "--secret", "given")
    assert run("make", *arguments, given=given) == ""
    assert read(ssm, "other").signing.secrets == (given,)


@pytest.mark.parametrize(
    ("scheme", "given"),
    [("stripe", ""), ("stripe", "short"), ("standard-webhooks", "whsec_*"), ("hmac", STRIPES)],
)
def test_a_secret_that_cannot_work_is_not_written(
    ssm: Any, run: Run, scheme: str, given: str
) -> None:
    """The validator would lock the client out."""
    with pytest.raises(SystemExit):
        run("make", "--client", "acme", "--scheme", scheme, "--secret", "given", given=given)

    assert "acme" not in run("list")


def test_a_secret_is_changed_in_two_steps(ssm: Any, run: Run) -> None:
    """Both are valid in between, and the last one stays."""
    first = run("make", "--client", "acme", "--scheme", "github")
    second = run("rotate", "--client", "acme")
    assert read(ssm).signing.secrets == (first, second)
    with pytest.raises(SystemExit, match="two secrets"):
        run("rotate", "--client", "acme")

    run("retire", "--client", "acme")
    assert read(ssm).signing.secrets == (second,)
    with pytest.raises(SystemExit, match="keeps one"):
        run("retire", "--client", "acme")
    third = run("rotate", "--client", "acme")
    run("retire", "--client", "acme", "--token-hash", digest(third)[:8])
    assert read(ssm).signing.secrets == (second,)


def test_says_which_clients_events_are_keyed(ssm: Any, run: Run) -> None:
    """And takes it back."""
    run("make", "--client", "acme", "--keyed-events", "yes")
    assert read(ssm).has_keyed_events
    assert "CloudEvents are keyed" in run("list")

    run("limit", "--client", "acme", "--rights", "send")
    assert read(ssm).has_keyed_events
    run("limit", "--client", "acme", "--keyed-events", "no")
    assert "keyed_events" not in kept(ssm)


def test_limits_of_a_signer_are_changed_like_any(ssm: Any, run: Run) -> None:
    """Its secrets stay."""
    secret = run("make", "--client", "acme", "--scheme", "github")
    run("limit", "--client", "acme", "--contracts", "email")
    run("suspend", "--client", "acme")

    assert read(ssm).signing.secrets == (secret,)
    assert read(ssm).is_suspended


def test_a_signer_has_no_plain_form(ssm: Any, run: Run) -> None:
    """0.1.0 knows no signatures, so it is named before the rollback."""
    run("make", "--client", "acme", "--scheme", "github")

    with pytest.raises(SystemExit) as refused:
        run("plain", "--apply")

    assert refused.value.code == 1
    assert read(ssm).signing.secrets


def test_a_release_that_reads_plain_tokens_has_no_signers(ssm: Any, run: Run) -> None:
    """It would take the entry for a token."""
    with pytest.raises(SystemExit, match="plain tokens only"):
        run("make", "--client", "acme", "--scheme", "github", "--stage", "prod")
