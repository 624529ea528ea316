/* SPDX-License-Identifier: Apache-2.0 */

/* A visit that calls on its device for errands. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

/* What became of an errand. */
struct asked {
        size_t n_answers, n_readings;
        enum reason why;
        bool is_inferred;
        char text[256];
        int64_t integer; /* of the first reading */
};

/* A device that the hub owns, and the visit to it. */
struct world {
        sd_event *event;
        struct far_end device;
        struct way way;
        struct visit_means means;
        struct visit *visit;
        size_t n_told, n_ended;
        enum reason why; /* of the end */
        bool leaving;    /* as is remembered for the next visit */
        struct turn *person;
        size_t n_turns;
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *values, size_t n_values)
{
        struct world *w = userdata;

        assert_true(n_values > 0);
        assert_string_equal(device->name, "hall");
        assert_non_null(values[0].leaf);
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

static void on_leaving(void *userdata, const struct store_device *device, bool leaving)
{
        struct world *w = userdata;

        assert_int_equal(device->ownership.leaving, leaving);
        w->leaving = leaving;
}

static const struct visit_handler handler = {
        .on_readings = on_readings, .on_ended = on_ended, .on_leaving = on_leaving};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.means = (struct visit_means){.event = w.event, .master = master, .finder = &w.way.means};
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->visit = visit_free(w->visit);
        w->person = turn_free(w->person);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void tell(struct world *w, const char *values)
{
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, values);

        far_end_say(&w->device, MESSAGE_DATA, body.bytes, body.n_bytes);
}

static void on_answer(void *userdata, const struct errand_answer *answer)
{
        struct asked *asked = userdata;

        asked->n_answers++;
        asked->why = answer->why;
        asked->is_inferred = answer->is_inferred;
        strcpy(asked->text, answer->text);
        asked->n_readings = answer->n_readings;
        if (answer->n_readings > 0)
                asked->integer = answer->readings[0].value.integer;
}

/* SET and GET are for the channel 2; @seconds are the errand's. */
static void ask_for(struct world *w, struct asked *asked, enum errand_kind kind, unsigned seconds)
{
        const struct message_value value = {.type = MESSAGE_INTEGER, .channel = 2, .integer = 1};
        const struct errand_wish wish = {
                .kind = kind,
                .values = &value,
                .n_values = kind == ERRAND_RELEASE ? 0 : 1,
                .seconds = seconds,
        };
        struct errand *errand;

        memset(asked, 0, sizeof(*asked));
        assert_int_equal(errand_new(&wish, on_answer, asked, &errand), 0);
        assert_true(visit_ask(w->visit, errand));
}

static void ask(struct world *w, struct asked *asked, enum errand_kind kind)
{
        ask_for(w, asked, kind, 600);
}

/* What the device does in between is up to the test. */
static void call(struct world *w)
{
        struct store_device device = {.name = "hall"};
        const struct visit_wish wish = {&device, channels, ELEMENTSOF(channels)};

        device.ownership.epoch = FAR_END_EPOCH;
        device.ownership.leaving = w->leaving;
        memcpy(device.ownership.adv_key, adv_key, sizeof(adv_key));
        memcpy(device.ownership.public_key, w->device.public_key, 32);
        assert_int_equal(
                visit_new_calling(&w->means, &wish, 60, AIRTIME_COMMAND, &handler, w, &w->visit),
                0);
}

static void open_session(struct world *w, uint32_t epoch)
{
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, epoch);
}

static void say(struct world *w, enum message_kind kind, const char *text)
{
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, text);

        far_end_say(&w->device, kind, body.bytes, body.n_bytes);
}

static void expect_command(struct world *w, enum message_kind kind, const char *text)
{
        struct session_taken taken;
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, text);

        far_end_take(&w->device, &taken);
        assert_int_equal(taken.event, SESSION_BODY);
        assert_int_equal(taken.kind, kind);
        assert_int_equal(taken.body.n_bytes, body.n_bytes);
        assert_memory_equal(taken.body.bytes, body.bytes, body.n_bytes);
}

static void expect_answer(struct world *w, const struct asked *asked, enum reason why)
{
        loop_until(w->event, &asked->n_answers, 1);
        assert_int_equal(asked->n_answers, 1);
        assert_int_equal(asked->why, why);
}

