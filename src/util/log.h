/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The log: one line per failure, written where the device is known.
 *
 * Under systemd the lines go to the journal with their fields; elsewhere to stderr. Libraries and
 * the pure layers (wire, code, store, device) never log. A secret is never logged: nothing that
 * holds one has a printer. What cannot be shown of a text, which may be a stranger's, becomes a
 * question mark (wire/utf8.h), so that no line moves the cursor of a terminal.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <syslog.h>

/* One NAME=value pair of a structured line; the name without the ENROLLD_ prefix, for instance
 * "DEVICE". */
struct log_field {
        const char *name;
        const char *value; /* a NULL value leaves the field out */
};

/* Sets the program's name and the most verbose level shown (LOG_ERR .. LOG_DEBUG); call once,
 * first. */
void log_open(const char *program, int max_level);

/* The same later. log_level() says which it is. */
void log_set_level(int max_level);
int log_level(void);

/* "error", "warning", "info" or "debug", and back: a level, or -EINVAL for another word. */
const char *log_level_name(int level);
int log_level_from_name(const char *name);

/*
 * From now on also passes each line that is shown to @on_line, or to nobody if that is NULL. It may
 * log itself, but is then called again for that.
 */
void log_listen(void (*on_line)(void *userdata, int level, const char *text), void *userdata);

void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes "<format>: <strerror(-error)>" at error level and returns @error, so that `return
 * log_errno(r, ...)` works. */
int log_errno(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A structured line. @message_id is the fixed 128-bit id of this kind of line as 32 hexadecimal
 * digits, or NULL;
 * @fields ends with a NULL name.
 */
void log_fields(int level, const char *message_id, const struct log_field *fields,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

#define log_error(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)
