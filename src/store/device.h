/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices of this hub, their channels, and the groups of these.
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
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/counter.h"
#include "store/outbox.h"
#include "store/store.h"

#define STORE_NAME_SIZE     33  /* with the NUL, like all text sizes here */
#define STORE_TEXT_SIZE     129 /* maker, model, serial, software, issuer */
#define STORE_RECORD_SIZE   513 /* location, owner */
#define STORE_LINK_SIZE     16  /* the longest that the schema takes */
#define STORE_KEY_BYTES     32
#define STORE_FUNCTIONS_MAX 1024 /* bytes */
#define STORE_CONFIG_MAX    2048 /* bytes */
#define STORE_RESUME_MAX    4096 /* bytes: a whole code and its values, sealed */
#define STORE_LEAF_SIZE     33
#define STORE_CLASS_SIZE    33
#define STORE_UNIT_SIZE     17
#define STORE_WORDS_SIZE    256 /* the words of a channel, with blanks between them */
#define STORE_ROLE_SIZE     17  /* the kind of a group, and a role in it */

enum store_kind {
        STORE_ENROLLED = 1, /* runs its half and speaks our session */
        STORE_GATT,         /* a hub-only half reads and writes its characteristics */
        STORE_BROADCAST,    /* it only advertises */
};

enum store_direction {
        STORE_PUBLISH = 1, /* the device reports */
        STORE_COMMAND = 2, /* the device obeys */
        STORE_BOTH = STORE_PUBLISH | STORE_COMMAND,
};

/* What a channel carries (doc/code.md, section 4.6). */
enum store_type {
        STORE_NUMBER = 0,
        STORE_SWITCH,      /* a boolean */
        STORE_ENUMERATION, /* one of its words */
        STORE_TEXT,
        STORE_BUTTON, /* a command whose value means nothing */
        STORE_EVENT,  /* one of its words, published once and never kept */
        STORE_TYPE_MAX,
};

/* What a channel is beside the purpose of its device. */
enum store_category {
        STORE_PRIMARY = 0, /* none of these */
        STORE_CONFIG,
        STORE_DIAGNOSTIC,
};

/* When a device can be reached. */
enum store_presence {
        STORE_PRESENCE_UNKNOWN = 0, /* its code does not say */
        STORE_MAINS,                /* always */
        STORE_SLEEPS,               /* when it wakes up */
};

struct store_channel {
        uint32_t number;
        char leaf[STORE_LEAF_SIZE];
        char class[STORE_CLASS_SIZE];
        char unit[STORE_UNIT_SIZE];
        enum store_direction direction;
        uint32_t every_s; /* 0: whenever it changes */
        enum store_type type;
        enum store_category category;
        bool has_range;          /* of STORE_NUMBER: low to high, times 10^exponent */
        int64_t low, high, step; /* steps count from low; 0: any */
        int exponent;
        uint32_t length;              /* of STORE_TEXT: bytes it has at most */
        char words[STORE_WORDS_SIZE]; /* of STORE_ENUMERATION and STORE_EVENT, blanks between */
};

/* A channel that is part of a group: a light, a lock (doc/code.md, section 4.7). */
struct store_member {
        uint32_t group;             /* of its device, from 1; its members are next to each other */
        char kind[STORE_ROLE_SIZE]; /* of the group: "light" */
        char role[STORE_ROLE_SIZE]; /* in it: "brightness" */
        uint32_t channel;           /* its number */
};

struct store_ownership {
        uint8_t public_key[STORE_KEY_BYTES]; /* D, the device's */
        uint32_t epoch;
        uint8_t hub_public[STORE_KEY_BYTES]; /* the hub's for this device */
        uint8_t adv_key[STORE_KEY_BYTES];    /* recognises its advertisement */
        bool settled;
        size_t n_resume; /* 0: none */
        uint8_t resume[STORE_RESUME_MAX];
};

/*
 * Whether these bytes may be a device's name: 1 to 32 letters, digits, - and _, and not "bridge",
 * where the hub's own topics are.
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
        uint32_t sleep_s;                 /* of STORE_SLEEPS: at most */
        struct store_ownership ownership; /* of STORE_ENROLLED; all zero for the other kinds */
};

/* Everything that one enrollment writes. */
struct store_enrollment {
        const struct store_device *device;
        const struct store_channel *channels;
        size_t n_channels;
        const struct store_member *members; /* of the groups, one group after the other */
        size_t n_members;
        const struct store_message *messages; /* for the outbox, in this order */
        size_t n_messages;
        const struct store_counter *counter; /* NULL: the code has none */
};

/*
 * Writes the device, its channels and groups, its messages and its issuer's counter: all of it or
 * nothing, in one transaction that waits for the disk once. A row with the same device id is
 * replaced. The ownership of a kind that has none is not looked at.
 *
 * 0: it will be there after a power cut; STORE_E_NAME_TAKEN: choose another name;
 * STORE_E_SUPERSEDED; -errno. Anything but 0 has changed nothing that this store shows; only where
 * the disk failed in the very act of syncing may the rows be found when it is opened again.
 */
int store_enroll(struct store *store, const struct store_enrollment *enrollment);

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

/* 0; STORE_E_NONE; -EUCLEAN if the row does not hold what its kind must have; -errno. */
int store_find_id(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  struct store_device *ret_device);
int store_find_name(struct store *store, const char *name, struct store_device *ret_device);

/* The same for the first half of an identifier; of several, the one whose identifier is first. */
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

/*
 * The channels of a device by number; @ret_channels has room for @max. 0, also if there are none;
 * -ENOBUFS if there are more than @max; -errno.
 */
int store_channels(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                   struct store_channel *ret_channels, size_t *ret_n_channels);

/* The members of its groups, in the order in which they were stored; else the same. */
int store_members(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                  struct store_member *ret_members, size_t *ret_n_members);

/* "number"; "config", "none"; "mains", "unknown". */
const char *store_type_name(enum store_type type);
const char *store_category_name(enum store_category category);
const char *store_presence_name(enum store_presence presence);

/*
 * How to correct the times of devices that were enrolled before the clock was set. The times before
 * .before are wrong: those from .since on are .shift too early, and the others become .now. Nothing
 * is moved beyond .now. Unix times and a duration, in s.
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

/*
 * Removes a device, its ownership, its channels, its groups and what still waits in the outbox for
 * it, and adds @messages (that it is gone) in the same transaction. Of an ownership a tombstone
 * stays with its epoch: the keys of this epoch and of those before it are spent. Then empties the
 * write-ahead log, so that its keys do not linger there. 0; STORE_E_NONE; -errno. Durable.
 */
int store_remove(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 const struct store_message *messages, size_t n_messages);

/* The highest epoch of this device that was given up. 0; STORE_E_NONE; -errno. */
int store_given_up_epoch(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         uint32_t *ret_epoch);
