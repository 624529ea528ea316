#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes enrolld.json, the vectors that the C code is held against; the same every time.

Usage: generate.py           writes enrolld.json beside this file
       generate.py --check   fails if it is not what would be written

Bytes are hexadecimal. Every vector has a kind, which says how to read it: see README.md.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

from enrolld import cbor, code, device, half, hub, keys, link, message, noise, session, text

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "enrolld.json"


def fixed(first, size):
    """Bytes that count up: easy to tell apart in a dump."""
    return bytes((first + i) % 256 for i in range(size))


ISSUER_SEED = fixed(0x10, 32)
ISSUER = code.Issuer(code.issuer_public_key(ISSUER_SEED))
DEVICE_PRIVATE = fixed(0x30, 32)
DEVICE_PUBLIC = noise.public_key(DEVICE_PRIVATE)
DEVICE_ID = keys.device_id(DEVICE_PUBLIC)
SECRET = fixed(0x50, 32)
HUB_PRIVATE = fixed(0x70, 32)
HUB_PUBLIC = noise.public_key(HUB_PRIVATE)
BOOT_ID = fixed(0xB0, 8)

SERIAL, SOFTWARE, MODEL, FUNCTIONS = "NL-0001", "1.0", "Thermo One", [1, 2, 3]


def psk_own(epoch):
    return fixed(0x90 + epoch, 32)


def nonce(number):
    return fixed(0xC0 + 8 * number, 5)


def hub_ephemeral(number):
    return fixed(0x11 + 32 * number, 32)


def device_ephemeral(number):
    return fixed(0x22 + 32 * number, 32)


# --- codes ---

HUB_HALF = [
    [half.SUPPLY, 1, 2],
    [half.DELIVER],
    [half.EXPECT, 1, 2, 3, 4],
    [half.CHANNEL, 1, "temperature", "temperature", "°C", 1, 60],
    [half.FORWARD, 2, 6],
]
DEVICE_HALF = [
    [half.REQUIRE, 1, 2],
    [half.SET, 1, [1], 2, [2]],
    [half.CALL, 1, 1, 60],
    [half.REPORT, 1, 2, 3, 4],
    [half.FINISH, half.ERASE],
]
SYNC_HUB_HALF = [[half.SUPPLY, 1], [half.DELIVER], [half.SYNC, 7], [half.SYNC, 8], [half.EXPECT, 1]]
SYNC_DEVICE_HALF = [
    [half.REQUIRE, 1], [half.CALL, 1, 1, 5], [half.SYNC, 7], [half.SET, 1, [1]], [half.SYNC, 8], [half.REPORT, 1, 6],
]  # fmt: skip


def payload(hub_half=(), device_half=((half.REPORT, 1),), remove=(), **changes):
    """A payload's map; changes by k and number, as k8=1."""
    fields = {1: 1, 4: ["Nordlicht", MODEL], 5: DEVICE_PUBLIC, 6: SECRET, 9: [[list(hub_half), list(device_half)]]}
    fields.update((int(key[1:]), value) for key, value in changes.items())
    return {key: value for key, value in fields.items() if key not in remove}


def full(**changes):
    return payload(HUB_HALF, DEVICE_HALF, **{"k8": half.PUBLISH | half.KEY_FORWARD, **changes})


def big(size):
    """A code of about that many bytes: the maker's own values fill it."""
    steps, fields = [], None
    while fields is None or len(code.sign(fields, ISSUER_SEED)) < size:
        steps.append([half.SET, 64 + len(steps), fixed(len(steps), 60)])
        fields = payload([], [*steps, [half.REPORT, 1]])
    return fields


def filling(size):
    """Texts of the maker's own parameters that have so many bytes together with their numbers."""
    texts = []
    while size > 0:
        n = 68 if size >= 96 else size - 28 if size > 68 else size
        texts.append("x" * (n - 4))
        size -= n
    return dict(zip(range(64, 128), texts))


def longest(configuration):
    """A device half of 1,024 bytes, the name, and a configuration of so many bytes without its head."""
    steps = [[half.SET, *sum(filling(size).items(), ())] for size in (272, 272, 272, 199)]
    return payload([[half.SUPPLY, 1], [half.DELIVER]], steps, k11=filling(configuration))


def several():
    return payload(
        k3=9,
        k7=3,
        k8=3,
        k9=[[HUB_HALF[:-1], DEVICE_HALF], [[[2], [4, 2, "valve", "", "", 2, 0]], []], [[], [[16, 3], [19, 3]]], [[], [[19, 5]]]],
        k10=SERIAL,
        k11={3: "me", 8: 1700000000, 9: -91, 64: True, 65: b"\x01", 127: -(2**63)},
    )  # fmt: skip


VALID = {
    "words by number": payload([[2], [4, 1, 1, 1, 128, 1, 60], [4, 2, 55, 54, 165, 2, 0], [4, 3, 36, "", 36, 1, 0]], [], k8=3),
    "a channel of each type": payload([
        [2], [4, 1, 39, "", "", 3, 0, 0, 1], [4, 2, 42, 1, 128, 3, 0, [0, 50, 300, -1, 5], 1], [4, 3, 44, 46, "", 3, 0, 1],
        [4, 4, 40, "", "", 3, 0, [2, 69, 68, "party"]], [4, 5, "name", "", "", 3, 0, 3], [4, 6, "line", "", "", 2, 0, [3, 16]],
        [4, 7, 51, 51, "", 2, 0, 4], [4, 8, 50, "", "", 1, 0, [5, 79, 80]], [4, 9, 5, 5, 131, 1, 3600, [0, 0, 100], 2],
        [4, 10, "far", "", "", 1, 0, [0, -(2**63), 2**63 - 1, 18, 2**63 - 1]], [4, 11, "near", "", "", 1, 0, [0, 0, 0, -18]],
        [7, 30 * 86400],
    ], [], k8=3),
    "a lock": payload(
        [[2], [4, 1, 41, 48, "", 1, 0, [2, 56, 57, 61]], [4, 2, 88, "", "", 2, 0, [2, 48, 58]], [8, 2, 1, 2], [7, 3600]], [], k8=3
    ),
    "a lock of one switch": payload([[2], [4, 1, 41, "", "", 3, 0, 1], [8, 2, 1], [7, 0]], [], k8=3),
    "a light": payload(
        [[2], [4, 1, 41, "", "", 3, 0, 1], [4, 2, 38, "", "", 3, 0, [0, 0, 254]], [4, 3, 86, "", 130, 3, 0, [0, 2200, 6500]],
         [8, 1, 1, 2, 3], [4, 4, "night", "", "", 2, 0, 1], [8, 1, 4, 0, 0]], [], k8=3
    ),
    "a cover": payload(
        [[2], [4, 1, 85, "", 131, 3, 0, [0, 0, 100]], [4, 2, 41, "", "", 1, 0, [2, 62, 64, 65]],
         [4, 3, 88, "", "", 2, 0, [2, 62, 63, 66]], [8, 3, 1, 2, 3]], [], k8=3
    ),
    "a cover with a position only": payload([[2], [4, 1, 85, "", 131, 3, 0, [0, 0, 100]], [8, 3, 1]], [], k8=3),
    "a climate": payload(
        [[2], [4, 1, 42, 1, 128, 3, 0, [0, 50, 300, -1, 5]], [4, 2, 1, 1, 128, 1, 60], [4, 3, 40, "", "", 3, 0, [2, 68, 70]],
         [8, 4, 1, 2, 3]], [], k8=3
    ),
    "smallest": payload(),
    "device half only": payload([], DEVICE_HALF[2:]),
    "hub half only": payload([[half.DELIVER], [half.FORWARD, 2, 5, 6]], [], k8=half.KEY_FORWARD),
    "both halves": full(),
    "with points": payload(SYNC_HUB_HALF, SYNC_DEVICE_HALF),
    "everything optional": full(k2=0x100, k3=2**32 - 1, k7=3, k10=SERIAL, k11={14: "", 127: False}),
    "several applications": several(),
    "600 bytes": big(600),
    "1,000 bytes": big(1000),
    "an integer reference takes an unsigned parameter": payload(
        [[half.SUPPLY, 8, 64], [half.DELIVER]], [[half.REQUIRE, 8, 64], [half.CALL, 1, 2, [8], 4, [64], 70, [8]]]
    ),
    "a secret key that is forwarded": payload([[half.DELIVER], [half.FORWARD, 7]], [[half.REPORT, 7]], k8=half.KEY_FORWARD),
    "as much as can be sent": longest(1900 - 1024 - 1 - 3),
    "the longest values": payload([], [[half.REPORT, 1]], k11=filling(1024 - 1)),
    "labels of 32 bytes": payload(k4=["N" * 32, "é" * 16]),
    "printable, next to what is not": payload(k4=["\u00a0\u00ae\u200a\u2010\u2027\u202f\ufdcf", "\ufdf0\ufffd\U0001fffd\U000e0100"]),
    "32 steps, one of 16 arguments": payload([], [[half.REPORT, *range(64, 80)], *[[half.REPORT, 1]] * 31]),
    "the same number in two steps": payload(
        [[half.SUPPLY, 1], [half.SUPPLY, 1], [half.DELIVER], [half.EXPECT, 1], [half.EXPECT, 1]],
        [[half.REQUIRE, 1], [half.REQUIRE, 1], [half.SET, 1, [1]], [half.SET, 1, "x"], [half.CALL, 1, 1, 60],
         [half.CALL, 1, 1, 60], [half.REPORT, 1], [half.REPORT, 1]],
    ),
}

