/* SPDX-License-Identifier: Apache-2.0 */

/* What a device tells after its enrollment, and how the hub takes its leave. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/payload.h"
#include "gateway/visit.h"
#include "support/diagnostic.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9};

static const struct store_channel channels[] = {
        {.number = 1, .leaf = "temperature", .direction = STORE_PUBLISH},
        {.number = 2, .leaf = "identify", .direction = STORE_COMMAND},
        {.number = 7, .leaf = "humidity", .direction = STORE_PUBLISH},
};

static const uint8_t adv_key[32] = {4, 2};

/* A device of ours that has just said DONE, and the visit that goes on with it. */
struct world {
        sd_event *event;
        struct far_end device;
        struct way way;
        struct meeting *meeting;
        struct visit_means means;
        struct visit *visit;
        size_t n_ready, n_told, n_ended;
        enum reason why; /* of the end */
        char leaf[STORE_LEAF_SIZE], name[STORE_NAME_SIZE];
        int64_t integer;
};

static void on_found(void *userdata, const struct finder_found *found)
{
        (void)userdata;
        assert_int_equal(found->state, MESSAGE_STATE_OWNED);
}

static void on_link(void *userdata, const struct finder_found *found, struct keys *ret_keys)
{
        struct world *w = userdata;

        keys_begin(ret_keys, master, w->device.public_key);
        keys_of_ownership(ret_keys, master, FAR_END_EPOCH, found->nonce);
}

static void on_ready(void *userdata)
{
        ((struct world *)userdata)->n_ready++;
}

static void on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        (void)body;
        assert_int_equal(kind, MESSAGE_DONE);
        ((struct world *)userdata)->n_ready++;
}

static const struct meeting_handler before = {
        .on_found = on_found,
        .on_link = on_link,
        .on_ready = on_ready,
        .on_body = on_body,
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *values, size_t n_values)
{
        struct world *w = userdata;

        assert_true(n_values > 0);
        strcpy(w->name, device->name);
        strcpy(w->leaf, values[n_values - 1].leaf);
        w->integer = values[n_values - 1].value.integer;
        w->n_told += n_values;
}

static void on_ended(void *userdata, enum reason why, const char *text)
{
        struct world *w = userdata;

        assert_non_null(text);
        w->why = why;
        w->n_ended++;
        w->visit = visit_free(w->visit);
}

static const struct visit_handler handler = {.on_readings = on_readings, .on_ended = on_ended};

static int setup(void **state)
{
        static const struct finder_wish wish = {
                .reach = PAYLOAD_REACH_STREAM,
                .adv_key = adv_key,
                .seconds = 60,
                .rank = AIRTIME_PERSON,
        };
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.means = (struct visit_means){.event = w.event, .master = master, .finder = &w.way.means};

        assert_int_equal(meeting_new(&w.way.means, &wish, &before, &w, &w.meeting), 0);
        far_end_announce(&w.device, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(&w.device, KEYS_OF_OWNERSHIP);
        loop_until(w.event, &w.n_ready, 1);
        message_put_number(conversation_body(meeting_conversation(w.meeting)), FAR_END_EPOCH);
        assert_int_equal(conversation_say(meeting_conversation(w.meeting), MESSAGE_COMMIT, 0), 0);
        far_end_expect(&w.device, MESSAGE_COMMIT);
        far_end_say_done(&w.device, FAR_END_EPOCH);
        loop_until(w.event, &w.n_ready, 2);
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->visit = visit_free(w->visit);
        w->meeting = meeting_free(w->meeting);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void visit(struct world *w, size_t n_channels)
{
        static const struct store_device device = {.name = "hall"};
        const struct visit_wish wish = {&device, channels, n_channels};

        assert_int_equal(visit_new(&w->means, &wish, take(w->meeting), &handler, w, &w->visit), 0);
}

static void tell(struct world *w, const char *values)
{
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, values);

        far_end_say(&w->device, MESSAGE_DATA, body.bytes, body.n_bytes);
}

static void test_visit_read_takes_the_channels_of_the_device(void **state)
{
        struct reading values[VISIT_READINGS_MAX];
        struct message_values said;
        struct diagnostic d;
        uint32_t number;
        size_t n;

        (void)state;
        assert_int_equal(
                message_get_data(diagnostic(&d, "{1:{1:5,2:6,7:8,9:1},2:0}"), &said, &number), 0);
        n = visit_read(&said, channels, ELEMENTSOF(channels), values);
        assert_int_equal(n, 3);
        assert_string_equal(values[0].leaf, "temperature");
        assert_int_equal(values[0].value.integer, 5);
        assert_string_equal(values[1].leaf, "identify");
        assert_string_equal(values[2].leaf, "humidity");
        assert_int_equal(values[2].value.integer, 8);
}

/* No BYE is owed to a device that violates the protocol: the link is closed. */
static void test_visit_of_a_device_that_sends_malformed_data_is_over(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        tell(w, "{1:{1:5,7:[1,19]},2:0}");
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->n_told, 0);
        loop_until(w->event, &w->device.heard.n_lost, 1);
        assert_int_equal(w->device.heard.n_messages, w->device.n_taken);
}

