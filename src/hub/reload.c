/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/reload.h"

#include <string.h>

#include "util/log.h"

/* Who may ask for something is the hub's own business, and the broker does not learn of it. */
static bool concerns_broker(const char *name)
{
        return strncmp(name, "mqtt.", strlen("mqtt.")) == 0 && strcmp(name, "mqtt.requests") != 0;
}

bool reload_take(struct settings *settings, const struct settings *next)
{
        char name[SETTINGS_TEXT_SIZE];
        bool broker = false;

        for (size_t i = 0; settings_key(i, name); i++) {
                if (settings_same(settings, next, i))
                        continue;
                if (settings_is_fixed(i)) {
                        log_warning("%s has changed, which takes effect after systemctl restart "
                                    "enrolld.",
                                    name);
                        continue;
                }
                settings_copy(settings, next, i);
                log_info("%s has changed.", name);
                broker = broker || concerns_broker(name);
        }
        return broker;
}