static void test_visit_runs_its_errands_one_after_the_other(void **state)
{
        struct world *w = *state;
        struct asked set, get, release;

        call(w);
        ask(w, &set, ERRAND_SET);
        ask(w, &get, ERRAND_GET);
        ask(w, &release, ERRAND_RELEASE);
        open_session(w, FAR_END_EPOCH);

        expect_command(w, MESSAGE_SET, "{1:1,2:{2:1}}");
        tell(w, "{1:{1:2150},2:0}"); /* in between */
        loop_until(w->event, &w->n_told, 1);
        loop_settle(w->event);
        assert_int_equal(w->device.heard.n_messages, w->device.n_taken);
        assert_int_equal(set.n_answers, 0);
        say(w, MESSAGE_RESULT, "{1:1,2:0,3:{2:1,9:9}}");
        expect_answer(w, &set, REASON_NONE);
        assert_int_equal(set.n_readings, 1);
        assert_int_equal(set.integer, 1);
        assert_int_equal(w->n_told, 1); /* a channel that does not publish */

        expect_command(w, MESSAGE_GET, "{1:2,2:[2]}");
        say(w, MESSAGE_RESULT, "{1:2,2:0,3:{1:2151}}");
        expect_answer(w, &get, REASON_NONE);
        assert_int_equal(get.integer, 2151);
        assert_int_equal(w->n_told, 2); /* one that does */

        expect_command(w, MESSAGE_RELEASE, "{1:3}");
        far_end_say_number(&w->device, MESSAGE_RELEASED, FAR_END_EPOCH);
        expect_answer(w, &release, REASON_NONE);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_NONE);
}

static void test_visit_passes_every_outcome_on(void **state)
{
        static const struct {
                const char *result;
                enum reason why;
                const char *text;
        } rows[] = {
                {"{1:1,2:1}", REASON_CHANNEL_UNKNOWN, ""},
                {"{1:2,2:2}", REASON_VALUE_REFUSED, ""},
                {"{1:3,2:3}", REASON_CHANNEL_ACCESS, ""},
                {"{1:4,2:4,4:\"it is stuck\"}", REASON_COMMAND_FAILED,
                 "the device says 'it is stuck'"},
                {"{1:5,2:5}", REASON_COMMANDS_UNAVAILABLE, ""},
                {"{1:6,2:6}", REASON_COMMAND_FAILED, ""},
                {"{1:7,2:255,4:\"\"}", REASON_COMMAND_FAILED, ""},
        };
        struct world *w = *state;
        struct asked asked[ELEMENTSOF(rows)];

        call(w);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                ask(w, &asked[i], ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                far_end_expect(&w->device, MESSAGE_SET);
                say(w, MESSAGE_RESULT, rows[i].result);
                expect_answer(w, &asked[i], rows[i].why);
                assert_string_equal(asked[i].text, rows[i].text);
        }
        haste = 50;
        ask(w, &asked[0], ERRAND_GET); /* it has stayed with the device */
        far_end_expect(&w->device, MESSAGE_GET);
        say(w, MESSAGE_RESULT, "{1:8,2:0,3:{2:1}}");
        expect_answer(w, &asked[0], REASON_NONE);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_NONE);
}

static void test_visit_believes_no_answer_to_another_question(void **state)
{
        struct world *w = *state;
        struct asked one, other;

        call(w);
        ask(w, &one, ERRAND_SET);
        ask(w, &other, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        haste = 20;
        say(w, MESSAGE_RESULT, "{1:7,2:0}");
        expect_answer(w, &one, REASON_PROTOCOL_VIOLATED);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_PROTOCOL_VIOLATED);
        assert_int_equal(other.n_answers, 0); /* left to the visit's owner */
}

static void test_visit_of_a_device_with_another_epoch_is_over(void **state)
{
        struct world *w = *state;
        struct asked asked;

        call(w);
        ask(w, &asked, ERRAND_SET);
        haste = 20;
        open_session(w, FAR_END_EPOCH + 1);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_PROTOCOL_VIOLATED);
        assert_int_equal(asked.n_answers, 0);
}

