"""Rules: the network is closed, and the probe is where it was asked to be."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator

from tests.template.deployment import Deployment, walk
from tests.template.rules import rule

# All that a target is given: no key to log in with, no role, no network interface of its own.
OF_A_TARGET = {
    "LaunchTemplate",
    "ImageId",
    "InstanceType",
    "SubnetId",
    "SecurityGroupIds",
    "BlockDeviceMappings",
    "Tags",
}


@rule
def network_is_closed(deployment: Deployment) -> Iterator[str]:
    """Nothing in the VPC has a public address or a way in or out but the probe to its targets."""
    forbidden = ("InternetGateway", "NatGateway", "EIP", "VPCGatewayAttachment", "VPCEndpoint")
    for name, resource in deployment.resources.items():
        if resource["Type"].removeprefix("AWS::EC2::") in forbidden:
            yield f"{name} opens the network"
        for path, node in walk(resource.get("Properties", {})):
            if node in ("0.0.0.0/0", "::/0"):
                yield f"{name} is open to the world at {path}"
    for name, subnet in deployment.of_type("AWS::EC2::Subnet").items():
        if subnet["Properties"].get("MapPublicIpOnLaunch") is not False:
            yield f"{name} gives out public addresses"
    port = deployment.parameters["TargetPort"]
    range_of_ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    for group, key, peer in (
        ("ProbeSecurityGroup", "SecurityGroupEgress", ("CidrIp", deployment.parameters["VpcCidr"])),
        (
            "TargetSecurityGroup",
            "SecurityGroupIngress",
            ("SourceSecurityGroupId", "ProbeSecurityGroup"),
        ),
    ):
        if group not in deployment.resources:
            continue
        found = [dict(rule) for rule in deployment.properties(group).get(key, [])]
        for entry in found:
            entry.pop("Description", None)
        if found != [{**range_of_ports, peer[0]: peer[1]}]:
            yield f"{group}: {key} is {found}"
    if "SecurityGroupIngress" in deployment.properties("ProbeSecurityGroup"):
        yield "the probe can be reached"
    for entry in deployment.properties("TargetSecurityGroup").get("SecurityGroupEgress", [{}]):
        if "TargetSecurityGroup" in deployment.resources and entry.get("CidrIp") != "127.0.0.1/32":
            yield "targets may call out"


@rule
def targets_are_locked(deployment: Deployment) -> Iterator[str]:
    """Nobody can log in to a target, and what runs there cannot take its credentials."""
    for name, instance in deployment.of_type("AWS::EC2::Instance").items():
        properties = instance["Properties"]
        if properties.get("LaunchTemplate") != {
            "LaunchTemplateId": "TargetTemplate",
            "Version": "TargetTemplate.LatestVersionNumber",
        }:
            yield f"{name} is not replaced when what it runs changes"
        data = deployment.properties("TargetTemplate").get("LaunchTemplateData", {})
        if data.get("MetadataOptions") != {"HttpTokens": "required", "HttpEndpoint": "enabled"}:
            yield f"{name} answers the old metadata service"
        if set(data) != {"MetadataOptions", "UserData"} or properties.keys() - OF_A_TARGET:
            yield f"{name} can be logged in to"
        if properties.get("SecurityGroupIds") != ["TargetSecurityGroup"]:
            yield f"{name} is in other security groups"
        disks = properties.get("BlockDeviceMappings", [])
        if not disks or not all(disk["Ebs"].get("Encrypted") for disk in disks):
            yield f"{name} has a disk in the clear"
    if (
        len(
            {i["Properties"]["SubnetId"] for i in deployment.of_type("AWS::EC2::Instance").values()}
        )
        == 1
    ):
        yield "both targets are in one zone"
    second = deployment.resources.get("OtherZoneTarget")
    if second and second.get("DependsOn") != "SameZoneTarget":
        yield "both targets are replaced at once"


@rule
def probe_is_where_it_was_asked_to_be(deployment: Deployment) -> Iterator[str]:
    """The probe runs in the made network's first zone, or in the subnets the user names."""
    made = "Vpc" in deployment.resources
    found = deployment.properties("LatencyProbeFunction").get("VpcConfig", {})
    wanted = {
        "SubnetIds": ["ProbeSubnet"] if made else deployment.parameters["ProbeSubnetIds"],
        "SecurityGroupIds": ["ProbeSecurityGroup"]
        if made
        else deployment.parameters["ProbeSecurityGroupIds"],
    }
    if found != wanted:
        yield f"the probe is in {found}"
    if made == bool(deployment.parameters["ProbeSubnetIds"]):
        yield "a network is made beside the user's"
    zones = {
        name: deployment.properties(name).get("AvailabilityZone")
        for name in ("ProbeSubnet", "OtherZoneSubnet")
        if made
    }
    wanted_zones = {
        "ProbeSubnet": deployment.parameters["ProbeZone"] or "zone-a",
        "OtherZoneSubnet": deployment.parameters["OtherZone"] or "zone-b",
    }
    if made and zones != wanted_zones:
        yield f"the subnets are in {zones}"
