/* SPDX-License-Identifier: Apache-2.0 */

/* The D-Bus face and callers that want much of it. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "bus/callers.h"
#include "store/enrollment.h"
#include "support/private-bus.h"
#include "support/store-sample.h"

#define DEVICES      400        /* CALLS lists of them are twice what a socket of root takes */
#define DEVICE_BYTES 900        /* of a list, at least */
#define SOCKET_BYTES (17 << 20) /* twice the 8 MiB that sd-bus asks for, and a little */
#define CALLS        100        /* dbus-daemon lets nobody have more than 128 under way */

struct fixture {
        struct private_bus private_bus;
        sd_event *event;
        struct store *store;
        char path[256];
        struct state *state;
        struct conditions conditions;
        struct bus *bus;
        sd_bus *caller, *other;

        /* what the callers were answered */
        unsigned n_lists, n_refused, n_statuses;
        size_t n_devices, n_available; /* in the last list; that say whether they can be reached */
};

static void fixture_status(void *userdata, struct api_status *ret_status)
{
        (void)userdata;
        *ret_status = (struct api_status){.version = "0.1.0", .hub = "home", .broker = "off"};
}

static const struct api_handler handler = {.on_status = fixture_status};

static void add_device(struct fixture *f, unsigned number)
{
        struct sample s;

        sample_init(&s, number);
        assert_int_equal(store_enroll(f->store, &s.enrollment), 0);
}

static int setup(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        struct api_backend backend;

        assert_non_null(f);
        private_bus_start(&f->private_bus, "");
        assert_int_equal(sd_event_new(&f->event), 0);
        sample_path(f->path, sizeof(f->path), "enrolld.db");
        assert_int_equal(store_open(f->path, &f->store), 0);
        for (unsigned i = 0; i < DEVICES; i++)
                add_device(f, i);
        assert_int_equal(state_new(&f->state), 0);
        backend = (struct api_backend){&handler, f, f->store, f->state, &f->conditions, NULL, NULL};
        assert_int_equal(bus_new(f->event, f->private_bus.address, "home", &backend, &f->bus), 0);
        while (!bus_is_up(f->bus))
                assert_return_code(sd_event_run(f->event, UINT64_MAX), 0);
        f->caller = private_bus_connect(&f->private_bus, NULL);
        f->other = private_bus_connect(&f->private_bus, NULL);
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        (void)sd_bus_flush_close_unref(f->caller);
        (void)sd_bus_flush_close_unref(f->other);
        (void)bus_free(f->bus);
        (void)state_free(f->state);
        (void)store_free(f->store);
        sample_clean(f->path);
        (void)sd_event_unref(f->event);
        private_bus_stop(&f->private_bus);
        free(f);
        return 0;
}

/* Takes a dictionary. */
static bool has_key(sd_bus_message *message, const char *wanted)
{
        const char *key;
        bool found = false;

        assert_true(sd_bus_message_enter_container(message, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(message, "s", &key) > 0);
                found = found || strcmp(key, wanted) == 0;
                assert_true(sd_bus_message_skip(message, "v") > 0);
                assert_true(sd_bus_message_exit_container(message) > 0);
        }
        assert_true(sd_bus_message_exit_container(message) > 0);
        return found;
}

static int on_list(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(message);
        struct fixture *f = userdata;

        (void)ret_error;
        if (error) {
                assert_string_equal(error->name, "org.enrolld1.Error.busy");
                f->n_refused++;
                return 0;
        }
        f->n_lists++;
        f->n_devices = f->n_available = 0;
        assert_true(sd_bus_message_enter_container(message, 'a', "a{sv}") > 0);
        while (sd_bus_message_at_end(message, false) == 0) {
                f->n_available += has_key(message, "availability");
                f->n_devices++;
        }
        return 0;
}

static int on_status(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct fixture *f = userdata;

        (void)ret_error;
        assert_null(sd_bus_message_get_error(message));
        f->n_statuses++;
        return 0;
}

static void call(struct fixture *f, sd_bus *caller, const char *method,
                 sd_bus_message_handler_t on_reply)
{
        assert_return_code(sd_bus_call_method_async(caller, NULL, BUS_NAME, BUS_OBJECT,
                                                    BUS_INTERFACE, method, on_reply, f, NULL),
                           0);
}

/* Returns when dbus-daemon has passed on what @caller has sent before. */
static void sync_with_bus(sd_bus *caller)
{
        assert_return_code(sd_bus_call_method(caller, "org.freedesktop.DBus",
                                              "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                              "GetId", NULL, NULL, NULL),
                           0);
}

/* Serves until @count callers' answers are in. */
static void serve_until(struct fixture *f, unsigned count)
{
        assert_return_code(sd_bus_attach_event(f->caller, f->event, 0), 0);
        assert_return_code(sd_bus_attach_event(f->other, f->event, 0), 0);
        while (f->n_lists + f->n_refused + f->n_statuses < count)
                assert_return_code(sd_event_run(f->event, UINT64_MAX), 0);
        assert_return_code(sd_bus_detach_event(f->caller), 0);
        assert_return_code(sd_bus_detach_event(f->other), 0);
}

static void test_bus_list_that_is_kept_is_never_an_old_one(void **state)
{
        struct fixture *f = *state;
        struct sample s;

        call(f, f->caller, "ListDevices", on_list);
        serve_until(f, 1);
        assert_int_equal(f->n_devices, DEVICES);
        call(f, f->caller, "ListDevices", on_list);
        serve_until(f, 2);
        assert_int_equal(f->n_devices, DEVICES);
        add_device(f, DEVICES);
        call(f, f->caller, "ListDevices", on_list);
        serve_until(f, 3);
        assert_int_equal(f->n_devices, DEVICES + 1);
        assert_int_equal(f->n_available, 0);
        sample_init(&s, 0);
        assert_int_equal(state_add(f->state, s.device.device_id, s.device.name), 0);
        call(f, f->caller, "ListDevices", on_list);
        serve_until(f, 4);
        assert_int_equal(f->n_available, 1);
}

static void test_bus_answers_that_nobody_takes_are_bounded_for_each_caller(void **state)
{
        struct fixture *f = *state;

        for (unsigned i = 0; i < CALLS; i++)
                call(f, f->caller, "ListDevices", on_list);
        sync_with_bus(f->caller);
        call(f, f->other, "GetStatus", on_status);
        sync_with_bus(f->other);

        /* The calls have arrived, and the bus takes no answer. */
        assert_int_equal(kill(f->private_bus.pid, SIGSTOP), 0);
        while (sd_event_run(f->event, 0) > 0)
                ;
        assert_int_equal(kill(f->private_bus.pid, SIGCONT), 0);

        serve_until(f, CALLS + 1);
        assert_int_equal(f->n_statuses, 1);
        assert_int_equal(f->n_lists + f->n_refused, CALLS);
        /* What the socket took, and as many as may wait. */
        assert_in_range(f->n_lists, CALLERS_ANSWERS_MAX + 1,
                        CALLERS_ANSWERS_MAX + 1 + SOCKET_BYTES / (DEVICES * DEVICE_BYTES));
        assert_int_equal(f->n_devices, DEVICES);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_bus_list_that_is_kept_is_never_an_old_one,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(
                        test_bus_answers_that_nobody_takes_are_bounded_for_each_caller, setup,
                        teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
