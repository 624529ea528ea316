/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end of a session against a device's end that says what each test wants. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
        enum message_kind kind;
        uint8_t body[MESSAGE_MAX];
        size_t n_body;
        struct conversation_end end;
        char said[MESSAGE_TEXT_MAX + 1];
        bool frees; /* whether the handler frees it when it has ended */
};

static void on_ready(void *userdata)
{
        struct world *w = userdata;

        w->n_ready++;
}

static void on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct world *w = userdata;

        w->kind = kind;
        memcpy(w->body, body.bytes, body.n_bytes);
        w->n_body = body.n_bytes;
        w->n_bodies++;
}

static void on_ended(void *userdata, const struct conversation_end *end)
{
        struct world *w = userdata;

        w->end = *end;
        memcpy(w->said, end->fail.text.bytes ? end->fail.text.bytes : (const uint8_t *)"",
               end->fail.text.n_bytes);
        w->n_ended++;
        if (w->frees)
                w->conversation = conversation_free(w->conversation);
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
        far_end_cut(&w->device);
        w->n_ready = w->n_bodies = w->n_ended = 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        finish(w);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void begin(struct world *w, enum keys_kind kind)
{
        struct link *link = NULL;

        far_end_init(&w->device, w->event, master, kind, &w->keys, &link);
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

static const uint8_t data[] = {0xa2, 1, 0xa0, 2, 0}; /* {1: {}, 2: 0} */

/* Up to the device's HELLO, then up to the hub's STAGE. */
static void begin_hello(struct world *w)
{
        begin(w, KEYS_OF_CODE);
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        far_end_say(&w->device, MESSAGE_HELLO, hello, sizeof(hello));
        loop_until(w->event, &w->n_bodies, 1);
}

static void begin_stage(struct world *w)
{
        begin_hello(w);
        say_number(w, MESSAGE_STAGE, 1);
        far_end_expect(&w->device, MESSAGE_STAGE);
}

/* An owned device has said DONE. */
static void begin_done(struct world *w)
{
        begin(w, KEYS_OF_OWNERSHIP);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        loop_until(w->event, &w->n_ready, w->n_ready + 1);
        say_number(w, MESSAGE_COMMIT, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        loop_until(w->event, &w->n_bodies, w->n_bodies + 1);
}

static void test_conversation_enrolls_in_the_order_of_its_messages(void **state)
{
        struct world *w = *state;

        begin_hello(w);
        assert_int_equal(w->kind, MESSAGE_HELLO);
        assert_int_equal(w->n_body, sizeof(hello));
        assert_memory_equal(w->body, hello, sizeof(hello));
        assert_int_equal(w->n_ready, 0);
        assert_string_equal(conversation_link_name(w->conversation), "stream");

        say_number(w, MESSAGE_STAGE, 1);
        far_end_expect(&w->device, MESSAGE_STAGE);
        far_end_say_number(&w->device, MESSAGE_SYNC, 7);
        loop_until(w->event, &w->n_bodies, 2);
        assert_int_equal(w->kind, MESSAGE_SYNC);
        say_number(w, MESSAGE_SYNC, 7);
        far_end_expect(&w->device, MESSAGE_SYNC);
        far_end_say(&w->device, MESSAGE_REPORT, (const uint8_t *)"\xa1\x01\xa0", 3);
        loop_until(w->event, &w->n_bodies, 3);
        say_number(w, MESSAGE_COMMIT, 1);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, 1);
        loop_until(w->event, &w->n_bodies, 4);
        assert_int_equal(w->kind, MESSAGE_DONE);
        assert_int_equal(w->n_ended, 0);

        message_put_bye(conversation_body(w->conversation));
        assert_int_equal(conversation_say(w->conversation, MESSAGE_BYE, 0), 0);
        far_end_expect(&w->device, MESSAGE_BYE);
}

static void test_conversation_of_an_owned_device_is_ready_and_hears_goodbye(void **state)
{
        struct world *w = *state;

        begin_done(w);
        far_end_say(&w->device, MESSAGE_DATA, data, sizeof(data));
        far_end_say(&w->device, MESSAGE_BYE, (const uint8_t *)"\xa0", 1);
        expect_end(w, REASON_NONE, false);
        assert_int_equal(w->n_bodies, 2);
        assert_int_equal(w->kind, MESSAGE_DATA);
        assert_false(w->end.failed);
}

static void begin_set(struct world *w)
{
        begin_done(w);
        message_put_set(conversation_body(w->conversation), 1, NULL, 0);
        assert_int_equal(conversation_say(w->conversation, MESSAGE_SET, 0), 0);
        far_end_expect(&w->device, MESSAGE_SET);
}

static void say_data(struct world *w)
{
        size_t n_bodies = w->n_bodies;

        far_end_say(&w->device, MESSAGE_DATA, data, sizeof(data));
        loop_until(w->event, &w->n_bodies, n_bodies + 1);
}

static void test_conversation_hears_the_answer_to_a_command(void **state)
{
        struct world *w = *state;

        begin_set(w);
        say_data(w);
        far_end_say(&w->device, MESSAGE_RESULT, (const uint8_t *)"\xa2\x01\x01\x02\x00", 5);
        loop_until(w->event, &w->n_bodies, 3);
        assert_int_equal(w->kind, MESSAGE_RESULT);
        haste = 1000; /* there is nothing to wait for any more */
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(w->event, 10000) >= 0);
        assert_int_equal(w->n_ended, 0);
}

static void test_conversation_does_not_take_a_reading_for_an_answer(void **state)
{
        struct world *w = *state;

        begin_done(w);
        haste = 100;
        message_put_set(conversation_body(w->conversation), 1, NULL, 0);
        assert_int_equal(conversation_say(w->conversation, MESSAGE_SET, 0), 0);
        for (unsigned i = 0; w->n_ended == 0; i++) {
                size_t n_bodies = w->n_bodies;

                assert_true(i < SESSION_MESSAGES_MAX / 2);
                far_end_say(&w->device, MESSAGE_DATA, data, sizeof(data));
                while (w->n_bodies == n_bodies && w->n_ended == 0)
                        assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        }
        expect_end(w, REASON_LINK_TIMEOUT, false);
}

static void test_conversation_ends_well_with_a_device_that_is_released(void **state)
{
        struct world *w = *state;

        begin_done(w);
        say_number(w, MESSAGE_RELEASE, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_RELEASE);
        say_data(w);
        far_end_say_number(&w->device, MESSAGE_RELEASED, FAR_END_EPOCH);
        expect_end(w, REASON_NONE, false);
        assert_true(w->end.released);
        assert_false(w->end.failed);
        finish(w);

        begin_done(w);
        say_number(w, MESSAGE_RELEASE, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_RELEASE);
        far_end_say_number(&w->device, MESSAGE_FAIL, MESSAGE_FAILURE_STORAGE);
        expect_end(w, REASON_DEVICE_STORAGE_FAILED, false);
        assert_false(w->end.released);
}

static void test_conversation_with_another_secret_is_not_answered(void **state)
{
        struct world *w = *state;
        struct link *link = NULL;

        haste = 100;
        far_end_init(&w->device, w->event, master, KEYS_OF_CODE, &w->keys, &link);
        w->keys.mac_key[0] ^= 1;
        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         0);
        loop_until(w->event, &w->device.heard.n_messages, 1);
        assert_int_equal(session_take(&w->device.session, w->device.heard.message,
                                      w->device.heard.n_message, &(struct session_taken){0}),
                         SESSION_E_FORGED);
        expect_end(w, REASON_LINK_TIMEOUT, true);
}

