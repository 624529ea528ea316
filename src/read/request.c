/* SPDX-License-Identifier: Apache-2.0 */

#include "read/request.h"

#include <stdbool.h>
#include <string.h>

#include "util/address.h"
#include "util/defer.h"

#define VERSION       1
#define REQUEST_BYTES 4 /* version, kind, seconds */
#define REPLY_BYTES   2 /* version, kind */

static const char *const progress_codes[READ_PROGRESS_KINDS] = {
        [READ_PROGRESS_WATCHING] = "watching",
        [READ_PROGRESS_TOO_DARK] = "too_dark",
        [READ_PROGRESS_CODE_SEEN] = "code_seen",
        [READ_PROGRESS_FOREIGN] = "foreign_code",
        [READ_PROGRESS_SEVERAL] = "several_codes",
        [READ_PROGRESS_NO_CAMERA] = "no_camera",
        [READ_PROGRESS_CAMERA_BUSY] = "camera_busy",
        [READ_PROGRESS_CAMERA_DENIED] = "camera_denied",
        [READ_PROGRESS_CAMERA_FAILED] = "camera_failed",
};

/* A reader that reports any other reason violates the protocol. */
static const enum reason reasons[] = {
        REASON_CODE_NOT_ENROLLMENT,
        REASON_CAMERA_MISSING,
        REASON_CAMERA_DENIED,
        REASON_CAMERA_BUSY,
        REASON_CAMERA_FAILED,
        REASON_CAMERA_DARK,
        REASON_IMAGE_UNREADABLE,
        REASON_IMAGE_NO_CODE,
        REASON_IMAGE_UNDECODABLE,
        REASON_REQUEST_INVALID,
        REASON_INTERNAL,
        REASON_IMAGE_TRUNCATED,
        REASON_IMAGE_TOO_LARGE,
        REASON_IMAGE_HEIF,
        REASON_IMAGE_PDF,
        REASON_IMAGE_SVG,
        REASON_IMAGE_FORMAT_UNKNOWN,
        REASON_SEVERAL_CODES,
};

/* The reason that a kind of foreign code has the word and the sentence of. */
static enum reason progress_kind(enum read_progress progress)
{
        return (enum reason)((int)FOREIGN_FIRST + (int)progress - (int)READ_PROGRESS_KINDS);
}

enum read_progress read_progress_of(enum reason foreign)
{
        if (foreign < FOREIGN_FIRST || foreign > FOREIGN_LAST)
                return READ_PROGRESS_FOREIGN;
        return (enum read_progress)((int)READ_PROGRESS_KINDS + (int)foreign - (int)FOREIGN_FIRST);
}

const char *read_progress_code(enum read_progress progress)
{
        if (progress >= READ_PROGRESS_KINDS)
                return reason_code(progress_kind(progress));
        return progress_codes[progress];
}

const char *read_progress_text(enum read_progress progress)
{
        static const char *const texts[READ_PROGRESS_KINDS] = {
                [READ_PROGRESS_WATCHING] = "The camera is watching.",
                [READ_PROGRESS_TOO_DARK] = "It is too dark to read a code.",
                [READ_PROGRESS_CODE_SEEN] = "A code is in view; hold it still, flat and in focus.",
                [READ_PROGRESS_FOREIGN] = "This is a code, but not an enrollment code.",
                [READ_PROGRESS_SEVERAL] =
                        "Several enrollment codes are in view; show one at a time.",
                [READ_PROGRESS_NO_CAMERA] =
                        "There is no camera. Plug one in; the hub waits for it.",
                [READ_PROGRESS_CAMERA_BUSY] =
                        "Another program is using the camera. Close it; the hub waits for that.",
                [READ_PROGRESS_CAMERA_DENIED] = "The code reader is not allowed to use the camera.",
                [READ_PROGRESS_CAMERA_FAILED] =
                        "The camera delivers no pictures. Unplug it and plug it in again.",
        };

        if (progress >= READ_PROGRESS_KINDS)
                return reason_text(progress_kind(progress));
        return texts[progress];
}

static bool word_is(const uint8_t *bytes, size_t n_bytes, const char *word)
{
        return n_bytes == strlen(word) && memcmp(bytes, word, n_bytes) == 0;
}

/* Empty, or devices, whose names may be such that last: /dev/v4l/by-id/... */
static bool devices_valid(const uint8_t *devices, size_t n_devices)
{
        return n_devices == 0 || (n_devices <= READ_DEVICES_MAX &&
                                  address_is_device_list((const char *)devices, n_devices));
}

int read_request_encode(const struct read_request *request, uint8_t packet[READ_PACKET_MAX],
                        size_t *ret_n_packet)
{
        struct read_request check;
        size_t n = strnlen(request->devices, sizeof(request->devices));

        packet[0] = VERSION;
        packet[1] = (uint8_t)request->kind;
        packet[2] = (uint8_t)(request->seconds >> 8);
        packet[3] = (uint8_t)request->seconds;
        memcpy(packet + REQUEST_BYTES, request->devices, n);
        if (read_request_decode(packet, REQUEST_BYTES + n, &check))
                return READ_E_MALFORMED;
        *ret_n_packet = REQUEST_BYTES + n;
        return 0;
}

