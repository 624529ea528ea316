/* SPDX-License-Identifier: Apache-2.0 */

/* Who gets a slot, who waits, who has to go. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contact/airtime.h"
#include "support/link-fixture.h"

#define USERS_MAX 8

struct user {
        struct world *world;
        char letter; /* in the story */
        struct turn *turn;
        bool stays; /* does not give the slot back when it is displaced */
};

struct world {
        sd_event *event;
        struct airtime *airtime;
        struct user users[USERS_MAX];
        char story[64]; /* "+a": a has its turn, "-a": it is displaced */
};

static void tell(struct user *u, char what)
{
        size_t n = strlen(u->world->story);

        (void)snprintf(u->world->story + n, sizeof(u->world->story) - n, "%c%c", what, u->letter);
}

static void on_turn(void *userdata)
{
        tell(userdata, '+');
}

static void on_displaced(void *userdata)
{
        struct user *u = userdata;

        tell(u, '-');
        if (!u->stays)
                u->turn = turn_free(u->turn);
}

static const struct airtime_handler handler = {on_turn, on_displaced};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        assert_true(sd_event_new(&w->event) >= 0);
        assert_int_equal(airtime_new(w->event, 1, &w->airtime), 0);
        for (size_t i = 0; i < USERS_MAX; i++) {
                w->users[i].world = w;
                w->users[i].letter = (char)('a' + i);
        }
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < USERS_MAX; i++)
                w->users[i].turn = turn_free(w->users[i].turn);
        w->airtime = airtime_free(w->airtime);
        w->event = sd_event_unref(w->event);
        free(w);
        return 0;
}

static struct user *user(struct world *w, char letter)
{
        return &w->users[letter - 'a'];
}

static void ask(struct world *w, char letter, const char *place, enum airtime_rank rank)
{
        struct user *u = user(w, letter);

        assert_int_equal(turn_new(w->airtime, place, rank, &handler, u, &u->turn), 0);
}

static void leave(struct world *w, char letter)
{
        user(w, letter)->turn = turn_free(user(w, letter)->turn);
}

static void expect(struct world *w, const char *story)
{
        loop_settle(w->event);
        assert_string_equal(w->story, story);
        w->story[0] = '\0';
}

static void test_airtime_one_slot_is_given_in_the_order_of_asking(void **state)
{
        struct world *w = *state;

        assert_true(airtime_has_room(w->airtime, "hci0"));
        ask(w, 'a', "hci0", AIRTIME_VISIT);
        ask(w, 'b', "hci0", AIRTIME_VISIT);
        ask(w, 'c', "hci0", AIRTIME_VISIT);
        expect(w, "+a");
        assert_false(airtime_has_room(w->airtime, "hci0"));
        assert_true(airtime_is_used(w->airtime, "hci0"));
        leave(w, 'a');
        expect(w, "+b");
        leave(w, 'b');
        expect(w, "+c");
        leave(w, 'c');
        expect(w, "");
        assert_false(airtime_is_used(w->airtime, "hci0"));
}

static void test_airtime_places_do_not_wait_for_each_other(void **state)
{
        struct world *w = *state;

        ask(w, 'a', "hci0", AIRTIME_PERSON);
        ask(w, 'b', "hci1", AIRTIME_PERSON);
        ask(w, 'c', "unix:/run/port", AIRTIME_PERSON);
        loop_settle(w->event);
        assert_int_equal(strlen(w->story), 6); /* all three */
}

/* Another number applies to every place but those that have one of their own. */
static void test_airtime_the_number_of_slots_may_change(void **state)
{
        struct world *w = *state;

        assert_int_equal(airtime_set_slots(w->airtime, "serial", 1), 0);
        ask(w, 'a', "hci0", AIRTIME_VISIT);
        ask(w, 'b', "hci0", AIRTIME_VISIT);
        ask(w, 'c', "serial", AIRTIME_VISIT);
        ask(w, 'd', "serial", AIRTIME_VISIT);
        expect(w, "+a+c");
        airtime_set_default(w->airtime, 2);
        expect(w, "+b");
        airtime_set_default(w->airtime, 1);
        expect(w, "");
        leave(w, 'a');
        ask(w, 'e', "hci0", AIRTIME_VISIT);
        expect(w, "");
        leave(w, 'b');
        expect(w, "+e");
}

static void test_airtime_the_queue_is_by_rank(void **state)
{
        struct world *w = *state;

        ask(w, 'a', "hci0", AIRTIME_PERSON);
        expect(w, "+a");
        ask(w, 'b', "hci0", AIRTIME_VISIT);
        ask(w, 'c', "hci0", AIRTIME_UNFINISHED);
        ask(w, 'd', "hci0", AIRTIME_COMMAND);
        ask(w, 'e', "hci0", AIRTIME_PERSON);
        expect(w, "");
        leave(w, 'a');
        expect(w, "+e");
        leave(w, 'e');
        expect(w, "+d");
        leave(w, 'd');
        expect(w, "+c");
        leave(w, 'c');
        expect(w, "+b");
}

