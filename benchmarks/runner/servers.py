"""The servers that were built, and those that the command line adds."""

import os
import shlex
import shutil

WEBSOCKET = {"echo", "fan-out", "handshake", "http", "idle", "isolation", "scale"}
# Those that take `--threads N`.
THREADED = {"limit", "hawser"}

# Name, program in the build directory, what to switch on where it is absent.
BUILT = [
    ("limit", "limit_server", "HAWSER_BUILD_BENCHMARKS"),
    ("hawser", "hawser_server", "HAWSER_BUILD_BENCHMARKS"),
    ("beast", "beast_server", "HAWSER_PEER_BEAST"),
    ("websocketpp", "websocketpp_server", "HAWSER_PEER_WEBSOCKETPP"),
    ("libwebsockets", "libwebsockets_server", "HAWSER_PEER_LIBWEBSOCKETS"),
]
NODE = [
    ("ws", "ws_server.mjs", "HAWSER_PEER_NODE"),
    ("engine.io", "engine_io_server.mjs", "HAWSER_PEER_NODE"),
]
# What a server is asked for, where that is not everything.
MODES = {
    "beast": WEBSOCKET,
    "websocketpp": WEBSOCKET - {"http"},
    # It takes minutes for 10,000 connections that go at once.
    "libwebsockets": WEBSOCKET - {"scale"},
    "ws": WEBSOCKET,
    "engine.io": {"long-polling"},
}


def serves(name, workload):
    """Whether a server is known to have what a workload asks for, or is to be tried."""
    if workload.is_rate and name not in THREADED:
        return False
    return name not in MODES or workload.mode in MODES[name]


def find(folder, say):
    """Names and commands of what was built in `folder`; says a sentence for what was not."""
    found = {}
    for name, program, option in BUILT:
        path = os.path.join(folder, program)
        if os.access(path, os.X_OK):
            found[name] = shlex.quote(path)
        else:
            say(f"{name} is left out: it was not built ({option}).")
    node = shutil.which("node")
    for name, script, option in NODE:
        path = os.path.join(folder, "node", script)
        if not os.path.exists(path):
            say(f"{name} is left out: it was not installed ({option}).")
        elif node is None:
            say(f"{name} is left out: there is no node.")
        else:
            found[name] = f"{shlex.quote(node)} {shlex.quote(path)}"
    return found


def parse_further(text):
    """Name and command of `NAME=COMMAND`."""
    name, equals, command = text.partition("=")
    if not (name and equals and command):
        raise ValueError(f"not NAME=COMMAND: {text}")
    return name, command
