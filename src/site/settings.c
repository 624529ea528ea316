/* SPDX-License-Identifier: Apache-2.0 */

#include "site/settings.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libevdev/libevdev.h>

#include "mqtt/topic.h"
#include "util/address.h"
#include "util/defer.h"
#include "util/hex.h"
#include "util/word.h"
#include "wire/crypto.h"
#include "wire/utf8.h"

#define COARSE      100 /* steps in a degree */
#define SEPARATORS  ", \t"
#define SHOWN_BYTES 80 /* of a value that is refused */

/* --- values --- */

struct settings_key;

/*
 * Reads @text into @field. NULL, or why it is not allowed: "" where the key's own text says all
 * there is to say.
 */
typedef const char *value_parser(const struct settings_key *key, const char *text, void *field);

struct settings_key {
        const char *section, *name;
        value_parser *parse;
        size_t offset, size;
        double min, max;
        const char *initial;
        const char *allowed; /* what to write, for people */
};

static const char *value_copy(const struct settings_key *key, const char *text, void *field)
{
        size_t n = strlen(text);

        if (n >= key->size)
                return "it is too long";
        memset(field, 0, key->size); /* so that equal values are equal bytes */
        memcpy(field, text, n);
        return NULL;
}

static const char *value_text(const struct settings_key *key, const char *text, void *field)
{
        if (text[0] && !utf8_printable((const uint8_t *)text, strlen(text)))
                return "";
        return value_copy(key, text, field);
}

static const char *value_name(const struct settings_key *key, const char *text, void *field)
{
        return word_valid(text, strlen(text)) ? value_copy(key, text, field) : "";
}

static const char *value_path(const struct settings_key *key, const char *text, void *field)
{
        if (text[0] && (text[0] != '/' || !utf8_printable((const uint8_t *)text, strlen(text))))
                return "";
        return value_copy(key, text, field);
}

/* A directory may come later, as a stick does, so nobody looks for it before it is needed. */
static const char *value_directory(const struct settings_key *key, const char *text, void *field)
{
        return value_path(key, text, field);
}

static const char *value_service(const struct settings_key *key, const char *text, void *field)
{
        if (strchr(text, '@'))
                return "a login must not be in it";
        return text[0] && !address_is_https(text) ? "" : value_copy(key, text, field);
}

/* The index of @text in @words. */
static const char *word_find(const char *const words[], size_t n_words, const char *text,
                             unsigned *ret_index)
{
        for (unsigned i = 0; i < n_words; i++)
                if (strcmp(text, words[i]) == 0) {
                        *ret_index = i;
                        return NULL;
                }
        return "";
}

static const char *value_requests(const struct settings_key *key, const char *text, void *field)
{
        static const char *const words[] = {
                [SETTINGS_REQUESTS_PROVEN] = "proven",
                [SETTINGS_REQUESTS_YES] = "yes",
                [SETTINGS_REQUESTS_NO] = "no",
        };

        (void)key;
        return word_find(words, ELEMENTSOF(words), text, field);
}

static const char *value_discovery(const struct settings_key *key, const char *text, void *field)
{
        static const char *const words[] = {
                [SETTINGS_DISCOVERY_OFF] = "off",
                [SETTINGS_DISCOVERY_DEVICE] = "device",
                [SETTINGS_DISCOVERY_ENTITY] = "entity",
        };

        (void)key;
        return word_find(words, ELEMENTSOF(words), text, field);
}

static const char *value_topic(const struct settings_key *key, const char *text, void *field)
{
        return topic_foreign(text) ? value_copy(key, text, field) : "";
}

static const char *value_position(const struct settings_key *key, const char *text, void *field)
{
        static const char *const words[] = {
                [SETTINGS_POSITION_EXACT] = "exact",
                [SETTINGS_POSITION_COARSE] = "coarse",
                [SETTINGS_POSITION_NONE] = "none",
        };

        (void)key;
        return word_find(words, ELEMENTSOF(words), text, field);
}

