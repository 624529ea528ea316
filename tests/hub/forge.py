# SPDX-License-Identifier: Apache-2.0
"""Codes that no tool makes, and a second opinion on signatures: Base45 (RFC 9285), Base64url (RFC 4648), Ed25519 (RFC 8032), COSE_Sign1.

Written from the standards and doc/code.md for these tests; slow, and careless of side channels.
"""

import base64
import hashlib

# --- texts ---

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def decode_text(text):
    """enr1.... or ENR1:... -> bytes."""
    if text.startswith("enr1."):
        data = text.strip().removeprefix("enr1.")
        return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    digits = [ALPHABET.index(c) for c in text.strip().removeprefix("ENR1:")]
    out = b""
    for i in range(0, len(digits), 3):
        group = digits[i : i + 3]
        value = sum(d * 45**k for k, d in enumerate(group))
        out += value.to_bytes(len(group) - 1, "big")
    return out


def encode_text(data):
    out = "ENR1:"
    for i in range(0, len(data), 2):
        value, n = int.from_bytes(data[i : i + 2], "big"), len(data[i : i + 2]) + 1
        for _ in range(n):
            value, digit = divmod(value, 45)
            out += ALPHABET[digit]
    return out + "\n"


# --- Ed25519 ---

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, -1, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def multiply(n, point):
    out = (0, 1)
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def compress(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def hash_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % Q


def sign(seed, message):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    public = compress(multiply(a, BASE))
    r = hash_number(h[32:], message)
    first = compress(multiply(r, BASE))
    return first + ((r + hash_number(first, public, message) * a) % Q).to_bytes(32, "little")


def verify(public, message, signature):
    def point(data):
        y = int.from_bytes(data, "little")
        x = recover_x(y & (1 << 255) - 1, y >> 255)
        return None if x is None else (x, y & (1 << 255) - 1)

    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    return multiply(s, BASE) == add(r, multiply(hash_number(signature[:32], public, message), a))


# --- the envelope (doc/code.md, section 2) ---


def bytes_head(n):
    return bytes([0x40 | n]) if n < 24 else bytes([0x58, n]) if n < 256 else bytes([0x59]) + n.to_bytes(2, "big")


def open_envelope(data):
    """protected, payload, signature of a signed code."""
    assert data[:3] == b"\xd2\x84\x4d" and data[16:17] == b"\xa0", data[:17].hex()
    protected = data[3:16]
    at, width = {0x58: (19, 1), 0x59: (20, 2)}[data[17]]
    n = int.from_bytes(data[18 : 18 + width], "big")
    payload, rest = data[at : at + n], data[at + n :]
    assert rest[:2] == b"\x58\x40" and len(rest) == 66
    return protected, payload, rest[2:]


def sign_payload(protected, payload, seed):
    structure = b"\x84\x6aSignature1" + bytes_head(13) + protected + b"\x40" + bytes_head(len(payload)) + payload
    return (
        b"\xd2\x84" + bytes_head(13) + protected + b"\xa0" + bytes_head(len(payload)) + payload
        + b"\x58\x40" + sign(seed, structure)
    )


def change_payload(text, seed, change):
    """The code with another payload, properly signed by the same issuer."""
    protected, payload, _ = open_envelope(decode_text(text))
    return encode_text(sign_payload(protected, change(payload), seed))


def newer_format(payload):
    """Key 1 of the payload says 2."""
    assert payload[1:3] == b"\x01\x01"
    return payload[:2] + b"\x02" + payload[3:]


def newer_daemon(payload):
    """Key 2 asks for daemon 255.255."""
    assert payload[1:3] == b"\x01\x01" and payload[3] != 2 and payload[0] < 0xB7
    return bytes([payload[0] + 1]) + b"\x01\x01\x02\x19\xff\xff" + payload[3:]


def unknown_key(payload):
    """Key 23, which no version of the payload has."""
    assert payload[0] < 0xB7
    return bytes([payload[0] + 1]) + payload[1:] + b"\x17\x00"
