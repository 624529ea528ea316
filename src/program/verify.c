/* SPDX-License-Identifier: Apache-2.0 */

#include "program/verify.h"

#include <string.h>

#include "program/group.h"
#include "program/outline.h"
#include "program/presence.h"
#include "wire/utf8.h"

/* What the steps of a hub half before the current one have said of the device. */
struct story {
        struct program_channel channels[PROGRAM_STEPS_MAX];
        size_t n_channels;
        bool grouped[UINT8_MAX + 1]; /* by channel number */
        bool has_presence;
};

static bool is_same(struct cbor_span a, struct cbor_span b)
{
        return a.n_bytes == b.n_bytes && memcmp(a.bytes, b.bytes, a.n_bytes) == 0;
}

static enum program_error check_channel(struct story *story, const struct program_step *step)
{
        enum program_error error;
        struct program_channel c;

        if (!program_get_channel(step, &c))
                return PROGRAM_E_ARGUMENTS;
        error = program_check_channel(&c);
        if (error)
                return error;
        for (size_t i = 0; i < story->n_channels; i++)
                if (story->channels[i].number == c.number ||
                    is_same(story->channels[i].leaf, c.leaf))
                        return PROGRAM_E_DOUBLE;
        story->channels[story->n_channels++] = c;
        return PROGRAM_OK;
}

static enum program_error check_presence(struct story *story, const struct program_step *step)
{
        struct program_presence presence;

        if (!program_get_presence(step, &presence))
                return PROGRAM_E_ARGUMENTS;
        if (story->has_presence)
                return PROGRAM_E_DOUBLE;
        story->has_presence = true;
        return PROGRAM_OK;
}

static enum program_error check_group(struct story *story, const struct program_step *step)
{
        struct program_group group;

        if (!program_get_group(step, &group))
                return PROGRAM_E_ARGUMENTS;
        for (size_t i = 0; i < PROGRAM_ROLES_MAX; i++) {
                if (group.channels[i] > 0 && story->grouped[group.channels[i]])
                        return PROGRAM_E_DOUBLE;
                story->grouped[group.channels[i]] = true;
        }
        return program_check_group(&group, story->channels, story->n_channels);
}

/* The part of a step that program_verify_steps() leaves to us. */
static enum program_error check_step(struct story *story, const struct program_step *step)
{
        if (step->verb == PROGRAM_CHANNEL)
                return check_channel(story, step);
        if (step->verb == PROGRAM_PRESENCE)
                return check_presence(story, step);
        if (step->verb == PROGRAM_GROUP)
                return check_group(story, step);
        return PROGRAM_OK;
}

/* The report comes after the last point, so nothing that needs it comes before a point. */
enum program_error program_order_next(struct program_order *order, enum program_verb verb)
{
        switch (verb) {
        case PROGRAM_SUPPLY:
                return order->delivered ? PROGRAM_E_ORDER : PROGRAM_OK;
        case PROGRAM_DELIVER:
                if (order->delivered)
                        return PROGRAM_E_DOUBLE;
                order->delivered = true;
                return PROGRAM_OK;
        case PROGRAM_EXPECT:
        case PROGRAM_CHANNEL:
        case PROGRAM_FORWARD:
        case PROGRAM_PRESENCE:
        case PROGRAM_GROUP:
                order->needs_report = true;
                return order->delivered ? PROGRAM_OK : PROGRAM_E_ORDER;
        case PROGRAM_SYNC:
                return order->delivered && !order->needs_report ? PROGRAM_OK : PROGRAM_E_ORDER;
        case PROGRAM_REQUIRE:
        case PROGRAM_SET:
        case PROGRAM_CALL:
        case PROGRAM_REPORT:
        case PROGRAM_FINISH:
                break;
        }
        return PROGRAM_E_SIDE;
}

enum program_error program_verify_hub(struct cbor_span half, struct program_fault *ret_fault)
{
        struct program_order order = {false, false};
        struct story story = {.n_channels = 0};
        struct program_run run;
        struct program_step step;
        enum program_error error = program_verify_steps(half, PROGRAM_HUB, ret_fault);

        program_run_init(&run, half);
        while (!error && program_run_next(&run, &step)) {
                error = program_order_next(&order, step.verb);
                if (!error)
                        error = check_step(&story, &step);
                if (error && ret_fault)
                        *ret_fault = (struct program_fault){error, PROGRAM_HUB, step.index};
        }
        if (!error && run.index > 0 && !order.delivered) {
                error = PROGRAM_E_DELIVER;
                if (ret_fault)
                        *ret_fault = (struct program_fault){error, PROGRAM_HUB, run.index};
        }
        return error;
}

