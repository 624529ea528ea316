/* SPDX-License-Identifier: Apache-2.0 */

#include "read/cameras.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read/node.h"
#include "read/request.h"
#include "util/address.h"
#include "util/free.h"
#include "util/log.h"

#define NODES_MAX      64 /* /dev/video0 to /dev/video63 */
#define LOOK_USEC      1000000
#define SILENCE_USEC   5000000 /* a camera that delivers nothing for this long is broken */
#define PAUSE_USEC     1000000 /* after the first failure; twice as long after each further one */
#define PAUSE_MAX_USEC 16000000

/* Where a camera may be. */
struct place {
        char device[READ_DEVICES_MAX + 1];
        uint64_t identity; /* of the node as last seen, 0 for none */
        uint64_t retry_usec, pause_usec;
        enum reason why; /* it does not work */
};

/* A camera that is open, or none. */
struct slot {
        struct camera *camera;
        struct place *place;
        uint64_t heard_usec; /* the last picture, or when it was opened */
        bool delivers;
};

struct cameras {
        struct place places[NODES_MAX];
        size_t n_places;
        struct slot slots[CAMERAS_MAX];
        uint64_t look_usec; /* when the next look is due */
};

static void cameras_add_place(struct cameras *cs, const char *device, size_t n_device)
{
        struct place *place = &cs->places[cs->n_places];

        if (cs->n_places == NODES_MAX || n_device > READ_DEVICES_MAX)
                return;
        memcpy(place->device, device, n_device);
        place->why = REASON_CAMERA_MISSING;
        cs->n_places++;
}

static void cameras_add_every_node(struct cameras *cs)
{
        for (unsigned i = 0; i < NODES_MAX; i++) {
                char device[24];
                int n = snprintf(device, sizeof(device), "/dev/video%u", i);

                cameras_add_place(cs, device, (size_t)n);
        }
}

int cameras_new(struct cameras **ret_cameras, const char *devices)
{
        struct cameras *cs = calloc(1, sizeof(*cs));

        if (!cs)
                return -ENOMEM;
        if (!devices[0])
                cameras_add_every_node(cs);
        while (*devices) {
                size_t n = strcspn(devices, ADDRESS_SEPARATORS);

                if (n > 0)
                        cameras_add_place(cs, devices, n);
                devices += n;
                devices += strspn(devices, ADDRESS_SEPARATORS);
        }
        *ret_cameras = cs;
        return 0;
}

struct cameras *cameras_free(struct cameras *cs)
{
        if (!cs)
                return NULL;
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                camera_free(cs->slots[i].camera);
        free(cs);
        return NULL;
}

static enum reason reason_from_errno(int error)
{
        switch (error) {
        case -EBUSY:
                return REASON_CAMERA_BUSY;
        case -ENODEV:
        case -ENXIO:
                return REASON_CAMERA_MISSING;
        case -EACCES:
        case -EPERM:
                return REASON_CAMERA_DENIED;
        default:
                return REASON_CAMERA_FAILED;
        }
}

/* Remembers why it does not work. What is only in use may be free a second later. */
static void place_failed(struct place *place, int error, uint64_t now_usec)
{
        enum reason why = reason_from_errno(error);

        if (why != place->why && why != REASON_CAMERA_MISSING)
                (void)log_errno(error, "Cannot use the camera %s", place->device);
        place->why = why;
        if (why == REASON_CAMERA_BUSY)
                place->pause_usec = PAUSE_USEC;
        place->retry_usec = now_usec + place->pause_usec;
        if (why != REASON_CAMERA_BUSY && place->pause_usec < PAUSE_MAX_USEC)
                place->pause_usec *= 2;
}

/* Whether a camera may be here, and should be tried now. */
static bool place_is_due(struct place *place, uint64_t now_usec)
{
        uint64_t identity = node_identity(place->device);

        if (identity != place->identity) {
                place->identity = identity;
                place->pause_usec = PAUSE_USEC;
                place->retry_usec = 0;
        }
        if (identity == 0)
                place->why = REASON_CAMERA_MISSING;
        return identity != 0 && now_usec >= place->retry_usec;
}

