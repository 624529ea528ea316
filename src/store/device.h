/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices of this hub. Their channels and groups have headers of their own (channel.h,
 * group.h); enrollment.h and removal.h say how a device comes, and how it goes.
 *
 * Plain structs of the caller's with room for the largest value; nothing here is allocated.
 *
 * A device is of one of three kinds, and what its row says beside the kind holds for all of them.
 * What belongs to our session, keys above all, is an ownership, which only an enrolled device has.
 * Two states of it matter: the device is enrolled (the hub holds the keys of this epoch, durably)
 * and then settled (the device has confirmed that it is owned). Until it is settled the ownership
 * keeps `resume`, with which an interrupted enrollment is brought to its end.
 *
 * `device_id` is the identity of every kind: the first 16 bytes of a SHA-256 over a label that
 * names the kind and over what tells this device from all others.
 *
 *     enrolled   "enrolld devid" | its public key D (kdf_device_id())
 *     gatt       "enrolld gatt" | type of its identity address (1 byte) | the address (6 bytes)
 *     broadcast  "enrolld broadcast" | the same
 *
 * The labels keep the kinds apart: no address can be chosen so that it becomes the id of an
 * enrolled device.
 *
 * Other programs know a device by `known_as`, which is its device_id unless it has replaced
 * another: then it is what that one was known as. No two devices are known as the same.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define STORE_NAME_SIZE     33  /* with the NUL, like all text sizes here */
#define STORE_TEXT_SIZE     129 /* maker, model, serial, software, issuer */
#define STORE_RECORD_SIZE   513 /* location, owner */
#define STORE_LINK_SIZE     16  /* the longest that the schema takes */
#define STORE_KEY_BYTES     32
#define STORE_FUNCTIONS_MAX 1024 /* bytes */
#define STORE_CONFIG_MAX    2048 /* bytes */
#define STORE_RESUME_MAX    4096 /* bytes: a whole code and its values, sealed */

enum store_kind {
        STORE_ENROLLED = 1, /* runs its half and speaks our session */
        STORE_GATT,         /* a hub-only half reads and writes its characteristics */
        STORE_BROADCAST,    /* it only advertises */
};

/* When a device can be reached. */
enum store_presence {
        STORE_PRESENCE_UNKNOWN = 0, /* its code does not say */
        STORE_MAINS,                /* always */
        STORE_SLEEPS,               /* when it wakes up */
};

struct store_ownership {
        uint8_t public_key[STORE_KEY_BYTES]; /* D, the device's */
        uint32_t epoch;
        uint8_t hub_public[STORE_KEY_BYTES]; /* the hub's for this device */
        uint8_t adv_key[STORE_KEY_BYTES];    /* recognises its advertisement */
        bool settled;
        size_t n_resume; /* 0: none */
        uint8_t resume[STORE_RESUME_MAX];
        bool leaving; /* it was asked to let itself go, and has not been met since */
};

/*
 * Whether these bytes may be a device's name: 1 to 32 letters, digits, - and _, and not "bridge",
 * where the hub's own topics are, nor 32 hexadecimal digits or 0x and 16, which name devices, too.
 */
bool store_name_valid(const char *name, size_t n_name);

struct store_device {
        enum store_kind kind;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char name[STORE_NAME_SIZE]; /* unique; the name in its topics */
        char maker[STORE_TEXT_SIZE];
        char model[STORE_TEXT_SIZE];
        char serial[STORE_TEXT_SIZE];
        char software[STORE_TEXT_SIZE];
        uint8_t code_hash[STORE_KEY_BYTES]; /* of the code that made this row, of whatever kind */
        char issuer[STORE_TEXT_SIZE];
        char link[STORE_LINK_SIZE]; /* link_name() of the link */
        char location[STORE_RECORD_SIZE];
        char owner[STORE_RECORD_SIZE];
        size_t n_functions;
        uint8_t functions[STORE_FUNCTIONS_MAX]; /* as it reported them; none of them: 0 bytes */
        uint32_t capabilities;                  /* granted */
        size_t n_config;
        uint8_t config[STORE_CONFIG_MAX]; /* the values that it was given */
        int64_t enrolled_at;              /* Unix time, s */
        enum store_presence presence;
        uint32_t sleep_s;                        /* of STORE_SLEEPS: at most */
        uint8_t known_as[STORE_DEVICE_ID_BYTES]; /* to other programs; store_enroll() chooses it */
        struct store_ownership ownership; /* of STORE_ENROLLED; all zero for the other kinds */
};

