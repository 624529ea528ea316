/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/device.h"
#include "support/disk.h"
#include "support/store-sample.h"
#include "util/defer.h"

#define UID_NOBODY 65534

struct place {
        char path[512];
        struct store *store;
};

static int set_up(void **state)
{
        static struct place place; /* cmocka hands it back to tear_down() */

        sample_path(place.path, sizeof(place.path), "enrolld.db");
        assert_int_equal(store_open(place.path, &place.store), 0);
        *state = &place;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;

        p->store = store_free(p->store);
        sample_clean(p->path);
        return 0;
}

static void reopen(struct place *p)
{
        p->store = store_free(p->store);
        assert_int_equal(store_open(p->path, &p->store), 0);
}

static void assert_same_device(const struct store_device *a, const struct store_device *b)
{
        assert_int_equal(a->kind, b->kind);
        assert_memory_equal(a->device_id, b->device_id, sizeof(a->device_id));
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->maker, b->maker);
        assert_string_equal(a->model, b->model);
        assert_string_equal(a->serial, b->serial);
        assert_string_equal(a->software, b->software);
        assert_memory_equal(a->ownership.public_key, b->ownership.public_key,
                            sizeof(a->ownership.public_key));
        assert_int_equal(a->ownership.epoch, b->ownership.epoch);
        assert_memory_equal(a->ownership.hub_public, b->ownership.hub_public,
                            sizeof(a->ownership.hub_public));
        assert_memory_equal(a->ownership.adv_key, b->ownership.adv_key,
                            sizeof(a->ownership.adv_key));
        assert_memory_equal(a->code_hash, b->code_hash, sizeof(a->code_hash));
        assert_string_equal(a->issuer, b->issuer);
        assert_string_equal(a->link, b->link);
        assert_string_equal(a->location, b->location);
        assert_string_equal(a->owner, b->owner);
        assert_int_equal(a->n_functions, b->n_functions);
        assert_memory_equal(a->functions, b->functions, a->n_functions);
        assert_int_equal(a->capabilities, b->capabilities);
        assert_int_equal(a->n_config, b->n_config);
        assert_memory_equal(a->config, b->config, a->n_config);
        assert_int_equal(a->enrolled_at, b->enrolled_at);
        assert_int_equal(a->ownership.settled, b->ownership.settled);
        assert_int_equal(a->ownership.n_resume, b->ownership.n_resume);
        assert_memory_equal(a->ownership.resume, b->ownership.resume, a->ownership.n_resume);
}

static void test_store_enrolled_device_is_found_after_reopening(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        struct store_message m;
        uint32_t counter;
        uint64_t n;
        size_t n_channels;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        reopen(p);

        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_same_device(&d, &s.device);
        assert_int_equal(store_find_name(p->store, "device-1", &d), 0);
        assert_same_device(&d, &s.device);
        assert_int_equal(store_find_name(p->store, "device-2", &d), STORE_E_NONE);
        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);

        assert_int_equal(store_channels(p->store, s.device.device_id, 4, channels, &n_channels), 0);
        assert_int_equal(n_channels, 2);
        assert_string_equal(channels[0].leaf, "temperature");
        assert_string_equal(channels[0].class, "temperature");
        assert_string_equal(channels[0].unit, "°C");
        assert_int_equal(channels[0].direction, STORE_PUBLISH);
        assert_int_equal(channels[0].every_s, 60);
        assert_int_equal(channels[1].number, 2);
        assert_string_equal(channels[1].leaf, "identify");
        assert_int_equal(channels[1].direction, STORE_COMMAND);
        assert_int_equal(store_channels(p->store, s.device.device_id, 1, channels, &n_channels),
                         -ENOBUFS);

        assert_int_equal(store_outbox_next(p->store, 0, &m), 0);
        assert_string_equal(m.topic, s.messages[0].topic);
        assert_int_equal(m.n_payload, s.messages[0].n_payload);
        assert_memory_equal(m.payload, s.messages[0].payload, m.n_payload);
        assert_true(m.has_device);
        assert_memory_equal(m.device_id, s.device.device_id, sizeof(m.device_id));
        assert_false(m.informational);
        assert_int_equal(m.created_at, s.messages[0].created_at);
        assert_int_equal(store_outbox_next(p->store, m.id, &m), 0);
        assert_true(m.informational);
        assert_int_equal(store_outbox_next(p->store, m.id, &m), STORE_E_NONE);

        assert_int_equal(store_counter_get(p->store, s.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, 2);
        assert_int_equal(store_counter_get(p->store, s.counter.kid, "other", &counter),
                         STORE_E_NONE);
}

