/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/show.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "program/describe.h"
#include "program/outline.h"
#include "program/words.h"
#include "tool/qr.h"
#include "tool/sticker.h"
#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"
#include "util/hex.h"

DEFINE_DEFER(json_t *, json_decref);

static const char levels[] = {'L', 'M', 'Q'};

void show_done(struct show *show)
{
        sodium_memzero(show, sizeof(*show));
}

bool show_is_wrong(const struct show *show)
{
        return show->code.signature == REASON_CODE_ALTERED ||
               show->code.signature == REASON_CODE_MISCOPIED;
}

/*
 * Why a payload cannot be shown. What is wrong with the signature comes first, because a payload
 * that nobody has vouched for may be wrong in any way; its maker learns in which, unless it is not
 * the one that was signed.
 */
static enum reason show_refusal(struct show *show, enum reason reason,
                                const struct payload_fault *fault)
{
        struct code *code = &show->code;

        if (show_is_wrong(show))
                return code->signature;
        if (reason != REASON_CODE_MALFORMED)
                return reason;
        payload_fault_text(fault, code->detail, sizeof(code->detail));
        return code->signature ? code->signature : reason;
}

enum reason show_open(struct show *show, const uint8_t *input, size_t n_input,
                      const struct issuers *issuers)
{
        struct code *code = &show->code;
        struct payload_fault fault;
        const struct issuer *issuer;
        enum reason reason = code_unpack(code, input, n_input, issuers);

        if (reason)
                return reason;
        issuer = issuers_find(issuers, code->envelope.kid);
        if (issuer)
                (void)snprintf(show->issuer_name, sizeof(show->issuer_name), "%s", issuer->name);
        reason = payload_parse(code->envelope.payload, &code->payload, &fault);
        return reason ? show_refusal(show, reason, &fault) : REASON_NONE;
}

/* The version of the smallest symbol, 0 if none holds the code. */
static unsigned version_of(const struct show *show, bool binary, char level)
{
        char text[TEXT_CHARS_MAX + 1];
        const struct code *code = &show->code;
        struct qr *qr = calloc(1, sizeof(*qr));
        unsigned version = 0;
        int r = -ENOMEM;

        text_encode(TEXT_FORM_QR, code->bytes, code->n_bytes, text);
        if (qr && binary)
                r = qr_make(qr, code->bytes, code->n_bytes, true, level);
        else if (qr)
                r = qr_make(qr, text, strlen(text), false, level);
        if (r == 0)
                version = qr->version;
        free(qr);
        sodium_memzero(text, sizeof(text));
        return version;
}

/* --- for people --- */

__attribute__((format(printf, 3, 4))) static void field(FILE *file, const char *name,
                                                        const char *format, ...)
{
        va_list arguments;

        (void)fprintf(file, "%-12s ", name);
        va_start(arguments, format);
        (void)vfprintf(file, format, arguments);
        va_end(arguments);
        (void)fputc('\n', file);
}

static void field_hex(FILE *file, const char *name, const uint8_t *bytes, size_t n_bytes)
{
        char digits[65];

        field(file, name, "%s", hex_encode(bytes, n_bytes, digits));
        sodium_memzero(digits, sizeof(digits));
}

static void write_signature(const struct show *show, FILE *file)
{
        char kid[2 * ENVELOPE_KID_BYTES + 1];

        (void)hex_encode(show->code.envelope.kid, ENVELOPE_KID_BYTES, kid);
        switch (show->code.signature) {
        case REASON_NONE:
                field(file, "signature", "good, by %s (%s)", show->issuer_name, kid);
                break;
        case REASON_CODE_UNSIGNED:
                field(file, "signature", "none");
                break;
        case REASON_CODE_ISSUER_UNKNOWN:
                field(file, "signature", "not checked: issuer %s is unknown here", kid);
                break;
        default:
                field(file, "signature", "WRONG, claims to be by %s (%s)", show->issuer_name, kid);
        }
}

static void write_half(FILE *file, const char *side, struct cbor_span half)
{
        struct program_run run;
        struct program_step step;
        char text[512];

        program_run_init(&run, half);
        (void)fprintf(file, "\n%s, %u steps, %zu bytes\n", side, run.n_left, half.n_bytes);
        while (program_run_next(&run, &step)) {
                program_describe_step(&step, text, sizeof(text));
                (void)fprintf(file, "  %2u  %s\n", step.index + 1, text);
        }
}

static void write_application(const struct application *application, FILE *file)
{
        write_half(file, "hub half", application->hub);
        write_half(file, "device half", application->device);
}

