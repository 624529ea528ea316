/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/echo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct echo {
        sd_event *event;
        struct mqtt_client *client;
        sd_event_source *turn;
        json_t *lines; /* that wait */
        char *last;    /* as published last: the same line again says nothing new */
        bool is_publishing;
};

static void echo_publish(struct echo *echo, const json_t *line)
{
        _defer_(free) char *text = json_dumps(line, JSON_COMPACT);

        if (!text || (echo->last && strcmp(echo->last, text) == 0))
                return;
        if (mqtt_client_publish(echo->client, TOPIC_LOGGING, NULL, text, strlen(text), NULL) < 0)
                return;
        free(echo->last);
        echo->last = take(text);
}

static int echo_on_turn(sd_event_source *source, void *userdata)
{
        struct echo *echo = userdata;
        const json_t *line;
        size_t i;

        (void)source;
        echo->is_publishing = true;
        json_array_foreach(echo->lines, i, line)
        {
                echo_publish(echo, line);
        }
        (void)json_array_clear(echo->lines);
        echo->is_publishing = false;
        return 0;
}

static void echo_on_line(void *userdata, int level, const char *text)
{
        struct echo *echo = userdata;
        json_t *line;

        if (level > LOG_WARNING || echo->is_publishing || !mqtt_client_connected(echo->client) ||
            json_array_size(echo->lines) >= ECHO_LINES_MAX)
                return;
        line = json_pack("{s:s, s:s, s:s}", "level", level == LOG_WARNING ? "warning" : "error",
                         "message", text, "namespace", "enrolld");
        if (json_array_append_new(echo->lines, line) < 0)
                return;
        (void)loop_arm_defer(echo->event, &echo->turn, echo_on_turn, echo);
}

int echo_new(sd_event *event, struct mqtt_client *client, struct echo **ret_echo)
{
        _defer_(echo_free) struct echo *echo = calloc(1, sizeof(*echo));

        if (!echo)
                return -ENOMEM;
        echo->event = sd_event_ref(event);
        echo->client = client;
        echo->lines = json_array();
        if (!echo->lines)
                return -ENOMEM;
        log_listen(echo_on_line, echo);
        *ret_echo = take(echo);
        return 0;
}

struct echo *echo_free(struct echo *echo)
{
        if (!echo)
                return NULL;
        log_listen(NULL, NULL);
        loop_drop(&echo->turn);
        (void)json_free(echo->lines);
        free(echo->last);
        echo->event = sd_event_unref(echo->event);
        free(echo);
        return NULL;
}