/*
 * Notes that an enrolled device confirmed @epoch and forgets `resume`. Does not wait for the disk:
 * if a power cut takes the note away, the device is asked once more and confirms again. The files
 * hold `resume` until store_forget_past().
 *
 * 0, also if it was settled before; STORE_E_NONE if there is no such device in this epoch, or it is
 * of a kind that has none; -errno.
 */
int store_settle(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 uint32_t epoch);

/*
 * Notes whether an enrolled device is leaving (struct store_ownership) in @epoch. Does not wait for
 * the disk. 0; STORE_E_NONE as for store_settle(); -errno.
 */
int store_leave(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], uint32_t epoch,
                bool leaving);

/* 0; STORE_E_NONE; -EUCLEAN if the row does not hold what its kind must have; -errno. */
int store_find_id(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  struct store_device *ret_device);
int store_find_name(struct store *store, const char *name, struct store_device *ret_device);
int store_find_known_as(struct store *store, const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                        struct store_device *ret_device);

/* The id of the device that is known as this; both may be the same memory. 0; STORE_E_NONE; -errno.
 */
int store_device_behind(struct store *store, const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                        uint8_t ret_device_id[STORE_DEVICE_ID_BYTES]);

/*
 * What a device that replaces no other is known as, or would be if it were enrolled now: as before;
 * else by its own id; and if a device that has replaced this one has that, by what has become free
 * then. 0 or -errno.
 */
int store_known_as(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                   uint8_t ret_known_as[STORE_DEVICE_ID_BYTES]);

/*
 * The device by the first half of what it is known as; of several, the first one. 0; STORE_E_NONE;
 * -EUCLEAN; -errno.
 */
int store_find_half(struct store *store, const uint8_t half[STORE_DEVICE_ID_BYTES / 2],
                    struct store_device *ret_device);

/*
 * Calls @on_device for each device by name. It may use every verb of the store; a device that it
 * removes or renames does not disturb the walk. Ends early when it returns anything but 0, with
 * that.
 */
int store_each_device(struct store *store,
                      int (*on_device)(void *userdata, const struct store_device *device),
                      void *userdata);

/* The same from the first device behind the name @after, which need not be there. */
int store_each_device_after(struct store *store, const char *after,
                            int (*on_device)(void *userdata, const struct store_device *device),
                            void *userdata);

/* The same for the enrolled devices that are not settled, in the order in which they came. */
int store_each_unsettled(struct store *store,
                         int (*on_device)(void *userdata, const struct store_device *device),
                         void *userdata);

/* How many devices there are, and how many of them are unsettled. 0 or -errno. */
int store_device_count(struct store *store, uint64_t *ret_n_devices);
int store_unsettled_count(struct store *store, uint64_t *ret_n_devices);

/* "mains", "unknown". */
const char *store_presence_name(enum store_presence presence);

/*
 * How to correct the times of devices that were enrolled, or given up, before the clock was set.
 * The times before .before are wrong: those from .since on are .shift too early, and the others
 * become .now. Nothing is moved beyond .now. Unix times and a duration, in s.
 */
struct store_mending {
        int64_t before, since, shift, now;
};

/* @ret_n_mended: how many times were corrected. 0 or -errno. */
int store_mend_enrolled_at(struct store *store, const struct store_mending *mending,
                           uint64_t *ret_n_mended);

/* 0; STORE_E_NONE; STORE_E_NAME_TAKEN; -errno. Durable. */
int store_rename(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 const char *name);
