/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Both ends talk in memory: honestly; with each message lost, doubled, swapped, damaged, delayed;
 * with ends that misbehave; with power cut at each moment that counts.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "talk/fault.h"
#include "talk/world.h"

static int setup(void **state)
{
        (void)state;
        world_init();
        return 0;
}

static void assert_sound(const char *what, unsigned at, const char *wrong)
{
        if (wrong)
                fail_msg("%s %u: %s", what, at, wrong);
}

static void assert_settles(const char *what, unsigned at)
{
        assert_sound(what, at, world_broken());
        world_settle();
        assert_sound(what, at, world_unsettled());
}

static void enroll(int hub)
{
        connect_to(hub);
        (void)until(1000);
}

static void assert_owned_by(int hub)
{
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
        assert_memory_equal(world.device.ownership.record.hub, world.hubs[hub].public_key, 32);
        assert_int_equal(world.hubs[hub].row.state, ROW_CONFIRMED);
}

static void test_talk_honest_ends_reach_ownership(void **state)
{
        (void)state;
        enroll(0);
        /* M1 M2 M3 HELLO STAGE REPORT COMMIT DONE, and a first reading. */
        assert_int_equal(world.n_messages, 9);
        assert_owned_by(0);
        assert_int_equal(world.hubs[0].n_data, 1);
        assert_int_equal(enroll_device_epoch(&world.device), 1);
        assert_true(world.board.named);
        assert_int_equal(world.board.calls, 0x12);
        assert_int_equal(world.board.n_undos, 0);
        assert_int_equal(world.board.n_fuses, 0);
        assert_settles("honest", 0);
}

static void test_talk_sync_points_hold_both_halves(void **state)
{
        (void)state;
        world.half = half_sync;
        world.n_half = n_half_sync;
        connect_to(0);
        (void)until(6); /* the device waits at point 7 */
        assert_int_equal(world.board.calls, 0);
        assert_int_equal(world.board.named, 1);
        (void)until(8); /* at point 9 */
        assert_int_equal(world.board.calls, 0x02);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        (void)until(1000);
        assert_int_equal(world.n_messages, 13);
        assert_owned_by(0);
}

static void test_talk_sync_at_another_point_undoes_the_half(void **state)
{
        static const uint8_t point_8[] = {0xa1, 0x01, 0x08};

        (void)state;
        world.half = half_sync;
        world.n_half = n_half_sync;
        connect_to(0);
        (void)until(6);
        world.to_hub.n = 0;
        world.hubs[0].session.waits = world.device.session.waits;
        world_hub_say(0, MESSAGE_SYNC, point_8, sizeof(point_8));
        world_deliver_to_device();
        assert_int_equal(world.linked, -1);
        assert_false(world.board.named);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        assert_settles("after a wrong point", 0);
}

static void test_talk_fuse_blows_after_the_commit_only(void **state)
{
        (void)state;
        world.half = half_fuse;
        world.n_half = n_half_fuse;
        connect_to(0);
        (void)until(7);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_PENDING);
        assert_int_equal(world.board.n_fuses, 0);
        (void)until(1000);
        assert_owned_by(0);
        assert_int_equal(world.board.n_fuses, 1);
        world_device_power_cut();
        assert_int_equal(world.board.n_fuses, 2);

        /* A person at the device gets it back empty, but nobody can enroll it any more. */
        world_device_reset();
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        world.hubs[1].has_code = true;
        enroll(1);
        assert_true(world.hubs[1].refused);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
}

static bool device_has(const uint8_t key[32])
{
        return memmem(&world.device, sizeof(world.device), key, 32) ||
               memmem(world.flash, sizeof(world.flash), key, 32) ||
               memmem(world.device_secret, 32, key, 32);
}

