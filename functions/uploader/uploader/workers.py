"""Runs many calls side by side, within a time budget."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait


def run_all[Item, Result](
    function: Callable[[Item], Result], items: Sequence[Item], *, thread_count: int, seconds: float
) -> tuple[list[Result], BaseException | None]:
    """Call *function* with each of *items* in threads, for *seconds* at most.

    Return the results of those that finished, and the first exception that ended the run early.
    Calls still under way are left behind, never waited for: a socket that hangs must not hold
    the invocation past its timeout.
    """
    pool = ThreadPoolExecutor(max(1, min(thread_count, len(items))))
    futures = [pool.submit(function, item) for item in items]
    done, _ = wait(futures, timeout=seconds, return_when=FIRST_EXCEPTION)
    pool.shutdown(wait=False, cancel_futures=True)
    error = next((future.exception() for future in done if future.exception()), None)
    return [future.result() for future in done if not future.exception()], error
