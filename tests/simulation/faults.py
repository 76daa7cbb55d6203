"""Single faults of the data path, as data: each is planted alone, and must be found.

`make simulation-faults` plants each in turn and runs worlds until one breaks a promise. Where no
world sees a fault soon, *unit* names the test that does.
"""

from dataclasses import dataclass

_VALIDATOR = "functions/validator/validator/"
_UPLOADER = "functions/uploader/uploader/"
_REPLAY = "operations/replay/"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: in *file*, *old* becomes *new*."""

    name: str
    file: str
    old: str
    new: str
    why: str
    unit: str = ""


def _of(
    file: str, *faults: tuple[str, str, str, str] | tuple[str, str, str, str, str]
) -> list[Fault]:
    return [Fault(name, file, old, new, why, *unit) for name, old, new, why, *unit in faults]


FAULTS = [
    *_of(
        _VALIDATOR + "settings.py",
        (
            "keys-where-only-this-release-looks",
            "key_bucket_names=buckets if also else buckets[1:]",
            "key_bucket_names=buckets[1:]",
            "0.1.0 answers beside this release, and looks in the message bucket alone",
        ),
    ),
    *_of(
        _VALIDATOR + "intake/queue.py",
        (
            "all-entries-confirmed",
            '{entry.get("Id") for entry in answer.get("Successful", ())}',
            "{str(index) for index in range(len(messages))}",
            "SQS answers 200 and refuses single entries",
        ),
        (
            "unreached-queue-confirms",
            "                    failed = True\n                    continue",
            "                    confirmed |= {each.message_id for each in pack}\n"
            "                    continue",
            "an answer that is lost may mean that nothing was sent",
        ),
        (
            "slow-queue-confirms",
            'self.warn("queue too slow")\n                    failed = True',
            'self.warn("queue too slow")\n'
            "                    return Sent({each.message_id for each in messages}, 0)",
            "what was never tried is not queued",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "entries-matched-backwards",
            "for index, message in enumerate(messages) if str(index) in taken",
            "for index, message in enumerate(reversed(messages)) if str(index) in taken",
            "SQS names entries by the ids that the request gave",
        ),
        (
            "eleven-entries",
            "_MAX_ENTRIES = 10 ",
            "_MAX_ENTRIES = 11 ",
            "SQS refuses more than ten, and with them all",
        ),
        (
            "packs-of-any-size",
            "or batch_bytes + size_bytes > MAX_BYTES",
            "",
            "SQS refuses calls above 1 MiB as a whole",
        ),
        (
            "last-pack-forgotten",
            "    if batch:\n        yield batch",
            "    if len(batch) == _MAX_ENTRIES:\n        yield batch",
            "the pack that is not full is never sent",
        ),
        (
            "answer-of-another-pack",
            "pack, attempt = under_way.pop(future)",
            "pack, attempt = under_way.pop(next(iter(under_way)))",
            "calls that run at once end in any order",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "last-answer-counts",
            "confirmed |= taken",
            "confirmed = taken",
            "each of a batch's calls confirms its own messages",
        ),
        (
            "silent-call-waited-for",
            "taken = future.result(seconds)",
            "taken = future.result()",
            "a call without an end must not hold the request",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "tried-too-often",
            "if rest and attempt + 1 < len(_PAUSES_SECONDS):",
            "if rest:",
            "there are three attempts and no pause for a fourth",
        ),
        (
            "refused-entries-given-up",
            "rest = [message for message in pack if message.message_id not in taken]",
            "rest: list[Message] = []",
            "SQS refuses single entries for a moment, and takes them a moment later",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "calls-after-a-failure",
            "len(under_way) < _CALLS_AT_ONCE and not failed:",
            "len(under_way) < _CALLS_AT_ONCE:",
            "an SQS that is down gets no further calls",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "unconfirmed-is-not-counted",
            "unconfirmed += 0 if _is_refusal(error) else len(pack)",
            "unconfirmed += 0 if _is_refusal(error) else 0",
            "a message that may be in the queue must show in the ledger",
            "tests/unit/validator/intake/test_queue.py",
        ),
        (
            "refused-is-unconfirmed",
            "unconfirmed += 0 if _is_refusal(error) else len(pack)",
            "unconfirmed += len(pack)",
            "what SQS has refused is in no queue",
            "tests/unit/validator/intake/test_queue.py",
        ),
    ),
    *_of(
        _VALIDATOR + "intake/intake.py",
        (
            "some-confirmed-is-all-confirmed",
            "and outcome.message_id not in confirmed",
            "and not confirmed",
            "each message is queued or not by itself",
        ),
        (
            "scope-without-client",
            'f"{sender}\\n{contract}\\n{key}"',
            'f"{contract}\\n{key}"',
            "two senders may use the same key",
        ),
        (
            "scope-without-contract",
            'f"{sender}\\n{contract}\\n{key}"',
            'f"{sender}\\n{key}"',
            "one sender may use a key once for each contract",
        ),
        (
            "unclaimed-key-queues-all-the-same",
            "return [problem if isinstance(each, Message) else each for each in outcomes]",
            "return list(outcomes)",
            "the retry would get another id, and be stored twice",
        ),
        (
            "delivery-by-its-body",
            'digest_of(scope, "" if is_delivery else outcome.body)',
            "digest_of(scope, outcome.body)",
            "a delivery is the same whatever its body",
        ),
        (
            "digest-of-the-id",
            'digest_of(scope, "" if is_delivery else outcome.body)',
            "digest_of(scope, outcome.message_id)",
            "the same body must be known again",
        ),
        (
            "key-only-where-all-is-valid",
            "if not any(digests)",
            "if not all(digests)",
            "a batch with one invalid item has a key as well",
        ),
        (
            "claim-of-the-next-item",
            "for index, (outcome, digest) in enumerate(zip(outcomes, digests, strict=True))",
            "for index, (outcome, digest) in enumerate(zip(outcomes, digests, strict=True), 1)",
            "each place in a batch has a digest of its own",
        ),
        (
            "items-without-an-end",
            "if not deadline.allows_call():",
            "if deadline.ends_at < 0:",
            "a batch that is slow to read must not outlast the function",
            "tests/unit/validator/intake/test_intake.py",
        ),
        (
            "text-with-line-breaks",
            "body = item.value.message_text()",
            "body = item.value.text",
            "SQS refuses U+FFFE, and a message is one line",
        ),
        (
            "ambiguous-json-taken",
            "    item.value.refuse_ambiguity()\n",
            "",
            "two members of one name mean different things to different readers",
        ),
        (
            "contract-not-checked-after-the-first",
            "faults, count = faults_of(model, body, item.pointer, limit)",
            "faults, count = ([], 0) if len(body) > 130 else faults_of("
            "model, body, item.pointer, limit)",
            "a long message must satisfy its contract too",
            "tests/unit/validator/intake/test_intake.py",
        ),
    ),
    *_of(
        _VALIDATOR + "intake/idempotency.py",
        (
            "a-key-for-two-hours",
            "_DAY_MS = 24 * 60",
            "_DAY_MS = 2 * 60",
            "the same key gives the same id for a day",
        ),
        (
            "a-key-for-two-days",
            "_DAY_MS = 24 * 60",
            "_DAY_MS = 48 * 60",
            "a day later a key may stand for another message",
        ),
        (
            "corrected-item-not-kept",
            "fresh if is_over else standing.completed(fresh)",
            "fresh if is_over else standing",
            "an item that was invalid at first has no digest yet",
        ),
        (
            "newer-body-wins",
            "[known or valid_now for known, valid_now in pairs]",
            "[valid_now or known for known, valid_now in pairs]",
            "a key stands for the first body",
        ),
        (
            "claims-of-two-buckets",
            "fresh = self._claim_at(place, fresh, deadline, days)",
            "_ = self._claim_at(place, fresh, deadline, days)",
            "the claim that stands gives the ids, wherever it was found",
        ),
        (
            "claim-overwritten",
            "self._put(place, claim, deadline, IfMatch=etag)",
            "self._put(place, claim, deadline)",
            "two requests may complete a claim at once",
        ),
        (
            "claim-made-each-time",
            'self._put(place, fresh, deadline, IfNoneMatch="*")',
            "self._put(place, fresh, deadline)",
            "the first claim stands",
        ),
        (
            "refused-write-is-a-claim",
            "                return False\n            raise\n",
            "                return False\n",
            "S3 has kept nothing, so the retry gets another id",
        ),
        (
            "unreadable-claim-replaced",
            "            raise KeyUnclaimedError from error\n",
            "            return fresh\n",
            "the key may stand for an earlier message",
        ),
        (
            "any-body-under-a-key",
            "if self.digests[index : index + 1] != [digest]:",
            "if not self.digests[index : index + 1]:",
            "a key stands for one body in each place",
        ),
        (
            "ids-without-place",
            "derived_uuid7(self.seed, index, digest)",
            "derived_uuid7(self.seed, 0, digest)",
            "two equal items of a batch are two messages",
        ),
        (
            "marker-named-by-key-alone",
            "sha256(scope.encode()).hexdigest()}.json",
            'sha256(scope.rpartition("\\n")[2].encode()).hexdigest()}.json',
            "the marker of another sender would stand in the way",
        ),
        (
            "no-deadline-for-claims",
            'if not deadline.allows_call():\n            self.warn("idempotency key too slow")',
            'if deadline.ends_at < 0:\n            self.warn("idempotency key too slow")',
            "a silent S3 outlasts the function",
            "tests/unit/validator/intake/test_idempotency.py",
        ),
        (
            "race-lost-for-good",
            "_ATTEMPTS = 4",
            "_ATTEMPTS = 1",
            "who loses the race tries again, or answers 503 for no reason",
            "tests/unit/validator/intake/test_idempotency.py",
        ),
    ),
    *_of(
        _VALIDATOR + "intake/message.py",
        (
            "client-and-contract-swapped",
            '": self.contract,\n            "client": self.client,',
            '": self.client,\n            "client": self.contract,',
            "the uploader stores by contract",
        ),
        (
            "location-of-another-place",
            'f"/messages/{self.contract}/{self.message_id}"',
            'f"/messages/{self.message_id}"',
            "the receipt is looked up where Location says",
        ),
        (
            "location-in-batches",
            'if self.layout != "message":',
            "if not self.layout:",
            "no look-up finds a message in a batch",
        ),
        (
            "context-left-out",
            '            **({"context": self.context} if self.context else {}),\n',
            "",
            "what is beside a webhook or an event is kept",
        ),
        (
            "layout-left-out",
            '            "layout": self.layout,\n',
            "",
            "the uploader knows no contract but by what comes with the message",
        ),
        (
            "size-without-attributes",
            "texts = [self.body, *attributes, *attributes.values(), _STRING * len(attributes)]",
            "texts = [self.body]",
            "SQS counts attributes too, and refuses what is one byte too large",
            "tests/unit/validator/intake/test_message.py",
        ),
    ),
    *_of(
        _VALIDATOR + "intake/json_text.py",
        (
            "ufffe-sent",
            '"\\ufffe": "\\\\ufffe", ',
            "",
            "SQS refuses the whole call for this character",
        ),
        (
            "tabs-kept",
            '"\\t": None, ',
            "",
            "what is stored is the text without tabs between tokens",
        ),
    ),
    *_of(
        _VALIDATOR + "deadline.py",
        (
            "deadline-without-the-call",
            "self.clock() + CALL_SECONDS <= self.ends_at",
            "self.clock() <= self.ends_at",
            "a call that starts in time may end too late",
            "tests/unit/validator/test_deadline.py",
        ),
    ),
    *_of(
        _VALIDATOR + "http/answers.py",
        (
            "partly-queued-is-202",
            "202 if queued == len(outcomes) else 207",
            "202",
            "a sender that looks at the status alone would drop the rest",
        ),
        (
            "accepted-items-first",
            "enumerate(outcomes)]\n    queued",
            "enumerate(sorted(outcomes, key=lambda each: isinstance(each, ProblemError)))]\n"
            "    queued",
            "results are told apart by their place",
        ),
        (
            "refused-item-looks-accepted",
            '"http_status": outcome.kind.status',
            '"http_status": 202',
            "an item that is refused is promised to nobody",
        ),
    ),
    *_of(
        _VALIDATOR + "http/submission.py",
        (
            "last-line-lost",
            'raw.split(b"\\n"):',
            'raw.split(b"\\n")[:-1]:',
            "a body may end without a line break",
        ),
    ),
    *_of(
        _VALIDATOR + "handler.py",
        (
            "few-random-bits",
            "secrets.randbits(74)",
            "secrets.randbits(3)",
            "messages of one millisecond need ids of their own",
        ),
        (
            "no-time-to-answer",
            "ANSWER_SECONDS = 1.0",
            "ANSWER_SECONDS = -20.0",
            "a silent service must not hold the request past the time-out",
        ),
        (
            "milliseconds-of-another-kind",
            "time.time_ns() // 1_000_000",
            "time.time_ns() // 1_000",
            "the id carries the time of receipt",
        ),
    ),
    *_of(
        _VALIDATOR + "tokens/access.py",
        (
            "two-tokens-that-differ",
            "if body_token is not None and digest_of(",
            'if body_token == "" and digest_of(',
            "both tokens must be right",
        ),
        (
            "suspended-client-sends",
            "    if client.is_suspended:\n",
            "    if client.is_suspended and not client.tokens:\n",
            "a suspended client gets 403",
        ),
        (
            "expired-token-sends",
            "    if identity.is_expired:\n",
            "    if identity.is_expired and client.is_suspended:\n",
            "an expired token gets 401",
        ),
        (
            "contract-not-asked-for",
            "if not client.may(right, contract):",
            "if not client.may(right, None):",
            "a client may be limited to contracts",
        ),
    ),
    *_of(
        _VALIDATOR + "tokens/store.py",
        (
            "new-token-not-looked-for",
            "found = self._match(shown) or self._match_again(shown)",
            "found = self._match(shown)",
            "a new token works within ten seconds",
        ),
        (
            "deleted-token-lives-on",
            "TIME_TO_LIVE_SECONDS = 240.0",
            "TIME_TO_LIVE_SECONDS = 240_000.0",
            "a deleted token ends within five minutes",
        ),
        (
            "unread-tokens-are-none",
            "            raise TokensUnreadableError\n        found",
            "            return None\n        found",
            "401 makes a sender drop what 503 makes it send again",
        ),
        (
            "first-client-only",
            "        for client in self._clients or ():  #",
            "        for client in (self._clients or ())[:1]:  #",
            "every client is known by its own token",
        ),
        (
            "expiry-as-of-the-last-read",
            "token.expires_at <= self.clock()",
            "token.expires_at <= self._read_at",
            "a token ends at its second, and not when SSM is read again",
        ),
        (
            "guesses-read-each-time",
            "self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)",
            "self._pause = 0.0",
            "a flood of guesses would use up SSM's quota",
            "tests/unit/validator/tokens/test_store.py",
        ),
        (
            "ten-days-without-ssm",
            "OLDEST_SECONDS = 24 * 3600.0",
            "OLDEST_SECONDS = 240 * 3600.0",
            "a deleted token would be served for as long as SSM is out",
            "tests/unit/validator/tokens/test_store.py",
        ),
    ),
    *_of(
        _VALIDATOR + "tokens/entry.py",
        (
            "every-contract",
            "return fits and right in self.rights",
            "return right in self.rights",
            "a client may be limited to contracts",
        ),
        (
            "every-right",
            "return fits and right in self.rights",
            "return fits",
            "a client that may only look up cannot send",
        ),
        (
            "misspelled-limit-is-none",
            "RIGHTS.issuperset(rights) and not others:",
            "RIGHTS.issuperset(rights):",
            "a member that nobody knows may be a limit that is misspelled",
        ),
        (
            "token-of-a-sender-in-plain",
            "if token and client in _PLAYED_BY_WEIR and not sha256:",
            "if token and not sha256:",
            "who reads SSM must not find the tokens of senders",
            "tests/unit/validator/tokens/test_entry.py",
        ),
        (
            "second-token-ignored",
            "known = tuple(_token(name, **token) for token in tokens)",
            "known = tuple(_token(name, **token) for token in tokens[:1])",
            "two tokens are right while a client rotates",
        ),
        (
            "broken-entry-is-a-token",
            "    raise BrokenEntryError\n\n\ndef digest_of",
            '    return Client(name, (Token(digest_of("token-of-broken"), inf),))\n'
            "\n\ndef digest_of",
            "a broken entry locks its client out",
        ),
    ),
    *_of(
        _VALIDATOR + "tokens/parameters.py",
        (
            "broken-entry-breaks-all",
            'self.warn("client entry broken", client=name)\n            return None',
            'self.warn("client entry broken", client=name)\n'
            "            raise TokensUnreadableError",
            "a broken entry locks out its client alone",
        ),
        (
            "any-client-name",
            "if not is_client_name(name):",
            "if not name:",
            "the uploader would send what the client sends to quarantine",
            "tests/unit/validator/tokens/test_parameters.py",
        ),
        (
            "first-page-only",
            '            if "NextToken" in page and self',
            '            break\n            if "NextToken" in page and self',
            "SSM may give pages that are short, or empty",
        ),
        (
            "half-read-tokens",
            "            raise TokensUnreadableError from error\n",
            "            return tokens\n",
            "the client on the page that failed gets 401",
        ),
    ),
    *_of(
        _VALIDATOR + "receipts.py",
        (
            "hours-of-a-clock-face",
            "hour={moment:%H}",
            "hour={moment:%I}",
            "the receipt is looked for where the uploader stores",
        ),
        (
            "unreachable-store-is-empty",
            'raise unavailable("The store cannot be asked now.") from error',
            "return None",
            "not stored and not known are not the same",
        ),
    ),
    *_of(
        _VALIDATOR + "aws.py",
        (
            "calls-without-an-end",
            "return future.result(CALL_SECONDS)",
            "return future.result()",
            "eight silent addresses of one name outlast the function",
        ),
        (
            "abandoned-call-begins-later",
            "        future.cancel()  # if every thread",
            "        pass  # if every thread",
            "a call that nobody waits for must not begin",
            "tests/unit/validator/test_aws.py",
        ),
    ),
    *_of(
        _UPLOADER + "bucket.py",
        (
            "conflict-is-a-duplicate",
            "if status == 412:",
            "if status in (409, 412):",
            "409 says that another write is under way, not that it ended well",
        ),
        (
            "overwrite",
            '            "IfNoneMatch": "*",\n',
            "",
            "a key is written once",
        ),
        (
            "no-answer-is-stored",
            "raise PassingError(type(error).__name__) from error",
            "return True",
            "a write without an answer may not have happened",
        ),
        (
            "checksum-of-something-else",
            "crc32(write.body)",
            "crc32(write.body, 1)",
            "S3 refuses a body that does not match its checksum",
        ),
    ),
    *_of(
        _UPLOADER + "aws.py",
        (
            "closed-connection-is-an-answer",
            "    except ConnectionClosedError:\n        return method(**request)",
            "    except ConnectionClosedError:\n        return {}",
            "a connection that closes says nothing",
        ),
    ),
    *_of(
        _UPLOADER + "failures.py",
        (
            "refused-write-is-passing",
            "if status in {301, 307, 401, 403, 404} or key_is_off:",
            "if status in {301, 307} or key_is_off:",
            "only a person can help, so Lambda must back off",
            "tests/unit/uploader/test_failures.py",
        ),
        (
            "hours-of-pause",
            "min(LONGEST_DELAY_SECONDS, 2 ** min(receive_count, 10))",
            "2 ** min(receive_count, 15)",
            "what an outage held up is stored within half an hour after it",
            "tests/unit/uploader/test_failures.py",
        ),
        (
            "no-pause",
            "return max(1, round(uniform(0, ceiling)))",
            "return 0 * ceiling",
            "receives are used up within minutes",
            "tests/unit/uploader/test_failures.py",
        ),
    ),
    *_of(
        _UPLOADER + "handler.py",
        (
            "first-failure-forgotten",
            "for record in failed]",
            "for record in failed[1:]]",
            "a record that is not reported is deleted",
        ),
        (
            "failure-of-all-reported-as-none",
            "    if outcome.error:\n        raise outcome.error\n",
            "    if outcome.error:\n        failed = []\n",
            "an invocation that ends well deletes the batch",
        ),
        (
            "last-ten-reported",
            "for record in failed]",
            "for record in failed[-10:]]",
            "every failure is reported, however many there are",
            "tests/faults/test_uploader_outages.py",
        ),
        (
            "no-time-kept-back",
            "RESERVE_SECONDS = 3.0",
            "RESERVE_SECONDS = -30.0",
            "a call that drips must not hold the function past its time-out",
        ),
    ),
    *_of(
        _UPLOADER + "store.py",
        (
            "unfinished-is-done",
            "failed = dict.fromkeys(records, str(error) if error else OUT_OF_TIME)",
            "failed = dict.fromkeys("
            "[each for one in attempts for each in one.write.records], OUT_OF_TIME)",
            "what never finished is not stored",
        ),
        (
            "quarantine-forgets",
            "quarantined.append(quarantine_object(record, error.reason))",
            "_ = quarantine_object(record, error.reason)",
            "a record that is not a message must leave the queue",
        ),
        (
            "quarantine-acknowledges-only",
            "    return quarantined + objects_of(messages, default_layout)",
            "    return quarantined[:1] + objects_of(messages, default_layout)",
            "every such record is kept",
        ),
        (
            "passing-failure-is-stored",
            "return Attempt(write, time.perf_counter() - start, failure=failure)",
            "return Attempt(write, time.perf_counter() - start, is_new=bool(failure))",
            "a write that failed stored nothing",
        ),
    ),
    *_of(
        _UPLOADER + "workers.py",
        (
            "waits-for-ever",
            "timeout=seconds",
            "timeout=None",
            "a call that drips must not hold the function past its time-out",
        ),
        (
            "waits-at-the-end",
            "pool.shutdown(wait=False",
            "pool.shutdown(wait=True",
            "threads that hang are left behind",
        ),
    ),
    *_of(
        _UPLOADER + "objects.py",
        (
            "key-of-the-delivery",
            '{_compact(message.received_at)}_{message.message_id}.json"',
            '{_compact(message.record.sent_at)}_{message.message_id}.json"',
            "each delivery must find the same key",
        ),
        (
            "batch-named-by-its-first",
            'hashlib.sha256("".join(unique).encode())',
            "hashlib.sha256(messages[0].message_id.encode())",
            "another batch that begins alike would count as stored",
        ),
        (
            "batch-named-by-its-size",
            'hashlib.sha256("".join(unique).encode())',
            "hashlib.sha256(str(len(unique)).encode())",
            "another batch of that millisecond would count as stored",
        ),
        (
            "message-twice-in-a-batch",
            'lines = b"".join(_envelope(message) for message in unique.values())',
            'lines = b"".join(_envelope(message) for message in messages)',
            "an object holds each message once",
        ),
        (
            "hours-mixed",
            "partitions = groupby(ordered, key=_partition)",
            "partitions = groupby(ordered, key=lambda _: _partition(ordered[0]))",
            "a message is found in the partition of its own contract and hour",
        ),
        (
            "layout-ignored",
            "StorageLayout(message.layout or default)",
            "StorageLayout(default)",
            "a message is stored in the layout that its contract names",
        ),
        (
            "layout-of-the-first",
            "StorageLayout(message.layout or default)",
            "StorageLayout(next(iter(messages)).layout or default)",
            "one batch mixes contracts of both layouts",
        ),
        (
            "seconds-only",
            'isoformat(timespec="milliseconds")',
            'isoformat(timespec="seconds")',
            "received_at is the id's time",
        ),
        (
            "quarantine-key-without-id",
            "_{record.sqs_id}.txt",
            ".txt",
            "two records of one moment are two objects",
        ),
        (
            "quarantine-without-bytes",
            'body=record.body.encode(errors="surrogatepass"),',
            'body=record.body.strip("{}").encode(errors="surrogatepass"),',
            "quarantine keeps the bytes",
        ),
        (
            "context-not-stored",
            '        **({"context": message.context} if message.context else {}),\n',
            "",
            "what is beside a webhook or an event is kept",
        ),
        (
            "quarantine-without-attributes",
            '"message_attributes": attributes',
            '"message_attributes": json.dumps({})',
            "what is replayed is what was sent",
        ),
        (
            "unsorted-batch",
            "key=lambda message: (message.contract, message.message_id))",
            "key=lambda message: message.contract)",
            "the same batch in another order is the same object",
            "tests/unit/uploader/test_objects.py",
        ),
    ),
    *_of(
        _UPLOADER + "message.py",
        (
            "digits-lost",
            "    return text\n",
            "    return json.dumps(json.loads(body)).encode()\n",
            "what is stored is what was sent, digit by digit",
        ),
        (
            "not-a-number",
            ", parse_constant=_not_json)",
            ")",
            "NaN is not JSON",
        ),
        (
            "arrays-are-messages",
            "    if not isinstance(value, dict):\n",
            "    if not isinstance(value, dict | list):\n",
            "a message is an object",
        ),
        (
            "any-version",
            '"contract_version": re.compile(r"[1-9]',
            '"contract_version": re.compile(r"[0-9]',
            "what the validator never sends goes to quarantine",
        ),
        (
            "any-client",
            '"client": re.compile(r"[a-z0-9][a-z0-9-]{0,62}")',
            '"client": re.compile(r".{1,63}")',
            "what the validator never sends goes to quarantine",
        ),
        (
            "any-contract",
            '"contract": re.compile(r"[a-z0-9](-?[a-z0-9]){0,99}")',
            '"contract": re.compile(r".{1,99}")',
            "what the validator never sends goes to quarantine",
        ),
        (
            "any-layout",
            '"layout": re.compile("(message|batch)?")',
            '"layout": re.compile(".*")',
            "what the validator never sends goes to quarantine",
        ),
        (
            "no-layout-is-foreign",
            '"layout": re.compile("(message|batch)?")',
            '"layout": re.compile("message|batch")',
            "the validator of the release before names none",
        ),
        (
            "any-uuid",
            "-7[0-9a-f]{3}-",
            "-[0-9a-f]{4}-",
            "only a UUIDv7 carries its time",
        ),
        (
            "valid-is-foreign",
            '"contract": re.compile(r"[a-z0-9](-?[a-z0-9]){0,99}")',
            '"contract": re.compile(r"[a-z0-9]{1,99}")',
            "contracts may have a hyphen in their names",
        ),
    ),
    *_of(
        _REPLAY + "replay.py",
        (
            "removed-before-sent",
            "        outgoing = candidate.load()\n",
            "        outgoing = candidate.load()\n        candidate.discard()\n",
            "a crash between the two loses the message",
        ),
        (
            "sent-without-attributes",
            "MessageAttributes=outgoing.attributes,",
            "MessageAttributes={},",
            "the uploader would not know it for a message",
        ),
    ),
    *_of(
        _REPLAY + "dead_letters.py",
        (
            "attributes-not-asked-for",
            '            MessageAttributeNames=["All"],\n',
            "",
            "SQS gives the attributes that are asked for, and no others",
        ),
        (
            "letters-stay-hidden",
            "VisibilityTimeout=0",
            "VisibilityTimeout=43_000",
            "after a look the letters are there again",
        ),
        (
            "first-page-of-letters",
            "            if all(seen):\n                break",
            "            break",
            "a page holds ten letters at most, and maybe fewer",
        ),
    ),
    *_of(
        _REPLAY + "quarantine.py",
        (
            "binary-attributes-garbled",
            'b64decode(attribute["binaryValue"])',
            'attribute["binaryValue"].encode()',
            "what is replayed is what was sent",
        ),
        (
            "type-of-an-attribute-lost",
            'return {"DataType": attribute["dataType"]} | value',
            'return {"DataType": "String"} | value',
            "what is replayed is what was sent",
        ),
    ),
    *_of(
        _REPLAY + "__main__.py",
        (
            "look-that-acts",
            "            if arguments.apply:\n",
            "            if arguments.source:\n",
            "without --apply nothing changes",
        ),
    ),
]
