/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARTING_USEC (300 * UINT64_C(1000))

struct visit {
        sd_event *event;
        const struct visit_handler *handler;
        void *userdata;

        struct conversation *conversation;
        sd_event_source *deadline, *parting;

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

static int visit_on_parting(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct visit *v = userdata;

        (void)source;
        (void)usec;
        v->handler->on_ended(v->userdata);
        return 0;
}

/* Says good-bye and leaves the message time to get through: freeing the conversation cuts the link.
 */
static void visit_part(struct visit *v)
{
        v->deadline = sd_event_source_disable_unref(v->deadline);
        if (v->parting)
                return;
        message_put_bye(conversation_body(v->conversation));
        (void)conversation_say(v->conversation, MESSAGE_BYE, 0);
        if (sd_event_add_time_relative(v->event, &v->parting, CLOCK_MONOTONIC, PARTING_USEC, 0,
                                       visit_on_parting, v) < 0)
                v->handler->on_ended(v->userdata);
}

static int visit_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct visit *v = userdata;

        (void)source;
        (void)usec;
        visit_part(v);
        return 0;
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
        v->handler->on_ended(v->userdata);
}

static const struct conversation_handler visit_conversation_handler = {
        .on_body = visit_on_body,
        .on_ended = visit_on_conversation_ended,
};

int visit_new(sd_event *event, struct conversation *conversation_take,
              const struct store_device *device, const struct store_channel *channels,
              size_t n_channels, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit)
{
        _defer_(visit_free) struct visit *v = NULL;
        uint64_t patience = VISIT_SECONDS;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v) {
                (void)conversation_free(conversation_take);
                return -ENOMEM;
        }
        v->event = event;
        v->conversation = conversation_take;
        v->handler = handler;
        v->userdata = userdata;
        v->device = *device;
        v->n_channels = n_channels < PROGRAM_STEPS_MAX ? n_channels : PROGRAM_STEPS_MAX;
        memcpy(v->channels, channels, v->n_channels * sizeof(channels[0]));
        for (size_t i = 0; i < v->n_channels; i++)
                if (v->channels[i].direction == STORE_PUBLISH)
                        v->awaited |= UINT32_C(1) << i;
        if (!v->awaited)
                patience = 0;

        r = sd_event_add_time_relative(event, &v->deadline, CLOCK_MONOTONIC, patience * 1000000, 0,
                                       visit_on_deadline, v);
        if (r < 0)
                return r;
        conversation_set_handler(v->conversation, &visit_conversation_handler, v);
        *ret_visit = take(v);
        return 0;
}

struct visit *visit_free(struct visit *v)
{
        if (!v)
                return NULL;
        (void)sd_event_source_disable_unref(v->deadline);
        (void)sd_event_source_disable_unref(v->parting);
        (void)conversation_free(v->conversation);
        free(v);
        return NULL;
}
