/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One meeting with a device: it is found, its turn comes, and a session begins with it.
 *
 *     look ── found ── turn, link ── session ── parted
 *      ^                                |
 *      '───── BYE, when displaced ──────'
 *
 * Where somebody more important needs the connection, the meeting says BYE, and looks for the
 * device again by itself. It ends with one on_failed, one on_ended, or one on_parted after
 * meeting_part(); it may be freed in each of them, and in on_body.
 */

#include "contact/conversation.h"
#include "contact/finder.h"
#include "util/defer.h"

struct meeting_handler {
        /* Found; the session comes by itself. Called once for each time it is looked for. */
        void (*on_found)(void *userdata, const struct finder_found *found);
        /* Its turn to be connected has come, or is lost again: found->waits. NULL: never mind. */
        void (*on_turn)(void *userdata, const struct finder_found *found);
        /*
         * Connected: fills @ret_keys for the session to try with the device, which announced @found
         * last.
         */
        void (*on_link)(void *userdata, const struct finder_found *found, struct keys *ret_keys);
        /* As in struct conversation_handler. */
        void (*on_ready)(void *userdata);
        void (*on_body)(void *userdata, enum message_kind kind, struct cbor_span body);
        /* Somebody else had the connection; now the device is looked for again. */
        void (*on_again)(void *userdata);
        /* There was no session; @text is one line for people. */
        void (*on_failed)(void *userdata, enum reason why, const char *text);
        /* There was one, and it has ended without us. */
        void (*on_ended)(void *userdata, const struct conversation_end *end);
        /* What we said last has had its time to get through. */
        void (*on_parted)(void *userdata);
};

struct meeting;

/* Starts to look; @means stays in place, the rest is copied. 0 or -errno. */
int meeting_new(const struct finder_means *means, const struct finder_wish *wish,
                const struct meeting_handler *handler, void *userdata,
                struct meeting **ret_meeting);

/* Wipes the keys, closes the link, and gives the turn back. Takes NULL. */
struct meeting *meeting_free(struct meeting *m);

/* The session; NULL unless there is one. */
struct conversation *meeting_conversation(struct meeting *m);

/* Where the session is, a place of airtime; NULL unless there is one. */
const char *meeting_place(const struct meeting *m);

/*
 * Which start of the device the session is with, MESSAGE_BOOT_ID_BYTES, as DONE has said it; NULL
 * before.
 */
const uint8_t *meeting_boot_id(const struct meeting *m);

/*
 * Goes on with an open session in other hands. From now on its turn has @rank, and if it is
 * displaced the device is looked for for @seconds.
 */
void meeting_hand_over(struct meeting *m, enum airtime_rank rank, unsigned seconds,
                       const struct meeting_handler *handler, void *userdata);

/* The same hands, and another rank, wherever the meeting is. */
void meeting_set_rank(struct meeting *m, enum airtime_rank rank);

/*
 * Parts with the device, from wherever it is: says BYE if that may be said now, and calls nothing
 * but on_parted any more, in a later turn of the loop; where a session is open, after
 * CONVERSATION_PARTING_MS.
 */
void meeting_part(struct meeting *m);

DEFINE_DEFER(struct meeting *, meeting_free);
