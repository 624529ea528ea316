/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ble/revival.h"

#define LATER REVIVAL_PAUSE_MIN_USEC

/* An adapter that has heard enough for its silence to say something. */
static struct revival hearing(void)
{
        struct revival r = {0};

        for (unsigned i = 0; i < REVIVAL_HEARD_MIN; i++)
                assert_false(revival_hear(&r));
        return r;
}

/* Lets @n periods pass without a word; nothing is to be done about any of them. */
static void stay_silent(struct revival *r, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                assert_int_equal(revival_wait(r, 0, false), REVIVAL_NONE);
}

static void test_revival_takes_each_step_once(void **state)
{
        struct revival r = {0};

        (void)state;
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_RESTART);
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_POWER);
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_GIVE_UP);
        assert_int_equal(revival_fail(&r, LATER - 1, false), REVIVAL_NONE);
}

static void test_revival_that_has_given_up_tries_the_power_again_after_the_pause(void **state)
{
        struct revival r = {0};

        (void)state;
        while (revival_fail(&r, 0, false) != REVIVAL_GIVE_UP)
                ;
        assert_int_equal(revival_fail(&r, LATER, true), REVIVAL_NONE);
        assert_int_equal(revival_fail(&r, LATER, false), REVIVAL_POWER);
        assert_int_equal(revival_fail(&r, LATER, false), REVIVAL_GIVE_UP);
}

static void test_revival_pause_grows_while_it_is_in_vain(void **state)
{
        uint64_t now = 0, before = 0, pause = REVIVAL_PAUSE_MIN_USEC;
        struct revival r = {0};

        (void)state;
        while (revival_fail(&r, now, false) != REVIVAL_GIVE_UP)
                ;
        for (unsigned i = 0; i < 8; i++) {
                before = now;
                while (revival_fail(&r, now, false) != REVIVAL_POWER)
                        now += REVIVAL_PAUSE_MIN_USEC / 2;
                assert_true(now - before >= pause);
                assert_true(now - before <= pause + REVIVAL_PAUSE_MIN_USEC);
                if (pause < REVIVAL_PAUSE_MAX_USEC)
                        pause *= 2;
                if (pause > REVIVAL_PAUSE_MAX_USEC)
                        pause = REVIVAL_PAUSE_MAX_USEC;
        }

        /* It has worked for long. */
        assert_true(revival_work(&r));
        now += 2 * REVIVAL_PAUSE_MAX_USEC;
        assert_int_equal(revival_fail(&r, now, false), REVIVAL_RESTART);
        assert_int_equal(revival_fail(&r, now, false), REVIVAL_POWER);
        assert_int_equal(revival_fail(&r, now, false), REVIVAL_GIVE_UP);
        assert_int_equal(revival_fail(&r, now + LATER, false), REVIVAL_POWER);
}

static void test_revival_does_not_switch_off_what_is_in_use(void **state)
{
        struct revival r = {0};

        (void)state;
        assert_int_equal(revival_fail(&r, 0, true), REVIVAL_RESTART);
        assert_int_equal(revival_fail(&r, 0, true), REVIVAL_NONE);
        assert_int_equal(revival_fail(&r, 0, true), REVIVAL_NONE);
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_POWER);
}

/* Whoever uses it may do so for ever. */
static void test_revival_of_what_stays_in_use_is_given_up(void **state)
{
        struct revival r = {0};

        (void)state;
        assert_int_equal(revival_fail(&r, 0, true), REVIVAL_RESTART);
        for (unsigned i = 1; i < REVIVAL_IN_USE_MAX; i++)
                assert_int_equal(revival_fail(&r, 0, true), REVIVAL_NONE);
        assert_int_equal(revival_fail(&r, 0, true), REVIVAL_GIVE_UP);
        assert_int_equal(revival_fail(&r, LATER, true), REVIVAL_NONE);
        assert_int_equal(revival_fail(&r, LATER, false), REVIVAL_POWER);
}

