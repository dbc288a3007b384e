"""Echo servers over TCP: CPU time, instructions, idle connections, and a hundred thousand of them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import build, callgrind, instructions, memory, paths, process, servers, timing
from .workload import Workload

KIND = Workload("echo, 64 octets", ["--echo", "64"])
TITLES = {
    "tcp": "CPU time per message, server and client on one core",
    "counted": "user-space instructions per message",
    "held": "idle connections",
    "crowd": "connections to several processes at once",
}
WORKLOADS = list(TITLES)
OURS, PARKED, BARE, MULTI = "waterspout", "waterspout, parked", "bare", "tokio, multi-thread"
PACKAGES = {
    OURS: ("echo-waterspout", [], "waterspout-net"),
    "waterspout, messages": ("echo-waterspout", ["--messages"], "waterspout-net"),
    PARKED: ("echo-waterspout", ["--park"], "waterspout-net"),
    BARE: ("echo-bare", [], None),
    MULTI: ("echo-tokio", [], "tokio"),
    "tokio, current-thread": ("echo-tokio", ["--current-thread"], "tokio"),
}
NAMES = [*PACKAGES, "tornado"]
FILES_EACH = 16_700
"""Connections of one process in a crowd: below the usual limit of 20,000 open files."""


def measure(name, load, settings):
    """One row, all servers."""
    programs = everything(settings.jobs)
    if name != "held":
        # It echoes one message only.
        del programs[PARKED]
    if name == "tcp":
        return with_versions(timing.rounds(KIND, programs, load, settings), programs)
    if name == "counted":
        return with_versions(counted(programs, load, settings), programs)
    if name == "held":
        return with_versions(held(programs, load, settings), programs)
    return with_versions({OURS: crowd(programs[OURS], load, settings)}, programs)


def everything(jobs):
    """All servers by name."""
    programs = {}
    for name, (package, flags, crate) in PACKAGES.items():
        binary = build.cargo(paths.BENCH, ["-p", package], jobs)
        version = servers.locked_version(paths.BENCH / "Cargo.lock", crate) if crate else "-"
        if crate == "waterspout-net":
            version += f" ({servers.git_state()})"
        programs[name] = servers.Program(name, version, [binary, *flags])
    build.tornado_environment()
    programs["tornado"] = servers.tornado("echo.py")
    return programs


def with_versions(measured, programs):
    return {name: {**values, "version": programs[name].version} for name, values in measured.items()}


def counted(programs, load, settings):
    """As the instructions of requests."""
    if not shutil.which("valgrind"):
        print("no valgrind: row left out", file=sys.stderr)
        return {}
    measured = {}
    for name, program in programs.items():
        if not program.native:
            continue
        with tempfile.TemporaryDirectory() as folder:
            totals = [
                callgrind.total(instructions.count(program, KIND, 64, load, number, Path(folder) / "out"))
                for number in (settings.few, settings.many)
            ]
        each = (totals[1] - totals[0]) / (settings.many - settings.few)
        measured[name] = {"instructions": round(each, 1)}
        print(f"   {name:22} {each:10.1f}", flush=True)
    return measured


def held(programs, load, settings):
    """Each server by itself with idle connections that had one message each."""
    measured = {}
    for name, program in programs.items():
        with process.running(program, KIND) as server:
            measured[name] = memory.one(server, load, KIND, settings, warm=name != PARKED)
        print(f"   {name:22} {measured[name]}", flush=True)
    return measured


def crowd(program, load, settings):
    """Servers and clients in as many processes as the open files of each allow, all open at once."""
    pairs = -(-settings.crowd // FILES_EACH)
    shares = [settings.crowd // pairs + (number < settings.crowd % pairs) for number in range(pairs)]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(process.running(program, KIND, core=None)) for _ in shares]
        for server in running:
            process.load(load, server, [*KIND.client, "--connections", 1, "--requests", 500], core=None)
        start = [memory.resident(server.pid)["Rss"] for server in running]
        files = [open_files(server.pid) for server in running]
        begin = time.monotonic()
        holders = [holder(load, server, share, stack) for server, share in zip(running, shares)]
        for each in holders:
            memory.expect_held(each)
        opening = time.monotonic() - begin
        grown = sum(memory.resident(s.pid)["Rss"] - rss for s, rss in zip(running, start))
        there = sum(open_files(s.pid) - before for s, before in zip(running, files))
        begin = time.monotonic()
        errors = sum(let_go(each) for each in holders)
        left = gone(running, files)
        closing = time.monotonic() - begin
    found = {
        "connections": settings.crowd, "processes": pairs, "open": there,
        "opening_s": round(opening, 2), "closing_s": round(closing, 2),
        "bytes_each": round(grown * 1024 / settings.crowd), "errors": errors + left,
    }
    print(f"   {program.name:22} {found}", flush=True)
    return found


def holder(load, server, share, stack):
    flags = ["--target", server.target, *KIND.client, "--hold", "--connections", share]
    each = subprocess.Popen(
        [load, *map(str, flags)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=process.prepared(None, os.SCHED_OTHER),
    )
    stack.callback(each.stdout.close)
    stack.callback(each.wait)
    stack.callback(each.stdin.close)
    return each


def let_go(each):
    """Has a client close its connections; 1 if it ends with an error."""
    each.stdin.close()
    return int(each.wait() != 0)


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def gone(running, files, seconds=60):
    """Waits until the servers have closed everything; the number of connections that stay."""
    until = time.monotonic() + seconds
    while True:
        left = sum(max(0, open_files(s.pid) - before) for s, before in zip(running, files))
        if left == 0 or time.monotonic() > until:
            return left
        time.sleep(0.01)
