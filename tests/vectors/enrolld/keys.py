# SPDX-License-Identifier: Apache-2.0
"""What both ends derive (doc/protocol.md sections 1, 2.2, 4 and 5)."""

import hashlib
import hmac

FACTORY, PENDING, OWNED, WAITING = 0, 1, 2, 3  # the last one in advertisements only
ENROLLMENT, OWNERSHIP = 1, 2  # roles in the prologue


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def hkdf(key, label):
    """HKDF-SHA256 (RFC 5869) with an empty salt and one block of output."""
    return mac(mac(bytes(32), key), label, b"\x01")


def device_id(public_key):
    return hashlib.sha256(b"enrolld devid" + public_key).digest()[:16]


def psk(secret):
    return hkdf(secret, b"enrolld psk v1")


def advertisement_key(secret):
    return hkdf(secret, b"enrolld adv v1")


def mac_key(secret):
    return hkdf(secret, b"enrolld mac1 v1")


def own_mac_key(psk_own):
    return hkdf(psk_own, b"enrolld own mac1 v1")


def tag(adv_key, nonce, state):
    return mac(adv_key, nonce, bytes([state]))[:5]


def state_of(adv_key, nonce, seen):
    """The state that a tag tells, None if another device made it."""
    for state in (FACTORY, PENDING, OWNED, WAITING):
        if hmac.compare_digest(tag(adv_key, nonce, state), seen):
            return state
    return None


def prologue(role, identifier, nonce):
    return b"enrolld/1" + bytes([role]) + identifier + nonce


def mac1(key, nonce, message_type, noise_message):
    return mac(key, nonce, bytes([message_type]), noise_message)[:16]


def refusal_key(key, shared):
    """HKDF-SHA256 with K_mac as the salt; shared is X25519 of the device's static and the hub's ephemeral key."""
    return mac(mac(key, shared), b"enrolld refuse v1", b"\x01")


def refusal_tag(key, nonce, reason, epoch, mac1_seen):
    return mac(key, nonce, b"\x0f", bytes([reason]), epoch.to_bytes(4, "big"), mac1_seen)[:16]
