/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A catalogue in a private store, one issuer, and codes of as many devices as a test wants. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/catalogue.h"
#include "support/code-sample.h"

#define SHOP_TEXT_SIZE (TEXT_CHARS_MAX + 1)

struct shop {
        char directory[64], database[96];
        struct issuer issuer;
        struct issuers issuers;
        uint8_t master[32];
        struct catalogue catalogue;
        struct sample sample;
        char text[SHOP_TEXT_SIZE]; /* of the last code */
};

static inline int shop_set_up(void **state)
{
        struct shop *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        strcpy(s->directory, "/tmp/test-catalogue-XXXXXX");
        assert_non_null(mkdtemp(s->directory));
        (void)snprintf(s->database, sizeof(s->database), "%s/enrolld.db", s->directory);
        assert_int_equal(store_open(s->database, &s->catalogue.store), 0);
        s->issuers = sample_issuers(&s->issuer);
        memset(s->master, 7, sizeof(s->master));
        s->catalogue.issuers = &s->issuers;
        s->catalogue.master = s->master;
        s->catalogue.ceiling = CAPABILITY_ALL;
        s->catalogue.daemon = 256;
        *state = s;
        return 0;
}

static inline int shop_tear_down(void **state)
{
        struct shop *s = *state;
        char command[96];

        (void)store_free(s->catalogue.store);
        (void)snprintf(command, sizeof(command), "rm -rf %s", s->directory);
        assert_int_equal(system(command), 0);
        free(s);
        return 0;
}

/* The text of a code for the device @number with this serial number, "" for none. */
static inline const char *shop_code(struct shop *s, unsigned number, const char *serial)
{
        sample_init(&s->sample);
        s->sample.payload.public_key[0] = (uint8_t)number;
        s->sample.payload.public_key[1] = (uint8_t)(number >> 8);
        s->sample.payload.secret[0] = (uint8_t)number;
        (void)snprintf(s->sample.payload.serial, sizeof(s->sample.payload.serial), "%s", serial);
        sample_encode(&s->sample);
        sample_sign(&s->sample);
        text_encode(TEXT_FORM_PASTE, s->sample.bytes, s->sample.n_bytes, s->text);
        return s->text;
}

/* Checks this code for the catalogue. */
static inline enum reason shop_check(struct shop *s, const char *reference, const char *code,
                                     struct store_entry *ret_entry)
{
        const struct catalogue_offer offer = {.reference = reference,
                                              .code = (const uint8_t *)code,
                                              .n_code = strlen(code),
                                              .name = "",
                                              .now = 1000};
        char detail[CATALOGUE_DETAIL_SIZE];

        return catalogue_check(&s->catalogue, &offer, ret_entry, detail);
}
