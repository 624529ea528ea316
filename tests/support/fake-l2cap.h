/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kernel's L2CAP channels (ble/l2cap.h), made of local packet sockets. A program whose sources
 * include $(FAKE_L2CAP) gets these functions in place of the real ones; the code below test can be
 * the end that opens channels, or the one that listens, and the test is the other.
 */

#include <stdbool.h>

#include "ble/l2cap.h"

struct fake_l2cap {
        /* How it behaves; all are negative errnos, or 0. */
        int open_error;   /* what l2cap_open() fails with at once */
        int opened_error; /* what l2cap_opened() says: -ECONNREFUSED, -EMSGSIZE ... */
        int listen_error; /* what l2cap_listen() fails with */
        int accept_error; /* what the next l2cap_accept() fails with */
        bool hangs;       /* what is opened stays under way until fake_l2cap_go_on() */

        /* What came of it. */
        unsigned n_opens, n_listens;
        struct l2cap_end own, peer; /* of the newest l2cap_open(); own also of l2cap_listen() */
        int far_fd;                 /* the device's end of the newest open; the test's to close */
};

extern struct fake_l2cap fake_l2cap;

/* As when the program began, with nothing open. */
void fake_l2cap_reset(void);

/* What hangs is open now, or has failed if opened_error says so. */
void fake_l2cap_go_on(void);

/* True while somebody listens. */
bool fake_l2cap_listens(void);

/* A central opens a channel. Its end of it, which is non-blocking; -ECONNREFUSED if nobody
 * listens. */
int fake_l2cap_call(const struct l2cap_end *central);
