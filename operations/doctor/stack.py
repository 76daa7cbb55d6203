"""What a deployed stack still lacks: somebody who hears of alarms, and clients."""

from ..cost.prices import Line, together
from ..cost.rest import at_rest, options_of
from ..stages import LOCAL
from .answer import ToDoError
from .place import AbsentError, Place

PENDING = "PendingConfirmation"
# Rings for the test: no gradual deployment is rolled back by it, and no one is woken for a sender.
TEST_ALARM = "LatencyProbeErrorsAlarm"


def alarms(place: Place) -> str:
    """Look whether somebody hears of alarms."""
    address = place.parameters["AlarmEmail"]
    topic = place.outputs.get("AlarmTopicArn")
    if not topic:
        if not address:
            raise ToDoError("alarms would reach nobody: add AlarmEmail=... to samconfig.toml")
        return f"will go to {address}, once it confirms"
    found = place.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"]
    heard = [each["Endpoint"] for each in found if each["SubscriptionArn"] != PENDING]
    waiting = [each["Endpoint"] for each in found if each["SubscriptionArn"] == PENDING]
    if waiting:
        raise ToDoError(
            f"{', '.join(waiting)} has not confirmed: follow the link in AWS's e-mail, or deploy"
            " again with another AlarmEmail to get a new one"
        )
    if not heard and place.stage == LOCAL:
        return "go to nobody by e-mail, as on one machine; the page of make up shows them"
    if not heard:
        raise ToDoError(
            "alarms reach nobody: add AlarmEmail=... to samconfig.toml and deploy, or subscribe"
            f" something to {topic}"
        )
    return f"go to {', '.join(heard)}"


def clients(place: Place) -> str:
    """Look whether the stack has clients, and those that Weir plays itself."""
    if not place.outputs:
        return f"none needed yet; after the deployment: make token CLIENT=smoke STAGE={place.stage}"
    path = place.outputs["TokenParameterPath"]
    found = place.ask(
        "ssm",
        "describe_parameters",
        ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [path]}],
    )
    names = {each["Name"].removeprefix(f"{path}/") for each in found["Parameters"]}
    command = f"make token CLIENT=%s STAGE={place.stage}"
    if not names:
        raise ToDoError(f"there are none, so every message is refused: {command % 'first-sender'}")
    if "smoke" not in names and place.stage != LOCAL:  # there `make up` has a token for it
        raise ToDoError(f"the smoke test has no token: {command % 'smoke'}")
    if "canary" not in names and place.parameters.get("Canary") == "true":
        raise ToDoError(f"the canary has no token, and rings: {command % 'canary'}")
    return f"{len(names)} under {path}"


def cost(place: Place) -> str:
    """Say what the stack costs at rest with these parameters, at list prices of us-east-1."""
    given = place.parameters
    lines = at_rest(options_of(given))
    if given["ProbeTargets"] or given["ProbeSubnetIds"]:
        lines = [
            line for line in lines if line.price_name not in ("t4g_nano_hour", "disk_gb_month")
        ]
    if given["Tracing"] != "Active":
        lines = [line for line in lines if line.price_name != "xray_trace"]
    kind = given["TargetInstanceType"].replace(".", "_")
    lines = [
        Line(line.item, line.count, f"{kind}_hour") if line.price_name == "t4g_nano_hour" else line
        for line in lines
    ]
    amount = f"about ${together(lines):.2f} a month before the first message"
    return f"{amount}, at prices of us-east-1 (make cost)"


def ring(place: Place) -> str:
    """Ring one alarm: the one thing that the doctor writes. CloudWatch ends it within minutes."""
    if not place.outputs:
        raise ToDoError("there is no alarm to ring before the first deployment")
    try:
        name = place.physical(TEST_ALARM)
    except AbsentError:
        raise ToDoError(f"{place.stack_name} has no {TEST_ALARM}: deploy again") from None
    place.ask(
        "cloudwatch",
        "set_alarm_state",
        AlarmName=name,
        StateValue="ALARM",
        StateReason=f"A test of make doctor STAGE={place.stage} TEST_ALARM=1; nothing is wrong.",
    )
    return f"{name} rings: two e-mails within minutes, ALARM and then OK, show that alarms arrive"
