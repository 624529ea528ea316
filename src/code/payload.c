/* SPDX-License-Identifier: Apache-2.0 */

#include "code/payload.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "program/outline.h"
#include "program/verify.h"
#include "program/words.h"
#include "wire/kdf.h"
#include "wire/message.h"
#include "wire/utf8.h"

/* clang-format off */
static const char *const key_names[] = {
        [PAYLOAD_KEY_FORMAT]        = "format",
        [PAYLOAD_KEY_DAEMON]        = "daemon",
        [PAYLOAD_KEY_COUNTER]       = "counter",
        [PAYLOAD_KEY_PRODUCT]       = "product",
        [PAYLOAD_KEY_PUBLIC_KEY]    = "public key",
        [PAYLOAD_KEY_SECRET]        = "secret",
        [PAYLOAD_KEY_REACH]         = "reach",
        [PAYLOAD_KEY_CAPABILITIES]  = "capabilities",
        [PAYLOAD_KEY_APPLICATIONS]  = "applications",
        [PAYLOAD_KEY_SERIAL]        = "serial",
        [PAYLOAD_KEY_CONFIGURATION] = "configuration",
};
/* clang-format on */

#define N_KEYS (sizeof(key_names) / sizeof(key_names[0]))

/* Keys every payload has, as bits. */
static const unsigned required_keys = 1u << PAYLOAD_KEY_FORMAT | 1u << PAYLOAD_KEY_PRODUCT |
                                      1u << PAYLOAD_KEY_PUBLIC_KEY | 1u << PAYLOAD_KEY_SECRET |
                                      1u << PAYLOAD_KEY_APPLICATIONS;

bool payload_is_label(struct cbor_span text)
{
        return text.n_bytes >= 1 && text.n_bytes <= PAYLOAD_LABEL_MAX &&
               utf8_printable(text.bytes, text.n_bytes);
}

void payload_identity(const uint8_t public_key[PAYLOAD_KEY_BYTES],
                      uint8_t ret_identity[PAYLOAD_IDENTITY_BYTES])
{
        kdf_device_id(public_key, ret_identity);
}

unsigned application_needs(const struct application *application)
{
        struct program_run run;
        struct program_step step;
        struct program_channel channel;
        unsigned needs = 0;

        program_run_init(&run, application->hub);
        while (program_run_next(&run, &step)) {
                if (step.verb == PROGRAM_FORWARD)
                        needs |= CAPABILITY_KEY_FORWARD;
                if (step.verb == PROGRAM_CHANNEL && program_get_channel(&step, &channel))
                        needs |= capability_of_channel(channel.direction);
        }
        return needs;
}

/* --- parsing --- */

static void take_label(struct cbor_reader *r, char label[PAYLOAD_LABEL_MAX + 1])
{
        struct cbor_span text = cbor_get_text(r);

        if (!payload_is_label(text)) {
                cbor_fail(r, CBOR_UNEXPECTED);
                return;
        }
        memcpy(label, text.bytes, text.n_bytes);
        label[text.n_bytes] = '\0';
}

static void take_fixed(struct cbor_reader *r, uint8_t *ret_bytes, size_t n_bytes)
{
        const uint8_t *bytes = cbor_get_fixed(r, n_bytes);

        if (bytes)
                memcpy(ret_bytes, bytes, n_bytes);
}

/* The maker's name ends at the first slash of maker/model, which issuers' patterns match. */
static void take_product(struct cbor_reader *r, struct payload *p)
{
        if (cbor_get_array(r) != 2)
                cbor_fail(r, CBOR_UNEXPECTED);
        take_label(r, p->maker);
        take_label(r, p->model);
        if (strchr(p->maker, '/'))
                cbor_fail(r, CBOR_UNEXPECTED);
}

static bool is_empty(struct cbor_span half)
{
        return half.n_bytes == 1;
}

