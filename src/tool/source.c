/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "program/verify.h"
#include "program/words.h"
#include "tool/step.h"
#include "tool/yaml.h"
#include "util/defer.h"

struct compiler {
        struct yaml yaml;
        struct source *source;
        bool seen_product, seen_halves, seen_applications;

        /* Where the halves are, for errors that are found later. */
        const yaml_node_t *halves[PAYLOAD_APPLICATIONS_MAX][2];
};

static const struct cbor_span empty_half = {(const uint8_t *)"\x80", 1};

/* --- the head --- */

static void take_label(struct compiler *c, const yaml_node_t *node, const char *what, char *label)
{
        const char *text = yaml_text(&c->yaml, node, what);
        struct cbor_span span = {(const uint8_t *)text, strlen(text)};

        if (!payload_is_label(span))
                yaml_fail(&c->yaml, node, "%s: must have 1 to 32 printable bytes", what);
        else
                memcpy(label, text, span.n_bytes + 1);
}

static void take_product(struct compiler *c, const yaml_node_t *node)
{
        struct payload *p = &c->source->payload;
        const yaml_node_t *value;
        const char *key;

        for (size_t i = 0; yaml_entry(&c->yaml, node, "product", i, &key, &value); i++)
                if (strcmp(key, "maker") == 0)
                        take_label(c, value, "product.maker", p->maker);
                else if (strcmp(key, "model") == 0)
                        take_label(c, value, "product.model", p->model);
                else
                        yaml_fail(&c->yaml, value, "product.%s: the fields are maker and model",
                                  key);
        if (!p->maker[0] || !p->model[0])
                yaml_fail(&c->yaml, node, "product: maker and model are both required");
        if (strchr(p->maker, '/'))
                yaml_fail(&c->yaml, node, "product.maker: must not have a slash");
        c->seen_product = true;
}

static void take_daemon(struct compiler *c, const yaml_node_t *node)
{
        const char *text = yaml_text(&c->yaml, node, "daemon");
        unsigned major, minor;
        char rest;

        if (sscanf(text, "%3u.%3u%c", &major, &minor, &rest) != 2 || major > 255 || minor > 255)
                yaml_fail(&c->yaml, node, "daemon: must be a version such as \"0.1\"");
        else
                c->source->payload.daemon = (uint16_t)(major * 256 + minor);
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

static void take_ask(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *item;

        for (size_t i = 0; (item = yaml_item(&c->yaml, node, "ask", i)); i++) {
                const char *name = yaml_text(&c->yaml, item, "ask");
                unsigned capability = capability_from_name(name, strlen(name));

                if (!capability)
                        yaml_fail(&c->yaml, item,
                                  "ask: there is no capability \"%s\"; they are channel.publish, "
                                  "channel.command and key.forward",
                                  name);
                c->source->payload.capabilities |= capability;
        }
}

static void take_configuration(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *values[PROGRAM_NUMBER_MAX + 1] = {NULL}, *value;
        uint8_t scratch[VALUE_STRING_MAX];
        struct cbor_writer w;
        const char *key;
        size_t n = yaml_count(node);

        for (size_t i = 0; yaml_entry(&c->yaml, node, "configuration", i, &key, &value); i++)
                values[step_number(&c->yaml, value, PROGRAM_PARAMETER, key)] = value;

        cbor_writer_init(&w, c->source->configuration, sizeof(c->source->configuration));
        cbor_put_map(&w, n);
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++) {
                struct program_operand operand;

                if (!values[number])
                        continue;
                operand = step_operand(&c->yaml, values[number], scratch);
                if (operand.is_reference)
                        yaml_fail(&c->yaml, values[number],
                                  "configuration: must be a value, not a reference");
                step_check(&c->yaml, values[number], PROGRAM_PARAMETER, number, &operand);
                cbor_put_uint(&w, number);
                value_put(&w, &operand.value);
        }
        if (!cbor_writer_fits(&w))
                yaml_fail(&c->yaml, node, "configuration: is too large");
        else if (n > 0)
                c->source->payload.configuration =
                        (struct cbor_span){c->source->configuration, w.n_written};
}

/* --- the halves --- */

static void add_application(struct compiler *c)
{
        struct payload *p = &c->source->payload;

        p->applications[p->n_applications++] = (struct application){empty_half, empty_half};
}

/* Takes a half of the application that was added last. */
static void take_half(struct compiler *c, const yaml_node_t *node, enum program_side side)
{
        const char *what = side == PROGRAM_HUB ? "hub" : "device";
        size_t last = c->source->payload.n_applications - 1;
        struct application *application = &c->source->payload.applications[last];
        uint8_t *bytes = c->source->halves[last][side - 1];
        const yaml_node_t *step;
        struct program_fault fault = {0};
        enum program_error error;
        struct cbor_writer w;
        struct cbor_span half;

        cbor_writer_init(&w, bytes, SOURCE_HALF_BYTES);
        cbor_put_array(&w, yaml_count(node));
        for (size_t i = 0; (step = yaml_item(&c->yaml, node, what, i)); i++)
                step_compile(&c->yaml, step, side, &w);
        if (!cbor_writer_fits(&w) || w.n_written > PROGRAM_BYTES_MAX)
                yaml_fail(&c->yaml, node, "%s: has %zu bytes; a half has at most %d", what,
                          w.n_written, PROGRAM_BYTES_MAX);
        if (yaml_failed(&c->yaml))
                return;

        c->halves[last][side - 1] = node;
        half = (struct cbor_span){bytes, w.n_written};
        *(side == PROGRAM_HUB ? &application->hub : &application->device) = half;
        error = side == PROGRAM_HUB ? program_verify_hub(half, &fault)
                                    : program_verify_device(half, &fault);
        if (error != PROGRAM_OK) {
                step = yaml_item(&c->yaml, node, what, fault.step);
                yaml_fail(&c->yaml, step ? step : node, "%s: %s", what,
                          program_error_text(fault.error));
        }
}

