"""The verdict of a load run: it must see a loss, and must not see one that is none."""

from operations.load.ledger import Ledger


def ledger_of(*accepted: str) -> Ledger:
    """Return the ledger of a run in which these ids were accepted."""
    ledger = Ledger(to_send=len(accepted))
    ledger.enter(ledger.take(len(accepted)), accepted)
    return ledger


def test_each_accepted_message_stored_once_is_good() -> None:
    """What others sent meanwhile is not the run's business."""
    verdict = ledger_of("a", "b").verdict(["a", "other", "b"])

    assert verdict.good
    assert str(verdict) == "accepted 2 = stored 2: nothing was lost"


def test_missing_message_is_a_loss() -> None:
    """The reason why the run exists."""
    verdict = ledger_of("a", "b").verdict(["a"])

    assert not verdict.good
    assert verdict.missing == {"b"}


def test_message_stored_twice_is_no_success() -> None:
    """Exactly once is the promise."""
    verdict = ledger_of("a").verdict(["a", "a"])

    assert not verdict.good
    assert verdict.twice == {"a"}


def test_run_without_an_accepted_message_proves_nothing() -> None:
    """A stack that refuses everything must not look like one that loses nothing."""
    assert not Ledger(to_send=10).verdict([]).good


def test_refused_message_is_sent_again() -> None:
    """The run ends with as many accepted messages as the profile says."""
    ledger = Ledger(to_send=5)

    ledger.enter(ledger.take(3), ["a", "b"], "503 Service Unavailable")

    assert (list(ledger.take(10)), ledger.refused) == ([3, 4, 5], 1)
    assert ledger.reasons == {"503 Service Unavailable": 1}
