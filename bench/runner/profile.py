"""Where the instructions of a request go, by function and by source."""

import re
from collections import Counter

from . import callgrind, paths

REGISTRY = re.compile(r"/registry/src/[^/]+/([^/]+)/(.*)")
LIBRARY = re.compile(r"/library/((?:core|alloc|std)/.*)")
TOP = 60


def write(server, workload, few, many, requests):
    """Writes profiles/SERVER-WORKLOAD.md."""
    cost = callgrind.self_cost(many)
    cost.subtract(callgrind.self_cost(few))
    functions, crates, lines, parts = Counter(), Counter(), Counter(), Counter()
    for (binary, function, source, at), instructions in cost.items():
        crate, file = place(binary, source)
        functions[function] += instructions
        parts[function, crate] += instructions
        crates[crate] += instructions
        lines[f"{file}:{at}" if file != crate else file] += instructions
    total = sum(cost.values())
    text = [
        f"# {server}: {workload}",
        "",
        f"{total / requests:.0f} user-space instructions per request. A function has all that is inlined into it;",
        "a crate and a line have what was written there, wherever it is inlined.",
    ]
    text += table("Function", functions, requests, total)
    text += table("Crate", crates, requests, total)
    text += table("Function, and the crate whose lines it ran", parts, requests, total)
    text += table("Line", lines, requests, total)
    paths.PROFILES.mkdir(exist_ok=True)
    (paths.PROFILES / f"{server}-{workload}.md").write_text("\n".join(text) + "\n")


def place(binary, source):
    """Returns crate and file of a source path, without the places of this machine."""
    match = REGISTRY.search(source)
    if match:
        return match[1], f"{match[1]}/{match[2]}"
    match = LIBRARY.search(source)
    if match:
        return match[1].split("/")[0], match[1]
    if source.startswith(str(paths.ROOT)):
        file = source[len(str(paths.ROOT)) + 1:]
        return "/".join(file.split("/")[:2]), file
    name = binary.rsplit("/", 1)[-1] or "?"
    if "/" not in source and source != "???":
        return name, f"{name}: {source}"
    if source.startswith(("crates/", "examples/")):
        return "/".join(source.split("/")[:2]), source
    return name, name


def table(title, counts, requests, total):
    """One Markdown table, the largest first."""
    lines = ["", f"| {title} | instructions | share |", "|---|---:|---:|"]
    for key, count in counts.most_common(TOP):
        each = count / requests
        if each < 0.5:
            break
        text = f"`{key[0]}` ({key[1]})" if isinstance(key, tuple) else f"`{key}`"
        lines.append(f"| {text} | {each:.0f} | {count / total:.1%} |")
    return lines