int read_request_decode(const uint8_t *packet, size_t n_packet, struct read_request *ret_request)
{
        struct read_request request = {.kind = READ_REQUEST_IMAGE};
        size_t n_devices;

        if (n_packet < REQUEST_BYTES || packet[0] != VERSION)
                return READ_E_MALFORMED;
        request.seconds = (uint16_t)(packet[2] << 8 | packet[3]);
        n_devices = n_packet - REQUEST_BYTES;

        switch (packet[1]) {
        case READ_REQUEST_IMAGE:
                if (request.seconds != 0 || n_devices != 0)
                        return READ_E_MALFORMED;
                break;
        case READ_REQUEST_CAMERA:
                if (request.seconds < 1 || request.seconds > READ_SECONDS_MAX)
                        return READ_E_MALFORMED;
                if (!devices_valid(packet + REQUEST_BYTES, n_devices))
                        return READ_E_MALFORMED;
                request.kind = READ_REQUEST_CAMERA;
                memcpy(request.devices, packet + REQUEST_BYTES, n_devices);
                break;
        default:
                return READ_E_MALFORMED;
        }
        *ret_request = request;
        return 0;
}

static bool symbol_valid(const struct symbol *symbol)
{
        return symbology_name(symbol->symbology) && symbol->n_bytes >= 1 &&
               symbol->n_bytes <= SYMBOL_BYTES_MAX;
}

/* The reasons of reading, one by one; REASON_NONE after the last. */
static enum reason reason_at(size_t i)
{
        if (i < ELEMENTSOF(reasons))
                return reasons[i];
        i -= ELEMENTSOF(reasons);
        return i < FOREIGN_KINDS ? (enum reason)(FOREIGN_FIRST + i) : REASON_NONE;
}

static bool reason_valid(enum reason reason)
{
        for (size_t i = 0; reason_at(i) != REASON_NONE; i++)
                if (reason_at(i) == reason)
                        return true;
        return false;
}

static size_t word_put(uint8_t *body, const char *word)
{
        size_t n = strlen(word);

        memcpy(body, word, n);
        return n;
}

int read_reply_encode(const struct read_reply *reply, uint8_t packet[READ_PACKET_MAX],
                      size_t *ret_n_packet)
{
        uint8_t *body = packet + REPLY_BYTES;
        size_t n = 0;

        packet[0] = VERSION;
        packet[1] = (uint8_t)reply->kind;
        switch (reply->kind) {
        case READ_REPLY_PROGRESS:
                if (reply->progress >= READ_PROGRESS_MAX)
                        return READ_E_MALFORMED;
                n = word_put(body, read_progress_code(reply->progress));
                break;
        case READ_REPLY_CODE:
        case READ_REPLY_ANOTHER:
                if (!symbol_valid(&reply->symbol))
                        return READ_E_MALFORMED;
                body[0] = (uint8_t)reply->symbol.symbology;
                memcpy(body + 1, reply->symbol.bytes, reply->symbol.n_bytes);
                n = 1 + reply->symbol.n_bytes;
                break;
        case READ_REPLY_FAILURE:
                if (!reason_valid(reply->reason))
                        return READ_E_MALFORMED;
                n = word_put(body, reason_code(reply->reason));
                break;
        }
        *ret_n_packet = REPLY_BYTES + n;
        return 0;
}

static int progress_decode(const uint8_t *body, size_t n_body, struct read_reply *reply)
{
        for (int p = 0; p < READ_PROGRESS_MAX; p++)
                if (word_is(body, n_body, read_progress_code((enum read_progress)p))) {
                        reply->kind = READ_REPLY_PROGRESS;
                        reply->progress = (enum read_progress)p;
                        return 0;
                }
        return READ_E_MALFORMED;
}

static int code_decode(const uint8_t *body, size_t n_body, struct read_reply *reply)
{
        if (n_body < 2 || n_body - 1 > SYMBOL_BYTES_MAX)
                return READ_E_MALFORMED;
        reply->symbol.symbology = (enum symbology)body[0];
        reply->symbol.n_bytes = n_body - 1;
        memcpy(reply->symbol.bytes, body + 1, n_body - 1);
        return symbol_valid(&reply->symbol) ? 0 : READ_E_MALFORMED;
}

static int failure_decode(const uint8_t *body, size_t n_body, struct read_reply *reply)
{
        for (size_t i = 0; reason_at(i) != REASON_NONE; i++)
                if (word_is(body, n_body, reason_code(reason_at(i)))) {
                        reply->kind = READ_REPLY_FAILURE;
                        reply->reason = reason_at(i);
                        return 0;
                }
        return READ_E_MALFORMED;
}

int read_reply_decode(const uint8_t *packet, size_t n_packet, struct read_reply *ret_reply)
{
        const uint8_t *body = packet + REPLY_BYTES;

        if (n_packet < REPLY_BYTES || packet[0] != VERSION)
                return READ_E_MALFORMED;
        switch (packet[1]) {
        case READ_REPLY_PROGRESS:
                return progress_decode(body, n_packet - REPLY_BYTES, ret_reply);
        case READ_REPLY_CODE:
        case READ_REPLY_ANOTHER:
                ret_reply->kind = (enum read_reply_kind)packet[1];
                return code_decode(body, n_packet - REPLY_BYTES, ret_reply);
        case READ_REPLY_FAILURE:
                return failure_decode(body, n_packet - REPLY_BYTES, ret_reply);
        default:
                return READ_E_MALFORMED;
        }
}
