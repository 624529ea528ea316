/* SPDX-License-Identifier: Apache-2.0 */

/* The device's library alone, with a board that writes down what it is told. tests/talk lets it
 * talk. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/enroll-device.h"
#include "wire/crypto.h"

static struct {
        uint8_t slots[SLOT_COUNT][OWNERSHIP_RECORD_MAX];
        bool reading_fails;
        unsigned n_large; /* items from 65 on that have 64 bytes */
        char told[1024];  /* what happened to the board, in words */
} board;

#define NONCE_LIFE_MS (15U * 60 * 1000)

static struct ownership ownership;
static struct enroll_device device;
static uint8_t public_key[32], device_id[16], key[32], message[MESSAGE_MAX];

static void tell(const char *what, unsigned number)
{
        size_t n = strlen(board.told);

        (void)snprintf(board.told + n, sizeof(board.told) - n, "%s %u. ", what, number);
}

static int on_read(void *userdata, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        (void)userdata;
        memcpy(ret_bytes, board.slots[slot], n_bytes);
        return board.reading_fails ? -1 : 0;
}

static int on_write(void *userdata, unsigned slot, const void *bytes, size_t n_bytes)
{
        (void)userdata;
        assert_true(n_bytes <= OWNERSHIP_RECORD_MAX);
        memcpy(board.slots[slot], bytes, n_bytes);
        return 0;
}

static int on_set(void *userdata, unsigned parameter, const struct value *value)
{
        (void)userdata;
        (void)value;
        tell("set", parameter);
        return 0;
}

static void on_unset(void *userdata, unsigned parameter)
{
        (void)userdata;
        tell("unset", parameter);
}

static int on_call(void *userdata, unsigned function, const struct ownership_argument *arguments,
                   size_t n_arguments)
{
        (void)userdata;
        tell("call", function);
        for (size_t i = 0; i < n_arguments; i++)
                tell("with", arguments[i].number);
        return function < 10 ? 0 : BOARD_E_UNKNOWN;
}

static void on_undo(void *userdata, unsigned function)
{
        (void)userdata;
        tell("undo", function);
}

static int on_item(void *userdata, unsigned item, struct value *ret_value)
{
        static const uint8_t large[VALUE_STRING_MAX];

        (void)userdata;
        if (item > 64 && item <= 64 + board.n_large) {
                *ret_value = (struct value){VALUE_BYTES, 0, {large, sizeof(large)}};
                return 0;
        }
        ret_value->kind = VALUE_INTEGER;
        ret_value->number = 7;
        return item == 64 ? 0 : BOARD_E_UNKNOWN;
}

static int on_erase(void *userdata)
{
        (void)userdata;
        tell("erase", 0);
        return 0;
}

static int on_fuse(void *userdata)
{
        (void)userdata;
        tell("fuse", 0);
        return 0;
}

static const struct ownership_port port = {.slot = {on_read, on_write},
                                           .set = on_set,
                                           .unset = on_unset,
                                           .call = on_call,
                                           .undo = on_undo,
                                           .item = on_item,
                                           .erase = on_erase,
                                           .fuse = on_fuse};
static const struct enroll_identity identity = {
        .private_key = key, .public_key = public_key, .secret = key};

static int start(void)
{
        board.told[0] = '\0';
        return ownership_init(&ownership, &port, NULL, public_key, device_id);
}

static int setup(void **state)
{
        (void)state;
        memset(&board, 0, sizeof(board));
        memset(board.slots, 0xff, sizeof(board.slots));
        memset(key, 7, sizeof(key));
        assert_int_equal(crypto_init(), 0);
        crypto_x25519_base(key, public_key);
        return start();
}

