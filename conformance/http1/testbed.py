"""Starts the testbed program and ends it by its process id."""

import os
import pathlib
import subprocess

FIRST_LINE = "listening on "


def default_binary():
    """The release build of the testbed example, or the debug build when there is no other."""
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    release = target / "release" / "examples" / "testbed"
    return release if release.exists() else target / "debug" / "examples" / "testbed"


class Testbed:
    """One running testbed, as a context manager."""

    def __init__(self, binary, *flags):
        self.command = [str(binary), "--port", "0", *flags]
        self.process = None
        self.url = ""

    def __enter__(self):
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=quiet, text=True)
        line = self.process.stdout.readline()
        if not line.startswith(FIRST_LINE):
            self.__exit__()
            raise SystemExit(f"{self.command[0]} did not say where it listens: {line!r}")
        self.url = line.removeprefix(FIRST_LINE).strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
