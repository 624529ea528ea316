/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "code/capability.h"
#include "mqtt/topic.h"
#include "util/free.h"
#include "util/hex.h"
#include "wire/kdf.h"

#define SIGNED_MAX      1280
#define SEALED_TEXT_MAX 640 /* of the content, and of the sealed content in Base64 */

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
 * Signs lines of text, so that a consumer in any language can put them together again from the
 * message without agreeing on an encoding of it.
 */
static void sign(const struct forward *f, const char *text, json_t *object)
{
        char key[65], signature[129];
        uint8_t bytes[crypto_sign_BYTES];
        struct signer signer;

        signer_init(&signer, f->master);
        (void)crypto_sign_detached(bytes, NULL, (const uint8_t *)text, strlen(text), signer.secret);
        (void)json_object_set_new(object, "hub_key",
                                  json_string(hex_encode(signer.public, 32, key)));
        (void)json_object_set_new(object, "signature",
                                  json_string(hex_encode(bytes, sizeof(bytes), signature)));
        sodium_memzero(&signer, sizeof(signer));
}

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

/* Signs what a message says, of either kind, as this hub. */
static void sign_message(const struct forward *f, json_t *object)
{
        const json_t *removed_at = json_object_get(object, "removed_at");
        json_int_t epoch = json_integer_value(json_object_get(object, "epoch"));
        const char *id = text_of(object, "device_id");
        char text[SIGNED_MAX];

        if (removed_at)
                (void)snprintf(text, sizeof(text), "enrolld key removal v1\n%s\n%s\n%lld\n%lld\n",
                               f->hub, id, (long long)epoch,
                               (long long)json_integer_value(removed_at));
        else if (json_object_get(object, "sealed"))
                (void)snprintf(text, sizeof(text), "enrolld key v2\n%s\n%s\n%lld\n%s\n%s\n%s\n%s\n",
                               f->hub, id, (long long)epoch, text_of(object, "public_key"),
                               text_of(object, "serial"), text_of(object, "recipient"),
                               text_of(object, "sealed"));
        else
                (void)snprintf(text, sizeof(text), "enrolld key v1\n%s\n%s\n%lld\n%s\n%s\n", f->hub,
                               id, (long long)epoch, text_of(object, "public_key"),
                               text_of(object, "serial"));
        sign(f, text, object);
}

static void put_text(json_t *object, const char *key, const char *text)
{
        if (text[0])
                (void)json_object_set_new(object, key, json_string(text));
}

void forward_receipt(const uint8_t master[32], const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     uint32_t epoch, uint8_t ret_receipt[FORWARD_RECEIPT_BYTES])
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], text[128];
        uint8_t key[32];

        kdf_hub_sign_seed(master, key);
        (void)snprintf(text, sizeof(text), "enrolld key receipt v1\n%s\n%lu\n",
                       hex_encode(device_id, STORE_DEVICE_ID_BYTES, id), (unsigned long)epoch);
        (void)crypto_generichash(ret_receipt, FORWARD_RECEIPT_BYTES, (const uint8_t *)text,
                                 strlen(text), key, sizeof(key));
        sodium_memzero(key, sizeof(key));
}

/* What the recipient finds under the seal. Without the hub's name: it may change. */
static size_t put_content(const struct forward *f, const struct store_device *d, const char *id,
                          char text[SEALED_TEXT_MAX])
{
        char receipt_text[2 * FORWARD_RECEIPT_BYTES + 1], key[65] = "";
        uint8_t receipt[FORWARD_RECEIPT_BYTES];

        forward_receipt(f->master, d->device_id, d->ownership.epoch, receipt);
        hex_encode(receipt, sizeof(receipt), receipt_text);
        if (f->secret_key)
                hex_encode(f->secret_key, 32, key);
        (void)snprintf(text, SEALED_TEXT_MAX,
                       "{\"device_id\":\"%s\",\"epoch\":%lu,\"receipt\":\"%s\"%s%s%s}", id,
                       (unsigned long)d->ownership.epoch, receipt_text,
                       f->secret_key ? ",\"secret_key\":\"" : "", key, f->secret_key ? "\"" : "");
        sodium_memzero(key, sizeof(key));
        sodium_memzero(receipt, sizeof(receipt));
        sodium_memzero(receipt_text, sizeof(receipt_text));
        return strlen(text);
}

