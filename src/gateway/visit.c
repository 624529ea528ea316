/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "code/payload.h"
#include "util/log.h"
#include "util/loop.h"

struct visit {
        const struct visit_means *means;
        const struct visit_handler *handler;
        void *userdata;

        struct finder *finder; /* while it looks for the device, or waits for its turn */
        struct turn *turn;
        struct conversation *conversation;
        sd_event_source *deadline, *parting;
        bool parts; /* BYE has been said */
        bool again; /* and afterwards it calls again */

        struct store_device device;
        struct store_channel channels[PROGRAM_STEPS_MAX];
        size_t n_channels;
        uint32_t awaited, heard; /* a bit for each channel */
};

/* The index of the channel with this number that publishes, or n_channels. */
static size_t channel_index(const struct store_channel *channels, size_t n_channels,
                            unsigned number)
{
        size_t i;

        for (i = 0; i < n_channels; i++)
                if (channels[i].number == number && channels[i].direction == STORE_PUBLISH)
                        break;
        return i;
}

size_t visit_read(struct cbor_span body, const struct store_channel *channels, size_t n_channels,
                  struct reading ret_readings[VISIT_READINGS_MAX])
{
        struct message_values walk;
        struct message_value value;
        size_t n = 0;

        if (message_get_values(body, &walk) != 0)
                return 0;
        while (n < VISIT_READINGS_MAX && message_values_next(&walk, &value)) {
                size_t i = channel_index(channels, n_channels, value.channel);

                if (i < n_channels)
                        ret_readings[n++] = (struct reading){channels[i].leaf, value};
        }
        return n;
}

/* Releases the device: the link before its slot. */
static void visit_release(struct visit *v)
{
        v->conversation = conversation_free(v->conversation);
        v->turn = turn_free(v->turn);
        loop_disarm(v->deadline);
}

static void visit_part(struct visit *v)
{
        loop_disarm(v->deadline);
        if (v->parts)
                return;
        v->parts = true;
        if (v->conversation)
                conversation_say_bye(v->conversation);
        loop_rearm_timer(v->parting, v->conversation ? CONVERSATION_PARTING_MS : 0);
}

void visit_end(struct visit *v)
{
        v->finder = finder_free(v->finder);
        v->again = false;
        visit_part(v);
}

static void visit_on_displaced(void *userdata)
{
        struct visit *v = userdata;

        v->again = !v->parts;
        visit_part(v);
}

/* It has its turn when it comes to us, so that only the other is called. */
static const struct airtime_handler visit_airtime_handler = {.on_displaced = visit_on_displaced};

static int visit_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        visit_part(userdata);
        return 0;
}

/* --- the session --- */

/* Only in a session that the visit has opened: an enrollment's has its COMMIT behind it. */
static void visit_on_ready(void *userdata)
{
        struct visit *v = userdata;

        message_put_number(conversation_body(v->conversation), v->device.ownership.epoch);
        (void)conversation_say(v->conversation, MESSAGE_COMMIT, 0);
}

static void visit_on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct visit *v = userdata;
        struct reading readings[VISIT_READINGS_MAX];
        size_t n;

        if (kind != MESSAGE_DATA)
                return;
        n = visit_read(body, v->channels, v->n_channels, readings);
        for (size_t i = 0; i < n; i++)
                v->heard |= UINT32_C(1)
                            << channel_index(v->channels, v->n_channels, readings[i].value.channel);
        if (n > 0)
                v->handler->on_readings(v->userdata, &v->device, readings, n);
        if ((v->heard & v->awaited) == v->awaited)
                visit_part(v);
}

static void visit_on_conversation_ended(void *userdata, const struct conversation_end *end)
{
        struct visit *v = userdata;

        (void)end;
        if (!v->parts)
                v->handler->on_ended(v->userdata);
}

static const struct conversation_handler visit_conversation_handler = {
        .on_ready = visit_on_ready,
        .on_body = visit_on_body,
        .on_ended = visit_on_conversation_ended,
};

/* --- calling again --- */

static void visit_on_found(void *userdata, const struct finder_found *found)
{
        (void)userdata;
        (void)found;
}

static int visit_open_session(struct visit *v, const struct finder_found *found,
                              struct link *link_take)
{
        struct keys keys = {0};
        int r;