static void write_capabilities(const struct payload *p, FILE *file)
{
        (void)fprintf(file, "%-12s", "asks for");
        for (unsigned i = 1; i <= CAPABILITY_ALL; i <<= 1)
                if (p->capabilities & i)
                        (void)fprintf(file, " %s", capability_name(i));
        (void)fprintf(file, "%s\n", p->capabilities ? "" : " nothing");
}

static void write_configuration(const struct payload *p, FILE *file)
{
        struct value value;
        char text[256];

        for (unsigned i = 1; i <= PROGRAM_NUMBER_MAX; i++)
                if (value_find(p->configuration, i, &value)) {
                        const char *name = program_number_name(PROGRAM_PARAMETER, i);

                        program_describe_value(&value, text, sizeof(text));
                        if (name)
                                field(file, "configures", "%s: %s", name, text);
                        else
                                field(file, "configures", "%u: %s", i, text);
                }
}

static void write_sizes(const struct show *show, FILE *file)
{
        const struct code *code = &show->code;
        const char *tag = sticker_smallest(code->n_bytes);

        (void)fputc('\n', file);
        field(file, "size", "%zu bytes, payload %zu; text %zu characters, of a symbol %zu",
              code->n_bytes, code->envelope.payload.n_bytes, TEXT_PASTE_CHARS(code->n_bytes),
              TEXT_QR_CHARS(code->n_bytes));
        for (unsigned binary = 0; binary < 2; binary++) {
                (void)fprintf(file, "%-12s", binary ? "QR, binary" : "QR, text");
                for (size_t i = 0; i < sizeof(levels); i++) {
                        unsigned version = version_of(show, binary, levels[i]);

                        if (version > 0)
                                (void)fprintf(file, " %u-%c", version, levels[i]);
                        else
                                (void)fprintf(file, " (none)-%c", levels[i]);
                }
                (void)fputc('\n', file);
        }
        field(file, "NFC tag", "%s", tag ? tag : "none of NTAG213, 215, 216");
}

int show_write_text(const struct show *show, FILE *file)
{
        const struct payload *p = &show->code.payload;

        field(file, "product", "%s %s", p->maker, p->model);
        if (p->serial[0])
                field(file, "serial", "%s", p->serial);
        write_signature(show, file);
        field_hex(file, "identity", p->identity, sizeof(p->identity));
        field_hex(file, "public key", p->public_key, sizeof(p->public_key));
        if (show->secret)
                field_hex(file, "secret", p->secret, sizeof(p->secret));
        else
                field(file, "secret", "not shown");
        field(file, "reach", "%s%s%s", p->reach & PAYLOAD_REACH_BLE ? "ble" : "",
              p->reach == 3 ? ", " : "", p->reach & PAYLOAD_REACH_STREAM ? "stream" : "");
        if (p->daemon > 0)
                field(file, "needs", "enrolld %u.%u", (unsigned)p->daemon >> 8, p->daemon & 0xffu);
        field(file, "counter", "%u", (unsigned)p->counter);
        write_capabilities(p, file);
        write_configuration(p, file);
        for (size_t i = 0; i < p->n_applications; i++)
                write_application(&p->applications[i], file);
        write_sizes(show, file);
        return file_flush(file);
}

/* --- JSON --- */

static void set_hex(json_t *root, const char *name, const uint8_t *bytes, size_t n_bytes)
{
        char digits[65];

        (void)json_object_set_new(root, name, json_string(hex_encode(bytes, n_bytes, digits)));
        sodium_memzero(digits, sizeof(digits));
}

static json_t *json_step(const struct program_step *step)
{
        const struct program_words *words = program_verb_words(step->verb);
        char text[512];

        program_describe_step(step, text, sizeof(text));
        return json_pack("{s:i, s:s?, s:s, s:s?, s:i, s:s?}", "step", (int)step->index + 1, "verb",
                         words ? words->name : NULL, "text", text, "does",
                         words ? words->text : NULL, "timeout", (int)step->row->timeout_sec,
                         "undone_by", words ? words->undo : NULL);
}

static json_t *json_half(struct cbor_span half)
{
        json_t *steps = json_array();
        struct program_run run;
        struct program_step step;

        program_run_init(&run, half);
        while (program_run_next(&run, &step))
                (void)json_array_append_new(steps, json_step(&step));
        return json_pack("{s:i, s:o}", "bytes", (int)half.n_bytes, "steps", steps);
}

static json_t *json_text(struct cbor_span text)
{
        return json_stringn((const char *)text.bytes, text.n_bytes);
}

static json_t *json_decimal(int64_t mantissa, int exponent)
{
        char digits[PROGRAM_DECIMAL_SIZE];

        if (exponent == 0)
                return json_integer(mantissa);
        program_describe_decimal(mantissa, exponent, digits);
        return json_real(strtod(digits, NULL));
}

