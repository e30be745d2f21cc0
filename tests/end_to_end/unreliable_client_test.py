"""A polling client on a bad path: three of ten requests go wrong. It throws replies away, cuts
requests in the middle, sends them twice and overlaps them; yet every message arrives once, and in
order."""

import collections
import os
import random
import socket
import struct
import threading
import unittest

import frames
import programs
from http_exchange import Connection, Cut, open_session, receive_request, send_request

FAULTS = 0.3


def message(number):
    """The message of that number; some are long, so that there is back-pressure too."""
    size = 20000 if number % 100 == 0 else number % 50
    return f"{number}:".encode() + b"x" * size


class Path:
    """Carries requests to the server, more or less. One for each thread, as it has a connection."""

    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.connection = None
        self.counts = collections.Counter()

    def exchange(self, asked):
        """What came of a request: no reply, one, or two; in the order of looking."""
        kinds = (self.lose_reply, self.ignore_reply, self.cut, self.double, self.overlap)
        how = self.random.choice(kinds) if self.random.random() < FAULTS else self.deliver
        self.counts[how.__name__] += 1
        try:
            return how(asked)
        except (Cut, ConnectionError):
            self.counts["ended by the server"] += 1
            self.connection = None
            return []

    def deliver(self, asked):
        if self.connection is None or self.random.random() < 0.1:
            self.connection = Connection(self.server)
        return [self.connection.exchange(asked)]

    def lose_reply(self, asked):
        """The path fails when the reply has begun."""
        connection = Connection(self.server)
        connection.send(asked)
        connection.socket.recv(self.random.randint(1, 200))
        self.drop(connection)
        return []

    def ignore_reply(self, asked):
        """The path fails as soon as the request has left."""
        connection = Connection(self.server)
        connection.send(asked)
        self.drop(connection)
        return []

    def cut(self, asked):
        """The path fails when a part of the request has left."""
        connection = Connection(self.server)
        connection.send(asked[:self.random.randrange(len(asked))])
        self.drop(connection)
        return []

    def double(self, asked):
        """A proxy repeats the request; either copy may be the first, and either reply."""
        copies = [Connection(self.server), Connection(self.server)]
        for copy in copies:
            copy.send(asked)
        self.random.shuffle(copies)
        return [copy.reply() for copy in copies[:self.random.randint(1, 2)]]

    def overlap(self, asked):
        """One copy is slow: it is complete only when the other has been answered."""
        late = Connection(self.server)
        at = self.random.randrange(len(asked))
        late.send(asked[:at])
        replies = self.deliver(asked)
        late.send(asked[at:])
        replies.append(late.reply())
        return replies

    def drop(self, connection):
        """Closes the connection, by a reset every other time."""
        if self.random.random() < 0.5:
            no_linger = struct.pack("ii", 1, 0)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        connection.close()


class Client:
    """Sends `total` messages and awaits as many, each direction in a thread of its own."""

    def __init__(self, server, path, total, seed):
        self.path = path
        self.total = total
        self.hold = 50
        self.sending, self.receiving = Path(server, seed), Path(server, seed + 1)
        self.token = open_session(Connection(server), path)
        self.acknowledged = 0
        self.received = 0
        self.requests = 0
        self.closed_at = None
        self.all_received = threading.Event()
        self.failures = []

    def run(self):
        threads = [threading.Thread(target=self.guard, args=(work,), daemon=True)
                   for work in (self.send_all, self.receive_all)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * programs.PATIENCE)
            if thread.is_alive():
                self.failures.append("the client was not done in time")

    def guard(self, work):
        try:
            work()
        except Exception as failure:
            self.failures.append(f"{work.__name__}: {failure!r}")
            self.all_received.set()
            raise

    def send_all(self):
        end = self.total + 1
        while self.acknowledged < end and not self.failures:
            first = self.acknowledged + 1
            last = min(first + self.sending.random.randrange(20), end)
            body = b"".join(frames.frame(frames.BINARY, message(number))
                            for number in range(first, min(last, self.total) + 1))
            if last == end and self.all_received.is_set():
                body += frames.close(1000)
            if not body:
                self.all_received.wait(programs.PATIENCE)
                continue
            for reply in self.sending.exchange(send_request(self.path, self.token, first, body)):
                if reply.status not in (204, 503):
                    raise AssertionError(f"a send was answered with {reply}")
                self.acknowledged = max(self.acknowledged, int(reply["hawser-received"]))

    def receive_all(self):
        while self.closed_at is None and not self.failures:
            self.requests += 1
            hold = self.receiving.random.choice((0, self.hold))
            asked = receive_request(self.path, self.token, self.requests, self.received, hold)
            if self.requests > 1 and self.receiving.random.random() < 0.1:
                self.ask_late()
            for reply in self.receiving.exchange(asked):
                self.take(reply)
        self.acknowledge_close()

    def acknowledge_close(self):
        replies = []
        while not any(reply.status == 204 for reply in replies) and not self.failures:
            self.requests += 1
            replies = self.receiving.exchange(
                receive_request(self.path, self.token, self.requests, self.closed_at, 0))

    def ask_late(self):
        """Asks with a number that has been used long ago: that must change nothing."""
        late = receive_request(self.path, self.token, self.requests - 1, 0, 0)
        for reply in self.receiving.exchange(late):
            self.take(reply)

    def take(self, reply):
        if reply.status in (204, 409):
            return
        if reply.status != 200:
            raise AssertionError(f"a receive was answered with {reply}")
        for number, (opcode, payload) in enumerate(frames.parse(reply.body),
                                                   int(reply["hawser-first"])):
            if number <= self.received:
                continue  # known already
            if opcode == frames.CLOSE:
                self.closed_at = number
                return
            if number != self.received + 1 or payload != message(number):
                raise AssertionError(f"number {number} after {self.received}: {payload[:20]}")
            self.received = number
        if self.received == self.total:
            self.all_received.set()


class UnreliableClientTest(unittest.TestCase):
    def expect_every_message_once(self, path, total, *arguments):
        seed = int(os.environ.get("HAWSER_SEED", random.SystemRandom().randrange(1 << 31)))
        print(f"seed {seed} ", end="", flush=True)
        with programs.Server("echo_server", "--port", "0", *arguments) as server:
            client = Client(server, path, total, seed)
            client.run()
            self.assertEqual(client.failures, [])
            self.assertEqual(client.received, total)
            # The server's close takes the number behind its last message.
            self.assertEqual((client.acknowledged, client.closed_at), (total + 1, total + 1))
            for way in (client.sending, client.receiving):
                self.assertGreater(way.counts.total(), 100)
                self.assertGreater(way.counts.total() - way.counts["deliver"],
                                   way.counts.total() * (FAULTS - 0.1))
                print(dict(way.counts), end=" ", flush=True)
            self.assertEqual(server.stop(), 0)

    def test_long_polling(self):
        self.expect_every_message_once("/long-polling", 10_000)

    def test_long_polling_over_two_threads(self):
        self.expect_every_message_once("/long-polling", 10_000, "--threads", "2")

    def test_polling(self):
        self.expect_every_message_once("/polling", 3_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
