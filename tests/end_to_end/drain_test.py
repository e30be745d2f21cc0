"""How the echo server ends on SIGTERM: gracefully, for every transport, and in time."""

import asyncio
import signal
import unittest

import frames
import programs

programs.require(modules=["websockets"])

import websockets  # noqa: E402  (only where it is installed)

from http_exchange import (  # noqa: E402
    Connection, Cut, open_session, receive_request, request, send_request)

GOING_AWAY = 1001


class DrainTest(unittest.IsolatedAsyncioTestCase):
    def server(self, *arguments):
        return self.enterContext(programs.Server("echo_server", "--port", "0", *arguments))

    async def within(self, awaitable):
        return await asyncio.wait_for(awaitable, programs.PATIENCE)

    async def expect_end(self, server):
        code = await asyncio.to_thread(server.wait)
        self.assertEqual(code, 0)

    def expect_going_away(self, reply):
        self.assertEqual(reply.status, 200)
        [(opcode, payload)] = frames.parse(reply.body)
        self.assertEqual((opcode, int.from_bytes(payload[:2], "big")), (frames.CLOSE, GOING_AWAY))

    def exchange_anew(self, server, asked):
        """An exchange on a new connection; on another where that falls to a thread that is done,
        and so has just closed its listener."""
        for _ in range(100):
            try:
                return Connection(server).exchange(asked)
            except (Cut, ConnectionError):
                pass
        raise AssertionError("no thread listens any more")

    async def test_an_idle_server_ends_at_once(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=how.name):
                server = self.server()
                server.process.send_signal(how)
                await self.expect_end(server)

    async def test_websockets_are_closed_with_1001(self):
        for threads in ("1", "2"):
            with self.subTest(threads=threads):
                server = self.server("--threads", threads)
                clients = [await self.within(websockets.connect(server.websocket_url + "/channel"))
                           for _ in range(10)]
                server.terminate()
                for client in clients:
                    await self.within(client.wait_closed())
                    self.assertEqual(client.close_code, GOING_AWAY)
                await self.expect_end(server)

    async def test_a_held_poll_is_answered_with_the_close_and_waits_for_its_acknowledgement(self):
        for threads in ("1", "2"):
            with self.subTest(threads=threads):
                server = self.server("--threads", threads)
                receiving, sending = Connection(server), Connection(server)
                token = open_session(receiving, "/long-polling")
                sending.exchange(send_request("/long-polling", token, 1, frames.text("hello")))
                reply = receiving.exchange(receive_request("/long-polling", token, 1, 0, 25000))
                self.assertEqual(frames.parse(reply.body), [(frames.TEXT, b"hello")])
                receiving.send(receive_request("/long-polling", token, 2, 1, 25000))
                server.terminate()
                self.expect_going_away(receiving.reply())
                # The listener stays open for the requests of living sessions, and for those only.
                refusal = self.exchange_anew(server, request("POST", "/long-polling", {}))
                self.assertEqual((refusal.status, refusal["hawser-error"]), (503, "draining"))
                last = self.exchange_anew(server, receive_request("/long-polling", token, 3, 2, 0))
                self.assertEqual(last.status, 204)
                await self.expect_end(server)

    async def test_what_was_accepted_before_is_delivered(self):
        server = self.server()
        connection = Connection(server)
        token = open_session(connection, "/long-polling")
        messages = [frames.text(f"number {i}") for i in range(500)]
        reply = connection.exchange(send_request("/long-polling", token, 1, b"".join(messages)))
        received = int(reply["hawser-received"])
        self.assertGreater(received, 0)
        server.terminate()
        body = b""
        after = 0
        while not body.endswith(frames.close(GOING_AWAY)):
            reply = connection.exchange(
                receive_request("/long-polling", token, after + 1, after, 20000))
            self.assertEqual((reply.status, int(reply["hawser-first"])), (200, after + 1))
            body += reply.body
            after += len(frames.parse(reply.body))
        self.assertEqual(body, b"".join(messages[:after - 1]) + frames.close(GOING_AWAY))
        self.assertLessEqual(after - 1, received)
        connection.exchange(receive_request("/long-polling", token, after + 1, after, 0))
        await self.expect_end(server)

    async def test_a_client_that_does_not_answer_is_not_waited_for_for_ever(self):
        server = self.server("--drain", "1000")
        silent = Connection(server)
        silent.send(b"GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        self.assertEqual(silent.head().status, 101)
        abandoned = Connection(server)
        token = open_session(abandoned, "/long-polling")
        abandoned.exchange(send_request("/long-polling", token, 1, frames.text("and gone")))
        server.terminate()
        await self.expect_end(server)

    async def test_a_second_signal_ends_the_server_at_once(self):
        server = self.server()
        silent = Connection(server)
        token = open_session(silent, "/long-polling")
        self.assertEqual(
            silent.exchange(receive_request("/long-polling", token, 1, 0, 0)).status, 204)
        silent.send(receive_request("/long-polling", token, 2, 0, 25000))
        server.terminate()
        self.expect_going_away(silent.reply())
        server.terminate()
        self.assertEqual(await asyncio.to_thread(server.wait), -signal.SIGTERM)


if __name__ == "__main__":
    unittest.main(verbosity=2)
