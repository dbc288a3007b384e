"""What the client asks for, under the names of the rows."""

from dataclasses import dataclass, field

from . import files

TEXT = "Hello, World!"
JSON = '{"message":"Hello, World!"}'


SIGNUP = "name=Ada+Lovelace&email=ada%40example.org&age=36&country=GB&newsletter=true"
SIGNED_UP = "Ada Lovelace <ada@example.org>, 36, GB, newsletter: true"
ORDER = '{"article":"tea pot","count":3,"price":1250,"express":true,"tags":["blue","glazed"]}'
RECEIPT = '{"article":"tea pot","count":3,"total":3750,"express":true,"tags":["blue","glazed"]}'
COOKIE_SECRET = "0123456789abcdef" * 4
PICTURE = "GIF89a" + "x" * 1018


def multipart():
    """The same fields and a file of 1 KiB, in parts as browsers send them."""
    boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    fields = {"name": "Ada Lovelace", "email": "ada@example.org", "age": "36", "country": "GB", "newsletter": "true"}
    parts = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    picture = f'{head}"picture"; filename="ada.gif"\r\nContent-Type: image/gif\r\n\r\n{PICTURE}\r\n'
    body = "".join(parts) + picture + f"--{boundary}--\r\n"
    return ["--post", f"multipart/form-data; boundary={boundary}", "--body", body]


NO_DEFLATE = frozenset({"bare", "fastwebsockets", "tokio-websockets", "actix-web", "axum"})

NO_ROOM = frozenset({"tokio-websockets"})
ROOM = ["--path", "/ws/room/all", "--broadcast", "--connections", "1000"]


@dataclass
class Workload:
    """One kind of request."""

    title: str
    client: list[str]
    """Flags of the load client."""
    bare: list[str] = field(default_factory=list)
    """Flags that make the bare loop reply alike."""
    server: list[str] = field(default_factory=list)
    """Flags of the server for this alone."""
    warmup: int | None = None
    """Requests before measuring, where the usual number would be too many."""
    speaks: str = "http"
    """What a server must speak to be measured."""
    kept_out: frozenset = frozenset()
    """Servers that cannot do it."""
    in_parts: bool = False
    """Our own time is to be compared with that of its parts: compression, and the same without it."""

    def of(self, programs):
        """The programs that this is for."""
        able = {n: p for n, p in programs.items() if self.speaks in p.speaks and n not in self.kept_out}
        return able


ALL = {
    "plaintext": Workload("plaintext", ["--path", "/plaintext", "--expect", TEXT]),
    "headers": Workload(
        "plaintext, 12 browser-like header fields",
        ["--path", "/plaintext", "--expect", TEXT, "--headers", "browser"],
    ),
    "json": Workload(
        "json",
        ["--path", "/json"],
        ["--body", JSON, "--type", "application/json"],
    ),
    "path": Workload("path parameter", ["--path", "/user/4711", "--expect", "4711"], ["--body", "4711"]),
    "fortunes": Workload(
        "a page of 12 rows, template compiled at run time",
        ["--path", "/fortunes"],
        kept_out=frozenset({"bare", "hyper", "waterspout-http"}),
    ),
    "fortunes-askama": Workload(
        "a page of 12 rows, template compiled with the program",
        ["--path", "/fortunes/askama"],
        kept_out=frozenset({"bare", "hyper", "waterspout-http", "tornado"}),
    ),
    "signed-cookie": Workload(
        "signed cookie, checked",
        ["--cookie-from", "/signed/set?name=user&value=alice", "--path", "/signed/get?name=user", "--expect", "alice"],
        server=["--cookie-secret", COOKIE_SECRET],
        speaks="input",
    ),
    "form": Workload(
        "form of five fields, typed",
        ["--path", "/signup", "--post", "application/x-www-form-urlencoded", "--body", SIGNUP, "--expect", SIGNED_UP],
        speaks="input",
    ),
    "multipart": Workload(
        "multipart form of five fields and a file of 1 KiB",
        ["--path", "/signup/picture", *multipart(), "--expect", f"{SIGNED_UP}, picture: {len(PICTURE)}"],
        speaks="input",
    ),
    "json-in-out": Workload(
        "JSON in and out, typed",
        ["--path", "/order", "--post", "application/json", "--body", ORDER, "--expect", RECEIPT],
        speaks="input",
    ),
    "pipelined": Workload(
        "plaintext, pipelined 16 deep",
        ["--path", "/plaintext", "--expect", TEXT, "--depth", "16"],
        ["--count"],
    ),
    "close": Workload(
        "plaintext, a connection per request",
        ["--path", "/plaintext", "--expect", TEXT, "--close"],
        ["--close"],
    ),
    "static-1k": Workload(
        "file of 1 KiB", ["--path", "/static/1k.bin"], server=["--static", files.FOLDER], speaks="files"
    ),
    "static-304": Workload(
        "file of 1 KiB, not modified since", ["--path", "/static/1k.bin", "--revalidate", "last-modified"],
        server=["--static", files.FOLDER], speaks="files",
    ),
    "static-304-etag": Workload(
        "file of 1 KiB, ETag known", ["--path", "/static/1k.bin", "--revalidate", "etag"],
        server=["--static", files.FOLDER], speaks="files",
        kept_out=frozenset({"axum"}),
    ),
    "static-100k": Workload(
        "file of 100 KiB", ["--path", "/static/100k.bin"], server=["--static", files.FOLDER], warmup=500,
        speaks="files",
    ),
    "static-10m": Workload(
        "file of 10 MiB, 8 connections", ["--path", "/static/10m.bin", "--connections", "8"],
        server=["--static", files.FOLDER], warmup=20, speaks="files",
    ),
    "gzip": Workload(
        "page of 10 KiB by gzip, 12 browser-like header fields", ["--path", "/page", "--headers", "browser"],
        server=["--compress"], speaks="gzip",
    ),
    "ws-echo": Workload(
        "WebSocket, echo of 32 octets",
        ["--path", "/ws", "--websocket", "32"],
        ["--echo", "32"],
        speaks="ws",
    ),
    "ws-tls": Workload(
        "WebSocket over TLS, echo of 32 octets, class form",
        ["--path", "/ws/class", "--websocket", "32", "--tls", files.CERTIFICATE],
        server=["--tls-cert", files.CERTIFICATE, "--tls-key", files.KEY],
        speaks="wss",
    ),
    "ws-class": Workload(
        "WebSocket, echo of 32 octets, class form",
        ["--path", "/ws/class", "--websocket", "32"],
        ["--echo", "32"],
        speaks="ws",
    ),
    "ws-deflate": Workload(
        "WebSocket, echo of 1 KiB of JSON with permessage-deflate",
        ["--path", "/ws/deflate", "--websocket", "1024", "--deflate"],
        speaks="ws",
        kept_out=NO_DEFLATE,
        in_parts=True,
    ),
    "broadcast": Workload(
        "WebSocket, one message of 64 octets to 1,000 receivers; per delivery",
        [*ROOM, "--websocket", "64"],
        ["--room", "64"],
        speaks="ws",
        kept_out=NO_ROOM,
    ),
    "broadcast-burst": Workload(
        "WebSocket, bursts of ten messages of 64 octets to 1,000 receivers; per delivery",
        [*ROOM, "--websocket", "64", "--depth", "10"],
        ["--room", "64"],
        speaks="ws",
        kept_out=NO_ROOM,
    ),
    "ws-plain-1k": Workload(
        "WebSocket, echo of 1 KiB",
        ["--path", "/ws", "--websocket", "1024"],
        speaks="ws",
        kept_out=frozenset({"bare"}),
    ),
}