STEP_FAULTS = {
    "an unknown verb": ([[21]], None),
    "a verb of the other side": ([[half.DELIVER]], None),
    "a hub's verb of the other side": (None, [[half.DELIVER], [half.REPORT, 1]]),
    "an empty step": ([[]], None),
    "a step that is no array": ([16], None),
    "33 steps": ([[half.REPORT, 1]] * 33, None),
    "17 arguments": ([[half.REPORT, *range(64, 81)]], None),
    "an item twice in a report": ([[half.REPORT, 1, 2, 1]], None),
    "an item twice in an expect": ([[half.REPORT, 1]], [[half.DELIVER], [half.EXPECT, 1, 1]]),
    "a parameter twice in a supply": (None, [[half.SUPPLY, 1, 1], [half.DELIVER]]),
    "a parameter twice in a set": ([[half.SET, 64, 1, 64, 1]], None),
    "an argument twice in a call": ([[half.CALL, 1, 1, 60, 1, 60]], None),
    "more than 1,024 bytes": ([[half.SET, 64 + i, fixed(i, 60)] for i in range(17)], None),
    "a text of 65 bytes": ([[half.SET, 1, "x" * 65]], None),
    "a text where a key belongs": ([[half.SET, 5, "x"]], None),
    "bytes of another size": ([[half.SET, 5, bytes(31)]], None),
    "a negative unsigned": ([[half.CALL, 1, 1, -1]], None),
    "an integer of 64 bits": ([[half.SET, 9, 2**63]], None),
    "a boolean where text belongs": ([[half.SET, 1, True]], None),
    "an odd number of arguments": ([[half.SET, 1]], None),
    "set without arguments": ([[half.SET]], None),
    "parameter 15": ([[half.REQUIRE, 15]], None),
    "parameter 128": ([[half.REQUIRE, 128]], None),
    "function 0": ([[half.CALL, 0]], None),
    "function 3": ([[half.CALL, half.ENROLLMENT]], None),
    "function 256": ([[half.CALL, 256]], None),
    "argument 7": ([[half.CALL, 1, 7, 1]], None),
    "item 8": ([[half.REPORT, 8]], None),
    "point 256": ([[half.SYNC, 256]], [[half.DELIVER], [half.SYNC, 256]]),
    "flags of 4": ([[half.FINISH, 4]], None),
    "finish before the end": ([[half.FINISH, 1], [half.REPORT, 1]], None),
    "a reference to what is not required": ([[half.SET, 1, [1]]], None),
    "a reference before its require": ([[half.SET, 1, [1]], [half.REQUIRE, 1]], [[half.SUPPLY, 1], [half.DELIVER]]),
    "a reference of another type": ([[half.REQUIRE, 1], [half.SET, 5, [1]]], [[half.SUPPLY, 1], [half.DELIVER]]),
    "a reference of two numbers": ([[half.REQUIRE, 1], [half.SET, 1, [1, 1]]], [[half.SUPPLY, 1], [half.DELIVER]]),
    "an integer parameter for an unsigned": ([[half.REQUIRE, 9], [half.CALL, 1, 1, [9]]], [[1, 9], [half.DELIVER]]),
    "what nobody supplies": ([[half.REQUIRE, 1]], [[half.SUPPLY, 2], [half.DELIVER]]),
    "what nobody reports": ([[half.REPORT, 1]], [[half.DELIVER], [half.EXPECT, 3]]),
    "forwarded and not reported": ([[half.REPORT, 1]], [[half.DELIVER], [half.FORWARD, 3]]),
    "a secret key that is forwarded and not reported": ([[half.REPORT, 1]], [[half.DELIVER], [half.FORWARD, 7]]),
    "no deliver": ([[half.REPORT, 1]], [[half.SUPPLY, 1]]),
    "two deliver": ([[half.REPORT, 1]], [[half.DELIVER], [half.DELIVER]]),
    "supply after deliver": ([[half.REPORT, 1]], [[half.DELIVER], [half.SUPPLY, 1]]),
    "expect before deliver": ([[half.REPORT, 1]], [[half.EXPECT, 1], [half.DELIVER]]),
    "sync before deliver": ([[half.SYNC, 1]], [[half.SYNC, 1], [half.DELIVER]]),
    "sync after expect": ([[half.SYNC, 1], [half.REPORT, 1]], [[half.DELIVER], [half.EXPECT, 1], [half.SYNC, 1]]),
    "sync on one side": ([[half.SYNC, 1]], None),
    "points in another order": ([[6, 1], [6, 2]], [[half.DELIVER], [6, 2], [6, 1]]),
    "a channel twice": (None, [[2], [4, 1, "a", "", "", 1, 0], [4, 1, "b", "", "", 1, 0]]),
    "a leaf twice": (None, [[2], [4, 1, "a", "", "", 1, 0], [4, 2, "a", "", "", 1, 0]]),
    "channel 0": (None, [[2], [4, 0, "a", "", "", 1, 0]]),
    "a leaf with a slash": (None, [[2], [4, 1, "a/b", "", "", 1, 0]]),
    "no leaf": (None, [[2], [4, 1, "", "", "", 1, 0]]),
    "a leaf of 17": (None, [[2], [4, 1, "a" * 17, "", "", 1, 0]]),
    "a class of 25": (None, [[2], [4, 1, "a", "a" * 25, "", 1, 0]]),
    "a unit of 9": (None, [[2], [4, 1, "a", "", "x" * 9, 1, 0]]),
    "a unit that turns the text": (None, [[2], [4, 1, "a", "", "\u202e", 1, 0]]),
    "a word of number 89": (None, [[2], [4, 1, 89, "", "", 1, 0]]),
    "a word of number 166": (None, [[2], [4, 1, "a", "", 166, 1, 0]]),
    "a unit for a leaf": (None, [[2], [4, 1, 131, "", "", 1, 0]]),
    "a word too long for a unit": (None, [[2], [4, 1, "a", "", 1, 1, 0]]),
    "a leaf twice, once by number": (None, [[2], [4, 1, 1, "", "", 1, 0], [4, 2, "temperature", "", "", 1, 0]]),
    "a leaf that is true": (None, [[2], [4, 1, True, "", "", 1, 0]]),
    "direction 4": (None, [[2], [4, 1, "a", "", "", 4, 0]]),
    "both directions without the capability for one": (None, [[2], [4, 1, "a", "", "", 3, 0]]),
    "a channel without a period": (None, [[2], [4, 1, "a", "", "", 1]]),
    "type 6": (None, [[2], [4, 1, "a", "", "", 1, 0, 6]]),
    "category 3": (None, [[2], [4, 1, "a", "", "", 1, 0, 0, 3]]),
    "a third argument behind the period": (None, [[2], [4, 1, "a", "", "", 1, 0, 0, 0, 0]]),
    "a type in an array alone": (None, [[2], [4, 1, "a", "", "", 1, 0, [0]]]),
    "a switch with limits": (None, [[2], [4, 1, "a", "", "", 1, 0, [1, 0, 1]]]),
    "a range without an end": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 1]]]),
    "a range that begins above its end": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 2, 1]]]),
    "a step of 0": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 1, 2, 0, 0]]]),
    "a negative step": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 1, 2, 0, -1]]]),
    "an exponent of 19": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 1, 2, 19]]]),
    "an exponent of -19": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 1, 2, -19]]]),
    "a limit of 64 bits": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 0, 2**63]]]),
    "a limit that is a text": (None, [[2], [4, 1, "a", "", "", 1, 0, [0, 0, "1"]]]),
    "an enumeration without words": (None, [[2], [4, 1, "a", "", "", 1, 0, 2]]),
    "an enumeration of one word": (None, [[2], [4, 1, "a", "", "", 1, 0, [2, 67]]]),
    "an enumeration of 13 words": (None, [[2], [4, 1, "a", "", "", 1, 0, [2, *range(1, 14)]]]),
    "a word twice": (None, [[2], [4, 1, "a", "", "", 1, 0, [2, 67, "on"]]]),
    "a word with a blank": (None, [[2], [4, 1, "a", "", "", 1, 0, [2, 67, "o n"]]]),
    "an event without words": (None, [[2], [4, 1, "a", "", "", 1, 0, 5]]),
    "a text of no length": (None, [[2], [4, 1, "a", "", "", 1, 0, [3, 0]]]),
    "a text of length 65": (None, [[2], [4, 1, "a", "", "", 1, 0, [3, 65]]]),
    "a text of two lengths": (None, [[2], [4, 1, "a", "", "", 1, 0, [3, 1, 2]]]),
    "a switch with a unit": (None, [[2], [4, 1, "a", "", 131, 1, 0, 1]]),
    "a button that is published": (None, [[2], [4, 1, "a", "", "", 1, 0, 4]]),
    "an event with a period": (None, [[2], [4, 1, "a", "", "", 1, 60, [5, 79]]]),
    "a presence of a year": (None, [[2], [7, 365 * 86400]]),
    "a presence without an argument": (None, [[2], [7]]),
    "two of presence": (None, [[2], [7, 0], [7, 60]]),
    "presence before deliver": (None, [[7, 0], [2]]),
    "sync after presence": ([[6, 1]], [[2], [7, 0], [6, 1]]),
    "a group without a kind": (None, [[2], [8]]),
    "a group of kind 5": (None, [[2], [4, 1, "a", "", "", 1, 0, 1], [8, 5, 1]]),
    "a group of no channels": (None, [[2], [8, 3]]),
    "a group of channels that are not there": (None, [[2], [8, 1, 1]]),
    "a period of a day and a second": (None, [[2], [4, 1, "a", "", "", 1, 86401]]),
    "a command without the capability": (None, [[2], [4, 1, "a", "", "", 2, 0]]),
}

