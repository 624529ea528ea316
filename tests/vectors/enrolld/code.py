# SPDX-License-Identifier: Apache-2.0
"""A code: text, envelope and payload (doc/code.md sections 1 to 3), in the order a hub checks them."""

import fnmatch
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import cbor, half, text

MAX_BYTES = 2953
FORMAT = 1
MAX_DAEMON = 65535
WHITE_SPACE = " \t\r\n\f\v"

HEAD = bytes.fromhex("d2844da201270448")  # up to the kid


class Refused(ValueError):
    """A code that is not taken; the argument is the reason of doc/code.md section 2."""


def refuse_unless(condition, reason):
    if not condition:
        raise Refused(reason)


# --- issuers ---


def kid_of(public_key):
    return hashlib.sha256(public_key).digest()[:8]


class Issuer:
    """What a hub trusts (doc/code.md section 5); products are patterns against maker/model."""

    def __init__(self, public_key, capabilities=half.ALL, products="*"):
        self.public_key, self.capabilities, self.products = public_key, capabilities, products
        self.kid = kid_of(public_key)

    def may_sign(self, product):
        return any(fnmatch.fnmatchcase(product.encode(), pattern.encode()) for pattern in self.products.split())


def issuer_public_key(seed):
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def protected_header(kid):
    return cbor.encode({1: -8, 4: kid})


def signed_bytes(kid, payload):
    return cbor.encode(["Signature1", protected_header(kid), b"", payload])


# --- making codes ---


def envelope(kid, payload, signature):
    return b"\xd2" + cbor.encode([protected_header(kid), {}, payload, signature])


def sign(payload, seed):
    """The binary form; payload is bytes or a map, seed the issuer's 32 bytes."""
    if isinstance(payload, dict):
        payload = cbor.encode(payload)
    kid = kid_of(issuer_public_key(seed))
    return envelope(kid, payload, Ed25519PrivateKey.from_private_bytes(seed).sign(signed_bytes(kid, payload)))


def to_text(binary):
    return "ENR1:" + text.encode(binary)


def to_paste(binary):
    return "enr1." + text.encode_url(binary)


# --- reading codes ---


def open_envelope(binary):
    """(kid, payload, signature) of the binary form."""
    refuse_unless(binary and binary[:2] == HEAD[: min(2, len(binary))], "code_not_enrollment")
    refuse_unless(len(binary) <= MAX_BYTES, "code_altered")
    reader = cbor.Reader(binary)
    try:
        expect(reader, HEAD)
        kid = reader.take(8)
        expect(reader, b"\xa0")
        payload = read_bytes(reader)
        signature = read_bytes(reader)
        reader.end()
    except cbor.Truncated as error:
        raise Refused("code_truncated") from error
    except cbor.Malformed as error:
        raise Refused("code_altered") from error
    refuse_unless(len(signature) in (0, 64), "code_altered")
    return kid, payload, signature


def steps_of(body, form):
    """What follows the prefix: each step is the list of what may stand there."""
    body = "".join(text.FOLDED.get(character, character) for character in body)
    if form == ".":
        return [[c] for c in re.sub("[^A-Za-z0-9_-]", "", body)]
    body = "".join(c for c in body.upper() if c in text.ALPHABET or c.isspace())
    steps = []
    for part in re.findall(r"\s+|\S", body):
        if not part.isspace():
            steps.append([part])
        elif part.strip(" "):
            steps.append(["", " ", "  "])
        else:
            steps.append(sorted({part, "", " ", "  "}, key=lambda blanks: (blanks != part, blanks)))
    return steps


