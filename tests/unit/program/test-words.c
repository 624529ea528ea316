/* SPDX-License-Identifier: Apache-2.0 */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/channel.h"
#include "program/words.h"

static void test_words_stand_for_texts_both_ways(void **state)
{
        unsigned n = 0;

        (void)state;
        for (unsigned i = 0; i < 300; i++) {
                const char *word = program_word(i);

                if (!word)
                        continue;
                assert_int_equal(program_word_from_text(word), i);
                assert_in_range(strlen(word), 1, i < 128 ? PROGRAM_LEAF_MAX : PROGRAM_UNIT_MAX);
                n++;
        }
        assert_int_equal(n, 88 + 38);
        assert_string_equal(program_word(1), "temperature");
        assert_string_equal(program_word(128), "\xc2\xb0\x43");
        assert_int_equal(program_word_from_text("unknown"), 0);
        assert_int_equal(program_word_from_text(""), 0);
}

static void test_words_every_verb_and_number_is_there(void **state)
{
        static const unsigned last[] = {PROGRAM_PARAMETER_PURPOSE, PROGRAM_ITEM_SECRET_KEY,
                                        PROGRAM_ARGUMENT_HIGH};
        unsigned n = 0;

        (void)state;
        for (unsigned verb = 0; verb < 300; verb++) {
                const struct program_words *words = program_verb_words(verb);
                const struct program_row *row = program_verb_row(verb);

                if (!row) {
                        assert_null(words);
                        continue;
                }
                assert_int_equal(row->verb, verb);
                assert_in_range(row->sides, PROGRAM_HUB, PROGRAM_BOTH);
                assert_int_not_equal(row->shape, 0);
                assert_in_range(row->timeout_sec, 1, 30);
                assert_int_equal(words->verb, verb);
                assert_non_null(words->text);
                assert_non_null(words->undo);
                assert_ptr_equal(program_verb_from_name(words->name), row);
                n++;
        }
        assert_int_equal(n, 13);
        assert_null(program_verb_from_name("jump"));

        for (unsigned space = 0; space < 3; space++)
                for (unsigned i = 0; i < 200; i++) {
                        const char *name = program_number_name((enum program_space)space, i);
                        enum program_type type = program_type_of((enum program_space)space, i);

                        if (i >= 1 && i <= last[space]) {
                                assert_int_equal(
                                        program_number_from_name((enum program_space)space, name),
                                        i);
                                assert_int_not_equal(type, PROGRAM_TYPE_UNKNOWN);
                        } else {
                                assert_null(name);
                                assert_int_equal(type, i >= 64 && i <= 127 ? PROGRAM_TYPE_ANY
                                                                           : PROGRAM_TYPE_UNKNOWN);
                        }
                }
        assert_int_equal(program_number_from_name(PROGRAM_ITEM, "colour"), 0);
        assert_string_equal(program_side_name(PROGRAM_HUB), "hub");
        assert_string_equal(program_side_name(PROGRAM_DEVICE), "device");
        for (unsigned space = PROGRAM_PARAMETER; space < PROGRAM_NO_SPACE; space++)
                assert_non_null(program_space_name((enum program_space)space));
        for (unsigned i = PROGRAM_TYPE_UNKNOWN; i <= PROGRAM_TYPE_LIST; i++)
                assert_non_null(program_type_text((enum program_type)i));
        for (unsigned i = PROGRAM_OK; i <= PROGRAM_E_GROUP; i++)
                assert_non_null(program_error_text((enum program_error)i));
}

/* As they could come from memory that is damaged, or from a daemon that is newer than its tables.
 */
static void test_words_of_what_is_unknown_are_null(void **state)
{
        (void)state;
        assert_null(program_verb_words(UINT_MAX));
        assert_null(program_number_name((enum program_space)77, 1));
        assert_null(program_number_name(PROGRAM_NO_SPACE, 1));
        assert_int_equal(program_number_from_name((enum program_space)77, "name"), 0);
        assert_null(program_space_name(PROGRAM_NO_SPACE));
        assert_null(program_type_text((enum program_type)77));
        assert_null(program_error_text((enum program_error)77));
        assert_null(program_channel_type_name(6));
        assert_null(program_category_name(3));
}

static void test_words_of_the_home_are_personal(void **state)
{
        static const unsigned personal[] = {
                PROGRAM_PARAMETER_LOCATION, PROGRAM_PARAMETER_OWNER,
                PROGRAM_PARAMETER_LATITUDE, PROGRAM_PARAMETER_LONGITUDE,
                PROGRAM_PARAMETER_ALTITUDE, PROGRAM_PARAMETER_ORGANIZATION,
                PROGRAM_PARAMETER_ROOM,
        };
        size_t n = 0;

        (void)state;
        for (size_t i = 0; i < sizeof(personal) / sizeof(personal[0]); i++)
                assert_true(program_is_personal(personal[i]));
        for (unsigned i = 0; i <= PROGRAM_NUMBER_MAX; i++)
                n += program_is_personal(i);
        assert_int_equal(n, sizeof(personal) / sizeof(personal[0]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words_stand_for_texts_both_ways),
                cmocka_unit_test(test_words_every_verb_and_number_is_there),
                cmocka_unit_test(test_words_of_what_is_unknown_are_null),
                cmocka_unit_test(test_words_of_the_home_are_personal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
