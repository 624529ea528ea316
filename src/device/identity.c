/* SPDX-License-Identifier: Apache-2.0 */

#include "device/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "util/defer.h"
#include "util/free.h"
#include "util/hex.h"
#include "wire/crypto.h"
#include "wire/utf8.h"

#define FILE_BYTES_MAX 4096

DEFINE_DEFER(json_t *, json_decref);

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
        const struct {
                const char *name;
                uint8_t *key;
                char *label;
        } fields[] = {
                {"private_key", identity->private_key, NULL},
                {"secret", identity->secret, NULL},
                {"serial", NULL, identity->serial},
                {"maker", NULL, identity->maker},
                {"model", NULL, identity->model},
                {"software", NULL, identity->software},
        };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                if (strcmp(name, fields[i].name) != 0)
                        continue;
                if (fields[i].key)
                        return take_key(fields[i].key, value) ? NULL
                                                              : "must be 64 hexadecimal digits";
                return take_label(fields[i].label, value) ? NULL
                                                          : "must be a text of 1 to 32 bytes";
        }
        return "is not a field; they are private_key, secret, serial, maker, model and software";
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
        if (crypto_equal(identity->secret, zero, sizeof(zero)))
                return identity_fail(identity, ret_error, "secret", "is missing");
        crypto_x25519_base(identity->private_key, identity->public_key);
        return 0;
}

int identity_read(struct identity *identity, const char *path, char ret_error[IDENTITY_ERROR_BYTES])
{
        _defer_(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        char text[FILE_BYTES_MAX];
        ssize_t n;
        int r;

        n = fd < 0 ? -1 : read(fd, text, sizeof(text));
        if (n < 0) {
                r = -errno;
                (void)snprintf(ret_error, IDENTITY_ERROR_BYTES, "%s", strerror(errno));
                return r;
        }
        r = identity_parse(identity, text, (size_t)n, ret_error);
        crypto_wipe(text, sizeof(text));
        return r;
}

void identity_done(struct identity *identity)
{
        crypto_wipe(identity, sizeof(*identity));
}