/* The kinds without an ownership go through every verb like the enrolled, and nothing settles. */
static void test_store_kinds_without_our_keys_are_devices_like_others(void **state)
{
        static const enum store_kind kinds[] = {STORE_GATT, STORE_BROADCAST};
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        size_t n_channels;
        uint64_t n;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                sample_init_kind(&s, 1 + i, kinds[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                reopen(p);
                memset(&d, 0xff, sizeof(d)); /* nothing of it is left in the ownership */
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                assert_same_device(&d, &s.device);
                assert_memory_equal(&d.ownership, &s.device.ownership, sizeof(d.ownership));
                assert_int_equal(store_channels(p->store, d.device_id, 4, channels, &n_channels),
                                 0);
                assert_int_equal(n_channels, 2);

                assert_int_equal(store_unsettled_count(p->store, &n), 0);
                assert_int_equal(n, 0);
                assert_int_equal(store_settle(p->store, d.device_id, 0), STORE_E_NONE);
                assert_int_equal(store_rename(p->store, d.device_id, "lamp"), 0);
                assert_int_equal(store_find_name(p->store, "lamp", &d), 0);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0); /* replaces it */
                assert_int_equal(store_device_count(p->store, &n), 0);
                assert_int_equal(n, 1);
                assert_int_equal(store_remove(p->store, d.device_id, NULL, 0), 0);
                assert_int_equal(store_device_count(p->store, &n), 0);
                assert_int_equal(n, 0);
        }
}

static int walk_note_kind(void *userdata, const struct store_device *device)
{
        enum store_kind **next = userdata;

        assert_int_equal(device->ownership.epoch, device->kind == STORE_ENROLLED ? 1 : 0);
        *(*next)++ = device->kind;
        return 0;
}

