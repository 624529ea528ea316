/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/half.h"

#include <string.h>

#include "enrollment/record.h"
#include "program/channel.h"
#include "util/defer.h"

/* What an application without a hub half behaves as: [[deliver]]. */
static const uint8_t only_deliver[] = {0x81, 0x81, PROGRAM_DELIVER};

static int half_on_supply(struct half *h, struct cbor_span report)
{
        unsigned number;

        (void)report;
        while (program_next_number(&h->step, &number))
                h->supply[number] = true;
        return 0;
}

static int half_on_expect(struct half *h, struct cbor_span report)
{
        struct value value;
        unsigned number;

        while (program_next_number(&h->step, &number))
                if (!value_find(report, number, &value)) {
                        h->missing = number;
                        return HALF_E_MISSING;
                }
        return 0;
}

static int half_on_channel(struct half *h, struct cbor_span report)
{
        struct store_channel *to = &h->channels[h->n_channels];
        struct program_channel channel;
        uint32_t needs;

        (void)report;
        if (!program_get_channel(&h->step, &channel))
                return HALF_E_ORDER;
        needs = channel.command ? CAPABILITY_CHANNEL_COMMAND : CAPABILITY_CHANNEL_PUBLISH;
        if (!(h->capabilities & needs))
                return HALF_E_NOT_GRANTED;

        to->number = channel.number;
        record_text(to->leaf, sizeof(to->leaf), channel.leaf);
        record_text(to->class, sizeof(to->class), channel.device_class);
        record_text(to->unit, sizeof(to->unit), channel.unit);
        to->direction = channel.command ? STORE_COMMAND : STORE_PUBLISH;
        to->every_s = channel.period_sec;
        h->n_channels++;
        return 0;
}

/* The code has said these, and the session proves two; they need not be reported to be known. */
static bool item_is_known(unsigned number)
{
        return number == PROGRAM_ITEM_PUBLIC_KEY || number == PROGRAM_ITEM_MODEL ||
               number == PROGRAM_ITEM_IDENTITY;
}

static int half_on_forward(struct half *h, struct cbor_span report)
{
        struct value value;
        unsigned number;

        if (!(h->capabilities & CAPABILITY_KEY_FORWARD))
                return HALF_E_NOT_GRANTED;
        while (program_next_number(&h->step, &number)) {
                if (!item_is_known(number) && !value_find(report, number, &value)) {
                        h->missing = number;
                        return HALF_E_MISSING;
                }
                h->forward[number] = true;
        }
        return 0;
}

/* Every verb of a hub half. */
static const struct handler {
        enum program_verb verb;
        /* NULL: the half waits here for the device */
        int (*run)(struct half *h, struct cbor_span report);
} handlers[] = {
        {PROGRAM_SUPPLY, half_on_supply},   {PROGRAM_DELIVER, NULL},
        {PROGRAM_EXPECT, half_on_expect},   {PROGRAM_CHANNEL, half_on_channel},
        {PROGRAM_FORWARD, half_on_forward}, {PROGRAM_SYNC, NULL},
};

static const struct handler *handler_find(enum program_verb verb)
{
        for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
                if (handlers[i].verb == verb)
                        return &handlers[i];
        return NULL;
}

/* Takes steps until one that waits, which is then in h->step, or the end: *ret_waits says which. */
static int half_advance(struct half *h, struct cbor_span report, bool *ret_waits)
{
        const struct handler *handler;
        int r;

        while (program_run_next(&h->run, &h->step)) {
                handler = handler_find(h->step.verb);
                if (!handler)
                        return HALF_E_VERB;
                if (!handler->run) {
                        *ret_waits = true;
                        return 0;
                }
                r = handler->run(h, report);
                if (r)
                        return r;
        }
        *ret_waits = false;
        return 0;
}

int half_begin(struct half *h, const struct application *application, uint32_t capabilities)
{
        struct cbor_span hub = application->hub;
        const struct cbor_span nothing = {0};
        bool waits;
        int r;

        memset(h, 0, sizeof(*h));
        h->capabilities = capabilities;
        if (hub.n_bytes <= 1) /* an empty array */
                hub = (struct cbor_span){only_deliver, sizeof(only_deliver)};
        program_run_init(&h->run, hub);

        r = half_advance(h, nothing, &waits);
        if (r)
                return r;
        return waits && h->step.verb == PROGRAM_DELIVER ? 0 : HALF_E_ORDER;
}

int half_sync(struct half *h, unsigned point)
{
        if (h->reported || !program_run_next(&h->run, &h->step))
                return HALF_E_ORDER;
        return h->step.verb == PROGRAM_SYNC && h->step.number == point ? 0 : HALF_E_ORDER;
}

int half_report(struct half *h, struct cbor_span report)
{
        bool waits;
        int r;

        if (h->reported)
                return HALF_E_ORDER;
        h->reported = true;
        r = half_advance(h, report, &waits);
        if (r)
                return r;
        return waits ? HALF_E_ORDER : 0;
}
