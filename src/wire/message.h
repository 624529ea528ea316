/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The layouts of every message and of every body inside TRANSPORT messages.
 *
 * Decoding is strict: keys that are unknown, missing or doubled, other types and other sizes are
 * malformed. Decoded spans point into the received bytes. Who may say what when is the business of
 * wire/session.h.
 *
 * Normative: doc/protocol.md, "Messages", "Bodies" and "Failures".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cbor.h"
#include "wire/fragment.h"
#include "wire/value.h"

#define MESSAGE_BOOT_ID_BYTES 8
#define MESSAGE_KEY_BYTES     32
#define MESSAGE_HASH_BYTES    32
#define MESSAGE_TEXT_MAX      VALUE_STRING_MAX /* bytes of a failure's or a channel's text */
#define MESSAGE_NONCE_BYTES   5
#define MESSAGE_ADV_BYTES     10 /* the nonce and the tag of an advertisement */
#define MESSAGE_FAIL_SAFE_MIN 10 /* s */
#define MESSAGE_FAIL_SAFE_MAX 900
#define MESSAGE_EXPONENT_MAX  18 /* of a decimal value, either way */
#define MESSAGE_CHANNELS_MAX  16 /* that one GET asks for */

/* A body begins behind the type and the kind, and 16 bytes of tag follow it. */
#define MESSAGE_BODY_AT  2
#define MESSAGE_BODY_MAX (MESSAGE_MAX - MESSAGE_BODY_AT - 16)

#define MESSAGE_VERSION 1 /* of the protocol, as HELLO says it */

/*
 * What STAGE holds beside the device half and the values, at most, and how long these may be; a
 * device can store that much (doc/protocol.md section 4.1).
 */
#define MESSAGE_STAGE_HEAD 83
#define MESSAGE_STAGED_MAX 1900 /* bytes of half and values together */
#define MESSAGE_VALUES_MAX 1024 /* bytes of the values alone */

/* What may be staged fits into one message, or this does not compile (C99 has no static assertion).
 */
typedef char
        message_staged_fits[MESSAGE_STAGE_HEAD + MESSAGE_STAGED_MAX <= MESSAGE_BODY_MAX ? 1 : -1];

/* The first byte of a message; doc/protocol.md section 3. */
enum message_type {
        MESSAGE_M1 = 0x01,
        MESSAGE_M2 = 0x02,
        MESSAGE_M3 = 0x03,
        MESSAGE_TRANSPORT = 0x04,
        MESSAGE_K1 = 0x05,
        MESSAGE_K2 = 0x06,
        MESSAGE_REFUSE = 0x0f,
        MESSAGE_PROBE = 0x10,
        MESSAGE_ANNOUNCE = 0x11,
};

/* The kinds of bodies; doc/protocol.md section 4.1. No value is also a type's. */
enum message_kind {
        MESSAGE_HELLO = 0x20,
        MESSAGE_STAGE = 0x21,
        MESSAGE_REPORT = 0x22,
        MESSAGE_COMMIT = 0x23,
        MESSAGE_DONE = 0x24,
        MESSAGE_SYNC = 0x25,
        MESSAGE_FAIL = 0x26,
        MESSAGE_DATA = 0x27,
        MESSAGE_SET = 0x28,
        MESSAGE_BYE = 0x29,
        MESSAGE_GET = 0x2a,
        MESSAGE_RESULT = 0x2b,
        MESSAGE_RELEASE = 0x2c,
        MESSAGE_RELEASED = 0x2d,
};

/* What FAIL says; doc/protocol.md section 4.3. */
enum message_failure {
        MESSAGE_FAILURE_HALF = 1,
        MESSAGE_FAILURE_PARAMETER,
        MESSAGE_FAILURE_STEP,
        MESSAGE_FAILURE_FUNCTION,
        MESSAGE_FAILURE_STORAGE,
        MESSAGE_FAILURE_EPOCH,
        MESSAGE_FAILURE_REPORT,
        MESSAGE_FAILURE_HUB_STORE,
        MESSAGE_FAILURE_CANCELLED,
};

/* What RESULT says of a command; doc/protocol.md section 4.4. */
enum message_outcome {
        MESSAGE_OUTCOME_DONE = 0,
        MESSAGE_OUTCOME_CHANNEL,   /* there is no such channel */
        MESSAGE_OUTCOME_VALUE,     /* not the channel's type, or outside its range */
        MESSAGE_OUTCOME_DIRECTION, /* the channel takes no commands, or cannot be read */
        MESSAGE_OUTCOME_FAILED,
        MESSAGE_OUTCOME_BUSY, /* not now */
};

/* Why a device refuses to enroll. */
enum message_refusal {
        MESSAGE_REFUSAL_NONE = 0,
        MESSAGE_REFUSAL_OWNED = 1,
        MESSAGE_REFUSAL_BUSY = 2,
};

/* The states of a device, as advertised and as HELLO says them; section 2.2. */
enum message_state {
        MESSAGE_STATE_FACTORY = 0,
        MESSAGE_STATE_PENDING = 1,
        MESSAGE_STATE_OWNED = 2,
        MESSAGE_STATE_WAITING = 3, /* advertised only: OWNED, and it has something to say */
};

