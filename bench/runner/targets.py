"""What Waterspout set out to reach, beside what was measured."""

from . import clients, echo, net_report, primitives, rooms, servers
from .numbers import median, ratios

INSTRUCTIONS = {
    "plaintext": 3_500, "json": 4_000, "path": 4_000, "headers": 8_000, "pipelined": 2_200,
}
FRAMEWORKS = ("axum", "actix-web")
BELOW_FRAMEWORKS = ["fortunes", "fortunes-askama", "signed-cookie", "form", "multipart", "json-in-out", "static-304", "static-304-etag"]
"""Rows where the frameworks of Rust, with their usual companions, set the number of instructions."""
WEBSOCKET_INSTRUCTIONS = {"ws-echo": 1_200}
WEBSOCKET_MEMORY = {"ws-class": 1_000, "ws-loop": 1_400, "ws-deflate": 2_000, "ws-tls": 12_000}
TIMES = {"same-core/static-10m": {"nginx": 1.3}, "same-core/gzip": {"axum": 1.1}}
"""CPU time beside a peer that is not to be beaten but kept up with."""
RATIOS = {"plaintext": 1.10, "pipelined": 1.4, "ws-echo": 1.06}
SET_ON = {"plaintext": (5.34, 1.20), "pipelined": (0.44, 1.64)}
"""µs of the bare loop, and hyper's ratio to it, on the machine where the ratios above were set."""


def section(rows):
    """One line per goal that has been measured."""
    lines = []
    for name, most in (INSTRUCTIONS | WEBSOCKET_INSTRUCTIONS).items():
        value = ours(rows, f"instructions/{name}")
        if value:
            count = value["instructions"]
            lines.append(goal(f"instructions, {name}", f"at most {most:,}", f"{count:,.0f}", count <= most))
    lines += below_frameworks(rows)
    for name, most in RATIOS.items():
        times = ratios(rows.get(f"same-core/{name}", {}), servers.OURS)
        if times:
            now = median(times)
            lines.append(goal(f"same core, {name}", f"at most {most:.2f} × bare", f"{now:.2f}", now <= most))
        if name in SET_ON:
            lines += above_bare(rows, name, most)
    lines += [line for row in sorted(rows) if row.startswith("same-core/") for line in below_peers(row, rows[row])]
    lines += broadcasts(rows) + deflated(rows)
    lines += memory(rows) + websocket_memory(rows) + tornado(rows) + echoes(rows) + beside_tokio(rows) + clients.goals(rows, goal)
    lines += rooms.goals(rows, goal)
    if not lines:
        return []
    head = ["", "## What it must reach", "", "| goal | wanted | measured | reached |", "|---|---|---|---|"]
    return head + lines


def ours(rows, row):
    return rows.get(row, {}).get(servers.OURS)


def goal(what, wanted, measured, reached):
    return f"| {what} | {wanted} | {measured} | {'yes' if reached else '**no**'} |"


def below_frameworks(rows):
    """Fewer instructions than the frameworks of Rust need for the same answer."""
    lines = []
    for name in BELOW_FRAMEWORKS:
        values = {n: v["instructions"] for n, v in rows.get(f"instructions/{name}", {}).items()}
        peers = [n for n in FRAMEWORKS if n in values]
        if servers.OURS in values and peers:
            best, mine = min(peers, key=values.get), values[servers.OURS]
            lines.append(goal(f"instructions, {name}", f"below {best}: {values[best]:,.0f}", f"{mine:,.0f}", mine < values[best]))
    return lines


def above_bare(rows, name, most):
    """The same goal without the kernel's share: what we add to the bare loop, against what hyper adds.

    A faster kernel makes the bare loop cheaper and every ratio to it larger, for the same programs.
    """
    values = rows.get(f"same-core/{name}", {})
    if not {servers.OURS, servers.BARE, "hyper"} <= values.keys():
        return []
    mine, bare, hyper = (median(values[n]["cpu_us"]) for n in (servers.OURS, servers.BARE, "hyper"))
    then, ratio = SET_ON[name]
    share, wanted = (mine - bare) / (hyper - bare), (most - 1) / (ratio - 1)
    what = f"the same, where the bare loop takes {bare:.2f} and not {then:.2f} µs: added to it"
    return [goal(what, f"at most {wanted:.2f} of what hyper adds", f"{share:.2f}", share <= wanted)]


