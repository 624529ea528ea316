/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/dict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TYPE_SIZE 32

int dict_read(sd_bus_message *m, const char *contents,
              int (*on_entry)(sd_bus_message *m, void *userdata), void *userdata)
{
        char entry[TYPE_SIZE];
        int r;

        (void)snprintf(entry, sizeof(entry), "{%s}", contents);
        r = sd_bus_message_enter_container(m, 'a', entry);
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', contents)) > 0) {
                r = on_entry(m, userdata);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : 0;
}

int dict_read_variant(sd_bus_message *m, const char *contents,
                      int (*on_entry)(sd_bus_message *m, void *userdata), void *userdata)
{
        char array[TYPE_SIZE];
        int r;

        (void)snprintf(array, sizeof(array), "a{%s}", contents);
        r = sd_bus_message_enter_container(m, 'v', array);
        if (r < 0)
                return r;
        r = dict_read(m, contents, on_entry, userdata);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : 0;
}

int dict_variant_is(sd_bus_message *m, const char *type)
{
        const char *contents;
        char container;
        int r = sd_bus_message_peek_type(m, &container, &contents);

        if (r < 0)
                return r;
        return r > 0 && container == 'v' ? strcmp(contents, type) == 0 : -EBADMSG;
}