/* The first step of this verb that names a number which is not in @allowed. */
static bool find_other(struct cbor_span half, enum program_verb verb,
                       const bool allowed[PROGRAM_NUMBER_MAX + 1], unsigned *ret_step)
{
        struct program_run run;
        struct program_step step;
        unsigned number;

        program_run_init(&run, half);
        while (program_run_next(&run, &step))
                while (step.verb == verb && program_next_number(&step, &number))
                        if (!allowed[number]) {
                                *ret_step = step.index;
                                return true;
                        }
        return false;
}

static bool next_sync(struct program_run *run, struct program_step *step)
{
        while (program_run_next(run, step))
                if (step->verb == PROGRAM_SYNC)
                        return true;
        return false;
}

static enum program_error check_syncs(struct cbor_span hub, struct cbor_span device,
                                      struct program_fault *ret_fault)
{
        struct program_run at_hub, at_device;
        struct program_step ours, theirs;
        bool hub_waits, device_waits;

        program_run_init(&at_hub, hub);
        program_run_init(&at_device, device);
        do {
                hub_waits = next_sync(&at_hub, &ours);
                device_waits = next_sync(&at_device, &theirs);
                if (hub_waits != device_waits || (hub_waits && ours.number != theirs.number)) {
                        ret_fault->side = device_waits ? PROGRAM_DEVICE : PROGRAM_HUB;
                        ret_fault->step = device_waits ? theirs.index : ours.index;
                        return PROGRAM_E_SYNC;
                }
        } while (hub_waits);
        return PROGRAM_OK;
}

static enum program_error check_supplied(struct cbor_span hub, struct cbor_span device,
                                         struct cbor_span configuration,
                                         struct program_fault *ret_fault)
{
        bool supplied[PROGRAM_NUMBER_MAX + 1] = {false};
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key;

        program_numbers(hub, PROGRAM_SUPPLY, supplied);
        cbor_reader_init(&r, configuration.bytes, configuration.n_bytes);
        for (cbor_get_map(&r, &map); cbor_map_next(&r, &map, &key); (void)cbor_get_item(&r))
                if (key <= PROGRAM_NUMBER_MAX)
                        supplied[key] = true;
        ret_fault->side = PROGRAM_DEVICE;
        return find_other(device, PROGRAM_REQUIRE, supplied, &ret_fault->step)
                       ? PROGRAM_E_NOT_SUPPLIED
                       : PROGRAM_OK;
}

bool program_is_known_to_hub(unsigned item)
{
        return item == PROGRAM_ITEM_PUBLIC_KEY || item == PROGRAM_ITEM_MODEL ||
               item == PROGRAM_ITEM_IDENTITY;
}

bool program_forwards_secret(struct cbor_span hub)
{
        bool forwarded[PROGRAM_NUMBER_MAX + 1] = {false};

        program_numbers(hub, PROGRAM_FORWARD, forwarded);
        return forwarded[PROGRAM_ITEM_SECRET_KEY];
}

static enum program_error check_reported(struct cbor_span hub, struct cbor_span device,
                                         struct program_fault *ret_fault)
{
        bool reported[PROGRAM_NUMBER_MAX + 1] = {false};

        ret_fault->side = PROGRAM_HUB;
        program_numbers(device, PROGRAM_REPORT, reported);
        if (find_other(hub, PROGRAM_EXPECT, reported, &ret_fault->step))
                return PROGRAM_E_NOT_REPORTED;

        for (unsigned i = 0; i <= PROGRAM_NUMBER_MAX; i++)
                reported[i] |= program_is_known_to_hub(i);
        if (find_other(hub, PROGRAM_FORWARD, reported, &ret_fault->step))
                return PROGRAM_E_NOT_REPORTED;
        return PROGRAM_OK;
}

enum program_error program_verify_pair(struct cbor_span hub, struct cbor_span device,
                                       struct cbor_span configuration,
                                       struct program_fault *ret_fault)
{
        struct program_fault fault = {PROGRAM_OK, PROGRAM_HUB, 0};

        fault.error = check_syncs(hub, device, &fault);
        if (!fault.error)
                fault.error = check_supplied(hub, device, configuration, &fault);
        if (!fault.error)
                fault.error = check_reported(hub, device, &fault);
        if (ret_fault)
                *ret_fault = fault;
        return fault.error;
}

enum program_error program_verify_report(struct cbor_span map)
{
        enum program_error error = program_verify_values(map, PROGRAM_ITEM);
        struct cbor_reader r;
        struct cbor_map at;
        uint32_t key;

        cbor_reader_init(&r, map.bytes, map.n_bytes);
        cbor_get_map(&r, &at);
        while (!error && cbor_map_next(&r, &at, &key)) {
                struct value value;

                value_get(&r, &value);
                if (value.kind == VALUE_TEXT &&
                    !utf8_printable(value.span.bytes, value.span.n_bytes))
                        error = PROGRAM_E_TYPE;
        }
        return error;
}
