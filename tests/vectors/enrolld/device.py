# SPDX-License-Identifier: Apache-2.0
"""The device's end: its record, its half's steps, and both sessions (doc/protocol.md sections 4 to 7).

No link, clock or file: the owner gives in messages, says when a time has passed, and keeps the record.
"""

import hmac

from . import half, keys, message, noise
from .keys import FACTORY, OWNED, PENDING, WAITING
from .message import BYE, COMMIT, DATA, DONE, FAIL, GET, HELLO, RELEASE, RELEASED, REPORT, RESULT, SET, STAGE, SYNC
from .session import DEVICE, OPEN, START_OWNED, Ended, Transport

PATIENCE, PATIENCE_FOR_COMMIT = 10, 30  # s without a message of the hub
NONCE_LIFE = 900  # s
EPOCH_STEP_MAX = 1024  # by which one STAGE raises the epoch


class StepFailed(Exception):
    """A step of the half did not work; .failure is the number for FAIL, .text is for people."""

    def __init__(self, failure, text=None):
        super().__init__(text)
        self.failure, self.text = failure, text


class Record:
    """What the device keeps durably."""

    def __init__(self, **fields):
        self.state, self.epoch, self.hub_key, self.psk_own, self.code_hash = FACTORY, 0, None, None, None
        self.fail_safe = 0
        self.configuration, self.undo = {}, []
        self.flags = 0  # of finish, from STAGE on
        self.fused = False
        self.__dict__.update(fields)

    def to_factory(self):
        return Record(epoch=self.epoch, fused=self.fused)


class Run:
    """The device's half on its way through its steps, from STAGE to REPORT."""

    def __init__(self, stage, board):
        self.stage, self.board = stage, board
        self.index = 0  # of the step that runs
        self.report = {}
        self.configuration, self.undo = {}, []
        self.flags = 0

    def until_sync(self):
        """Runs on to the next sync and returns its point, None at the end."""
        steps = self.stage[5]
        while self.index < len(steps):
            verb, *arguments = steps[self.index]
            if verb == half.SYNC:
                self.index += 1
                return arguments[0]
            self.step(verb, arguments)
            self.index += 1
        return None

    def step(self, verb, arguments):
        if verb == half.REQUIRE:
            if not set(arguments) <= self.stage[6].keys():
                raise StepFailed(message.MISSING)
        elif verb == half.SET:
            self.configuration.update(self.pairs(arguments, half.PARAMETERS))
        elif verb == half.CALL:
            self.undo.append([arguments[0], self.board.call(arguments[0], self.arguments(arguments))])
        elif verb == half.REPORT:
            self.report.update((number, self.board.item(number)) for number in arguments)
        else:
            self.flags = arguments[0]

    def arguments(self, arguments):
        return self.pairs(arguments[1:], half.ARGUMENTS)

    def pairs(self, arguments, table):
        return {number: self.value(value, table[number]) for number, value in zip(arguments[::2], arguments[1::2])}

    def value(self, argument, name):
        number = half.reference(argument)
        value = argument if number is None else self.stage[6][number]
        if not half.is_type(value, name):
            raise StepFailed(message.MISSING)
        return value