/* 0, or -EINVAL if the recipient's key is not valid. */
static int seal(const struct forward *f, const struct store_device *d, const char *id,
                json_t *object)
{
        char text[SEALED_TEXT_MAX], sealed[SEALED_TEXT_MAX], recipient[65];
        uint8_t bytes[crypto_box_SEALBYTES + SEALED_TEXT_MAX];
        size_t n = put_content(f, d, id, text);
        int r = crypto_box_seal(bytes, (const uint8_t *)text, n, f->recipient);

        sodium_memzero(text, sizeof(text));
        if (r != 0)
                return -EINVAL;
        (void)sodium_bin2base64(sealed, sizeof(sealed), bytes, crypto_box_SEALBYTES + n,
                                sodium_base64_VARIANT_ORIGINAL);
        put_text(object, "recipient", hex_encode(f->recipient, 32, recipient));
        put_text(object, "sealed", sealed);
        return 0;
}

static json_t *forward_json(const struct forward *f, const struct store_device *d, const char *id)
{
        char public_key[65] = "";
        json_t *object;

        if (f->public_key)
                hex_encode(d->ownership.public_key, 32, public_key);
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
        return object;
}

/* Writes @object into the message, and the topic. */
static int forward_put(const struct forward *f, const char *id, const json_t *object,
                       struct store_message *ret_message)
{
        size_t n;
        int r;

        r = topic_build(TOPIC_KEYS, f->hub, id, ret_message->topic);
        if (r < 0)
                return r;
        n = json_dumpb(object, (char *)ret_message->payload, sizeof(ret_message->payload),
                       JSON_COMPACT | JSON_PRESERVE_ORDER);
        if (n == 0 || n > sizeof(ret_message->payload))
                return -EMSGSIZE;
        ret_message->n_payload = n;
        return 0;
}

/* Consumes @object_take; NULL says that memory was short. */
static int forward_finish(const struct forward *f, const struct store_device *device,
                          json_t *object_take, int64_t now, struct store_message *ret_message)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        int r;

        if (!object_take)
                return -ENOMEM;
        memset(ret_message, 0, sizeof(*ret_message));
        hex_encode(device->device_id, sizeof(device->device_id), id);
        r = forward_put(f, id, object_take, ret_message);
        json_decref(object_take);
        if (r < 0)
                return r;
        ret_message->has_device = true;
        memcpy(ret_message->device_id, device->device_id, sizeof(ret_message->device_id));
        ret_message->created_at = now;
        return 0;
}

int forward_message(const struct forward *forward, const struct store_device *device,
                    struct store_message *ret_message)
{
        bool is_sealed = forward->recipient && (forward->secret_key || forward->acknowledge);
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        json_t *object;
        int r = 0;

        hex_encode(device->device_id, sizeof(device->device_id), id);
        object = forward_json(forward, device, id);
        if (object && is_sealed)
                r = seal(forward, device, id, object);
        if (r < 0) {
                json_decref(object);
                return r;
        }
        if (object)
                sign_message(forward, object);
        r = forward_finish(forward, device, object, device->enrolled_at, ret_message);
        if (r == 0 && is_sealed && forward->acknowledge)
                ret_message->receipt = STORE_RECEIPT_WANTED;
        return r;
}

int forward_removal(const struct forward *forward, const struct store_device *device, int64_t now,
                    struct store_message *ret_message)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        json_t *object;

        hex_encode(device->device_id, sizeof(device->device_id), id);
        object = json_pack("{s:s, s:s, s:I, s:I}", "hub", forward->hub, "device_id", id, "epoch",
                           (json_int_t)device->ownership.epoch, "removed_at", (json_int_t)now);
        if (object)
                sign_message(forward, object);
        return forward_finish(forward, device, object, now, ret_message);
}

int forward_end(const struct forward *forward, const struct store_device *device, int64_t now,
                struct store_message *ret_message, size_t *ret_n_messages)
{
        int r;

        *ret_n_messages = 0;
        if (device->kind != STORE_ENROLLED || !(device->capabilities & CAPABILITY_KEY_FORWARD))
                return 0;
        r = forward_removal(forward, device, now, ret_message);
        if (r == 0)
                *ret_n_messages = 1;
        return r;
}

int forward_readdress(const struct forward *forward, const char *name,
                      struct store_message *message)
{
        json_t *object = json_loadb((const char *)message->payload, message->n_payload, 0, NULL);
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        int r;

        if (!json_is_object(object)) {
                json_decref(object);
                return -EBADMSG;
        }
        (void)snprintf(id, sizeof(id), "%s", text_of(object, "device_id"));
        (void)json_object_set_new(object, "hub", json_string(forward->hub));
        if (name)
                (void)json_object_set_new(object, "name", json_string(name));
        sign_message(forward, object);
        r = forward_put(forward, id, object, message);
        json_decref(object);
        return r;
}
