"""What a person sees of `make doctor`: its place, its exit status, and a service that is deaf."""

import socket
import sys
import time

import boto3
import pytest
from botocore.config import Config

from operations.doctor import __main__ as command
from operations.doctor.answer import Answer, Verdict
from operations.doctor.place import Place, given, template
from operations.doctor.stack import TEST_ALARM, cost, ring
from tests.unit.operations.doctor import healthy
from tests.unit.operations.doctor.recorded import RecordedAws

FINE, TO_DO, UNSEEN = (Answer("a check", verdict, "") for verdict in Verdict)


@pytest.mark.parametrize(
    ("answers", "status"),
    [([FINE], 0), ([FINE, TO_DO], 1), ([FINE, UNSEEN], 2), ([UNSEEN, TO_DO], 1)],
)
def test_exit_status_says_what_was_found(answers: list[Answer], status: int) -> None:
    """A script asks it, and what is to do counts more than what was not seen."""
    assert command.status(answers) == status


def test_line_says_check_verdict_and_text() -> None:
    """One line each, so that it can be searched."""
    assert str(Answer("plan", Verdict.TO_DO, "do it")) == "plan: to do: do it"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_parameters_are_those_of_the_next_deployment(stage: str) -> None:
    """samconfig.toml over the template's defaults."""
    place = Place(stage, f"weir-{stage}", boto3.Session(region_name="x"), wanted=given(stage))

    assert place.parameters.keys() == template()["Parameters"].keys()
    assert place.parameters["Stage"] == stage
    assert place.parameters["UploaderConcurrency"] == "10"


def test_parameters_of_a_stage_without_any_are_the_deployed_ones() -> None:
    """The one-machine stack is given its parameters by `make up`."""
    deployed = healthy.stacks(
        Parameters=[{"ParameterKey": "UploaderConcurrency", "ParameterValue": "3"}]
    )
    aws = RecordedAws({"cloudformation:DescribeStacks": deployed})

    place = Place("local", "weir-local", aws.session(healthy.REGION))

    assert place.parameters["UploaderConcurrency"] == "3"


def test_deaf_service_is_given_up_on() -> None:
    """It takes the connection and never answers; the line says which call that was."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        place = Place(
            "dev",
            healthy.STACK,
            boto3.Session("key", "secret", region_name=healthy.REGION),
            f"http://127.0.0.1:{deaf.getsockname()[1]}",
            Config(connect_timeout=0.2, read_timeout=0.2, retries={"total_max_attempts": 1}),
        )
        before = time.monotonic()

        [line] = command.examine(place)

    assert str(line) == "account: could not look: sts:GetCallerIdentity (ReadTimeoutError)"
    assert time.monotonic() - before < 5


def test_test_alarm_is_the_one_thing_that_is_written() -> None:
    """It rings an alarm that rolls nothing back, and says that nothing is wrong."""
    aws = RecordedAws(healthy.answers() | {"cloudwatch:SetAlarmState": {}})
    place = Place("dev", healthy.STACK, aws.session(healthy.REGION))

    said = ring(place)

    assert said.startswith(f"weir-dev-{TEST_ALARM} rings")
    assert aws.calls[-1] == "cloudwatch:SetAlarmState"
    assert "Canary" not in TEST_ALARM
    assert TEST_ALARM in template()["Resources"]


def test_cost_follows_the_parameters() -> None:
    """Targets of one's own spare their price, and each option adds its own."""

    def said(**wanted: str) -> str:
        aws = RecordedAws({}).session(healthy.REGION)
        return cost(Place("dev", healthy.STACK, aws, wanted={"Stage": "dev", **wanted}))

    def amount(**wanted: str) -> float:
        return float(said(**wanted).partition("$")[2].split()[0])

    rest = amount()
    assert amount(KmsKeyArn="arn") == pytest.approx(rest + 1.08, abs=0.011)
    assert amount(ProbeTargets="10.0.0.1:7") == pytest.approx(rest - 6.132 - 0.32, abs=0.011)
    assert amount(TargetInstanceType="t4g.micro") == pytest.approx(rest + 6.132, abs=0.011)
    assert amount(Tracing="PassThrough") == pytest.approx(rest - 0.219, abs=0.011)


@pytest.mark.parametrize("kind", template()["Parameters"]["TargetInstanceType"]["AllowedValues"])
def test_every_type_of_the_targets_has_a_price(kind: str) -> None:
    """The bill must not end in an error for a type that the template allows."""
    aws = RecordedAws({}).session(healthy.REGION)
    wanted = {"Stage": "dev", "TargetInstanceType": kind}

    assert "a month" in cost(Place("dev", healthy.STACK, aws, wanted=wanted))


def test_without_region_or_credentials_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call would fail for the same reason."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(SystemExit, match="AWS needs a region"):
        command.place_of("dev", "")


def test_ctrl_c_ends_it_in_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was written, so nothing has to be put back."""

    def interrupted(*_: object) -> Place:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "place_of", interrupted)
    monkeypatch.setattr(sys, "argv", ["doctor", "--stage", "dev"])

    with pytest.raises(SystemExit) as ended:
        command.main()

    assert ended.value.code == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_lines_come_one_by_one_with_a_sum_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was found before somebody interrupts is on the screen."""
    aws = RecordedAws(healthy.answers())
    place = Place("dev", healthy.STACK, aws.session(healthy.REGION))
    monkeypatch.setattr(command, "place_of", lambda *_: place)
    monkeypatch.setattr(command, "CHECKS", {"account": command.CHECKS["account"]})
    monkeypatch.setattr(sys, "argv", ["doctor", "--stage", "dev"])

    with pytest.raises(SystemExit) as ended:
        command.main()

    assert ended.value.code == 0
    first, empty, last = capsys.readouterr().out.splitlines()
    assert first == f"account: fine: {healthy.ACCOUNT}, {healthy.REGION}, as {healthy.ARN}:user/you"
    assert (empty, last) == ("", "1 fine, 0 to do, 0 could not look")
