"""Starts the programs that the tests are about, and ends each by its process id."""

import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
import time

# Seconds that anything may take at most. Nothing is measured by it: it ends what hangs.
PATIENCE = 60

SKIPPED = 77


def require(*tools, modules=()):
    """Ends the test as skipped where a program or a module of other people is absent."""
    absent = [tool for tool in tools if shutil.which(tool) is None]
    absent += [module for module in modules if importlib.util.find_spec(module) is None]
    if absent:
        print("not installed:", ", ".join(absent))
        sys.exit(SKIPPED)


def example(name):
    return os.path.join(os.environ["HAWSER_EXAMPLES_DIR"], name)


# Before a command: has it killed when its parent ends, however that ends (util-linux). A function
# that Popen calls in the child would do, too, but has Python copy itself for every start.
ENDED_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")


class Program:
    """A program that runs as long as the `with` block; killed at its end if it still does."""

    def __init__(self, *command):
        self.name = command[0]
        self.process = subprocess.Popen([*ENDED_WITH_PARENT, *command], stdout=subprocess.PIPE)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def line(self):
        """The next line that it prints, without its end."""
        deadline = time.monotonic() + PATIENCE
        while b"\n" not in self.unread:
            wait = max(0, deadline - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], wait)
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not piece:
                raise AssertionError(f"{self.name} printed no line")
            self.unread += piece
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        """Its exit code, when it has ended by itself."""
        return self.process.wait(PATIENCE)

    def stop(self):
        """Ends it by SIGTERM; its exit code."""
        self.terminate()
        return self.wait()


class Server(Program):
    """An example that prints where it is listening."""

    def __init__(self, name, *arguments):
        super().__init__(example(name), *arguments)
        announcement = "listening on "
        line = self.line()
        if not line.startswith(announcement):
            raise AssertionError(f"{name} printed {line!r}")
        self.url = line.removeprefix(announcement)

    @property
    def websocket_url(self):
        return self.url.replace("http", "ws", 1)

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])


class ServedTests:
    """The part of a TestCase whose tests share a server, which ends as it should."""

    SERVER = ()  # its name and arguments
    EXIT_CODE = 0

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(*cls.SERVER))

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == cls.EXIT_CODE, f"the server ended with {code}"


def run(name, *arguments):
    """Runs an example to its end: exit code, what it printed, what it complained about."""
    done = subprocess.run([example(name), *arguments], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr
