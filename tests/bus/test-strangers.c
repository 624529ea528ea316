/* SPDX-License-Identifier: Apache-2.0 */

/* org.enrolld1 against clients that are not ours, and a bus that comes and goes. */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <systemd/sd-bus.h>

#include "config.h"
#include "support/served-hub.h"

#define PATIENCE_SEC 120 /* for the whole test */

static void test_strangers_bus_that_restarts_is_served_again(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        private_bus_kill(&hub.private_bus);
        while (bus_is_up(hub.bus))
                assert_true(sd_event_run(hub.event, UINT64_MAX) >= 0);
        hub_tell(&hub, &hub_good[0]);
        private_bus_again(&hub.private_bus);
        hub_wait_until_up(&hub);
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        hub_stop(&hub);
}

static void test_strangers_name_that_is_taken_is_waited_for(void **state)
{
        struct bus *second = NULL;
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub_serve(&hub, &second);
        RUN(&hub, "status");
        assert_false(bus_is_up(second));
        (void)bus_free(hub.bus);
        hub.bus = second;
        hub_wait_until_up(&hub);
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        hub_stop(&hub);
}

/* What a stranger's call was answered. */
struct answer {
        bool there;
        char error[128];
        char text[64]; /* in a variant */
};

static int answer_on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(message);
        struct answer *answer = userdata;
        const char *text;

        (void)ret_error;
        answer->there = true;
        (void)snprintf(answer->error, sizeof(answer->error), "%s", error ? error->name : "");
        if (!error && sd_bus_message_read(message, "v", "s", &text) > 0)
                (void)snprintf(answer->text, sizeof(answer->text), "%s", text);
        return 0;
}

