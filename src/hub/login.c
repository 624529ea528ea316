/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/login.h"

#include <stddef.h>

struct mqtt_options login_options(const struct settings *settings)
{
        return (struct mqtt_options){
                .hub = settings->hub_name,
                .broker = settings->mqtt_broker,
                .user = settings->mqtt_user,
                .password_file = settings->mqtt_password_file,
                .ca_file = settings->mqtt_ca_file,
                .cert_file = settings->mqtt_cert_file,
                .key_file = settings->mqtt_key_file,
                .birth = settings->hass_discovery == SETTINGS_DISCOVERY_OFF ? NULL
                                                                            : settings->hass_birth,
        };
}

static bool login_proves(const struct settings *settings)
{
        const struct mqtt_options options = login_options(settings);

        return mqtt_options_prove(&options);
}

bool login_takes_requests(const struct settings *settings)
{
        return settings->mqtt_requests == SETTINGS_REQUESTS_YES ||
               (settings->mqtt_requests == SETTINGS_REQUESTS_PROVEN && login_proves(settings));
}

bool login_is_missing(const struct settings *settings)
{
        return settings->mqtt_requests != SETTINGS_REQUESTS_YES && !login_proves(settings);
}