static void test_conversation_with_a_device_that_falls_silent_times_out(void **state)
{
        struct world *w = *state;

        begin_stage(w);
        /* What it is given beside the protocol's patience counts too. */
        far_end_say_number(&w->device, MESSAGE_SYNC, 1);
        loop_until(w->event, &w->n_bodies, 2);
        haste = 100;
        message_put_number(conversation_body(w->conversation), 1);
        assert_int_equal(conversation_say(w->conversation, MESSAGE_SYNC, 5), 0);
        expect_end(w, REASON_LINK_TIMEOUT, false);
}

static void test_conversation_waits_for_its_own_side_for_ever(void **state)
{
        struct world *w = *state;

        haste = 1000;
        begin_hello(w);
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(w->event, 10000) >= 0);
        assert_int_equal(w->n_ended, 0);
}

static void test_conversation_that_is_refused_says_by_whose_epoch(void **state)
{
        static const struct {
                uint8_t refusal;
                enum reason why;
        } cases[] = {
                {MESSAGE_REFUSAL_OWNED, REASON_DEVICE_OWNED},
                {MESSAGE_REFUSAL_BUSY, REASON_DEVICE_BUSY},
                {77, REASON_DEVICE_BUSY}, /* of a newer device */
        };
        struct world *w = *state;
        struct session_taken taken;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                begin(w, KEYS_OF_CODE);
                w->device.keys.psk = NULL;
                w->device.keys.refusal = cases[i].refusal;
                w->device.keys.epoch = 12;
                far_end_take(&w->device, &taken);
                assert_int_equal(taken.event, SESSION_REFUSED);
                expect_end(w, cases[i].why, true);
                assert_int_equal(w->end.refusal, cases[i].refusal);
                assert_int_equal(w->end.refused_epoch, 12);
                assert_false(w->end.failed);
                finish(w);
        }
}

