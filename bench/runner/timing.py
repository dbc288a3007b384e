"""The two timed methods: both on one core, and a core each."""

import contextlib
import functools
import os
import sys

from . import files, process, servers, workload

WORKLOADS = [name for name, kind in workload.ALL.items() if kind.speaks != "wss"]


def same_core(name, programs, settings):
    """Server and client share core 0 under SCHED_BATCH.

    Neither is preempted when the other becomes ready, so each works through all that is there
    before it sleeps, no core is ever idle, and what another tenant does to the clock frequency or to
    wake-up latency does not show in the CPU time of the server.
    """
    kind = workload.ALL[name]
    return rounds(kind, programs, programs.load, settings, beside=parts if kind.in_parts else nothing)


def nothing(*_):
    """No more than the servers themselves."""
    return {}


def parts(kind, load, started, settings):
    """What an echo that compresses is made of: the library's work by itself, and the echo as it is."""
    ours = started.get(servers.OURS)
    sizes = ["--warmup", 2_000, "--seconds", settings.seconds]
    found = {servers.ZLIB: lambda: process.alone(load, [*kind.client, "--zlib", *sizes], policy=os.SCHED_BATCH)}
    if ours:
        plain = [*workload.ALL["ws-plain-1k"].client, "--pid", ours.pid, *sizes]
        found[servers.PLAIN] = lambda: process.load(load, ours, plain, policy=os.SCHED_BATCH)
    return found


def two_cores(name, programs, settings):
    """Server on core 0, client on core 1."""
    if os.cpu_count() < 2:
        print("one core only: row left out", file=sys.stderr)
        return {}
    kind = workload.ALL[name]
    return rounds(kind, programs, programs.load, settings, client_core=1, policy=os.SCHED_OTHER)


def rounds(kind, programs, load, settings, client_core=0, policy=os.SCHED_BATCH, beside=nothing):
    """Interleaved: each round measures every server once, each round begins with another one."""
    names = list(kind.of(programs))
    files.make()
    with contextlib.ExitStack() as stack:
        started = {
            n: stack.enter_context(process.running(programs[n], kind, policy=policy)) for n in names
        }
        def serve(n):
            flags = client_flags(kind, n, settings, started[n].pid)
            return process.load(load, started[n], flags, core=client_core, policy=policy)

        runs = {n: functools.partial(serve, n) for n in names} | beside(kind, load, started, settings)
        samples = {n: {"cpu_us": [], "rps": []} for n in runs}
        order = list(runs)
        for number in range(settings.rounds):
            shift = number % len(order)
            for n in order[shift:] + order[:shift]:
                note(samples[n], runs[n]())
    for n in order:
        if n not in programs:
            samples[n]["version"] = "-"
        show(n, samples[n])
    return samples


def client_flags(kind, name, settings, pid):
    usual = 200 if name == "tornado" else 2_000
    warmup = usual if kind.warmup is None else min(usual, kind.warmup)
    return [*kind.client, "--pid", pid, "--warmup", warmup, "--seconds", settings.seconds]


def note(sample, counted):
    sample["cpu_us"].append(round(counted["server_cpu_nanos"] / counted["requests"] / 1e3, 4))
    sample["rps"].append(round(counted["requests"] / counted["nanos"] * 1e9))


def show(name, sample):
    cpu = sorted(sample["cpu_us"])
    print(f"   {name:22} {cpu[len(cpu) // 2]:8.3f} µs  ({cpu[0]:.3f} to {cpu[-1]:.3f})", flush=True)