static void test_store_each_device_tells_the_kinds_apart(void **state)
{
        static const enum store_kind kinds[] = {STORE_ENROLLED, STORE_GATT, STORE_ENROLLED,
                                                STORE_BROADCAST};
        struct place *p = *state;
        enum store_kind seen[4], *next = seen;
        struct sample s;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                sample_init(&s, 1 + i);
                if (kinds[i] != STORE_ENROLLED)
                        sample_init_kind(&s, 1 + i, kinds[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device(p->store, walk_note_kind, &next), 0);
        assert_ptr_equal(next, seen + 4);
        assert_memory_equal(seen, kinds, sizeof(kinds));
}

static void test_store_counts_those_that_have_not_confirmed(void **state)
{
        struct place *p = *state;
        struct sample s;
        uint64_t n;

        for (unsigned i = 1; i <= 3; i++) {
                sample_init(&s, i);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 2);
}

static void test_store_largest_values_fit(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;

        sample_init(&s, 1);
        memset(s.device.name, 'n', STORE_NAME_SIZE - 1);
        memset(s.device.maker, 'm', STORE_TEXT_SIZE - 1);
        memset(s.device.location, 'l', STORE_RECORD_SIZE - 1);
        s.device.n_functions = STORE_FUNCTIONS_MAX;
        s.device.n_config = STORE_CONFIG_MAX;
        s.device.ownership.n_resume = STORE_RESUME_MAX;
        s.device.ownership.epoch = UINT32_MAX;
        s.device.capabilities = UINT32_MAX;
        s.messages[0].n_payload = STORE_PAYLOAD_MAX;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_same_device(&d, &s.device);

        s.messages[0].n_payload = STORE_PAYLOAD_MAX + 1;
        assert_int_equal(store_outbox_add(p->store, &s.messages[0]), -EMSGSIZE);
}

static void test_store_taken_name_changes_nothing(void **state)
{
        struct place *p = *state;
        struct sample one, two;
        struct store_device d;
        uint64_t n;
        uint32_t counter;

        sample_init(&one, 1);
        sample_init(&two, 2);
        memcpy(two.device.name, one.device.name, sizeof(two.device.name));
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(p->store, &two.enrollment), STORE_E_NAME_TAKEN);
        assert_int_equal(store_find_id(p->store, two.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 2);
        assert_int_equal(store_counter_get(p->store, one.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, one.counter.value);

        strcpy(two.device.name, "another");
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
}

static void test_store_new_epoch_replaces_the_device(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        size_t n_channels;
        uint64_t n;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        s.device.ownership.epoch = 2;
        s.enrollment.n_channels = 1;
        s.enrollment.n_messages = 1;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);

        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_same_device(&d, &s.device);
        assert_int_equal(store_channels(p->store, s.device.device_id, 4, channels, &n_channels), 0);
        assert_int_equal(n_channels, 1);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 3);
}

static void test_store_lower_counter_is_superseded(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        uint32_t counter;

        sample_init(&s, 1);
        s.counter.value = 5;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        sample_init(&s, 2);
        s.counter.value = 4;
        assert_int_equal(store_enroll(p->store, &s.enrollment), STORE_E_SUPERSEDED);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), STORE_E_NONE);

        s.counter.value = 5;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        sample_init(&s, 3);
        s.counter.value = UINT32_MAX;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_counter_get(p->store, s.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, UINT32_MAX);

        sample_init(&s, 4);
        s.enrollment.counter = NULL;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
}

static void test_store_settle_forgets_resume(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 2), STORE_E_NONE);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_false(d.ownership.settled);
        assert_int_equal(d.ownership.n_resume, 5);

        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_true(d.ownership.settled);
        assert_int_equal(d.ownership.n_resume, 0);
}

static void test_store_rename_keeps_names_unique(void **state)
{
        struct place *p = *state;
        struct sample one, two;
        struct store_device d;

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "lamp"), STORE_E_NONE);
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "device-1"),
                         STORE_E_NAME_TAKEN);
        assert_int_equal(store_rename(p->store, two.device.device_id, "device-2"), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "lamp"), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, ""), -EINVAL);
        reopen(p);
        assert_int_equal(store_find_name(p->store, "lamp", &d), 0);
        assert_memory_equal(d.device_id, two.device.device_id, sizeof(d.device_id));
}

