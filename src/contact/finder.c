/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/finder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "ble/heard.h"
#include "ble/observer.h"
#include "ble/uuid.h"
#include "code/payload.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define PLACE_SIZE 256 /* of a place's name, with its NUL */
#define TEXT_SIZE  (PLACE_SIZE + 96)
#define WEAK_DBM   (-85) /* below it, distance explains that a connection fails */

/* One port that is listened to. */
struct finder_ear {
        struct finder *finder;
        struct port *port;
        struct port_ear *ear;
        bool stranger; /* another device has answered there */
};

struct finder {
        const struct finder_means *means;
        const struct finder_handler *handler;
        void *userdata;
        uint8_t adv_key[32];
        unsigned reach, seconds;
        enum airtime_rank rank;
        enum reason no_air; /* why it does not listen to the air, where the code names it */

        /* looking */
        struct finder_ear *ears; /* one for each port */
        size_t n_ears;
        struct listening *listening;
        struct heard_tally heard, others; /* that can be enrolled, or not */
        sd_event_source *start, *window;

        /* found */
        bool is_found;
        struct finder_found found;
        char place[PLACE_SIZE];
        struct port *port;           /* where, or NULL: over the air */
        char device[BLUEZ_PATH_MAX]; /* over the air: the device's object path */
        struct turn *turn;
        struct dial *dial;
};

bool finder_recognise(const uint8_t adv_key[32], const uint8_t data[MESSAGE_ADV_BYTES],
                      enum message_state *ret_state)
{
        bool found = false;

        for (int state = MESSAGE_STATE_FACTORY; state <= MESSAGE_STATE_WAITING; state++) {
                uint8_t tag[KDF_ADV_TAG_BYTES];

                kdf_adv_tag(adv_key, data, (uint8_t)state, tag);
                if (sodium_memcmp(tag, data + KDF_NONCE_BYTES, sizeof(tag)) == 0) {
                        *ret_state = (enum message_state)state;
                        found = true;
                }
        }
        return found;
}

/* Stops to look; what was found stays. */
static void finder_close_ears(struct finder *f)
{
        for (size_t i = 0; i < f->n_ears; i++)
                f->ears[i].ear = port_ear_free(f->ears[i].ear);
        f->listening = listening_free(f->listening);
        loop_disarm(f->window);
}

/* Nothing of what was started may call back once the handler has been called. */
static void finder_stop(struct finder *f)
{
        finder_close_ears(f);
        loop_disarm(f->start);
        f->dial = dial_free(f->dial);
        f->turn = turn_free(f->turn);
}

static void finder_fail(struct finder *f, enum reason why, const char *text)
{
        finder_stop(f);
        f->handler->on_failed(f->userdata, why, text);
}

static void finder_fail_plainly(struct finder *f, enum reason why)
{
        finder_fail(f, why, reason_text(why));
}

static void finder_succeed(struct finder *f, struct link *link_take)
{
        struct turn *turn = take(f->turn);

        finder_stop(f);
        f->handler->on_link(f->userdata, &f->found, link_take, turn);
}

/* --- the turn --- */

static void finder_on_dial_link(void *userdata, struct link *link_take)
{
        struct finder *f = userdata;

        f->dial = NULL;
        finder_succeed(f, link_take);
}

/* Looks again, and waits again. */
static void finder_start_over(struct finder *f)
{
        f->dial = dial_free(f->dial);
        f->turn = turn_free(f->turn);
        loop_rearm(f->start);
        f->found.waits = true;
        f->handler->on_turn(f->userdata, &f->found);
}

/*
 * It was heard, so it is there: what keeps it from taking a connection is its distance, or somebody
 * else's connection.
 */
static void finder_fail_heard(struct finder *f, enum reason why)
{
        char text[TEXT_SIZE], strength[24] = "";
        bool weak = f->found.has_rssi && f->found.rssi < WEAK_DBM;

        if (f->found.has_rssi)
                (void)snprintf(strength, sizeof(strength), " at %d dBm", f->found.rssi);
        (void)snprintf(text, sizeof(text), "The device was heard%s, but %s; %s.", strength,
                       why == REASON_LINK_LOST ? "it ended the connection at once"
                                               : "takes no connection",
                       weak ? "it is far away" : "a phone or another hub may be connected to it");
        finder_fail(f, why, text);
}

