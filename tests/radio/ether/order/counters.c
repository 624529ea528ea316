/* SPDX-License-Identifier: Apache-2.0 */

#include "order/counters.h"

#include <errno.h>

#include <jansson.h>

#include "util/defer.h"

/* Attribute protocol PDUs (Bluetooth Core, Volume 3, Part F, section 3.4.8). */
static const struct {
        const char *name;
        bool request;
} att_opcodes[256] = {
        /* clang-format off */
        [0x01] = { "error_response",                  false },
        [0x02] = { "exchange_mtu_request",            true  },
        [0x03] = { "exchange_mtu_response",           false },
        [0x04] = { "find_information_request",        true  },
        [0x05] = { "find_information_response",       false },
        [0x06] = { "find_by_type_value_request",      true  },
        [0x07] = { "find_by_type_value_response",     false },
        [0x08] = { "read_by_type_request",            true  },
        [0x09] = { "read_by_type_response",           false },
        [0x0a] = { "read_request",                    true  },
        [0x0b] = { "read_response",                   false },
        [0x0c] = { "read_blob_request",               true  },
        [0x0d] = { "read_blob_response",              false },
        [0x0e] = { "read_multiple_request",           true  },
        [0x0f] = { "read_multiple_response",          false },
        [0x10] = { "read_by_group_type_request",      true  },
        [0x11] = { "read_by_group_type_response",     false },
        [0x12] = { "write_request",                   true  },
        [0x13] = { "write_response",                  false },
        [0x16] = { "prepare_write_request",           true  },
        [0x17] = { "prepare_write_response",          false },
        [0x18] = { "execute_write_request",           true  },
        [0x19] = { "execute_write_response",          false },
        [0x1b] = { "handle_value_notification",       false },
        [0x1d] = { "handle_value_indication",         false },
        [0x1e] = { "handle_value_confirmation",       false },
        [0x20] = { "read_multiple_variable_request",  true  },
        [0x21] = { "read_multiple_variable_response", false },
        [0x23] = { "multiple_handle_value_notification", false },
        [0x52] = { "write_command",                   false },
        [0xd2] = { "signed_write_command",            false },
        /* clang-format on */
};

struct totals {
        json_t *ways;
        uint64_t att_requests;
};

/* Takes over @value; what is lacking at the end is found there. */
static void put(json_t *object, const char *key, json_t *value)
{
        (void)json_object_set_new(object, key, value);
}

static void put_count(json_t *object, const char *key, uint64_t count)
{
        put(object, key, json_integer((json_int_t)count));
}

static json_t *describe_controller(const struct plug *plug)
{
        struct radio_tally tally = plug_tally(plug);
        json_t *object = json_object();

        put(object, "plugged", json_boolean(plug_is_in(plug)));
        put_count(object, "events", tally.events);
        put_count(object, "missed", tally.missed);
        put_count(object, "airtime_us", tally.airtime);
        put_count(object, "adverts", tally.adverts);
        put_count(object, "reports", tally.reports);
        return object;
}

static json_t *describe_att(const struct tally *tally, uint64_t *ret_requests)
{
        json_t *object = json_object();
        uint64_t n_requests = 0;

        for (unsigned opcode = 0; opcode < ELEMENTSOF(att_opcodes); opcode++) {
                const char *name = att_opcodes[opcode].name;
                char number[16];

                if (tally->att[opcode] == 0)
                        continue;
                (void)snprintf(number, sizeof(number), "opcode_0x%02x", opcode);
                put_count(object, name ? name : number, tally->att[opcode]);
                if (att_opcodes[opcode].request)
                        n_requests += tally->att[opcode];
        }
        *ret_requests = n_requests;
        return object;
}

static json_t *describe_way(const struct tally *tally, uint64_t *ret_requests)
{
        json_t *object = json_object();

        put_count(object, "packets", tally->packets);
        put_count(object, "bytes", tally->bytes);
        put_count(object, "control", tally->control);
        put_count(object, "lost", tally->lost);
        put_count(object, "drops", tally->drops);
        put_count(object, "stops", tally->stops);
        put_count(object, "forged", tally->forged);
        put_count(object, "airtime_us", tally->airtime);
        put(object, "att", describe_att(tally, ret_requests));
        put_count(object, "att_requests", *ret_requests);
        return object;
}

static void add_way(struct room *room, const struct plug *from, const struct plug *to,
                    struct totals *totals)
{
        int sender = room_number(room, from), receiver = room_number(room, to);
        const struct tally *tally;
        uint64_t n_requests;
        char key[2 * PLUG_NAME_MAX + 2];

        if (sender < 0 || receiver < 0)
                return;
        tally = &space_way(air_space(room_air(room)), (unsigned)sender, (unsigned)receiver)->tally;
        if (tally->packets == 0 && tally->control == 0 && tally->lost == 0 && tally->airtime == 0)
                return;
        (void)snprintf(key, sizeof(key), "%s>%s", plug_name(from), plug_name(to));
        put(totals->ways, key, describe_way(tally, &n_requests));
        totals->att_requests += n_requests;
}

int counters_write(struct room *room, FILE *answer)
{
        struct totals totals = {.ways = json_object()};
        json_t *object = json_object(), *controllers = json_object();
        const struct plug *from, *to;
        int r;

        for (unsigned i = 0; (from = room_nth(room, i)); i++) {
                put(controllers, plug_name(from), describe_controller(from));
                for (unsigned j = 0; (to = room_nth(room, j)); j++)
                        if (i != j)
                                add_way(room, from, to, &totals);
        }
        put_count(object, "time_us", room_now(room));
        put_count(object, "since_us", room_zeroed(room));
        put(object, "controllers", controllers);
        put(object, "ways", totals.ways);
        put_count(object, "att_requests", totals.att_requests);
        r = json_dumpf(object, answer, JSON_COMPACT);
        json_decref(object);
        return r < 0 || fputc('\n', answer) == EOF ? -ENOMEM : 0;
}