static void test_store_remove_takes_everything_of_the_device(void **state)
{
        struct place *p = *state;
        struct sample one, two;
        struct store_device d;
        struct store_channel channels[4];
        struct store_message gone = {.topic = "gone", .informational = true}, m;
        struct stat st;
        char log[520];
        size_t n_channels;
        uint64_t n;

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
        assert_int_equal(store_remove(p->store, one.device.device_id, &gone, 1), 0);
        assert_int_equal(store_remove(p->store, one.device.device_id, &gone, 1), STORE_E_NONE);

        assert_int_equal(store_find_id(p->store, one.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_channels(p->store, one.device.device_id, 4, channels, &n_channels),
                         0);
        assert_int_equal(n_channels, 0);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(store_outbox_next(p->store, 4, &m), 0);
        assert_string_equal(m.topic, "gone");
        assert_int_equal(m.n_payload, 0);
        assert_false(m.has_device);

        (void)snprintf(log, sizeof(log), "%s-wal", p->path);
        assert_int_equal(stat(log, &st), 0);
        assert_int_equal(st.st_size, 0);
}

static void test_store_give_up_keeps_the_highest_epoch(void **state)
{
        struct place *p = *state;
        struct store_device d;
        struct sample one;
        uint32_t epoch = 99;
        uint64_t n;

        sample_init(&one, 1);
        assert_int_equal(store_give_up(p->store, one.device.device_id), STORE_E_NONE);
        assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch),
                         STORE_E_NONE);
        for (uint32_t given_up = 7; given_up >= 6; given_up--) {
                one.device.ownership.epoch = given_up;
                assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
                assert_int_equal(store_give_up(p->store, one.device.device_id), 0);
                assert_int_equal(store_find_id(p->store, one.device.device_id, &d), STORE_E_NONE);
                assert_int_equal(store_outbox_count(p->store, &n), 0);
                assert_int_equal(n, 0);
                assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch), 0);
                assert_int_equal(epoch, 7);
        }
}

struct walk {
        struct store *store;
        char names[128];
        const char *stop_at;
};

static int walk_on_device(void *userdata, const struct store_device *device)
{
        struct walk *w = userdata;

        strcat(strcat(w->names, device->name), " ");
        if (w->stop_at && strcmp(device->name, w->stop_at) == 0)
                return 42;
        return store_remove(w->store, device->device_id, NULL, 0);
}

static void test_store_each_device_walks_by_name_and_may_remove(void **state)
{
        struct place *p = *state;
        struct walk w = {.store = p->store, .stop_at = "device-3"};
        struct sample s;
        uint64_t n;

        for (unsigned i = 3; i > 0; i--) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device(p->store, walk_on_device, &w), 42);
        assert_string_equal(w.names, "device-1 device-2 device-3 ");
        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);
}

static void test_store_outbox_lanes_keep_their_order(void **state)
{
        struct place *p = *state;
        struct sample one, two;
        struct store_message m, hub = {.topic = "hub", .informational = true};

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);      /* 1 key, 2 event */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 3 */
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);      /* 4 key, 5 event */
        assert_int_equal(store_outbox_add(p->store, &one.messages[0]), 0); /* 6 */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 7 */

        assert_int_equal(store_outbox_next_in_lane(p->store, &one.messages[0], 0, &m), 0);
        assert_int_equal(m.id, 1);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), 0);
        assert_int_equal(m.id, 6);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), STORE_E_NONE);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 7);

        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_add(p->store, &hub), 0);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 8); /* 7 is not given out again */
}

static void test_store_file_is_private_whatever_the_umask(void **state)
{
        struct place *p = *state;
        char path[600];
        struct store *store = NULL;
        struct stat st;
        mode_t old = umask(0);

        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db", p->path);
        assert_int_equal(store_open(path, &store), 0);
        umask(old);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db-wal", p->path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)snprintf(path, sizeof(path), "%s.d", p->path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);

        store = store_free(store);
        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db", p->path);
        assert_int_equal(chmod(path, 0644), 0);
        assert_int_equal(store_open(path, &store), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)store_free(store);
        sample_clean(path);
}

static void test_store_second_opener_is_refused(void **state)
{
        struct place *p = *state;
        struct store *second = NULL;

        assert_int_equal(store_open(p->path, &second), -EBUSY);
        assert_null(second);
        assert_int_equal(store_reason(-EBUSY), REASON_STORE_FAILED);
}

