# SPDX-License-Identifier: Apache-2.0
"""Messages and the bodies inside TRANSPORT (doc/protocol.md sections 3, 4.1 and 4.3)."""

from . import cbor, half

M1, M2, M3, TRANSPORT, K1, K2, REFUSE, PROBE, ANNOUNCE = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0F, 0x10, 0x11
HELLO, STAGE, REPORT, COMMIT, DONE, SYNC, FAIL, DATA, SET, BYE, GET, RESULT, RELEASE, RELEASED = range(0x20, 0x2E)

NAMES = {
    M1: "M1", M2: "M2", M3: "M3", K1: "K1", K2: "K2", REFUSE: "REFUSE", PROBE: "PROBE", ANNOUNCE: "ANNOUNCE",
    HELLO: "HELLO", STAGE: "STAGE", REPORT: "REPORT", COMMIT: "COMMIT", DONE: "DONE", SYNC: "SYNC", FAIL: "FAIL",
    DATA: "DATA", SET: "SET", BYE: "BYE", GET: "GET", RESULT: "RESULT", RELEASE: "RELEASE", RELEASED: "RELEASED",
}  # fmt: skip

SIZES = {M1: 65, M2: 49, M3: 65, K1: 65, K2: 49, REFUSE: 22, PROBE: 1, ANNOUNCE: 11}
MAX_BYTES, MIN_TRANSPORT = 2048, 19
VERSION = 1
OWNED_BY_SOMEBODY, BUSY = 1, 2  # reasons of REFUSE

MALFORMED, MISSING, STEP, FUNCTION, STORAGE, EPOCH, NOT_ACCEPTED, HUB_STORAGE, CANCELLED = range(1, 10)

OK, NO_CHANNEL, BAD_VALUE, WRONG_DIRECTION, NOT_DONE, NOT_NOW = range(6)  # outcomes of RESULT


class Wrong(ValueError):
    """A message or body that is not as the tables say: the session ends."""


def check(message):
    """The type of a message with a right size."""
    kind = message[0] if message else None
    if kind == TRANSPORT and MIN_TRANSPORT <= len(message) <= MAX_BYTES:
        return kind
    if SIZES.get(kind) != len(message):
        raise Wrong("an unknown type or a wrong size")
    return kind


def is_uint32(value):
    return half.is_number(value, 0, 2**32 - 1)


def is_table(value, table):
    """Whether a map has values of the right types for half.PARAMETERS or half.ITEMS."""
    return all(
        type(number) is int and number in table and half.is_type(item, table[number]) for number, item in value.items()
    )


def is_reading(value):
    if isinstance(value, list):
        return len(value) == 2 and half.is_type(value[0], "integer") and half.is_number(value[1], -18, 18)
    return not isinstance(value, bytes) and half.is_literal(value)


def is_readings(value):
    return isinstance(value, dict) and all(
        half.is_number(number, 1, 255) and is_reading(reading) for number, reading in value.items()
    )


def is_channels(value):
    return (
        isinstance(value, list)
        and 1 <= len(value) <= 16
        and all(half.is_number(number, 1, 255) for number in value)
        and value == sorted(set(value))
    )


BODIES = {
    HELLO: {1: lambda v: half.is_number(v, VERSION, VERSION), 2: lambda v: half.is_number(v, 0, 1), 3: is_uint32,
            4: lambda v: half.is_bytes(v, 8)},
    STAGE: {1: is_uint32, 2: lambda v: half.is_bytes(v, 32), 3: lambda v: half.is_bytes(v, 32),
            4: lambda v: half.is_number(v, 10, 900), 5: lambda v: isinstance(v, list), 6: lambda v: isinstance(v, dict)},
    REPORT: {1: lambda v: isinstance(v, dict)},
    COMMIT: {1: is_uint32},
    DONE: {1: is_uint32, 2: lambda v: half.is_bytes(v, 8)},
    SYNC: {1: lambda v: half.is_number(v, 0, 255)},
    FAIL: {1: lambda v: half.is_number(v, 1, 255), 2: lambda v: half.is_number(v, 0, 2**15 - 1),
           3: lambda v: half.is_text(v, 0, 64)},
    DATA: {1: is_readings, 2: is_uint32},
    SET: {1: is_uint32, 2: is_readings},
    BYE: {},
    GET: {1: is_uint32, 2: is_channels},
    RESULT: {1: is_uint32, 2: lambda v: half.is_number(v, 0, 255), 3: is_readings, 4: lambda v: half.is_text(v, 0, 64)},
    RELEASE: {1: is_uint32},
    RELEASED: {1: is_uint32},
}  # fmt: skip
OPTIONAL = {FAIL: {2, 3}, RESULT: {3, 4}}


def encode(kind, body):
    return bytes([kind]) + cbor.encode(body)


def decode(plaintext):
    """(kind, body) of a TRANSPORT's plaintext."""
    kind = plaintext[0] if plaintext else None
    if kind not in BODIES:
        raise Wrong("an unknown kind")
    try:
        body = cbor.decode(plaintext[1:])
    except cbor.Malformed as error:
        raise Wrong("a body that is not CBOR of ours") from error
    fields = BODIES[kind]
    if not isinstance(body, dict) or not fields.keys() - OPTIONAL.get(kind, set()) <= body.keys() <= fields.keys():
        raise Wrong("a body with other keys")
    if not all(type(key) is int and fields[key](value) for key, value in body.items()):
        raise Wrong("a body with other values")
    return kind, body
