/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the broker is, and who the hub is there. */

#include <stdbool.h>
#include <stdint.h>

/* The texts must outlive the client that has them. They may be NULL or "", except .hub and .broker.
 */
struct mqtt_options {
        const char *hub;
        const char *broker; /* "tcp:HOST:PORT" or "unix:/PATH", as in util/address.h */
        const char *user;
        const char *password_file; /* its first line; read again at every connection */
        const char *ca_file;       /* TLS 1.2 or newer if there is one */
        const char *cert_file;
        const char *key_file;
        bool visits;             /* it is beside the hub's own client, and has no will */
        const char *birth;       /* the topic of Home Assistant's birth messages */
        uint64_t retry_min_msec; /* 0: 1 s */
        uint64_t retry_max_msec; /* 0: 60 s */
        uint64_t connect_msec;   /* for the broker to answer; 0: 10 s */
};

/* The text if it is given, else NULL. */
const char *mqtt_option(const char *text);

/* Whether a client with these options proves to the broker who it is: by password or certificate.
 */
bool mqtt_options_prove(const struct mqtt_options *options);
