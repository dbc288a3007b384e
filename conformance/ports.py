"""Ports for servers that must be told one."""

import pathlib
import random
import socket

RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


def of_clients():
    """The range from which the system takes the ports of connections that go out."""
    low, high = RANGE.read_text().split() if RANGE.exists() else (32768, 60999)
    return range(int(low), int(high) + 1)


def free_port():
    """A port that nobody has and that no client is given before the server takes it."""
    taken = of_clients()
    candidates = [port for port in range(10000, 65536) if port not in taken]
    for port in random.sample(candidates, min(100, len(candidates))):
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]