/* What only channels of some types have. */
static void set_limits(json_t *root, const struct program_channel *channel)
{
        const struct program_range *range = &channel->range;
        json_t *words;

        if (channel->has_range) {
                (void)json_object_set_new(root, "value_min",
                                          json_decimal(range->low, range->exponent));
                (void)json_object_set_new(root, "value_max",
                                          json_decimal(range->high, range->exponent));
        }
        if (channel->has_range && range->step > 0)
                (void)json_object_set_new(root, "value_step",
                                          json_decimal(range->step, range->exponent));
        if (channel->type == PROGRAM_CHANNEL_TEXT)
                (void)json_object_set_new(root, "length_max", json_integer(channel->length));
        if (channel->n_words == 0)
                return;
        words = json_array();
        for (unsigned i = 0; i < channel->n_words; i++)
                (void)json_array_append_new(words, json_text(channel->words[i]));
        (void)json_object_set_new(root, "values", words);
}

/* With the keys of the preview and of a device, doc/mqtt.md. */
static json_t *json_channel(const struct program_channel *channel)
{
        static const char *const access[] = {[PROGRAM_PUBLISHED] = "publish",
                                             [PROGRAM_COMMANDED] = "command",
                                             [PROGRAM_BOTH_WAYS] = "both"};
        json_t *root = json_pack(
                "{s:i, s:o, s:o, s:o, s:s, s:i, s:s, s:s*}", "channel", (int)channel->number,
                "property", json_text(channel->leaf), "device_class",
                json_text(channel->device_class), "unit", json_text(channel->unit), "access",
                access[channel->direction], "period", (int)channel->period_sec, "type",
                program_channel_type_name(channel->type), "category",
                channel->category ? program_category_name(channel->category) : NULL);

        if (root)
                set_limits(root, channel);
        return root;
}

/* {"kind": "lock", "roles": {"state": 1, "command": 2}}, with the numbers of the channels. */
static json_t *json_group(const struct program_group *group)
{
        json_t *roles = json_object();
        const struct program_role *role;

        for (size_t i = 0; (role = program_role(group->kind, i)); i++)
                if (group->channels[i] > 0)
                        (void)json_object_set_new(roles, role->name,
                                                  json_integer(group->channels[i]));
        return json_pack("{s:s, s:o}", "kind", program_group_name(group->kind), "roles", roles);
}

static json_t *json_groups(struct cbor_span hub)
{
        json_t *groups = json_array();
        struct program_group group;
        struct program_run run;

        program_run_init(&run, hub);
        while (program_next_group(&run, &group))
                (void)json_array_append_new(groups, json_group(&group));
        return groups;
}

/* Nothing if the half says nothing of it. */
static void set_presence(json_t *root, struct cbor_span hub)
{
        struct program_presence presence;

        if (!program_presence(hub, &presence))
                return;
        (void)json_object_set_new(root, "presence",
                                  json_string(presence.sleep_sec > 0 ? "sleeps" : "mains"));
        if (presence.sleep_sec > 0)
                (void)json_object_set_new(root, "sleep_s", json_integer(presence.sleep_sec));
}

static json_t *json_channels(struct cbor_span hub)
{
        json_t *channels = json_array();
        struct program_channel channel;
        struct program_run run;

        program_run_init(&run, hub);
        while (program_next_channel(&run, &channel))
                (void)json_array_append_new(channels, json_channel(&channel));
        return channels;
}

static json_t *json_number(enum program_space space, unsigned number)
{
        const char *name = program_number_name(space, number);

        return name ? json_string(name) : json_sprintf("%u", number);
}

/* What the steps of a verb name, in the order of the numbers; with @chosen, only those. */
static json_t *json_named(struct cbor_span half, enum program_verb verb,
                          bool (*chosen)(unsigned number))
{
        bool named[PROGRAM_NUMBER_MAX + 1] = {false};
        json_t *names = json_array();

        program_numbers(half, verb, named);
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++)
                if (named[number] && (!chosen || chosen(number)))
                        (void)json_array_append_new(
                                names,
                                json_number((enum program_space)program_verb_row(verb)->space,
                                            number));
        return names;
}

static json_t *json_finish(struct cbor_span device)
{
        unsigned flags = program_finish_flags(device);

        return json_pack("{s:b, s:b}", "erase", (flags & PROGRAM_FINISH_ERASE) != 0, "fuse",
                         (flags & PROGRAM_FINISH_FUSE) != 0);
}

