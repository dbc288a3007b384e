"""Tornado's own client, simple_httpclient."""

import asyncio
import sys

import tornado
from checks import EVERY, LARGE, Answer, play
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

URL = sys.argv[1]
LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(LOOP)
CLIENT = None


async def start():
    global CLIENT
    CLIENT = AsyncHTTPClient(max_clients=50, max_body_size=1 << 30)


async def send(method, path, fields, body, **more):
    request = HTTPRequest(
        URL + path, method, headers=fields, body=body, follow_redirects=False, request_timeout=60,
        allow_nonstandard_methods=True, **more,
    )
    got = await CLIENT.fetch(request, raise_error=False)
    if got.code == 599:
        raise got.error
    return Answer(got.code, {name.lower(): value for name, value in got.headers.items()}, got.body)


def ask(method, path, fields=None, body=None):
    return LOOP.run_until_complete(send(method, path, fields, body))


def many_at_once(_):
    async def all_of_them():
        return await asyncio.gather(*(send("GET", f"/user/{n}", None, None) for n in range(300)))

    got = LOOP.run_until_complete(all_of_them())
    assert [answer.body for answer in got] == [str(n).encode() for n in range(300)]


def bodies_are_streamed_both_ways(_):
    async def produce(write):
        for at in range(0, len(LARGE), 5000):
            await write(LARGE[at : at + 5000])

    got = LOOP.run_until_complete(send("PUT", "/upload", None, None, body_producer=produce))
    assert got.json()["bytes"] == len(LARGE)
    pieces = []
    LOOP.run_until_complete(send("GET", "/bytes/5000000", None, None, streaming_callback=pieces.append))
    assert sum(map(len, pieces)) == 5_000_000


def uploads_wait_for_100(_):
    got = LOOP.run_until_complete(send("PUT", "/upload", None, b"abc", expect_100_continue=True))
    assert got.json()["bytes"] == 3


LOOP.run_until_complete(start())
# It cannot take an answer while it sends: it reports the broken connection.
taken = [check for check in EVERY if not check.__name__.startswith("refusals")]
play(f"tornado {tornado.version}", ask, [*taken, many_at_once, bodies_are_streamed_both_ways, uploads_wait_for_100])
