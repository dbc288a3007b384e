"""curl, the program."""

import subprocess
import sys
import tempfile

from checks import EVERY, Answer, play

URL, SOCKET = sys.argv[1:3]
VERSION = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def curl(*arguments):
    return subprocess.run(["curl", "--silent", "--show-error", "--max-time", "60", *arguments], capture_output=True, check=True).stdout


def ask(method, path, fields=None, body=None):
    with tempfile.NamedTemporaryFile() as head, tempfile.NamedTemporaryFile() as data:
        command = ["--http1.1", "--dump-header", head.name]
        command += ["--head"] if method == "HEAD" else ["--request", method]
        for name, value in (fields or {}).items():
            command += ["--header", f"{name}: {value}"]
        if "Accept-Encoding" in (fields or {}):
            command += ["--compressed"]
        if body is not None:
            data.write(body)
            data.flush()
            command += ["--data-binary", f"@{data.name}"]
            if "Content-Type" not in (fields or {}):
                command += ["--header", "Content-Type: application/octet-stream"]
        got = curl(*command, URL + path)
        return answer(head.read(), b"" if method == "HEAD" else got)


def answer(heads, body):
    """The last head is the answer's: a 100 may stand before it."""
    lines = heads.decode("latin-1").strip().split("\r\n\r\n")[-1].split("\r\n")
    fields = dict((line.split(":", 1)[0].lower(), line.split(":", 1)[1].strip()) for line in lines[1:])
    return Answer(int(lines[0].split()[1]), fields, body)


def connections_are_kept(_):
    report = curl("--write-out", "%{num_connects} ", *[f"{URL}/plaintext"] * 3, "--output", "/dev/null", "--output", "/dev/null", "--output", "/dev/null")
    assert report.split() == [b"1", b"0", b"0"], report


def unix_sockets_are_served(_):
    assert curl("--unix-socket", SOCKET, "http://localhost/plaintext") == b"Hello, World!"


def forms_with_files_are_read(_):
    with tempfile.NamedTemporaryFile() as data:
        data.write(b"content")
        data.flush()
        got = curl("--form", "a=1", "--form", f"f=@{data.name};filename=n\u00e4me \"x\".txt;type=text/plain", URL + "/form")
    assert b'"a":["1"]' in got and b'"bytes":7' in got, got


def uploads_wait_for_100(_):
    got = curl("--verbose", "--upload-file", "-", "--header", "Expect: 100-continue", URL + "/upload")
    assert b'"bytes":0' in got, got


play(f"curl {VERSION}", ask, [*EVERY, connections_are_kept, unix_sockets_are_served, forms_with_files_are_read, uploads_wait_for_100])
