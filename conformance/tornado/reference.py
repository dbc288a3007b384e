"""The routes of the testbed, on Tornado: what the testbed is compared with."""

import asyncio
import json

import tornado.httpserver
import tornado.netutil
import tornado.web


class Arguments(tornado.web.RequestHandler):
    def get(self):
        request = self.request
        query = {name: self.get_query_arguments(name) for name in request.query_arguments}
        body = {name: self.get_body_arguments(name) for name in request.body_arguments}
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps({"query": query, "body": body}))

    post = get


class Cookies(tornado.web.RequestHandler):
    def get(self):
        self.write({name: morsel.value for name, morsel in self.cookies.items()})


class SetCookie(tornado.web.RequestHandler):
    def get(self):
        wanted = {"path": "/"}
        for name in ("path", "domain", "samesite"):
            if (value := self.get_query_argument(name, None)) is not None:
                wanted[name] = value
        if (value := self.get_query_argument("max_age", None)) is not None:
            wanted["max_age"] = int(value)
        for name in ("httponly", "secure"):
            wanted[name] = self.get_query_argument(name, None) is not None
        try:
            self.set_cookie(self.get_query_argument("name"), self.get_query_argument("value"), **wanted)
        except Exception as error:
            raise tornado.web.HTTPError(400) from error
        self.write("ok")


class SignedSet(tornado.web.RequestHandler):
    def get(self):
        version = self.get_query_argument("version", None)
        self.set_signed_cookie(
            self.get_query_argument("name"),
            self.get_query_argument("value"),
            version=int(version) if version else None,
        )
        self.write("ok")


class SignedGet(tornado.web.RequestHandler):
    def get(self):
        value = self.get_signed_cookie(self.get_query_argument("name"))
        if value is None:
            raise tornado.web.HTTPError(404)
        self.write(value)


class Xsrf(tornado.web.RequestHandler):
    def get(self):
        self.write(self.xsrf_form_html())

    def post(self):
        self.check_xsrf_cookie()
        self.write("ok")


class Private(tornado.web.RequestHandler):
    def get_current_user(self):
        return self.get_signed_cookie("user")

    @tornado.web.authenticated
    def get(self):
        self.write("in")

    @tornado.web.authenticated
    def post(self):
        self.write("in")


class StaticUrl(tornado.web.RequestHandler):
    def get(self, path):
        self.write(self.static_url(path))


def application(secret, directory):
    return tornado.web.Application(
        [
            ("/args", Arguments),
            ("/cookies", Cookies),
            ("/cookies/set", SetCookie),
            ("/signed/set", SignedSet),
            ("/signed/get", SignedGet),
            ("/xsrf", Xsrf),
            ("/private", Private),
            ("/static-url/(.*)", StaticUrl),
        ],
        cookie_secret=secret,
        login_url="/login",
        static_path=directory,
    )


def serve(secret, directory, started):
    """Serves until the process ends; tells its port by `started`."""

    async def main():
        server = tornado.httpserver.HTTPServer(application(secret, directory))
        sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        started(sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())
