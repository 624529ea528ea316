/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The hub's end against the real enroll-read, started per connection as systemd does it, and
 * against readers that misbehave. The path of enroll-read is the first argument, ./enroll-read if
 * there is none.
 */

#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/drawing.h"
#include "read/reader.h"
#include "util/log.h"

#define PATIENCE_USEC                                                                              \
        60000000 /* of the test for an answer; only reached when something is broken */

static char *arg_enroll_read;

/* One server and one client on one loop; what the client was told. */
struct bench {
        char folder[32], path[64];
        sd_event *event;
        struct reader *reader;
        pid_t server_pid; /* systemd-socket-activate, 0 for none */

        int listen_fd, peer_fd; /* the misbehaving server in this process */
        sd_event_source *listen_io, *peer_io;
        void (*misbehave)(struct bench *b);
        unsigned n_deaths;

        unsigned n_codes, n_failures, progress, n_progress, n_others;
        enum reason why;
        struct symbol symbol;
};

static struct bench bench;

static void on_code(void *userdata, enum symbology symbology, const uint8_t *code, size_t n_code)
{
        struct bench *b = userdata;

        b->n_codes++;
        b->symbol.symbology = symbology;
        b->symbol.n_bytes = n_code;
        memcpy(b->symbol.bytes, code, n_code);
}

static void on_progress(void *userdata, enum read_progress progress)
{
        struct bench *b = userdata;

        b->n_progress++;
        b->progress |= 1u << progress;
}

static void on_another(void *userdata, const uint8_t *code, size_t n_code)
{
        struct bench *b = userdata;

        b->n_others++;
        b->symbol.n_bytes = n_code;
        memcpy(b->symbol.bytes, code, n_code);
}

static void on_failed(void *userdata, enum reason why)
{
        struct bench *b = userdata;

        b->n_failures++;
        b->why = why;
}

static const struct reader_handler holder = {.on_code = on_code,
                                             .on_progress = on_progress,
                                             .on_another = on_another,
                                             .on_failed = on_failed};

static void bench_begin(struct bench *b)
{
        b->n_codes = b->n_failures = b->progress = b->n_progress = 0;
        b->why = REASON_NONE;
        assert_true(sd_event_new(&b->event) >= 0);
        assert_int_equal(reader_new(&b->reader, b->event, b->path, &holder, b), 0);
}

static void bench_end(struct bench *b)
{
        b->listen_io = sd_event_source_disable_unref(b->listen_io);
        b->peer_io = sd_event_source_disable_unref(b->peer_io);
        if (b->peer_fd >= 0)
                close(b->peer_fd);
        b->peer_fd = -1;
        b->reader = reader_free(b->reader);
        b->event = sd_event_unref(b->event);
}

static int setup(void **state)
{
        struct bench *b = &bench;

        memset(b, 0, sizeof(*b));
        b->listen_fd = b->peer_fd = -1;
        strcpy(b->folder, "/tmp/test-reader.XXXXXX");
        assert_non_null(mkdtemp(b->folder));
        strcpy(b->path, b->folder);
        strcat(b->path, "/read.sock");
        *state = b;
        return 0;
}

static int teardown(void **state)
{
        struct bench *b = *state;

        if (b->event)
                bench_end(b);
        if (b->listen_fd >= 0)
                close(b->listen_fd);
        if (b->server_pid > 0) {
                (void)kill(b->server_pid, SIGTERM);
                (void)waitpid(b->server_pid, NULL, 0);
        }
        (void)unlink(b->path);
        (void)rmdir(b->folder);
        return 0;
}

/* Until there is an answer, and a little longer, because there must not be another. */
static void bench_run(struct bench *b)
{
        for (unsigned i = 0; b->n_codes + b->n_failures == 0; i++) {
                assert_true(i < 10000);
                assert_true(sd_event_run(b->event, PATIENCE_USEC) > 0);
        }
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(b->event, 2000) >= 0);
}

/* --- the real reader --- */

/* The socket is there before anybody listens on it: only a connection shows that. */
static bool accepts(const struct bench *b)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), r;

        assert_true(fd >= 0);
        memcpy(address.sun_path, b->path, sizeof(b->path));
        r = connect(fd, (struct sockaddr *)&address, sizeof(address));
        close(fd);
        return r == 0;
}

