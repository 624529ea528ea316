# SPDX-License-Identifier: Apache-2.0
"""What both ends of a session share: the transport, and who may say what when (doc/protocol.md section 4.2)."""

from . import message, noise
from .message import BYE, COMMIT, DATA, DONE, FAIL, GET, HELLO, RELEASE, RELEASED, REPORT, RESULT, SET, STAGE, SYNC

HUB, DEVICE = "hub", "device"

START_ENROLLMENT, START_OWNED = "M3", "K2"  # before the first transport message
AFTER_DEVICES_SYNC, AFTER_HUBS_SYNC = "SYNC of the device", "SYNC of the hub"

ORDER = {
    START_ENROLLMENT: {DEVICE: {HELLO}},
    HELLO: {HUB: {STAGE, FAIL}},
    STAGE: {DEVICE: {SYNC, REPORT, FAIL}},
    AFTER_DEVICES_SYNC: {HUB: {SYNC, FAIL}},
    AFTER_HUBS_SYNC: {DEVICE: {SYNC, REPORT, FAIL}},
    REPORT: {HUB: {COMMIT, FAIL}},
    START_OWNED: {HUB: {COMMIT, FAIL}},
    COMMIT: {DEVICE: {DONE, FAIL}},
    DONE: {HUB: {SET, GET, RELEASE, BYE}, DEVICE: {DATA, BYE}},
    RESULT: {HUB: {SET, GET, RELEASE, BYE}, DEVICE: {DATA, BYE}},
    SET: {HUB: {BYE}, DEVICE: {DATA, RESULT, BYE}},
    GET: {HUB: {BYE}, DEVICE: {DATA, RESULT, BYE}},
    RELEASE: {DEVICE: {DATA, RELEASED, FAIL, BYE}},
    FAIL: {},
    RELEASED: {},
    BYE: {},
}


OPEN = {DONE, SET, GET, RESULT}  # what came last while DATA may flow


class Ended(Exception):
    """The session is over. The argument says why, for a log; nothing is sent."""


class Transport:
    """The two directions of a session after its handshake."""

    def __init__(self, handshake, side):
        self.side = side
        self.sending, self.receiving = handshake.transport()
        self.after = START_ENROLLMENT if len(handshake.messages) == 3 else START_OWNED

    def advance(self, sender, kind):
        if kind not in ORDER[self.after].get(sender, ()):
            raise Ended(f"{message.NAMES[kind]} of the {sender} after {message.NAMES.get(self.after, self.after)}")
        if kind == SYNC:
            self.after = AFTER_HUBS_SYNC if sender == HUB else AFTER_DEVICES_SYNC
        elif kind != DATA:
            self.after = kind

    def send(self, kind, body):
        self.advance(self.side, kind)
        return bytes([message.TRANSPORT]) + self.sending.encrypt(b"", message.encode(kind, body))

    def receive(self, data):
        """(kind, body) of a TRANSPORT message that may come now."""
        try:
            kind, body = message.decode(self.receiving.decrypt(b"", data[1:]))
        except (noise.Failed, message.Wrong) as error:
            raise Ended(str(error)) from error
        self.advance(DEVICE if self.side == HUB else HUB, kind)
        return kind, body
