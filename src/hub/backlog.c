/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/backlog.h"

#include <string.h>

#include "enrollment/forward.h"
#include "mqtt/topic.h"
#include "store/outbox.h"
#include "util/log.h"

/* 0, or -errno; a topic that no hub has stays as it is. */
static int message_readdress(const struct forward *forward, struct store_message *message)
{
        char hub[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_hub(message->topic, &topic, hub) || strcmp(hub, forward->hub) == 0)
                return 0;
        if (topic == TOPIC_KEYS)
                return forward_readdress(forward, NULL, message);
        return topic_build(topic, forward->hub, NULL, message->topic);
}

int backlog_readdress(struct store *store, const uint8_t *master, const char *hub)
{
        const struct forward forward = {.hub = hub, .master = master};
        struct store_message message = {.id = 0};
        int r;

        while ((r = store_outbox_next(store, message.id, &message)) == 0) {
                char topic[STORE_TOPIC_SIZE];

                memcpy(topic, message.topic, sizeof(topic));
                r = message_readdress(&forward, &message);
                if (r < 0)
                        (void)log_errno(r, "The message that waits for %s cannot be readdressed",
                                        topic);
                if (r < 0 || strcmp(topic, message.topic) == 0)
                        continue;
                r = store_outbox_replace(store, &message);
                if (r < 0)
                        return r;
        }
        return r == STORE_E_NONE ? 0 : r;
}
