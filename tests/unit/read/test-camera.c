/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/drawing.h"
#include "support/fake-node.h"
#include "read/camera.h"
#include "read/serve.h"
#include "read/watch.h"

static struct picture drawing;
static struct symbol symbol;
static uint8_t data[60];
static unsigned told;

static int setup(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 8, .dark = 30, .light = 210};

        (void)state;
        fake_node_reset();
        drawing_fill_text(data, sizeof(data), 1);
        drawing_make(&drawing, &d, data, sizeof(data));
        fake_node.pixels = drawing.luma;
        told = 0;
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

static void test_camera_auto_finds_the_only_one(void **state)
{
        struct camera *c = NULL;

        (void)state;
        assert_int_equal(camera_open(&c, ""), 0);
        camera_free(c);
        assert_int_equal(fake_node.n_opened, 1);
}

static void test_camera_that_does_not_work_says_why(void **state)
{
        struct camera *c = NULL;

        (void)state;
        assert_int_equal(camera_open(&c, "/dev/video9"), REASON_CAMERA_MISSING);
        fake_node.open_error = -EBUSY;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), REASON_CAMERA_BUSY);
        assert_int_equal(camera_open(&c, ""), REASON_CAMERA_BUSY);
        fake_node.open_error = -EACCES;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), REASON_CAMERA_FAILED);
        assert_int_equal(camera_open(&c, ""), REASON_CAMERA_FAILED);
        fake_node.open_error = -ENODEV;
        assert_int_equal(camera_open(&c, ""), REASON_CAMERA_MISSING);
        fake_node.open_error = 0;
        fake_node.start_error = -EBUSY;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), REASON_CAMERA_BUSY);
        fake_node.start_error = -EIO;
        assert_int_equal(camera_open(&c, ""), REASON_CAMERA_FAILED);
        assert_null(c);
        assert_int_equal(fake_node.n_mapped, 0);
}

static void test_camera_that_captures_nothing_is_missing(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.capabilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), REASON_CAMERA_MISSING);
        assert_int_equal(camera_open(&c, ""), REASON_CAMERA_MISSING);
}

static void test_camera_without_format_we_read_fails(void **state)
{
        struct camera *c = NULL;

        (void)state;
        fake_node.fourccs[0] = V4L2_PIX_FMT_RGB24;
        fake_node.fourccs[1] = V4L2_PIX_FMT_H264;
        assert_int_equal(camera_open(&c, FAKE_DEVICE), REASON_CAMERA_FAILED);
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

static void on_progress(void *userdata, enum read_progress progress)
{
        (void)userdata;
        told |= 1u << progress;
}

static int watch_for(unsigned seconds, int waiter_fd)
{
        const struct watch w = {.device = FAKE_DEVICE,
                                .seconds = seconds,
                                .waiter_fd = waiter_fd,
                                .on_progress = on_progress};
        struct scanner *s = NULL;
        int r;

        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR), 0);
        r = watch_camera(&w, s, &symbol);
        scanner_free(s);
        assert_int_equal(fake_node.n_mapped, 0);
        return r;
}

static void test_watch_code_in_view_is_read(void **state)
{
        static const enum fake_frame script[] = {FAKE_DAMAGED, FAKE_NONE, FAKE_PICTURE};

        (void)state;
        set_script(script, 3);
        assert_int_equal(watch_for(300, -1), 0);
        assert_int_equal(symbol.n_bytes, sizeof(data));
        assert_memory_equal(symbol.bytes, data, sizeof(data));
        assert_int_equal(told, 1u << READ_PROGRESS_WATCHING);
}

static void test_watch_time_up_says_why(void **state)
{
        static const enum fake_frame none[] = {FAKE_NONE};

        (void)state;
        drawing_blank(&drawing, 640, 480, 100);
        assert_int_equal(watch_for(1, -1), REASON_IMAGE_NO_CODE);
        drawing_blank(&drawing, 640, 480, 16);
        assert_int_equal(watch_for(1, -1), REASON_CAMERA_DARK);
        assert_true(told & 1u << READ_PROGRESS_TOO_DARK);
        set_script(none, 1);
        assert_int_equal(watch_for(1, -1), REASON_CAMERA_FAILED);
}

static void test_watch_camera_unplugged_fails(void **state)
{
        static const enum fake_frame script[] = {FAKE_GONE};

        (void)state;
        set_script(script, 1);
        assert_int_equal(watch_for(300, -1), REASON_CAMERA_FAILED);
}

static void test_watch_ends_when_nobody_waits(void **state)
{
        int fds[2];

        (void)state;
        drawing_blank(&drawing, 640, 480, 100);
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
        close(fds[1]);
        assert_int_equal(watch_for(3600, fds[0]), -ECANCELED);
        close(fds[0]);
}

/* The camera goes on showing what the person holds up; the hub is told once. */
static void test_serve_camera_showing_one_code_for_ever_answers_once(void **state)
{
        static const struct read_request request = {READ_REQUEST_CAMERA, 300, FAKE_DEVICE};
        uint8_t packet[READ_PACKET_MAX];
        struct read_reply reply;
        size_t n_packet;
        int fds[2];

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
        assert_int_equal(read_request_encode(&request, packet, &n_packet), 0);
        assert_int_equal(send(fds[0], packet, n_packet, 0), n_packet);
        assert_int_equal(serve_request(fds[1], 1u << SYMBOLOGY_QR), 0);
        close(fds[1]);

        n_packet = (size_t)recv(fds[0], packet, sizeof(packet), 0);
        assert_int_equal(read_reply_decode(packet, n_packet, &reply), 0);
        assert_int_equal(reply.kind, READ_REPLY_PROGRESS);
        n_packet = (size_t)recv(fds[0], packet, sizeof(packet), 0);
        assert_int_equal(read_reply_decode(packet, n_packet, &reply), 0);
        assert_int_equal(reply.kind, READ_REPLY_CODE);
        assert_int_equal(reply.symbol.n_bytes, sizeof(data));
        assert_memory_equal(reply.symbol.bytes, data, sizeof(data));
        assert_int_equal(recv(fds[0], packet, sizeof(packet), 0), 0);
        assert_int_equal(fake_node.n_mapped, 0);
        close(fds[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_camera_yuyv_picture_arrives),
                TEST(test_camera_grey_is_preferred),
                TEST(test_camera_hdmi_format_stays_as_set_up),
                TEST(test_camera_auto_finds_the_only_one),
                TEST(test_camera_that_does_not_work_says_why),
                TEST(test_camera_that_captures_nothing_is_missing),
                TEST(test_camera_without_format_we_read_fails),
                TEST(test_camera_bad_frames_are_skipped),
                TEST(test_camera_older_frames_are_dropped),
                TEST(test_camera_lying_driver_fails),
                TEST(test_watch_code_in_view_is_read),
                TEST(test_watch_time_up_says_why),
                TEST(test_watch_camera_unplugged_fails),
                TEST(test_watch_ends_when_nobody_waits),
                TEST(test_serve_camera_showing_one_code_for_ever_answers_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
