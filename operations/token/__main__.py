"""Makes, rotates, limits, suspends, lists and removes the clients of a stack.

    make token CLIENT=acme [CONTRACTS=email,timestamped] [RIGHTS=send,look-up]
        [EXPIRES_IN_DAYS=365|never]         make a client
    make token CLIENT=acme SCHEME=standard-webhooks|github|stripe [SECRET=given] [CONTRACTS=email]
                                            make a client that signs its webhooks; SECRET=given (and
                                            Stripe) takes the sender's secret from standard input
    make token ACTION=rotate CLIENT=acme [EXPIRES_IN_DAYS=365|never] [SECRET=given]
                                            add a second token, or a second secret
    make token ACTION=retire CLIENT=acme [TOKEN_HASH=1a2b3c4d]
                                            remove the older token or secret, or the one named
    make token ACTION=limit CLIENT=acme [CONTRACTS=email] [RIGHTS=send] [KEYED_EVENTS=yes|no]
                                            change what the client may do, and whether source and id
                                            of its CloudEvents are their idempotency key
    make token ACTION=suspend|resume|remove CLIENT=acme
    make token ACTION=list                  show clients, rights, and hashes of tokens and secrets
    make token ACTION=plain [CLIENT=acme] [APPLY=1]
                                            before a rollback to 0.1.0: write plain tokens

STAGE names a stage of samconfig.toml (dev), STACK_NAME a stack of any other name. A new
token or secret is all that standard output gets; everything else goes to standard error. AWS
account, region and endpoint are those of the caller's environment, as for the AWS CLI.
"""

import argparse
import getpass
import os
import re
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from operations.stages import check_place, stack_name

from .clients import Clients, Parameter, of_stack, parameter_name
from .entry import (
    MAX_TOKENS,
    RIGHTS,
    BrokenEntryError,
    Entry,
    defaults_of,
    digest_of,
    expiry,
    hash_of,
    is_expired,
    is_plain,
    sha256_of,
    token_of,
)
from .signing import MADE_BY_THE_SENDER, SCHEMES, new_secret