/* What decoding can lead to, other than 0. */
enum {
        MESSAGE_E_MALFORMED = 1,
        MESSAGE_E_NEWER, /* a HELLO of a newer version of the protocol, whatever else it says */
};

struct message_hello {
        uint8_t state; /* enum message_state */
        uint32_t epoch;
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
};

struct message_stage {
        uint32_t epoch;
        const uint8_t *psk_own;   /* MESSAGE_KEY_BYTES, secret */
        const uint8_t *code_hash; /* MESSAGE_HASH_BYTES */
        uint16_t fail_safe_s;
        struct cbor_span half;   /* an array of steps */
        struct cbor_span values; /* a map from parameter to value */
};

struct message_fail {
        uint8_t failure;       /* enum message_failure, or one we do not know */
        int16_t step;          /* -1 if not told */
        struct cbor_span text; /* empty if not told */
};

struct message_done {
        uint32_t epoch;
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
};

/* What a channel has: one value of DATA, SET or RESULT. */
enum message_value_type {
        MESSAGE_INTEGER = VALUE_INTEGER,
        MESSAGE_BOOLEAN = VALUE_BOOLEAN, /* integer is 0 or 1 */
        MESSAGE_TEXT = VALUE_TEXT,
        MESSAGE_DECIMAL = 0x80, /* integer * 10^exponent; not a kind of wire/value.h */
};

struct message_value {
        uint8_t type; /* enum message_value_type */
        uint8_t channel;
        int8_t exponent;
        int64_t integer;
        struct cbor_span text;
};

/* A walk over values, or over the channels of GET. It may be copied to walk once more. */
struct message_values {
        struct cbor_reader reader;
        struct cbor_map map;
};

/* SET or GET. */
struct message_command {
        uint32_t id; /* comes back in RESULT */
        uint8_t kind;
        struct message_values values; /* SET: for message_values_next(); GET: _channels_next() */
};

struct message_result {
        uint32_t id;
        uint8_t outcome;       /* enum message_outcome, or one we do not know */
        struct cbor_span text; /* empty if not told */
};

/* Whether a message of @n bytes that begins with @type has a length that its type can have. */
bool message_size_fits(uint8_t type, size_t n);

/*
 * Each decodes the body of its kind: 0, or MESSAGE_E_*. Halves, the values of a stage and
 * the items of a report are arrays and maps of the CBOR subset then; what is in them is for
 * src/program to check.
 */
int message_get_hello(struct cbor_span body, struct message_hello *ret_hello);
int message_get_stage(struct cbor_span body, struct message_stage *ret_stage);
int message_get_report(struct cbor_span body, struct cbor_span *ret_items);
int message_get_fail(struct cbor_span body, struct message_fail *ret_fail);
int message_get_done(struct cbor_span body, struct message_done *ret_done);
int message_get_bye(struct cbor_span body);

/* COMMIT, RELEASE and RELEASED hold an epoch, SYNC the number of a point. */
int message_get_epoch(struct cbor_span body, uint32_t *ret_epoch);
int message_get_point(struct cbor_span body, uint8_t *ret_point);

/*
 * All values, or channels, are checked at once, and then walked. @kind is SET or GET; a RESULT
 * without values has none to walk.
 */
int message_get_data(struct cbor_span body, struct message_values *ret_values,
                     uint32_t *ret_number);
int message_get_command(enum message_kind kind, struct cbor_span body,
                        struct message_command *ret_command);
int message_get_result(struct cbor_span body, struct message_result *ret_result,
                       struct message_values *ret_values);
bool message_values_next(struct message_values *values, struct message_value *ret_value);
bool message_channels_next(struct message_values *channels, uint8_t *ret_channel);

/* Whether @body is one of its kind, in any of the ways above: 0, or MESSAGE_E_MALFORMED. */
int message_check(enum message_kind kind, struct cbor_span body);

/*
 * Each writes the body of its kind; whether it fitted is for cbor_writer_fits() to say. A stage's
 * half and values are encoded already; behind what message_put_report() writes, the caller puts the
 * map of items.
 */
void message_put_hello(struct cbor_writer *w, const struct message_hello *hello);
void message_put_stage(struct cbor_writer *w, const struct message_stage *stage);
void message_put_report(struct cbor_writer *w);
void message_put_fail(struct cbor_writer *w, const struct message_fail *fail);
void message_put_done(struct cbor_writer *w, const struct message_done *done);
void message_put_bye(struct cbor_writer *w);

/* COMMIT, SYNC, RELEASE and RELEASED. */
void message_put_number(struct cbor_writer *w, uint32_t number);

/* The channels of the values, and those of GET, ascend; GET has 1 to MESSAGE_CHANNELS_MAX. */
void message_put_data(struct cbor_writer *w, const struct message_value *values, size_t n_values,
                      uint32_t number);
void message_put_set(struct cbor_writer *w, uint32_t id, const struct message_value *values,
                     size_t n_values);
void message_put_get(struct cbor_writer *w, uint32_t id, const uint8_t *channels,
                     size_t n_channels);
void message_put_result(struct cbor_writer *w, const struct message_result *result,
                        const struct message_value *values, size_t n_values);
