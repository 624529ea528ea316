/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/half.h"

#include <string.h>

#include "program/verify.h"
#include "program/words.h"

static const struct cbor_span empty_half = {(const uint8_t *)"\x80", 1};

/* --- the order of the steps --- */

/* Where a step of the hub half belongs. */
static const char *place_of(enum program_verb verb)
{
        if (verb == PROGRAM_SUPPLY)
                return "before deliver";
        if (verb == PROGRAM_SYNC)
                return "after deliver, and before expect, channel, forward, presence and group";
        return "after deliver";
}

/* Reports a step that does not follow those before it. */
static void check_order(struct half *half, struct program_order *order, const yaml_node_t *step,
                        enum program_verb verb)
{
        enum program_error error = program_order_next(order, verb);
        const char *name = program_verb_words(verb)->name;

        if (error == PROGRAM_E_DOUBLE)
                yaml_fail(half->scope.yaml, step, "%s: a half has only one %s; remove this one",
                          name, name);
        else if (error == PROGRAM_E_ORDER)
                yaml_fail(half->scope.yaml, step, "%s: must come %s", name, place_of(verb));
        else if (error)
                yaml_fail(half->scope.yaml, step, "%s: %s", name, program_error_text(error));
}

/* Without deliver every later step would be in the wrong place, so only that is reported. */
static bool delivers(struct half *half, const enum program_verb *verbs, size_t n_verbs)
{
        for (size_t i = 0; i < n_verbs; i++)
                if (verbs[i] == PROGRAM_DELIVER)
                        return true;
        if (n_verbs > 0 && !(half->scope.unclear >> PROGRAM_DELIVER & 1))
                yaml_fail(half->scope.yaml, half->node,
                          "hub: deliver is missing; add \"- deliver: device\" after supply");
        return false;
}

/* --- one half --- */

/* What a step was compiled to, and where it stands. */
struct steps {
        enum program_verb verbs[PROGRAM_STEPS_MAX];
        const yaml_node_t *nodes[PROGRAM_STEPS_MAX];
        size_t n;
};

static void compile_steps(struct half *half, struct steps *steps, struct cbor_writer *w)
{
        const char *what = program_side_name(half->scope.side);
        const yaml_node_t *step;

        for (size_t i = 0; (step = yaml_item(half->scope.yaml, half->node, what, i)); i++) {
                const struct program_row *row = step_compile(&half->scope, step, w);

                if (!row || steps->n == PROGRAM_STEPS_MAX)
                        continue;
                steps->verbs[steps->n] = (enum program_verb)row->verb;
                steps->nodes[steps->n++] = step;
        }
}

static void check_size(struct half *half, const struct cbor_writer *w)
{
        const char *what = program_side_name(half->scope.side);
        size_t n_steps = yaml_count(half->node);

        if (n_steps > PROGRAM_STEPS_MAX)
                yaml_fail(half->scope.yaml, half->node, "%s: has %zu steps; a half has at most %d",
                          what, n_steps, PROGRAM_STEPS_MAX);
        if (w->n_written > PROGRAM_BYTES_MAX)
                yaml_fail(half->scope.yaml, half->node, "%s: has %zu bytes; a half has at most %d",
                          what, w->n_written, PROGRAM_BYTES_MAX);
}

static void check_steps(struct half *half, const struct steps *steps)
{
        struct program_order order = {false, false};

        if (half->scope.side == PROGRAM_HUB && !delivers(half, steps->verbs, steps->n))
                return;
        for (size_t i = 0; i < steps->n; i++)
                if (half->scope.side == PROGRAM_HUB)
                        check_order(half, &order, steps->nodes[i], steps->verbs[i]);
                else if (steps->verbs[i] == PROGRAM_FINISH && i + 1 < steps->n)
                        yaml_fail(half->scope.yaml, steps->nodes[i],
                                  "finish: must be the last step of the half");
}

