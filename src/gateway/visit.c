/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/log.h"
#include "util/loop.h"

struct visit {
        const struct visit_means *means;
        const struct visit_handler *handler;
        void *userdata;

        struct meeting *meeting;
        sd_event_source *deadline;
        bool parts;

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
        struct message_values walk = {0};
        struct message_value value;
        uint32_t number;
        size_t n = 0;

        (void)message_get_data(body, &walk, &number);
        while (n < VISIT_READINGS_MAX && message_values_next(&walk, &value)) {
                size_t i = channel_index(channels, n_channels, value.channel);

                if (i < n_channels)
                        ret_readings[n++] = (struct reading){channels[i].leaf, value};
        }
        return n;
}

void visit_end(struct visit *v)
{
        loop_disarm(v->deadline);
        if (v->parts)
                return;
        v->parts = true;
        meeting_part(v->meeting);
}

static int visit_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        visit_end(userdata);
        return 0;
}

/* --- the session --- */

/* Only in a session that the visit has opened: an enrollment's has its COMMIT behind it. */
static void visit_on_ready(void *userdata)
{
        struct visit *v = userdata;
        struct conversation *conversation = meeting_conversation(v->meeting);

        message_put_number(conversation_body(conversation), v->device.ownership.epoch);
        (void)conversation_say(conversation, MESSAGE_COMMIT, 0);
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
                visit_end(v);
}

static void visit_on_ended(void *userdata, const struct conversation_end *end)
{
        struct visit *v = userdata;

        if (end->why == REASON_PROTOCOL_VIOLATED)
                log_warning("%s: %s (%s)", v->device.name, reason_text(end->why),
                            reason_code(end->why));
        v->handler->on_ended(v->userdata);
}

static void visit_on_parted(void *userdata)
{
        struct visit *v = userdata;

        v->handler->on_ended(v->userdata);
}

/* --- calling again --- */

static void visit_on_again(void *userdata)
{
        struct visit *v = userdata;

        loop_disarm(v->deadline);
}

static void visit_on_found(void *userdata, const struct finder_found *found)
{
        (void)userdata;
        (void)found;
}

static void visit_on_link(void *userdata, const struct finder_found *found, struct keys *ret_keys)
{
        struct visit *v = userdata;

        keys_begin(ret_keys, v->means->master, v->device.ownership.public_key);
        keys_of_ownership(ret_keys, v->means->master, v->device.ownership.epoch, found->nonce);
        loop_rearm_timer(v->deadline, VISIT_SECONDS * 1000);
}

static void visit_on_failed(void *userdata, enum reason why, const char *text)
{
        struct visit *v = userdata;

        log_debug("%s: %s (%s)", v->device.name, text, reason_code(why));
        v->handler->on_ended(v->userdata);
}

static const struct meeting_handler visit_meeting_handler = {
        .on_found = visit_on_found,
        .on_link = visit_on_link,
        .on_ready = visit_on_ready,
        .on_body = visit_on_body,
        .on_again = visit_on_again,
        .on_failed = visit_on_failed,
        .on_ended = visit_on_ended,
        .on_parted = visit_on_parted,
};

/* --- beginning and end --- */

int visit_new(const struct visit_means *means, const struct visit_wish *wish,
              struct meeting *meeting_take, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit)
{
        _defer_(visit_free) struct visit *v = NULL;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v) {
                (void)meeting_free(meeting_take);
                return -ENOMEM;
        }
        v->means = means;
        v->meeting = meeting_take;
        v->handler = handler;
        v->userdata = userdata;
        v->device = *wish->device;
        v->n_channels = wish->n_channels < PROGRAM_STEPS_MAX ? wish->n_channels : PROGRAM_STEPS_MAX;
        memcpy(v->channels, wish->channels, v->n_channels * sizeof(v->channels[0]));
        for (size_t i = 0; i < v->n_channels; i++)
                if (v->channels[i].direction == STORE_PUBLISH)
                        v->awaited |= UINT32_C(1) << i;

        r = loop_add_timer(means->event, &v->deadline, visit_on_deadline, v);
        if (r < 0)
                return r;
        loop_rearm_timer(v->deadline, v->awaited ? VISIT_SECONDS * 1000 : 0);
        meeting_hand_over(v->meeting, AIRTIME_VISIT, VISIT_FIND_SECONDS, &visit_meeting_handler, v);
        *ret_visit = take(v);
        return 0;
}

struct visit *visit_free(struct visit *v)
{
        if (!v)
                return NULL;
        v->meeting = meeting_free(v->meeting);
        loop_drop(&v->deadline);
        sodium_memzero(&v->device.ownership, sizeof(v->device.ownership));
        free(v);
        return NULL;
}

const struct store_device *visit_device(const struct visit *v)
{
        return &v->device;
}
