"""What both servers are asked. A probe is a group, a name and a request; what is compared is in `compare.py`."""

import base64
import hashlib
import hmac
import time
import urllib.parse
from dataclasses import dataclass, field

import tornado.web

DAY = 86400


@dataclass
class Probe:
    group: str
    name: str
    method: str = "GET"
    target: str = "/"
    fields: list = field(default_factory=list)
    body: bytes = b""
    # Header fields that must be the same, besides status and body.
    compare: tuple = ()
    # Bodies that need not be the same: error pages, and pages with random numbers.
    ignore_body: bool = False


def quote(text):
    return urllib.parse.quote(text, safe="")


QUERIES = {
    "plain": "a=1&b=2",
    "repeated": "a=1&b=2&a=3",
    "empty value": "a=",
    "no equals sign": "a&b=1",
    "only separators": "&&&",
    "equals signs in the value": "a=b=c==",
    "empty name": "=1&a=2",
    "plus and blanks": "a=+1+2+&b=%2B",
    "blanks at the ends": "a=%20%20x%20%20&b=%09y%0A",
    "no-break space at the ends": "a=%C2%A0x%C2%A0",
    "percent at the end": "a=1%",
    "half a percent": "a=%4&b=%zz",
    "utf-8": "a=%C3%A9%E2%82%AC%F0%9F%8C%8A",
    "utf-8 in the name": "%C3%A9=1",
    "not utf-8": "a=%ff",
    "not utf-8 in the name": "%ff=1",
    "overlong utf-8": "a=%c0%af",
    "surrogate": "a=%ed%a0%80",
    "nul and controls": "a=x%00y%01z%1f",
    "tab and line ends inside": "a=x%09y%0D%0Az",
    "delete": "a=x%7fy",
    "byte order mark": "a=%EF%BB%BFx",
    "semicolons": "a=1;b=2",
    "brackets": "a[]=1&a[0]=2&a.b=3",
    "upper and lower case": "A=1&a=2",
    "very long value": "a=" + "x" * 9000,
    "1000 arguments": "&".join(f"a{n}={n}" for n in range(1000)),
    "1001 arguments": "&".join(f"a{n}={n}" for n in range(1001)),
    "question marks": "a=?&b=??",
    "slashes": "a=/b/../c&d=//e",
    "colons and at signs": "a=b:c@d",
    "quotes": "a=%22x%22&b='y'",
    "angle brackets": "a=%3Cscript%3E",
    "encoded separators": "a=1%262%3D3",
    "emoji name and value": "%F0%9F%8C%8A=%F0%9F%8C%8A",
    "unicode blanks": "a=%E2%80%83x%E2%80%83",
    "vertical tab and form feed": "a=%0Bx%0C",
    "next line control": "a=%C2%85x",
}

MULTIPART = "multipart/form-data; boundary=b"


def part(head, body):
    return f"--b\r\n{head}\r\n\r\n{body}\r\n"


FORMS = {
    "field": part('Content-Disposition: form-data; name="a"', "1") + "--b--\r\n",
    "two of a name": part('Content-Disposition: form-data; name="a"', "1")
    + part('Content-Disposition: form-data; name="a"', "2")
    + "--b--\r\n",
    "a file is no argument": part('Content-Disposition: form-data; name="a"; filename="x"', "1") + "--b--\r\n",
    "an empty file name": part('Content-Disposition: form-data; name="a"; filename=""', "1") + "--b--\r\n",
    "name without quotes": part("Content-Disposition: form-data; name=a", "1") + "--b--\r\n",
    "no name": part("Content-Disposition: form-data", "1") + "--b--\r\n",
    "no disposition": part("Content-Type: text/plain", "1") + "--b--\r\n",
    "no end": part('Content-Disposition: form-data; name="a"', "1"),
    "another boundary": part('Content-Disposition: form-data; name="a"', "1").replace("--b", "--c") + "--c--\r\n",
    "bare line feeds": '--b\nContent-Disposition: form-data; name="a"\n\n1\n--b--\n',
    "empty": "",
}


