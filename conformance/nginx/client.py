"""Clients from an address of their own on this machine: HTTP by the standard library, and a WebSocket by hand."""

import base64
import hashlib
import http.client
import os
import socket
import struct

# What nginx must report as the client: not the address that it listens on.
SOURCE = "127.0.0.2"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def connect(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(SOURCE, 0))


def ask(port, method, path, fields=None, body=None):
    """One request on a connection of its own: the answer, and its body."""
    connection = connect(port)
    try:
        connection.request(method, path, body=body, headers=fields or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


class WebSocket:
    """A WebSocket that sends short text messages."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), 10, source_address=(SOURCE, 0))
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        head = f"GET {path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        self.socket.sendall(head.encode() + b"Sec-WebSocket-Key: " + key + b"\r\n\r\n")
        self.status = self.file.readline()
        fields = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            fields[name.strip().lower()] = value.strip()
        wanted = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.accepted = self.status.startswith(b"HTTP/1.1 101 ") and fields.get(b"sec-websocket-accept") == wanted

    def send(self, text):
        mask, data = os.urandom(4), text.encode()
        masked = bytes(octet ^ mask[i % 4] for i, octet in enumerate(data))
        self.socket.sendall(bytes([0x81, 0x80 | len(data)]) + mask + masked)

    def recv(self):
        first, length = self.file.read(2)
        if length == 126:
            length = struct.unpack(">H", self.file.read(2))[0]
        return first & 0x0F, self.file.read(length)

    def close(self):
        self.file.close()
        self.socket.close()
