"""Outages of SQS, SSM and S3: 503 in time, and never a 202 for what SQS does not have."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from validator.aws import CALL_SECONDS
from validator.tokens.parameters import TokenParameters
from validator.tokens.store import TokenStore, TokensUnreadableError

from tests.integration.validator.conftest import TOKEN, Api, post
from tests.integration.validator.edge import (
    Edge,
    EdgeHandler,
    Fault,
    deny,
    hang_up,
    never_answer,
    refuse,
    talk_nonsense,
)
from tests.support.events import event

GOOD = '{"data":{"email_timestream":"0","x":"5ecret"}}'
BATCH = '{"data":[' + ",".join(['{"email_timestream":"0"}'] * 25) + "]}"
FUNCTION_TIMEOUT_SECONDS = 15
INIT_SECONDS = 2
RETRY_AFTER_SECONDS = 5
FAULTS = pytest.mark.parametrize("fault", [refuse, deny, talk_nonsense, hang_up])


@FAULTS
@pytest.mark.parametrize("operation", ["SendMessageBatch", "GetParametersByPath", "PutObject"])
def test_is_out_of_service_while_what_it_needs_fails(
    edge: Edge, start_api: Callable[[], Api], operation: str, fault: Fault
) -> None:
    """Once the outage is over, the same request is taken."""
    edge.faults[operation] = fault
    api = start_api()
    during = api(post(GOOD, idempotency_key="order-4711"))[0]
    queued = len(api.edge.queued)
    api.edge.faults.clear()
    api.wait(RETRY_AFTER_SECONDS)

    after = api(post(GOOD, idempotency_key="order-4711"))[0]

    assert (during, queued) == (503, 0)
    assert (after, len(api.edge.queued)) == (202, 1)


@pytest.mark.parametrize("operation", ["SendMessageBatch", "GetParametersByPath", "PutObject"])
def test_answers_in_time_while_a_service_is_silent(
    edge: Edge, start_api: Callable[[], Api], operation: str
) -> None:
    """Lambda ends INIT after ten seconds, and a time-out of the function would be a 500."""
    edge.faults[operation] = never_answer
    started = time.monotonic()
    api = start_api()
    ready = time.monotonic()

    status, _ = api(post(GOOD, idempotency_key="order-4711"))

    assert status == 503
    assert ready - started < 2 * INIT_SECONDS
    assert time.monotonic() - ready < FUNCTION_TIMEOUT_SECONDS / 2
    assert api.edge.queued == []


def test_is_out_of_service_where_nothing_listens(edge: Edge, start_api: Callable[[], Api]) -> None:
    """A refused connection, as when a network changes."""
    edge.__exit__()

    assert start_api()(post(GOOD))[0] == 503


@pytest.mark.parametrize("operation", ["SendMessageBatch", "GetParametersByPath"])
def test_a_failure_before_the_first_request_counts_as_nothing_tried(
    edge: Edge, start_api: Callable[[], Api], operation: str
) -> None:
    """The outage is over when the request comes, so nothing keeps it from being taken."""
    edge.faults[operation] = refuse
    api = start_api()
    edge.faults.clear()

    assert api(post(GOOD))[0] == 202


def test_what_was_read_before_a_long_sleep_is_read_again(api: Api) -> None:
    """A provisioned environment may wait for hours; a token deleted meanwhile is refused."""
    api.edge.tokens.clear()
    api.wait(3600)

    assert api(post(GOOD))[0] == 401


def test_the_first_request_makes_one_call(api: Api) -> None:
    """Tokens were read and the queue's connection was opened before, with a whole CPU."""
    api.edge.calls.clear()

    api(post(GOOD))

    assert api.edge.calls == {"SendMessageBatch": 1}


@FAULTS
def test_serves_known_clients_while_ssm_fails(api: Api, fault: Fault) -> None:
    """An outage of SSM does not stop Weir; a token that is not known stays refused."""
    api(post(GOOD))
    api.edge.faults["GetParametersByPath"] = fault

    known = api(post(GOOD))[0]
    unknown = api(post(GOOD, authorization="Bearer guess-5ecret"))[0]

    assert (known, unknown) == (202, 401)


