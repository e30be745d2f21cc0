"""The echo server, and Debian's python3-websockets as its client."""

import asyncio
import unittest

import programs

programs.require(modules=["websockets"])

import websockets  # noqa: E402  (only where it is installed)

LIMIT = 1 << 20


def connect(server, path="/websocket", **options):
    options = {"max_size": 2 * LIMIT, "compression": None, **options}
    return websockets.connect(server.websocket_url + path, **options)


class WebSocketsTest(programs.ServedTests, unittest.IsolatedAsyncioTestCase):
    SERVER = ("echo_server", "--port", "0")

    async def within(self, awaitable):
        return await asyncio.wait_for(awaitable, programs.PATIENCE)

    async def echo(self, client, message):
        await self.within(client.send(message))
        return await self.within(client.recv())

    async def expect_close(self, client, code):
        with self.assertRaises(websockets.ConnectionClosed):
            await self.within(client.recv())
        self.assertEqual(client.close_code, code)

    async def test_messages_of_all_sizes_come_back_as_they_were(self):
        async with connect(self.server) as client:
            for size in (0, 1, 125, 126, 127, 65535, 65536, 65537, LIMIT):
                with self.subTest(size=size):
                    message = bytes(i & 0xFF for i in range(size))
                    self.assertEqual(await self.echo(client, message), message)

    async def test_text_stays_text(self):
        async with connect(self.server) as client:
            for text in ("", "plain", "Grüße, 世界, 🦜", "\0", "ä" * (LIMIT // 2)):
                with self.subTest(characters=len(text)):
                    self.assertEqual(await self.echo(client, text), text)

    async def test_the_order_is_kept_when_many_are_under_way(self):
        async with connect(self.server) as client:
            sent = [f"number {i}" for i in range(5000)]

            async def send():
                for message in sent:
                    await client.send(message)
                    await asyncio.sleep(0)  # lets the other coroutine have its turn

            sending = asyncio.create_task(send())
            received = [await self.within(client.recv()) for _ in sent]
            await sending
            self.assertEqual(received, sent)

    async def test_fragments_become_one_message(self):
        async with connect(self.server) as client:
            self.assertEqual(await self.echo(client, ["in ", "", "three ", "parts"]),
                             "in three parts")
            self.assertEqual(await self.echo(client, [b"\0" * 70000, b"\1"]), b"\0" * 70000 + b"\1")

    async def test_a_ping_between_fragments_is_answered(self):
        async with connect(self.server) as client:
            halfway = asyncio.Event()

            async def parts():
                yield "before, "
                await self.within(await client.ping(b"are you there"))
                halfway.set()
                yield "after"

            self.assertEqual(await self.echo(client, parts()), "before, after")
            self.assertTrue(halfway.is_set())

    async def test_the_close_code_is_answered_with_the_same(self):
        for code in (1000, 1001, 3000, 4999):
            with self.subTest(code=code):
                client = await self.within(connect(self.server))
                await self.within(client.close(code, "that is all"))
                self.assertEqual(client.close_code, code)

    async def test_a_message_above_the_limit_is_refused_with_1009(self):
        async with connect(self.server) as client:
            await self.within(client.send(b"x" * (LIMIT + 1)))
            await self.expect_close(client, 1009)

    async def test_fragments_above_the_limit_together_are_refused_with_1009(self):
        async with connect(self.server) as client:
            with self.assertRaises(websockets.ConnectionClosed):
                await self.within(client.send([b"x" * (LIMIT // 2)] * 3))
                await self.within(client.recv())
            self.assertEqual(client.close_code, 1009)

    async def test_the_limit_is_an_option(self):
        for limit in (2000, 3 << 20):
            arguments = ("--port", "0", "--max-message", str(limit))
            with programs.Server("echo_server", *arguments) as server:
                async with connect(server, max_size=None) as client:
                    self.assertEqual(await self.echo(client, b"x" * limit), b"x" * limit)
                    await self.within(client.send(b"x" * (limit + 1)))
                    await self.expect_close(client, 1009)

    async def test_a_client_that_offers_compression_is_served(self):
        async with connect(self.server, compression="deflate") as client:
            self.assertEqual(await self.echo(client, "again " * 1000), "again " * 1000)

    async def test_one_client_that_misbehaves_does_not_harm_another(self):
        async with connect(self.server) as good, connect(self.server) as bad:
            self.assertEqual(await self.echo(good, "before"), "before")
            bad.transport.write(b"\xff" * 64)
            await self.expect_close(bad, 1002)
            self.assertEqual(await self.echo(good, "after"), "after")

    async def test_the_shared_path_takes_websockets_too(self):
        async with connect(self.server, "/channel") as client:
            self.assertEqual(await self.echo(client, "hello"), "hello")

    async def test_a_page_of_another_host_is_refused(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refusal:
            await self.within(connect(self.server, origin="http://elsewhere.example"))
        self.assertEqual(refusal.exception.status_code, 403)

    async def test_an_unknown_path_is_not_found(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refusal:
            await self.within(connect(self.server, "/nothing"))
        self.assertEqual(refusal.exception.status_code, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
