#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A plug or a lock on a Unix socket: the devices of doc/examples/plug-one.yaml and lock-one.yaml.

The protocol is that of tests/vectors; here are the boards. A line on standard input is what a person does at the device:
the name of a channel and the word that it says, as in "ring press", at once or when the hub is connected. Prints a line for each thing that happens.

    thing.py plug|lock IDENTITY STATE SOCKET
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vectors"))

import device
from enrolld import half, message


class Board(device.Board):
    """A board of channels: {number: (name, value, the values that can be set)}; None: it is for the hub to read."""

    channels = {}

    def __init__(self, identity, path):
        super().__init__(identity, path)
        self.values = {number: value for number, (_, value, _) in self.channels.items() if value is not None}
        self.happened = {}  # what is said once

    def call(self, function, arguments):
        raise device.device.StepFailed(message.FUNCTION)

    def item(self, number):
        return [half.ENROLLMENT] if number == 4 else super().item(number)

    def command(self, kind, content):
        if not set(content) <= set(self.channels):
            return message.NO_CHANNEL, None, None
        if kind == message.GET:
            return message.OK, {number: self.values[number] for number in content if number in self.values}, None
        if not all(self.channels[number][2] for number in content):
            return message.WRONG_DIRECTION, None, None
        if not all(self.channels[number][2](value) for number, value in content.items()):
            return message.BAD_VALUE, None, "this device cannot do that"
        for number, value in content.items():
            device.say(f"{self.channels[number][0]} = {json.dumps(value)}")
            self.obey(number, value)
        self.has_changed = True
        return message.OK, content, None

    def obey(self, number, value):
        self.values[number] = value

    def readings(self):
        said = {**self.values, **self.happened}
        self.happened = {}
        return said


def is_switch(value):
    return isinstance(value, bool)


class Plug(Board):
    channels = {
        1: ("state", False, is_switch),
        2: ("power", 0, None),
        3: ("energy", [1250, -2], None),
        4: ("limit", 3680, lambda value: value in range(100, 3681, 10)),
    }

    def obey(self, number, value):
        super().obey(number, value)
        self.values[2] = [425, -1] if self.values[1] else 0


class Lock(Board):
    channels = {
        1: ("state", "locked", None),
        2: ("command", None, lambda value: value in ("lock", "unlock")),
        3: ("ring", None, None),
        4: ("battery", 87, None),
    }

    def obey(self, number, value):
        self.values[1] = value + "ed"


BOARDS = {"plug": Plug, "lock": Lock}


def main(kind, identity, state, path):
    with open(identity) as file:
        host = device.Host(json.load(file), state, path, BOARDS[kind])

    def on_line():
        line = sys.stdin.readline()
        if not line:
            host.selector.unregister(sys.stdin)
            return
        name, word = line.split()
        [number] = [number for number, channel in host.board.channels.items() if channel[0] == name]
        host.board.happened[number] = word
        device.say(line.strip())
        if host.stream and host.device.ready:
            host.tell()
        else:
            host.device.call_hub()

    host.watch(sys.stdin, on_line)
    host.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
