"""Idempotency keys, kept as S3 objects: for a while the same key gives the same message id.

The marker is written before anything is queued, so a crash between any two steps leaves either no
trace or a marker from which the next try derives the same ids; the uploader then stores one object.
Markers lie in one bucket or in several: then each holds what the bucket before it holds, and the
last one decides. So a release that looks in the first bucket alone, such as 0.1.0, finds them too.
"""

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from ..aws import AWS_ERRORS, error_code, in_time
from ..deadline import Deadline
from ..problems import Kind, ProblemError
from .message_id import derived_uuid7, time_ms_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type _Place = dict[str, Any]  # a marker's bucket and key, as S3 takes them

_DAY_MS = 24 * 60 * 60 * 1000
_ATTEMPTS = 4
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LOST_RACE = {"PreconditionFailed", "412"}
# Another write of the key is under way, so there may be nothing to read yet.
_CONFLICT = {"ConditionalRequestConflict", "OperationAborted", "409"}


def idempotency_key(header: str | None) -> str | None:
    """Return the Idempotency-Key of a *header*; refuse one that is not plain text."""
    if header is not None and not _KEY.fullmatch(header):
        raise ProblemError(
            Kind.INVALID_IDEMPOTENCY_KEY, "Use 1 to 255 visible ASCII characters without spaces."
        )
    return header


class KeyUnclaimedError(Exception):
    """The key could neither be claimed nor read; nothing may be queued under it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The meaning of a key: the seed of its message ids, and a digest of each valid item."""

    seed: str
    digests: list[str | None]

    def completed(self, newer: Self) -> Self:
        """Return the claim with *newer*'s digests of items that were invalid before."""
        pairs = zip_longest(self.digests, newer.digests[: len(self.digests)])
        return replace(self, digests=[known or valid_now for known, valid_now in pairs])

    def message_id(self, index: int, digest: str) -> str | None:
        """Return the id of the item at *index*, or None if the key stands for another item."""
        if self.digests[index : index + 1] != [digest]:
            return None
        # The digest is part of the id, so two different bodies never share one.
        return derived_uuid7(self.seed, index, digest)


@dataclass(eq=False, repr=False)
class IdempotencyKeys:
    """The keys that were used within the last days."""

    s3: "S3Client"
    bucket_names: Sequence[str]
    threads: Executor
    time_ms: Callable[[], int]
    warn: Callable[..., object]

    def claim(self, scope: str, fresh: Claim, deadline: Deadline, days: int = 1) -> Claim:
        """Return the claim that stands for *scope*: *fresh*, or one that is *days* old at most.

        Start no call that could outlast *deadline*.
        """
        object_key = f"idempotency/{sha256(scope.encode()).hexdigest()}.json"
        try:
            for bucket_name in self.bucket_names:
                place = {"Bucket": bucket_name, "Key": object_key}
                fresh = self._claim_at(place, fresh, deadline, days)
        except (*AWS_ERRORS, ValueError, KeyError, TypeError) as error:
            self.warn("idempotency key not claimed", error_code=error_code(error))
            raise KeyUnclaimedError from error
        return fresh

    def _claim_at(self, place: _Place, fresh: Claim, deadline: Deadline, days: int) -> Claim:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if claim := self._try(place, fresh, deadline, days):
                    return claim
            except ClientError as error:
                if error_code(error) not in _CONFLICT or attempt == _ATTEMPTS:
                    raise
        raise KeyUnclaimedError

    def _try(self, place: _Place, fresh: Claim, deadline: Deadline, days: int) -> Claim | None:
        if self._put(place, fresh, deadline, IfNoneMatch="*"):
            return fresh
        standing, etag = self._call(deadline, self._read, place)
        is_over = self.time_ms() - time_ms_of(standing.seed) >= days * _DAY_MS
        claim = fresh if is_over else standing.completed(fresh)
        if claim == standing or self._put(place, claim, deadline, IfMatch=etag):
            return claim
        return None

    def _put(self, place: _Place, claim: Claim, deadline: Deadline, **condition: Any) -> bool:
        body = json.dumps(asdict(claim)).encode()
        marker = {**place, "Body": body, "ContentType": "application/json", **condition}
        try:
            self._call(deadline, self.s3.put_object, **marker)
        except ClientError as error:
            if error_code(error) in _LOST_RACE:
                return False
            raise
        return True

    def _read(self, place: _Place) -> tuple[Claim, str]:
        answer = self.s3.get_object(**place)
        return Claim(**json.loads(answer["Body"].read())), answer["ETag"]

    def _call[**P, R](
        self, deadline: Deadline, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        if not deadline.allows_call():
            self.warn("idempotency key too slow")
            raise KeyUnclaimedError
        return in_time(self.threads, call, *args, **kwargs)


def digest_of(scope: str, text: str) -> str:
    """Return a digest of *text*, in which *scope* keeps a short text from being guessed."""
    return sha256(f"{scope}\n{text}".encode()).hexdigest()
