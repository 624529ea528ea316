/* SPDX-License-Identifier: Apache-2.0 */

#include "room/room.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "room/agenda.h"
#include "room/pace.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define ACCURACY_USEC 1
#define OVERDUE_USEC  100000 /* of real time; what is overdue by more is put off */

struct room {
        sd_event *event;
        sd_event_source *timer;
        uint64_t seed;
        struct air *air;
        struct agenda *agenda;
        char *at_message; /* the line that waits for its message, or NULL */
        struct pace pace;
        bool started;
        uint64_t wall_clock; /* us since 1970, when the air began */
        uint64_t zeroed;     /* simulated time of the last room_zero() */

        char *record; /* the directory, or NULL */
        struct plug *plugs[ROOM_NAMES_MAX];
        unsigned n_plugs;
        struct plug *numbered[SPACE_RADIOS]; /* who had each radio last */

        const struct room_owner *owner;
        void *userdata;
};

static uint64_t clock_usec(clockid_t clock)
{
        struct timespec t;

        (void)clock_gettime(clock, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* --- time --- */

uint64_t room_now(const struct room *room)
{
        return air_now(room->air);
}

double room_factor(const struct room *room)
{
        return room->pace.factor;
}

void room_set_factor(struct room *room, double factor)
{
        pace_change(&room->pace, room_now(room), factor);
}

int room_later(struct room *room, uint64_t delay, const char *line)
{
        return agenda_add(room->agenda, room_now(room) + delay, line);
}

/* When the next thing happens. */
static uint64_t room_next(const struct room *room)
{
        uint64_t next = air_next(room->air), due = agenda_next(room->agenda);

        if (space_stopped(air_space(room->air)))
                return room_now(room);
        return due < next ? due : next;
}

/* What time it should be; the air may be a rounding ahead of it. Of what is overdue, no more than
 * can be done soon: or an air that is slower than its factor would be asked for more and more at
 * once, and hear neither hosts nor orders meanwhile. */
static uint64_t room_time(struct room *room)
{
        uint64_t real = clock_usec(CLOCK_MONOTONIC), now = room_now(room), next = room_next(room);
        uint64_t most = (uint64_t)(OVERDUE_USEC * room->pace.factor);
        uint64_t time = room->started ? pace_now(&room->pace, real) : 0;

        if (time > next && time - next > most) {
                time = next + most;
                room->pace = (struct pace){real, time, room->pace.factor};
        }
        return time > now ? time : now;
}

int room_at_message(struct room *room, unsigned from, unsigned to, uint64_t n, const char *line)
{
        char *copy = strdup(line);

        if (!copy)
                return -ENOMEM;
        free(room->at_message);
        room->at_message = copy;
        space_stop_at(air_space(room->air), from, to, n);
        return 0;
}

/* The next line that is due by @now, when the air has got there; NULL if there is none, and then
 * the air has got to @now. */
static char *room_take_due(struct room *room, uint64_t now)
{
        struct space *space = air_space(room->air);
        uint64_t due = agenda_next(room->agenda);

        air_advance(room->air, due < now ? due : now);
        if (space_stopped(space)) {
                space_go_on(space);
                return take(room->at_message);
        }
        return due <= now ? agenda_take(room->agenda) : NULL;
}

/* A line may change the factor, and so what time it should be. The clock is not asked again once
 * no line is due: the air must not get ahead of the next one. */
void room_advance(struct room *room)
{
        char *line;

        while ((line = room_take_due(room, room_time(room)))) {
                room->owner->on_due(room->userdata, line);
                free(line);
        }
}

void room_arm(struct room *room)
{
        if (!room->started)
                return;
        (void)sd_event_source_set_time(room->timer, pace_when(&room->pace, room_next(room)));
        (void)sd_event_source_set_enabled(room->timer, SD_EVENT_ONESHOT);
}

static int room_on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        room_advance(userdata);
        room_arm(userdata);
        return 0;
}

int room_start(struct room *room)
{
        int r = sd_event_add_time(room->event, &room->timer, CLOCK_MONOTONIC, UINT64_MAX,
                                  ACCURACY_USEC, room_on_time, room);

        if (r < 0)
                return r;
        room->pace = pace_new(clock_usec(CLOCK_MONOTONIC), room->pace.factor);
        room->started = true;
        room_arm(room);
        return 0;
}

void room_quit(struct room *room)
{
        (void)sd_event_exit(room->event, 0);
}

/* --- the room --- */

int room_new(sd_event *event, uint64_t seed, double factor, const struct room_owner *owner,
             void *userdata, struct room **ret_room)
{
        _defer_(room_free) struct room *room = calloc(1, sizeof(*room));
        int r;

        if (!room)
                return -ENOMEM;
        room->event = sd_event_ref(event);
        room->seed = seed;
        room->pace = pace_new(0, factor);
        room->wall_clock = clock_usec(CLOCK_REALTIME);
        room->owner = owner;
        room->userdata = userdata;
        r = air_new(seed, &room->air);
        if (r < 0)
                return r;
        r = agenda_new(&room->agenda);
        if (r < 0)
                return r;
        *ret_room = take(room);
        return 0;
}

struct room *room_free(struct room *room)
{
        if (!room)
                return NULL;
        for (unsigned i = 0; i < room->n_plugs; i++)
                (void)plug_free(room->plugs[i]);
        (void)air_free(room->air);
        (void)agenda_free(room->agenda);
        free(room->at_message);
        loop_drop(&room->timer);
        free(room->record);
        (void)sd_event_unref(room->event);
        free(room);
        return NULL;
}

struct air *room_air(struct room *room)
{
        return room->air;
}

/* --- controllers --- */

static void on_host(void *userdata, struct plug *plug, const uint8_t *packet, size_t n_packet)
{
        struct room *room = userdata;
        uint64_t now = room_time(room), due = agenda_next(room->agenda);

        air_advance(room->air, due < now ? due : now);
        plug_receive(plug, packet, n_packet);
        room_arm(room);
}

static void on_lost(void *userdata, struct plug *plug, int error)
{
        (void)log_errno(error, "%s has lost its host and is unplugged", plug_name(plug));
        room_arm(userdata);
}

static const struct plug_owner plug_owner = {.on_host = on_host, .on_lost = on_lost};

struct plug *room_find(struct room *room, const char *name)
{
        for (unsigned i = 0; i < room->n_plugs; i++)
                if (strcmp(plug_name(room->plugs[i]), name) == 0)
                        return room->plugs[i];
        return NULL;
}

struct plug *room_nth(struct room *room, unsigned n)
{
        return n < room->n_plugs ? room->plugs[n] : NULL;
}

int room_record(struct room *room, const char *directory)
{
        char *copy = strdup(directory);

        if (!copy)
                return -ENOMEM;
        free(room->record);
        room->record = copy;
        return 0;
}

static void room_record_name(const struct room *room, struct plug *plug)
{
        _defer_(free) char *path = NULL;
        int r;

        if (!room->record)
                return;
        r = asprintf(&path, "%s/%s.btsnoop", room->record, plug_name(plug)) < 0
                    ? -ENOMEM
                    : plug_record(plug, path);
        if (r < 0)
                (void)log_errno(r, "%s is not recorded", plug_name(plug));
}

int room_name(struct room *room, const char *name, struct plug **ret_plug)
{
        struct plug *plug = room_find(room, name);
        int r;

        if (!plug) {
                if (room->n_plugs == ROOM_NAMES_MAX)
                        return -ENOSPC;
                r = plug_new(room->air, name, room->wall_clock, &plug_owner, room, &plug);
                if (r < 0)
                        return r;
                room->plugs[room->n_plugs++] = plug;
                room_record_name(room, plug);
        }
        *ret_plug = plug;
        return 0;
}

void room_forget(struct room *room, struct plug *plug)
{
        unsigned i = 0;

        while (room->plugs[i] != plug)
                i++;
        (void)plug_free(plug);
        room->n_plugs--;
        memmove(&room->plugs[i], &room->plugs[i + 1], (room->n_plugs - i) * sizeof(struct plug *));
}

void room_address(unsigned n, uint8_t ret_address[6])
{
        static const uint8_t first[6] = {0x00, 0x00, 0x00, 0x01, 0xaa, 0x00};

        memcpy(ret_address, first, sizeof(first));
        ret_address[0] = (uint8_t)n;
}

static void room_zero_ways(struct room *room, unsigned number)
{
        struct space *space = air_space(room->air);

        for (unsigned other = 0; other < SPACE_RADIOS; other++) {
                space_way(space, number, other)->tally = (struct tally){0};
                space_way(space, other, number)->tally = (struct tally){0};
        }
}

/* Nothing of what another had ordered for itself, or was counted for, is left. */
static void room_clear_number(struct room *room, unsigned number)
{
        space_forget(air_space(room->air), number);
        room_zero_ways(room, number);
}

static void room_assign_number(struct room *room, struct plug *plug)
{
        unsigned number = plug_number(plug);

        if (room->numbered[number] == plug)
                return;
        for (unsigned i = 0; i < SPACE_RADIOS; i++)
                if (i == number ? room->numbered[i] != NULL : room->numbered[i] == plug) {
                        room_clear_number(room, i);
                        room->numbered[i] = NULL;
                }
        room->numbered[number] = plug;
}

int room_plug(struct room *room, struct plug *plug, const struct controller_settings *settings)
{
        struct controller_settings seeded = *settings;
        int fd = room->owner->open_host(room->userdata);
        int r;

        if (fd < 0)
                return fd;
        seeded.seed = room->seed;
        r = plug_in(plug, room->event, &seeded, fd);
        if (r < 0)
                return r;
        room_assign_number(room, plug);
        return 0;
}

int room_number(const struct room *room, const struct plug *plug)
{
        for (int i = 0; i < SPACE_RADIOS; i++)
                if (room->numbered[i] == plug)
                        return i;
        return -ENODEV;
}

void room_zero(struct room *room)
{
        for (unsigned i = 0; i < SPACE_RADIOS; i++)
                if (room->numbered[i])
                        room_zero_ways(room, i);
        for (unsigned i = 0; i < room->n_plugs; i++)
                plug_zero(room->plugs[i]);
        room->zeroed = room_now(room);
}

uint64_t room_zeroed(const struct room *room)
{
        return room->zeroed;
}
