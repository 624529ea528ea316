/* SPDX-License-Identifier: Apache-2.0 */

#include "api/refusal.h"

#include <stdio.h>
#include <string.h>

char *refusal_text(enum reason reason, const char *detail)
{
        const char *sentence = reason_text(reason);
        char *text;

        if (!detail[0])
                return strdup(sentence);
        if (asprintf(&text, "%.*s: %s.", (int)strlen(sentence) - 1, sentence, detail) < 0)
                return NULL;
        return text;
}
