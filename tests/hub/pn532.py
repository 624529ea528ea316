# SPDX-License-Identifier: Apache-2.0
"""A PN532 on a pseudo-terminal, as libnfc's pn532_uart drives it, and tags to hold to it, honest and hostile.

    with Pn532() as chip:               chip.device is what enroll-tag and the settings take
        chip.put(Type2(213, message))   the tag lies on the reader
        chip.take()                     and is taken away

The chip answers the commands of NXP's UM0701 that libnfc needs, and a tag those of its own specification. It never waits:
each answer follows the command at once.
"""

import os
import pty
import select
import threading
import tty

ACK = bytes.fromhex("0000ff00ff00")
APPLICATION = bytes.fromhex("d2760000850101")
PATIENCE = 120

# Errors of the chip: the tag does not answer; a CRC was wrong.
ERROR_TIMEOUT, ERROR_CRC = 0x01, 0x02

# Bytes of data, and what the capability container says of them.
NTAGS = {213: (144, 0x12), 215: (504, 0x3E), 216: (888, 0x6D)}


class Gone(Exception):
    """The tag does not answer."""


# --- messages ---


def record(tnf, kind, payload, flags=0xC0):
    short = len(payload) < 256
    length = len(payload).to_bytes(1 if short else 4, "big")
    return bytes([flags | (0x10 if short else 0) | tnf, len(kind)]) + length + kind + payload


def mime(code):
    return record(2, b"application/vnd.enrolld.code", code)


def text(words, language=b"en"):
    return record(1, b"T", bytes([len(language)]) + language + words.encode())


def uri(words):
    return record(1, b"U", b"\x00" + words.encode())


# --- tags ---


class Type2:
    """An NTAG21x that holds @message; @data: the bytes from page 4 on instead."""

    sak, atqa, ats = 0x00, b"\x00\x44", b""

    def __init__(self, kind=216, message=b"", data=None, uid=b"\x04\x11\x22\x33\x44\x55\x66", container=None):
        size, unit = NTAGS[kind]
        self.uid = uid
        if data is None:
            head = bytes([3, len(message)]) if len(message) < 255 else b"\x03\xff" + len(message).to_bytes(2, "big")
            data = head + message + b"\xfe"
        if len(data) > size:
            raise ValueError(f"{len(data)} bytes do not fit NTAG{kind}")
        container = container or bytes([0xE1, 0x10, unit, 0x00])
        self.memory = bytearray(uid[:3] + b"\x00" + uid[3:] + bytes(5))[:12] + container + data.ljust(size, b"\0")
        self.memory += bytes(20)  # lock bytes and configuration
        self.reads = 0

    def answer(self, command):
        if command[0] == 0x30 and len(command) == 2:
            self.reads += 1
            at = command[1] * 4
            if at >= len(self.memory):
                raise Gone
            return bytes((self.memory * 2)[at : at + 16])
        if command[0] == 0xA2 and len(command) == 6:
            self.memory[command[1] * 4 : command[1] * 4 + 4] = command[2:]
            return b""
        raise Gone

    def message(self):
        """What it holds now, behind one TLV head."""
        data = bytes(self.memory[16:])
        n, at = (data[1], 2) if data[1] != 0xFF else (int.from_bytes(data[2:4], "big"), 4)
        return data[at : at + n] if data[0] == 3 else None


class Type4:
    """A tag with files."""

    sak, atqa, ats = 0x20, b"\x03\x44", bytes.fromhex("067577810280")

    def __init__(self, message=b"", size=8192, chunk=0x3B, uid=b"\x04\xa1\xa2\xa3\xa4\xa5\xa6", length=None, container=None):
        self.uid = uid
        n = len(message) if length is None else length
        self.files = {
            0xE103: bytearray(
                container
                or bytes.fromhex("000f20") + chunk.to_bytes(2, "big") + chunk.to_bytes(2, "big") + b"\x04\x06\xe1\x04" + size.to_bytes(2, "big") + b"\0\0"
            ),
            0xE104: bytearray((n.to_bytes(2, "big") + message).ljust(size, b"\0")),
        }
        self.file = None
        self.reads = 0

    def answer(self, command):
        if command[:4] == b"\x00\xa4\x04\x00":
            return b"\x90\x00" if command[5 : 5 + command[4]] == APPLICATION else b"\x6a\x82"
        if command[:4] == b"\x00\xa4\x00\x0c":
            self.file = self.files.get(int.from_bytes(command[5:7], "big"))
            return b"\x90\x00" if self.file is not None else b"\x6a\x82"
        offset = int.from_bytes(command[2:4], "big")
        if self.file is None or command[:1] != b"\x00":
            return b"\x6d\x00"
        if command[1] == 0xB0:
            self.reads += 1
            return bytes(self.file[offset : offset + command[4]]) + b"\x90\x00"
        if command[1] == 0xD6:
            self.file[offset : offset + command[4]] = command[5 : 5 + command[4]]
            return b"\x90\x00"
        return b"\x6d\x00"

    def message(self):
        n = int.from_bytes(self.files[0xE104][:2], "big")
        return bytes(self.files[0xE104][2 : 2 + n])


class Spoiled:
    """A tag whose @spoil(command, answer, n) has the last word on its n-th answer; it may raise Gone."""

    def __init__(self, tag, spoil):
        self.tag, self.spoil, self.n = tag, spoil, 0
        self.sak, self.atqa, self.ats, self.uid = tag.sak, tag.atqa, tag.ats, tag.uid

    def answer(self, command):
        self.n += 1
        return self.spoil(command, self.tag.answer(command), self.n)


