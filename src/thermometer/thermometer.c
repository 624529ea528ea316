/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/thermometer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/words.h"
#include "thermometer/console.h"
#include "util/log.h"

#define FUNCTION_MEASURE  1
#define FUNCTION_IDENTIFY 2
#define FUNCTION_ALARM    4

#define DAY_S          86400
#define DEGREES_USUAL  21.0
#define DEGREES_SWING  2.5
#define DEGREES_BEYOND 1000.0 /* the limit of what a file may claim */

static int slot_file_read(void *board, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        const struct thermometer *t = board;
        int r;

        r = memory_read(t->memory, slot, ret_bytes, n_bytes);
        return r < 0 ? log_errno(r, "Cannot read slot %u of the memory", slot) : 0;
}

static int slot_file_write(void *board, unsigned slot, const void *bytes, size_t n_bytes)
{
        const struct thermometer *t = board;
        int r;

        r = memory_write(t->memory, slot, bytes, n_bytes);
        return r < 0 ? log_errno(r, "Cannot write slot %u of the memory", slot) : 0;
}

static int on_set(void *board, unsigned parameter, const struct value *value)
{
        const char *name = program_number_name(PROGRAM_PARAMETER, parameter);

        (void)board;
        switch (value->kind) {
        case VALUE_TEXT:
                console_say("set %s (%u) to \"%.*s\"", name ? name : "own", parameter,
                            (int)value->span.n_bytes, (const char *)value->span.bytes);
                return 0;
        case VALUE_INTEGER:
        case VALUE_BOOLEAN:
                console_say("set %s (%u) to %" PRId64, name ? name : "own", parameter,
                            value->number);
                return 0;
        case VALUE_BYTES:
        case VALUE_LIST:
                console_say("set %s (%u) to %zu bytes", name ? name : "own", parameter,
                            value->span.n_bytes);
                return 0;
        case VALUE_NOTHING:
                break;
        }
        return BOARD_E_FAILED;
}

static void on_unset(void *board, unsigned parameter)
{
        const char *name = program_number_name(PROGRAM_PARAMETER, parameter);

        (void)board;
        console_say("unset %s (%u)", name ? name : "own", parameter);
}

/* The argument with this number, or @otherwise. */
static int64_t argument_of(const struct ownership_argument *arguments, size_t n_arguments,
                           unsigned number, int64_t otherwise)
{
        for (size_t i = 0; i < n_arguments; i++)
                if (arguments[i].number == number)
                        return arguments[i].value.number;
        return otherwise;
}

static int measure_every(struct thermometer *t, int64_t interval_s)
{
        if (interval_s < 1 || interval_s > DAY_S)
                return BOARD_E_FAILED;
        t->interval_s = (uint32_t)interval_s;
        console_say("function 1: measure every %" PRId64 " s", interval_s);
        return 0;
}

static int alarm_outside(struct thermometer *t, int64_t low, int64_t high)
{
        if (low > high)
                return BOARD_E_FAILED;
        t->alarms = true;
        t->low = low;
        t->high = high;
        console_say("function 4: alarm outside %" PRId64 " to %" PRId64 " degrees", low, high);
        return 0;
}

static int on_call(void *board, unsigned function, const struct ownership_argument *arguments,
                   size_t n_arguments)
{
        struct thermometer *t = board;

        if (function == t->failing_function)
                return BOARD_E_FAILED;
        switch (function) {
        case FUNCTION_MEASURE:
                return measure_every(
                        t, argument_of(arguments, n_arguments, PROGRAM_ARGUMENT_INTERVAL, 60));
        case FUNCTION_IDENTIFY:
                console_say("function 2: identify");
                return 0;
        case FUNCTION_ALARM:
                return alarm_outside(
                        t, argument_of(arguments, n_arguments, PROGRAM_ARGUMENT_LOW, INT64_MIN),
                        argument_of(arguments, n_arguments, PROGRAM_ARGUMENT_HIGH, INT64_MAX));
        default:
                return BOARD_E_UNKNOWN;
        }
}

static void on_undo(void *board, unsigned function)
{
        struct thermometer *t = board;

        if (function == FUNCTION_MEASURE)
                t->interval_s = 0;
        if (function == FUNCTION_ALARM)
                t->alarms = false;
        console_say("function %u undone", function);
}

