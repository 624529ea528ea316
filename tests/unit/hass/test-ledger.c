/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hass/ledger.h"
#include "support/store-sample.h"

struct place {
        struct store_place *store;
        struct ledger *ledger;
};

static int set_up(void **state)
{
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        assert_int_equal(store_place_set_up((void **)&p->store), 0);
        assert_int_equal(ledger_new(p->store->store, &p->ledger), 0);
        *state = p;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;

        (void)ledger_free(p->ledger);
        assert_int_equal(store_place_tear_down((void **)&p->store), 0);
        free(p);
        return 0;
}

/* Now, and after a restart of the hub. */
static void expect(struct place *p, const char *subject, const char *entities)
{
        struct ledger *again = NULL;

        assert_int_equal(ledger_new(p->store->store, &again), 0);
        if (entities) {
                assert_string_equal(ledger_entities(p->ledger, subject), entities);
                assert_string_equal(ledger_entities(again, subject), entities);
        } else {
                assert_null(ledger_entities(p->ledger, subject));
                assert_null(ledger_entities(again, subject));
        }
        (void)ledger_free(again);
}

static void test_ledger_keeps_what_was_until_the_broker_has_what_is(void **state)
{
        struct place *p = *state;

        expect(p, "ab", NULL);
        ledger_announce(p->ledger, "ab", "sensor/a switch/b");
        expect(p, "ab", "sensor/a switch/b");
        ledger_announce(p->ledger, "ab", "sensor/a binary_sensor/b");
        expect(p, "ab", "sensor/a switch/b binary_sensor/b");
        ledger_settle(p->ledger);
        expect(p, "ab", "sensor/a binary_sensor/b");
}

static void test_ledger_keeps_what_was_if_the_broker_may_have_missed_what_is(void **state)
{
        struct place *p = *state;

        ledger_announce(p->ledger, "ab", "sensor/a");
        ledger_settle(p->ledger);
        ledger_announce(p->ledger, "ab", "number/a");
        ledger_doubt(p->ledger);
        ledger_settle(p->ledger);
        expect(p, "ab", "sensor/a number/a");
        ledger_announce(p->ledger, "ab", "number/a");
        ledger_settle(p->ledger);
        expect(p, "ab", "number/a");
}

static void test_ledger_forgets_what_is_withdrawn(void **state)
{
        struct place *p = *state;
        size_t n = 0;

        ledger_announce(p->ledger, "", "switch/scan");
        ledger_announce(p->ledger, "ab", "sensor/a");
        ledger_announce(p->ledger, "cd", "");
        for (const char *at = NULL; (at = ledger_next(p->ledger, at));)
                n++;
        assert_int_equal(n, 3);
        ledger_withdraw(p->ledger, "ab");
        ledger_settle(p->ledger);
        expect(p, "ab", NULL);
        expect(p, "", "switch/scan");
        expect(p, "cd", "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_ledger_keeps_what_was_until_the_broker_has_what_is),
                TEST(test_ledger_keeps_what_was_if_the_broker_may_have_missed_what_is),
                TEST(test_ledger_forgets_what_is_withdrawn),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