static const char *value_broker(const struct settings_key *key, const char *text, void *field)
{
        struct address address;
        const char *why = NULL;

        if (address_parse(text, ADDRESS_UNIX | ADDRESS_TCP, &address, &why) < 0)
                return why;
        return value_copy(key, text, field);
}

/* Whether a second address follows the first. */
static bool is_list(const char *text)
{
        for (const char *at = strpbrk(text, SEPARATORS ";"); at; at = strpbrk(at, SEPARATORS ";")) {
                at += strspn(at, SEPARATORS ";");
                if (strncmp(at, "unix:", 5) == 0 || strncmp(at, "serial:", 7) == 0 || at[0] == '/')
                        return true;
        }
        return false;
}

/* Each line adds a port; "none" takes back those of the lines before. */
static const char *value_stream(const struct settings_key *key, const char *text, void *field)
{
        struct settings_streams *streams = field;
        struct address address;
        const char *why = NULL;

        (void)key;
        if (strcmp(text, "none") == 0) {
                memset(streams, 0, sizeof(*streams));
                return NULL;
        }
        if (is_list(text))
                return "this is more than one port; repeat the key, with one port on each line";
        if (address_parse(text, ADDRESS_UNIX | ADDRESS_SERIAL, &address, &why) < 0)
                return why;
        for (size_t i = 0; i < streams->n; i++)
                if (strcmp(streams->addresses[i], text) == 0)
                        return NULL;
        if (streams->n == SETTINGS_STREAMS_MAX)
                return "this is one port too many";
        if (strlen(text) >= SETTINGS_PATH_SIZE)
                return "it is too long";
        (void)snprintf(streams->addresses[streams->n++], SETTINGS_PATH_SIZE, "%s", text);
        return NULL;
}

/* "hci0", or the adapter's address. */
static bool is_adapter(const char *word, size_t n)
{
        return address_is_bluetooth(word, n) || (n >= 4 && n <= 8 && strncmp(word, "hci", 3) == 0 &&
                                                 strspn(word + 3, "0123456789") >= n - 3);
}

/* "hci0, 00:11:22:33:44:55": adapters, separated by commas or blanks. */
static bool is_adapter_list(const char *text)
{
        text += strspn(text, SEPARATORS);
        if (!*text)
                return false;
        for (; *text; text += strspn(text, SEPARATORS)) {
                size_t n = strcspn(text, SEPARATORS);

                if (!is_adapter(text, n))
                        return false;
                text += n;
        }
        return true;
}

static const char *value_adapter(const struct settings_key *key, const char *text, void *field)
{
        if (strcmp(text, "auto") == 0)
                text = "";
        else if (strcmp(text, "all") != 0 && !is_adapter_list(text))
                return "";
        return value_copy(key, text, field);
}

static const char *value_camera(const struct settings_key *key, const char *text, void *field)
{
        if (strcmp(text, "auto") != 0 && !address_is_device_list(text, strlen(text)))
                return "";
        return value_copy(key, text, field);
}

static const char *value_button(const struct settings_key *key, const char *text, void *field)
{
        if (!text[0] || !utf8_printable((const uint8_t *)text, strlen(text)))
                return "";
        if (text[0] == '/' && !address_is_device(text, strlen(text)))
                return "this is not the path of a device";
        return value_copy(key, text, field);
}

/* The name of a directory. */
static const char *value_led(const struct settings_key *key, const char *text, void *field)
{
        if (text[0] && (!utf8_printable((const uint8_t *)text, strlen(text)) || text[0] == '.' ||
                        strchr(text, '/')))
                return "";
        return value_copy(key, text, field);
}

/* As libnfc writes it: a driver, and after a colon what that needs (doc/tag.md). */
static const char *value_nfc(const struct settings_key *key, const char *text, void *field)
{
        if (!address_is_nfc(text, strlen(text)))
                return "";
        return value_copy(key, text, field);
}

