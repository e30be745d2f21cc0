"""nginx and haproxy between clients and server, at their worst: buffering, impatient, with another
way to the server that loses replies, so that they send requests again. Polling loses nothing; a
WebSocket ends, and harms nobody. (nginx's default upstream, HTTP/1.0, lets no WebSocket pass.)"""

import asyncio
import os
import random
import socket
import subprocess
import tempfile
import threading
import unittest

import frames
import programs
from http_exchange import Connection, open_session, receive_request, send_request

programs.require("nginx", "haproxy", modules=["websockets"])

import websockets  # noqa: E402  (where it is absent, the test is over)

NGINX = """
daemon off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream servers {{ {servers} {keep} }}
  map $http_upgrade $upgrading {{ default upgrade; '' '{connection}'; }}
  server {{
    listen {listen};
    location / {{
      proxy_pass http://servers;
      proxy_http_version {version};
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $upgrading;
      proxy_buffering {buffering}; proxy_request_buffering {buffering};
      proxy_read_timeout {idle}s;
      proxy_next_upstream error timeout non_idempotent;
    }}
  }}
}}
"""

HAPROXY = """
global
  log stderr format raw local0 emerg
defaults
  mode http
  timeout connect 10s
  timeout client {idle}s
  timeout server {idle}s
  timeout tunnel {idle}s
  retries 3
  retry-on empty-response conn-failure junk-response
  option redispatch 1
  {options}
frontend front
  bind fd@{fd}
  default_backend servers
backend servers
  balance roundrobin
  {servers}
"""

PATIENT = 60


class Proxy:
    """A proxy at work on a socket that has been listening before it came."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        with open(os.path.join(self.folder.name, "proxy.conf"), "w", encoding="ascii") as file:
            file.write(self.configuration())
        environment = {**os.environ, "NGINX": f"{self.listener.fileno()};"}
        self.process = subprocess.Popen([*programs.ENDED_WITH_PARENT, *self.command()],
                                        cwd=self.folder.name, env=environment,
                                        pass_fds=[self.listener.fileno()])
        self.listener.close()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(programs.PATIENCE)
        self.folder.cleanup()

    def url(self, path, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}{path}"


class Nginx(Proxy):
    def __init__(self, ports, version="1.1", buffering="on", idle=PATIENT):
        keeps = version == "1.1"
        self.values = {"servers": " ".join(f"server 127.0.0.1:{port} max_fails=0;"
                                           for port in ports),
                       "keep": "keepalive 8;" if keeps else "",
                       "connection": "" if keeps else "close",
                       "version": version, "buffering": buffering, "idle": idle}

    def configuration(self):
        return NGINX.format(listen=f"127.0.0.1:{self.port}", **self.values)

    def command(self):
        return ["nginx", "-e", "stderr", "-p", self.folder.name, "-c", "proxy.conf"]


class Haproxy(Proxy):
    def __init__(self, ports, options="option http-buffer-request", idle=PATIENT):
        servers = "\n  ".join(f"server s{port} 127.0.0.1:{port}" for port in ports)
        self.values = {"servers": servers, "options": options, "idle": idle}

    def configuration(self):
        return HAPROXY.format(fd=self.listener.fileno(), **self.values)

    def command(self):
        return ["haproxy", "-db", "-f", "proxy.conf"]


class LossyWay:
    """Another way to the server, on which three of ten replies are lost when they begin."""

    def __init__(self, server):
        self.server = server
        self.random = random.Random(7)
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        with near, socket.create_connection(("127.0.0.1", self.server.port)) as far:
            asking = threading.Thread(target=self.carry, args=(near, far, False), daemon=True)
            asking.start()
            self.carry(far, near, True)
            asking.join()

    def carry(self, source, sink, loses):
        try:
            while piece := source.recv(1 << 16):
                if loses and self.random.random() < 0.3:
                    self.lost += 1
                    break
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class ProxiesTest(programs.ServedTests, unittest.TestCase):
    SERVER = ("echo_server", "--port", "0", "--interval", "10")

    def ways(self, *ports):
        """Every proxy in every manner in front of `ports`."""
        for version in ("1.0", "1.1"):
            for buffering in ("on", "off"):
                yield Nginx(ports, version, buffering)
        yield Haproxy(ports)
        yield Haproxy(ports, "option http-server-close")

    def expect_echoes(self, url, *arguments):
        code, printed, complaint = programs.run("echo_client", url, *arguments)
        self.assertEqual((code, complaint), (0, ""), printed)

    def test_every_transport_gets_through(self):
        for way in self.ways(self.server.port):
            with self.subTest(**way.values), way as proxy:
                self.expect_echoes(proxy.url("/long-polling"), "--count", "50", "--size", "5000")
                self.expect_echoes(proxy.url("/channel"), "--count", "1", "--transport", "polling")
                if way.values.get("version") != "1.0":
                    self.expect_echoes(proxy.url("/websocket", "ws"), "--count", "50")

    def test_what_a_proxy_sends_again_is_taken_once(self):
        lossy = self.enterContext(LossyWay(self.server))
        for way in self.ways(lossy.port, self.server.port):
            lost = lossy.lost
            with self.subTest(**way.values), way as proxy:
                self.expect_echoes(proxy.url("/long-polling"), "--count", "100")
            self.assertGreater(lossy.lost, lost)

    def test_an_impatient_proxy_loses_no_message(self):
        for way in (Nginx([self.server.port], idle=1), Haproxy([self.server.port], idle=1)):
            with self.subTest(**way.values), way as proxy:
                path = "/long-polling"
                token = open_session(Connection(proxy), path)
                held = Connection(proxy).exchange(receive_request(path, token, 1, 0, 25000))
                self.assertEqual(held.status, 504)
                self.assertIsNone(held["hawser"])
                said = send_request(path, token, 1, frames.text("still there"))
                self.assertEqual(Connection(proxy).exchange(said)["hawser-received"], "1")
                reply = Connection(proxy).exchange(receive_request(path, token, 2, 0, 25000))
                self.assertEqual(frames.parse(reply.body), [(frames.TEXT, b"still there")])
                bye = send_request(path, token, 2, frames.close(1000))
                self.assertEqual(Connection(proxy).exchange(bye)["hawser-received"], "2")
                end = Connection(proxy).exchange(receive_request(path, token, 3, 1, 0))
                self.assertEqual(frames.parse(end.body)[0][0], frames.CLOSE)
                over = Connection(proxy).exchange(receive_request(path, token, 4, 2, 0))
                self.assertEqual(over.status, 204)

    def test_an_impatient_proxy_ends_a_websocket_and_nothing_else(self):
        async def converse(proxy):
            async with websockets.connect(proxy.url("/websocket", "ws"),
                                          ping_interval=None) as socket_of_client:
                await socket_of_client.send("one")
                self.assertEqual(await socket_of_client.recv(), "one")
                with self.assertRaises(websockets.ConnectionClosedError) as ended:
                    await socket_of_client.recv()
                self.assertIsNone(ended.exception.rcvd)  # the proxy has said nothing
            async with websockets.connect(self.server.websocket_url + "/websocket") as direct:
                await direct.send("two")
                self.assertEqual(await direct.recv(), "two")

        for way in (Nginx([self.server.port], idle=1), Haproxy([self.server.port], idle=1)):
            with self.subTest(**way.values), way as proxy:
                asyncio.run(asyncio.wait_for(converse(proxy), programs.PATIENCE))


if __name__ == "__main__":
    unittest.main(verbosity=2)
