"""Runs many calls side by side, within a time budget."""

import threading

import pytest
from uploader.workers import run_all


def test_calls_run_side_by_side() -> None:
    """All of them meet at one barrier, which none could pass alone."""
    barrier = threading.Barrier(8, timeout=10)

    results, error = run_all(
        lambda item: (barrier.wait(), item)[1], range(8), thread_count=8, seconds=10
    )

    assert sorted(results) == list(range(8))
    assert error is None


def test_no_more_threads_than_told_run_at_once() -> None:
    """More would fight for the interpreter lock."""
    names: set[str] = set()

    run_all(
        lambda _: names.add(threading.current_thread().name),
        range(100),
        thread_count=3,
        seconds=10,
    )

    assert 1 <= len(names) <= 3


def test_what_hangs_is_left_behind() -> None:
    """The budget holds even though the call goes on."""
    release = threading.Event()

    results, error = run_all(
        lambda item: item or release.wait(60), [1, 2, 0], thread_count=3, seconds=0.2
    )
    release.set()

    assert sorted(results) == [1, 2]
    assert error is None


def test_the_first_exception_ends_the_run() -> None:
    """After access was denied once there is no sense in asking another hundred times."""
    tried: list[int] = []
    release = threading.Event()

    def fail_first(item: int) -> None:
        tried.append(item)
        if item == 0:
            raise PermissionError
        release.wait(60)

    _, error = run_all(fail_first, range(100), thread_count=2, seconds=60)
    release.set()

    assert isinstance(error, PermissionError)
    assert len(tried) <= 3


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_nothing_to_do_is_done(seconds: float) -> None:
    """An empty batch needs no thread."""
    assert run_all(print, [], thread_count=8, seconds=seconds) == ([], None)
