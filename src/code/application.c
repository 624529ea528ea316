/* SPDX-License-Identifier: Apache-2.0 */

#include "code/application.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "program/channel.h"
#include "program/verify.h"
#include "program/words.h"
#include "wire/kdf.h"
#include "wire/utf8.h"

/* clang-format off */
static const struct {
        enum application_capability capability;
        const char *name;
} capabilities[] = {
        { APPLICATION_CHANNEL_PUBLISH, "channel.publish" },
        { APPLICATION_CHANNEL_COMMAND, "channel.command" },
        { APPLICATION_KEY_FORWARD,     "key.forward" },
};

static const char *const key_names[] = {
        [APPLICATION_KEY_FORMAT]        = "format",
        [APPLICATION_KEY_DAEMON]        = "daemon",
        [APPLICATION_KEY_COUNTER]       = "counter",
        [APPLICATION_KEY_PRODUCT]       = "product",
        [APPLICATION_KEY_PUBLIC_KEY]    = "public key",
        [APPLICATION_KEY_SECRET]        = "secret",
        [APPLICATION_KEY_REACH]         = "reach",
        [APPLICATION_KEY_CAPABILITIES]  = "capabilities",
        [APPLICATION_KEY_APPLICATIONS]  = "applications",
        [APPLICATION_KEY_SERIAL]        = "serial",
        [APPLICATION_KEY_CONFIGURATION] = "configuration",
};
/* clang-format on */

#define N_CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))
#define N_KEYS         (sizeof(key_names) / sizeof(key_names[0]))

/* Keys every payload has, as bits. */
static const unsigned required_keys = 1u << APPLICATION_KEY_FORMAT | 1u << APPLICATION_KEY_PRODUCT |
                                      1u << APPLICATION_KEY_PUBLIC_KEY |
                                      1u << APPLICATION_KEY_SECRET |
                                      1u << APPLICATION_KEY_APPLICATIONS;

const char *application_capability_name(unsigned capability)
{
        for (size_t i = 0; i < N_CAPABILITIES; i++)
                if (capabilities[i].capability == capability)
                        return capabilities[i].name;
        return NULL;
}

unsigned application_capability_from_name(const char *name, size_t n_name)
{
        for (size_t i = 0; i < N_CAPABILITIES; i++)
                if (strlen(capabilities[i].name) == n_name &&
                    memcmp(capabilities[i].name, name, n_name) == 0)
                        return capabilities[i].capability;
        return 0;
}

bool application_is_label(struct cbor_span text)
{
        return text.n_bytes >= 1 && text.n_bytes <= APPLICATION_LABEL_MAX &&
               utf8_printable(text.bytes, text.n_bytes);
}

void application_identity(const uint8_t public_key[APPLICATION_KEY_BYTES],
                          uint8_t ret_identity[APPLICATION_IDENTITY_BYTES])
{
        kdf_device_id(public_key, ret_identity);
}

unsigned application_needs(struct cbor_span hub)
{
        struct program_run run;
        struct program_step step;
        struct program_channel channel;
        unsigned needs = 0;

        program_run_init(&run, hub);
        while (program_run_next(&run, &step)) {
                if (step.verb == PROGRAM_FORWARD)
                        needs |= APPLICATION_KEY_FORWARD;
                if (step.verb == PROGRAM_CHANNEL && program_get_channel(&step, &channel))
                        needs |= channel.command ? APPLICATION_CHANNEL_COMMAND
                                                 : APPLICATION_CHANNEL_PUBLISH;
        }
        return needs;
}

/* --- parsing --- */

