/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The device's log: one line for each event, on stdout, never a secret. */

/* Writes one line immediately. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
