"""Starts real servers and ends them by their process ids."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import time

from ports import free_port

CONFIG = pathlib.Path(__file__).resolve().parent / "nginx.conf"


def wait_for(port, process, seconds=20):
    """Until somebody listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} has ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    sys.exit(f"{process.args[0]} does not listen after {seconds} s")


def end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PythonServer:
    """A program that takes a port, as `--port N` or by position."""

    def __init__(self, command, positional_port=False):
        self.port = free_port()
        self.command = command + ([str(self.port)] if positional_port else ["--port", str(self.port)])

    def __enter__(self):
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self.command, stdin=quiet, stdout=quiet, stderr=quiet)
        wait_for(self.port, self.process)
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_):
        end(self.process)


class Nginx:
    """nginx with the configuration beside this file, before the application at `behind`."""

    def __init__(self, folder, behind):
        if not shutil.which("nginx"):
            sys.exit("nginx is not installed: apt-get install nginx")
        self.folder, self.behind = folder, behind
        self.certificate, self.socket = folder / "cert.pem", folder / "nginx.sock"
        self.ports = {name: free_port() for name in ("HTTP", "HTTPS", "FEW", "FORWARD", "NOBODY")}
        self.http = f"http://127.0.0.1:{self.ports['HTTP']}"
        self.https = f"https://localhost:{self.ports['HTTPS']}"
        self.few = f"http://127.0.0.1:{self.ports['FEW']}"
        self.forward = f"http://127.0.0.1:{self.ports['FORWARD']}"

    def __enter__(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-addext", "basicConstraints=critical,CA:FALSE",
             "-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)],
            check=True, stderr=subprocess.DEVNULL)
        # {PLAIN} is understood by every libc.
        (self.folder / "users").write_text("ada:{PLAIN}secret\n")
        text = CONFIG.read_text().replace("@FOLDER@", str(self.folder)).replace("@BEHIND@", self.behind)
        for name, port in self.ports.items():
            text = text.replace(f"@{name}@", str(port))
        config = self.folder / "nginx.conf"
        config.write_text(text)
        log = (self.folder / "nginx.log").open("w")
        self.process = subprocess.Popen(
            ["nginx", "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", str(config)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.ports["HTTP"], self.process)
        return self

    def __exit__(self, *_):
        end(self.process)
