/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The verbs about enrollments: they begin one and show it until it has ended, or cancel one. Each
 * takes what stands behind the verb, and returns the program's exit code.
 */

#include "ctl/invocation.h"

/* Reads the code with the camera. */
int enrollments_scan(struct invocation *inv);

/*
 * Takes the code from the command line, a file or standard input. A code that is an argument is
 * blanked there. --later adds it to the catalogue.
 */
int enrollments_enroll(struct invocation *inv, char **arguments);

/* Either of them, in the place of the device that the first argument names. */
int enrollments_replace(struct invocation *inv, char **arguments);

int enrollments_cancel(struct invocation *inv, char **arguments);
