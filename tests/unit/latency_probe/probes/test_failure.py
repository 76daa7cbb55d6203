"""Failures that the kernel reports, in network namespaces: nothing can leave this machine."""

import errno
import json
import select
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from latency_probe.probes.failure import pending_error, report_icmp_errors

type InNamespace = Callable[[str], subprocess.CompletedProcess[str]]

PROBE = f"{sys.executable} -m operations.measure --json --samples 3 --interval 0 --timeout 0.3"

# The inner namespace's only way out is a router, the outer one, that refuses to route. Both ends of
# the link are up, and each knows the other's address, before a probe is sent: otherwise the kernel
# drops the first packets of a busy machine, and the probe rightly calls that a timeout.
# The router may answer five times at once: Linux limits what a route that refuses says.
BEHIND_A_ROUTER = """
ip link set lo up
ip link add near address 02:00:00:00:00:01 type veth peer name far address 02:00:00:00:00:02
mkfifo "$SCRATCH/moved" "$SCRATCH/up" "$SCRATCH/routed"
unshare --net sh -euc '
  read _ < "$SCRATCH/moved"
  ip link set lo up
  ip link set far up
  echo > "$SCRATCH/up"
  ip address add 192.0.2.2/30 dev far
  ip -6 address add 2001:db8:1::2/64 dev far nodad
  ip neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev far
  ip neighbour replace 2001:db8:1::1 lladdr 02:00:00:00:00:01 dev far
  ip route add default via 192.0.2.1
  ip -6 route add default via 2001:db8:1::1
  echo 0 0 > /proc/sys/net/ipv4/ping_group_range
  read _ < "$SCRATCH/routed"
  until ip link show far | grep -q "state UP"; do :; done
  exec {probe}
' &
inner=$!
until test "$(readlink /proc/$inner/ns/net)" != "$(readlink /proc/self/ns/net)"; do :; done
ip link set far netns $inner
echo > "$SCRATCH/moved"
ip link set near up
ip address add 192.0.2.1/30 dev near
ip -6 address add 2001:db8:1::1/64 dev near nodad
ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev near
ip neighbour replace 2001:db8:1::2 lladdr 02:00:00:00:00:02 dev near
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
ip route add {route}
read _ < "$SCRATCH/up"
until ip link show near | grep -q 'state UP'; do :; done
echo > "$SCRATCH/routed"
wait $inner
"""


def probed(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Give the one target that was probed."""
    assert finished.returncode == 1, finished.stderr
    (target,) = json.loads(finished.stdout)["targets"]
    assert isinstance(target, dict)
    return target


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]"])
def test_no_route_means_that_the_net_is_unreachable(in_namespace: InNamespace, host: str) -> None:
    """Nothing was sent, and the figures must not look as if something had been."""
    target = probed(in_namespace(f"ip link set lo up; exec {PROBE} {host}:80"))

    assert target["status"] == "net_unreachable"
    assert (target["latency_ms"], target["loss_percent"]) == (None, 100.0)
    assert target["error"] == "Network is unreachable"


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("unreachable", "host_unreachable"),
        ("prohibit", "prohibited"),
        ("blackhole", "local_error"),
    ],
)
def test_a_local_route_that_refuses_gives_its_reason(
    in_namespace: InNamespace, route: str, status: str
) -> None:
    """Where this host can tell the reasons apart, so does the status."""
    script = f"ip link set lo up; ip route add {route} 192.0.2.1; exec {PROBE} 192.0.2.1:80"

    target = probed(in_namespace(script))

    assert (target["status"], target["latency_ms"]) == (status, None)


@pytest.mark.parametrize("method", ["tcp", "icmp"])
@pytest.mark.parametrize(
    ("route", "host", "status"),
    [
        ("unreachable 198.51.100.1", "198.51.100.1", "host_unreachable"),
        ("prohibit 198.51.100.1", "198.51.100.1", "prohibited"),
        ("prohibit 2001:db8:2::1", "[2001:db8:2::1]", "prohibited"),
    ],
)
def test_a_routers_icmp_error_is_seen_at_once_and_told_apart(
    in_namespace: InNamespace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    method: str,
    route: str,
    host: str,
    status: str,
) -> None:
    """A firewall that says no is no lost packet; IPv4 says so in its error queue alone."""
    monkeypatch.setenv("SCRATCH", str(tmp_path_factory.mktemp("router")))
    script = BEHIND_A_ROUTER.format(route=route, probe=f"{PROBE} --method {method} {host}:80")

    target = probed(in_namespace(script))

    assert (target["status"], target["latency_ms"], target["sent"]) == (status, None, 3)


def test_an_icmp_error_that_only_the_queue_holds_is_no_answer() -> None:
    """The kernel wakes poll between queueing the error and setting SO_ERROR.

    A thread on another core that reads SO_ERROR in between finds 0, as a second reading does.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = silent.getsockname()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        report_icmp_errors(sender)
        sender.connect(address)
        sender.send(b"anybody?")
        select.select([sender], [], [], 5)
        assert sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
        assert sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0

        assert pending_error(sender) == errno.ECONNREFUSED


def test_a_name_without_a_resolver_in_reach_is_a_dns_failure(in_namespace: InNamespace) -> None:
    """The system's own resolver is asked, where its question cannot leave this machine."""
    target = probed(in_namespace(f"ip link set lo up; exec {PROBE} nowhere.invalid:80"))

    assert (target["status"], target["latency_ms"], target["sent"]) == ("dns_failure", None, 0)
    assert target["address"] is None


def test_an_icmp_echo_is_timed_by_the_user(in_namespace: InNamespace) -> None:
    """The loopback answers where the kernel lets this group send an echo."""
    script = (
        "ip link set lo up; echo 0 0 > /proc/sys/net/ipv4/ping_group_range;"
        f"exec {PROBE} --method auto 127.0.0.1:80 [::1]:80"
    )

    finished = in_namespace(script)

    assert finished.returncode == 0, finished.stderr
    for target in json.loads(finished.stdout)["targets"]:
        assert (target["status"], target["method"], target["source"]) == ("ok", "icmp", "user")
        assert target["latency_ms"] > 0


def test_auto_falls_back_to_tcp_where_icmp_is_forbidden(in_namespace: InNamespace) -> None:
    """A new namespace lets nobody send an echo without privileges, as Lambda does."""
    script = f"ip link set lo up; exec {PROBE} --method auto 127.0.0.1:80"

    target = probed(in_namespace(script))

    assert (target["method"], target["status"]) == ("tcp", "refused")
