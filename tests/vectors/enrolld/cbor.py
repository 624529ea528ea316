# SPDX-License-Identifier: Apache-2.0
"""The deterministic subset of CBOR (RFC 8949, section 4.2.1) of doc/code.md section 2.

Integers are int, byte strings bytes, text strings str, arrays list, maps dict, true and false bool. Nothing else exists.
"""

MAX_DEPTH = 6  # arrays and maps open at the same time

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
FALSE, TRUE = 20, 21


class Malformed(ValueError):
    """The bytes are not in the subset."""


class Truncated(Malformed):
    """The bytes end before the item does."""


def encode_head(major, number):
    for bits, size in ((24, 0), (1 << 8, 1), (1 << 16, 2), (1 << 32, 4), (1 << 64, 8)):
        if number < bits:
            short = number if size == 0 else 23 + size.bit_length()
            return bytes([major << 5 | short]) + (number.to_bytes(size, "big") if size else b"")
    raise ValueError("an integer of more than 64 bits")


def encode(value):
    if value is True or value is False:
        return bytes([SIMPLE << 5 | (TRUE if value else FALSE)])
    if isinstance(value, int):
        return encode_head(UNSIGNED, value) if value >= 0 else encode_head(NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return encode_head(BYTES, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return encode_head(TEXT, len(data)) + data
    if isinstance(value, (list, tuple)):
        return encode_head(ARRAY, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return encode_head(MAP, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(f"no CBOR for {type(value).__name__}")


class Reader:
    """Reads items one after the other, strictly."""

    def __init__(self, data, offset=0):
        self.data = data
        self.offset = offset

    def take(self, size):
        if len(self.data) - self.offset < size:
            raise Truncated
        self.offset += size
        return self.data[self.offset - size : self.offset]

    def head(self):
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if short < 24:
            return major, short
        if short > 27:
            raise Malformed("an indefinite length or a reserved head")
        size = 1 << (short - 24)
        number = int.from_bytes(self.take(size), "big")
        if major == SIMPLE or number < (24 if size == 1 else 1 << (4 * size)):
            raise Malformed("not the shortest head, or a float or simple value")
        return major, number

    def item(self, depth=0):
        major, number = self.head()
        if major == UNSIGNED:
            return number
        if major == NEGATIVE:
            return -1 - number
        if major == BYTES:
            return self.take(number)
        if major == TEXT:
            return self.text(number)
        if major == SIMPLE and number in (FALSE, TRUE):
            return number == TRUE
        if major not in (ARRAY, MAP):
            raise Malformed("a tag or a simple value")
        if depth == MAX_DEPTH:
            raise Malformed("nested too deep")
        if major == ARRAY:
            return [self.item(depth + 1) for _ in range(self.count(number))]
        return self.map(self.count(number), depth + 1)

    def count(self, number):
        # Every item takes a byte at least, so no length is believed that the rest cannot hold.
        if number > len(self.data) - self.offset:
            raise Truncated
        return number

    def text(self, size):
        try:
            return self.take(size).decode()
        except UnicodeDecodeError as error:
            raise Malformed("not UTF-8") from error

    def map(self, size, depth):
        result, before = {}, b""
        for _ in range(size):
            start = self.offset
            key = self.item(depth)
            encoded = self.data[start : self.offset]
            if encoded <= before:
                raise Malformed("map keys out of order, or twice")
            if isinstance(key, (list, dict)):
                raise Malformed("an array or map as a map key")
            before = encoded
            result[key] = self.item(depth)
        return result

    def end(self):
        if self.offset != len(self.data):
            raise Malformed("something follows")


def decode(data):
    """Returns the one item that data is."""
    reader = Reader(bytes(data))
    item = reader.item()
    reader.end()
    return item