static void take_applications(struct cbor_reader *r, struct payload *p)
{
        uint32_t n = cbor_get_array(r);

        if (n < 1 || n > PAYLOAD_APPLICATIONS_MAX) {
                cbor_fail(r, CBOR_UNEXPECTED);
                return;
        }
        for (p->n_applications = 0; p->n_applications < n; p->n_applications++) {
                struct application *application = &p->applications[p->n_applications];

                if (cbor_get_array(r) != 2)
                        cbor_fail(r, CBOR_UNEXPECTED);
                application->hub = cbor_get_item(r);
                application->device = cbor_get_item(r);
                if (is_empty(application->hub) && is_empty(application->device))
                        cbor_fail(r, CBOR_UNEXPECTED);
        }
}

static void take_configuration(struct cbor_reader *r, struct payload *p)
{
        p->configuration = cbor_get_item(r);
        if (is_empty(p->configuration) ||
            program_verify_values(p->configuration, PROGRAM_PARAMETER))
                cbor_fail(r, CBOR_UNEXPECTED);
}

static void take_value(struct cbor_reader *r, unsigned key, struct payload *p)
{
        switch (key) {
        case PAYLOAD_KEY_FORMAT:
                if (cbor_get_uint_max(r, PAYLOAD_FORMAT) != PAYLOAD_FORMAT)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        case PAYLOAD_KEY_DAEMON:
                p->daemon = (uint16_t)cbor_get_uint_max(r, UINT16_MAX);
                break;
        case PAYLOAD_KEY_COUNTER:
                p->counter = cbor_get_uint_max(r, UINT32_MAX);
                break;
        case PAYLOAD_KEY_PRODUCT:
                take_product(r, p);
                break;
        case PAYLOAD_KEY_PUBLIC_KEY:
                take_fixed(r, p->public_key, sizeof(p->public_key));
                break;
        case PAYLOAD_KEY_SECRET:
                take_fixed(r, p->secret, sizeof(p->secret));
                break;
        case PAYLOAD_KEY_REACH:
                p->reach = cbor_get_uint_max(r, PAYLOAD_REACH_BLE | PAYLOAD_REACH_STREAM);
                if (p->reach == 0)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        case PAYLOAD_KEY_CAPABILITIES:
                p->capabilities = cbor_get_uint_max(r, CAPABILITY_ALL);
                break;
        case PAYLOAD_KEY_APPLICATIONS:
                take_applications(r, p);
                break;
        case PAYLOAD_KEY_SERIAL:
                take_label(r, p->serial);
                break;
        case PAYLOAD_KEY_CONFIGURATION:
                take_configuration(r, p);
                break;
        default:
                cbor_fail(r, CBOR_UNEXPECTED);
        }
}

/* A newer format may differ in everything behind its number, which comes first. */
static bool is_newer(struct cbor_span bytes)
{
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key;

        cbor_reader_init(&r, bytes.bytes, bytes.n_bytes);
        cbor_get_map(&r, &map);
        return cbor_map_next(&r, &map, &key) && key == PAYLOAD_KEY_FORMAT &&
               cbor_get_uint(&r) > PAYLOAD_FORMAT;
}

static enum reason take_payload(struct cbor_span bytes, struct payload *p,
                                struct payload_fault *fault)
{
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key;
        unsigned seen = 0;

        cbor_reader_init(&r, bytes.bytes, bytes.n_bytes);
        cbor_get_map(&r, &map);
        while (cbor_map_next(&r, &map, &key)) {
                take_value(&r, key, p);
                if (cbor_error(&r))
                        fault->key = key;
                else
                        seen |= 1u << key;
        }
        if (cbor_finish(&r))
                return REASON_CODE_MALFORMED;
        for (fault->key = 1; fault->key < N_KEYS; fault->key++)
                if (required_keys & ~seen & 1u << fault->key)
                        return REASON_CODE_MALFORMED;
        fault->key = 0;
        return REASON_NONE;
}

/* --- the halves --- */

static void put_shortest(struct cbor_writer *w, enum program_type type)
{
        static const uint8_t bytes[32];

        if (type == PROGRAM_TYPE_TEXT)
                cbor_put_text(w, "?", 1);
        else if (type == PROGRAM_TYPE_BYTES32)
                cbor_put_bytes(w, bytes, sizeof(bytes));
        else
                cbor_put_uint(w, 0);
}

/*
 * Only counts the bytes of the values for an application, which has these parameters beside those
 * of the configuration: the latter as they are, of the others the shortest of their type.
 */