# A half of the hub that may publish and command, and whose groups are wrong.
LIGHT, DIMMER = [4, 1, "a", "", "", 3, 0, 1], [4, 2, "b", "", "", 3, 0, [0, 0, 254]]
GROUP_FAULTS = {
    "a group before its channel": [[8, 1, 1], LIGHT],
    "a light without a state": [LIGHT, DIMMER, [8, 1, 0, 2]],
    "a light of a number": [LIGHT, DIMMER, [8, 1, 2]],
    "a brightness without a range": [LIGHT, [4, 2, "b", "", "", 3, 0], [8, 1, 1, 2]],
    "a light that takes no commands": [[4, 1, "a", "", "", 1, 0, 1], [8, 1, 1]],
    "a light with four roles": [LIGHT, DIMMER, [8, 1, 1, 2, 0, 0]],
    "a channel in two roles": [[4, 1, "a", "", "", 3, 0, [0, 0, 1]], [8, 4, 1, 1]],
    "a channel in two groups": [LIGHT, [8, 1, 1], [8, 1, 1]],
    "a lock without commands": [[4, 1, "a", "", "", 1, 0, 1], [8, 2, 1]],
    "a lock without the words": [[4, 1, "a", "", "", 3, 0, [2, 67, 68]], [8, 2, 1]],
    "a button that is published and takes commands": [[4, 1, "a", "", "", 3, 0, 4]],
    "an event that takes commands": [[4, 1, "a", "", "", 3, 0, [5, 79]]],
}