static void finder_on_dial_failed(void *userdata, enum reason why)
{
        struct finder *f = userdata;

        f->dial = NULL;
        /* The adapter has gone, and another one may hear the device. */
        if ((why == REASON_ADAPTER_MISSING || why == REASON_ADAPTER_OFF ||
             why == REASON_ADAPTER_STUCK) &&
            adapters_reason(f->means->adapters) == REASON_NONE)
                finder_start_over(f);
        else if (why == REASON_CONNECT_FAILED || why == REASON_LINK_LOST)
                finder_fail_heard(f, why);
        else
                finder_fail_plainly(f, why);
}

static const struct dial_handler finder_dial_handler = {
        .on_link = finder_on_dial_link,
        .on_failed = finder_on_dial_failed,
};

static void finder_dial(struct finder *f)
{
        int r;

        finder_close_ears(f);
        f->found.waits = false;
        f->handler->on_turn(f->userdata, &f->found);
        r = central_dial(f->means->central, f->device, &finder_dial_handler, f, &f->dial);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot be dialled", f->device);
                finder_fail_plainly(f, REASON_CONNECT_FAILED);
        }
}

static void finder_on_turn(void *userdata)
{
        struct finder *f = userdata;
        struct link *link;

        if (!f->port) {
                finder_dial(f);
                return;
        }
        link = port_take(f->port);
        if (link)
                finder_succeed(f, link);
        else
                finder_fail_plainly(f, REASON_LINK_LOST);
}

/* Somebody more important needs the adapter while we connect. */
static void finder_on_displaced(void *userdata)
{
        finder_start_over(userdata);
}

static const struct airtime_handler finder_airtime_handler = {
        .on_turn = finder_on_turn,
        .on_displaced = finder_on_displaced,
};

/* Where the device is: it waits for its turn there, until it is heard where there is room. */
static int finder_settle(struct finder *f, const char *place, struct port *port)
{
        int r;

        f->port = port;
        (void)snprintf(f->place, sizeof(f->place), "%s", place);
        f->found.place = f->place;
        f->found.waits = !airtime_has_room(f->means->airtime, f->place);
        f->found.limit_sec = port ? 0 : central_limit_sec(f->means->central);
        loop_disarm(f->window);
        r = turn_new(f->means->airtime, f->place, f->rank, &finder_airtime_handler, f, &f->turn);
        if (r < 0)
                return log_errno(r, "Cannot wait for %s", f->place);
        return 0;
}

/* True if these bytes are the device's: then its nonce and state are what they say. One that is
 * WAITING is OWNED here. */
static bool finder_take(struct finder *f, const uint8_t data[MESSAGE_ADV_BYTES])
{
        if (!finder_recognise(f->adv_key, data, &f->found.state))
                return false;
        if (f->found.state == MESSAGE_STATE_WAITING)
                f->found.state = MESSAGE_STATE_OWNED;
        memcpy(f->found.nonce, data, sizeof(f->found.nonce));
        return true;
}

/* Whether it is of no use to hear the device there: its turn is here, or as near as there. */
static bool finder_stays(const struct finder *f, const char *place)
{
        return f->turn && strcmp(f->place, place) != 0 &&
               (f->dial || !airtime_has_room(f->means->airtime, place));
}

/* It has been heard, for the first time or once more while it waits. The finder may be freed. */
static void finder_heard(struct finder *f, const char *place, struct port *port)
{
        bool first = !f->is_found;

        if (f->turn && strcmp(f->place, place) == 0)
                return;
        f->turn = turn_free(f->turn);
        if (finder_settle(f, place, port) < 0) {
                finder_fail_plainly(f, REASON_INTERNAL);
                return;
        }
        f->is_found = true;
        if (first)
                f->handler->on_found(f->userdata, &f->found);
}

/* --- the ports --- */

/* Every port has answered, and there is no other way: waiting longer finds nothing. */
static bool finder_only_strangers(const struct finder *f)
{
        if (f->listening || f->n_ears == 0)
                return false;
        for (size_t i = 0; i < f->n_ears; i++)
                if (!f->ears[i].stranger)
                        return false;
        return true;
}

/* Why the device was not found at a port. */
enum absence { OTHER_DEVICE, IN_USE, SILENT, NOT_OPEN, ABSENCES };

static enum absence finder_absence(const struct finder *f, const struct finder_ear *ear)
{
        if (ear->stranger)
                return OTHER_DEVICE;
        if (airtime_is_used(f->means->airtime, port_address(ear->port)))
                return IN_USE;
        return port_was_open(ear->port) ? SILENT : NOT_OPEN;
}

static void finder_count_absences(const struct finder *f, size_t n[ABSENCES])
{
        for (size_t i = 0; i < f->n_ears; i++)
                n[finder_absence(f, &f->ears[i])]++;
}

