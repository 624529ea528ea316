/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The counterpart of a board's main loop on Linux: libenroll-device between a link, a timer and the
 * thermometer. A Bluetooth link ends with the session; a stream stays and waits for the next PROBE
 * (doc/protocol.md section 2). BlueZ does not report when it changes its address, so the
 * advertisement changes with the time and the sessions only.
 *
 * An owned device goes on measuring without a hub, and calls for it when there is a reading. One
 * that its owner has released gets its secret back from where the factory put it.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "thermometer/thermometer.h"
#include "link/link.h"
#include "util/defer.h"

/* A fault that a test provokes at one of the device's own messages. */
enum host_fault {
        HOST_FAULT_NONE,
        HOST_FAULT_POWER_OFF_BEFORE, /* the memory is written, but the message is not sent */
        HOST_FAULT_POWER_OFF_AFTER,
        HOST_FAULT_LOSE, /* the message is not sent, and the link is lost */
};

/* The messages a fault can be at. */
#define HOST_MESSAGES "ANNOUNCE M2 K2 REFUSE HELLO SYNC REPORT DONE FAIL DATA RESULT RELEASED BYE"

#define HOST_EXIT_POWER_OFF 3 /* of the process, when a fault has cut its power */

struct host;

struct host_handler {
        /* The advertisement has changed. Not called for the answer to a stream's PROBE. */
        void (*on_advertisement)(void *userdata, const uint8_t *advertisement);
};

/*
 * @thermometer must outlive the host. @message is the name of the message at which the fault
 * strikes, for instance "REPORT"; -EINVAL if there is no such message, -EIO if the memory fails.
 */
int host_new(sd_event *event, struct thermometer *thermometer, enum host_fault fault,
             const char *message, struct host **ret_host);

/* Drops the link as host_let_go() does. */
struct host *host_free(struct host *host);

/* Says goodbye to a connected hub and drops the link. */
void host_let_go(struct host *host);

/* Takes a new link, which replaces an existing one. */
void host_take_link(struct host *host, struct link *link_take, bool stream);

/* A person holds the button. 0, or -EIO. */
int host_reset(struct host *host);

/* Sets the handler and calls it with the present advertisement. */
void host_set_handler(struct host *host, const struct host_handler *handler, void *userdata);

DEFINE_DEFER(struct host *, host_free);