static void test_store_damaged_file_is_refused_and_kept(void **state)
{
        struct place *p = *state;
        static const char garbage[8192] = "this is no store";
        struct stat st;
        int fd;

        p->store = store_free(p->store);
        fd = open(p->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
        assert_int_equal(close(fd), 0);

        assert_int_equal(store_open(p->path, &p->store), -EUCLEAN);
        assert_null(p->store);
        assert_int_equal(store_reason(-EUCLEAN), REASON_STORE_FAILED);
        assert_int_equal(stat(p->path, &st), 0);
        assert_int_equal(st.st_size, sizeof(garbage));
}

/* A database, but not ours: of another program, or of nobody yet. Nothing is made in it. */
static void test_store_database_of_another_program_is_refused_untouched(void **state)
{
        static const struct {
                const char *sql;
                int opened, reopened;
        } cases[] = {
                {"CREATE TABLE song (title TEXT)", STORE_E_FOREIGN, STORE_E_FOREIGN},
                {"CREATE TABLE song (title TEXT); PRAGMA user_version = 2", STORE_E_FOREIGN,
                 STORE_E_FOREIGN},
                {"CREATE TABLE device (id INTEGER); PRAGMA user_version = 1000", STORE_E_FOREIGN,
                 STORE_E_FOREIGN},
                {"PRAGMA user_version = 1", STORE_E_FOREIGN, STORE_E_FOREIGN},
                {"VACUUM", 0, STORE_E_EMPTY},
                {"", 0, STORE_E_EMPTY},
        };
        struct place *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct stat before, after;
                sqlite3 *db;

                p->store = store_free(p->store);
                assert_int_equal(truncate(p->path, 0), 0);
                assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
                assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(db), SQLITE_OK);
                assert_int_equal(stat(p->path, &before), 0);
                assert_int_equal(store_reopen(p->path, &p->store), cases[i].reopened);
                assert_int_equal(stat(p->path, &after), 0);
                assert_int_equal(after.st_size, before.st_size);
                assert_true(after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                            after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
                assert_int_equal(store_open(p->path, &p->store), cases[i].opened);
        }
}

static void test_store_is_only_reopened_where_it_was_made(void **state)
{
        struct place *p = *state;

        p->store = store_free(p->store);
        assert_int_equal(store_reopen(p->path, &p->store), 0);
        p->store = store_free(p->store);
        assert_int_equal(unlink(p->path), 0);
        assert_int_equal(store_reopen(p->path, &p->store), -ENOENT);
        assert_int_equal(access(p->path, F_OK), -1);
}

static void test_store_keeps_the_check_value_of_its_key(void **state)
{
        static const uint32_t values[] = {1, 0x7fffffff, 0x80000000, 0xffffffff};
        struct place *p = *state;
        uint32_t check = 7;

        assert_int_equal(store_key_check(p->store, &check), 0);
        assert_int_equal(check, 0);
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                assert_int_equal(store_set_key_check(p->store, values[i]), 0);
                reopen(p);
                assert_int_equal(store_key_check(p->store, &check), 0);
                assert_int_equal(check, values[i]);
        }
}

/* Every page in turn, overwritten with noise: opened with all rows or refused, never half. */
static void test_store_damaged_page_is_noticed(void **state)
{
        struct place *p = *state;
        struct sample s;
        uint8_t noise[512], kept[512];
        struct stat st;
        unsigned n_refused = 0;
        int fd;

        for (unsigned i = 1; i <= 8; i++) {
                sample_init(&s, i);
                s.device.n_config = STORE_CONFIG_MAX;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        p->store = store_free(p->store);
        memset(noise, 0xa5, sizeof(noise));
        fd = open(p->path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &st), 0);
        for (off_t at = 0; at < st.st_size; at += 4096) {
                uint64_t n;

                assert_int_equal(pread(fd, kept, sizeof(kept), at), sizeof(kept));
                assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
                if (store_open(p->path, &p->store) == -EUCLEAN) {
                        n_refused++;
                } else {
                        assert_non_null(p->store);
                        assert_int_equal(store_device_count(p->store, &n), 0);
                        assert_int_equal(n, 8);
                }
                p->store = store_free(p->store);
                assert_int_equal(pwrite(fd, kept, sizeof(kept), at), sizeof(kept));
        }
        assert_int_equal(close(fd), 0);
        assert_true(n_refused >= (unsigned)(st.st_size / 4096) / 2);
        reopen(p);
}

