/* SPDX-License-Identifier: Apache-2.0 */

/* What is stored of the groups of a device. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "support/store-sample.h"
#include "util/defer.h"

static void test_group_goes_with_its_device(void **state)
{
        static const struct store_member given[] = {
                {.group = 1, .kind = "lock", .role = "state", .channel = 2},
                {.group = 1, .kind = "lock", .role = "command", .channel = 1},
        };
        struct store_place *p = *state;
        struct store_member members[2];
        struct sample s;
        size_t n;

        sample_init(&s, 1);
        s.enrollment.members = given;
        s.enrollment.n_members = ELEMENTSOF(given);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);
        assert_int_equal(store_members(p->store, s.device.device_id, 2, members, &n), 0);
        assert_int_equal(n, 2);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(members[i].group, 1);
                assert_string_equal(members[i].kind, "lock");
                assert_string_equal(members[i].role, given[i].role);
                assert_int_equal(members[i].channel, given[i].channel);
        }
        assert_int_equal(store_members(p->store, s.device.device_id, 1, members, &n), -ENOBUFS);

        /* They belong to what was enrolled, and to nothing after it. */
        s.enrollment.n_members = 0;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_members(p->store, s.device.device_id, 2, members, &n), 0);
        assert_int_equal(n, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_group_goes_with_its_device),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
