# SPDX-License-Identifier: Apache-2.0
"""The two halves of an application: the tables of doc/code.md section 4, and what a verifier holds against them."""

import re

from . import cbor

SUPPLY, DELIVER, EXPECT, CHANNEL, FORWARD, SYNC, PRESENCE, GROUP = 1, 2, 3, 4, 5, 6, 7, 8
REQUIRE, SET, CALL, REPORT, FINISH = 16, 17, 18, 19, 20
HUB_VERBS = (SUPPLY, DELIVER, EXPECT, CHANNEL, FORWARD, SYNC, PRESENCE, GROUP)
DEVICE_VERBS = (REQUIRE, SET, CALL, REPORT, SYNC, FINISH)

PUBLISH, COMMAND, KEY_FORWARD, ALL = 1, 2, 4, 7  # capabilities, and the first two a channel's direction
ERASE, FUSE = 1, 2  # flags of finish
NUMBER, SWITCH, ENUMERATION, TEXT, BUTTON, EVENT = 0, 1, 2, 3, 4, 5  # what a channel carries
CONFIG, DIAGNOSTIC = 1, 2  # its category
LIGHT, LOCK, COVER, CLIMATE = 1, 2, 3, 4  # kinds of groups
ENROLLMENT = 3  # the function that no half can call

MAX_STEPS, MAX_BYTES, MAX_ARGUMENTS, MAX_TEXT = 32, 1024, 16, 64
MAX_WORDS, MAX_SLEEP = 12, 30 * 86400
MAX_VALUES, MAX_STAGED = 1024, 1900  # the values of a STAGE, and these with the half

# Seconds a step may take.
TIMEOUTS = {
    SUPPLY: 5, DELIVER: 30, EXPECT: 5, CHANNEL: 5, FORWARD: 5, SYNC: 15, PRESENCE: 5, GROUP: 5, REQUIRE: 1, SET: 5,
    CALL: 10, REPORT: 5, FINISH: 5,
}  # fmt: skip

MAKERS_OWN = range(64, 128)
PARAMETERS = {
    1: "text", 2: "text", 3: "text", 4: "text", 5: "key", 6: "text", 7: "key", 8: "unsigned", 9: "integer",
    10: "integer", 11: "integer", 12: "text", 13: "text", 14: "text", **{number: "any" for number in MAKERS_OWN},
}  # fmt: skip
ITEMS = {
    1: "label", 2: "key", 3: "label", 4: "functions", 5: "label", 6: "identity", 7: "key",
    **{number: "any" for number in MAKERS_OWN},
}  # fmt: skip
ARGUMENTS = {
    1: "unsigned", 2: "integer", 3: "unsigned", 4: "text", 5: "integer", 6: "integer",
    **{number: "any" for number in MAKERS_OWN},
}  # fmt: skip
# Code points that could deceive a reader: controls, zero-width and bidirectional formatting characters, separators.
NOT_PRINTABLE = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E),
    (0x2060, 0x206F), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE00FF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)  # fmt: skip

KNOWN_TO_HUB = (2, 5, 6)  # public_key, model, identity: forwarded without being reported


WORDS = dict(
    enumerate(
        """temperature humidity pressure illuminance battery voltage current power energy carbon_dioxide carbon_monoxide
        pm25 pm10 aqi gas moisture motion occupancy presence door window opening garage_door vibration smoke sound tamper
        problem connectivity water distance speed weight frequency signal_strength duration level brightness colour mode
        state target fan switch light outlet valve lock cover button identify restart update event count locked unlocked
        unlock locking unlocking jammed open close closed closing stop on off auto heat cool heat_cool dry fan_only eco low
        medium high single double long press release ring position colour_temp volume command""".split(),
        1,
    )
)
WORDS.update(
    enumerate(
        """°C °F K % hPa Pa bar lx V mV A mA W kW Wh kWh ppm ppb µg/m³ s min h m cm mm km m/s km/h kg g Hz dB dBm L m³
        L/min m³/h °""".split(),
        128,
    )
)


class Malformed(ValueError):
    """A half that no hub and no device may run."""


STRUCTURE = "another structure"  # than doc/code.cddl has


def need(condition, why=STRUCTURE):
    if not condition:
        raise Malformed(why)


