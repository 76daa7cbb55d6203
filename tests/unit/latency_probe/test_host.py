"""What a host can be measured with."""

from latency_probe.host import survey


def test_a_survey_finds_plausible_figures_in_a_moment() -> None:
    """It runs in front of the first measurement, so it must not be noticed."""
    found = survey()

    assert 0 < found["cpu_share"] <= 1
    assert 0 < found["overhead_ms"] < 500
    assert isinstance(found["icmp_possible"], bool)