/* Anybody can send a refusal; one that the device has not made changes nothing. */
static void test_conversation_forged_refusal_is_ignored(void **state)
{
        struct world *w = *state;
        uint8_t forged[64] = {MESSAGE_REFUSE, MESSAGE_REFUSAL_OWNED};
        size_t n = 2;

        while (n < sizeof(forged) && !message_size_fits(MESSAGE_REFUSE, n))
                n++;
        begin(w, KEYS_OF_CODE);
        far_end_send(&w->device, forged, n);
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        far_end_say(&w->device, MESSAGE_HELLO, hello, sizeof(hello));
        loop_until(w->event, &w->n_bodies, 1);
        assert_int_equal(w->n_ended, 0);
}

/* A PROBE is repeated until it is answered; what a slow device answers then comes behind M1. */
static void test_conversation_late_announces_are_ignored(void **state)
{
        static const uint8_t announce[1 + MESSAGE_ADV_BYTES] = {MESSAGE_ANNOUNCE};
        struct world *w = *state;

        begin(w, KEYS_OF_OWNERSHIP);
        far_end_send(&w->device, announce, sizeof(announce));
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        loop_until(w->event, &w->n_ready, 1);
        finish(w);

        begin(w, KEYS_OF_CODE);
        far_end_send(&w->device, announce, sizeof(announce));
        far_end_send(&w->device, announce, sizeof(announce));
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        far_end_say(&w->device, MESSAGE_HELLO, hello, sizeof(hello));
        loop_until(w->event, &w->n_bodies, 1);
        assert_int_equal(w->n_ended, 0);
        /* The device has proven itself: one more is out of order. */
        far_end_send(&w->device, announce, sizeof(announce));
        expect_end(w, REASON_PROTOCOL_VIOLATED, false);
}

/* Whatever else it says: a newer version may differ in everything but where its number is. */
static void test_conversation_newer_device_is_not_blamed(void **state)
{
        static const struct {
                uint8_t hello[4];
                enum reason why;
        } cases[] = {
                {{0xa1, 1, 2, 0}, REASON_PROTOCOL_NEWER},
                {{0xa1, 1, 0x18, 99}, REASON_PROTOCOL_NEWER},
                {{0xa1, 1, 0, 0}, REASON_PROTOCOL_VIOLATED},
                {{0xa1, 1, 1, 0}, REASON_PROTOCOL_VIOLATED},
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                begin(w, KEYS_OF_CODE);
                far_end_shake_hands(&w->device, KEYS_OF_CODE);
                far_end_say(&w->device, MESSAGE_HELLO, cases[i].hello, sizeof(cases[i].hello));
                expect_end(w, cases[i].why, false);
                finish(w);
        }
}

