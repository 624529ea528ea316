#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A device in another language: a thermometer on a Unix socket that any hub can enroll.

Made from doc/protocol.md and doc/code.md; the protocol is in enrolld/, here are the board, the clock and the socket.
Functions: 1 sets the interval of its readings (argument 1, in s), 2 blinks. Channel 1 is the temperature, 2 the lamp.
Prints a line for each thing that happens.
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import sys
import time

sys.dont_write_bytecode = True

import stream
from enrolld import device, half, keys, message, noise

STATES = {keys.FACTORY: "FACTORY", keys.PENDING: "PENDING", keys.OWNED: "OWNED"}
TEMPERATURE, LAMP = 1, 2
INTERVAL = 1  # argument 1, and function 1 that takes it
BLINK = 2
DEFAULT_INTERVAL = 60


def say(*words):
    print(*words, flush=True)


def write_private(path, content):
    """Replaces a file as a whole, durably."""
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)
    directory = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def to_json(value):
    """JSON has no bytes and no numbers for keys."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {"map": [[key, to_json(item)] for key, item in value.items()]}
    return value


def from_json(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]) if "hex" in value else {key: from_json(item) for key, item in value["map"]}
    return value


class Board:
    """What the device is beside the protocol."""

    def __init__(self, identity, path):
        self.identity, self.path = identity, path
        self.public_key = noise.public_key(bytes.fromhex(identity["private_key"]))
        self.interval, self.lamp = DEFAULT_INTERVAL, False
        self.configuration = {}
        self.has_changed = False

    def load(self):
        if not os.path.exists(self.path):
            return device.Record()
        with open(self.path) as file:
            kept = json.load(file)
        self.interval = kept["interval"]
        record = device.Record(**{name: from_json(value) for name, value in kept["record"].items()})
        self.configuration = record.configuration
        return record

    def save(self, record):
        kept = {name: to_json(value) for name, value in record.__dict__.items()}
        write_private(self.path, {"interval": self.interval, "record": kept})

    def configure(self, configuration):
        self.configuration = configuration

    def call(self, function, arguments):
        if function not in (INTERVAL, BLINK):
            raise device.StepFailed(message.FUNCTION)
        before = self.interval
        if function == BLINK:
            say("blinks")
        elif not 1 <= arguments.get(INTERVAL, 0) <= 86400:
            raise device.StepFailed(message.STEP, "an interval is 1 s to a day")
        else:
            self.interval = arguments[INTERVAL]
        return before

    def undo(self, function, before):
        if function == INTERVAL:
            self.interval = before
        say(f"undoes function {function}")

    def item(self, number):
        items = {
            1: self.identity.get("serial"),
            2: self.public_key,
            3: self.identity.get("software", "python"),
            4: [INTERVAL, BLINK, half.ENROLLMENT],
            5: self.identity.get("model"),
            6: keys.device_id(self.public_key),
        }
        if items.get(number) is None:
            raise device.StepFailed(message.STEP, f"there is no item {number}")
        return items[number]

    def command(self, kind, content):
        if not set(content) <= {TEMPERATURE, LAMP}:
            return message.NO_CHANNEL, None, None
        if kind == message.GET:
            return message.OK, {number: value for number, value in self.readings().items() if number in content}, None
        if TEMPERATURE in content:
            return message.WRONG_DIRECTION, None, None
        if not all(isinstance(value, bool) for value in content.values()):
            return message.BAD_VALUE, None, "a lamp is on or off"
        for self.lamp in content.values():
            self.has_changed = True
            say(f"lamp {'on' if self.lamp else 'off'}")
        return message.OK, content, None

    def readings(self):
        return {TEMPERATURE: [215 + int(time.time()) % 5, -1], LAMP: self.lamp}


class Timer:
    """One-shot, on a clock that runs on steadily."""

    def __init__(self):
        self.due = None

    def start(self, seconds):
        self.due = None if seconds is None else time.monotonic() + seconds

    def left(self):
        return None if self.due is None else max(0, self.due - time.monotonic())

    def is_over(self):
        return self.due is not None and self.left() == 0


class Host:
    """The device, its socket and its clock; what its board is, the caller says."""

    def __init__(self, identity, state, path, board=Board):
        self.secret = bytes.fromhex(identity.pop("secret"))  # as the factory stored it
        self.board = board(identity, state)
        self.device = device.Device(
            bytes.fromhex(identity["private_key"]), self.secret, self.board, self.board.load(), os.urandom
        )  # fmt: skip
        self.patience, self.fail_safe, self.reading, self.nonce = Timer(), Timer(), Timer(), Timer()
        self.nonce.start(device.NONCE_LIFE)
        self.seen = None
        self.note_state()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        self.listener.listen()
        self.stream = None
        self.watch(self.listener, self.accept)

    def watch(self, source, on_ready):
        """From now on, @on_ready is called when @source has something to read."""
        self.selector.register(source, selectors.EVENT_READ, on_ready)

    def note_state(self):
        """Follows the record: what is pending has a time."""
        record = self.device.record
        if (record.state, record.epoch) == self.seen:
            return
        self.seen = (record.state, record.epoch)
        if record.state == keys.FACTORY and not record.fused:
            self.device.secret = self.secret
        say(f"state {STATES[record.state]} epoch {record.epoch} name {self.board.configuration.get(1, '-')}")
        self.fail_safe.start(record.fail_safe if record.state == keys.PENDING else None)

    def let_go(self):
        if self.stream:
            self.selector.unregister(self.stream)
            self.stream.close()
            self.stream = None
            self.device.end()

    def accept(self):
        """The last who comes is the hub."""
        self.let_go()
        self.stream = stream.Stream(self.listener.accept()[0])
        self.watch(self.stream, self.hear)

    def send(self, data):
        """A hub that has gone may have left messages; the end of the stream comes behind them."""
        with contextlib.suppress(stream.Lost):
            self.stream.send(data)

    def hear(self):
        for data in self.stream.read():
            was_ready = self.device.ready
            for answer in self.device.receive(data):
                self.send(answer)
            self.note_state()
            self.patience.start(self.device.patience)
            if self.device.ready and not was_ready:
                say("connected to its hub")
            if self.device.ready and (self.board.has_changed or not was_ready):
                self.tell()

    def tell(self):
        self.board.has_changed = False
        self.send(self.device.data(self.board.readings()))
        self.reading.start(self.board.interval)

    def tick(self):
        if self.fail_safe.is_over():
            say("nobody finished in time")
            self.fail_safe.start(None)
            self.device.expire()
            self.note_state()
        if self.patience.is_over():
            self.patience.start(None)
            self.device.end()
        if self.nonce.is_over():
            self.nonce.start(device.NONCE_LIFE)
            self.device.age()
        if self.reading.is_over():
            self.reading.start(None)
            if self.stream and self.device.ready:
                self.tell()

    def run(self):
        say("listens")
        while True:
            times = [timer.left() for timer in (self.patience, self.fail_safe, self.reading, self.nonce)]
            ready = self.selector.select(min((left for left in times if left is not None), default=None))
            try:
                for key, _ in ready:
                    key.data()
                self.tick()
            except stream.Lost:
                self.let_go()


def make(options):
    """Makes a device: the card for the maker of its code, and the device's own part."""
    private, secret = os.urandom(32), os.urandom(32)
    card = {"serial": options.serial, "maker": options.maker, "model": options.model}
    public_key = noise.public_key(private).hex()
    write_private(options.name + ".json", {**card, "public_key": public_key, "secret": secret.hex(), "reach": ["stream"]})
    own = {"private_key": private.hex(), "secret": secret.hex(), "software": "python-1"}
    write_private(options.name + ".device", {**own, **card})


def run(options):
    with open(options.identity) as file:
        Host(json.load(file), options.state, options.socket).run()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("make", help="make NAME.json, its card for enroll-code, and NAME.device, its own part")
    verb.add_argument("name")
    verb.add_argument("--maker", default="Nordlicht")
    verb.add_argument("--model", default="Thermo One")
    verb.add_argument("--serial", default="PY-0001")
    verb.set_defaults(run=make)
    verb = verbs.add_parser("run", help="be the device")
    verb.add_argument("identity", help="NAME.device")
    verb.add_argument("--state", required=True, help="a file: its memory")
    verb.add_argument("--socket", required=True, help="where it listens")
    verb.set_defaults(run=run)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
