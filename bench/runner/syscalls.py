"""System calls per request, counted by strace."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import process, workload

CLIENTS = {
    "plaintext": ("plaintext", ["--connections", 1, "--requests", 400]),
    "plaintext-64": ("plaintext", ["--connections", 64, "--requests", 6_400]),
    "pipelined": ("pipelined", ["--connections", 1, "--requests", 400]),
    "close": ("close", ["--connections", 1, "--requests", 400]),
}
WORKLOADS = list(CLIENTS)
LINE = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+(\d+))?\s+(\w+)$")


def measure(name, programs, settings):
    """Attaches to each server while a known number of requests runs."""
    if not shutil.which("strace"):
        print("no strace: row left out", file=sys.stderr)
        return {}
    workload_name, flags = CLIENTS[name]
    kind = workload.ALL[workload_name]
    measured = {}
    for server_name, program in kind.of(programs).items():
        with process.running(program, kind) as server:
            process.load(programs.load, server, [*kind.client, *flags])
            calls = traced(server, programs.load, [*kind.client, *flags])
        # The client looks at one response before it starts to count.
        measured[server_name] = {"requests": flags[-1] + 1, "calls": calls}
        print(f"   {server_name:12} {calls}", flush=True)
    return measured


def traced(server, client, flags):
    """Returns {system call: [calls, of these failed]}."""
    with tempfile.NamedTemporaryFile("r") as out:
        command = ["strace", "-f", "-c", "-o", out.name, "-p", str(server.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        attached(tracer, server.pid)
        process.load(client, server, flags)
        time.sleep(0.2)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        found = [match for match in map(LINE.match, out.read().splitlines()) if match]
    return {match[3]: [int(match[1]), int(match[2] or 0)] for match in found if match[3] != "total"}


def attached(tracer, pid):
    """Waits until the kernel says that the process is traced."""
    for _ in range(500):
        with open(f"/proc/{pid}/status") as file:
            traced_by = next(line for line in file if line.startswith("TracerPid:"))
        if traced_by.split()[1] == str(tracer.pid):
            time.sleep(0.2)
            return
        time.sleep(0.01)
    raise RuntimeError("strace could not attach")