static void test_conversation_device_that_fails_says_what_and_where(void **state)
{
        static const struct {
                uint8_t failure;
                enum reason why;
        } cases[] = {
                {MESSAGE_FAILURE_FUNCTION, REASON_STEP_FAILED},
                {MESSAGE_FAILURE_PARAMETER, REASON_PARAMETER_MISSING},
                {MESSAGE_FAILURE_STORAGE, REASON_DEVICE_STORAGE_FAILED},
                {MESSAGE_FAILURE_EPOCH, REASON_EPOCH_REFUSED},
                {MESSAGE_FAILURE_REPORT, REASON_PROTOCOL_VIOLATED},
                {MESSAGE_FAILURE_HUB_STORE, REASON_PROTOCOL_VIOLATED},
                {MESSAGE_FAILURE_CANCELLED, REASON_CANCELLED},
                {200, REASON_STEP_FAILED},
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct message_fail fail = {cases[i].failure, 2, {(const uint8_t *)"hot", 3}};
                struct cbor_writer writer;
                uint8_t body[64];

                begin_stage(w);
                cbor_writer_init(&writer, body, sizeof(body));
                message_put_fail(&writer, &fail);
                far_end_say(&w->device, MESSAGE_FAIL, body, writer.n_written);
                expect_end(w, cases[i].why, false);
                assert_true(w->end.failed);
                assert_int_equal(w->end.fail.failure, cases[i].failure);
                assert_int_equal(w->end.fail.step, 2);
                assert_string_equal(w->said, "hot");
                finish(w);
        }
}

static void expect_violation(struct world *w)
{
        size_t n_bodies = w->n_bodies;

        expect_end(w, REASON_PROTOCOL_VIOLATED, false);
        assert_int_equal(w->n_bodies, n_bodies);
        assert_false(w->end.failed);
        finish(w);
}

/* Of every kind that a device sends; no handler hears it. */
static void test_conversation_malformed_bodies_violate_the_protocol(void **state)
{
        static const struct {
                enum message_kind kind;
                const char *body;
                size_t n_body;
        } after_stage[] =
                {
                        {MESSAGE_SYNC, "\xa1\x01\x19\x01\x00", 5}, /* point 256 */
                        {MESSAGE_REPORT, "\xa1\x01\x80", 3},
                        {MESSAGE_FAIL, "\xff", 1},
                },
          after_done[] = {
                  {MESSAGE_DATA, "\xa2\x01\xa1\x01\xf9\x7e\x00\x02\x00", 9}, /* NaN */
                  {MESSAGE_DATA, "\xa2\x01\xa1\x01\x82\x01\x13\x02\x00", 9}, /* an exponent of 19 */
                  {MESSAGE_DATA, "\xa2\x01\xa2\x01\x01\x01\x01\x02\x00", 9}, /* a channel twice */
                  {MESSAGE_BYE, "\xa1\x01\x01", 3},
          };
        struct world *w = *state;

        begin(w, KEYS_OF_CODE);
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        far_end_say_number(&w->device, MESSAGE_HELLO, 1);
        expect_violation(w);
        for (size_t i = 0; i < ELEMENTSOF(after_stage); i++) {
                begin_stage(w);
                far_end_say(&w->device, after_stage[i].kind, (const uint8_t *)after_stage[i].body,
                            after_stage[i].n_body);
                expect_violation(w);
        }
        for (size_t i = 0; i < ELEMENTSOF(after_done); i++) {
                begin_done(w);
                far_end_say(&w->device, after_done[i].kind, (const uint8_t *)after_done[i].body,
                            after_done[i].n_body);
                expect_violation(w);
        }
}

static void test_conversation_lost_link_ends_it_at_every_point(void **state)
{
        struct world *w = *state;
        struct session_taken taken;

        begin(w, KEYS_OF_CODE);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, true);
        finish(w);

        begin(w, KEYS_OF_CODE);
        far_end_take(&w->device, &taken);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, true);
        finish(w);

        begin(w, KEYS_OF_CODE);
        far_end_shake_hands(&w->device, KEYS_OF_CODE);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, true);
        finish(w);

        begin_hello(w);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, false);
        finish(w);

        begin_stage(w);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, false);
        finish(w);

        begin(w, KEYS_OF_OWNERSHIP);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        loop_until(w->event, &w->n_ready, 1);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, false);
}

