"""What the product imports from outside, as the world gives it: time, chance, threads, AWS."""

import concurrent.futures
import datetime as real_datetime
import secrets as real_secrets
import threading as real_threading
import time as real_time
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from .functions import Environment
    from .world import World

_worlds: list["World"] = []


def enter(world: "World") -> None:
    """Make *world* the one in which the product runs."""
    _worlds[:] = [world]


def world() -> "World":
    """Return the world in which the product runs."""
    return _worlds[0]


def _environment() -> "Environment | None":
    return getattr(world().kernel.group(), "environment", None)


# ---- clocks


def _monotonic() -> float:
    environment = _environment()
    return world().kernel.now + (environment.uptime_offset if environment else 0.0)


def _time() -> float:
    environment = _environment()
    return world().time_of_day() + (environment.skew if environment else 0.0)


def _sleep(seconds: float) -> None:
    world().kernel.sleep(seconds)


class VirtualDatetime(real_datetime.datetime):
    """A datetime whose present is the world's."""

    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> "VirtualDatetime":
        """Return the world's present."""
        return cls.fromtimestamp(_time(), tz)


# ---- chance


def _site(step: str) -> str:
    kernel = world().kernel
    return kernel.running().actor.site(step)


def _randbits(count: int) -> int:
    drawn = world().kernel.numbers(_site("randbits"))
    value = 0
    for part in drawn:
        value = value << 32 | int(part * (1 << 32))
    return value & (1 << count) - 1


def _random() -> float:
    return world().kernel.number(_site("random"))


def _uniform(low: float, high: float) -> float:
    return low + (high - low) * _random()


def _shuffle(items: list[Any]) -> None:
    for at in range(len(items) - 1, 0, -1):
        other = int(_random() * (at + 1))
        items[at], items[other] = items[other], items[at]


# ---- threads


class VirtualFuture:
    """The result of a call, some time."""

    def __init__(self) -> None:
        self._done = False
        self._cancelled = False
        self._result: Any = None
        self._error: BaseException | None = None
        self.signal = world().kernel.signal()

    def done(self) -> bool:
        """Return whether there is a result, an error, or nothing to come."""
        return self._done or self._cancelled

    def cancelled(self) -> bool:
        """Return whether the call was taken back."""
        return self._cancelled

    def cancel(self) -> bool:
        """Take the call back if it has not begun."""
        self._cancelled = not self._done
        self.signal.send()
        return self._cancelled

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what the call raised."""
        self._wait(timeout)
        return self._error

    def result(self, timeout: float | None = None) -> Any:
        """Return what the call returned, or raise what it raised."""
        self._wait(timeout)
        if self._error:
            raise self._error
        return self._result

    def run(self, call: Callable[[], Any]) -> None:
        """Make the call."""
        try:
            self._result = call()
        except Exception as error:
            self._error = error
        self._done = True
        self.signal.send()

    def _wait(self, timeout: float | None) -> None:
        if not self.done():
            self.signal.wait(timeout)
        if self._cancelled:
            raise concurrent.futures.CancelledError
        if not self._done:
            raise TimeoutError


class VirtualPool:
    """A pool of threads that are greenlets of the environment that asks."""

    def __init__(self, max_workers: int | None = None, *_: object, **__: object) -> None:
        self._idle = max_workers or 8
        self._waiting: list[tuple[VirtualFuture, Callable[[], Any]]] = []
        self._futures: list[VirtualFuture] = []

    def __enter__(self) -> "VirtualPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def submit(
        self, function: Callable[..., Any], /, *arguments: Any, **named: Any
    ) -> VirtualFuture:
        """Call *function* in a thread as soon as one is free."""
        future = VirtualFuture()
        self._futures.append(future)
        self._waiting.append((future, lambda: function(*arguments, **named)))
        if self._idle:
            self._idle -= 1
            kernel = world().kernel
            task = kernel.running()
            kernel.spawn(self._work, task.actor, task.group)
        return future

    def map(
        self, function: Callable[..., Any], *items: Iterable[Any], timeout: float | None = None
    ) -> Iterator[Any]:
        """Call *function* with each of *items*; return the results in order."""
        futures = [self.submit(function, *each) for each in zip(*items, strict=False)]
        return (future.result(timeout) for future in futures)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; give up those that have not begun if asked to."""
        if cancel_futures:
            for future, _ in self._waiting:
                future.cancel()
            self._waiting.clear()
        if wait:
            _wait(self._futures)

    def _work(self) -> None:
        while self._waiting:
            future, call = self._waiting.pop(0)
            if not future.cancelled():
                future.run(call)
        self._idle += 1


