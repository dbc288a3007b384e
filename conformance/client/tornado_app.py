"""An application of Python's Tornado for our client to fetch from."""

import argparse
import asyncio
import base64
import hashlib

import tornado.web

BIG = bytes(range(256)) * 20_000


class Hello(tornado.web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write("hello")

    head = get


class Port(tornado.web.RequestHandler):
    counts = {}

    def get(self):
        peer = self.request.connection.stream.socket.getpeername()
        self.counts[peer] = self.counts.get(peer, 0) + 1
        self.set_header("X-Requests-Of-Connection", self.counts[peer])


class Chunks(tornado.web.RequestHandler):
    async def get(self):
        for number in range(100):
            self.write(f"chunk {number}\n")
            await self.flush()


class Gzip(tornado.web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write("text " * 2000)


class Form(tornado.web.RequestHandler):
    def post(self):
        text = ", ".join(f'"{n}": "{self.get_body_argument(n)}"' for n in self.request.body_arguments)
        self.write("{" + text + "}")


class Files(tornado.web.RequestHandler):
    def post(self):
        for name in self.request.body_arguments:
            self.write(f"{name}={self.get_body_argument(name)}\n")
        for name, files in self.request.files.items():
            for file in files:
                self.write(f"{name}={file.filename} {hashlib.sha256(file.body).hexdigest()}\n")


class Redirect(tornado.web.RequestHandler):
    def get(self):
        self.redirect(self.get_query_argument("to"), status=int(self.get_query_argument("status", "302")))

    post = get


class Method(tornado.web.RequestHandler):
    def get(self):
        self.write(self.request.method)

    post = get


class SetCookie(tornado.web.RequestHandler):
    def get(self):
        if self.get_cookie("id"):
            self.write(self.get_cookie("id"))
        else:
            self.set_cookie("id", "abc", httponly=True, expires_days=1)
            self.redirect("/set-cookie")


class Basic(tornado.web.RequestHandler):
    def get(self):
        self.write(base64.b64decode(self.request.headers["Authorization"].split()[1]))


class Empty(tornado.web.RequestHandler):
    def get(self):
        self.set_status(204)


class Big(tornado.web.RequestHandler):
    def get(self):
        self.write(BIG)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    routes = [
        ("/hello", Hello), ("/port", Port), ("/chunks", Chunks), ("/gzip", Gzip), ("/form", Form),
        ("/files", Files), ("/redirect", Redirect), ("/method", Method), ("/set-cookie", SetCookie),
        ("/basic", Basic), ("/empty", Empty), ("/big", Big),
    ]
    app = tornado.web.Application(routes, compress_response=True)
    app.listen(parser.parse_args().port, "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