/* Stages and runs: 0, or the failure, with the step in @ret_step. */
static int stage(uint32_t epoch, const char *half, size_t n_half, int *ret_step)
{
        const struct message_stage s = {.epoch = epoch,
                                        .psk_own = key,
                                        .code_hash = key,
                                        .fail_safe_s = 60,
                                        .half = {(const uint8_t *)half, n_half},
                                        .values = {(const uint8_t *)"\xa0", 1}};
        struct message_fail fail;
        uint8_t point;
        int r;

        r = ownership_stage(&ownership, &s, key, &fail);
        if (r == 0)
                r = ownership_run(&ownership, &point, &fail);
        if (r == 0)
                return 0;
        assert_int_equal(r, OWNERSHIP_E_FAILED);
        *ret_step = fail.step;
        return fail.failure;
}

#define HALF(bytes) bytes, sizeof(bytes) - 1

/* [[17, 1, "a", 2, "b"], [18, 1, 1, 9, 2, 8], [18, 2], [19, 2, 64]] */
#define PLAIN                                                                                      \
        HALF("\x84\x85\x11\x01\x61"                                                                \
             "a\x02\x61"                                                                           \
             "b\x86\x12\x01\x01\x09\x02\x08\x82\x12\x02\x83\x13\x02\x18\x40")

/* A half of one step of this verb, with what its shape asks for: 1, and [64] or [64, 7]. */
static size_t put_half(const struct program_row *row, uint8_t bytes[16])
{
        bool one =
                row->shape & (PROGRAM_SHAPE_POINT | PROGRAM_SHAPE_FUNCTION | PROGRAM_SHAPE_FLAGS);
        bool numbers = row->shape & (PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_PAIRS);
        bool pairs = row->shape & PROGRAM_SHAPE_PAIRS;
        struct cbor_writer w;

        cbor_writer_init(&w, bytes, 16);
        cbor_put_array(&w, 1);
        cbor_put_array(&w, 1U + one + numbers + pairs);
        cbor_put_uint(&w, row->verb);
        if (one)
                cbor_put_uint(&w, 1);
        if (numbers)
                cbor_put_uint(&w, 64);
        if (pairs)
                cbor_put_uint(&w, 7);
        return w.n_written;
}

static void test_ownership_handles_each_verb_of_the_device_and_no_other(void **state)
{
        const struct program_row *row = NULL;
        uint32_t epoch = 0;

        while ((row = program_verb_next(row))) {
                uint8_t half[16];
                size_t n_half = put_half(row, half);
                const struct message_stage s = {.epoch = ++epoch,
                                                .psk_own = key,
                                                .code_hash = key,
                                                .fail_safe_s = 60,
                                                .half = {half, n_half},
                                                .values = {(const uint8_t *)"\xa1\x18\x40\x07", 4}};
                struct message_fail fail = {0};
                uint8_t point = 0;
                int r;

                assert_int_equal(setup(state), 0);
                r = ownership_stage(&ownership, &s, key, &fail);
                if (r == 0)
                        r = ownership_run(&ownership, &point, &fail);
                if (!(row->sides & PROGRAM_DEVICE)) {
                        assert_int_equal(r, OWNERSHIP_E_FAILED);
                        assert_int_equal(fail.failure, MESSAGE_FAILURE_HALF);
                } else if (r != (row->shape & PROGRAM_SHAPE_POINT ? OWNERSHIP_SYNC : 0))
                        fail_msg("verb %u: %d, failure %u", row->verb, r, fail.failure);
        }
}

static void test_ownership_half_is_done_again_after_each_start(void **state)
{
        static const char *const done = "set 1. set 2. call 1. with 1. with 2. call 2. ";
        int step;

        (void)state;
        assert_int_equal(stage(1, PLAIN, &step), 0);
        assert_string_equal(board.told, done);
        assert_int_equal(start(), 0);
        assert_string_equal(board.told, done);
        assert_int_equal(ownership_commit(&ownership, 1), 0);
        assert_int_equal(start(), 0);
        assert_string_equal(board.told, done);
        assert_int_equal(ownership.record.state, MESSAGE_STATE_OWNED);
}

