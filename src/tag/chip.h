/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An NFC reader, through libnfc. Its field is on from a chip_look() that finds a tag until
 * chip_rest() or the next look, which begins with it off, so a tag begins from the start each time.
 */

#include <stddef.h>
#include <stdint.h>

#include "tag/air.h"
#include "tag/presence.h"
#include "tag/tag.h"
#include "util/defer.h"

struct chip;

enum {
        CHIP_E_MISSING = 1, /* there is no such reader, or it does not answer */
};

struct chip_target {
        enum tag_kind kind;
        uint8_t uid[PRESENCE_UID_MAX];
        size_t n_uid;
};

/* Before anything else: libnfc keeps what goes over the air out of every log. 0 or -errno. */
int chip_silence(void);

/*
 * chip_open() - open a reader
 * @device: as libnfc writes it, or "" for the first one on USB
 *
 * Return: 0, CHIP_E_MISSING, or -ENOMEM.
 */
int chip_open(const char *device, struct chip **ret_chip);
struct chip *chip_close(struct chip *chip);

/* As the reader calls itself. */
const char *chip_name(const struct chip *chip);

/* Looks for a tag once. 1 with the tag, which is selected then; 0 without; -EIO: the reader is
 * gone.
 */
int chip_look(struct chip *chip, struct chip_target *ret_target);

/* Turns the field off until the next look; that it failed is noticed then. */
void chip_rest(struct chip *chip);

/* The way to the tag that was selected last. */
struct air chip_air(struct chip *chip);

DEFINE_DEFER(struct chip *, chip_close);
