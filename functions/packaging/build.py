"""Build one function's package: its code and pinned dependencies, pruned and compiled.

Lambda's /var/task is read-only: a package without bytecode is compiled again at each cold start.
docs/performance.md says what each step here gains and why it is safe.
"""

import argparse
import compileall
import hashlib
import platform
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from models import prune_data

FUNCTIONS = Path(__file__).resolve().parents[1]
CACHE = Path(".aws-sam") / "dependencies"

# Amazon Linux 2023, which the runtime is made of, has glibc 2.34.
PLATFORMS = {
    "arm64": ["manylinux_2_28_aarch64", "manylinux2014_aarch64"],
    "x86_64": ["manylinux_2_28_x86_64", "manylinux2014_x86_64"],
}
# Scripts name this machine's interpreter; the rest is never read at run time.
UNUSED = [
    "bin",
    "boto3/examples",
    "botocore/data/*/*/examples-1.json*",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.min.*",
]


def install(requirements: Path, architecture: str, target: Path) -> None:
    """Install the wheels of *requirements*, exactly those of its hashes, for *architecture*."""
    platforms = [f"--platform={tag}" for tag in PLATFORMS[architecture]]
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    command += ["--root-user-action=ignore", "--require-hashes", "--no-deps", "--no-compile"]
    command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.13", *platforms]
    subprocess.run([*command, f"--target={target}", f"--requirement={requirements}"], check=True)  # noqa: S603


def prune(target: Path, operations: Iterable[str]) -> None:
    """Delete from *target* what the function never reads."""
    unused = [path for pattern in UNUSED for path in target.glob(pattern)]
    # METADATA stays: by it Amazon Inspector knows what to warn of.
    unused += [path for path in target.glob("*.dist-info/*") if path.name != "METADATA"]
    for path in unused:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    prune_data(target / "botocore" / "data", operations)


def compile_all(target: Path) -> None:
    """Add bytecode that is used without a look at the source's time, as if *target* were /var/task.

    One worker, because several make the bytecode's references, and so its bytes, depend on chance.
    """
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(
        target, quiet=1, stripdir=target, prependdir="/var/task", invalidation_mode=mode, workers=1
    ):
        sys.exit(f"{target} does not compile")


def dependencies(requirements: Path, architecture: str, operations: list[str]) -> Path:
    """Return the folder of finished dependencies, made at the first build that needs it."""
    recipe = [architecture, *sorted(operations), platform.python_version()]
    steps = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    content = requirements.read_bytes() + steps + "\n".join(recipe).encode()
    finished = CACHE / f"{architecture}-{hashlib.sha256(content).hexdigest()[:16]}"
    if not finished.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            target = Path(folder) / "package"
            install(requirements, architecture, target)
            prune(target, operations)
            compile_all(target)
            target.rename(finished)
    return finished


def main() -> None:
    """Build the function that the command line names into its output folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("function")
    parser.add_argument("--architecture", choices=PLATFORMS, required=True)
    parser.add_argument("--operations", nargs="*", default=[], help="such as s3.PutObject")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    source, output = FUNCTIONS / arguments.function, arguments.output

    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source / arguments.function, output / arguments.function, ignore=ignored)
    compile_all(output)
    packages = dependencies(
        source / "requirements.txt", arguments.architecture, arguments.operations
    )
    shutil.copytree(packages, output, dirs_exist_ok=True)
    # A strict umask would make files that Lambda's user cannot read.
    for path in output.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
