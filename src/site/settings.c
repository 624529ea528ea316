/* SPDX-License-Identifier: Apache-2.0 */

#include "site/settings.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "util/defer.h"
#include "util/free.h"
#include "util/word.h"
#include "wire/utf8.h"

#define COARSE 100 /* steps in a degree */

/* --- values --- */

struct settings_key;

/* Reads @text into @field; false if it is not allowed. */
typedef bool value_parser(const struct settings_key *key, const char *text, void *field);

struct settings_key {
        const char *section, *name;
        value_parser *parse;
        size_t offset, size;
        double min, max;
        const char *initial;
        const char *allowed; /* what to write, for people */
};

static bool value_copy(const struct settings_key *key, const char *text, void *field)
{
        size_t n = strlen(text);

        if (n >= key->size)
                return false;
        memcpy(field, text, n + 1);
        return true;
}

static bool value_text(const struct settings_key *key, const char *text, void *field)
{
        return (!text[0] || utf8_printable((const uint8_t *)text, strlen(text))) &&
               value_copy(key, text, field);
}

static bool value_name(const struct settings_key *key, const char *text, void *field)
{
        return word_valid(text, strlen(text)) && value_copy(key, text, field);
}

static bool value_path(const struct settings_key *key, const char *text, void *field)
{
        return (!text[0] || text[0] == '/') && value_copy(key, text, field);
}

/* The index of @text in @words. */
static bool word_find(const char *const words[], size_t n_words, const char *text,
                      unsigned *ret_index)
{
        for (unsigned i = 0; i < n_words; i++)
                if (strcmp(text, words[i]) == 0) {
                        *ret_index = i;
                        return true;
                }
        return false;
}

static bool value_requests(const struct settings_key *key, const char *text, void *field)
{
        static const char *const words[] = {
                [SETTINGS_REQUESTS_PROVEN] = "proven",
                [SETTINGS_REQUESTS_YES] = "yes",
                [SETTINGS_REQUESTS_NO] = "no",
        };

        (void)key;
        return word_find(words, ELEMENTSOF(words), text, field);
}

static bool value_position(const struct settings_key *key, const char *text, void *field)
{
        static const char *const words[] = {
                [SETTINGS_POSITION_EXACT] = "exact",
                [SETTINGS_POSITION_COARSE] = "coarse",
                [SETTINGS_POSITION_NONE] = "none",
        };

        (void)key;
        return word_find(words, ELEMENTSOF(words), text, field);
}

static bool value_broker(const struct settings_key *key, const char *text, void *field)
{
        const char *port = strrchr(text, ':');

        if (strncmp(text, "unix:/", 6) == 0)
                return value_copy(key, text, field);
        return strncmp(text, "tcp:", 4) == 0 && port > text + 4 &&
               isdigit((unsigned char)port[1]) && value_copy(key, text, field);
}

/* Each line adds a port; "none" takes back those of the lines before. */
static bool value_stream(const struct settings_key *key, const char *text, void *field)
{
        struct settings_streams *streams = field;

        (void)key;
        if (strcmp(text, "none") == 0) {
                streams->n = 0;
                return true;
        }
        if (strncmp(text, "unix:/", 6) != 0 && strncmp(text, "serial:/", 8) != 0)
                return false;
        for (size_t i = 0; i < streams->n; i++)
                if (strcmp(streams->addresses[i], text) == 0)
                        return true;
        if (streams->n == SETTINGS_STREAMS_MAX || strlen(text) >= SETTINGS_PATH_SIZE)
                return false;
        (void)snprintf(streams->addresses[streams->n++], SETTINGS_PATH_SIZE, "%s", text);
        return true;
}

/* "hci0, hci1": names of adapters, separated by commas or blanks. */
static bool is_adapter_list(const char *text)
{
        static const char separators[] = ", \t";

        text += strspn(text, separators);
        if (!*text)
                return false;
        for (; *text; text += strspn(text, separators)) {
                size_t n = strcspn(text, separators);

                if (n < 4 || strncmp(text, "hci", 3) != 0 ||
                    strspn(text + 3, "0123456789") != n - 3)
                        return false;
                text += n;
        }
        return true;
}

