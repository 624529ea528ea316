/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What an owner says to its device, in memory: commands and their answers, and that it lets it go;
 * with each message lost, doubled, swapped or damaged, and with power cut at each write.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "talk/fault.h"
#include "talk/world.h"

#define N_MESSAGES          11 /* K1 K2 COMMIT DONE DATA SET RESULT GET RESULT RELEASE RELEASED */
#define AT_RELEASE          10
#define AT_RELEASE_ENROLLED (AT_RELEASE + 4) /* M1 M2 M3 HELLO STAGE REPORT instead of K1 K2 */

static uint8_t message[MESSAGE_MAX];

/* Hub 0 owns the device and is not connected; hub 1 stays away. */
static int setup(void **state)
{
        (void)state;
        world_init();
        world.hubs[1].has_code = false;
        connect_to(0);
        (void)until(1000);
        world_link_lost();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        return 0;
}

static void want(bool sets, bool gets, bool releases)
{
        world.hubs[0].sets = sets;
        world.hubs[0].gets = gets;
        world.hubs[0].releases = releases;
}

static void assert_settles(const char *what, unsigned at)
{
        const char *wrong = world_broken();

        if (!wrong) {
                world_settle();
                wrong = world_unsettled();
        }
        if (wrong)
                fail_msg("%s %u: %s", what, at, wrong);
}

static void assert_free(void)
{
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        assert_int_equal(enroll_device_epoch(&world.device), 1);
        assert_int_equal(world.hubs[0].row.state, ROW_NONE);
        assert_false(world.hubs[0].releases);
        assert_false(world.board.named);
        assert_int_equal(world.board.calls, 0);
}

static void test_commands_are_answered(void **state)
{
        const struct world_hub *hub = &world.hubs[0];

        (void)state;
        want(true, true, false);
        connect_to(0);
        (void)until(1000);
        assert_int_equal(world.n_messages, 9);
        assert_int_equal(hub->n_results, 2);
        assert_int_equal(hub->outcome, MESSAGE_OUTCOME_DONE);
        assert_true(hub->lamp);
        assert_true(world.board.lamp);
        assert_int_equal(world.linked, 0);
        assert_settles("commands", 0);
}

static void test_commands_and_readings_are_counted_over_sessions(void **state)
{
        struct world_hub *hub = &world.hubs[0];
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];

        (void)state;
        assert_int_equal(hub->n_data, 1);
        assert_int_equal(hub->number, 0);
        memcpy(boot_id, hub->boot_id, sizeof(boot_id));
        for (unsigned i = 1; i <= 3; i++) {
                want(false, true, false);
                connect_to(0);
                (void)until(1000);
                assert_int_equal(hub->number, i);
                assert_memory_equal(hub->boot_id, boot_id, sizeof(boot_id));
                world_link_lost();
        }
        world_device_power_cut();
        want(false, true, false);
        connect_to(0);
        (void)until(1000);
        assert_int_equal(hub->number, 0);
        assert_memory_not_equal(hub->boot_id, boot_id, sizeof(boot_id));
}

static void test_commands_with_every_fault_leave_the_device_owned(void **state)
{
        unsigned n = 0;

        want(true, true, false);
        fault_record(9);
        for (enum fault fault = 0; fault < FAULTS; fault++)
                for (unsigned at = 1; at <= 9; at++) {
                        struct world_hub *hub = &world.hubs[0];

                        (void)setup(state);
                        want(true, true, false);
                        connect_to(0);
                        fault_make(fault, until(at), at);
                        (void)until(1000);
                        if (hub->n_results == 2)
                                assert_int_equal(hub->lamp, world.board.lamp);
                        assert_settles("fault", (unsigned)fault * 100 + at);
                        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
                        /* What was lost on its way is not said again; all else has been. */
                        assert_false(hub->sets || hub->gets);
                        assert_true(hub->n_results >= 1);
                        n++;
                }
        print_message("%u faults in messages\n", n);
}

static void test_commands_of_which_the_answer_is_lost_may_have_been_done(void **state)
{
        (void)state;
        want(true, false, false);
        connect_to(0);
        (void)until(6); /* SET */
        world_link_lost();
        assert_false(world.board.lamp);
        want(true, false, false);
        connect_to(0);
        (void)until(7); /* RESULT */
        world_link_lost();
        assert_true(world.board.lamp);
        assert_int_equal(world.hubs[0].n_results, 0);
        want(false, true, false);
        connect_to(0);
        (void)until(1000);
        assert_int_equal(world.hubs[0].n_results, 1);
        assert_true(world.hubs[0].lamp);
}