class Device:
    """board has call(function, arguments) -> what undo(function, it) needs, item(number), configure(configuration),
    command(kind, content) -> (outcome, readings or None, text or None), save(record), and randomness; call and item
    raise StepFailed. content is the readings of SET, or the channels of GET."""

    def __init__(self, private, secret, board, record=None, random=None):
        self.private, self.public_key = private, noise.public_key(private)
        self.secret, self.board, self.random = secret, board, random
        self.record = record or Record()
        self.identifier = keys.device_id(self.public_key)
        self.adv_key, self.mac_key = keys.advertisement_key(secret), keys.mac_key(secret)
        self.forget_secret()
        self.boot_id = random(8)
        self.nonce = random(5)
        self.listening = False  # for the first message of a session
        self.handshake = self.transport = self.run = None
        self.number = 0  # of the next DATA
        self.waiting = False  # it has something to say, and no hub has come since
        self.spent = False  # the nonce was used by a session, or has been advertised for too long

    # --- link ---

    def advertisement(self):
        state = WAITING if self.waiting and self.record.state == OWNED else self.record.state
        return self.nonce + keys.tag(self.adv_key, self.nonce, state)

    def call_hub(self):
        """The board has something to say and no hub is there."""
        if not self.waiting:
            self.waiting = True
            self.age()

    def renew(self):
        self.nonce, self.spent = self.random(5), False

    def open(self):
        """A link came up: whatever was before is over."""
        self.end()
        self.listening = True

    def end(self):
        """The session is over; on a stream the device falls silent until the next PROBE."""
        if self.run:
            self.undo(self.run.undo)
        self.handshake = self.transport = self.run = None
        self.listening = False
        if self.spent:
            self.renew()

    def age(self):
        """The nonce has been advertised for NONCE_LIFE: a hub that has heard it may still answer to it."""
        if self.listening or self.handshake:
            self.spent = True
        else:
            self.renew()

    @property
    def patience(self):
        """Seconds to wait for the hub's next message, None outside a session and when DONE was sent."""
        if self.handshake is None or (self.transport and self.transport.after in OPEN):
            return None
        commit_is_next = self.transport and self.transport.after in (REPORT, START_OWNED)
        return PATIENCE_FOR_COMMIT if commit_is_next else PATIENCE

    def receive(self, data):
        """The messages to answer with."""
        if data == bytes([message.PROBE]):
            self.open()
            return [bytes([message.ANNOUNCE]) + self.advertisement()]
        try:
            return self.dispatch(message.check(data), data)
        except (Ended, noise.Failed, message.Wrong):
            self.end()
            return []

    def dispatch(self, kind, data):
        if self.transport:
            if kind != message.TRANSPORT:
                raise Ended("a handshake message in the session")
            return self.receive_body(*self.transport.receive(data))
        if self.handshake:
            return self.receive_m3(kind, data)
        if not self.listening:
            raise Ended("silent")
        if kind == message.M1:
            return self.receive_m1(data)
        if kind == message.K1:
            return self.receive_k1(data)
        raise Ended("not a first message")

    # --- handshakes ---

    def receive_m1(self, data):
        a, mac1 = data[1:49], data[49:]
        if not hmac.compare_digest(mac1, keys.mac1(self.mac_key, self.nonce, message.M1, a)):
            raise Ended("a wrong mac1")
        if self.record.state == OWNED or self.record.fused or self.secret is None:
            return self.refuse(message.OWNED_BY_SOMEBODY, a[:32], mac1)
        self.spent = True
        return self.answer("XKpsk3", keys.ENROLLMENT, keys.psk(self.secret), None, message.M2, a)

    def receive_k1(self, data):
        a, mac1 = data[1:49], data[49:]
        if self.record.state == FACTORY:
            raise Ended("nobody owns the device")
        wanted = keys.mac1(keys.own_mac_key(self.record.psk_own), self.nonce, message.K1, a)
        if not hmac.compare_digest(mac1, wanted):
            raise Ended("a wrong mac1")
        self.spent = True
        answer = self.answer("KKpsk2", keys.OWNERSHIP, self.record.psk_own, self.record.hub_key, message.K2, a)
        self.transport = Transport(self.handshake, DEVICE)
        return answer

    def answer(self, pattern, role, psk, hub_key, kind, a):
        prologue = keys.prologue(role, self.identifier, self.nonce)
        self.handshake = noise.Handshake(pattern, False, prologue, psk, self.private, self.random(32), hub_key)
        self.handshake.read(a)
        return [bytes([kind]) + self.handshake.write()]

    def refuse(self, reason, ephemeral, mac1):
        key = keys.refusal_key(self.mac_key, noise.dh(self.private, ephemeral))
        tag = keys.refusal_tag(key, self.nonce, reason, self.record.epoch, mac1)
        self.spent = True
        self.end()
        return [bytes([message.REFUSE, reason]) + self.record.epoch.to_bytes(4, "big") + tag]

    def receive_m3(self, kind, data):
        if kind != message.M3:
            raise Ended("not M3")
        self.handshake.read(data[1:])
        self.transport = Transport(self.handshake, DEVICE)
        hello = {1: message.VERSION, 2: self.record.state, 3: self.record.epoch, 4: self.boot_id}
        return [self.transport.send(HELLO, hello)]

    # --- session ---

    def receive_body(self, kind, body):
        if kind == STAGE:
            return self.stage(body)
        if kind == SYNC:
            return self.sync(body)
        if kind == COMMIT:
            return self.commit(body)
        if kind == FAIL:
            self.fall_back()
        if kind in (SET, GET):
            return self.command(kind, body)
        if kind == RELEASE:
            return self.release(body)
        if kind in (FAIL, BYE):
            self.end()
        return []

    def stage(self, body):
        self.fall_back()
        if not 1 <= body[1] - self.record.epoch <= EPOCH_STEP_MAX:
            return self.fail(message.EPOCH)
        try:
            half.check_device_half(body[5])
        except half.Malformed:
            return self.fail(message.MALFORMED)
        if not message.is_table(body[6], half.PARAMETERS):
            return self.fail(message.MISSING)
        self.run = Run(body, self.board)
        return self.proceed()

    def proceed(self):
        try:
            point = self.run.until_sync()
        except StepFailed as error:
            return self.fail(error.failure, self.run.index, error.text)
        if point is not None:
            return [self.transport.send(SYNC, {1: point})]
        return self.report()

    def sync(self, body):
        if [half.SYNC, body[1]] != self.run.stage[5][self.run.index - 1]:
            raise Ended("another point")
        return self.proceed()

    def report(self):
        run, self.run = self.run, None
        record = Record(
            state=PENDING,
            epoch=run.stage[1],
            hub_key=self.handshake.remote,
            psk_own=run.stage[2],
            code_hash=run.stage[3],
            fail_safe=run.stage[4],
            configuration=run.configuration,
            undo=run.undo,
            flags=run.flags,
        )
        try:
            self.keep(record)
        except OSError:
            self.run = run
            return self.fail(message.STORAGE)
        return [self.transport.send(REPORT, {1: run.report})]

    def fail(self, failure, index=None, text=None):
        body = {1: failure, 2: index, 3: text}
        fail = self.transport.send(FAIL, {key: value for key, value in body.items() if value is not None})
        self.fall_back()
        self.end()
        return [fail]

    def commit(self, body):
        if body[1] != self.record.epoch or self.record.state == FACTORY:
            raise Ended("another epoch")
        if self.record.state == PENDING:
            fused = bool(self.record.flags & half.FUSE)
            try:
                self.keep(Record(**{**self.record.__dict__, "state": OWNED, "fused": fused}))
            except OSError:
                return self.fail(message.STORAGE)
            self.forget_secret()
        self.waiting = False
        return [self.transport.send(DONE, {1: self.record.epoch, 2: self.boot_id})]

    def data(self, readings):
        """The message that tells readings, by channel number."""
        self.number += 1
        return self.transport.send(DATA, {1: readings, 2: self.number - 1})

    def command(self, kind, body):
        outcome, readings, text = self.board.command(kind, body[2])
        result = {1: body[1], 2: outcome, 3: readings, 4: text}
        return [self.transport.send(RESULT, {key: value for key, value in result.items() if value is not None})]

    def release(self, body):
        if body[1] != self.record.epoch:
            raise Ended("another epoch")
        calls = self.record.undo
        try:
            self.keep(self.record.to_factory())
        except OSError:
            return self.fail(message.STORAGE)
        self.undo(calls)
        released = self.transport.send(RELEASED, {1: self.record.epoch})
        self.end()
        return [released]

    @property
    def ready(self):
        """Whether DATA may be sent."""
        return self.transport is not None and self.transport.after in OPEN

    # --- ownership ---

    def keep(self, record):
        changed = record.state != self.record.state
        self.board.save(record)
        self.record = record
        self.board.configure(record.configuration)
        self.spent = self.spent or changed

    def forget_secret(self):
        """What the half's finish asks for: only a new start after a reset brings the secret back."""
        if self.record.state == OWNED and self.record.flags & (half.ERASE | half.FUSE):
            self.secret = None

    def undo(self, calls):
        for function, before in reversed(calls):
            self.board.undo(function, before)

    def fall_back(self):
        """PENDING that is not to be: FACTORY, the epoch kept."""
        if self.record.state == PENDING:
            self.undo(self.record.undo)
            self.keep(self.record.to_factory())

    def expire(self):
        """The fail-safe timer ran out."""
        self.fall_back()
        self.end()
        self.renew()

    def reset(self):
        """A person reset the device at the device."""
        self.undo(self.record.undo)
        self.keep(self.record.to_factory())
        self.end()
        self.renew()