MALFORMED = {
    **{name: payload([[2], *steps], [], k8=3) for name, steps in GROUP_FAULTS.items()},
    "format 0": payload(k1=0),
    "format as text": payload(k1="1"),
    "a version of 17 bits": payload(k2=65536),
    "a counter of 33 bits": payload(k3=2**32),
    "no product": payload(remove=(4,)),
    "a maker with a slash": payload(k4=["a/b", "c"]),
    "an empty model": payload(k4=["a", ""]),
    "a model of 33 bytes": payload(k4=["a", "x" * 33]),
    "a maker with a line end": payload(k4=["a\n", "c"]),
    "a maker with a zero-width joiner": payload(k4=["a\u200db", "c"]),
    "a maker with a soft hyphen": payload(k4=["a\u00adb", "c"]),
    "a maker with an invisible tag": payload(k4=["a\U000e0041", "c"]),
    "a model with a noncharacter": payload(k4=["a", "b\ufdd0"]),
    "a model with the last character of a plane": payload(k4=["a", "b\U0010ffff"]),
    "a model with the last but one of a plane": payload(k4=["a", "b\ufffe"]),
    "three names": payload(k4=["a", "b", "c"]),
    "a public key of 31 bytes": payload(k5=bytes(31)),
    "a secret of 33 bytes": payload(k6=bytes(33)),
    "no secret": payload(remove=(6,)),
    "reach 0": payload(k7=0),
    "reach 4": payload(k7=4),
    "capabilities 8": payload(k8=8),
    "no applications": payload(k9=[]),
    "five applications": payload(k9=[[[], [[19, 1]]]] * 5),
    "both halves empty": payload(k9=[[[], []]]),
    "three halves": payload(k9=[[[], [[19, 1]], []]]),
    "several applications, and the last malformed": payload(k9=[[[], [[half.REPORT, 1]]], [[], [[21]]]]),
    "a channel in two applications": payload(
        k8=1, k9=[[[[2], [4, 1, "a", "", "", 1, 0]], []], [[[2], [4, 1, "b", "", "", 1, 0]], []]]
    ),
    "an empty serial": payload(k10=""),
    "an empty configuration": payload(k11={}),
    "a configuration of another type": payload(k11={1: 1}),
    "a configuration of parameter 15": payload(k11={15: "x"}),
    "a list in the configuration": payload(k11={64: [1]}),
    "a byte more than can be sent": longest(1900 - 1024 - 1 - 3 + 1),
    "a byte more than values may have": payload([], [[half.REPORT, 1]], k11=filling(1024)),
    "payload key 12": payload(k12=1),
    "forward without the capability": payload([[2], [5, 2]], []),
}


def raw_payloads():
    """Payloads that are no deterministic CBOR, or no map."""
    good = cbor.encode(payload())
    after_head = good[1:]
    return {
        "a payload of no bytes": b"",
        "a payload that is an array": b"\x81\x01",
        "a payload with a byte behind it": good + b"\0",
        "a payload without its last byte": good[:-1],
        "a map of indefinite length": b"\xbf" + after_head + b"\xff",
        "a head that is too long": b"\xb8\x05" + after_head,
        "a number that is too long": good[:1] + b"\x01\x18\x01" + good[3:],
        "keys out of order": good[:1] + good[3:] + good[1:3],
        "a key twice": bytes([good[0] + 1]) + good[1:3] + good[1:],
        "text that is not UTF-8": cbor.encode(payload(k4=["ab", "c"])).replace(b"ab", b"a\xff"),
        "text with a surrogate": cbor.encode(payload(k4=["abc", "c"])).replace(b"abc", b"\xed\xa0\x80"),
        "a float": cbor.encode(payload(k2=1)).replace(b"\x02\x01", b"\x02\xf9\x3c\x00"),
        "null": cbor.encode(payload(k2=1)).replace(b"\x02\x01", b"\x02\xf6"),
        "a tag": cbor.encode(payload(k2=1)).replace(b"\x02\x01", b"\x02\xc1\x01"),
    }


def code_vector(name, given, issuer=None, **hub_side):
    """A code and what becomes of it; the reason and the content come from reading it."""
    issuer = issuer or ISSUER
    vector = {
        "kind": "code",
        "name": name,
        "issuer": {"public_key": issuer.public_key, "capabilities": issuer.capabilities, "products": issuer.products},
        "hub": {"daemon": 0x100, "counter": 0, "capabilities": half.ALL, **hub_side},
        "text" if isinstance(given, str) else "binary": given,
    }
    try:
        opened = code.read(given, [issuer], **vector["hub"])
    except code.Refused as refused:
        return {**vector, "reason": str(refused)}
    content = {name: getattr(opened, name) for name in ("maker", "model", "public_key", "secret", "capabilities")}
    content.update((name, getattr(opened, name)) for name in ("daemon", "counter", "reach", "hash"))
    content["serial"] = opened.serial or ""
    content["device_id"] = keys.device_id(opened.public_key)
    content["applications"] = [[cbor.encode(side) for side in pair] for pair in opened.applications]
    return {**vector, "reason": "none", "content": content}


def envelope_faults():
    good = code.sign(payload(), ISSUER_SEED)
    at_signature = len(good) - 64
    unsigned = code.envelope(ISSUER.kid, cbor.encode(payload()), b"")
    flipped = bytearray(good)
    flipped[at_signature - 10] ^= 1
    yield "nothing", b""
    yield "one byte of an envelope", good[:1]
    yield "another byte", b"\xd1"
    yield "another file", b"%PDF-1.7"
    yield "a first byte and white space", b"\xd2 "
    yield "another tag", b"\xd1" + good[1:]
    yield "an array of three", b"\xd2\x83" + good[2:]
    yield "another algorithm", good.replace(b"\x01\x27\x04", b"\x01\x26\x04", 1)
    yield "unprotected content", good.replace(b"\xa0", b"\xa1\x01\x01", 1)
    yield "a payload head that is too long", good[:17] + b"\x59\x00" + good[18:]
    yield "a signature of 63 bytes", good[: at_signature - 2] + b"\x58\x3f" + good[at_signature:-1]
    yield "a byte behind the envelope", good + b"\0"
    yield "2,954 bytes", code.envelope(ISSUER.kid, bytes(2954 - 86), bytes(64))
    yield "unsigned", unsigned
    yield "unsigned and cut", unsigned[:-1]
    yield "another issuer's", code.sign(payload(), fixed(0x11, 32))
    yield "a wrong signature", good[:-1] + bytes([good[-1] ^ 1])
    yield "a changed payload", bytes(flipped)
    for size in (2, 7, 15, 16, 17, 18, 19, 100, at_signature - 1, at_signature, len(good) - 1):
        yield f"the first {size} bytes", good[:size]


