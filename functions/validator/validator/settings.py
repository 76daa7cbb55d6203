"""Settings that the environment gives to the validator."""

from collections.abc import Mapping
from typing import NamedTuple, Self


class Settings(NamedTuple):
    """The validator's settings, parsed; the template sets every one of them."""

    queue_url: str
    bucket_name: str
    key_bucket_names: tuple[str, ...]
    token_parameter_path: str
    default_contract: str
    storage_layout: str
    version: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Return the settings in *env*; a missing one raises KeyError with its name."""
        buckets = env["MESSAGE_BUCKET_NAME"], env["IDEMPOTENCY_KEY_BUCKET_NAME"]
        also = env["KEYS_ALSO_IN_MESSAGE_BUCKET"] == "true"
        return cls(
            queue_url=env["MESSAGE_QUEUE_URL"],
            bucket_name=env["MESSAGE_BUCKET_NAME"],
            key_bucket_names=buckets if also else buckets[1:],
            token_parameter_path=env["TOKEN_PARAMETER_PATH"],
            default_contract=env["DEFAULT_CONTRACT"],
            storage_layout=env["STORAGE_LAYOUT"],
            version=env["WEIR_VERSION"],
        )
