/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/slot.h"

struct record {
        struct slot slot;
        uint8_t content[100];
};

struct memory {
        uint8_t slots[SLOT_COUNT][sizeof(struct record)];
        size_t n_writes;
        size_t torn_after; /* bytes of the next write that reach the memory, then it fails */
        bool tears, fails_reading;
};

static struct memory memory;
static struct record record;

static int memory_read(void *board, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        struct memory *m = board;

        assert_true(slot < SLOT_COUNT);
        memcpy(ret_bytes, m->slots[slot], n_bytes);
        return m->fails_reading ? -5 : 0;
}

static int memory_write(void *board, unsigned slot, const void *bytes, size_t n_bytes)
{
        struct memory *m = board;

        assert_true(slot < SLOT_COUNT);
        m->n_writes++;
        memcpy(m->slots[slot], bytes, m->tears ? m->torn_after : n_bytes);
        return m->tears ? -5 : 0;
}

static const struct slot_port port = {.read = memory_read, .write = memory_write};

static int setup(void **state)
{
        (void)state;
        memset(&memory, 0, sizeof(memory));
        memset(memory.slots, 0xff, sizeof(memory.slots));
        memset(&record, 0, sizeof(record));
        return 0;
}

static int store(uint8_t content)
{
        memset(record.content, content, sizeof(record.content));
        return slot_store(&port, &memory, &record.slot, sizeof(record));
}

static int load(void)
{
        memset(&record, 0xee, sizeof(record));
        return slot_load(&port, &memory, &record.slot, sizeof(record));
}

static void assert_loads(uint8_t content)
{
        assert_int_equal(load(), 0);
        for (size_t i = 0; i < sizeof(record.content); i++)
                assert_int_equal(record.content[i], content);
}

static void test_slot_blank_memory_is_blank(void **state)
{
        static const struct record zero;

        (void)state;
        assert_int_equal(load(), SLOT_E_BLANK);
        assert_memory_equal(&record, &zero, sizeof(zero));
        memset(memory.slots, 0, sizeof(memory.slots));
        assert_int_equal(load(), SLOT_E_BLANK);
}

static void test_slot_the_newest_record_is_read(void **state)
{
        (void)state;
        for (unsigned i = 1; i < 1000; i++) {
                assert_int_equal(store((uint8_t)i), 0);
                assert_loads((uint8_t)i);
                assert_int_equal(record.slot.sequence, i);
        }
        assert_int_equal(memory.n_writes, 999);
}

/* Wherever the write is cut off, the record before it is there, and the next write does no harm. */
static void test_slot_torn_write_leaves_the_record_before(void **state)
{
        (void)state;
        for (size_t cut = 0; cut <= sizeof(record); cut++)
                for (unsigned n_before = 0; n_before < 3; n_before++) {
                        int expected = n_before == 0 ? SLOT_E_BLANK : 0;

                        setup(NULL);
                        for (unsigned i = 1; i <= n_before; i++)
                                assert_int_equal(store((uint8_t)i), 0);
                        memory.tears = true;
                        memory.torn_after = cut;
                        assert_int_equal(store(9), SLOT_E_BROKEN);
                        memory.tears = false;
                        if (cut == sizeof(record)) {
                                assert_loads(9);
                                continue;
                        }
                        assert_int_equal(load(), expected);
                        assert_int_equal(record.content[0], n_before);
                        assert_int_equal(store(7), 0);
                        assert_loads(7);
                }
}

/* Two cuts in a row, as in a device whose battery dies: the one good record is not written over. */
static void test_slot_two_torn_writes_leave_the_record_before(void **state)
{
        (void)state;
        assert_int_equal(store(1), 0);
        assert_int_equal(store(2), 0);
        memory.tears = true;
        memory.torn_after = 40;
        for (int i = 0; i < 5; i++) {
                assert_int_equal(store(9), SLOT_E_BROKEN);
                assert_loads(2);
        }
}

static void test_slot_sequence_wraps(void **state)
{
        (void)state;
        record.slot.sequence = UINT32_MAX - 2;
        for (unsigned i = 0; i < 6; i++) {
                assert_int_equal(store((uint8_t)i), 0);
                assert_loads((uint8_t)i);
        }
        assert_int_equal(record.slot.sequence, 3);
}

static void test_slot_every_flipped_bit_is_noticed(void **state)
{
        (void)state;
        for (size_t bit = 0; bit < 8 * sizeof(record); bit++) {
                setup(NULL);
                assert_int_equal(store(1), 0);
                assert_int_equal(store(2), 0); /* stands in slot 0 */
                memory.slots[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_loads(1);
        }
}

static void test_slot_lost_records_are_not_taken_for_a_blank_memory(void **state)
{
        (void)state;
        assert_int_equal(store(1), 0);
        assert_int_equal(store(2), 0);
        memory.slots[0][50] ^= 1;
        memory.slots[1][50] ^= 1;
        assert_int_equal(load(), SLOT_E_BROKEN);
}

static void test_slot_memory_that_cannot_be_read_is_broken(void **state)
{
        (void)state;
        assert_int_equal(store(1), 0);
        memory.fails_reading = true;
        assert_int_equal(load(), SLOT_E_BROKEN);
}

static void test_slot_record_of_a_larger_kind_is_not_read(void **state)
{
        (void)state;
        assert_int_equal(store(1), 0);
        assert_int_equal(store(2), 0);
        assert_int_equal(slot_load(&port, &memory, &record.slot, sizeof(record) - 1),
                         SLOT_E_BROKEN);
}

/* The check value of CRC-32/ISO-HDLC, and where it stands. */
static void test_slot_crc_is_that_of_ieee_802_3(void **state)
{
        struct slot slot = {.sequence = 6};

        (void)state;
        assert_int_equal(slot_store(&port, &memory, &slot, sizeof(slot)), 0);
        assert_int_equal(slot.crc, 0x00c0063a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_slot_blank_memory_is_blank, setup),
                cmocka_unit_test_setup(test_slot_the_newest_record_is_read, setup),
                cmocka_unit_test_setup(test_slot_torn_write_leaves_the_record_before, setup),
                cmocka_unit_test_setup(test_slot_two_torn_writes_leave_the_record_before, setup),
                cmocka_unit_test_setup(test_slot_sequence_wraps, setup),
                cmocka_unit_test_setup(test_slot_every_flipped_bit_is_noticed, setup),
                cmocka_unit_test_setup(test_slot_lost_records_are_not_taken_for_a_blank_memory,
                                       setup),
                cmocka_unit_test_setup(test_slot_memory_that_cannot_be_read_is_broken, setup),
                cmocka_unit_test_setup(test_slot_record_of_a_larger_kind_is_not_read, setup),
                cmocka_unit_test_setup(test_slot_crc_is_that_of_ieee_802_3, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
