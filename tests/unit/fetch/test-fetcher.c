/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end, against a process that does its work well or badly. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fetch/fetcher.h"
#include "util/defer.h"
#include "util/loop.h"

struct world {
        char directory[64], path[96];
        sd_event *event;
        int listener, peer; /* of the process */
        struct fetcher *fetcher;
        char heard[256]; /* "96385074=enr1.x;36000291452=-;" */
        bool ended;
        enum reason why;
};

static void on_code(void *userdata, const char *id, const char *code, size_t n_code)
{
        struct world *w = userdata;
        size_t n = strlen(w->heard);

        (void)snprintf(w->heard + n, sizeof(w->heard) - n, "%s=%.*s;", id, (int)n_code, code);
}

static void on_absent(void *userdata, const char *id)
{
        on_code(userdata, id, "-", 1);
}

static void on_end(void *userdata, enum reason why)
{
        struct world *w = userdata;

        assert_false(w->ended);
        w->ended = true;
        w->why = why;
}

static const struct fetcher_handler handler = {on_code, on_absent, on_end};

static int set_up(void **state)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        strcpy(w->directory, "/tmp/test-fetcher-XXXXXX");
        assert_non_null(mkdtemp(w->directory));
        (void)snprintf(w->path, sizeof(w->path), "%s/socket", w->directory);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", w->path);
        w->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(w->listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(w->listener, 1), 0);
        w->peer = -1;
        assert_true(sd_event_new(&w->event) >= 0);
        assert_int_equal(fetcher_new(w->event, w->path, &handler, w, &w->fetcher), 0);
        *state = w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        w->fetcher = fetcher_free(w->fetcher);
        sd_event_unref(w->event);
        (void)close(w->listener);
        if (w->peer >= 0)
                (void)close(w->peer);
        (void)unlink(w->path);
        assert_int_equal(rmdir(w->directory), 0);
        free(w);
        return 0;
}

static const struct order order = {
        .url = "https://example.org", .ids = {"96385074", "36000291452"}, .n_ids = 2};

/* Gives the order, and takes it at the other end. */
static void begin(struct world *w)
{
        uint8_t packet[ORDER_PACKET_MAX];
        struct order got;
        ssize_t n;

        w->ended = false;
        w->heard[0] = '\0';
        assert_int_equal(fetcher_ask(w->fetcher, &order, -1), 0);
        assert_int_equal(fetcher_ask(w->fetcher, &order, -1), -EBUSY);
        w->peer = accept(w->listener, NULL, NULL);
        assert_true(w->peer >= 0);
        n = recv(w->peer, packet, sizeof(packet), 0);
        assert_int_equal(order_decode(packet, (size_t)n, &got), 0);
        assert_memory_equal(&got, &order, sizeof(got));
}

static void say_bytes(struct world *w, const void *bytes, size_t n)
{
        assert_int_equal(send(w->peer, bytes, n, MSG_NOSIGNAL), n);
}

static void say(struct world *w, enum order_reply_kind kind, const char *id, const char *code,
                enum reason why)
{
        struct order_reply reply = {
                .kind = kind, .code = code, .n_code = strlen(code), .reason = why};
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n;

        strcpy(reply.id, id);
        assert_int_equal(order_reply_encode(&reply, packet, &n), 0);
        say_bytes(w, packet, n);
}

static void run_to_end(struct world *w)
{
        while (!w->ended)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        (void)close(w->peer);
        w->peer = -1;
}

static void test_fetcher_passes_on_what_is_brought(void **state)
{
        struct world *w = *state;

        for (int i = 0; i < 2; i++) { /* one order after the other */
                begin(w);
                say(w, ORDER_REPLY_ABSENT, "36000291452", "", REASON_NONE);
                say(w, ORDER_REPLY_CODE, "96385074", "enr1.x", REASON_NONE);
                say(w, ORDER_REPLY_END, "", "", i ? REASON_FETCH_INCOMPLETE : REASON_NONE);
                run_to_end(w);
                assert_string_equal(w->heard, "36000291452=-;96385074=enr1.x;");
                assert_int_equal(w->why, i ? REASON_FETCH_INCOMPLETE : REASON_NONE);
        }
}

static void test_fetcher_trusts_no_answer(void **state)
{
        static const uint8_t large[ORDER_PACKET_MAX + 1] = {1, 0x81};
        struct world *w = *state;

        begin(w);
        say_bytes(w, "nonsense", 8);
        run_to_end(w);
        assert_int_equal(w->why, REASON_FETCH_UNAVAILABLE);
        begin(w);
        say_bytes(w, large, sizeof(large));
        run_to_end(w);
        assert_int_equal(w->why, REASON_FETCH_UNAVAILABLE);
        begin(w); /* what nobody asked for */
        say(w, ORDER_REPLY_CODE, "A12425GABC1234002M", "enr1.x", REASON_NONE);
        run_to_end(w);
        assert_int_equal(w->why, REASON_FETCH_UNAVAILABLE);
        assert_string_equal(w->heard, "");
        begin(w); /* the same twice */
        say(w, ORDER_REPLY_CODE, "96385074", "enr1.x", REASON_NONE);
        say(w, ORDER_REPLY_ABSENT, "96385074", "", REASON_NONE);
        run_to_end(w);
        assert_int_equal(w->why, REASON_FETCH_UNAVAILABLE);
        assert_string_equal(w->heard, "96385074=enr1.x;");
        begin(w); /* it dies */
        (void)close(w->peer);
        w->peer = -1;
        run_to_end(w);
        assert_int_equal(w->why, REASON_FETCH_UNAVAILABLE);
}

static void test_fetcher_without_a_process_is_an_outcome(void **state)
{
        struct order wrong = order;
        struct world *w = *state;

        assert_int_equal(unlink(w->path), 0);
        assert_int_equal(fetcher_ask(w->fetcher, &order, -1), REASON_FETCH_UNAVAILABLE);
        wrong.n_ids = 0;
        assert_int_equal(fetcher_ask(w->fetcher, &wrong, -1), -EINVAL);
        assert_false(w->ended);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_fetcher_passes_on_what_is_brought),
                TEST(test_fetcher_trusts_no_answer),
                TEST(test_fetcher_without_a_process_is_an_outcome),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