static size_t count_values(const struct payload *p, const bool supplied[PROGRAM_NUMBER_MAX + 1])
{
        struct cbor_writer w;
        struct value value;
        size_t n = 0;

        cbor_writer_init(&w, NULL, 0);
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++) {
                bool configured = p->configuration.n_bytes > 0 &&
                                  value_find(p->configuration, number, &value);

                if (!configured && !supplied[number])
                        continue;
                n++;
                cbor_put_uint(&w, number);
                if (configured)
                        value_put(&w, &value);
                else
                        put_shortest(&w, program_type_of(PROGRAM_PARAMETER, number));
        }
        cbor_put_map(&w, n);
        return w.n_written;
}

/* Refuses what can never be sent to the device, however short the values of the hub are. */
static enum reason check_size(const struct payload *p, struct payload_fault *fault)
{
        const struct application *application = &p->applications[fault->application];
        bool supplied[PROGRAM_NUMBER_MAX + 1] = {false};
        size_t n_values;

        program_numbers(application->hub, PROGRAM_SUPPLY, supplied);
        n_values = count_values(p, supplied);
        if (n_values <= MESSAGE_VALUES_MAX &&
            application->device.n_bytes + n_values <= MESSAGE_STAGED_MAX)
                return REASON_NONE;
        fault->n_half = application->device.n_bytes;
        fault->n_values = n_values;
        return REASON_CODE_MALFORMED;
}

static enum reason check_application(const struct payload *p, struct payload_fault *fault)
{
        const struct application *application = &p->applications[fault->application];

        if (program_verify_hub(application->hub, &fault->program) ||
            program_verify_device(application->device, &fault->program) ||
            program_verify_pair(application->hub, application->device, p->configuration,
                                &fault->program))
                return REASON_CODE_MALFORMED;
        fault->lacks = application_needs(application) & ~p->capabilities;
        return fault->lacks ? REASON_CODE_MALFORMED : REASON_NONE;
}

static bool channels_clash(struct cbor_span hub, const struct program_channel *channel)
{
        struct program_run run;
        struct program_channel other;

        program_run_init(&run, hub);
        while (program_next_channel(&run, &other))
                if (other.number == channel->number ||
                    (other.leaf.n_bytes == channel->leaf.n_bytes &&
                     memcmp(other.leaf.bytes, channel->leaf.bytes, other.leaf.n_bytes) == 0))
                        return true;
        return false;
}

/* A channel of a later application must differ from those of the ones before. */
static enum reason check_channels(const struct payload *p, struct payload_fault *fault)
{
        struct program_run run;
        struct program_channel channel;

        program_run_init(&run, p->applications[fault->application].hub);
        while (program_next_channel(&run, &channel))
                for (unsigned i = 0; i < fault->application; i++)
                        if (channels_clash(p->applications[i].hub, &channel)) {
                                fault->program = (struct program_fault){PROGRAM_E_DOUBLE,
                                                                        PROGRAM_HUB, run.index - 1};
                                return REASON_CODE_MALFORMED;
                        }
        return REASON_NONE;
}

static enum reason check_applications(const struct payload *p, struct payload_fault *fault)
{
        for (fault->application = 0; fault->application < p->n_applications; fault->application++)
                if (check_application(p, fault) || check_channels(p, fault) ||
                    check_size(p, fault)) {
                        fault->key = PAYLOAD_KEY_APPLICATIONS;
                        return REASON_CODE_MALFORMED;
                }
        return REASON_NONE;
}

enum reason payload_parse(struct cbor_span bytes, struct payload *ret_payload,
                          struct payload_fault *ret_fault)
{
        struct payload p = {.reach = PAYLOAD_REACH_BLE};
        struct payload_fault fault = {0};
        enum reason reason;

        if (is_newer(bytes))
                return REASON_CODE_FORMAT_NEWER;
        reason = take_payload(bytes, &p, &fault);
        if (!reason)
                reason = check_applications(&p, &fault);
        fault.daemon = p.daemon;
        if (reason)
                *ret_fault = fault;
        else {
                payload_identity(p.public_key, p.identity);
                *ret_payload = p;
        }
        sodium_memzero(p.secret, sizeof(p.secret));
        return reason;
}