static void test_airtime_a_person_displaces_what_can_wait_and_nobody_else(void **state)
{
        struct world *w = *state;

        ask(w, 'a', "hci0", AIRTIME_VISIT);
        expect(w, "+a");
        ask(w, 'b', "hci0", AIRTIME_PERSON);
        expect(w, "-a+b");
        ask(w, 'c', "hci0", AIRTIME_PERSON);
        ask(w, 'a', "hci0", AIRTIME_VISIT); /* it gets its turn again */
        expect(w, "");
        leave(w, 'b');
        expect(w, "+c");
        leave(w, 'c');
        expect(w, "+a");
}

static void test_airtime_the_lowest_rank_goes_and_of_it_the_youngest(void **state)
{
        struct world *w = *state;

        assert_int_equal(airtime_set_slots(w->airtime, "hci0", 4), 0);
        ask(w, 'a', "hci0", AIRTIME_UNFINISHED);
        ask(w, 'b', "hci0", AIRTIME_VISIT);
        ask(w, 'c', "hci0", AIRTIME_VISIT);
        ask(w, 'd', "hci0", AIRTIME_COMMAND);
        expect(w, "+d+a+b+c");
        ask(w, 'e', "hci0", AIRTIME_PERSON);
        expect(w, "-c+e");
        ask(w, 'f', "hci0", AIRTIME_PERSON);
        expect(w, "-b+f");
        ask(w, 'g', "hci0", AIRTIME_PERSON);
        expect(w, "-a+g");
        ask(w, 'h', "hci0", AIRTIME_COMMAND); /* not for its own rank */
        expect(w, "");
}

/* hci0 has two slots, and a and b take their time to give them back. */
static void fill_two_slots(struct world *w, enum airtime_rank rank)
{
        assert_int_equal(airtime_set_slots(w->airtime, "hci0", 2), 0);
        user(w, 'a')->stays = user(w, 'b')->stays = true;
        ask(w, 'a', "hci0", rank);
        ask(w, 'b', "hci0", rank);
        expect(w, "+a+b");
}

static void test_airtime_one_slot_is_asked_back_for_each_who_waits(void **state)
{
        struct world *w = *state;

        fill_two_slots(w, AIRTIME_VISIT);
        ask(w, 'c', "hci0", AIRTIME_PERSON);
        expect(w, "-b"); /* which takes its time; the other one is left in peace */
        leave(w, 'b');
        expect(w, "+c");
        ask(w, 'd', "hci0", AIRTIME_PERSON);
        expect(w, "-a");
        leave(w, 'd'); /* changes its mind: the slot comes back all the same */
        expect(w, "");
        leave(w, 'a');
        expect(w, "");
}

static void test_airtime_who_waits_with_the_victims_rank_displaces_nobody(void **state)
{
        struct world *w = *state;

        fill_two_slots(w, AIRTIME_UNFINISHED);
        ask(w, 'c', "hci0", AIRTIME_UNFINISHED);
        ask(w, 'd', "hci0", AIRTIME_UNFINISHED);
        ask(w, 'e', "hci0", AIRTIME_PERSON);
        expect(w, "-b"); /* for the person, and a goes on */
        leave(w, 'b');
        expect(w, "+e");
}

static void test_airtime_a_turn_that_becomes_a_visit_can_be_displaced(void **state)
{
        struct world *w = *state;

        ask(w, 'a', "hci0", AIRTIME_PERSON);
        ask(w, 'b', "hci0", AIRTIME_PERSON);
        expect(w, "+a");
        turn_hand_over(user(w, 'a')->turn, AIRTIME_VISIT, &handler, user(w, 'a'));
        expect(w, "-a+b");
}

static void test_airtime_who_leaves_before_the_turn_is_not_called(void **state)
{
        struct world *w = *state;

        ask(w, 'a', "hci0", AIRTIME_PERSON);
        ask(w, 'b', "hci0", AIRTIME_PERSON);
        leave(w, 'a');
        expect(w, "+b");
        assert_null(turn_free(NULL));
        assert_null(airtime_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_airtime_one_slot_is_given_in_the_order_of_asking),
                TEST(test_airtime_places_do_not_wait_for_each_other),
                TEST(test_airtime_the_number_of_slots_may_change),
                TEST(test_airtime_the_queue_is_by_rank),
                TEST(test_airtime_a_person_displaces_what_can_wait_and_nobody_else),
                TEST(test_airtime_the_lowest_rank_goes_and_of_it_the_youngest),
                TEST(test_airtime_one_slot_is_asked_back_for_each_who_waits),
                TEST(test_airtime_who_waits_with_the_victims_rank_displaces_nobody),
                TEST(test_airtime_a_turn_that_becomes_a_visit_can_be_displaced),
                TEST(test_airtime_who_leaves_before_the_turn_is_not_called),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
