/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/verbosity.h"

#include "store/preference.h"
#include "util/log.h"

#define PREFERENCE "log_level"

int verbosity_set(struct store *store, int level)
{
        int r;

        r = store_preference_set(store, PREFERENCE, log_level_name(level));
        if (r < 0)
                return log_errno(r, "The log level cannot be stored");
        log_set_level(level);
        log_info("The log level is %s now", log_level_name(level));
        return 0;
}

void verbosity_recall(struct store *store)
{
        char text[STORE_PREFERENCE_SIZE];
        int level;

        if (log_level() == LOG_DEBUG || store_preference_get(store, PREFERENCE, text) != 0)
                return;
        level = log_level_from_name(text);
        if (level >= 0)
                log_set_level(level);
}