static void test_visit_ends_when_every_channel_was_heard(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        tell(w, "{1:{1:2150},2:0}");
        loop_until(w->event, &w->n_told, 1);
        assert_string_equal(w->name, "hall");
        assert_string_equal(w->leaf, "temperature");
        assert_int_equal(w->integer, 2150);
        loop_settle(w->event);
        assert_int_equal(w->device.heard.n_messages, w->device.n_taken); /* no BYE yet */

        tell(w, "{1:{1:2151},2:0}");
        loop_until(w->event, &w->n_told, 2);
        haste = 20;
        tell(w, "{1:{7:40},2:0}");
        far_end_expect(&w->device, MESSAGE_BYE);
        assert_string_equal(w->leaf, "humidity");
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->n_told, 3);
}

static void test_visit_of_a_silent_device_ends_by_itself(void **state)
{
        struct world *w = *state;

        haste = 50;
        visit(w, ELEMENTSOF(channels));
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->n_told, 0);
}

static void test_visit_of_a_device_that_publishes_nothing_is_over_at_once(void **state)
{
        struct world *w = *state;

        visit(w, 0);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
}

static void test_visit_ends_when_the_device_goes(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        tell(w, "{1:{1:2150},2:0}");
        far_end_say(&w->device, MESSAGE_BYE, (const uint8_t *)"\xa0", 1);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->n_told, 1);
}

static void test_visit_ends_once_when_the_link_is_lost(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_ended, 1);
        loop_settle(w->event);
        assert_int_equal(w->n_ended, 1);
}

static void test_visit_channels_that_are_not_awaited_are_passed_over(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        tell(w, "{1:{2:true,9:1},2:0}");
        tell(w, "{1:{1:1},2:0}");
        loop_until(w->event, &w->n_told, 1);
        assert_int_equal(w->integer, 1);
        assert_int_equal(w->n_ended, 0);
}

static void test_visit_freed_early_is_silent(void **state)
{
        struct world *w = *state;

        visit(w, ELEMENTSOF(channels));
        w->visit = visit_free(w->visit);
        loop_until(w->event, &w->device.heard.n_lost, 1);
        assert_int_equal(w->n_ended, 0);
        assert_null(visit_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_visit_read_takes_the_channels_of_the_device),
                TEST(test_visit_of_a_device_that_sends_malformed_data_is_over),
                TEST(test_visit_ends_when_every_channel_was_heard),
                TEST(test_visit_of_a_silent_device_ends_by_itself),
                TEST(test_visit_of_a_device_that_publishes_nothing_is_over_at_once),
                TEST(test_visit_ends_when_the_device_goes),
                TEST(test_visit_ends_once_when_the_link_is_lost),
                TEST(test_visit_channels_that_are_not_awaited_are_passed_over),
                TEST(test_visit_freed_early_is_silent),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
