"""Endpoints inside a server that is not Hawser's."""

import signal
import unittest

import frames
import programs
from http_exchange import (Connection, Cut, open_session, receive_request, request, send_request)

PATH = "/channel"
LIMIT = 1 << 20


class EmbeddedTest(programs.ServedTests, unittest.TestCase):
    SERVER = ("embedded", "--port", "0")
    EXIT_CODE = -signal.SIGTERM

    def test_the_servers_own_page(self):
        reply = Connection(self.server).exchange(request("GET", "/", {}))
        self.assertEqual((reply.status, reply.body), (200, b"My own page.\n"))

    def test_websockets_and_polling(self):
        for transport in ("websocket", "long-polling", "polling"):
            with self.subTest(transport=transport):
                code, printed, complaint = programs.run(
                    "echo_client", self.server.url + PATH, "--transport", transport, "--count", "3",
                    "--size", "100000")
                self.assertEqual((code, complaint), (0, ""))
                self.assertIn(f" over {transport}:", printed)

    def test_a_held_request_is_answered_on_the_servers_connection(self):
        receiving, sending = Connection(self.server), Connection(self.server)
        token = open_session(receiving, PATH)
        receiving.send(receive_request(PATH, token, 1, 0, 25000))
        self.assertEqual(sending.exchange(
            send_request(PATH, token, 1, frames.text("hello"))).status, 204)
        reply = receiving.reply()
        self.assertEqual((reply.status, frames.parse(reply.body)), (200, [(frames.TEXT, b"hello")]))
        self.assertEqual(receiving.exchange(receive_request(PATH, token, 2, 1, 0)).status, 204)

    def test_a_client_that_hangs_up_while_it_is_held_loses_nothing(self):
        sending = Connection(self.server)
        token = open_session(sending, PATH)
        for number in range(1, 20):
            hanging_up = Connection(self.server)
            hanging_up.send(receive_request(PATH, token, number, 0, 25000))
            hanging_up.close()
        sending.exchange(send_request(PATH, token, 1, frames.text("still here")))
        reply = sending.exchange(receive_request(PATH, token, 20, 0, 25000))
        self.assertEqual(frames.parse(reply.body), [(frames.TEXT, b"still here")])

    def test_bytes_that_follow_the_upgrade_at_once_reach_the_channel(self):
        connection = Connection(self.server)
        masked = b"\x81\x82\0\0\0\0hi"
        connection.send(b"GET /channel HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + masked)
        reply = connection.head()
        self.assertEqual((reply.status, reply["sec-websocket-accept"]),
                         (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        while len(connection.unread) < 4:
            connection.read_more()
        self.assertEqual(connection.unread, b"\x81\x02hi")

    def test_what_is_too_long_is_refused(self):
        connection = Connection(self.server)
        token = open_session(connection, PATH)
        reply = connection.exchange(request("POST", PATH, {
            "Hawser-Session": token, "Hawser-First": 1, "Content-Length": LIMIT + 1000}))
        self.assertEqual((reply.status, reply["hawser-error"]), (413, "body-too-big"))
        reply = Connection(self.server).exchange(
            send_request(PATH, token, 1, frames.text("fine")))
        self.assertEqual((reply.status, reply["hawser-received"]), (204, "1"))

    def test_bad_requests_harm_nobody(self):
        for bad in (b"\0\0\r\n\r\n", b"GET / HTTP/1.1\r\n folded\r\n\r\n", b"GET /\r\n\r\n",
                    b"GET /channel HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\n\r\n"):
            with self.subTest(bad=bad):
                connection = Connection(self.server)
                connection.send(bad)
                try:
                    self.assertGreaterEqual(connection.reply().status, 400)
                except (Cut, ConnectionError):
                    pass
                self.test_the_servers_own_page()


if __name__ == "__main__":
    unittest.main(verbosity=2)
