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
#include "read/serve.h"
#include "read/watch.h"

static struct picture drawing, room;
static struct symbol symbol;
static struct offer offer;
static uint8_t data[60];
static unsigned told;                /* bits 1 << enum read_progress */
static enum read_progress order[16]; /* the same in their order */
static size_t n_order;

static int setup(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 8, .dark = 30, .light = 210};

        (void)state;
        fake_node_reset();
        drawing_fill_text(data, sizeof(data), 1);
        drawing_make(&drawing, &d, data, sizeof(data));
        drawing_blank(&room, 640, 480, 100);
        fake_node.pixels = drawing.luma;
        told = 0;
        n_order = 0;
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        picture_done(&drawing);
        picture_done(&room);
        return 0;
}

static void set_script(struct fake_node *f, const enum fake_frame *frames, size_t n_frames)
{
        memcpy(f->script, frames, n_frames * sizeof(*frames));
        f->n_script = n_frames;
        f->at = 0;
}

static void on_progress(void *userdata, enum read_progress progress)
{
        (void)userdata;
        told |= 1u << progress;
        if (n_order < ELEMENTSOF(order))
                order[n_order++] = progress;
}

static int watch_all(const char *devices, unsigned seconds, int waiter_fd)
{
        const struct watch w = {.devices = devices,
                                .seconds = seconds,
                                .waiter_fd = waiter_fd,
                                .on_progress = on_progress};
        struct scanner *s = NULL;
        int r;

        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR), 0);
        r = watch_cameras(&w, s, &symbol, &offer);
        scanner_free(s);
        assert_int_equal(fake_node.n_mapped, 0);
        assert_int_equal(fake_other.n_mapped, 0);
        return r;
}

static int watch_for(unsigned seconds, int waiter_fd)
{
        return watch_all(FAKE_DEVICE, seconds, waiter_fd);
}

static void assert_code_read(void)
{
        assert_int_equal(symbol.n_bytes, sizeof(data));
        assert_memory_equal(symbol.bytes, data, sizeof(data));
}

static void test_watch_code_in_view_is_read(void **state)
{
        static const enum fake_frame script[] = {FAKE_DAMAGED, FAKE_NONE, FAKE_PICTURE};

        (void)state;
        set_script(&fake_node, script, 3);
        assert_int_equal(watch_for(300, -1), 0);
        assert_code_read();
        assert_int_equal(told, 1u << READ_PROGRESS_WATCHING);
}

static void test_watch_time_up_says_why(void **state)
{
        static const enum fake_frame none[] = {FAKE_NONE};

        (void)state;
        fake_node.pixels = room.luma;
        assert_int_equal(watch_for(1, -1), REASON_IMAGE_NO_CODE);
        drawing_blank(&room, 640, 480, 16);
        assert_int_equal(watch_for(1, -1), REASON_CAMERA_DARK);
        assert_true(told & 1u << READ_PROGRESS_TOO_DARK);
        set_script(&fake_node, none, 1);
        assert_int_equal(watch_for(1, -1), REASON_CAMERA_FAILED);
}

/* It is waited for until the time is up. */
static void test_watch_without_a_camera_that_works_says_why(void **state)
{
        static const struct {
                int error;
                enum reason reason;
                enum read_progress progress;
        } cases[] = {
                {-ENODEV, REASON_CAMERA_MISSING, READ_PROGRESS_NO_CAMERA},
                {-EBUSY, REASON_CAMERA_BUSY, READ_PROGRESS_CAMERA_BUSY},
                {-EACCES, REASON_CAMERA_DENIED, READ_PROGRESS_CAMERA_DENIED},
                {-EIO, REASON_CAMERA_FAILED, READ_PROGRESS_CAMERA_FAILED},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                fake_node.open_error = cases[i].error;
                told = 0;
                assert_int_equal(watch_for(1, -1), cases[i].reason);
                assert_int_equal(told, 1u << cases[i].progress);
        }
}

static void test_watch_uses_a_camera_that_is_plugged_in(void **state)
{
        static const enum read_progress expected[] = {READ_PROGRESS_NO_CAMERA,
                                                      READ_PROGRESS_WATCHING};

        (void)state;
        fake_node.away = 2;
        assert_int_equal(watch_all("", 300, -1), 0);
        assert_code_read();
        assert_int_equal(n_order, ELEMENTSOF(expected));
        assert_memory_equal(order, expected, sizeof(expected));
}

static void test_watch_uses_a_camera_that_is_free_at_last(void **state)
{
        (void)state;
        fake_node.open_error = -EBUSY;
        fake_other.away = 2;
        fake_other.pixels = drawing.luma;
        assert_int_equal(watch_all("", 300, -1), 0);
        assert_code_read();
        assert_true(told & 1u << READ_PROGRESS_CAMERA_BUSY);
}

