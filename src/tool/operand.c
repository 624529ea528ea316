/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/operand.h"

#include <stdio.h>
#include <string.h>

#include "program/words.h"
#include "tool/choice.h"
#include "util/hex.h"

#define HEX_TAG "!hex"

/* --- numbers --- */

static void fail_number(struct yaml *yaml, const yaml_node_t *node, const char *what,
                        enum program_space space, const char *name)
{
        struct choice choice = {.n_words = 0};
        char plural[16], advice[300];

        for (unsigned i = 1; program_number_name(space, i); i++)
                choice_add(&choice, program_number_name(space, i));
        choice_add(&choice, "64 to 127");
        (void)snprintf(plural, sizeof(plural), "%ss", program_space_name(space));
        choice_advise(&choice, name, plural, advice, sizeof(advice));
        yaml_fail(yaml, node, "%s: there is no %s %s; %s", what, program_space_name(space),
                  name[0] ? name : "without a name", advice);
}

unsigned operand_number(struct yaml *yaml, const yaml_node_t *node, const char *what,
                        enum program_space space, const char *name)
{
        unsigned number = program_number_from_name(space, name);
        int64_t own;

        if (number > 0)
                return number;
        if (yaml_is_integer(name, &own) && own >= PROGRAM_OWN_MIN && own <= PROGRAM_NUMBER_MAX)
                return (unsigned)own;
        fail_number(yaml, node, what, space, name);
        return 0;
}

/* --- values --- */

static struct value text_value(struct yaml *yaml, const yaml_node_t *node, const char *what,
                               const char *text)
{
        size_t n = strlen(text);

        if (n <= VALUE_STRING_MAX)
                return (struct value){VALUE_TEXT, 0, {(const uint8_t *)text, n}};
        yaml_fail(yaml, node, "%s: has %zu bytes; a text has at most %d", what, n,
                  VALUE_STRING_MAX);
        return (struct value){.kind = VALUE_NOTHING};
}

static struct value hex_value(struct yaml *yaml, const yaml_node_t *node, const char *what,
                              const char *digits, uint8_t bytes[VALUE_STRING_MAX])
{
        size_t n = strlen(digits) / 2;

        if (n <= VALUE_STRING_MAX && strlen(digits) % 2 == 0 && hex_decode(digits, bytes, n) >= 0)
                return (struct value){VALUE_BYTES, 0, {bytes, n}};
        yaml_fail(yaml, node, "%s: !hex takes up to 64 bytes, two hexadecimal digits each", what);
        return (struct value){.kind = VALUE_NOTHING};
}

static struct value plain_value(struct yaml *yaml, const yaml_node_t *node, const char *what,
                                const char *text)
{
        struct value value = {.kind = VALUE_NOTHING};
        bool boolean;

        if (yaml_is_integer(text, &value.number)) {
                value.kind = VALUE_INTEGER;
        } else if (yaml_is_boolean(text, &boolean)) {
                value.kind = VALUE_BOOLEAN;
                value.number = boolean;
        } else if (!yaml_is_ambiguous(text)) {
                value = text_value(yaml, node, what, text);
        } else if (text[0] == '\0') {
                yaml_fail(yaml, node, "%s: the value is missing; write \"\" for an empty text",
                          what);
        } else {
                yaml_fail(yaml, node,
                          "%s: for a text write \"%s\", with the quotation marks; an integer looks "
                          "like -5, and a boolean is yes or no",
                          what, text);
        }
        return value;
}

struct program_operand operand_read(struct yaml *yaml, const yaml_node_t *node, const char *what,
                                    uint8_t scratch[VALUE_STRING_MAX])
{
        struct program_operand operand = {.value = {.kind = VALUE_NOTHING}};
        const char *digits = yaml_tagged(node, HEX_TAG), *text;

        if (digits) {
                operand.value = hex_value(yaml, node, what, digits, scratch);
                return operand;
        }
        if (node->type == YAML_SCALAR_NODE && !yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG)) {
                yaml_fail(yaml, node, "%s: there is no tag %s; bytes are written like !hex 00ff",
                          what, (const char *)node->tag);
                return operand;
        }
        text = yaml_text(yaml, node, what);
        if (node->type != YAML_SCALAR_NODE)
                return operand;
        if (!yaml_is_plain(node)) {
                operand.value = text_value(yaml, node, what, text);
        } else if (text[0] == '$') {
                operand.parameter = operand_number(yaml, node, what, PROGRAM_PARAMETER, text + 1);
                operand.is_reference = operand.parameter > 0;
        } else {
                operand.value = plain_value(yaml, node, what, text);
        }
        return operand;
}

/* --- types --- */

static void fail_reference(struct yaml *yaml, const yaml_node_t *node, const char *what,
                           enum program_type type, unsigned parameter)
{
        yaml_fail(yaml, node, "%s: must be %s, but %s is %s", what, program_type_text(type),
                  yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG),
                  program_type_text(program_type_of(PROGRAM_PARAMETER, parameter)));
}

static void fail_value(struct yaml *yaml, const yaml_node_t *node, const char *what,
                       enum program_type type, const struct value *value)
{
        const char *cure = "";

        if (type == PROGRAM_TYPE_BYTES16 || type == PROGRAM_TYPE_BYTES32)
                cure = "; write !hex and two digits for each";
        else if (type == PROGRAM_TYPE_TEXT && value->kind != VALUE_BYTES)
                cure = "; put it in quotation marks";
        else if (value->kind == VALUE_TEXT && !yaml_is_plain(node))
                cure = "; remove the quotation marks";
        yaml_fail(yaml, node, "%s: must be %s%s", what, program_type_text(type), cure);
}

void operand_check(struct yaml *yaml, const yaml_node_t *node, const char *what,
                   enum program_space space, unsigned number, const struct program_operand *operand)
{
        enum program_type type = program_type_of(space, number);

        if (operand->is_reference) {
                if (program_verify_operand(operand, type))
                        fail_reference(yaml, node, what, type, operand->parameter);
        } else if (operand->value.kind != VALUE_NOTHING && program_verify_operand(operand, type)) {
                fail_value(yaml, node, what, type, &operand->value);
        }
}
