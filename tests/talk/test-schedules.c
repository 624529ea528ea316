/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every order in which things can happen to a device and two hubs, one step after the other, as far
 * as they lead to states that differ; and a hundred thousand orders drawn at random, with messages
 * damaged as well. In each state the invariants must hold, and from each one the world must come to
 * rest with the device owned by a hub that knows it, or by nobody. The same of one hub that lets
 * the device go again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk/toy-crypto.h"
#include "talk/world.h"

#define EPOCHS    4       /* explored: the device's counter is all that grows without end */
#define SET_SLOTS 1048576 /* of the table of states that were seen */
#define SCHEDULES 100000

enum move {
        CONNECT_0,
        CONNECT_1,
        TO_DEVICE,
        TO_DEVICE_CUT_BEFORE,
        TO_DEVICE_CUT_TORN,
        TO_DEVICE_CUT_AFTER,
        TO_DEVICE_SECOND_CUT_BEFORE,
        TO_DEVICE_SECOND_CUT_TORN,
        TO_DEVICE_SECOND_CUT_AFTER,
        TO_HUB,
        TO_HUB_CUT_BEFORE,
        TO_HUB_CUT_AFTER,
        LINK_LOST,
        DEVICE_WAITS,
        DEVICE_WAITS_CUT_BEFORE,
        DEVICE_WAITS_CUT_TORN,
        DEVICE_WAITS_CUT_AFTER,
        DEVICE_POWER_CUT,
        HUB_0_POWER_CUT,
        HUB_1_POWER_CUT,
        MOVES,

        /* only in random schedules */
        FLIP = MOVES,
        TRUNCATE,
        EXTEND,
        DOUBLE,
        SWAP,
        REPLAY,
        ALL_MOVES,
};

static bool to_device(enum world_cut cut, unsigned write)
{
        if (world.linked < 0 || world.to_device.n == 0)
                return false;
        world.cut = cut;
        world.cut_write = write;
        world_deliver_to_device();
        return true;
}

static bool to_hub(enum world_cut cut)
{
        if (world.linked < 0 || world.to_hub.n == 0)
                return false;
        world.hub_cut = cut;
        world_deliver_to_hub();
        return true;
}

static bool waits(enum world_cut cut)
{
        if (world_patience_ms() == ENROLL_FOR_EVER)
                return false;
        world.cut = cut;
        world.cut_write = 1;
        world_device_waits();
        return true;
}

/* False if the move is none here. */
static bool make(enum move move)
{
        switch (move) {
        case CONNECT_0:
        case CONNECT_1:
                return world.linked < 0 && world_connect(move - CONNECT_0);
        case TO_DEVICE:
        case TO_DEVICE_CUT_BEFORE:
        case TO_DEVICE_CUT_TORN:
        case TO_DEVICE_CUT_AFTER:
                return to_device(CUT_NONE + (move - TO_DEVICE), 1);
        case TO_DEVICE_SECOND_CUT_BEFORE:
        case TO_DEVICE_SECOND_CUT_TORN:
        case TO_DEVICE_SECOND_CUT_AFTER:
                return to_device(CUT_BEFORE + (move - TO_DEVICE_SECOND_CUT_BEFORE), 2);
        case TO_HUB:
                return to_hub(CUT_NONE);
        case TO_HUB_CUT_BEFORE:
                return to_hub(CUT_BEFORE);
        case TO_HUB_CUT_AFTER:
                return to_hub(CUT_AFTER);
        case LINK_LOST:
                if (world.linked < 0)
                        return false;
                world_link_lost();
                return true;
        case DEVICE_WAITS:
        case DEVICE_WAITS_CUT_BEFORE:
        case DEVICE_WAITS_CUT_TORN:
        case DEVICE_WAITS_CUT_AFTER:
                return waits(CUT_NONE + (move - DEVICE_WAITS));
        case DEVICE_POWER_CUT:
                world_device_power_cut();
                return true;
        case HUB_0_POWER_CUT:
        case HUB_1_POWER_CUT:
                world_hub_power_cut(move - HUB_0_POWER_CUT);
                return true;
        default:
                return false;
        }
}