static const char *value_button_key(const struct settings_key *key, const char *text, void *field)
{
        int code = libevdev_event_code_from_name(EV_KEY, text);

        (void)key;
        if (code <= 0)
                return "";
        *(unsigned *)field = (unsigned)code;
        return NULL;
}

/* Nothing can be sealed for a key of low order, so it is not left for the first device to find. */
static const char *value_key(const struct settings_key *key, const char *text, void *field)
{
        static const uint8_t any[CRYPTO_X25519_BYTES] = {1};
        uint8_t bytes[CRYPTO_X25519_BYTES], shared[CRYPTO_X25519_BYTES];

        if (text[0] && hex_decode(text, bytes, sizeof(bytes)) != 0)
                return "";
        if (text[0] && crypto_x25519(any, bytes, shared) != 0)
                return "nobody has this key";
        return value_copy(key, text, field);
}

static const char *value_bool(const struct settings_key *key, const char *text, void *field)
{
        (void)key;
        if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
                return "";
        *(bool *)field = text[0] == 'y';
        return NULL;
}

static const char *value_coc(const struct settings_key *key, const char *text, void *field)
{
        (void)key;
        if (strcmp(text, "auto") != 0 && strcmp(text, "no") != 0)
                return "";
        *(bool *)field = text[0] == 'a';
        return NULL;
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

static const char *value_count(const struct settings_key *key, const char *text, void *field)
{
        double number;

        if (text[strspn(text, "0123456789")] || !number_parse(key, text, &number))
                return "";
        *(unsigned *)field = (unsigned)number;
        return NULL;
}

static const char *value_number(const struct settings_key *key, const char *text, void *field)
{
        if (text[0])
                return number_parse(key, text, field) ? NULL : "";
        *(double *)field = NAN;
        return NULL;
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

static const char *value_capabilities(const struct settings_key *key, const char *text, void *field)
{
        unsigned sum = 0;

        (void)key;
        if (strcmp(text, "none") == 0)
                text = "";
        else if (!text[strspn(text, SEPARATORS)])
                return "";
        for (text += strspn(text, SEPARATORS); *text; text += strspn(text, SEPARATORS)) {
                size_t n = strcspn(text, SEPARATORS);
                unsigned bit = capability_find(text, n);

                if (!bit)
                        return "";
                sum |= bit;
                text += n;
        }
        *(unsigned *)field = sum;
        return NULL;
}

/* --- the table --- */

#define FIELD(field)   offsetof(struct settings, field), sizeof(((struct settings *)NULL)->field)
#define NO_RANGE       0, 0
#define A_TEXT         "text of at most 64 bytes without control characters"
#define A_FILE         "the absolute path of a file, of at most 255 bytes"
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

        { "home_assistant", "discovery", value_discovery, FIELD(hass_discovery), NO_RANGE, "off",
          "off, device or entity" },
        { "home_assistant", "prefix", value_topic, FIELD(hass_prefix), NO_RANGE, "homeassistant",
          "a topic of at most 32 letters, digits, _, - and single slashes, not below enrolld" },
        { "home_assistant", "birth", value_topic, FIELD(hass_birth), NO_RANGE, "homeassistant/status",
          "a topic of at most 64 letters, digits, _, - and single slashes, not below enrolld" },
        { "home_assistant", "birth_delay", value_count, FIELD(hass_birth_delay), 0, 300, "30",
          "seconds from 0 to 300" },

        { "keys", "recipient", value_key, FIELD(keys_recipient), NO_RANGE, "",
          "an X25519 public key, 64 hexadecimal digits" },
        { "keys", "acknowledge", value_bool, FIELD(keys_acknowledge), NO_RANGE, "no", A_YES_OR_NO },

        { "bluetooth", "enabled", value_bool, FIELD(bluetooth_enabled), NO_RANGE, "yes", A_YES_OR_NO },
        { "bluetooth", "adapter", value_adapter, FIELD(bluetooth_adapter), NO_RANGE, "auto",
          "auto, all, or adapters like hci0 or 00:11:22:33:44:55" },
        { "bluetooth", "coc", value_coc, FIELD(bluetooth_coc), NO_RANGE, "auto",
          "auto or no" },
        { "bluetooth", "power", value_bool, FIELD(bluetooth_power), NO_RANGE, "no", A_YES_OR_NO },

        { "link", "stream", value_stream, FIELD(link_streams), NO_RANGE, "none",
          "none, unix:/PATH or serial:/DEVICE:BAUD, with the key repeated for at most 16 ports" },

        { "camera", "device", value_camera, FIELD(camera_device), NO_RANGE, "auto",
          "auto or devices like /dev/video0 or /dev/v4l/by-id/NAME" },
        { "camera", "seconds", value_count, FIELD(camera_seconds), 1, 3600, "60",
          "a number from 1 to 3600" },

        { "window", "seconds", value_count, FIELD(window_seconds), 10, 600, "120",
          "a number from 10 to 600" },
        { "window", "max", value_count, FIELD(window_max), 10, 600, "600",
          "a number from 10 to 600" },

        { "button", "device", value_button, FIELD(button_device), NO_RANGE, "auto",
          "auto, none, a device like /dev/input/event0, or the name that one gives itself" },
        { "button", "key", value_button_key, FIELD(button_key), NO_RANGE, "KEY_PROG1",
          "the name of a key or a button, like KEY_PROG1 or BTN_0" },

        { "led", "name", value_led, FIELD(led_name), NO_RANGE, "",
          "the name of an LED in /sys/class/leds" },

        { "nfc", "device", value_nfc, FIELD(nfc_device), NO_RANGE, "auto",
          "auto, none, or a reader like pn532_uart:/dev/ttyUSB0" },

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

        { "catalogue", "directory", value_directory, FIELD(catalogue_directory), NO_RANGE,
          "/var/lib/enrolld/catalogue", "the absolute path of a directory, of at most 255 bytes" },
        { "catalogue", "service", value_service, FIELD(catalogue_service), NO_RANGE, "",
          "an address that begins with https://, of at most 255 bytes" },
        { "catalogue", "ca", value_path, FIELD(catalogue_ca), NO_RANGE, "", A_FILE },

        { "policy", "ceiling", value_capabilities, FIELD(policy_ceiling), NO_RANGE, "all",
          A_CAPABILITIES },

        { "gateway", "offline_after", value_count, FIELD(gateway_offline_after), 0, 31536000,
          "90000", "seconds from 0 to 31536000" },
        { "gateway", "save_every", value_count, FIELD(gateway_save_every), 1, 86400, "300",
          "seconds from 1 to 86400" },

        { "limits", "enrollments", value_count, FIELD(limit_enrollments), 1, 64, "8",
          "a number from 1 to 64" },
        { "limits", "links", value_count, FIELD(limit_links), 1, 32, "4", "a number from 1 to 32" },

        { "timeouts", "find", value_count, FIELD(timeout_find), 1, 3600, "30",
          "seconds from 1 to 3600" },
        { "timeouts", "failsafe", value_count, FIELD(timeout_fail_safe), 10, 900, "60",
          "seconds from 10 to 900" },
};
/* clang-format on */

_Static_assert(ELEMENTSOF(keys) <= SETTINGS_KEYS_MAX, "conf.c counts on it");

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

bool settings_has_section(const char *section, char *ret_error, size_t n_error)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(keys[i].section, section) == 0)
                        return true;
        (void)snprintf(ret_error, n_error, "there is no section [%.*s]; the sections are ",
                       SHOWN_BYTES, section);
        settings_list(NULL, ret_error, n_error);
        return false;
}

