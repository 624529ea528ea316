#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A minimal hub over a Unix socket, made from doc/protocol.md and doc/code.md: one device, a file for a store.

    hub.py enroll CODE --issuer ISSUER --store FILE --socket PATH [--value NUMBER=TEXT ...] [--lose KIND]
    hub.py visit --store FILE --socket PATH [--set CHANNEL=on ...] [--get CHANNEL ...] [--readings N] [--release]

enroll takes the text or binary of a code and the issuer's public file, and prints what it understood and what the
device said. visit is the session of an owned device; it finishes an enrollment whose last messages were lost.
Exit status: 0 done, 1 not, 3 the device belongs to somebody.
"""

import argparse
import configparser
import json
import os
import sys

sys.dont_write_bytecode = True

import stream
from device import from_json, to_json, write_private
from enrolld import code, half, hub, keys, message, noise, session

PATIENCE = 5  # s
EXIT_OWNED = 3
FAIL_SAFE = 20


def read_code(path):
    with open(path, "rb") as file:
        given = file.read()
    return given if given[:1] == code.HEAD[:1] else given.decode("ascii", "replace")


def read_issuer(path):
    parser = configparser.ConfigParser()
    parser.read(path)
    names = {"channel.publish": half.PUBLISH, "channel.command": half.COMMAND, "key.forward": half.KEY_FORWARD}
    asked = parser.get("issuer", "capabilities", fallback="").split()
    public_key = bytes.fromhex(parser.get("issuer", "key"))
    return code.Issuer(public_key, sum(map(names.get, asked)), parser.get("issuer", "products", fallback="*"))


class Store:
    """The hub's keys, and the row of the device once there is one."""

    def __init__(self, path):
        self.path = path
        if os.path.exists(path):
            with open(path) as file:
                self.content = from_json(json.load(file))
        else:
            self.content = {"private": os.urandom(32), "keys": {}, "row": None}
            self.write()

    def write(self):
        write_private(self.path, to_json(self.content))

    def psk_own(self, epoch):
        """Durable before STAGE says it."""
        if epoch not in self.content["keys"]:
            self.content["keys"][epoch] = os.urandom(32)
            self.write()
        return self.content["keys"][epoch]

    def commit(self, epoch, report, public_key):
        self.content["row"] = {"epoch": epoch, "report": report, "public_key": public_key, "settled": False}
        self.write()

    def settle(self):
        self.content["row"]["settled"] = True
        self.write()


class Visit:
    """One link and the session over it."""

    def __init__(self, path, patience, adv_key=None):
        self.stream = stream.Stream.connect(path)
        self.stream.open(bytes([message.PROBE]))
        self.end, self.lose = None, None
        self.least = patience
        announce = self.stream.receive(patience)
        if message.check(announce) != message.ANNOUNCE:
            raise session.Ended("no ANNOUNCE")
        self.nonce = announce[1:6]
        if adv_key and keys.state_of(adv_key, self.nonce, announce[6:]) is None:
            raise session.Ended("another device's announcement")

    def patience(self):
        """Until REPORT or the next SYNC the device runs its half."""
        transport = self.end.transport
        if transport and transport.after in (message.STAGE, session.AFTER_HUBS_SYNC):
            return max(half.patience(self.end.device_half))
        return self.least

    def send(self, wire):
        transport = self.end.transport
        if self.lose and transport and self.lose == transport.after and transport.side == session.HUB:
            raise stream.Lost(f"as asked, at {message.NAMES[self.lose]}")
        self.stream.send(wire)

    def until_done(self, end):
        self.end = end
        self.stream.send(end.start())
        try:
            while not end.done:
                for answer in end.receive(self.stream.receive(self.patience())):
                    self.send(answer)
        except hub.Failed as failed:
            if failed.last:
                self.stream.send(failed.last)
            raise

    def readings(self, wanted, seconds=PATIENCE):
        """Prints readings until there were so many."""
        seen = []
        self.end.on_data = lambda reading, number: seen.append((number, reading))
        while len(seen) < wanted:
            self.end.receive(self.stream.receive(seconds))
        for number, reading in seen:
            print("data", number, json.dumps(reading), flush=True)

    def command(self, wire, seconds=PATIENCE):
        """Says a command, and prints its answer."""
        answers = []
        self.end.on_data = lambda reading, number: print("data", number, json.dumps(reading), flush=True)
        self.end.on_result = lambda *answer: answers.append(answer)
        self.stream.send(wire)
        while not answers:
            self.end.receive(self.stream.receive(seconds))
        outcome, readings, text = answers[0]
        print("result", outcome, json.dumps(readings or {}), text or "", flush=True)

    def release(self, seconds=PATIENCE):
        self.stream.send(self.end.release())
        while not self.end.released:
            self.end.receive(self.stream.receive(seconds))
        print("released", flush=True)
        self.stream.close()

    def bye(self):
        self.stream.send(self.end.bye())
        self.stream.close()