def arguments():
    for name, query in QUERIES.items():
        yield Probe("arguments in the query", name, target="/args?" + query, compare=("Content-Type",))
    kind = [("Content-Type", "application/x-www-form-urlencoded")]
    for name, query in QUERIES.items():
        yield Probe("arguments in a form", name, "POST", "/args", kind, query.encode())
    raw = {"raw latin-1": b"a=\xe9", "raw utf-8": "a=é".encode(), "raw nul": b"a=\x00x", "line end": b"a=1\r\n"}
    for name, body in raw.items():
        yield Probe("arguments in a form", name, "POST", "/args", kind, body)
    for kind in (
        "application/x-www-form-urlencoded; charset=utf-8",
        "application/x-www-form-urlencoded;charset=latin-1",
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencodedx",
        "text/plain",
        "application/json",
        "",
    ):
        fields = [("Content-Type", kind)] if kind else []
        yield Probe("types of forms", kind or "none", "POST", "/args?q=1", fields, b"a=1")
    for name, body in FORMS.items():
        yield Probe("forms in parts", name, "POST", "/args", [("Content-Type", MULTIPART)], body.encode())
    both = [("Content-Type", "application/x-www-form-urlencoded")]
    yield Probe("arguments in both", "query and form", "POST", "/args?a=q&b=q", both, b"a=f&c=f")


COOKIES = {
    "one": "a=1",
    "two": "a=1; b=2",
    "without blanks": "a=1;b=2",
    "many blanks": "  a = 1 ;  b  =  2  ",
    "repeated": "a=1; a=2; a=3",
    "quoted": 'a="1 2"',
    "quoted with octal": r'a="x\073y\054z\351"',
    "quoted with backslashes": r'a="x\"y\\z"',
    "octal without quotes": r"a=x\073y",
    "octal beyond a byte": r'a="\400\777"',
    "half an octal": r'a="\07"',
    "backslash at the end": 'a="x\\"',
    "one quote": 'a="x',
    "semicolon in quotes": 'a="x;y"',
    "no equals sign": "a; b=2",
    "empty name": "=1; b=2",
    "empty value": "a=; b=2",
    "equals signs": "a=b=c",
    "name with a slash": "/=bad; b=2",
    "name with a blank": "a b=1; c=2",
    "name with brackets": "a[0]=1; c=2",
    "name with a comma": "a,b=1; c=2",
    "name that is an attribute": "path=1; expires=2; a=3",
    "name beginning with a dollar": "$Version=1; a=2",
    "value with commas": "a=1,2,3",
    "value with json": 'a={"x":1}; b=2',
    "controls": "a=x\ty; b=2",
    "latin-1": "a=é",
    "utf-8": "a=é€",
    "colon in the name": "a:b=1",
    "separators alone": ";;;",
    "long": "a=" + "x" * 4000,
}


def cookies():
    for name, text in COOKIES.items():
        encoded = "latin-1" if name == "latin-1" else "utf-8"
        value = text.encode(encoded).decode("latin-1")
        yield Probe("cookies in", name, target="/cookies", fields=[("Cookie", value)])
    two = [("Cookie", "a=1"), ("Cookie", "b=2; a=3")]
    yield Probe("cookies in", "two fields", target="/cookies", fields=two)
    values = ["asdf", "a=b", 'a"b', "a;b", "a,b", "a\\b", "é", "", "a/b(c)", "{}", "a b", "a\nb", "\x7f", "€", "~!*'()"]
    for value in values:
        target = "/cookies/set?name=n&value=" + quote(value)
        yield Probe("cookies out", f"value {value!r}", target=target, compare=("Set-Cookie",))
    for name in ["n", "a b", "a;b", "a=b", "é", "a/b", "$a", "a:b", "(a)", "__Host-a", "__Secure-a"]:
        target = f"/cookies/set?name={quote(name)}&value=1"
        yield Probe("cookies out", f"name {name!r}", target=target, compare=("Set-Cookie",))
    for what in ["domain=ex.com", "path=/p", "max_age=10", "httponly", "secure", "samesite=Lax", "samesite=Strict",
                 "samesite=None", "domain=ex.com&path=/p&max_age=5&httponly&secure&samesite=Lax", "path=", "max_age=0",
                 "max_age=-1", "path=/a%3Bb", "path=/a%20b", "domain=a%0Ab", "path=/a%7Fb", "domain=", "samesite=lax"]:
        target = "/cookies/set?name=n&value=1&" + what
        yield Probe("cookies out", what, target=target, compare=("Set-Cookie",))


def signed_v2(secret, name, value, at, key_version="0"):
    """A value of version 2, put together by hand."""
    parts = [key_version, str(at) if isinstance(at, int) else at, name, value]
    text = "2|" + "".join(f"{len(part.encode())}:{part}|" for part in parts)
    return text + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_v1(secret, name, value, at):
    mac = hmac.new(secret.encode(), f"{name}{value}{at}".encode(), hashlib.sha1).hexdigest()
    return f"{value}|{at}|{mac}"


