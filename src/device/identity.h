/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was put into a device when it was made: the file CARD.device that `enroll-code device`
 * writes.
 *
 *     { "private_key": "<64 digits>", "secret": "<64 digits>",
 *       "serial": "N1-000042", "maker": "Nordlicht", "model": "Thermo One", "software": "1.0.0" }
 *
 * The texts may be missing; then the device does not have them to report.
 */

#include <stddef.h>
#include <stdint.h>

#include "wire/program.h"

#define IDENTITY_ERROR_BYTES 160

struct identity {
        uint8_t private_key[32], public_key[32]; /* the public one is computed */
        uint8_t secret[32];
        char serial[PROGRAM_LABEL_MAX + 1], maker[PROGRAM_LABEL_MAX + 1];
        char model[PROGRAM_LABEL_MAX + 1], software[PROGRAM_LABEL_MAX + 1];
};

/* 0, or -EINVAL and one sentence in @ret_error. */
int identity_parse(struct identity *identity, const char *text, size_t n_text,
                   char ret_error[IDENTITY_ERROR_BYTES]);

/* The same with what is in a file; or what the system said, with a sentence too. */
int identity_read(struct identity *identity, const char *path,
                  char ret_error[IDENTITY_ERROR_BYTES]);

/* Wipes the keys. */
void identity_done(struct identity *identity);
