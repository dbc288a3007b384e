"""A connection that sends any octets, and a strict reader of answers."""

import re
import select
import socket
import time

STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)\Z")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*\Z")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(;[^\r\n]*)?\Z")


class Violation(Exception):
    """The server sent octets that are no HTTP/1.1 answer."""


class Incomplete(Exception):
    """More octets are needed to tell."""


class Response:
    """One parsed answer."""

    def __init__(self, version, status, fields):
        self.version, self.status, self.fields = version, status, fields
        self.body = b""
        self.cut = False

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    def options(self):
        """The options of all Connection fields, in lower case."""
        return [o.strip().lower() for value in self.values("connection") for o in value.split(",")]


def parse_head(data):
    end = data.find(b"\r\n\r\n")
    if end < 0:
        raise Incomplete
    lines = data[:end].split(b"\r\n")
    match = STATUS_LINE.match(lines[0])
    if not match:
        raise Violation(f"status line {lines[0][:60]!r}")
    fields = []
    for line in lines[1:]:
        field = FIELD.match(line)
        if not field:
            raise Violation(f"field line {line[:60]!r}")
        fields.append((field[1].decode().lower(), field[2].decode("latin-1")))
    return Response(int(match[1]), int(match[2]), fields), end + 4


def parse_chunked(data):
    body, at = bytearray(), 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            raise Incomplete
        match = CHUNK_SIZE.match(data[at:end])
        if not match:
            raise Violation(f"chunk line {data[at:end][:40]!r}")
        size, at = int(match[1], 16), end + 2
        if len(data) < at + size + 2:
            raise Incomplete
        if data[at + size : at + size + 2] != b"\r\n":
            raise Violation("chunk data without CRLF")
        body += data[at : at + size]
        at += size + 2
        if size == 0:
            return bytes(body), at


def check_framing(response, head):
    """RFC 9112 §6: what an answer may say about its own length."""
    lengths, codings = response.values("content-length"), response.values("transfer-encoding")
    if len(lengths) > 1 or (lengths and not lengths[0].isdigit()):
        raise Violation(f"Content-Length {lengths}")
    if codings and (lengths or codings != ["chunked"]):
        raise Violation(f"Transfer-Encoding {codings} with Content-Length {lengths}")
    if (response.status < 200 or response.status == 204) and (lengths or codings):
        raise Violation(f"{response.status} with a length (RFC 9110 §8.6, RFC 9112 §6.1)")
    if response.status >= 200 and response.status < 500 and len(response.values("date")) != 1:
        raise Violation("no Date, or two (RFC 9110 §6.6.1)")
    return 0 if head or response.status in (204, 304) or response.status < 200 else None


def parse(data, head, eof):
    """Takes one answer off the front of the octets: (response, octets used). Raises Incomplete or Violation."""
    response, used = parse_head(data)
    length = check_framing(response, head)
    if length == 0:
        return response, used
    if response.values("transfer-encoding"):
        response.body, more = parse_chunked(data[used:])
        return response, used + more
    if response.values("content-length"):
        length = int(response.values("content-length")[0])
        if len(data) < used + length:
            raise Incomplete
        response.body = bytes(data[used : used + length])
        return response, used + length
    if not eof:
        raise Incomplete
    response.body = bytes(data[used:])
    return response, len(data)


class Connection:
    """A client's end of one connection. Answers are expected in the order of `heads` (True = answer to HEAD)."""

    def __init__(self, address, heads=()):
        self.socket = socket.create_connection(address, timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heads = list(heads)
        self.data = bytearray()
        self.answers, self.interims = [], []
        self.eof = self.reset = False
        self.started = time.monotonic()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends all of it; says False when the server does not take it any more."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return False

    def drip(self, data, interval):
        """Sends one octet per segment until all is sent or the server has closed."""
        for octet in data:
            if self.eof or not self.send(bytes([octet])):
                return
            if interval:
                self.read_for(interval)

    def shutdown(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.reset = True

    def fill(self, timeout):
        """Reads once. False when nothing came in time or the connection has ended."""
        if self.eof or not select.select([self.socket], [], [], max(timeout, 0))[0]:
            return False
        try:
            piece = self.socket.recv(1 << 18)
        except ConnectionResetError:
            piece, self.reset = b"", True
        self.data += piece
        self.eof = not piece
        return True

    def parse(self):
        """Moves whole answers from the octets to the lists."""
        while self.data:
            head = self.heads[len(self.answers)] if len(self.answers) < len(self.heads) else False
            try:
                response, used = parse(self.data, head, self.eof)
            except Incomplete:
                return
            del self.data[:used]
            (self.interims if response.status < 200 else self.answers).append(response)

    def read_until(self, ready, timeout):
        """Reads until `ready()` or the end or the time is over."""
        deadline = time.monotonic() + timeout
        self.parse()
        while not ready() and self.fill(deadline - time.monotonic()):
            self.parse()
        return ready()

    def read_for(self, seconds):
        self.read_until(lambda: self.eof, seconds)

    def wait_answers(self, count, timeout):
        return self.read_until(lambda: len(self.answers) >= count, timeout)

    def wait_interims(self, count, timeout):
        return self.read_until(lambda: len(self.interims) >= count, timeout)

    def elapsed(self):
        return time.monotonic() - self.started
