# SPDX-License-Identifier: Apache-2.0
"""Whole messages over Bluetooth LE and over streams (doc/protocol.md section 2)."""

MAX_MESSAGE = 2048
FIRST, LAST, NUMBERS = 0x80, 0x40, 64
BEST_SIZES = (495, 244)  # with ATT's and L2CAP's headers they fill link-layer packets of 251 bytes


class Broken(ValueError):
    """What arrived is no link of ours: the receiver gives it up."""


class Fragmenter:
    """One direction: messages to fragments of at most att_mtu - 3 bytes."""

    def __init__(self, att_mtu):
        size = next((size for size in BEST_SIZES if size <= att_mtu - 3), att_mtu - 3)
        self.room = size - 1
        self.number = 0

    def split(self, message):
        pieces = [message[i : i + self.room] for i in range(0, len(message), self.room)]
        fragments = []
        for index, piece in enumerate(pieces):
            first = FIRST if index == 0 else 0
            last = LAST if index == len(pieces) - 1 else 0
            fragments.append(bytes([first | last | self.number]) + piece)
            self.number = (self.number + 1) % NUMBERS
        return fragments


class Assembler:
    """The other end of a Fragmenter."""

    def __init__(self):
        self.number = 0
        self.message = None

    def add(self, fragment):
        """The message that the fragment completes, or None."""
        if len(fragment) < 2 or fragment[0] & (NUMBERS - 1) != self.number:
            raise Broken("a fragment that is empty or out of turn")
        self.number = (self.number + 1) % NUMBERS
        if bool(fragment[0] & FIRST) != (self.message is None):
            raise Broken("a first fragment where none belongs, or none where it does")
        self.message = (self.message or b"") + fragment[1:]
        if len(self.message) > MAX_MESSAGE:
            raise Broken("a message too long")
        if not fragment[0] & LAST:
            return None
        message, self.message = self.message, None
        return message


def cobs_encode(message):
    """The message without zero bytes, and the zero that ends it."""
    out = bytearray()
    block = bytearray()
    open_end = True
    for byte in message:
        open_end = True
        if byte:
            block.append(byte)
        if not byte or len(block) == 254:
            out += bytes([len(block) + 1]) + block
            block.clear()
            # A full block stands for no zero, so nothing needs to follow it.
            open_end = not byte
    if open_end:
        out += bytes([len(block) + 1]) + block
    return bytes(out) + b"\0"


def cobs_decode(frame):
    """The message of a frame without its zero."""
    message, offset = bytearray(), 0
    while offset < len(frame):
        size = frame[offset]
        if size == 0 or offset + size > len(frame):
            raise Broken("not COBS")
        message += frame[offset + 1 : offset + size]
        offset += size
        if size < 255 and offset < len(frame):
            message.append(0)
    return bytes(message)


class StreamReceiver:
    """Bytes of a stream to messages; what cannot be one is dropped."""

    def __init__(self):
        self.buffer = b""

    def add(self, data):
        *frames, self.buffer = (self.buffer + data).split(b"\0")
        messages = []
        for frame in frames:
            try:
                message = cobs_decode(frame)
            except Broken:
                continue
            if 1 <= len(message) <= MAX_MESSAGE:
                messages.append(message)
        # What is longer than any frame stays undecodable, however it goes on.
        self.buffer = self.buffer[: MAX_MESSAGE + MAX_MESSAGE // 254 + 2]
        return messages
