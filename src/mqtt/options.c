/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/options.h"

#include <stddef.h>

static bool is_given(const char *text)
{
        return text && text[0];
}

bool mqtt_options_prove(const struct mqtt_options *options)
{
        return (is_given(options->user) && is_given(options->password_file)) ||
               (is_given(options->ca_file) && is_given(options->cert_file) &&
                is_given(options->key_file));
}
