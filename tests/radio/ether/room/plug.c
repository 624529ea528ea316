/* SPDX-License-Identifier: Apache-2.0 */

#include "room/plug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"
#include "room/vhci.h"

#define NOTES_MAX 64 /* different ones of a name; what is new after that is not logged */

struct plug {
        char *name;
        struct air *air;
        uint64_t wall_clock;
        const struct plug_owner *owner;
        void *userdata;

        /* kept for the name */
        struct controller_settings settings;
        struct snoop *snoop;
        struct radio_tally past; /* of earlier controllers */
        struct radio_tally zero; /* of this controller when the tally was last set to zero */
        char *notes[NOTES_MAX];
        size_t n_notes;

        /* while plugged in */
        struct controller *controller;
        struct vhci *vhci;
        bool frozen;
};

bool plug_name_valid(const char *name)
{
        size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

        return n > 0 && n <= PLUG_NAME_MAX && name[n] == 0 && strcmp(name, "ok") != 0 &&
               strcmp(name, "error") != 0;
}

int plug_new(struct air *air, const char *name, uint64_t wall_clock, const struct plug_owner *owner,
             void *userdata, struct plug **ret_plug)
{
        _defer_(plug_free) struct plug *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->name = strdup(name);
        if (!p->name)
                return -ENOMEM;
        p->air = air;
        p->wall_clock = wall_clock;
        p->owner = owner;
        p->userdata = userdata;
        *ret_plug = take(p);
        return 0;
}

struct plug *plug_free(struct plug *plug)
{
        if (!plug)
                return NULL;
        plug_out(plug);
        (void)snoop_free(plug->snoop);
        for (size_t i = 0; i < plug->n_notes; i++)
                free(plug->notes[i]);
        free(plug->name);
        free(plug);
        return NULL;
}

/* --- what a person should know --- */

/* True the first time. */
static bool note_is_new(struct plug *p, const char *text)
{
        for (size_t i = 0; i < p->n_notes; i++)
                if (strcmp(p->notes[i], text) == 0)
                        return false;
        if (p->n_notes == NOTES_MAX)
                return false;
        p->notes[p->n_notes] = strdup(text);
        if (p->notes[p->n_notes])
                p->n_notes++;
        return true;
}

static void plug_note(struct plug *p, const char *text)
{
        if (note_is_new(p, text))
                log_info("%s: %s", p->name, text);
}

static void on_note(void *userdata, const char *text)
{
        plug_note(userdata, text);
}

/* --- the record --- */

/* A record with a gap would mislead, so that the first failure ends it. */
static void plug_write_down(struct plug *p, bool to_host, const uint8_t *packet, size_t n_packet)
{
        int r;

        if (!p->snoop)
                return;
        r = snoop_write(p->snoop, to_host, p->wall_clock + air_now(p->air), packet, n_packet);
        if (r >= 0)
                return;
        (void)log_errno(r, "%s: recording to %s has ended", p->name, snoop_path(p->snoop));
        p->snoop = snoop_free(p->snoop);
}

int plug_record(struct plug *plug, const char *path)
{
        struct snoop *snoop = NULL;
        int r = 0;

        if (path)
                r = snoop_new(path, &snoop);
        else if (plug->snoop)
                r = snoop_flush(plug->snoop);
        if (path && r < 0)
                return r;
        (void)snoop_free(plug->snoop);
        plug->snoop = snoop;
        return r;
}

/* --- between host and controller --- */

static void on_controller_packet(void *userdata, const uint8_t *packet, size_t n_packet)
{
        struct plug *p = userdata;
        int r;

        /* The controller may speak before its host is there to hear it. */
        if (!p->vhci)
                return;
        plug_write_down(p, true, packet, n_packet);
        r = vhci_write(p->vhci, packet, n_packet);
        if (r == -ENXIO)
                plug_note(p, "the host does not listen: it has switched the controller off");
        else if (r < 0)
                plug_note(p, strerror(-r));
}

static void on_vhci_packet(void *userdata, const uint8_t *packet, size_t n_packet)
{
        struct plug *p = userdata;

        p->owner->on_host(p->userdata, p, packet, n_packet);
}

static void on_vhci_lost(void *userdata, int error)
{
        struct plug *p = userdata;

        plug_out(p);
        p->owner->on_lost(p->userdata, p, error);
}

static const struct controller_owner controller_owner = {
        .on_packet = on_controller_packet,
        .on_note = on_note,
};

static const struct vhci_owner vhci_owner = {
        .on_packet = on_vhci_packet,
        .on_lost = on_vhci_lost,
};

void plug_receive(struct plug *plug, const uint8_t *packet, size_t n_packet)
{
        plug_write_down(plug, false, packet, n_packet);
        controller_receive(plug->controller, packet, n_packet);
}

int plug_in(struct plug *plug, sd_event *event, const struct controller_settings *settings,
            int fd_take)
{
        int r;

        r = controller_new(plug->air, settings, &controller_owner, plug, &plug->controller);
        if (r < 0) {
                (void)fd_close(fd_take);
                return r;
        }
        r = vhci_new(event, fd_take, &vhci_owner, plug, &plug->vhci);
        if (r < 0) {
                plug->controller = controller_free(plug->controller);
                return r;
        }
        plug->settings = *settings;
        return 0;
}

void plug_out(struct plug *plug)
{
        if (!plug->controller)
                return;
        plug->past = plug_tally(plug);
        plug->zero = (struct radio_tally){0};
        plug->controller = controller_free(plug->controller);
        plug->vhci = vhci_free(plug->vhci);
        plug->frozen = false;
}

void plug_freeze(struct plug *plug, bool frozen)
{
        plug->frozen = frozen;
        controller_freeze(plug->controller, frozen);
}

/* --- its tally --- */

struct radio_tally plug_tally(const struct plug *plug)
{
        const struct radio_tally *past = &plug->past, *zero = &plug->zero;
        struct radio_tally now = {0};

        if (plug->controller)
                now = controller_tally(plug->controller);
        return (struct radio_tally){
                .events = past->events + now.events - zero->events,
                .missed = past->missed + now.missed - zero->missed,
                .airtime = past->airtime + now.airtime - zero->airtime,
                .adverts = past->adverts + now.adverts - zero->adverts,
                .reports = past->reports + now.reports - zero->reports,
        };
}

void plug_zero(struct plug *plug)
{
        plug->past = (struct radio_tally){0};
        plug->zero = (struct radio_tally){0};
        plug->zero = plug_tally(plug);
}

/* --- what it is --- */

const char *plug_name(const struct plug *plug)
{
        return plug->name;
}

const struct controller_settings *plug_settings(const struct plug *plug)
{
        return &plug->settings;
}

bool plug_is_in(const struct plug *plug)
{
        return plug->controller;
}

bool plug_is_frozen(const struct plug *plug)
{
        return plug->frozen;
}

const char *plug_recording(const struct plug *plug)
{
        return plug->snoop ? snoop_path(plug->snoop) : NULL;
}

unsigned plug_number(const struct plug *plug)
{
        return controller_number(plug->controller);
}

unsigned plug_index(const struct plug *plug)
{
        return vhci_index(plug->vhci);
}
