"""User-space memory of idle keep-alive connections."""

import os
import subprocess
import sys
import time

from . import files, process, workload

KINDS = {
    "idle": "plaintext", "burst": "plaintext",
    "ws-class": "ws-class", "ws-loop": "ws-echo", "ws-deflate": "ws-deflate", "ws-tls": "ws-tls",
}
WORKLOADS = list(KINDS)


def measure(name, programs, settings):
    """Each server by itself: at rest, with idle connections, and after they have closed."""
    measured = {}
    kind = workload.ALL[KINDS[name]]
    if kind.speaks == "wss" and not files.certify():
        print("no openssl: row left out", file=sys.stderr)
        return {}
    for server_name, program in kind.of(programs).items():
        with process.running(program, kind) as server:
            measured[server_name] = one(server, programs.load, kind, settings, name == "burst")
        print(f"   {server_name:12} {measured[server_name]}", flush=True)
    return measured


def one(server, client, kind, settings, burst=False, warm=True):
    """Warm up, hold, look, let go, look again."""
    if warm and kind.speaks == "wss":
        # The client has no other use for TLS than to hold connections.
        few = [client, "--target", server.target, *kind.client, "--hold", "--connections", "64"]
        subprocess.run(few, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    elif warm:
        process.load(client, server, [*kind.client, "--connections", 1, "--requests", 500])
    start = resident(server.pid)
    flags = ["--target", server.target, *kind.client, "--hold", "--connections", settings.connections]
    holder = subprocess.Popen(
        [client, *map(str, flags)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=process.prepared(min(1, os.cpu_count() - 1), os.SCHED_OTHER),
    )
    try:
        expect_held(holder)
        if burst:
            holder.stdin.write("again\n")
            holder.stdin.flush()
            expect_held(holder)
        time.sleep(1)
        held = resident(server.pid)
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
    time.sleep(settings.settle)
    after = resident(server.pid)
    return {
        "bytes_each": round((held["Rss"] - start["Rss"]) * 1024 / settings.connections),
        "anonymous_each": round((held["Anonymous"] - start["Anonymous"]) * 1024 / settings.connections),
        "start_kib": start["Rss"],
        "held_kib": held["Rss"],
        "after_kib": after["Rss"],
    }


def expect_held(holder):
    line = holder.stdout.readline()
    if not line.startswith("held "):
        raise RuntimeError("the client could not hold its connections")


def resident(pid):
    """Sizes in KiB from smaps_rollup."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        pairs = (line.split()[:2] for line in file.readlines()[1:])
        return {name.rstrip(":"): int(size) for name, size in pairs}
