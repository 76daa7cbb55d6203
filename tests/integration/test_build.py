"""What `sam build` makes of each function, by the Makefile that it calls."""

import io
import marshal
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from operations.project import ROOT
from tests.support.template import FUNCTIONS

# The interpreter that this environment was made from: unlike the environment, it has pip.
PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.13")
ELF_MACHINES = {"arm64": 183, "x86_64": 62}

type Architecture = Literal["arm64", "x86_64"]


def build(
    function: str, output: Path, architecture: Architecture = "arm64", python: str = PYTHON
) -> subprocess.CompletedProcess[str]:
    """Call make as SAM's custom builder does."""
    makefile = ROOT / "functions" / "packaging" / architecture / "Makefile"
    return subprocess.run(
        ["make", "--makefile", str(makefile), f"build-{function}"],
        cwd=ROOT,
        env={**os.environ, "ARTIFACTS_DIR": str(output), "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_is_below_twelve_megabytes(function: str, tmp_path: Path) -> None:
    """Lambda fetches and unpacks it at each cold start."""
    assert build(function, tmp_path).returncode == 0

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in tmp_path.rglob("*"):
            archive.write(path, path.relative_to(tmp_path))

    assert packed.tell() < 12_000_000


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_module_is_compiled_and_its_source_never_checked(
    function: str, tmp_path: Path
) -> None:
    """SAM zips with dates of 1980, so bytecode that is checked by time would never be used."""
    assert build(function, tmp_path).returncode == 0

    modules = list(tmp_path.rglob("*.py"))
    assert modules
    for module in modules:
        bytecode = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
        assert int.from_bytes(bytecode.read_bytes()[4:8], "little") == 0b01  # PEP 552


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_native_code_is_of_the_architecture_asked_for(
    architecture: Architecture, tmp_path: Path
) -> None:
    """A library of the other architecture fails at import, in the cloud and not before."""
    assert build("ValidatorFunction", tmp_path, architecture).returncode == 0

    libraries = list(tmp_path.rglob("*.so"))
    machines = {int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries}
    assert machines == {ELF_MACHINES[architecture]}


def test_two_builds_are_identical_byte_for_byte(tmp_path: Path) -> None:
    """Then a deployment changes what the commit changed, and anybody can check a package."""
    trees = []
    for name in ["first", "second"]:
        here = tmp_path / name  # dependencies are kept beneath the folder one is in
        here.mkdir()
        command = [PYTHON, str(ROOT / "functions/packaging/build.py"), "latency_probe"]
        command += ["--architecture=arm64", "--output=package"]
        subprocess.run(command, cwd=here, check=True)
        package = here / "package"
        files = (path for path in package.rglob("*") if path.is_file())
        trees.append(
            {path.relative_to(package): (path.stat().st_mode, path.read_bytes()) for path in files}
        )

    assert trees[0] == trees[1]


def test_bytecode_names_the_paths_that_lambda_has(tmp_path: Path) -> None:
    """The builder's own paths would differ elsewhere, and be in every traceback."""
    assert build("ValidatorFunction", tmp_path).returncode == 0

    for bytecode in tmp_path.rglob("*.pyc"):
        code = marshal.loads(bytecode.read_bytes()[16:])  # noqa: S302
        module = bytecode.parents[1] / f"{bytecode.name.partition('.')[0]}.py"
        assert code.co_filename == f"/var/task/{module.relative_to(tmp_path)}"


def test_only_the_services_that_are_called_have_botocore_data(tmp_path: Path) -> None:
    """The data of all services is more than half of botocore."""
    assert build("UploaderFunction", tmp_path).returncode == 0

    assert {path.name for path in (tmp_path / "botocore/data").glob("*/")} == {"s3", "sqs"}


@pytest.mark.parametrize("python", ["no-such-python", "/bin/false"])
def test_a_missing_interpreter_is_named(python: str, tmp_path: Path) -> None:
    """The person who typed `sam build` reads what to do, not a traceback."""
    built = build("LatencyProbeFunction", tmp_path, python=python)

    assert built.returncode != 0
    assert "needs Python 3.13 with pip" in built.stderr