static bool cameras_use(const struct cameras *cs, const struct place *place)
{
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                if (cs->slots[i].camera && cs->slots[i].place == place)
                        return true;
        return false;
}

static struct slot *cameras_free_slot(struct cameras *cs)
{
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                if (!cs->slots[i].camera)
                        return &cs->slots[i];
        return NULL;
}

static void slot_open(struct slot *slot, struct place *place, uint64_t now_usec)
{
        struct camera *camera;
        int r;

        r = camera_open(&camera, place->device);
        if (r < 0) {
                place_failed(place, r, now_usec);
                return;
        }
        *slot = (struct slot){.camera = camera, .place = place, .heard_usec = now_usec};
}

static void slot_close(struct slot *slot, int error, uint64_t now_usec)
{
        slot->place->why = REASON_NONE;
        place_failed(slot->place, error, now_usec);
        camera_free(slot->camera);
        *slot = (struct slot){.camera = NULL};
}

void cameras_look(struct cameras *cs, uint64_t now_usec)
{
        if (now_usec < cs->look_usec)
                return;
        cs->look_usec = now_usec + LOOK_USEC;
        for (size_t i = 0; i < cs->n_places; i++) {
                struct slot *slot = cameras_free_slot(cs);

                if (!slot)
                        return;
                if (!cameras_use(cs, &cs->places[i]) && place_is_due(&cs->places[i], now_usec))
                        slot_open(slot, &cs->places[i], now_usec);
        }
}

int cameras_fd(const struct cameras *cs, size_t i)
{
        return cs->slots[i].camera ? camera_fd(cs->slots[i].camera) : -1;
}

int cameras_frame(struct cameras *cs, size_t i, uint64_t now_usec,
                  const struct picture **ret_picture)
{
        struct slot *slot = &cs->slots[i];
        int r;

        if (!slot->camera)
                return CAMERA_E_NOT_YET;
        r = camera_frame(slot->camera, ret_picture);
        if (r == -ENOMEM)
                return r;
        if (r == 0) {
                if (!slot->delivers)
                        log_info("The camera %s delivers pictures", slot->place->device);
                slot->delivers = true;
                slot->heard_usec = now_usec;
                slot->place->pause_usec = PAUSE_USEC;
                return 0;
        }
        /* Asked for a frame just now, so that a slow search is not taken for a silent camera. */
        if (r > 0 && now_usec - slot->heard_usec > SILENCE_USEC)
                r = -ETIMEDOUT;
        if (r < 0)
                slot_close(slot, r, now_usec);
        return CAMERA_E_NOT_YET;
}

void cameras_adjust(struct cameras *cs, size_t i, enum camera_view view, uint64_t now_usec)
{
        if (cs->slots[i].camera)
                camera_adjust(cs->slots[i].camera, view, now_usec);
}

bool cameras_are_starting(const struct cameras *cs)
{
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                if (cs->slots[i].camera && !cs->slots[i].delivers)
                        return true;
        return false;
}

enum reason cameras_reason(const struct cameras *cs)
{
        static const enum reason ranks[] = {REASON_CAMERA_BUSY, REASON_CAMERA_FAILED,
                                            REASON_CAMERA_DENIED, REASON_CAMERA_MISSING};
        size_t best = ELEMENTSOF(ranks) - 1;

        for (size_t i = 0; i < CAMERAS_MAX; i++)
                if (cs->slots[i].delivers)
                        return REASON_NONE;
        if (cameras_are_starting(cs))
                return REASON_CAMERA_FAILED;
        for (size_t i = 0; i < cs->n_places; i++)
                for (size_t rank = 0; rank < best; rank++)
                        if (cs->places[i].why == ranks[rank])
                                best = rank;
        return ranks[best];
}
