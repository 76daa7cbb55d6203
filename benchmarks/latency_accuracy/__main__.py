"""Measures the probe against packet captures: ``python -m benchmarks.latency_accuracy`` as root."""

import argparse
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from .capture import Capture
from .forwarder import Forwarder
from .load import LOADS, unavailable
from .network import Network
from .probers import OURS, Laboratory, Task, probers, weir

ACCEPTED_ERROR_MICROSECONDS = 60
ACCEPTED_RUN_SECONDS = 8
ROW = "{:<16}{:>6}{:>7}  {:<14}{:>10}{:>10}{:>10}   {:<10}"


def main() -> int:
    """Run the lab and print its table; 0 when the probe is as exact as it promises."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency_accuracy")
    parser.add_argument("--samples", type=int, default=40, help="per run (%(default)s)")
    parser.add_argument("--delays", type=float, nargs="+", default=[0.3, 3, 30], help="in ms")
    parser.add_argument("--losses", type=float, nargs="+", default=[0, 10], help="in percent")
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    parser.add_argument("--probers", nargs="+", choices=probers(), default=list(probers()))
    options = parser.parse_args()
    if reason := _obstacle():
        print(f"skipped: {reason}")
        return 0

    print(f"{platform.platform()}, {os.cpu_count()} cores, {options.samples} probes per run")
    print("error = what the prober says minus what the capture says, in microseconds\n")
    print(ROW.format("load", "ms", "loss", "prober", "median", "p95 abs", "worst", "lost"))
    good = True
    with tempfile.TemporaryDirectory() as scratch, Network() as network:
        laboratory = Laboratory(network, Path(scratch))
        for load in options.loads:
            if reason := unavailable(load):
                print(f"{load}: skipped, {reason}")
                continue
            for delay in options.delays:
                for loss in options.losses:
                    for name in options.probers:
                        good &= _cell(network, laboratory, load, delay, loss, name, options.samples)
        good &= _neighbours(network, laboratory)
    print("\naccepted" if good else "\nNOT accepted (rows marked with !)")
    return int(not good)


def _obstacle() -> str | None:
    if os.geteuid() != 0:
        return "needs root, to make network namespaces and capture packets"
    missing = [tool for tool in ("ip", "setpriv", "mount", "unshare") if not shutil.which(tool)]
    if missing:
        return f"needs {', '.join(missing)}"
    trial = ["unshare", "--net", "true"]
    if subprocess.run(trial, capture_output=True, check=False).returncode:
        return "may make no network namespaces, though it is root: a container without rights?"
    return None


def _cell(
    network: Network,
    laboratory: Laboratory,
    load: str,
    delay: float,
    loss: float,
    name: str,
    samples: int,
) -> bool:
    prober = probers()[name]
    with (
        Forwarder(network.wires(), delay / 1000, loss / 100),
        network.listener() as server,
        Capture(network) as capture,
        LOADS[load]() as before,
    ):
        run = prober(laboratory, Task(before, server.getsockname()[1], samples, 0.02))
        truth = capture.round_trips()[run.warm_ups :]

    errors, lost, counted = _compare(run.samples, truth)
    accepted = name != OURS or (
        counted and bool(errors) and _percentile_95(errors) <= ACCEPTED_ERROR_MICROSECONDS
    )
    figures = (
        [f"{median(errors):+.0f}", f"{_percentile_95(errors):.0f}", f"{max(map(abs, errors)):.0f}"]
        if errors
        else ["-", "-", "-"]
    )
    verdict = lost if accepted else f"{lost} !"
    print(ROW.format(load, f"{delay:g}", f"{loss:g} %", name, *figures, verdict), flush=True)
    return accepted


def _compare(
    samples: Sequence[float | None], truth: Sequence[float | None]
) -> tuple[list[float], str, bool]:
    """Give the errors in microseconds, the losses in words, and whether they were counted right."""
    lost = sum(trip is None for trip in truth)
    if len(samples) != len(truth) and len(samples) == len(truth) - lost:
        truth = [trip for trip in truth if trip is not None]  # a prober that drops lost ones
    reported = sum(sample is None for sample in samples)
    pairs = list(zip(samples, truth, strict=False))
    errors = [(said - true) * 1e6 for said, true in pairs if said is not None and true is not None]
    told = f"{reported} of {lost}" if len(truth) > len(errors) or not lost else f"? of {lost}"
    exact = len(samples) == len(truth) and all((a is None) == (b is None) for a, b in pairs)
    return errors, told, exact


def _percentile_95(errors: Sequence[float]) -> float:
    ranked = sorted(map(abs, errors))
    return ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]


def _neighbours(network: Network, laboratory: Laboratory) -> bool:
    """Probe seven living targets beside three dead ones, and one of the living alone."""
    alive = [network.listener() for _ in range(7)]
    dead = [network.silent_listener() for _ in range(3)]
    ports = [server.getsockname()[1] for server in alive]
    dead_ports = [sockets[0].getsockname()[1] for sockets in dead]
    with Forwarder(network.wires(), 0.0003, 0):
        alone = _median_error(network, laboratory, ports[:1], ports[0])
        started = perf_counter()
        together = _median_error(network, laboratory, [*ports, *dead_ports], ports[0])
        seconds = perf_counter() - started
    _close(alive, dead)

    shift = abs(together - alone)
    print(f"\nten targets, three dead: {seconds:.1f} s for the whole command;")
    print(f"a living one's median error: {alone:+.0f} alone, {together:+.0f} beside the others")
    return seconds <= ACCEPTED_RUN_SECONDS and shift <= ACCEPTED_ERROR_MICROSECONDS


def _median_error(
    network: Network, laboratory: Laboratory, ports: Sequence[int], port: int
) -> float:
    with Capture(network) as capture:
        targets = weir(laboratory, [], "tcp", ports, 20, 0.05)
        truth = capture.round_trips(port)[1:]
    (target,) = (one for one in targets if one["target"].endswith(f":{port}"))
    samples = [None if sample is None else sample / 1000 for sample in target["samples_ms"]]
    return median(_compare(samples, truth)[0])


def _close(alive: Sequence[socket.socket], dead: Sequence[Sequence[socket.socket]]) -> None:
    for one in [*alive, *(one for sockets in dead for one in sockets)]:
        one.close()


if __name__ == "__main__":
    sys.exit(main())
