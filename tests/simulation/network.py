"""One call to AWS: how long it takes, what goes wrong, and who is killed beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from greenlet import GreenletExit

if TYPE_CHECKING:
    from .functions import Environment
    from .world import World

_URL = "https://aws.invalid/"
# What botocore's standard mode tries again, beside connections that break or time out.
_RETRIED_STATUS = {429, 500, 502, 503, 504}
_LONGEST_BACKOFF_SECONDS = 1.0

# What may go wrong in any call. The effect of the call has happened where it says "after", and
# happens later, when nobody waits for it, where it says "late".
_FAULTS = (
    "500",
    "500 after",
    "503",
    "closed before",
    "closed after",
    "no answer before",
    "no answer after",
    "late",
    "nonsense after",
    "slow",
    "eight silent addresses",
)
_ADDRESSES = 8  # of a name; each has its own time to connect
_CONDITIONAL = ("409",)
_DRIP = ("drip",)


def service_error(status: int, code: str, operation: str) -> ClientError:
    """Return what botocore raises for an error answer."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": code},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        operation,
    )


@dataclass(frozen=True)
class Outage:
    """A time in which every call to *service*, or to some of its *operations*, fails alike."""

    service: str
    start: float
    end: float
    how: str  # 503, refused, silent, deaf, mute, slow, denied or disabled key
    operations: tuple[str, ...] = ()
    share: float = 1.0  # of Lambda's invocations that fail

    def covers(self, service: str, operation: str, now: float) -> bool:
        """Return whether the call fails."""
        return (
            (service == self.service or (self.service == "everything" and operation != ""))
            and self.start <= now < self.end
            and (not self.operations or operation in self.operations)
        )


@dataclass
class Weather:
    """How often what goes wrong; after *calm*, in seconds, nothing does."""

    calm: float = float("inf")
    rates: dict[str, float] = field(default_factory=dict)
    kills: float = 0.0
    outages: list[Outage] = field(default_factory=list)


