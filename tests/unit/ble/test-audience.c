/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "ble/audience.h"

struct listener {
        struct audience_member member;
        unsigned n_told;
        struct listener *victim; /* removed when this one is notified */
};

static struct listener *add(struct audience *a)
{
        struct listener *l = calloc(1, sizeof(*l));

        assert_non_null(l);
        audience_add(a, &l->member);
        return l;
}

static size_t count(const struct audience *a)
{
        size_t n = 0;

        for (const struct audience_member *m = a->first; m; m = m->next)
                n++;
        return n;
}

static void tell(struct audience *a)
{
        struct audience_member *m = audience_first(a);

        for (; m; m = audience_next(a, m)) {
                struct listener *l = (struct listener *)m;

                l->n_told++;
                if (l->victim)
                        audience_remove(a, &l->victim->member);
                l->victim = NULL;
        }
}

static void remove_all(struct audience *a)
{
        while (a->first)
                audience_remove(a, a->first);
}

static void test_audience_may_be_empty(void **state)
{
        struct audience a = {0};

        (void)state;
        tell(&a);
        assert_null(a.first);
        assert_int_equal(a.n_holds, 0);
}

static void test_audience_member_that_has_left_is_not_notified(void **state)
{
        struct audience a = {0};
        struct listener *last = add(&a), *middle = add(&a), *first = add(&a);

        (void)state;
        first->victim = middle;
        last->victim = first;
        tell(&a);
        assert_int_equal(last->n_told, 1);
        assert_int_equal(count(&a), 1);
        assert_ptr_equal(a.first, &last->member);
        remove_all(&a);
}

static void test_audience_member_may_remove_itself(void **state)
{
        struct audience a = {0};
        struct listener *one = add(&a), *other = add(&a);

        (void)state;
        one->victim = one;
        other->victim = other;
        tell(&a);
        assert_null(a.first);
}

static void test_audience_stays_in_place_while_it_is_held(void **state)
{
        struct audience a = {0};
        struct listener *one = add(&a);

        (void)state;
        audience_hold(&a);
        audience_remove(&a, &one->member);
        assert_true(one->member.gone);
        (void)add(&a);
        tell(&a);
        assert_int_equal(count(&a), 2);
        assert_int_equal(one->n_told, 0);
        audience_release(&a);
        assert_int_equal(count(&a), 1);
        remove_all(&a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_audience_may_be_empty),
                cmocka_unit_test(test_audience_member_that_has_left_is_not_notified),
                cmocka_unit_test(test_audience_member_may_remove_itself),
                cmocka_unit_test(test_audience_stays_in_place_while_it_is_held),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