static void test_talk_erased_secret_is_nowhere_until_a_reset(void **state)
{
        uint8_t psk[32];

        (void)state;
        kdf_psk(world.secret, psk);
        connect_to(0);
        (void)until(7);
        assert_false(world.board.erased);
        assert_true(device_has(world.secret));
        assert_true(device_has(psk));
        (void)until(1000);
        assert_owned_by(0);
        assert_true(world.board.erased);
        assert_int_equal(world.board.n_fuses, 0);
        assert_false(device_has(world.secret));
        assert_false(device_has(psk));

        /* Its owner finds it by the two keys that it keeps; who has the code hears that it is
         * owned. */
        world_device_power_cut();
        assert_false(device_has(world.secret));
        world.hubs[0].row.state = ROW_UNSETTLED;
        world.hubs[0].enrolls_next = false;
        enroll(0);
        assert_owned_by(0);
        world_link_lost();
        enroll(1);
        assert_true(world.hubs[1].refused);

        /* What was erased does not come back by itself. */
        world_link_lost();
        assert_int_equal(enroll_device_reset(&world.device), 0);
        world.hubs[1].refused = false;
        world.hubs[1].has_code = true;
        enroll(1);
        assert_true(world.hubs[1].refused);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);

        world_device_reset();
        assert_true(device_has(world.secret));
        world.hubs[1].has_code = true;
        enroll(1);
        assert_owned_by(1);
}

static void test_talk_failing_step_is_undone_and_told(void **state)
{
        (void)state;
        world.board.broken = true;
        enroll(0);
        assert_int_equal(world.hubs[0].failure, MESSAGE_FAILURE_STEP);
        assert_int_equal(world.board.n_calls, 1);
        assert_int_equal(world.board.n_undos, 1);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        assert_sound("after a failed step", 0, world_broken());
        world.board.broken = false;
        assert_settles("after a failed step", 0);
        assert_owned_by(0);
}

static void test_talk_memory_that_fails_is_told(void **state)
{
        (void)state;
        world.board.memory_fails = true;
        enroll(0);
        assert_int_equal(world.hubs[0].failure, MESSAGE_FAILURE_STORAGE);
        assert_int_equal(world.hubs[0].row.state, ROW_NONE);
        assert_sound("while the memory fails", 0, world_broken());
        world.board.memory_fails = false;
        assert_settles("after the memory failed", 0);
        assert_owned_by(0);
}

static void test_talk_memory_that_fails_at_the_commit_is_told(void **state)
{
        (void)state;
        connect_to(0);
        (void)until(7);
        world.board.memory_fails = true;
        (void)until(1000);
        assert_int_equal(world.hubs[0].failure, MESSAGE_FAILURE_STORAGE);
        assert_int_equal(world.hubs[0].row.state, ROW_UNSETTLED);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_PENDING);
        world.board.memory_fails = false;
        assert_settles("after the memory failed at the commit", 0);
        assert_owned_by(0);
}

static void test_talk_owned_device_refuses_others(void **state)
{
        (void)state;
        enroll(0);
        world_link_lost();
        enroll(1);
        assert_true(world.hubs[1].refused);
        assert_int_equal(world.hubs[1].row.state, ROW_NONE);
        assert_owned_by(0);
}

/* The second hub replaces what the first had staged, whose COMMIT was lost after its own commit. */
static void test_talk_two_hubs_with_the_same_code_end_with_one_owner(void **state)
{
        (void)state;
        connect_to(0);
        (void)until(7);
        world_link_lost();
        assert_int_equal(world.hubs[0].row.state, ROW_UNSETTLED);
        enroll(1);
        assert_owned_by(1);
        assert_int_equal(enroll_device_epoch(&world.device), 2);
        assert_settles("two hubs", 0);
        assert_true(world.hubs[0].refused);
        assert_owned_by(1);
}

/* DONE is lost: the hub resumes and hears it, although it is owned by that very hub already. */
static void test_talk_lost_done_is_made_good(void **state)
{
        (void)state;
        connect_to(0);
        (void)until(8);
        world_link_lost();
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
        assert_int_equal(world.hubs[0].row.state, ROW_UNSETTLED);
        enroll(0);
        assert_int_equal(world.n_messages, 5); /* K1 K2 COMMIT DONE DATA */
        assert_owned_by(0);
        assert_int_equal(enroll_device_epoch(&world.device), 1);
}