static void test_visit_is_told_how_the_device_ended_it(void **state)
{
        static const struct {
                enum errand_kind kind;
                enum message_kind asks, said;
                const char *body; /* NULL: the link is cut */
                enum reason why;
        } rows[] = {
                {ERRAND_GET, MESSAGE_GET, MESSAGE_BYE, "{}", REASON_LINK_LOST},
                {ERRAND_RELEASE, MESSAGE_RELEASE, MESSAGE_BYE, "{}", REASON_LINK_LOST},
                {ERRAND_RELEASE, MESSAGE_RELEASE, MESSAGE_FAIL, "{1:5}",
                 REASON_DEVICE_STORAGE_FAILED},
                {ERRAND_RELEASE, MESSAGE_RELEASE, MESSAGE_BYE, NULL, REASON_LINK_LOST},
                {ERRAND_SET, MESSAGE_SET, MESSAGE_BYE, NULL, REASON_LINK_LOST},
        };
        struct world *w = *state;
        struct asked asked;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                w->n_ended = 0;
                call(w);
                ask(w, &asked, rows[i].kind);
                open_session(w, FAR_END_EPOCH);
                far_end_expect(&w->device, rows[i].asks);
                if (rows[i].body)
                        say(w, rows[i].said, rows[i].body);
                else
                        far_end_cut(&w->device);
                expect_answer(w, &asked, rows[i].why);
                loop_until(w->event, &w->n_ended, 1);
                while (w->device.heard.link)
                        assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        }
}

static void test_visit_does_not_wait_forever_for_an_answer(void **state)
{
        struct world *w = *state;
        struct asked asked, later;

        call(w);
        ask(w, &asked, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        haste = 50;
        far_end_expect(&w->device, MESSAGE_SET);
        tell(w, "{1:{1:1},2:0}"); /* which is no answer */
        ask(w, &later, ERRAND_GET);
        expect_answer(w, &asked, REASON_LINK_TIMEOUT);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_LINK_TIMEOUT);
        assert_int_equal(later.n_answers, 0);
}

static void on_turn(void *userdata)
{
        ((struct world *)userdata)->n_turns++;
}

static const struct airtime_handler person = {.on_turn = on_turn};

/* Somebody more important takes the port, and gives it back. */
static void displace(struct world *w)
{
        assert_int_equal(
                turn_new(w->way.airtime, w->device.address, AIRTIME_PERSON, &person, w, &w->person),
                0);
}

static void give_back(struct world *w)
{
        loop_until(w->event, &w->n_turns, 1);
        w->person = turn_free(w->person);
}

