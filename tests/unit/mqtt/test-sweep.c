/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/sweep.h"
#include "support/peer.h"
#include "support/private-broker.h"

#define FILTER "enrolld/home/#"

struct desk {
        sd_event *event;
        struct private_broker broker;
        struct peer peer;
        struct sweep *sweep;
        char kept[256]; /* topics and payloads, as they came */
        char removed[256];
        const char *remove; /* what on_seen() removes, or NULL */
        int refuse;         /* what on_seen() returns then */
        int code;           /* of the last removal */
        unsigned n_seen, n_done;
        int result;
};

static void add(char *list, size_t size, const char *topic)
{
        size_t n = strlen(list);

        (void)snprintf(list + n, size - n, "%s ", topic);
}

static void on_kept(void *userdata, const char *topic, const void *payload, size_t n_payload)
{
        struct desk *desk = userdata;
        char text[128];

        (void)snprintf(text, sizeof(text), "%s=%.*s", topic, (int)n_payload, (const char *)payload);
        add(desk->kept, sizeof(desk->kept), text);
}

static int on_seen(void *userdata)
{
        struct desk *desk = userdata;

        desk->n_seen++;
        if (desk->remove)
                assert_int_equal(sweep_remove(desk->sweep, desk->remove), 0);
        return desk->refuse;
}

static void on_removed(void *userdata, const char *topic, int code)
{
        struct desk *desk = userdata;

        desk->code = code;
        add(desk->removed, sizeof(desk->removed), topic);
}

static void on_done(void *userdata, int result)
{
        struct desk *desk = userdata;

        desk->n_done++;
        desk->result = result;
        desk->sweep = sweep_free(desk->sweep);
}

static const struct sweep_handler handler = {on_kept, on_seen, on_removed, on_done};

static int desk_set_up(void **state)
{
        struct desk *desk = calloc(1, sizeof(*desk));

        assert_non_null(desk);
        assert_int_equal(sd_event_new(&desk->event), 0);
        assert_true(private_broker_init(&desk->broker));
        *state = desk;
        return 0;
}

static int desk_tear_down(void **state)
{
        struct desk *desk = *state;

        desk->sweep = sweep_free(desk->sweep);
        private_broker_done(&desk->broker);
        desk->event = sd_event_unref(desk->event);
        free(desk);
        return 0;
}

/* What others have left on the broker. */
static void leave(struct desk *desk, const char *topic, const char *payload)
{
        size_t n = desk->peer.n_heard;

        peer_publish(&desk->peer, topic, payload, true, NULL, NULL);
        peer_wait(desk->event, &desk->peer, NULL, desk->peer.n_heard > n);
}

static void sweep(struct desk *desk, const char *user)
{
        static const char *const filters[] = {FILTER};
        const struct mqtt_options options = {
                .hub = "home", .broker = desk->broker.unix_url, .user = user};

        desk->kept[0] = desk->removed[0] = '\0';
        desk->n_done = 0;
        assert_int_equal(sweep_new(desk->event, &options, filters, 1, &handler, desk, &desk->sweep),
                         0);
        while (desk->n_done == 0)
                assert_true(sd_event_run(desk->event, UINT64_MAX) >= 0);
        assert_int_equal(desk->n_done, 1);
}

static void test_sweep_sees_what_is_kept_and_removes_what_it_is_told_to(void **state)
{
        struct desk *desk = *state;

        private_broker_start(&desk->broker);
        peer_connect(&desk->peer, desk->broker.socket, NULL, "#");
        leave(desk, "enrolld/home/lamp", "1");
        leave(desk, "enrolld/home/bridge/request/scan", "60");
        leave(desk, "enrolld/other/lamp", "2");
        desk->remove = "enrolld/home/bridge/request/scan";
        sweep(desk, NULL);
        assert_int_equal(desk->result, 0);
        assert_non_null(strstr(desk->kept, "enrolld/home/lamp=1 "));
        assert_non_null(strstr(desk->kept, "enrolld/home/bridge/request/scan=60 "));
        assert_null(strstr(desk->kept, "other"));
        assert_string_equal(desk->removed, "enrolld/home/bridge/request/scan ");
        desk->remove = NULL;
        sweep(desk, NULL);
        assert_string_equal(desk->kept, "enrolld/home/lamp=1 ");
        peer_disconnect(&desk->peer);
}

static void test_sweep_of_nothing_is_over_at_once(void **state)
{
        struct desk *desk = *state;

        private_broker_start(&desk->broker);
        sweep(desk, NULL);
        assert_int_equal(desk->result, 0);
        assert_int_equal(desk->n_seen, 1);
        assert_string_equal(desk->kept, "");
        desk->refuse = -EBUSY;
        sweep(desk, NULL);
        assert_int_equal(desk->result, -EBUSY);
}

static void test_sweep_leaves_no_will_behind(void **state)
{
        struct desk *desk = *state;

        private_broker_start(&desk->broker);
        peer_connect(&desk->peer, desk->broker.socket, NULL, "#");
        sweep(desk, NULL);
        leave(desk, "end", "");
        assert_int_equal(desk->peer.n_heard, 1);
        peer_disconnect(&desk->peer);
}

static void test_sweep_without_a_broker_or_a_login_says_so(void **state)
{
        struct desk *desk = *state;

        sweep(desk, NULL);
        assert_int_equal(desk->result, -ENOTCONN);
        private_broker_configure(&desk->broker, "allow_anonymous false\n");
        private_broker_start(&desk->broker);
        sweep(desk, NULL);
        assert_int_equal(desk->result, -EACCES);
        assert_int_equal(desk->n_seen, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_sweep_sees_what_is_kept_and_removes_what_it_is_told_to),
                TEST(test_sweep_of_nothing_is_over_at_once),
                TEST(test_sweep_leaves_no_will_behind),
                TEST(test_sweep_without_a_broker_or_a_login_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
