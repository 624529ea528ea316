/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/functions.h"

#include <stdio.h>

bool functions_add(struct functions *functions, long long number)
{
        if (number < 1 || number > FUNCTIONS_MAX)
                return false;
        functions->known = true;
        functions->has[number] = true;
        return true;
}

bool functions_allow(const struct functions *functions, unsigned number)
{
        return !functions->known || (number <= FUNCTIONS_MAX && functions->has[number]);
}

void functions_name(const struct functions *functions, char ret_text[FUNCTIONS_TEXT_SIZE])
{
        size_t n = 0;

        ret_text[0] = '\0';
        for (unsigned i = 1; i <= FUNCTIONS_MAX; i++) {
                if (!functions->has[i])
                        continue;
                if (n + sizeof(", 255, ...") > FUNCTIONS_TEXT_SIZE) {
                        (void)snprintf(ret_text + n, FUNCTIONS_TEXT_SIZE - n, ", ...");
                        return;
                }
                n += (size_t)snprintf(ret_text + n, FUNCTIONS_TEXT_SIZE - n, "%s%u",
                                      n > 0 ? ", " : "", i);
        }
}