static void wait_for_socket(const struct bench *b)
{
        static const struct timespec pause = {.tv_nsec = 20000000};

        for (unsigned i = 0; !accepts(b); i++) {
                assert_true(i < 6000);
                assert_int_equal(waitpid(b->server_pid, NULL, WNOHANG), 0);
                (void)nanosleep(&pause, NULL);
        }
}

static int setup_real(void **state)
{
        struct bench *b;

        assert_int_equal(setup(state), 0);
        b = *state;
        b->server_pid = fork();
        assert_true(b->server_pid >= 0);
        if (b->server_pid == 0) {
                (void)freopen("/dev/null", "w", stderr);
                /* The leak detector traces, which enroll-read forbids. */
                (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
                execlp("systemd-socket-activate", "systemd-socket-activate", "--accept",
                       "--seqpacket", "-E", "ASAN_OPTIONS", "-l", b->path, arg_enroll_read,
                       (char *)NULL);
                _exit(127);
        }
        wait_for_socket(b);
        return 0;
}

/* The drawing as a PGM file in memory. */
static int pgm_file(const struct picture *p)
{
        int fd = memfd_create("picture", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(dprintf(fd, "P5 %u %u 255\n", p->width, p->height) > 0);
        assert_int_equal(write(fd, p->luma, (size_t)p->width * p->height),
                         (size_t)p->width * p->height);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        return fd;
}

static void test_reader_real_image_is_read(void **state)
{
        struct drawing d = {.module = 4, .light = 255};
        struct picture p = {.luma = NULL};
        struct bench *b = *state;
        uint8_t data[300];

        for (uint32_t seed = 0; seed < 3; seed++) {
                int fd;

                drawing_fill_binary(data, sizeof(data), seed);
                drawing_make(&p, &d, data, sizeof(data));
                fd = pgm_file(&p);
                bench_begin(b);
                assert_int_equal(reader_image(b->reader, fd), 0);
                assert_true(reader_is_busy(b->reader));
                assert_int_equal(reader_image(b->reader, fd), -EBUSY);
                bench_run(b);
                assert_false(reader_is_busy(b->reader));
                assert_int_equal(b->n_codes, 1);
                assert_int_equal(b->n_failures, 0);
                assert_int_equal(b->symbol.symbology, SYMBOLOGY_QR);
                assert_int_equal(b->symbol.n_bytes, sizeof(data));
                assert_memory_equal(b->symbol.bytes, data, sizeof(data));
                bench_end(b);
                close(fd);
        }
        picture_done(&p);
}

static void assert_image_fails(struct bench *b, int fd, enum reason why)
{
        bench_begin(b);
        assert_int_equal(reader_image(b->reader, fd), 0);
        bench_run(b);
        assert_int_equal(b->n_codes, 0);
        assert_int_equal(b->n_failures, 1);
        assert_string_equal(reason_code(b->why), reason_code(why));
        bench_end(b);
        close(fd);
}

static void test_reader_real_image_that_fails_says_why(void **state)
{
        struct drawing good = {.module = 5, .light = 255},
                       bad = {.module = 5, .light = 255, .damage = 100};
        struct picture p = {.luma = NULL};
        struct bench *b = *state;
        uint8_t data[100];

        drawing_blank(&p, 320, 240, 128);
        assert_image_fails(b, pgm_file(&p), REASON_IMAGE_NO_CODE);
        drawing_fill_text(data, sizeof(data), 1);
        drawing_make(&p, &bad, data, sizeof(data));
        assert_image_fails(b, pgm_file(&p), REASON_IMAGE_UNDECODABLE);
        drawing_make(&p, &good, (const uint8_t *)"HELLO", 5);
        assert_image_fails(b, pgm_file(&p), REASON_CODE_NOT_ENROLLMENT);
        assert_image_fails(b, memfd_create("empty", MFD_CLOEXEC), REASON_IMAGE_UNREADABLE);
        picture_done(&p);
}

static void test_reader_real_camera_that_is_none_is_missing(void **state)
{
        struct bench *b = *state;

        bench_begin(b);
        assert_int_equal(reader_camera(b->reader, "/dev/null", 5), 0);
        bench_run(b);
        assert_int_equal(b->n_failures, 1);
        assert_int_equal(b->why, REASON_CAMERA_MISSING);
}

/* What the client never sends: raw packets, the last of them hostile. */
static void test_reader_real_refuses_hostile_requests(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } cases[] = {
                {"\1\1\0\0", 4}, /* an image without a descriptor */
                {"\1\2\0\1/etc/passwd", 15},
                {"garbage", 7},
                {"\1", 1},
        };
        static const char answer[] = "\1\203request_invalid";
        struct bench *b = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct sockaddr_un address = {.sun_family = AF_UNIX};
                int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
                char packet[64];

                assert_true(fd >= 0);
                strcpy(address.sun_path, b->path);
                assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
                assert_int_equal(send(fd, cases[i].bytes, cases[i].n, MSG_NOSIGNAL), cases[i].n);
                assert_int_equal(recv(fd, packet, sizeof(packet), 0), sizeof(answer) - 1);
                assert_memory_equal(packet, answer, sizeof(answer) - 1);
                assert_int_equal(recv(fd, packet, sizeof(packet), 0), 0);
                close(fd);
        }
}