def enroll(options):
    store = Store(options.store)
    opened = code.read(read_code(options.code), [read_issuer(options.issuer)])
    print(f"code of {opened.maker} {opened.model}, device {keys.device_id(opened.public_key).hex()}")
    visit = Visit(options.socket, options.patience, keys.advertisement_key(opened.secret))
    given = dict(pair.split("=", 1) for pair in options.value)
    values = {
        5: bytes(32), 6: "hub.py", 7: noise.public_key(store.content["private"]),
        **{int(number): value for number, value in given.items()},
    }  # fmt: skip

    def commit(epoch, static, psk_own, report):
        store.commit(epoch, report, opened.public_key)

    end = hub.Enrollment(
        opened, visit.nonce, store.content["private"], os.urandom(32), values, store.psk_own, commit, FAIL_SAFE
    )
    visit.lose = next((kind for kind, name in message.NAMES.items() if name == options.lose), None)
    visit.until_done(end)
    store.settle()
    finish(visit, store, options)


def visit_owned(options):
    store = Store(options.store)
    row = store.content["row"]
    visit = Visit(options.socket, options.patience)
    psk_own = store.psk_own(row["epoch"])
    static = store.content["private"]
    visit.until_done(hub.Ownership(row["public_key"], visit.nonce, static, os.urandom(32), psk_own, row["epoch"]))
    store.settle()
    finish(visit, store, options)


def finish(visit, store, options):
    row = store.content["row"]
    print(f"done, epoch {row['epoch']}")
    for number, value in sorted(row["report"].items()):
        print(f"item {number}:", value.hex() if isinstance(value, bytes) else value)
    visit.readings(options.readings)
    for pair in options.set:
        channel, value = pair.split("=", 1)
        visit.command(visit.end.set({int(channel): int(value) if value.isdigit() else value == "on"}))
    if options.get:
        visit.command(visit.end.get(options.get))
    if options.release:
        visit.release()
    else:
        visit.bye()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("enroll")
    verb.add_argument("code")
    verb.add_argument("--issuer", required=True)
    verb.add_argument("--value", action="append", default=[], metavar="NUMBER=TEXT")
    verb.add_argument("--lose", choices=["STAGE", "COMMIT"], help="the link, instead of saying this")
    verb.set_defaults(run=enroll)
    verbs.add_parser("visit").set_defaults(run=visit_owned)
    for verb in verbs.choices.values():
        verb.add_argument("--store", required=True)
        verb.add_argument("--socket", required=True)
        verb.add_argument("--set", action="append", default=[], metavar="CHANNEL=on", help="or =off, or =NUMBER")
        verb.add_argument("--get", action="append", default=[], type=int, metavar="CHANNEL")
        verb.add_argument("--release", action="store_true", help="let the device go")
        verb.add_argument("--readings", type=int, default=1)
        verb.add_argument("--patience", type=float, default=PATIENCE, metavar="SECONDS", help="for each answer")
    options = parser.parse_args()
    try:
        options.run(options)
    except hub.Refused as refused:
        print(refused)
        return EXIT_OWNED
    except (session.Ended, stream.Lost, code.Refused) as error:
        print(f"not done: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
