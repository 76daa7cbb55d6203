"""The token store: new tokens work soon, guesses are cheap, an outage of SSM is survived a day."""

from collections.abc import Callable
from typing import Any

import pytest
from validator.tokens.entry import Client, Token, client_of, digest_of
from validator.tokens.store import TokenStore, TokensUnreadableError

from tests.unit.validator.fakes import Clock, Warnings


class Parameters:
    """The parameters in SSM, and how often they were read."""

    def __init__(self) -> None:
        self.tokens: dict[str, str | None] = {"acme": "token-a", "globex": "token-g"}
        self.fails = False
        self.reads = 0

    def read(self) -> dict[str, Client | None]:
        """Return the clients, or fail; one without a token has a broken entry."""
        self.reads += 1
        if self.fails:
            raise TokensUnreadableError
        return {
            name: None if token is None else client_of(name, token)
            for name, token in self.tokens.items()
        }


class Counts(dict[str, list[int]]):
    """The metrics that were counted."""

    def __call__(self, metric: str, count: int) -> None:
        """Keep one count."""
        self.setdefault(metric, []).append(count)


@pytest.fixture
def parameters() -> Parameters:
    """Return the parameters of two clients."""
    return Parameters()


@pytest.fixture
def counts() -> Counts:
    """Return metrics without a count."""
    return Counts()


@pytest.fixture
def store(parameters: Parameters, clock: Clock, warn: Warnings, counts: Counts) -> TokenStore:
    """Return an empty store."""
    return TokenStore(parameters.read, clock, warn, counts)


def name_of(store: TokenStore, token: str) -> str | None:
    """Return the name of the client whose token this is."""
    found = store.identify(token)
    return found.client.name if found else None


def test_knows_every_client_by_its_token(store: TokenStore) -> None:
    """The client's name goes into logs, attributes and the queue's fair share."""
    assert [name_of(store, token) for token in ("token-a", "token-g", "other")] == [
        "acme",
        "globex",
        None,
    ]


@pytest.mark.parametrize("token", ["", "token-", "token-aa", "TOKEN-A", "t\u00f6ken", "\ud800"])
def test_knows_no_client_by_anything_else(store: TokenStore, token: str) -> None:
    """Nearly right is wrong."""
    assert name_of(store, token) is None


def test_reads_once_for_many_requests(store: TokenStore, parameters: Parameters) -> None:
    """SSM costs 20 ms and has a quota."""
    for _ in range(100):
        assert name_of(store, "token-a") == "acme"

    assert parameters.reads == 1


