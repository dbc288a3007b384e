"""Writes RESULTS.md from the stored results."""

from . import clients, codecs, net_report, paths, rooms, servers, targets, workload
from .numbers import median, ratios, span
from .instructions import WORKLOADS as INSTRUCTION_ROWS
from .syscalls import WORKLOADS as SYSCALL_ROWS
from .timing import WORKLOADS as TIMED_ROWS

MEMORY_TITLES = {
    "idle": "after one request each",
    "burst": "and one more on all at once",
    "ws-class": "WebSockets after one message each, class form",
    "ws-loop": "WebSockets after one message each, loop form",
    "ws-tls": "WebSockets over TLS after one message each, class form",
    "ws-deflate": "WebSockets with permessage-deflate after one message each, loop form",
}
RECEIVE = {"recvfrom", "recvmsg", "read", "readv"}
SEND = {"sendto", "sendmsg", "write", "writev"}
WAIT = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "select"}


def write(results):
    """The whole report; a row that was never measured is left out."""
    rows = results["rows"]
    parts = [
        "# Results",
        "",
        "Written by `bench/run`; [README.md](README.md) says what each row means and why it is measured so.",
        "A row that we lose stands here like the others.",
        "",
        *machine(results["environment"]),
        *versions(rows),
        *targets.section(rows),
        *same_core(rows),
        *instructions(rows),
        *codec_rows(rows),
        *two_cores(rows),
        *clients.section(rows),
        *memory(rows),
        *net_report.section(rows, table, memory_table),
        *rooms.section(rows, table),
        *syscalls(rows),
        *provenance(rows),
    ]
    paths.REPORT.write_text("\n".join(parts) + "\n")
    print(f"wrote {paths.REPORT.relative_to(paths.ROOT)}")


def in_order(values):
    """Servers that have a value, in the order of the report; what is no server stands last."""
    return sorted(values, key=lambda name: (*servers.NAMES, name).index(name))


def table(head, lines):
    """A Markdown table; the first column is left-aligned."""
    rule = "|---|" + "---:|" * (len(head) - 1)
    return ["", "| " + " | ".join(head) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines)]


def machine(environment):
    virtual = ", virtual machine" if environment.get("virtual") else ""
    lines = [
        f"- CPU: {environment.get('cpu')}, {environment.get('cores')} cores{virtual}",
        f"- Kernel {environment.get('kernel')}, {environment.get('libc')}, {environment.get('rustc')}, "
        f"{environment.get('valgrind')}",
        f"- Allocator: {environment.get('allocator')}",
    ]
    lines += [f"- Mitigation: {text}" for text in environment.get("mitigations", [])]
    return lines


def versions(rows):
    found = {}
    for values in rows.values():
        for name, value in values.items():
            if name not in servers.NAMES:
                continue
            found.setdefault(name, set()).add(value["version"])
    text = "; ".join(f"{name} {' and '.join(sorted(found[name]))}" for name in in_order(found))
    return [f"- Programs, one loop on one thread each: {text}"]


def same_core(rows):
    """A matrix of medians, then each row with its range."""
    lines = [
        "", "## CPU time per request, server and client on one core", "",
        "Median µs of server CPU per request; in brackets the median of the rounds' ratios to the bare loop.",
    ]
    names = in_order({n for w in TIMED_ROWS for n in rows.get(f"same-core/{w}", {})})
    found = [w for w in TIMED_ROWS if f"same-core/{w}" in rows]
    matrix = [[name, *(cell(rows[f"same-core/{w}"], name) for w in found)] for name in names]
    lines += table(["", *(workload.ALL[w].title for w in found)], matrix)
    for name in found:
        lines += timed_detail(rows[f"same-core/{name}"], workload.ALL[name].title)
    return lines


def cell(values, name):
    if name not in values:
        return "-"
    times = ratios(values, name)
    ratio = f" ({median(times):.2f})" if times else ""
    return f"{median(values[name]['cpu_us']):.3f}{ratio}"


def timed_detail(values, title):
    bare = values.get(servers.BARE)
    body = []
    for name in in_order(values):
        cpu, times = values[name]["cpu_us"], ratios(values, name)
        body.append([
            name, f"{median(cpu):.3f}", span(cpu, 3),
            f"{median(cpu) - median(bare['cpu_us']):+.3f}" if bare else "-",
            f"{median(times):.2f}" if times else "-", span(times, 2) if times else "-",
        ])
    head = [f"same core: {title}", "CPU µs", "range", "µs above bare", "× bare", "range"]
    return table(head, body)


