/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input as what happens to a link that goes over an L2CAP channel or over GATT: packets on
 * either, whole ones and broken ones, bearers that come and go, messages of ours, and retreats.
 *
 * Whatever happens, the handler hears messages of 1 to MESSAGE_MAX bytes, is told once that the
 * link is lost, and hears nothing after that; nor while it retreats, until it may begin again.
 */

#include <poll.h>
#include <sys/socket.h>

#include "ble/bearers.h"
#include "ble/channel.h"
#include "ble/coc.h"
#include "chunk.h"
#include "require.h"
#include "util/free.h"

#define PACKET_MAX 2100 /* longer than a message, and than a packet of GATT */
#define TURNS_MAX  100000
#define ROOM       4096 /* for what the link says, so that some of it has to wait */

/* The low half of a chunk's kind: what happens, */
enum {
        COC_SAYS,
        GATT_SAYS,
        COC_COMES,
        GATT_COMES,
        COC_GOES,
        GATT_GOES,
        LINK_SAYS,
        LINK_RETREATS,
        OWNER_LOSES,
        ALL_READ, /* at the far ends */
};

/* and the high half. */
enum {
        TURNS = 0x80,    /* the loop turns then, until nothing is left to do; from now on: */
        RETREATS = 0x40, /* the handler retreats in its callbacks, */
        FREES = 0x20,    /* or frees the link, */
        GRANTS = 0x10,   /* the owner grants a retreat */
};

struct world {
        sd_event *event;
        struct bearers *bearers;
        struct link *link;
        int coc, to, from; /* the far ends; -1: have gone */
        unsigned habits;
        enum { LIVES, RETREATING, LOST, FREED } state;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void retreat(struct world *w)
{
        int r = link_retreat(w->link);

        require(r < 0 || w->state != RETREATING);
        if (r == 0)
                w->state = RETREATING;
}

static void react(struct world *w)
{
        if (w->habits & FREES)
                w->link = link_free(w->link);
        else if (w->habits & RETREATS)
                retreat(w);
}

static void on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct world *w = userdata;

        require(w->state == LIVES && message && n_message > 0 && n_message <= MESSAGE_MAX);
        react(w);
}

static void on_lost(void *userdata, enum reason why)
{
        struct world *w = userdata;

        require((w->state == LIVES || w->state == RETREATING) && why != REASON_NONE);
        w->state = LOST;
        react(w);
}

static void on_again(void *userdata)
{
        struct world *w = userdata;

        require(w->state == RETREATING);
        w->state = LIVES;
        react(w);
}

static const struct link_handler handler = {on_message, on_lost, on_again};

static int on_retreat(void *owner)
{
        const struct world *w = owner;

        return w->habits & GRANTS ? 0 : -EBUSY;
}

static void on_free(void *owner)
{
        struct world *w = owner;

        require(w->state != FREED);
        w->state = FREED;
}

static const struct bearers_owner owner = {on_retreat, on_free};

static void turn(struct world *w)
{
        for (unsigned i = 0; sd_event_run(w->event, 0) > 0; i++)
                require(i < TURNS_MAX);
}

/* Whether another may be added in its place: the link knows that the last one has gone. */
static bool is_free(struct world *w, const int *far)
{
        struct pollfd end = {.fd = *far};

        if (*far < 0)
                turn(w);
        return w->state != FREED && (*far < 0 || (poll(&end, 1, 0) > 0 && end.revents & POLLHUP));
}

static void connect_pair(int *ret_near, int *ret_far)
{
        const int room = ROOM;
        int fds[2];

        require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0);
        require(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) == 0);
        (void)fd_close(*ret_far);
        *ret_near = fds[0];
        *ret_far = fds[1];
}

static void add_coc(struct world *w)
{
        struct link *link = NULL;
        int near;

        if (!is_free(w, &w->coc))
                return;
        connect_pair(&near, &w->coc);
        require(coc_new(w->event, near, &link) == 0);
        bearers_add(w->bearers, link);
}

static void add_gatt(struct world *w)
{
        struct channel *channel = NULL;
        int in, out;

        if (!is_free(w, &w->to))
                return;
        connect_pair(&in, &w->to);
        connect_pair(&out, &w->from);
        require(channel_new(w->event, in, out, fragment_packet_size(247, FRAGMENT_ATT_BYTES), NULL,
                            NULL, &channel) == 0);
        bearers_add(w->bearers, channel_link(channel));
}

static void say(struct world *w, const struct chunk *chunk)
{
        int r;

        if (w->state == RETREATING)
                return;
        r = link_send(w->link, chunk->bytes, chunk->n_bytes);
        require(r < 0 ||
                (w->state == LIVES && chunk->n_bytes > 0 && chunk->n_bytes <= MESSAGE_MAX));
}

static void read_all(const struct world *w)
{
        const int fars[] = {w->coc, w->from};
        uint8_t packet[PACKET_MAX];

        for (size_t i = 0; i < ELEMENTSOF(fars); i++)
                while (fars[i] >= 0 && recv(fars[i], packet, sizeof(packet), MSG_DONTWAIT) > 0)
                        ;
}

static void happen(struct world *w, const struct chunk *chunk)
{
        w->habits = chunk->kind;
        switch (chunk->kind & 0xf) {
        case COC_SAYS:
                (void)send(w->coc, chunk->bytes, chunk->n_bytes, MSG_NOSIGNAL);
                break;
        case GATT_SAYS:
                (void)send(w->to, chunk->bytes, chunk->n_bytes, MSG_NOSIGNAL);
                break;
        case COC_COMES:
                add_coc(w);
                break;
        case GATT_COMES:
                add_gatt(w);
                break;
        case COC_GOES:
                w->coc = fd_close(w->coc);
                break;
        case GATT_GOES:
                w->to = fd_close(w->to);
                w->from = fd_close(w->from);
                break;
        case LINK_SAYS:
                say(w, chunk);
                break;
        case LINK_RETREATS:
                retreat(w);
                break;
        case OWNER_LOSES:
                bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
                break;
        case ALL_READ:
                read_all(w);
                break;
        }
        if (w->habits & TURNS)
                turn(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct world w = {.coc = -1, .to = -1, .from = -1};
        struct chunk chunk;

        require(sd_event_new(&w.event) >= 0);
        require(bearers_new(w.event, &owner, &w, &w.bearers) == 0);
        w.link = bearers_link(w.bearers);
        link_set_handler(w.link, &handler, &w);
        while (w.state != FREED && chunk_take(&data, &size, PACKET_MAX, &chunk))
                happen(&w, &chunk);
        if (w.state != FREED) {
                turn(&w);
                w.link = link_free(w.link);
        }
        require(w.state == FREED && !w.link);
        (void)fd_close(w.coc);
        (void)fd_close(w.to);
        (void)fd_close(w.from);
        (void)sd_event_unref(w.event);
        return 0;
}
