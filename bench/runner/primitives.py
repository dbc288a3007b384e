"""Timers, tasks, wake-ups, queues and locks beside tokio's and Tornado's."""

import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import build, callgrind, paths, servers


@dataclass
class Row:
    """One operation; `turns` of it are timed, and `slow_turns` of Tornado's."""

    title: str
    package: str
    turns: int
    slow_turns: int
    few: int = 20_000
    """Turns of the shorter run under callgrind; 0 where it would take minutes."""
    program: str = ""
    """What the program calls the row, if that is another name."""


ROWS = {
    "timers": Row("20,000 timers set, then taken back; tokio: spawned sleeps, aborted",
                  "net-io-loop", 20_000, 20_000),
    "timers-million": Row("the same with 1,000,000 at once", "net-io-loop", 1_000_000, 1_000_000, 0, "timers"),
    "spawn-join": Row("a task, and what it returns; tokio: spawn_local and its handle",
                      "net-io-loop", 1_000_000, 20_000),
    "wake-up": Row("a callback from another thread, and its answer; tokio: a task at mpsc::unbounded_channel",
                   "net-io-loop", 100_000, 5_000, 4_000),
    "queue": Row("Queue(16), put and get in one task; tokio: mpsc::channel(16)",
                 "net-sync", 1_000_000, 20_000),
    "queue-unbounded": Row("Queue(0), put_nowait and get in one task; tokio: mpsc::unbounded_channel",
                           "net-sync", 1_000_000, 20_000),
    "queue-tasks": Row("Queue(16), one task puts, another gets; tokio: mpsc::channel(16)",
                       "net-sync", 1_000_000, 20_000),
    "lock": Row("Lock, acquire and release in one task; tokio: Mutex", "net-sync", 1_000_000, 20_000),
    "lock-tasks": Row("Lock, 8 tasks hold it over a yield each; tokio: Mutex",
                      "net-sync", 200_000, 20_000),
}
WORKLOADS = list(ROWS)
WHOSE = ("waterspout", "tokio")
ARGUMENT = {"waterspout": "ours", "tokio": "tokio"}
TORNADO_ROUNDS = 3


def measure(name, settings):
    """Ours and tokio's in interleaved rounds, then Tornado's."""
    row = ROWS[name]
    binary = build.cargo(paths.BENCH, ["-p", row.package], settings.jobs)
    lock = paths.BENCH / "Cargo.lock"
    versions = {
        "waterspout": f"{servers.locked_version(lock, 'waterspout-net')} ({servers.git_state()})",
        "tokio": servers.locked_version(lock, "tokio"),
    }
    argument = row.program or name
    times = timed(binary, argument, row.turns, settings.rounds)
    measured = {whose: {"ns": times[whose], "version": versions[whose]} for whose in WHOSE}
    if row.few and shutil.which("valgrind"):
        for whose in WHOSE:
            measured[whose]["instructions"] = counted(binary, argument, whose, row.few)
    measured["tornado"] = tornado(argument, row.slow_turns)
    for whose, found in measured.items():
        counts = f"{found['instructions']:10.0f}" if "instructions" in found else ""
        print(f"   {whose:12} {statistics.median(found['ns']):12.1f} ns {counts}", flush=True)
    return measured


def timed(binary, argument, turns, rounds):
    """Nanoseconds of CPU time of each operation; each round begins with another one."""
    found = {whose: [] for whose in WHOSE}
    for number in range(rounds):
        for whose in WHOSE[::1 if number % 2 else -1]:
            command = [binary, argument, ARGUMENT[whose], str(turns)]
            found[whose].append(float(subprocess.check_output(command, text=True)))
    return found


def counted(binary, argument, whose, few):
    """User-space instructions of each operation: a run with many less one with few."""
    def total(turns):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q"]
            subprocess.run([*tool, binary, argument, ARGUMENT[whose], str(turns)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return callgrind.total(out)

    return round((total(3 * few) - total(few)) / (2 * few), 1)


def tornado(argument, turns):
    """The same rows on Python's Tornado."""
    build.tornado_environment()
    program = servers.tornado("primitives.py")
    command = [*program.command, argument, str(turns)]
    ns = [float(subprocess.check_output(command, text=True)) for _ in range(TORNADO_ROUNDS)]
    return {"ns": [round(value, 1) for value in ns], "version": program.version}