static sd_bus *stranger(struct hub *hub)
{
        sd_bus *bus = NULL;

        assert_int_equal(sd_bus_new(&bus), 0);
        assert_true(sd_bus_set_address(bus, hub->private_bus.address) >= 0);
        assert_true(sd_bus_set_bus_client(bus, 1) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        assert_true(sd_bus_attach_event(bus, hub->event, 0) >= 0);
        return bus;
}

#define INVALID "org.enrolld1.Error.request_invalid"

/* Calls, waits for the answer and compares the error's name. */
#define ASSERT_REFUSED(hub, bus, expected, method, ...)                                            \
        do {                                                                                       \
                struct answer answer_ = {.there = false};                                          \
                assert_true(sd_bus_call_method_async((bus), NULL, BUS_NAME, BUS_OBJECT,            \
                                                     BUS_INTERFACE, (method), answer_on_reply,     \
                                                     &answer_, __VA_ARGS__) >= 0);                 \
                while (!answer_.there)                                                             \
                        assert_true(sd_event_run((hub)->event, UINT64_MAX) >= 0);                  \
                assert_string_equal(answer_.error, (expected));                                    \
                assert_string_equal((hub)->asked, "");                                             \
        } while (false)

static void test_strangers_invalid_options_start_nothing(void **state)
{
        struct hub hub;
        sd_bus *bus;
        int ends[2];

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "seconds", "s", "x");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "seconds", "x", INT64_MAX);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "unheard", "b", 1);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "values", "as", 1, "x");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "values", "a{ii}", 1, 1, 2);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "name", "v", "(ss)", "a", "b");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 2, "name", "s", "a", "name", "s", "b");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "values", "a{ss}", 2, "room", "a",
                       "room", "b");
        ASSERT_REFUSED(&hub, bus, INVALID, "Enroll", "aya{sv}", 0, 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "Enroll", "aya{sv}", 1, 'x', 1, "source", "s", "mqtt");
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "EnrollPicture", "ha{sv}", ends[0], 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "ReplacePicture", "sha{sv}", "hall", ends[0], 0);
        (void)close(ends[0]);
        (void)close(ends[1]);
        ASSERT_REFUSED(&hub, bus, INVALID, "Replace", "saya{sv}", "hall", 0, 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "Replace", "saya{sv}", "hall", 1, 'x', 1, "name", "s",
                       "attic");
        ASSERT_REFUSED(&hub, bus, INVALID, "ReplaceScan", "sa{sv}", "hall", 1, "source", "s",
                       "text");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "other_model", "b", 1);
        ASSERT_REFUSED(&hub, bus, INVALID, "OpenWindow", "a{sv}", 1, "seconds", "u", 601);
        ASSERT_REFUSED(&hub, bus, INVALID, "OpenWindow", "a{sv}", 1, "dry_run", "b", 1);
        assert_string_equal(hub.asked, "");
        ASSERT_REFUSED(&hub, bus, INVALID, "Cancel", "s", "");
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void test_strangers_options_may_come_as_documented_types(void **state)
{
        struct answer answer = {.there = false};
        struct hub hub;
        sd_bus *bus;

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        assert_true(sd_bus_call_method_async(bus, NULL, BUS_NAME, BUS_OBJECT, BUS_INTERFACE, "Scan",
                                             answer_on_reply, &answer, "a{sv}", 4, "seconds", "u",
                                             30, "dry_run", "b", 1, "name", "s", "hall", "values",
                                             "a{ss}", 1, "location", "Hall") >= 0);
        while (!answer.there)
                assert_true(sd_event_run(hub.event, UINT64_MAX) >= 0);
        assert_string_equal(answer.error, "");
        assert_int_equal(hub.seconds, 30);
        assert_true(hub.dry_run);
        assert_string_equal(hub.name, "hall");
        assert_string_equal(hub.value, "location=Hall");
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void assert_property(struct hub *hub, sd_bus *bus, const char *name, const char *expected)
{
        struct answer answer = {.there = false};

        assert_true(sd_bus_call_method_async(
                            bus, NULL, BUS_NAME, BUS_OBJECT, "org.freedesktop.DBus.Properties",
                            "Get", answer_on_reply, &answer, "ss", BUS_INTERFACE, name) >= 0);
        while (!answer.there)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        assert_string_equal(answer.text, expected);
}

static void call(struct hub *hub, sd_bus *bus, const char *method, unsigned seconds)
{
        struct answer answer = {.there = false};

        assert_true(
                (seconds ? sd_bus_call_method_async(bus, NULL, BUS_NAME, BUS_OBJECT, BUS_INTERFACE,
                                                    method, answer_on_reply, &answer, "a{sv}", 1,
                                                    "seconds", "u", seconds)
                         : sd_bus_call_method_async(bus, NULL, BUS_NAME, BUS_OBJECT, BUS_INTERFACE,
                                                    method, answer_on_reply, &answer, "")) >= 0);
        while (!answer.there)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        assert_string_equal(answer.error, "");
}

static int on_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        (void)message;
        (void)ret_error;
        (*(unsigned *)userdata)++;
        return 0;
}

static void test_strangers_window_is_opened_closed_and_its_end_is_signalled(void **state)
{
        unsigned n_changed = 0;
        struct face face;
        struct hub hub;
        sd_bus *bus;

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        call(&hub, bus, "OpenWindow", 60);
        assert_string_equal(hub.asked, "open window");
        assert_int_equal(hub.seconds, 60);
        assert_int_equal(hub.source, EVENT_SOURCE_DBUS);
        assert_true(sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_OBJECT,
                                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        on_changed, &n_changed) >= 0);
        face = bus_face(hub.bus);
        face.handler->on_window_changed(face.userdata, 1769860845);
        while (n_changed == 0)
                assert_true(sd_event_run(hub.event, UINT64_MAX) >= 0);
        call(&hub, bus, "CloseWindow", 0);
        assert_string_equal(hub.asked, "close window");
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void test_strangers_properties_name_hub_and_version(void **state)
{
        struct hub hub;
        sd_bus *bus;

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        assert_property(&hub, bus, "Hub", "home");
        assert_property(&hub, bus, "Version", PACKAGE_VERSION);
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_strangers_bus_that_restarts_is_served_again),
                cmocka_unit_test(test_strangers_name_that_is_taken_is_waited_for),
                cmocka_unit_test(test_strangers_invalid_options_start_nothing),
                cmocka_unit_test(test_strangers_options_may_come_as_documented_types),
                cmocka_unit_test(test_strangers_window_is_opened_closed_and_its_end_is_signalled),
                cmocka_unit_test(test_strangers_properties_name_hub_and_version),
        };

        (void)alarm(PATIENCE_SEC);
        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
