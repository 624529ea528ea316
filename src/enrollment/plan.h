/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an enrollment says and writes: everything about it that has no link and no clock.
 *
 *     plan_make()         the code is checked; name, values and keys are there    GRANTED
 *     plan_put_stage()    what the device is sent; psk_own is derivable           KEYED
 *     plan_take_report()  what it answers is checked and becomes its row
 *     plan_commit()       row, channels and messages are durable                  CONFIRMED
 *
 * Until plan_commit() nothing is written anywhere. The plan holds the code's secret; plan_done()
 * wipes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/code.h"
#include "contact/keys.h"
#include "enrollment/half.h"
#include "enrollment/replacement.h"
#include "policy/values.h"
#include "policy/verdict.h"
#include "reason/reason.h"
#include "store/device.h"

#define PLAN_TEXT_SIZE 768 /* bytes: a sentence, or the preview */

/* What the hub has; the same for all enrollments, by reference. */
struct plan_means {
        struct store *store;
        const struct issuers *issuers;
        const uint8_t *master; /* 32 bytes */
        const char *hub;       /* its name */
        const struct site *site;
        uint32_t ceiling; /* capabilities that this hub allows */
        uint32_t daemon;  /* its version, major * 256 + minor */
        unsigned fail_safe_sec;
        bool has_recipient;    /* of what is nobody else's business */
        uint8_t recipient[32]; /* its X25519 key */
        bool acknowledge;      /* it acknowledges what it is sent */
};

/* What the person said, beside the code. */
struct plan_wish {
        const char *name; /* NULL: made from the model */
        const struct given *given;
        size_t n_given;
        const uint8_t *replaces; /* the id of the device whose place it takes; NULL: of none */
        bool other_model;        /* which may be of another model */
        int64_t now;             /* Unix time, s: for a device that asks for the time */
        /* Whether this name is about to be given to another device than this; NULL: it is not. */
        bool (*is_name_taken)(void *userdata, const char *name,
                              const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        void *userdata;
};

struct plan {
        const struct plan_means *means;
        struct code code;
        struct verdict verdict;
        struct half half;
        struct program_run device_run; /* where the device is in its half, as far as it has told */
        struct values values;
        struct keys keys;               /* the hub's part; the session's part by plan_keys() */
        struct store_device device;     /* grows into its row */
        struct replacement replacement; /* whose place it takes */
        uint8_t secret_key[32];         /* that the device has reported, for the recipient only */

        /* What the store has of this device: an ownership that plan_commit(), or an earlier plan,
         * made durable. */
        bool known;
        uint32_t row_epoch;
        bool row_settled;
        bool row_of_code;        /* it was this very code that made the row */
        uint32_t given_up_epoch; /* the highest that this hub has owned it with and given up; 0:
                                    none */
};

/*
 * Opens and judges the code, names the device, finds the values, and makes sure that the store
 * could take it. REASON_NONE with the preview in @text, or why not, in words.
 */
enum reason plan_make(struct plan *p, const struct plan_means *means, const uint8_t *code,
                      size_t n_code, const struct plan_wish *wish, char text[PLAN_TEXT_SIZE]);

/*
 * Makes the plan again that left this row behind. 0, or -EBADMSG if its resume blob does not open
 * or its code is not accepted any more; the log has said which.
 */
int plan_make_again(struct plan *p, const struct plan_means *means, const struct store_device *row);

/* The keys of a session with this advertised nonce, of the code or of the ownership in the
 * row. */
void plan_keys(struct plan *p, enum keys_kind kind, const uint8_t nonce[KDF_NONCE_BYTES]);

/*
 * The epoch to stage for a device that has taken @device_epoch: above that, and above each of which
 * this hub has made keys before, as a device starts over whose memory was replaced. False if there
 * is none left.
 */
bool plan_next_epoch(const struct plan *p, uint32_t device_epoch, uint32_t *ret_epoch);

/* The body of STAGE for this epoch. */
void plan_put_stage(struct plan *p, uint32_t epoch, struct cbor_writer *w);

/*
 * How long the device may take, in s, for its steps up to the next point where it waits, or to the
 * end; and that it has come to that point.
 */
unsigned plan_device_sec(const struct plan *p);
void plan_device_goes_on(struct plan *p);

/* What the device's half does, in a few words. */
void plan_device_text(const struct plan *p, char text[PLAN_TEXT_SIZE]);

/* How the device reported, and when: for its row. */
struct plan_contact {
        const char *link; /* link_name() of the link */
        int64_t now;      /* Unix time, s */
};

/* Runs the rest of the hub's half on the device's report. REASON_NONE, or why not, in words. */
enum reason plan_take_report(struct plan *p, struct cbor_span report,
                             const struct plan_contact *contact, char text[PLAN_TEXT_SIZE]);

/*
 * Writes everything in one transaction, in which a device goes whose place this one takes.
 * REASON_NONE: it is durable.
 */
enum reason plan_commit(struct plan *p);

/*
 * The device has confirmed the ownership that the store has: notes it, and makes .device and the
 * half's channels what the store says.
 */
enum reason plan_settle(struct plan *p);

/*
 * Somebody else owns the device now: removes its row, if it was this code that made it; another
 * code with the same public key may be anybody's. A tombstone keeps its epoch. REASON_NONE if the
 * row is gone.
 */
enum reason plan_drop(struct plan *p);

void plan_done(struct plan *p);