/* Says of one port what is there, and of several how many there are of each kind. */
static void finder_describe_ports(const struct finder *f, const size_t n[ABSENCES],
                                  char text[TEXT_SIZE])
{
        static const char *const of_one[ABSENCES] = {"Another device answers at",
                                                     "The port is in use:", "Nothing answers at",
                                                     "The port cannot be opened:"};
        static const char *const of_many[ABSENCES] = {"with another device", "in use", "silent",
                                                      "that cannot be opened"};
        const char *separator = ": ";
        int at;

        if (f->n_ears == 1) {
                (void)snprintf(text, TEXT_SIZE, "%s %s.", of_one[finder_absence(f, f->ears)],
                               port_address(f->ears[0].port));
                return;
        }
        at = snprintf(text, TEXT_SIZE, "The device is at none of the %zu ports", f->n_ears);
        for (size_t i = 0; i < ABSENCES; i++)
                if (n[i] > 0) {
                        at += snprintf(text + at, TEXT_SIZE - (size_t)at, "%s%zu %s", separator,
                                       n[i], of_many[i]);
                        separator = ", ";
                }
        (void)snprintf(text + at, TEXT_SIZE - (size_t)at, ".");
}

/*
 * Nothing was found at the ports, and the air is not listened to. A device that the hub could reach
 * over the air is most likely there. That the code is another device's is said only where every
 * port has one.
 */
static void finder_fail_at_ports(struct finder *f)
{
        size_t n[ABSENCES] = {0};
        char text[TEXT_SIZE];
        enum reason why = REASON_PORT_UNAVAILABLE;

        if (f->no_air != REASON_NONE && f->no_air != REASON_BLUETOOTH_DISABLED) {
                finder_fail_plainly(f, f->no_air);
                return;
        }
        finder_count_absences(f, n);
        if (n[OTHER_DEVICE] == f->n_ears)
                why = REASON_WRONG_SECRET;
        else if (n[IN_USE] > 0)
                why = REASON_BUSY;
        else if (n[NOT_OPEN] < f->n_ears)
                why = REASON_DEVICE_NOT_FOUND;
        finder_describe_ports(f, n, text);
        finder_fail(f, why, text);
}

static void finder_on_announced(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES])
{
        struct finder_ear *ear = userdata;
        struct finder *f = ear->finder;

        if (finder_stays(f, port_address(ear->port)))
                return;
        if (finder_take(f, data)) {
                f->found.has_rssi = false;
                finder_heard(f, port_address(ear->port), ear->port);
                return;
        }
        ear->stranger = true;
        if (!f->turn && finder_only_strangers(f))
                finder_fail_at_ports(f);
}

static const struct port_handler finder_port_handler = {.on_announced = finder_on_announced};