static bool value_adapter(const struct settings_key *key, const char *text, void *field)
{
        if (strcmp(text, "auto") == 0)
                text = "";
        else if (strcmp(text, "all") != 0 && !is_adapter_list(text))
                return false;
        return value_copy(key, text, field);
}

static bool value_camera(const struct settings_key *key, const char *text, void *field)
{
        return (strcmp(text, "auto") == 0 || strncmp(text, "/dev/", 5) == 0) &&
               value_copy(key, text, field);
}

static bool value_bool(const struct settings_key *key, const char *text, void *field)
{
        (void)key;
        if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
                return false;
        *(bool *)field = text[0] == 'y';
        return true;
}

/* strtod() accepts more than it should: hexadecimal, infinities, white space. */
static bool number_parse(const struct settings_key *key, const char *text, double *ret_number)
{
        double number;
        char *end;

        if (!text[0] || text[strspn(text, "+-.0123456789")])
                return false;
        number = strtod(text, &end);
        if (*end || number < key->min || number > key->max)
                return false;
        *ret_number = number;
        return true;
}

static bool value_count(const struct settings_key *key, const char *text, void *field)
{
        double number;

        if (text[strspn(text, "0123456789")] || !number_parse(key, text, &number))
                return false;
        *(unsigned *)field = (unsigned)number;
        return true;
}

static bool value_number(const struct settings_key *key, const char *text, void *field)
{
        if (text[0])
                return number_parse(key, text, field);
        *(double *)field = NAN;
        return true;
}

static unsigned capability_find(const char *name, size_t n)
{
        static const struct {
                const char *name;
                enum settings_capability bit;
        } capabilities[] = {
                {"channel.publish", SETTINGS_CHANNEL_PUBLISH},
                {"channel.command", SETTINGS_CHANNEL_COMMAND},
                {"key.forward", SETTINGS_KEY_FORWARD},
                {"all", SETTINGS_CAPABILITIES},
        };

        for (size_t i = 0; i < ELEMENTSOF(capabilities); i++)
                if (strlen(capabilities[i].name) == n && !memcmp(capabilities[i].name, name, n))
                        return capabilities[i].bit;
        return 0;
}

static bool value_capabilities(const struct settings_key *key, const char *text, void *field)
{
        static const char separators[] = ", \t";
        unsigned sum = 0;

        (void)key;
        if (strcmp(text, "none") == 0)
                text = "";
        else if (!text[strspn(text, separators)])
                return false;
        for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
                size_t n = strcspn(text, separators);
                unsigned bit = capability_find(text, n);

                if (!bit)
                        return false;
                sum |= bit;
                text += n;
        }
        *(unsigned *)field = sum;
        return true;
}

/* --- the table --- */

#define FIELD(field)   offsetof(struct settings, field), sizeof(((struct settings *)NULL)->field)
#define NO_RANGE       0, 0
#define A_TEXT         "text of at most 64 bytes without control characters"
#define A_FILE         "the absolute path of a file"
#define A_YES_OR_NO    "yes or no"
#define A_CAPABILITIES "any of channel.publish, channel.command, key.forward, or all, or none"

