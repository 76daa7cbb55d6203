"""Thousands of random histories of the real handlers, each judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import released
from tests.support.released import HistoryMissingError

from .__main__ import describe, explain
from .product import ROOT, Release, previous_release
from .run import simulate
from .shrink import kind_of, shrink, smallest
from .world import Code, World

SEED = 14
WORLDS = 2000


def test_every_promise_is_kept_in_thousands_of_worlds(
    loaded: tuple[Code, str],
) -> None:
    """Nothing lost, nothing twice, no 500, whatever fails; the counts show that much happened."""
    summary = simulate(SEED, 0, WORLDS, code=loaded)

    print(describe(summary, SEED))
    assert not summary.broken, explain(summary.broken[0], SEED, loaded[0])
    counts = summary.counts
    assert counts["worlds"] == WORLDS
    assert counts["promises"] > 3 * WORLDS
    assert counts["kills"] > WORLDS / 5
    assert counts["faults"] > WORLDS
    for status in (200, 202, 207, 400, 401, 404, 409, 422, 503):
        assert counts[f"answers {status}"] > WORLDS / 100, f"no world answers {status}"


def test_the_same_seed_gives_the_same_trace() -> None:
    """Otherwise a seed would be no help; two processes with hashes of their own show it."""
    command = [sys.executable, "-m", "tests.simulation", "--worlds", "40", "--seed", "5"]

    first, second = (
        subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": number},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for number in ("1", "2")
    )

    assert first == second
    assert "hash of all traces" in first


def test_another_seed_gives_another_trace(loaded: tuple[Code, str]) -> None:
    """A hash that is always the same would pass the test above."""
    assert World(1, 0, loaded[0]).run().digest != World(2, 0, loaded[0]).run().digest


def test_a_planted_fault_is_found_and_its_history_is_short() -> None:
    """An uploader that acknowledges what it could not store loses messages when S3 fails."""
    path = "functions/uploader/uploader/handler.py"
    text = (ROOT / path).read_text()
    planted = text.replace("for record in failed]", "for record in failed[1:]]")
    assert planted != text
    code = Code(Release("planted", replaced={path: planted}))
    broken = next(
        report for number in range(2000) if (report := World(1, number, code).run()).faults
    )

    found = shrink(1, broken, code)

    assert kind_of(found.report.faults[0]) == kind_of(broken.faults[0])
    assert len(found.events) <= min(6, found.before)


def test_the_smallest_list_has_nothing_that_could_be_left_out() -> None:
    """Three events together show a fault among sixty that do not matter."""
    needed = {"7", "23", "58"}

    left = smallest([str(number) for number in range(60)], lambda tried: needed <= set(tried))

    assert left == ["7", "23", "58"]


def test_the_previous_release_takes_part(loaded: tuple[Code, str]) -> None:
    """While a deployment is under way its functions still run; without git history: skipped."""
    code, remark = loaded
    if remark:
        pytest.skip(remark)

    texts = [
        event.text
        for number in range(60)
        for event in World(SEED, number, code).run().events
        if event.site.startswith("deployment")
    ]

    assert any("validator goes from previous" in text for text in texts)
    assert any("uploader goes from previous" in text for text in texts)
    assert any("to previous" in text for text in texts)


def test_a_checkout_without_history_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shallow clone runs every world with today's code alone, and tells how to change it."""
    monkeypatch.setattr(released, "COMMIT", "0" * 40)

    with pytest.raises(HistoryMissingError, match="git fetch --unshallow"):
        previous_release(tmp_path)
