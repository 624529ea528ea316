/* SPDX-License-Identifier: Apache-2.0 */

/* A command is checked, passed on, and answered once on every way. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/dispatch.h"
#include "support/far-end.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9};
static const uint8_t adv_key[32] = {4, 2};

/* clang-format off */
static const struct store_channel channels[] = {
        { .number = 1, .leaf = "level", .direction = STORE_COMMAND, .type = STORE_NUMBER,
          .has_range = true, .low = 0, .high = 100, .step = 5 },
        { .number = 2, .leaf = "light", .direction = STORE_COMMAND, .type = STORE_SWITCH },
        { .number = 3, .leaf = "mode", .direction = STORE_COMMAND, .type = STORE_ENUMERATION,
          .words = "slow fast" },
        { .number = 4, .leaf = "label", .direction = STORE_COMMAND, .type = STORE_TEXT,
          .length = 4 },
};
/* clang-format on */

struct world {
        sd_event *event;
        struct far_end device;
        struct way way;
        struct visit_means means;
        struct gateway *gateway;
        struct store_device row;

        size_t n_outcomes, n_values, n_released;
        struct api_answer answer;
        int64_t integer;
        enum reason why;
        char text[256];
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *readings, size_t n_readings)
{
        (void)userdata;
        (void)device;
        (void)readings;
        (void)n_readings;
        fail_msg("a channel that takes commands only is not published");
}

static const struct gateway_handler gateway_handler = {.on_readings = on_readings};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.means = (struct visit_means){.event = w.event, .master = master, .finder = &w.way.means};
        assert_int_equal(gateway_new(&w.means, &gateway_handler, &w, &w.gateway), 0);
        strcpy(w.row.name, "hall");
        w.row.ownership.epoch = FAR_END_EPOCH;
        memcpy(w.row.ownership.adv_key, adv_key, sizeof(adv_key));
        memcpy(w.row.ownership.public_key, w.device.public_key, sizeof(w.device.public_key));
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->gateway = gateway_free(w->gateway);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void on_outcome(void *userdata, const struct api_outcome *outcome)
{
        struct world *w = userdata;

        w->n_outcomes++;
        w->answer = outcome->answer;
        w->n_values = outcome->n_values;
        if (outcome->n_values > 0)
                w->integer = outcome->values[0].value.integer;
}

static void on_released(void *userdata, const struct errand_answer *answer)
{
        struct world *w = userdata;

        w->n_released++;
        w->why = answer->why;
        strcpy(w->text, answer->text);
}

static void command(struct world *w, enum command_kind kind, const char *leaf,
                    struct message_value value)
{
        const struct visit_wish wish = {&w->row, channels, ELEMENTSOF(channels)};
        const struct api_later later = {on_outcome, w};
        struct command c = {.kind = kind, .name = "hall", .n_values = 1};

        w->n_outcomes = 0;
        c.values[0] = (struct reading){.leaf = leaf, .value = value};
        dispatch_command(w->gateway, &wish, &c, &later);
        memset(&c, 0, sizeof(c));
}

static void set_level(struct world *w, int64_t level)
{
        command(w, COMMAND_SET, "level",
                (struct message_value){.type = MESSAGE_INTEGER, .channel = 1, .integer = level});
}

static void release(struct world *w)
{
        const struct visit_wish wish = {&w->row, channels, ELEMENTSOF(channels)};

        dispatch_release(w->gateway, &wish, false, on_released, w);
}

static void open_session(struct world *w)
{
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
}

static void say_result(struct world *w, uint8_t outcome, const char *text, int64_t level)
{
        const struct message_result result = {
                .id = 1, .outcome = outcome, .text = {(const uint8_t *)text, strlen(text)}};
        const struct message_value value = {
                .type = MESSAGE_INTEGER, .channel = 1, .integer = level};
        struct cbor_writer writer;
        uint8_t body[128];

        cbor_writer_init(&writer, body, sizeof(body));
        message_put_result(&writer, &result, &value, 1);
        far_end_say(&w->device, MESSAGE_RESULT, body, writer.n_written);
}

