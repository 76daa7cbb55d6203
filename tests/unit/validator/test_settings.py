"""Settings: what the template sets, parsed once at a cold start."""

import pytest
from validator.settings import Settings

ENV = {
    "MESSAGE_QUEUE_URL": "https://queue",
    "MESSAGE_BUCKET_NAME": "bucket",
    "IDEMPOTENCY_KEY_BUCKET_NAME": "keys",
    "KEYS_ALSO_IN_MESSAGE_BUCKET": "true",
    "TOKEN_PARAMETER_PATH": "/weir/dev/tokens",
    "DEFAULT_CONTRACT": "email",
    "STORAGE_LAYOUT": "batch",
    "WEIR_VERSION": "1.2.3",
}


def test_reads_every_setting() -> None:
    """Each has one place in the template."""
    assert Settings.from_env(ENV) == Settings(
        queue_url="https://queue",
        bucket_name="bucket",
        key_bucket_names=("bucket", "keys"),
        token_parameter_path="/weir/dev/tokens",
        default_contract="email",
        storage_layout="batch",
        version="1.2.3",
    )


def test_keys_may_be_in_their_own_bucket_alone() -> None:
    """Once no release runs that looks for them among the messages."""
    settings = Settings.from_env({**ENV, "KEYS_ALSO_IN_MESSAGE_BUCKET": "false"})

    assert settings.key_bucket_names == ("keys",)


@pytest.mark.parametrize("name", ENV)
def test_a_missing_one_is_named(name: str) -> None:
    """A cold start that fails must say why."""
    with pytest.raises(KeyError, match=name):
        Settings.from_env({key: value for key, value in ENV.items() if key != name})