def instructions(rows):
    found = [w for w in INSTRUCTION_ROWS if f"instructions/{w}" in rows]
    if not found:
        return []
    names = in_order({n for w in found for n in rows[f"instructions/{w}"]})
    body = []
    for name in names:
        values = (rows[f"instructions/{w}"].get(name) for w in found)
        body.append([name, *(f"{v['instructions']:,.0f}" if v else "-" for v in values)])
    titles = {w: workload.ALL[w].title for w in found if w in workload.ALL}
    titles["plaintext-1"] = "plaintext, 1 connection"
    return [
        "", "## User-space instructions per request", "",
        "Counted by callgrind; 64 connections unless the column says otherwise.",
        *table(["", *(titles[w] for w in found)], body),
    ]


def codec_rows(rows):
    body = []
    for name, title in codecs.TITLES.items():
        for whose, value in rows.get(f"codecs/{name}", {}).items():
            body.append([title, whose, f"{value['instructions']:,.0f}"])
    if not body:
        return []
    note = "httparse alone checks less and keeps nothing; it is the floor of a parser that stands on it."
    return ["", "## Codecs, instructions per operation", "", note, *table(["", "whose", "instructions"], body)]


def two_cores(rows):
    lines = []
    for name in TIMED_ROWS:
        values = rows.get(f"two-cores/{name}")
        if not values:
            continue
        body = [
            [n, f"{median(values[n]['rps']):,.0f}", span(values[n]["rps"], 0),
             f"{median(values[n]['cpu_us']):.3f}", span(values[n]["cpu_us"], 3)]
            for n in in_order(values)
        ]
        head = [f"two cores: {workload.ALL[name].title}", "requests/s", "range", "CPU µs", "range"]
        lines += table(head, body)
    return ["", "## Requests per second, server and client on a core each", *lines] if lines else []


def memory(rows):
    lines = []
    for name, title in MEMORY_TITLES.items():
        values = rows.get(f"memory/{name}")
        if not values:
            continue
        lines += memory_table(f"memory: {title}", {n: values[n] for n in in_order(values)})
    heading = "## Memory of idle connections (user space)"
    return ["", heading, *lines] if lines else []


def memory_table(title, values):
    body = [
        [n, f"{v['bytes_each']:,}", f"{v['anonymous_each']:,}", f"{v['start_kib']:,}",
         f"{v['held_kib']:,}", f"{v['after_kib']:,}", f"{v['after_kib'] / v['start_kib'] - 1:+.0%}"]
        for n, v in values.items()
    ]
    head = [title, "bytes each (Rss)", "anonymous", "KiB at rest", "KiB holding", "KiB after", "change"]
    return table(head, body)


def syscalls(rows):
    lines = []
    titles = {
        "plaintext": "1 connection", "plaintext-64": "64 connections",
        "pipelined": "pipelined 16 deep, 1 connection", "close": "a connection per request",
    }
    for name in SYSCALL_ROWS:
        values = rows.get(f"syscalls/{name}")
        if not values:
            continue
        body = [[n, *call_cells(values[n])] for n in in_order(values)]
        head = [f"calls per request: {titles[name]}", "receive", "of these failed", "send", "wait", "others"]
        lines += table(head, body)
    heading = "## System calls per request"
    note = "Counted by strace, opening and closing the connections included."
    return ["", heading, "", note, *lines] if lines else []


def call_cells(values):
    calls, requests = values["calls"], values["requests"]
    each = lambda names, at: sum(calls[n][at] for n in calls if n in names) / requests
    rest = {n: c[0] / requests for n, c in calls.items() if n not in RECEIVE | SEND | WAIT}
    many = sorted(((v, n) for n, v in rest.items() if v >= 0.05), reverse=True)
    others = ", ".join(f"{n} {v:.2f}" for v, n in many) or "-"
    return [f"{each(RECEIVE, 0):.3f}", f"{each(RECEIVE, 1):.3f}", f"{each(SEND, 0):.3f}",
            f"{each(WAIT, 0):.3f}", others]


def provenance(rows):
    """When and how each row was measured."""
    runs = {}
    for row, values in rows.items():
        for name, value in values.items():
            run = runs.setdefault((value["measured"], value["command"]), {})
            run.setdefault(row.split("/")[0], []).append((row.split("/")[1], name, value["settings"]))
    body = []
    for (measured, command), methods in sorted(runs.items()):
        for method, found in sorted(methods.items()):
            what = ", ".join(dict.fromkeys(workload for workload, _, _ in found))
            whose = ", ".join(in_order({name for _, name, _ in found}))
            body.append([measured, f"`{command}`", f"{method}: {what}", found[0][2] or "-", whose])
    lines = ["| measured | command | rows | sizes | servers |", "|---|---|---|---|---|"]
    return ["", "## Runs", "", *lines, *("| " + " | ".join(line) + " |" for line in body)]