/* Puts a body into the session of hub 0, which is open, and gives what the device makes of it. */
static enum enroll_event hear(enum message_kind kind, const char *body, size_t n_body)
{
        struct noise_cipher *send = &world.hubs[0].session.send;
        size_t n;

        message[0] = MESSAGE_TRANSPORT;
        message[1] = (uint8_t)kind;
        memcpy(message + MESSAGE_BODY_AT, body, n_body);
        (void)noise_encrypt(send, message + 1, 1 + n_body, message + 1);
        return enroll_device_feed(&world.device, message, MESSAGE_BODY_AT + n_body + 16, &n);
}

static void open_session(void)
{
        (void)setup(NULL);
        want(false, true, false);
        connect_to(0);
        (void)until(1000);
}

#define BODY(text) text, sizeof(text) - 1

static void test_commands_are_given_to_the_board_to_be_walked_twice(void **state)
{
        const struct message_command *command = enroll_device_command(&world.device);
        struct message_values walk;
        struct message_value value;
        uint8_t channel;

        (void)state;
        open_session();
        assert_int_equal(hear(MESSAGE_SET, BODY("\xa2\x01\x18\x2a\x02\xa2\x02\xf5\x03\x24")),
                         ENROLL_COMMANDED);
        assert_int_equal(command->kind, MESSAGE_SET);
        assert_int_equal(command->id, 42);
        for (int i = 0; i < 2; i++) {
                walk = command->values;
                assert_true(message_values_next(&walk, &value));
                assert_int_equal(value.channel, 2);
                assert_int_equal(value.type, MESSAGE_BOOLEAN);
                assert_true(message_values_next(&walk, &value));
                assert_int_equal(value.channel, 3);
                assert_int_equal(value.integer, -5);
                assert_false(message_values_next(&walk, &value));
        }
        open_session();
        assert_int_equal(hear(MESSAGE_GET, BODY("\xa2\x01\x07\x02\x82\x02\x18\xff")),
                         ENROLL_COMMANDED);
        assert_int_equal(command->kind, MESSAGE_GET);
        assert_int_equal(command->id, 7);
        for (int i = 0; i < 2; i++) {
                walk = command->values;
                assert_true(message_channels_next(&walk, &channel));
                assert_int_equal(channel, 2);
                assert_true(message_channels_next(&walk, &channel));
                assert_int_equal(channel, 255);
                assert_false(message_channels_next(&walk, &channel));
        }
}

static void test_commands_are_answered_once_and_under_their_id(void **state)
{
        struct message_result result = {.id = 41};
        struct message_value value = {.channel = 2, .type = MESSAGE_BOOLEAN};
        size_t n = 99;

        (void)state;
        open_session();
        result.id = enroll_device_command(&world.device)->id;
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_NOTHING); /* that one has been answered */
        assert_int_equal(n, 0);
        assert_int_equal(hear(MESSAGE_SET, BODY("\xa2\x01\x18\x2a\x02\xa0")), ENROLL_COMMANDED);
        result.id = 41;
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_NOTHING);
        assert_int_equal(n, 0);
        assert_int_equal(enroll_device_data(&world.device, &value, 1, 9, message, &n), ENROLL_SEND);
        result.id = 42;
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_SEND);
        assert_true(n > 0);
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_NOTHING);

        /* A board that takes too long answers into another session. */
        assert_int_equal(hear(MESSAGE_SET, BODY("\xa2\x01\x18\x2b\x02\xa0")), ENROLL_COMMANDED);
        world_link_lost();
        result.id = 43;
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_NOTHING);
        want(false, true, false);
        connect_to(0);
        (void)until(1000);
        assert_int_equal(enroll_device_answer(&world.device, &result, &value, 1, message, &n),
                         ENROLL_NOTHING);
        assert_int_equal(world.linked, 0);
}

