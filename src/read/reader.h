/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of the code reader: sends requests to the process behind a socket and does not
 * trust its answers.
 *
 * There is one request at a time. It ends with exactly one call of on_code or on_failed, unless it
 * is cancelled or the reader is freed. A reader process that violates the protocol or hangs is
 * abandoned; one that dies while it watches cameras is replaced, three times at most, for the rest
 * of the time. Callbacks are the last thing done in that turn of the loop, so the handler may
 * start the next request or free the reader in them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "read/request.h"
#include "util/defer.h"

#define READER_GRACE_SEC 15 /* beyond what a request takes: the process, a slow camera */

struct reader;

struct reader_handler {
        /* A code: 1 to SYMBOL_BYTES_MAX bytes as printed, unchecked; valid during the call only. */
        void (*on_code)(void *userdata, enum symbology symbology, const uint8_t *code,
                        size_t n_code);
        /* May come any number of times before the end; must not free the reader. */
        void (*on_progress)(void *userdata, enum read_progress progress);
        /*
         * One of several codes, up to OFFER_MAX, none of which was chosen; on_failed with
         * REASON_SEVERAL_CODES follows. Unchecked; valid during the call only. Must not free the
         * reader.
         */
        void (*on_another)(void *userdata, const uint8_t *code, size_t n_code);
        /*
         * Nothing was read: REASON_CODE_NOT_ENROLLMENT, _SEVERAL_CODES, _FOREIGN_*, _CAMERA_*,
         * _IMAGE_*, REASON_REQUEST_INVALID, REASON_INTERNAL, or REASON_READER_UNAVAILABLE.
         */
        void (*on_failed)(void *userdata, enum reason why);
};

/*
 * reader_new() - make a reader; nothing is connected yet
 * @socket_path: where enroll-read listens; copied
 * @handler: callbacks, kept by reference
 *
 * Return: 0, -ENOMEM, or -ENAMETOOLONG for a path that does not fit a socket address.
 */
int reader_new(struct reader **ret_reader, sd_event *event, const char *socket_path,
               const struct reader_handler *handler, void *userdata);
struct reader *reader_free(struct reader *r);

DEFINE_DEFER(struct reader *, reader_free);

/*
 * How long a reader may overrun the time of a request before the request fails; 15 s unless set.
 * The time is READ_IMAGE_SEC for a picture, and the one in the request for a camera.
 */
void reader_set_grace(struct reader *r, unsigned seconds);

/*
 * reader_image() - read the code in a picture file
 * @picture_fd: the file, open for reading at its start; the caller keeps it
 *
 * Return: 0 when the request is on its way, -EBUSY if one already is, REASON_READER_UNAVAILABLE if
 * nothing listens, or another -errno.
 */
int reader_image(struct reader *r, int picture_fd);

/*
 * reader_camera() - watch cameras until one shows a code
 * @devices: paths below /dev, separated by commas or blanks, or "auto" for all cameras
 * @seconds: 1 to READ_SECONDS_MAX
 *
 * Return: as reader_image(); -EINVAL for a device list or time that is not valid.
 */
int reader_camera(struct reader *r, const char *devices, unsigned seconds);

/* Ends a running request without a callback; the other end sees the socket close. */
void reader_cancel(struct reader *r);

/* Whether a request is running. */
bool reader_is_busy(const struct reader *r);
