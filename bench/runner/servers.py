"""The programs that are compared."""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from . import paths

TORNADO = "6.6.1"
BUN = "1.4.5"


@dataclass
class Program:
    """A server that can be started: `command` takes `--port N --workers 1`."""

    name: str
    version: str
    command: list[str]
    native: bool = True
    """Machine code from the start, so that callgrind counts its own instructions and not an interpreter's."""
    fixed_reply: bool = False
    """Knows one reply only, which the workload's `bare` flags describe."""
    environment: dict = field(default_factory=dict)
    speaks: frozenset = frozenset({"http", "ws"})
    """What it serves: see `speaks` below."""

    def start_command(self, workload):
        return self.command + ["--workers", "1"] + workload.server + (workload.bare if self.fixed_reply else [])


# Cargo package of each peer, and the locked package whose version is its version.
PEERS = {
    "waterspout-http": ("peer-waterspout-http", "waterspout-http"),
    "bare": ("peer-bare", None),
    "hyper": ("peer-hyper", "hyper"),
    "axum": ("peer-axum", "axum"),
    "actix-web": ("peer-actix", "actix-web"),
    "fastwebsockets": ("peer-fastwebsockets", "fastwebsockets"),
    "tokio-websockets": ("peer-tokio-websockets", "tokio-websockets"),
}
HTTP_ONLY = {"waterspout-http", "hyper"}
WEBSOCKETS_ONLY = {"fastwebsockets", "tokio-websockets", "bun"}
NAMES = ["waterspout", *PEERS, "tornado", "bun", "nginx"]
FILES = {"waterspout", "axum", "actix-web", "tornado"}
INPUT = FILES
"""Those that check signed cookies, and read forms and JSON."""
GZIP = {"waterspout", "axum"}
BARE = "bare"
OURS = "waterspout"
ZLIB = "zlib-rs alone"
PLAIN = "waterspout, uncompressed"
NOT_PEERS = {OURS, "waterspout-http", BARE, ZLIB, PLAIN}
"""Ourselves, parts of ourselves, and the limit: no one to be compared with."""


def peer(name, binary):
    """A Rust peer."""
    _, package = PEERS[name]
    version = locked_version(paths.BENCH / "Cargo.lock", package) if package else "-"
    if name.startswith(OURS):
        version += f" ({git_state()})"
    return Program(name, version, [binary], fixed_reply=name == BARE, speaks=speaks(name))


def speaks(name):
    """What a peer serves."""
    spoken = {"http"} if name in HTTP_ONLY else {"ws"} if name in WEBSOCKETS_ONLY else {"http", "ws"}
    spoken |= {"files"} if name in FILES else set()
    spoken |= {"wss"} if name == OURS else set()
    spoken |= {"input"} if name in INPUT else set()
    return frozenset(spoken | ({"gzip"} if name in GZIP else set()))


def micro(binary):
    """The program that runs one codec many times; its version is that of the crate it holds."""
    version = locked_version(paths.BENCH / "Cargo.lock", "waterspout-http")
    return Program("waterspout-http", f"{version} ({git_state()})", [binary])


def waterspout(binary):
    """Ourselves: the `testbed` example of the workspace above."""
    manifest = tomllib.loads((paths.ROOT / "Cargo.toml").read_text())
    version = manifest["workspace"]["package"]["version"]
    return Program(OURS, f"{version} ({git_state()})", [binary], speaks=speaks(OURS))


def tornado(program="app.py"):
    """Python's Tornado in the environment that the script made."""
    python = str(paths.VENV / "bin" / "python")
    line = [python, "-c", "import platform, tornado; print(tornado.version, platform.python_version())"]
    version, python_version = subprocess.check_output(line, text=True).split()
    app = str(paths.BENCH / "peers" / "tornado" / program)
    return Program("tornado", f"{version} (Python {python_version})", [python, app], native=False, speaks=speaks("tornado"))


def bun():
    """Bun from the package `bun` of npm, in the folder that the script made."""
    script = str(paths.BENCH / "peers" / "bun" / "server.js")
    command = [str(paths.BUN / "node_modules" / ".bin" / "bun"), script]
    return Program("bun", BUN, command, native=False, speaks=speaks("bun"))


def nginx():
    """nginx of the system, for files alone; `None` where there is none."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if not binary:
        return None
    said = subprocess.run([binary, "-v"], capture_output=True, text=True, check=True).stderr
    script = str(paths.BENCH / "peers" / "nginx" / "serve.py")
    command = [sys.executable, script, binary]
    return Program("nginx", said.strip().rpartition("/")[2], command, native=False, speaks=frozenset({"files"}))


def locked_version(lock: Path, package):
    """The version of a package in a Cargo.lock."""
    packages = tomllib.loads(lock.read_text())["package"]
    return next(entry["version"] for entry in packages if entry["name"] == package)


def git_state():
    """The commit, and whether the sources differ from it."""
    def git(*words):
        return subprocess.check_output(["git", "-C", str(paths.ROOT), *words], text=True).strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench")
    return git("rev-parse", "--short", "HEAD") + (", modified" if changed else "")