/* The second failure comes soon after the first: its power was just off, so that is not the way. */
static void test_revival_gives_up_rather_than_switch_off_too_often(void **state)
{
        struct revival r = {0};

        (void)state;
        assert_int_equal(revival_fail(&r, 5, false), REVIVAL_RESTART);
        assert_int_equal(revival_fail(&r, 5, false), REVIVAL_POWER);
        assert_true(revival_work(&r));
        assert_int_equal(revival_fail(&r, 6, false), REVIVAL_RESTART);
        assert_int_equal(revival_fail(&r, 6, false), REVIVAL_GIVE_UP);
        assert_true(revival_work(&r));
}

static void test_revival_that_was_easy_is_not_worth_a_word(void **state)
{
        struct revival r = {0};

        (void)state;
        assert_false(revival_work(&r));
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_RESTART);
        assert_false(revival_work(&r));
        assert_int_equal(revival_fail(&r, 0, false), REVIVAL_RESTART);
}

static void test_revival_silence_says_nothing_where_little_was_heard(void **state)
{
        struct revival r = {0};

        (void)state;
        for (unsigned i = 0; i < REVIVAL_HEARD_MIN - 1; i++)
                (void)revival_hear(&r);
        stay_silent(&r, 10 * REVIVAL_SILENT_MIN);
}

static void test_revival_silence_leads_to_the_power_and_then_to_an_end(void **state)
{
        struct revival r = hearing();

        (void)state;
        stay_silent(&r, REVIVAL_SILENT_MIN - 1);
        assert_int_equal(revival_wait(&r, 0, true), REVIVAL_NONE);
        assert_int_equal(revival_wait(&r, 0, false), REVIVAL_POWER);
        assert_false(revival_work(&r)); /* a discovery need not hear anything */
        stay_silent(&r, REVIVAL_SILENT_MIN - 1);
        assert_int_equal(revival_wait(&r, 0, false), REVIVAL_GIVE_UP);
        for (unsigned i = 0; i < 10 * REVIVAL_SILENT_MIN; i++)
                assert_int_equal(revival_wait(&r, LATER, false), REVIVAL_NONE);
        assert_true(revival_hear(&r));
        assert_false(revival_hear(&r));
}

/* A home with one device that sleeps for minutes is not a broken adapter. */
static void test_revival_learns_how_long_a_silence_may_be(void **state)
{
        struct revival r = hearing();

        (void)state;
        stay_silent(&r, REVIVAL_SILENT_MIN - 1);
        (void)revival_hear(&r);
        stay_silent(&r, REVIVAL_SILENT_FACTOR * (REVIVAL_SILENT_MIN - 1) - 1);
        assert_int_equal(revival_wait(&r, 0, false), REVIVAL_POWER);

        /* The power helped: the silence was not an ordinary one. */
        assert_true(revival_hear(&r));
        assert_int_equal(r.n_silent_max, REVIVAL_SILENT_MIN - 1);
}

static void test_revival_a_silence_that_power_did_not_end_was_ordinary(void **state)
{
        struct revival r = hearing();

        (void)state;
        while (revival_wait(&r, 0, false) != REVIVAL_GIVE_UP)
                ;
        assert_true(revival_hear(&r));
        assert_int_equal(r.n_silent_max, 2 * REVIVAL_SILENT_MIN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_revival_takes_each_step_once),
                cmocka_unit_test(
                        test_revival_that_has_given_up_tries_the_power_again_after_the_pause),
                cmocka_unit_test(test_revival_pause_grows_while_it_is_in_vain),
                cmocka_unit_test(test_revival_does_not_switch_off_what_is_in_use),
                cmocka_unit_test(test_revival_of_what_stays_in_use_is_given_up),
                cmocka_unit_test(test_revival_gives_up_rather_than_switch_off_too_often),
                cmocka_unit_test(test_revival_that_was_easy_is_not_worth_a_word),
                cmocka_unit_test(test_revival_silence_says_nothing_where_little_was_heard),
                cmocka_unit_test(test_revival_silence_leads_to_the_power_and_then_to_an_end),
                cmocka_unit_test(test_revival_learns_how_long_a_silence_may_be),
                cmocka_unit_test(test_revival_a_silence_that_power_did_not_end_was_ordinary),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
