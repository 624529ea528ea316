# SPDX-License-Identifier: Apache-2.0
"""The hub's end of both sessions (doc/protocol.md sections 4 and 5), without a link, a clock or a store.

Give each message of the device to receive() and send what it returns. Ended is raised when the session is over.
"""

import hmac

from . import half, keys, message, noise
from .message import COMMIT, DATA, DONE, FAIL, GET, HELLO, RELEASE, RELEASED, REPORT, RESULT, SET, STAGE, SYNC
from .session import HUB, Ended, Transport


class Refused(Ended):
    """The device answered REFUSE; .reason and .epoch say why."""

    def __init__(self, reason, epoch):
        super().__init__(f"refused, reason {reason}, epoch {epoch}")
        self.reason, self.epoch = reason, epoch


class Failed(Ended):
    """A FAIL was received, or is to be sent: .last, before the link is closed. .body is its body."""

    def __init__(self, body, last=None):
        step = f" at step {body[2]}" if 2 in body else ""
        super().__init__(f"failure {body[1]}{step} {body.get(3, '')}".rstrip())
        self.body, self.last = body, last


class Session:
    """What enrolling and owning have in common."""

    def __init__(self):
        self.transport = None
        self.done = self.released = False
        self.id = 0  # of the last command
        self.on_data = lambda readings, number: None
        self.on_result = lambda outcome, readings, text: None

    def receive(self, data):
        try:
            kind = message.check(data)
            if self.transport is None:
                return self.receive_handshake(kind, data)
            if kind != message.TRANSPORT:
                raise Ended("a handshake message in the session")
            return self.receive_body(*self.transport.receive(data))
        except (noise.Failed, message.Wrong) as error:
            raise Ended(str(error)) from error

    def receive_done(self, kind, body):
        """COMMIT was sent: DONE, then DATA, and the answers to what the hub says."""
        if kind == FAIL:
            raise Failed(body)
        if kind == DONE:
            if body[1] != self.epoch:
                raise Ended("DONE for another epoch")
            self.done = True
        elif kind == DATA:
            self.on_data(body[1], body[2])
        elif kind == RESULT:
            if body[1] != self.id:
                raise Ended("an answer to another command")
            self.on_result(body[2], body.get(3), body.get(4))
        elif kind == RELEASED:
            if body[1] != self.epoch:
                raise Ended("RELEASED for another epoch")
            self.released = True
        return []

    def set(self, readings):
        return self.command(SET, readings)

    def get(self, channels):
        return self.command(GET, sorted(set(channels)))

    def command(self, kind, content):
        self.id += 1
        return self.transport.send(kind, {1: self.id, 2: content})

    def release(self):
        return self.transport.send(RELEASE, {1: self.epoch})

    def bye(self):
        return self.transport.send(message.BYE, {})