static void test_commands_whose_answer_is_too_long_end_the_session(void **state)
{
        static const uint8_t text[VALUE_STRING_MAX] = {'x'};
        struct message_value values[40];
        struct message_result result = {.id = 42};
        size_t n = 99;

        (void)state;
        open_session();
        assert_int_equal(hear(MESSAGE_SET, BODY("\xa2\x01\x18\x2a\x02\xa0")), ENROLL_COMMANDED);
        for (size_t i = 0; i < 40; i++)
                values[i] = (struct message_value){.channel = (uint8_t)(i + 1),
                                                   .type = MESSAGE_TEXT,
                                                   .text = {text, sizeof(text)}};
        assert_int_equal(enroll_device_answer(&world.device, &result, values, 40, message, &n),
                         ENROLL_CLOSE);
        assert_int_equal(n, 0);
        assert_int_equal(enroll_device_bye(&world.device, message, &n), ENROLL_NOTHING);
}

static void test_commands_out_of_order_or_malformed_end_the_session_only(void **state)
{
        static const struct {
                const char *what;
                enum message_kind first; /* in order, or BYE */
                enum message_kind kind;
                const char *body;
                size_t n_body;
        } cases[] = {
                {"a set that is malformed", MESSAGE_BYE, MESSAGE_SET, BODY("\xa1\x01\xa0")},
                {"a get of nothing", MESSAGE_BYE, MESSAGE_GET, BODY("\xa2\x01\x00\x02\x80")},
                {"a release of another epoch", MESSAGE_BYE, MESSAGE_RELEASE, BODY("\xa1\x01\x02")},
                {"a release of epoch 0", MESSAGE_BYE, MESSAGE_RELEASE, BODY("\xa1\x01\x00")},
                {"a release that is malformed", MESSAGE_BYE, MESSAGE_RELEASE, BODY("\xa0")},
                {"an answer of the hub", MESSAGE_BYE, MESSAGE_RESULT, BODY("\xa2\x01\x00\x02\x00")},
                {"a released hub", MESSAGE_BYE, MESSAGE_RELEASED, BODY("\xa1\x01\x01")},
                {"a second commit", MESSAGE_BYE, MESSAGE_COMMIT, BODY("\xa1\x01\x01")},
                {"a second set", MESSAGE_SET, MESSAGE_SET, BODY("\xa2\x01\x00\x02\xa0")},
                {"a get in a set", MESSAGE_SET, MESSAGE_GET, BODY("\xa2\x01\x00\x02\x81\x01")},
                {"a release in a set", MESSAGE_SET, MESSAGE_RELEASE, BODY("\xa1\x01\x01")},
                {"a farewell in a set", MESSAGE_SET, MESSAGE_BYE, BODY("\xa0")},
                {"a failure in a set", MESSAGE_SET, MESSAGE_FAIL, BODY("\xa1\x01\x09")},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                open_session();
                if (cases[i].first == MESSAGE_SET)
                        assert_int_equal(hear(MESSAGE_SET, BODY("\xa2\x01\x18\x2a\x02\xa0")),
                                         ENROLL_COMMANDED);
                if (hear(cases[i].kind, cases[i].body, cases[i].n_body) != ENROLL_CLOSE)
                        fail_msg("went on after %s", cases[i].what);
                world_link_lost();
                assert_settles("out of order", (unsigned)i);
                assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
        }
}

/* --- RELEASE --- */

static void test_commands_release_frees_the_device_and_keeps_the_epoch(void **state)
{
        uint8_t psk_own[32];

        (void)state;
        assert_true(world.board.erased);
        want(false, false, true);
        connect_to(0);
        (void)until(1000);
        memcpy(psk_own, world.hubs[0].psk_own, sizeof(psk_own));
        assert_int_equal(world.n_messages, 7);
        assert_int_equal(world.linked, -1);
        assert_free();
        assert_false(world.board.erased);
        assert_null(memmem(world.flash, sizeof(world.flash), psk_own, sizeof(psk_own)));
        assert_null(memmem(&world.device, sizeof(world.device), psk_own, sizeof(psk_own)));

        /* The code is good for the next one. */
        world.hubs[1].has_code = true;
        connect_to(1);
        (void)until(1000);
        assert_int_equal(world.hubs[1].row.state, ROW_CONFIRMED);
        assert_int_equal(enroll_device_epoch(&world.device), 2);
}

/* As soon as it is enrolled, in the same session. */
static void test_commands_release_after_the_enrollment_itself(void **state)
{
        (void)state;
        world_init();
        world.hubs[1].has_code = false;
        want(true, true, true);
        connect_to(0);
        (void)until(1000);
        assert_int_equal(world.hubs[0].n_results, 2);
        assert_free();
}

