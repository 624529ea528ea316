/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/console.h"

#include <stdarg.h>
#include <stdio.h>

void console_say(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vprintf(format, arguments);
        va_end(arguments);
        (void)putchar('\n');
        (void)fflush(stdout);
}
