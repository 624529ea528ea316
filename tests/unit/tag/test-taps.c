/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end against servers that behave, and that do not. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/haste.h"
#include "tag/taps.h"
#include "util/defer.h"
#include "util/log.h"

#define PATIENCE_USEC 60000000 /* only reached when something is broken */
#define FOREVER_MS    3600000

struct bench {
        char folder[32];
        struct sockaddr_un address;
        sd_event *event;
        struct taps *taps;

        int listen_fd, peer_fd; /* -1: none */
        sd_event_source *listen_io, *peer_io;
        void (*behave)(struct bench *b);
        unsigned n_connections;
        char request[300];

        unsigned n_states, n_codes, n_failures;
        enum taps_state state;
        char name[TAP_NAME_MAX + 1];
        uint8_t code[TAP_CODE_MAX];
        size_t n_code;
        enum reason why;
};

static struct bench bench;
static uint64_t now_usec; /* what the taps count by: only a test moves it */

/* What the linker calls it, see ld(1), --wrap. */
int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret_usec);

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret_usec)
{
        (void)event;
        (void)clock;
        *ret_usec = now_usec;
        return 0;
}

static void on_state(void *userdata, enum taps_state state, const char *name)
{
        struct bench *b = userdata;

        b->n_states++;
        b->state = state;
        strcpy(b->name, name);
}

static void on_code(void *userdata, const uint8_t *code, size_t n_code)
{
        struct bench *b = userdata;

        b->n_codes++;
        b->n_code = n_code;
        memcpy(b->code, code, n_code);
}

static void on_failed(void *userdata, enum reason why)
{
        struct bench *b = userdata;

        b->n_failures++;
        b->why = why;
}

static const struct taps_handler holder = {on_state, on_code, on_failed};

