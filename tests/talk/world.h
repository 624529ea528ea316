/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A world in memory: one device with its flash and board, hubs with a store each, and a link that
 * one hub at a time has. Everything that can happen to them is a verb here, power cuts included.
 *
 * The device is the real library. The hub is the real session and an honest hub of a hundred lines
 * that does what doc/protocol.md section 6 asks of it, no less and no more.
 *
 * The whole world is one struct without pointers out of it, so that a test takes a copy, goes on,
 * and comes back by copying it into the same place.
 */

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/enroll-device.h"
#include "wire/session.h"

#define WORLD_HUBS    2
#define WORLD_FLIGHT  3   /* messages of one direction under way */
#define WORLD_MESSAGE 256 /* bytes of the longest one said here */
#define WORLD_FLASH   512 /* bytes of a slot; what is behind them is never written */

/* What the board did; nothing of it survives a power cut. */
struct world_board {
        bool named;        /* parameter 1 is set */
        bool broken;       /* function 1 fails */
        bool memory_fails; /* writing fails, and nothing is written */
        bool lamp;         /* channel 2 */
        uint8_t calls;     /* bits: functions in force */
        unsigned n_calls, n_undos, n_fuses;
        bool erased;                      /* the secret is only where the factory put it */
        uint8_t adv_key[32], mac_key[32]; /* then */
};

enum world_cut {
        CUT_NONE,
        CUT_BEFORE, /* nothing reaches the memory */
        CUT_TORN,   /* half of it does */
        CUT_AFTER,  /* all of it does, but nobody hears of it */
        CUT_FAILS,  /* of the device's memory only: no power fails, but the write does */
};

struct world_message {
        size_t n;
        uint8_t bytes[WORLD_MESSAGE];
};

struct world_queue {
        size_t n;
        struct world_message messages[WORLD_FLIGHT];
};

/* What a hub has in its store. */
enum row_state {
        ROW_NONE,
        ROW_UNSETTLED, /* the device may be ours already; COMMIT is owed */
        ROW_CONFIRMED, /* DONE was seen */
};

struct world_hub {
        /* durable */
        struct {
                uint8_t state; /* enum row_state */
                uint32_t epoch;
        } row;
        bool has_code; /* a person showed it, and it is not dealt with yet */
        bool releases; /* a person has removed the device, and it does not know it yet */
        uint8_t master[32];
        uint8_t private_key[32], public_key[32];

        /* lost with power */
        uint8_t psk[32], mac_key[32], psk_own[32], mac_key_own[32], nonce[5];
        struct session_keys keys;
        struct session session;
        uint32_t epoch;    /* of what is being staged or resumed */
        bool enrolls_next; /* the session of section 5 did not work the last time */
        bool refused;      /* the device is somebody else's */
        uint8_t failure;   /* of the last FAIL */
        unsigned n_data, n_results;
        bool sets, gets; /* what a person wants: the lamp on, and to know whether it is */
        uint32_t id;     /* of the last command */
        uint8_t outcome; /* of the last RESULT */
        bool lamp;       /* as it said */
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
        uint32_t number; /* of the last DATA */
};

struct world {
        struct world_board board;
        uint8_t flash[2][WORLD_FLASH];
        struct enroll_device device;
        uint32_t n_data; /* that the device has said since its start */
        uint8_t device_private[32], device_public[32], secret[32], device_id[16];
        uint8_t device_secret[32]; /* what the device works with, as long as it does */
        struct world_hub hubs[WORLD_HUBS];
        int linked;  /* the hub that has the link, or -1 */
        bool stream; /* the link is none that somebody else could want */
        struct world_queue to_device, to_hub;
        uint32_t now_ms;

        enum world_cut cut; /* at this write to the flash, counted from 1 */
        unsigned cut_write, n_writes;
        enum world_cut hub_cut; /* at the next write to the linked hub's store */

        unsigned n_messages; /* over the link since it is there */
        const uint8_t *half;
        size_t n_half;
};

extern struct world world;

/* Halves to stage. */
extern const uint8_t half_plain[], half_sync[], half_fuse[];
extern const size_t n_half_plain, n_half_sync, n_half_fuse;

/* A device fresh from the factory, and hubs that all have its code. */
void world_init(void);

/* The hub gets the link, and starts a session if it has a reason to; false if it has none. */
bool world_connect(int hub);
void world_link_lost(void);

/* The oldest message of a direction arrives. The receiver may close the link. */
void world_deliver_to_device(void);
void world_deliver_to_hub(void);

/* Time passes until the device, or the linked hub, loses patience. */
void world_device_waits(void);
void world_hub_gives_up(void);

/* The time that the device still has patience for; ENROLL_FOR_EVER if it waits for nobody. */
uint32_t world_patience_ms(void);

void world_device_power_cut(void);

/* A person holds the button, and the device starts with what the factory put into it. */
void world_device_reset(void);
void world_hub_power_cut(int hub);

/* Everything gets through and time passes, until nobody has anything left to do. */
void world_settle(void);

/* NULL, or which invariant does not hold now; and in the end. */
const char *world_broken(void);
const char *world_unsettled(void);

/* What the hub of a session can be made to say. */
void world_hub_say(int hub, enum message_kind kind, const uint8_t *body, size_t n_body);
