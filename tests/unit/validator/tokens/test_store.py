"""The token store: new tokens work at once, guesses are cheap, an outage of SSM is survived."""

import pytest
from validator.tokens.store import TokenStore, TokensUnreadableError

from tests.unit.validator.fakes import Clock, Warnings


class Parameters:
    """The parameters in SSM, and how often they were read."""

    def __init__(self) -> None:
        self.tokens = {"acme": "token-a", "globex": "token-g"}
        self.fails = False
        self.reads = 0

    def read(self) -> dict[str, str]:
        """Return the tokens, or fail."""
        self.reads += 1
        if self.fails:
            raise TokensUnreadableError
        return dict(self.tokens)


@pytest.fixture
def parameters() -> Parameters:
    """Return the parameters of two clients."""
    return Parameters()


@pytest.fixture
def store(parameters: Parameters, clock: Clock, warn: Warnings) -> TokenStore:
    """Return an empty store."""
    return TokenStore(parameters.read, clock, warn)


def test_knows_every_client_by_its_token(store: TokenStore) -> None:
    """The client's name goes into logs, attributes and the queue's fair share."""
    assert [store.client_of(token) for token in ("token-a", "token-g", "other")] == [
        "acme",
        "globex",
        None,
    ]


@pytest.mark.parametrize("token", ["", "token-", "token-aa", "TOKEN-A", "t\u00f6ken", "\ud800"])
def test_knows_no_client_by_anything_else(store: TokenStore, token: str) -> None:
    """Nearly right is wrong."""
    assert store.client_of(token) is None


def test_reads_once_for_many_requests(store: TokenStore, parameters: Parameters) -> None:
    """SSM costs 20 ms and has a quota."""
    for _ in range(100):
        assert store.client_of("token-a") == "acme"

    assert parameters.reads == 1


def test_a_new_token_works_within_ten_seconds(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A rotation must not wait for a cache."""
    store.client_of("token-a")
    parameters.tokens["initech"] = "token-i"

    clock.now += 10

    assert store.client_of("token-i") == "initech"


def test_guesses_do_not_hammer_ssm(store: TokenStore, parameters: Parameters, clock: Clock) -> None:
    """A thousand guesses within a minute may cause one read each ten seconds."""
    for _ in range(1_000):
        assert store.client_of("guess") is None
        clock.now += 0.06

    assert parameters.reads <= 7


def test_a_deleted_token_is_refused_within_five_minutes(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """API Gateway may add the minute for which it keeps the authorizer's answer."""
    store.client_of("token-a")
    del parameters.tokens["acme"]

    clock.now += 240

    assert store.client_of("token-a") is None
    assert store.client_of("token-g") == "globex"


def test_serves_known_clients_while_ssm_fails(
    store: TokenStore, parameters: Parameters, clock: Clock, warn: Warnings
) -> None:
    """An outage of SSM is no outage of ours; it is told, and it does not slow every request."""
    store.client_of("token-a")
    parameters.fails = True

    served = []
    for _ in range(100):
        clock.now += 6
        served.append(store.client_of("token-a"))

    assert served == ["acme"] * 100
    assert parameters.reads <= 40
    assert set(warn.messages()) == {"tokens not read again"}


def test_reads_again_once_ssm_is_back(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A token that was deleted during the outage ends with it."""
    store.client_of("token-a")
    parameters.fails = True
    clock.now += 240
    store.client_of("token-a")
    parameters.fails = False
    del parameters.tokens["acme"]

    clock.now += 10

    assert store.client_of("token-a") is None


def test_says_so_while_no_token_was_ever_read(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A refusal would be a guess; and who tries at once again does not wait for SSM again."""
    parameters.fails = True

    for _ in range(100):
        with pytest.raises(TokensUnreadableError):
            store.client_of("token-a")
    assert parameters.reads == 1

    parameters.fails = False
    clock.now += 2
    assert store.client_of("token-a") == "acme"


def test_a_slow_read_is_not_followed_by_another(clock: Clock, warn: Warnings) -> None:
    """Two of them in one request would outlast the function."""
    reads = []

    def read() -> dict[str, str]:
        reads.append(clock.now)
        clock.now += 12
        return {"acme": "token-a"}

    assert TokenStore(read, clock, warn).client_of("a guess") is None
    assert len(reads) == 1


def test_compares_with_every_client(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping at the first match would tell by time which clients come first."""
    compared: list[bytes] = []

    def compare(_: bytes, known: bytes) -> bool:
        compared.append(known)
        return len(compared) == 1

    monkeypatch.setattr("validator.tokens.store.hmac.compare_digest", compare)

    assert store.client_of("token-a") == "acme"
    assert len(compared) == 2


def test_tokens_that_were_read_ahead_are_not_read_again(
    store: TokenStore, parameters: Parameters
) -> None:
    """The first request has a share of a CPU, INIT had a whole one."""
    store.read_ahead()

    assert store.client_of("token-a") == "acme"
    assert store.client_of("a guess") is None
    assert parameters.reads == 1


def test_a_failure_to_read_ahead_counts_as_nothing_tried(
    store: TokenStore, parameters: Parameters
) -> None:
    """SSM may answer by the time that the first request comes."""
    parameters.fails = True
    store.read_ahead()
    parameters.fails = False

    assert store.client_of("token-a") == "acme"


def test_tokens_that_were_read_ahead_expire_by_the_wall_clock(
    store: TokenStore, parameters: Parameters, clock: Clock
) -> None:
    """A provisioned environment may wait for hours before its first request."""
    store.read_ahead()
    del parameters.tokens["acme"]

    clock.now += 3600

    assert store.client_of("token-a") is None


def test_reading_ahead_too_late_replaces_nothing(parameters: Parameters, clock: Clock) -> None:
    """A frozen thread may go on hours later, with what it had read before."""

    def read_slowly() -> dict[str, str]:
        tokens = parameters.read()
        if parameters.reads == 1:
            del parameters.tokens["acme"]
            assert slow.client_of("token-g") == "globex"
        return tokens

    slow = TokenStore(read_slowly, clock, lambda *_, **__: None)

    slow.read_ahead()

    assert slow.client_of("token-a") is None
