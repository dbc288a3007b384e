"""Asks both servers, and says what differs."""

import fnmatch
import json
import multiprocessing
import os
import pathlib
import re
import socket

import tornado.web

import probes
import reference

HERE = pathlib.Path(__file__).resolve().parent
MTIME = 1700000000


class Reference:
    """Tornado in a process of its own, as a context manager."""

    def __init__(self, secret, directory):
        self.arguments = (secret, directory)
        self.port = None
        self.process = None

    def __enter__(self):
        reading, writing = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=run_reference, args=(*self.arguments, writing), daemon=True)
        self.process.start()
        if not reading.poll(20):
            raise SystemExit("Tornado did not start")
        self.port = reading.recv()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join(10)


def run_reference(secret, directory, pipe):
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    reference.serve(secret, directory, pipe.send)


def make_files(directory):
    """The files that both servers serve, below one that they must not."""
    (directory / "secret.txt").write_text("secret")
    static = directory / "static"
    (static / "sub").mkdir(parents=True)
    contents = {"hello.txt": "hello static\n", "page.html": "<p>page", "empty.txt": "", "sub/a.css": "a {}", "a b.txt": "blank",
                "data.json": "{}"}
    for name, text in contents.items():
        (static / name).write_text(text)
        os.utime(static / name, (MTIME, MTIME))
    return static


class Answer:
    """A response, or the lack of one."""

    def __init__(self, octets):
        head, _, self.body = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ")
        self.status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        self.fields = [line.split(": ", 1) for line in lines[1:] if ": " in line]

    def field(self, name):
        found = [value for known, value in self.fields if known.lower() == name.lower()]
        return ", ".join(found) if found else None

    def content(self):
        """The body, with the order of JSON's members taken away."""
        try:
            return json.dumps(json.loads(self.body), sort_keys=True)
        except ValueError:
            return self.body.decode("utf-8", "backslashreplace")


def ask(port, probe, tag=""):
    fields = [("Host", "same.example"), ("Connection", "close"), *probe.fields]
    if probe.method == "POST":
        fields.append(("Content-Length", str(len(probe.body))))
    lines = [f"{probe.method} {probe.target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields]
    head = "\r\n".join(lines).replace("{tag}", tag) + "\r\n\r\n"
    octets = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stream:
        stream.sendall(head.encode("latin-1") + probe.body)
        try:
            while piece := stream.recv(65536):
                octets += piece
        except OSError as error:
            octets = octets or f"HTTP/1.1 0 {error}".encode()
    return Answer(octets)


def differences(probe, ours, theirs):
    """What differs, each as a short text."""
    if ours.status != theirs.status:
        return [f"status {ours.status} | {theirs.status}"]
    found = []
    for name in probe.compare:
        if ours.field(name) != theirs.field(name):
            found.append(f"{name}: {ours.field(name)} | {theirs.field(name)}")
    is_page = probe.ignore_body or ours.status >= 300
    if not is_page and ours.content() != theirs.content():
        found.append(f"body {ours.content()[:100]} | {theirs.content()[:100]}")
    return found


class Expected:
    """The differences that are meant: lines `group: name = what ## reason`, the first part a pattern of the shell."""

    def __init__(self):
        self.rules = []
        for line in (HERE / "expected.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                pattern, reason = line.rsplit(" ## ", 1)
                self.rules.append([pattern.strip(), reason.strip(), 0])

    def reason(self, text):
        for rule in self.rules:
            if fnmatch.fnmatchcase(text, rule[0]):
                rule[2] += 1
                return rule[1]
        return None

    def unused(self):
        return [pattern for pattern, _, count in self.rules if count == 0]


def round_trips(ours, theirs, secret):
    """What one server writes, the other reads: (name, whether it did)."""
    for value in ["alice", "", "é€", "x" * 1500, "a|b;c,d\"e"]:
        for writer, port in (("ours", ours), ("Tornado's", theirs)):
            for version in ("",) if writer == "ours" else ("1", "2"):
                target = f"/signed/set?name=user&version={version}&value={probes.quote(value)}"
                cookie = ask(port, probes.Probe("", "", target=target)).field("Set-Cookie").split(";")[0]
                for reader, other in (("ours", ours), ("Tornado's", theirs)):
                    read = ask(other, probes.Probe("", "", target="/signed/get?name=user", fields=[("Cookie", cookie)]))
                    name = f"a signed cookie of {writer} {version} read by {reader}: {value[:10]!r}"
                    yield name, read.status == 200 and read.body.decode() == value
        text = ask(ours, probes.Probe("", "", target=f"/signed/set?name=user&value={probes.quote(value)}")).field("Set-Cookie")
        text = text.split(";")[0].split("=", 1)[1].strip('"')
        yield f"decode_signed_value reads {value[:10]!r}", tornado.web.decode_signed_value(secret, "user", text) == value.encode()
    for writer, port in (("ours", ours), ("Tornado's", theirs)):
        page = ask(port, probes.Probe("", "", target="/xsrf"))
        cookie = page.field("Set-Cookie").split(";")[0]
        token = re.search(rb'<input type="hidden" name="_xsrf" value="([^"]+)"/>', page.body)[1].decode()
        for reader, other in (("ours", ours), ("Tornado's", theirs)):
            rendered = ask(other, probes.Probe("", "", target="/xsrf", fields=[("Cookie", cookie)]))
            again = re.search(rb'name="_xsrf" value="([^"]+)"', rendered.body)[1].decode()
            yield f"{reader} keeps the token of {writer}", rendered.field("Set-Cookie") is None and again != token
            for what, sent in (("first", token), ("second", again)):
                fields = [("Cookie", cookie), ("X-Xsrftoken", sent)]
                answer = ask(other, probes.Probe("", "", "POST", "/xsrf", fields))
                yield f"the {what} token of {writer} counts for {reader}", answer.status == 200


def play(ours, theirs, secret, options):
    expected, compared, unexplained, explained = Expected(), 0, 0, 0
    tag_of = {port: ask(port, probes.Probe("", "", target="/static/hello.txt")).field("Etag") for port in (ours, theirs)}
    print("group: name = what differs, ours | Tornado's -- reason")
    for probe in probes.all_probes(secret, list(tag_of.values())):
        title = f"{probe.group}: {probe.name}"
        if options.only not in title:
            continue
        compared += 1
        answers = [ask(port, probe, tag_of[port]) for port in (ours, theirs)]
        found = differences(probe, *answers)
        for difference in found:
            reason = expected.reason(f"{title} = {difference}")
            explained += reason is not None
            unexplained += reason is None
            print(f"{title} = {difference}\n     -- {reason or 'NOT EXPLAINED'}")
        if options.all and not found:
            print(f"{title} = the same, {answers[0].status}")
    failed = 0
    for name, is_right in round_trips(ours, theirs, secret):
        compared += 1
        failed += not is_right
        if not is_right:
            print(f"FAILED: {name}")
    stale = expected.unused() if not options.only else []
    for pattern in stale:
        print(f"expected, and not there: {pattern}")
    print(f"{compared} compared, {explained} differences explained, {unexplained} not, {failed} round trips failed, {len(stale)} stale")
    return 1 if unexplained or failed or stale else 0
