/* SPDX-License-Identifier: Apache-2.0 */

#include "site/conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"

#define BLANKS         "\t "
#define PASSWORD_BYTES 255 /* that the broker is sent at most */

/* Where a key was set; the last place counts. */
struct origin {
        char *path;
        unsigned line;
};

struct conf {
        struct settings settings;
        const struct conf_handler *handler;
        void *userdata;
        unsigned n_files, n_errors;

        const char *path; /* of the file that is being read */
        unsigned line;
        char section[SETTINGS_TEXT_SIZE];
        bool in_unknown; /* section; that was reported, so its keys are not */
        struct origin origins[SETTINGS_KEYS_MAX];
};

static struct conf *conf_free(struct conf *c)
{
        for (size_t i = 0; i < SETTINGS_KEYS_MAX; i++)
                free(c->origins[i].path);
        free(c);
        return NULL;
}

DEFINE_DEFER(struct conf *, conf_free);

/* --- errors --- */

__attribute__((format(printf, 4, 5))) static void
conf_report(struct conf *c, const char *path, unsigned line, const char *format, ...)
{
        char text[SETTINGS_ERROR_SIZE];
        va_list ap;

        if (c->n_errors++ >= CONF_ERRORS_MAX)
                return;
        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        c->handler->on_error(c->userdata, path, line, text);
}

/* The last error: how many there are beyond those that were reported. */
static void conf_report_rest(struct conf *c, const char *file)
{
        char text[80];

        if (c->n_errors <= CONF_ERRORS_MAX)
                return;
        (void)snprintf(text, sizeof(text), "there are %u more errors; correct these first",
                       c->n_errors - CONF_ERRORS_MAX);
        c->handler->on_error(c->userdata, file, 0, text);
}

/* --- lines --- */

static void conf_section(struct conf *c, char *line)
{
        char why[SETTINGS_ERROR_SIZE], *end = strchr(line, ']');
        const char *rest;

        c->in_unknown = false;
        if (!end) {
                conf_report(c, c->path, c->line, "the section has no closing bracket: \"[hub]\"");
                c->in_unknown = true;
                return;
        }
        *end = '\0';
        rest = end + 1 + strspn(end + 1, BLANKS);
        if (*rest && !strchr("#;", *rest))
                conf_report(c, c->path, c->line,
                            "something follows the section [%.40s]; a key goes on a line of its "
                            "own below it",
                            line + 1);
        (void)snprintf(c->section, sizeof(c->section), "%s", line + 1);
        if (settings_has_section(line + 1, why, sizeof(why)))
                return;
        conf_report(c, c->path, c->line, "%s", why);
        c->in_unknown = true;
}

static int conf_key(struct conf *c, char *line)
{
        char why[SETTINGS_ERROR_SIZE], *equals = strchr(line, '='), *value;
        struct origin *origin;
        int i;

        if (!equals) {
                conf_report(c, c->path, c->line, "this is neither a [section] nor \"key = value\"");
                return 0;
        }
        if (c->in_unknown)
                return 0;
        value = equals + 1 + strspn(equals + 1, BLANKS);
        while (equals > line && strchr(BLANKS, equals[-1]))
                equals--;
        *equals = '\0';
        i = settings_set(&c->settings, c->section, line, value, why, sizeof(why));
        if (i < 0) {
                conf_report(c, c->path, c->line, "%s", why);
                return 0;
        }
        origin = &c->origins[i];
        free(origin->path);
        origin->path = strdup(c->path);
        origin->line = c->line;
        return origin->path ? 0 : -ENOMEM;
}

/* @line is without its newline, and may have a carriage return in its place. */
static int conf_line(struct conf *c, char *line, size_t n)
{
        while (n > 0 && strchr(BLANKS "\r", line[n - 1]) && line[n - 1])
                n--;
        line[n] = '\0';
        for (size_t i = 0; i < n; i++)
                if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f) {
                        conf_report(c, c->path, c->line, "the line has a control character");
                        return 0;
                }
        line += strspn(line, BLANKS);
        if (!line[0] || strchr("#;", line[0]))
                return 0;
        if (line[0] != '[')
                return conf_key(c, line);
        conf_section(c, line);
        return 0;
}

