/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is shown to Home Assistant as one of its devices: a device of this hub, or the hub itself.
 *
 * Normative: doc/mqtt.md, section 10.
 */

#include <stdbool.h>

#include <jansson.h>

#include "api/exposes.h"
#include "store/device.h"
#include "util/defer.h"

#define SUBJECT_IDENTIFIER_SIZE 64 /* with the NUL */

/* On whose behalf. */
struct subject_means {
        const char *hub;     /* its name */
        const char *version; /* of the daemon */
        bool obeys;          /* requests and commands over MQTT are taken */
};

struct subject {
        char identifier[SUBJECT_IDENTIFIER_SIZE]; /* also in its topics and in its entities' ids */
        json_t *device;                           /* who it is */
        json_t *origin;                           /* who says so */
        json_t *availability;                     /* where it says whether it is there */
        json_t *components; /* its entities by their ids, each with its "platform" */
};

/* "enrolld_<what the device is known as>", and "enrolld_hub_<name>", which is never one of these.
 */
void subject_identify_device(const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                             char ret_identifier[SUBJECT_IDENTIFIER_SIZE]);
void subject_identify_hub(const char *hub, char ret_identifier[SUBJECT_IDENTIFIER_SIZE]);

/* 0 or -ENOMEM. The subject's members belong to the caller, until subject_clear(). */
int subject_from_device(const struct subject_means *means, const struct store_device *device,
                        const struct exposes_source *source, struct subject *ret_subject);
int subject_from_hub(const struct subject_means *means, struct subject *ret_subject);

/* Takes one that is all zero, too. */
void subject_clear(struct subject *subject);

static inline void subject_clear_deferred(struct subject *subject)
{
        subject_clear(subject);
}
