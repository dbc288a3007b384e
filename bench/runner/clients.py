"""The rows of the client: keep-alive GET from one loop, 64 under way, against the bare server."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import build, callgrind, paths, process, profile, servers, workload
from .numbers import median, span

WORKLOADS = ["batch", "cores", "count"]
RUST = {"waterspout": "waterspout-http", "reqwest": "reqwest", "hyper-util": "hyper-util"}
NAMES = [*RUST, "tornado"]
REQUESTS = 40_000
TORNADO_REQUESTS = 2_000
built = {}


def measure(name, settings):
    """`batch`: both on one core, `cores`: a core each, `count`: instructions by callgrind."""
    server = servers.peer(servers.BARE, build.cargo(paths.BENCH, ["-p", "peer-bare"], settings.jobs))
    if name == "count":
        return count(server, settings)
    return timed(name, server, settings)


def commands(settings):
    """Builds the clients, once, and returns their commands and versions."""
    if not built:
        lock = paths.BENCH / "Cargo.lock"
        for name, package in RUST.items():
            binary = build.cargo(paths.BENCH, ["-p", f"client-{name}"], settings.jobs)
            version = servers.locked_version(lock, package)
            if name == servers.OURS:
                version += f" ({servers.git_state()})"
            built[name] = ([binary], version)
        build.tornado_environment()
        tornado = servers.tornado()
        script = str(paths.BENCH / "clients" / "tornado" / "client.py")
        built["tornado"] = ([tornado.command[0], script], tornado.version)
    return built


def timed(name, server, settings):
    policy = os.SCHED_BATCH if name == "batch" else os.SCHED_OTHER
    core = 0 if name == "batch" else 1
    clients = commands(settings)
    samples = {n: {"cpu_us": [], "rps": [], "version": clients[n][1]} for n in NAMES}
    with process.running(server, workload.ALL["plaintext"], policy=policy) as running:
        for number in range(settings.rounds):
            shift = number % len(NAMES)
            for n in NAMES[shift:] + NAMES[:shift]:
                requests = TORNADO_REQUESTS if n == "tornado" else REQUESTS
                flags = ["--requests", requests, "--warmup", requests // 10]
                counted = run(clients[n][0], running, flags, core, policy)
                samples[n]["cpu_us"].append(round(counted["cpu_nanos"] / counted["requests"] / 1e3, 4))
                samples[n]["rps"].append(round(counted["requests"] / counted["nanos"] * 1e9))
    for n in NAMES:
        cpu, rps = median(samples[n]["cpu_us"]), median(samples[n]["rps"])
        print(f"   {n:12} {cpu:8.3f} µs {rps:10,.0f} requests/s", flush=True)
    return samples


def count(server, settings):
    """Many requests minus few, so that start and end cancel out."""
    if not shutil.which("valgrind"):
        print("no valgrind: row left out", file=sys.stderr)
        return {}
    measured = {}
    for name in RUST:
        command, version = commands(settings)[name]
        with tempfile.TemporaryDirectory() as folder:
            few, many = Path(folder) / "few", Path(folder) / "many"
            for out, requests in ((few, settings.few), (many, settings.many)):
                under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "-q"]
                kind = workload.ALL["plaintext"]
                with process.running(server, kind, policy=os.SCHED_BATCH) as running:
                    flags = ["--requests", requests, "--warmup", 500]
                    run([*under, *command], running, flags, 0, os.SCHED_BATCH)
            requests = settings.many - settings.few
            each = (callgrind.total(many) - callgrind.total(few)) / requests
            measured[name] = {"instructions": round(each, 1), "version": version}
            print(f"   {name:12} {each:10.1f}", flush=True)
            if settings.profile:
                profile.write(name, "client", few, many, requests)
    return measured


def run(command, server, flags, core, policy):
    done = subprocess.run(
        [*command, "--target", server.target, *map(str, flags)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600,
        preexec_fn=process.prepared(core, policy),
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def section(rows):
    """The tables of the report."""
    titles = {"batch": "client and server on one core", "cores": "a core each"}
    lines = []
    for name, title in titles.items():
        values = rows.get(f"client/{name}")
        if not values:
            continue
        lines += ["", f"| client, {title} | requests/s | range | CPU µs | range |", "|---|---:|---:|---:|---:|"]
        for n in (n for n in NAMES if n in values):
            rps, cpu = values[n]["rps"], values[n]["cpu_us"]
            lines.append(f"| {n} {values[n]['version']} | {median(rps):,.0f} | {span(rps, 0)} "
                         f"| {median(cpu):.3f} | {span(cpu, 3)} |")
    counted = rows.get("client/count")
    if counted:
        lines += ["", "| client | instructions per request |", "|---|---:|"]
        lines += [f"| {n} | {counted[n]['instructions']:,.0f} |" for n in NAMES if n in counted]
    if not lines:
        return []
    note = ("Keep-alive GET of 13 octets from one loop, 64 under way, against the bare server. Tornado's "
            "simple_httpclient makes a connection for each request.")
    return ["", "## The client", "", note, *lines]


def goals(rows, goal):
    """What the client was to reach."""
    lines = []
    for name in ("batch", "cores"):
        values = rows.get(f"client/{name}", {})
        if not {"waterspout", "reqwest", "hyper-util"} <= set(values):
            continue
        ratio = median(values["waterspout"]["rps"]) / median(values["reqwest"]["rps"])
        lines.append(goal(f"client/{name}, requests/s", "at least 1.20 × reqwest", f"{ratio:.2f}", ratio >= 1.2))
        ours, theirs = (median(values[n]["cpu_us"]) for n in ("waterspout", "hyper-util"))
        lines.append(goal(f"client/{name}, CPU µs", f"below hyper-util's {theirs:.3f}", f"{ours:.3f}", ours < theirs))
    return lines