def signed_by_tornado(secret):
    def create(value, version, clock=time.time, name="user"):
        return tornado.web.create_signed_value(secret, name, value, version=version, clock=clock).decode()

    for value in ["alice", "", "é€", "a" * 2000, "\x00\x01", "a|b", "2|1:0|"]:
        for version in (1, 2):
            yield f"version {version}, value {value[:12]!r}", create(value, version)
    for version in (1, 2):
        for days in (0, 1, 30, 30.99, 31.01, 60, 10000):
            yield f"version {version}, {days} days old", create("x", version, lambda days=days: time.time() - days * DAY)
        for seconds in (60, 600, DAY, 40 * DAY):
            yield f"version {version}, {seconds} s ahead", create("x", version, lambda s=seconds: time.time() + s)
        yield f"version {version}, another name", create("x", version, name="other")
        good = create("alice", version)
        for at in range(0, len(good), 7):
            yield f"version {version}, octet {at} changed", good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:]
        yield f"version {version}, cut", good[:-1]
        yield f"version {version}, longer", good + "0"
        yield f"version {version}, mac in upper case", good[:-40] + good[-40:].upper()
    other = tornado.web.create_signed_value("another secret", "user", "x").decode()
    yield "signed with another key", other


def signed_by_hand(secret):
    now = int(time.time())
    plain = base64.b64encode(b"alice").decode()
    yield "a key version with a plain secret", signed_v2(secret, "user", plain, now, "7")
    yield "a key version that is no number", signed_v2(secret, "user", plain, now, "x")
    yield "a time with a zero before it", signed_v2(secret, "user", plain, "0" + str(now))
    yield "a time with a sign", signed_v2(secret, "user", plain, "+" + str(now))
    yield "a time that is no number", signed_v2(secret, "user", plain, "soon")
    yield "base64 without padding", signed_v2(secret, "user", "YWxpY2U", now)
    yield "base64 with a blank", signed_v2(secret, "user", "YWxp Y2U=", now)
    yield "base64 with bits that mean nothing", signed_v2(secret, "user", "YWxpY2V=", now)
    yield "no base64", signed_v2(secret, "user", "****", now)
    yield "version 1, a time with a zero before it", signed_v1(secret, "user", plain, "0" + str(now))
    yield "version 1, a payload that looks like a version", signed_v1(secret, "user", "1234", now)
    yield "version 1, a payload that is a version", signed_v1(secret, "user", "2", now)
    text = "2|01:0|10:%d|4:user|8:%s|" % (now, plain)
    yield "a length with a zero before it", text + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    for value in ["", "|", "||", "2|", "3|x", "999|x", "1000|x|y", "2|1:0|", "2|99:0|", "2|-1:|", "2|1:0|10:1|4:user|0:|x"]:
        yield f"nothing of the kind: {value!r}", value


def signed(secret):
    for source in (signed_by_tornado(secret), signed_by_hand(secret)):
        for name, value in source:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            fields = [("Cookie", f'user="{escaped}"')]
            yield Probe("signed cookies", name, target="/signed/get?name=user", fields=fields)


def xsrf():
    raw = "00112233445566778899aabbccddeeff"
    masked = "2|a1b2c3d4|a1a3e1e7e5e7a5a3292b696f6d6f2d2b|1700000000"
    tokens = {
        "plain": raw, "masked": masked, "upper case": raw.upper(), "no hex": "xoxo", "short": "deadbeef", "empty": "",
        "version 3": "3|", "version 1 with a bar": "1|" + raw, "three parts": "2|a1b2c3d4|00", "five parts": masked + "|1",
        "short mask": "2|a1b2c3|00|1", "odd mask": "2|a1b2c3d|00|1", "no time": "2|a1b2c3d4|00|", "a time that is none": "2|a1b2c3d4|00|x",
        "a negative time": "2|a1b2c3d4|a1a3e1e7e5e7a5a3292b696f6d6f2d2b|-1", "empty token": "2|a1b2c3d4||1",
        "blanks": " " + raw + " ", "another": "ff" + raw[2:], "0x": "0x" + raw[2:],
    }
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    for cookie_name, cookie in [*tokens.items(), ("none", None)]:
        for token_name, token in tokens.items():
            if cookie_name not in ("plain", "masked") and token_name not in ("plain", cookie_name):
                continue
            fields = [kind] + ([("Cookie", f"_xsrf={cookie}")] if cookie is not None else [])
            body = ("_xsrf=" + quote(token)).encode()
            name = f"cookie {cookie_name}, argument {token_name}"
            yield Probe("xsrf", name, "POST", "/xsrf", fields, body, ignore_body=True)
    cookie = ("Cookie", "_xsrf=" + masked)
    for name, target, fields, body in [
        ("in the query", "/xsrf?_xsrf=" + raw, [], b""),
        ("in X-Xsrftoken", "/xsrf", [("X-Xsrftoken", raw)], b""),
        ("in X-Csrftoken", "/xsrf", [("X-Csrftoken", raw)], b""),
        ("good argument, bad field", "/xsrf", [("X-Xsrftoken", "bad")], b"_xsrf=" + raw.encode()),
        ("bad argument, good field", "/xsrf", [("X-Xsrftoken", raw)], b"_xsrf=bad"),
        ("empty argument, good field", "/xsrf", [("X-Xsrftoken", raw)], b"_xsrf="),
        ("bad argument in the form, good in the query", "/xsrf?_xsrf=" + raw, [], b"_xsrf=bad"),
        ("two arguments, the last is good", "/xsrf", [], b"_xsrf=bad&_xsrf=" + raw.encode()),
        ("no token", "/xsrf", [], b"a=1"),
        ("of another origin", "/xsrf", [("Origin", "https://evil.example")], b"_xsrf=" + raw.encode()),
        ("cross-site", "/xsrf", [("Sec-Fetch-Site", "cross-site")], b"_xsrf=" + raw.encode()),
        ("same-origin", "/xsrf", [("Sec-Fetch-Site", "same-origin")], b"_xsrf=" + raw.encode()),
    ]:
        yield Probe("xsrf", name, "POST", target, [kind, cookie, *fields], body, ignore_body=True)