static void test_store_row_that_cannot_be_is_damage(void **state)
{
        static const char *const cases[] = {
                "UPDATE device SET maker = hex(zeroblob(100))",
                "UPDATE device SET config = zeroblob(4000)",
                "UPDATE ownership SET resume = zeroblob(5000)",
                "DELETE FROM ownership",
                /* Noticed at once, and so the last. */
                "PRAGMA ignore_check_constraints = ON; UPDATE device SET kind = 'other'",
        };
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        sqlite3 *db;
        int r;

        sample_init(&s, 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                p->store = store_free(p->store);
                assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
                assert_int_equal(sqlite3_exec(db, cases[i], NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(db), SQLITE_OK);
                r = store_open(p->path, &p->store);
                if (r == 0)
                        r = store_find_id(p->store, s.device.device_id, &d);
                assert_int_equal(r, -EUCLEAN);
        }
}

static void test_store_newer_schema_is_refused_untouched(void **state)
{
        struct place *p = *state;
        sqlite3 *db;

        p->store = store_free(p->store);
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_open(p->path, &p->store), STORE_E_NEWER);
        assert_null(p->store);
        assert_int_equal(store_reason(STORE_E_NEWER), REASON_STORE_FAILED);
}

static void test_store_full_disk_changes_nothing(void **state)
{
        struct place *p = *state;
        struct sample s;
        struct store_device d;
        struct disk disk;
        int r;

        p->store = store_free(p->store);
        disk_install(&disk);
        assert_int_equal(store_open(p->path, &p->store), 0);
        disk.fault = DISK_FAIL;
        disk.at_call = 1;
        disk.code = SQLITE_FULL;
        sample_init(&s, 1);
        r = store_enroll(p->store, &s.enrollment);
        assert_int_equal(r, -ENOSPC);
        assert_int_equal(store_reason(r), REASON_STORE_FULL);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), STORE_E_NONE);

        disk.fault = DISK_KEEPS_WORKING;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        p->store = store_free(p->store);
        disk_remove(&disk);
        reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
}

static void test_store_probe_wants_room(void **state)
{
        struct place *p = *state;
        struct sample s;

        assert_int_equal(store_probe_space(p->store, STORE_ROOM_BYTES), 0);
        assert_int_equal(store_probe_space(p->store, UINT64_MAX), -ENOSPC);
        /* The probe itself leaves no transaction behind. */
        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
}