def text_faults():
    wrong = code.sign(payload(), ISSUER_SEED)
    wrong = wrong[:-1] + bytes([wrong[-1] ^ 1])
    good = code.to_text(code.sign(payload(), ISSUER_SEED))
    odd = code.to_text(code.sign(payload(k4=["Nordlicht", "Thermo Two1"]), ISSUER_SEED))
    yield "lower-case prefix and white space", "\t\n enr1:" + good[5:] + " \r\n"
    yield "of the other length", odd
    yield "lower case", good.lower()
    yield "no prefix", good[5:]
    yield "a prefix only", "ENR1:"
    yield "half a prefix", "ENR1"
    yield "no number", "ENR:" + good[5:]
    yield "number 2", "ENR2:" + good[5:]
    yield "number 10", "ENR10:" + good[5:]
    yield "number 01", "ENR01:" + good[5:]
    yield "a character outside the alphabet", good[:40] + "#" + good[41:]
    yield "a character outside the alphabet beside another", good[:40] + "#" + good[40:]
    yield "a line end inside", good[:40] + "\n" + good[40:]
    yield "lines of 40 characters", "\r\n".join(good[i : i + 40] for i in range(0, len(good), 40))
    yield "lines of 40 characters, quoted", "".join(f"> {good[i : i + 40]}\n" for i in range(0, len(good), 40))
    yield "a line for each word", good.replace(" ", "\n")
    yield "indented lines of 40 characters", "\n    ".join(good[i : i + 40] for i in range(0, len(good), 40))
    yield "no-break spaces", good.replace(" ", "\u00a0")
    yield "no-break hyphens", good.replace("-", "\u2011")
    yield "a soft hyphen and a zero-width space", good[:60] + "\u00ad" + good[60:90] + "\u200b" + good[90:]
    yield "a byte order mark", "\ufeff" + good
    yield "typographic quotation marks", f"\u201c{good}\u201d"
    yield "text around", f"Dear Ada,\nthe code is {good}\nRegards, Bob"
    yield "the prefix in the text before", f"It begins with ENR1: and is {good}"
    yield "an older code before", f"ENR2:ABC {good}"
    yield "two characters lost", good[:60] + good[62:]
    yield "lines of 40 characters and a wrong signature", "\n".join(
        other[i : i + 40] for other in [code.to_text(wrong)] for i in range(0, len(other), 40)
    )
    yield "a group that is too big", good[:41] + ":::" + good[44:]
    paste = code.to_paste(code.sign(payload(), ISSUER_SEED))
    yield "text to paste, upper-case prefix and white space", "\t\n ENR1." + paste[5:] + " \r\n"
    yield "text to paste, a prefix only", "enr1."
    yield "text to paste, lower case", paste.lower()
    yield "text to paste, lines of 40 characters", "\n> ".join(paste[i : i + 40] for i in range(0, len(paste), 40))
    yield "text to paste, text around", f"Dear Ada,\nthe code is {paste}. Regards, Bob"
    yield "text to paste, a wrong signature", code.to_paste(wrong)
    yield "text to paste, a wrong signature and a line end inside", code.to_paste(wrong)[:50] + "\n" + code.to_paste(wrong)[50:]
    yield "text to paste, number 2", "enr2." + paste[5:]
    yield "text to paste, behind the prefix of the other", "ENR1:" + paste[5:]
    for size in (1, 2, 3, 4, 30, 31, 32, len(paste) - 5 - 1, len(paste) - 5 - 2, len(paste) - 5 - 3):
        yield f"text to paste, the first {size} characters", paste[: 5 + size]
    yield "an address", "https://example.com/ENR1:"
    yield "another content in Base45", "ENR1:" + text.encode(b"Hello!!")
    yield "another content, cut", "ENR1:" + text.encode(b"Hello!!")[:-1]
    yield "a character behind a whole code", good + ("0" if (len(good) - 5) % 3 == 0 else "00")
    yield "two characters for more than a byte behind a whole code", odd[:-2] + "::" if len(odd) % 3 == 1 else good + "::"
    for size in (1, 2, 3, 4, 30, 31, 32, len(good) - 5 - 1, len(good) - 5 - 2, len(good) - 5 - 3):
        yield f"the first {size} characters", good[: 5 + size]


def codes():
    for name, fields in VALID.items():
        binary = code.sign(fields, ISSUER_SEED)
        code.read(binary, [ISSUER])
        yield code_vector(f"{name}, binary", binary)
        yield code_vector(f"{name}, text", code.to_text(binary))
        yield code_vector(f"{name}, text to paste", code.to_paste(binary))
    for name, given in (*envelope_faults(), *text_faults()):
        yield code_vector(name, given)
    for name, (device_half, hub_half) in STEP_FAULTS.items():
        yield code_vector(name, code.sign(payload(hub_half or [], device_half or [], k8=1), ISSUER_SEED))
    for name, fields in (*MALFORMED.items(), *raw_payloads().items()):
        yield code_vector(name, code.sign(fields, ISSUER_SEED))
    yield code_vector("format 2", code.sign({1: 2}, ISSUER_SEED))
    yield code_vector("format 2, and nothing else we know", code.sign(b"\xa2\x01\x02\xf6\xf6", ISSUER_SEED))
    yield code_vector("a newer daemon", code.sign(payload(k2=0x101), ISSUER_SEED))
    newer = cbor.encode(payload(k2=0x101))
    yield code_vector("a newer daemon, and a key that is not known", code.sign(payload(k2=0x101, k12=1), ISSUER_SEED))
    yield code_vector("a newer daemon, and a verb that is not known", code.sign(payload([], [[21]], k2=0x101), ISSUER_SEED))
    yield code_vector("a newer daemon, and what is not CBOR", code.sign(newer[:7] + b"\xff" * 20, ISSUER_SEED))
    yield code_vector("a newer daemon, behind what is malformed", code.sign(payload(k1=0, k2=0x101), ISSUER_SEED))
    yield code_vector("the newest daemon there can be", code.sign(payload(k2=65535), ISSUER_SEED))
    yield code_vector("this daemon", code.sign(payload(k2=0x101), ISSUER_SEED), daemon=0x101)
    yield code_vector("an older counter", code.sign(payload(k3=4), ISSUER_SEED), counter=5)
    yield code_vector("the same counter", code.sign(payload(k3=5), ISSUER_SEED), counter=5)
    yield code_vector("more than the hub allows", code.sign(full(), ISSUER_SEED), capabilities=half.PUBLISH)
    ceiling = code.Issuer(ISSUER.public_key, half.PUBLISH)
    yield code_vector("more than the issuer may", code.sign(full(), ISSUER_SEED), ceiling)
    product = code.Issuer(ISSUER.public_key, half.ALL, "Nordlicht/Lamp* Nordlicht/Thermo?Two")
    yield code_vector("another product", code.sign(full(), ISSUER_SEED), product)
    product = code.Issuer(ISSUER.public_key, half.ALL, "Sued/* Nordlicht/Thermo?One")
    yield code_vector("one of the issuer's products", code.sign(full(), ISSUER_SEED), product)
    accented = code.sign(full(k4=["Nordlicht", "Thérmo/One"]), ISSUER_SEED)
    for patterns in ("Nordlicht/Th??rmo*", "Nordlicht/Th?rmo*", "Nordlicht/Th[!a]?rmo[/]One", "*One", "nordlicht/*", ""):
        product = code.Issuer(ISSUER.public_key, half.ALL, patterns)
        yield code_vector(f"products {patterns}", accented, product)


# --- what is below the session ---

CBOR = [
    "00", "17", "1818", "18ff", "190100", "1a00010000", "1b0000000100000000", "1bffffffffffffffff", "20", "3bffffffffffffffff",
    "40", "6161", "80", "a0", "f4", "f5", "a2010203f4", "a22001206161", "8181818181" + "80", "818181818181" + "80",
    "a10181a10181a10180", "a10181a10181a1018180", "a1810100", "a1a000", "a2200061610 0".replace(" ", ""), "a2616100200 0".replace(" ", ""),
    "", "1800", "1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1c", "1f", "5f40ff", "7f60ff", "9fff", "bfff", "c100", "f6", "f7",
    "f0", "f818", "f820", "f93c00", "fa3f800000", "ff", "0000", "61ff", "62c080", "63eda080", "64f4908080", "62c3a9", "64f09f9880",
    "a201000100", "a202000100", "5803010203", "5801", "81", "9a7fffffff", "bb7fffffffffffffff", "9bffffffffffffffff", "5bffffffffffffffff",
]  # fmt: skip


def cbor_vectors():
    for item in map(bytes.fromhex, CBOR):
        try:
            yield {"kind": "cbor", "bytes": item, "valid": cbor.encode(cbor.decode(item)) == item}
        except cbor.Malformed:
            yield {"kind": "cbor", "bytes": item, "valid": False}


def text_vectors():
    for data in (b"AB", b"Hello!!", b"base-45", b"ietf!", b"\0", b"\xff", b"\xff\xff", fixed(0, 256)):
        yield {"kind": "base45", "bytes": data, "text": text.encode(data)}
        yield {"kind": "base64url", "bytes": data, "text": text.encode_url(data)}


