/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "air/outbox.h"
#include "air/packet.h"

static void test_packet_airtime_is_the_standards(void **state)
{
        (void)state;
        assert_int_equal(packet_airtime(LINK_PHY_1M, 0), 80);
        assert_int_equal(packet_airtime(LINK_PHY_1M, 27), 296);
        assert_int_equal(packet_airtime(LINK_PHY_1M, 37), 376);
        assert_int_equal(packet_airtime(LINK_PHY_1M, 251), 2088);
        assert_int_equal(packet_airtime(LINK_PHY_2M, 0), 44);
        assert_int_equal(packet_airtime(LINK_PHY_2M, 251), 1048);
}

static int setup(void **state)
{
        static struct outbox outbox;

        *state = &outbox;
        return 0;
}

static int teardown(void **state)
{
        outbox_done(*state);
        return 0;
}

static void test_outbox_empty_gives_an_empty_pdu(void **state)
{
        struct pdu pdu;

        assert_false(outbox_waits(*state, false));
        assert_int_equal(outbox_next_size(*state, false, 27), 0);
        outbox_take(*state, false, 27, &pdu);
        assert_int_equal(pdu.kind, PDU_EMPTY);
        assert_int_equal(pdu.n_data, 0);
        assert_false(pdu.last);
}

static void assert_take(struct outbox *outbox, size_t octets, enum pdu_kind kind, size_t n_data,
                        bool last)
{
        struct pdu pdu;

        assert_int_equal(outbox_next_size(outbox, false, octets), n_data);
        outbox_take(outbox, false, octets, &pdu);
        assert_int_equal(pdu.kind, kind);
        assert_int_equal(pdu.n_data, n_data);
        assert_int_equal(pdu.last, last);
}

static void test_outbox_fragment_is_cut_by_the_octets_in_force(void **state)
{
        uint8_t data[100];

        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (uint8_t)i;
        assert_int_equal(outbox_add_data(*state, true, data, 100), 0);
        assert_int_equal(outbox_add_data(*state, false, data, 5), 0);
        assert_take(*state, 27, PDU_FIRST, 27, false);
        assert_take(*state, 40, PDU_CONTINUING, 40, false);
        assert_take(*state, 251, PDU_CONTINUING, 33, true);
        assert_take(*state, 251, PDU_CONTINUING, 5, true);
        assert_false(outbox_waits(*state, false));
}

static void test_outbox_cut_data_is_the_data(void **state)
{
        uint8_t data[60], got[60];
        size_t n_got = 0;
        struct pdu pdu;

        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (uint8_t)(i * 7);
        assert_int_equal(outbox_add_data(*state, true, data, sizeof(data)), 0);
        while (outbox_waits(*state, false)) {
                outbox_take(*state, false, 27, &pdu);
                for (size_t i = 0; i < pdu.n_data; i++)
                        got[n_got++] = pdu.data[i];
        }
        assert_int_equal(n_got, sizeof(data));
        assert_memory_equal(got, data, sizeof(data));
}

static void test_outbox_control_passes_data(void **state)
{
        const struct link_control control = {LL_VERSION_IND, 2, {8, 9}};
        uint8_t data[60] = {0};
        struct pdu pdu;

        assert_int_equal(outbox_add_data(*state, true, data, sizeof(data)), 0);
        assert_take(*state, 27, PDU_FIRST, 27, false);
        assert_int_equal(outbox_add_control(*state, &control), 0);
        assert_int_equal(outbox_next_size(*state, false, 27), 3);
        outbox_take(*state, false, 27, &pdu);
        assert_int_equal(pdu.kind, PDU_CONTROL);
        assert_int_equal(pdu.n_data, 3);
        assert_int_equal(pdu.data[0], LL_VERSION_IND);
        assert_int_equal(pdu.data[2], 9);
        assert_take(*state, 27, PDU_CONTINUING, 27, false);
}

static void test_outbox_held_data_waits_and_control_does_not(void **state)
{
        const struct link_control control = {.opcode = LL_VERSION_IND};
        uint8_t data[10] = {0};
        struct pdu pdu;

        assert_int_equal(outbox_add_data(*state, true, data, sizeof(data)), 0);
        assert_false(outbox_waits(*state, true));
        outbox_take(*state, true, 27, &pdu);
        assert_int_equal(pdu.kind, PDU_EMPTY);
        assert_int_equal(outbox_add_control(*state, &control), 0);
        assert_true(outbox_waits(*state, true));
        outbox_take(*state, true, 27, &pdu);
        assert_int_equal(pdu.kind, PDU_CONTROL);
        assert_take(*state, 27, PDU_FIRST, 10, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_packet_airtime_is_the_standards),
                cmocka_unit_test_setup_teardown(test_outbox_empty_gives_an_empty_pdu, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_outbox_fragment_is_cut_by_the_octets_in_force,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_outbox_cut_data_is_the_data, setup, teardown),
                cmocka_unit_test_setup_teardown(test_outbox_control_passes_data, setup, teardown),
                cmocka_unit_test_setup_teardown(test_outbox_held_data_waits_and_control_does_not,
                                                setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
