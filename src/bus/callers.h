/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How many answers the bus has not taken yet, for each caller. A program that asks faster than it
 * reads, or a bus that has come to a halt, would otherwise make the daemon keep any number of long
 * answers. Others are served meanwhile.
 */

#include <stdbool.h>
#include <stddef.h>

#define CALLERS_MAX         16 /* that have a number of their own */
#define CALLERS_ANSWERS_MAX 16 /* that wait for one caller */
#define CALLERS_NAME_SIZE   24 /* a unique name: ":1." and a number */

struct callers {
        struct {
                char name[CALLERS_NAME_SIZE];
                unsigned n_answers;
        } of[CALLERS_MAX];
};

/*
 * A call by @name, a unique name on the bus, while answers wait. Whether it may be answered; then
 * its answer counts. Callers that there is no room for are counted as one.
 */
bool callers_admit(struct callers *callers, const char *name);

/* The bus has taken every answer. */
void callers_clear(struct callers *callers);