static json_t *json_application(const struct application *application)
{
        struct cbor_span hub = application->hub, device = application->device;
        json_t *root = json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "channels", json_channels(hub),
                "groups", json_groups(hub), "supplies", json_named(hub, PROGRAM_SUPPLY, NULL),
                "personal", json_named(hub, PROGRAM_SUPPLY, program_is_personal), "forwards",
                json_named(hub, PROGRAM_FORWARD, NULL), "finish", json_finish(device), "hub",
                json_half(hub), "device", json_half(device));

        if (root)
                set_presence(root, hub);
        return root;
}

static json_t *json_applications(const struct payload *p)
{
        json_t *applications = json_array();

        for (size_t i = 0; i < p->n_applications; i++)
                (void)json_array_append_new(applications, json_application(&p->applications[i]));
        return applications;
}

static json_t *json_capabilities(const struct payload *p)
{
        json_t *names = json_array();

        for (unsigned i = 1; i <= CAPABILITY_ALL; i <<= 1)
                if (p->capabilities & i)
                        (void)json_array_append_new(names, json_string(capability_name(i)));
        return names;
}

static json_t *json_configuration(const struct payload *p)
{
        json_t *values = json_object();
        struct value value;

        for (unsigned i = 1; i <= PROGRAM_NUMBER_MAX; i++)
                if (value_find(p->configuration, i, &value)) {
                        const char *name = program_number_name(PROGRAM_PARAMETER, i);
                        char number[12], text[256];

                        (void)snprintf(number, sizeof(number), "%u", i);
                        program_describe_value(&value, text, sizeof(text));
                        (void)json_object_set_new(values, name ? name : number, json_string(text));
                }
        return values;
}

static json_t *json_versions(const struct show *show, bool binary)
{
        json_t *versions = json_object();

        for (size_t i = 0; i < sizeof(levels); i++) {
                const char name[2] = {levels[i], '\0'};
                unsigned version = version_of(show, binary, levels[i]);

                (void)json_object_set_new(versions, name,
                                          version ? json_integer(version) : json_null());
        }
        return versions;
}

static json_t *json_sizes(const struct show *show)
{
        const struct code *code = &show->code;

        return json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:s?}", "bytes", (int)code->n_bytes,
                         "payload", (int)code->envelope.payload.n_bytes, "text",
                         (int)TEXT_QR_CHARS(code->n_bytes), "paste",
                         (int)TEXT_PASTE_CHARS(code->n_bytes), "qr_text",
                         json_versions(show, false), "qr_binary", json_versions(show, true),
                         "nfc_tag", sticker_smallest(code->n_bytes));
}

static const char *signature_status(const struct show *show)
{
        switch (show->code.signature) {
        case REASON_NONE:
                return "good";
        case REASON_CODE_UNSIGNED:
                return "unsigned";
        case REASON_CODE_ISSUER_UNKNOWN:
                return "issuer_unknown";
        default:
                return "wrong";
        }
}

static json_t *json_signature(const struct show *show)
{
        json_t *signature = json_object();

        (void)json_object_set_new(signature, "status", json_string(signature_status(show)));
        set_hex(signature, "kid", show->code.envelope.kid, ENVELOPE_KID_BYTES);
        if (show->issuer_name[0])
                (void)json_object_set_new(signature, "issuer", json_string(show->issuer_name));
        return signature;
}

static json_t *json_reach(const struct payload *p)
{
        json_t *reach = json_array();

        if (p->reach & PAYLOAD_REACH_BLE)
                (void)json_array_append_new(reach, json_string("ble"));
        if (p->reach & PAYLOAD_REACH_STREAM)
                (void)json_array_append_new(reach, json_string("stream"));
        return reach;
}

int show_write_json(const struct show *show, FILE *file)
{
        const struct payload *p = &show->code.payload;
        _defer_(json_decref) json_t *root = NULL;

        root = json_pack("{s:i, s:s, s:s, s:s*, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
                         PAYLOAD_FORMAT, "maker", p->maker, "model", p->model, "serial",
                         p->serial[0] ? p->serial : NULL, "daemon", (int)p->daemon, "counter",
                         (json_int_t)p->counter, "signature", json_signature(show), "reach",
                         json_reach(p), "asks", json_capabilities(p), "configuration",
                         json_configuration(p), "applications", json_applications(p), "size",
                         json_sizes(show));
        if (!root)
                return -ENOMEM;
        set_hex(root, "identity", p->identity, sizeof(p->identity));
        set_hex(root, "public_key", p->public_key, sizeof(p->public_key));
        if (show->secret)
                set_hex(root, "secret", p->secret, sizeof(p->secret));
        if (json_dumpf(root, file, JSON_INDENT(2)) == 0)
                (void)fputc('\n', file);
        return file_flush(file);
}