static void take_label(struct cbor_reader *r, char label[APPLICATION_LABEL_MAX + 1])
{
        struct cbor_span text = cbor_get_text(r);

        if (!application_is_label(text)) {
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
static void take_product(struct cbor_reader *r, struct application *a)
{
        if (cbor_get_array(r) != 2)
                cbor_fail(r, CBOR_UNEXPECTED);
        take_label(r, a->maker);
        take_label(r, a->model);
        if (strchr(a->maker, '/'))
                cbor_fail(r, CBOR_UNEXPECTED);
}

static bool is_empty(struct cbor_span half)
{
        return half.n_bytes == 1;
}

static void take_pairs(struct cbor_reader *r, struct application *a)
{
        uint32_t n = cbor_get_array(r);

        if (n < 1 || n > APPLICATION_PAIRS_MAX) {
                cbor_fail(r, CBOR_UNEXPECTED);
                return;
        }
        for (a->n_pairs = 0; a->n_pairs < n; a->n_pairs++) {
                struct application_pair *pair = &a->pairs[a->n_pairs];

                if (cbor_get_array(r) != 2)
                        cbor_fail(r, CBOR_UNEXPECTED);
                pair->hub = cbor_get_item(r);
                pair->device = cbor_get_item(r);
                if (is_empty(pair->hub) && is_empty(pair->device))
                        cbor_fail(r, CBOR_UNEXPECTED);
        }
}

static void take_configuration(struct cbor_reader *r, struct application *a)
{
        a->configuration = cbor_get_item(r);
        if (is_empty(a->configuration) ||
            program_verify_values(a->configuration, PROGRAM_PARAMETER))
                cbor_fail(r, CBOR_UNEXPECTED);
}

static void take_value(struct cbor_reader *r, unsigned key, struct application *a)
{
        switch (key) {
        case APPLICATION_KEY_FORMAT:
                if (cbor_get_uint_max(r, APPLICATION_FORMAT) != APPLICATION_FORMAT)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        case APPLICATION_KEY_DAEMON:
                a->daemon = (uint16_t)cbor_get_uint_max(r, UINT16_MAX);
                break;
        case APPLICATION_KEY_COUNTER:
                a->counter = cbor_get_uint_max(r, UINT32_MAX);
                break;
        case APPLICATION_KEY_PRODUCT:
                take_product(r, a);
                break;
        case APPLICATION_KEY_PUBLIC_KEY:
                take_fixed(r, a->public_key, sizeof(a->public_key));
                break;
        case APPLICATION_KEY_SECRET:
                take_fixed(r, a->secret, sizeof(a->secret));
                break;
        case APPLICATION_KEY_REACH:
                a->reach = cbor_get_uint_max(r, APPLICATION_REACH_BLE | APPLICATION_REACH_STREAM);
                if (a->reach == 0)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        case APPLICATION_KEY_CAPABILITIES:
                a->capabilities = cbor_get_uint_max(r, APPLICATION_CAPABILITIES);
                break;
        case APPLICATION_KEY_APPLICATIONS:
                take_pairs(r, a);
                break;
        case APPLICATION_KEY_SERIAL:
                take_label(r, a->serial);
                break;
        case APPLICATION_KEY_CONFIGURATION:
                take_configuration(r, a);
                break;
        default:
                cbor_fail(r, CBOR_UNEXPECTED);
        }
}

/* A newer format may differ in everything behind its number, which comes first. */
static bool is_newer(struct cbor_span payload)
{
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key;

        cbor_reader_init(&r, payload.bytes, payload.n_bytes);
        cbor_get_map(&r, &map);
        return cbor_map_next(&r, &map, &key) && key == APPLICATION_KEY_FORMAT &&
               cbor_get_uint(&r) > APPLICATION_FORMAT;
}

static enum reason take_payload(struct cbor_span payload, struct application *a,
                                struct application_fault *fault)
{
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key;
        unsigned seen = 0;

        cbor_reader_init(&r, payload.bytes, payload.n_bytes);
        cbor_get_map(&r, &map);
        while (cbor_map_next(&r, &map, &key)) {
                take_value(&r, key, a);
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

static enum reason check_pair(const struct application *a, struct application_fault *fault)
{
        const struct application_pair *pair = &a->pairs[fault->pair];

        if (program_verify_hub(pair->hub, &fault->program) ||
            program_verify_device(pair->device, &fault->program) ||
            program_verify_pair(pair->hub, pair->device, a->configuration, &fault->program))
                return REASON_CODE_MALFORMED;
        fault->lacks = application_needs(pair->hub) & ~a->capabilities;
        return fault->lacks ? REASON_CODE_MALFORMED : REASON_NONE;
}

static bool channels_clash(struct cbor_span hub, const struct program_channel *channel)
{
        struct program_run run;
        struct program_step step;
        struct program_channel other;

        program_run_init(&run, hub);
        while (program_run_next(&run, &step))
                if (step.verb == PROGRAM_CHANNEL && program_get_channel(&step, &other) &&
                    (other.number == channel->number ||
                     (other.leaf.n_bytes == channel->leaf.n_bytes &&
                      memcmp(other.leaf.bytes, channel->leaf.bytes, other.leaf.n_bytes) == 0)))
                        return true;
        return false;
}

/* A channel of a later application must differ from those of the ones before. */
static enum reason check_channels(const struct application *a, struct application_fault *fault)
{
        struct program_run run;
        struct program_step step;
        struct program_channel channel;

        program_run_init(&run, a->pairs[fault->pair].hub);
        while (program_run_next(&run, &step)) {
                if (step.verb != PROGRAM_CHANNEL || !program_get_channel(&step, &channel))
                        continue;
                for (unsigned i = 0; i < fault->pair; i++)
                        if (channels_clash(a->pairs[i].hub, &channel)) {
                                fault->program = (struct program_fault){PROGRAM_E_DOUBLE,
                                                                        PROGRAM_HUB, step.index};
                                return REASON_CODE_MALFORMED;
                        }
        }
        return REASON_NONE;
}

static enum reason check_pairs(const struct application *a, struct application_fault *fault)
{
        for (fault->pair = 0; fault->pair < a->n_pairs; fault->pair++)
                if (check_pair(a, fault) || check_channels(a, fault)) {
                        fault->key = APPLICATION_KEY_APPLICATIONS;
                        return REASON_CODE_MALFORMED;
                }
        return REASON_NONE;
}

enum reason application_parse(struct cbor_span payload, struct application *ret_application,
                              struct application_fault *ret_fault)
{
        struct application a = {.reach = APPLICATION_REACH_BLE};
        struct application_fault fault = {0};
        enum reason reason;

        if (is_newer(payload))
                return REASON_CODE_FORMAT_NEWER;
        reason = take_payload(payload, &a, &fault);
        if (!reason)
                reason = check_pairs(&a, &fault);
        fault.daemon = a.daemon;
        if (reason)
                *ret_fault = fault;
        else {
                application_identity(a.public_key, a.identity);
                *ret_application = a;
        }
        sodium_memzero(a.secret, sizeof(a.secret));
        return reason;
}

void application_done(struct application *application)
{
        sodium_memzero(application, sizeof(*application));
}

/* --- writing --- */

static void put_label(struct cbor_writer *w, const char *label)
{
        cbor_put_text(w, label, strlen(label));
}

static void put_key_uint(struct cbor_writer *w, enum application_key key, uint64_t value)
{
        cbor_put_uint(w, key);
        cbor_put_uint(w, value);
}

static void put_pairs(const struct application *a, struct cbor_writer *w)
{
        cbor_put_uint(w, APPLICATION_KEY_APPLICATIONS);
        cbor_put_array(w, a->n_pairs);
        for (size_t i = 0; i < a->n_pairs; i++) {
                cbor_put_array(w, 2);
                cbor_put_raw(w, a->pairs[i].hub.bytes, a->pairs[i].hub.n_bytes);
                application_put_device(a, i, w);
        }
}

void application_put_device(const struct application *application, size_t pair,
                            struct cbor_writer *w)
{
        const struct cbor_span *device = &application->pairs[pair].device;

        cbor_put_raw(w, device->bytes, device->n_bytes);
}

void application_encode(const struct application *application, struct cbor_writer *w)
{
        const struct application *a = application;
        bool reach = a->reach != APPLICATION_REACH_BLE;

        cbor_put_map(w, 5u + (a->daemon > 0) + (a->counter > 0) + reach + (a->capabilities > 0) +
                                (a->serial[0] != '\0') + (a->configuration.n_bytes > 0));
        put_key_uint(w, APPLICATION_KEY_FORMAT, APPLICATION_FORMAT);
        if (a->daemon > 0)
                put_key_uint(w, APPLICATION_KEY_DAEMON, a->daemon);
        if (a->counter > 0)
                put_key_uint(w, APPLICATION_KEY_COUNTER, a->counter);
        cbor_put_uint(w, APPLICATION_KEY_PRODUCT);
        cbor_put_array(w, 2);
        put_label(w, a->maker);
        put_label(w, a->model);
        cbor_put_uint(w, APPLICATION_KEY_PUBLIC_KEY);
        cbor_put_bytes(w, a->public_key, sizeof(a->public_key));
        cbor_put_uint(w, APPLICATION_KEY_SECRET);
        cbor_put_bytes(w, a->secret, sizeof(a->secret));
        if (reach)
                put_key_uint(w, APPLICATION_KEY_REACH, a->reach);
        if (a->capabilities > 0)
                put_key_uint(w, APPLICATION_KEY_CAPABILITIES, a->capabilities);
        put_pairs(a, w);
        if (a->serial[0] != '\0') {
                cbor_put_uint(w, APPLICATION_KEY_SERIAL);
                put_label(w, a->serial);
        }
        if (a->configuration.n_bytes > 0) {
                cbor_put_uint(w, APPLICATION_KEY_CONFIGURATION);
                cbor_put_raw(w, a->configuration.bytes, a->configuration.n_bytes);
        }
}

void application_fault_text(const struct application_fault *fault, char *ret_text, size_t size)
{
        const struct program_fault *program = &fault->program;
        const char *side = program->side == PROGRAM_HUB ? "hub" : "device";

        if (program->error)
                (void)snprintf(ret_text, size, "application %u, %s half, step %u: %s",
                               fault->pair + 1, side, program->step + 1,
                               program_error_text(program->error));
        else if (fault->lacks)
                (void)snprintf(ret_text, size, "application %u needs %s, which is not asked for",
                               fault->pair + 1,
                               application_capability_name(fault->lacks & -fault->lacks));
        else if (fault->key > 0 && fault->key < N_KEYS)
                (void)snprintf(ret_text, size, "payload key %u (%s) is missing or wrong",
                               fault->key, key_names[fault->key]);
        else
                (void)snprintf(ret_text, size, "the payload is not a map as it must be");
}