void payload_done(struct payload *payload)
{
        sodium_memzero(payload, sizeof(*payload));
}

/* --- writing --- */

static void put_label(struct cbor_writer *w, const char *label)
{
        cbor_put_text(w, label, strlen(label));
}

static void put_key_uint(struct cbor_writer *w, enum payload_key key, uint64_t value)
{
        cbor_put_uint(w, key);
        cbor_put_uint(w, value);
}

static void put_applications(const struct payload *p, struct cbor_writer *w)
{
        cbor_put_uint(w, PAYLOAD_KEY_APPLICATIONS);
        cbor_put_array(w, p->n_applications);
        for (size_t i = 0; i < p->n_applications; i++) {
                cbor_put_array(w, 2);
                cbor_put_raw(w, p->applications[i].hub.bytes, p->applications[i].hub.n_bytes);
                application_put_device(&p->applications[i], w);
        }
}

void application_put_device(const struct application *application, struct cbor_writer *w)
{
        cbor_put_raw(w, application->device.bytes, application->device.n_bytes);
}

void payload_encode(const struct payload *payload, struct cbor_writer *w)
{
        const struct payload *p = payload;
        bool reach = p->reach != PAYLOAD_REACH_BLE;

        cbor_put_map(w, 5u + (p->daemon > 0) + (p->counter > 0) + reach + (p->capabilities > 0) +
                                (p->serial[0] != '\0') + (p->configuration.n_bytes > 0));
        put_key_uint(w, PAYLOAD_KEY_FORMAT, PAYLOAD_FORMAT);
        if (p->daemon > 0)
                put_key_uint(w, PAYLOAD_KEY_DAEMON, p->daemon);
        if (p->counter > 0)
                put_key_uint(w, PAYLOAD_KEY_COUNTER, p->counter);
        cbor_put_uint(w, PAYLOAD_KEY_PRODUCT);
        cbor_put_array(w, 2);
        put_label(w, p->maker);
        put_label(w, p->model);
        cbor_put_uint(w, PAYLOAD_KEY_PUBLIC_KEY);
        cbor_put_bytes(w, p->public_key, sizeof(p->public_key));
        cbor_put_uint(w, PAYLOAD_KEY_SECRET);
        cbor_put_bytes(w, p->secret, sizeof(p->secret));
        if (reach)
                put_key_uint(w, PAYLOAD_KEY_REACH, p->reach);
        if (p->capabilities > 0)
                put_key_uint(w, PAYLOAD_KEY_CAPABILITIES, p->capabilities);
        put_applications(p, w);
        if (p->serial[0] != '\0') {
                cbor_put_uint(w, PAYLOAD_KEY_SERIAL);
                put_label(w, p->serial);
        }
        if (p->configuration.n_bytes > 0) {
                cbor_put_uint(w, PAYLOAD_KEY_CONFIGURATION);
                cbor_put_raw(w, p->configuration.bytes, p->configuration.n_bytes);
        }
}

void payload_fault_text(const struct payload_fault *fault, char *ret_text, size_t size)
{
        const struct program_fault *program = &fault->program;
        const char *side = program_side_name(program->side);

        if (program->error)
                (void)snprintf(ret_text, size, "application %u, %s half, step %u: %s",
                               fault->application + 1, side, program->step + 1,
                               program_error_text(program->error));
        else if (fault->lacks)
                (void)snprintf(ret_text, size, "application %u needs %s, which is not asked for",
                               fault->application + 1,
                               capability_name(fault->lacks & -fault->lacks));
        else if (fault->n_values > 0)
                (void)snprintf(ret_text, size,
                               "application %u: the values for the device have %zu bytes or more; "
                               "%d are allowed, and %d together with the device half, which has "
                               "%zu",
                               fault->application + 1, fault->n_values, MESSAGE_VALUES_MAX,
                               MESSAGE_STAGED_MAX, fault->n_half);
        else if (fault->key > 0 && fault->key < N_KEYS)
                (void)snprintf(ret_text, size, "payload key %u (%s) is missing or wrong",
                               fault->key, key_names[fault->key]);
        else
                (void)snprintf(ret_text, size, "the payload is not a map as it must be");
}