static void peer_say(struct bench *b, const void *packet, size_t n_packet)
{
        (void)send(b->peer_fd, packet, n_packet, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#define SAY(b, text) peer_say(b, text, sizeof(text) - 1)

static void peer_close(struct bench *b)
{
        b->peer_io = sd_event_source_disable_unref(b->peer_io);
        if (b->peer_fd >= 0)
                close(b->peer_fd);
        b->peer_fd = -1;
}

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct bench *b = userdata;
        ssize_t n = recv(fd, b->request, sizeof(b->request) - 1, 0);

        (void)source;
        (void)events;
        if (n <= 0) {
                peer_close(b);
                return 0;
        }
        b->request[n] = '\0';
        b->behave(b);
        return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct bench *b = userdata;

        (void)source;
        (void)events;
        peer_close(b);
        b->n_connections++;
        b->peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        assert_true(b->peer_fd >= 0);
        assert_true(sd_event_add_io(b->event, &b->peer_io, b->peer_fd, EPOLLIN, on_peer, b) >= 0);
        return 0;
}

static void bench_listen(struct bench *b, void (*behave)(struct bench *))
{
        b->behave = behave;
        b->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_true(b->listen_fd >= 0);
        assert_int_equal(bind(b->listen_fd, (struct sockaddr *)&b->address, sizeof(b->address)), 0);
        assert_int_equal(listen(b->listen_fd, 4), 0);
        assert_true(sd_event_add_io(b->event, &b->listen_io, b->listen_fd, EPOLLIN, on_connection,
                                    b) >= 0);
}

static int setup(void **state)
{
        struct bench *b = &bench;

        memset(b, 0, sizeof(*b));
        b->listen_fd = b->peer_fd = -1;
        strcpy(b->folder, "/tmp/test-taps.XXXXXX");
        assert_non_null(mkdtemp(b->folder));
        b->address.sun_family = AF_UNIX;
        strcpy(b->address.sun_path, b->folder);
        strcat(b->address.sun_path, "/tag.sock");
        assert_true(sd_event_new(&b->event) >= 0);
        assert_int_equal(taps_new(b->event, b->address.sun_path, "pn532_uart:/dev/ttyS0", &holder,
                                  b, &b->taps),
                         0);
        taps_set_patience(b->taps, FOREVER_MS);
        haste = 50;
        now_usec = UINT64_C(1000000000);
        *state = b;
        return 0;
}

static int teardown(void **state)
{
        struct bench *b = *state;

        b->taps = taps_free(b->taps);
        peer_close(b);
        b->listen_io = sd_event_source_disable_unref(b->listen_io);
        if (b->listen_fd >= 0)
                close(b->listen_fd);
        b->event = sd_event_unref(b->event);
        (void)unlink(b->address.sun_path);
        (void)rmdir(b->folder);
        return 0;
}

#define RUN_UNTIL(b, condition)                                                                    \
        do                                                                                         \
                assert_true(sd_event_run((b)->event, PATIENCE_USEC) > 0);                          \
        while (!(condition))

static void say_nothing(struct bench *b)
{
        (void)b;
}

static void be_honest(struct bench *b)
{
        SAY(b, "\1\201");
        SAY(b, "\1\204");
        SAY(b, "\1\201PN532");
        SAY(b, "\1\202ENR1:A");
        SAY(b, "\1\203tag_empty");
}

static void test_taps_honest_reader_is_heard(void **state)
{
        struct bench *b = *state;

        bench_listen(b, be_honest);
        RUN_UNTIL(b, b->n_failures == 1);
        assert_string_equal(b->request, "\1\1pn532_uart:/dev/ttyS0");
        assert_int_equal(b->n_states, 2);
        assert_int_equal(b->state, TAPS_READY);
        assert_string_equal(b->name, "PN532");
        assert_int_equal(b->n_codes, 1);
        assert_int_equal(b->n_code, 6);
        assert_memory_equal(b->code, "ENR1:A", 6);
        assert_int_equal(b->why, REASON_TAG_EMPTY);
        SAY(b, "\1\201"); /* it is pulled out */
        RUN_UNTIL(b, b->state == TAPS_MISSING);
        SAY(b, "\1\201PN533");
        RUN_UNTIL(b, b->state == TAPS_READY);
        assert_string_equal(b->name, "PN533");
        assert_int_equal(b->n_connections, 1);
}

static void test_taps_socket_that_comes_later_is_used(void **state)
{
        struct bench *b = *state;

        RUN_UNTIL(b, b->n_states == 1);
        assert_int_equal(b->state, TAPS_UNAVAILABLE);
        for (unsigned i = 0; i < 20; i++)
                assert_true(sd_event_run(b->event, PATIENCE_USEC) > 0);
        assert_int_equal(b->n_states, 1);
        bench_listen(b, be_honest);
        RUN_UNTIL(b, b->n_codes == 1);
}

static void hang_up(struct bench *b)
{
        if (b->n_connections < 4)
                peer_close(b);
        else
                be_honest(b);
}

static void test_taps_process_that_dies_is_replaced(void **state)
{
        struct bench *b = *state;

        bench_listen(b, hang_up);
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE && b->n_states == 1);
        RUN_UNTIL(b, b->n_codes == 1);
        assert_int_equal(b->n_connections, 4);
        b->n_connections = 0;
        peer_close(b);
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE);
        RUN_UNTIL(b, b->n_codes == 2);
}

static void test_taps_process_that_hangs_is_replaced(void **state)
{
        struct bench *b = *state;

        taps_set_patience(b->taps, TAPS_PATIENCE_MS / 10);
        bench_listen(b, say_nothing);
        RUN_UNTIL(b, b->n_connections == 1);
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE && b->n_states == 1);
        b->behave = be_honest;
        RUN_UNTIL(b, b->n_codes == 1);
}

static void say_garbage(struct bench *b)
{
        SAY(b, "hello hub");
}

static void say_nothing_of_length(struct bench *b)
{
        SAY(b, "");
}

static void say_too_much(struct bench *b)
{
        static uint8_t packet[TAP_PACKET_MAX + 1] = {1, TAP_CODE};

        SAY(b, "\1\201PN532");
        peer_say(b, packet, sizeof(packet));
}

static void say_code_too_long(struct bench *b)
{
        static uint8_t packet[2 + TAP_CODE_MAX + 1] = {1, TAP_CODE};

        SAY(b, "\1\201PN532");
        peer_say(b, packet, sizeof(packet));
}

static void say_reason_not_its_own(struct bench *b)
{
        SAY(b, "\1\201PN532");
        SAY(b, "\1\203device_owned");
}

static void say_code_without_reader(struct bench *b)
{
        SAY(b, "\1\202ENR1:A");
}

