/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/presence.h"

#include <string.h>

#include "program/presence.h"
#include "tool/duration.h"

static const char sleeps[] = "sleeps ";

uint32_t presence_read(struct yaml *yaml, const yaml_node_t *node)
{
        const char *text = yaml_text(yaml, node, "presence");
        uint32_t sec = 0;

        if (strcmp(text, "mains") == 0 || !yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                return 0;
        if (strncmp(text, sleeps, sizeof(sleeps) - 1) != 0 ||
            !duration_read(text + sizeof(sleeps) - 1, PROGRAM_SLEEP_MAX, &sec))
                yaml_fail(yaml, node,
                          "presence: must be mains, or sleeps and a time in s, min, h or d up to "
                          "30 d, such as sleeps 6 h, not \"%s\"",
                          text);
        return sec;
}
