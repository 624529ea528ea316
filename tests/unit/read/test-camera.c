/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawing.h"
#include "support/fake-node.h"
#include "read/camera.h"

static struct picture drawing;
static uint8_t data[60];

static int setup(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 8, .dark = 30, .light = 210};

        (void)state;
        fake_node_reset();
        drawing_fill_text(data, sizeof(data), 1);
        drawing_make(&drawing, &d, data, sizeof(data));
        fake_node.pixels = drawing.luma;
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        picture_done(&drawing);
        return 0;
}

static void test_camera_yuyv_picture_arrives(void **state)
{
        const struct picture *p = NULL;
        struct camera *c = NULL;

        (void)state;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(fake_node.pix.pixelformat, V4L2_PIX_FMT_YUYV);
        assert_int_equal(fake_node.n_queued, FAKE_BUFFERS);
        assert_int_equal(camera_frame(c, &p), 0);
        assert_int_equal(p->width, 640);
        assert_int_equal(p->height, 480);
        assert_memory_equal(p->luma, drawing.luma, 640 * 480);
        assert_int_equal(fake_node.n_queued, FAKE_BUFFERS); /* all went back */
        camera_free(c);
        assert_int_equal(fake_node.n_mapped, 0);
}

static void test_camera_grey_is_preferred(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.fourccs[2] = V4L2_PIX_FMT_GREY;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(fake_node.pix.pixelformat, V4L2_PIX_FMT_GREY);
        camera_free(c);
}

static void test_camera_hdmi_format_stays_as_set_up(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.fourccs[2] = V4L2_PIX_FMT_GREY;
        fake_node.input_capabilities = V4L2_IN_CAP_DV_TIMINGS;
        fake_node.pix.pixelformat = V4L2_PIX_FMT_YUYV;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(fake_node.pix.pixelformat, V4L2_PIX_FMT_YUYV);
        assert_int_equal(fake_node.pix.width, 320);
        c = camera_free(c);
        fake_node.pix.pixelformat = V4L2_PIX_FMT_RGB24; /* which we cannot read */
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(fake_node.pix.pixelformat, V4L2_PIX_FMT_GREY);
        assert_int_equal(fake_node.pix.width, 320);
        camera_free(c);
}

static void test_camera_that_does_not_work_says_why(void **state)
{
        static const int errors[] = {-EBUSY, -EACCES, -EIO};
        struct camera *c = NULL;

        (void)state;
        assert_int_equal(camera_open(&c, "/dev/video9"), -ENODEV);
        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                fake_node.open_error = errors[i];
                assert_int_equal(camera_open(&c, FAKE_DEVICE), errors[i]);
                fake_node.open_error = 0;
                fake_node.start_error = errors[i];
                assert_int_equal(camera_open(&c, FAKE_DEVICE), errors[i]);
                fake_node.start_error = 0;
        }
        assert_null(c);
        assert_int_equal(fake_node.n_mapped, 0);
}

static void test_camera_that_captures_nothing_is_none(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.capabilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), -ENODEV);
}

/* Two cameras at one bus: the second has to make do with compressed pictures. */
static void test_camera_takes_another_format_when_the_bus_is_full(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.wide_fourcc = V4L2_PIX_FMT_YUYV;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(fake_node.pix.pixelformat, V4L2_PIX_FMT_MJPEG);
        assert_int_equal(fake_node.n_queued, FAKE_BUFFERS);
        c = camera_free(c);
        fake_node.fourccs[0] = 0;
        fake_node.fourccs[1] = 0;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), -EINVAL);
        fake_node.fourccs[0] = V4L2_PIX_FMT_YUYV; /* and nothing else */
        assert_int_equal(camera_open(&c, FAKE_DEVICE), -ENOSPC);
        assert_int_equal(fake_node.n_mapped, 0);
}

static void test_camera_without_format_we_read_fails(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.fourccs[0] = V4L2_PIX_FMT_RGB24;
        fake_node.fourccs[1] = V4L2_PIX_FMT_H264;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), -EINVAL);
}

static void set_script(const enum fake_frame *frames, size_t n_frames)
{
        memcpy(fake_node.script, frames, n_frames * sizeof(*frames));
        fake_node.n_script = n_frames;
        fake_node.at = 0;
}

static void test_camera_bad_frames_are_skipped(void **state)
{
        static const enum fake_frame script[] = {FAKE_NONE,  FAKE_LOST, FAKE_DAMAGED, FAKE_NONE,
                                                 FAKE_SHORT, FAKE_NONE, FAKE_PICTURE, FAKE_NONE};
        const struct picture *p = NULL;
        struct camera *c = NULL;

        (void)state;
        set_script(script, 8);
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        for (unsigned i = 0; i < 4; i++)
                assert_int_equal(camera_frame(c, &p), CAMERA_E_NOT_YET);
        assert_null(p);
        assert_int_equal(camera_frame(c, &p), 0);
        assert_int_equal(fake_node.n_queued, FAKE_BUFFERS);
        camera_free(c);
}

static void test_camera_older_frames_are_dropped(void **state)
{
        static const enum fake_frame script[] = {FAKE_DAMAGED, FAKE_DAMAGED, FAKE_PICTURE,
                                                 FAKE_NONE};
        const struct picture *p = NULL;
        struct camera *c = NULL;

        (void)state;
        set_script(script, 4);
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(camera_frame(c, &p), 0);
        assert_int_equal(fake_node.at, 3);
        assert_int_equal(fake_node.n_queued, FAKE_BUFFERS);
        camera_free(c);
}

static void test_camera_lying_driver_fails(void **state)
{
        static const enum fake_frame strange[] = {FAKE_STRANGE}, gone[] = {FAKE_GONE};
        const struct picture *p = NULL;
        struct camera *c = NULL;

        (void)state;
        set_script(strange, 1);
        assert_int_equal(camera_open(&c, FAKE_DEVICE), 0);
        assert_int_equal(camera_frame(c, &p), -EPROTO);
        set_script(gone, 1);
        assert_int_equal(camera_frame(c, &p), -ENODEV);
        camera_free(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_camera_yuyv_picture_arrives),
                TEST(test_camera_grey_is_preferred),
                TEST(test_camera_hdmi_format_stays_as_set_up),
                TEST(test_camera_that_does_not_work_says_why),
                TEST(test_camera_that_captures_nothing_is_none),
                TEST(test_camera_without_format_we_read_fails),
                TEST(test_camera_takes_another_format_when_the_bus_is_full),
                TEST(test_camera_bad_frames_are_skipped),
                TEST(test_camera_older_frames_are_dropped),
                TEST(test_camera_lying_driver_fails),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
