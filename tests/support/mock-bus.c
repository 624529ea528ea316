/* SPDX-License-Identifier: Apache-2.0 */

#include "support/mock-bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TURNS     2000
#define TURN_USEC 10000

int fixture_group_start(void **state)
{
        struct private_bus *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        private_bus_start(p, "");
        *state = p;
        return 0;
}

int fixture_group_stop(void **state)
{
        private_bus_stop(*state);
        free(*state);
        return 0;
}

/* The group's state is the bus, a test's is its fixture; the fixture finds its way back. */
int fixture_setup(void **state)
{
        const struct private_bus *p = *state;
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        assert_return_code(sd_event_new(&f->event), 0);
        mock_start(&f->mock, p, f->event);
        mock_up(&f->mock);
        f->bus = private_bus_connect(p, f->event);
        assert_return_code(bluez_new(f->bus, &f->bluez), 0);
        fixture_settle(f);
        *state = f;
        return 0;
}

int fixture_teardown(void **state)
{
        struct fixture *f = *state;

        fixture_settle(f);
        (void)bluez_free(f->bluez);
        (void)sd_bus_flush_close_unref(f->bus);
        mock_stop(&f->mock);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

static void fixture_turn(struct fixture *f)
{
        assert_true(sd_event_run(f->event, TURN_USEC) >= 0);
}

void fixture_until_told(struct fixture *f, enum reason why)
{
        size_t before = f->n_told;

        for (unsigned turn = 0; turn < TURNS && f->n_told == before; turn++)
                fixture_turn(f);
        assert_int_equal(f->n_told, before + 1);
        assert_string_equal(reason_code(f->why), reason_code(why));
}

void fixture_until(struct fixture *f, const bool *flag)
{
        for (unsigned turn = 0; turn < TURNS && !*flag; turn++)
                fixture_turn(f);
        assert_true(*flag);
}

void fixture_until_called(struct fixture *f, const unsigned *count, unsigned wanted)
{
        for (unsigned turn = 0; turn < TURNS && *count < wanted; turn++)
                fixture_turn(f);
        assert_true(*count >= wanted);
}

static int on_pong(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        bool *pong = userdata;

        (void)m;
        (void)ret_error;
        *pong = true;
        return 0;
}

/* When the daemon has answered, everything said to it before has been dealt with by it. */
static void fixture_ping(struct fixture *f, sd_bus *bus)
{
        bool pong = false;

        assert_return_code(
                sd_bus_call_method_async(bus, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus.Peer", "Ping", on_pong, &pong, NULL),
                0);
        fixture_until(f, &pong);
}

void fixture_settle(struct fixture *f)
{
        for (unsigned round = 0; round < 4; round++) {
                if (f->bus)
                        fixture_ping(f, f->bus);
                if (f->mock.bus)
                        fixture_ping(f, f->mock.bus);
                while (sd_event_run(f->event, 0) > 0)
                        ;
        }
}

void fixture_restart(struct fixture *f)
{
        struct mock_bluez there = f->mock;

        mock_down(&f->mock);
        f->mock.has_device = there.has_device;
        f->mock.has_services = there.has_services;
        f->mock.connected = there.connected;
        f->mock.resolved = there.resolved;
        mock_up(&f->mock);
        fixture_settle(f);
}
