"""Starting, pinning and ending the processes of a run; nothing else is ever signalled."""

import contextlib
import json
import os
import re
import resource
import selectors
import signal
import subprocess

LISTENING = re.compile(r"listening on https?://127\.0\.0\.1:(\d+)$")


class Running:
    """A server that listens."""

    def __init__(self, process, port):
        self.process = process
        self.pid = process.pid
        self.target = f"127.0.0.1:{port}"


def prepared(core, policy):
    """Returns what the child does before it becomes the program: core (`None` for any), policy, open files."""
    def prepare():
        if core is not None:
            os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, policy, os.sched_param(0))
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    return prepare


@contextlib.contextmanager
def running(program, workload, *, core=0, policy=os.SCHED_OTHER, under=()):
    """Starts a server, waits for its first line, and ends it by its process id."""
    command = [*under, *program.start_command(workload), "--port", "0"]
    environment = {**os.environ, "RUST_LOG": "off", **program.environment}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment, preexec_fn=prepared(core, policy),
    )
    try:
        yield Running(process, port_of(process, program.name))
    finally:
        end(process)


def port_of(process, name, seconds=60):
    """Reads the first line, at most so long."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            raise RuntimeError(f"{name} does not say where it listens")
    line = process.stdout.readline().strip()
    match = LISTENING.match(line)
    if not match:
        raise RuntimeError(f"{name} said {line!r} first; did it start?")
    return int(match[1])


def end(process, seconds=30):
    """SIGTERM, time to drain, and only then SIGKILL."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def load(binary, server, flags, *, core=0, policy=os.SCHED_OTHER):
    """Runs the client to its end and returns what it counted."""
    return alone(binary, ["--target", server.target, *flags], core=core, policy=policy)


def alone(binary, flags, *, core=0, policy=os.SCHED_OTHER):
    """The same without a server."""
    command = [binary, *map(str, flags)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=prepared(core, policy),
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)