static int finder_open_ears(struct finder *f)
{
        int r;

        for (size_t i = 0; i < f->n_ears; i++) {
                r = port_ear_new(f->ears[i].port, PORT_OFTEN, &finder_port_handler, &f->ears[i],
                                 &f->ears[i].ear);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- the air --- */

static void finder_on_heard(void *userdata, const struct observer_heard *heard)
{
        const struct bluez_data *data = observer_find_service_data(heard, BLE_SERVICE_UUID);
        struct finder *f = userdata;

        if (!data)
                heard_tally_note(&f->others, heard->device, heard->rssi);
        if (!data || data->n_bytes != BLE_DATA_BYTES || finder_stays(f, heard->adapter))
                return;
        if (!finder_take(f, data->bytes)) {
                heard_tally_note(&f->heard, heard->device, heard->rssi);
                return;
        }
        (void)snprintf(f->device, sizeof(f->device), "%s", heard->device);
        f->found.has_rssi = heard->rssi != BLUEZ_RSSI_UNSET;
        f->found.rssi = heard->rssi;
        finder_heard(f, heard->adapter, NULL);
}

/* The ports go on without the air. */
static void finder_on_deaf(void *userdata, enum reason why)
{
        struct finder *f = userdata;

        f->listening = listening_free(f->listening);
        f->no_air = why;
        if ((f->turn && !f->port) || f->n_ears == 0)
                finder_fail_plainly(f, why);
}

static const struct observer_handler finder_observer_handler = {
        .on_heard = finder_on_heard,
        .on_deaf = finder_on_deaf,
};

/* REASON_NONE: it is listened to; else why that cannot be. */
static enum reason finder_listen(struct finder *f)
{
        enum reason why = f->means->no_air;
        int r;

        if (f->means->adapters)
                why = adapters_reason(f->means->adapters);
        if (why != REASON_NONE)
                return why;
        r = listening_new(f->means->adapters, &finder_observer_handler, f, &f->listening);
        if (r < 0) {
                (void)log_errno(r, "Cannot listen to Bluetooth");
                return REASON_INTERNAL;
        }
        return REASON_NONE;
}

/* --- beginning and end --- */

/* Listens on every way that the code names and the hub has. */
static enum reason finder_start(struct finder *f)
{
        enum reason why = REASON_PORT_UNAVAILABLE;
        int r;

        if (f->reach & PAYLOAD_REACH_BLE)
                why = f->no_air = finder_listen(f);
        if (f->n_ears > 0) {
                r = finder_open_ears(f);
                why = REASON_NONE;
                if (r < 0) {
                        (void)log_errno(r, "Cannot listen on the stream ports");
                        why = REASON_INTERNAL;
                }
        }
        if (why == REASON_NONE)
                loop_rearm_timer(f->window, (uint64_t)f->seconds * 1000);
        return why;
}

/* In a turn of the loop, so that a failure is reported from there, too. */
static int finder_on_start(sd_event_source *source, void *userdata)
{
        struct finder *f = userdata;
        enum reason why;

        (void)source;
        why = finder_start(f);
        if (why != REASON_NONE)
                finder_fail_plainly(f, why);
        return 0;
}

static void finder_fail_unheard(struct finder *f)
{
        const char *foreign = central_sees_foreign(f->means->central)
                                      ? " Another program on this hub is connected to a device "
                                        "that can be enrolled."
                                      : "";
        char what[HEARD_TEXT_SIZE], ports[TEXT_SIZE] = "";
        char text[128 + HEARD_TEXT_SIZE + TEXT_SIZE];
        size_t n[ABSENCES] = {0};

        if (f->heard.n_devices > 0)
                heard_tally_describe(&f->heard, what, sizeof(what));
        else
                heard_tally_describe_others(&f->others, what, sizeof(what));
        finder_count_absences(f, n);
        if (f->n_ears > 0)
                finder_describe_ports(f, n, ports);
        (void)snprintf(text, sizeof(text), "The device was not found: %s.%s%s%s", what, foreign,
                       ports[0] ? " " : "", ports);
        finder_fail(f, REASON_DEVICE_NOT_FOUND, text);
}

static int finder_on_window(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct finder *f = userdata;

        (void)source;
        (void)usec;
        if (f->listening)
                finder_fail_unheard(f);
        else
                finder_fail_at_ports(f);
        return 0;
}

static int finder_add_ears(struct finder *f)
{
        if (!(f->reach & PAYLOAD_REACH_STREAM) || f->means->n_ports == 0)
                return 0;
        f->ears = calloc(f->means->n_ports, sizeof(*f->ears));
        if (!f->ears)
                return -ENOMEM;
        f->n_ears = f->means->n_ports;
        for (size_t i = 0; i < f->n_ears; i++)
                f->ears[i] = (struct finder_ear){.finder = f, .port = f->means->ports[i]};
        return 0;
}

int finder_new(const struct finder_means *means, const struct finder_wish *wish,
               const struct finder_handler *handler, void *userdata, struct finder **ret_finder)
{
        _defer_(finder_free) struct finder *f = NULL;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->means = means;
        f->reach = wish->reach;
        f->seconds = wish->seconds;
        f->rank = wish->rank;
        f->handler = handler;
        f->userdata = userdata;
        memcpy(f->adv_key, wish->adv_key, sizeof(f->adv_key));

        r = finder_add_ears(f);
        if (r < 0)
                return r;
        r = loop_add_timer(means->event, &f->window, finder_on_window, f);
        if (r < 0)
                return r;
        r = loop_add_defer(means->event, &f->start, finder_on_start, f);
        if (r < 0)
                return r;
        loop_rearm(f->start);
        *ret_finder = take(f);
        return 0;
}

void finder_set_rank(struct finder *f, enum airtime_rank rank)
{
        f->rank = rank;
        if (f->turn)
                turn_hand_over(f->turn, rank, &finder_airtime_handler, f);
}

struct finder *finder_free(struct finder *f)
{
        if (!f)
                return NULL;
        finder_stop(f);
        loop_drop(&f->start);
        loop_drop(&f->window);
        free(f->ears);
        sodium_memzero(f->adv_key, sizeof(f->adv_key));
        free(f);
        return NULL;
}