class Enrollment(Session):
    """One enrollment.

    values are the hub's own by parameter number; psk_own(epoch) makes the ownership's key; commit(epoch, hub_key,
    psk_own, report) keeps the device durably before it is told.
    """

    def __init__(self, code, nonce, static, ephemeral, values, psk_own, commit, fail_safe=120, epoch_above=0):
        super().__init__()
        self.code, self.nonce, self.static, self.ephemeral = code, nonce, static, ephemeral
        self.hub_half, self.device_half = code.applications[0]
        self.hub_half = half.effective(self.hub_half)
        self.values, self.psk_own, self.commit, self.fail_safe = values, psk_own, commit, fail_safe
        self.epoch = epoch_above
        self.points = half.points(self.hub_half)
        self.mac_key = keys.mac_key(code.secret)
        self.mac1 = None
        self.handshake = noise.Handshake(
            "XKpsk3",
            True,
            keys.prologue(keys.ENROLLMENT, keys.device_id(code.public_key), nonce),
            keys.psk(code.secret),
            static,
            ephemeral,
            code.public_key,
        )

    def start(self):
        a = self.handshake.write()
        self.mac1 = keys.mac1(self.mac_key, self.nonce, message.M1, a)
        return bytes([message.M1]) + a + self.mac1

    def receive_handshake(self, kind, data):
        if kind == message.REFUSE:
            return self.receive_refusal(data)
        if kind != message.M2:
            raise Ended("not M2")
        self.handshake.read(data[1:])
        m3 = bytes([message.M3]) + self.handshake.write()
        self.transport = Transport(self.handshake, HUB)
        return [m3]

    def receive_refusal(self, data):
        reason, epoch, tag = data[1], int.from_bytes(data[2:6], "big"), data[6:]
        key = keys.refusal_key(self.mac_key, noise.dh(self.ephemeral, self.code.public_key))
        if not hmac.compare_digest(tag, keys.refusal_tag(key, self.nonce, reason, epoch, self.mac1)):
            return []
        raise Refused(reason, epoch)

    def receive_body(self, kind, body):
        if kind == HELLO:
            return [self.stage(body)]
        if kind == SYNC:
            return [self.sync(body)]
        if kind == REPORT:
            return [self.accept(body[1])]
        return self.receive_done(kind, body)

    def stage(self, hello):
        self.epoch = max(self.epoch, hello[3]) + 1
        if not message.is_uint32(self.epoch):
            raise Ended("no epoch is left")
        supplied = half.numbers(self.hub_half, half.SUPPLY)
        values = dict(self.code.configuration)
        values.update({number: value for number, value in self.values.items() if number in supplied | values.keys()})
        if not supplied <= values.keys():
            self.fail(message.MISSING)
        return self.transport.send(
            STAGE,
            {
                1: self.epoch,
                2: self.psk_own(self.epoch),
                3: self.code.hash,
                4: self.fail_safe,
                5: self.device_half,
                6: values,
            },
        )

    def sync(self, body):
        if not self.points or body[1] != self.points.pop(0):
            raise Ended("another point than the hub's half has")
        return self.transport.send(SYNC, body)

    def accept(self, report):
        identity = {2: self.code.public_key, 6: keys.device_id(self.code.public_key)}
        if self.code.serial is not None:
            identity[1] = self.code.serial
        if (
            self.points
            or not message.is_table(report, half.ITEMS)
            or not half.numbers(self.hub_half, half.EXPECT) <= report.keys()
            or not half.numbers(self.hub_half, half.FORWARD) <= report.keys() | set(half.KNOWN_TO_HUB)
            or any(report.get(number, value) != value for number, value in identity.items())
            or any(isinstance(value, str) and not half.printable(value) for value in report.values())
        ):
            self.fail(message.NOT_ACCEPTED)
        try:
            self.commit(self.epoch, self.static, self.psk_own(self.epoch), report)
        except OSError:
            self.fail(message.HUB_STORAGE)
        return self.transport.send(COMMIT, {1: self.epoch})

    def fail(self, failure):
        body = {1: failure}
        raise Failed(body, self.transport.send(FAIL, body))


class Ownership(Session):
    """The session of a device this hub owns, or has committed."""

    def __init__(self, public_key, nonce, static, ephemeral, psk_own, epoch):
        super().__init__()
        self.nonce, self.epoch, self.psk_own = nonce, epoch, psk_own
        self.handshake = noise.Handshake(
            "KKpsk2",
            True,
            keys.prologue(keys.OWNERSHIP, keys.device_id(public_key), nonce),
            psk_own,
            static,
            ephemeral,
            public_key,
        )

    def start(self):
        a = self.handshake.write()
        return bytes([message.K1]) + a + keys.mac1(keys.own_mac_key(self.psk_own), self.nonce, message.K1, a)

    def receive_handshake(self, kind, data):
        if kind != message.K2:
            raise Ended("not K2")
        self.handshake.read(data[1:])
        self.transport = Transport(self.handshake, HUB)
        return [self.transport.send(COMMIT, {1: self.epoch})]

    def receive_body(self, kind, body):
        return self.receive_done(kind, body)