static void test_ownership_drop_undoes_last_first(void **state)
{
        int step;

        (void)state;
        assert_int_equal(stage(1, PLAIN, &step), 0);
        board.told[0] = '\0';
        assert_int_equal(ownership_drop(&ownership), 0);
        assert_string_equal(board.told, "undo 2. undo 1. unset 1. unset 2. ");
        board.told[0] = '\0';
        assert_int_equal(ownership_drop(&ownership), 0);
        assert_string_equal(board.told, "");
        assert_int_equal(start(), 0);
        assert_string_equal(board.told, "");
        assert_int_equal(ownership.record.epoch, 1);
}

static void test_ownership_failed_step_is_named_and_undone(void **state)
{
        int step;

        (void)state;
        /* [[18, 1], [18, 11]] */
        assert_int_equal(stage(1, HALF("\x82\x82\x12\x01\x82\x12\x0b"), &step),
                         MESSAGE_FAILURE_FUNCTION);
        assert_int_equal(step, 1);
        assert_string_equal(board.told, "call 1. call 11. undo 1. ");
        assert_int_equal(ownership.record.epoch, 0);
        assert_int_equal(ownership.record.n_half, 0);
        /* [[18, 1], [19, 65]] */
        assert_int_equal(stage(1, HALF("\x82\x82\x12\x01\x82\x13\x18\x41"), &step),
                         MESSAGE_FAILURE_STEP);
        assert_int_equal(step, 1);
}