def key_vectors():
    for number in range(3):
        secret, public = fixed(0x50 * number, 32), noise.public_key(fixed(0x30 + number, 32))
        yield {
            "kind": "keys",
            "secret": secret,
            "public_key": public,
            "psk_own": psk_own(number),
            "device_id": keys.device_id(public),
            "psk": keys.psk(secret),
            "adv_key": keys.advertisement_key(secret),
            "mac_key": keys.mac_key(secret),
            "own_mac_key": keys.own_mac_key(psk_own(number)),
        }
        for state in (keys.FACTORY, keys.PENDING, keys.OWNED, keys.WAITING):
            tag = keys.tag(keys.advertisement_key(secret), nonce(number), state)
            yield {"kind": "advertisement", "secret": secret, "nonce": nonce(number), "state": state, "tag": tag}
        for kind in (message.M1, message.K1):
            a, key = fixed(number, 48), keys.mac_key(secret)
            value = keys.mac1(key, nonce(number), kind, a)
            yield {"kind": "mac1", "mac_key": key, "nonce": nonce(number), "type": kind, "a": a, "mac1": value}


def fragment_vectors():
    for mtu in (23, 185, 247, 517):
        fragmenter, assembler = link.Fragmenter(mtu), link.Assembler()
        messages = [fixed(1, 1), fixed(2, 65), fixed(3, 19), fixed(4, 20), fixed(5, 243), fixed(6, 244), fixed(7, 2048)]
        fragments = [fragment for whole in messages for fragment in fragmenter.split(whole)]
        assert [whole for fragment in fragments if (whole := assembler.add(fragment))] == messages
        yield {"kind": "fragments", "att_mtu": mtu, "messages": messages, "fragments": fragments}
    for name, fragments in {
        "a header alone": ["c0"],
        "nothing": [""],
        "the second number first": ["c101"],
        "a number twice": ["c001", "c001"],
        "a number left out": ["8001", "4201"],
        "no first": ["4001"],
        "first in the middle": ["8001", "8101"],
        "first after last is in turn": ["c001", "c101"],
        "2,049 bytes": ["80" + "00" * 2048, "4100"],
    }.items():
        assembler, whole, broken = link.Assembler(), [], False
        try:
            whole = [done for item in fragments if (done := assembler.add(bytes.fromhex(item)))]
        except link.Broken:
            broken = True
        yield {"kind": "reassembly", "name": name, "fragments": fragments, "broken": broken}


def stream_vectors():
    messages = [b"\x10", b"\0", b"\0\0", b"\x01\0\x02", fixed(1, 253), fixed(1, 254), fixed(1, 255), fixed(1, 254) + b"\0"]
    messages += [fixed(1, 255) + fixed(1, 255), b"\x05" * 508, b"\x05" * 509, b"\x05" * 2048, bytes(2048), fixed(0, 2048)]
    for whole in messages:
        frame = link.cobs_encode(whole)
        assert link.StreamReceiver().add(b"\0" + frame) == [whole]
        yield {"kind": "cobs", "message": whole, "frame": frame}
    for name, stream in {
        "zeros": "000000",
        "an empty message": "0100",
        "a block cut short": "05010200" + "0210 00".replace(" ", ""),
        "a full block with an empty one behind it": "ff" + "05" * 254 + "0100",
        "noise before a message": "a1b2c300" + "021000",
        "2,049 bytes, then a message": link.cobs_encode(b"\x05" * 2049).hex() + "021000",
        "a message that does not end": "0210",
    }.items():
        data = bytes.fromhex(stream)
        yield {"kind": "stream", "name": name, "bytes": data, "messages": link.StreamReceiver().add(data)}


# --- bodies ---

GOOD_READINGS = [{}, {1: 215, 2: -5, 3: [215, -1], 4: True, 5: "on", 255: 0}, {1: [-(2**63), 18], 2: 2**63 - 1}, {9: "x" * 64}]
BAD_READINGS = [
    {0: 1}, {256: 1}, {1: b"x"}, {1: [1]}, {1: [1, 19]}, {1: [1, -19]}, {1: ["1", 0]}, {1: {}}, {1: 2**63}, {1: "x" * 65}, [1],
    {-1: True}, {"a": True},
]  # fmt: skip

BODIES = {
    message.HELLO: (
        [{1: 1, 2: 0, 3: 0, 4: bytes(8)}, {1: 1, 2: 1, 3: 2**32 - 1, 4: bytes(8)}],
        [{1: 2, 2: 0, 3: 0, 4: bytes(8)}, {1: 1, 2: 2, 3: 0, 4: bytes(8)}, {1: 1, 2: 0, 3: 2**32, 4: bytes(8)},
         {1: 1, 2: 0, 3: 0, 4: bytes(7)}, {1: 1, 2: 0, 3: 0}, {1: 1, 2: 0, 3: 0, 4: bytes(8), 5: 0}, [], 1],
    ),
    message.STAGE: (
        [{1: 0, 2: bytes(32), 3: bytes(32), 4: 10, 5: [], 6: {}}, {1: 1, 2: bytes(32), 3: bytes(32), 4: 10, 5: [], 6: {}}, {1: 2**32 - 1, 2: bytes(32), 3: bytes(32), 4: 900, 5: [[19, 1]], 6: {1: "x"}}],
        [{1: 2**32, 2: bytes(32), 3: bytes(32), 4: 10, 5: [], 6: {}}, {1: 1, 2: bytes(31), 3: bytes(32), 4: 10, 5: [], 6: {}},
         {1: 1, 2: bytes(32), 3: bytes(33), 4: 10, 5: [], 6: {}}, {1: 1, 2: bytes(32), 3: bytes(32), 4: 9, 5: [], 6: {}},
         {1: 1, 2: bytes(32), 3: bytes(32), 4: 901, 5: [], 6: {}}, {1: 1, 2: bytes(32), 3: bytes(32), 4: 10, 5: {}, 6: {}},
         {1: 1, 2: bytes(32), 3: bytes(32), 4: 10, 5: [], 6: []}],
    ),
    message.REPORT: ([{1: {}}, {1: {1: "x", 4: [1, 2], 64: True}}], [{}, {1: []}, {1: {}, 2: 0}]),
    message.COMMIT: ([{1: 0}, {1: 2**32 - 1}], [{}, {1: -1}, {1: 2**32}, {2: 1}]),
    message.DONE: ([{1: 7, 2: bytes(8)}], [{1: "7", 2: bytes(8)}, {1: 7, 2: bytes(7)}, {1: 7}, {1: 7, 2: bytes(8), 3: 0}]),
    message.SYNC: ([{1: 0}, {1: 255}], [{1: 256}, {}]),
    message.FAIL: (
        [{1: 1}, {1: 255}, {1: 3, 2: 0}, {1: 3, 2: 2**15 - 1, 3: "x" * 64}, {1: 3, 3: ""}],
        [{}, {1: 0}, {1: 256}, {1: 1, 2: -1}, {1: 1, 2: 2**15}, {1: 1, 3: "x" * 65}, {1: 1, 3: b"x"}, {1: 1, 4: 1}, {2: 1}],
    ),
    message.DATA: (
        [{1: readings, 2: 0} for readings in GOOD_READINGS] + [{1: {}, 2: 2**32 - 1}],
        [{1: readings, 2: 0} for readings in BAD_READINGS] + [{1: {}}, {1: {}, 2: {}}, {1: {}, 2: 2**32}, {1: {}, 2: -1}, {1: {}, 2: 0, 3: 0}, {}],
    ),
    message.SET: (
        [{1: 0, 2: readings} for readings in GOOD_READINGS] + [{1: 2**32 - 1, 2: {2: True}}],
        [{1: 0, 2: readings} for readings in BAD_READINGS] + [{1: 2**32, 2: {}}, {1: -1, 2: {}}, {1: 0}, {2: {}}, {1: 0, 2: {}, 3: 0}],
    ),
    message.BYE: ([{}], [{1: 1}, []]),
    message.GET: (
        [{1: 0, 2: [1]}, {1: 2**32 - 1, 2: [2, 255]}, {1: 1, 2: list(range(1, 17))}],
        [{1: 0, 2: []}, {1: 0, 2: [0]}, {1: 0, 2: [256]}, {1: 0, 2: [1, 1]}, {1: 0, 2: [2, 1]}, {1: 0, 2: list(range(1, 18))}, {1: 0, 2: ["1"]},
         {1: 0, 2: {1: 1}}, {1: 2**32, 2: [1]}, {1: 0}, {1: 0, 2: [1], 3: 0}],
    ),
    message.RESULT: (
        [{1: 0, 2: 0}, {1: 2**32 - 1, 2: 255, 3: {2: True}, 4: "x" * 64}, {1: 1, 2: 4, 4: "hot"}, {1: 1, 2: 0, 3: {}}, {1: 1, 2: 4, 4: ""}]
        + [{1: 1, 2: 0, 3: readings} for readings in GOOD_READINGS],
        [{1: 1, 2: 0, 3: readings} for readings in BAD_READINGS]
        + [{1: 0}, {2: 0}, {1: 2**32, 2: 0}, {1: 0, 2: 256}, {1: 0, 2: -1}, {1: 0, 2: 0, 4: "x" * 65}, {1: 0, 2: 0, 4: b"x"}, {1: 0, 2: 0, 5: 0}],
    ),
    message.RELEASE: ([{1: 0}, {1: 2**32 - 1}], [{}, {1: -1}, {1: 2**32}, {1: 1, 2: 1}]),
    message.RELEASED: ([{1: 7}], [{1: "7"}, {}]),
}  # fmt: skip