def private():
    for target in ["/private", "/private?a=1&b=%2F", "/private?next=//evil", "/private?"]:
        yield Probe("users", f"nobody at {target}", target=target, compare=("Location",), ignore_body=True)
    yield Probe("users", "nobody by HEAD", "HEAD", "/private", compare=("Location",), ignore_body=True)


def static():
    fields = ("Content-Length", "Content-Range", "Content-Type", "Last-Modified", "Accept-Ranges", "Cache-Control")
    for target in ["/static/hello.txt", "/static/page.html", "/static/empty.txt", "/static/missing.txt", "/static/sub/a.css",
                   "/static/hello.txt?v=1", "/static/hello.txt?v=", "/static/../secret.txt", "/static/%2e%2e/secret.txt",
                   "/static/sub", "/static/a%20b.txt", "/static/hello.txt/", "/static//hello.txt", "/static/%00", "/static/data.json"]:
        yield Probe("static files", target, target=target, compare=fields, ignore_body=True)
    for ranged in ["bytes=0-4", "bytes=5-", "bytes=-3", "bytes=0-", "bytes=100-", "bytes=3-2", "bytes=-0", "bytes=0-0,2-3", "bytes=",
                   "bytes=a-b", "items=0-4", "bytes=0-99", "bytes=-99", "bytes=5", "bytes= 0-4"]:
        fields_in = [("Range", ranged)]
        yield Probe("static files", ranged, target="/static/hello.txt", fields=fields_in, compare=fields[:2], ignore_body=True)
    dates = {"now": "Sat, 01 Jan 2028 00:00:00 GMT", "before": "Mon, 01 Jan 2001 00:00:00 GMT", "the same": "Tue, 14 Nov 2023 22:13:20 GMT",
             "nonsense": "yesterday", "before 1970": "Mon, 01 Jan 1900 00:00:00 GMT", "with an offset": "Tue, 14 Nov 2023 23:13:20 +0100"}
    for name, date in dates.items():
        fields_in = [("If-Modified-Since", date)]
        yield Probe("static files", f"modified since {name}", target="/static/hello.txt", fields=fields_in, ignore_body=True)


def tags(etags):
    """Conditions with the tag that each server gave the file: `{tag}` is put in when it is sent."""
    for condition in ["{tag}", "W/{tag}", "w/{tag}", '"x", {tag}', '{tag}, "x"', "*", '"x", *', '"x"', "", "x", '"unclosed', "{tag}x", "W/\"x\", W/{tag}"]:
        yield Probe("entity tags", f"If-None-Match: {condition}", target="/static/hello.txt",
                    fields=[("If-None-Match", condition)], compare=("Content-Type", "Content-Length"), ignore_body=True)
    both = [("If-None-Match", '"x"'), ("If-Modified-Since", "Sat, 01 Jan 2028 00:00:00 GMT")]
    yield Probe("entity tags", "a tag that differs and a date that does not", target="/static/hello.txt", fields=both, ignore_body=True)
    assert all(etags)


def all_probes(secret, etags):
    for group in (arguments(), cookies(), signed(secret), xsrf(), private(), static(), tags(etags)):
        yield from group
