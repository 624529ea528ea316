/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "mqtt/topic.h"
#include "util/free.h"
#include "util/hex.h"
#include "wire/kdf.h"

#define SIGNED_MAX 512

struct signer {
        uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
};

static void signer_init(struct signer *s, const uint8_t master[32])
{
        uint8_t seed[32];

        kdf_hub_sign_seed(master, seed);
        (void)crypto_sign_seed_keypair(s->public, s->secret, seed);
        sodium_memzero(seed, sizeof(seed));
}

void forward_public_key(const uint8_t master[32], uint8_t ret_key[32])
{
        struct signer signer;

        signer_init(&signer, master);
        memcpy(ret_key, signer.public, 32);
        sodium_memzero(&signer, sizeof(signer));
}

/*
 * What is signed: lines of text, so that a consumer in any language can put them together again
 * from the message without agreeing on an encoding of it.
 */
static int signed_text(const struct forward *f, const char *id, const char *public_key,
                       const struct store_device *d, char text[SIGNED_MAX])
{
        return snprintf(text, SIGNED_MAX, "enrolld key v1\n%s\n%s\n%u\n%s\n%s\n", f->hub, id,
                        d->ownership.epoch, public_key, f->identity ? d->serial : "");
}

static void put_text(json_t *object, const char *key, const char *text)
{
        if (text[0])
                (void)json_object_set_new(object, key, json_string(text));
}

static json_t *forward_json(const struct forward *f, const struct store_device *d, const char *id)
{
        char public_key[65] = "", key[65], signature[129], text[SIGNED_MAX];
        uint8_t bytes[crypto_sign_BYTES];
        struct signer signer;
        json_t *object;

        if (f->public_key)
                hex_encode(d->ownership.public_key, 32, public_key);
        signer_init(&signer, f->master);
        (void)signed_text(f, id, public_key, d, text);
        (void)crypto_sign_detached(bytes, NULL, (const uint8_t *)text, strlen(text), signer.secret);
        hex_encode(bytes, sizeof(bytes), signature);
        hex_encode(signer.public, 32, key);
        sodium_memzero(&signer, sizeof(signer));

        object = json_pack("{s:s, s:s, s:s, s:I, s:I}", "hub", f->hub, "device_id", id, "name",
                           d->name, "epoch", (json_int_t)d->ownership.epoch, "enrolled_at",
                           (json_int_t)d->enrolled_at);
        if (!object)
                return NULL;
        if (f->identity) {
                put_text(object, "serial", d->serial);
                put_text(object, "maker", d->maker);
                put_text(object, "model", d->model);
                put_text(object, "software", d->software);
        }
        put_text(object, "public_key", public_key);
        put_text(object, "hub_key", key);
        put_text(object, "signature", signature);
        return object;
}

int forward_message(const struct forward *forward, const struct store_device *device,
                    struct store_message *ret_message)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        json_t *object;
        size_t n;
        int r;

        memset(ret_message, 0, sizeof(*ret_message));
        hex_encode(device->device_id, sizeof(device->device_id), id);
        r = topic_build(TOPIC_KEYS, forward->hub, id, ret_message->topic);
        if (r < 0)
                return r;
        object = forward_json(forward, device, id);
        if (!object)
                return -ENOMEM;
        n = json_dumpb(object, (char *)ret_message->payload, sizeof(ret_message->payload),
                       JSON_COMPACT | JSON_PRESERVE_ORDER);
        json_decref(object);
        if (n == 0 || n > sizeof(ret_message->payload))
                return -EMSGSIZE;

        ret_message->n_payload = n;
        ret_message->has_device = true;
        memcpy(ret_message->device_id, device->device_id, sizeof(ret_message->device_id));
        ret_message->created_at = device->enrolled_at;
        return 0;
}