_CONTRACT = re.compile(r"\*|[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SOON = "within five minutes"


def say(text: str) -> None:
    """Tell the operator, apart from the token itself."""
    print(text, file=sys.stderr)


def make(clients: Clients, wish: argparse.Namespace) -> None:
    """Make a client with one token."""
    if clients.find(wish.client):
        sys.exit(f"{wish.client} is there already: ACTION=rotate gives it another token.")
    if wish.scheme:
        _make_signer(clients, wish)
        return
    token = secrets.token_urlsafe(32)
    if not clients.reads_entries:
        if wish.contracts or wish.rights or wish.expires_in_days or wish.keyed_events:
            sys.exit(_CANNOT_READ)
        clients.write(wish.client, token, None)
        say(f"{wish.client} has a token that may do everything: the stack's release knows no more.")
    else:
        expires_at = expiry(wish.client, wish.expires_in_days, _now())
        contracts, rights = defaults_of(wish.client)
        entry = Entry(
            [token_of(wish.client, token, expires_at)],
            _contracts(wish.contracts) or contracts,
            _rights(wish.rights) or rights,
            keyed_events=wish.keyed_events == "yes",
        )
        clients.write(wish.client, entry.text(wish.client), None)
        say(f"{wish.client} {entry.describe()}. {_told(entry.tokens[0])}")
    say("It works within ten seconds, and is shown this once:")
    print(token)


def _make_signer(clients: Clients, wish: argparse.Namespace) -> None:
    if not clients.reads_entries:
        sys.exit(_CANNOT_READ)
    if wish.expires_in_days:
        sys.exit("A secret does not expire: rotate it, and retire the older one.")
    secret = new_secret(wish.scheme, given=bool(wish.secret))
    entry = Entry(
        [],
        _contracts(wish.contracts) or ["*"],
        _rights(wish.rights) or ["send"],
        signing={"scheme": wish.scheme, "secrets": [secret]},
    )
    clients.write(wish.client, entry.text(wish.client), None)
    say(f"{wish.client} {entry.describe()}, to /webhooks/{wish.client}/<contract>.")
    _show_secret(wish, secret)


def _show_secret(wish: argparse.Namespace, secret: str) -> None:
    say(f"Secret {digest_of(secret)[:8]} works within ten seconds.")
    if not wish.secret and wish.scheme not in MADE_BY_THE_SENDER:
        say("Enter it where the sender is set up (docs/senders.md); it is shown this once:")
        print(secret)


def rotate(clients: Clients, wish: argparse.Namespace) -> None:
    """Add a second token, so that the sender can move at any time."""
    parameter, entry = _entry(clients, wish.client)
    if entry.signing:
        if len(entry.secrets) >= MAX_TOKENS:
            sys.exit(f"{wish.client} has two secrets: ACTION=retire removes the older one.")
        wish.scheme = entry.signing["scheme"]
        secret = new_secret(wish.scheme, given=bool(wish.secret))
        entry.secrets.append(secret)
        clients.write(wish.client, entry.text(wish.client), parameter)
        say(f"{wish.client} has one more secret, and may sign with either.")
        _show_secret(wish, secret)
        return
    entry.tokens = [each for each in entry.tokens if not is_expired(each, _now())]
    if len(entry.tokens) >= MAX_TOKENS:
        sys.exit(f"{wish.client} has two tokens: ACTION=retire removes the older one.")
    token = secrets.token_urlsafe(32)
    expires_at = expiry(wish.client, wish.expires_in_days, _now())
    entry.tokens.append(token_of(wish.client, token, expires_at))
    clients.write(wish.client, entry.text(wish.client), parameter)
    say(f"{wish.client} has one more token. {_told(entry.tokens[-1])}")
    say("Move the sender; once the query clients shows the older token silent: ACTION=retire.")
    say("The new one works within ten seconds, and is shown this once:")
    print(token)


def retire(clients: Clients, wish: argparse.Namespace) -> None:
    """Remove the older token or secret, or the one that is named."""
    parameter, entry = _entry(clients, wish.client)
    if entry.signing:
        _retire_secret(clients, wish, parameter, entry)
        return
    if wish.token_hash:
        found = [each for each in entry.tokens if sha256_of(each).startswith(wish.token_hash)]
    else:
        found = entry.tokens[:-1]
    if len(found) != 1:
        known = ", ".join(map(hash_of, entry.tokens))
        sys.exit(f"Nothing was removed: {wish.client} has {known or 'no token'}. Use TOKEN_HASH=.")
    entry.tokens.remove(found[0])
    clients.write(wish.client, entry.text(wish.client), parameter)
    left = ", ".join(map(hash_of, entry.tokens)) or "no token at all"
    say(f"{wish.client} loses {hash_of(found[0])} {_SOON}, and keeps {left}.")


def _retire_secret(
    clients: Clients, wish: argparse.Namespace, parameter: Parameter, entry: Entry
) -> None:
    hashes = [digest_of(each) for each in entry.secrets]
    found = [at for at, each in enumerate(hashes) if each.startswith(wish.token_hash)]
    found = found if wish.token_hash else found[:-1]
    if len(found) != 1 or len(hashes) == 1:
        known = ", ".join(each[:8] for each in hashes)
        sys.exit(f"Nothing was removed: {wish.client} has {known}, and keeps one. Use TOKEN_HASH=.")
    del entry.secrets[found[0]]
    clients.write(wish.client, entry.text(wish.client), parameter)
    say(f"{wish.client} loses secret {hashes[found[0]][:8]} {_SOON}.")


def limit(clients: Clients, wish: argparse.Namespace) -> None:
    """Change what a client may do."""
    parameter, entry = _entry(clients, wish.client)
    if not wish.contracts and not wish.rights and not wish.keyed_events:
        sys.exit(
            "Say what it may do: CONTRACTS=email,timestamped (* for all), RIGHTS=send,"
            " KEYED_EVENTS=yes."
        )
    entry.keyed_events = wish.keyed_events == "yes" if wish.keyed_events else entry.keyed_events
    entry.contracts = _contracts(wish.contracts) or entry.contracts
    entry.rights = _rights(wish.rights) or entry.rights
    clients.write(wish.client, entry.text(wish.client), parameter)
    say(f"{wish.client} {entry.describe()}, {_SOON}.")


def suspend(clients: Clients, wish: argparse.Namespace) -> None:
    """Lock a client out, and keep all that is known of it."""
    _suspend(clients, wish.client, suspended=True)
    say(f"{wish.client} gets 403 {_SOON}; ACTION=resume ends that.")


def resume(clients: Clients, wish: argparse.Namespace) -> None:
    """Let a suspended client in again."""
    _suspend(clients, wish.client, suspended=False)
    say(f"{wish.client} is served again {_SOON}.")


def remove(clients: Clients, wish: argparse.Namespace) -> None:
    """Delete a client and its tokens."""
    if not clients.find(wish.client):
        sys.exit(f"There is no client {wish.client} in stage {clients.stage}.")
    clients.remove(wish.client)
    say(f"{wish.client} is deleted; its tokens end {_SOON}.")


def show(clients: Clients, _: argparse.Namespace) -> None:
    """Show every client and its tokens by the first characters of their SHA-256."""
    found = clients.all()
    for client, parameter in sorted(found.items()):
        try:
            entry = Entry.parse(client, parameter.value)
        except BrokenEntryError:
            print(f"{client}: BROKEN, and locked out; ACTION=remove and make it again")
            continue
        plain = " (plain, as in 0.1.0)" if is_plain(parameter.value) else ""
        print(f"{client}: {entry.describe()}{plain}")
        for token in entry.tokens:
            ended = "; EXPIRED" if is_expired(token, _now()) else ""
            print(f"  {hash_of(token)} expires {token['expires_at'] or 'never'}{ended}")
        for secret in entry.secrets:
            print(f"  {digest_of(secret)[:8]} is a secret")
    say(f"{len(found)} clients in stage {clients.stage}")


def plain(clients: Clients, wish: argparse.Namespace) -> None:
    """Write plain tokens back, which is all that 0.1.0 reads; without APPLY=1 only say which."""
    found = clients.all()
    if wish.client and wish.client not in found:
        sys.exit(f"There is no client {wish.client} in stage {clients.stage}.")
    missing = 0
    for client, parameter in sorted(found.items()):
        if wish.client in ("", client) and not is_plain(parameter.value):
            missing += not _write_plain(clients, client, parameter, wish)
    if not wish.apply:
        say("Nothing was written: APPLY=1 writes it.")
    if missing:
        say(f"{missing} clients stay as they are, and are locked out by a release that reads none.")
        sys.exit(1)


def _write_plain(
    clients: Clients, client: str, parameter: Parameter, wish: argparse.Namespace
) -> bool:
    try:
        entry = Entry.parse(client, parameter.value)
    except BrokenEntryError:
        say(f"{client}: broken; nobody is let in by it")
        return False
    if entry.suspended:
        say(f"{client}: suspended, so it keeps its entry; a plain token would let it in")
        return False
    if entry.signing:
        say(f"{client}: signs its webhooks, which 0.1.0 does not know")
        return False
    valid = [each for each in entry.tokens if not is_expired(each, _now())]
    token = _plain_token(clients, client, valid, asked=bool(wish.client))
    if token is None:
        say(
            f"{client}: SSM remembers no plain value of a token that is valid now. Give one:"
            f" make token ACTION=plain CLIENT={client} APPLY=1, with the token on standard input"
        )
        return False
    gains = ", ".join(entry.gains_by_plain_form()) or "nothing"
    others = [hash_of(each) for each in valid if sha256_of(each) != digest_of(token)]
    ends = f"; {', '.join(others)} ends" if others else ""
    say(f"{client}: {digest_of(token)[:8]} in plain adds {gains}{ends}")
    if wish.apply:
        clients.write(client, token, parameter)
    return True


def _plain_token(
    clients: Clients, client: str, valid: list[dict[str, str]], *, asked: bool
) -> str | None:
    known = {sha256_of(each) for each in valid}
    candidates = [each["token"] for each in valid if "token" in each]
    candidates += clients.earlier_plain_values(client)
    for candidate in reversed(candidates):
        if digest_of(candidate) in known:
            return candidate
    if not asked:
        return None
    prompt = f"Token of {client}: "
    given = (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if given and digest_of(given) not in known:
        sys.exit(f"This is not a token that {client} has now; nothing was written.")
    return given or None


def _entry(clients: Clients, client: str) -> tuple[Parameter, Entry]:
    if not clients.reads_entries:
        sys.exit(_CANNOT_READ)
    parameter = clients.find(client)
    if parameter is None:
        sys.exit(
            f"There is no client {client} in stage {clients.stage}: make token CLIENT={client}"
        )
    try:
        return parameter, Entry.parse(client, parameter.value)
    except BrokenEntryError:
        sys.exit(f"The entry of {client} is broken: ACTION=remove, then make it again.")


def _suspend(clients: Clients, client: str, *, suspended: bool) -> None:
    parameter, entry = _entry(clients, client)
    entry.suspended = suspended
    clients.write(client, entry.text(client), parameter)


def _contracts(text: str) -> list[str]:
    names = _listed(text)
    for name in names:
        if not _CONTRACT.fullmatch(name):
            sys.exit(
                f"{name!r} is not a contract's name: CONTRACTS=email,timestamped, or * for all"
            )
    return names


def _rights(text: str) -> list[str]:
    rights = _listed(text)
    if unknown := set(rights) - RIGHTS:
        sys.exit(f"{', '.join(unknown)}: the rights are {', '.join(sorted(RIGHTS))}.")
    return rights


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _told(token: dict[str, str]) -> str:
    return f"Token {hash_of(token)} expires {token['expires_at'] or 'never'}."


def _now() -> datetime:
    return datetime.now(UTC)


_CANNOT_READ = (
    "The stack's release reads plain tokens only: no limits, no expiry, one token per client."
    " Deploy a newer release first; until then make a second client to rotate a token."
)
_ACTIONS: dict[str, Callable[[Clients, argparse.Namespace], None]] = {
    "make": make,
    "rotate": rotate,
    "retire": retire,
    "limit": limit,
    "suspend": suspend,
    "resume": resume,
    "remove": remove,
    "list": show,
    "plain": plain,
}


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="make token", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("action", nargs="?", default="make", choices=_ACTIONS)
    parser.add_argument("--client", default="", help="the sender's name: a-z, 0-9 and -")
    parser.add_argument("--stage", default="dev", help="a stage of samconfig.toml (dev)")
    parser.add_argument("--stack-name", default="", help="a stack of another name")
    parser.add_argument("--contracts", default="", help="contracts it may use; * for all (*)")
    parser.add_argument("--rights", default="", help="send, look-up, metrics (send,look-up)")
    parser.add_argument("--expires-in-days", default="", help="days, or never (365)")
    parser.add_argument("--token-hash", default="", help="the token to retire, as list shows it")
    parser.add_argument("--scheme", default="", help=f"how it signs: {', '.join(SCHEMES)}")
    parser.add_argument(
        "--secret", default="", choices=["", "given"], help="given: take the sender's"
    )
    parser.add_argument(
        "--keyed-events",
        default="",
        choices=["", "yes", "no"],
        help="yes: source and id of a CloudEvent are its idempotency key",
    )
    parser.add_argument("--apply", action="store_true", help="write what plain has shown")
    wish = parser.parse_args()
    if not wish.client and wish.action not in ("list", "plain"):
        parser.error(f"name the client: make token ACTION={wish.action} CLIENT=name")
    if wish.client:
        parameter_name("", wish.client)
    try:
        if not wish.stack_name:
            check_place(wish.stage, os.environ)
        clients = of_stack(wish.stack_name or stack_name(wish.stage))
        check_place(clients.stage, os.environ)
        _ACTIONS[wish.action](clients, wish)
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS could not do it: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
