"""Encrypted streams beside tokio-rustls, with the same rustls under both."""

import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from . import build, callgrind, paths, servers

WHOSE = ("waterspout", "tokio-rustls")
ARGUMENT = {"waterspout": "ours", "tokio-rustls": "tokio-rustls"}
TITLES = {
    "idle": "an idle connection on a server, after one exchange: bytes",
    "echo": "64 octets there and back, both sides",
    "bulk": "64 KiB there and one octet back, both sides",
}
WORKLOADS = list(TITLES)
TURNS = {"idle": 4_000, "echo": 20_000, "bulk": 2_000}
FEW = {"echo": 500, "bulk": 100}
"""Turns of the shorter run under callgrind."""


def measure(name, settings):
    """Both in interleaved rounds; instructions too, except for memory."""
    binary = build.cargo(paths.BENCH, ["-p", "net-tls"], settings.jobs)
    lock = paths.BENCH / "Cargo.lock"
    versions = {
        "waterspout": f"{servers.locked_version(lock, 'waterspout-net')} ({servers.git_state()})",
        "tokio-rustls": servers.locked_version(lock, "tokio-rustls"),
    }
    found = {whose: [] for whose in WHOSE}
    for number in range(settings.rounds):
        for whose in WHOSE[::1 if number % 2 else -1]:
            found[whose].append(run(binary, name, whose, TURNS[name]))
    key = "bytes" if name == "idle" else "ns"
    measured = {whose: {key: found[whose], "version": versions[whose]} for whose in WHOSE}
    for whose in WHOSE:
        if name in FEW and shutil.which("valgrind"):
            measured[whose]["instructions"] = counted(binary, name, whose, FEW[name])
        print(f"   {whose:12} {statistics.median(found[whose]):10.0f} {key}", flush=True)
    return measured


def run(binary, name, whose, turns):
    command = [binary, name, ARGUMENT[whose], str(turns)]
    return float(subprocess.check_output(command, text=True))


def counted(binary, name, whose, few):
    """User-space instructions of each turn: a run with many less one with few."""
    def total(turns):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q"]
            subprocess.run([*tool, binary, name, ARGUMENT[whose], str(turns)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return callgrind.total(out)

    return round((total(3 * few) - total(few)) / (2 * few), 1)
