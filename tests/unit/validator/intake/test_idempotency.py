"""Idempotency keys: one id and one body per key, through crashes and races."""

import json
from dataclasses import asdict
from typing import Any, ClassVar, cast

import pytest
from validator.deadline import Deadline
from validator.intake.idempotency import (
    Claim,
    IdempotencyKeys,
    KeyUnclaimedError,
    digest_of,
    idempotency_key,
)
from validator.intake.message_id import uuid7
from validator.problems import ProblemError

from tests.unit.validator.fakes import FAR, AtOnce, Clock, FakeS3, Warnings, refusal

DAY_MS = 86_400_000
NOW_MS = 1_768_472_830_123


class TimeMs:
    """The wall clock, in milliseconds."""

    now = NOW_MS

    def __call__(self) -> int:
        """Return the time that the test has set."""
        return self.now


@pytest.fixture
def s3() -> FakeS3:
    """Return an empty bucket."""
    return FakeS3()


@pytest.fixture
def time_ms() -> TimeMs:
    """Return a wall clock that stands still."""
    return TimeMs()


@pytest.fixture
def keys(s3: FakeS3, time_ms: TimeMs, warn: Warnings) -> IdempotencyKeys:
    """Return the keys of an empty bucket."""
    return IdempotencyKeys(cast("Any", s3), ["bucket"], AtOnce(), time_ms, warn)


def claim(number: int, *digests: str | None, time_ms: int = NOW_MS) -> Claim:
    """Return the claim that a request would make."""
    return Claim(uuid7(time_ms, number), list(digests))


def test_a_first_claim_stands(keys: IdempotencyKeys) -> None:
    """A new key stands for the request that brought it."""
    assert keys.claim("scope", claim(1, "a"), FAR) == claim(1, "a")


def test_a_second_claim_gets_the_first(keys: IdempotencyKeys, time_ms: TimeMs) -> None:
    """The same key gives the same ids for 24 hours."""
    keys.claim("scope", claim(1, "a"), FAR)

    time_ms.now += DAY_MS - 1

    assert keys.claim("scope", claim(2, "a", time_ms=time_ms.now), FAR) == claim(1, "a")


def test_another_scope_is_another_key(keys: IdempotencyKeys) -> None:
    """Clients choose their keys without knowing of each other."""
    keys.claim("acme\nemail\nkey", claim(1, "a"), FAR)

    assert keys.claim("globex\nemail\nkey", claim(2, "a"), FAR) == claim(2, "a")


def test_a_claim_ends_after_a_day(keys: IdempotencyKeys, time_ms: TimeMs, s3: FakeS3) -> None:
    """Then the key stands for whatever it brings next."""
    keys.claim("scope", claim(1, "a"), FAR)
    time_ms.now += DAY_MS

    newer = claim(2, "b", time_ms=time_ms.now)

    assert keys.claim("scope", newer, FAR) == newer
    assert keys.claim("scope", claim(3, "b", time_ms=time_ms.now), FAR) == newer
    assert len(s3.objects) == 1


def test_one_of_two_who_replace_an_old_claim_wins(
    keys: IdempotencyKeys, time_ms: TimeMs, s3: FakeS3
) -> None:
    """Between reading the old claim and replacing it, another request may have done so."""
    keys.claim("scope", claim(1, "a"), FAR)
    time_ms.now += DAY_MS
    rival = claim(2, "a", time_ms=time_ms.now)

    def replaced_meanwhile(operation: str) -> None:
        if operation == "get":
            s3.after = lambda _: None
            ((_, object_key),) = s3.objects
            s3.put_object(Bucket="bucket", Key=object_key, Body=json.dumps(asdict(rival)).encode())

    s3.after = replaced_meanwhile

    assert keys.claim("scope", claim(3, "a", time_ms=time_ms.now), FAR) == rival


class TestAcrossReleases:
    """0.1.0 looks in the message bucket alone, this release in both, and a later one in its own."""

    OLD: ClassVar = ["messages"]
    BOTH: ClassVar = ["messages", "keys"]
    NEW: ClassVar = ["keys"]

    @pytest.mark.parametrize(
        ("first", "second"), [(OLD, BOTH), (BOTH, OLD), (BOTH, NEW), (NEW, BOTH), (BOTH, BOTH)]
    )
    def test_a_retry_gets_the_first_claim(
        self, s3: FakeS3, time_ms: TimeMs, warn: Warnings, first: list[str], second: list[str]
    ) -> None:
        """A key that is retried across a deployment, or across a rollback, is still one message."""
        before, after = (release(s3, names, time_ms, warn) for names in (first, second))
        before.claim("scope", claim(1, "a"), FAR)

        time_ms.now += DAY_MS - 1

        assert after.claim("scope", claim(2, "a", time_ms=time_ms.now), FAR) == claim(1, "a")
        assert before.claim("scope", claim(3, "a", time_ms=time_ms.now), FAR) == claim(1, "a")

    def test_what_one_release_completes_the_other_keeps(
        self, s3: FakeS3, time_ms: TimeMs, warn: Warnings
    ) -> None:
        """An item of a batch that was corrected has one body from then on."""
        old, both = (release(s3, names, time_ms, warn) for names in (self.OLD, self.BOTH))
        both.claim("scope", claim(1, "a", None), FAR)
        old.claim("scope", claim(2, "a", "b"), FAR)

        assert both.claim("scope", claim(3, "a", "c"), FAR) == claim(1, "a", "b")

    def test_a_crash_between_the_buckets_leaves_one_claim(
        self, s3: FakeS3, time_ms: TimeMs, warn: Warnings
    ) -> None:
        """Whoever retries, wherever it looks, gets what was claimed first."""
        old, both = (release(s3, names, time_ms, warn) for names in (self.OLD, self.BOTH))

        def die(_: str) -> None:
            if len(s3.objects) == 1:
                raise refusal("InternalError")

        s3.before = die
        with pytest.raises(KeyUnclaimedError):
            both.claim("scope", claim(1, "a"), FAR)
        s3.before = lambda _: None

        assert both.claim("scope", claim(2, "a"), FAR) == claim(1, "a")
        assert old.claim("scope", claim(3, "a"), FAR) == claim(1, "a")


