/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/fake-node.h"
#include "read/camera.h"
#include "read/cameras.h"
#include "util/defer.h"

#define SEC 1000000ull

static struct cameras *cameras;
static uint64_t now;

static int setup(void **state)
{
        (void)state;
        fake_node_reset();
        now = 1000 * SEC;
        return cameras_new(&cameras, "");
}

static int teardown(void **state)
{
        (void)state;
        cameras = cameras_free(cameras);
        assert_int_equal(fake_node.n_mapped, 0);
        assert_int_equal(fake_other.n_mapped, 0);
        return 0;
}

/* What the first camera that is open says. */
static int frame(void)
{
        const struct picture *p;

        return cameras_frame(cameras, 0, now, &p);
}

static void test_cameras_all_that_are_there_are_opened(void **state)
{
        (void)state;
        fake_other.away = 0;
        assert_int_equal(cameras_reason(cameras), REASON_CAMERA_MISSING);
        cameras_look(cameras, now);
        assert_true(cameras_fd(cameras, 0) >= 0);
        assert_true(cameras_fd(cameras, 1) >= 0);
        assert_int_equal(cameras_fd(cameras, 2), -1);
        assert_true(cameras_are_starting(cameras));
        assert_int_equal(frame(), 0);
        assert_int_equal(cameras_reason(cameras), REASON_NONE);
        cameras_look(cameras, now + 2 * SEC);
        assert_int_equal(fake_node.n_opened, 1);
        assert_int_equal(fake_other.n_opened, 1);
}

static void test_cameras_are_looked_for_once_a_second(void **state)
{
        (void)state;
        fake_node.away = 2;
        cameras_look(cameras, now);
        cameras_look(cameras, now + SEC - 1);
        assert_int_equal(fake_node.away, 1);
        cameras_look(cameras, now + SEC);
        assert_int_equal(fake_node.away, 0);
        assert_int_equal(fake_node.n_opened, 0);
        cameras_look(cameras, now + 2 * SEC);
        assert_int_equal(fake_node.n_opened, 1);
}

static void test_cameras_silent_for_5_s_is_closed_and_tried_again(void **state)
{
        (void)state;
        fake_node.script[0] = FAKE_NONE;
        cameras_look(cameras, now);
        now += 5 * SEC;
        assert_int_equal(frame(), CAMERA_E_NOT_YET);
        assert_true(cameras_fd(cameras, 0) >= 0);
        now++;
        assert_int_equal(frame(), CAMERA_E_NOT_YET);
        assert_int_equal(cameras_fd(cameras, 0), -1);
        assert_false(cameras_are_starting(cameras));
        assert_int_equal(cameras_reason(cameras), REASON_CAMERA_FAILED);
        cameras_look(cameras, now += SEC);
        assert_int_equal(fake_node.n_opened, 2);
}

/* The search may take long on a slow board, and that is no silence of the camera. */
static void test_cameras_slow_search_is_not_silence(void **state)
{
        (void)state;
        cameras_look(cameras, now);
        for (unsigned i = 0; i < 3; i++) {
                now += 60 * SEC;
                assert_int_equal(frame(), 0);
        }
        assert_int_equal(fake_node.n_opened, 1);
}

/* How often it is opened in so many looks, one a second. */
static unsigned count_opened(unsigned seconds)
{
        unsigned before = fake_node.n_opened;

        for (unsigned i = 0; i < seconds; i++)
                cameras_look(cameras, now += SEC);
        return fake_node.n_opened - before;
}

static void test_cameras_pause_between_failures_grows(void **state)
{
        (void)state;
        fake_node.start_error = -EIO;
        assert_int_equal(count_opened(63), 7); /* after 0, 1, 3, 7, 15, 31 and 47 s */
        fake_node.n_plugged++;                 /* pulled out and plugged in */
        assert_int_equal(count_opened(7), 3);
        assert_int_equal(cameras_reason(cameras), REASON_CAMERA_FAILED);
        fake_node.start_error = -EBUSY; /* which may end at any time */
        assert_int_equal(count_opened(60), 60);
        assert_int_equal(cameras_reason(cameras), REASON_CAMERA_BUSY);
}

static void test_cameras_reason_is_the_most_useful_one(void **state)
{
        static const struct {
                int node, other;
                enum reason reason;
        } cases[] = {
                {-EBUSY, -EIO, REASON_CAMERA_BUSY},      {-EACCES, -EBUSY, REASON_CAMERA_BUSY},
                {-EACCES, -EIO, REASON_CAMERA_FAILED},   {-EACCES, -ENODEV, REASON_CAMERA_DENIED},
                {-EPERM, -EACCES, REASON_CAMERA_DENIED}, {-ENXIO, -ENODEV, REASON_CAMERA_MISSING},
        };

        (void)state;
        fake_other.away = 0;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                fake_node.open_error = cases[i].node;
                fake_other.open_error = cases[i].other;
                cameras_look(cameras, now += 60 * SEC);
                assert_int_equal(cameras_reason(cameras), cases[i].reason);
        }
}

static void test_cameras_as_many_as_named_and_no_more(void **state)
{
        (void)state;
        cameras_free(cameras);
        fake_other.away = 0;
        assert_int_equal(cameras_new(&cameras, " /dev/video9,, " FAKE_OTHER ","), 0);
        cameras_look(cameras, now);
        assert_int_equal(fake_node.n_opened, 0);
        assert_int_equal(fake_other.n_opened, 1);
        assert_int_equal(cameras_fd(cameras, 1), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_cameras_all_that_are_there_are_opened),
                TEST(test_cameras_are_looked_for_once_a_second),
                TEST(test_cameras_silent_for_5_s_is_closed_and_tried_again),
                TEST(test_cameras_slow_search_is_not_silence),
                TEST(test_cameras_pause_between_failures_grows),
                TEST(test_cameras_reason_is_the_most_useful_one),
                TEST(test_cameras_as_many_as_named_and_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
