/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What was heard is kept in a table of sets, found by a keyed hash: nobody on the air can choose
 * nonces that fall into one set. A set that is full loses its oldest stranger before it loses a
 * device, so a flood of strangers costs passes over all devices, and yet each device is found.
 */

#include "contact/roll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/free.h"
#include "wire/hmac.h"

#define WAYS     8  /* slots of a set */
#define SETS_MIN 32 /* for the strangers of a small hub */

struct member {
        struct member *next;
        struct hmac tag; /* begun with the device's key */
        void *whom;
};

struct roll {
        struct member *first, **end; /* in the order in which they are tried */
        size_t n_members;

        uint8_t hash_key[crypto_shorthash_KEYBYTES];
        struct slot {
                uint8_t data[MESSAGE_ADV_BYTES];
                bool waits;
                void *whom;      /* NULL: a stranger */
                uint64_t since;  /* heard first; 0: the slot is empty */
                uint64_t latest; /* when it was looked up last, as counted by .n_looks */
        } * slots;
        size_t n_sets; /* a power of two; 0: none yet */
        uint64_t n_looks;
};

int roll_new(struct roll **ret_roll)
{
        struct roll *roll = calloc(1, sizeof(*roll));

        if (!roll)
                return -ENOMEM;
        roll->end = &roll->first;
        crypto_shorthash_keygen(roll->hash_key);
        *ret_roll = roll;
        return 0;
}

static void roll_forget_heard(struct roll *roll)
{
        free(roll->slots);
        roll->slots = NULL;
        roll->n_sets = 0;
}

void roll_clear(struct roll *roll)
{
        while (roll->first) {
                struct member *member = roll->first;

                roll->first = member->next;
                sodium_memzero(&member->tag, sizeof(member->tag));
                free(member);
        }
        roll->end = &roll->first;
        roll->n_members = 0;
        roll_forget_heard(roll);
}

struct roll *roll_free(struct roll *roll)
{
        if (!roll)
                return NULL;
        roll_clear(roll);
        free(roll);
        return NULL;
}

static void roll_append(struct roll *roll, struct member *member)
{
        member->next = NULL;
        *roll->end = member;
        roll->end = &member->next;
}

int roll_add(struct roll *roll, const uint8_t adv_key[KDF_KEY_BYTES], void *whom)
{
        struct member *member = calloc(1, sizeof(*member));

        if (!member)
                return -ENOMEM;
        hmac_init(&member->tag, adv_key, KDF_KEY_BYTES);
        member->whom = whom;
        roll_append(roll, member);
        roll->n_members++;
        roll_forget_heard(roll);
        return 0;
}

/* --- what was heard --- */

/* Half of the slots are for the devices, each of which has one nonce at a time. */
static int roll_make_slots(struct roll *roll)
{
        size_t n_sets = SETS_MIN;

        while (n_sets * WAYS < 2 * roll->n_members)
                n_sets *= 2;
        roll->slots = calloc(n_sets * WAYS, sizeof(*roll->slots));
        if (!roll->slots)
                return -ENOMEM;
        roll->n_sets = n_sets;
        return 0;
}

static struct slot *roll_set(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES])
{
        uint8_t hash[crypto_shorthash_BYTES];
        uint64_t number;

        (void)crypto_shorthash(hash, data, MESSAGE_ADV_BYTES, roll->hash_key);
        memcpy(&number, hash, sizeof(number));
        return roll->slots + (number & (roll->n_sets - 1)) * WAYS;
}

static struct slot *set_find(struct slot *set, const uint8_t data[MESSAGE_ADV_BYTES])
{
        for (size_t i = 0; i < WAYS; i++)
                if (set[i].since && memcmp(set[i].data, data, MESSAGE_ADV_BYTES) == 0)
                        return &set[i];
        return NULL;
}

/* Where the next one goes: strangers, and empty slots with them, leave before devices. */
static struct slot *set_oldest(struct slot *set)
{
        struct slot *oldest = set;

        for (size_t i = 1; i < WAYS; i++)
                if (!set[i].whom == !oldest->whom ? set[i].latest < oldest->latest
                                                  : oldest->whom != NULL)
                        oldest = &set[i];
        return oldest;
}

/* --- whose it is --- */

/* The tag of kdf_adv_tag(), without its first block, and its nonce without its second. */
static bool tag_fits(const struct hmac *with_nonce, uint8_t state,
                     const uint8_t tag[KDF_ADV_TAG_BYTES])
{
        struct hmac h = *with_nonce;
        uint8_t code[HMAC_BYTES];

        hmac_update(&h, &state, 1);
        hmac_final(&h, code);
        return sodium_memcmp(code, tag, KDF_ADV_TAG_BYTES) == 0;
}

static bool member_announces(const struct member *member, const uint8_t data[MESSAGE_ADV_BYTES],
                             bool *ret_waits)
{
        const uint8_t *tag = data + KDF_NONCE_BYTES;
        struct hmac h = member->tag;
        bool is_its;

        hmac_update(&h, data, KDF_NONCE_BYTES);
        *ret_waits = tag_fits(&h, MESSAGE_STATE_WAITING, tag);
        is_its = *ret_waits || tag_fits(&h, MESSAGE_STATE_OWNED, tag);
        sodium_memzero(&h, sizeof(h));
        return is_its;
}

/*
 * The device that is found goes to the end: it will have no new nonce for a while, and the one that
 * has had none for longest, which is the next to have one, is tried first.
 */
static void *roll_try_all(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES], bool *ret_waits)
{
        for (struct member **at = &roll->first; *at; at = &(*at)->next) {
                struct member *member = *at;

                if (!member_announces(member, data, ret_waits))
                        continue;
                *at = member->next;
                if (!*at)
                        roll->end = at;
                roll_append(roll, member);
                return member->whom;
        }
        *ret_waits = false;
        return NULL;
}

bool roll_recognise(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES], uint64_t now,
                    struct roll_match *ret_match)
{
        struct slot *set, *slot;

        if (roll->n_members == 0 || (roll->n_sets == 0 && roll_make_slots(roll) < 0))
                return false;
        set = roll_set(roll, data);
        slot = set_find(set, data);
        if (!slot) {
                slot = set_oldest(set);
                *slot = (struct slot){.since = now ? now : 1};
                memcpy(slot->data, data, sizeof(slot->data));
                slot->whom = roll_try_all(roll, data, &slot->waits);
        }
        slot->latest = ++roll->n_looks;
        if (!slot->whom)
                return false;
        *ret_match = (struct roll_match){slot->whom, slot->waits, slot->since};
        return true;
}