static void test_ownership_epoch_must_rise(void **state)
{
        int step;

        (void)state;
        assert_int_equal(stage(5, HALF("\x80"), &step), 0);
        assert_int_equal(stage(5, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(ownership.record.state, MESSAGE_STATE_FACTORY);
        assert_int_equal(stage(4, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(ownership_commit(&ownership, 4), OWNERSHIP_E_EPOCH);
}

/* Nobody who stages and never commits can use up the epochs; those there are can all be used. */
static void test_ownership_epoch_rises_by_a_bounded_step(void **state)
{
        int step;

        (void)state;
        assert_int_equal(stage(1025, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(stage(UINT32_MAX, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(ownership.record.epoch, 0);
        assert_int_equal(stage(1024, HALF("\x80"), &step), 0);
        assert_int_equal(stage(2049, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(ownership.record.epoch, 1024);
        assert_int_equal(stage(1025, HALF("\x80"), &step), 0);

        ownership.record.epoch = UINT32_MAX - 1;
        assert_int_equal(stage(UINT32_MAX, HALF("\x80"), &step), 0);
        assert_int_equal(ownership_drop(&ownership), 0);
        assert_int_equal(stage(UINT32_MAX, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(stage(1, HALF("\x80"), &step), MESSAGE_FAILURE_EPOCH);
        assert_int_equal(ownership.record.epoch, UINT32_MAX);
}

static void test_ownership_finish_is_told_from_the_commit_on(void **state)
{
        /* The half, what the board is told at the commit and each start after it, and after a
         * reset. */
        static const struct {
                const char *half, *owned, *reset;
        } cases[] = {
                {"\x81\x82\x14\x00", "", ""},
                {"\x81\x82\x14\x01", "erase 0. ", ""},
                {"\x81\x82\x14\x02", "erase 0. fuse 0. ", "erase 0. fuse 0. "},
                {"\x81\x82\x14\x03", "erase 0. fuse 0. ", "erase 0. fuse 0. "},
        };
        int step;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                setup(state);
                assert_int_equal(stage(1, cases[i].half, 4, &step), 0);
                assert_int_equal(start(), 0);
                assert_string_equal(board.told, "");
                assert_false(ownership_has_erased(&ownership));
                assert_int_equal(ownership_commit(&ownership, 1), 0);
                assert_string_equal(board.told, cases[i].owned);
                assert_int_equal(ownership_has_erased(&ownership), cases[i].owned[0] != '\0');
                assert_int_equal(start(), 0);
                assert_string_equal(board.told, cases[i].owned);
                assert_int_equal(ownership_reset(&ownership), 0);
                assert_int_equal(start(), 0);
                assert_string_equal(board.told, cases[i].reset);
                assert_int_equal(ownership_is_free(&ownership), cases[i].reset[0] == '\0');
        }
}

static void test_ownership_report_holds_what_the_half_asked_for(void **state)
{
        struct cbor_writer w;
        uint8_t items[100];
        int step;

        (void)state;
        assert_int_equal(stage(1, PLAIN, &step), 0);
        cbor_writer_init(&w, items, sizeof(items));
        ownership_put_items(&ownership, &w);
        assert_int_equal(w.n_written, 39);
        assert_memory_equal(items, "\xa2\x02\x58\x20", 4);
        assert_memory_equal(items + 4, public_key, 32);
        assert_memory_equal(items + 36, "\x18\x40\x07", 3);
}

/* Two steps that report @n items of 68 bytes, with their numbers, from 65 on. */
static size_t put_large_half(unsigned n, uint8_t bytes[128])
{
        struct cbor_writer w;

        cbor_writer_init(&w, bytes, 128);
        cbor_put_array(&w, 2);
        for (unsigned i = 0; i < n; i++) {
                if (i % 15 == 0) {
                        cbor_put_array(&w, 1U + (n - i < 15 ? n - i : 15));
                        cbor_put_uint(&w, PROGRAM_REPORT);
                }
                cbor_put_uint(&w, 65 + i);
        }
        return w.n_written;
}

/* A body has 2,030 bytes: room for 29 such items. What fails leaves nothing behind. */
static void test_ownership_report_that_does_not_fit_its_message_fails(void **state)
{
        uint8_t half[128];
        int step = 0;

        (void)state;
        board.n_large = 30;
        assert_int_equal(stage(1, (const char *)half, put_large_half(30, half), &step),
                         MESSAGE_FAILURE_STEP);
        assert_int_equal(step, -1);
        assert_int_equal(ownership.record.state, MESSAGE_STATE_FACTORY);
        assert_int_equal(ownership.record.epoch, 0);
        assert_int_equal(stage(1, (const char *)half, put_large_half(29, half), &step), 0);
        assert_int_equal(ownership.record.state, MESSAGE_STATE_PENDING);
}

/* Values that leave no room for the half in a slot are refused, and those that just fit are not. */
static void test_ownership_what_does_not_fit_the_memory_is_refused(void **state)
{
        static uint8_t values[OWNERSHIP_HALF_MAX + 64];
        struct message_stage s = {.epoch = 1,
                                  .psk_own = key,
                                  .code_hash = key,
                                  .fail_safe_s = 60,
                                  .half = {(const uint8_t *)"\x80", 1}};
        struct message_fail fail;
        struct cbor_writer w;
        uint8_t point;

        (void)state;
        for (size_t n_last = 1; n_last <= 60; n_last++) {
                static const char text[64] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                             "xxxxxxxxxxxx";
                bool fits;
                int r;

                cbor_writer_init(&w, values, sizeof(values));
                cbor_put_map(&w, 28);
                for (unsigned i = 0; i < 28; i++) {
                        cbor_put_uint(&w, 64 + i);
                        cbor_put_text(&w, text, i == 27 ? n_last : 64);
                }
                s.values = (struct cbor_span){values, w.n_written};
                fits = w.n_written + 1 <= OWNERSHIP_HALF_MAX;
                r = ownership_stage(&ownership, &s, key, &fail);
                assert_int_equal(r, fits ? 0 : OWNERSHIP_E_FAILED);
                if (fits) {
                        assert_int_equal(ownership_run(&ownership, &point, &fail), 0);
                        s.epoch++;
                } else {
                        assert_int_equal(fail.failure, MESSAGE_FAILURE_STORAGE);
                }
        }
        assert_int_equal(OWNERSHIP_HEAD_BYTES, offsetof(struct ownership_record, half));
        assert_int_equal(sizeof(struct ownership_record), OWNERSHIP_RECORD_MAX);
}

static void test_enroll_device_without_its_memory_does_not_start(void **state)
{
        int step;

        (void)state;
        assert_int_equal(stage(1, PLAIN, &step), 0);
        assert_int_equal(ownership_commit(&ownership, 1), 0);
        board.slots[0][100] ^= 1;
        board.slots[1][100] ^= 1;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), -1);
        memset(board.slots, 0xff, sizeof(board.slots));
        board.reading_fails = true;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), -1);
        assert_false(ownership_is_free(&device.ownership));
}

static void test_enroll_device_clock_may_wrap(void **state)
{
        int step;

        (void)state;
        assert_int_equal(stage(1, PLAIN, &step), 0);
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, UINT32_MAX - 1000), 0);
        assert_int_equal(enroll_device_state(&device), MESSAGE_STATE_PENDING);
        assert_int_equal(enroll_device_wait_ms(&device), 60000);
        assert_int_equal(enroll_device_tick(&device, UINT32_MAX), ENROLL_NOTHING);
        assert_int_equal(enroll_device_wait_ms(&device), 59000);
        assert_int_equal(enroll_device_tick(&device, 58998), ENROLL_NOTHING);
        assert_int_equal(enroll_device_wait_ms(&device), 1);
        assert_int_equal(enroll_device_tick(&device, 58999), ENROLL_RELEASED);
        assert_int_equal(enroll_device_state(&device), MESSAGE_STATE_FACTORY);
        assert_int_equal(enroll_device_wait_ms(&device), NONCE_LIFE_MS);
}

static void test_enroll_device_silent_hub_is_let_go(void **state)
{
        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        assert_int_equal(enroll_device_wait_ms(&device), NONCE_LIFE_MS);
        enroll_device_link_up(&device);
        assert_int_equal(enroll_device_wait_ms(&device), 10000);
        assert_int_equal(enroll_device_tick(&device, 10000), ENROLL_CLOSE);
        enroll_device_link_lost(&device);
        assert_int_equal(enroll_device_wait_ms(&device), NONCE_LIFE_MS - 10000);
}

/* Whether the advertisement is another than at the last call. */
static bool advertisement_is_new(void)
{
        static uint8_t last[MESSAGE_ADV_BYTES];
        bool is_new = memcmp(last, enroll_device_advertisement(&device), sizeof(last)) != 0;

        memcpy(last, enroll_device_advertisement(&device), sizeof(last));
        return is_new;
}

static void test_enroll_device_advertisement_is_renewed_with_time_and_address(void **state)
{
        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        (void)advertisement_is_new();
        assert_int_equal(enroll_device_tick(&device, NONCE_LIFE_MS - 1), ENROLL_NOTHING);
        assert_false(advertisement_is_new());
        assert_int_equal(enroll_device_tick(&device, NONCE_LIFE_MS), ENROLL_NOTHING);
        assert_true(advertisement_is_new());
        assert_int_equal(enroll_device_wait_ms(&device), NONCE_LIFE_MS);
        enroll_device_moved(&device);
        assert_true(advertisement_is_new());
}

/* M1 or K1 may be on its way, and answers to the nonce that was heard. */
static void test_enroll_device_advertisement_stays_while_a_link_is_up(void **state)
{
        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        (void)advertisement_is_new();
        assert_int_equal(enroll_device_tick(&device, NONCE_LIFE_MS - 1), ENROLL_NOTHING);
        enroll_device_link_up(&device);
        assert_int_equal(enroll_device_tick(&device, NONCE_LIFE_MS), ENROLL_NOTHING);
        enroll_device_moved(&device);
        assert_false(advertisement_is_new());
        assert_int_equal(enroll_device_wait_ms(&device), 9999);
        enroll_device_link_lost(&device);
        assert_true(advertisement_is_new());
}

/* A stream's hub has it from the ANNOUNCE, until its next PROBE. */
static void test_enroll_device_announced_nonce_is_good_until_the_next_probe(void **state)
{
        size_t n;

        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        message[0] = MESSAGE_PROBE;
        assert_int_equal(enroll_device_feed(&device, message, 1, &n), ENROLL_SEND);
        (void)advertisement_is_new();
        assert_int_equal(enroll_device_wait_ms(&device), ENROLL_FOR_EVER);
        assert_int_equal(enroll_device_tick(&device, NONCE_LIFE_MS), ENROLL_NOTHING);
        assert_false(advertisement_is_new());
        message[0] = MESSAGE_PROBE;
        assert_int_equal(enroll_device_feed(&device, message, 1, &n), ENROLL_SEND);
        assert_true(advertisement_is_new());
        assert_memory_equal(message + 1, enroll_device_advertisement(&device), MESSAGE_ADV_BYTES);
}

/* It would otherwise be a way to hold the only link without the code. */
static void test_enroll_device_probe_opens_streams_only(void **state)
{
        size_t n = 99;

        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        enroll_device_link_up(&device);
        message[0] = MESSAGE_PROBE;
        assert_int_equal(enroll_device_feed(&device, message, 1, &n), ENROLL_CLOSE);
        assert_int_equal(n, 0);
        message[0] = MESSAGE_PROBE;
        assert_int_equal(enroll_device_feed(&device, message, 1, &n), ENROLL_CLOSE);
        enroll_device_link_lost(&device);
        message[0] = MESSAGE_PROBE;
        assert_int_equal(enroll_device_feed(&device, message, 1, &n), ENROLL_SEND);
        assert_int_equal(n, 1 + MESSAGE_ADV_BYTES);
        assert_int_equal(message[0], MESSAGE_ANNOUNCE);
}

static void test_enroll_device_says_nothing_without_a_session(void **state)
{
        const struct message_value value = {.channel = 1, .type = MESSAGE_INTEGER};
        size_t n = 99;

        (void)state;
        assert_int_equal(enroll_device_init(&device, &identity, &port, NULL, 0), 0);
        assert_int_equal(enroll_device_data(&device, &value, 1, 0, message, &n), ENROLL_NOTHING);
        assert_int_equal(n, 0);
        assert_int_equal(enroll_device_bye(&device, message, &n), ENROLL_NOTHING);
        message[0] = MESSAGE_TRANSPORT;
        assert_int_equal(enroll_device_feed(&device, message, 30, &n), ENROLL_CLOSE);
        assert_int_equal(n, 0);
        assert_int_equal(enroll_device_feed(&device, message, 0, &n), ENROLL_CLOSE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ownership_handles_each_verb_of_the_device_and_no_other),
                cmocka_unit_test_setup(test_ownership_half_is_done_again_after_each_start, setup),
                cmocka_unit_test_setup(test_ownership_drop_undoes_last_first, setup),
                cmocka_unit_test_setup(test_ownership_failed_step_is_named_and_undone, setup),
                cmocka_unit_test_setup(test_ownership_epoch_must_rise, setup),
                cmocka_unit_test_setup(test_ownership_epoch_rises_by_a_bounded_step, setup),
                cmocka_unit_test_setup(test_ownership_finish_is_told_from_the_commit_on, setup),
                cmocka_unit_test_setup(test_ownership_report_holds_what_the_half_asked_for, setup),
                cmocka_unit_test_setup(test_ownership_report_that_does_not_fit_its_message_fails,
                                       setup),
                cmocka_unit_test_setup(test_ownership_what_does_not_fit_the_memory_is_refused,
                                       setup),
                cmocka_unit_test_setup(test_enroll_device_without_its_memory_does_not_start, setup),
                cmocka_unit_test_setup(test_enroll_device_clock_may_wrap, setup),
                cmocka_unit_test_setup(
                        test_enroll_device_advertisement_is_renewed_with_time_and_address, setup),
                cmocka_unit_test_setup(test_enroll_device_advertisement_stays_while_a_link_is_up,
                                       setup),
                cmocka_unit_test_setup(
                        test_enroll_device_announced_nonce_is_good_until_the_next_probe, setup),
                cmocka_unit_test_setup(test_enroll_device_silent_hub_is_let_go, setup),
                cmocka_unit_test_setup(test_enroll_device_probe_opens_streams_only, setup),
                cmocka_unit_test_setup(test_enroll_device_says_nothing_without_a_session, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
