"""requests, over urllib3."""

import sys

import requests
from checks import EVERY, LARGE, Answer, play

URL = sys.argv[1]
SESSION = requests.Session()


def ask(method, path, fields=None, body=None):
    got = SESSION.request(method, URL + path, headers=fields, data=body, timeout=60, allow_redirects=False)
    return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)


def bodies_are_streamed(_):
    got = SESSION.put(URL + "/upload", data=(LARGE[at : at + 5000] for at in range(0, len(LARGE), 5000)), timeout=60)
    assert got.json()["bytes"] == len(LARGE)
    with SESSION.get(URL + "/bytes/5000000", stream=True, timeout=60) as got:
        assert sum(len(piece) for piece in got.iter_content(9999)) == 5_000_000


def redirects_and_cookies_are_followed(_):
    got = SESSION.get(URL + "/redirect/3", timeout=60)
    assert (got.text, len(got.history)) == ("Hello, World!", 3), got
    SESSION.get(URL + "/cookies/set?name=a&value=bc", timeout=60)
    assert SESSION.get(URL + "/cookies", timeout=60).json().get("a") == "bc"


def forms_with_files_are_read(_):
    sent = {"f": ("n\u00e4me.txt", b"content", "text/plain")}
    got = SESSION.post(URL + "/form", data={"a": "1"}, files=sent, timeout=60).json()
    assert got["fields"] == {"a": ["1"]} and got["files"][0]["filename"] == "n\u00e4me.txt", got


play(f"requests {requests.__version__}", ask, [*EVERY, bodies_are_streamed, redirects_and_cookies_are_followed, forms_with_files_are_read])
