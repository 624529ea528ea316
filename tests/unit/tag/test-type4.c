/* SPDX-License-Identifier: Apache-2.0 */

/* Against a tag in memory that behaves as a Type 4 tag does, or worse. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tag/type4.h"
#include "util/defer.h"

struct tag {
        uint8_t container[15], file[0x10000];
        uint8_t *selected;
        size_t n_selected;
        unsigned n_asked, dies_at; /* from this command on it is silent; 0: never */
        size_t cut;                /* bytes that each answer to a read lacks */
        bool is_bank_card, forgets;
        size_t largest; /* bytes that were read or written at once */
};

static struct tag tag;
static uint8_t message[TAG_MESSAGE_MAX], back[TAG_MESSAGE_MAX];

static int answer_status(unsigned status, uint8_t *answer, size_t n, size_t *ret_n)
{
        answer[n] = (uint8_t)(status >> 8);
        answer[n + 1] = (uint8_t)status;
        *ret_n = n + 2;
        return 0;
}

static int on_select(struct tag *t, const uint8_t *command, uint8_t *answer, size_t *ret_n)
{
        static const uint8_t application[] = {0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01};
        unsigned file = (unsigned)command[5] << 8 | command[6];

        if (command[2] == 4) {
                assert_memory_equal(command + 5, application, sizeof(application));
                return answer_status(t->is_bank_card ? 0x6a82 : 0x9000, answer, 0, ret_n);
        }
        t->selected = file == 0xe103 ? t->container : t->file;
        t->n_selected = file == 0xe103 ? sizeof(t->container) : sizeof(t->file);
        return answer_status(file == 0xe103 || file == 0xe104 ? 0x9000 : 0x6a82, answer, 0, ret_n);
}

static int on_exchange(void *userdata, const uint8_t *command, size_t n_command, uint8_t *answer,
                       size_t size, size_t *ret_n_answer)
{
        struct tag *t = userdata;
        size_t at = (size_t)command[2] << 8 | command[3], n = command[4];

        assert_true(n_command >= 5);
        if (++t->n_asked >= t->dies_at && t->dies_at > 0)
                return TAG_SILENT;
        if (command[1] == 0xa4)
                return on_select(t, command, answer, ret_n_answer);
        t->largest = n > t->largest ? n : t->largest;
        assert_true(n > 0 && at + n <= t->n_selected);
        if (command[1] == 0xb0) {
                assert_true(n + 2 <= size);
                memcpy(answer, t->selected + at, n);
                return answer_status(0x9000, answer, n > t->cut ? n - t->cut : 0, ret_n_answer);
        }
        assert_int_equal(command[1], 0xd6);
        assert_int_equal(n_command, 5 + n);
        assert_ptr_equal(t->selected, t->file);
        if (!t->forgets)
                memcpy(t->file + at, command + 5, n);
        return answer_status(0x9000, answer, 0, ret_n_answer);
}

static const struct air air = {on_exchange, &tag};

/* A tag of mapping 2.0 with a file of 8 KiB. */
static void tag_begin(unsigned n_read, unsigned n_write)
{
        memset(&tag, 0, sizeof(tag));
        memcpy(tag.container,
               (const uint8_t[]){0x00, 0x0f, 0x20, (uint8_t)(n_read >> 8), (uint8_t)n_read,
                                 (uint8_t)(n_write >> 8), (uint8_t)n_write, 0x04, 0x06, 0xe1, 0x04,
                                 0x20, 0x00, 0x00, 0x00},
               15);
        for (size_t i = 0; i < sizeof(message); i++)
                message[i] = (uint8_t)(i * 31 + 7);
}

static void test_type4_what_is_written_is_read(void **state)
{
        static const unsigned limits[][2] = {{15, 1}, {59, 52}, {240, 240}, {0xffff, 0xffff}};
        static const size_t sizes[] = {1, 15, 240, 1000, 8190};
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(limits); i++)
                for (size_t k = 0; k < ELEMENTSOF(sizes); k++) {
                        tag_begin(limits[i][0], limits[i][1]);
                        assert_int_equal(type4_write(&air, message, sizes[k]), 0);
                        assert_int_equal(type4_read(&air, back, &n), 0);
                        assert_int_equal(n, sizes[k]);
                        assert_memory_equal(back, message, n);
                        assert_true(tag.largest <= 240);
                        assert_true(tag.largest <= limits[i][0] || tag.largest <= limits[i][1]);
                }
}

