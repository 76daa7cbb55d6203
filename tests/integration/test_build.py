"""What `sam build` makes of each function, by the Makefile that it calls."""

import io
import json
import marshal
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Literal

import boto3
import botocore.session
import pytest
from botocore import xform_name
from moto.server import ThreadedMotoServer

from operations.project import ROOT
from tests.support.execution import set_environment
from tests.support.template import AWS, FUNCTIONS

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


OPERATIONS = {
    package: set(listed.split())
    for package, listed in re.findall(
        r"PACKAGE := (\w+) --operations ((?:[\w. ]|\\\n)+)",
        (ROOT / "functions/packaging/functions.mk").read_text().replace("\\\n", " "),
    )
}


@pytest.mark.parametrize("package", ["validator", "uploader"])
def test_the_list_of_operations_is_what_the_code_calls(package: str) -> None:
    """A call that is not listed would fail where it is deployed, and nowhere before."""
    source = "\n".join(path.read_text() for path in (ROOT / "functions" / package).rglob("*.py"))
    words = set(re.findall(r"\.(\w+)", source)) | set(re.findall(r'paginator\("(\w+)"', source))
    session = botocore.session.get_session()
    services = set(re.findall(r'boto3\.client\("(\w+)"', source))

    called = {
        f"{service}.{operation}"
        for service in services
        for operation in session.get_service_model(service).operation_names
        if xform_name(operation) in words
    }

    assert OPERATIONS[package] == called | {"s3.HeadBucket"}


CALLS = """
import json, sys
sys.path.insert(0, sys.argv[1])
import boto3
calls = json.loads(sys.argv[2])
for name, arguments in calls.items():
    service, _, operation = name.partition(".")
    client = boto3.client(service)
    methods = client.meta.method_to_api_mapping
    method = next(each for each, called in methods.items() if called == operation)
    if client.can_paginate(method):
        answer = client.get_paginator(method).paginate(**arguments).build_full_result()
    else:
        answer = getattr(client, method)(**arguments)
    print(name, sorted(set(answer) - {"ResponseMetadata"}))
"""


@pytest.mark.parametrize(
    ("function", "package"), [("ValidatorFunction", "validator"), ("UploaderFunction", "uploader")]
)
def test_every_operation_can_be_called_with_the_package(
    function: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was cut out of botocore's models too much shows at the call, not at the cold start."""
    assert build(function, tmp_path).returncode == 0
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    set_environment(
        monkeypatch, AWS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.get_host_and_port()[1]}"}
    )
    s3, sqs, ssm = boto3.client("s3"), boto3.client("sqs"), boto3.client("ssm")
    s3.create_bucket(
        Bucket=package, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_object(Bucket=package, Key="known", Body=b"{}")
    url = sqs.create_queue(QueueName=package)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    ssm.put_parameter(Name=f"/{package}/acme", Value="token", Type="SecureString")
    known = {"Bucket": package, "Key": "known"}
    entry = {"Id": "0", "MessageBody": "{}", "MessageGroupId": "acme"}
    change = {"Id": "0", "ReceiptHandle": received["ReceiptHandle"], "VisibilityTimeout": 9}
    calls: dict[str, tuple[dict[str, Any], str]] = {
        "s3.GetObject": (known, "Body"),
        "s3.HeadBucket": ({"Bucket": package}, "BucketRegion"),
        "s3.ListObjectsV2": ({"Bucket": package, "Prefix": "known"}, "Contents"),
        "s3.PutObject": ({**known, "Key": "new", "Body": "{}", "IfNoneMatch": "*"}, "ETag"),
        "sqs.ChangeMessageVisibilityBatch": ({"QueueUrl": url, "Entries": [change]}, "Successful"),
        "sqs.SendMessageBatch": ({"QueueUrl": url, "Entries": [entry]}, "Successful"),
        "ssm.GetParametersByPath": ({"Path": f"/{package}", "WithDecryption": True}, "Parameters"),
    }
    wanted = {name: calls[name] for name in sorted(OPERATIONS[package])}

    done = subprocess.run(
        [
            PYTHON,
            "-I",
            "-B",
            "-c",
            CALLS,
            str(tmp_path),
            json.dumps({n: a for n, (a, _) in wanted.items()}),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    server.stop()

    assert done.stderr == ""
    for line, (name, (_, member)) in zip(done.stdout.splitlines(), wanted.items(), strict=True):
        assert line.startswith(name)
        assert repr(member) in line


def test_only_the_services_that_are_called_have_botocore_data(tmp_path: Path) -> None:
    """The data of all services is more than half of botocore."""
    assert build("UploaderFunction", tmp_path).returncode == 0

    assert {path.name for path in (tmp_path / "botocore/data").glob("*/")} == {"s3", "sqs"}


def test_an_operation_that_botocore_does_not_know_stops_the_build(tmp_path: Path) -> None:
    """A slip of the pen is named when it is built, not met by a sender."""
    command = [PYTHON, str(ROOT / "functions/packaging/build.py"), "uploader"]
    command += ["--architecture=arm64", "--output=package", "--operations", "s3.PutObjekt"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "no operation PutObjekt of s3" in done.stderr


@pytest.mark.parametrize("python", ["no-such-python", "/bin/false"])
def test_a_missing_interpreter_is_named(python: str, tmp_path: Path) -> None:
    """The person who typed `sam build` reads what to do, not a traceback."""
    built = build("LatencyProbeFunction", tmp_path, python=python)

    assert built.returncode != 0
    assert "needs Python 3.13 with pip" in built.stderr
