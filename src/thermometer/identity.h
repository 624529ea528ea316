/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the factory puts into a device: the file CARD.device that `enroll-code device` writes.
 *
 *     { "private_key": "<64 digits>", "secret": "<64 digits>",
 *       "serial": "N1-000042", "maker": "Nordlicht", "model": "Thermo One", "software": "1.0.0" }
 *
 * The texts may be missing; then the device does not report them.
 *
 * A device that has erased its secret uses a copy in its memory, which has "adv_key" and "mac_key",
 * K_adv and K_mac of doc/protocol.md section 1, instead of "secret".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/program.h"
#include "thermometer/memory.h"

#define IDENTITY_ERROR_BYTES 160

struct identity {
        uint8_t private_key[32], public_key[32]; /* the public one is computed */
        uint8_t secret[32];
        uint8_t adv_key[32], mac_key[32]; /* computed, where there is a secret */
        bool has_secret;
        char serial[PROGRAM_LABEL_MAX + 1], maker[PROGRAM_LABEL_MAX + 1];
        char model[PROGRAM_LABEL_MAX + 1], software[PROGRAM_LABEL_MAX + 1];
};

/* 0, or -EINVAL and one sentence in @ret_error. */
int identity_parse(struct identity *identity, const char *text, size_t n_text,
                   char ret_error[IDENTITY_ERROR_BYTES]);

/* The same from a file; or -errno, also with a sentence. */
int identity_read(struct identity *identity, const char *path,
                  char ret_error[IDENTITY_ERROR_BYTES]);

/*
 * The same from the copy in the memory; -ENOENT without a sentence if there is no copy.
 */
int identity_recall(struct identity *identity, struct memory *memory,
                    char ret_error[IDENTITY_ERROR_BYTES]);

/* Writes everything but the secret: to the copy in the memory, or to the file itself. */
int identity_keep(const struct identity *identity, struct memory *memory);
int identity_rewrite(const struct identity *identity, const char *path);

/* Wipes the secret alone. */
void identity_erase(struct identity *identity);

/* Wipes the keys. */
void identity_done(struct identity *identity);
