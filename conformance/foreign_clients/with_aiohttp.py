"""aiohttp, with its own parser."""

import asyncio
import sys

import aiohttp
from checks import EVERY, LARGE, Answer, play

URL = sys.argv[1]
LOOP = asyncio.new_event_loop()
SESSION = None


async def send(method, path, fields, body):
    async with SESSION.request(method, URL + path, headers=fields, data=body, allow_redirects=False) as got:
        return Answer(got.status, {name.lower(): value for name, value in got.headers.items()}, await got.read())


def ask(method, path, fields=None, body=None):
    return LOOP.run_until_complete(send(method, path, fields, body))


def many_at_once(_):
    async def all_of_them():
        return await asyncio.gather(*(send("GET", f"/user/{n}", None, None) for n in range(300)))

    got = LOOP.run_until_complete(all_of_them())
    assert [answer.body for answer in got] == [str(n).encode() for n in range(300)]


def bodies_are_streamed(_):
    async def pieces():
        for at in range(0, len(LARGE), 5000):
            yield LARGE[at : at + 5000]

    got = LOOP.run_until_complete(send("PUT", "/upload", None, pieces()))
    assert got.json()["bytes"] == len(LARGE)


def forms_with_files_are_read(_):
    form = aiohttp.FormData({"a": "1"})
    form.add_field("f", b"content", filename="n\u00e4me.txt", content_type="text/plain")
    got = LOOP.run_until_complete(send("POST", "/form", None, form)).json()
    assert got["fields"] == {"a": ["1"]} and got["files"][0]["bytes"] == 7, got


async def start():
    global SESSION
    SESSION = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))


LOOP.run_until_complete(start())
try:
    play(f"aiohttp {aiohttp.__version__}", ask, [*EVERY, many_at_once, bodies_are_streamed, forms_with_files_are_read])
finally:
    LOOP.run_until_complete(SESSION.close())