def body_vectors():
    for kind, (good, bad) in BODIES.items():
        for valid, bodies in ((True, good), (False, bad)):
            for body in map(cbor.encode, bodies):
                try:
                    message.decode(bytes([kind]) + body)
                    found = True
                except message.Wrong:
                    found = False
                assert found == valid, (message.NAMES[kind], body.hex())
                yield {"kind": "body", "body_kind": kind, "name": message.NAMES[kind], "body": body, "valid": valid}


# --- sessions ---


class Board(object):
    """The board of the vectors' device: function 1 works, 2 fails, others are unknown. What it answers to a command is
    decided before."""

    def __init__(self):
        self.configuration = {}
        self.answer = None

    def call(self, function, arguments):
        if function == 2:
            raise device.StepFailed(message.STEP)
        if function != 1:
            raise device.StepFailed(message.FUNCTION)

    def undo(self, function, before):
        pass

    def item(self, number):
        items = {1: SERIAL, 2: DEVICE_PUBLIC, 3: SOFTWARE, 4: FUNCTIONS, 5: MODEL, 6: DEVICE_ID}
        if number not in items:
            raise device.StepFailed(message.STEP)
        return items[number]

    def configure(self, configuration):
        self.configuration = configuration

    def command(self, kind, content):
        return self.answer

    def save(self, record):
        pass


class Bench:
    """A device and its hubs with fixed randomness; writes down what is said.

    The nonce after the n-th PROBE is nonce(n), if a new one is drawn at all before the next.
    """

    def __init__(self):
        self.probes = self.ephemerals = 0
        self.device = device.Device(DEVICE_PRIVATE, SECRET, Board(), random=self.random)
        self.events, self.sessions = [], []

    def random(self, size):
        if size == 32:
            self.ephemerals += 1
            return device_ephemeral(self.ephemerals - 1)
        return BOOT_ID if size == 8 else nonce(self.probes)

    def feed(self, data):
        out = self.device.receive(data)
        self.events.append({"in": data, "out": out, "state": self.device.record.state})
        return out

    def probe(self):
        (announce,) = self.feed(bytes([message.PROBE]))
        self.probes += 1
        state = keys.WAITING if self.device.waiting else self.device.record.state
        assert keys.state_of(keys.advertisement_key(SECRET), announce[1:6], announce[6:]) == state
        return announce[1:6]

    def wait(self, seconds):
        """Nothing happens for so long."""
        if self.device.record.state == keys.PENDING and seconds >= self.device.record.fail_safe:
            self.device.expire()
        elif self.device.patience and seconds >= self.device.patience:
            self.device.end()
        self.events.append({"wait": seconds, "out": [], "state": self.device.record.state})

    def call_hub(self):
        """The link is lost, and then there is something to say."""
        self.device.end()
        self.device.call_hub()
        self.events.append({"call_hub": True, "out": [], "state": self.device.record.state})

    def data(self, readings):
        number = self.device.number
        out = self.device.data(readings)
        body = cbor.encode({1: readings, 2: number})
        self.events.append({"data": body, "out": [out], "state": self.device.record.state})
        return out

    def enrollment(self, fields, fail=None, **wishes):
        opened = code.read(code.sign(fields, ISSUER_SEED), [ISSUER])
        seen, number = self.probe(), len(self.sessions)
        values = {1: "kitchen", 2: "1st floor", 64: 7}
        end = hub.Enrollment(
            opened, seen, HUB_PRIVATE, hub_ephemeral(number), values, psk_own, lambda *row: None, **{"fail_safe": 60, **wishes}
        )  # fmt: skip
        return self.note(end, "enroll", seen)

    def ownership(self, epoch):
        seen, number = self.probe(), len(self.sessions)
        end = hub.Ownership(DEVICE_PUBLIC, seen, HUB_PRIVATE, hub_ephemeral(number), psk_own(epoch), epoch)
        return self.note(end, "resume", seen)

    def note(self, end, mode, seen):
        number = len(self.sessions)
        record = self.device.record
        talk = Talk(self, end)
        self.sessions.append(talk)
        talk.vector = {
            "kind": "session",
            "mode": mode,
            "device_private": DEVICE_PRIVATE,
            "secret": SECRET,
            "psk_own": end.psk_own if mode == "resume" else None,
            "hub_private": HUB_PRIVATE,
            "nonce": seen,
            "epoch": record.epoch,
            "refusal": message.OWNED_BY_SOMEBODY if record.state == keys.OWNED or record.fused else 0,
            "hub_ephemeral": hub_ephemeral(number),
            "device_ephemeral": device_ephemeral(self.ephemerals),
            "messages": talk.messages,
        }
        return talk

    def vectors(self, name):
        for number, talk in enumerate(self.sessions, 1):
            yield {"name": f"{name}, session {number}", **talk.finish()}
        yield {
            "kind": "device",
            "name": name,
            "private": DEVICE_PRIVATE,
            "secret": SECRET,
            "boot_id": BOOT_ID,
            "nonces": [nonce(number) for number in range(self.probes + 1)],
            "ephemerals": [device_ephemeral(number) for number in range(self.ephemerals)],
            "items": {"1": SERIAL, "3": SOFTWARE, "4": cbor.encode(FUNCTIONS), "5": MODEL},
            "events": self.events,
        }


