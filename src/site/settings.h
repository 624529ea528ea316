/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The settings of the hub.
 *
 * One table has every key with its default and its range, so that the hub works with an empty file
 * or none. An error names the key, what is wrong with its value, and what is allowed. The files
 * are read in conf.h.
 *
 * Normative: enrolld.conf(5).
 */

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_NAME_SIZE   33 /* with the NUL, like all sizes here */
#define SETTINGS_TEXT_SIZE   65
#define SETTINGS_PATH_SIZE   256
#define SETTINGS_ERROR_SIZE  512 /* enough for any message */
#define SETTINGS_KEYS_MAX    64
#define SETTINGS_STREAMS_MAX 64

/* Capabilities of [policy] ceiling, with the numbers of doc/code.md section 3.1. */
enum settings_capability {
        SETTINGS_CHANNEL_PUBLISH = 1,
        SETTINGS_CHANNEL_COMMAND = 2,
        SETTINGS_KEY_FORWARD = 4,
        SETTINGS_CAPABILITIES = 7,
};

/* From whom the hub takes requests over MQTT. */
enum settings_requests {
        SETTINGS_REQUESTS_PROVEN, /* from a broker that it has logged in to */
        SETTINGS_REQUESTS_YES,
        SETTINGS_REQUESTS_NO,
};

/* What devices that ask for the position receive. */
enum settings_position {
        SETTINGS_POSITION_EXACT,
        SETTINGS_POSITION_COARSE, /* to 0.01 degrees, about 1 km, without the altitude */
        SETTINGS_POSITION_NONE,
};

/* How devices are announced to Home Assistant. */
enum settings_discovery {
        SETTINGS_DISCOVERY_OFF,
        SETTINGS_DISCOVERY_DEVICE, /* with one message for each device */
        SETTINGS_DISCOVERY_ENTITY, /* with one for each of its entities */
};

/* Addresses as in util/address.h, each of them once. */
struct settings_streams {
        size_t n;
        char addresses[SETTINGS_STREAMS_MAX][SETTINGS_PATH_SIZE];
};

/* An empty text is not set. */
struct settings {
        char hub_name[SETTINGS_NAME_SIZE];

        char mqtt_broker[SETTINGS_PATH_SIZE];
        char mqtt_user[SETTINGS_TEXT_SIZE];
        char mqtt_password_file[SETTINGS_PATH_SIZE];
        char mqtt_ca_file[SETTINGS_PATH_SIZE];
        char mqtt_cert_file[SETTINGS_PATH_SIZE];
        char mqtt_key_file[SETTINGS_PATH_SIZE];
        enum settings_requests mqtt_requests;

        enum settings_discovery hass_discovery;
        char hass_prefix[SETTINGS_NAME_SIZE]; /* of its topics */
        char hass_birth[SETTINGS_TEXT_SIZE];  /* the topic on which it says that it has started */
        unsigned hass_birth_delay;            /* s, at most, until it is answered */

        char keys_recipient[SETTINGS_TEXT_SIZE]; /* 64 hexadecimal digits */
        bool keys_acknowledge; /* a key is delivered when the recipient has said so */

        bool bluetooth_enabled;
        char bluetooth_adapter[SETTINGS_PATH_SIZE]; /* as in ble/adapter.h */
        bool bluetooth_coc;                         /* an L2CAP channel, where a device has one */
        bool bluetooth_power;                       /* switch it on if it is off */

        struct settings_streams link_streams;

        char camera_device[SETTINGS_PATH_SIZE]; /* separated by commas or blanks, or "auto" */
        unsigned camera_seconds;

        unsigned window_seconds; /* that the window is open */
        unsigned window_max;     /* and may be at most */

        char button_device[SETTINGS_PATH_SIZE]; /* as in panel/buttons.h */
        unsigned button_key;                    /* KEY_* of linux/input-event-codes.h */

        char led_name[SETTINGS_TEXT_SIZE]; /* of its directory in /sys/class/leds */

        char nfc_device[SETTINGS_PATH_SIZE]; /* as libnfc writes it, "auto" or "none" */

        char site_country[SETTINGS_TEXT_SIZE];
        char site_state[SETTINGS_TEXT_SIZE];
        char site_locality[SETTINGS_TEXT_SIZE];
        char site_street[SETTINGS_TEXT_SIZE];
        char site_street_number[SETTINGS_TEXT_SIZE];
        char site_building[SETTINGS_TEXT_SIZE];
        char site_floor[SETTINGS_TEXT_SIZE];
        char site_room[SETTINGS_TEXT_SIZE];
        char site_organization[SETTINGS_TEXT_SIZE];
        char site_unit[SETTINGS_TEXT_SIZE];
        char site_role[SETTINGS_TEXT_SIZE];
        char site_person[SETTINGS_TEXT_SIZE];
        enum settings_position site_position;
        double site_latitude, site_longitude; /* degrees; NAN: not set */
        double site_altitude;                 /* m; NAN: not set */

        char catalogue_directory[SETTINGS_PATH_SIZE];
        char catalogue_service[SETTINGS_PATH_SIZE]; /* a URL */
        char catalogue_ca[SETTINGS_PATH_SIZE];      /* who may vouch for it */

        unsigned policy_ceiling; /* sum of enum settings_capability */

        unsigned gateway_offline_after; /* s, of a device without any period; 0: never */
        unsigned gateway_save_every;    /* s, the last values of the devices */

        unsigned limit_enrollments; /* at the same time */
        unsigned limit_links;       /* of an adapter, at the same time */

        unsigned timeout_find;      /* s, until the device is seen */
        unsigned timeout_fail_safe; /* s, until a device undoes what was not confirmed */
};

/* The location and the owner that are supplied to devices; an empty text means unknown. */
struct site {
        char location[SETTINGS_TEXT_SIZE];     /* the closest first: room, floor, ... country */
        char owner[SETTINGS_TEXT_SIZE];        /* person, role, unit, organization */
        char organization[SETTINGS_TEXT_SIZE]; /* organization / unit */
        char room[SETTINGS_TEXT_SIZE];
        bool has_position, has_altitude;
        double latitude, longitude; /* degrees */
        double altitude;            /* m */
};

void settings_default(struct settings *ret_settings);

/*
 * Sets one key as a file does. The index of the key in the table, or -EINVAL with what is wrong, as
 * a phrase, in @ret_error.
 */
int settings_set(struct settings *settings, const char *section, const char *key, const char *value,
                 char *ret_error, size_t n_error);

/* Whether there is such a section; if not, @ret_error says which there are. */
bool settings_has_section(const char *section, char *ret_error, size_t n_error);

/* "section.key" of the @i-th key of the table, counted from 0, in @ret_name; false at its end. */
bool settings_key(size_t i, char ret_name[SETTINGS_TEXT_SIZE]);

/* The index of the key "section.key", or -ENOENT. */
int settings_find(const char *name);

/* Whether a change of the @i-th key takes effect only after a restart. */
bool settings_is_fixed(size_t i);

/* Whether the @i-th key has the same value in both; and makes it so. */
bool settings_same(const struct settings *one, const struct settings *other, size_t i);
void settings_copy(struct settings *settings, const struct settings *from, size_t i);

/* The value of the @i-th key if that is a text or the path of a file, else "". */
const char *settings_text(const struct settings *settings, size_t i);

/* The file that the @i-th key names, or NULL. */
const char *settings_file(const struct settings *settings, size_t i);

/* Assembles the [site] section; parts that do not fit are left out as a whole. */
void settings_site(const struct settings *settings, struct site *ret_site);
