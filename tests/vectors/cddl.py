# SPDX-License-Identifier: Apache-2.0
"""The part of CDDL (RFC 8610) that doc/code.cddl uses, over the CBOR of enrolld.cbor.

load() raises Unsupported for everything else, and for a name that no rule defines, so that no rule is passed over.
"""

import re

from enrolld import cbor

TOKEN = re.compile(
    r"(?P<number>-?\d+)|(?P<text>\"[^\"]*\")|(?P<tag>#6\.\d+)|(?P<control>\.[a-z]+)|(?P<name>[A-Za-z][\w-]*)"
    r"|(?P<sign>\.\.|=>|[=/,:?*+(){}\[\]])"
)
PRELUDE = {
    "uint": lambda value: type(value) is int and 0 <= value < 2**64,
    "text": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, bytes),
    "bool": lambda value: isinstance(value, bool),
}
MANY = float("inf")


class Unsupported(ValueError):
    """The grammar has something that this module does not know."""


def tokens(text):
    text, at = re.sub(r";[^\n]*", "", text), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = TOKEN.match(text, at)
        if not match:
            raise Unsupported(text[at : at + 20])
        yield match.lastgroup, match.group()
        at = match.end()
    yield "end", ""


class Parser:
    """A type is a function of the grammar and a value; a group is a list of (least, most, key, type or group)."""

    def __init__(self, text):
        self.tokens, self.at = list(tokens(text)), 0
        self.rules, self.used = {}, set()
        while self.kind() != "end":
            name = self.expect("name")
            if name in self.rules or name in PRELUDE:
                raise Unsupported(f"another rule {name}")
            self.expect("sign", "=")
            self.rules[name] = self.type()
        unknown = self.used - self.rules.keys() - PRELUDE.keys()
        if unknown:
            raise Unsupported(f"no rule {unknown}")

    def kind(self, ahead=0):
        return self.tokens[self.at + ahead][0]

    def word(self, ahead=0):
        return self.tokens[self.at + ahead][1]

    def take(self, word):
        if self.word() != word or self.kind() == "text":
            return False
        self.at += 1
        return True

    def expect(self, kind, word=None):
        if self.kind() != kind or word not in (None, self.word()):
            raise Unsupported(f"{self.word()!r} in the place of {word or kind}")
        self.at += 1
        return self.word(-1)

    def type(self):
        options = [self.operand()]
        while self.take("/"):
            options.append(self.operand())
        return lambda value: any(option(value) for option in options)

    def operand(self):
        """One choice of a type, with its range or control operator."""
        if self.kind() == "number" and self.word(1) == "..":
            return self.range()
        base = self.single()
        if self.kind() != "control":
            return base
        name = self.expect("control")
        if name == ".regexp":
            pattern = self.expect("text")[1:-1]
            return lambda value: base(value) and re.fullmatch(pattern, value) is not None
        if name == ".le":
            most = int(self.expect("number"))
            return lambda value: base(value) and value <= most
        argument = self.operand()
        if name == ".size":
            return lambda value: base(value) and argument(len(value.encode() if isinstance(value, str) else value))
        if name == ".cbor":
            return lambda value: base(value) and decodes(value, argument)
        raise Unsupported(name)

    def range(self):
        least = int(self.expect("number"))
        self.expect("sign", "..")
        most = int(self.expect("number"))
        return lambda value: type(value) is int and least <= value <= most

    def single(self):
        kind, word = self.kind(), self.word()
        self.at += 1
        if kind == "number":
            return lambda value: type(value) is int and value == int(word)
        if kind == "name":
            self.used.add(word)
            return lambda value: (PRELUDE.get(word) or self.rules[word])(value)
        if kind == "tag":
            self.expect("sign", "(")
            inner = self.type()
            self.expect("sign", ")")
            return lambda value: isinstance(value, Tagged) and value.number == int(word[3:]) and inner(value.item)
        if word == "(":
            inner = self.type()
            self.expect("sign", ")")
            return inner
        if word == "[":
            entries = self.group("]")
            return lambda value: isinstance(value, list) and len(value) in ends(entries, value, {0})
        if word == "{":
            entries = self.group("}")
            return lambda value: isinstance(value, dict) and is_map(entries, value)
        raise Unsupported(word)

    def group(self, end):
        entries = []
        while not self.take(end):
            entries.append(self.entry())
            if not self.take(","):
                self.expect("sign", end)
                break
        return entries

    def entry(self):
        least, most = self.occurrence()
        if self.take("("):
            return least, most, None, self.group(")")
        key = None
        if self.word(1) == ":":
            if self.kind() == "number":
                key = self.single()
            else:
                self.expect("name")  # of a place in an array, for people
            self.expect("sign", ":")
        inner = self.type()
        if self.take("=>"):
            key, inner = inner, self.type()
        return least, most, key, inner

    def occurrence(self):
        if self.take("?"):
            return 0, 1
        if self.take("+"):
            return 1, MANY
        if self.kind() == "number" and self.word(1) == "*":
            least = int(self.expect("number"))
        elif self.word() == "*":
            least = 0
        else:
            return 1, 1
        self.expect("sign", "*")
        return least, int(self.expect("number")) if self.kind() == "number" else MANY


class Tagged:
    def __init__(self, number, item):
        self.number, self.item = number, item


def decodes(value, matches):
    try:
        return matches(cbor.decode(value))
    except cbor.Malformed:
        return False


def ends(entries, items, starts):
    """Where in an array the entries may end, if they begin at one of these places."""
    for least, most, _, inner in entries:
        reached, now, n = set(starts) if least == 0 else set(), starts, 0
        while now and n < most:
            now = ends(inner, items, now) if isinstance(inner, list) else {i + 1 for i in now if i < len(items) and inner(items[i])}
            n += 1
            now = now if n <= least else now - reached
            reached |= now if n >= least else set()
        starts = reached
    return starts


def is_map(entries, pairs):
    left = dict(pairs)
    for least, most, key, inner in entries:
        if key is None or isinstance(inner, list):
            raise Unsupported("a group in a map")
        found = [name for name in left if key(name) and inner(left[name])]
        if not least <= len(found) <= most:
            return False
        for name in found:
            del left[name]
    return not left


def load(text):
    """A function that says whether a value matches a rule: matches(rule, value)."""
    rules = Parser(text).rules
    return lambda rule, value: rules[rule](value)


def parse(binary):
    """The tagged item of a code, for matching; a byte string where the CBOR is not of the subset."""
    try:
        return Tagged(18, cbor.decode(binary[1:])) if binary[:1] == b"\xd2" else binary
    except cbor.Malformed:
        return binary
