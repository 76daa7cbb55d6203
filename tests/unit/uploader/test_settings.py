"""The uploader's settings, read from its environment."""

import pytest
from uploader.settings import Settings, StorageLayout

ENVIRONMENT = {
    "MESSAGE_BUCKET_NAME": "weir-messages",
    "MESSAGE_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/messages",
    "STORAGE_LAYOUT": "batch",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
}


def test_settings_are_parsed_to_the_types_that_are_used() -> None:
    """Nothing has to look at text later."""
    settings = Settings.from_env(ENVIRONMENT)

    assert settings.storage_layout is StorageLayout.BATCH
    assert settings.memory_mb == 512


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_fails_by_name(name: str) -> None:
    """A cold start that fails says what is missing; a default would hide it."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}

    with pytest.raises(KeyError, match=name):
        Settings.from_env(environment)


def test_an_unknown_layout_fails_the_cold_start() -> None:
    """Storing somehow would be worse than not starting."""
    with pytest.raises(ValueError, match="parquet"):
        Settings.from_env(ENVIRONMENT | {"STORAGE_LAYOUT": "parquet"})


@pytest.mark.parametrize(
    ("memory", "threads"), [("128", 8), ("512", 8), ("1024", 9), ("1769", 16), ("10240", 16)]
)
def test_the_number_of_threads_follows_from_memory(memory: str, threads: int) -> None:
    """Memory buys CPU, and CPU feeds threads, up to the interpreter lock."""
    settings = Settings.from_env(ENVIRONMENT | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory})

    assert settings.thread_count == threads
