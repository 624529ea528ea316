/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/fake-node.h"
#include "read/camera.h"
#include "util/defer.h"

#define SEC 1000000ull

/* Where each control is among those of the webcam. */
enum {
        EXPOSURE,
        RATE,
        BACKLIGHT,
        FOCUS_AUTO,
        FOCUS,
};

static const struct fake_control webcam[] = {
        [EXPOSURE] = {V4L2_CID_EXPOSURE_AUTO, 0, 3, V4L2_EXPOSURE_MANUAL},
        [RATE] = {V4L2_CID_EXPOSURE_AUTO_PRIORITY, 0, 1, 0},
        [BACKLIGHT] = {V4L2_CID_BACKLIGHT_COMPENSATION, 0, 2, 1},
        [FOCUS_AUTO] = {V4L2_CID_FOCUS_AUTO, 0, 1, 0},
        [FOCUS] = {V4L2_CID_FOCUS_ABSOLUTE, 0, 240, 77},
};

static struct camera *camera;

static int setup(void **state)
{
        (void)state;
        fake_node_reset();
        for (size_t i = 0; i < ELEMENTSOF(webcam); i++)
                fake_node.controls[i] = webcam[i];
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        camera = camera_free(camera);
        return 0;
}

static void open_camera(void)
{
        assert_int_equal(camera_open(&camera, FAKE_DEVICE), 0);
}

static int32_t value(size_t which)
{
        return fake_node.controls[which].value;
}

static void assert_as_before(void)
{
        camera = camera_free(camera);
        for (size_t i = 0; i < ELEMENTSOF(webcam); i++)
                assert_int_equal(value(i), webcam[i].value);
}

static void test_optics_automatic_is_turned_on_and_restored(void **state)
{
        (void)state;
        open_camera();
        assert_int_equal(value(EXPOSURE), V4L2_EXPOSURE_APERTURE_PRIORITY);
        assert_int_equal(value(FOCUS_AUTO), 1);
        assert_int_equal(value(BACKLIGHT), 1);
        fake_node.controls[FOCUS].value = 100; /* the automatic has moved it */
        assert_as_before();
}

static void test_optics_darkness_is_helped(void **state)
{
        (void)state;
        open_camera();
        camera_adjust(camera, CAMERA_VIEW_DARK, SEC);
        assert_int_equal(value(RATE), 1);
        assert_int_equal(value(BACKLIGHT), 2);
        assert_as_before();
}

/* The whole range, from near to far, and then the automatic again. */
static void test_optics_focus_is_swept_when_a_code_is_blurred(void **state)
{
        uint64_t now = 100 * SEC;

        (void)state;
        open_camera();
        camera_adjust(camera, CAMERA_VIEW_PLAIN, now);
        assert_int_equal(value(FOCUS_AUTO), 1);
        camera_adjust(camera, CAMERA_VIEW_BLURRED, now);
        for (unsigned step = 0; step < 9; step++) {
                assert_int_equal(value(FOCUS_AUTO), 0);
                assert_int_equal(value(FOCUS), 240 - 30 * (int)step);
                camera_adjust(camera, CAMERA_VIEW_BLURRED, now + 399999); /* not yet */
                assert_int_equal(value(FOCUS), 240 - 30 * (int)step);
                camera_adjust(camera, CAMERA_VIEW_PLAIN, now += 400000);
        }
        assert_int_equal(value(FOCUS_AUTO), 1);
        camera_adjust(camera, CAMERA_VIEW_BLURRED, now + 6 * SEC - 1);
        assert_int_equal(value(FOCUS_AUTO), 1);
        camera_adjust(camera, CAMERA_VIEW_BLURRED, now + 6 * SEC);
        assert_int_equal(value(FOCUS_AUTO), 0);
        assert_as_before(); /* also in the middle of a sweep */
}

static void test_optics_automatic_focus_stays_automatic(void **state)
{
        (void)state;
        fake_node.controls[FOCUS_AUTO].value = 1;
        open_camera();
        camera_adjust(camera, CAMERA_VIEW_BLURRED, SEC);
        assert_int_equal(value(FOCUS_AUTO), 0);
        camera = camera_free(camera);
        assert_int_equal(value(FOCUS_AUTO), 1);
}

static void test_optics_camera_without_controls_is_left_alone(void **state)
{
        (void)state;
        fake_node.controls[0].id = 0;
        open_camera();
        camera_adjust(camera, CAMERA_VIEW_DARK, SEC);
        camera_adjust(camera, CAMERA_VIEW_BLURRED, 2 * SEC);
        camera = camera_free(camera);
        assert_int_equal(fake_node.n_set, 0);
}

/* The driver is a USB device's: its ranges may be anything. */
static void test_optics_absurd_ranges_do_no_harm(void **state)
{
        uint64_t now = SEC;

        (void)state;
        fake_node.controls[FOCUS].minimum = INT32_MIN;
        fake_node.controls[FOCUS].maximum = INT32_MAX;
        fake_node.controls[BACKLIGHT].minimum = 9; /* beyond the maximum */
        open_camera();
        camera_adjust(camera, CAMERA_VIEW_DARK, now);
        assert_int_equal(value(BACKLIGHT), 1);
        for (unsigned i = 0; i < 9; i++)
                camera_adjust(camera, CAMERA_VIEW_BLURRED, now += SEC);
        assert_int_equal(value(FOCUS), INT32_MIN);
        camera = camera_free(camera);
        assert_int_equal(value(FOCUS), 77);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_optics_automatic_is_turned_on_and_restored),
                TEST(test_optics_darkness_is_helped),
                TEST(test_optics_focus_is_swept_when_a_code_is_blurred),
                TEST(test_optics_automatic_focus_stays_automatic),
                TEST(test_optics_camera_without_controls_is_left_alone),
                TEST(test_optics_absurd_ranges_do_no_harm),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