def _wait(
    futures: Iterable[VirtualFuture],
    timeout: float | None = None,
    return_when: str = concurrent.futures.ALL_COMPLETED,
) -> tuple[set[VirtualFuture], set[VirtualFuture]]:
    everything = list(futures)
    kernel = world().kernel
    end = None if timeout is None else kernel.now + timeout

    def enough() -> bool:
        done = [future for future in everything if future.done()]
        if return_when == concurrent.futures.FIRST_COMPLETED and done:
            return True
        if return_when == concurrent.futures.FIRST_EXCEPTION and any(
            not future.cancelled() and future.exception() for future in done
        ):
            return True
        return len(done) == len(everything)

    while not enough() and (end is None or kernel.now < end):
        kernel.wait_for_any(
            [future.signal for future in everything if not future.done()],
            None if end is None else end - kernel.now,
        )
    done = [future for future in everything if future.done()]
    # In order, where the real one gives a set: an order by memory address is no order to replay.
    return _Ordered(done), _Ordered(future for future in everything if not future.done())  # type: ignore[return-value]


class _Ordered(dict[VirtualFuture, None]):
    """A set that keeps its order."""

    def __init__(self, futures: Iterable[VirtualFuture]) -> None:
        super().__init__(dict.fromkeys(futures))


def _as_completed(
    futures: Iterable[VirtualFuture], timeout: float | None = None
) -> Iterator[VirtualFuture]:
    left = list(futures)
    kernel = world().kernel
    end = None if timeout is None else kernel.now + timeout
    while left:
        done, _ = _wait(
            left,
            None if end is None else end - kernel.now,
            concurrent.futures.FIRST_COMPLETED,
        )
        if not done:
            raise TimeoutError
        for future in done:
            left.remove(future)
            yield future


class VirtualLock:
    """A lock between greenlets."""

    def __init__(self) -> None:
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait until the lock is free, and take it."""
        kernel = world().kernel
        end = kernel.now + timeout if timeout >= 0 else float("inf")
        while self._held:
            if not blocking or kernel.now >= end:
                return False
            kernel.sleep(0.001)
        self._held = True
        return True

    def release(self) -> None:
        """Let go."""
        self._held = False

    def locked(self) -> bool:
        """Return whether somebody holds it."""
        return self._held

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class VirtualThread:
    """A thread that is a greenlet of the environment that starts it."""

    def __init__(
        self,
        *_: object,
        target: Callable[..., object],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        **__: object,
    ) -> None:
        self._future = VirtualFuture()
        self._call = lambda: target(*args, **(kwargs or {}))

    def start(self) -> None:
        """Begin."""
        kernel = world().kernel
        task = kernel.running()
        kernel.spawn(lambda: self._future.run(self._call), task.actor, task.group)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, or for *timeout* seconds."""
        _wait([self._future], timeout)

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return not self._future.done()


# ---- Powertools


class _Silent:
    """A logger or metrics that cost nothing and decorate nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return _nothing

    def inject_lambda_context(
        self, function: Callable[..., Any] | None = None, **_: object
    ) -> Callable[..., Any]:
        """Return *function* as it is."""
        return function or (lambda handler: handler)

    log_metrics = inject_lambda_context


class _Metrics(_Silent):
    """Metrics that the world keeps."""

    def add_metric(self, name: str, _: str, value: float) -> None:
        """Keep one value."""
        world().metered(name, value)


class VirtualConnections:
    """The canary's connections to the API."""

    def __enter__(self) -> "VirtualConnections":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def request(
        self, method: str, url: str, *, headers: dict[str, str], json: Any = None, **_: object
    ) -> Any:
        """Send one request, and return the answer."""
        return world().canary.call(method, url, headers, json)


def _nothing(*_: object, **__: object) -> None:
    return None


silent_print = _nothing


def _client(service: str, *_: object, config: Any = None, **__: object) -> Any:
    return world().client(service, config)


# ---- the modules


def _copy(module: ModuleType, **others: Any) -> Any:
    return SimpleNamespace(**{**vars(module), **others})


_futures = _copy(
    concurrent.futures,
    ThreadPoolExecutor=VirtualPool,
    Future=VirtualFuture,
    wait=_wait,
    as_completed=_as_completed,
)

SUBSTITUTES: dict[str, Any] = {
    "time": _copy(
        real_time,
        monotonic=_monotonic,
        perf_counter=_monotonic,
        monotonic_ns=lambda: int(_monotonic() * 1e9),
        time=_time,
        time_ns=lambda: int(_time() * 1e9),
        sleep=_sleep,
    ),
    "datetime": _copy(real_datetime, datetime=VirtualDatetime),
    # What is frozen here would be frozen in every world that follows.
    "gc": SimpleNamespace(enable=_nothing, disable=_nothing, freeze=_nothing),
    "secrets": _copy(real_secrets, randbits=_randbits),
    "random": SimpleNamespace(
        uniform=_uniform, random=_random, shuffle=_shuffle, getrandbits=_randbits
    ),
    "threading": _copy(real_threading, Lock=VirtualLock, RLock=VirtualLock, Thread=VirtualThread),
    "concurrent.futures": _futures,
    "urllib3": _copy(urllib3, PoolManager=VirtualConnections),
    "boto3": SimpleNamespace(client=_client),
    "botocore.session": SimpleNamespace(get_session=lambda: SimpleNamespace(create_client=_client)),
    "aws_lambda_powertools": SimpleNamespace(Logger=_Silent, Metrics=_Metrics, Tracer=_Silent),
}