/* --- readers that misbehave --- */

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct bench *b = userdata;
        char packet[64];

        (void)source;
        (void)events;
        if (recv(fd, packet, sizeof(packet), 0) > 0)
                b->misbehave(b);
        b->peer_io = sd_event_source_disable_unref(b->peer_io);
        return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct bench *b = userdata;

        (void)source;
        (void)events;
        if (b->peer_fd >= 0)
                close(b->peer_fd);
        b->peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        assert_true(b->peer_fd >= 0);
        assert_true(sd_event_add_io(b->event, &b->peer_io, b->peer_fd, EPOLLIN, on_peer, b) >= 0);
        return 0;
}

static void bench_listen(struct bench *b, void (*misbehave)(struct bench *b))
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        strcpy(address.sun_path, b->path);
        (void)unlink(b->path);
        b->misbehave = misbehave;
        b->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_true(b->listen_fd >= 0);
        assert_int_equal(bind(b->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(b->listen_fd, 1), 0);
        bench_begin(b);
        assert_true(sd_event_add_io(b->event, &b->listen_io, b->listen_fd, EPOLLIN, on_connection,
                                    b) >= 0);
}

static void peer_say(struct bench *b, const void *packet, size_t n_packet)
{
        (void)send(b->peer_fd, packet, n_packet, MSG_NOSIGNAL);
}

static void say_nothing(struct bench *b)
{
        (void)b;
}

static void say_garbage(struct bench *b)
{
        peer_say(b, "hello hub", 9);
}

static void say_nothing_of_length(struct bench *b)
{
        peer_say(b, "", 0);
}

/* A good beginning, and then more than a packet may have. */
static void say_too_much(struct bench *b)
{
        static uint8_t packet[READ_PACKET_MAX + 1] = {1, READ_REPLY_CODE, SYMBOLOGY_QR};

        peer_say(b, packet, sizeof(packet));
}

static void say_code_too_long(struct bench *b)
{
        static uint8_t packet[3 + SYMBOL_BYTES_MAX + 1] = {1, READ_REPLY_CODE, SYMBOLOGY_QR};

        peer_say(b, packet, sizeof(packet));
}

static void say_reason_not_its_own(struct bench *b)
{
        peer_say(b, "\1\203device_owned", 14);
}

static void hang_up(struct bench *b)
{
        (void)shutdown(b->peer_fd, SHUT_RDWR);
}

static void say_progress_and_hang_up(struct bench *b)
{
        peer_say(b, "\1\201watching", 10);
        hang_up(b);
}

/* One or two of them would be in order; what follows is not heard any more. */
static void say_progress_without_end(struct bench *b)
{
        for (unsigned i = 0; i < 60; i++)
                peer_say(b, "\1\201too_dark", 10);
        peer_say(b, "\1\202\1ENR1:A", 9);
}

static void say_others_without_end(struct bench *b)
{
        for (unsigned i = 0; i < 60; i++)
                peer_say(b, "\1\204\1ENR1:A", 9);
        peer_say(b, "\1\203several_codes", 15);
}

static void say_two_others(struct bench *b)
{
        peer_say(b, "\1\204\1ENR1:A", 9);
        peer_say(b, "\1\204\1ENR1:B", 9);
        peer_say(b, "\1\203several_codes", 15);
}