class Other:
    """A card of another kind: MIFARE Classic."""

    sak, atqa, ats, uid = 0x08, b"\x00\x04", b"", b"\x01\x02\x03\x04"

    def answer(self, command):
        raise Gone


# --- the chip ---


class Pn532:
    def __init__(self):
        self.master, slave = pty.openpty()
        tty.setraw(self.master)
        self.slave = slave  # kept open, so that the line is not hung up while nobody has opened it
        self.path = os.ttyname(slave)
        self.device = f"pn532_uart:{self.path}"
        self.lock = threading.Condition()
        self.tag, self.field, self.looks, self.frames = None, True, 0, 0
        self.begun_dark = 0  # looks before which the field was off
        self.spoil_frame = lambda frame: frame  # what goes over the line instead of an answer
        self.mute = False
        self.selected = None
        self.stop_read, self.stop_write = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unplug()

    def put(self, tag):
        with self.lock:
            self.tag, self.looks, self.begun_dark = tag, 0, 0

    def take(self):
        """Takes the tag away; returns when the reader has looked for it often enough to know."""
        with self.lock:
            self.tag, self.looks = None, 0
            if not self.lock.wait_for(lambda: self.looks >= 3, PATIENCE):
                raise TimeoutError("nobody looks for tags")

    def wait_looks(self, count):
        """Waits until the tag that lies there was looked for so often."""
        with self.lock:
            if not self.lock.wait_for(lambda: self.looks >= count, PATIENCE):
                raise TimeoutError("nobody looks for tags")

    def unplug(self):
        """Pulls it out: the line is hung up."""
        if self.master >= 0:
            os.write(self.stop_write, b".")
            self.thread.join(PATIENCE)
            for fd in (self.slave, self.master, self.stop_read, self.stop_write):
                os.close(fd)
            self.master = -1

    def run(self):
        data = b""
        while True:
            ready, _, _ = select.select([self.master, self.stop_read], [], [])
            if self.stop_read in ready:
                return
            try:
                data += os.read(self.master, 4096)
            except OSError:
                return
            data = self.take_frames(data)

    def take_frames(self, data):
        while (start := data.find(b"\x00\xff")) >= 0:
            body = data[start + 2 :]
            if len(body) < 2:
                return data
            if body[:2] in (b"\x00\xff", b"\xff\x00"):  # ACK: abort; NACK
                data = body[3:] if len(body) > 2 else body[2:]
                continue
            if body[:2] == b"\xff\xff":
                head, n = 5, int.from_bytes(body[2:4], "big")
            else:
                head, n = 2, body[0]
            if len(body) < head + n + 2:
                return data
            self.take_command(body[head : head + n])
            data = body[head + n + 2 :]
        return data[-1:]

    def take_command(self, frame):
        """A frame of the host: 0xD4, the command, its parameters."""
        if len(frame) < 2 or frame[0] != 0xD4:
            return
        with self.lock:
            if self.mute:
                return
            answer = self.command(frame[1], frame[2:])
            self.frames += 1
            self.lock.notify_all()
            line = ACK + self.spoil_frame(self.frame(bytes([0xD5, frame[1] + 1]) + answer))
        try:
            os.write(self.master, line)
        except OSError:
            pass

    @staticmethod
    def frame(body):
        n = len(body)
        if n < 255:
            head = bytes([n, -n & 0xFF])
        else:
            head = b"\xff\xff" + n.to_bytes(2, "big") + bytes([-((n >> 8) + (n & 0xFF)) & 0xFF])
        return b"\x00\x00\xff" + head + body + bytes([-sum(body) & 0xFF, 0x00])

    def command(self, number, parameters):
        if number == 0x00:  # Diagnose
            return parameters if parameters[:1] == b"\x00" else b"\x00"
        if number == 0x02:  # GetFirmwareVersion: a PN532, 1.6
            return bytes.fromhex("32010607")
        if number == 0x04:  # GetGeneralStatus
            return bytes.fromhex("0000000080")
        if number == 0x06:  # ReadRegister
            return bytes(len(parameters) // 2)
        if number == 0x32:  # RFConfiguration
            if parameters[:1] == b"\x01":
                if not parameters[1] & 1 and not self.field:  # a look turns it off and on
                    self.begun_dark += 1
                self.field = bool(parameters[1] & 1)
                self.selected = None
            return b""
        if number == 0x4A:  # InListPassiveTarget
            return self.list_target(parameters)
        if number in (0x40, 0x42):  # InDataExchange, InCommunicateThru
            return self.exchange(parameters[1:] if number == 0x40 else parameters)
        if number in (0x44, 0x52):  # InDeselect, InRelease
            self.selected = None
            return b"\x00"
        return b""  # SAMConfiguration, SetParameters, WriteRegister, PowerDown ...

    def list_target(self, parameters):
        self.field = True
        self.looks += 1
        self.selected = tag = self.tag if parameters[1:2] == b"\x00" else None
        if tag is None:
            return b"\x00"
        return b"\x01\x01" + tag.atqa + bytes([tag.sak, len(tag.uid)]) + tag.uid + tag.ats

    def exchange(self, command):
        if self.selected is None or self.selected is not self.tag:
            return bytes([ERROR_TIMEOUT])
        try:
            return b"\x00" + self.selected.answer(bytes(command))
        except Gone:
            return bytes([ERROR_TIMEOUT])
