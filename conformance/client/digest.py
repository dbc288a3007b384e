"""Servers that ask for a digest, written from RFC 7616 with Python's hashlib."""

import hashlib
import http.server
import re
import secrets
import threading

USER, PASSWORD, REALM = "Jäsøn", "öpen sesame", "conformance"
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


def play(client):
    """Every algorithm and quality, each with a server of its own."""
    for algorithm in HASHES:
        for session in ("", "-sess"):
            for qop in ("auth", "auth-int", None):
                if session and qop is None:
                    continue
                for userhash in (False, True):
                    one(client, algorithm, session, qop, userhash)
    with Server("MD5", "", "auth", False) as url:
        client.case("digest: a wrong password", "-u", f"{USER}:wrong", "--digest", url, error="401")


def one(client, algorithm, session, qop, userhash):
    name = f"digest: {algorithm}{session}, qop {qop}" + (", userhash" if userhash else "")
    with Server(algorithm, session, qop, userhash) as url:
        flags = ["-u", f"{USER}:{PASSWORD}", "--digest", "-d", "body", "--repeat", 3]
        client.case(name, *flags, url + "/a%20b?q=1", body=b"welcome" * 3)


class Server:
    def __init__(self, algorithm, session, qop, userhash):
        handler = type("Asking", (Handler,), {
            "algorithm": algorithm, "session": session, "qop": qop, "userhash": userhash,
            "nonce": secrets.token_hex(8), "counts": set(),
        })
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        good = self.check(self.headers.get("Authorization", ""), body)
        text = b"welcome" if good else b"no"
        self.send_response(200 if good else 401)
        if not good:
            self.send_header("WWW-Authenticate", self.challenge())
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def challenge(self):
        parts = [f'realm="{REALM}"', f'nonce="{self.nonce}"', 'opaque="o"', "charset=UTF-8",
                 f"algorithm={self.algorithm}{self.session}"]
        parts += [f'qop="{self.qop}"'] if self.qop else []
        parts += ["userhash=true"] if self.userhash else []
        return "Digest " + ", ".join(parts)

    def hash(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        return hashlib.new(HASHES[self.algorithm], data).hexdigest()

    def check(self, value, body):
        if not value.startswith("Digest "):
            return False
        given = {n: q or p for n, q, p in re.findall(r'([\w*]+)=(?:"([^"]*)"|([^,\s]*))', value)}
        if self.userhash:
            named = given.get("username") == self.hash(f"{USER}:{REALM}")
        else:
            named = given.get("username*") == "UTF-8''J%C3%A4s%C3%B8n"
        secret = self.hash(f"{USER}:{REALM}:{PASSWORD}")
        if self.session:
            secret = self.hash(f"{secret}:{given.get('nonce')}:{given.get('cnonce')}")
        what = f"{self.command}:{self.path}"
        if self.qop == "auth-int":
            what += ":" + self.hash(body)
        what = self.hash(what)
        middle = given.get("nonce")
        if self.qop:
            # Each number of a nonce comes once.
            if given.get("nc") in self.counts:
                return False
            self.counts.add(given.get("nc"))
            middle += f":{given.get('nc')}:{given.get('cnonce')}:{given.get('qop')}"
        right = given.get("response") == self.hash(f"{secret}:{middle}:{what}")
        return named and right and given.get("uri") == self.path and given.get("opaque") == "o"

    def log_message(self, *_):
        pass
