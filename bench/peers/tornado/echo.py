"""An echo server on Tornado's IOStream: the contract of the other echo programs."""

import argparse
import asyncio

import tornado.iostream
import tornado.netutil
import tornado.tcpserver

AT_ONCE = 64 * 1024


class Echo(tornado.tcpserver.TCPServer):
    async def handle_stream(self, stream, address):
        stream.set_nodelay(True)
        try:
            while True:
                await stream.write(await stream.read_bytes(AT_ONCE, partial=True))
        except tornado.iostream.StreamClosedError:
            pass


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=[1], default=1)
    flags = parser.parse_args()
    sockets = tornado.netutil.bind_sockets(flags.port, address="127.0.0.1", backlog=1024)
    Echo().add_sockets(sockets)
    print(f"listening on http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
