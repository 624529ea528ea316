/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/topic.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/device.h"
#include "util/defer.h"
#include "util/word.h"

/* What stands at the end of a prefix. */
enum topic_name {
        NAME_NONE,
        NAME_WORD,   /* 1 to 32 of the alphabet */
        NAME_DEVICE, /* the name of a device */
        NAME_LEAF,   /* the name of a device, a slash, and the leaf that stands after the end */
        NAME_CONFIG, /* a prefix, a component and one or two words, with slashes between them */
        NAME_PATH,   /* 1 to 64, words with single slashes between them */
        NAME_ID,     /* 32 lower-case hexadecimal digits */
};

#define PATH_MAX_BYTES   64
#define CONFIG_WORDS_MAX 3 /* behind the prefix */

enum topic_writer { BY_US, BY_OTHERS, BY_NOBODY };
enum topic_hold { PASSING, RETAINED, EITHER };
enum topic_weight { WEIGHTY, INFORMATIONAL };

/* A topic is root, hub where there is one, middle, name where there is one, end, leaf where there
 * is one. */
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
        [TOPIC_LOGGING]      = { "enrolld/", "/bridge/logging", "", true, NAME_NONE, BY_US, PASSING, INFORMATIONAL },
        [TOPIC_DEVICE]       = { "enrolld/", "/", "", true, NAME_DEVICE, BY_US, EITHER, INFORMATIONAL },
        [TOPIC_AVAILABILITY] = { "enrolld/", "/", "/availability", true, NAME_DEVICE, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_SET]          = { "enrolld/", "/", "/set", true, NAME_DEVICE, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_SET_LEAF]     = { "enrolld/", "/", "/set/", true, NAME_LEAF, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_GET]          = { "enrolld/", "/", "/get", true, NAME_DEVICE, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_GET_LEAF]     = { "enrolld/", "/", "/get/", true, NAME_LEAF, BY_OTHERS, PASSING, INFORMATIONAL },
        [TOPIC_FORMER]       = { "enrolld/", "/device/", "/availability", true, NAME_WORD, BY_NOBODY, RETAINED, INFORMATIONAL },
        [TOPIC_DISCOVERY]    = { "", "", "/config", false, NAME_CONFIG, BY_US, RETAINED, INFORMATIONAL },
        [TOPIC_KEYS]         = { "enrolld-keys/", "/", "", true, NAME_ID, BY_US, PASSING, WEIGHTY },
        [TOPIC_RECEIPT]      = { "enrolld-keys/", "/", "/receipt", true, NAME_ID, BY_OTHERS, PASSING, INFORMATIONAL },
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

/* One that has none of the roots of the hubs' own topics. */
static bool name_is_foreign(const char *text, size_t n)
{
        static const char *const roots[] = {"enrolld", "enrolld-keys"};
        size_t n_root = strcspn(text, "/");

        if (n_root > n)
                n_root = n;
        for (size_t i = 0; i < ELEMENTSOF(roots); i++)
                if (strlen(roots[i]) == n_root && memcmp(roots[i], text, n_root) == 0)
                        return false;
        return n >= 1 && name_path_valid(text, n);
}

/* Words at the end, whatever they are, are the component and its object. */
static bool name_config_valid(const char *text, size_t n)
{
        size_t n_words = 0, at = n;

        if (n >= TOPIC_NAME_SIZE || !name_path_valid(text, n))
                return false;
        while (at > 0 && n_words < CONFIG_WORDS_MAX) {
                at--;
                if (text[at] != '/')
                        continue;
                n_words++;
                if (n_words >= 2 && at < TOPIC_PREFIX_SIZE && name_is_foreign(text, at))
                        return true;
        }
        return false;
}

static bool name_leaf_valid(const char *text, size_t n)
{
        const char *slash = memchr(text, '/', n);
        size_t n_device = slash ? (size_t)(slash - text) : n;

        return slash && store_name_valid(text, n_device) && word_valid(slash + 1, n - n_device - 1);
}

static bool name_valid(enum topic_name kind, const char *text, size_t n)
{
        switch (kind) {
        case NAME_NONE:
                return n == 0;
        case NAME_WORD:
                return word_valid(text, n);
        case NAME_DEVICE:
                return store_name_valid(text, n);
        case NAME_LEAF:
                return name_leaf_valid(text, n);
        case NAME_CONFIG:
                return name_config_valid(text, n);
        case NAME_PATH:
                return n >= 1 && n <= PATH_MAX_BYTES && name_path_valid(text, n);
        case NAME_ID:
                return n == 32 && is_made_of(text, n, "0123456789abcdef");
        }
        return false;
}

static void topic_print(enum topic topic, const char *hub, const char *name,
                        char ret_text[TOPIC_SIZE])
{
        bool has_leaf = topics[topic].name == NAME_LEAF;
        size_t n_name = has_leaf ? strcspn(name, "/") : strlen(name);
        int n;

        n = snprintf(ret_text, TOPIC_SIZE, "%s%s%s%.*s%s%s", topics[topic].root,
                     topics[topic].has_hub ? hub : "", topics[topic].middle, (int)n_name, name,
                     topics[topic].end, has_leaf ? name + n_name + 1 : "");
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

/* What stands between the middle of a topic and its end, which follows it or ends the text; and
 * the leaf that comes after. False if there is no such end. */
static bool topic_split(enum topic topic, const char *text, size_t *ret_n, const char **ret_leaf)
{
        const char *end = topics[topic].end;
        size_t n = strlen(text), n_end = strlen(end);

        if (topics[topic].name == NAME_LEAF) {
                *ret_n = strcspn(text, "/");
                *ret_leaf = skip(text + *ret_n, end);
                return *ret_leaf;
        }
        if (n < n_end || strcmp(text + n - n_end, end) != 0)
                return false;
        *ret_n = n - n_end;
        *ret_leaf = "";
        return true;
}

static bool topic_is(enum topic topic, const char *hub, const char *text,
                     char ret_name[TOPIC_NAME_SIZE])
{
        char name[TOPIC_NAME_SIZE];
        const char *leaf;
        size_t n;
        int r;

        text = skip(text, topics[topic].root);
        if (topics[topic].has_hub)
                text = skip(text, hub);
        text = skip(text, topics[topic].middle);
        if (!text || !topic_split(topic, text, &n, &leaf))
                return false;
        r = snprintf(name, sizeof(name), "%.*s%s%s", (int)n, text, leaf[0] ? "/" : "", leaf);
        if (r >= (int)sizeof(name) || !name_valid(topics[topic].name, name, (size_t)r))
                return false;
        memcpy(ret_name, name, sizeof(name));
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

bool topic_may_retain(enum topic topic)
{
        return topics[topic].hold != PASSING;
}

bool topic_outbound(enum topic topic)
{
        return topics[topic].writer == BY_US;
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
        topic_print(topic, hub,
                    topics[topic].name == NAME_PATH   ? "#"
                    : topics[topic].name == NAME_LEAF ? "+/+"
                                                      : "+",
                    ret_filter);
        return 0;
}

bool topic_foreign(const char *text)
{
        return name_is_foreign(text, strlen(text));
}

int topic_filter_kept(enum topic topic, const char *hub, char ret_filter[TOPIC_SIZE])
{
        if (topic >= TOPIC_MAX || !topic_retained(topic) || !topic_outbound(topic) ||
            topics[topic].name == NAME_NONE || !word_valid(hub, strlen(hub)))
                return -EINVAL;
        topic_print(topic, hub, "+", ret_filter);
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
        return !topic_is(TOPIC_DISCOVERY, hub, text, name);
}
