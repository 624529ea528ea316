/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who owns the device: one durable record, and the device's half that is in force with it.
 *
 *     FACTORY --- the half ran, record written ---> PENDING --- COMMIT ---> OWNED
 *        ^                                            |                       |
 *        '------- FAIL, fail-safe timer, reset -------'-------- reset --------'
 *
 * Whatever a half sets and calls is a consequence of the record: the record holds the half and the
 * values, it is replaced as a whole, and after a power failure what it says is set and called
 * again. So an enrollment is all or nothing, and functions need no memory of their own.
 *
 * A half is run by ownership_stage(), then ownership_run() until it no longer says OWNERSHIP_SYNC;
 * ownership_drop() undoes it, at any moment before the commit.
 *
 * Normative: doc/protocol.md, "Ownership".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/slot.h"
#include "program/program.h"
#include "wire/message.h"
#include "wire/value.h"

#define OWNERSHIP_RECORD_MAX 2048 /* bytes of memory that a slot needs */
#define OWNERSHIP_HEAD_BYTES (sizeof(struct slot) + 12 + 3 * 32)
#define OWNERSHIP_HALF_MAX   (OWNERSHIP_RECORD_MAX - OWNERSHIP_HEAD_BYTES)

/* Whatever may be staged can be stored, or this does not compile. */
typedef char ownership_half_fits[OWNERSHIP_HALF_MAX >= MESSAGE_STAGED_MAX ? 1 : -1];

/*
 * How far a STAGE may raise the epoch. Without a bound, one that is never committed could use all
 * of them up; a hub that still knows a higher one than a device whose memory was replaced needs
 * some.
 */
#define OWNERSHIP_EPOCH_STEP_MAX 1024

#define OWNERSHIP_CALL_ARGUMENTS ((PROGRAM_ARGUMENTS_MAX - 1) / 2)

struct ownership_argument {
        uint8_t number; /* doc/code.md section 4.4 */
        struct value value;
};

/* Outcomes of a board's functions, other than 0. */
enum {
        BOARD_E_FAILED = 1,
        BOARD_E_UNKNOWN, /* there is no such function or item */
};

/*
 * What a board does; each returns 0 or BOARD_E_*. Values and their spans are valid during the call
 * only. After every start the library sets and calls again what is in force, so nothing of this has
 * to be remembered by the board, and all of it may come more than once.
 */
struct ownership_port {
        struct slot_port slot;

        /* Puts a parameter into the configuration, or takes it out. */
        int (*set)(void *board, unsigned parameter, const struct value *value);
        void (*unset)(void *board, unsigned parameter);

        /* Runs a function, or puts back what it did. A function that fails has done nothing. */
        int (*call)(void *board, unsigned function, const struct ownership_argument *arguments,
                    size_t n_arguments);
        void (*undo)(void *board, unsigned function);

        /* Says what the device is: serial number, software and so on, doc/code.md section 4.3. */
        int (*item)(void *board, unsigned item, struct value *ret_value);

        /*
         * Takes the secret out of what the device works with, which needs it no more while it is
         * owned. Only a reset may bring it back, from where it was put at the factory.
         */
        int (*erase)(void *board);

        /* Makes it permanent that the secret is used up: destroys it there, too, where it can. */
        int (*fuse)(void *board);
};

struct ownership_record {
        struct slot slot;
        uint32_t epoch; /* the highest that was ever taken */
        uint16_t n_half, n_values;
        uint16_t fail_safe_s;
        uint8_t state;       /* enum message_state */
        uint8_t flags;       /* enum program_finish, in force when it is OWNED */
        uint8_t hub[32];     /* H */
        uint8_t psk_own[32]; /* secret */
        uint8_t code_hash[32];
        uint8_t half[OWNERSHIP_HALF_MAX]; /* the half, then the values */
};

struct ownership {
        const struct ownership_port *port;
        void *board;
        const uint8_t *public_key, *device_id;
        uint32_t epoch; /* of what is being staged */
        uint8_t n_done; /* steps to undo, counted from the first */
        bool running;   /* a half has begun, and the record does not say so yet */
        struct program_run run;
        uint8_t items[(PROGRAM_NUMBER_MAX + 8) / 8]; /* bits: what the half reports */
        struct ownership_record record;
};

/* What a call can lead to, other than 0. */
enum {
        OWNERSHIP_E_FAILED = 1, /* @ret_fail says how; nothing of the half is left */
        OWNERSHIP_E_EPOCH,      /* not the epoch that is pending or owned */
        OWNERSHIP_E_STORAGE,    /* the memory does not work */
        OWNERSHIP_SYNC,         /* the half waits for the hub at a point; run on after that */
};

/*
 * Reads the record and puts what it says into force. What the pointers point to stays in place. 0,
 * or OWNERSHIP_E_STORAGE, and then the device must not be used.
 */
int ownership_init(struct ownership *o, const struct ownership_port *port, void *board,
                   const uint8_t public_key[32], const uint8_t device_id[16]);

/*
 * Takes what a hub wants to stage, in the states FACTORY and PENDING; what was pending is undone.
 * 0, and the half may run; or OWNERSHIP_E_FAILED.
 */
int ownership_stage(struct ownership *o, const struct message_stage *stage, const uint8_t hub[32],
                    struct message_fail *ret_fail);

/*
 * Runs the half up to its next point of synchronisation, OWNERSHIP_SYNC and @ret_point, or to its
 * end: 0, and the state is PENDING, durably. Or OWNERSHIP_E_FAILED.
 */
int ownership_run(struct ownership *o, uint8_t *ret_point, struct message_fail *ret_fail);

/* Writes the items that the half reports, a map. */
void ownership_put_items(const struct ownership *o, struct cbor_writer *w);

/* Makes the device the hub's, if it is not already: 0, OWNERSHIP_E_EPOCH or OWNERSHIP_E_STORAGE. */
int ownership_commit(struct ownership *o, uint32_t epoch);

/* Undoes a half that runs or is pending; FACTORY then. Does nothing in other states. */
int ownership_drop(struct ownership *o);

/* Reset by a person at the device, to the factory state; no copy of a key remains. */
int ownership_reset(struct ownership *o);

/* Whether the board must remove the secret: erase or fuse is in force. */
bool ownership_has_erased(const struct ownership *o);

/* Whether the secret in the code may still enroll the device. */
bool ownership_is_free(const struct ownership *o);
