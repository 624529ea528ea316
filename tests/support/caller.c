/* SPDX-License-Identifier: Apache-2.0 */

#include "support/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/haste.h"

const struct central_patience caller_short_patience = {
        .connect_ms = 4000, .services_ms = 4000, .grace_ms = 2000, .acquire_ms = 4000};

const struct central_patience caller_long_patience = {
        .connect_ms = 60000, .services_ms = 60000, .grace_ms = 60000, .acquire_ms = 60000};

static void caller_on_link(void *userdata, struct link *link)
{
        struct caller *c = userdata;

        c->dial = NULL;
        c->record = (struct link_record){0};
        if (c->aside)
                c->record.link = link;
        else
                link_record_hold(&c->record, link);
        c->f->n_told++;
        c->f->why = REASON_NONE;
}

static void caller_on_failed(void *userdata, enum reason why)
{
        struct caller *c = userdata;

        c->dial = NULL;
        c->f->n_told++;
        c->f->why = why;
}

static void caller_on_state(void *userdata, enum reason why)
{
        (void)userdata;
        (void)why;
}

void caller_start(struct caller *c, struct fixture *f, enum central_ways ways,
                  const struct central_patience *patience)
{
        static const struct adapters_handler user = {.on_state = caller_on_state};

        *c = (struct caller){.f = f};
        haste = patience == &caller_short_patience ? 8 : 1;
        mock_device_added(&f->mock);
        assert_return_code(
                adapters_new(f->bluez, "all", ADAPTER_CENTRAL, false, &user, c, &c->adapters), 0);
        assert_return_code(central_new(c->adapters, ways, patience, &c->central), 0);
        fixture_settle(f);
}

int caller_dial_to(struct caller *c, const char *device)
{
        static const struct dial_handler owner = {caller_on_link, caller_on_failed};

        return central_dial(c->central, device, &owner, c, &c->dial);
}

int caller_dial(struct caller *c)
{
        return caller_dial_to(c, MOCK_DEVICE);
}

void caller_expect(struct caller *c, enum reason why)
{
        assert_return_code(caller_dial(c), 0);
        fixture_until_told(c->f, why);
        fixture_settle(c->f);
}

void caller_hang_up(struct caller *c)
{
        c->record.link = link_free(c->record.link);
        fixture_settle(c->f);
}

void caller_begin_anew(struct caller *c)
{
        struct mock_bluez *m = &c->f->mock;

        caller_hang_up(c);
        if (m->bus)
                mock_device_removed(m);
        else
                mock_up(m);
        fixture_settle(c->f);
        m->connect = m->disconnect = m->remove = (struct mock_verb){0};
        m->acquire_notify = m->acquire_write = (struct mock_verb){0};
        mock_adapter_added(m);
        mock_adapter_powered(m, true);
        mock_device_added(m);
        fixture_settle(c->f);
}

void caller_stop(struct caller *c)
{
        c->listening = listening_free(c->listening);
        caller_hang_up(c);
        c->central = central_free(c->central);
        c->adapters = adapters_free(c->adapters);
        haste = 1;
}

/* --- somebody who listens --- */

static void listener_on_heard(void *userdata, const struct observer_heard *heard)
{
        struct caller *c = userdata;

        (void)heard;
        c->n_heard++;
}

static void listener_on_deaf(void *userdata, enum reason why)
{
        (void)userdata;
        (void)why;
}

void caller_listen(struct caller *c)
{
        static const struct observer_handler owner = {listener_on_heard, listener_on_deaf};

        assert_return_code(listening_new(c->adapters, &owner, c, &c->listening), 0);
        fixture_until(c->f, &c->f->mock.discovering);
        fixture_settle(c->f);
}
