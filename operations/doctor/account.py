"""What the account allows: zones, executions at once, and the roles that services need."""

from .answer import ToDoError
from .place import AbsentError, Place, template

# Zones in which Lambda reaches no VPC; AWS has no call that lists them. Known on 2026-11-26.
WITHOUT_LAMBDA = {"use1-az3"}
# Lambda leaves at least these executions to the functions without a share of their own.
UNRESERVED_AT_LEAST = 100
ROLES = {  # the role, and the service that makes it, by the parameter that needs it
    "BackupRetentionInDays": ("AWSServiceRoleForBackup", "backup.amazonaws.com"),
    "DomainName": ("AWSServiceRoleForAPIGateway", "ops.apigateway.amazonaws.com"),
}


def identity(place: Place) -> str:
    """Say which account and region this is, and as whom."""
    caller = place.ask("sts", "get_caller_identity")
    return f"{caller['Account']}, {place.region}, as {caller['Arn']}"


def stack(place: Place) -> str:
    """Look whether the stack can be deployed to."""
    if place.stack is None:
        return f"{place.stack_name} is not deployed yet"
    status = str(place.stack["StackStatus"])
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise ToDoError(
            f"{place.stack_name} is in {status}, which no deployment can leave:"
            f" aws cloudformation delete-stack --stack-name {place.stack_name}"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise ToDoError(
            f"{place.stack_name} is in {status}: aws cloudformation continue-update-rollback"
            f" --stack-name {place.stack_name}"
        )
    return f"{place.stack_name} is in {status}"


def zones_of(place: Place) -> dict[str, str]:
    """Return name and id of the two zones that the stack uses; `ToDoError` if they do not fit."""
    found = place.ask(
        "ec2",
        "describe_availability_zones",
        Filters=[
            {"Name": "zone-type", "Values": ["availability-zone"]},
            {"Name": "state", "Values": ["available"]},
        ],
    )
    ids = {each["ZoneName"]: each["ZoneId"] for each in found["AvailabilityZones"]}
    wanted = [place.parameters["ProbeZone"], place.parameters["OtherZone"]]
    names = [name for name in wanted if name] or sorted(ids)[:2]
    if missing := [name for name in names if name not in ids]:
        raise ToDoError(
            f"{place.region} has no zone {', '.join(missing)}: give ProbeZone and OtherZone two of"
            f" {', '.join(sorted(ids))}"
        )
    if len(set(names)) < 2:
        raise ToDoError(f"the probe needs two zones, and {place.region} offers {len(ids)}")
    return {name: ids[name] for name in names}


def zones(place: Place) -> str:
    """Look whether both zones exist, and have Lambda in a VPC."""
    if place.parameters["ProbeSubnetIds"]:
        return "not needed, the probe runs in ProbeSubnetIds"
    found = zones_of(place)
    if bad := [name for name, zone_id in found.items() if zone_id in WITHOUT_LAMBDA]:
        raise ToDoError(
            f"Lambda reaches no VPC in {', '.join(bad)}: name two other zones with ProbeZone and"
            " OtherZone"
        )
    return " and ".join(found)


def executions(place: Place) -> str:
    """Look whether Lambda's quota bears UploaderConcurrency and ValidatorConcurrency."""
    limits = place.ask("lambda", "get_account_settings")["AccountLimit"]
    limit, unreserved = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    unreserved += int(place.deployed.get("ValidatorConcurrency", 0))  # it counts as reserved now
    validator = int(place.parameters["ValidatorConcurrency"])
    uploader = int(place.parameters["UploaderConcurrency"])
    if validator and unreserved - validator < UNRESERVED_AT_LEAST:
        raise ToDoError(
            f"ValidatorConcurrency={validator} leaves {unreserved - validator} of the account's"
            f" {limit} executions to other functions, and Lambda refuses less than"
            f" {UNRESERVED_AT_LEAST}: leave it at 0, or ask Service Quotas for more (L-B99A9384)"
        )
    left = unreserved - validator
    if uploader > (left if validator else left / 2):
        raise ToDoError(
            f"a backlog could take {uploader} of {left} executions, and senders would get 5xx: set"
            f" UploaderConcurrency={max(2, left // 5)}, or ask Service Quotas for more (L-B99A9384)"
        )
    return f"{limit} at once, {left} of them for all but the validator's share"


def roles(place: Place) -> str:
    """Look whether the services that the parameters turn on have their roles."""
    needed = [role for name, role in ROLES.items() if place.parameters[name] not in ("", "0")]
    missing = []
    for role, service in needed:
        try:
            place.ask("iam", "get_role", RoleName=role)
        except AbsentError:
            missing.append((role, service))
    if missing:
        commands = "; ".join(
            f"aws iam create-service-linked-role --aws-service-name {service}"
            for _, service in missing
        )
        names = " and ".join(role for role, _ in missing)
        raise ToDoError(
            f"the account has no {names}; unless your deployment may make it, run {commands}"
        )
    return ", ".join(role for role, _ in needed) or "none needed"


def budget(place: Place) -> str:
    """Look whether the region has budgets, and whether a deployed one is there."""
    dollars = float(place.parameters["MonthlyBudget"])
    if not dollars:
        return "none asked for (MonthlyBudget)"
    assertion = template()["Rules"]["BudgetNeedsTheRest"]["Assertions"][1]
    regions = assertion["Assert"]["Fn::Contains"][0]
    if place.region not in regions:
        raise ToDoError(
            f"CloudFormation makes no budget in {place.region}: leave MonthlyBudget out, and make"
            " it in the console"
        )
    if float(place.deployed.get("MonthlyBudget", 0)):
        account = place.ask("sts", "get_caller_identity")["Account"]
        name = f"{place.stack_name}-{place.region}"
        try:
            place.ask("budgets", "describe_budget", "us-east-1", AccountId=account, BudgetName=name)
        except AbsentError:
            raise ToDoError(f"the budget {name} was deleted by hand: deploy with another") from None
    return f"${dollars:,.2f} a month for the whole account"
