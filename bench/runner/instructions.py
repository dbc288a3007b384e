"""User-space instructions per request, counted by callgrind."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import callgrind, process, profile, servers, workload

CONNECTIONS = 64
WORKLOADS = ["plaintext", "plaintext-1", "json", "path", "headers", "pipelined", "fortunes", "fortunes-askama",
             "signed-cookie",
             "form", "multipart", "json-in-out", "static-304", "static-304-etag", "ws-echo", "ws-class", "ws-deflate", "ws-plain-1k"]


def measure(name, programs, settings):
    """Many requests minus few requests, so that start and end cancel out."""
    if not shutil.which("valgrind"):
        print("no valgrind: row left out", file=sys.stderr)
        return {}
    measured = {}
    # `plaintext-1` is `plaintext` with one connection.
    base, _, one = (name, "", "") if name in workload.ALL else name.partition("-")
    kind, connections = workload.ALL[base], int(one or CONNECTIONS)
    for server_name, program in kind.of(programs).items():
        if not program.native:
            continue
        with tempfile.TemporaryDirectory() as folder:
            few, many = (
                count(program, kind, connections, programs.load, number, Path(folder) / str(number))
                for number in (settings.few, settings.many)
            )
            requests = settings.many - settings.few
            each = (callgrind.total(many) - callgrind.total(few)) / requests
            measured[server_name] = {"instructions": round(each, 1)}
            print(f"   {server_name:12} {each:10.1f}", flush=True)
            if settings.profile and server_name != servers.BARE:
                profile.write(server_name, name, few, many, requests)
    return measured


def count(program, kind, connections, client, requests, out):
    """Runs a server under callgrind; returns the path of its counts.

    Server and client share a core under SCHED_BATCH as in the timed rows, so that the number of
    requests that one wake-up finds, and with it the count, repeats.
    """
    # valgrind gives up at 500 threads, and the pool for blocking work may have 512.
    under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q", "--max-threads=600"]
    policy = os.SCHED_BATCH
    with process.running(program, kind, under=under, policy=policy) as server:
        flags = [*kind.client, "--connections", connections, "--requests", requests]
        process.load(client, server, flags, policy=policy)
    return out