static void take_application(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *value;
        const char *key;

        if (c->source->payload.n_applications == PAYLOAD_APPLICATIONS_MAX) {
                yaml_fail(&c->yaml, node, "applications: there are at most %d",
                          PAYLOAD_APPLICATIONS_MAX);
                return;
        }
        add_application(c);
        for (size_t i = 0; yaml_entry(&c->yaml, node, "applications", i, &key, &value); i++)
                if (strcmp(key, "hub") == 0)
                        take_half(c, value, PROGRAM_HUB);
                else if (strcmp(key, "device") == 0)
                        take_half(c, value, PROGRAM_DEVICE);
                else
                        yaml_fail(&c->yaml, value, "applications.%s: the fields are hub and device",
                                  key);
}

static void take_applications(struct compiler *c, const yaml_node_t *node)
{
        const yaml_node_t *item;

        if (c->seen_halves)
                yaml_fail(&c->yaml, node,
                          "applications: stands instead of hub and device, not beside them");
        c->seen_applications = true;
        for (size_t i = 0; (item = yaml_item(&c->yaml, node, "applications", i)); i++)
                take_application(c, item);
}

static void take_single(struct compiler *c, const yaml_node_t *node, enum program_side side)
{
        if (c->seen_applications) {
                yaml_fail(&c->yaml, node,
                          "applications: stands instead of hub and device, not beside them");
                return;
        }
        if (!c->seen_halves)
                add_application(c);
        c->seen_halves = true;
        take_half(c, node, side);
}

static void take_hub(struct compiler *c, const yaml_node_t *node)
{
        take_single(c, node, PROGRAM_HUB);
}

static void take_device(struct compiler *c, const yaml_node_t *node)
{
        take_single(c, node, PROGRAM_DEVICE);
}

/* --- the whole --- */

static void take_field(struct compiler *c, const char *name, const yaml_node_t *value)
{
        static const struct {
                const char *name;
                void (*on_field)(struct compiler *c, const yaml_node_t *node);
        } fields[] = {
                {"product", take_product},
                {"daemon", take_daemon},
                {"counter", take_counter},
                {"serial", take_serial},
                {"ask", take_ask},
                {"configuration", take_configuration},
                {"hub", take_hub},
                {"device", take_device},
                {"applications", take_applications},
        };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcmp(name, fields[i].name) == 0) {
                        fields[i].on_field(c, value);
                        return;
                }
        yaml_fail(
                &c->yaml, value,
                "%s: there is no such field; the fields are product, daemon, counter, serial, ask, "
                "configuration, hub and device, or applications",
                name);
}

/* The place of a step, or of the half if it has no such step, or of the file if it has no half. */
static const yaml_node_t *locate(struct compiler *c, size_t at, const struct program_fault *fault)
{
        const yaml_node_t *half = c->halves[at][fault->side - 1], *step = NULL;

        if (half)
                step = yaml_item(&c->yaml, half, "", fault->step);
        return step ? step : half;
}

static void check_application(struct compiler *c, size_t at)
{
        const struct payload *p = &c->source->payload;
        const struct application *application = &p->applications[at];
        unsigned lacks = application_needs(application) & ~p->capabilities;
        struct program_fault fault;

        if (program_verify_pair(application->hub, application->device, p->configuration, &fault))
                yaml_fail(&c->yaml, locate(c, at, &fault), "%s: %s",
                          fault.side == PROGRAM_HUB ? "hub" : "device",
                          program_error_text(fault.error));
        else if (lacks)
                yaml_fail(&c->yaml, c->halves[at][PROGRAM_HUB - 1],
                          "hub: needs %s, which ask does not list",
                          capability_name(lacks & -lacks));
}

int source_compile(struct source *source, const char *text, size_t n_text)
{
        struct compiler c = {.source = source};
        const yaml_node_t *root, *value;
        const char *key;

        memset(source, 0, sizeof(*source));
        source->wants_serial = true;
        yaml_open(&c.yaml, text, n_text);
        root = yaml_root(&c.yaml);
        for (size_t i = 0; root && yaml_entry(&c.yaml, root, "the file", i, &key, &value); i++)
                take_field(&c, key, value);
        if (!c.seen_product)
                yaml_fail(&c.yaml, NULL, "product: is missing");
        if (source->payload.n_applications == 0)
                yaml_fail(&c.yaml, NULL, "hub, device: both are missing");
        for (size_t i = 0; i < source->payload.n_applications && !yaml_failed(&c.yaml); i++)
                check_application(&c, i);

        memcpy(source->error, c.yaml.error, sizeof(source->error));
        yaml_close(&c.yaml);
        return source->error[0] ? -EINVAL : 0;
}