static void test_talk_reset_frees_the_device_and_keeps_the_epoch(void **state)
{
        (void)state;
        enroll(0);
        world_device_reset();
        for (int slot = 0; slot < 2; slot++)
                for (size_t i = 0; i + 32 <= WORLD_FLASH; i++)
                        assert_memory_not_equal(world.flash[slot] + i, world.hubs[0].psk_own, 32);
        world_link_lost();
        world.hubs[0].row.state = ROW_NONE;
        enroll(1);
        assert_owned_by(1);
        assert_int_equal(enroll_device_epoch(&world.device), 2);
}

/* Nobody comes back: the fail-safe timer, also over a power cut. */
static void test_talk_fail_safe_undoes_what_nobody_commits(void **state)
{
        (void)state;
        for (int cut = 0; cut < 2; cut++) {
                world_init();
                connect_to(0);
                (void)until(6);
                world_link_lost();
                world.hubs[0].has_code = false;
                if (cut)
                        world_device_power_cut();
                assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_PENDING);
                assert_int_equal(enroll_device_wait_ms(&world.device), 120000);
                world_device_waits();
                assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
                assert_int_equal(enroll_device_epoch(&world.device), 1);
                assert_sound("after the fail-safe", (unsigned)cut, world_broken());
                assert_int_equal(world.board.n_undos, 2);
        }
}

/* The deadlines of section 7, each with the message before it delivered and the next one late. */
static void test_talk_late_hub_loses_the_session(void **state)
{
        static const struct {
                unsigned after;
                uint32_t patience_ms;
        } rows[] = {{0, 10000}, {2, 10000}, {4, 10000}, {6, 30000}, {8, 86400000}};

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                world_init();
                connect_to(0);
                (void)until(rows[i].after);
                if (rows[i].after > 0)
                        assert_int_equal(world.to_device.n, 0);
                world.to_device.n = 0;
                world.device.fail_safe_left_ms = ENROLL_FOR_EVER; /* it is longer, or not there */
                assert_int_equal(enroll_device_wait_ms(&world.device), rows[i].patience_ms);
                assert_int_equal(
                        enroll_device_tick(&world.device, world.now_ms + rows[i].patience_ms - 1),
                        ENROLL_NOTHING);
                world.device.now_ms = world.now_ms;
                world_device_waits();
                assert_int_equal(world.linked, -1);
                assert_settles("late before message", rows[i].after);
        }
}

static void test_talk_every_message_with_every_fault_converges(void **state)
{
        unsigned n = 0;

        (void)state;
        world_init();
        fault_record(9);
        assert_owned_by(0);
        for (enum fault fault = 0; fault < FAULTS; fault++)
                for (unsigned at = 1; at <= 9; at++) {
                        world_init();
                        connect_to(0);
                        fault_make(fault, until(at), at);
                        (void)until(1000);
                        assert_settles("fault", (unsigned)fault * 100 + at);
                        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
                        n++;
                }
        print_message("%u faults in messages\n", n);
}

/* Every bit of the handshakes; of what is sealed every seventh. */
static void test_talk_every_flipped_bit_converges(void **state)
{
        unsigned n = 0;

        (void)state;
        for (unsigned at = 1; at <= 9; at++)
                for (size_t bit = 0; bit < 8 * WORLD_MESSAGE; bit += at <= 3 ? 1 : 7) {
                        struct world_queue *q;

                        world_init();
                        connect_to(0);
                        q = until(at);
                        if (bit >= 8 * q->messages[0].n)
                                break;
                        q->messages[0].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        (void)until(1000);
                        if (at < 8)
                                assert_int_not_equal(world.hubs[0].row.state, ROW_CONFIRMED);
                        assert_settles("flipped bit in message", at);
                        n++;
                }
        print_message("%u flipped bits\n", n);
}

