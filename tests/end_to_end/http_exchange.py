"""HTTP/1.1 on plain sockets, where a test wants to decide about every byte; and the requests of the
polling protocol."""

import dataclasses
import socket

import programs


@dataclasses.dataclass
class Reply:
    status: int
    fields: dict
    body: bytes = b""

    def __getitem__(self, name):
        return self.fields.get(name)


class Cut(Exception):
    """The connection ended before the reply did."""


class Connection:
    """One connection to a server of ours."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), programs.PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def close(self):
        self.socket.close()

    def __del__(self):
        self.socket.close()

    def send(self, request):
        self.socket.sendall(request)

    def read_more(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise Cut
        self.unread += piece

    def head(self):
        while b"\r\n\r\n" not in self.unread:
            self.read_more()
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return Reply(int(status.split(" ")[1]), fields)

    def reply(self):
        reply = self.head()
        size = int(reply.fields.get("content-length", 0))
        while len(self.unread) < size:
            self.read_more()
        reply.body, self.unread = self.unread[:size], self.unread[size:]
        return reply

    def exchange(self, request):
        self.send(request)
        return self.reply()


def request(method, path, fields, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    if method == "POST" and "Content-Length" not in fields:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode() + body


def receive_request(path, token, number, after, hold):
    return request("GET", path, {"Hawser-Session": token, "Hawser-Request": number,
                                 "Hawser-After": after, "Hawser-Hold": hold})


def send_request(path, token, first, body):
    return request("POST", path, {"Hawser-Session": token, "Hawser-First": first}, body)


def open_session(connection, path):
    """Opens a polling session; its name."""
    reply = connection.exchange(request("POST", path, {}))
    if reply.status != 201:
        raise AssertionError(f"the open was answered with {reply.status}")
    return reply["hawser-session"]
