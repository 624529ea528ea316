/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a board's main loop is, on Linux: libenroll-device between a link, a timer and the
 * thermometer. doc/protocol.md section 2 says what is different between the kinds of links: a
 * Bluetooth link ends with the session, a stream stays and waits for the next PROBE.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "thermometer/thermometer.h"
#include "link/link.h"
#include "util/defer.h"

/* A fault that a test asks for, at one of the device's own messages. */
enum host_fault {
        HOST_FAULT_NONE,
        HOST_FAULT_POWER_OFF_BEFORE, /* what was to be said is in the memory, but is not sent */
        HOST_FAULT_POWER_OFF_AFTER,
        HOST_FAULT_LOSE, /* it is not sent, and the link is lost */
};

/* The messages a fault can be at. */
#define HOST_MESSAGES "ANNOUNCE M2 K2 REFUSE HELLO SYNC REPORT DONE FAIL DATA BYE"

#define HOST_EXIT_POWER_OFF 3 /* of the process, when a fault took its power */

struct host;

struct host_handler {
        /* The advertisement has changed; what a stream's PROBE hears is none of this. */
        void (*on_advertisement)(void *userdata, const uint8_t *advertisement);
};

/*
 * @thermometer stays in place. @message is the name of the message that the fault is at, for
 * instance "REPORT"; -EINVAL if there is none of this name, -EIO if the memory does not work.
 */
int host_new(sd_event *event, struct thermometer *thermometer, enum host_fault fault,
             const char *message, struct host **ret_host);

/* Lets go of the link as below. */
struct host *host_free(struct host *host);

/* Says goodbye to a hub that is there, and lets go of the link. */
void host_let_go(struct host *host);

/* Takes a link that has come up, in place of one that is there. */
void host_take_link(struct host *host, struct link *link_take, bool stream);

/* A person holds the button. 0, or -EIO. */
int host_reset(struct host *host);

/* Tells the owner, first about the advertisement of now. */
void host_set_handler(struct host *host, const struct host_handler *handler, void *userdata);

DEFINE_DEFER(struct host *, host_free);
