"""Tornado, one process, access log off: the contract of the `testbed` example."""

import argparse
import asyncio
import json

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


STORED = [
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. \u2014 Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. \u2014 Donald Knuth",
    "Feature: A bug with seniority.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "\u30d5\u30ec\u30fc\u30e0\u30ef\u30fc\u30af\u306e\u30d9\u30f3\u30c1\u30de\u30fc\u30af",
]


class Fortunes(tornado.web.RequestHandler):
    def get(self):
        fortunes = [*enumerate(STORED, 1), (0, "Additional fortune added at request time.")]
        fortunes.sort(key=lambda fortune: fortune[1])
        self.render("fortunes.html", fortunes=fortunes)


class User(tornado.web.RequestHandler):
    def get(self, name):
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(name)


class SignedSet(tornado.web.RequestHandler):
    def get(self):
        self.set_signed_cookie(self.get_query_argument("name"), self.get_query_argument("value"))
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write("ok")


class SignedGet(tornado.web.RequestHandler):
    def get(self):
        value = self.get_signed_cookie(self.get_query_argument("name"))
        if value is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(value)


class SignUp(tornado.web.RequestHandler):
    def post(self):
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(self.line())

    def line(self):
        name, email, country = map(self.get_body_argument, ("name", "email", "country"))
        age, newsletter = self.get_body_argument("age"), self.get_body_argument("newsletter")
        if not age.isdecimal() or int(age) > 255 or newsletter not in ("true", "false"):
            raise tornado.web.HTTPError(400)
        return f"{name} <{email}>, {int(age)}, {country}, newsletter: {newsletter}"


class SignUpWithPicture(SignUp):
    def line(self):
        pictures = self.request.files.get("picture", [])
        return f"{super().line()}, picture: {sum(len(picture.body) for picture in pictures)}"


class Order(tornado.web.RequestHandler):
    TYPES = {"article": str, "count": int, "price": int, "express": bool, "tags": list}

    def post(self):
        try:
            order = json.loads(self.request.body)
        except ValueError:
            raise tornado.web.HTTPError(400)
        if any(type(order.get(name)) is not kind for name, kind in self.TYPES.items()):
            raise tornado.web.HTTPError(400)
        receipt = {
            "article": order["article"], "count": order["count"], "total": order["count"] * order["price"],
            "express": order["express"], "tags": order["tags"],
        }
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(receipt, separators=(",", ":")))


class Echo(tornado.websocket.WebSocketHandler):
    async def on_message(self, message):
        await self.write_message(message)


class DeflateEcho(Echo):
    def get_compression_options(self):
        return {}


class Room(tornado.websocket.WebSocketHandler):
    members = set()

    def open(self, name):
        self.members.add(self)

    def on_close(self):
        self.members.discard(self)

    def on_message(self, message):
        for member in self.members:
            member.write_message(message)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=[1], default=1)
    parser.add_argument("--static")
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--cookie-secret")
    flags = parser.parse_args()
    routes = [(r"/plaintext", Plaintext), (r"/json", Json), (r"/fortunes", Fortunes), (r"/user/([^/]+)", User)]
    routes += [(r"/signed/set", SignedSet), (r"/signed/get", SignedGet)]
    routes += [(r"/signup", SignUp), (r"/signup/picture", SignUpWithPicture), (r"/order", Order)]
    routes += [(r"/ws/room/(.*)", Room)]
    routes += [(r"/ws/deflate", DeflateEcho), (r"/ws(?:/class)?", Echo)]
    settings = {"log_function": lambda handler: None, "compress_response": flags.compress}
    settings["cookie_secret"] = flags.cookie_secret
    if flags.static:
        settings["static_path"] = flags.static
    application = tornado.web.Application(routes, **settings)
    sockets = tornado.netutil.bind_sockets(flags.port, address="127.0.0.1", backlog=1024)
    server = tornado.httpserver.HTTPServer(application)
    server.add_sockets(sockets)
    print(f"listening on http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
