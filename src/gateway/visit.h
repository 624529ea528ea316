/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A visit to an owned device: while a session is open, its readings are taken and its errands run.
 *
 * It takes over the session of an enrollment that has just succeeded, or calls on the device
 * because there is an errand, or for its readings. It passes every reading to its handler under the
 * channel's name, and runs one errand after the other. A visit for the readings asks for those that
 * the device does not say by itself.
 *
 * Once it has done what it came for, it stays as long as nobody waits for the connection: with a
 * device on the mains without end, with one that sleeps for VISIT_LINGER_MS after its last word,
 * else for VISIT_SECONDS. Only one that follows an enrollment says BYE at once, unless the device
 * is on the mains. If its slot is needed before it is done, it parts with the device, waits for its
 * turn again, and connects by itself.
 */

#include <stddef.h>

#include <systemd/sd-event.h>

#include "contact/meeting.h"
#include "event/reading.h"
#include "gateway/errand.h"
#include "program/program.h"
#include "store/channel.h"
#include "store/device.h"
#include "util/defer.h"

#define VISIT_SECONDS      5
#define VISIT_LINGER_MS    1000
#define VISIT_FIND_SECONDS 30 /* how long a device is looked for that was left */
#define VISIT_READINGS_MAX PROGRAM_STEPS_MAX

struct visit;

/* What the hub has; by reference. */
struct visit_means {
        sd_event *event;
        const uint8_t *master; /* 32 bytes */
        const struct finder_means *finder;
};

/* Whom to visit; copied. */
struct visit_wish {
        const struct store_device *device;
        const struct store_channel *channels;
        size_t n_channels;
};

struct visit_handler {
        /* The readings of one message, at least one; valid during the call. */
        void (*on_readings)(void *userdata, const struct store_device *device,
                            const struct reading *readings, size_t n_readings);
        /*
         * Over: REASON_NONE, or why it was not made or was broken off; @text is one line for
         * people. Errands that the device has not been asked can be taken back here. The visit may
         * be freed here and must be freed afterwards.
         */
        void (*on_ended)(void *userdata, enum reason why, const char *text);
        /*
         * A session that it has opened itself: the device is there, at this place of airtime. NULL:
         * never mind.
         */
        void (*on_met)(void *userdata, const struct store_device *device, const char *place);
        /* It has done what it came for, and stays. May be called again; NULL: never mind. */
        void (*on_done)(void *userdata, const struct store_device *device);
        /*
         * Whether the DATA with this number, since this start of the device, is to be taken. NULL:
         * each is.
         */
        bool (*on_data)(void *userdata, const struct store_device *device,
                        const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES], uint32_t number);
        /*
         * It is about to be asked to let itself go; or it has been met after that, and has not done
         * so. To be remembered for later visits, in .ownership.leaving. NULL: never mind.
         */
        void (*on_leaving)(void *userdata, const struct store_device *device, bool leaving);
};

/*
 * Goes on with a meeting whose session is open; takes @meeting_take also when it fails. 0 or
 * -errno.
 */
int visit_new(const struct visit_means *means, const struct visit_wish *wish,
              struct meeting *meeting_take, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit);

/*
 * Calls on the device, for which it looks for @seconds: as AIRTIME_COMMAND because there is an
 * errand, as AIRTIME_VISIT for its readings. 0 or -errno.
 */
int visit_new_calling(const struct visit_means *means, const struct visit_wish *wish,
                      unsigned seconds, enum airtime_rank rank, const struct visit_handler *handler,
                      void *userdata, struct visit **ret_visit);

/* Errands that are left get no answer. Takes NULL, returns NULL. */
struct visit *visit_free(struct visit *v);

/* Runs this errand after those that it has; false if it parts with the device, and keeps none. */
bool visit_ask(struct visit *v, struct errand *errand_take);

/* The errands that the device has not been asked, in their order; the caller's. */
struct errand *visit_take_errands(struct visit *v);

/* Whether it has parted with the device, or is about to. */
bool visit_parts(const struct visit *v);

/* Asks for all that can be read, if its session is open and has nothing else to do. */
void visit_poll(struct visit *v);

/* It has waited long: until it has its turn, it is as important as a command. */
void visit_hurry(struct visit *v);

/* Whether the device has proven that it is there, and whether it has said a reading. */
bool visit_has_met(const struct visit *v);
bool visit_has_heard(const struct visit *v);

/* Says BYE and ends: somebody else needs the device. */
void visit_end(struct visit *v);

/* Whom it visits, as wished; valid as long as the visit. */
const struct store_device *visit_device(const struct visit *v);
struct visit_wish visit_wish(const struct visit *v);

/*
 * Reads the values of a DATA or a RESULT into @ret_readings. Channels that the device was not
 * enrolled with are left out. Returns how many there are.
 */
size_t visit_read(struct message_values *values, const struct store_channel *channels,
                  size_t n_channels, struct reading ret_readings[VISIT_READINGS_MAX]);

DEFINE_DEFER(struct visit *, visit_free);
