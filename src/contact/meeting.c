/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/meeting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/log.h"
#include "util/loop.h"

struct meeting {
        const struct finder_means *means;
        const struct meeting_handler *handler;
        void *userdata;
        struct finder_wish wish; /* its key is this one */
        uint8_t adv_key[KDF_KEY_BYTES];

        struct finder *finder; /* while it looks for the device, or waits for its turn */
        struct turn *turn;     /* of the connection, while there is one */
        struct conversation *conversation;
        sd_event_source *parting;
        bool displaced; /* has said BYE, and looks again afterwards */
        bool parts;     /* the handler has parted */
        bool has_boot_id;
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
};

/* Whether the handler wants to hear nothing of what happens now. */
static bool meeting_is_over(const struct meeting *m)
{
        return m->parts || m->displaced;
}

/* Releases the device: the link before its slot. */
static void meeting_release(struct meeting *m)
{
        m->conversation = conversation_free(m->conversation);
        m->turn = turn_free(m->turn);
        m->has_boot_id = false;
}

static void meeting_take_leave(struct meeting *m)
{
        if (m->conversation)
                conversation_say_bye(m->conversation);
        loop_rearm_timer(m->parting, m->conversation ? CONVERSATION_PARTING_MS : 0);
}

/* --- the session --- */

static void meeting_on_ready(void *userdata)
{
        struct meeting *m = userdata;

        if (!meeting_is_over(m))
                m->handler->on_ready(m->userdata);
}

static void meeting_on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct meeting *m = userdata;
        struct message_done done;

        if (kind == MESSAGE_DONE && message_get_done(body, &done) == 0) {
                m->has_boot_id = true;
                memcpy(m->boot_id, done.boot_id, sizeof(m->boot_id));
        }
        if (!meeting_is_over(m))
                m->handler->on_body(m->userdata, kind, body);
}

static void meeting_on_conversation_ended(void *userdata, const struct conversation_end *end)
{
        struct meeting *m = userdata;

        if (!meeting_is_over(m))
                m->handler->on_ended(m->userdata, end);
}

static const struct conversation_handler meeting_conversation_handler = {
        .on_ready = meeting_on_ready,
        .on_body = meeting_on_body,
        .on_ended = meeting_on_conversation_ended,
};

/* Something more important needs the connection: the device is parted with, and looked for again.
 */
static void meeting_on_displaced(void *userdata)
{
        struct meeting *m = userdata;

        if (meeting_is_over(m))
                return;
        m->displaced = true;
        meeting_take_leave(m);
}

/* It has its turn when it comes to us, so that only the other is called. */
static const struct airtime_handler meeting_airtime_handler = {
        .on_displaced = meeting_on_displaced,
};

/* --- finding --- */

static void meeting_on_found(void *userdata, const struct finder_found *found)
{
        struct meeting *m = userdata;

        if (!m->parts)
                m->handler->on_found(m->userdata, found);
}

static void meeting_on_turn(void *userdata, const struct finder_found *found)
{
        struct meeting *m = userdata;

        if (!m->parts && m->handler->on_turn)
                m->handler->on_turn(m->userdata, found);
}

static void meeting_begin_session(struct meeting *m, struct link *link_take,
                                  const struct keys *keys)
{
        int r;

        r = conversation_new(m->means->event, link_take, keys, &meeting_conversation_handler, m,
                             &m->conversation);
        if (r < 0) {
                enum reason why = r == -ENOMEM ? REASON_INTERNAL : REASON_LINK_LOST;

                (void)log_errno(r, "The session cannot be started");
                m->handler->on_failed(m->userdata, why, reason_text(why));
        }
}

static void meeting_on_link(void *userdata, const struct finder_found *found,
                            struct link *link_take, struct turn *turn_take)
{
        struct meeting *m = userdata;
        struct keys keys = {0};

        m->turn = turn_take;
        turn_hand_over(m->turn, m->wish.rank, &meeting_airtime_handler, m);
        if (m->parts) {
                (void)link_free(link_take);
                return;
        }
        m->handler->on_link(m->userdata, found, &keys);
        m->finder = finder_free(m->finder); /* and @found with it */
        meeting_begin_session(m, link_take, &keys);
        sodium_memzero(&keys, sizeof(keys));
}

static void meeting_on_not_found(void *userdata, enum reason why, const char *text)
{
        struct meeting *m = userdata;

        m->finder = finder_free(m->finder);
        if (!m->parts)
                m->handler->on_failed(m->userdata, why, text);
}

static const struct finder_handler meeting_finder_handler = {
        .on_found = meeting_on_found,
        .on_turn = meeting_on_turn,
        .on_link = meeting_on_link,
        .on_failed = meeting_on_not_found,
};

static int meeting_look(struct meeting *m)
{
        return finder_new(m->means, &m->wish, &meeting_finder_handler, m, &m->finder);
}

static void meeting_look_again(struct meeting *m)
{
        int r;

        m->displaced = false;
        meeting_release(m);
        r = meeting_look(m);
        if (r == 0) {
                m->handler->on_again(m->userdata);
                return;
        }
        (void)log_errno(r, "The device that was parted with cannot be looked for again");
        m->handler->on_failed(m->userdata, REASON_INTERNAL, reason_text(REASON_INTERNAL));
}

static int meeting_on_parting(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct meeting *m = userdata;

        (void)source;
        (void)usec;
        if (m->parts)
                m->handler->on_parted(m->userdata);
        else
                meeting_look_again(m);
        return 0;
}

/* --- beginning and end --- */

int meeting_new(const struct finder_means *means, const struct finder_wish *wish,
                const struct meeting_handler *handler, void *userdata, struct meeting **ret_meeting)
{
        _defer_(meeting_free) struct meeting *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->means = means;
        m->handler = handler;
        m->userdata = userdata;
        m->wish = *wish;
        m->wish.adv_key = m->adv_key;
        memcpy(m->adv_key, wish->adv_key, sizeof(m->adv_key));
        r = loop_add_timer(means->event, &m->parting, meeting_on_parting, m);
        if (r < 0)
                return r;
        r = meeting_look(m);
        if (r < 0)
                return r;
        *ret_meeting = take(m);
        return 0;
}

struct meeting *meeting_free(struct meeting *m)
{
        if (!m)
                return NULL;
        m->finder = finder_free(m->finder);
        meeting_release(m);
        loop_drop(&m->parting);
        sodium_memzero(m->adv_key, sizeof(m->adv_key));
        free(m);
        return NULL;
}

struct conversation *meeting_conversation(struct meeting *m)
{
        return m->conversation;
}

const char *meeting_place(const struct meeting *m)
{
        return m->turn ? turn_place(m->turn) : NULL;
}

const uint8_t *meeting_boot_id(const struct meeting *m)
{
        return m->has_boot_id ? m->boot_id : NULL;
}

void meeting_hand_over(struct meeting *m, enum airtime_rank rank, unsigned seconds,
                       const struct meeting_handler *handler, void *userdata)
{
        m->handler = handler;
        m->userdata = userdata;
        m->wish.rank = rank;
        m->wish.seconds = seconds;
        turn_hand_over(m->turn, rank, &meeting_airtime_handler, m);
}

void meeting_set_rank(struct meeting *m, enum airtime_rank rank)
{
        m->wish.rank = rank;
        if (m->finder)
                finder_set_rank(m->finder, rank);
        if (m->turn)
                turn_hand_over(m->turn, rank, &meeting_airtime_handler, m);
}

void meeting_part(struct meeting *m)
{
        m->parts = true;
        meeting_take_leave(m);
}
