/* SPDX-License-Identifier: Apache-2.0 */

/* From a device behind a port to a session with it, and every way in which a meeting ends. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/payload.h"
#include "contact/meeting.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9}, adv_key[32] = {4, 2};

/* One meeting, its device, and what the handler was told. */
struct world {
        sd_event *event;
        struct far_end device;
        struct way way;
        struct meeting *meeting;
        struct turn *person;

        size_t n_found, n_links, n_ready, n_bodies, n_again, n_failed, n_ended, n_parted, n_turns;
        enum reason why;
};

static void on_found(void *userdata, const struct finder_found *found)
{
        struct world *w = userdata;

        assert_int_equal(found->state, MESSAGE_STATE_OWNED);
        w->n_found++;
}

static void on_link(void *userdata, const struct finder_found *found, struct keys *ret_keys)
{
        struct world *w = userdata;

        w->n_links++;
        keys_begin(ret_keys, master, w->device.public_key);
        keys_of_ownership(ret_keys, master, FAR_END_EPOCH, found->nonce);
}

static void on_ready(void *userdata)
{
        ((struct world *)userdata)->n_ready++;
}

static void on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        (void)kind;
        (void)body;
        ((struct world *)userdata)->n_bodies++;
}

static void on_again(void *userdata)
{
        ((struct world *)userdata)->n_again++;
}

static void on_failed(void *userdata, enum reason why, const char *text)
{
        struct world *w = userdata;

        assert_true(text[0]);
        w->why = why;
        w->n_failed++;
        w->meeting = meeting_free(w->meeting);
}

static void on_ended(void *userdata, const struct conversation_end *end)
{
        struct world *w = userdata;

        w->why = end->why;
        w->n_ended++;
        w->meeting = meeting_free(w->meeting);
}

static void on_parted(void *userdata)
{
        struct world *w = userdata;

        w->n_parted++;
        w->meeting = meeting_free(w->meeting);
}

static const struct meeting_handler handler = {
        .on_found = on_found,
        .on_link = on_link,
        .on_ready = on_ready,
        .on_body = on_body,
        .on_again = on_again,
        .on_failed = on_failed,
        .on_ended = on_ended,
        .on_parted = on_parted,
};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->meeting = meeting_free(w->meeting);
        w->person = turn_free(w->person);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void begin(struct world *w, enum airtime_rank rank)
{
        const struct finder_wish wish = {
                .reach = PAYLOAD_REACH_STREAM,
                .adv_key = adv_key,
                .seconds = 60,
                .rank = rank,
        };

        assert_int_equal(meeting_new(&w->way.means, &wish, &handler, w, &w->meeting), 0);
}

/* Until the session is open. */
static void meet(struct world *w)
{
        size_t n_ready = w->n_ready;

        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        loop_until(w->event, &w->n_ready, n_ready + 1);
}

/* Up to the device's DONE. */
static void own(struct world *w)
{
        struct conversation *conversation = meeting_conversation(w->meeting);

        message_put_number(conversation_body(conversation), FAR_END_EPOCH);
        assert_int_equal(conversation_say(conversation, MESSAGE_COMMIT, 0), 0);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        loop_until(w->event, &w->n_bodies, 1);
}

static void on_turn(void *userdata)
{
        ((struct world *)userdata)->n_turns++;
}

static void on_displaced(void *userdata)
{
        (void)userdata;
        fail_msg("a person is displaced");
}

static const struct airtime_handler person = {on_turn, on_displaced};

static void come_as_a_person(struct world *w)
{
        assert_int_equal(
                turn_new(w->way.airtime, w->device.address, AIRTIME_PERSON, &person, w, &w->person),
                0);
}

/* A visit with its session open, which a person has just displaced. */
static void begin_and_displace(struct world *w)
{
        begin(w, AIRTIME_VISIT);
        meet(w);
        own(w);
        come_as_a_person(w);
        far_end_expect(&w->device, MESSAGE_BYE);
}

