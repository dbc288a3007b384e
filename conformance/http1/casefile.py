"""Reads the case files. The format is described in conformance/README.md and is read by a Rust test too."""

import dataclasses
import pathlib
import re

ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
TOKEN = re.compile(r"\\x([0-9a-fA-F]{2})|\\([rnt0\\])|\{(\d+)\*((?:[^{}\\]|\\.)*)\}|(.)", re.S)
ENDS = {"keep", "close", "end", "any"}
STEPS = {"send", "drip", "await", "shutdown", "stall"}


class CaseFileError(Exception):
    """A case file that does not follow the format."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one final answer may be: a set of status codes, `none` for no answer, and whether it answers HEAD."""

    statuses: frozenset
    head: bool

    @property
    def optional(self):
        return "none" in self.statuses

    def __str__(self):
        return ("HEAD:" if self.head else "") + "|".join(sorted(map(str, self.statuses)))


@dataclasses.dataclass
class Case:
    """One conversation with the server and what must come of it."""

    name: str
    file: str
    rfc: str = ""
    server: str = "plain"
    steps: list = dataclasses.field(default_factory=list)
    answers: list = dataclasses.field(default_factory=list)
    then: str = ""
    interim: str = "none"
    seconds: tuple = None
    body: bytes = None
    contains: list = dataclasses.field(default_factory=list)
    lacks: list = dataclasses.field(default_factory=list)
    fields: list = dataclasses.field(default_factory=list)
    absent: list = dataclasses.field(default_factory=list)
    present: list = dataclasses.field(default_factory=list)

    def sent(self):
        """The octets of the whole conversation, for the report."""
        return b"".join(step[1] for step in self.steps if step[0] in ("send", "drip"))


def unescape(text):
    """Turns the notation of the case files (`\\r`, `\\xNN`, `{3*ab}`) into octets."""
    out = bytearray()
    for hexa, simple, count, repeated, plain in TOKEN.findall(text):
        if hexa:
            out.append(int(hexa, 16))
        elif simple:
            out += ESCAPES[simple]
        elif count:
            out += int(count) * unescape(repeated)
        else:
            out += plain.encode()
    return bytes(out)


def answer(text):
    head = text.startswith("HEAD:")
    parts = text.removeprefix("HEAD:").split("|")
    return Answer(frozenset(p if p == "none" else int(p) for p in parts), head)


def step(word, rest):
    if word == "send":
        return ("send", unescape(rest))
    if word == "drip":
        interval, text = rest.split(" ", 1)
        return ("drip", unescape(text), float(interval))
    if word == "await":
        return ("await", int(rest))
    if word == "stall":
        return ("stall", float(rest))
    return ("shutdown",)


def apply(case, word, rest):
    """Puts one line of a case file into the case."""
    if word in STEPS:
        case.steps.append(step(word, rest))
    elif word == "answers":
        case.answers = [answer(a) for a in rest.split()]
    elif word == "then" and rest in ENDS:
        case.then = rest
    elif word == "refused":
        case.answers, case.then = case.answers + [answer(rest)], "close"
    elif word == "served":
        case.answers, case.then = case.answers + [answer(rest or "200")], "keep"
    elif word in ("rfc", "server", "interim"):
        setattr(case, word, rest)
    elif word == "seconds":
        case.seconds = tuple(map(float, rest.split()))
    elif word == "body":
        case.body = unescape(rest)
    elif word == "contains":
        case.contains.append(unescape(rest))
    elif word == "lacks":
        case.lacks.append(unescape(rest))
    elif word == "field":
        name, value = rest.split(": ", 1)
        case.fields.append((name.lower(), value))
    elif word == "absent":
        case.absent.append(rest.lower())
    elif word == "present":
        case.present.append(rest.lower())
    else:
        raise CaseFileError(f"{case.file}: {case.name}: what is `{word} {rest}`?")


def expand(lines, names):
    """Gives the lines of a family once for each of its values, or once when it is no family; names are filled in."""
    for name, value in names.items():
        lines = [line.replace("{%s}" % name, value) for line in lines]
    each = [line.split(" ", 1)[1].split() for line in lines if line.startswith("each ")]
    rest = [line for line in lines if not line.startswith("each ")]
    for value in each[0] if each else [""]:
        yield [line.replace("{v}", value) for line in rest]


def build(lines, file):
    case = Case(name=lines[0].removeprefix("== "), file=file)
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        apply(case, word, rest)
    if not case.steps or not case.then or not case.rfc:
        raise CaseFileError(f"{file}: {case.name}: a case needs rfc, a step and an end")
    return case


def load_file(path, names):
    cases, block = [], []
    for line in path.read_text(encoding="utf-8").splitlines() + ["== end"]:
        if line.startswith("== ") and block:
            cases += [build(lines, path.stem) for lines in expand(block, names)]
            block = []
        if line and not line.startswith("#"):
            block.append(line)
    return cases


def load(folder, names):
    """Every case of every file in the folder, in the order of the file names; `{name}` stands for what `names` says."""
    paths = sorted(pathlib.Path(folder).glob("*.txt"))
    cases = [case for path in paths for case in load_file(path, names)]
    names = [case.name for case in cases]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise CaseFileError(f"two cases of one name: {sorted(double)}")
    return cases
