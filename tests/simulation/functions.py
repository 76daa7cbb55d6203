"""Lambda: execution environments, invocations, and the poller that empties the queue."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from greenlet import GreenletExit

from .kernel import Actor, Group
from .product import Release
from .sqs import Received

if TYPE_CHECKING:
    from .world import World

_INIT_SECONDS = 10.0
_WARM = 0.8  # how often an idle environment is taken, if there is one


@dataclass(slots=True)
class Result:
    """How an invocation ended: answer, error, killed or timeout."""

    kind: str = ""
    answer: Any = None
    error: BaseException | None = None


class Environment(Group):
    """One execution environment: a release's handler, with clocks of its own."""

    __slots__ = (
        "_end",
        "busy",
        "environment",
        "faulted",
        "handler",
        "invocations",
        "name",
        "release",
        "result",
        "skew",
        "uptime_offset",
    )

    def __init__(self, name: str, release: Release, skew: float, uptime_offset: float) -> None:
        super().__init__()
        self.name = name
        self.release = release
        self.skew = skew  # seconds by which its wall clock is wrong
        self.uptime_offset = uptime_offset
        self.busy = False
        self.faulted = False  # whether anything has ever gone wrong for it
        self.invocations = 0
        self.environment = self  # what a clock looks for in the group of a task
        self.handler: Callable[[Any, Any], Any]
        self.result = Result()
        self._end: Callable[[str], None] = lambda _: None

    def blame(self) -> None:
        """Note that something went wrong for this environment."""
        self.faulted = True

    def die(self, how: str) -> None:
        """End at once."""
        self._end(how)


class Function:
    """One Lambda function with an environment for each invocation that runs."""

    def __init__(
        self,
        world: "World",
        package: str,
        environ: Callable[[], Mapping[str, str]],
        timeout: float,
        releases: Callable[[float], Release],
        warm: float = _WARM,
    ) -> None:
        self.package = package
        self._world = world
        self._environ = environ
        self._timeout = timeout
        self._releases = releases
        self._warm = warm
        self._environments: list[Environment] = []
        self._actor = Actor(package)
        self._count = 0

    def invoke(self, event: Any) -> tuple[Result, Environment]:
        """Run the handler; return how it ended, and where it ran."""
        kernel = self._world.kernel
        environment = self._choose()
        if self._world.refuses_invocation(self._actor.site("invocation")):
            kernel.sleep(1.0)
            return Result("killed"), environment
        environment.busy = True
        if environment not in self._environments:
            result = self._run(environment, "init", self._start, _INIT_SECONDS)
            if result.kind != "answer":
                return result, environment
        environment.invocations += 1
        name = f"{environment.name}.{environment.invocations}"
        deadline = kernel.now + self._timeout

        def handle(_: Environment) -> Any:
            return environment.handler(event, _context(name, deadline, kernel))

        result = self._run(environment, str(environment.invocations), handle, self._timeout)
        if not environment.killed:
            environment.frozen = True
            environment.busy = False
        return result, environment

    def _start(self, environment: Environment) -> None:
        module = environment.release.cold_start(self.package, self._environ())
        environment.handler = module.lambda_handler
        self._environments.append(environment)
        self._world.cold_starts += 1

    def _run(
        self,
        environment: Environment,
        step: str,
        work: Callable[[Environment], Any],
        seconds: float,
    ) -> Result:
        kernel = self._world.kernel
        result = environment.result = Result()
        finished = kernel.signal()
        actor = Actor(f"{environment.name}.{step}")

        def run() -> None:
            try:
                result.answer = work(environment)
                result.kind = "answer"
            except GreenletExit:
                raise
            except Exception as error:
                result.kind, result.error = "error", error
            finished.send()

        def end(how: str) -> None:
            if not result.kind:
                result.kind = how
                if environment in self._environments:
                    self._environments.remove(environment)
                kernel.kill(environment)
                finished.send()

        environment._end = end
        kernel.thaw(environment)
        kernel.spawn(run, actor, environment)
        kernel.after(seconds, lambda: end("timeout"))
        finished.wait()
        return result

    def _choose(self) -> Environment:
        kernel = self._world.kernel
        site = self._actor.site("environment")
        luck, which, skew, share = kernel.numbers(site)
        release = self._releases(share)
        idle = [each for each in self._environments if not each.busy and each.release is release]
        if idle and luck < self._warm:
            return idle[int(which * len(idle))]
        self._count += 1
        return Environment(
            f"{self.package}-{self._count}",
            release,
            self._world.largest_skew * (2 * skew - 1),
            1000 * which - kernel.now,
        )


