"""The library's own client against its own server, over every transport and path."""

import re
import socket
import unittest

import programs

TRANSPORTS = ("websocket", "long-polling", "polling")
LIMIT = 1 << 20
OFTEN = ("--interval", "10")  # what polling waits for, a second otherwise


class EchoClientTest(unittest.TestCase):
    def server(self, *arguments):
        server = self.enterContext(programs.Server("echo_server", "--port", "0", *arguments))
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        return server

    def expect_echo(self, *arguments, transport):
        code, printed, complaint = programs.run("echo_client", *arguments)
        self.assertEqual((code, complaint), (0, ""))
        times = re.fullmatch(r"\d+ messages of \d+ bytes over (\S+): "
                             r"min ([\d.]+) ms, median ([\d.]+) ms, max ([\d.]+) ms\n", printed)
        self.assertIsNotNone(times, printed)
        self.assertEqual(times[1], transport)
        least, median, most = map(float, times.groups()[1:])
        self.assertTrue(0 < least <= median <= most, printed)

    def expect_failure(self, *arguments, sentence):
        code, printed, complaint = programs.run("echo_client", *arguments)
        self.assertEqual((code, printed), (1, ""))
        self.assertRegex(complaint, sentence)
        self.assertEqual(complaint.count("\n"), 1, complaint)

    def test_every_transport_at_its_own_path_and_at_the_shared_one(self):
        server = self.server(*OFTEN)
        for transport in TRANSPORTS:
            for path in (transport, "channel"):
                with self.subTest(transport=transport, path=path):
                    self.expect_echo(f"{server.url}/{path}", "--transport", transport,
                                     "--count", "2", transport=transport)

    def test_the_scheme_chooses_the_transport(self):
        server = self.server()
        self.expect_echo(server.websocket_url + "/channel", transport="websocket")
        self.expect_echo(server.url + "/channel", transport="long-polling")

    def test_messages_of_all_sizes(self):
        server = self.server()
        for transport in ("websocket", "long-polling"):
            for size in (0, 125, 126, 65535, 65536, LIMIT):
                with self.subTest(transport=transport, size=size):
                    self.expect_echo(f"{server.url}/channel", "--transport", transport, "--count",
                                     "1", "--size", str(size), transport=transport)

    def test_the_limit_is_an_option(self):
        server = self.server("--max-message", str(3 * LIMIT), *OFTEN)
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                self.expect_echo(f"{server.url}/channel", "--transport", transport, "--count", "1",
                                 "--size", str(3 * LIMIT), transport=transport)

    def test_many_messages(self):
        server = self.server()
        for transport in ("websocket", "long-polling"):
            with self.subTest(transport=transport):
                self.expect_echo(f"{server.url}/{transport}", "--transport", transport,
                                 "--count", "2000", transport=transport)

    def test_several_threads_share_port_and_endpoints(self):
        server = self.server("--threads", "2")
        # The kernel spreads the connections: those of one polling session go to either thread.
        for turn in range(8):
            for transport in ("websocket", "long-polling"):
                with self.subTest(transport=transport, turn=turn):
                    self.expect_echo(f"{server.url}/channel", "--transport", transport,
                                     "--count", "50", transport=transport)

    def test_a_message_above_the_servers_limit_is_a_clear_failure(self):
        server = self.server("--drain", "50")  # the client leaves a session behind
        self.expect_failure(server.websocket_url + "/websocket", "--size", str(LIMIT + 1),
                            sentence="code 1009, ")
        self.expect_failure(server.url + "/long-polling", "--size", str(LIMIT + 1),
                            sentence="exceeds the limit")

    def test_a_server_that_is_not_there_is_a_clear_failure(self):
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            port = reserved.getsockname()[1]
        self.expect_failure(f"ws://127.0.0.1:{port}/", sentence="Connection refused")

    def test_a_path_that_is_not_there_is_a_clear_failure(self):
        server = self.server()
        for url in (server.websocket_url, server.url):
            with self.subTest(url=url):
                self.expect_failure(url + "/nothing", sentence="echo_client: .*[a-z]{3}")

    def test_words_that_make_no_sense_are_answered_with_the_usage(self):
        for words in ((), ("ftp://127.0.0.1/", "--transport", "pigeon"), ("ws://127.0.0.1/", "--x"),
                      ("ws://127.0.0.1/", "--count", "many"), ("ws://127.0.0.1/", "--count", "0")):
            with self.subTest(words=words):
                self.expect_failure(*words, sentence="usage: echo_client URL")
        self.expect_failure("ftp://127.0.0.1/", sentence="scheme")
        self.expect_failure("ws:/127.0.0.1/", sentence="URL")

    def test_the_server_refuses_what_makes_no_sense(self):
        for words in (("--port", "65536"), ("--port",), ("--threads", "0"), ("--nonsense",),
                      ("--interval", "0"), ("--drain", "soon")):
            with self.subTest(words=words):
                code, _, complaint = programs.run("echo_server", *words)
                self.assertEqual(code, 1)
                self.assertRegex(complaint, "^usage: echo_server ")
        taken = self.server()
        code, _, complaint = programs.run("echo_server", "--port", str(taken.port))
        self.assertEqual(code, 1)
        self.assertIn("Address already in use", complaint)


if __name__ == "__main__":
    unittest.main(verbosity=2)
