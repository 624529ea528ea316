# SPDX-License-Identifier: Apache-2.0
"""Whole messages over a socket (doc/protocol.md section 2.3), for device.py and hub.py."""

import socket

from enrolld import link


class Lost(Exception):
    """The other end has closed, or said nothing in time."""


class Stream:
    def __init__(self, connection):
        self.connection = connection
        self.receiver = link.StreamReceiver()
        self.waiting = []

    @classmethod
    def connect(cls, path):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        return cls(connection)

    def fileno(self):
        return self.connection.fileno()

    def open(self, probe):
        """A zero, so that the other end is in step, and the first message."""
        self.connection.sendall(b"\0")
        self.send(probe)

    def send(self, message):
        try:
            self.connection.sendall(link.cobs_encode(message))
        except OSError as error:
            raise Lost(str(error)) from error

    def read(self):
        """The messages that are there now; waits if there is nothing at all."""
        try:
            data = self.connection.recv(4096)
        except OSError as error:
            raise Lost(str(error) or "nothing came in time") from error
        if not data:
            raise Lost("closed by the other end")
        return self.receiver.add(data)

    def receive(self, seconds):
        """The next message."""
        self.connection.settimeout(seconds)
        while not self.waiting:
            self.waiting += self.read()
        self.connection.settimeout(None)
        return self.waiting.pop(0)

    def close(self):
        self.connection.close()
