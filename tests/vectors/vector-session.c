/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Transcripts of sessions: both ends of wire/session.h say every message in turn, which must be the
 * vector's byte for byte, and take what the vector has of the other.
 */

#include <string.h>

#include "vectors/vector.h"
#include "wire/crypto.h"
#include "wire/kdf.h"
#include "wire/message.h"
#include "wire/session.h"

struct end {
        struct session session;
        struct session_keys keys;
        uint8_t private_key[32], public_key[32];
        struct session_taken taken; /* from the last message, with a reply perhaps */
};

struct talk {
        struct end hub, device;
        uint8_t device_id[KDF_DEVICE_ID_BYTES], nonce[KDF_NONCE_BYTES];
        uint8_t psk[KDF_KEY_BYTES], mac_key[KDF_KEY_BYTES];
        uint8_t psk_own[KDF_KEY_BYTES], mac_key_own[KDF_KEY_BYTES];
        bool resumes;
};

static void talk_end(struct talk *t, struct end *end, struct end *other)
{
        end->keys = (struct session_keys){
                .own_private = end->private_key,
                .own_public = end->public_key,
                .peer_public = other->public_key,
                .device_id = t->device_id,
                .nonce = t->nonce,
                .psk = t->psk,
                .mac_key = t->mac_key,
                .psk_own = t->resumes ? t->psk_own : NULL,
                .mac_key_own = t->resumes ? t->mac_key_own : NULL,
        };
}

static void talk_init(struct talk *t, json_t *vector)
{
        uint8_t secret[KDF_KEY_BYTES];

        memset(t, 0, sizeof(*t));
        t->resumes = strcmp(vector_text(vector, "mode"), "resume") == 0;
        vector_fixed(vector, "hub_private", t->hub.private_key, 32);
        vector_fixed(vector, "device_private", t->device.private_key, 32);
        vector_fixed(vector, "nonce", t->nonce, sizeof(t->nonce));
        vector_fixed(vector, "secret", secret, sizeof(secret));
        crypto_x25519_base(t->hub.private_key, t->hub.public_key);
        crypto_x25519_base(t->device.private_key, t->device.public_key);
        kdf_device_id(t->device.public_key, t->device_id);
        kdf_psk(secret, t->psk);
        kdf_mac_key(secret, t->mac_key);
        if (t->resumes) {
                vector_fixed(vector, "psk_own", t->psk_own, sizeof(t->psk_own));
                kdf_own_mac_key(t->psk_own, t->mac_key_own);
        }
        talk_end(t, &t->hub, &t->device);
        talk_end(t, &t->device, &t->hub);
        t->device.keys.refusal = (uint8_t)vector_number(vector, "refusal");
        t->device.keys.epoch = (uint32_t)vector_number(vector, "epoch");
        session_device_init(&t->device.session, &t->device.keys);
        vector_random_reset();
        vector_random_push_key(json_object_get(vector, "hub_ephemeral"));
        vector_random_push_key(json_object_get(vector, "device_ephemeral"));
}

/* What this end says here: the first message, the answer to the last one, or a body. */
static int end_say(struct talk *t, struct end *end, json_t *message, struct bytes *ret_wire)
{
        struct bytes body;
        int r;

        if (vector_has(message, "kind")) {
                vector_bytes(message, "body", &body);
                memcpy(ret_wire->bytes + MESSAGE_BODY_AT, body.bytes, body.n);
                r = session_put(&end->session, (enum message_kind)vector_number(message, "kind"),
                                ret_wire->bytes, body.n, &ret_wire->n);
        } else if (end->taken.n_reply > 0) {
                memcpy(ret_wire->bytes, end->taken.reply, end->taken.n_reply);
                ret_wire->n = end->taken.n_reply;
                r = 0;
        } else {
                r = t->resumes ? session_hub_resume(&end->session, &end->keys, ret_wire->bytes)
                               : session_hub_enroll(&end->session, &end->keys, ret_wire->bytes);
                ret_wire->n = SESSION_FIRST_BYTES;
        }
        return r;
}

static int end_take(struct end *end, struct bytes *wire, json_t *message)
{
        int r = session_take(&end->session, wire->bytes, wire->n, &end->taken);

        if (r)
                return complain("it is not taken: outcome %d", r);
        if (!vector_has(message, "kind"))
                return 0;
        if (expect_number("its kind", end->taken.kind, vector_number(message, "kind")))
                return -1;
        return expect_bytes("its body", end->taken.body.bytes, end->taken.body.n_bytes,
                            json_object_get(message, "body"));
}

static int talk_message(struct talk *t, json_t *message)
{
        bool from_hub = strcmp(vector_text(message, "from"), "hub") == 0;
        struct end *sender = from_hub ? &t->hub : &t->device;
        struct end *receiver = from_hub ? &t->device : &t->hub;
        struct bytes wire;
        int r;

        r = end_say(t, sender, message, &wire);
        if (r)
                return complain("%s cannot be said: outcome %d", vector_text(message, "type"), r);
        if (expect_bytes(vector_text(message, "type"), wire.bytes, wire.n,
                         json_object_get(message, "wire")))
                return -1;
        return end_take(receiver, &wire, message);
}

static int talk_hash(const struct talk *t, json_t *vector)
{
        json_t *hash = json_object_get(vector, "handshake_hash");

        if (!session_is_ready(&t->hub.session) || !session_is_ready(&t->device.session))
                return 0;
        return expect_bytes("the hub's hash", session_hash(&t->hub.session), 32, hash) ||
                               expect_bytes("the device's", session_hash(&t->device.session), 32,
                                            hash)
                       ? -1
                       : 0;
}

int run_session(json_t *vector)
{
        json_t *message;
        struct talk t;
        size_t i;

        talk_init(&t, vector);
        json_array_foreach(vector_array(vector, "messages"), i, message)
        {
                if (talk_message(&t, message))
                        return complain("  in message %zu", i + 1);
                if (talk_hash(&t, vector))
                        return -1;
        }
        return i > 0 ? 0 : complain("nothing is said");
}