static void test_reader_several_codes_are_handed_on(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_two_others);
        assert_int_equal(reader_camera(b->reader, "auto", 5), 0);
        bench_run(b);
        assert_int_equal(b->n_others, 2);
        assert_memory_equal(b->symbol.bytes, "ENR1:B", 6);
        assert_int_equal(b->n_codes, 0);
        assert_int_equal(b->why, REASON_SEVERAL_CODES);
}

static void test_reader_misbehaving_server_is_given_up(void **state)
{
        static void (*const ways[])(struct bench *) = {
                say_garbage,
                say_nothing_of_length,
                say_too_much,
                say_code_too_long,
                say_reason_not_its_own,
                hang_up,
                say_progress_and_hang_up,
                say_progress_without_end,
                say_others_without_end,
        };
        struct bench *b = *state;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
                bench_listen(b, ways[i]);
                assert_int_equal(reader_camera(b->reader, "auto", 5), 0);
                bench_run(b);
                assert_int_equal(b->n_codes, 0);
                assert_int_equal(b->n_failures, 1);
                assert_int_equal(b->why, REASON_READER_UNAVAILABLE);
                assert_false(reader_is_busy(b->reader));
                bench_end(b);
                close(b->listen_fd);
                b->listen_fd = -1;
        }
}

/* Three die, and the one after them reads the code. */
static void die_three_times(struct bench *b)
{
        if (b->n_deaths++ < 3)
                hang_up(b);
        else
                peer_say(b, "\1\202\1ENR1:A", 9);
}

static void test_reader_that_dies_is_replaced(void **state)
{
        struct bench *b = *state;

        b->n_deaths = 0;
        bench_listen(b, die_three_times);
        assert_int_equal(reader_camera(b->reader, "auto", 600), 0);
        bench_run(b);
        assert_int_equal(b->n_deaths, 4);
        assert_int_equal(b->n_codes, 1);
        assert_int_equal(b->n_failures, 0);
}

static void count_and_die(struct bench *b)
{
        b->n_deaths++;
        hang_up(b);
}

/* But not for ever, not when the time is nearly over, and not one that has a picture only once. */
static void test_reader_that_goes_on_dying_is_given_up(void **state)
{
        static const struct {
                unsigned seconds, n_deaths;
        } cases[] = {{600, 4}, {1, 1}, {0, 1}};
        struct bench *b = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                unsigned seconds = cases[i].seconds;

                b->n_deaths = 0;
                bench_listen(b, count_and_die);
                assert_int_equal(seconds ? reader_camera(b->reader, "auto", seconds)
                                         : reader_image(b->reader, STDIN_FILENO),
                                 0);
                bench_run(b);
                assert_int_equal(b->n_deaths, cases[i].n_deaths);
                assert_int_equal(b->n_codes, 0);
                assert_int_equal(b->n_failures, 1);
                assert_int_equal(b->why, REASON_READER_UNAVAILABLE);
                bench_end(b);
                close(b->listen_fd);
                b->listen_fd = -1;
        }
}

static void test_reader_silent_server_is_given_up(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_nothing);
        reader_set_grace(b->reader, 0);
        assert_int_equal(reader_camera(b->reader, "auto", 1), 0);
        bench_run(b);
        assert_int_equal(b->n_failures, 1);
        assert_int_equal(b->why, REASON_READER_UNAVAILABLE);
}

/* Whatever a reader shows a thousand times, the hub hears of it once. */
static void say_a_thousand_codes(struct bench *b)
{
        peer_say(b, "\1\201watching", 10);
        peer_say(b, "\1\201code_seen", 11);
        for (unsigned i = 0; i < 1000; i++)
                (void)send(b->peer_fd, "\1\202\1ENR1:A", 9, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)send(b->peer_fd, "\1\203camera_busy", 13, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void test_reader_thousand_answers_are_one(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_a_thousand_codes);
        assert_int_equal(reader_camera(b->reader, "/dev/video0", 5), 0);
        bench_run(b);
        assert_int_equal(b->n_codes, 1);
        assert_int_equal(b->n_failures, 0);
        assert_false(reader_is_busy(b->reader));
        assert_int_equal(b->n_progress, 2);
        assert_int_equal(b->progress, 1u << READ_PROGRESS_WATCHING | 1u << READ_PROGRESS_CODE_SEEN);
        assert_int_equal(b->symbol.n_bytes, 6);
        assert_memory_equal(b->symbol.bytes, "ENR1:A", 6);
}

static void test_reader_cancelled_is_silent(void **state)
{
        struct bench *b = *state;
        char byte;

        bench_listen(b, say_a_thousand_codes);
        assert_int_equal(reader_camera(b->reader, "auto", 5), 0);
        reader_cancel(b->reader);
        assert_false(reader_is_busy(b->reader));
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(b->event, 10000) >= 0);
        assert_int_equal(b->n_codes + b->n_failures + b->n_progress, 0);
        /* The far end sees it. */
        assert_true(b->peer_fd >= 0);
        assert_int_equal(recv(b->peer_fd, &byte, 1, MSG_DONTWAIT), 0);
        /* And another request may follow. */
        assert_int_equal(reader_camera(b->reader, "auto", 5), 0);
}

