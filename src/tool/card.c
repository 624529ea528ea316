/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/card.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "tool/choice.h"
#include "util/defer.h"
#include "util/file.h"
#include "util/hex.h"

DEFINE_DEFER(json_t *, json_decref);

static const char *take_label(const json_t *value, char *label)
{
        struct cbor_span text = {(const uint8_t *)json_string_value(value),
                                 json_string_length(value)};

        if (!text.bytes || !payload_is_label(text))
                return "must be a text of 1 to 32 printable bytes";
        memcpy(label, text.bytes, text.n_bytes);
        label[text.n_bytes] = '\0';
        return NULL;
}

static const char *take_serial(struct card *card, const json_t *value)
{
        return take_label(value, card->serial);
}

static const char *take_maker(struct card *card, const json_t *value)
{
        return take_label(value, card->maker);
}

static const char *take_model(struct card *card, const json_t *value)
{
        return take_label(value, card->model);
}

static const char *take_public_key(struct card *card, const json_t *value)
{
        const char *digits = json_string_value(value);

        if (!digits || hex_decode(digits, card->public_key, sizeof(card->public_key)) < 0 ||
            sodium_is_zero(card->public_key, sizeof(card->public_key)))
                return "must be 64 hexadecimal digits, the X25519 public key";
        return NULL;
}

static const char *take_secret(struct card *card, const json_t *value)
{
        const char *digits = json_string_value(value);

        if (!digits || hex_decode(digits, card->secret, sizeof(card->secret)) < 0 ||
            sodium_is_zero(card->secret, sizeof(card->secret)))
                return "must be 64 hexadecimal digits, the one-time secret";
        return NULL;
}

static const char *take_reach(struct card *card, const json_t *value)
{
        for (size_t i = 0; i < json_array_size(value); i++) {
                const char *name = json_string_value(json_array_get(value, i));

                if (name && strcmp(name, "ble") == 0)
                        card->reach |= PAYLOAD_REACH_BLE;
                else if (name && strcmp(name, "stream") == 0)
                        card->reach |= PAYLOAD_REACH_STREAM;
                else
                        return "must be a list of \"ble\" and \"stream\"";
        }
        return card->reach ? NULL : "must be a list of \"ble\" and \"stream\"";
}

static const char *take_functions(struct card *card, const json_t *value)
{
        bool good = json_array_size(value) > 0;

        for (size_t i = 0; good && i < json_array_size(value); i++) {
                const json_t *number = json_array_get(value, i);

                good = json_is_integer(number) &&
                       functions_add(&card->functions, json_integer_value(number));
        }
        return good ? NULL : "must be a list of numbers from 1 to 255";
}

static const struct {
        const char *name;
        const char *(*on_field)(struct card *card, const json_t *value);
} fields[] = {
        {"serial", take_serial},         {"maker", take_maker},   {"model", take_model},
        {"public_key", take_public_key}, {"secret", take_secret}, {"reach", take_reach},
        {"functions", take_functions},
};

/* Returns what is wrong, in @advice if it depends on the name. */
static const char *take_field(struct card *card, const char *name, const json_t *value,
                              char advice[120])
{
        struct choice choice = {.n_words = 0};
        size_t n;

        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                if (strcmp(name, fields[i].name) == 0)
                        return fields[i].on_field(card, value);
                choice_add(&choice, fields[i].name);
        }
        n = (size_t)snprintf(advice, 120, "is not a field; ");
        choice_advise(&choice, name, "fields", advice + n, 120 - n);
        return advice;
}

static int card_fail(struct card *card, char ret_error[160], const char *field, const char *text)
{
        (void)snprintf(ret_error, 160, "%.32s: %s", field, text);
        card_done(card);
        return -EINVAL;
}

int card_parse(struct card *card, const char *text, size_t n_text, char ret_error[160])
{
        _defer_(json_decref) json_t *root = NULL;
        json_error_t error;
        const char *name;
        json_t *value;

        memset(card, 0, sizeof(*card));
        root = json_loadb(text, n_text, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(root)) {
                (void)snprintf(ret_error, 160, "line %d: %.120s", root ? 1 : error.line,
                               root ? "must be an object" : error.text);
                return -EINVAL;
        }
        json_object_foreach(root, name, value)
        {
                char advice[120];
                const char *wrong = take_field(card, name, value, advice);

                if (wrong)
                        return card_fail(card, ret_error, name, wrong);
        }
        if (sodium_is_zero(card->public_key, sizeof(card->public_key)))
                return card_fail(card, ret_error, "public_key", "is missing");
        if (sodium_is_zero(card->secret, sizeof(card->secret)))
                return card_fail(card, ret_error, "secret", "is missing");
        if (!card->maker[0] != !card->model[0])
                return card_fail(card, ret_error, "maker, model", "must be given together");
        if (card->reach == 0)
                card->reach = PAYLOAD_REACH_BLE;
        return 0;
}

static int json_write(const json_t *root, const char *path)
{
        char *text = json_dumps(root, JSON_INDENT(2));
        size_t n = text ? strlen(text) : 0;
        int r;

        if (!text)
                return -ENOMEM;
        text[n] = '\n'; /* in the place of the NUL */
        r = file_write(path, text, n + 1, 0600, true);
        file_free(text, n + 1);
        return r;
}

/* An empty text leaves the field out. */
static void put_text(json_t *root, const char *name, const char *text)
{
        if (text[0])
                (void)json_object_set_new(root, name, json_string(text));
}

static void put_bytes(json_t *root, const char *name, const uint8_t bytes[32])
{
        char digits[65];

        put_text(root, name, hex_encode(bytes, 32, digits));
        sodium_memzero(digits, sizeof(digits));
}

int card_write(const struct card *card, const char *path)
{
        _defer_(json_decref) json_t *root = json_object();
        json_t *reach = json_array();

        put_text(root, "serial", card->serial);
        put_text(root, "maker", card->maker);
        put_text(root, "model", card->model);
        put_bytes(root, "public_key", card->public_key);
        put_bytes(root, "secret", card->secret);
        if (card->reach & PAYLOAD_REACH_BLE)
                (void)json_array_append_new(reach, json_string("ble"));
        if (card->reach & PAYLOAD_REACH_STREAM)
                (void)json_array_append_new(reach, json_string("stream"));
        (void)json_object_set_new(root, "reach", reach);
        return json_write(root, path);
}

void card_generate(struct card *card, uint8_t ret_private_key[PAYLOAD_KEY_BYTES])
{
        randombytes_buf(ret_private_key, PAYLOAD_KEY_BYTES);
        (void)crypto_scalarmult_base(card->public_key, ret_private_key);
        randombytes_buf(card->secret, sizeof(card->secret));
}

int card_write_device(const struct card *card, const uint8_t private_key[PAYLOAD_KEY_BYTES],
                      const char *software, const char *path)
{
        _defer_(json_decref) json_t *root = json_object();

        put_bytes(root, "private_key", private_key);
        put_bytes(root, "secret", card->secret);
        put_text(root, "serial", card->serial);
        put_text(root, "maker", card->maker);
        put_text(root, "model", card->model);
        put_text(root, "software", software);
        return json_write(root, path);
}

void card_done(struct card *card)
{
        sodium_memzero(card, sizeof(*card));
}
