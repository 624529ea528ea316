# SPDX-License-Identifier: Apache-2.0
"""Noise_XKpsk3_25519_ChaChaPoly_SHA256 and Noise_KKpsk2_25519_ChaChaPoly_SHA256.

After the Noise Protocol Framework, revision 34, whose names for things are used; sections in brackets are its.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEY_BYTES, TAG_BYTES = 32, 16

# Pre-messages of the initiator and the responder, then the messages' tokens, the initiator first (7.5 and 9.4).
PATTERNS = {
    "XKpsk3": ((), ("s",), (("e", "es"), ("e", "ee"), ("s", "se", "psk"))),
    "KKpsk2": (("s",), ("s",), (("e", "es", "ss"), ("e", "ee", "se", "psk"))),
}


class Failed(ValueError):
    """A message that does not verify, or an X25519 result of zero."""


def public_key(private):
    key = X25519PrivateKey.from_private_bytes(private).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def dh(private, public):
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise Failed("X25519 gave zero") from error


def hkdf(chaining_key, material, outputs):
    """Noise's own HKDF (4.3)."""
    temporary = hmac.digest(chaining_key, material, "sha256")
    result, block = [], b""
    for number in range(1, outputs + 1):
        block = hmac.digest(temporary, block + bytes([number]), "sha256")
        result.append(block)
    return result


class CipherState:
    """(5.1) A key and a counter."""

    def __init__(self, key=None):
        self.key = key
        self.n = 0

    def nonce(self):
        self.n += 1
        return bytes(4) + (self.n - 1).to_bytes(8, "little")

    def encrypt(self, associated, plaintext):
        return ChaCha20Poly1305(self.key).encrypt(self.nonce(), plaintext, associated) if self.key else plaintext

    def decrypt(self, associated, ciphertext):
        if not self.key:
            return ciphertext
        try:
            return ChaCha20Poly1305(self.key).decrypt(self.nonce(), ciphertext, associated)
        except InvalidTag as error:
            raise Failed("a message that does not verify") from error


class SymmetricState:
    """(5.2) The chaining key and the hash of everything said."""

    def __init__(self, name):
        self.h = name + bytes(32 - len(name)) if len(name) <= 32 else hashlib.sha256(name).digest()
        self.ck = self.h
        self.cipher = CipherState()

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, material):
        self.ck, key = hkdf(self.ck, material, 2)
        self.cipher = CipherState(key)

    def mix_key_and_hash(self, material):
        self.ck, temporary, key = hkdf(self.ck, material, 3)
        self.mix_hash(temporary)
        self.cipher = CipherState(key)

    def encrypt_and_hash(self, plaintext):
        ciphertext = self.cipher.encrypt(self.h, plaintext)
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext):
        plaintext = self.cipher.decrypt(self.h, ciphertext)
        self.mix_hash(ciphertext)
        return plaintext

    def split(self):
        return [CipherState(key) for key in hkdf(self.ck, b"", 2)]


class Handshake:
    """(5.3) A handshake with empty payloads. Keys are private, but for .remote, the other's static public key."""

    def __init__(self, pattern, initiator, prologue, psk, static, ephemeral, remote=None):
        before_initiator, before_responder, self.messages = PATTERNS[pattern]
        self.initiator, self.psk = initiator, psk
        self.static, self.ephemeral = static, ephemeral
        self.remote, self.remote_ephemeral = remote, None
        self.symmetric = SymmetricState(b"Noise_%s_25519_ChaChaPoly_SHA256" % pattern.encode())
        self.symmetric.mix_hash(prologue)
        for mine, tokens in ((initiator, before_initiator), (not initiator, before_responder)):
            for _ in tokens:
                self.symmetric.mix_hash(public_key(static) if mine else remote)
        self.turn = 0

    def write(self):
        tokens, out = self.messages[self.turn], b""
        self.turn += 1
        for token in tokens:
            if token == "e":
                public = public_key(self.ephemeral)
                self.mix_ephemeral(public)
                out += public
            elif token == "s":
                out += self.symmetric.encrypt_and_hash(public_key(self.static))
            else:
                self.mix(token)
        return out + self.symmetric.encrypt_and_hash(b"")

    def read(self, message):
        tokens = self.messages[self.turn]
        self.turn += 1
        for token in tokens:
            if token == "e":
                self.remote_ephemeral, message = message[:KEY_BYTES], message[KEY_BYTES:]
                self.mix_ephemeral(self.remote_ephemeral)
            elif token == "s":
                size = KEY_BYTES + TAG_BYTES
                self.remote, message = self.symmetric.decrypt_and_hash(message[:size]), message[size:]
            else:
                self.mix(token)
        if self.symmetric.decrypt_and_hash(message):
            raise Failed("a payload")

    def mix_ephemeral(self, public):
        self.symmetric.mix_hash(public)
        self.symmetric.mix_key(public)  # (9.2) in handshakes with a psk

    def mix(self, token):
        if token == "psk":
            self.symmetric.mix_key_and_hash(self.psk)
            return
        # The first letter is the initiator's key, the second the responder's.
        mine, others = token if self.initiator else reversed(token)
        private = {"e": self.ephemeral, "s": self.static}[mine]
        public = {"e": self.remote_ephemeral, "s": self.remote}[others]
        self.symmetric.mix_key(dh(private, public))

    @property
    def finished(self):
        return self.turn == len(self.messages)

    def transport(self):
        """(sending, receiving) CipherStates of this side."""
        first, second = self.symmetric.split()
        return (first, second) if self.initiator else (second, first)