static void test_commands_release_does_not_bring_back_what_was_fused(void **state)
{
        (void)state;
        world_init();
        world.half = half_fuse;
        world.n_half = n_half_fuse;
        want(false, false, true);
        connect_to(0);
        (void)until(1000);
        assert_free();
        connect_to(1);
        (void)until(1000);
        assert_true(world.hubs[1].refused);
        world_device_power_cut();
        world.hubs[1].has_code = true;
        connect_to(1);
        (void)until(1000);
        assert_true(world.hubs[1].refused);
}

static void test_commands_release_with_every_fault_frees_the_device(void **state)
{
        unsigned n = 0;

        want(true, true, true);
        fault_record(N_MESSAGES);
        for (enum fault fault = 0; fault < FAULTS; fault++)
                for (unsigned at = 1; at <= N_MESSAGES; at++) {
                        (void)setup(state);
                        want(true, true, true);
                        connect_to(0);
                        fault_make(fault, until(at), at);
                        (void)until(1000);
                        assert_settles("fault", (unsigned)fault * 100 + at);
                        assert_free();
                        n++;
                }
        print_message("%u faults in messages\n", n);
}

/* RELEASE is under way. An owner before this one shifts the slots of the memory. */
static void begin_release(bool other_slot)
{
        (void)setup(NULL);
        want(true, true, true);
        connect_to(0);
        if (!other_slot) {
                (void)until(AT_RELEASE);
                return;
        }
        (void)until(1000);
        assert_free();
        world.hubs[0].has_code = true;
        want(true, true, true);
        connect_to(0);
        (void)until(AT_RELEASE_ENROLLED);
}

static void test_commands_release_with_a_power_cut_at_every_write_frees_the_device(void **state)
{
        unsigned n = 0;

        (void)state;
        for (int slot = 0; slot < 2; slot++)
                for (unsigned write = 1; write <= 2; write++)
                        for (enum world_cut cut = CUT_BEFORE; cut <= CUT_AFTER; cut++) {
                                bool done = write > 1 || cut == CUT_AFTER;

                                begin_release(slot);
                                world.cut = cut;
                                world.cut_write = write;
                                world_deliver_to_device();
                                assert_int_equal(enroll_device_state(&world.device),
                                                 done ? MESSAGE_STATE_FACTORY
                                                      : MESSAGE_STATE_OWNED);
                                assert_settles("cut at write", write);
                                assert_int_equal(world.hubs[0].row.state, ROW_NONE);
                                assert_int_equal(enroll_device_state(&world.device),
                                                 MESSAGE_STATE_FACTORY);
                                assert_false(world.board.erased);
                                n++;
                        }
        print_message("%u power cuts of the device\n", n);
}

static void test_commands_release_with_a_power_cut_of_the_hub_is_made_good(void **state)
{
        for (enum world_cut cut = CUT_BEFORE; cut <= CUT_AFTER; cut++) {
                (void)setup(state);
                want(true, true, true);
                connect_to(0);
                (void)until(N_MESSAGES);
                world.hub_cut = cut;
                world_deliver_to_hub();
                assert_settles("cut of the hub", cut);
                assert_free();
        }
}

/* What it was, it still is: the half is in force, and the owner hears of it. */
static void test_commands_release_that_cannot_be_written_is_told(void **state)
{
        (void)state;
        want(false, false, true);
        connect_to(0);
        world.board.memory_fails = true;
        (void)until(1000);
        assert_int_equal(world.linked, -1);
        assert_int_equal(world.hubs[0].failure, MESSAGE_FAILURE_STORAGE);
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
        assert_null(world_broken());
        assert_true(world.board.named);
        world.board.memory_fails = false;
        assert_settles("after the memory failed", 0);
        assert_free();
}

/* The first write says that nobody owns it; the second one is over the other copy. */
static void test_commands_release_of_which_one_write_fails(void **state)
{
        for (unsigned write = 1; write <= 2; write++) {
                (void)setup(state);
                want(false, false, true);
                connect_to(0);
                (void)until(6);
                world.cut = CUT_FAILS;
                world.cut_write = write;
                world_deliver_to_device();
                assert_int_equal(enroll_device_state(&world.device),
                                 write == 1 ? MESSAGE_STATE_OWNED : MESSAGE_STATE_FACTORY);
                (void)until(1000);
                assert_int_equal(world.hubs[0].row.state, write == 1 ? ROW_CONFIRMED : ROW_NONE);
                assert_settles("after a write failed", write);
                assert_free();
        }
}

