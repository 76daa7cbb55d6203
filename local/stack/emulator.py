"""The MiniStack emulator: started on loopback, with IAM enforced, in a folder of its own."""

import time
import urllib.request

from operations.project import ROOT

from .local_stack import HOST, REGION, Keys, LocalStack, StackError
from .processes import Service

PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
READY_WITHIN_SECONDS = 90.0
PAUSE_SECONDS = 0.1


def start(stack: LocalStack, service: Service, keys: Keys) -> None:
    """Start the emulator and return when it answers."""
    folder = stack.folder / "emulator"
    for name in ("tmp", "state", "s3"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "AUTH": "true",  # every role's policies are enforced
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,  # so that queue addresses need no name to be resolved
        "GATEWAY_PORT": str(stack.port),  # of the addresses that it makes: the sidecar's
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(folder / "tmp"),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "DOCKER_HOST": "unix:///nowhere",  # it would end containers of other emulators
        "IOT_MTLS_ENABLED": "0",  # listens on every address otherwise, as does the next
        "SFTP_ENABLED": "0",
    }
    service.start(
        [
            *(str(PYTHON), "-m", "hypercorn", "ministack.app:app"),
            *("--bind", stack.emulator_url.removeprefix("http://"), "--keep-alive", "75"),
            *("--workers", "0"),  # serve in this process, whose pid `make down` ends
        ],
        stack.sealed_environment(keys) | settings,
    )
    await_ready(stack, service)


def await_ready(stack: LocalStack, service: Service) -> None:
    """Wait until the emulator answers; `StackError` when it ends instead, or takes too long."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while service.alive and time.monotonic() < deadline:
        try:
            with opener.open(f"{stack.emulator_url}/_ministack/ready", timeout=5):
                return
        except OSError:  # refused, cut off or not ready yet; urllib's errors are among them
            time.sleep(PAUSE_SECONDS)
    raise StackError(f"The emulator did not start; {service.log} says why.")
