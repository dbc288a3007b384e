"""User-space instructions per operation of the codecs, counted by callgrind without a socket."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import callgrind, paths, servers

TITLES = {
    "head": "a request head of 40 bytes",
    "browser-head": "a request head with 12 fields, 577 bytes",
    "response": "a response head with 4 fields",
    "chunked": "a chunked body, 10 chunks of 100 bytes",
}
WORKLOADS = list(TITLES)
TURNS = 1_000


def measure(name, programs, settings):
    """Ours, and httparse alone for the heads."""
    if not shutil.which("valgrind"):
        print("no valgrind: row left out", file=sys.stderr)
        return {}
    if programs.micro is None:
        return {}
    binary = programs.micro.command[0]
    codecs = {programs.micro.name: (name, programs.micro.version)}
    if name.endswith("head"):
        httparse = servers.locked_version(paths.BENCH / "Cargo.lock", "httparse")
        codecs["httparse"] = (f"httparse-{name}", httparse)
    measured = {}
    for whose, (codec, version) in codecs.items():
        each = (count(binary, codec, 2 * TURNS) - count(binary, codec, TURNS)) / TURNS
        measured[whose] = {"instructions": round(each, 1), "version": version}
        print(f"   {whose:16} {each:10.1f}", flush=True)
    return measured


def count(binary, codec, turns):
    """All instructions of a run with so many operations."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q"]
        subprocess.run([*under, binary, codec, str(turns)], check=True, stderr=subprocess.DEVNULL)
        return callgrind.total(out)
