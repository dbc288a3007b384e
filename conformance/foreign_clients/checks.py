"""What each client is asked to do, and how its answers are judged. A client is a function of one request."""

import dataclasses
import gzip
import hashlib
import json
import sys
import traceback

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
LARGE = bytes(range(256)) * 4096 * 8


@dataclasses.dataclass
class Answer:
    """What came: names of fields in lower case."""

    status: int
    fields: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def plain(ask):
    answer = ask("GET", "/plaintext")
    assert (answer.status, answer.body) == (200, b"Hello, World!"), answer
    assert answer.fields["content-length"] == "13" and "date" in answer.fields, answer.fields


def chunks_are_put_together(ask):
    answer = ask("GET", "/chunked?n=50")
    assert answer.body == b"".join(b"chunk %d\n" % n for n in range(50)), answer.body


def nothing_comes_with_head_204_and_304(ask):
    answer = ask("HEAD", "/json")
    assert (answer.status, answer.body) == (200, b""), answer
    assert ask("GET", "/status/204").status == 204
    etag = ask("GET", "/static/alphabet.txt").fields["etag"]
    assert ask("GET", "/static/alphabet.txt", {"If-None-Match": etag}).status == 304
    # The connection is in step afterwards.
    plain(ask)


def bodies_come_back(ask):
    for body in (b"x", b"\0\xff" * 500, LARGE):
        answer = ask("POST", "/echo", {"Content-Type": "application/octet-stream"}, body)
        assert (answer.status, len(answer.body)) == (200, len(body)), answer.status
        assert answer.body == body


def uploads_are_read_whole(ask):
    answer = ask("PUT", "/upload", {}, LARGE)
    assert answer.json() == {"bytes": len(LARGE), "sha256": hashlib.sha256(LARGE).hexdigest()}


def compressed_bodies_are_undone(ask):
    answer = ask("POST", "/echo", {"Content-Encoding": "gzip"}, gzip.compress(LARGE))
    assert answer.status == 200 and answer.body == LARGE, answer.status
    assert ask("POST", "/echo", {"Content-Encoding": "foo"}, b"abc").status == 415


def answers_are_compressed(ask):
    answer = ask("GET", "/headers", {"Accept-Encoding": "gzip", "X-Long": "y" * 3000})
    assert b"y" * 3000 in answer.body, answer


def forms_are_read(ask):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ask("POST", "/form", kind, b"a=1&b=x+y&a=%C3%A9")
    assert answer.json()["fields"] == {"a": ["1", "\u00e9"], "b": ["x y"]}, answer


def ranges_are_sent(ask):
    answer = ask("GET", "/static/alphabet.txt", {"Range": "bytes=3-5"})
    assert (answer.status, answer.body) == (206, b"def"), answer
    assert answer.fields["content-range"] == "bytes 3-5/26"
    assert ask("GET", "/static/alphabet.txt", {"Range": "bytes=99-"}).status == 416


def large_answers_come_whole(ask):
    answer = ask("GET", "/bytes/20000000")
    assert len(answer.body) == 20_000_000 and not answer.body.strip(b"x")
    answer = ask("GET", "/static/large.bin")
    assert answer.body == bytes(range(256)) * 4096


def refusals_are_seen_while_the_body_is_sent(ask):
    answer = ask("POST", "/echo", {}, bytes(17 << 20))
    assert answer.status == 413 and b"max_body_size" in answer.body, answer.status
    answer = ask("POST", "/nobody", {}, bytes(1 << 20))
    assert (answer.status, answer.body) == (200, b"nobody\n"), answer.status


def errors_are_answers(ask):
    for path, status in (("/nosuch", 404), ("/error", 500), ("/status/418", 418)):
        assert ask("GET", path).status == status
    answer = ask("DELETE", "/plaintext")
    assert answer.status == 405 and "GET" in answer.fields["allow"], answer


EVERY = [
    plain, chunks_are_put_together, nothing_comes_with_head_204_and_304, bodies_come_back, uploads_are_read_whole,
    compressed_bodies_are_undone, answers_are_compressed, forms_are_read, ranges_are_sent, large_answers_come_whole,
    refusals_are_seen_while_the_body_is_sent, errors_are_answers,
]


def play(client, ask, checks):
    """Runs the checks, prints a row for each, and ends the program with 1 if one failed."""
    failed = 0
    for check in checks:
        try:
            check(ask)
            fault = ""
        except Exception:  # Whatever a client raises is a failed check, and is shown.
            fault = "\n" + traceback.format_exc(limit=-3)
        failed += bool(fault)
        print(f"{'FAIL' if fault else 'ok':4} {client}: {check.__name__.replace('_', ' ')}{fault}", flush=True)
    sys.exit(1 if failed else 0)
