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

#include "contact/lanes.h"
#include "util/free.h"

#define WAYS     8  /* slots of a set */
#define SETS_MIN 32 /* for the strangers of a small hub */
#define STATES   2  /* that a roll recognises, at most */
#define SECOND   UINT64_C(1000000)

struct member {
        struct member *next;
        struct lanes_key key;
        uint8_t adv_key[KDF_KEY_BYTES];
        void *whom;
};

struct roll {
        struct member *first, **end; /* in the order in which they are tried */
        size_t n_members;
        uint8_t states[STATES]; /* that they may announce */
        size_t n_states;
        unsigned tries_per_sec; /* 0: any number */
        uint64_t paid_until;    /* the tries so far are those of the time until then */

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

static int roll_make(const uint8_t *states, size_t n_states, struct roll **ret_roll)
{
        struct roll *roll = calloc(1, sizeof(*roll));

        if (!roll)
                return -ENOMEM;
        roll->end = &roll->first;
        memcpy(roll->states, states, n_states);
        roll->n_states = n_states;
        crypto_shorthash_keygen(roll->hash_key);
        *ret_roll = roll;
        return 0;
}

int roll_new(struct roll **ret_roll)
{
        static const uint8_t states[] = {MESSAGE_STATE_OWNED, MESSAGE_STATE_WAITING};

        return roll_make(states, sizeof(states), ret_roll);
}

int roll_new_factory(struct roll **ret_roll)
{
        static const uint8_t states[] = {MESSAGE_STATE_FACTORY};

        return roll_make(states, sizeof(states), ret_roll);
}

void roll_set_budget(struct roll *roll, unsigned tries_per_sec)
{
        roll->tries_per_sec = tries_per_sec;
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
                sodium_memzero(member, sizeof(*member));
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
        lanes_key_init(&member->key, adv_key);
        memcpy(member->adv_key, adv_key, sizeof(member->adv_key));
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

/* What a device may announce with one nonce, and what was announced. */
struct guess {
        const uint8_t *data;
        uint32_t tag; /* its first four bytes */
        struct guess_state {
                uint8_t state;
                struct lanes_text text;
        } states[STATES];
        size_t n_states;
};

static void guess_init(struct guess *guess, const struct roll *roll,
                       const uint8_t data[MESSAGE_ADV_BYTES])
{
        const uint8_t *tag = data + KDF_NONCE_BYTES;

        guess->data = data;
        guess->tag =
                (uint32_t)tag[0] << 24 | (uint32_t)tag[1] << 16 | (uint32_t)tag[2] << 8 | tag[3];
        guess->n_states = roll->n_states;
        for (size_t i = 0; i < guess->n_states; i++) {
                guess->states[i].state = roll->states[i];
                lanes_text_init(&guess->states[i].text, data, roll->states[i]);
        }
}

static bool member_announces(const struct member *member, uint8_t state,
                             const uint8_t data[MESSAGE_ADV_BYTES])
{
        uint8_t tag[KDF_ADV_TAG_BYTES];

        kdf_adv_tag(member->adv_key, data, state, tag);
        return sodium_memcmp(tag, data + KDF_NONCE_BYTES, sizeof(tag)) == 0;
}

/* Which of @n members it is, 1 to LANES of them, and in which state; NULL if it is another. */
static struct member **guess_try(const struct guess *guess, struct member **group[LANES], size_t n,
                                 uint8_t *ret_state)
{
        const struct lanes_key *keys[LANES];
        uint32_t tags[LANES];

        for (size_t i = 0; i < LANES; i++)
                keys[i] = &(*group[i < n ? i : 0])->key;
        for (size_t k = 0; k < guess->n_states; k++) {
                *ret_state = guess->states[k].state;
                lanes_tags(&guess->states[k].text, keys, tags);
                for (size_t i = 0; i < n; i++)
                        if (tags[i] == guess->tag &&
                            member_announces(*group[i], *ret_state, guess->data))
                                return group[i];
        }
        return NULL;
}

/*
 * The device that is found goes to the end: it will have no new nonce for a while, and the one that
 * has had none for longest, which is the next to have one, is tried first.
 */
static void *roll_move_to_end(struct roll *roll, struct member **at)
{
        struct member *member = *at;

        *at = member->next;
        if (!*at)
                roll->end = at;
        roll_append(roll, member);
        return member->whom;
}

static void *roll_try_all(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES], bool *ret_waits)
{
        struct member **at = &roll->first, **group[LANES], **found;
        uint8_t state = roll->states[0];
        struct guess guess;

        guess_init(&guess, roll, data);
        while (*at) {
                size_t n = 0;

                for (; n < LANES && *at; at = &(*at)->next)
                        group[n++] = at;
                found = guess_try(&guess, group, n, &state);
                if (found) {
                        *ret_waits = state == MESSAGE_STATE_WAITING;
                        return roll_move_to_end(roll, found);
                }
        }
        *ret_waits = false;
        return NULL;
}

/* Whether there is time to try all of them now; then it is spent. */
static bool roll_spend(struct roll *roll, uint64_t now)
{
        if (roll->tries_per_sec == 0)
                return true;
        if (roll->paid_until > now + SECOND)
                return false;
        if (roll->paid_until < now)
                roll->paid_until = now;
        roll->paid_until += roll->n_members * SECOND / roll->tries_per_sec;
        return true;
}

bool roll_recognise(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES], uint64_t now,
                    struct roll_match *ret_match)
{
        struct slot *set, *slot;

        if (roll->n_members == 0 || (roll->n_sets == 0 && roll_make_slots(roll) < 0))
                return false;
        set = roll_set(roll, data);
        slot = set_find(set, data);
        if (!slot && !roll_spend(roll, now))
                return false;
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