/* Runs @check in a process that the permission bits apply to; its exit code. */
static int as_nobody(struct place *p, int (*check)(const char *path))
{
        pid_t child = fork();
        int status = 0;

        assert_true(child >= 0);
        if (child == 0) {
                if (geteuid() == 0 && (setgid(UID_NOBODY) < 0 || setuid(UID_NOBODY) < 0))
                        _exit(250);
                _exit(check(p->path));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int try_open(const char *path)
{
        struct store *store = NULL;
        int r = store_open(path, &store);

        (void)store_free(store);
        return -r;
}

static int try_probe_in_directory_made_read_only(const char *path)
{
        struct store *store = NULL;
        char directory[512];
        int r;

        strcpy(directory, path);
        *strrchr(directory, '/') = '\0';
        r = store_open(path, &store);
        if (r == 0 && chmod(directory, 0500) < 0)
                r = -errno;
        if (r == 0)
                r = store_probe_space(store, STORE_ROOM_BYTES);
        (void)store_free(store);
        return -r;
}

static void give_to_nobody(struct place *p, mode_t directory_mode, mode_t file_mode)
{
        char directory[512];

        p->store = store_free(p->store);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        if (geteuid() == 0) {
                assert_int_equal(chown(directory, UID_NOBODY, UID_NOBODY), 0);
                assert_int_equal(chown(p->path, UID_NOBODY, UID_NOBODY), 0);
        }
        assert_int_equal(chmod(p->path, file_mode), 0);
        assert_int_equal(chmod(directory, directory_mode), 0);
}

static void test_store_read_only_file_is_refused(void **state)
{
        struct place *p = *state;

        give_to_nobody(p, 0700, 0400);
        assert_int_equal(as_nobody(p, try_open), EACCES);
        assert_int_equal(store_reason(-EACCES), REASON_STORE_READ_ONLY);
        assert_int_equal(chmod(p->path, 0600), 0);
}

static void test_store_read_only_directory_is_refused(void **state)
{
        struct place *p = *state;
        char directory[512];

        give_to_nobody(p, 0500, 0600);
        assert_int_equal(store_reason(-as_nobody(p, try_open)), REASON_STORE_READ_ONLY);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        assert_int_equal(chmod(directory, 0700), 0);
}

static void test_store_probe_notices_read_only_directory(void **state)
{
        struct place *p = *state;
        char directory[512];

        give_to_nobody(p, 0700, 0600);
        assert_int_equal(store_reason(-as_nobody(p, try_probe_in_directory_made_read_only)),
                         REASON_STORE_READ_ONLY);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        assert_int_equal(chmod(directory, 0700), 0);
}

static void test_store_missing_parent_is_an_error(void **state)
{
        struct place *p = *state;
        char path[600];
        struct store *store = NULL;

        (void)snprintf(path, sizeof(path), "%s.none/none/enrolld.db", p->path);
        assert_int_equal(store_open(path, &store), -ENOENT);
        assert_int_equal(symlink(p->path, strcat(strcpy(path, p->path), ".link")), 0);
        assert_int_equal(store_open(path, &store), -ELOOP);
        assert_null(store);
        assert_null(store_free(NULL));
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(test_store_enrolled_device_is_found_after_reopening),
                STORE_TEST(test_store_kinds_without_our_keys_are_devices_like_others),
                STORE_TEST(test_store_each_device_tells_the_kinds_apart),
                STORE_TEST(test_store_counts_those_that_have_not_confirmed),
                STORE_TEST(test_store_largest_values_fit),
                STORE_TEST(test_store_taken_name_changes_nothing),
                STORE_TEST(test_store_new_epoch_replaces_the_device),
                STORE_TEST(test_store_lower_counter_is_superseded),
                STORE_TEST(test_store_settle_forgets_resume),
                STORE_TEST(test_store_rename_keeps_names_unique),
                STORE_TEST(test_store_remove_takes_everything_of_the_device),
                STORE_TEST(test_store_give_up_keeps_the_highest_epoch),
                STORE_TEST(test_store_each_device_walks_by_name_and_may_remove),
                STORE_TEST(test_store_outbox_lanes_keep_their_order),
                STORE_TEST(test_store_file_is_private_whatever_the_umask),
                STORE_TEST(test_store_second_opener_is_refused),
                STORE_TEST(test_store_damaged_file_is_refused_and_kept),
                STORE_TEST(test_store_database_of_another_program_is_refused_untouched),
                STORE_TEST(test_store_is_only_reopened_where_it_was_made),
                STORE_TEST(test_store_keeps_the_check_value_of_its_key),
                STORE_TEST(test_store_damaged_page_is_noticed),
                STORE_TEST(test_store_row_that_cannot_be_is_damage),
                STORE_TEST(test_store_newer_schema_is_refused_untouched),
                STORE_TEST(test_store_full_disk_changes_nothing),
                STORE_TEST(test_store_probe_wants_room),
                STORE_TEST(test_store_read_only_file_is_refused),
                STORE_TEST(test_store_read_only_directory_is_refused),
                STORE_TEST(test_store_probe_notices_read_only_directory),
                STORE_TEST(test_store_missing_parent_is_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
