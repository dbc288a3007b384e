"""Builds everything that a run needs."""

import json
import os
import subprocess
import sys
import venv

from . import paths, servers


class Programs(dict):
    """The servers by name, in the order of the report; and the tools beside them."""

    load: str
    """Path of the load client."""
    micro: servers.Program | None
    """The codecs, if a row asks for them."""


def everything(names, with_micro, jobs):
    """Builds the load client, the chosen servers and, for the codecs, `micro`."""
    programs = Programs()
    programs.load = cargo(paths.BENCH, ["-p", "load"], jobs)
    programs.micro = micro(jobs) if with_micro else None
    for name in servers.NAMES:
        if name not in names:
            continue
        program = one(name, jobs)
        if program:
            programs[name] = program
    return programs


def micro(jobs):
    """Builds the codec program, which follows inner interfaces and may lag behind them for a while."""
    try:
        return servers.micro(cargo(paths.BENCH, ["-p", "micro"], jobs))
    except subprocess.CalledProcessError:
        print("micro does not build: the codecs rows are left out", file=sys.stderr)
        return None


def one(name, jobs):
    """Builds one server."""
    if name == "tornado":
        tornado_environment()
        return servers.tornado()
    if name == "bun":
        return servers.bun() if bun_is_there() else None
    if name == "nginx":
        return servers.nginx()
    if name != servers.OURS:
        package, _ = servers.PEERS[name]
        return servers.peer(name, cargo(paths.BENCH, ["-p", package], jobs))
    return servers.waterspout(cargo(paths.ROOT, ["--example", "testbed"], jobs))


def cargo(folder, what, jobs):
    """Builds one package by itself, so that no peer gets features another asked for."""
    command = ["cargo", "build", "--release", *what]
    command += ["--message-format", "json-render-diagnostics"]
    command += ["-j", str(jobs)] if jobs else []
    print("building", *what, flush=True)
    output = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in output.splitlines()]
    return next(m["executable"] for m in reversed(messages) if m.get("executable"))


def tornado_environment():
    """Makes the Python environment, once."""
    python = paths.VENV / "bin" / "python"
    if not python.exists():
        venv.create(paths.VENV, with_pip=True)
    check = [python, "-c", "import tornado, sys; sys.exit(tornado.version != sys.argv[1])"]
    if subprocess.run([*check, servers.TORNADO], stderr=subprocess.DEVNULL).returncode:
        wanted = f"tornado=={servers.TORNADO}"
        subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True, env=os.environ)


def bun_is_there():
    """Installs Bun, once; it is left out where there is no npm."""
    if (paths.BUN / "node_modules" / ".bin" / "bun").exists():
        return True
    paths.BUN.mkdir(exist_ok=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"bun@{servers.BUN}"]
    try:
        subprocess.run(command, cwd=paths.BUN, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"bun is left out: {error}", file=sys.stderr)
        return False
    return True