/* clang-format off */
static const struct settings_key keys[] = {
        { "hub", "name", value_name, FIELD(hub_name), NO_RANGE, "home",
          "1 to 32 letters, digits, _ and -" },

        { "mqtt", "broker", value_broker, FIELD(mqtt_broker), NO_RANGE, "tcp:localhost:1883",
          "tcp:HOST:PORT or unix:/PATH" },
        { "mqtt", "user", value_text, FIELD(mqtt_user), NO_RANGE, "", A_TEXT },
        { "mqtt", "password_file", value_path, FIELD(mqtt_password_file), NO_RANGE, "", A_FILE },
        { "mqtt", "ca_file", value_path, FIELD(mqtt_ca_file), NO_RANGE, "", A_FILE },
        { "mqtt", "cert_file", value_path, FIELD(mqtt_cert_file), NO_RANGE, "", A_FILE },
        { "mqtt", "key_file", value_path, FIELD(mqtt_key_file), NO_RANGE, "", A_FILE },
        { "mqtt", "requests", value_requests, FIELD(mqtt_requests), NO_RANGE, "proven",
          "proven, yes or no" },

        { "bluetooth", "enabled", value_bool, FIELD(bluetooth_enabled), NO_RANGE, "yes", A_YES_OR_NO },
        { "bluetooth", "adapter", value_adapter, FIELD(bluetooth_adapter), NO_RANGE, "auto",
          "auto, all, or adapters like hci0, hci1" },
        { "bluetooth", "power", value_bool, FIELD(bluetooth_power), NO_RANGE, "no", A_YES_OR_NO },

        { "link", "stream", value_stream, FIELD(link_streams), NO_RANGE, "none",
          "none, unix:/PATH or serial:/DEVICE:BAUD, at most 16 of them" },

        { "camera", "device", value_camera, FIELD(camera_device), NO_RANGE, "auto",
          "auto or a device like /dev/video0" },
        { "camera", "seconds", value_count, FIELD(camera_seconds), 1, 3600, "60",
          "a number from 1 to 3600" },

        { "site", "country", value_text, FIELD(site_country), NO_RANGE, "", A_TEXT },
        { "site", "state", value_text, FIELD(site_state), NO_RANGE, "", A_TEXT },
        { "site", "locality", value_text, FIELD(site_locality), NO_RANGE, "", A_TEXT },
        { "site", "street", value_text, FIELD(site_street), NO_RANGE, "", A_TEXT },
        { "site", "street_number", value_text, FIELD(site_street_number), NO_RANGE, "", A_TEXT },
        { "site", "building", value_text, FIELD(site_building), NO_RANGE, "", A_TEXT },
        { "site", "floor", value_text, FIELD(site_floor), NO_RANGE, "", A_TEXT },
        { "site", "room", value_text, FIELD(site_room), NO_RANGE, "", A_TEXT },
        { "site", "organization", value_text, FIELD(site_organization), NO_RANGE, "", A_TEXT },
        { "site", "unit", value_text, FIELD(site_unit), NO_RANGE, "", A_TEXT },
        { "site", "role", value_text, FIELD(site_role), NO_RANGE, "", A_TEXT },
        { "site", "person", value_text, FIELD(site_person), NO_RANGE, "", A_TEXT },
        { "site", "latitude", value_number, FIELD(site_latitude), -90, 90, "",
          "degrees from -90 to 90, like 52.5163" },
        { "site", "longitude", value_number, FIELD(site_longitude), -180, 180, "",
          "degrees from -180 to 180, like 13.3777" },
        { "site", "altitude", value_number, FIELD(site_altitude), -1000, 10000, "",
          "metres from -1000 to 10000" },
        { "site", "position", value_position, FIELD(site_position), NO_RANGE, "exact",
          "exact, coarse or none" },

        { "policy", "ceiling", value_capabilities, FIELD(policy_ceiling), NO_RANGE, "all",
          A_CAPABILITIES },

        { "limits", "enrollments", value_count, FIELD(limit_enrollments), 1, 64, "8",
          "a number from 1 to 64" },
        { "limits", "links", value_count, FIELD(limit_links), 1, 32, "4", "a number from 1 to 32" },

        { "timeouts", "find", value_count, FIELD(timeout_find), 1, 3600, "30",
          "seconds from 1 to 3600" },
        { "timeouts", "failsafe", value_count, FIELD(timeout_fail_safe), 10, 900, "60",
          "seconds from 10 to 900" },
};
/* clang-format on */

bool settings_key(size_t i, char ret_name[SETTINGS_TEXT_SIZE])
{
        if (i >= ELEMENTSOF(keys))
                return false;
        (void)snprintf(ret_name, SETTINGS_TEXT_SIZE, "%s.%s", keys[i].section, keys[i].name);
        return true;
}

void settings_default(struct settings *ret_settings)
{
        memset(ret_settings, 0, sizeof(*ret_settings));
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                (void)keys[i].parse(&keys[i], keys[i].initial,
                                    (char *)ret_settings + keys[i].offset);
}

/* --- setting one --- */

/* Appends to a text that may be full. */
static void text_add(char *text, size_t size, const char *separator, const char *part)
{
        size_t n = strlen(text);

        (void)snprintf(text + n, size - n, "%s%s", separator, part);
}

/* The sections, or the keys of @section. */
static void settings_list(const char *section, char *error, size_t n_error)
{
        const char *before = "";

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                bool first_of_section = i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0;

                if (section ? strcmp(keys[i].section, section) != 0 : !first_of_section)
                        continue;
                text_add(error, n_error, before, section ? keys[i].name : keys[i].section);
                before = ", ";
        }
}