static void test_talk_power_cut_at_every_write_of_the_device_converges(void **state)
{
        unsigned n = 0;

        (void)state;
        for (unsigned before = 0; before < 4; before++)
                for (unsigned at = 1; at <= 9; at++)
                        for (unsigned write = 1; write <= 2; write++)
                                for (enum world_cut cut = CUT_BEFORE; cut <= CUT_AFTER; cut++) {
                                        world_init();
                                        /* Enrollments that came to nothing shift the slots. */
                                        for (unsigned i = 0; i < before; i++) {
                                                connect_to(0);
                                                (void)until(6);
                                                world_link_lost();
                                        }
                                        connect_to(0);
                                        if (until(at) != &world.to_device)
                                                break;
                                        world.cut = cut;
                                        world.cut_write = write;
                                        world_deliver_to_device();
                                        (void)until(1000);
                                        assert_settles("device cut at message", at);
                                        assert_int_equal(enroll_device_state(&world.device),
                                                         MESSAGE_STATE_OWNED);
                                        n++;
                                }
        print_message("%u power cuts of the device\n", n);
}

static void test_talk_power_cut_at_every_write_of_the_hub_converges(void **state)
{
        unsigned n = 0;

        (void)state;
        for (unsigned at = 2; at <= 9; at++)
                for (enum world_cut cut = CUT_BEFORE; cut <= CUT_AFTER; cut++) {
                        world_init();
                        connect_to(0);
                        if (until(at) != &world.to_hub)
                                break;
                        world.hub_cut = cut;
                        world_deliver_to_hub();
                        (void)until(1000);
                        assert_settles("hub cut at message", at);
                        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_OWNED);
                        n++;
                }
        print_message("%u power cuts of the hub\n", n);
}

/* --- ends that misbehave, with the right keys --- */

static void hostile_hub(unsigned at, enum message_kind kind, const char *body, size_t n_body)
{
        struct world_hub *hub = &world.hubs[0];
        uint8_t message[WORLD_MESSAGE] = {MESSAGE_TRANSPORT, (uint8_t)kind};

        world_init();
        connect_to(0);
        (void)until(at);
        world.to_hub.n = 0;
        memcpy(message + 2, body, n_body);
        noise_encrypt(&hub->session.send, message + 1, 1 + n_body, message + 1);
        world.to_device.n = 1;
        memcpy(world.to_device.messages[0].bytes, message, 18 + n_body);
        world.to_device.messages[0].n = 18 + n_body;
        world_deliver_to_device();
}

#define ZEROS8  "\0\0\0\0\0\0\0\0"
#define ZEROS32 ZEROS8 ZEROS8 ZEROS8 ZEROS8
#define STAGE(epoch, seconds, half, values)                                                        \
        "\xa6\x01" epoch "\x02\x58\x20" ZEROS32 "\x03\x58\x20" ZEROS32 "\x04" seconds "\x05" half  \
        "\x06" values
#define BODY(text) text, sizeof(text) - 1