        keys_begin(&keys, v->means->master, v->device.ownership.public_key);
        keys_of_ownership(&keys, v->means->master, v->device.ownership.epoch, found->nonce);
        r = conversation_new(v->means->finder.event, link_take, &keys, &visit_conversation_handler,
                             v, &v->conversation);
        sodium_memzero(&keys, sizeof(keys));
        return r;
}

static void visit_on_link(void *userdata, const struct finder_found *found, struct link *link_take,
                          struct turn *turn_take)
{
        struct visit *v = userdata;
        int r;

        v->turn = turn_take;
        turn_hand_over(v->turn, AIRTIME_VISIT, &visit_airtime_handler, v);
        r = visit_open_session(v, found, link_take);
        v->finder = finder_free(v->finder);
        if (r < 0) {
                (void)log_errno(r, "%s: the session cannot be started", v->device.name);
                v->handler->on_ended(v->userdata);
                return;
        }
        loop_rearm_timer(v->deadline, VISIT_SECONDS * 1000);
}

static void visit_on_not_found(void *userdata, enum reason why, const char *text)
{
        struct visit *v = userdata;

        log_debug("%s: %s (%s)", v->device.name, text, reason_code(why));
        v->handler->on_ended(v->userdata);
}

static const struct finder_handler visit_finder_handler = {
        .on_found = visit_on_found,
        .on_link = visit_on_link,
        .on_failed = visit_on_not_found,
};

static int visit_call(struct visit *v)
{
        const struct finder_wish wish = {
                .reach = strcmp(v->device.link, "ble") == 0 ? PAYLOAD_REACH_BLE
                                                            : PAYLOAD_REACH_STREAM,
                .adv_key = v->device.ownership.adv_key,
                .seconds = VISIT_FIND_SECONDS,
                .rank = AIRTIME_VISIT,
        };

        return finder_new(&v->means->finder, &wish, &visit_finder_handler, v, &v->finder);
}

static int visit_on_parted(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct visit *v = userdata;
        int r = 0;

        (void)source;
        (void)usec;
        visit_release(v);
        v->parts = false;
        if (v->again) {
                v->again = false;
                r = visit_call(v);
                if (r == 0)
                        return 0;
                (void)log_errno(r, "%s: cannot be visited again", v->device.name);
        }
        v->handler->on_ended(v->userdata);
        return 0;
}

/* --- beginning and end --- */

static int visit_add_sources(struct visit *v)
{
        sd_event *event = v->means->finder.event;
        int r;

        r = loop_add_timer(event, &v->deadline, visit_on_deadline, v);
        if (r < 0)
                return r;
        return loop_add_timer(event, &v->parting, visit_on_parted, v);
}

int visit_new(const struct visit_means *means, const struct visit_wish *wish,
              struct conversation *conversation_take, struct turn *turn_take,
              const struct visit_handler *handler, void *userdata, struct visit **ret_visit)
{
        _defer_(visit_free) struct visit *v = NULL;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v) {
                (void)conversation_free(conversation_take);
                (void)turn_free(turn_take);
                return -ENOMEM;
        }
        v->means = means;
        v->conversation = conversation_take;
        v->turn = turn_take;
        v->handler = handler;
        v->userdata = userdata;
        v->device = *wish->device;
        v->n_channels = wish->n_channels < PROGRAM_STEPS_MAX ? wish->n_channels : PROGRAM_STEPS_MAX;
        memcpy(v->channels, wish->channels, v->n_channels * sizeof(v->channels[0]));
        for (size_t i = 0; i < v->n_channels; i++)
                if (v->channels[i].direction == STORE_PUBLISH)
                        v->awaited |= UINT32_C(1) << i;

        r = visit_add_sources(v);
        if (r < 0)
                return r;
        loop_rearm_timer(v->deadline, v->awaited ? VISIT_SECONDS * 1000 : 0);
        turn_hand_over(v->turn, AIRTIME_VISIT, &visit_airtime_handler, v);
        conversation_set_handler(v->conversation, &visit_conversation_handler, v);
        *ret_visit = take(v);
        return 0;
}

struct visit *visit_free(struct visit *v)
{
        if (!v)
                return NULL;
        v->finder = finder_free(v->finder);
        visit_release(v);
        loop_drop(&v->deadline);
        loop_drop(&v->parting);
        free(v);
        return NULL;
}

const struct store_device *visit_device(const struct visit *v)
{
        return &v->device;
}