static int settings_unknown(const char *section, const char *key, char *error, size_t n_error)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                if (strcmp(keys[i].section, section) != 0)
                        continue;
                (void)snprintf(error, n_error, "[%s] has no key \"%s\"; its keys are ", section,
                               key);
                settings_list(section, error, n_error);
                return -EINVAL;
        }
        if (section[0])
                (void)snprintf(error, n_error, "there is no section [%s]; the sections are ",
                               section);
        else
                (void)snprintf(error, n_error, "\"%s\" is not in a section; the sections are ",
                               key);
        settings_list(NULL, error, n_error);
        return -EINVAL;
}

int settings_set(struct settings *settings, const char *section, const char *key, const char *value,
                 char *ret_error, size_t n_error)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const struct settings_key *k = &keys[i];

                if (strcmp(k->section, section) != 0 || strcmp(k->name, key) != 0)
                        continue;
                if (k->parse(k, value, (char *)settings + k->offset))
                        return 0;
                (void)snprintf(ret_error, n_error, "[%s] %s must be %s, not \"%s\"", section, key,
                               k->allowed, value);
                return -EINVAL;
        }
        return settings_unknown(section, key, ret_error, n_error);
}

/* --- reading files --- */

#define SEMICOLON '\x01' /* stands in for one inside a value */

struct reading {
        struct settings *settings;
        const char *path;
        FILE *file;
        unsigned line;
        char *error;
        size_t n_error;
        int r;
};

static int reading_fail(struct reading *reading, const char *why)
{
        if (reading->r == 0)
                (void)snprintf(reading->error, reading->n_error, "%s:%u: %s", reading->path,
                               reading->line, why);
        reading->r = -EINVAL;
        return 0; /* as inih wants it */
}

/* Why @buffer is no line that may be handed on, or NULL; @n are its characters. */
static const char *reading_objection(const struct reading *reading, const char *buffer, size_t n)
{
        const char *text = buffer + strspn(buffer, " \t\r\n");

        if (n > SETTINGS_LINE_MAX || (buffer[n] != '\n' && !feof(reading->file)))
                return "the line is longer than 190 characters, or is not text";
        if (memchr(buffer, SEMICOLON, n))
                return "the line has a control character";
        if (strchr(";#", text[0]) || strchr(text, text[0] == '[' ? ']' : '='))
                return NULL;
        return "this is neither a [section] nor \"key = value\"";
}

/*
 * Hands inih a line. inih takes " ;" for the start of a comment, also in the middle of a value, and
 * a line that begins with a space for more of the value before: so semicolons in values are
 * disguised and leading spaces removed.
 */
static char *reading_line(char *buffer, int n_buffer, void *userdata)
{
        struct reading *reading = userdata;
        const char *objection;
        size_t blank;
        bool comment;

        reading->line++;
        if (reading->r || !fgets(buffer, n_buffer, reading->file))
                return NULL;
        objection = reading_objection(reading, buffer, strcspn(buffer, "\n"));
        if (objection) {
                (void)reading_fail(reading, objection);
                return NULL;
        }
        blank = strspn(buffer, " \t");
        comment = buffer[blank] == ';' || buffer[blank] == '#';
        memmove(buffer, buffer + blank, strlen(buffer + blank) + 1);
        for (char *c = buffer; *c && !comment; c++)
                if (*c == ';')
                        *c = SEMICOLON;
        return buffer;
}

static int reading_on_key(void *userdata, const char *section, const char *key, const char *value)
{
        struct reading *reading = userdata;
        char restored[SETTINGS_LINE_MAX + 2], why[SETTINGS_ERROR_SIZE];

        (void)snprintf(restored, sizeof(restored), "%s", value);
        for (char *c = restored; *c; c++)
                if (*c == SEMICOLON)
                        *c = ';';
        if (settings_set(reading->settings, section, key, restored, why, sizeof(why)) < 0)
                return reading_fail(reading, why);
        return 1;
}

static FILE *file_close(FILE *file)
{
        if (file)
                (void)fclose(file);
        return NULL;
}

DEFINE_DEFER(FILE *, file_close);

