"""The probe's network and its targets."""

from typing import Any

from tests.template.closed import Decided, HeldBy, Maybe

NETWORK = ("ProbeSubnetIds",)
TARGETS = ("ProbeSubnetIds", "ProbeTargets")
PORT = {"IpProtocol": "tcp", "FromPort": "${TargetPort}", "ToPort": "${TargetPort}"}
SAID = {"Description": Maybe(HeldBy("linters"))}


def subnet() -> Decided:
    """Return what both subnets are."""
    return Decided(
        "AWS::EC2::Subnet",
        {
            "VpcId": ("Vpc", "the made network"),
            "CidrBlock": (HeldBy("subnets_have_room_and_do_not_overlap"), "within VpcCidr"),
            "AvailabilityZone": (HeldBy("probe_is_where_it_was_asked_to_be"), "one zone each"),
            "MapPublicIpOnLaunch": (False, "nothing has a public address"),
        },
        without=NETWORK,
    )


def target(subnet: str, after: tuple[str, ...] = ()) -> Decided:
    """Return what both targets are."""
    properties: dict[str, tuple[Any, str]] = {
        "LaunchTemplate": (
            {
                "LaunchTemplateId": "TargetTemplate",
                "Version": "TargetTemplate.LatestVersionNumber",
            },
            "a target is replaced when what it runs changes",
        ),
        "ImageId": ("${TargetImageId}", "the user's choice"),
        "InstanceType": ("${TargetInstanceType}", "the user's choice"),
        "SubnetId": (subnet, "one target in each zone"),
        "SecurityGroupIds": (["TargetSecurityGroup"], "in from the probe only"),
        "BlockDeviceMappings": (
            [
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"Encrypted": True, "VolumeType": "gp3", "DeleteOnTermination": True},
                }
            ],
            "encrypted, and gone with the target; no key to log in with and no role",
        ),
    }
    return Decided("AWS::EC2::Instance", properties, without=TARGETS, after=after)


RESOURCES = {
    "Vpc": Decided(
        "AWS::EC2::VPC",
        {
            "CidrBlock": ("${VpcCidr}", "the user's choice"),
            "EnableDnsSupport": (Maybe(True), "AWS's own default, said"),
        },
        without=NETWORK,
    ),
    "ProbeSubnet": subnet(),
    "OtherZoneSubnet": subnet(),
    "ProbeSecurityGroup": Decided(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": (HeldBy("linters"), "for people; a new one replaces the group"),
            "VpcId": ("Vpc", "the made network"),
            "SecurityGroupEgress": (
                [{**PORT, **SAID, "CidrIp": "${VpcCidr}"}],
                "out to the targets; nothing in",
            ),
        },
        without=NETWORK,
    ),
    "TargetSecurityGroup": Decided(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": (HeldBy("linters"), "for people; a new one replaces the group"),
            "VpcId": ("Vpc", "the made network"),
            "SecurityGroupIngress": (
                [{**PORT, **SAID, "SourceSecurityGroupId": "ProbeSecurityGroup"}],
                "in from the probe alone",
            ),
            "SecurityGroupEgress": (
                [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 1,
                        "ToPort": 1,
                        "CidrIp": "127.0.0.1/32",
                        **SAID,
                    }
                ],
                "nowhere; none given would mean everywhere, and answers need no rule",
            ),
        },
        without=TARGETS,
    ),
    "TargetTemplate": Decided(
        "AWS::EC2::LaunchTemplate",
        {
            "LaunchTemplateData": (
                {
                    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
                    "UserData": HeldBy("targets_listen_again_after_anything"),
                },
                "no old metadata service, no key, no role, no public address",
            )
        },
        without=TARGETS,
    ),
    "SameZoneTarget": target("ProbeSubnet"),
    # Replaced one after the other: a new one that cannot start leaves the second alone.
    "OtherZoneTarget": target("OtherZoneSubnet", after=("SameZoneTarget",)),
}
