/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "air/space.h"

static int setup(void **state)
{
        struct space *s;

        assert_int_equal(space_new(1, &s), 0);
        *state = s;
        return 0;
}

static int teardown(void **state)
{
        (void)space_free(*state);
        return 0;
}

static void test_space_everybody_is_near_at_first(void **state)
{
        for (unsigned from = 0; from < SPACE_RADIOS; from++)
                for (unsigned to = 0; to < SPACE_RADIOS; to++) {
                        assert_int_equal(space_way(*state, from, to)->signal, SPACE_NEAR);
                        assert_true(space_hears(*state, from, to));
                        assert_true(space_hears_advert(*state, from, to));
                }
}

static void test_space_signal_at_the_floor_is_not_heard(void **state)
{
        struct way *way = space_way(*state, 1, 2);

        way->signal = SPACE_FLOOR + 1;
        assert_true(space_in_range(*state, 1, 2));
        way->signal = SPACE_FLOOR;
        assert_false(space_in_range(*state, 1, 2));
        assert_false(space_hears(*state, 1, 2));
        assert_true(space_hears(*state, 2, 1));
}

static void test_space_muted_radio_is_deaf_and_dumb(void **state)
{
        space_mute(*state, 3, true);
        assert_true(space_muted(*state, 3));
        assert_false(space_in_range(*state, 3, 4));
        assert_false(space_in_range(*state, 4, 3));
        assert_true(space_in_range(*state, 4, 5));
        space_mute(*state, 3, false);
        assert_true(space_in_range(*state, 3, 4));
}

static unsigned count_heard(struct space *s, unsigned n)
{
        unsigned heard = 0;

        for (unsigned i = 0; i < n; i++)
                heard += space_hears(s, 0, 1);
        return heard;
}

static void test_space_loss_takes_its_share_of_one_way(void **state)
{
        space_way(*state, 0, 1)->loss = 0.25;
        assert_in_range(count_heard(*state, 10000), 7350, 7650);
        assert_true(space_hears(*state, 1, 0));
}

static void test_space_luck_is_drawn_once_a_question_and_only_with_loss(void **state)
{
        struct way *way = space_way(*state, 0, 1);
        struct chance before = way->luck, copy = before;

        (void)space_hears(*state, 0, 1);
        assert_true(way->luck.state == before.state);

        way->loss = 0.5;
        space_mute(*state, 0, true);
        (void)space_hears(*state, 0, 1);
        (void)chance_draw(&copy);
        assert_true(way->luck.state == copy.state);
}

static void test_space_adverts_and_links_have_their_own_luck(void **state)
{
        struct way *way = space_way(*state, 0, 1);
        struct chance luck = way->luck;

        way->loss = 0.5;
        assert_true(way->luck.state != way->advert_luck.state);
        assert_true(way->luck.state != way->data_luck.state);
        (void)space_hears_advert(*state, 0, 1);
        (void)space_hears_data(*state, 0, 1);
        assert_true(way->luck.state == luck.state);
        assert_true(space_way(*state, 1, 0)->luck.state != luck.state);
}

static void test_space_forget_keeps_tallies_and_luck(void **state)
{
        struct way *there = space_way(*state, 2, 5), *back = space_way(*state, 5, 2);
        struct way *other = space_way(*state, 5, 6);
        struct chance luck;

        there->signal = -80;
        there->loss = 0.5;
        back->held = true;
        back->drop = 3;
        back->refusals = 2;
        back->forgery.kind = FORGERY_REJECT;
        other->held = true;
        there->tally.packets = 9;
        (void)space_hears(*state, 2, 5);
        luck = there->luck;
        space_mute(*state, 2, true);

        space_forget(*state, 2);
        assert_true(space_in_range(*state, 2, 5));
        assert_int_equal(there->signal, SPACE_NEAR);
        assert_true(there->loss <= 0);
        assert_false(back->held || back->drop || back->refusals);
        assert_int_equal(back->forgery.kind, FORGERY_OFF);
        assert_true(other->held);
        assert_int_equal(there->tally.packets, 9);
        assert_true(there->luck.state == luck.state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_space_everybody_is_near_at_first, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_space_signal_at_the_floor_is_not_heard, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_space_muted_radio_is_deaf_and_dumb, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_space_loss_takes_its_share_of_one_way, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(
                        test_space_luck_is_drawn_once_a_question_and_only_with_loss, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(test_space_adverts_and_links_have_their_own_luck,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_space_forget_keeps_tallies_and_luck, setup,
                                                teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
