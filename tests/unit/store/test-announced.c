/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "store/announced.h"
#include "support/disk.h"
#include "support/store-sample.h"

struct place {
        struct disk disk;
        struct store *store;
        char path[256];
        char listed[256];
};

static int set_up(void **state)
{
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        disk_install(&p->disk);
        sample_path(p->path, sizeof(p->path), "enrolld.db");
        assert_int_equal(store_open(p->path, &p->store), 0);
        *state = p;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;

        (void)store_free(p->store);
        disk_remove(&p->disk);
        sample_clean(p->path);
        free(p);
        return 0;
}

static void list(void *userdata, const char *subject, const char *entities)
{
        struct place *p = userdata;
        size_t n = strlen(p->listed);

        (void)snprintf(p->listed + n, sizeof(p->listed) - n, "[%s: %s]", subject, entities);
}

static void expect_announced(struct place *p, const char *listed)
{
        p->listed[0] = '\0';
        assert_int_equal(store_each_announced(p->store, list, p), 0);
        assert_string_equal(p->listed, listed);
}

static void test_announced_stays_until_it_is_withdrawn(void **state)
{
        struct place *p = *state;

        expect_announced(p, "");
        assert_int_equal(store_announce(p->store, "ab", "sensor/a"), 0);
        assert_int_equal(store_announce(p->store, "", ""), 0);
        assert_int_equal(store_announce(p->store, "ab", "sensor/a switch/b"), 0);
        (void)store_free(p->store);
        assert_int_equal(store_open(p->path, &p->store), 0);
        expect_announced(p, "[: ][ab: sensor/a switch/b]");
        assert_int_equal(store_withdraw(p->store, "ab"), 0);
        assert_int_equal(store_withdraw(p->store, "ab"), 0);
        expect_announced(p, "[: ]");
}

/* It happens in every enrollment, which waits for the disk often enough. */
static void test_announced_waits_for_no_disk(void **state)
{
        struct place *p = *state;
        uint64_t n_syncs = p->disk.n_syncs;

        assert_int_equal(store_announce(p->store, "ab", "sensor/a"), 0);
        assert_int_equal(store_withdraw(p->store, "ab"), 0);
        assert_int_equal(p->disk.n_syncs, n_syncs);
}

static void test_announced_has_limits(void **state)
{
        struct place *p = *state;
        char subject[STORE_SUBJECT_SIZE + 1], entities[STORE_ENTITIES_SIZE + 1];

        memset(subject, 'a', sizeof(subject));
        memset(entities, 'e', sizeof(entities));
        subject[STORE_SUBJECT_SIZE] = entities[STORE_ENTITIES_SIZE] = '\0';
        assert_int_equal(store_announce(p->store, subject, ""), -EMSGSIZE);
        assert_int_equal(store_announce(p->store, "ab", entities), -EMSGSIZE);
        expect_announced(p, "");
        assert_int_equal(store_announce(p->store, subject + 1, ""), 0);
        assert_int_equal(store_withdraw(p->store, subject + 1), 0);
        assert_int_equal(store_announce(p->store, "ab", entities + 1), 0);
        assert_int_equal(store_each_announced(p->store, list, p), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_announced_stays_until_it_is_withdrawn),
                TEST(test_announced_waits_for_no_disk),
                TEST(test_announced_has_limits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
