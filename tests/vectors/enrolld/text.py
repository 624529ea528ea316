# SPDX-License-Identifier: Apache-2.0
"""The encodings of a code's text forms (doc/code.md section 1): Base45 (RFC 9285), Base64url (RFC 4648)."""

import base64
import re

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


# Characters that stand for others after copying (doc/code.md section 1.1), beside white space.
FOLDED = {"\u2011": "-", "\u2010": "-", "\u2212": "-", "\u2026": "..."}


class NotEncoded(ValueError):
    """A character outside the alphabet, or a group that is too big."""


def encode(data):
    out = []
    for i in range(0, len(data), 2):
        number = int.from_bytes(data[i : i + 2], "big")
        for _ in range(3 if i + 1 < len(data) else 2):
            number, digit = divmod(number, 45)
            out.append(ALPHABET[digit])
    return "".join(out)


def decode(text):
    """Returns the bytes, and whether the text ends within a group."""
    digits = [ALPHABET.find(character) for character in text]
    if -1 in digits:
        raise NotEncoded
    out = bytearray()
    for i in range(0, len(digits), 3):
        group = digits[i : i + 3]
        number = sum(digit * 45**place for place, digit in enumerate(group))
        size = len(group) - 1
        # A last group of two that is no byte is what is left of one of three.
        if size == 0 or (size == 1 and number > 255):
            return bytes(out), True
        if number > 65535:
            raise NotEncoded
        out += number.to_bytes(size, "big")
    return bytes(out), False


def encode_url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_url(text):
    """Returns the bytes, and whether the text ends within a group."""
    if not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise NotEncoded
    rest = len(text) % 4 == 1
    whole = text[:-1] if rest else text
    return base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)), rest
