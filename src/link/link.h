/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A link carries whole messages between the hub and one device, in order, or it is lost.
 *
 * The kind of link knows what lies below, a stream or two GATT characteristics of BlueZ: stream.c,
 * ble/central.c and ble/peripheral.c. The owner of a link gets one callback per whole message and
 * at most one on_lost; both are the last thing the link does in that turn of the loop, so the
 * handler may free the link there.
 */

#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"
#include "util/defer.h"
#include "wire/fragment.h"

struct link;

struct link_handler {
        /* One whole message, 1 to MESSAGE_MAX bytes; @message is valid during the call only. */
        void (*on_message)(void *userdata, const uint8_t *message, size_t n_message);
        /* The link is gone and will not come back; link_free() is the only verb left. */
        void (*on_lost)(void *userdata, enum reason why);
};

/* What a kind of link provides; the first member of every such struct is `struct link`. */
struct link_kind {
        const char *name; /* "ble" or "stream" */
        int (*send)(struct link *link, const uint8_t *message, size_t n_message);
        /* Starts to deliver; link_set_handler() calls it once. NULL if there is nothing to start.
         */
        void (*start)(struct link *link);
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