static int settings_read(struct settings *settings, const char *path, char *error, size_t n_error)
{
        _defer_(file_close) FILE *file = NULL;
        struct reading reading = {
                .settings = settings, .path = path, .error = error, .n_error = n_error};

        file = fopen(path, "re");
        if (!file && errno == ENOENT)
                return 0;
        if (!file) {
                int r = -errno;

                (void)snprintf(error, n_error, "Cannot read %s: %s", path, strerror(-r));
                return r;
        }
        reading.file = file;
        if (ini_parse_stream(reading_line, &reading, reading_on_key, &reading) < 0 ||
            ferror(file)) {
                (void)snprintf(error, n_error, "Cannot read %s", path);
                return -EIO;
        }
        return reading.r;
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

static int settings_read_drop_ins(struct settings *settings, const char *file, char *error,
                                  size_t n_error)
{
        const char *slash = strrchr(file, '/');
        char directory[SETTINGS_PATH_SIZE], path[2 * SETTINGS_PATH_SIZE];
        struct dirent **entries = NULL;
        int n, r = 0;

        (void)snprintf(directory, sizeof(directory), "%.*sconf.d",
                       slash ? (int)(slash - file + 1) : 0, file);
        n = scandir(directory, &entries, is_drop_in, by_name);
        if (n < 0 && errno != ENOENT) {
                r = -errno;
                (void)snprintf(error, n_error, "Cannot read %s: %s", directory, strerror(-r));
                return r;
        }
        for (int i = 0; i < n; i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
                if (r == 0)
                        r = settings_read(settings, path, error, n_error);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int settings_load(struct settings *ret_settings, const char *file, char *ret_error, size_t n_error)
{
        struct settings settings;
        int r;

        settings_default(&settings);
        r = settings_read(&settings, file, ret_error, n_error);
        if (r == 0)
                r = settings_read_drop_ins(&settings, file, ret_error, n_error);
        if (r == 0)
                *ret_settings = settings;
        return r;
}

/* --- the site --- */

/* Adds @part after @separator if it is set and all of it fits. */
static void site_add(char text[SETTINGS_TEXT_SIZE], const char *separator, const char *part)
{
        if (!text[0])
                separator = "";
        if (part[0] && strlen(text) + strlen(separator) + strlen(part) < SETTINGS_TEXT_SIZE)
                text_add(text, SETTINGS_TEXT_SIZE, separator, part);
}

static void site_locate(const struct settings *s, struct site *site)
{
        site->has_position = s->site_position != SETTINGS_POSITION_NONE &&
                             !isnan(s->site_latitude) && !isnan(s->site_longitude);
        if (!site->has_position)
                return;
        site->latitude = s->site_latitude;
        site->longitude = s->site_longitude;
        if (s->site_position == SETTINGS_POSITION_COARSE) {
                site->latitude = round(site->latitude * COARSE) / COARSE;
                site->longitude = round(site->longitude * COARSE) / COARSE;
                return;
        }
        site->has_altitude = !isnan(s->site_altitude);
        site->altitude = site->has_altitude ? s->site_altitude : 0;
}

void settings_site(const struct settings *settings, struct site *ret_site)
{
        const struct settings *s = settings;
        struct site site = {.room = ""};
        char street[2 * SETTINGS_TEXT_SIZE];

        (void)snprintf(street, sizeof(street), "%s%s%s", s->site_street,
                       s->site_street[0] && s->site_street_number[0] ? " " : "",
                       s->site_street_number);
        site_add(site.location, ", ", s->site_room);
        site_add(site.location, ", ", s->site_floor);
        site_add(site.location, ", ", s->site_building);
        site_add(site.location, ", ", street);
        site_add(site.location, ", ", s->site_locality);
        site_add(site.location, ", ", s->site_state);
        site_add(site.location, ", ", s->site_country);
        site_add(site.owner, ", ", s->site_person);
        site_add(site.owner, ", ", s->site_role);
        site_add(site.owner, ", ", s->site_unit);
        site_add(site.owner, ", ", s->site_organization);
        site_add(site.organization, " / ", s->site_organization);
        site_add(site.organization, " / ", s->site_unit);
        site_add(site.room, ", ", s->site_room);

        site_locate(s, &site);
        *ret_site = site;
}
