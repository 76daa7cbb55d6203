"""Hostile bodies: each is refused with a 4xx, or is queued as exactly what was sent."""

import base64
import gc
import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from tests.integration.validator import corpus
from tests.integration.validator.conftest import SECRET, TOKEN, Api, exactly, post

LINUX_PEAK = Path("/proc/self/clear_refs")
BEFORE, AFTER = f'{{"data":{{"email_timestream":"0","s":"{SECRET}","x":', "}}"


def encoded(body: bytes) -> dict[str, Any]:
    """Return the POST of bytes for which there is no text."""
    return post(base64.b64encode(body).decode(), is_base64=True)


def memory_kb(name: str) -> int:
    """Return a figure of this process's memory, as Linux counts it."""
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def test_the_corpus_is_a_corpus() -> None:
    """A list that was cut short by mistake would prove nothing."""
    assert len(corpus.ACCEPTED) > 100
    assert len(corpus.REFUSED) > 140


def test_queues_each_value_as_it_was_sent(api: Api) -> None:
    """As text and as base64, with the token in the header and in the body."""
    for text in corpus.ACCEPTED:
        body = BEFORE + text + AFTER
        with_token = body.replace("{", f'{{"token":"{TOKEN}",', 1)

        answers = [api(post(body)), api(encoded(body.encode())), api(post(with_token))]

        assert [status for status, _ in answers] == [202] * 3, text[:50]
        queued = [entry["MessageBody"] for entry in api.edge.queued[-3:]]
        wanted = exactly(f'{{"email_timestream":"0","s":"{SECRET}","x":{text}}}')
        assert [exactly(body) for body in queued] == [wanted] * 3, text[:50]
    assert len(api.edge.queued) == 3 * len(corpus.ACCEPTED)


@pytest.mark.parametrize("path", ["/messages/timestamped", "/messages/timestamped/batch", "/"])
def test_refuses_what_is_no_json_or_not_safe_to_hand_on(api: Api, path: str) -> None:
    """A 4xx for each, by every route, and nothing in the queue."""
    for text in corpus.REFUSED:
        body = BEFORE + text + AFTER
        if path.endswith("batch"):
            body = body.replace(":{", ":[{", 1).replace("}}", "}]}")

        status, document = api(post(body, path))

        assert status in (400, 413, 422), text[:50]
        assert status == 400 or path.endswith("batch"), (text[:50], document)
    assert api.edge.queued == []


def test_takes_or_refuses_what_is_up_to_the_parser(api: Api) -> None:
    """Either answer is right; a 5xx or a changed value is not."""
    for text in corpus.EITHER:
        status, _ = api(post(BEFORE + text + AFTER))

        assert status in (202, 400), text[:50]
        if status == 202:
            wanted = exactly(f'{{"email_timestream":"0","s":"{SECRET}","x":{text}}}')
            assert exactly(api.edge.queued[-1]["MessageBody"]) == wanted


def test_refuses_bytes_that_are_no_utf_8(api: Api) -> None:
    """There is no text that could be stored for them."""
    for raw in corpus.NOT_UTF8:
        assert api(encoded(BEFORE.encode() + raw + AFTER.encode()))[0] == 400, raw


@pytest.mark.parametrize(
    "path", ["/", "/messages/timestamped", "/messages/email/batch", "/messages/none"]
)
def test_refuses_each_body_that_is_no_message(api: Api, path: str) -> None:
    """Neither size nor form of a body may end in a 5xx."""
    for body in corpus.BODIES:
        sent = post(body, path) if isinstance(body, str) else encoded(body) | {"rawPath": path}

        assert 400 <= api(sent)[0] < 500, repr(body[:30])
    assert api.edge.queued == []


def test_refuses_broken_base64(api: Api) -> None:
    """API Gateway makes none, whoever invokes the function might."""
    for text in corpus.BAD_BASE64:
        assert api(post(text, is_base64=True))[0] == 400, text


@pytest.mark.skipif(not LINUX_PEAK.exists(), reason="only Linux tells the peak of a while")
@pytest.mark.parametrize("name", corpus.BATCHES)
def test_reads_no_more_of_a_batch_than_it_takes(api: Api, name: str) -> None:
    """A function that runs out of its 512 MB is a 500."""
    body = corpus.BATCHES[name]
    kind = "application/json" if body.startswith("{") else "application/x-ndjson"
    event = post(body, "/messages/four-fields/batch", content_type=kind)
    LINUX_PEAK.write_text("5")  # the peak is from here on
    before = memory_kb("VmRSS")

    status, _ = api(event)

    assert 400 <= status < 500
    assert memory_kb("VmHWM") - before < 350 * 1024
    assert api.edge.queued == []


@pytest.mark.parametrize("name", corpus.BATCHES)
@pytest.mark.parametrize("is_client", [True, False])
def test_looks_for_no_garbage_while_it_reads(api: Api, name: str, *, is_client: bool) -> None:
    """Among millions of nested values that takes longer than the time-out, for anybody's body."""
    body = corpus.BATCHES[name]
    kind = "application/json" if body.startswith("{") else "application/x-ndjson"
    event = post(body, "/messages/four-fields/batch", content_type=kind)
    if not is_client:
        del event["headers"]["authorization"]
    looked_at = [0]

    def note(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            looked_at.append(len(gc.get_objects(generation=0)))

    gc.callbacks.append(note)
    try:
        status, _ = api(event)
    finally:
        gc.callbacks.remove(note)

    assert 400 <= status < 500
    assert max(looked_at) < 100_000


@pytest.mark.parametrize("size", [7 * 1024 * 1024, 100 * 1024 * 1024])
def test_stops_inflating_a_bomb(api: Api, size: int) -> None:
    """A hundred kilobytes can be a hundred megabytes."""
    bomb = encoded(gzip.compress(b" " * size))
    bomb["headers"]["content-encoding"] = "gzip"

    assert api(bomb)[0] == 413


def test_a_fault_in_one_item_never_costs_another(api: Api) -> None:
    """Each hostile line of a batch is refused by itself, and each good one is queued."""
    good = '{"email_timestream":"0","x":1}'
    hostile = [text for text in corpus.REFUSED if "\n" not in text and len(text) < 6000][:400]
    lines = [line for text in hostile for line in (f'{{"x":{text}}}', good)]
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    event = encoded(body) | {"rawPath": "/messages/timestamped/batch"}
    event["routeKey"] = "POST /messages/{contract}/batch"
    event["headers"]["content-type"] = "application/x-ndjson"

    status, document = api(event)

    assert status == 207
    assert [result["http_status"] < 300 for result in document["results"]] == [
        False,
        True,
    ] * len(hostile)
    assert [entry["MessageBody"] for entry in api.edge.queued] == [good] * len(hostile)