static void say_failure_without_reader(struct bench *b)
{
        SAY(b, "\1\203tag_empty");
}

static void test_taps_protocol_that_is_broken_ends_the_connection(void **state)
{
        static void (*const ways[])(struct bench *) = {say_garbage,
                                                       say_nothing_of_length,
                                                       say_too_much,
                                                       say_code_too_long,
                                                       say_reason_not_its_own,
                                                       say_code_without_reader,
                                                       say_failure_without_reader};
        struct bench *b = *state;

        bench_listen(b, ways[0]);
        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                b->behave = ways[i];
                RUN_UNTIL(b, b->n_connections == i + 1);
                RUN_UNTIL(b, b->peer_fd < 0);
        }
        assert_int_equal(b->n_codes + b->n_failures, 0);
        assert_int_equal(b->state, TAPS_UNAVAILABLE);
        b->behave = be_honest;
        RUN_UNTIL(b, b->n_codes == 1);
}

static void say_ten_thousand_codes(struct bench *b)
{
        SAY(b, "\1\201PN532");
        for (unsigned i = 0; i < 10000; i++)
                SAY(b, "\1\202ENR1:A");
}

/* As many as a hand could hold to it, and then the end. */
static void test_taps_flood_ends_the_connection(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_ten_thousand_codes);
        RUN_UNTIL(b, b->n_connections == 1 && b->state == TAPS_READY);
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE);
        assert_int_equal(b->n_codes, TAPS_BURST - 1);
}

static void say_reader(struct bench *b)
{
        SAY(b, "\1\201PN532");
}

/* However long it was quiet, no more may come at once. */
static void test_taps_flood_after_a_quiet_day_ends_the_connection(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_reader);
        RUN_UNTIL(b, b->state == TAPS_READY);
        now_usec += UINT64_C(86400000000);
        for (unsigned i = 0; i < TAPS_BURST + 1; i++)
                SAY(b, "\1\202ENR1:A");
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE);
        assert_int_equal(b->n_codes, TAPS_BURST);
}

static void test_taps_may_come_one_after_the_other(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_reader);
        RUN_UNTIL(b, b->state == TAPS_READY);
        for (unsigned i = 0; i < 5 * TAPS_BURST; i++) {
                now_usec += UINT64_C(1000) * TAPS_EVERY_MS;
                SAY(b, "\1\202ENR1:A");
                RUN_UNTIL(b, b->n_codes == i + 1);
        }
        assert_int_equal(b->n_connections, 1);
}

static void say_reader_comes_and_goes(struct bench *b)
{
        for (unsigned i = 0; i < TAPS_BURST; i++) {
                SAY(b, "\1\201PN532");
                SAY(b, "\1\201");
        }
}

static void test_taps_reader_that_comes_and_goes_ends_the_connection(void **state)
{
        struct bench *b = *state;

        bench_listen(b, say_reader_comes_and_goes);
        RUN_UNTIL(b, b->state == TAPS_UNAVAILABLE && b->n_states > 1);
        assert_int_equal(b->n_states, TAPS_BURST + 1);
}

static void test_taps_wrong_arguments_are_refused(void **state)
{
        struct bench *b = *state;
        struct taps *taps = NULL;
        char path[200];

        memset(path, 'p', sizeof(path));
        path[sizeof(path) - 1] = '\0';
        assert_int_equal(taps_new(b->event, path, "", &holder, b, &taps), -ENAMETOOLONG);
        assert_int_equal(taps_new(b->event, "/x", "no device", &holder, b, &taps), -EINVAL);
        assert_null(taps);
        assert_null(taps_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_taps_honest_reader_is_heard),
                TEST(test_taps_socket_that_comes_later_is_used),
                TEST(test_taps_process_that_dies_is_replaced),
                TEST(test_taps_process_that_hangs_is_replaced),
                TEST(test_taps_protocol_that_is_broken_ends_the_connection),
                TEST(test_taps_flood_ends_the_connection),
                TEST(test_taps_flood_after_a_quiet_day_ends_the_connection),
                TEST(test_taps_may_come_one_after_the_other),
                TEST(test_taps_reader_that_comes_and_goes_ends_the_connection),
                TEST(test_taps_wrong_arguments_are_refused),
        };

        log_open("test-taps", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
