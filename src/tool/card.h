/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The card that describes a device to a maker of codes, and the private file that goes into the
 * device itself (doc/source.md, "Cards"). Both hold the one-time secret S.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"
#include "tool/functions.h"

struct card {
        char serial[PAYLOAD_LABEL_MAX + 1];                              /* empty: none */
        char maker[PAYLOAD_LABEL_MAX + 1], model[PAYLOAD_LABEL_MAX + 1]; /* both or none */
        uint8_t public_key[PAYLOAD_KEY_BYTES];
        uint8_t secret[PAYLOAD_SECRET_BYTES];
        unsigned reach; /* sum of enum payload_reach */
        struct functions functions;
};

/* Parses a card. 0, or -EINVAL and one sentence in @ret_error. */
int card_parse(struct card *card, const char *text, size_t n_text, char ret_error[160]);

/* Writes a card as JSON; fresh files of mode 0600, because of the secret. */
int card_write(const struct card *card, const char *path);

/* Generates the key pair and secret of a new device; the private key is for card_write_device(). */
void card_generate(struct card *card, uint8_t ret_private_key[PAYLOAD_KEY_BYTES]);
int card_write_device(const struct card *card, const uint8_t private_key[PAYLOAD_KEY_BYTES],
                      const char *software, const char *path);

void card_done(struct card *card);