/* --- every order --- */

struct key {
        uint8_t bytes[64];
        size_t n;
};

static void key_put(struct key *key, uint32_t value)
{
        assert_true(key->n < sizeof(key->bytes));
        key->bytes[key->n++] = (uint8_t)value;
}

/* The type, and for what is sealed the length, which tells the kinds apart well enough. */
static void key_put_queue(struct key *key, const struct world_queue *queue)
{
        key_put(key, queue->n);
        for (size_t i = 0; i < queue->n; i++) {
                key_put(key, queue->messages[i].bytes[0]);
                key_put(key, queue->messages[i].n);
        }
}

static void key_put_record(struct key *key, const struct ownership_record *record)
{
        key_put(key, record->state);
        key_put(key, record->epoch);
        for (int i = 0; i < WORLD_HUBS; i++)
                key_put(key, memcmp(record->hub, world.hubs[i].public_key, 32) == 0);
}

/* All that decides what can happen next. */
static struct key world_key(void)
{
        const struct ownership *o = &world.device.ownership;
        struct key key = {.n = 0};

        key_put_record(&key, &o->record);
        key_put(&key, o->running);
        key_put(&key, o->n_done);
        key_put(&key, world.device.session.waits);
        key_put(&key, (world.device.session_left_ms != ENROLL_FOR_EVER) |
                              (world.device.fail_safe_left_ms != ENROLL_FOR_EVER) << 1);
        for (int slot = 0; slot < 2; slot++) {
                static struct ownership_record record;
                memcpy(&record, world.flash[slot], WORLD_FLASH);
                key_put_record(&key, &record);
                key_put(&key, record.slot.sequence == o->record.slot.sequence);
        }
        for (int i = 0; i < WORLD_HUBS; i++) {
                const struct world_hub *hub = &world.hubs[i];

                key_put(&key, hub->row.state);
                key_put(&key, hub->row.epoch);
                key_put(&key, hub->has_code | hub->enrolls_next << 1 | hub->releases << 2);
                key_put(&key, hub->epoch);
                key_put(&key, hub->session.waits);
        }
        key_put(&key, (uint32_t)world.linked);
        key_put_queue(&key, &world.to_device);
        key_put_queue(&key, &world.to_hub);
        return key;
}

static struct {
        struct key key;
        bool used;
} * seen;
static struct world *queue;
static size_t n_seen;

/* True, and the world joins the queue, if there was no state like this before. */
static bool note(void)
{
        struct key key = world_key();
        uint64_t hash = 14695981039346656037U;
        size_t at;

        for (size_t i = 0; i < key.n; i++)
                hash = (hash ^ key.bytes[i]) * 1099511628211U;
        for (at = hash % SET_SLOTS; seen[at].used; at = (at + 1) % SET_SLOTS)
                if (seen[at].key.n == key.n && memcmp(seen[at].key.bytes, key.bytes, key.n) == 0)
                        return false;
        assert_true(n_seen < SET_SLOTS / 2);
        seen[at].used = true;
        seen[at].key = key;
        if ((n_seen & (n_seen - 1)) == 0)
                queue = realloc(queue, (n_seen ? 2 * n_seen : 1) * sizeof(*queue));
        assert_non_null(queue);
        queue[n_seen++] = world;
        return true;
}

static void assert_sound(const char *what, const char *wrong)
{
        if (wrong)
                fail_msg("%s: %s", what, wrong);
}

/* From the world as it is. */
static void explore(void)
{
        size_t n_moves = 0, n_settled = 0;

        seen = calloc(SET_SLOTS, sizeof(*seen));
        assert_non_null(seen);
        queue = NULL;
        n_seen = 0;
        note();
        for (size_t at = 0; at < n_seen; at++) {
                for (enum move move = 0; move < MOVES; move++) {
                        world = queue[at];
                        if (!make(move))
                                continue;
                        n_moves++;
                        assert_sound("after a move", world_broken());
                        if (world.device.ownership.record.epoch < EPOCHS)
                                note();
                }
                world = queue[at];
                world_settle();
                n_settled++;
                assert_sound("in the end", world_unsettled());
        }
        print_message("%zu states, %zu moves, %zu came to rest\n", n_seen, n_moves, n_settled);
        free(queue);
        free(seen);
}

