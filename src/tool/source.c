/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "program/words.h"
#include "tool/choice.h"
#include "tool/operand.h"
#include "util/defer.h"

enum { PRODUCT, DAEMON, COUNTER, SERIAL, ASK, CONFIGURATION, HUB, DEVICE, APPLICATIONS, N_FIELDS };

struct compiler {
        struct yaml yaml;
        struct source *source;
        unsigned capabilities; /* of ask; all of them if it could not be read */
        bool configured;       /* the whole configuration could be read, or there is none */
        const struct functions *functions;
        struct channels channels;
};

/* --- the head --- */

static void take_label(struct compiler *c, const yaml_node_t *node, const char *what, char *label)
{
        const char *text = yaml_text(&c->yaml, node, what);
        struct cbor_span span = {(const uint8_t *)text, strlen(text)};

        if (payload_is_label(span))
                memcpy(label, text, span.n_bytes + 1);
        else if (yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                yaml_fail(&c->yaml, node, "%s: must be 1 to 32 printable bytes; it has %zu", what,
                          span.n_bytes);
}

static void take_product(struct compiler *c, const yaml_node_t *node)
{
        struct yaml_field fields[] = {{.name = "maker", .is_required = true},
                                      {.name = "model", .is_required = true}};
        struct payload *p = &c->source->payload;

        yaml_take(&c->yaml, node, "product", fields, ELEMENTSOF(fields));
        if (fields[0].value)
                take_label(c, fields[0].value, "product.maker", p->maker);
        if (fields[1].value)
                take_label(c, fields[1].value, "product.model", p->model);
        if (strchr(p->maker, '/'))
                yaml_fail(&c->yaml, fields[0].value, "product.maker: must not contain a slash");
}

static void take_daemon(struct compiler *c, const yaml_node_t *node)
{
        const char *text = yaml_text(&c->yaml, node, "daemon");
        unsigned major, minor;
        char rest;

        if (sscanf(text, "%3u.%3u%c", &major, &minor, &rest) == 2 && major <= 255 && minor <= 255)
                c->source->payload.daemon = (uint16_t)(major * 256 + minor);
        else if (yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                yaml_fail(&c->yaml, node,
                          "daemon: must be a version up to \"255.255\", such as \"0.1\", not "
                          "\"%s\"",
                          text);
}

static void take_counter(struct compiler *c, const yaml_node_t *node)
{
        c->source->payload.counter =
                (uint32_t)yaml_integer(&c->yaml, node, "counter", 0, UINT32_MAX);
}

static void take_serial(struct compiler *c, const yaml_node_t *node)
{
        c->source->wants_serial = yaml_boolean(&c->yaml, node, "serial");
}

static void fail_capability(struct compiler *c, const yaml_node_t *node, const char *name)
{
        struct choice choice = {.n_words = 0};
        char advice[200];

        for (unsigned i = 1; i <= CAPABILITY_ALL; i <<= 1)
                choice_add(&choice, capability_name(i));
        choice_advise(&choice, name, "capabilities", advice, sizeof(advice));
        yaml_fail(&c->yaml, node, "ask: there is no capability \"%s\"; %s", name, advice);
}

static void take_ask(struct compiler *c, const yaml_node_t *node)
{
        size_t n_before = c->yaml.errors->n_errors;
        const yaml_node_t *item;

        for (size_t i = 0; (item = yaml_item(&c->yaml, node, "ask", i)); i++) {
                const char *name = yaml_text(&c->yaml, item, "ask");
                unsigned capability = capability_from_name(name, strlen(name));

                if (!capability && yaml_tagged(item, YAML_DEFAULT_SCALAR_TAG))
                        fail_capability(c, item, name);
                c->source->payload.capabilities |= capability;
        }
        c->capabilities = c->yaml.errors->n_errors > n_before ? CAPABILITY_ALL
                                                              : c->source->payload.capabilities;
}

static void put_parameter(struct compiler *c, const yaml_node_t *node, unsigned number,
                          struct cbor_writer *w)
{
        const char *name = program_number_name(PROGRAM_PARAMETER, number);
        uint8_t scratch[VALUE_STRING_MAX];
        struct program_operand operand;
        char path[48], digits[12];

        (void)snprintf(digits, sizeof(digits), "%u", number);
        (void)snprintf(path, sizeof(path), "configuration.%s", name ? name : digits);
        operand = operand_read(&c->yaml, node, path, scratch);
        if (operand.is_reference)
                yaml_fail(&c->yaml, node,
                          "%s: must be a value, not a reference; put a text that begins with $ in "
                          "quotation marks",
                          path);
        else
                operand_check(&c->yaml, node, path, PROGRAM_PARAMETER, number, &operand);
        cbor_put_uint(w, number);
        value_put(w, &operand.value);
}

static void put_configuration(struct compiler *c, const yaml_node_t *node,
                              const yaml_node_t *const values[])
{
        struct cbor_writer w;

        cbor_writer_init(&w, c->source->configuration, sizeof(c->source->configuration));
        cbor_put_map(&w, yaml_count(node));
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++)
                if (values[number])
                        put_parameter(c, values[number], number, &w);
        if (!cbor_writer_fits(&w))
                yaml_fail(&c->yaml, node, "configuration: has %zu bytes; at most %d are allowed",
                          w.n_written, SOURCE_CONFIGURATION_BYTES);
        else
                c->source->payload.configuration =
                        (struct cbor_span){c->source->configuration, w.n_written};
}

static void take_configuration(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *values[PROGRAM_NUMBER_MAX + 1] = {NULL};
        size_t n_before = c->yaml.errors->n_errors;
        struct yaml_entry entry;

        for (size_t i = 0; yaml_entry(&c->yaml, node, "configuration", i, &entry); i++)
                if (entry.key)
                        values[operand_number(&c->yaml, entry.at, "configuration",
                                              PROGRAM_PARAMETER, entry.key)] = entry.value;
        if (yaml_count(node) > 0)
                put_configuration(c, node, values);
        c->configured = c->yaml.errors->n_errors == n_before;
}

/* --- the applications --- */

/* Whether a half is not there, or a list of no steps. */
static bool is_empty(const struct yaml_field *half)
{
        if (!half->value)
                return !half->is_misspelt;
        return half->value->type == YAML_SEQUENCE_NODE && yaml_count(half->value) == 0;
}

/* @halves: the fields hub and device of @node. */
static void add_application(struct compiler *c, const yaml_node_t *node,
                            const struct yaml_field halves[2])
{
        struct payload *p = &c->source->payload;
        struct scope scope = {.yaml = &c->yaml,
                              .side = PROGRAM_HUB,
                              .channels = &c->channels,
                              .first_channel = c->channels.n,
                              .functions = c->functions,
                              .capabilities = c->capabilities};
        struct half hub, device;

        if (is_empty(&halves[0]) && is_empty(&halves[1])) {
                yaml_fail(&c->yaml, node,
                          "hub, device: both are missing or empty; add at least one step");
                return;
        }
        half_compile(&hub, &scope, &halves[0], c->source->halves[p->n_applications][0]);
        scope.side = PROGRAM_DEVICE;
        half_compile(&device, &scope, &halves[1], c->source->halves[p->n_applications][1]);
        half_check_pair(&hub, &device, p->configuration, c->configured);
        p->applications[p->n_applications++] = (struct application){hub.bytes, device.bytes};
}

static void take_applications(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *item;

        if (node->type == YAML_SEQUENCE_NODE &&
            (yaml_count(node) == 0 || yaml_count(node) > PAYLOAD_APPLICATIONS_MAX)) {
                yaml_fail(&c->yaml, node, "applications: there must be 1 to %d, not %zu",
                          PAYLOAD_APPLICATIONS_MAX, yaml_count(node));
                return;
        }
        for (size_t i = 0; (item = yaml_item(&c->yaml, node, "applications", i)); i++) {
                struct yaml_field fields[] = {{.name = "hub"}, {.name = "device"}};

                yaml_take(&c->yaml, item, "applications", fields, ELEMENTSOF(fields));
                if (item->type == YAML_MAPPING_NODE)
                        add_application(c, item, fields);
        }
        if (c->source->payload.n_applications > 1 && c->yaml.errors->n_errors == 0)
                yaml_warn(&c->yaml, node,
                          "applications: hubs of this version refuse a code with more than one "
                          "(%s)",
                          reason_code(REASON_CODE_DAEMON_TOO_OLD));
}

/* --- the whole --- */

static void take_head(struct compiler *c, const struct yaml_field *fields)
{
        static void (*const take[])(struct compiler * c, const yaml_node_t *node) = {
                [PRODUCT] = take_product, [DAEMON] = take_daemon,
                [COUNTER] = take_counter, [SERIAL] = take_serial,
                [ASK] = take_ask,         [CONFIGURATION] = take_configuration,
        };

        for (size_t i = 0; i < ELEMENTSOF(take); i++)
                if (fields[i].value)
                        take[i](c, fields[i].value);
}

static void take_file(struct compiler *c, const yaml_node_t *root)
{
        struct yaml_field fields[N_FIELDS] = {
                [PRODUCT] = {.name = "product", .is_required = true},
                [DAEMON] = {.name = "daemon"},
                [COUNTER] = {.name = "counter"},
                [SERIAL] = {.name = "serial"},
                [ASK] = {.name = "ask"},
                [CONFIGURATION] = {.name = "configuration"},
                [HUB] = {.name = "hub"},
                [DEVICE] = {.name = "device"},
                [APPLICATIONS] = {.name = "applications"},
        };
        const struct yaml_field *applications = &fields[APPLICATIONS];

        yaml_take(&c->yaml, root, "", fields, N_FIELDS);
        if (root->type != YAML_MAPPING_NODE)
                return;
        c->capabilities = fields[ASK].is_misspelt ? CAPABILITY_ALL : 0;
        c->configured = !fields[CONFIGURATION].is_misspelt;
        take_head(c, fields);
        if (applications->value && (fields[HUB].value || fields[DEVICE].value))
                yaml_fail(&c->yaml, applications->value,
                          "applications: replaces hub and device; remove these, or move them into "
                          "it");
        if (applications->value)
                take_applications(c, applications->value);
        else if (!applications->is_misspelt)
                add_application(c, root, &fields[HUB]);
}

int source_compile(struct source *source, const char *text, size_t n_text,
                   const struct functions *functions)
{
        struct compiler c = {.source = source, .functions = functions};
        const yaml_node_t *root;

        memset(source, 0, sizeof(*source));
        source->wants_serial = true;
        yaml_open(&c.yaml, &source->errors, text, n_text);
        root = yaml_root(&c.yaml);
        if (root)
                take_file(&c, root);
        yaml_close(&c.yaml);
        return source->errors.n_errors > 0 ? -EINVAL : 0;
}