static void test_visit_that_is_displaced_repeats_nothing_and_goes_on(void **state)
{
        struct world *w = *state;
        struct asked one, other, late;

        call(w);
        ask(w, &one, ERRAND_SET);
        ask(w, &other, ERRAND_GET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        displace(w);
        far_end_expect(&w->device, MESSAGE_BYE);
        ask(w, &late, ERRAND_GET);
        expect_answer(w, &one, REASON_LINK_LOST);
        give_back(w);

        open_session(w, FAR_END_EPOCH);
        expect_command(w, MESSAGE_GET, "{1:2,2:[2]}");
        say(w, MESSAGE_RESULT, "{1:2,2:0}");
        expect_answer(w, &other, REASON_NONE);
        expect_command(w, MESSAGE_GET, "{1:3,2:[2]}");
        say(w, MESSAGE_RESULT, "{1:3,2:0}");
        expect_answer(w, &late, REASON_NONE);
        assert_int_equal(w->n_ended, 0);
}

/* Between two errands there is nothing to fail, and what comes while it parts is not lost. */
static void test_visit_asks_again_what_came_when_it_was_displaced(void **state)
{
        struct world *w = *state;
        struct asked asked;

        call(w);
        ask(w, &asked, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        say(w, MESSAGE_RESULT, "{1:1,2:0}");
        expect_answer(w, &asked, REASON_NONE);
        displace(w);
        far_end_expect(&w->device, MESSAGE_BYE);
        ask(w, &asked, ERRAND_SET);
        give_back(w);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        assert_int_equal(asked.n_answers, 0);
}

static void test_visit_that_was_displaced_does_not_come_back_for_nothing(void **state)
{
        struct world *w = *state;
        struct asked asked;

        call(w);
        ask(w, &asked, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        displace(w);
        expect_answer(w, &asked, REASON_LINK_LOST);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_NONE);
}

static void test_visit_gives_up_on_an_errand_in_time(void **state)
{
        struct world *w = *state;
        struct asked asked, other;

        call(w);
        ask(w, &other, ERRAND_SET);
        ask_for(w, &asked, ERRAND_SET, 0);
        expect_answer(w, &asked, REASON_DEVICE_NOT_FOUND);
        assert_int_equal(w->n_ended, 0);

        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        displace(w);
        loop_until(w->event, &w->n_turns, 1);
        loop_settle(w->event);
        ask_for(w, &asked, ERRAND_SET, 0);
        expect_answer(w, &asked, REASON_BUSY);
        assert_string_equal(asked.text, "it had no connection to spare in time");
        assert_int_equal(other.n_answers, 0);
        assert_int_equal(w->n_ended, 0);
}

static void test_visit_without_an_errand_that_has_time_left_is_over(void **state)
{
        struct world *w = *state;
        struct asked asked;

        call(w);
        ask_for(w, &asked, ERRAND_SET, 0);
        expect_answer(w, &asked, REASON_DEVICE_NOT_FOUND);
        loop_until(w->event, &w->n_ended, 1);
}

static void test_visit_gives_up_on_an_errand_behind_a_slow_one(void **state)
{
        struct world *w = *state;
        struct asked slow, asked;

        call(w);
        ask(w, &slow, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        ask_for(w, &asked, ERRAND_SET, 0);
        expect_answer(w, &asked, REASON_COMMANDS_UNAVAILABLE);
        assert_string_equal(asked.text, "it was busy with other commands");
        say(w, MESSAGE_RESULT, "{1:1,2:0}");
        expect_answer(w, &slow, REASON_NONE);
}

static void test_visit_that_parts_takes_no_errand(void **state)
{
        const struct errand_wish wish = {.kind = ERRAND_RELEASE, .seconds = 600};
        struct world *w = *state;
        struct asked asked;
        struct errand *errand, *left;

        call(w);
        ask(w, &asked, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        left = visit_take_errands(w->visit);
        assert_non_null(left);
        assert_null(left->next);
        (void)errand_free(left);
        visit_end(w->visit);
        assert_true(visit_parts(w->visit));
        assert_int_equal(errand_new(&wish, on_answer, &asked, &errand), 0);
        assert_false(visit_ask(w->visit, errand));
        (void)errand_free(errand);
        say(w, MESSAGE_RESULT, "{1:1,2:0}"); /* which nobody waits for any more */
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(asked.n_answers, 0);
        assert_int_equal(w->why, REASON_NONE);
}

/* What is there takes K1, and says nothing. */
static void ignore_owner(struct world *w, enum message_state state)
{
        far_end_announce(&w->device, adv_key, state);
        haste = 50;
        loop_until(w->event, &w->device.heard.n_messages, ++w->device.n_taken);
        assert_int_equal(w->device.heard.message[0], MESSAGE_K1);
}

static void test_visit_notices_a_device_that_was_released_before(void **state)
{
        struct world *w = *state;
        struct asked set, release;

        call(w);
        ask(w, &release, ERRAND_RELEASE);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_RELEASE);
        assert_true(w->leaving);
        far_end_cut(&w->device);
        expect_answer(w, &release, REASON_LINK_LOST);
        assert_false(release.is_inferred);
        loop_until(w->event, &w->n_ended, 1);

        w->n_ended = 0;
        call(w);
        ask(w, &set, ERRAND_SET);
        ask(w, &release, ERRAND_RELEASE);
        ignore_owner(w, MESSAGE_STATE_FACTORY);
        expect_answer(w, &release, REASON_NONE);
        assert_true(release.is_inferred);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_LINK_TIMEOUT);
        assert_int_equal(set.n_answers, 0);
}

/* Anyone can repeat what it announced before it was enrolled, and keep silent. */
static void test_visit_believes_no_silence_of_a_device_that_was_not_asked_to_go(void **state)
{
        struct world *w = *state;
        struct asked release;

        call(w);
        ask(w, &release, ERRAND_RELEASE);
        ignore_owner(w, MESSAGE_STATE_FACTORY);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_LINK_TIMEOUT);
        assert_int_equal(release.n_answers, 0);
        assert_false(w->leaving);
}

/* It was asked to go before, has not heard it, and is still there. */
static void test_visit_that_meets_a_device_knows_that_it_has_not_gone(void **state)
{
        struct world *w = *state;
        struct asked set;

        w->leaving = true;
        call(w);
        ask(w, &set, ERRAND_SET);
        open_session(w, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_SET);
        assert_false(w->leaving);
}

static void test_visit_believes_no_silence_of_a_device_that_is_owned(void **state)
{
        struct world *w = *state;
        struct asked release;

        w->leaving = true;
        call(w);
        ask(w, &release, ERRAND_RELEASE);
        ignore_owner(w, MESSAGE_STATE_OWNED);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_LINK_TIMEOUT);
        assert_int_equal(release.n_answers, 0);
}