static void test_reader_missing_socket_is_unavailable(void **state)
{
        struct bench *b = *state;

        bench_begin(b);
        assert_int_equal(reader_camera(b->reader, "auto", 5), REASON_READER_UNAVAILABLE);
        assert_int_equal(reader_image(b->reader, STDIN_FILENO), REASON_READER_UNAVAILABLE);
        assert_false(reader_is_busy(b->reader));
        assert_int_equal(b->n_failures, 0);
}

/* While this is a listener, one that connects to it finds that the reader has ended. */
static int dying_fd = -1;

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t n_address)
{
        static int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);
        int r;

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "connect");
        r = real(fd, address, n_address);
        if (r == 0 && dying_fd >= 0)
                assert_int_equal(close(accept(dying_fd, NULL, NULL)), 0);
        return r;
}

static void test_reader_that_ends_before_it_is_asked_is_unavailable(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_nothing);
        dying_fd = b->listen_fd;
        assert_int_equal(reader_camera(b->reader, "auto", 5), REASON_READER_UNAVAILABLE);
        dying_fd = -1;
        assert_int_equal(b->n_failures, 0);
}

static void test_reader_wrong_arguments_are_refused(void **state)
{
        struct bench *b = *state;
        char path[200], device[READ_DEVICES_MAX + 2];
        struct reader *r = NULL;

        bench_begin(b);
        memset(path, 'p', sizeof(path));
        path[sizeof(path) - 1] = '\0';
        assert_int_equal(reader_new(&r, b->event, path, &holder, b), -ENAMETOOLONG);
        assert_null(r);
        memset(device, 'd', sizeof(device));
        memcpy(device, "/dev/", 5);
        device[sizeof(device) - 1] = '\0';
        assert_int_equal(reader_camera(b->reader, device, 5), -EINVAL);
        assert_int_equal(reader_camera(b->reader, "/etc/passwd", 5), -EINVAL);
        assert_int_equal(reader_camera(b->reader, "auto", 0), -EINVAL);
        assert_int_equal(reader_camera(b->reader, "auto", READ_SECONDS_MAX + 1), -EINVAL);
        assert_int_equal(reader_camera(b->reader, "auto", 65537), -EINVAL);
        assert_int_equal(reader_image(b->reader, -1), -EBADF);
        assert_null(reader_free(NULL));
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define REAL(name) cmocka_unit_test_setup_teardown(name, setup_real, teardown)
        const struct CMUnitTest tests[] = {
                REAL(test_reader_real_image_is_read),
                REAL(test_reader_real_image_that_fails_says_why),
                REAL(test_reader_real_camera_that_is_none_is_missing),
                REAL(test_reader_real_refuses_hostile_requests),
                TEST(test_reader_misbehaving_server_is_given_up),
                TEST(test_reader_that_dies_is_replaced),
                TEST(test_reader_that_goes_on_dying_is_given_up),
                TEST(test_reader_silent_server_is_given_up),
                TEST(test_reader_thousand_answers_are_one),
                TEST(test_reader_cancelled_is_silent),
                TEST(test_reader_several_codes_are_handed_on),
                TEST(test_reader_missing_socket_is_unavailable),
                TEST(test_reader_that_ends_before_it_is_asked_is_unavailable),
                TEST(test_reader_wrong_arguments_are_refused),
        };

        log_open("test-reader", LOG_ERR);
        arg_enroll_read = realpath(argc > 1 ? argv[1] : "./enroll-read", NULL);
        if (!arg_enroll_read) {
                (void)fprintf(stderr, "There is no enroll-read to test\n");
                return 1;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
