"""Drives a headless Chromium through chromedriver, by the WebDriver protocol and nothing else."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
STARTED = "started successfully on port "


class Failed(Exception):
    """The browser did not do, or did not show, what was asked."""


class Browser:
    """One chromedriver and one window of Chromium, as a context manager."""

    def __init__(self, *, phone=False):
        self.phone = phone
        self.driver = None
        self.session = None

    def __enter__(self):
        path = shutil.which("chromedriver")
        if path is None:
            raise Failed("chromedriver is missing: apt-get install chromium chromium-driver")
        self.profile = tempfile.TemporaryDirectory(prefix="waterspout-browser-")
        self.driver = subprocess.Popen(
            [path, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "HOME": self.profile.name},
        )
        for line in self.driver.stdout:
            if STARTED in line:
                self.url = "http://127.0.0.1:" + line.split(STARTED)[1].strip(" .\n")
                break
        else:
            raise Failed("chromedriver did not say where it listens")
        try:
            self.session = self.ask("POST", "/session", self.capabilities())["sessionId"]
        except Failed:
            self.__exit__()
            raise
        return self

    def capabilities(self):
        size = "390,800" if self.phone else "1200,800"
        arguments = [
            "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--window-size={size}", f"--user-data-dir={self.profile.name}/profile",
        ]
        if os.geteuid() == 0:
            # Its sandbox refuses to run as root, as which continuous integration runs.
            arguments.append("--no-sandbox")
        options = {"args": arguments}
        binary = shutil.which("chromium") or shutil.which("google-chrome")
        if binary:
            options["binary"] = binary
        if self.phone:
            options["mobileEmulation"] = {"deviceMetrics": {"width": 390, "height": 800, "pixelRatio": 2.0}}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL"}}
        return {"capabilities": {"alwaysMatch": wanted}}

    def __exit__(self, *_):
        if self.session is not None:
            try:
                self.ask("DELETE", self.path(""))
            except Failed:
                pass
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.driver.stdout.close()
        self.profile.cleanup()

    def path(self, rest):
        return f"/session/{self.session}{rest}"

    def ask(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            told = json.loads(error.read())["value"]
            raise Failed(f"{told['error']}: {told['message'].splitlines()[0]}") from None

    def open(self, url):
        """Loads a page in the current window."""
        self.ask("POST", self.path("/url"), {"url": url})

    def window(self):
        """Opens another window and goes there; returns its handle."""
        handle = self.ask("POST", self.path("/window/new"), {"type": "window"})["handle"]
        self.switch(handle)
        return handle

    def here(self):
        """The handle of the current window."""
        return self.ask("GET", self.path("/window"))

    def switch(self, handle):
        """Goes to a window."""
        self.ask("POST", self.path("/window"), {"handle": handle})

    def run(self, script, *arguments):
        """Runs JavaScript in the page and returns its value."""
        return self.ask("POST", self.path("/execute/sync"), {"script": script, "args": list(arguments)})

    def element(self, selector):
        found = self.ask("POST", self.path("/element"), {"using": "css selector", "value": selector})
        return self.path(f"/element/{found[ELEMENT]}")

    def type(self, selector, text):
        """Types into a field as a person would, in place of what is there."""
        element = self.element(selector)
        self.ask("POST", element + "/clear")
        self.ask("POST", element + "/value", {"text": text})

    def press(self, selector):
        """Clicks."""
        self.ask("POST", self.element(selector) + "/click")

    def text(self, selector):
        """What is seen of an element, or None."""
        return self.run("const e = document.querySelector(arguments[0]); return e && e.innerText", selector)

    def until(self, what, script, *arguments, seconds=15):
        """Waits until a script returns something true, and returns it."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                shown = self.run("return document.body.innerText")
                raise Failed(f"{what}: not seen in {seconds} s; the page shows {shown!r}")
            time.sleep(0.05)

    def until_text(self, selector, text, **limit):
        """Waits until an element shows a text."""
        script = "const e = document.querySelector(arguments[0]); return e && e.innerText.includes(arguments[1])"
        self.until(f"{text!r} in {selector}", script, selector, text, **limit)

    def complaints(self):
        """Errors that the page has caused: of scripts, of the security policy."""
        entries = self.ask("POST", self.path("/se/log"), {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
