/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The reader's end of the protocol (doc/tag.md): finds the reader, waits for tags on it, reads each
 * once, and says what is on it. It runs until the hub closes the connection.
 */

#include "tag/chip.h"

struct station {
        struct chip *chip;
        struct presence presence;
        struct chip_target target; /* that was found last */
};

/*
 * Serves one connection. A process that hangs in its reader ends by SIGALRM. 0 when the hub has
 * closed it, or -errno.
 */
int station_serve(int fd);

/* Looks once: opens the reader if it is not open. 1 with a new tag, 0 without one, -EIO when the
 * reader has gone, which closes it, or -ENOMEM. */
int station_look(struct station *station);

/*
 * Reads the tag that station_look() has found, and tries again while it is there. REASON_NONE with
 * its code, the reason why there is none, or REASON_NFC_MISSING if the reader has gone.
 */
enum reason station_read(struct station *station, uint8_t code[TEXT_CHARS_MAX], size_t *ret_n_code);