static int put_label(const char *label, struct value *ret_value)
{
        ret_value->kind = VALUE_TEXT;
        ret_value->span = (struct cbor_span){(const uint8_t *)label, strlen(label)};
        return ret_value->span.n_bytes > 0 ? 0 : BOARD_E_UNKNOWN;
}

/* It lasts as long as the device, and says nothing of the private key. */
static void put_secret_key(struct thermometer *t, struct value *ret_value)
{
        static const char label[] = "thermometer secret key";
        struct hmac hmac;

        hmac_init(&hmac, t->identity->private_key, sizeof(t->identity->private_key));
        hmac_update(&hmac, label, strlen(label));
        hmac_final(&hmac, t->secret_key);
        ret_value->kind = VALUE_BYTES;
        ret_value->span = (struct cbor_span){t->secret_key, sizeof(t->secret_key)};
}

static int on_item(void *board, unsigned item, struct value *ret_value)
{
        static const uint8_t functions[] = {0x84, 1, 2, 3, 4}; /* CBOR: [1, 2, 3, 4] */
        struct thermometer *t = board;

        switch (item) {
        case PROGRAM_ITEM_SERIAL:
                return put_label(t->identity->serial, ret_value);
        case PROGRAM_ITEM_MODEL:
                return put_label(t->identity->model, ret_value);
        case PROGRAM_ITEM_SOFTWARE:
                return put_label(t->identity->software, ret_value);
        case PROGRAM_ITEM_FUNCTIONS:
                ret_value->kind = VALUE_LIST;
                ret_value->span = (struct cbor_span){functions, sizeof(functions)};
                return 0;
        case PROGRAM_ITEM_SECRET_KEY:
                put_secret_key(t, ret_value);
                return 0;
        default:
                return BOARD_E_UNKNOWN;
        }
}

/* From its next start on, the device uses the copy without the secret. */
static int on_erase(void *board)
{
        const struct thermometer *t = board;
        int r;

        if (!t->identity->has_secret)
                return 0;
        r = identity_keep(t->identity, t->memory);
        identity_erase(t->identity);
        if (r < 0) {
                (void)log_errno(r, "Cannot store the identity without its secret");
                return BOARD_E_FAILED;
        }
        console_say("secret erased");
        return 0;
}

/* There is no fuse to blow on Linux, but the secret itself is removed. */
static int on_fuse(void *board)
{
        const struct thermometer *t = board;
        struct identity made;
        char error[IDENTITY_ERROR_BYTES];
        int r;

        console_say("fuse blown: the secret is used up for good");
        r = identity_read(&made, t->identity_path, error);
        if (r == 0 && made.has_secret)
                r = identity_rewrite(&made, t->identity_path);
        identity_done(&made);
        if (r < 0) {
                (void)log_errno(r, "Cannot remove the secret from %s", t->identity_path);
                return BOARD_E_FAILED;
        }
        return 0;
}

const struct ownership_port thermometer_port = {
        .slot = {.read = slot_file_read, .write = slot_file_write},
        .set = on_set,
        .unset = on_unset,
        .call = on_call,
        .undo = on_undo,
        .item = on_item,
        .erase = on_erase,
        .fuse = on_fuse,
};

/* Degrees from the file; false if it does not exist or has no sensible content. */
static bool file_degrees(const char *path, double *ret_degrees)
{
        FILE *f = path ? fopen(path, "re") : NULL;
        char text[64] = "", *end;
        double degrees;

        if (!f)
                return false;
        if (!fgets(text, sizeof(text), f))
                text[0] = '\0';
        (void)fclose(f);
        degrees = strtod(text, &end);
        if (end == text || !(fabs(degrees) < DEGREES_BEYOND))
                return false;
        *ret_degrees = degrees;
        return true;
}

struct message_value thermometer_measure(const struct thermometer *t, uint64_t now_s)
{
        double day = (double)(now_s % DAY_S) / DAY_S, degrees;

        if (!file_degrees(t->temperature_path, &degrees))
                degrees = DEGREES_USUAL + DEGREES_SWING * sin(2 * M_PI * day);
        if (t->alarms && (degrees < (double)t->low || degrees > (double)t->high))
                console_say("alarm: %.2f degrees", degrees);
        return (struct message_value){.channel = THERMOMETER_CHANNEL_TEMPERATURE,
                                      .type = MESSAGE_DECIMAL,
                                      .integer = llround(degrees * 100),
                                      .exponent = -2};
}

