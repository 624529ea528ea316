/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/retained.h"
#include "support/disk.h"
#include "support/store-sample.h"
#include "util/defer.h"

struct place {
        struct disk disk;
        struct store *store;
        char path[256];
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

/* The topics, in their order. */
static void expect_topics(struct place *p, const char *const *topics)
{
        char topic[STORE_TOPIC_SIZE] = "";

        for (; *topics; topics++) {
                assert_int_equal(store_retained_after(p->store, topic, topic), 0);
                assert_string_equal(topic, *topics);
        }
        assert_int_equal(store_retained_after(p->store, topic, topic), STORE_E_NONE);
}

#define EXPECT_TOPICS(place, ...) expect_topics((place), (const char *const[]){__VA_ARGS__, NULL})

static void test_retained_topics_stay_until_they_are_released(void **state)
{
        static const char *const topics[] = {"b", "a", "b"}, *const more[] = {"c", "a"};
        struct place *p = *state;

        expect_topics(p, (const char *const[]){NULL});
        assert_int_equal(store_retain(p->store, topics, ELEMENTSOF(topics)), 0);
        assert_int_equal(store_retain(p->store, more, ELEMENTSOF(more)), 0);
        EXPECT_TOPICS(p, "a", "b", "c");
        assert_int_equal(store_release(p->store, "b"), 0);
        assert_int_equal(store_release(p->store, "b"), 0);
        EXPECT_TOPICS(p, "a", "c");
        (void)store_free(p->store);
        assert_int_equal(store_open(p->path, &p->store), 0);
        EXPECT_TOPICS(p, "a", "c");
}

/* It happens in every enrollment, which waits for the disk often enough. */
static void test_retained_topic_waits_for_no_disk(void **state)
{
        static const char *const topics[] = {"a"};
        struct place *p = *state;
        uint64_t n_syncs = p->disk.n_syncs;

        assert_int_equal(store_retain(p->store, topics, ELEMENTSOF(topics)), 0);
        assert_int_equal(store_release(p->store, "a"), 0);
        assert_int_equal(p->disk.n_syncs, n_syncs);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_retained_topics_stay_until_they_are_released),
                TEST(test_retained_topic_waits_for_no_disk),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