def _context(request_id: str, deadline: float, kernel: Any) -> Any:
    return SimpleNamespace(
        aws_request_id=request_id,
        function_name="simulated",
        function_version="1",
        memory_limit_in_mb=1769,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:simulated",
        get_remaining_time_in_millis=lambda: max(0, int((deadline - kernel.now) * 1000)),
    )


class Poller:
    """What Lambda runs between the queue and the uploader: one of several at work at once."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self._actor = Actor(name)

    def start(self) -> None:
        """Begin to poll, until the world ends."""
        self._world.kernel.spawn(self._poll, self._actor)

    def _poll(self) -> None:
        world, kernel = self._world, self._world.kernel
        while True:
            stopped = world.pollers_stopped_until()
            if stopped > kernel.now:
                kernel.sleep(stopped - kernel.now)
                continue
            visible = world.queue.next_visible()
            if visible is None or visible > kernel.now:
                world.queue.arrival.wait(None if visible is None else visible - kernel.now)
                continue
            window, size, lapse, _ = kernel.numbers(self._actor.site("window"))
            kernel.sleep(window * world.batching_window)
            limit = max(1, round(world.batch_size * size)) if size < 0.5 else world.batch_size
            records = world.queue.receive(limit, self._actor.site("receive"))
            if not records:
                kernel.sleep(0.2)
                continue
            if kernel.now < world.weather.calm and lapse < world.lapses:
                site = self._actor.site("lapse")
                if kernel.happens(site, f"{len(records)} records wait until they are visible"):
                    kernel.sleep(world.visibility_timeout * (0.9 + 0.2 * lapse / world.lapses))
            self._invoke(records)

    def _invoke(self, records: list[Received]) -> None:
        world, kernel = self._world, self._world.kernel
        world.deliveries += len(records)
        result, environment = world.uploader.invoke(
            {"Records": [as_record(each, world.epoch) for each in records]}
        )
        world.checker.invoked(result, environment)
        if result.kind != "answer":
            kernel.note(f"{environment.name} ended: {result.kind} {result.error!r}")
            # Lambda polls less while invocations fail.
            kernel.sleep(5 * kernel.number(self._actor.site("back-off")))
            return
        for each in acknowledged(result.answer, records):
            site = self._actor.site("delete")
            if (
                kernel.now < world.weather.calm
                and kernel.number(site) < world.lost_deletes
                and kernel.happens(site, f"the deletion of {each.sqs_id} is lost")
            ):
                continue
            world.queue.delete(each.handle, site)


def acknowledged(answer: Any, records: list[Received]) -> list[Received]:
    """Return which of *records* Lambda deletes, by its rules for partial batch responses.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    items = (answer or {}).get("batchItemFailures") or []
    known = {each.sqs_id for each in records}
    try:
        failed = {item["itemIdentifier"] for item in items}
    except (KeyError, TypeError):
        return []
    if failed - known:
        return []
    return [each for each in records if each.sqs_id not in failed]


def as_record(received: Received, epoch: float) -> dict[str, Any]:
    """Return a message as Lambda hands it to a function."""
    system = {
        "ApproximateReceiveCount": str(received.receive_count),
        "SentTimestamp": str(int((epoch + received.sent_at) * 1000)),
        "SenderId": "AIDAEXAMPLE",
        "ApproximateFirstReceiveTimestamp": str(int((epoch + received.sent_at) * 1000)),
    }
    if received.group:
        system["MessageGroupId"] = received.group
    return {
        "messageId": received.sqs_id,
        "receiptHandle": received.handle,
        "body": received.body,
        "attributes": system,
        "messageAttributes": {
            name: _as_lambda(attribute) for name, attribute in received.attributes.items()
        },
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:messages",
        "awsRegion": "eu-central-1",
    }


def _as_lambda(attribute: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"dataType": attribute["DataType"]}
    if "StringValue" in attribute:
        value["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        value["binaryValue"] = b64encode(attribute["BinaryValue"]).decode()
    return value | {"stringListValues": [], "binaryListValues": []}