def below_peers(row, values):
    """Ahead of every peer that parses what it is sent; where nginx or gzip set the measure, as near as was said."""
    peers = {n: median(v["cpu_us"]) for n, v in values.items() if n not in servers.NOT_PEERS}
    if servers.OURS not in values or not peers:
        return []
    mine, lines = median(values[servers.OURS]["cpu_us"]), []
    for name, most in TIMES.get(row, {}).items():
        if name in peers:
            now = mine / peers.pop(name)
            lines.append(goal(row.replace("/", ", "), f"at most {most:.1f} × {name}", f"{now:.2f}", now <= most))
    peers.pop("nginx", None)
    return lines + (ahead(row, mine, peers) if peers else [])


def ahead(row, mine, peers):
    best = min(peers, key=peers.get)
    return [goal(row.replace("/", ", "), f"below {best}: {peers[best]:.3f} µs", f"{mine:.3f} µs", mine < peers[best])]


def broadcasts(rows):
    """A burst must cost little more than one message: what is queued in one turn leaves in one write."""
    one, burst = ours(rows, "same-core/broadcast"), ours(rows, "same-core/broadcast-burst")
    if not one or not burst:
        return []
    times = median(burst["cpu_us"]) / median(one["cpu_us"])
    return [goal("delivery in a burst of ten", "at most 0.25 × one by one", f"{times:.2f}", times <= 0.25)]


def deflated(rows):
    """Compression may cost what the library takes, and little else."""
    values = rows.get("same-core/ws-deflate", {})
    if not {servers.OURS, servers.ZLIB, servers.PLAIN} <= values.keys():
        return []
    rounds = zip(*(values[n]["cpu_us"] for n in (servers.OURS, servers.ZLIB, servers.PLAIN)))
    times = median([mine / (zlib + plain) for mine, zlib, plain in rounds])
    return [goal("deflate echo of 1 KiB", "at most 1.10 × (zlib + plain echo)", f"{times:.2f}", times <= 1.1)]


def memory(rows):
    value = ours(rows, "memory/idle")
    if not value:
        return []
    grown = value["after_kib"] / value["start_kib"] - 1
    return [
        goal("idle connection", "at most 1,000 bytes", f"{value['bytes_each']:,}", value["bytes_each"] <= 1_000),
        goal("resident memory after they closed", "within 20% of the start", f"{grown:+.0%}", grown <= 0.2),
    ]


def websocket_memory(rows):
    lines = []
    for name, most in WEBSOCKET_MEMORY.items():
        value = ours(rows, f"memory/{name}")
        if value:
            each = value["bytes_each"]
            lines.append(goal(f"idle WebSocket, {name}", f"at most {most:,} bytes", f"{each:,}", each <= most))
    return lines


def tornado(rows):
    values = rows.get("same-core/plaintext", {})
    if servers.OURS not in values or "tornado" not in values:
        return []
    times = median(values["tornado"]["cpu_us"]) / median(values[servers.OURS]["cpu_us"])
    return [goal("requests per core, against Tornado", "at least 30 times", f"{times:.0f} times", times >= 30)]


def echoes(rows):
    """The networking library by itself."""
    lines, times = [], rows.get("echo/tcp", {})
    ratio = ratios(times, echo.OURS)
    if ratio:
        lines.append(goal("echo over TCP", "at most 1.05 × bare", f"{median(ratio):.3f}", median(ratio) <= 1.05))
        mine, its = (median(times[name]["cpu_us"]) for name in (echo.OURS, echo.MULTI))
        lines.append(goal("the same", f"below tokio, multi-thread: {its:.3f} µs", f"{mine:.3f} µs", mine < its))
    held = rows.get("echo/held", {}).get(echo.PARKED)
    crowd = rows.get("echo/crowd", {}).get(echo.OURS)
    if held:
        each = held["bytes_each"]
        lines.append(goal("idle stream, no read pending", "at most 600 bytes", f"{each:,}", each <= 600))
    if crowd:
        fine = crowd["open"] == crowd["connections"] and crowd["errors"] == 0
        found = f"{crowd['open']:,}, {crowd['errors']} errors"
        lines.append(goal("connections over several processes", f"{crowd['connections']:,} without an error", found, fine))
    return lines


def beside_tokio(rows):
    """Timers, tasks, queues and locks, by CPU time."""
    found = {name: rows[f"primitives/{name}"] for name in primitives.WORKLOADS if f"primitives/{name}" in rows}
    times = {name: net_report.time_ratio(values) for name, values in found.items()}
    return [goal(name, "at most 1.10 × tokio", f"{time:.2f}", time <= 1.1) for name, time in times.items()]
