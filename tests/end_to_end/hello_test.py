"""The two programs that the README shows."""

import signal
import unittest

import programs


class HelloTest(unittest.TestCase):
    def test_the_client_is_greeted(self):
        with programs.Server("hello_server", "0") as server:
            url = server.websocket_url + "/hello"
            self.assertEqual(programs.run("hello_client", url), (0, "Hello, world!\n", ""))
            self.assertEqual(server.stop(), -signal.SIGTERM)

    def test_the_server_greets_on_every_transport(self):
        with programs.Server("hello_server", "0") as server:
            for transport in ("websocket", "long-polling", "polling"):
                with self.subTest(transport=transport):
                    # It does not echo, which this client finds out.
                    code, _, complaint = programs.run("echo_client", server.url + "/hello",
                                                      "--transport", transport, "--count", "1")
                    self.assertEqual(
                        (code, complaint), (1, "echo_client: a message came back changed\n"))

    def test_a_server_that_is_not_there_is_a_failure(self):
        code, printed, complaint = programs.run("hello_client", "ws://127.0.0.1:1/hello")
        self.assertEqual((code, printed), (-signal.SIGABRT, ""))
        self.assertIn("Connection refused", complaint)


if __name__ == "__main__":
    unittest.main(verbosity=2)
