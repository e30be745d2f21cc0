"""The frames of a polling body, written and read by hand: see PROTOCOL.md."""

import struct

TEXT, BINARY, CLOSE = 1, 2, 8


def frame(opcode, payload):
    size = len(payload)
    if size <= 125:
        header = struct.pack("!BB", 0x80 | opcode, size)
    elif size <= 0xFFFF:
        header = struct.pack("!BBH", 0x80 | opcode, 126, size)
    else:
        header = struct.pack("!BBQ", 0x80 | opcode, 127, size)
    return header + payload


def text(characters):
    return frame(TEXT, characters.encode())


def close(code, reason=""):
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def parse(body):
    """The frames of a body as pairs of opcode and payload; ValueError where it is no such body."""
    found = []
    while body:
        if len(body) < 2:
            raise ValueError("a frame is cut")
        first, size = body[0], body[1]
        if first & 0xF0 != 0x80 or size & 0x80:
            raise ValueError("not an unmasked, unfragmented frame")
        begin = {126: 4, 127: 10}.get(size, 2)
        if size >= 126:
            size = int.from_bytes(body[2:begin], "big")
        if len(body) < begin + size:
            raise ValueError("a frame is cut")
        found.append((first & 0x0F, body[begin:begin + size]))
        body = body[begin + size:]
    return found
