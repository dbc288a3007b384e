"""One room with a hundred thousand WebSockets, over several processes that share it by Unix sockets."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time

from . import build, paths, process, servers
from .workload import Workload

TITLES = {"crowd": "one room over several processes, a message of 200 octets each second"}
WORKLOADS = list(TITLES)
PATH = "/ws/room/all"
KIND = Workload("a room", ["--path", PATH, "--websocket", "200", "--listen"])
EACH = 16_700
"""Sockets of one process: below the usual limit of 20,000 open files."""
SIZE = 200
KEY = b"\x37\xfa\x21\x3d"


def measure(_name, load, settings):
    """The only row; only Waterspout has rooms over processes."""
    program = servers.waterspout(build.cargo(paths.ROOT, ["--example", "testbed"], settings.jobs))
    with tempfile.TemporaryDirectory() as directory:
        program.command += ["--rooms", directory]
        found = crowd(program, load, settings)
    print(f"   {program.name:22} {found}", flush=True)
    return {program.name: {**found, "version": program.version}}


def crowd(program, load, settings):
    """Opens all, sends a message each second, lets all go and adds up what they heard."""
    pairs = -(-settings.crowd // EACH)
    shares = [settings.crowd // pairs + (number < settings.crowd % pairs) for number in range(pairs)]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(process.running(program, KIND, core=None)) for _ in shares]
        sender = stack.enter_context(contextlib.closing(member(running[0])))
        begin = time.monotonic()
        listeners = [listener(load, server, share, stack) for server, share in zip(running, shares)]
        for each in listeners:
            line = each.stdout.readline()
            if not line.startswith("held "):
                raise RuntimeError("a client could not open its WebSockets")
        opening = time.monotonic() - begin
        # The processes tell each other of their members a tenth of a second late; that is not waited for.
        time.sleep(1)
        for _ in range(settings.messages):
            tell(sender)
            time.sleep(1)
        time.sleep(settings.settle / 5)
        heard = [hear(each) for each in listeners]
    deliveries = sum(each["deliveries"] for each in heard)
    wanted = settings.crowd * settings.messages
    return {
        "sockets": settings.crowd, "processes": pairs,
        "opened_per_s": round(settings.crowd / opening),
        "messages": settings.messages, "lost": wanted - deliveries,
        "fewest": min(each["fewest"] for each in heard), "most": max(each["most"] for each in heard),
        "p50_ms": round(max(each["p50_nanos"] for each in heard) / 1e6, 1),
        "p99_ms": round(max(each["p99_nanos"] for each in heard) / 1e6, 1),
        "max_ms": round(max(each["max_nanos"] for each in heard) / 1e6, 1),
    }


def listener(load, server, share, stack):
    flags = ["--target", server.target, *KIND.client, "--connections", share]
    each = subprocess.Popen(
        [load, *map(str, flags)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=process.prepared(None, os.SCHED_OTHER),
    )
    stack.callback(each.stdout.close)
    stack.callback(each.wait)
    stack.callback(each.stdin.close)
    return each


def hear(each):
    each.stdin.close()
    line = each.stdout.readline()
    if not line:
        raise RuntimeError("a client ended with an error")
    return json.loads(line)


def member(server):
    """A WebSocket in the room that sends."""
    host, port = server.target.split(":")
    stream = socket.create_connection((host, int(port)))
    stream.sendall(
        f"GET {PATH} HTTP/1.1\r\nHost: {server.target}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1)
    if not head.startswith(b"HTTP/1.1 101 "):
        raise RuntimeError(f"no WebSocket: {head!r}")
    return stream


def tell(stream):
    """Sends a message that begins with the time."""
    payload = f"{time.time_ns():020}".ljust(SIZE, ".").encode()
    masked = bytes(octet ^ KEY[at % 4] for at, octet in enumerate(payload))
    stream.sendall(bytes([0x81, 0x80 | 126]) + SIZE.to_bytes(2, "big") + KEY + masked)


def section(rows, table):
    """For the report."""
    found = rows.get("rooms/crowd", {}).get(servers.OURS)
    if not found:
        return []
    body = [[
        f"{found['sockets']:,}", f"{found['processes']} servers, {found['processes']} clients",
        f"{found['opened_per_s']:,}", str(found["messages"]), str(found["lost"]),
        *(f"{found[name]:,.1f} ms" for name in ("p50_ms", "p99_ms", "max_ms")),
    ]]
    head = ["WebSockets in one room", "processes", "opened each second", "messages", "deliveries lost",
            "p50", "p99", "latest"]
    note = ("A message of 200 octets each second, from one of them to all; the time is from before the sender's write "
            "to after each receiver's read, and all processes share this machine.")
    return ["", "## One room over several processes", "", note, *table(head, body)]


def goals(rows, goal):
    """What the room was to reach."""
    found = rows.get("rooms/crowd", {}).get(servers.OURS)
    if not found:
        return []
    whole = found["lost"] == 0 and found["fewest"] == found["most"] == found["messages"]
    return [
        goal("WebSockets in one room over several processes", "every message delivered to 100,000",
             f"{found['lost']} lost of {found['sockets'] * found['messages']:,}", whole and found["sockets"] >= 100_000),
        goal("opened each second", "at least 5,000", f"{found['opened_per_s']:,}", found["opened_per_s"] >= 5000),
    ]
