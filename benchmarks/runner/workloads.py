"""What servers are asked for, and the figure by which they are compared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """One line of the table: a run of the load generator."""

    name: str
    title: str
    mode: str
    connections: int
    size: int = 16
    in_flight: int = 1
    figure: str = "server_us"
    unit: str = "µs"
    # WebSockets beside the connections that do not read.
    stalled: int = 0
    # Threads of the server, where its rate is measured.
    threads: int = 0
    # After so many rounds it is measured no more, as it takes long and hardly varies; 0: in each.
    most_rounds: int = 0
    # Servers that are asked in another mode, for a figure that means the same.
    dialects: tuple = ()

    def words(self, server, is_smoke):
        """The words of the generator's command line."""
        connections = min(self.connections, 5) if is_smoke else self.connections
        return [
            dict(self.dialects).get(server, self.mode),
            "--connections", str(connections),
            "--size", str(self.size),
            "--in-flight", str(self.in_flight),
            "--stalled", str(self.stalled),
        ]

    def is_due(self, number):
        """Whether it is measured in the round of this number; the first is 0."""
        return not self.most_rounds or number < self.most_rounds

    @property
    def is_relative(self):
        """Whether the figure is to be seen as a ratio to the limit's."""
        return self.unit == "µs"

    @property
    def is_rate(self):
        """Whether it is how much a server can do that counts, and not what that costs."""
        return self.threads != 0


def memory(name, title, mode, figure="bytes_each"):
    return Workload(name, title, mode, 10_000, figure=figure, unit="bytes", most_rounds=2)


def isolation(name, title, readers, most_rounds=0):
    return Workload(name, title, "isolation", readers, 1024, in_flight=8, figure="p99_ratio",
                    unit="times", stalled=readers // 100, most_rounds=most_rounds)


def rate(threads, title):
    return Workload(f"threads-{threads}", title, "echo", 100, figure="messages_per_second",
                    unit="/s", threads=threads, most_rounds=2)


WORKLOADS = [
    Workload("echo", "echo, 100 × 16 B", "echo", 100),
    Workload("echo-16-in-flight", "echo, 100 × 16 B, 16 in flight", "echo", 100, in_flight=16),
    Workload("echo-1k", "echo, 1000 × 1 KiB", "echo", 1000, 1024),
    Workload("echo-16k", "echo, 100 × 16 KiB", "echo", 100, 16 * 1024),
    Workload("echo-256k", "echo, 100 × 256 KiB", "echo", 100, 256 * 1024),
    Workload("fan-out", "fan-out to 1000, a delivery", "fan-out", 1000),
    Workload("fan-out-8-in-flight", "fan-out to 1000, 8 in flight", "fan-out", 1000, in_flight=8),
    Workload("handshake", "handshake", "handshake", 16),
    Workload("http", "HTTP GET, kept alive, 100 connections", "http", 100),
    Workload("long-polling", "long-poll echo, 100 × 16 B", "long-polling", 100,
             dialects=(("engine.io", "engine.io"),)),
    Workload("polling", "poll echo, 100 × 16 B", "polling", 100),
    memory("idle", "memory of an idle WebSocket", "idle"),
    memory("held", "memory of a held long-poll session", "held"),
    memory("kept", "memory kept of a WebSocket that went", "scale", "bytes_kept_each_again"),
    isolation("isolation", "p99 of 1000 readers beside 10 that stall, in times of alone", 1000),
    isolation("isolation-10k", "p99 of 10,000 beside 100 that stall, in times of alone", 10_000,
              most_rounds=2),
    rate(1, "echoes per second, one server thread"),
    rate(2, "echoes per second, two server threads"),
]
