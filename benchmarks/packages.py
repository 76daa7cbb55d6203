"""Builds what is compared: Weir by its own build, the rest by SAM's stock builder."""

import io
import json
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tarfile
from pathlib import Path

from operations import project
from operations.project import ROOT, SAM

FOLDER = ROOT / ".aws-sam" / "benchmarks"
# The functions that the usual way does as well, and their logical ids.
FUNCTIONS = {
    name: f"{name.title().replace('_', '')}Function"
    for name in project.FUNCTIONS
    if (ROOT / "benchmarks" / "peers" / f"{name}.py").exists()
}
BEFORE = "45bb2b1"  # the last commit that sent a batch's packs one after the other
ARCHITECTURE = "arm64" if platform.machine() == "aarch64" else "x86_64"
# The interpreter that this environment was made from: unlike the environment, it has pip.
PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.13")


def build() -> None:
    """Build every package into ``FOLDER``."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for function, logical_id in FUNCTIONS.items():
        output = FOLDER / "weir" / function
        output.mkdir(parents=True)
        makefile = ROOT / "functions" / "packaging" / ARCHITECTURE / "Makefile"
        environment = os.environ | {"ARTIFACTS_DIR": str(output), "PYTHON": PYTHON}
        command = ["make", "--silent", f"--makefile={makefile}", f"build-{logical_id}"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    _build_before("validator")
    sources = FOLDER / "sources"
    for function in FUNCTIONS:
        folder = sources / "stock" / function
        shutil.copytree(ROOT / "functions" / function / function, folder / function)
        shutil.copy(ROOT / "functions" / function / "requirements.txt", folder)
        _peer(sources / "usual" / function, f"{function}.py", "peer")
    _peer(sources / "flask", "flask_app.py", "peer_flask")
    shutil.copy(ROOT / "benchmarks" / "peers" / "flask_asking.py", sources / "flask")
    _peer(sources / "boto3", "boto3_alone.py", "peer_flask")
    _peer(sources / "runtime", None, "lambda_runtime")
    if ssl.OPENSSL_VERSION_INFO < (3, 2):  # older than Lambda's; see openssl.py
        _peer(sources / "openssl", None, "openssl")
    _stock_build(sources)


def _build_before(function: str) -> None:
    """Put *function* as it was at ``BEFORE`` beside the dependencies that it has now."""
    built = FOLDER / "before" / function
    shutil.copytree(FOLDER / "weir" / function, built)
    shutil.rmtree(built / function)
    place = f"functions/{function}"
    taken = subprocess.run(
        ["git", "archive", f"{BEFORE}:{place}", function], cwd=ROOT, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(taken.stdout)) as archive:
        archive.extractall(built, filter="data")
    subprocess.run([PYTHON, "-m", "compileall", "-q", built / function], check=True)


def _peer(folder: Path, module: str | None, group: str) -> None:
    folder.mkdir(parents=True)
    if module:
        shutil.copy(ROOT / "benchmarks" / "peers" / module, folder)
    command = [sys.executable, "-m", "uv", "export", "--frozen", "--quiet", "--only-group", group]
    with (folder / "requirements.txt").open("w") as requirements:
        subprocess.run(command, cwd=ROOT, stdout=requirements, check=True)


def _stock_build(sources: Path) -> None:
    resources = {}
    folders = {}
    for requirements in sorted(sources.rglob("requirements.txt")):
        folder = requirements.parent
        logical_id = "".join(filter(str.isalnum, str(folder.relative_to(sources))))
        folders[logical_id] = FOLDER / folder.relative_to(sources)
        properties = {
            "CodeUri": str(folder),
            "Handler": "none",
            "Runtime": "python3.13",
            "Architectures": [ARCHITECTURE],
        }
        resources[logical_id] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (sources / "template.json").write_text(json.dumps(template))
    path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [*SAM, "build", "--parallel", "--template=template.json", "--build-dir=built"],
        cwd=sources,
        env=os.environ | {"PATH": path, "SAM_CLI_TELEMETRY": "0"},
        check=True,
        capture_output=True,
    )
    for logical_id, folder in folders.items():
        folder.parent.mkdir(parents=True, exist_ok=True)
        (sources / "built" / logical_id).rename(folder)
