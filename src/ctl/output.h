/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The form of the output, for a person or for a program. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "ctl/fault.h"

enum output_form {
        OUTPUT_PEOPLE = 0,
        OUTPUT_JSON,  /* one document at the end, indented */
        OUTPUT_LINES, /* one document per line, as it happens */
};

struct output {
        enum output_form form;
        bool quiet;    /* for people: names or nothing */
        bool terminal; /* stdout is one */
        bool colour;
        bool colour_errors;
        size_t width; /* columns of stdout, 0 if it has no end */
        size_t width_errors;
        int error; /* -errno of the first JSON that could not be written, else 0 */
};

/* Looks at the terminal and the environment, before the options override them (no-color.org). */
void output_init(struct output *output);

/* Writes @json to stdout at once; what fails is kept in output->error. */
void output_json(struct output *output, const json_t *json);

/* Writes @fault, to stderr for people and to stdout for programs; returns its exit code. */
int output_fault(const struct output *output, const struct fault *fault);