class Readings:
    """The readings of a text, depth first; a text of the vectors has few, so nothing is bounded."""

    def __init__(self, steps, decode, size):
        self.steps, self.decode, self.size = steps, decode, size
        self.ends_early = self.ends_early_as_it_stands = False

    def whole(self, at=0, state=("", b""), literal=True):
        """Yields the binary forms that are whole envelopes."""
        while at < len(self.steps) and len(self.steps[at]) == 1:
            state, is_whole = self.follow(state, self.steps[at][0])
            at += 1
            if is_whole:
                yield state[1]
            if is_whole or state is None:
                return
        if at == len(self.steps):
            self.ends_early = True
            self.ends_early_as_it_stands |= literal
            return
        for i, option in enumerate(self.steps[at]):
            after, is_whole = self.follow(state, option)
            if is_whole:
                yield after[1]
            elif after is not None:
                yield from self.whole(at + 1, after, literal and i == 0 and option != "")

    def follow(self, state, characters):
        """Returns the state, None if it is no envelope, and whether it is a whole one."""
        group, known = state
        for character in characters:
            group += character
            is_group = len(group) == self.size
            try:
                binary = known + self.decode(group)[0]
                open_envelope(binary)
                return ("", binary), True
            except text.NotEncoded:
                return None, False
            except Refused as refused:
                if is_group and str(refused) != "code_truncated":
                    return None, False
            if is_group:
                group, known = "", binary
        return (group, known), False


def open_text(code, issuers):
    """The envelope of a text: the reading that a trusted issuer has signed, or else the first."""
    found, reason, is_cut = [], "code_not_enrollment", False
    for prefix in re.finditer("ENR([0-9]+)([:.])", code, re.IGNORECASE | re.ASCII):
        if prefix[1] != "1":
            reason = "code_format_newer" if reason == "code_not_enrollment" else reason
            continue
        coding = (text.decode, 3) if prefix[2] == ":" else (text.decode_url, 4)
        readings = Readings(steps_of(code[prefix.end() :].rstrip(WHITE_SPACE), prefix[2]), *coding)
        found += [open_envelope(binary) for binary in readings.whole()]
        if readings.ends_early:
            reason = "code_truncated"
        elif reason != "code_truncated":
            reason = "code_miscopied"
        is_cut |= readings.ends_early_as_it_stands
    refuse_unless(found, reason)
    for envelope_found in found:
        issuer = issuers.get(envelope_found[0])
        if issuer and envelope_found[2] and is_signed(issuer, *envelope_found[1:]):
            return envelope_found
    refuse_unless(not is_cut, "code_truncated")
    return found[0]


def is_mended(code):
    """Whether a text has traces of copying between its prefix and its last character."""
    body = re.sub("ENR1[:.]", "", code.strip(WHITE_SPACE), count=1, flags=re.IGNORECASE)
    return not re.fullmatch("[A-Za-z0-9_-]*|[A-Za-z0-9 $%*+./:-]*", body)


def expect(reader, wanted):
    for byte in wanted:
        if reader.take(1)[0] != byte:
            raise cbor.Malformed


def read_bytes(reader):
    major, size = reader.head()
    if major != cbor.BYTES:
        raise cbor.Malformed
    return reader.take(size)


def is_signed(issuer, payload, signature):
    try:
        Ed25519PublicKey.from_public_bytes(issuer.public_key).verify(signature, signed_bytes(issuer.kid, payload))
    except InvalidSignature:
        return False
    return True


def is_newer(payload):
    """Whether payload key 1, the first if it is there, is above 1. Nothing else of a newer payload is known."""
    reader = cbor.Reader(payload)
    try:
        heads = [reader.head() for _ in range(3)]
    except cbor.Malformed:
        return False
    (container, _), key, (major, number) = heads
    return container == cbor.MAP and key == (cbor.UNSIGNED, 1) and major == cbor.UNSIGNED and number > FORMAT


def daemon_of(payload):
    """Payload key 2, if it comes next after key 1; nothing behind it need be known."""
    reader = cbor.Reader(payload)
    try:
        heads = [reader.head() for _ in range(5)]
    except cbor.Malformed:
        return 0
    (container, pairs), *rest, (major, number) = heads
    begins = container == cbor.MAP and pairs >= 2 and rest == [(0, 1), (0, FORMAT), (0, 2)]
    return number if begins and major == cbor.UNSIGNED and number <= MAX_DAEMON else 0