static int settings_unknown(const char *section, const char *key, char *error, size_t n_error)
{
        if (!section[0]) {
                (void)snprintf(error, n_error, "\"%.*s\" is not in a section; the sections are ",
                               SHOWN_BYTES, key);
                settings_list(NULL, error, n_error);
        } else if (settings_has_section(section, error, n_error)) {
                (void)snprintf(error, n_error, "[%s] has no key \"%.*s\"; its keys are ", section,
                               SHOWN_BYTES, key);
                settings_list(section, error, n_error);
        }
        return -EINVAL;
}

/* A value as it may be shown to people: its beginning, no password, nothing that a terminal obeys.
 */
static void value_show(const char *value, char ret_shown[SHOWN_BYTES + 4])
{
        const char *host = strstr(value, "://");
        bool login = host && strchr(host, '@');
        size_t n = strlen(value);
        bool printable = utf8_printable((const uint8_t *)value, n);

        if (login) {
                (void)snprintf(ret_shown, SHOWN_BYTES + 4, "a web address with a login");
                return;
        }
        (void)snprintf(ret_shown, SHOWN_BYTES + 4, "%.*s%s", SHOWN_BYTES, value,
                       n > SHOWN_BYTES ? "..." : "");
        for (char *c = ret_shown; *c && (!printable || n > SHOWN_BYTES); c++)
                if (*c < ' ' || *c > '~')
                        *c = '?';
}

