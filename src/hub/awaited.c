/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/awaited.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "contact/roll.h"
#include "util/log.h"
#include "util/time.h"

#define SECOND    UINT64_C(1000000)
#define TRIED_MAX 4 /* nonces that are remembered of a device */

/* An advertisement that was answered with an attempt. */
struct tried {
        uint8_t data[MESSAGE_ADV_BYTES];
        uint64_t rest, pause; /* until then it is not answered; after the next attempt */
};

struct one {
        struct one *next;
        uint8_t device_id[STORE_DEVICE_ID_BYTES], adv_key[KDF_KEY_BYTES];
        uint64_t rest; /* until then it is left alone, whatever it announces */
        struct tried tried[TRIED_MAX];
        size_t n_tried;  /* so many in all; the oldest one makes room */
        bool is_awaited; /* the store said so when it was read last */
};

struct awaited {
        const struct awaited_handler *handler;
        void *userdata;
        struct vigil *vigil;
        struct one *first;
        struct roll *roll;     /* of all of them */
        bool is_roll_outdated; /* others are awaited than it has */
};

/* NULL: this was not answered yet. */
static struct tried *one_find_tried(struct one *one, const uint8_t data[MESSAGE_ADV_BYTES])
{
        for (size_t i = 0; i < TRIED_MAX && i < one->n_tried; i++)
                if (memcmp(one->tried[i].data, data, MESSAGE_ADV_BYTES) == 0)
                        return &one->tried[i];
        return NULL;
}

/*
 * Anybody can repeat an advertisement, so it is the nonce that rests. A new one can only be the
 * device's, and is answered soon, however often others were in vain.
 */
static void one_rest(struct one *one, const uint8_t data[MESSAGE_ADV_BYTES], uint64_t now)
{
        struct tried *tried = one_find_tried(one, data);

        if (!tried) {
                tried = &one->tried[one->n_tried++ % TRIED_MAX];
                tried->pause = AWAITED_REST_MIN_SEC * SECOND;
                memcpy(tried->data, data, sizeof(tried->data));
        }
        one->rest = now + AWAITED_REST_MIN_SEC * SECOND;
        tried->rest = now + tried->pause;
        tried->pause = tried->pause < AWAITED_REST_MAX_SEC / 2 * SECOND
                               ? 2 * tried->pause
                               : AWAITED_REST_MAX_SEC * SECOND;
}

static void awaited_on_announced(void *userdata, const struct vigil_heard *heard)
{
        uint64_t now = time_now_usec();
        struct awaited *a = userdata;
        const struct tried *tried;
        struct roll_match match;
        struct one *one;

        if (!roll_recognise(a->roll, heard->data, now, &match))
                return;
        one = match.whom;
        tried = one_find_tried(one, heard->data);
        if (now < one->rest || (tried && now < tried->rest) ||
            a->handler->is_taken(a->userdata, one->device_id))
                return;
        /* An enrollment that has begun goes on in a later turn, so the list is the same. */
        if (a->handler->on_there(a->userdata, one->device_id) == REASON_BUSY)
                return;
        one_rest(one, heard->data, now);
}

static const struct vigil_handler awaited_vigil_handler = {.on_announced = awaited_on_announced};

/* --- who is awaited --- */

struct refresh {
        struct awaited *awaited;
        const struct catalogue *catalogue;
};

static struct one *awaited_find(const struct awaited *a,
                                const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct one *one = a->first;

        while (one && memcmp(one->device_id, device_id, STORE_DEVICE_ID_BYTES) != 0)
                one = one->next;
        return one;
}

static void one_free(struct one *one)
{
        sodium_memzero(one, sizeof(*one));
        free(one);
}

static int awaited_add(struct awaited *a, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       struct one **ret_one)
{
        struct one *one = calloc(1, sizeof(*one));

        if (!one)
                return -ENOMEM;
        memcpy(one->device_id, device_id, sizeof(one->device_id));
        one->next = a->first;
        a->first = one;
        *ret_one = one;
        return 0;
}

static int awaited_note(void *userdata, const struct store_entry *entry)
{
        const struct refresh *refresh = userdata;
        uint8_t adv_key[KDF_KEY_BYTES];
        struct one *one;
        int r = 0;

        if (!entry->joins)
                return 0;
        if (catalogue_adv_key(refresh->catalogue, entry, adv_key) < 0) {
                log_warning("The code of %s %s %s in the catalogue does not open.", entry->maker,
                            entry->model, entry->serial);
                return 0;
        }
        one = awaited_find(refresh->awaited, entry->device_id);
        if (!one)
                r = awaited_add(refresh->awaited, entry->device_id, &one);
        if (r == 0 && sodium_memcmp(one->adv_key, adv_key, sizeof(one->adv_key)) != 0) {
                memcpy(one->adv_key, adv_key, sizeof(one->adv_key));
                refresh->awaited->is_roll_outdated = true;
        }
        if (r == 0)
                one->is_awaited = true;
        sodium_memzero(adv_key, sizeof(adv_key));
        return r;
}

/* It remembers what was heard, so it is made again only if it has to be. */
static void awaited_make_roll(struct awaited *a)
{
        int r = 0;

        if (!a->is_roll_outdated)
                return;
        a->is_roll_outdated = false;
        roll_clear(a->roll);
        for (struct one *one = a->first; one && r == 0; one = one->next)
                r = roll_add(a->roll, one->adv_key, one);
        if (r < 0)
                (void)log_errno(r, "Cannot look for all devices that may join");
}

void awaited_refresh(struct awaited *awaited, const struct catalogue *catalogue)
{
        struct refresh refresh = {awaited, catalogue};
        int r;

        for (struct one *one = awaited->first; one; one = one->next)
                one->is_awaited = false;
        r = store_each_entry(catalogue->store, awaited_note, &refresh);
        if (r < 0)
                (void)log_errno(r, "Cannot look for the devices that may join");
        for (struct one **at = &awaited->first; r == 0 && *at;) {
                struct one *one = *at;

                if (one->is_awaited) {
                        at = &one->next;
                        continue;
                }
                *at = one->next;
                one_free(one);
                awaited->is_roll_outdated = true;
        }
        awaited_make_roll(awaited);
        vigil_set_zeal(awaited->vigil, awaited->first ? VIGIL_CALM : VIGIL_ALONG);
}

/* --- beginning and end --- */

int awaited_new(const struct finder_means *finder, const struct awaited_handler *handler,
                void *userdata, struct awaited **ret_awaited)
{
        _defer_(awaited_free) struct awaited *a = calloc(1, sizeof(*a));
        int r;

        if (!a)
                return -ENOMEM;
        a->handler = handler;
        a->userdata = userdata;
        r = roll_new_factory(&a->roll);
        if (r < 0)
                return r;
        roll_set_budget(a->roll, AWAITED_TRIES_PER_SEC);
        r = vigil_new(finder, &awaited_vigil_handler, a, &a->vigil);
        if (r < 0)
                return r;
        *ret_awaited = take(a);
        return 0;
}

struct awaited *awaited_free(struct awaited *awaited)
{
        if (!awaited)
                return NULL;
        awaited->vigil = vigil_free(awaited->vigil);
        awaited->roll = roll_free(awaited->roll);
        while (awaited->first) {
                struct one *one = awaited->first;

                awaited->first = one->next;
                one_free(one);
        }
        free(awaited);
        return NULL;
}
