"""Reads callgrind's output: instructions by function and source line."""

import re
from collections import Counter

NAME = re.compile(r"^(fn|fl|fi|fe|ob|cfn|cfi|cfl|cob)=(?:\((\d+)\))?\s*(.*)$")
TABLE = {"fn": "fn", "cfn": "fn", "fl": "fl", "fi": "fl", "fe": "fl", "cfi": "fl", "cfl": "fl",
         "ob": "ob", "cob": "ob"}


def total(path):
    """All instructions of the run."""
    with open(path) as file:
        for line in file:
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
    raise RuntimeError(f"{path} has no total; was the server killed?")


def self_cost(path):
    """Instructions by (object, function, source file, line), callees not included."""
    names = {"fn": {}, "fl": {}, "ob": {}}
    now = {"fn": "", "fl": "", "ob": ""}
    cost, at, inclusive_follows = Counter(), 0, False
    with open(path) as file:
        for line in file:
            match = NAME.match(line)
            if match:
                name(match, names, now)
            elif line.startswith("calls="):
                inclusive_follows = True
            elif line[:1] in "0123456789+-*":
                position, count = line.split()[:2]
                at = moved(at, position)
                if not inclusive_follows:
                    cost[now["ob"], now["fn"], now["fl"], at] += int(count)
                inclusive_follows = False
    return cost


def name(match, names, now):
    """Learns a compressed name, and where the next costs belong unless it is a callee's."""
    kind, number, text = match.groups()
    table = names[TABLE[kind]]
    if number is not None:
        text = table.setdefault(number, text.strip())
    if not kind.startswith("c"):
        now[TABLE[kind]] = text


def moved(at, position):
    """Lines are written relative to the one before."""
    if position == "*":
        return at
    return at + int(position) if position[0] in "+-" else int(position)