FIELDS = {
    1: lambda value: value == FORMAT and type(value) is int,
    2: lambda value: half.is_number(value, 0, MAX_DAEMON),
    3: lambda value: half.is_number(value, 0, 2**32 - 1),
    4: lambda value: isinstance(value, list) and len(value) == 2 and all(map(half.is_short, value)),
    5: lambda value: half.is_bytes(value, 32),
    6: lambda value: half.is_bytes(value, 32),
    7: lambda value: half.is_number(value, 1, 3),
    8: lambda value: half.is_number(value, 0, 7),
    9: lambda value: isinstance(value, list)
    and 1 <= len(value) <= 4
    and all(isinstance(application, list) and len(application) == 2 for application in value),
    10: half.is_short,
    11: lambda value: isinstance(value, dict)
    and value
    and all(
        type(number) is int and number in half.PARAMETERS and half.is_literal(literal) for number, literal in value.items()
    ),
}
MANDATORY = {1, 4, 5, 6, 9}


class Code:
    """A payload that holds up. Everything of it is public but .secret."""

    def __init__(self, payload):
        self.hash = hashlib.sha256(payload).digest()
        try:
            fields = cbor.decode(payload)
            half.need(isinstance(fields, dict) and MANDATORY <= fields.keys() <= FIELDS.keys())
            half.need(all(type(key) is int and FIELDS[key](value) for key, value in fields.items()))
            self.daemon = fields.get(2, 0)
            self.counter = fields.get(3, 0)
            self.maker, self.model = fields[4]
            self.public_key, self.secret = fields[5], fields[6]
            self.reach, self.capabilities = fields.get(7, 1), fields.get(8, 0)
            self.applications = fields[9]
            self.serial, self.configuration = fields.get(10), fields.get(11, {})
            self.check_texts()
            self.check_applications()
        except (cbor.Malformed, half.Malformed) as error:
            raise Refused("code_malformed") from error

    def check_texts(self):
        half.need(all(half.printable(text) for text in (self.maker, self.model, self.serial or "")), "not printable")
        half.need("/" not in self.maker, "a slash in the maker")
        for number, literal in self.configuration.items():
            half.need(half.is_type(literal, half.PARAMETERS[number]), "a value of another type")

    def check_applications(self):
        for hub_half, device_half in self.applications:
            half.check_pair(hub_half, device_half, self.configuration, self.capabilities)
        channels = [channel for hub_half, _ in self.applications for channel in half.channels(hub_half)]
        for place in (0, 1):
            half.need(len({channel[place] for channel in channels}) == len(channels), "a channel twice")


def read(code, issuers, daemon=0x100, counter=0, capabilities=half.ALL):
    """A Code from text (str) or binary form (bytes), in the order of doc/code.md section 2.

    issuers are those trusted; daemon is the hub's version, counter the highest that it enrolled for the issuer and
    product, capabilities what it allows.
    """
    issuers = {issuer.kid: issuer for issuer in issuers}
    kid, payload, signature = open_envelope(code) if isinstance(code, bytes) else open_text(code, issuers)
    refuse_unless(signature, "code_unsigned")
    issuer = issuers.get(kid)
    refuse_unless(issuer, "code_issuer_unknown")
    wrong = "code_miscopied" if isinstance(code, str) and is_mended(code) else "code_altered"
    refuse_unless(is_signed(issuer, payload, signature), wrong)
    refuse_unless(not is_newer(payload), "code_format_newer")
    refuse_unless(daemon_of(payload) <= daemon, "code_daemon_too_old")
    opened = Code(payload)
    refuse_unless(opened.counter >= counter, "code_superseded")
    refuse_unless(issuer.may_sign(f"{opened.maker}/{opened.model}"), "code_not_permitted")
    refuse_unless(not opened.capabilities & ~(issuer.capabilities & capabilities), "code_not_permitted")
    return opened