static int conf_text(struct conf *c, char *text, size_t n_text)
{
        char *end = text + n_text;
        int r = 0;

        c->line = 1;
        c->section[0] = '\0';
        c->in_unknown = false;
        if (n_text >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
                conf_report(c, c->path, c->line, "the file is UTF-16; save it as UTF-8");
                return 0;
        }
        if (n_text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
                text += 3; /* the mark that some editors put before UTF-8 */
        for (; text < end && r == 0; c->line++) {
                char *newline = memchr(text, '\n', (size_t)(end - text));
                char *stop = newline ? newline : end; /* behind the text is a NUL */

                r = conf_line(c, text, (size_t)(stop - text));
                text = stop + 1;
        }
        return r;
}

/* --- files --- */

static int conf_read(struct conf *c, const char *path)
{
        char *text = NULL;
        size_t n_text = 0;
        int r;

        c->path = path;
        r = file_load(path, CONF_BYTES_MAX, &text, &n_text);
        if (r == -ENOMEM)
                return r;
        if (r == -EFBIG)
                conf_report(c, path, 0, "the file has more than %d bytes", CONF_BYTES_MAX);
        else if (r < 0)
                conf_report(c, path, 0, "cannot read the file: %s", strerror(-r));
        if (r < 0)
                return 0;
        c->n_files++;
        r = conf_text(c, text, n_text);
        file_free(text, n_text);
        return r;
}

static int is_drop_in(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

/* By bytes: the order of drop-ins must not depend on a locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int conf_read_drop_ins(struct conf *c, const char *file)
{
        const char *slash = strrchr(file, '/');
        char directory[SETTINGS_PATH_SIZE], path[2 * SETTINGS_PATH_SIZE];
        struct dirent **entries = NULL;
        int n, r = 0;

        (void)snprintf(directory, sizeof(directory), "%.*sconf.d",
                       slash ? (int)(slash - file + 1) : 0, file);
        n = scandir(directory, &entries, is_drop_in, by_name);
        if (n < 0 && errno != ENOENT)
                conf_report(c, directory, 0, "cannot read the directory: %s", strerror(errno));
        for (int i = 0; i < n; i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
                if (r == 0)
                        r = conf_read(c, path);
                free(entries[i]);
        }
        free(entries);
        return r;
}

/* --- what only the settings as a whole show --- */

int conf_can_read(const char *path)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static void conf_check_files(struct conf *c)
{
        char name[SETTINGS_TEXT_SIZE];

        for (size_t i = 0; settings_key(i, name); i++) {
                const char *file = settings_file(&c->settings, i);
                const struct origin *origin = &c->origins[i];
                int r;

                if (!file)
                        continue;
                r = c->handler->can_read ? c->handler->can_read(c->userdata, file)
                                         : conf_can_read(file);
                if (r < 0)
                        conf_report(c, origin->path, origin->line,
                                    "%s: cannot read %s: %s; correct the path, or let the user of "
                                    "the service read the file",
                                    name, file, strerror(-r));
        }
}

/* What is wrong with the first line of the password's file, or NULL. */
static const char *wrong_password(const char *path)
{
        char password[PASSWORD_BYTES + 1] = "";
        _defer_(fd_close) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ssize_t n = fd < 0 ? -errno : file_read_fd(fd, password, sizeof(password));
        const char *wrong = NULL;
        ssize_t i = 0;

        while (i < n && password[i] != '\r' && password[i] != '\n') {
                if ((unsigned char)password[i] < ' ' || password[i] == 0x7f)
                        wrong = "has a control character in its first line";
                i++;
        }
        if (i == 0)
                wrong = "has no password in its first line";
        else if (i > PASSWORD_BYTES)
                wrong = "has a first line of more than 255 bytes";
        explicit_bzero(password, sizeof(password));
        return n < 0 ? NULL : wrong; /* whether it can be read has been checked */
}

static void conf_check_password(struct conf *c)
{
        int key = settings_find("mqtt.password_file");
        const char *file = settings_text(&c->settings, (size_t)key);
        const char *wrong = file[0] ? wrong_password(file) : NULL;

        if (wrong)
                conf_report(c, c->origins[key].path, c->origins[key].line,
                            "mqtt.password_file: %s %s; write the password there as a line of text",
                            file, wrong);
}

static void conf_check_pairs(struct conf *c)
{
        static const struct {
                const char *key, *needs, *why;
        } pairs[] = {
                {"mqtt.password_file", "mqtt.user", "a password belongs to a user"},
                {"mqtt.cert_file", "mqtt.key_file", "a certificate is used with its key"},
                {"mqtt.key_file", "mqtt.cert_file", "a key is used with its certificate"},
                {"mqtt.cert_file", "mqtt.ca_file", "without it the connection is not encrypted"},
        };

        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                int key = settings_find(pairs[i].key), needs = settings_find(pairs[i].needs);

                if (settings_text(&c->settings, (size_t)key)[0] &&
                    !settings_text(&c->settings, (size_t)needs)[0])
                        conf_report(c, c->origins[key].path, c->origins[key].line,
                                    "%s is set and %s is not: %s; set both", pairs[i].key,
                                    pairs[i].needs, pairs[i].why);
        }
}

/* Who is not named cannot acknowledge anything. */
static void conf_check_keys(struct conf *c)
{
        const struct origin *origin = &c->origins[settings_find("keys.acknowledge")];

        if (c->settings.keys_acknowledge && !c->settings.keys_recipient[0])
                conf_report(c, origin->path, origin->line,
                            "keys.acknowledge is yes and keys.recipient is not set: only a "
                            "recipient can acknowledge; set it");
}

int conf_load(const char *file, bool must_exist, const struct conf_handler *handler, void *userdata,
              struct settings *ret_settings, unsigned *ret_n_files)
{
        _defer_(conf_free) struct conf *c = calloc(1, sizeof(*c));
        int r = 0;

        if (!c)
                return -ENOMEM;
        c->handler = handler;
        c->userdata = userdata;
        settings_default(&c->settings);
        if (must_exist || access(file, F_OK) == 0 || errno != ENOENT)
                r = conf_read(c, file);
        if (r == 0)
                r = conf_read_drop_ins(c, file);
        if (r < 0)
                return r;
        conf_check_files(c);
        conf_check_password(c);
        conf_check_pairs(c);
        conf_check_keys(c);
        conf_report_rest(c, file);
        if (c->n_errors > 0)
                return -EINVAL;
        *ret_settings = c->settings;
        *ret_n_files = c->n_files;
        return 0;
}