def test_a_new_token_works_within_ten_seconds(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A rotation must not wait for a cache."""
    name_of(store, "token-a")
    parameters.tokens["initech"] = "token-i"

    clock.now += 10

    assert name_of(store, "token-i") == "initech"


def test_guesses_do_not_hammer_ssm(store: TokenStore, parameters: Parameters, clock: Clock) -> None:
    """However long a flood lasts, it reads once a minute in the end: SSM stays readable for all."""
    reads = []
    for _ in range(10):
        for _ in range(1_000):
            assert name_of(store, "guess") is None
            clock.now += 0.06
        reads.append(parameters.reads)

    assert reads[0] <= 5
    assert reads[-1] - reads[1] <= 8


def test_a_new_token_works_within_a_minute_under_a_flood(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """Guesses slow a rotation down, and do not stop it."""
    for _ in range(1_000):
        name_of(store, "guess")
        clock.now += 1
    parameters.tokens["initech"] = "token-i"

    waited = 0
    while name_of(store, "token-i") is None:
        name_of(store, "guess")
        clock.now += 1
        waited += 1

    assert waited <= 60


def test_a_new_token_works_within_ten_seconds_of_a_guess(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """Who tried the token before it was there does not wait longer for it."""
    name_of(store, "token-a")
    clock.now += 100
    name_of(store, "token-i")
    parameters.tokens["initech"] = "token-i"

    clock.now += 10

    assert name_of(store, "token-i") == "initech"


def test_a_minute_after_the_flood_all_is_as_before(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """The long pause belongs to the flood."""
    for _ in range(1_000):
        name_of(store, "guess")
        clock.now += 1

    clock.now += 60
    name_of(store, "token-i")
    parameters.tokens["initech"] = "token-i"
    clock.now += 10

    assert name_of(store, "token-i") == "initech"


def test_a_deleted_token_is_refused_within_five_minutes(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """API Gateway may add the minute for which it keeps the authorizer's answer."""
    name_of(store, "token-a")
    del parameters.tokens["acme"]

    clock.now += 240

    assert name_of(store, "token-a") is None
    assert name_of(store, "token-g") == "globex"


def test_serves_known_clients_while_ssm_fails(
    store: TokenStore, parameters: Parameters, clock: Clock, warn: Warnings
) -> None:
    """An outage of SSM is not one of Weir; it is reported, and does not slow every request."""
    name_of(store, "token-a")
    parameters.fails = True

    served = []
    for _ in range(100):
        clock.now += 6
        served.append(name_of(store, "token-a"))

    assert served == ["acme"] * 100
    assert parameters.reads <= 40
    assert set(warn.messages()) == {"tokens not read again"}


def test_serves_nobody_after_a_day_without_ssm(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A deleted token would live as long as the outage; a 503 makes its sender come back."""
    name_of(store, "token-a")
    parameters.fails = True
    read_at = clock.now

    clock.now = read_at + 24 * 3600 - 1
    assert name_of(store, "token-a") == "acme"
    clock.now = read_at + 24 * 3600
    with pytest.raises(TokensUnreadableError):
        store.identify("token-a")

    parameters.fails = False
    clock.now += 60
    assert name_of(store, "token-a") == "acme"


def test_an_environment_that_was_frozen_for_days_reads_first(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """Lambda may keep it that long; its tokens are old, but SSM is there."""
    name_of(store, "token-a")

    clock.now += 3 * 24 * 3600

    assert name_of(store, "token-g") == "globex"
    assert parameters.reads == 2


def test_counts_clients_that_cannot_be_read(
    store: TokenStore, parameters: Parameters, clock: Clock, counts: Counts
) -> None:
    """One of them by its broken entry, all of them while SSM fails: an alarm, long before a day."""
    parameters.tokens["initech"] = None
    name_of(store, "token-a")
    parameters.fails = True
    clock.now += 240
    name_of(store, "token-a")
    parameters.fails = False
    parameters.tokens["initech"] = "token-i"
    clock.now += 240
    name_of(store, "token-a")

    assert counts["ClientsUnreadable"] == [1, 2, 0]


def test_counts_an_unreadable_client_before_any_was_read(
    store: TokenStore, parameters: Parameters, counts: Counts
) -> None:
    """Nobody knows how many there are; one is enough to ring."""
    parameters.fails = True

    with pytest.raises(TokensUnreadableError):
        store.identify("token-a")

    assert counts == {"ClientsUnreadable": [1]}


def test_a_broken_entry_locks_out_its_client_alone(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """Its limits are not known, so it may not be served by what was cached."""
    name_of(store, "token-a")
    parameters.tokens["acme"] = None

    clock.now += 240

    assert [name_of(store, token) for token in ("token-a", "token-g")] == [None, "globex"]


def of_tokens(
    *expiries: float, is_suspended: bool = False
) -> Callable[[], dict[str, Client | None]]:
    """Return what reads one client, whose tokens `0`, `1` expire at these times."""
    tokens = tuple(Token(digest_of(str(at)), expiry) for at, expiry in enumerate(expiries))
    client = Client("acme", tokens, is_suspended=is_suspended)
    return lambda: {"acme": client}


DAY = 24 * 3600


@pytest.mark.parametrize(
    ("days", "suspended", "count"),
    [([13.9], False, 1), ([14.1], False, 0), ([-1], False, 0), ([1, 2], False, 2), ([1], True, 0)],
)
def test_counts_tokens_that_expire_within_two_weeks(
    clock: Clock, warn: Warnings, counts: Counts, days: Any, suspended: bool, count: int
) -> None:
    """Time to make another and to move the sender; one that has expired rings elsewhere."""
    read = of_tokens(*(clock.now + each * DAY for each in days), is_suspended=suspended)

    TokenStore(read, clock, warn, counts).identify("0")

    assert counts["TokensExpiring"] == [count]


def test_a_token_expires_at_its_second(clock: Clock, warn: Warnings) -> None:
    """Without another read: the clock alone ends it."""
    store = TokenStore(of_tokens(clock.now + 10, clock.now + 20), clock, warn)
    seen = []
    for _ in range(3):
        found = [store.identify(token) for token in "01"]
        seen.append([each.is_expired for each in found if each])
        clock.now += 10

    assert seen == [[False, False], [True, False], [True, True]]


def test_both_tokens_of_a_client_are_one_client(clock: Clock, warn: Warnings) -> None:
    """The key of a retry across a rotation is scoped by the client."""
    store = TokenStore(of_tokens(clock.now + 10, clock.now + 20), clock, warn)

    first, second = store.identify("0"), store.identify("1")

    assert first
    assert second
    assert first.client == second.client
    assert first.token != second.token


def test_reads_again_once_ssm_is_back(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A token that was deleted during the outage ends with it."""
    name_of(store, "token-a")
    parameters.fails = True
    clock.now += 240
    name_of(store, "token-a")
    parameters.fails = False
    del parameters.tokens["acme"]

    clock.now += 10

    assert name_of(store, "token-a") is None


def test_says_so_while_no_token_was_ever_read(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A refusal would be a guess; and who tries at once again does not wait for SSM again."""
    parameters.fails = True

    for _ in range(100):
        with pytest.raises(TokensUnreadableError):
            name_of(store, "token-a")
    assert parameters.reads == 1

    parameters.fails = False
    clock.now += 2
    assert name_of(store, "token-a") == "acme"


def test_a_slow_read_is_not_followed_by_another(clock: Clock, warn: Warnings) -> None:
    """Two of them in one request would outlast the function."""
    reads = []

    def read() -> dict[str, Client | None]:
        reads.append(clock.now)
        clock.now += 12
        return {"acme": client_of("acme", "token-a")}

    assert TokenStore(read, clock, warn).identify("a guess") is None
    assert len(reads) == 1


def test_compares_with_every_token(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping at the first match would tell by time which clients come first."""
    compared: list[bytes] = []

    def compare(_: bytes, known: bytes) -> bool:
        compared.append(known)
        return len(compared) == 1

    monkeypatch.setattr("validator.tokens.store.hmac.compare_digest", compare)

    assert name_of(store, "token-a") == "acme"
    assert len(compared) == 2


def test_tokens_that_were_read_ahead_are_not_read_again(
    store: TokenStore, parameters: Parameters
) -> None:
    """The first request has a share of a CPU, INIT had a whole one."""
    store.read_ahead()

    assert name_of(store, "token-a") == "acme"
    assert name_of(store, "a guess") is None
    assert parameters.reads == 1


def test_a_failure_to_read_ahead_counts_as_nothing_tried(
    store: TokenStore, parameters: Parameters
) -> None:
    """SSM may answer by the time that the first request comes."""
    parameters.fails = True
    store.read_ahead()
    parameters.fails = False

    assert name_of(store, "token-a") == "acme"


def test_tokens_that_were_read_ahead_expire_by_the_wall_clock(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A provisioned environment may wait for hours before its first request."""
    store.read_ahead()
    del parameters.tokens["acme"]

    clock.now += 3600

    assert name_of(store, "token-a") is None


def test_reading_ahead_too_late_replaces_nothing(parameters: Parameters, clock: Clock) -> None:
    """A frozen thread may go on hours later, with what it had read before."""

    def read_slowly() -> dict[str, Client | None]:
        tokens = parameters.read()
        if parameters.reads == 1:
            del parameters.tokens["acme"]
            assert name_of(slow, "token-g") == "globex"
        return tokens

    slow = TokenStore(read_slowly, clock, lambda *_, **__: None)

    slow.read_ahead()

    assert name_of(slow, "token-a") is None


def test_a_client_is_found_by_what_it_shows_too(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A secret that was made a moment ago works within ten seconds, as a token does."""
    shown = Token(b"digest", clock.now)

    def find(name: str) -> str | None:
        found = store.find(lambda client: shown if client.name == name else None)
        assert found is None or (found.token is shown and found.is_expired)
        return found.client.name if found else None

    assert (find("globex"), find("initech")) == ("globex", None)
    parameters.tokens["initech"] = "token-i"
    clock.now += 10
    assert find("initech") == "initech"
