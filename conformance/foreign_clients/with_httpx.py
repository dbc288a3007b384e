"""httpx, over h11."""

import sys

import httpx
from checks import EVERY, LARGE, Answer, play

URL = sys.argv[1]
CLIENT = httpx.Client(base_url=URL, timeout=60)


def ask(method, path, fields=None, body=None):
    got = CLIENT.request(method, path, headers=fields, content=body)
    return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)


def bodies_are_streamed(_):
    got = CLIENT.put("/upload", content=(LARGE[at : at + 5000] for at in range(0, len(LARGE), 5000)))
    assert got.json()["bytes"] == len(LARGE)
    with CLIENT.stream("GET", "/bytes/5000000") as got:
        assert sum(len(piece) for piece in got.iter_bytes()) == 5_000_000


def forms_with_files_are_read(_):
    got = CLIENT.post("/form", data={"a": "1"}, files={"f": ("n\u00e4me.txt", b"content", "text/plain")}).json()
    assert got["fields"] == {"a": ["1"]} and got["files"][0]["filename"] == "n\u00e4me.txt", got


play(f"httpx {httpx.__version__}", ask, [*EVERY, bodies_are_streamed, forms_with_files_are_read])
