/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The values that the hub supplies to a device (doc/code.md section 4.2), and where each comes
 * from: what the person gave for this enrollment, then what a device was given whose place this
 * one takes, then the hub itself and its site settings, then the code's own configuration.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/given.h"
#include "program/program.h"
#include "site/settings.h"
#include "wire/cbor.h"
#include "wire/message.h"
#include "wire/value.h"

#define VALUES_BYTES_MAX MESSAGE_VALUES_MAX /* of the encoded map */
#define VALUES_TEXT_SIZE (VALUE_STRING_MAX + 1)

struct values_source {
        const struct given *given;
        size_t n_given;
        const struct site *site;
        const char *name;          /* of the device on this hub */
        const char *hub;           /* the hub's name: `gateway`, and `system` as enrolld/NAME */
        const uint8_t *system_key; /* 32 bytes */
        const uint8_t *gateway_key;
        int64_t now;             /* Unix time, s */
        struct cbor_span former; /* that such a device was given; no bytes: there is none */
        bool former_is_alike;    /* it is of the same model, so that a maker's own mean the same */
        struct cbor_span configuration;
};

enum {
        VALUES_E_MISSING = 1, /* nothing has a value for some parameters: .missing */
        VALUES_E_GIVEN,       /* what the person gave is no parameter, or not of its type: .given */
        VALUES_E_UNWANTED,    /* the device does not ask for what the person gave: .given */
        VALUES_E_TWICE,       /* the person gave it twice: .given */
        VALUES_E_LONG,        /* .n_bytes are more than VALUES_BYTES_MAX */
};

struct values {
        uint8_t bytes[VALUES_BYTES_MAX];
        size_t n_bytes;
        unsigned n_values;
        unsigned n_from_site, n_from_person; /* for people */
        uint32_t personal; /* a bit for the number of each that says where or whose the home is */
        bool missing[PROGRAM_NUMBER_MAX + 1]; /* VALUES_E_MISSING */
        const struct given *given;            /* VALUES_E_GIVEN, _UNWANTED, _TWICE */
};

/* Encodes the map of all parameters with wanted[number]. 0 or an outcome. */
int values_collect(const struct values_source *source, const bool wanted[PROGRAM_NUMBER_MAX + 1],
                   struct values *ret_values);
