/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A link carries whole messages between the hub and one device, in order, or it is lost.
 *
 * The kind of link knows what lies below: a stream (stream.c), two GATT characteristics of BlueZ
 * (ble/channel.c), an L2CAP channel (ble/coc.c), or whichever of these two is in use
 * (ble/bearers.c). The owner of a link gets one callback per whole message and at most one on_lost;
 * each is the last thing the link does in that turn of the loop, so the handler may free the link
 * there.
 */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"
#include "util/defer.h"
#include "wire/fragment.h"

struct link;

struct link_handler {
        /* One whole message, 1 to MESSAGE_MAX bytes; @message is valid during the call only. */
        void (*on_message)(void *userdata, const uint8_t *message, size_t n_message);
        /* The link is gone; link_retreat() and link_free() are the only verbs left. */
        void (*on_lost)(void *userdata, enum reason why);
        /* After link_retreat(): messages can be sent again. NULL where nobody retreats. */
        void (*on_again)(void *userdata);
};

/* What a kind of link provides; the first member of every such struct is `struct link`. */
struct link_kind {
        const char *name; /* "ble", "ble-coc" or "stream"; NULL: as its bearer's, get_name() */
        const char *(*get_name)(const struct link *link);
        int (*send)(struct link *link, const uint8_t *message, size_t n_message);
        /* Starts to deliver; link_set_handler() calls it once. NULL if there is nothing to start.
         */
        void (*start)(struct link *link);
        int (*retreat)(struct link *link); /* NULL if there is only one way to the device */
        struct link *(*free)(struct link *link);
};

struct link {
        const struct link_kind *kind;
        const struct link_handler *handler;
        void *userdata;
};

/*
 * Sends one whole message, 1 to MESSAGE_MAX bytes; what does not fit into the kernel's buffer now
 * is kept and sent when there is room. 0; -EMSGSIZE; -ENOBUFS if an earlier message is still
 * waiting; or what the system said.
 */
static inline int link_send(struct link *link, const uint8_t *message, size_t n_message)
{
        return link->kind->send(link, message, n_message);
}

/* Over what it runs: "ble" (GATT), "ble-coc" (an L2CAP channel) or "stream". */
static inline const char *link_name(const struct link *link)
{
        return link->kind->name ? link->kind->name : link->kind->get_name(link);
}

/*
 * What is at the other end is not the device, or cannot be reached in this way: goes on in another,
 * if there is one. 0, and then on_again or on_lost comes, from the loop; or -ENOTSUP, and the link
 * is as it was.
 */
static inline int link_retreat(struct link *link)
{
        return link->kind->retreat ? link->kind->retreat(link) : -ENOTSUP;
}

/* Closes the link, in an orderly way if the kind has one. Takes NULL, returns NULL. */
static inline struct link *link_free(struct link *link)
{
        return link ? link->kind->free(link) : NULL;
}

/* Hands an established link to its handler; nothing is delivered before this is called. */
static inline void link_set_handler(struct link *link, const struct link_handler *handler,
                                    void *userdata)
{
        link->handler = handler;
        link->userdata = userdata;
        if (link->kind->start)
                link->kind->start(link);
}

DEFINE_DEFER(struct link *, link_free);