/* The code is only shown to the camera after it was pulled out and plugged in again. */
static void test_watch_goes_on_when_the_camera_comes_back(void **state)
{
        static const enum fake_frame script[] = {FAKE_DAMAGED, FAKE_NONE, FAKE_PULLED,
                                                 FAKE_PICTURE};
        static const enum read_progress expected[] = {READ_PROGRESS_NO_CAMERA,
                                                      READ_PROGRESS_WATCHING};

        (void)state;
        set_script(&fake_node, script, ELEMENTSOF(script));
        fake_node.away_after_pulling = 2;
        assert_int_equal(watch_all("", 300, -1), 0);
        assert_code_read();
        assert_int_equal(fake_node.n_opened, 2);
        assert_int_equal(n_order, ELEMENTSOF(expected));
        assert_memory_equal(order, expected, sizeof(expected));
}

static void test_watch_camera_pulled_out_for_good_is_missing(void **state)
{
        static const enum fake_frame script[] = {FAKE_PICTURE, FAKE_PULLED};

        (void)state;
        fake_node.pixels = room.luma;
        set_script(&fake_node, script, ELEMENTSOF(script));
        fake_node.away_after_pulling = FAKE_AWAY;
        assert_int_equal(watch_all("", 1, -1), REASON_CAMERA_MISSING);
        assert_true(told & 1u << READ_PROGRESS_NO_CAMERA);
}

static void test_watch_goes_on_with_the_other_camera(void **state)
{
        static const enum fake_frame pulled[] = {FAKE_PULLED};
        static const enum fake_frame late[] = {FAKE_NONE, FAKE_NONE, FAKE_NONE, FAKE_PICTURE};

        (void)state;
        set_script(&fake_node, pulled, ELEMENTSOF(pulled));
        fake_node.away_after_pulling = FAKE_AWAY;
        fake_other.away = 0;
        fake_other.pixels = drawing.luma;
        set_script(&fake_other, late, ELEMENTSOF(late));
        assert_int_equal(watch_all("", 300, -1), 0);
        assert_code_read();
        assert_int_equal(told, 1u << READ_PROGRESS_WATCHING);
}

static void test_watch_uses_only_the_cameras_that_are_named(void **state)
{
        (void)state;
        fake_other.away = 0;
        fake_other.pixels = drawing.luma;
        fake_node.pixels = room.luma;
        assert_int_equal(watch_all(FAKE_DEVICE, 1, -1), REASON_IMAGE_NO_CODE);
        assert_int_equal(fake_other.n_opened, 0);
        assert_int_equal(watch_all("/dev/video9, " FAKE_DEVICE "," FAKE_OTHER, 300, -1), 0);
        assert_code_read();
}

/* One sees nothing in the dark, the other a lit room, and both say it as one. */
static void test_watch_says_what_the_camera_that_saw_most_has_seen(void **state)
{
        struct picture dark = {.luma = NULL};

        (void)state;
        drawing_blank(&dark, 640, 480, 16);
        fake_other.away = 0;
        fake_node.pixels = room.luma;
        fake_other.pixels = dark.luma;
        assert_int_equal(watch_all("", 1, -1), REASON_IMAGE_NO_CODE);
        fake_node.pixels = dark.luma;
        assert_int_equal(watch_all("", 1, -1), REASON_CAMERA_DARK);
        picture_done(&dark);
}

/* However many cameras see it, it is said at most as often as the hub wants to hear it. */
static void test_watch_two_cameras_in_the_dark_say_it_once(void **state)
{
        unsigned n_dark = 0;

        (void)state;
        drawing_blank(&room, 640, 480, 16);
        fake_other.away = 0;
        fake_node.pixels = fake_other.pixels = room.luma;
        assert_int_equal(watch_all("", 1, -1), REASON_CAMERA_DARK);
        for (size_t i = 0; i < n_order; i++)
                n_dark += order[i] == READ_PROGRESS_TOO_DARK;
        assert_int_equal(n_dark, 1);
}

static void test_watch_ends_when_nobody_waits(void **state)
{
        int fds[2];

        (void)state;
        fake_node.pixels = room.luma;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
        close(fds[1]);
        assert_int_equal(watch_for(3600, fds[0]), -ECANCELED);
        close(fds[0]);
}

/* Both cameras go on showing what the person holds up; the hub is told once. */
static void test_serve_cameras_showing_one_code_for_ever_answer_once(void **state)
{
        static const struct read_request request = {READ_REQUEST_CAMERA, 300, ""};
        uint8_t packet[READ_PACKET_MAX];
        struct read_reply reply;
        size_t n_packet;
        int fds[2];

        (void)state;
        fake_other.away = 0;
        fake_other.pixels = drawing.luma;
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
                TEST(test_watch_code_in_view_is_read),
                TEST(test_watch_time_up_says_why),
                TEST(test_watch_without_a_camera_that_works_says_why),
                TEST(test_watch_uses_a_camera_that_is_plugged_in),
                TEST(test_watch_uses_a_camera_that_is_free_at_last),
                TEST(test_watch_goes_on_when_the_camera_comes_back),
                TEST(test_watch_camera_pulled_out_for_good_is_missing),
                TEST(test_watch_goes_on_with_the_other_camera),
                TEST(test_watch_uses_only_the_cameras_that_are_named),
                TEST(test_watch_says_what_the_camera_that_saw_most_has_seen),
                TEST(test_watch_two_cameras_in_the_dark_say_it_once),
                TEST(test_watch_ends_when_nobody_waits),
                TEST(test_serve_cameras_showing_one_code_for_ever_answer_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