int settings_set(struct settings *settings, const char *section, const char *key, const char *value,
                 char *ret_error, size_t n_error)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const struct settings_key *k = &keys[i];
                char shown[SHOWN_BYTES + 4];
                const char *why;

                if (strcmp(k->section, section) != 0 || strcmp(k->name, key) != 0)
                        continue;
                why = k->parse(k, value, (char *)settings + k->offset);
                if (!why)
                        return (int)i;
                value_show(value, shown);
                (void)snprintf(ret_error, n_error, "[%s] %s must be %s, not \"%s\"%s%s", section,
                               key, k->allowed, shown, why[0] ? ": " : "", why);
                return -EINVAL;
        }
        return settings_unknown(section, key, ret_error, n_error);
}

int settings_find(const char *name)
{
        char one[SETTINGS_TEXT_SIZE];

        for (size_t i = 0; settings_key(i, one); i++)
                if (strcmp(one, name) == 0)
                        return (int)i;
        return -ENOENT;
}

/*
 * The name is in every topic; some others decide what there is to talk through, and what has been
 * announced already. A section ends with its dot.
 */
bool settings_is_fixed(size_t i)
{
        static const char *const fixed[] = {
                "hub.name", "bluetooth.enabled", "link.stream", "home_assistant.",
                "gateway.", "button.",           "led."};
        char name[SETTINGS_TEXT_SIZE] = "";

        (void)settings_key(i, name);
        for (size_t k = 0; k < ELEMENTSOF(fixed); k++) {
                size_t n = strlen(fixed[k]);

                if (strncmp(name, fixed[k], n) == 0 && (fixed[k][n - 1] == '.' || !name[n]))
                        return true;
        }
        return false;
}

bool settings_same(const struct settings *one, const struct settings *other, size_t i)
{
        return memcmp((const char *)one + keys[i].offset, (const char *)other + keys[i].offset,
                      keys[i].size) == 0;
}

void settings_copy(struct settings *settings, const struct settings *from, size_t i)
{
        memcpy((char *)settings + keys[i].offset, (const char *)from + keys[i].offset,
               keys[i].size);
}

const char *settings_text(const struct settings *settings, size_t i)
{
        return keys[i].parse == value_text || keys[i].parse == value_path
                       ? (const char *)settings + keys[i].offset
                       : "";
}

const char *settings_file(const struct settings *settings, size_t i)
{
        const char *path = keys[i].parse == value_path ? settings_text(settings, i) : "";

        return path[0] ? path : NULL;
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
