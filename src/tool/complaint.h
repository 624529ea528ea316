/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What enroll-code says when something is wrong, in one line on standard error. Each returns the
 * exit status. */

#include "reason/reason.h"

/* The command line is wrong in this way. */
int complaint_usage(const char *text);

/* A file cannot be read or written, for the errno -@r. */
int complaint_file(int r, const char *path);

/* The same of a file that is read. */
int complaint_input(int r, const char *path);

/* The same where a code may stand, which is not repeated. */
int complaint_code(int r, const char *argument);

/* The code in @argument, or in the file of that name, is refused; with the stable code of
 * doc/reasons.md. */
int complaint_refusal(enum reason reason, const char *argument, const char *detail);
