"""Tornado, one process, access log off: the contract of the `testbed` example."""

import argparse
import asyncio

import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket


class Plaintext(tornado.web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write("Hello, World!")


class Json(tornado.web.RequestHandler):
    def get(self):
        self.write({"message": "Hello, World!"})


class User(tornado.web.RequestHandler):
    def get(self, name):
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(name)


class Echo(tornado.websocket.WebSocketHandler):
    async def on_message(self, message):
        await self.write_message(message)


class DeflateEcho(Echo):
    def get_compression_options(self):
        return {}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=[1], default=1)
    flags = parser.parse_args()
    routes = [(r"/plaintext", Plaintext), (r"/json", Json), (r"/user/([^/]+)", User)]
    routes += [(r"/ws/deflate", DeflateEcho), (r"/ws(?:/class)?", Echo)]
    application = tornado.web.Application(routes, log_function=lambda handler: None)
    sockets = tornado.netutil.bind_sockets(flags.port, address="127.0.0.1", backlog=1024)
    server = tornado.httpserver.HTTPServer(application)
    server.add_sockets(sockets)
    print(f"listening on http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
