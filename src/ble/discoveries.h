/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The discoveries of all usable adapters: they run together, and each is paused while its adapter
 * connects to a device. An adapter that does not start one, or hears nothing any more, is revived
 * (ble/revival.h); only when that has failed, the discovery has.
 */

#include <stdbool.h>

#include "ble/adapter.h"
#include "reason/reason.h"
#include "util/defer.h"

#define DISCOVERIES_QUIET_MS 2000 /* how long the end of a discovery is waited for */

struct discoveries;
struct quiet;

struct discoveries_handler {
        /* A discovery has stopped or failed. */
        void (*on_change)(void *userdata);
};

int discoveries_new(struct adapters *adapters, const struct discoveries_handler *handler,
                    void *userdata, struct discoveries **ret_discoveries);

/* Every quiet must have been freed. Takes NULL, returns NULL. */
struct discoveries *discoveries_free(struct discoveries *discoveries);

/* Keeps one for each usable adapter, and for no other. */
void discoveries_follow(struct discoveries *discoveries);

/* Sets whether they should run. */
void discoveries_want(struct discoveries *discoveries, bool wanted);

/* Tries again those that failed. */
void discoveries_retry(struct discoveries *discoveries);

/* Forgets the one of the adapter at @path, or all of them: bluetoothd has ended them. */
void discoveries_drop(struct discoveries *discoveries, const char *path);
void discoveries_drop_all(struct discoveries *discoveries);

/* Why none of them can run; REASON_NONE if one can, or is not known to be unable, or is being
 * revived. */
enum reason discoveries_reason(const struct discoveries *discoveries);

/* The path of the adapter that @device belongs to; NULL if it is not in use. */
const char *discoveries_adapter(const struct discoveries *discoveries, const char *device);

/* The adapter that @device belongs to has heard something. */
void discoveries_note_heard(const struct discoveries *discoveries, const char *device);

/* As observer_hush(). */
int discoveries_hush(struct discoveries *discoveries, const char *path,
                     void (*on_quiet)(void *userdata), void *userdata, struct quiet **ret_quiet);

/* Resumes discovery unless there is another quiet. Takes NULL, returns NULL. */
struct quiet *quiet_free(struct quiet *quiet);

DEFINE_DEFER(struct discoveries *, discoveries_free);
DEFINE_DEFER(struct quiet *, quiet_free);