/* clang-format off */
static const struct channel {
        uint8_t number;
        uint8_t type;        /* enum message_value_type */
        bool is_set, is_read;
        int64_t least, most; /* that can be set */
        unsigned function;   /* that does it */
} channels[THERMOMETER_CHANNELS] = {
        { THERMOMETER_CHANNEL_TEMPERATURE, MESSAGE_DECIMAL, false, true,  0, 0,     0 },
        { THERMOMETER_CHANNEL_IDENTIFY,    MESSAGE_BOOLEAN, true,  false, 0, 1,     FUNCTION_IDENTIFY },
        { THERMOMETER_CHANNEL_INTERVAL,    MESSAGE_INTEGER, true,  true,  1, DAY_S, FUNCTION_MEASURE },
};
/* clang-format on */

static const struct channel *channel_find(unsigned number)
{
        for (size_t i = 0; i < THERMOMETER_CHANNELS; i++)
                if (channels[i].number == number)
                        return &channels[i];
        return NULL;
}

static enum message_outcome channel_check_set(const struct thermometer *t,
                                              const struct message_value *value)
{
        const struct channel *channel = channel_find(value->channel);

        if (!channel)
                return MESSAGE_OUTCOME_CHANNEL;
        if (!channel->is_set)
                return MESSAGE_OUTCOME_DIRECTION;
        if (value->type != channel->type || value->integer < channel->least ||
            value->integer > channel->most)
                return MESSAGE_OUTCOME_VALUE;
        return channel->function == t->failing_function ? MESSAGE_OUTCOME_FAILED
                                                        : MESSAGE_OUTCOME_DONE;
}

static void channel_set(struct thermometer *t, const struct message_value *value)
{
        if (value->channel == THERMOMETER_CHANNEL_INTERVAL)
                (void)measure_every(t, value->integer);
        else
                console_say("identify: %s", value->integer ? "blink" : "stop");
}

static struct message_value channel_read(const struct thermometer *t, unsigned number,
                                         uint64_t now_s)
{
        if (number == THERMOMETER_CHANNEL_TEMPERATURE)
                return thermometer_measure(t, now_s);
        return (struct message_value){
                .channel = (uint8_t)number, .type = MESSAGE_INTEGER, .integer = t->interval_s};
}

/* Everything is checked before anything is done. */
static void thermometer_set(struct thermometer *t, struct message_values values,
                            struct thermometer_answer *answer)
{
        struct message_values checked = values;
        struct message_value value;

        while (answer->outcome == MESSAGE_OUTCOME_DONE && message_values_next(&checked, &value))
                answer->outcome = (uint8_t)channel_check_set(t, &value);
        while (answer->outcome == MESSAGE_OUTCOME_DONE && message_values_next(&values, &value)) {
                channel_set(t, &value);
                answer->values[answer->n_values++] = value;
        }
}

static void thermometer_get(const struct thermometer *t, struct message_values asked,
                            uint64_t now_s, struct thermometer_answer *answer)
{
        uint8_t number;

        while (message_channels_next(&asked, &number)) {
                const struct channel *channel = channel_find(number);

                if (!channel || !channel->is_read) {
                        answer->outcome =
                                channel ? MESSAGE_OUTCOME_DIRECTION : MESSAGE_OUTCOME_CHANNEL;
                        answer->n_values = 0;
                        return;
                }
                answer->values[answer->n_values++] = channel_read(t, number, now_s);
        }
}

void thermometer_command(struct thermometer *t, const struct message_command *command,
                         uint64_t now_s, struct thermometer_answer *ret_answer)
{
        *ret_answer = (struct thermometer_answer){.outcome = MESSAGE_OUTCOME_DONE};
        if (command->kind == MESSAGE_SET)
                thermometer_set(t, command->values, ret_answer);
        else
                thermometer_get(t, command->values, now_s, ret_answer);
        if (ret_answer->outcome == MESSAGE_OUTCOME_FAILED)
                ret_answer->text = "the function does not work";
}
