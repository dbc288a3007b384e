"""A client of one of three libraries: clients.py LIBRARY URL. Exit 1 with a traceback when an echo is wrong."""

import asyncio
import sys

import messages


async def with_websockets(url):
    import websockets

    async with websockets.connect(url, max_size=None) as ws:
        for message in messages.ALL:
            await ws.send(message)
            assert await ws.recv() == message
        await (await ws.ping(b"are you there"))

        async def fragments():
            for piece in ["a", "", "bc", "d" * 70_000]:
                yield piece

        await ws.send(fragments())
        assert await ws.recv() == "abc" + "d" * 70_000
        await ws.close(messages.CODE, messages.REASON)
        assert ws.close_code == messages.CODE, ws.close_code


async def with_aiohttp(url):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, compress=15, max_msg_size=0) as ws:
            for message in messages.ALL:
                await (ws.send_str if isinstance(message, str) else ws.send_bytes)(message)
                assert (await ws.receive()).data == message
            await ws.ping(b"are you there")
            await ws.close(code=messages.CODE, message=messages.REASON.encode())
            assert ws.close_code == messages.CODE, ws.close_code


async def with_tornado(url):
    from tornado.websocket import websocket_connect

    ws = await websocket_connect(url, compression_options={}, ping_interval=5)
    for message in messages.ALL:
        await ws.write_message(message, binary=isinstance(message, bytes))
        assert await ws.read_message() == message
    ws.ping(b"are you there")
    ws.close(messages.CODE, messages.REASON)
    assert await ws.read_message() is None
    assert ws.close_code == messages.CODE, ws.close_code


if __name__ == "__main__":
    asyncio.run(globals()["with_" + sys.argv[1]](sys.argv[2]))
