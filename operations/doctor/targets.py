"""What the probe's EC2 targets need: a type that is offered and allowed, vCPUs and an image."""

from .account import zones_of
from .answer import ToDoError
from .place import AbsentError, Place

STANDARD_VCPUS = "L-1216C47A"  # Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances
VCPUS_EACH = 2  # of every type that TargetInstanceType allows
TARGETS = 2
NOT_MADE = "not needed, no target is made"


def makes_targets(place: Place) -> bool:
    """Return whether the stack makes targets of its own."""
    return not (place.parameters["ProbeTargets"] or place.parameters["ProbeSubnetIds"])


def offered(place: Place) -> str:
    """Look whether both zones offer the type of the targets."""
    if not makes_targets(place):
        return NOT_MADE
    kind = place.parameters["TargetInstanceType"]
    zones = zones_of(place)
    found = place.ask(
        "ec2",
        "describe_instance_type_offerings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": [kind]}],
    )
    places = {each["Location"] for each in found["InstanceTypeOfferings"]}
    if lacking := [zone for zone in zones if zone not in places]:
        raise ToDoError(
            f"{', '.join(lacking)} offers no {kind}: name two of {', '.join(sorted(places))} with"
            " ProbeZone and OtherZone, or take another TargetInstanceType"
        )
    return f"{kind} in {' and '.join(zones)}"


def plan(place: Place) -> str:
    """Look whether the account's plan allows the type of the targets."""
    try:
        found = place.ask("freetier", "get_account_plan_state", "us-east-1")
    except AbsentError:
        return "the account is older than AWS's plans"
    if found["accountPlanType"] != "FREE":
        return "the Paid plan allows every type"
    if found["accountPlanStatus"] == "EXPIRED":
        raise ToDoError("the Free plan has ended: change to the Paid plan in the console (Billing)")
    if not makes_targets(place):
        return "the Free plan, and no target is made"
    kind = place.parameters["TargetInstanceType"]
    answer = place.ask(
        "ec2",
        "describe_instance_types",
        Filters=[{"Name": "free-tier-eligible", "Values": ["true"]}],
    )
    allowed = {each["InstanceType"] for each in answer["InstanceTypes"]}
    if kind not in allowed:
        better = "t4g.micro" if "t4g.micro" in allowed else ", ".join(sorted(allowed))
        raise ToDoError(
            f"the account is on the Free plan, where EC2 refuses {kind} and the first deployment is"
            f" rolled back: TargetInstanceType={better}"
        )
    return f"the Free plan allows {kind}"


def vcpus(place: Place) -> str:
    """Look whether the account may run the targets, and replace both at once."""
    if not makes_targets(place):
        return NOT_MADE
    which = {"ServiceCode": "ec2", "QuotaCode": STANDARD_VCPUS}
    try:
        found = place.ask("service-quotas", "get_service_quota", **which)
    except AbsentError:
        found = place.ask("service-quotas", "get_aws_default_service_quota", **which)
    quota = found["Quota"]["Value"]
    runs, replaces = TARGETS * VCPUS_EACH, 2 * TARGETS * VCPUS_EACH
    ask = f"ask Service Quotas for {replaces} (EC2, {STANDARD_VCPUS})"
    if quota < runs:
        raise ToDoError(f"{quota:g} vCPUs do not run two targets, which take {runs}: {ask}")
    if quota < replaces:
        raise ToDoError(
            f"{quota:g} vCPUs run two targets and cannot replace both at once, which a newer image"
            f" does: {ask}, or hold the image with a TargetImageId of your own"
        )
    return f"{quota:g} vCPUs, and {replaces} replace both targets at once"


def image(place: Place) -> str:
    """Look whether the image exists, and is for the processor of the targets."""
    if not makes_targets(place):
        return NOT_MADE
    name, kind = place.parameters["TargetImageId"], place.parameters["TargetInstanceType"]
    try:
        image_id = place.ask("ssm", "get_parameter", Name=name)["Parameter"]["Value"]
    except AbsentError:
        raise ToDoError(
            f"there is no SSM parameter {name} in {place.region}: TargetImageId=..."
        ) from None
    images = place.ask("ec2", "describe_images", ImageIds=[image_id])["Images"]
    if not images:
        raise ToDoError(f"{name} names {image_id}, which does not exist in {place.region}")
    has, needs = images[0]["Architecture"], "arm64" if kind.startswith("t4g") else "x86_64"
    if has != needs:
        raise ToDoError(
            f"{kind} needs an image for {needs}, and {name} is for {has}: another TargetImageId"
        )
    return f"{image_id} for {has}"
