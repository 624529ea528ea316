/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/console.h"

#include <stdarg.h>
#include <stdio.h>

#include "wire/utf8.h"

#define CONSOLE_LINE_SIZE 512

void console_say(const char *format, ...)
{
        char line[CONSOLE_LINE_SIZE];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(line, sizeof(line), format, arguments);
        va_end(arguments);
        utf8_make_printable(line);
        (void)puts(line);
        (void)fflush(stdout);
}
