/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the device says what happens to it: one line each, on stdout, never a secret. */

/* Writes one line, at once. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
