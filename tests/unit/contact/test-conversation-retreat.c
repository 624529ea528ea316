/* SPDX-License-Identifier: Apache-2.0 */

/* A conversation over a link that has two ways to the device, and somebody else on the first. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ble/bearers.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9};

/* One conversation, its far end, and what the handler was told. */
struct world {
        sd_event *event;
        struct keys keys;
        struct far_end device;
        struct conversation *conversation;
        size_t n_ready, n_bodies, n_ended;
        struct conversation_end end;

        struct bearers *bearers; /* NULL once they are freed */
        size_t n_retreats;
        int answer; /* to the wish to retreat */
};

static void on_ready(void *userdata)
{
        struct world *w = userdata;

        w->n_ready++;
}

static void on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct world *w = userdata;

        (void)kind;
        (void)body;
        w->n_bodies++;
}

static void on_ended(void *userdata, const struct conversation_end *end)
{
        struct world *w = userdata;

        w->end = *end;
        w->n_ended++;
}

static const struct conversation_handler handler = {on_ready, on_body, on_ended};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        *state = &w;
        return 0;
}

static void finish(struct world *w)
{
        w->conversation = conversation_free(w->conversation);
        assert_null(w->bearers);
        far_end_cut(&w->device);
        w->n_ready = w->n_bodies = w->n_ended = w->n_retreats = 0;
        haste = 1;
}

static int teardown(void **state)
{
        struct world *w = *state;

        finish(w);
        w->event = sd_event_unref(w->event);
        return 0;
}

static int on_retreat(void *userdata)
{
        struct world *w = userdata;

        w->n_retreats++;
        return w->answer;
}

static void on_link_freed(void *userdata)
{
        struct world *w = userdata;

        w->bearers = NULL;
}

static const struct bearers_owner bearers_owner = {on_retreat, on_link_freed};

/* The first of the two ways to the device is there. */
static struct link *first_way(struct world *w, enum keys_kind kind)
{
        struct link *link = NULL;

        assert_null(w->bearers);
        assert_int_equal(bearers_new(w->event, &bearers_owner, w, &w->bearers), 0);
        far_end_init(&w->device, w->event, master, kind, &w->keys, &link);
        bearers_add(w->bearers, link);
        return bearers_link(w->bearers);
}

static void begin_first_way(struct world *w, enum keys_kind kind)
{
        struct link *link = first_way(w, kind);

        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         0);
}

static void say_number(struct world *w, enum message_kind kind, uint32_t number)
{
        message_put_number(conversation_body(w->conversation), number);
        assert_int_equal(conversation_say(w->conversation, kind, 0), 0);
}

/* Ended once, for this reason, and nothing comes after it. */
static void expect_end(struct world *w, enum reason why, bool unproven)
{
        loop_until(w->event, &w->n_ended, 1);
        assert_string_equal(reason_code(w->end.why), reason_code(why));
        assert_int_equal(w->end.unproven, unproven);
        far_end_cut(&w->device);
        loop_settle(w->event);
        assert_int_equal(w->n_ended, 1);
}

/* {1: 1, 2: 0, 3: 42, 4: h'0102030405060708'} */
static const uint8_t hello[] = {0xa4, 1, 1, 2, 0, 3, 0x18, 42, 4, 0x48, 1, 2, 3, 4, 5, 6, 7, 8};

static size_t size_of_kind(uint8_t kind)
{
        size_t n = 1;

        while (n < MESSAGE_MAX && !message_size_fits(kind, n))
                n++;
        return n;
}

static const enum keys_kind both_kinds[] = {KEYS_OF_CODE, KEYS_OF_OWNERSHIP};

/* Over the second way everything is as it always is; and there is no third. */
static void expect_second_way(struct world *w, enum keys_kind kind)
{
        struct link *link = NULL;

        loop_until(w->event, &w->n_retreats, 1);
        far_end_connect(&w->device, &link);
        bearers_add(w->bearers, link);
        far_end_shake_hands(&w->device, kind);
        if (kind == KEYS_OF_CODE) {
                far_end_say(&w->device, MESSAGE_HELLO, hello, sizeof(hello));
                loop_until(w->event, &w->n_bodies, 1);
        } else {
                loop_until(w->event, &w->n_ready, 1);
        }
        assert_int_equal(w->n_ended, 0);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, false);
        assert_int_equal(w->n_retreats, 1);
        finish(w);
}

