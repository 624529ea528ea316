/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The board of the reference device: a thermometer with a lamp to find it by.
 *
 *     function 1   measure every `interval` seconds
 *     function 2   identify: blink
 *     function 3   enrollment, which is what calls the others
 *     function 4   alarm outside of `low` to `high`, in degrees Celsius
 *     channel 1    the temperature, in hundredths of a degree; can be read
 *     channel 2    identify, true or false; can be set
 *     channel 3    the interval of function 1, in seconds; can be read and set, until the next
 * start
 */

#include <stdbool.h>
#include <stdint.h>

#include "thermometer/identity.h"
#include "thermometer/memory.h"
#include "device/ownership.h"
#include "wire/hmac.h"

#define THERMOMETER_CHANNEL_TEMPERATURE 1
#define THERMOMETER_CHANNEL_IDENTIFY    2
#define THERMOMETER_CHANNEL_INTERVAL    3
#define THERMOMETER_CHANNELS            3

struct thermometer {
        struct identity *identity;
        const char *identity_path; /* where the factory put it */
        struct memory *memory;
        uint8_t secret_key[HMAC_BYTES]; /* of its application, made when it is asked for */
        const char *temperature_path;   /* a file that holds degrees, or NULL */
        unsigned failing_function;      /* fails when it is called; 0 for none */
        uint32_t interval_s;            /* 0: measure only once a hub is there */
        bool alarms;
        int64_t low, high; /* degrees */
};

extern const struct ownership_port thermometer_port;

/* The present reading. Without a file it varies over the day. */
struct message_value thermometer_measure(const struct thermometer *t, uint64_t now_s);

/* What a command of a hub has led to. */
struct thermometer_answer {
        uint8_t outcome;  /* enum message_outcome */
        const char *text; /* why it failed, or NULL */
        size_t n_values;
        struct message_value values[THERMOMETER_CHANNELS]; /* now in force, or measured */
};

/* Carries out SET, as a whole or not at all, or reads what GET asks for. */
void thermometer_command(struct thermometer *t, const struct message_command *command,
                         uint64_t now_s, struct thermometer_answer *ret_answer);