def printable(text):
    return not any(first <= ord(character) <= last for character in text for first, last in NOT_PRINTABLE)


def is_number(value, low, high):
    return type(value) is int and low <= value <= high


def is_text(value, low, high):
    return isinstance(value, str) and low <= len(value.encode()) <= high


def is_short(value):
    return is_text(value, 1, 32)


def is_label(value):
    return is_short(value) and printable(value)


def is_bytes(value, size):
    return isinstance(value, bytes) and len(value) == size


def is_literal(value):
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return is_text(value, 0, MAX_TEXT) or (isinstance(value, bytes) and len(value) <= MAX_TEXT)


TYPES = {
    "any": is_literal,
    "text": lambda value: is_text(value, 0, MAX_TEXT),
    "unsigned": lambda value: is_number(value, 0, 2**63 - 1),
    "integer": lambda value: is_number(value, -(2**63), 2**63 - 1),
    "key": lambda value: is_bytes(value, 32),
    "identity": lambda value: is_bytes(value, 16),
    "label": is_label,
    "functions": lambda value: isinstance(value, list)
    and len(value) <= 16
    and all(is_number(function, 0, 2**32 - 1) for function in value),
}


def is_type(value, name):
    return TYPES[name](value)


def reference(value):
    """The parameter that a value refers to, None if it is a literal."""
    if not isinstance(value, list):
        return None
    need(len(value) == 1 and type(value[0]) is int and value[0] in PARAMETERS, "not a reference")
    return value[0]


def check_value(value, name, required):
    number = reference(value)
    if number is None:
        need(is_literal(value))
        return need(is_type(value, name), "a value of another type")
    need(number in required, "a reference to what is not required")
    return need(fits(PARAMETERS[number], name), "a reference of another type")


def fits(type_name, into):
    """Whether a parameter's type may stand for another; of the maker's own only the value tells."""
    return "any" in (type_name, into) or type_name == into or (type_name, into) == ("unsigned", "integer")


def check_numbers(arguments, table):
    need(arguments and all(type(number) is int and number in table for number in arguments))
    need(len(set(arguments)) == len(arguments), "a number twice")


def check_pairs(arguments, table, required):
    need(len(arguments) % 2 == 0)
    check_numbers(arguments[::2] or [1], table)
    for number, value in zip(arguments[::2], arguments[1::2]):
        check_value(value, table[number], required)


def word_of(word):
    """The text that a word stands for, if it is the number of one."""
    return WORDS.get(word) if type(word) is int else word


def spelt(channel):
    """The channel with words in place of their numbers."""
    number, leaf, kind, unit, *rest = channel
    return [number, *map(word_of, (leaf, kind, unit)), *rest]


WORD_FITS = (
    lambda leaf: re.fullmatch("[a-z0-9_]{1,16}", leaf),
    lambda kind: re.fullmatch("[a-z0-9_]{0,24}", kind),
    lambda unit: is_text(unit, 0, 8),
)


def check_word(given, fits_there):
    text = word_of(given)
    need(isinstance(text, str))
    need(fits_there(text), STRUCTURE if given == text else "a word in the place of another")
    return text


def check_range(low, high, exponent=0, step=1):
    need(all(is_number(limit, -(2**63), 2**63 - 1) for limit in (low, high)))
    need(is_number(exponent, -18, 18) and is_number(step, 1, 2**63 - 1))
    need(low <= high, "a range that begins above its end")


def check_words(words, least):
    need(least <= len(words) <= MAX_WORDS)
    texts = [check_word(word, WORD_FITS[0]) for word in words]
    need(len(set(texts)) == len(texts), "a word of a channel twice")


def type_of(channel):
    """The type of a channel and what limits its values."""
    given = channel[6] if len(channel) > 6 else NUMBER
    return given if isinstance(given, list) else [given]