static void test_meeting_leads_to_a_session(void **state)
{
        struct world *w = *state;

        begin(w, AIRTIME_VISIT);
        assert_null(meeting_conversation(w->meeting));
        meet(w);
        own(w);
        assert_int_equal(w->n_found, 1);
        assert_int_equal(w->n_links, 1);
        assert_int_equal(w->n_again + w->n_failed + w->n_ended + w->n_parted, 0);
        assert_true(airtime_is_used(w->way.airtime, w->device.address));
}

static void test_meeting_parts_with_a_last_word_and_hears_no_more(void **state)
{
        struct world *w = *state;

        begin(w, AIRTIME_VISIT);
        meet(w);
        own(w);
        meeting_part(w->meeting);
        far_end_say(&w->device, MESSAGE_DATA, (const uint8_t *)"\xa2\x01\xa1\x01\x05\x02\x00", 7);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_parted, 1);
        assert_int_equal(w->n_bodies, 1);
        assert_int_equal(w->n_ended, 0);
        assert_false(airtime_is_used(w->way.airtime, w->device.address));
}

static void test_meeting_parts_while_it_looks(void **state)
{
        struct world *w = *state;

        begin(w, AIRTIME_VISIT);
        meeting_part(w->meeting);
        assert_int_equal(w->n_parted, 0); /* not from within the call */
        loop_until(w->event, &w->n_parted, 1);
}

static void test_meeting_that_is_displaced_says_bye_and_begins_anew(void **state)
{
        struct world *w = *state;

        begin_and_displace(w);
        loop_until(w->event, &w->n_turns, 1);
        assert_int_equal(w->n_ended + w->n_failed, 0);

        loop_until(w->event, &w->n_again, 1);
        w->person = turn_free(w->person);
        meet(w);
        assert_int_equal(w->n_found, 2);
        assert_int_equal(w->n_ready, 2);
}

static void test_meeting_that_is_displaced_may_still_part(void **state)
{
        struct world *w = *state;

        begin_and_displace(w);
        meeting_part(w->meeting);
        loop_until(w->event, &w->n_turns, 1);
        assert_int_equal(w->n_parted, 1);
        assert_int_equal(w->n_again, 0);
}

static void test_meeting_in_other_hands_has_another_rank(void **state)
{
        struct world *w = *state;

        begin(w, AIRTIME_PERSON);
        meet(w);
        own(w);
        come_as_a_person(w);
        loop_settle(w->event);
        assert_int_equal(w->n_turns, 0); /* nobody is displaced for his own rank */
        meeting_hand_over(w->meeting, AIRTIME_VISIT, 60, &handler, w);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_turns, 1);
}

static void test_meeting_tells_the_end_of_its_session_once(void **state)
{
        struct world *w = *state;

        begin(w, AIRTIME_VISIT);
        meet(w);
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_ended, 1);
        assert_string_equal(reason_code(w->why), "link_lost");
        loop_settle(w->event);
        assert_int_equal(w->n_failed + w->n_parted, 0);
}

static void test_meeting_tells_that_the_device_is_not_there(void **state)
{
        struct world *w = *state;

        haste = 600;
        begin(w, AIRTIME_VISIT);
        loop_until(w->event, &w->n_failed, 1);
        assert_string_equal(reason_code(w->why), "device_not_found");
        assert_null(meeting_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_meeting_leads_to_a_session),
                TEST(test_meeting_parts_with_a_last_word_and_hears_no_more),
                TEST(test_meeting_parts_while_it_looks),
                TEST(test_meeting_that_is_displaced_says_bye_and_begins_anew),
                TEST(test_meeting_that_is_displaced_may_still_part),
                TEST(test_meeting_in_other_hands_has_another_rank),
                TEST(test_meeting_tells_the_end_of_its_session_once),
                TEST(test_meeting_tells_that_the_device_is_not_there),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