static void test_conversation_wrong_bytes_violate_the_protocol(void **state)
{
        static const uint8_t strange[] = {0x7f, 1, 2, 3}, short_m2[] = {MESSAGE_M2, 1, 2};
        struct world *w = *state;
        uint8_t forged_m2[49] = {MESSAGE_M2, 9};
        uint8_t sealed[32] = {MESSAGE_TRANSPORT};
        const struct {
                const uint8_t *bytes;
                size_t n_bytes;
        } cases[] = {
                {strange, sizeof(strange)},
                {short_m2, sizeof(short_m2)},
                {forged_m2, sizeof(forged_m2)},
                {sealed, sizeof(sealed)},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                begin(w, KEYS_OF_CODE);
                far_end_send(&w->device, cases[i].bytes, cases[i].n_bytes);
                expect_end(w, REASON_PROTOCOL_VIOLATED, true);
                finish(w);
        }
        begin_stage(w);
        far_end_send(&w->device, sealed, sizeof(sealed));
        expect_end(w, REASON_PROTOCOL_VIOLATED, false);
}

static void test_conversation_saying_what_may_not_be_said_ends_it_later(void **state)
{
        struct world *w = *state;
        static const uint8_t much[MESSAGE_MAX];

        begin_hello(w);
        message_put_number(conversation_body(w->conversation), 1);
        assert_int_equal(conversation_say(w->conversation, MESSAGE_COMMIT, 0), -EPROTO);
        assert_int_equal(w->n_ended, 0);
        expect_end(w, REASON_PROTOCOL_VIOLATED, false);
        finish(w);

        begin_hello(w);
        cbor_put_bytes(conversation_body(w->conversation), much, sizeof(much));
        assert_int_equal(conversation_say(w->conversation, MESSAGE_STAGE, 0), -EMSGSIZE);
        assert_int_equal(w->n_ended, 0);
        expect_end(w, REASON_INTERNAL, false);
}

static void test_conversation_may_be_freed_where_it_ends(void **state)
{
        struct world *w = *state;

        w->frees = true;
        begin_stage(w);
        far_end_cut(&w->device);
        expect_end(w, REASON_LINK_LOST, false);
        assert_null(w->conversation);
        assert_null(conversation_free(NULL));
}

static void test_conversation_freed_early_is_silent_and_closes_the_link(void **state)
{
        struct world *w = *state;

        begin_stage(w);
        w->conversation = conversation_free(w->conversation);
        loop_until(w->event, &w->device.heard.n_lost, 1);
        assert_int_equal(w->n_ended, 0);
}

static void test_conversation_with_a_key_that_is_none_does_not_begin(void **state)
{
        struct world *w = *state;
        struct link *link = NULL;

        far_end_init(&w->device, w->event, master, KEYS_OF_CODE, &w->keys, &link);
        memset(w->keys.device_public, 0, sizeof(w->keys.device_public));
        assert_int_equal(conversation_new(w->event, link, &w->keys, &handler, w, &w->conversation),
                         -EKEYREJECTED);
        loop_until(w->event, &w->device.heard.n_lost, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_conversation_enrolls_in_the_order_of_its_messages),
                TEST(test_conversation_of_an_owned_device_is_ready_and_hears_goodbye),
                TEST(test_conversation_hears_the_answer_to_a_command),
                TEST(test_conversation_does_not_take_a_reading_for_an_answer),
                TEST(test_conversation_ends_well_with_a_device_that_is_released),
                TEST(test_conversation_with_another_secret_is_not_answered),
                TEST(test_conversation_with_a_device_that_falls_silent_times_out),
                TEST(test_conversation_waits_for_its_own_side_for_ever),
                TEST(test_conversation_that_is_refused_says_by_whose_epoch),
                TEST(test_conversation_forged_refusal_is_ignored),
                TEST(test_conversation_late_announces_are_ignored),
                TEST(test_conversation_newer_device_is_not_blamed),
                TEST(test_conversation_device_that_fails_says_what_and_where),
                TEST(test_conversation_malformed_bodies_violate_the_protocol),
                TEST(test_conversation_lost_link_ends_it_at_every_point),
                TEST(test_conversation_wrong_bytes_violate_the_protocol),
                TEST(test_conversation_saying_what_may_not_be_said_ends_it_later),
                TEST(test_conversation_may_be_freed_where_it_ends),
                TEST(test_conversation_freed_early_is_silent_and_closes_the_link),
                TEST(test_conversation_with_a_key_that_is_none_does_not_begin),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