def check_type(channel):
    need(type_of(channel))
    given, *limits = type_of(channel)
    need(is_number(given, NUMBER, EVENT) and (limits or len(channel) < 7 or not isinstance(channel[6], list)))
    if given == NUMBER and limits:
        need(2 <= len(limits) <= 4)
        check_range(*limits)
    elif given in (ENUMERATION, EVENT):
        check_words(limits, 2 if given == ENUMERATION else 1)
    elif given == TEXT:
        need(not limits or (len(limits) == 1 and is_number(limits[0], 1, MAX_TEXT)))
    else:
        need(not limits)
    unit, direction, period = spelt(channel)[3:6]
    need(given == NUMBER or not unit, "a unit of what is no number")
    need(given != BUTTON or direction == COMMAND, "a button that is published")
    need(given != EVENT or direction == PUBLISH, "an event that takes commands")
    need(given != EVENT or period == 0, "an event with a period")


def check_channel(arguments):
    need(6 <= len(arguments) <= 8)
    number, *words, direction, period = arguments[:6]
    need(is_number(number, 1, 255) and is_number(direction, 1, 3) and is_number(period, 0, 86400))
    texts = [check_word(word, fits_there) for word, fits_there in zip(words, WORD_FITS)]
    need(len(arguments) < 8 or is_number(arguments[7], 0, DIAGNOSTIC))
    need(printable(texts[2]), "not printable")
    check_type(arguments)


# --- groups ---

RANGE = "a number with a range"

# The roles of each kind, in their order: whether it must be there, direction, types, words of an enumeration.
ROLES = {
    LIGHT: [(True, COMMAND, (SWITCH,), ()), (False, COMMAND, (RANGE,), ()), (False, COMMAND, (RANGE,), ())],
    LOCK: [
        (True, PUBLISH, (SWITCH, ENUMERATION), ("locked", "unlocked")),
        (False, COMMAND, (SWITCH, ENUMERATION), ("lock", "unlock")),
    ],
    COVER: [
        (False, PUBLISH, (RANGE,), ()),
        (False, PUBLISH, (ENUMERATION,), ("open", "closed")),
        (False, COMMAND, (ENUMERATION,), ("open", "close")),
    ],
    CLIMATE: [(True, COMMAND, (RANGE,), ()), (False, PUBLISH, (NUMBER,), ()), (False, COMMAND, (ENUMERATION,), ())],
}


def plays(channel, role):
    """Whether a channel may have a role."""
    _, direction, types, words = role
    given, *limits = type_of(channel)
    if not channel[4] & direction:
        return False
    if given == NUMBER:
        return NUMBER in types or (RANGE in types and bool(limits))
    return given in types and (given != ENUMERATION or set(words) <= set(map(word_of, limits)))


def check_group(arguments, known, grouped):
    """known: the channels of the steps before, by number; grouped: those of them that are in a group."""
    kind, *numbers = arguments or [0]
    need(type(kind) is int and kind in ROLES and len(numbers) <= len(ROLES[kind]))
    need(all(is_number(number, 0, 255) for number in numbers))
    used = [number for number in numbers if number]
    need(len(set(used)) == len(used) and not grouped & set(used), "a channel in two roles")
    grouped.update(used)
    for role, number in zip(ROLES[kind], numbers + [0] * len(ROLES[kind])):
        need(number or not role[0], "a role without a channel")
        need(not number or (number in known and plays(known[number], role)), "a channel that cannot have its role")
    need(any(known[number][4] & COMMAND for number in used), "a group without commands")


def check_shape(half, verbs):
    need(isinstance(half, list) and len(half) <= MAX_STEPS)
    need(len(cbor.encode(half)) <= MAX_BYTES, "too many bytes")
    for step in half:
        need(isinstance(step, list) and 1 <= len(step) <= 1 + MAX_ARGUMENTS)
        need(type(step[0]) is int and step[0] in verbs)


def check_gateway_step(verb, arguments, known, grouped):
    if verb == CHANNEL:
        check_channel(arguments)
        known[arguments[0]] = spelt(arguments)
    elif verb == PRESENCE:
        need(len(arguments) == 1 and is_number(arguments[0], 0, MAX_SLEEP))
    else:
        check_group(arguments, known, grouped)


def check_hub_step(verb, arguments):
    if verb == SUPPLY:
        check_numbers(arguments, PARAMETERS)
    elif verb == DELIVER:
        need(not arguments)
    elif verb in (EXPECT, FORWARD):
        check_numbers(arguments, ITEMS)
    elif verb == SYNC:
        need(len(arguments) == 1 and is_number(arguments[0], 0, 255))


