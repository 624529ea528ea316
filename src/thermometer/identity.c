/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"
#include "util/hex.h"
#include "wire/crypto.h"
#include "wire/kdf.h"
#include "wire/utf8.h"

#define FILE_BYTES_MAX 4096

DEFINE_DEFER(json_t *, json_decref);

/* The order is that of the file. */
static const struct {
        const char *name;
        size_t at; /* in struct identity */
        bool is_key, is_erased;
} fields[] = {
        {"private_key", offsetof(struct identity, private_key), true, false},
        {"secret", offsetof(struct identity, secret), true, true},
        {"adv_key", offsetof(struct identity, adv_key), true, false},
        {"mac_key", offsetof(struct identity, mac_key), true, false},
        {"serial", offsetof(struct identity, serial), false, false},
        {"maker", offsetof(struct identity, maker), false, false},
        {"model", offsetof(struct identity, model), false, false},
        {"software", offsetof(struct identity, software), false, false},
};

static int identity_fail(struct identity *identity, char *ret_error, const char *what,
                         const char *is)
{
        identity_done(identity);
        (void)snprintf(ret_error, IDENTITY_ERROR_BYTES, "%.60s %.90s", what, is);
        return -EINVAL;
}

static bool take_key(uint8_t key[32], const json_t *value)
{
        return json_string_length(value) == 64 &&
               hex_decode(json_string_value(value), key, 32) == 0;
}

/* Printable, so that it can be shown anywhere. */
static bool take_label(char label[PROGRAM_LABEL_MAX + 1], const json_t *value)
{
        size_t n = json_string_length(value);

        if (n < 1 || n > PROGRAM_LABEL_MAX ||
            !utf8_printable((const uint8_t *)json_string_value(value), n))
                return false;
        memcpy(label, json_string_value(value), n + 1);
        return true;
}

/* NULL, or what is wrong with the field. */
static const char *take_field(struct identity *identity, const char *name, const json_t *value)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                char *at = (char *)identity + fields[i].at;

                if (strcmp(name, fields[i].name) != 0)
                        continue;
                if (fields[i].is_key)
                        return take_key((uint8_t *)at, value) ? NULL
                                                              : "must be 64 hexadecimal digits";
                return take_label(at, value) ? NULL : "must be a text of 1 to 32 bytes";
        }
        return "is not a field; the fields are private_key, secret, serial, maker, model and "
               "software";
}

int identity_parse(struct identity *identity, const char *text, size_t n_text,
                   char ret_error[IDENTITY_ERROR_BYTES])
{
        _defer_(json_decref) json_t *root = NULL;
        static const uint8_t zero[32];
        json_error_t error;
        const char *name, *wrong;
        json_t *value;

        memset(identity, 0, sizeof(*identity));
        root = json_loadb(text, n_text, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(root))
                return identity_fail(identity, ret_error, "The file",
                                     root ? "is not a JSON object" : "is not JSON");
        json_object_foreach(root, name, value)
        {
                wrong = take_field(identity, name, value);
                if (wrong)
                        return identity_fail(identity, ret_error, name, wrong);
        }
        if (crypto_equal(identity->private_key, zero, sizeof(zero)))
                return identity_fail(identity, ret_error, "private_key", "is missing");
        identity->has_secret = !crypto_equal(identity->secret, zero, sizeof(zero));
        if (identity->has_secret) {
                kdf_adv_key(identity->secret, identity->adv_key);
                kdf_mac_key(identity->secret, identity->mac_key);
        }
        if (crypto_equal(identity->adv_key, zero, sizeof(zero)) ||
            crypto_equal(identity->mac_key, zero, sizeof(zero)))
                return identity_fail(identity, ret_error, "secret", "is missing");
        crypto_x25519_base(identity->private_key, identity->public_key);
        return 0;
}

int identity_read(struct identity *identity, const char *path, char ret_error[IDENTITY_ERROR_BYTES])
{
        char *text = NULL;
        size_t n = 0;
        int r;

        r = file_load(path, FILE_BYTES_MAX, &text, &n);
        if (r < 0) {
                (void)snprintf(ret_error, IDENTITY_ERROR_BYTES, "%s", strerror(-r));
                return r;
        }
        r = identity_parse(identity, text, n, ret_error);
        file_free(text, n);
        return r;
}

int identity_recall(struct identity *identity, struct memory *memory,
                    char ret_error[IDENTITY_ERROR_BYTES])
{
        char text[FILE_BYTES_MAX];
        const char *end;
        int r;

        r = memory_read(memory, MEMORY_IDENTITY, text, sizeof(text));
        if (r < 0) {
                (void)snprintf(ret_error, IDENTITY_ERROR_BYTES, "%s", strerror(-r));
                return r;
        }
        /* A byte of unwritten memory is in no text. */
        end = memchr(text, 0xff, sizeof(text));
        if (end == text)
                return -ENOENT;
        r = identity_parse(identity, text, end ? (size_t)(end - text) : sizeof(text), ret_error);
        crypto_wipe(text, sizeof(text));
        return r;
}

/* The file without the secret; the caller wipes and frees it. NULL if there is no memory. */
static char *identity_format(const struct identity *identity)
{
        _defer_(json_decref) json_t *root = json_object();
        char digits[65];
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                const char *at = (const char *)identity + fields[i].at, *value = at;

                if (fields[i].is_erased)
                        continue;
                if (fields[i].is_key)
                        value = hex_encode((const uint8_t *)at, 32, digits);
                if (*value != '\0')
                        r |= json_object_set_new(root, fields[i].name, json_string(value));
        }
        crypto_wipe(digits, sizeof(digits));
        return r == 0 ? json_dumps(root, JSON_INDENT(1)) : NULL;
}

static void text_wipe_deferred(char **text)
{
        if (*text)
                crypto_wipe(*text, strlen(*text));
        free(*text);
}

int identity_keep(const struct identity *identity, struct memory *memory)
{
        _defer_(text_wipe) char *text = identity_format(identity);

        return text ? memory_write(memory, MEMORY_IDENTITY, text, strlen(text)) : -ENOMEM;
}

int identity_rewrite(const struct identity *identity, const char *path)
{
        _defer_(text_wipe) char *text = identity_format(identity);

        return text ? file_replace(AT_FDCWD, path, text, strlen(text)) : -ENOMEM;
}

void identity_erase(struct identity *identity)
{
        crypto_wipe(identity->secret, sizeof(identity->secret));
        identity->has_secret = false;
}

void identity_done(struct identity *identity)
{
        crypto_wipe(identity, sizeof(*identity));
}
