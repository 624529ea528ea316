/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/devices.h"
#include "api/json.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

enum { PAGE_FULL = 1 };

struct catalogue {
        struct mqtt_client *client;
        const struct api_backend *backend;
        struct mqtt_done done;
        sd_event_source *page; /* the next one is made */
        sd_event_source *rest; /* until the next list */
        bool is_stale;         /* what was published last, or is being made, does not hold */
        bool on_way;           /* the broker has not acknowledged it */

        /* the list that is being made */
        FILE *stream; /* NULL: none */
        char *text;   /* once the stream is closed */
        size_t n_text, n_devices;
        char last[STORE_NAME_SIZE];
};

static void catalogue_drop(struct catalogue *c)
{
        if (c->stream)
                (void)fclose(c->stream);
        c->stream = NULL;
        free(c->text);
        c->text = NULL;
        loop_disarm(c->page);
}

static void catalogue_fail(struct catalogue *c, int r)
{
        (void)log_errno(r, "MQTT: the devices cannot be published");
        catalogue_drop(c);
}

/* The list is complete. */
static void catalogue_publish(struct catalogue *c)
{
        FILE *stream = take(c->stream);
        bool is_long = c->n_devices > CATALOGUE_PAGE;
        int r;

        r = fputc(']', stream) == EOF ? -ENOMEM : 0;
        if (fclose(stream) != 0)
                r = -ENOMEM;
        if (r == 0)
                r = mqtt_client_publish(c->client, TOPIC_DEVICES, NULL, c->text, c->n_text,
                                        is_long ? &c->done : NULL);
        if (r < 0 && r != -ENOTCONN)
                catalogue_fail(c, r);
        else
                catalogue_drop(c);
        c->on_way = r == 0 && is_long;
        if (is_long)
                loop_rearm_timer(c->rest, c->n_devices);
}

static int catalogue_on_device(void *userdata, const char *name, json_t *device)
{
        /* In one piece: a stream is slow with the many small ones that a dump consists of. */
        _defer_(free) char *text = json_dumps(device, JSON_COMPACT | JSON_DECIMALS);
        struct catalogue *c = userdata;

        if (!text || (c->n_devices > 0 && fputc(',', c->stream) == EOF) ||
            fputs(text, c->stream) == EOF)
                return -ENOMEM;
        c->n_devices++;
        (void)snprintf(c->last, sizeof(c->last), "%s", name);
        return c->n_devices % CATALOGUE_PAGE == 0 ? PAGE_FULL : 0;
}

static void catalogue_go_on(struct catalogue *c)
{
        int r;

        r = devices_each(c->backend, c->last, catalogue_on_device, c);
        if (r < 0)
                catalogue_fail(c, r);
        else if (r == PAGE_FULL)
                loop_rearm(c->page);
        else
                catalogue_publish(c);
}

/* Begins with the next list, if there is one to be made and it is its turn. */
static void catalogue_start(struct catalogue *c)
{
        if (!c->is_stale || c->on_way || c->stream || loop_is_armed(c->rest) ||
            !mqtt_client_connected(c->client))
                return;
        c->is_stale = false;
        c->n_devices = 0;
        c->last[0] = '\0';
        c->stream = open_memstream(&c->text, &c->n_text);
        if (c->stream && fputc('[', c->stream) != EOF)
                catalogue_go_on(c);
        else
                catalogue_fail(c, -ENOMEM);
}

static int catalogue_on_page(sd_event_source *source, void *userdata)
{
        struct catalogue *c = userdata;

        (void)source;
        if (mqtt_client_connected(c->client))
                catalogue_go_on(c);
        else
                catalogue_drop(c);
        catalogue_start(c);
        return 0;
}

static int catalogue_on_rest(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        catalogue_start(userdata);
        return 0;
}

static void catalogue_on_done(void *userdata, int result)
{
        struct catalogue *c = userdata;

        (void)result; /* the next connection begins again */
        c->on_way = false;
        catalogue_start(c);
}

void catalogue_begin(struct catalogue *catalogue)
{
        catalogue_drop(catalogue);
        loop_disarm(catalogue->rest);
        mqtt_client_forget(catalogue->client, catalogue);
        catalogue->on_way = false;
}

void catalogue_change(struct catalogue *catalogue)
{
        catalogue->is_stale = true;
        catalogue_start(catalogue);
}

int catalogue_new(sd_event *event, struct mqtt_client *client, const struct api_backend *backend,
                  struct catalogue **ret_catalogue)
{
        _defer_(catalogue_free) struct catalogue *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->client = client;
        c->backend = backend;
        c->done = (struct mqtt_done){catalogue_on_done, c};
        r = loop_add_defer(event, &c->page, catalogue_on_page, c);
        if (r == 0)
                r = loop_add_timer(event, &c->rest, catalogue_on_rest, c);
        if (r < 0)
                return r;
        *ret_catalogue = take(c);
        return 0;
}

struct catalogue *catalogue_free(struct catalogue *catalogue)
{
        if (!catalogue)
                return NULL;
        catalogue_drop(catalogue);
        loop_drop(&catalogue->page);
        loop_drop(&catalogue->rest);
        mqtt_client_forget(catalogue->client, catalogue);
        free(catalogue);
        return NULL;
}