static void test_type4_without_a_message_is_empty(void **state)
{
        size_t n;

        (void)state;
        tag_begin(59, 52);
        assert_int_equal(type4_read(&air, back, &n), TAG_EMPTY);
}

static void test_type4_other_cards_are_not_supported(void **state)
{
        size_t n;

        (void)state;
        tag_begin(59, 52);
        tag.is_bank_card = true;
        assert_int_equal(type4_read(&air, back, &n), TAG_UNSUPPORTED);
        tag_begin(59, 52);
        tag.container[2] = 0x30; /* mapping 3.0 */
        assert_int_equal(type4_read(&air, back, &n), TAG_UNSUPPORTED);
        tag_begin(59, 52);
        tag.container[7] = 0x06; /* an extended file */
        assert_int_equal(type4_read(&air, back, &n), TAG_UNSUPPORTED);
        tag_begin(59, 52);
        tag.container[13] = 0x80; /* read with a key only */
        assert_int_equal(type4_read(&air, back, &n), TAG_UNSUPPORTED);
}

static void test_type4_lies_are_broken(void **state)
{
        static const struct {
                size_t at;
                uint8_t value;
        } lies[] = {{1, 0x0e}, {4, 0x0e}, {6, 0x00}, {10, 0x05}, {10, 0x03}};
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
                tag_begin(59, 52);
                tag.container[lies[i].at] = lies[i].value;
                assert_int_equal(type4_read(&air, back, &n), TAG_BROKEN);
        }
        tag_begin(59, 52);
        tag.container[11] = 0;
        tag.container[12] = 1; /* a file without room for its head */
        assert_int_equal(type4_read(&air, back, &n), TAG_BROKEN);
        tag_begin(59, 52);
        memcpy(tag.file, "\x1f\xff", 2); /* one byte more than the file */
        assert_int_equal(type4_read(&air, back, &n), TAG_BROKEN);
        memcpy(tag.file, "\x1f\xfe", 2);
        assert_int_equal(type4_read(&air, back, &n), 0);
        tag.container[11] = 0xff; /* a file of 64 KiB, all of it used */
        memcpy(tag.file, "\xfe\xfe", 2);
        assert_int_equal(type4_read(&air, back, &n), TAG_BROKEN);
        tag_begin(59, 52);
        tag.cut = 1;
        assert_int_equal(type4_read(&air, back, &n), TAG_BROKEN);
}

static void test_type4_tag_taken_away_is_silent_and_holds_no_half_message(void **state)
{
        unsigned n_asked;
        size_t n;

        (void)state;
        tag_begin(59, 52);
        assert_int_equal(type4_write(&air, message, 300), 0);
        n_asked = tag.n_asked;
        for (unsigned at = 1; at < n_asked; at++) {
                int r;

                tag_begin(59, 52);
                memset(message, 0x11, 300);
                assert_int_equal(type4_write(&air, message, 300), 0);
                tag.n_asked = 0;
                tag.dies_at = at;
                memset(message, 0x22, 300);
                assert_int_equal(type4_write(&air, message, 300), TAG_SILENT);
                tag.dies_at = 0;
                r = type4_read(&air, back, &n);
                if (r == TAG_EMPTY)
                        continue;
                assert_int_equal(r, 0);
                for (size_t i = 1; i < n; i++)
                        assert_int_equal(back[i], back[0]);
        }
        tag.n_asked = 0;
        for (tag.dies_at = 1; tag.dies_at < 10; tag.dies_at++, tag.n_asked = 0)
                assert_int_equal(type4_read(&air, back, &n), TAG_SILENT);
}

static void test_type4_message_that_cannot_be_written_is_not(void **state)
{
        (void)state;
        tag_begin(59, 52);
        tag.container[11] = 1; /* 256 bytes */
        assert_int_equal(type4_write(&air, message, 254), 0);
        assert_int_equal(type4_write(&air, message, 255), TAG_FULL);
        tag.container[14] = 0xff;
        assert_int_equal(type4_write(&air, message, 10), TAG_LOCKED);
        tag_begin(59, 52);
        tag.forgets = true;
        assert_int_equal(type4_write(&air, message, 10), TAG_DIFFERENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_type4_what_is_written_is_read),
                cmocka_unit_test(test_type4_without_a_message_is_empty),
                cmocka_unit_test(test_type4_other_cards_are_not_supported),
                cmocka_unit_test(test_type4_lies_are_broken),
                cmocka_unit_test(test_type4_tag_taken_away_is_silent_and_holds_no_half_message),
                cmocka_unit_test(test_type4_message_that_cannot_be_written_is_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