class Talk:
    """One session: both ends' messages, opened and as sent."""

    def __init__(self, bench, end):
        self.bench, self.end = bench, end
        self.messages, self.opened = [], []

    def run(self, until=None):
        """Lets both talk until nobody has anything to say, or before a message of the kind until."""
        self.to_device(self.hub_says(self.end.start()), until)
        return self

    def to_device(self, outgoing, until=None):
        while outgoing:
            if until and self.messages[-1]["type"] == until:
                self.messages.pop()
                return
            (wire,) = outgoing
            outgoing = []
            for answer in self.bench.feed(wire):
                outgoing += self.to_hub(answer)

    def hub_says(self, wire):
        self.messages.append(self.describe("hub", wire))
        return [wire]

    def to_hub(self, wire):
        self.messages.append(self.describe("device", wire))
        try:
            return [reply for answer in self.end.receive(wire) for reply in self.hub_says(answer)]
        except hub.Failed as failed:
            return self.hub_says(failed.last) if failed.last else []
        except hub.Refused:
            return []

    def describe(self, sender, wire):
        """What is inside a TRANSPORT comes from the ends' counters, rewound by one."""
        kind = wire[0]
        if kind != message.TRANSPORT:
            return {"from": sender, "type": message.NAMES[kind], "wire": wire}
        transport = self.end.transport
        cipher = transport.sending if sender == "hub" else transport.receiving
        opener = noise.CipherState(cipher.key)
        opener.n = cipher.n - (sender == "hub")
        plain = opener.decrypt(b"", wire[1:])
        return {"from": sender, "type": message.NAMES[plain[0]], "kind": plain[0], "body": plain[1:], "wire": wire}

    def say(self, wire):
        self.to_device(self.hub_says(wire))
        return self

    def tell(self, readings):
        self.to_hub(self.bench.data(readings))
        return self

    def command(self, wire, outcome, readings=None, text=None):
        """Says a command to which the board has this answer."""
        self.bench.device.board.answer = (outcome, readings, text)
        self.to_device(self.hub_says(wire))
        self.bench.events[-1]["result"] = self.messages[-1]["body"]
        return self

    def finish(self):
        if self.end.transport:
            self.vector["handshake_hash"] = self.end.handshake.symmetric.h
        return self.vector


def life_of_an_owned_device():
    bench = Bench()
    bench.enrollment(full()).run().tell({1: [215, -1]}).say(bench.sessions[-1].end.bye())
    owned = bench.ownership(1).run()
    owned.command(owned.end.set({2: True, 3: "x", 4: -7}), message.OK, {2: True, 3: "x", 4: -5}).tell({1: 22, 2: True})
    owned.command(owned.end.get([1, 4]), message.OK, {1: [215, -1], 4: -5})
    owned.command(owned.end.get([9]), message.NO_CHANNEL).command(owned.end.set({2: True}), message.NOT_DONE, {2: False}, "hot")
    owned.say(owned.end.bye())
    bench.call_hub()
    bench.enrollment(full()).run()
    bench.ownership(1).run()
    return bench.vectors("owned")


def life_of_a_released_device():
    """With another epoch it stays owned; with its own it is free, and its next owner has a higher one."""
    fields = payload([], [[18, 1], [19, 1]])
    bench = Bench()
    bench.enrollment(fields).run()
    owned = bench.ownership(1).run().tell({1: 22})
    owned.end.epoch = 2
    owned.say(owned.end.release())
    owned = bench.ownership(1).run()
    owned.say(owned.end.release())
    bench.enrollment(fields).run().tell({1: 23})
    return bench.vectors("released")


def life_with_points():
    bench = Bench()
    bench.enrollment(payload(SYNC_HUB_HALF, SYNC_DEVICE_HALF)).run()
    return bench.vectors("with points")


def life_with_lost_messages():
    bench = Bench()
    bench.enrollment(full()).run(until="COMMIT")
    bench.ownership(1).run()
    return bench.vectors("lost COMMIT")


def life_pending():
    bench = Bench()
    bench.enrollment(full()).run(until="COMMIT")
    bench.enrollment(full()).run(until="COMMIT")
    bench.wait(60)
    bench.enrollment(full()).run()
    return bench.vectors("fail-safe timer")


def life_with_failures():
    bench = Bench()
    fields = payload([[1, 64], [2]], [[16, 64], [17, 1, [64]], [19, 1]])
    bench.enrollment(fields).run()
    bench.enrollment(payload([], [[18, 1], [18, 2], [19, 1]])).run()
    bench.enrollment(payload([], [[18, 9], [19, 1]])).run()
    bench.enrollment(payload([], [[19, 64]])).run()
    talk = bench.enrollment(full())
    talk.end.device_half = [[16, 3]]
    talk.run()
    talk = bench.enrollment(full())
    talk.end.device_half = [[half.SYNC, 7], [half.REPORT, 1]]
    talk.end.points = [8]
    try:
        talk.run()
    except session.Ended:
        bench.wait(10)
    bench.enrollment(full(k10="NL-0002")).run()
    return bench.vectors("failures")


def life_with_high_epochs():
    bench = Bench()
    bench.enrollment(full(), epoch_above=1024).run()
    bench.enrollment(full(), epoch_above=2**32 - 2).run()
    bench.enrollment(full(), epoch_above=1023).run()
    return bench.vectors("high epochs")


def life_fused():
    bench = Bench()
    bench.enrollment(payload([], [[19, 1], [20, 3]])).run()
    bench.device.reset()
    bench.events.append({"reset": True, "out": [], "state": bench.device.record.state})
    bench.enrollment(payload([], [[19, 1], [20, 3]])).run()
    return bench.vectors("fused")


def life_with_an_intruder():
    """Messages that verify nothing, of which none is answered; then an honest hub."""
    bench = Bench()
    for wire in (b"\x01" + bytes(64), b"\x05" + bytes(64), b"\x02" + bytes(48), b"\x03" + bytes(64), b"\x04" + bytes(17),
                 b"\x10\x10", b"\x7f", b"\x01"):  # fmt: skip
        bench.probe()
        bench.feed(wire)
    bench.enrollment(full()).run()
    return bench.vectors("intruder")


def vectors():
    yield from cbor_vectors()
    yield from text_vectors()
    yield from codes()
    yield from key_vectors()
    yield from fragment_vectors()
    yield from stream_vectors()
    yield from body_vectors()
    yield from life_of_an_owned_device()
    yield from life_of_a_released_device()
    yield from life_with_points()
    yield from life_with_lost_messages()
    yield from life_pending()
    yield from life_with_failures()
    yield from life_with_high_epochs()
    yield from life_fused()
    yield from life_with_an_intruder()


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    raise TypeError(type(value).__name__)


def document():
    lines = (json.dumps(vector, default=plain, ensure_ascii=True) for vector in vectors())
    return '{"vectors": [\n' + ",\n".join(lines) + "\n]}\n"


def main(arguments):
    if arguments == ["--check"]:
        same = FILE.read_text() == document()
        print(f"enrolld.json {'is' if same else 'is not'} what generate.py makes")
        return 0 if same else 1
    FILE.write_text(document())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
