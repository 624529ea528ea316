# SPDX-License-Identifier: Apache-2.0
"""What echo-device and echo-hub have in common: names, messages, and descriptors that bluetoothd hands over."""

import collections
import hashlib
import socket
import struct

from gi.repository import GLib

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"

SERVICE_UUID = "7d0c0001-5bd4-4b0f-9a6c-0f1ce7e1ec40"
INBOX_UUID = "7d0c0002-5bd4-4b0f-9a6c-0f1ce7e1ec40"  # what is written to it
OUTBOX_UUID = "7d0c0003-5bd4-4b0f-9a6c-0f1ce7e1ec40"  # is notified by it

HEADER = struct.Struct(">BI")  # the link's number, the message's on its link
ATT_HEADER = 3  # bytes that a write or a notification adds to its value
VALUE_MAX = 512  # bytes of a characteristic's value
WRITE_MAX = 510  # bytes of a write that bluetoothd 5.66 takes: it counts the attribute's handle, too


def message(link, sequence, size):
    """A message that is equal to no other one: its numbers, and a filling that follows from them."""
    header = HEADER.pack(link, sequence)
    return header + hashlib.shake_128(header).digest(size - HEADER.size)


class Port:
    """A packet socket out of AcquireWrite or AcquireNotify. on_packet(bytes) for each one, on_end() when the other
    side has closed it. What cannot be sent at once waits."""

    def __init__(self, descriptor, on_packet=lambda packet: None, on_end=lambda: None):
        self.socket = socket.socket(fileno=descriptor)
        self.socket.setblocking(False)
        self.on_packet, self.on_end = on_packet, on_end
        self.waiting = collections.deque()
        self.writable = 0
        self.readable = self._watch(GLib.IO_IN | GLib.IO_HUP | GLib.IO_ERR, self._read)

    def _watch(self, condition, callback):
        return GLib.io_add_watch(self.socket.fileno(), GLib.PRIORITY_DEFAULT, condition, callback)

    def send(self, packet):
        self.waiting.append(packet)
        if not self.writable and self._write():
            self.writable = self._watch(GLib.IO_OUT, self._write)

    def _write(self, *_):
        """True if something is left to write."""
        try:
            while self.waiting:
                self.socket.send(self.waiting[0])
                self.waiting.popleft()
        except BlockingIOError:
            return True
        except OSError:  # closed; the reading side reports it
            self.waiting.clear()
        self.writable = 0
        return False

    def _read(self, *_):
        """Takes everything there is: bluetoothd throws away what does not fit into the socket."""
        while self.readable:
            try:
                packet = self.socket.recv(VALUE_MAX)
            except BlockingIOError:
                return True
            except OSError:
                packet = b""
            if not packet:
                self.close()
                self.on_end()
                break
            self.on_packet(packet)
        return False

    def close(self):
        for source in (self.readable, self.writable):
            if source:
                GLib.source_remove(source)
        self.readable = self.writable = 0
        self.socket.close()
