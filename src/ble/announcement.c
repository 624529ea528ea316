/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/announcement.h"

#include "ble/dict.h"

/* What the readers of nested dictionaries need. */
struct reading {
        const struct announcement_handler *handler;
        void *userdata;
        const char *path;
};

/* One {sa{sv}}: an interface of the object at hand. */
static int read_interface(sd_bus_message *m, void *userdata)
{
        const struct reading *reading = userdata;
        enum bluez_interface interface;
        struct object_news news;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        if (!object_interface(name, &interface))
                return sd_bus_message_skip(m, "a{sv}");
        r = object_news_read(m, interface, &news);
        if (r >= 0)
                reading->handler->on_news(reading->userdata, reading->path, &news, true);
        return r;
}

/* One {oa{sa{sv}}}: an object. */
static int read_object(sd_bus_message *m, void *userdata)
{
        struct reading *reading = userdata;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &reading->path);
        return r < 0 ? r : dict_read(m, "sa{sv}", read_interface, reading);
}

int announcement_read_list(sd_bus_message *m, const struct announcement_handler *handler,
                           void *userdata)
{
        struct reading reading = {.handler = handler, .userdata = userdata};

        return dict_read(m, "oa{sa{sv}}", read_object, &reading);
}

int announcement_read_added(sd_bus_message *m, const struct announcement_handler *handler,
                            void *userdata)
{
        struct reading reading = {.handler = handler, .userdata = userdata};

        return read_object(m, &reading);
}

int announcement_read_removed(sd_bus_message *m, const struct announcement_handler *handler,
                              void *userdata)
{
        enum bluez_interface interface;
        const char *path, *name;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &path);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &name)) > 0)
                if (object_interface(name, &interface))
                        handler->on_gone(userdata, path, interface);
        return r;
}

int announcement_read_changed(sd_bus_message *m, const struct announcement_handler *handler,
                              void *userdata)
{
        enum bluez_interface interface;
        struct object_news news;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0 || !object_interface(name, &interface))
                return r < 0 ? r : 0;
        r = object_news_read(m, interface, &news);
        if (r >= 0)
                r = object_news_read_gone(m, &news);
        if (r >= 0)
                handler->on_news(userdata, sd_bus_message_get_path(m), &news, false);
        return r;
}