class Client:
    """What botocore does around a call: time-outs, and attempts of its own."""

    def __init__(self, world: "World", service: str, config: Config | None) -> None:
        self._world = world
        self._service = service
        options: Any = config or Config()
        retries: dict[str, Any] = getattr(options, "retries", None) or {}
        self._attempts = retries.get("total_max_attempts", 5)
        self._connect_timeout: float = options.connect_timeout
        self._read_timeout: float = options.read_timeout
        self.meta = _Meta()

    def call(
        self,
        operation: str,
        act: Callable[[], Any],
        *,
        conditional: bool = False,
        may_drip: bool = False,
    ) -> Any:
        """Let the service *act*; return its answer, or raise what botocore would raise."""
        kernel = self._world.kernel
        actor = kernel.running().actor
        for attempt in range(1, self._attempts + 1):
            site = actor.site(f"{self._service}.{operation}")
            try:
                return self._attempt(operation, act, site, conditional, may_drip)
            except (
                ClientError,
                ConnectionClosedError,
                ConnectTimeoutError,
                ReadTimeoutError,
                EndpointConnectionError,
            ) as error:
                if attempt == self._attempts or not _is_retried(error):
                    raise
            kernel.sleep(kernel.number(f"{site}/backoff") * _LONGEST_BACKOFF_SECONDS)
        raise AssertionError

    def _attempt(
        self,
        operation: str,
        act: Callable[[], Any],
        site: str,
        conditional: bool,
        may_drip: bool,
    ) -> Any:
        kernel = self._world.kernel
        environment: Environment | None = kernel.group()  # type: ignore[assignment]
        if environment and environment.killed:
            raise GreenletExit
        name = f"{self._service}.{operation}"
        self._world.calls += 1
        if outage := self._outage(operation):
            if environment:
                environment.blame()
            self._fail(outage.how, operation, kernel.number(f"{site}/outage"))
        luck, which, pace, death = kernel.numbers(site)
        travel = 0.002 + 0.03 * pace**4
        fault = self._fault(site, name, luck, which, conditional, may_drip)
        doom = self._doom(site, name, death, environment)
        kernel.note(f"{site} {fault or ''}{doom or ''}")
        if fault and environment:
            environment.blame()
        if doom == "before":
            self._kill(environment)
        kernel.sleep(travel)
        if fault in ("500", "503"):
            raise service_error(int(fault), _CODES[self._service, fault], operation)
        if fault == "409":
            raise service_error(409, "ConditionalRequestConflict", operation)
        if fault == "garbled":
            raise service_error(400, "BadDigest", operation)
        if fault == "closed before":
            raise ConnectionClosedError(endpoint_url=_URL)
        if fault == "no answer before":
            kernel.sleep(self._read_timeout)
            raise ReadTimeoutError(endpoint_url=_URL)
        if fault == "eight silent addresses":
            kernel.sleep(_ADDRESSES * self._connect_timeout)
            raise ConnectTimeoutError(endpoint_url=_URL)
        if fault == "late":
            kernel.after(self._read_timeout + 30 * which, lambda: _whatever(act))
            kernel.sleep(self._read_timeout)
            raise ReadTimeoutError(endpoint_url=_URL)
        if fault == "slow":
            kernel.sleep(self._read_timeout * 0.95 * which)
        if fault == "drip":
            kernel.sleep(20 + 80 * pace)
        try:
            answer = act()
        except ClientError:
            answer = None
            if fault in (None, "slow", "drip"):
                if doom:
                    self._kill(environment)
                kernel.sleep(travel)
                raise
        if doom:
            self._kill(environment)
        kernel.sleep(travel)
        if fault == "500 after":
            raise service_error(500, _CODES[self._service, "500"], operation)
        if fault == "closed after":
            raise ConnectionClosedError(endpoint_url=_URL)
        if fault == "no answer after":
            kernel.sleep(self._read_timeout)
            raise ReadTimeoutError(endpoint_url=_URL)
        if fault == "nonsense after":
            raise ResponseParserError("Unable to parse response")
        return answer

    def _outage(self, operation: str) -> Outage | None:
        now = self._world.kernel.now
        for outage in self._world.weather.outages:
            if outage.covers(self._service, operation, now):
                return outage
        return None

    def _fail(self, how: str, operation: str, luck: float) -> None:
        kernel = self._world.kernel
        if how == "slow" and luck < 0.5:
            kernel.sleep(self._read_timeout * 1.9 * luck)
            return
        if how in ("mute", "slow"):  # it takes the request, and that is all
            kernel.sleep(self._read_timeout)
            raise ReadTimeoutError(endpoint_url=_URL)
        if how == "503":
            kernel.sleep(0.01)
            raise service_error(503, _CODES[self._service, "503"], operation)
        if how == "denied":
            kernel.sleep(0.01)
            raise service_error(403, "AccessDenied", operation)
        if how == "disabled key":
            kernel.sleep(0.01)
            raise service_error(400, "KMS.DisabledException", operation)
        if how == "deaf":
            kernel.sleep(_ADDRESSES * self._connect_timeout)
            raise ConnectTimeoutError(endpoint_url=_URL)
        if how == "refused":
            raise EndpointConnectionError(endpoint_url=_URL)
        kernel.sleep(self._connect_timeout)
        raise ConnectTimeoutError(endpoint_url=_URL)

    def _fault(
        self,
        site: str,
        name: str,
        luck: float,
        which: float,
        conditional: bool,
        may_drip: bool,
    ) -> str | None:
        weather = self._world.weather
        if self._world.kernel.now >= weather.calm or luck >= weather.rates.get(self._service, 0.0):
            return None
        kinds = _FAULTS + _CONDITIONAL * 3 * conditional + _DRIP * may_drip
        if name == "s3.put_object":
            kinds += ("garbled",)
        kind = kinds[int(which * 7919) % len(kinds)]
        return kind if self._world.kernel.happens(f"{site}/fault", f"{name}: {kind}") else None

    def _doom(
        self, site: str, name: str, death: float, environment: "Environment | None"
    ) -> str | None:
        weather = self._world.weather
        if environment is None or self._world.kernel.now >= weather.calm or death >= weather.kills:
            return None
        when = "before" if death < weather.kills / 2 else "after"
        text = f"{environment.name} is killed {when} {name}"
        return when if self._world.kernel.happens(f"{site}/kill", text) else None

    def _kill(self, environment: "Environment | None") -> None:
        assert environment
        environment.die("killed")
        raise GreenletExit


class _Meta:
    """The part of a client where handlers are registered."""

    def __init__(self) -> None:
        self.events = self

    def register(self, *_: object, **__: object) -> None:
        """Take a handler of botocore's, which the world does not call."""

    register_first = register_last = unregister = register


_CODES = {
    ("s3", "500"): "InternalError",
    ("s3", "503"): "SlowDown",
    ("sqs", "500"): "InternalFailure",
    ("sqs", "503"): "ServiceUnavailable",
    ("ssm", "500"): "InternalServerError",
    ("ssm", "503"): "ServiceUnavailable",
}


def _is_retried(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return error.response["ResponseMetadata"]["HTTPStatusCode"] in _RETRIED_STATUS
    return True


def _whatever(act: Callable[[], Any]) -> None:
    try:
        act()
    except ClientError:
        return