static void test_conversation_silence_is_followed_by_a_fresh_first_message(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(both_kinds); i++) {
                uint8_t first[MESSAGE_MAX];
                struct link *link = NULL;
                size_t n_first;

                haste = 100;
                begin_first_way(w, both_kinds[i]);
                loop_until(w->event, &w->device.heard.n_messages, 1);
                n_first = w->device.heard.n_message;
                memcpy(first, w->device.heard.message, n_first);
                loop_until(w->event, &w->n_retreats, 1);
                far_end_connect(&w->device, &link);
                bearers_add(w->bearers, link);
                loop_until(w->event, &w->device.heard.n_messages, 1);
                assert_int_equal(w->device.heard.n_message, n_first);
                assert_int_equal(w->device.heard.message[0], first[0]);
                assert_memory_not_equal(w->device.heard.message + 1, first + 1, n_first - 1);

                /* The second way is as silent, and there is no third. */
                w->answer = -EBUSY;
                expect_end(w, REASON_LINK_TIMEOUT, true);
                assert_int_equal(w->n_retreats, 2);
                w->answer = 0;
                finish(w);

                begin_first_way(w, both_kinds[i]);
                loop_until(w->event, &w->n_retreats, 1);
                haste = 1;
                expect_second_way(w, both_kinds[i]);
        }
}

static void test_conversation_somebody_else_at_the_end_of_the_first_way_is_left(void **state)
{
        static const uint8_t cases[] = {
                0x7f,           MESSAGE_M2,        MESSAGE_K2,
                MESSAGE_M1,     MESSAGE_TRANSPORT, MESSAGE_ANNOUNCE, /* a stream's */
                MESSAGE_REFUSE,                                      /* forged */
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases) * ELEMENTSOF(both_kinds); i++) {
                enum keys_kind kind = both_kinds[i % ELEMENTSOF(both_kinds)];
                uint8_t strange[MESSAGE_MAX] = {cases[i / ELEMENTSOF(both_kinds)], 1};

                begin_first_way(w, kind);
                far_end_send(&w->device, strange, size_of_kind(strange[0]));
                loop_settle(w->event);
                assert_int_equal(w->n_retreats, 1); /* at once, and not after a silence */
                expect_second_way(w, kind);
        }
}

/* The device is given its time when it is asked, and nobody is while the link retreats. */
static void test_conversation_second_way_may_take_its_time(void **state)
{
        static const uint8_t strange[] = {0x7f, 1, 2, 3};
        struct world *w = *state;

        haste = 100;
        begin_first_way(w, KEYS_OF_CODE);
        far_end_send(&w->device, strange, sizeof(strange));
        loop_until(w->event, &w->n_retreats, 1);
        loop_outlast(w->event, 2000 * SESSION_ANSWER_S);
        haste = 1;
        expect_second_way(w, KEYS_OF_CODE);
}

static void test_conversation_first_way_that_is_lost_is_left(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(both_kinds); i++) {
                begin_first_way(w, both_kinds[i]);
                far_end_cut(&w->device);
                expect_second_way(w, both_kinds[i]);

                begin_first_way(w, both_kinds[i]);
                loop_until(w->event, &w->device.heard.n_messages, 1);
                far_end_cut(&w->device);
                expect_second_way(w, both_kinds[i]);
        }
}

static void test_conversation_first_way_that_takes_no_message_is_left(void **state)
{
        struct world *w = *state;
        struct link *link = first_way(w, KEYS_OF_CODE);

        far_end_cut(&w->device);
        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         0);
        expect_second_way(w, KEYS_OF_CODE);

        w->answer = -EBUSY;
        link = first_way(w, KEYS_OF_CODE);
        far_end_cut(&w->device);
        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         -EPIPE);
        assert_null(w->bearers);
}

