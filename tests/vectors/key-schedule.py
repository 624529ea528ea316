#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The key schedule of doc/protocol.md, written a second time from its text: the rows of tests/unit/wire/test-kdf.c."""

import hashlib
import hmac


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def hkdf(key, info):
    """RFC 5869 with an empty salt, one block."""
    return mac(mac(bytes(32), key), info, b"\x01")


SECRET = bytes(range(0x00, 0x20))
MASTER = bytes(range(0x40, 0x60))
DEVICE_PUBLIC = bytes(range(0x80, 0xA0))
NONCE = bytes(range(0xC0, 0xC5))
MESSAGE = bytes(range(0x30))
EPOCH = 0x01020304
SHARED = bytes(range(0xE0, 0x100))

device_id = hashlib.sha256(b"enrolld devid" + DEVICE_PUBLIC).digest()[:16]
mac_key = hkdf(SECRET, b"enrolld mac1 v1")
adv_key = hkdf(SECRET, b"enrolld adv v1")
psk_own = hkdf(MASTER, b"enrolld psk own v1" + device_id + EPOCH.to_bytes(4, "big"))
mac1 = mac(mac_key, NONCE, b"\x01", MESSAGE)[:16]
refusal_key = mac(mac(mac_key, SHARED), b"enrolld refuse v1", b"\x01")

for name, value in (
    ("device id", device_id),
    ("psk", hkdf(SECRET, b"enrolld psk v1")),
    ("adv key", adv_key),
    ("mac key", mac_key),
    ("hub static", hkdf(MASTER, b"enrolld hub static v1" + device_id)),
    ("psk own", psk_own),
    ("own mac key", hkdf(psk_own, b"enrolld own mac1 v1")),
    ("hub sign seed", hkdf(MASTER, b"enrolld hub sign v1")),
    ("hub kek", hkdf(MASTER, b"enrolld hub kek v1")),
    ("hub store", hkdf(MASTER, b"enrolld hub store v1")),
    ("adv tag", mac(adv_key, NONCE, b"\x02")[:5]),
    ("mac1", mac1),
    ("refusal key", refusal_key),
    ("refusal tag", mac(refusal_key, NONCE, b"\x0f\x01", EPOCH.to_bytes(4, "big"), mac1)[:16]),
):
    print(f'{{"{name}", "{value.hex()}"}},')
