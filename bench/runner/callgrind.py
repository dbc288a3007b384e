"""Reads callgrind's output: instructions by function and source file."""

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
    """Instructions by (object, function, source file of the line), callees not included."""
    names = {"fn": {}, "fl": {}, "ob": {}}
    now = {"fn": "", "fl": "", "ob": ""}
    cost, inclusive_follows = Counter(), False
    with open(path) as file:
        for line in file:
            match = NAME.match(line)
            if match:
                kind, number, text = match.groups()
                table = names[TABLE[kind]]
                if number is not None:
                    text = table.setdefault(number, text.strip())
                if not kind.startswith("c"):
                    now[TABLE[kind]] = text
            elif line.startswith("calls="):
                inclusive_follows = True
            elif line[:1] in "0123456789+-*":
                if not inclusive_follows:
                    cost[now["ob"], now["fn"], now["fl"]] += int(line.split()[1])
                inclusive_follows = False
    return cost