def check_hub_half(half):
    """The hub's half by itself: every step, and their order."""
    check_shape(half, HUB_VERBS)
    delivered = needs_report = False
    known, grouped = {}, set()
    for verb, *arguments in half:
        if verb in (CHANNEL, PRESENCE, GROUP):
            check_gateway_step(verb, arguments, known, grouped)
        else:
            check_hub_step(verb, arguments)
        if verb == DELIVER:
            need(not delivered, "a second deliver")
            delivered = True
        else:
            need((verb == SUPPLY) != delivered, "on the wrong side of deliver")
            need(verb != SYNC or not needs_report, "a point behind what needs the report")
            needs_report = needs_report or verb in (EXPECT, CHANNEL, FORWARD, PRESENCE, GROUP)
    need(delivered, "no deliver")
    need([step[0] for step in half].count(PRESENCE) <= 1, "a second presence")


def check_device_step(verb, arguments, required):
    if verb == REQUIRE:
        check_numbers(arguments, PARAMETERS)
        required.update(arguments)
    elif verb == SET:
        need(arguments)
        check_pairs(arguments, PARAMETERS, required)
    elif verb == CALL:
        need(arguments and is_number(arguments[0], 1, 255) and arguments[0] != ENROLLMENT)
        check_pairs(arguments[1:], ARGUMENTS, required)
    elif verb == REPORT:
        check_numbers(arguments, ITEMS)
    elif verb == SYNC:
        need(len(arguments) == 1 and is_number(arguments[0], 0, 255))
    else:
        need(len(arguments) == 1 and is_number(arguments[0], 0, ERASE | FUSE))


def check_device_half(half):
    """The device's half by itself, as the device checks it too."""
    check_shape(half, DEVICE_VERBS)
    required = set()
    for index, (verb, *arguments) in enumerate(half):
        check_device_step(verb, arguments, required)
        need(verb != FINISH or index == len(half) - 1, "finish is the last step")


def effective(hub_half):
    return hub_half or [[DELIVER]]


def numbers(half, verb):
    """All that the steps with this verb name."""
    return {number for step in half if step[0] == verb for number in step[1:]}


def points(half):
    return [step[1] for step in half if step[0] == SYNC]


def channels(half):
    return [spelt(step[1:]) for step in half if step[0] == CHANNEL]


SHORTEST = {"text": "x", "key": bytes(32)}  # of any other type, 0


def check_size(hub_half, device_half, configuration):
    """Whether the device half and the shortest values that it can be sent with fit into a STAGE."""
    values = {number: SHORTEST.get(PARAMETERS[number], 0) for number in numbers(hub_half, SUPPLY)}
    size = len(cbor.encode(values | configuration))
    need(size <= MAX_VALUES and size + len(cbor.encode(device_half)) <= MAX_STAGED, "too long to be sent")


def check_pair(hub_half, device_half, configuration, capabilities):
    """An application: both halves, and what they say to each other."""
    need(isinstance(hub_half, list) and isinstance(device_half, list))
    need(hub_half or device_half, "both halves empty")
    hub_half = effective(hub_half)
    check_hub_half(hub_half)
    check_device_half(device_half)
    check_size(hub_half, device_half, configuration)
    need(points(hub_half) == points(device_half), "other points on the other side")
    need(numbers(device_half, REQUIRE) <= numbers(hub_half, SUPPLY) | set(configuration), "nobody supplies it")
    reported = numbers(device_half, REPORT)
    need(numbers(hub_half, EXPECT) <= reported, "nobody reports it")
    need(numbers(hub_half, FORWARD) <= reported | set(KNOWN_TO_HUB), "nobody reports it")
    need(not numbers(hub_half, FORWARD) or capabilities & KEY_FORWARD, "forward without the capability")
    for channel in channels(hub_half):
        need(not channel[4] & ~capabilities, "a channel without the capability")


def patience(device_half):
    """Seconds the device may take, for each stretch of its half between points."""
    stretches = [5]
    for step in device_half:
        if step[0] == SYNC:
            stretches.append(5)
        elif step[0] != FINISH:
            stretches[-1] += TIMEOUTS[step[0]]
    return stretches