static void test_conversation_without_a_second_way_ends_as_always(void **state)
{
        static const uint8_t strange[] = {0x7f, 1, 2, 3};
        struct world *w = *state;

        w->answer = -EBUSY;
        begin_first_way(w, KEYS_OF_CODE);
        far_end_send(&w->device, strange, sizeof(strange));
        expect_end(w, REASON_PROTOCOL_VIOLATED, true);
        finish(w);

        begin_first_way(w, KEYS_OF_CODE);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, true);
        finish(w);

        /* One was promised, and does not come. */
        w->answer = 0;
        begin_first_way(w, KEYS_OF_CODE);
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_retreats, 1);
        loop_settle(w->event);
        assert_int_equal(w->n_ended, 0);
        bearers_lose(w->bearers, REASON_SERVICE_MISSING);
        expect_end(w, REASON_SERVICE_MISSING, true);
}

static void expect_no_retreat(struct world *w, enum reason why, bool unproven)
{
        expect_end(w, why, unproven);
        assert_int_equal(w->n_retreats, 0);
        finish(w);
}

/* M2 and K2 show that the device is there, and a refusal that it has made. */
static void test_conversation_way_on_which_the_device_has_answered_is_kept(void **state)
{
        static const uint8_t strange[] = {0x7f, 1, 2, 3};
        struct world *w = *state;
        struct session_taken taken;

        for (size_t i = 0; i < ELEMENTSOF(both_kinds); i++) {
                begin_first_way(w, both_kinds[i]);
                far_end_shake_hands(&w->device, both_kinds[i]);
                far_end_cut(&w->device);
                expect_no_retreat(w, REASON_LINK_LOST, both_kinds[i] == KEYS_OF_CODE);

                begin_first_way(w, both_kinds[i]);
                far_end_shake_hands(&w->device, both_kinds[i]);
                far_end_send(&w->device, strange, sizeof(strange));
                expect_no_retreat(w, REASON_PROTOCOL_VIOLATED, both_kinds[i] == KEYS_OF_CODE);
        }

        begin_first_way(w, KEYS_OF_CODE);
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        haste = 100;
        far_end_say(&w->device, MESSAGE_HELLO, hello, sizeof(hello));
        loop_until(w->event, &w->n_bodies, 1);
        say_number(w, MESSAGE_STAGE, 1);
        expect_no_retreat(w, REASON_LINK_TIMEOUT, false);

        begin_first_way(w, KEYS_OF_CODE);
        w->device.keys.psk = NULL;
        w->device.keys.refusal = MESSAGE_REFUSAL_OWNED;
        far_end_take(&w->device, &taken);
        expect_no_retreat(w, REASON_DEVICE_OWNED, true);
}

static void test_conversation_goodbye_is_no_retreat(void **state)
{
        struct world *w = *state;

        begin_first_way(w, KEYS_OF_OWNERSHIP);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        loop_until(w->event, &w->n_ready, 1);
        say_number(w, MESSAGE_COMMIT, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        far_end_say(&w->device, MESSAGE_BYE, (const uint8_t *)"\xa0", 1);
        expect_no_retreat(w, REASON_NONE, false);
}

static void test_conversation_may_be_freed_between_two_ways(void **state)
{
        struct world *w = *state;

        begin_first_way(w, KEYS_OF_CODE);
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_retreats, 1);
        w->conversation = conversation_free(w->conversation);
        assert_null(w->bearers);
        loop_settle(w->event);
        assert_int_equal(w->n_ended, 0);
}

static void test_conversation_with_a_key_that_is_none_does_not_retreat(void **state)
{
        struct world *w = *state;
        struct link *link = first_way(w, KEYS_OF_CODE);

        memset(w->keys.device_public, 0, sizeof(w->keys.device_public));
        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         -EKEYREJECTED);
        assert_int_equal(w->n_retreats, 0);
        assert_null(w->bearers);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_conversation_silence_is_followed_by_a_fresh_first_message),
                TEST(test_conversation_somebody_else_at_the_end_of_the_first_way_is_left),
                TEST(test_conversation_second_way_may_take_its_time),
                TEST(test_conversation_first_way_that_is_lost_is_left),
                TEST(test_conversation_first_way_that_takes_no_message_is_left),
                TEST(test_conversation_without_a_second_way_ends_as_always),
                TEST(test_conversation_way_on_which_the_device_has_answered_is_kept),
                TEST(test_conversation_goodbye_is_no_retreat),
                TEST(test_conversation_may_be_freed_between_two_ways),
                TEST(test_conversation_with_a_key_that_is_none_does_not_retreat),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
