/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "air/forgery.h"

/* A channel 0x0040 with an MTU of 2048, an MPS of 247 and 9 credits. */
static const uint8_t answer[] = {0x0e, 0x00, 0x05, 0x00, 0x15, 0x07, 0x0a, 0x00, 0x40,
                                 0x00, 0x00, 0x08, 0xf7, 0x00, 0x09, 0x00, 0x00, 0x00};
static const uint8_t request[] = {0x0e, 0x00, 0x05, 0x00, 0x14, 0x07, 0x0a, 0x00, 0xe7,
                                  0x00, 0x40, 0x00, 0x00, 0x08, 0xf7, 0x00, 0x09, 0x00};
static const uint8_t message[] = {0x05, 0x00, 0x40, 0x00, 0x03, 0x00, 'a', 'b', 'c'};
static const uint8_t att[] = {0x03, 0x00, 0x04, 0x00, 0x0a, 0x03, 0x00};

static struct pdu pdu_of(const uint8_t *data, size_t n_data)
{
        struct pdu pdu = {.kind = PDU_FIRST, .last = true, .n_data = (uint16_t)n_data};

        memcpy(pdu.data, data, n_data);
        return pdu;
}

static void check_untouched(enum forgery_kind kind, const uint8_t *data, size_t n_data)
{
        struct forgery forgery = {kind, 1};
        struct pdu pdu = pdu_of(data, n_data);

        assert_false(forgery_apply(&forgery, &pdu));
        assert_int_equal(forgery.kind, kind);
        assert_int_equal(pdu.n_data, n_data);
        assert_memory_equal(pdu.data, data, n_data);
}

static struct pdu check_changed(enum forgery_kind kind, uint16_t value, const uint8_t *data,
                                size_t n_data)
{
        struct forgery forgery = {kind, value};
        struct pdu pdu = pdu_of(data, n_data), again = pdu;

        assert_true(forgery_apply(&forgery, &pdu));
        assert_int_equal(forgery.kind, FORGERY_OFF);
        assert_false(forgery_apply(&forgery, &again));
        return pdu;
}

static void test_forgery_waits_for_its_frame(void **state)
{
        (void)state;
        check_untouched(FORGERY_OFF, answer, sizeof(answer));
        check_untouched(FORGERY_OFF, message, sizeof(message));
        for (enum forgery_kind kind = FORGERY_RESULT; kind < FORGERY_LENGTH; kind++) {
                check_untouched(kind, request, sizeof(request));
                check_untouched(kind, message, sizeof(message));
                check_untouched(kind, att, sizeof(att));
                check_untouched(kind, answer, sizeof(answer) - 1);
                check_untouched(kind, answer, 0);
        }
        check_untouched(FORGERY_LENGTH, answer, sizeof(answer));
        check_untouched(FORGERY_LENGTH, att, sizeof(att));
        check_untouched(FORGERY_LENGTH, message, 6);
}

static void test_forgery_leaves_what_continues_a_frame(void **state)
{
        struct forgery forgery = {FORGERY_LENGTH, 0};
        struct pdu pdu = pdu_of(message, sizeof(message));

        (void)state;
        pdu.kind = PDU_CONTINUING;
        assert_false(forgery_apply(&forgery, &pdu));
}

static void test_forgery_result_refuses_the_channel(void **state)
{
        static const uint8_t expected[] = {0x0e, 0, 0x05, 0, 0x15, 0x07, 0x0a, 0, 0,
                                           0,    0, 0,    0, 0,    0,    0,    5, 0};
        struct pdu pdu = check_changed(FORGERY_RESULT, 5, answer, sizeof(answer));

        (void)state;
        assert_int_equal(pdu.n_data, sizeof(expected));
        assert_memory_equal(pdu.data, expected, sizeof(expected));
}

static void test_forgery_reject_takes_the_place_of_the_answer(void **state)
{
        static const uint8_t expected[] = {0x06, 0, 0x05, 0, 0x01, 0x07, 0x02, 0, 0, 0};
        struct pdu pdu = check_changed(FORGERY_REJECT, 0, answer, sizeof(answer));

        (void)state;
        assert_int_equal(pdu.n_data, sizeof(expected));
        assert_memory_equal(pdu.data, expected, sizeof(expected));
}

static void test_forgery_offers_another_mtu_or_other_credits(void **state)
{
        uint8_t expected[sizeof(answer)];
        struct pdu pdu = check_changed(FORGERY_MTU, 0x0123, answer, sizeof(answer));

        (void)state;
        memcpy(expected, answer, sizeof(answer));
        expected[10] = 0x23;
        expected[11] = 0x01;
        assert_memory_equal(pdu.data, expected, sizeof(expected));
        pdu = check_changed(FORGERY_CREDITS, 0, answer, sizeof(answer));
        memcpy(expected, answer, sizeof(answer));
        expected[14] = 0;
        assert_memory_equal(pdu.data, expected, sizeof(expected));
}

static void test_forgery_of_a_message_changes_its_length(void **state)
{
        static const uint8_t empty[] = {0x02, 0x00, 0x40, 0x00, 0x00, 0x00};
        static const uint8_t longest[] = {0x05, 0x00, 0x40, 0x00, 0xff, 0xff, 'a', 'b', 'c'};
        struct pdu pdu = check_changed(FORGERY_LENGTH, 0, message, sizeof(message));

        (void)state;
        assert_int_equal(pdu.n_data, sizeof(empty));
        assert_memory_equal(pdu.data, empty, sizeof(empty));
        pdu = check_changed(FORGERY_LENGTH, 0xffff, message, sizeof(message));
        assert_int_equal(pdu.n_data, sizeof(longest));
        assert_memory_equal(pdu.data, longest, sizeof(longest));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forgery_waits_for_its_frame),
                cmocka_unit_test(test_forgery_leaves_what_continues_a_frame),
                cmocka_unit_test(test_forgery_result_refuses_the_channel),
                cmocka_unit_test(test_forgery_reject_takes_the_place_of_the_answer),
                cmocka_unit_test(test_forgery_offers_another_mtu_or_other_credits),
                cmocka_unit_test(test_forgery_of_a_message_changes_its_length),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