static void test_dispatch_refuses_what_is_no_value_of_its_channel(void **state)
{
        static const uint8_t text[] = "brisk";
        static const struct {
                const char *leaf, *detail;
                struct message_value value;
                enum reason why;
        } rows[] = {
                {"level",
                 "'level': it is not in the channel's range",
                 {.type = MESSAGE_INTEGER, .channel = 1, .integer = 105},
                 REASON_VALUE_REFUSED},
                {"level",
                 "'level': it is not on a step of the channel's range",
                 {.type = MESSAGE_INTEGER, .channel = 1, .integer = 3},
                 REASON_VALUE_REFUSED},
                {"light",
                 "'light': it is not of the channel's type",
                 {.type = MESSAGE_INTEGER, .channel = 2, .integer = 1},
                 REASON_VALUE_REFUSED},
                {"mode",
                 "'mode': it is not one of the channel's words",
                 {.type = MESSAGE_TEXT, .channel = 3, .text = {text, 5}},
                 REASON_VALUE_REFUSED},
                {"label",
                 "'label': it is longer than a text of the channel may be",
                 {.type = MESSAGE_TEXT, .channel = 4, .text = {text, 5}},
                 REASON_VALUE_REFUSED},
                {"other",
                 "'other'",
                 {.type = MESSAGE_INTEGER, .channel = 9},
                 REASON_CHANNEL_UNKNOWN},
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                command(w, COMMAND_SET, rows[i].leaf, rows[i].value);
                assert_int_equal(w->n_outcomes, 1);
                assert_int_equal(w->answer.reason, rows[i].why);
                assert_string_equal(w->answer.detail, rows[i].detail);
        }
        loop_settle(w->event);
        assert_int_equal(w->n_outcomes, 1);
        assert_int_equal(w->device.heard.n_messages, 0); /* nobody was looked for */
}

static void test_dispatch_says_what_is_in_force(void **state)
{
        struct world *w = *state;

        set_level(w, 50);
        assert_int_equal(w->n_outcomes, 0);
        open_session(w);
        far_end_expect(&w->device, MESSAGE_SET);
        say_result(w, MESSAGE_OUTCOME_DONE, "", 45);
        loop_until(w->event, &w->n_outcomes, 1);
        assert_int_equal(w->answer.reason, REASON_NONE);
        assert_int_equal(w->n_values, 1);
        assert_int_equal(w->integer, 45);
}

static void test_dispatch_asks_without_a_value(void **state)
{
        struct world *w = *state;

        command(w, COMMAND_GET, "level", (struct message_value){.channel = 1});
        open_session(w);
        far_end_expect(&w->device, MESSAGE_GET);
        say_result(w, MESSAGE_OUTCOME_FAILED, "it is stuck", 45);
        loop_until(w->event, &w->n_outcomes, 1);
        assert_int_equal(w->answer.reason, REASON_COMMAND_FAILED);
        assert_string_equal(w->answer.detail, "the device says 'it is stuck'");
        loop_settle(w->event);
        assert_int_equal(w->n_outcomes, 1);
}

static void test_dispatch_answers_once_when_the_link_is_lost(void **state)
{
        struct world *w = *state;

        set_level(w, 50);
        open_session(w);
        far_end_expect(&w->device, MESSAGE_SET);
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_outcomes, 1);
        assert_int_equal(w->answer.reason, REASON_LINK_LOST);
        loop_settle(w->event);
        w->gateway = gateway_free(w->gateway);
        assert_int_equal(w->n_outcomes, 1);
}

static void test_dispatch_answers_once_when_somebody_needs_the_device(void **state)
{
        struct world *w = *state;

        set_level(w, 50);
        release(w);
        gateway_yield(w->gateway, w->row.device_id, REASON_BUSY);
        assert_int_equal(w->answer.reason, REASON_BUSY);
        assert_int_equal(w->why, REASON_BUSY);
        w->gateway = gateway_free(w->gateway);
        assert_int_equal(w->n_outcomes, 1);
        assert_int_equal(w->n_released, 1);
}

static void test_dispatch_answers_once_when_the_hub_stops(void **state)
{
        struct world *w = *state;

        set_level(w, 50);
        release(w);
        w->gateway = gateway_free(w->gateway);
        assert_int_equal(w->n_outcomes, 1);
        assert_int_equal(w->answer.reason, REASON_STOPPING);
        assert_int_equal(w->n_released, 1);
        assert_int_equal(w->why, REASON_STOPPING);
        assert_string_equal(w->text, "");
}

static void test_dispatch_releases(void **state)
{
        struct world *w = *state;

        release(w);
        open_session(w);
        far_end_expect(&w->device, MESSAGE_RELEASE);
        far_end_say_number(&w->device, MESSAGE_RELEASED, FAR_END_EPOCH);
        loop_until(w->event, &w->n_released, 1);
        assert_int_equal(w->why, REASON_NONE);
}

static void test_dispatch_says_that_a_device_was_not_released(void **state)
{
        struct world *w = *state;

        release(w);
        open_session(w);
        far_end_expect(&w->device, MESSAGE_RELEASE);
        far_end_say(&w->device, MESSAGE_FAIL, (const uint8_t *)"\xa1\x01\x05", 3);
        loop_until(w->event, &w->n_released, 1);
        assert_int_equal(w->why, REASON_DEVICE_STORAGE_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_dispatch_refuses_what_is_no_value_of_its_channel),
                TEST(test_dispatch_says_what_is_in_force),
                TEST(test_dispatch_asks_without_a_value),
                TEST(test_dispatch_answers_once_when_the_link_is_lost),
                TEST(test_dispatch_answers_once_when_somebody_needs_the_device),
                TEST(test_dispatch_answers_once_when_the_hub_stops),
                TEST(test_dispatch_releases),
                TEST(test_dispatch_says_that_a_device_was_not_released),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