def release(s3: FakeS3, names: list[str], time_ms: TimeMs, warn: Warnings) -> IdempotencyKeys:
    """Return the keys of a release that keeps them in the buckets *names*."""
    return IdempotencyKeys(cast("Any", s3), names, AtOnce(), time_ms, warn)


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError", "SlowDown"])
def test_claims_nothing_while_s3_fails(
    keys: IdempotencyKeys, s3: FakeS3, warn: Warnings, code: str
) -> None:
    """Queueing without a marker could store a message twice."""

    def fail(_: str) -> None:
        raise refusal(code)

    s3.before = fail

    with pytest.raises(KeyUnclaimedError):
        keys.claim("scope", claim(1, "a"), FAR)
    assert warn == [{"message": "idempotency key not claimed", "error_code": code}]


@pytest.mark.parametrize("marker", [b"", b"[]", b"{}", b'{"seed": ""}', b"\xff"])
def test_claims_nothing_by_a_marker_that_is_none(
    keys: IdempotencyKeys, s3: FakeS3, marker: bytes
) -> None:
    """Whoever else writes there must not cause a 500."""
    keys.claim("scope", claim(1, "a"), FAR)
    ((_, object_key),) = s3.objects
    s3.put_object(Bucket="bucket", Key=object_key, Body=marker)

    with pytest.raises(KeyUnclaimedError):
        keys.claim("scope", claim(2, "a"), FAR)


def test_gives_up_a_race_that_never_ends(keys: IdempotencyKeys, s3: FakeS3) -> None:
    """S3 may answer with a conflict again and again (409 ConditionalRequestConflict)."""

    def conflict(operation: str) -> None:
        if operation == "put":
            raise refusal("ConditionalRequestConflict")

    keys.claim("scope", claim(1, "a", time_ms=0), FAR)
    s3.before = conflict

    with pytest.raises(KeyUnclaimedError):
        keys.claim("scope", claim(2, "a"), FAR)


def test_tries_again_while_another_write_of_a_new_key_is_under_way(
    keys: IdempotencyKeys, s3: FakeS3
) -> None:
    """S3's 409 comes before there is anything to read."""
    conflicts = iter([refusal("ConditionalRequestConflict")] * 3)

    def conflict_thrice(operation: str) -> None:
        if operation == "put" and (error := next(conflicts, None)):
            raise error

    s3.before = conflict_thrice

    assert keys.claim("scope", claim(1, "a"), FAR) == claim(1, "a")


def test_starts_no_call_that_could_outlast_the_function(
    keys: IdempotencyKeys, s3: FakeS3, clock: Clock
) -> None:
    """S3 that answers slowly, again and again, must not end in a time-out of the function."""
    keys.claim("scope", claim(1, "a", time_ms=0), FAR)
    started = clock.now

    def slowly(operation: str) -> None:
        clock.now += 4
        if operation == "put":
            raise refusal("PreconditionFailed")

    s3.before = slowly

    with pytest.raises(KeyUnclaimedError):
        keys.claim("scope", claim(2, "a"), Deadline(clock.now + 15, clock))
    assert clock.now - started <= 15


def test_a_key_stands_for_each_item_by_itself() -> None:
    """What was queued keeps its id; another item, or one more, is another message."""
    standing = claim(1, "a", "b")

    assert standing.message_id(0, "a") == standing.message_id(0, "a") is not None
    assert standing.message_id(0, "b") is None
    assert standing.message_id(2, "c") is None


def test_an_item_that_was_invalid_may_be_mended_once_under_its_key(keys: IdempotencyKeys) -> None:
    """A batch is sent again item by item; what it was corrected to is what the key stands for."""
    keys.claim("scope", claim(1, "a", None), FAR)

    corrected = keys.claim("scope", claim(2, "a", "c"), FAR)
    again = keys.claim("scope", claim(3, "a", "d", "e"), FAR)

    assert corrected == again == claim(1, "a", "c")


def test_a_digest_tells_neither_key_nor_text() -> None:
    """Equal short texts of two clients must not look equal in the bucket."""
    assert digest_of("acme", "text") != digest_of("globex", "text")


@pytest.mark.parametrize("header", ["k", "~" * 255, "order-4711!"])
def test_takes_any_visible_ascii_for_a_key(header: str) -> None:
    """A sender's own number of an order is a good key."""
    assert idempotency_key(header) == header


def test_a_request_needs_no_key() -> None:
    """The header is optional."""
    assert idempotency_key(None) is None


@pytest.mark.parametrize("header", ["", " ", "a b", "x" * 256, "a\n", "k\u00e9y", "\x7f"])
def test_refuses_a_key_that_is_not_plain_text(header: str) -> None:
    """A key of any other form would not survive every proxy on the way."""
    with pytest.raises(ProblemError, match="invalid-idempotency-key"):
        idempotency_key(header)
