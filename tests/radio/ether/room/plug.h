/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A name under which a controller is plugged into the kernel, or was: the controller, its host's
 * descriptor, and the record of what passed between them. The name keeps its settings, its record
 * and its tally while it is unplugged.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "hci/controller.h"
#include "room/snoop.h"
#include "util/defer.h"

#define PLUG_NAME_MAX 31

struct plug;

struct plug_owner {
        /* The host has said this; to be handed to plug_receive() when the air has caught up. */
        void (*on_host)(void *userdata, struct plug *plug, const uint8_t *packet, size_t n_packet);
        /* The host's side has ended with -@error, and the controller is unplugged by this. */
        void (*on_lost)(void *userdata, struct plug *plug, int error);
};

/* Letters, digits, '_' and '.', at most PLUG_NAME_MAX; not "ok" or "error", which end answers. */
bool plug_name_valid(const char *name);

/* A name with nothing plugged in. The air began at @wall_clock, microseconds since 1970. */
int plug_new(struct air *air, const char *name, uint64_t wall_clock, const struct plug_owner *owner,
             void *userdata, struct plug **ret_plug);
struct plug *plug_free(struct plug *plug);

/* Plugs in a controller whose host is behind @fd_take, of vhci_open(). 0, or what controller_new()
 * or vhci_new() said. */
int plug_in(struct plug *plug, sd_event *event, const struct controller_settings *settings,
            int fd_take);

/* Unplugs it, without a word to anybody. */
void plug_out(struct plug *plug);

void plug_receive(struct plug *plug, const uint8_t *packet, size_t n_packet);
void plug_freeze(struct plug *plug, bool frozen);

/* Records from now on to @path, in place of an earlier record; NULL ends recording. 0, or what the
 * system said: then what it was goes on. */
int plug_record(struct plug *plug, const char *path);

/* Since plug_zero(), also of earlier controllers of this name. */
struct radio_tally plug_tally(const struct plug *plug);
void plug_zero(struct plug *plug);

const char *plug_name(const struct plug *plug);
const struct controller_settings *plug_settings(const struct plug *plug);
bool plug_is_in(const struct plug *plug);
bool plug_is_frozen(const struct plug *plug);
const char *plug_recording(const struct plug *plug); /* the path, or NULL */

/* Of a controller that is plugged in: its radio, and the N of hciN. */
unsigned plug_number(const struct plug *plug);
unsigned plug_index(const struct plug *plug);

DEFINE_DEFER(struct plug *, plug_free);
