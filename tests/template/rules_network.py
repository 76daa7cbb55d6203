"""Rules: the probe is where it was asked to be, and its targets listen.

What the network lets in and out is decided in `decided/network.py`.
"""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from ipaddress import ip_network

from tests.template.deployment import Deployment
from tests.template.rules import rule

# What systemd is told of the listener, and why.
UNIT = {
    "Unit": {"StartLimitIntervalSec": "0"},  # it is started again however often it ends
    "Service": {
        "Restart": "always",
        "RestartSec": "1",
        "MemoryMax": "64M",
        "DynamicUser": "yes",
        "AmbientCapabilities": "CAP_NET_BIND_SERVICE",  # ports below 1024 without root
        "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
    },
    "Install": {"WantedBy": "multi-user.target"},
}
START = "/usr/bin/python3 -I /usr/local/lib/listen.py"


@rule
def probe_is_where_it_was_asked_to_be(deployment: Deployment) -> Iterator[str]:
    """The probe runs in the made network's first zone, or in the subnets the user names."""
    made = not deployment.given("ProbeSubnetIds")
    asked = deployment.parameters
    found = deployment.properties("LatencyProbeFunction").get("VpcConfig", {})
    wanted = {
        "SubnetIds": ["ProbeSubnet"] if made else str(asked["ProbeSubnetIds"]).split(","),
        "SecurityGroupIds": ["ProbeSecurityGroup"]
        if made
        else str(asked["ProbeSecurityGroupIds"]).split(","),
    }
    if found != wanted:
        yield f"the probe is in {found}"
    region = deployment.pseudo["AWS::Region"]
    zones = {
        name: deployment.properties(name).get("AvailabilityZone")
        for name in ("ProbeSubnet", "OtherZoneSubnet")
        if made
    }
    wanted_zones = {
        "ProbeSubnet": asked["ProbeZone"] or f"{region}a",
        "OtherZoneSubnet": asked["OtherZone"] or f"{region}b",
    }
    if made and zones != wanted_zones:
        yield f"the subnets are in {zones}"


@rule
def subnets_have_room_and_do_not_overlap(deployment: Deployment) -> Iterator[str]:
    """AWS keeps five addresses of each, and makes none smaller than 16."""
    blocks = [
        ip_network(subnet["Properties"]["CidrBlock"])
        for subnet in deployment.of_type("AWS::EC2::Subnet").values()
    ]
    for block in blocks:
        if not block.subnet_of(ip_network(deployment.parameters["VpcCidr"])):  # type: ignore[arg-type]
            yield f"{block} is outside of VpcCidr"
        if not 16 <= block.num_addresses <= 65536:
            yield f"{block} has {block.num_addresses} addresses"
    if any(one.overlaps(other) for one in blocks for other in blocks if one is not other):
        yield f"subnets overlap: {blocks}"


@rule
def targets_listen_again_after_anything(deployment: Deployment) -> Iterator[str]:
    """The script writes a listener that hangs up on everybody, and a unit that starts it again."""
    data = deployment.properties("TargetTemplate").get("LaunchTemplateData", {})
    if not data:
        return
    text = data.get("UserData", "")
    files = {
        path: lines
        for path, _, lines in re.findall(r"^cat > (\S+) <<(\w+)\n(.*?)^\2$", text, re.M | re.S)
    }
    commands = re.sub(r"^cat > \S+ <<(\w+)\n.*?^\1\n", "", text, flags=re.M | re.S).splitlines()
    if commands != [
        "#!/bin/sh",
        "systemctl daemon-reload",
        "systemctl enable --now listen.service",
    ]:
        yield f"a target runs {commands}"
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(files.get("/etc/systemd/system/listen.service", ""))
    unit = {name: dict(parser[name]) for name in parser.sections()}
    if (
        unit.get("Service", {}).pop("ExecStart", "")
        != f"{START} {deployment.parameters['TargetPort']}"
    ):
        yield "the unit starts something else, or on another port"
    if unit != UNIT:
        yield f"the unit says {unit}"
    if problem := hangs_up(files.get("/usr/local/lib/listen.py", "")):
        yield f"the listener {problem}"


@cache
def hangs_up(listener: str) -> str:
    """Run *listener* on a free port; return what is wrong with it, if it does not hang up."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    command = [sys.executable, "-I", "-c", listener, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(2):  # the next connection, too
                while (problem := _reply(port)) == "does not listen" and process.poll() is None:
                    time.sleep(0.01)
                if problem:
                    return problem
        finally:
            process.kill()
    return ""


def _reply(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return "" if connection.recv(1) == b"" else "says something"
    except TimeoutError:
        return "does not hang up"
    except OSError:
        return "does not listen"