static void test_talk_hostile_hub_gets_nothing(void **state)
{
        static const struct {
                const char *what;
                unsigned after; /* messages of an honest run */
                enum message_kind kind;
                const char *body;
                size_t n_body;
                bool told; /* that is, answered with FAIL */
        } cases[] = {
                {"commits before it stages", 4, MESSAGE_COMMIT, BODY("\xa1\x01\x01"), false},
                {"sets before it owns", 4, MESSAGE_SET, BODY("\xa2\x01\x00\x02\xa1\x01\x01"),
                 false},
                {"says goodbye at once", 4, MESSAGE_BYE, BODY("\xa0"), false},
                {"answers a hello with a hello", 4, MESSAGE_HELLO, BODY("\xa0"), false},
                {"releases what nobody owns", 4, MESSAGE_RELEASE, BODY("\xa1\x01\x00"), false},
                {"releases what is pending", 6, MESSAGE_RELEASE, BODY("\xa1\x01\x01"), false},
                {"says DONE itself", 6, MESSAGE_DONE, BODY("\xa2\x01\x01\x02\x48" ZEROS8), false},
                {"stages twice", 6, MESSAGE_STAGE, BODY(STAGE("\x02", "\x18\x78", "\x80", "\xa0")),
                 false},
                {"commits another epoch", 6, MESSAGE_COMMIT, BODY("\xa1\x01\x02"), false},
                {"commits epoch 0", 6, MESSAGE_COMMIT, BODY("\xa1\x01\x00"), false},
                {"commits text", 6, MESSAGE_COMMIT, BODY("\xa1\x01\x61x"), false},
                {"synchronises where nobody waits", 6, MESSAGE_SYNC, BODY("\xa1\x01\x07"), false},
                {"stages nothing", 4, MESSAGE_STAGE, BODY("\xa0"), false},
                {"stages garbage", 4, MESSAGE_STAGE, BODY("\xff\xff\xff"), false},
                {"stages epoch 0", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x00", "\x18\x78", "\x80", "\xa0")), true},
                {"has a fail-safe of 9 s", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x09", "\x80", "\xa0")), false},
                {"has an unknown verb", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x81\x81\x18\x40", "\xa0")), true},
                {"has a verb of the hub", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x81\x81\x02", "\xa0")), true},
                {"does not supply what is required", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x81\x82\x10\x02", "\xa0")), true},
                {"refers to what is not supplied", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x82\x83\x11\x01\x61x\x83\x11\x02\x81\x02",
                            "\xa0")),
                 true},
                {"supplies a number for a name", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x82\x82\x10\x01\x83\x11\x01\x81\x01",
                            "\xa1\x01\x05")),
                 true},
                {"supplies what is no parameter", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x80", "\xa1\x18\x32\x05")), true},
                {"calls an unknown function", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x82\x82\x12\x01\x82\x12\x09", "\xa0")), true},
                {"calls the enrollment itself", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x82\x82\x12\x01\x82\x12\x03", "\xa0")), true},
                {"asks for an item that is not there", 4, MESSAGE_STAGE,
                 BODY(STAGE("\x01", "\x18\x78", "\x82\x82\x12\x01\x82\x13\x05", "\xa0")), true},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                hostile_hub(cases[i].after, cases[i].kind, cases[i].body, cases[i].n_body);
                if (world.to_hub.n != cases[i].told)
                        fail_msg("answered wrongly: %s", cases[i].what);
                if (enroll_device_state(&world.device) == MESSAGE_STATE_OWNED ||
                    (cases[i].after == 4 &&
                     enroll_device_state(&world.device) != MESSAGE_STATE_FACTORY))
                        fail_msg("got something: %s", cases[i].what);
                if (world.linked >= 0)
                        world_link_lost();
                assert_settles("hostile hub", (unsigned)i);
                assert_owned_by(0);
        }
}

static void test_talk_cancelling_hub_frees_the_device(void **state)
{
        (void)state;
        hostile_hub(6, MESSAGE_FAIL, "\xa1\x01\x09", 3);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_FACTORY);
        assert_int_equal(world.linked, -1);
        assert_sound("after a cancellation", 0, world_broken());
}

static void test_talk_malformed_cancellation_only_ends_the_session(void **state)
{
        (void)state;
        hostile_hub(6, MESSAGE_FAIL, "\xa1\x01\x00", 3);
        assert_int_equal(enroll_device_state(&world.device), MESSAGE_STATE_PENDING);
        assert_int_equal(world.linked, -1);
        assert_settles("after a malformed cancellation", 0);
        assert_owned_by(0);
}

static void test_talk_advertisement_is_new_after_each_first_message(void **state)
{
        uint8_t seen[4][MESSAGE_ADV_BYTES];

        (void)state;
        memcpy(seen[0], enroll_device_advertisement(&world.device), sizeof(seen[0]));
        connect_to(0);
        (void)until(2);
        world_link_lost();
        memcpy(seen[1], enroll_device_advertisement(&world.device), sizeof(seen[0]));
        connect_to(0);
        (void)until(6);
        memcpy(seen[2], enroll_device_advertisement(&world.device), sizeof(seen[0]));
        (void)until(8);
        memcpy(seen[3], enroll_device_advertisement(&world.device), sizeof(seen[0]));
        for (int i = 0; i < 3; i++)
                for (int j = i + 1; j < 4; j++)
                        assert_memory_not_equal(seen[i], seen[j], sizeof(seen[0]));
}

/* Somebody without the code has overheard an M1, and says it again to see who answers. */
static void test_talk_replayed_m1_is_not_refused_again(void **state)
{
        static struct world_queue overheard;
        uint8_t advertisement[MESSAGE_ADV_BYTES];

        (void)state;
        enroll(0);
        world_link_lost();
        memcpy(advertisement, enroll_device_advertisement(&world.device), sizeof(advertisement));
        connect_to(1);
        overheard = world.to_device;
        world_deliver_to_device();
        assert_int_equal(world.to_hub.messages[0].bytes[0], MESSAGE_REFUSE);
        world_link_lost();
        assert_memory_not_equal(advertisement, enroll_device_advertisement(&world.device),
                                MESSAGE_NONCE_BYTES);

        connect_to(1);
        world.to_device = overheard;
        world_deliver_to_device();
        assert_int_equal(world.to_hub.n, 0);
        assert_int_equal(world.linked, -1);
}

static void test_talk_probe_announces_and_starts_anew(void **state)
{
        uint8_t message[MESSAGE_MAX] = {MESSAGE_PROBE};
        size_t n;

        (void)state;
        world.stream = true;
        connect_to(0);
        (void)until(4);
        assert_int_equal(enroll_device_feed(&world.device, message, 1, &n), ENROLL_SEND);
        assert_int_equal(n, 11);
        assert_int_equal(message[0], MESSAGE_ANNOUNCE);
        assert_memory_equal(message + 1, enroll_device_advertisement(&world.device), 10);
        world.linked = -1;
        world.to_device.n = world.to_hub.n = 0;
        enroll(0);
        assert_owned_by(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_talk_honest_ends_reach_ownership, setup),
                cmocka_unit_test_setup(test_talk_sync_points_hold_both_halves, setup),
                cmocka_unit_test_setup(test_talk_sync_at_another_point_undoes_the_half, setup),
                cmocka_unit_test_setup(test_talk_fuse_blows_after_the_commit_only, setup),
                cmocka_unit_test_setup(test_talk_erased_secret_is_nowhere_until_a_reset, setup),
                cmocka_unit_test_setup(test_talk_failing_step_is_undone_and_told, setup),
                cmocka_unit_test_setup(test_talk_memory_that_fails_is_told, setup),
                cmocka_unit_test_setup(test_talk_memory_that_fails_at_the_commit_is_told, setup),
                cmocka_unit_test_setup(test_talk_owned_device_refuses_others, setup),
                cmocka_unit_test_setup(test_talk_two_hubs_with_the_same_code_end_with_one_owner,
                                       setup),
                cmocka_unit_test_setup(test_talk_lost_done_is_made_good, setup),
                cmocka_unit_test_setup(test_talk_reset_frees_the_device_and_keeps_the_epoch, setup),
                cmocka_unit_test(test_talk_fail_safe_undoes_what_nobody_commits),
                cmocka_unit_test(test_talk_late_hub_loses_the_session),
                cmocka_unit_test(test_talk_every_message_with_every_fault_converges),
                cmocka_unit_test(test_talk_every_flipped_bit_converges),
                cmocka_unit_test(test_talk_power_cut_at_every_write_of_the_device_converges),
                cmocka_unit_test(test_talk_power_cut_at_every_write_of_the_hub_converges),
                cmocka_unit_test(test_talk_hostile_hub_gets_nothing),
                cmocka_unit_test(test_talk_cancelling_hub_frees_the_device),
                cmocka_unit_test(test_talk_malformed_cancellation_only_ends_the_session),
                cmocka_unit_test_setup(test_talk_advertisement_is_new_after_each_first_message,
                                       setup),
                cmocka_unit_test_setup(test_talk_replayed_m1_is_not_refused_again, setup),
                cmocka_unit_test_setup(test_talk_probe_announces_and_starts_anew, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
