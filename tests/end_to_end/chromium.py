"""A headless Chromium, led through the WebDriver protocol (W3C) of Debian's chromium-driver."""

import base64
import json
import shutil
import tempfile
import urllib.request

import programs

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--no-proxy-server", "--window-size=1000,760")

# Calls back when the expression is true: now, or after whatever change of the page makes it so.
WAIT = """
const [wanted, done] = arguments;
const check = () => {
    if (!(%s)) return;
    observer.disconnect();
    done(true);
};
const observer = new MutationObserver(check);
observer.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
check();
"""


class Driver(programs.Program):
    """A chromedriver; it chooses its port."""

    def __init__(self):
        super().__init__("chromedriver", "--port=0")
        announcement = " started successfully on port "
        line = self.line()
        while announcement not in line:
            line = self.line()
        self.url = "http://127.0.0.1:" + line.split(announcement)[1].rstrip(".")

    def call(self, method, path, parameters=None):
        body = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(self.url + path, body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * programs.PATIENCE) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as failure:
            raise AssertionError(f"{path}: {json.load(failure)['value']['message']}") from failure


class Chromium:
    """A browser with a profile of its own, as long as the `with` block."""

    def __enter__(self):
        self.driver = Driver()
        self.profile = tempfile.mkdtemp()
        flags = [*FLAGS, f"--user-data-dir={self.profile}"]
        session = self.driver.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 1000 * programs.PATIENCE},
        }}})
        self.path = "/session/" + session["sessionId"]
        self.current = self.call("GET", "/window")
        self.first_window = self.current  # stays, as the browser ends with its last
        self.left = []  # windows that nobody uses
        return self

    def __exit__(self, *_):
        self.call("DELETE", "")
        self.driver.__exit__()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, path, parameters=None):
        return self.driver.call(method, self.path + path, parameters)

    def switch(self, handle):
        """Makes a window the one that calls are about."""
        if self.current != handle:
            self.call("POST", "/window", {"handle": handle})
            self.current = handle

    def window(self, url):
        """A window that shows `url`: one that was left if there is any, as a new one is dear."""
        if not self.left:
            self.switch(self.first_window)
            self.left.append(self.call("POST", "/window/new", {"type": "window"})["handle"])
        window = Window(self, self.left.pop())
        window.show(url)
        return window

    def complaints(self):
        """What the pages have complained about on the console since the last call."""
        self.switch(self.first_window)
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("WARNING", "SEVERE")]


class Window:
    def __init__(self, browser, handle):
        self.browser = browser
        self.handle = handle

    def call(self, method, path, parameters=None):
        self.browser.switch(self.handle)
        return self.browser.call(method, path, parameters)

    def run(self, script, *arguments):
        """What a script returns."""
        return self.call("POST", "/execute/sync", {"script": script, "args": arguments})

    def wait(self, expression, wanted=None):
        """Waits until an expression of JavaScript, in which `wanted` may stand, is true."""
        try:
            self.call("POST", "/execute/async", {"script": WAIT % expression, "args": [wanted]})
        except AssertionError as failure:
            text = self.run("return document.body.innerText")
            raise AssertionError(f"never came true: {expression} ({wanted})\n{text}") from failure

    def element(self, selector):
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return "/element/" + next(iter(found.values()))

    def type(self, selector, text):
        self.call("POST", self.element(selector) + "/value", {"text": text})

    def click(self, selector):
        self.call("POST", self.element(selector) + "/click", {})

    def show(self, url):
        self.call("POST", "/url", {"url": url})

    def leave(self):
        """Ends the page, and lets another have the window."""
        self.show("about:blank")
        self.browser.left.append(self.handle)

    def close(self):
        self.call("DELETE", "/window")
        self.browser.current = None

    def resize(self, width, height):
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
