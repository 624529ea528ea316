/* SPDX-License-Identifier: Apache-2.0 */

#include "util/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include "util/defer.h"
#include "wire/utf8.h"

#define LOG_TEXT_MAX   1024
#define LOG_FIELDS_MAX 16

static struct {
        const char *program;
        int max_level;
        bool journal;
        void (*on_line)(void *userdata, int level, const char *text); /* or NULL */
        void *userdata;
} arg_log = {.program = "enrolld", .max_level = LOG_INFO};

/* $JOURNAL_STREAM names the device and inode of the stream systemd gave us; only then is stderr the
 * journal. */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        char ours[64];
        struct stat st;

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;
        (void)snprintf(ours, sizeof(ours), "%llu:%llu", (unsigned long long)st.st_dev,
                       (unsigned long long)st.st_ino);
        return strcmp(stream, ours) == 0;
}

void log_open(const char *program, int max_level)
{
        arg_log.program = program;
        arg_log.max_level = max_level;
        arg_log.journal = stderr_is_journal();
}

void log_set_level(int max_level)
{
        arg_log.max_level = max_level;
}

int log_level(void)
{
        return arg_log.max_level;
}

static const char *const level_names[] = {
        [LOG_ERR] = "error",
        [LOG_WARNING] = "warning",
        [LOG_INFO] = "info",
        [LOG_DEBUG] = "debug",
};

const char *log_level_name(int level)
{
        while (!level_names[level])
                level++; /* LOG_NOTICE is not one of them */
        return level_names[level];
}

int log_level_from_name(const char *name)
{
        for (int level = 0; level < (int)ELEMENTSOF(level_names); level++)
                if (level_names[level] && strcmp(level_names[level], name) == 0)
                        return level;
        return -EINVAL;
}

static void log_to_journal(int level, const char *message_id, const struct log_field *fields,
                           const char *text)
{
        char storage[LOG_FIELDS_MAX][LOG_TEXT_MAX + 32];
        struct iovec iov[LOG_FIELDS_MAX];
        int n = 0;

#define LOG_ADD(...)                                                                               \
        do {                                                                                       \
                (void)snprintf(storage[n], sizeof(storage[n]), __VA_ARGS__);                       \
                utf8_make_printable(storage[n]);                                                   \
                iov[n] = (struct iovec){.iov_base = storage[n], .iov_len = strlen(storage[n])};    \
                n++;                                                                               \
        } while (0)

        LOG_ADD("MESSAGE=%s", text);
        LOG_ADD("PRIORITY=%d", level);
        LOG_ADD("SYSLOG_IDENTIFIER=%s", arg_log.program);
        if (message_id)
                LOG_ADD("MESSAGE_ID=%s", message_id);
        for (; fields && fields->name && n < LOG_FIELDS_MAX; fields++)
                if (fields->value)
                        LOG_ADD("ENROLLD_%s=%s", fields->name, fields->value);
#undef LOG_ADD

        (void)sd_journal_sendv(iov, n);
}

static void log_write(int level, const char *message_id, const struct log_field *fields, char *text)
{
        if (level > arg_log.max_level)
                return;
        utf8_make_printable(text);
        if (arg_log.journal)
                log_to_journal(level, message_id, fields, text);
        else
                (void)fprintf(stderr, "%s: %s\n", arg_log.program, text);
        if (arg_log.on_line)
                arg_log.on_line(arg_log.userdata, level, text);
}

void log_listen(void (*on_line)(void *userdata, int level, const char *text), void *userdata)
{
        arg_log.on_line = on_line;
        arg_log.userdata = userdata;
}

void log_line(int level, const char *format, ...)
{
        char text[LOG_TEXT_MAX];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        log_write(level, NULL, NULL, text);
}

int log_errno(int error, const char *format, ...)
{
        char text[LOG_TEXT_MAX], whole[LOG_TEXT_MAX + 128];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        (void)snprintf(whole, sizeof(whole), "%s: %s", text, strerror(abs(error)));
        log_write(LOG_ERR, NULL, NULL, whole);
        return error;
}

void log_fields(int level, const char *message_id, const struct log_field *fields,
                const char *format, ...)
{
        char text[LOG_TEXT_MAX];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        log_write(level, message_id, fields, text);
}
