/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The platforms of Home Assistant that entities of devices belong to, and the device classes that
 * it knows on each. It ignores an entity whose class it does not know, or whose unit does not fit
 * its class, so a class is passed on only where it fits.
 */

#include <stdbool.h>

enum platform {
        PLATFORM_SENSOR,
        PLATFORM_BINARY_SENSOR,
        PLATFORM_NUMBER,
        PLATFORM_SWITCH,
        PLATFORM_SELECT,
        PLATFORM_TEXT,
        PLATFORM_BUTTON,
        PLATFORM_EVENT,
        PLATFORM_LIGHT,
        PLATFORM_LOCK,
        PLATFORM_COVER,
        PLATFORM_CLIMATE,
        PLATFORM_MAX,
};

/* "binary_sensor". */
const char *platform_name(enum platform platform);

/* Whether its entities only show something: for them there is no category "config". */
bool platform_only_shows(enum platform platform);

/* Whether an entity without a name is called what its class is called in the user's language. */
bool platform_names_by_class(enum platform platform);

/* Whether an entity of this platform may have @class, with values in @unit ("" if in none). */
bool platform_has_class(enum platform platform, const char *class, const char *unit);

/*
 * How a numeric sensor counts: "measurement", or "total_increasing" for what a meter adds up; NULL
 * if Home Assistant allows neither. A @class that it does not know counts as none.
 */
const char *platform_state_class(const char *class);