/* --- WAITING --- */

static uint8_t advertised_state(void)
{
        const uint8_t *advertisement = enroll_device_advertisement(&world.device);
        uint8_t adv_key[32], tag[KDF_ADV_TAG_BYTES];

        kdf_adv_key(world.secret, adv_key);
        for (uint8_t state = 0; state <= MESSAGE_STATE_WAITING; state++) {
                kdf_adv_tag(adv_key, advertisement, state, tag);
                if (memcmp(tag, advertisement + MESSAGE_NONCE_BYTES, sizeof(tag)) == 0)
                        return state;
        }
        return UINT8_MAX;
}

static void test_commands_device_that_waits_advertises_it_until_its_hub_has_come(void **state)
{
        uint8_t seen[MESSAGE_ADV_BYTES];

        (void)state;
        assert_int_equal(advertised_state(), MESSAGE_STATE_OWNED);
        enroll_device_call_hub(&world.device);
        assert_int_equal(advertised_state(), MESSAGE_STATE_WAITING);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
        memcpy(seen, enroll_device_advertisement(&world.device), sizeof(seen));
        enroll_device_call_hub(&world.device);
        assert_memory_equal(seen, enroll_device_advertisement(&world.device), sizeof(seen));

        /* Somebody who only has the code does not end that. */
        world.hubs[1].has_code = true;
        connect_to(1);
        (void)until(1000);
        assert_true(world.hubs[1].refused);
        assert_int_equal(advertised_state(), MESSAGE_STATE_WAITING);
        want(false, true, false);
        connect_to(0);
        (void)until(2);
        assert_int_equal(advertised_state(), MESSAGE_STATE_WAITING);
        (void)until(1000);
        assert_int_equal(advertised_state(), MESSAGE_STATE_OWNED);
        assert_int_equal(world.hubs[0].n_results, 1);
}

/* The nonce of a link stays, so what the device wants to say is advertised after it. */
static void test_commands_device_that_waits_says_so_after_the_link(void **state)
{
        uint8_t seen[MESSAGE_ADV_BYTES];

        (void)state;
        want(false, true, false);
        connect_to(0);
        memcpy(seen, enroll_device_advertisement(&world.device), sizeof(seen));
        enroll_device_call_hub(&world.device);
        assert_memory_equal(seen, enroll_device_advertisement(&world.device), sizeof(seen));
        world_link_lost();
        assert_int_equal(advertised_state(), MESSAGE_STATE_WAITING);
}

static void test_commands_device_that_nobody_owns_does_not_wait(void **state)
{
        (void)state;
        world_init();
        enroll_device_call_hub(&world.device);
        assert_int_equal(advertised_state(), MESSAGE_STATE_FACTORY);
        connect_to(0);
        (void)until(7);
        assert_int_equal(advertised_state(), MESSAGE_STATE_PENDING);
        (void)until(1000);
        assert_int_equal(advertised_state(), MESSAGE_STATE_OWNED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
        const struct CMUnitTest tests[] = {
                TEST(test_commands_are_answered),
                TEST(test_commands_and_readings_are_counted_over_sessions),
                TEST(test_commands_with_every_fault_leave_the_device_owned),
                TEST(test_commands_of_which_the_answer_is_lost_may_have_been_done),
                TEST(test_commands_are_given_to_the_board_to_be_walked_twice),
                TEST(test_commands_are_answered_once_and_under_their_id),
                TEST(test_commands_whose_answer_is_too_long_end_the_session),
                TEST(test_commands_out_of_order_or_malformed_end_the_session_only),
                TEST(test_commands_release_frees_the_device_and_keeps_the_epoch),
                TEST(test_commands_release_after_the_enrollment_itself),
                TEST(test_commands_release_does_not_bring_back_what_was_fused),
                TEST(test_commands_release_with_every_fault_frees_the_device),
                TEST(test_commands_release_with_a_power_cut_at_every_write_frees_the_device),
                TEST(test_commands_release_with_a_power_cut_of_the_hub_is_made_good),
                TEST(test_commands_release_that_cannot_be_written_is_told),
                TEST(test_commands_release_of_which_one_write_fails),
                TEST(test_commands_device_that_waits_advertises_it_until_its_hub_has_come),
                TEST(test_commands_device_that_waits_says_so_after_the_link),
                TEST(test_commands_device_that_nobody_owns_does_not_wait),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
