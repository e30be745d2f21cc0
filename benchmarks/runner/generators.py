"""Runs the load generator: one for most workloads, which starts the server itself, and several
beside each other where one could not keep the threads of a server busy."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time

PATIENCE = 20  # seconds, for a server to listen and to end
LONGEST_RUN = 300  # seconds


def report_of(done, words, file):
    """What a generator has written. Raises RuntimeError with its sentence where it failed."""
    if done.returncode != 0:
        raise RuntimeError((words.strip().splitlines() or ["it failed without a word"])[0])
    return json.loads(file.read())


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_listening(server, port):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise RuntimeError("the server does not listen")


@contextlib.contextmanager
def started(command, prefix):
    """A server, its port and process, for as long as it is needed."""
    port = free_port()
    server = subprocess.Popen([*prefix, "sh", "-c", f"exec {command} {port}"])
    try:
        await_listening(server, port)
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def together(reports):
    """The report of several generators as if they were one."""
    return {**reports[0], "messages_per_second": sum(r["messages_per_second"] for r in reports)}


class Processors:
    """Who is to have which processors: the server the first ones, generators the others."""

    def __init__(self, count, server_threads):
        self._server = min(server_threads, count - 1)
        self._count = count

    @property
    def generators(self):
        return self._count - self._server

    def for_server(self):
        return ["taskset", "-c", f"0-{self._server - 1}"]

    def for_generator(self, number):
        return ["taskset", "-c", str(self._server + number)]


class Generator:
    """Runs workloads against servers."""

    def __init__(self, arguments):
        self._program = os.path.join(arguments.build, "benchmarks", "load")
        self._is_smoke = arguments.smoke
        if arguments.smoke:
            self._amount = ["--seconds", "0", "--warm-up", "0", "--messages", "100"]
        else:
            self._amount = ["--seconds", str(arguments.seconds)]
        self._count = os.cpu_count()
        self._is_pinned = not (arguments.no_pin or arguments.smoke or self._count < 2)

    def run(self, workload, server, command):
        """What one run found. Raises RuntimeError with the generator's sentence."""
        words = [self._program, *workload.words(server, self._is_smoke), *self._amount]
        if workload.is_rate:
            return self._run_beside_each_other(words, f"{command} --threads {workload.threads}")
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            words += ["--server", command, "--json", file.name]
            words += ["--pin", "0,1"] if self._is_pinned else []
            done = subprocess.run(words, capture_output=True, text=True, check=False,
                                  timeout=LONGEST_RUN)
            return report_of(done, done.stderr, file)

    def _run_beside_each_other(self, words, command):
        # As many generators whatever the server's threads, so that rates can be compared.
        processors = Processors(self._count, server_threads=2)
        count = processors.generators if self._is_pinned else 2
        server_prefix = processors.for_server() if self._is_pinned else []
        with contextlib.ExitStack() as stack:
            port, process = stack.enter_context(started(command, server_prefix))
            running = []
            for number in range(count):
                prefix = processors.for_generator(number) if self._is_pinned else []
                file = stack.enter_context(tempfile.NamedTemporaryFile("r", suffix=".json"))
                line = [*prefix, *words, "--port", str(port), "--process", str(process),
                        "--json", file.name]
                running.append((subprocess.Popen(line, stdout=subprocess.DEVNULL, text=True,
                                                 stderr=subprocess.PIPE), file))
            ended = [(child, child.communicate(timeout=LONGEST_RUN)[1], file)
                     for child, file in running]
            return together([report_of(*one) for one in ended])
