"""The sections of RESULTS.md about the networking library."""

from statistics import median

from . import echo, primitives, tls
from .numbers import ratios, span


def section(rows, table, memory_table):
    """Echo servers, then encryption, then timers, tasks, queues and locks."""
    return [*echo_rows(rows, table, memory_table), *tls_rows(rows, table), *primitive_rows(rows, table)]


def tls_rows(rows, table):
    body = []
    for name, title in tls.TITLES.items():
        values = rows.get(f"tls/{name}")
        if not values:
            continue
        key = "bytes" if name == "idle" else "ns"
        ours, theirs = (values[whose] for whose in tls.WHOSE)
        times = median(a / b for a, b in zip(ours[key], theirs[key]))
        body.append([title, f"{median(ours[key]):,.0f}", f"{median(theirs[key]):,.0f}", f"{times:.2f}",
                     *counts(ours, theirs)])
    if not body:
        return []
    head = ["TLS 1.3", "ours, ns or bytes", "tokio-rustls", "× tokio-rustls", "ours, instructions",
            "tokio-rustls, instructions", "×"]
    note = ("Both sides of a conversation on one loop over a Unix socket, with the same rustls and aws-lc below; an idle "
            "connection is the server's end alone, memory of user space that belongs to no file.")
    return ["", "## Encryption", "", note, *table(head, body)]


def echo_rows(rows, table, memory_table):
    lines = []
    times, counts = rows.get("echo/tcp", {}), rows.get("echo/counted", {})
    names = [name for name in echo.NAMES if name in times or name in counts]
    body = [[name, *time_cells(times, name), count_cell(counts, name)] for name in names]
    if body:
        head = ["64 connections, 64 octets", "CPU µs", "range", "× bare", "range", "instructions"]
        lines += table(head, body)
    held = rows.get("echo/held", {})
    if held:
        lines += memory_table("idle, after one message each", {n: held[n] for n in echo.NAMES if n in held})
    crowd = rows.get("echo/crowd", {}).get(echo.OURS)
    if crowd:
        lines += table(
            ["connections open at once", "processes", "opened in", "each second", "closed in", "errors",
             "bytes each (Rss)"],
            [[f"{crowd['open']:,}", f"{crowd['processes']} servers, {crowd['processes']} clients",
              f"{crowd['opening_s']:.1f} s", f"{crowd['open'] / crowd['opening_s']:,.0f}",
              f"{crowd['closing_s']:.1f} s", str(crowd["errors"]), f"{crowd['bytes_each']:,}"]],
        )
    heading = "## TCP echo, the networking library by itself"
    note = ("`waterspout` moves octets from a stream's input to its output, as a protocol driver does; `messages` "
            "reads with `read_partial` and answers with `write_bytes`; `parked` keeps its streams in a list, without a "
            "task and without a read. Server and client share a core.")
    return ["", heading, "", note, *lines] if lines else []


def time_cells(values, name):
    if name not in values:
        return ["-"] * 4
    cpu, times = values[name]["cpu_us"], ratios(values, name)
    cells = [f"{median(cpu):.3f}", span(cpu, 3)]
    return cells + ([f"{median(times):.3f}", span(times, 3)] if times else ["-", "-"])


def count_cell(values, name):
    return f"{values[name]['instructions']:,.0f}" if name in values else "-"


def primitive_rows(rows, table):
    body = []
    for name, row in primitives.ROWS.items():
        values = rows.get(f"primitives/{name}")
        if not values:
            continue
        ours, peer, slow = (values[whose] for whose in ("waterspout", "tokio", "tornado"))
        body.append([
            row.title, f"{median(ours['ns']):,.1f}", f"{median(peer['ns']):,.1f}",
            f"{time_ratio(values):.2f}", *counts(ours, peer), f"{median(slow['ns']):,.0f}",
        ])
    if not body:
        return []
    head = ["operation", "ours, ns", "tokio, ns", "× tokio", "ours, instructions", "tokio, instructions",
            "× tokio", "Tornado, ns"]
    note = ("Nanoseconds of CPU time for one operation, medians of interleaved rounds, and the median of the "
            "rounds' ratios; instructions of user space by callgrind.")
    return ["", "## Timers, tasks, wake-ups, queues and locks", "", note, *table(head, body)]


def time_ratio(values):
    """The median of the rounds' ratios to tokio."""
    return median(a / b for a, b in zip(values["waterspout"]["ns"], values["tokio"]["ns"]))


def counts(ours, peer):
    if "instructions" not in ours:
        return ["-"] * 3
    mine, its = ours["instructions"], peer["instructions"]
    return [f"{mine:,.0f}", f"{its:,.0f}", f"{mine / its:.2f}"]
