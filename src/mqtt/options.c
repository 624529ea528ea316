/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/options.h"

#include <stddef.h>

const char *mqtt_option(const char *text)
{
        return text && text[0] ? text : NULL;
}

bool mqtt_options_prove(const struct mqtt_options *options)
{
        return (mqtt_option(options->user) && mqtt_option(options->password_file)) ||
               (mqtt_option(options->ca_file) && mqtt_option(options->cert_file) &&
                mqtt_option(options->key_file));
}