/* What a hub would find, if nothing above has found it. */
static void verify(struct half *half)
{
        struct program_fault fault;
        const yaml_node_t *step;
        enum program_error error = half->scope.side == PROGRAM_HUB
                                           ? program_verify_hub(half->bytes, &fault)
                                           : program_verify_device(half->bytes, &fault);

        if (error == PROGRAM_OK)
                return;
        step = yaml_item(half->scope.yaml, half->node, program_side_name(half->scope.side),
                         fault.step);
        yaml_fail(half->scope.yaml, step ? step : half->node, "%s: %s",
                  program_side_name(half->scope.side), program_error_text(error));
}

void half_compile(struct half *half, const struct scope *in, const struct yaml_field *field,
                  uint8_t bytes[HALF_BYTES])
{
        const yaml_node_t *node = field->value;
        struct steps steps = {.n = 0};
        struct cbor_writer w;

        *half = (struct half){.node = node, .bytes = empty_half, .scope = *in};
        if (field->is_misspelt || (node && node->type != YAML_SEQUENCE_NODE))
                half->scope.unclear = UINT32_MAX;
        if (!node)
                return;
        cbor_writer_init(&w, bytes, HALF_BYTES);
        cbor_put_array(&w, yaml_count(node));
        compile_steps(half, &steps, &w);
        check_size(half, &w);
        check_steps(half, &steps);
        if (in->yaml->errors->n_errors > 0)
                return;
        half->bytes = (struct cbor_span){bytes, w.n_written};
        verify(half);
}

/* --- both --- */

static const char *number_text(const yaml_node_t *node)
{
        return yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG);
}

static void check_supplied(const struct half *hub, const struct half *device,
                           struct cbor_span configuration)
{
        struct value value;

        for (unsigned i = 1; i <= PROGRAM_NUMBER_MAX; i++) {
                const yaml_node_t *node = device->scope.named[PROGRAM_REQUIRE][i];

                if (!node || step_names(&hub->scope, PROGRAM_SUPPLY, i) ||
                    value_find(configuration, i, &value))
                        continue;
                yaml_fail(device->scope.yaml, node,
                          "require: nothing supplies %s; add it to a supply step of the hub half, "
                          "or to configuration",
                          number_text(node));
        }
}

static void check_reported(const struct half *hub, const struct half *device,
                           enum program_verb verb)
{
        for (unsigned i = 1; i <= PROGRAM_NUMBER_MAX; i++) {
                const yaml_node_t *node = hub->scope.named[verb][i];

                if (!node || step_names(&device->scope, PROGRAM_REPORT, i) ||
                    (verb == PROGRAM_FORWARD && program_is_known_to_hub(i)))
                        continue;
                yaml_fail(hub->scope.yaml, node,
                          "%s: the device half does not report %s; add it to a report step",
                          program_verb_words(verb)->name, number_text(node));
        }
}

/* The place of a step, or of its half, or of the other half if there is no such half. */
static const yaml_node_t *locate(const struct half *half, const struct half *other, unsigned step)
{
        const yaml_node_t *node = NULL;

        if (half->node)
                node = yaml_item(half->scope.yaml, half->node, "", step);
        return node ? node : half->node ? half->node : other->node;
}

void half_check_pair(const struct half *hub, const struct half *device,
                     struct cbor_span configuration, bool configured)
{
        struct yaml *yaml = hub->scope.yaml;
        struct program_fault fault;
        bool at_hub;

        if (configured)
                check_supplied(hub, device, configuration);
        check_reported(hub, device, PROGRAM_EXPECT);
        check_reported(hub, device, PROGRAM_FORWARD);
        if (yaml->errors->n_errors > 0 ||
            !program_verify_pair(hub->bytes, device->bytes, configuration, &fault))
                return;
        at_hub = fault.side == PROGRAM_HUB;
        yaml_fail(yaml, locate(at_hub ? hub : device, at_hub ? device : hub, fault.step),
                  "%s: %s%s", program_side_name(fault.side), program_error_text(fault.error),
                  fault.error == PROGRAM_E_SYNC
                          ? "; give both the same sync steps, in the same order"
                          : "");
}
