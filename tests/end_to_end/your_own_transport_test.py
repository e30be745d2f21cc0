"""The transport that an example adds, spoken by hand, beside one of the library's."""

import signal
import socket
import threading
import unittest

import programs


class Lines:
    """Somebody with a plain socket."""

    def __init__(self, port, receive_buffer=1 << 20):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(programs.PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, text):
        self.socket.sendall(text)

    def line(self):
        return self.file.readline()

    def close(self):
        self.file.close()
        self.socket.close()


class YourOwnTransportTest(programs.ServedTests, unittest.TestCase):
    SERVER = ("your_own_transport", "--port", "0", "--lines-port", "0")
    EXIT_CODE = -signal.SIGTERM

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines_port = int(cls.server.line().rsplit(":", 1)[1])

    def peer(self, **options):
        peer = Lines(self.lines_port, **options)
        self.addCleanup(peer.close)
        return peer

    def test_lines_come_back(self):
        peer = self.peer()
        for line in (b"hello\n", b"\n", "Grüße, 世界\n".encode(), b"x" * 1000000 + b"\n"):
            with self.subTest(size=len(line)):
                peer.send(line)
                self.assertEqual(peer.line(), line)

    def test_lines_in_pieces_and_in_crowds(self):
        peer = self.peer()
        for piece in (b"in ", b"three ", b"pieces\nand", b" more\n"):
            peer.send(piece)
        self.assertEqual([peer.line(), peer.line()], [b"in three pieces\n", b"and more\n"])
        crowd = [f"line {i}\n".encode() for i in range(10000)]
        sending = threading.Thread(target=peer.send, args=(b"".join(crowd),))
        sending.start()
        self.assertEqual([peer.line() for _ in crowd], crowd)
        sending.join()

    def test_a_peer_that_sends_faster_than_it_reads_loses_nothing(self):
        peer = self.peer(receive_buffer=4096)
        block = b"".join(f"{i:0999}\n".encode() for i in range(16000))  # far above every backlog
        sending = threading.Thread(target=peer.send, args=(block,), daemon=True)
        sending.start()
        echoed = bytearray()
        while len(echoed) < len(block):
            piece = peer.socket.recv(1 << 20)
            self.assertNotEqual(piece, b"", "the channel has ended")
            echoed += piece
        sending.join(programs.PATIENCE)
        self.assertEqual(echoed, block)

    def test_what_is_not_utf_8_or_too_long_ends_the_channel_and_no_other(self):
        good = self.peer()
        for bad in (b"\xff\n", b"x" * (1 << 20) + b"x\n"):
            with self.subTest(size=len(bad)):
                peer = self.peer()
                peer.send(b"fine\n")
                self.assertEqual(peer.line(), b"fine\n")
                try:
                    peer.send(bad)
                    self.assertEqual(peer.line(), b"")
                except ConnectionError:
                    pass
                good.send(b"unharmed\n")
                self.assertEqual(good.line(), b"unharmed\n")

    def test_the_same_handler_serves_websockets(self):
        code, printed, complaint = programs.run("echo_client", self.server.websocket_url + "/")
        self.assertEqual((code, complaint), (0, ""))
        self.assertIn(" over websocket:", printed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
