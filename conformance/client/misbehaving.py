"""A server that misbehaves on purpose, and what our client says to that."""

import contextlib
import re
import socket
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\n"
LONG = b"Content-Length: 10\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

# Name, what it sends for each request of a connection, the body or the text of the error.
CASES = [
    ("closes before it answers", [b""], None, "connection closed before the response"),
    ("closes in the head", [HEAD + b"Content-Le"], None, "connection closed before the response"),
    ("closes in the body", [HEAD + LONG + b"half"], None, "connection closed in the body"),
    ("closes in a chunk", [HEAD + CHUNKED + b"a\r\nhalf"], None, "connection closed in the body"),
    ("closes between chunks", [HEAD + CHUNKED + b"4\r\nhalf\r\n"], None, "connection closed in the body"),
    ("closes in the trailers", [HEAD + CHUNKED + b"0\r\nA: b\r\n"], None, "connection closed in the body"),
    ("says two lengths", [HEAD + b"Content-Length: 3\r\n" + LONG], None, "multiple unequal Content-Lengths"),
    ("says a length and chunks", [HEAD + b"Content-Length: 5\r\n" + CHUNKED], None, "malformed response"),
    ("speaks SSH", [b"SSH-2.0-OpenSSH_9.2\r\n"], None, "malformed response: status line"),
    ("ends lines by LF", [b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"], None, "malformed response"),
    ("folds lines", [HEAD + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\nok"], None, "malformed response"),
    ("sends no status", [b"HTTP/1.1\r\n\r\n"], None, "malformed response"),
    ("sends hints for ever", [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000], None, "too many 1xx"),
    ("switches protocols", [b"HTTP/1.1 101 Switching Protocols\r\n\r\n"], None, "101 was not asked for"),
    ("sends broken gzip", [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"], None, "gzip"),
    ("redirects to a file", [b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n"], None, "redirect to nowhere"),
    ("has endless fields", [HEAD + b"A: b\r\n" * 5000], None, "max_head"),
    ("ends the body by closing", [HEAD + b"\r\nto the end"], b"to the end", None),
    ("answers 1.0", [b"HTTP/1.0 200 OK\r\n\r\nold"], b"old", None),
    ("sends hints and then the answer", [b"HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n" + HEAD + LONG + b"0123456789"],
     b"0123456789", None),
]


class Server:
    def __init__(self, answers, drip=False, hold=False, read_body=True):
        self.answers, self.drip, self.hold = answers, drip, hold
        self.read_body = read_body
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.accepted = 0

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/"

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.accepted += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            for answer in self.answers:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(65536)
                    if not part:
                        return
                    head += part
                for piece in [answer[n:n + 1] for n in range(len(answer))] if self.drip else [answer]:
                    connection.sendall(piece)
                    if self.drip:
                        time.sleep(0.001)
            if self.hold:
                connection.recv(1)
                time.sleep(60)


class Swallower(Server):
    """Reads bodies of any length and answers with how long they were. This one behaves."""

    def __init__(self):
        super().__init__([])

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            left, buffer = length - len(body), bytearray(1 << 20)
            while left > 0:
                left -= connection.recv_into(buffer, min(left, len(buffer))) or left
            text = b"%d" % length
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(text) + text)


def play(client):
    for name, answers, body, error in CASES:
        with Server(answers) as url:
            client.case(f"misbehaving: {name}", url, body=body, error=error)
    good = HEAD + LONG + b"0123456789"
    with Server([HEAD + CHUNKED + b"3;x=\"y\"\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"], drip=True, hold=True) as url:
        client.case("misbehaving: drips", url, body=b"abcde")
    with Server([b""], hold=True) as url:
        client.case("misbehaving: never answers", "--idle", 1, url, error="first_byte_timeout")
    with Server([HEAD + LONG + b"half"], hold=True) as url:
        client.case("misbehaving: stops in the body", "--idle", 1, url, error="idle_timeout")
    with Server([good], hold=False) as url:
        client.case("misbehaving: closes after each answer without a word", "--repeat", 5, url, body=b"0123456789" * 5)
    with Server([good + b"HTTP/1.1 200 OK\r\n" + LONG + b"poisoned!!"], hold=True) as url:
        client.case("misbehaving: answers twice", "--repeat", 3, url, body=b"0123456789" * 3)
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
    with Server([refusal], hold=True) as url:
        client.case("misbehaving: refuses before it has read", "-d", "x" * 100_000, url, error="413")
