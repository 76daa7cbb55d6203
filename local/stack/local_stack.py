"""Where a one-machine stack lives: its folder, its ports, and what its processes may see."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
REGION = "eu-central-1"
CLIENT = "local"
PORTS = 6  # that a stack takes, in a row
# Nobody listens on port 1: what is not meant for loopback is refused there, at once.
NOWHERE = "http://127.0.0.1:1"


class StackError(Exception):
    """The stack cannot do what was asked; the text tells a person why, and what to do."""


@dataclass(frozen=True)
class Keys:
    """The access key of the emulator's root user, who deploys and looks around."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class LocalStack:
    """One stack: all it keeps is in *folder*, all it listens on is *port* and what follows it."""

    folder: Path
    port: int

    @property
    def endpoint_url(self) -> str:
        """Return the address of every AWS API, for the functions, boto3 and the AWS CLI."""
        return f"http://{HOST}:{self.port}"

    @property
    def api_url(self) -> str:
        """Return the HTTP API's address, as API Gateway would serve it."""
        return f"http://{HOST}:{self.port + 1}"

    @property
    def page_url(self) -> str:
        """Return the dashboard page's address."""
        return f"http://{HOST}:{self.port + 2}"

    @property
    def target_ports(self) -> list[int]:
        """Return what the probe measures here: two listeners, as the template makes two targets."""
        return [self.port + 3, self.port + 4]

    @property
    def emulator_url(self) -> str:
        """Return the emulator's own address, which only the sidecar uses."""
        return f"http://{HOST}:{self.port + 5}"

    @property
    def logs(self) -> Path:
        """Return the folder of the processes' logs."""
        return self.folder / "logs"

    @property
    def summary(self) -> Path:
        """Return the file that says where everything is; it exists while a stack is deployed."""
        return self.folder / "stack.json"

    def read_summary(self) -> dict[str, Any]:
        """Return what `write_summary` wrote, or nothing when no stack is deployed."""
        try:
            content: dict[str, Any] = json.loads(self.summary.read_text())
        except FileNotFoundError:
            return {}
        return content

    def write_summary(self, content: dict[str, Any]) -> None:
        """Replace the summary in one step; it holds secrets, so only its owner may read it."""
        draft = self.summary.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(content, indent=2) + "\n")
        draft.replace(self.summary)

    def sealed_environment(self, keys: Keys) -> dict[str, str]:
        """Return the environment of whatever speaks to the emulator.

        Nothing of the user's AWS settings is in it, and the proxy keeps every request that is not
        for loopback from leaving the machine (SAM looks for a newer version of itself).
        """
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
            "NO_PROXY": HOST,
            **self.sam_environment(),
        }

    def build_environment(self) -> dict[str, str]:
        """Return the environment of `sam build`: the user's, for pip, without AWS settings."""
        user = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return user | {"AWS_DEFAULT_REGION": REGION} | self.sam_environment()

    def sam_environment(self) -> dict[str, str]:
        """Return what keeps SAM from reporting its use and from writing into the user's home."""
        return {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(self.folder / "sam")}
