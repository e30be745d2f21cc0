"""Compressed messages: the echo server and client, and Debian's python3-websockets on the other
side of each."""

import asyncio
import itertools
import sys
import unittest

import programs

programs.require(modules=["websockets"])

import websockets  # noqa: E402  (only where it is installed)
from websockets.extensions import permessage_deflate  # noqa: E402

if programs.run("echo_server", "--deflate", "--address", "nowhere")[2].startswith("usage"):
    print("the examples were built without deflate")
    sys.exit(programs.SKIPPED)

LIMIT = 1 << 20


def connect(server, **options):
    options = {"max_size": 2 * LIMIT, "compression": "deflate", **options}
    return websockets.connect(server.websocket_url + "/websocket", **options)


class DeflateTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            programs.Server("echo_server", "--port", "0", "--deflate"))

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f"the server ended with {code}"

    async def within(self, awaitable):
        return await asyncio.wait_for(awaitable, programs.PATIENCE)

    async def echo(self, client, message):
        await self.within(client.send(message))
        return await self.within(client.recv())

    async def test_messages_of_all_sizes_come_back_as_they_were(self):
        async with connect(self.server) as client:
            self.assertEqual([extension.name for extension in client.extensions],
                             ["permessage-deflate"])
            for size in (1, 1023, 1024, 65535, 65536, LIMIT):
                with self.subTest(size=size):
                    message = bytes(i & 0xFF for i in range(size))
                    self.assertEqual(await self.echo(client, message), message)
            for text in ("again " * 1000, "Grüße, 世界, 🦜" * 1000, "short"):
                with self.subTest(characters=len(text)):
                    self.assertEqual(await self.echo(client, text), text)

    async def test_whatever_a_client_offers(self):
        for server_fresh, client_fresh, server_bits, client_bits in itertools.product(
                (False, True), (False, True), (None, 9, 15), (None, True, 9, 15)):
            offer = permessage_deflate.ClientPerMessageDeflateFactory(
                server_fresh, client_fresh, server_bits, client_bits)
            with self.subTest(offer=offer.get_request_params()):
                async with connect(self.server, compression=None, extensions=[offer]) as client:
                    self.assertEqual(len(client.extensions), 1)
                    for i in range(3):
                        message = f"message {i}, " * 1000
                        self.assertEqual(await self.echo(client, message), message)

    async def test_a_compressed_message_in_fragments(self):
        async with connect(self.server) as client:
            parts = [f"part {i}, " * 100 for i in range(20)]
            await self.within(client.send(parts))
            self.assertEqual(await self.within(client.recv()), "".join(parts))

    async def test_a_bomb_is_closed_with_1009_and_harms_nobody(self):
        async with connect(self.server) as neighbour, connect(self.server) as client:
            await self.within(client.send(bytes(100 * LIMIT)))
            with self.assertRaises(websockets.ConnectionClosed):
                await self.within(client.recv())
            self.assertEqual(client.close_code, 1009)
            self.assertEqual(await self.echo(neighbour, "again " * 1000), "again " * 1000)

    async def test_a_client_that_offers_nothing_is_served_without(self):
        async with connect(self.server, compression=None) as client:
            self.assertEqual(client.extensions, [])
            self.assertEqual(await self.echo(client, "again " * 1000), "again " * 1000)

    async def expect_echo(self, *arguments):
        arguments = ("--count", "5", "--size", "100000", "--deflate", *arguments)
        code, _, complaint = await asyncio.to_thread(programs.run, "echo_client", *arguments)
        self.assertEqual((code, complaint), (0, ""))

    async def test_the_librarys_own_client(self):
        await self.expect_echo(self.server.websocket_url + "/websocket")

    async def test_the_librarys_own_client_at_a_server_of_other_people(self):
        names = []

        async def echo(client):
            names.extend(extension.name for extension in client.extensions)
            async for message in client:
                await client.send(message)

        for compression in ("deflate", None):
            with self.subTest(compression=compression):
                async with websockets.serve(echo, "127.0.0.1", 0,
                                            compression=compression) as server:
                    port = server.sockets[0].getsockname()[1]
                    await self.expect_echo(f"ws://127.0.0.1:{port}/")
        self.assertEqual(names, ["permessage-deflate"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
