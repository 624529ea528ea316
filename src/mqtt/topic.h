/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every topic of the hub, in one table: what it is called, whether the broker keeps it, and who
 * writes it.
 *
 * What is published is named by a row of the table and not by a text, so that nothing can be
 * published under a topic or with a retain flag that is not in the table. Key topics have a root of
 * their own, which one line of an access list protects, and are never retained. All messages are
 * sent with QoS 1.
 *
 * Normative: doc/mqtt.md, "Topics".
 */

#include <stdbool.h>
#include <stddef.h>

#define TOPIC_QOS         1
#define TOPIC_NAME_SIZE   132 /* of any name in a topic, with its NUL */
#define TOPIC_PREFIX_SIZE 33  /* of what discovery begins with, with its NUL */
#define TOPIC_SIZE        192

enum topic {
        TOPIC_STATE,        /* the hub is online or offline; the will */
        TOPIC_INFO,         /* version, adapters, readers */
        TOPIC_DEVICES,      /* all devices, no secret ever */
        TOPIC_HEALTH,       /* counters */
        TOPIC_ALERT,        /* an open problem; name: its code */
        TOPIC_EVENT,        /* every step of every enrollment, and what becomes of devices */
        TOPIC_LOGGING,      /* warnings and errors of the daemon */
        TOPIC_REQUEST,      /* in; name: a verb like "enroll" or "device/rename" */
        TOPIC_RESPONSE,     /* name: the verb */
        TOPIC_DEVICE,       /* what a device reports; name: the device's */
        TOPIC_AVAILABILITY, /* whether it can be reached; name: the device's */
        TOPIC_SET,          /* in, a command; name: the device's */
        TOPIC_SET_LEAF,     /* in, one value of it; name: "device/leaf" */
        TOPIC_GET,          /* in, a query; name: the device's */
        TOPIC_GET_LEAF,     /* in, a query for one value; name: "device/leaf" */
        TOPIC_DISCOVERY,    /* for Home Assistant; name: "prefix/component/object", with another
                               word before the object where there are several */
        TOPIC_KEYS,         /* identity and keys; name: the device id, 32 hexadecimal digits */
        TOPIC_RECEIPT,      /* in, that a key has arrived; name: the same */
        TOPIC_FORMER,       /* an availability where it once was, only ever removed; name: the
                               device's */
        TOPIC_MAX,
};

enum {
        TOPIC_E_FOREIGN = 1, /* not one of the hub's */
};

/* Writes the topic of @hub and, where the row has one, @name. 0, or -EINVAL if one is not valid. */
int topic_build(enum topic topic, const char *hub, const char *name, char ret_text[TOPIC_SIZE]);

/*
 * Finds the row that @text belongs to; @ret_name is "" where the row has no name. 0;
 * TOPIC_E_FOREIGN.
 */
int topic_parse(const char *hub, const char *text, enum topic *ret_topic,
                char ret_name[TOPIC_NAME_SIZE]);

/*
 * Finds the name of the hub whose topic @text is; "" if it is one without a hub's name. 0;
 * TOPIC_E_FOREIGN if no hub has such a topic.
 */
int topic_hub(const char *text, enum topic *ret_topic, char ret_hub[TOPIC_NAME_SIZE]);

/* Whether the broker keeps what is published here: always; always or where it is asked to. */
bool topic_retained(enum topic topic);
bool topic_may_retain(enum topic topic);

/* Whether the hub writes it. */
bool topic_outbound(enum topic topic);

/* Whether others write it and the hub reads it. */
bool topic_inbound(enum topic topic);

/* Whether a message counts as delivered if there is no subscriber. */
bool topic_informational(enum topic topic);

/* The filter to subscribe to for the inbound row @topic. 0; -EINVAL. */
int topic_filter(enum topic topic, const char *hub, char ret_filter[TOPIC_SIZE]);

/* The filter for what the broker keeps under all names of the retained row @topic. 0; -EINVAL. */
int topic_filter_kept(enum topic topic, const char *hub, char ret_filter[TOPIC_SIZE]);

/*
 * Whether @text may be somebody else's topic, or the beginning of one: words with single slashes
 * between them, and not among those of hubs.
 */
bool topic_foreign(const char *text);

/*
 * Whether an answer may be published to @text, the response topic of a request. A topic that only
 * the hub may write is refused, or another client could make the hub forge its own messages.
 */
bool topic_may_answer(const char *hub, const char *text);
