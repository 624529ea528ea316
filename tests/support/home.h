/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hub without a daemon: its store, its site, the issuer it trusts, and a port with one device. */

#include "enrollment/enrollment.h"
#include "support/code-sample.h"
#include "support/thing.h"
#include "support/way.h"

struct home {
        sd_event *event;
        char directory[64], database[96];
        struct issuer issuer;
        struct issuers issuers;
        struct site site;
        struct sample sample; /* the device's code */
        struct thing thing;   /* on, and plugged in */
        struct way way;
        struct enrollment_means means;
};

/* @master, 32 bytes, stays in place. */
void home_init(struct home *home, const uint8_t *master);

/* Nothing may use it any more. */
void home_done(struct home *home);
