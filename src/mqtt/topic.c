/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/topic.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/defer.h"
#include "util/word.h"

/* What stands at the end of a prefix. */
enum topic_name {
        NAME_NONE,
        NAME_WORD,   /* 1 to 32 of the alphabet */
        NAME_OBJECT, /* 1 to 64 of the alphabet */
        NAME_PATH,   /* 1 to 64, words with single slashes between them */
        NAME_ID,     /* 32 lower-case hexadecimal digits */
};

enum topic_writer { BY_US, BY_OTHERS };
enum topic_hold { PASSING, RETAINED };
enum topic_weight { WEIGHTY, INFORMATIONAL };

/* A topic is root, hub where there is one, middle, name where there is one, end. */
/* clang-format off */
static const struct {
        const char *root, *middle, *end;
        bool has_hub;
        enum topic_name name;
        enum topic_writer writer;
        enum topic_hold hold;
        enum topic_weight weight;
} topics[TOPIC_MAX] = {
        [TOPIC_STATE]        = { "enrolld/", "/bridge/state", "", true, NAME_NONE, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_INFO]         = { "enrolld/", "/bridge/info", "", true, NAME_NONE, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_DEVICES]      = { "enrolld/", "/bridge/devices", "", true, NAME_NONE, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_HEALTH]       = { "enrolld/", "/bridge/health", "", true, NAME_NONE, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_ALERT]        = { "enrolld/", "/bridge/alert/", "", true, NAME_WORD, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_EVENT]        = { "enrolld/", "/bridge/event", "", true, NAME_NONE, BY_US, PASSING, INFORMATIONAL },
        [TOPIC_REQUEST]      = { "enrolld/", "/bridge/request/", "", true, NAME_PATH, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_RESPONSE]     = { "enrolld/", "/bridge/response/", "", true, NAME_PATH, BY_US, PASSING, INFORMATIONAL },
        [TOPIC_DEVICE]       = { "enrolld/", "/device/", "", true, NAME_WORD, BY_US, PASSING, INFORMATIONAL },
        [TOPIC_AVAILABILITY] = { "enrolld/", "/device/", "/availability", true, NAME_WORD, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_SET]          = { "enrolld/", "/device/", "/set", true, NAME_WORD, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_GET]          = { "enrolld/", "/device/", "/get", true, NAME_WORD, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_DISCOVERY]    = { "homeassistant/device/", "", "/config", false, NAME_OBJECT, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_KEYS]         = { "enrolld-keys/", "/", "", true, NAME_ID, BY_US, PASSING, WEIGHTY },
};
/* clang-format on */

static bool is_made_of(const char *text, size_t n, const char *alphabet)
{
        return strspn(text, alphabet) >= n;
}

static bool name_path_valid(const char *text, size_t n)
{
        bool slash_before = true;

        for (size_t i = 0; i < n; i++) {
                bool slash = text[i] == '/';

                if (slash && slash_before)
                        return false;
                slash_before = slash;
        }
        return !slash_before && is_made_of(text, n, WORD_ALPHABET "/");
}

static bool name_valid(enum topic_name kind, const char *text, size_t n)
{
        switch (kind) {
        case NAME_NONE:
                return n == 0;
        case NAME_WORD:
                return word_valid(text, n);
        case NAME_OBJECT:
                return n >= 1 && n < TOPIC_NAME_SIZE && is_made_of(text, n, WORD_ALPHABET);
        case NAME_PATH:
                return n >= 1 && n < TOPIC_NAME_SIZE && name_path_valid(text, n);
        case NAME_ID:
                return n == 32 && is_made_of(text, n, "0123456789abcdef");
        }
        return false;
}

static void topic_print(enum topic topic, const char *hub, const char *name,
                        char ret_text[TOPIC_SIZE])
{
        int n;

        n = snprintf(ret_text, TOPIC_SIZE, "%s%s%s%s%s", topics[topic].root,
                     topics[topic].has_hub ? hub : "", topics[topic].middle, name,
                     topics[topic].end);
        assert(n > 0 && n < TOPIC_SIZE); /* all parts are bounded */
}

int topic_build(enum topic topic, const char *hub, const char *name, char ret_text[TOPIC_SIZE])
{
        if (!name)
                name = "";
        if (topic >= TOPIC_MAX || !word_valid(hub, strlen(hub)) ||
            !name_valid(topics[topic].name, name, strlen(name)))
                return -EINVAL;
        topic_print(topic, hub, name, ret_text);
        return 0;
}

/* The text after @part, or NULL if @text does not start with it. */
static const char *skip(const char *text, const char *part)
{
        size_t n = strlen(part);

        return text && strncmp(text, part, n) == 0 ? text + n : NULL;
}

static bool topic_is(enum topic topic, const char *hub, const char *text,
                     char ret_name[TOPIC_NAME_SIZE])
{
        size_t n_end = strlen(topics[topic].end), n;

        text = skip(text, topics[topic].root);
        if (topics[topic].has_hub)
                text = skip(text, hub);
        text = skip(text, topics[topic].middle);
        if (!text || strlen(text) < n_end)
                return false;
        n = strlen(text) - n_end;
        if (strcmp(text + n, topics[topic].end) != 0 || !name_valid(topics[topic].name, text, n))
                return false;
        memcpy(ret_name, text, n);
        ret_name[n] = '\0';
        return true;
}

int topic_parse(const char *hub, const char *text, enum topic *ret_topic,
                char ret_name[TOPIC_NAME_SIZE])
{
        for (int i = 0; i < TOPIC_MAX; i++) {
                if (topic_is((enum topic)i, hub, text, ret_name)) {
                        *ret_topic = (enum topic)i;
                        return 0;
                }
        }
        return TOPIC_E_FOREIGN;
}

int topic_hub(const char *text, enum topic *ret_topic, char ret_hub[TOPIC_NAME_SIZE])
{
        char name[TOPIC_NAME_SIZE], hub[TOPIC_NAME_SIZE] = "";
        int r;

        for (int i = 0; i < TOPIC_MAX && !hub[0]; i++) {
                const char *rest = topics[i].has_hub ? skip(text, topics[i].root) : NULL;

                if (rest)
                        (void)snprintf(hub, sizeof(hub), "%.*s", (int)strcspn(rest, "/"), rest);
        }
        if (hub[0] && !word_valid(hub, strlen(hub)))
                return TOPIC_E_FOREIGN;
        r = topic_parse(hub, text, ret_topic, name);
        if (r)
                return r;
        memcpy(ret_hub, hub, sizeof(hub));
        return 0;
}

bool topic_retained(enum topic topic)
{
        return topics[topic].hold == RETAINED;
}

bool topic_inbound(enum topic topic)
{
        return topics[topic].writer == BY_OTHERS;
}

bool topic_informational(enum topic topic)
{
        return topics[topic].weight == INFORMATIONAL;
}

int topic_filter(enum topic topic, const char *hub, char ret_filter[TOPIC_SIZE])
{
        if (topic >= TOPIC_MAX || !topic_inbound(topic) || !word_valid(hub, strlen(hub)))
                return -EINVAL;
        topic_print(topic, hub, topics[topic].name == NAME_PATH ? "#" : "+", ret_filter);
        return 0;
}

bool topic_may_answer(const char *hub, const char *text)
{
        static const char *const ours[] = {"enrolld/", "enrolld-keys/", "homeassistant/", "$"};
        char name[TOPIC_NAME_SIZE];

        if (text[0] == '\0' || strpbrk(text, "+#"))
                return false;
        if (topic_is(TOPIC_RESPONSE, hub, text, name))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                if (skip(text, ours[i]))
                        return false;
        return true;
}