/* Whatever it announces, it has just shown that it has its owner's key. */
static void test_visit_believes_no_release_of_a_device_that_answers_its_owner(void **state)
{
        struct world *w = *state;
        struct asked release;

        w->leaving = true;
        call(w);
        ask(w, &release, ERRAND_RELEASE);
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_FACTORY);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_cut(&w->device);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_LINK_LOST);
        assert_int_equal(release.n_answers, 0);
}

/* The steps of a visit that calls, up to number @n. */
static void go_as_far_as(struct world *w, unsigned n)
{
        if (n > 0)
                far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        if (n > 1)
                far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        if (n > 2)
                far_end_expect(&w->device, MESSAGE_COMMIT);
        if (n > 3)
                far_end_say_done(&w->device, FAR_END_EPOCH);
        if (n > 4)
                far_end_expect(&w->device, MESSAGE_SET);
        if (n > 5)
                displace(w);
        if (n > 6)
                far_end_expect(&w->device, MESSAGE_BYE);
        if (n > 7)
                visit_end(w->visit);
}

static void test_visit_freed_at_any_time_answers_nothing(void **state)
{
        struct world *w = *state;
        struct asked asked, other;

        for (unsigned n = 0; n <= 8; n++) {
                call(w);
                ask(w, &asked, ERRAND_SET);
                ask(w, &other, ERRAND_RELEASE);
                go_as_far_as(w, n);
                w->visit = visit_free(w->visit);
                w->person = turn_free(w->person);
                w->n_turns = 0;
                while (w->device.heard.link)
                        assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
                assert_int_equal(asked.n_answers + other.n_answers, 0);
                assert_int_equal(w->n_ended, 0);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_visit_runs_its_errands_one_after_the_other),
                TEST(test_visit_passes_every_outcome_on),
                TEST(test_visit_believes_no_answer_to_another_question),
                TEST(test_visit_of_a_device_with_another_epoch_is_over),
                TEST(test_visit_is_told_how_the_device_ended_it),
                TEST(test_visit_does_not_wait_forever_for_an_answer),
                TEST(test_visit_that_is_displaced_repeats_nothing_and_goes_on),
                TEST(test_visit_asks_again_what_came_when_it_was_displaced),
                TEST(test_visit_that_was_displaced_does_not_come_back_for_nothing),
                TEST(test_visit_gives_up_on_an_errand_in_time),
                TEST(test_visit_without_an_errand_that_has_time_left_is_over),
                TEST(test_visit_gives_up_on_an_errand_behind_a_slow_one),
                TEST(test_visit_that_parts_takes_no_errand),
                TEST(test_visit_notices_a_device_that_was_released_before),
                TEST(test_visit_believes_no_silence_of_a_device_that_was_not_asked_to_go),
                TEST(test_visit_that_meets_a_device_knows_that_it_has_not_gone),
                TEST(test_visit_believes_no_silence_of_a_device_that_is_owned),
                TEST(test_visit_believes_no_release_of_a_device_that_answers_its_owner),
                TEST(test_visit_freed_at_any_time_answers_nothing),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