static void test_schedules_every_order_keeps_the_invariants(void **state)
{
        (void)state;
        toy_seed(1);
        world_init();
        explore();
}

/* The hub lets the device go as soon as it can. */
static void test_schedules_every_order_of_a_release_frees_the_device(void **state)
{
        (void)state;
        toy_seed(1);
        world_init();
        world.hubs[0].releases = true;
        world.hubs[1].has_code = false;
        explore();
}

/* --- orders drawn at random --- */

static uint64_t dice = 1;

static unsigned roll(unsigned n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)(dice >> 33) % n;
}

static struct world_message recorded[8]; /* what was said in earlier sessions */

static void record_one(void)
{
        const struct world_queue *from = roll(2) ? &world.to_device : &world.to_hub;

        if (from->n > 0)
                recorded[roll(8)] = from->messages[0];
}

/* Damages the messages of one direction. */
static bool damage(enum move move)
{
        struct world_queue *q = roll(2) ? &world.to_device : &world.to_hub;
        struct world_message *m = &q->messages[0];

        if (world.linked < 0 || q->n == 0)
                return false;
        switch (move) {
        case FLIP:
                m->bytes[roll((unsigned)m->n)] ^= (uint8_t)(1 << roll(8));
                return true;
        case TRUNCATE:
                if (m->n > 1)
                        m->n -= 1 + roll((unsigned)m->n - 1);
                return true;
        case EXTEND:
                if (m->n < sizeof(m->bytes))
                        m->bytes[m->n++] = (uint8_t)roll(256);
                return true;
        case DOUBLE:
                if (q->n < WORLD_FLIGHT)
                        q->messages[q->n++] = *m;
                return true;
        case SWAP:
                if (q->n > 1) {
                        struct world_message other = q->messages[1];

                        q->messages[1] = *m;
                        *m = other;
                }
                return true;
        case REPLAY:
                if (recorded[0].n > 0)
                        *m = recorded[roll(8)];
                return m->n > 0;
        default:
                return false;
        }
}

/* What goes on happens more often than what goes wrong, or nothing would get far. */
static enum move draw(void)
{
        static const enum move likely[] = {CONNECT_0, CONNECT_1, TO_DEVICE, TO_HUB};

        return roll(4) ? likely[roll(4)] : roll(ALL_MOVES);
}

static void test_schedules_drawn_at_random_come_to_rest(void **state)
{
        size_t n_moves = 0, n_owned = 0;

        (void)state;
        for (unsigned i = 1; i <= SCHEDULES; i++) {
                unsigned length = 10 + i % 40;

                toy_seed(i);
                dice = i * 0x9e3779b97f4a7c15U;
                world_init();
                if (i % 3 == 0) {
                        world.half = half_sync;
                        world.n_half = n_half_sync;
                }
                for (unsigned step = 0; step < length; step++) {
                        enum move move = draw();

                        record_one();
                        if (move < MOVES ? make(move) : damage(move))
                                n_moves++;
                        if (world_broken())
                                fail_msg("schedule %u, step %u: %s", i, step, world_broken());
                }
                world_settle();
                if (world_unsettled())
                        fail_msg("schedule %u: %s", i, world_unsettled());
                n_owned += enroll_device_state(&world.device) == MESSAGE_STATE_OWNED;
        }
        assert_int_equal(n_owned, SCHEDULES);
        print_message("%d schedules, %zu moves, all came to rest\n", SCHEDULES, n_moves);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_schedules_every_order_keeps_the_invariants),
                cmocka_unit_test(test_schedules_every_order_of_a_release_frees_the_device),
                cmocka_unit_test(test_schedules_drawn_at_random_come_to_rest),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