@pytest.mark.parametrize("refused_ids", [{"0"}, {"1", "7"}, {str(n) for n in range(10)}])
def test_promises_only_what_sqs_confirms(api: Api, refused_ids: set[str]) -> None:
    """SendMessageBatch answers 200 even where it took a part, or nothing."""
    api.edge.refused_ids = refused_ids

    _, document = api(post(BATCH, "/messages/timestamped/batch"))

    promised = [item["message_id"] for item in document["results"] if item["http_status"] == 202]
    queued = [entry["MessageAttributes"]["message_id"]["StringValue"] for entry in api.edge.queued]
    assert promised == sorted(queued, key=promised.index)
    assert len(document["results"]) == 25
    assert {item["http_status"] for item in document["results"]} <= {202, 503}


def test_a_refused_single_message_is_no_promise(api: Api) -> None:
    """The queue is there, and still it does not take the message."""
    api.edge.refused_ids = {"0"}
    api.edge.calls.clear()

    assert api(post(GOOD))[0] == 503
    assert api.edge.calls["SendMessageBatch"] == 3


@FAULTS
def test_a_receipt_that_cannot_be_looked_up_is_no_404(api: Api, fault: Fault) -> None:
    """A 404 would say that the message may never have been accepted."""
    api.edge.faults["ListObjectsV2"] = fault
    event = post("", "/messages/email/019bc12b-c62b-7224-8417-f956ac7c599f")
    event |= {"routeKey": "GET /messages/{contract}/{message_id}"}
    event["pathParameters"] = {
        "contract": "email",
        "message_id": "019bc12b-c62b-7224-8417-f956ac7c599f",
    }

    assert api(event)[0] == 503


def test_a_receipt_is_not_looked_up_when_its_time_is_over(api: Api) -> None:
    """A look-up that outlasts the function would end in a 500."""
    look_up = event("validator/get_message")
    look_up["headers"]["authorization"] = f"Bearer {TOKEN}"
    asked: list[EdgeHandler] = []
    api.edge.faults["ListObjectsV2"] = asked.append
    api.leave(CALL_SECONDS - 0.5)

    status, problem = api(look_up)

    assert (status, problem["type"]) == (503, "urn:weir:problem:unavailable")
    assert asked == []


class Clock:
    """A clock that a test sets."""

    now = 1_000.0

    def __call__(self) -> float:
        """Return the time that the test has set."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def client_of(edge: Edge, clock: Clock, api: Api) -> Callable[[str], str | None]:
    """Return what tells a client by its token, over the real client of SSM."""
    ssm = boto3.client("ssm")
    threads = ThreadPoolExecutor(1)
    parameters = TokenParameters(ssm, "/weir/dev/tokens", threads, clock, lambda *_, **__: None)
    store = TokenStore(parameters.read, clock, lambda *_, **__: None)

    def name_of(token: str) -> str | None:
        found = store.identify(token)
        return found.client.name if found else None

    return name_of


def test_a_thousand_guesses_read_ssm_a_few_times(
    edge: Edge, clock: Clock, client_of: Callable[[str], str | None]
) -> None:
    """Within thirty seconds: once at first, and once each ten seconds."""
    for number in range(1_000):
        assert client_of(f"guess-{number}") is None
        clock.now += 0.03

    assert edge.calls["GetParametersByPath"] <= 4


def test_a_new_token_works_in_ten_seconds_and_a_deleted_one_ends_in_five_minutes(
    edge: Edge, clock: Clock, client_of: Callable[[str], str | None]
) -> None:
    """Rotation without downtime, by what SSM says and nothing else."""
    assert client_of(TOKEN) == "acme"
    edge.tokens["globex"] = "new"
    clock.now += 10
    assert client_of("new") == "globex"
    del edge.tokens["acme"]
    clock.now += 300

    assert client_of(TOKEN) is None
    assert client_of("new") == "globex"


def test_gives_up_on_tokens_that_take_too_long(
    edge: Edge, clock: Clock, client_of: Callable[[str], str | None]
) -> None:
    """Page after page, each just in time, would outlast the function."""

    def slowly(handler: EdgeHandler) -> None:
        clock.now += 2
        page = edge.calls["GetParametersByPath"]  # boto3 takes no token twice
        more = b', "NextToken": "%d"' % page if page < 10 else b""
        handler.answer(200, b'{"Parameters": []%s}' % more)

    edge.faults["GetParametersByPath"] = slowly

    with pytest.raises(TokensUnreadableError):
        client_of(TOKEN)
    assert edge.calls["GetParametersByPath"] < 5
