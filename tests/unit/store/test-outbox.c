/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "support/store-sample.h"

static void test_outbox_lanes_keep_their_order(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_message m, hub = {.topic = "hub", .informational = true};

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);      /* 1 key, 2 event */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 3 */
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);      /* 4 key, 5 event */
        assert_int_equal(store_outbox_add(p->store, &one.messages[0]), 0); /* 6 */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 7 */

        assert_int_equal(store_outbox_next_in_lane(p->store, &one.messages[0], 0, &m), 0);
        assert_int_equal(m.id, 1);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), 0);
        assert_int_equal(m.id, 6);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), STORE_E_NONE);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 7);

        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_add(p->store, &hub), 0);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 8); /* 7 is not given out again */
}

static void add(struct store_place *p, bool informational, enum store_receipt receipt)
{
        const struct store_message m = {
                .topic = "topic", .informational = informational, .receipt = receipt};

        assert_int_equal(store_outbox_add(p->store, &m), 0);
}

/* The rows that are there, "1k 3i": their ids, and whether each is a key or informational. */
static void expect(struct store_place *p, const char *expected)
{
        struct store_message m = {.id = 0};
        char text[128] = "";
        size_t n = 0;

        while (store_outbox_next(p->store, m.id, &m) == 0)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d%c", n > 0 ? " " : "",
                                      (int)m.id, m.informational ? 'i' : 'k');
        assert_string_equal(text, expected);
}

static void trim(struct store_place *p, unsigned n_max, unsigned expected)
{
        unsigned n = 99;

        assert_int_equal(store_outbox_trim(p->store, n_max, &n), 0);
        assert_int_equal(n, expected);
}

static void test_outbox_forgets_the_oldest_news_and_no_key(void **state)
{
        struct store_place *p = *state;

        trim(p, 0, 0);
        for (int i = 0; i < 4; i++) {
                add(p, false, i % 2 ? STORE_RECEIPT_WANTED : STORE_RECEIPT_NONE);
                add(p, true, STORE_RECEIPT_NONE);
        }
        expect(p, "1k 2i 3k 4i 5k 6i 7k 8i");
        trim(p, 4, 0);
        trim(p, 3, 1);
        expect(p, "1k 3k 4i 5k 6i 7k 8i");
        add(p, true, STORE_RECEIPT_NONE);
        trim(p, 3, 1);
        expect(p, "1k 3k 5k 6i 7k 8i 9i");
        trim(p, 1, 2);
        trim(p, 0, 1);
        expect(p, "1k 3k 5k 7k");
}

/* Days without a broker: what is on the disk is no more than at the first full day. */
static void test_outbox_of_a_bounded_number_of_rows_does_not_grow(void **state)
{
        struct store_place *p = *state;
        uint64_t n;

        for (unsigned i = 0; i < 200; i++) {
                unsigned dropped;

                add(p, true, STORE_RECEIPT_NONE);
                assert_int_equal(store_outbox_trim(p->store, 8, &dropped), 0);
                assert_int_equal(store_outbox_count(p->store, &n), 0);
                assert_true(n <= 8);
        }
}

static void test_outbox_notes_what_was_sent(void **state)
{
        struct store_place *p = *state;
        struct store_message m;

        add(p, false, STORE_RECEIPT_WANTED);
        assert_int_equal(store_outbox_note_sent(p->store, 1), 0);
        assert_int_equal(store_outbox_next(p->store, 0, &m), 0);
        assert_int_equal(m.receipt, STORE_RECEIPT_AWAITED);
        assert_int_equal(store_outbox_drop(p->store, 1), 0);
        assert_int_equal(store_outbox_note_sent(p->store, 1), STORE_E_NONE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_outbox_lanes_keep_their_order),
                TEST(test_outbox_forgets_the_oldest_news_and_no_key),
                TEST(test_outbox_of_a_bounded_number_of_rows_does_not_grow),
                TEST(test_outbox_notes_what_was_sent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
