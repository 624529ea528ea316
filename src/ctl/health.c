/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/health.h"

#include <string.h>

#include "reason/reason.h"

json_t *health_text(const char *name, const char *state)
{
        enum reason reason;

        if (!state || strcmp(state, "ok") == 0)
                return json_string(name ? name : "ready");
        reason = reason_from_code(state);
        if (reason == REASON_BLUETOOTH_DISABLED)
                return json_string("switched off in the settings"); /* on purpose */
        return json_sprintf("%s%s%s (%s) %s", name ? name : "", name ? ": " : "",
                            reason_text(reason), state, reason_remedy(reason));
}
