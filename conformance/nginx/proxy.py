"""Runs a real nginx on a free port with one of the committed configurations, ports and directories replaced."""

import pathlib
import re
import shutil
import socket
import subprocess
import time

from ports import free_port

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "nginx"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class ConfigurationError(Exception):
    """The committed file does not have what is to be replaced."""


def replace(text, pattern, value):
    changed, count = re.subn(pattern, value, text)
    if count != 1:
        raise ConfigurationError(f"{pattern} occurs {count} times")
    return changed


def configuration(name, port, upstreams, static, folder):
    """The text of the committed file for this run."""
    text = (EXAMPLES / name).read_text()
    text = replace(text, r"listen 80;", f"listen 127.0.0.1:{port};")
    for number, upstream in enumerate(upstreams):
        text = replace(text, rf"server 127\.0\.0\.1:{8000 + number};", f"server 127.0.0.1:{upstream};")
    if static:
        text = replace(text, r"alias /srv/site/static/;", f"alias {static}/;")
    if "http {" in text:
        places = "".join(f"\n    {kind}_temp_path {folder}/{kind};" for kind in TEMPORARY)
        text = replace(text, r"(?m)^http \{$", "http {" + places)
    return text


class Nginx:
    """One running nginx, as a context manager; its folder must be readable by nobody."""

    def __init__(self, name, upstreams, folder, static=None):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.file = self.folder / name
        self.file.write_text(configuration(name, self.port, upstreams, static, folder))
        self.process = None

    def __enter__(self):
        settings = f"daemon off; pid {self.folder}/{self.file.stem}.pid; error_log {self.folder}/{self.file.stem}.log;"
        command = [binary(), "-p", str(self.folder), "-c", str(self.file), "-g", settings]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.wait()
        return self

    def wait(self):
        """Until it accepts connections."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        log = self.folder / f"{self.file.stem}.log"
        self.__exit__()
        raise SystemExit("nginx did not start:\n" + (log.read_text() if log.exists() else ""))

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def binary():
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not found:
        raise SystemExit("nginx is not installed: apt-get install nginx-light libnginx-mod-stream")
    return found
