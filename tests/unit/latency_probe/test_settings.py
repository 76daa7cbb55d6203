"""The function's environment."""

import pytest
from latency_probe.settings import Settings

ENVIRONMENT = {
    "PROBE_TARGETS": "10.90.0.5:7,[2001:db8::1]:7",
    "PROBE_METHOD": "tcp",
    "PROBE_SAMPLE_COUNT": "20",
    "PROBE_INTERVAL_SECONDS": "0.05",
    "PROBE_TIMEOUT_SECONDS": "0.9",
    "METRICS_CACHE_SECONDS": "5",
}


def test_the_templates_environment_is_read() -> None:
    """Each value arrives in the type that is used."""
    settings = Settings.from_env(ENVIRONMENT)

    assert [str(target) for target in settings.targets] == ["10.90.0.5:7", "[2001:db8::1]:7"]
    assert settings.choice.name == "tcp"
    assert (settings.plan.sample_count, settings.plan.timeout_seconds) == (20, 0.9)
    assert (settings.plan.interval_seconds, settings.cache_seconds) == (0.05, 5.0)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_variable_fails_by_its_name(name: str) -> None:
    """The log of the cold start must say which."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}

    with pytest.raises(KeyError, match=name):
        Settings.from_env(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROBE_TARGETS", ""),
        ("PROBE_TARGETS", "10.90.0.5"),
        ("PROBE_METHOD", "udp"),
        ("PROBE_SAMPLE_COUNT", "100"),
        ("PROBE_SAMPLE_COUNT", "many"),
        ("PROBE_INTERVAL_SECONDS", "-1"),
        ("PROBE_TIMEOUT_SECONDS", "1"),
    ],
)
def test_a_senseless_value_fails_the_cold_start(name: str, value: str) -> None:
    """Better than a probe that runs and measures something else than was asked."""
    with pytest.raises(ValueError, match=r".+"):
        Settings.from_env(ENVIRONMENT | {name: value})
