/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/half.h"

#include <stdio.h>
#include <string.h>

#include "enrollment/record.h"
#include "program/group.h"
#include "program/presence.h"
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

/* The store has the numbers of the language in enums of its own. */
_Static_assert((int)STORE_BOTH == (int)PROGRAM_BOTH_WAYS &&
                       (int)STORE_PUBLISH == (int)PROGRAM_PUBLISHED,
               "directions");
_Static_assert((int)STORE_NUMBER == (int)PROGRAM_CHANNEL_NUMBER &&
                       (int)STORE_SWITCH == (int)PROGRAM_CHANNEL_SWITCH &&
                       (int)STORE_ENUMERATION == (int)PROGRAM_CHANNEL_ENUMERATION &&
                       (int)STORE_TEXT == (int)PROGRAM_CHANNEL_TEXT &&
                       (int)STORE_BUTTON == (int)PROGRAM_CHANNEL_BUTTON &&
                       (int)STORE_EVENT == (int)PROGRAM_CHANNEL_EVENT,
               "types");
_Static_assert((int)STORE_CONFIG == (int)PROGRAM_CATEGORY_CONFIG &&
                       (int)STORE_DIAGNOSTIC == (int)PROGRAM_CATEGORY_DIAGNOSTIC,
               "categories");

static int half_on_channel(struct half *h, struct cbor_span report)
{
        struct store_channel *to = &h->channels[h->n_channels];
        struct program_channel channel;

        (void)report;
        if (!program_get_channel(&h->step, &channel))
                return HALF_E_ORDER;
        if (capability_of_channel(channel.direction) & ~h->capabilities)
                return HALF_E_NOT_GRANTED;

        *to = (struct store_channel){
                .number = channel.number,
                .direction = (enum store_direction)channel.direction,
                .every_s = channel.period_sec,
                .type = (enum store_type)channel.type,
                .category = (enum store_category)channel.category,
                .has_range = channel.has_range,
                .low = channel.range.low,
                .high = channel.range.high,
                .step = channel.range.step,
                .exponent = channel.range.exponent,
                .length = channel.length,
        };
        record_text(to->leaf, sizeof(to->leaf), channel.leaf);
        record_text(to->class, sizeof(to->class), channel.device_class);
        record_text(to->unit, sizeof(to->unit), channel.unit);
        record_words(to->words, sizeof(to->words), &channel);
        h->n_channels++;
        return 0;
}

static int half_on_presence(struct half *h, struct cbor_span report)
{
        struct program_presence presence;

        (void)report;
        if (!program_get_presence(&h->step, &presence))
                return HALF_E_ORDER;
        h->presence = presence.sleep_sec > 0 ? STORE_SLEEPS : STORE_MAINS;
        h->sleep_s = presence.sleep_sec;
        return 0;
}

/* No channel is in two groups, so there are no more members than channels. */
static int half_on_group(struct half *h, struct cbor_span report)
{
        const struct program_role *role;
        struct program_group group;

        (void)report;
        if (!program_get_group(&h->step, &group))
                return HALF_E_ORDER;
        h->n_groups++;
        for (size_t i = 0; (role = program_role(group.kind, i)); i++) {
                struct store_member *to = &h->members[h->n_members];

                if (group.channels[i] == 0)
                        continue;
                if (h->n_members == HALF_CHANNELS_MAX)
                        return HALF_E_ORDER;
                h->n_members++;
                to->group = h->n_groups;
                to->channel = group.channels[i];
                (void)snprintf(to->kind, sizeof(to->kind), "%s", program_group_name(group.kind));
                (void)snprintf(to->role, sizeof(to->role), "%s", role->name);
        }
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
        {PROGRAM_SUPPLY, half_on_supply},     {PROGRAM_DELIVER, NULL},
        {PROGRAM_EXPECT, half_on_expect},     {PROGRAM_CHANNEL, half_on_channel},
        {PROGRAM_FORWARD, half_on_forward},   {PROGRAM_SYNC, NULL},
        {PROGRAM_PRESENCE, half_on_presence}, {PROGRAM_GROUP, half_on_group},
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
