/* SPDX-License-Identifier: Apache-2.0 */

/* What is stored of devices, and with them; the store itself is in test-store.c. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "store/device.h"
#include "support/store-sample.h"
#include "util/defer.h"

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

static void test_device_enrolled_device_is_found_after_reopening(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        struct store_message m;
        uint32_t counter;
        uint64_t n;
        size_t n_channels;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);

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

/* Of every type one channel, with the limits that it may have. */
static void test_device_channels_keep_their_limits(void **state)
{
        static const struct store_channel given[] = {
                {.number = 1,
                 .leaf = "target",
                 .direction = STORE_BOTH,
                 .category = STORE_CONFIG,
                 .has_range = true,
                 .low = INT64_MIN,
                 .high = INT64_MAX,
                 .step = 5,
                 .exponent = -18},
                {.number = 2, .leaf = "on", .direction = STORE_BOTH, .type = STORE_SWITCH},
                {.number = 3,
                 .leaf = "mode",
                 .direction = STORE_BOTH,
                 .type = STORE_ENUMERATION,
                 .words = "heat cool"},
                {.number = 4,
                 .leaf = "label",
                 .direction = STORE_BOTH,
                 .type = STORE_TEXT,
                 .length = 64},
                {.number = 5, .leaf = "go", .direction = STORE_COMMAND, .type = STORE_BUTTON},
                {.number = 6,
                 .leaf = "press",
                 .direction = STORE_PUBLISH,
                 .category = STORE_DIAGNOSTIC,
                 .type = STORE_EVENT,
                 .words = "single"},
        };
        struct store_place *p = *state;
        struct store_channel channels[ELEMENTSOF(given)];
        struct sample s;
        size_t n;

        sample_init(&s, 1);
        s.enrollment.channels = given;
        s.enrollment.n_channels = ELEMENTSOF(given);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);
        assert_int_equal(
                store_channels(p->store, s.device.device_id, ELEMENTSOF(channels), channels, &n),
                0);
        assert_int_equal(n, ELEMENTSOF(given));
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(channels[i].direction, given[i].direction);
                assert_int_equal(channels[i].type, given[i].type);
                assert_int_equal(channels[i].category, given[i].category);
                assert_int_equal(channels[i].has_range, given[i].has_range);
                assert_int_equal(channels[i].low, given[i].low);
                assert_int_equal(channels[i].high, given[i].high);
                assert_int_equal(channels[i].step, given[i].step);
                assert_int_equal(channels[i].exponent, given[i].exponent);
                assert_int_equal(channels[i].length, given[i].length);
                assert_string_equal(channels[i].words, given[i].words);
        }
}

static void test_device_groups_and_presence_go_with_it(void **state)
{
        static const struct store_member given[] = {
                {.group = 1, .kind = "lock", .role = "state", .channel = 2},
                {.group = 1, .kind = "lock", .role = "command", .channel = 1},
        };
        struct store_place *p = *state;
        struct store_member members[2];
        struct store_device d;
        struct sample s;
        size_t n;

        sample_init(&s, 1);
        s.device.presence = STORE_SLEEPS;
        s.device.sleep_s = 3600;
        s.enrollment.members = given;
        s.enrollment.n_members = ELEMENTSOF(given);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_int_equal(d.presence, STORE_SLEEPS);
        assert_int_equal(d.sleep_s, 3600);
        assert_int_equal(store_members(p->store, d.device_id, 2, members, &n), 0);
        assert_int_equal(n, 2);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(members[i].group, 1);
                assert_string_equal(members[i].kind, "lock");
                assert_string_equal(members[i].role, given[i].role);
                assert_int_equal(members[i].channel, given[i].channel);
        }
        assert_int_equal(store_members(p->store, d.device_id, 1, members, &n), -ENOBUFS);

        /* They belong to what was enrolled, and to nothing after it. */
        s.enrollment.n_members = 0;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_members(p->store, d.device_id, 2, members, &n), 0);
        assert_int_equal(n, 0);
}

/* The kinds without an ownership go through every verb like the enrolled, and nothing settles. */
static void test_device_kinds_without_our_keys_are_devices_like_others(void **state)
{
        static const enum store_kind kinds[] = {STORE_GATT, STORE_BROADCAST};
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        size_t n_channels;
        uint64_t n;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                sample_init_kind(&s, 1 + i, kinds[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                store_place_reopen(p);
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

static void test_device_each_device_tells_the_kinds_apart(void **state)
{
        static const enum store_kind kinds[] = {STORE_ENROLLED, STORE_GATT, STORE_ENROLLED,
                                                STORE_BROADCAST};
        struct store_place *p = *state;
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

static void test_device_counts_those_that_have_not_confirmed(void **state)
{
        struct store_place *p = *state;
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

static void test_device_largest_values_fit(void **state)
{
        struct store_place *p = *state;
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

/* Every name of a link, and the longest that there may be. */
static void test_device_keeps_over_what_it_was_enrolled(void **state)
{
        static const char *const links[] = {"ble", "ble-coc", "stream", "fifteen letters"};
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;

        for (unsigned i = 0; i < ELEMENTSOF(links); i++) {
                sample_init(&s, 1 + i);
                s.enrollment.counter = NULL;
                (void)snprintf(s.device.link, sizeof(s.device.link), "%s", links[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                assert_string_equal(d.link, links[i]);
        }
        sample_init(&s, 1 + ELEMENTSOF(links));
        s.enrollment.counter = NULL;
        s.device.link[0] = '\0';
        assert_true(store_enroll(p->store, &s.enrollment) < 0);
}

static void test_device_taken_name_changes_nothing(void **state)
{
        struct store_place *p = *state;
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

static void test_device_new_epoch_replaces_the_device(void **state)
{
        struct store_place *p = *state;
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

static void test_device_lower_counter_is_superseded(void **state)
{
        struct store_place *p = *state;
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

static void test_device_settle_forgets_resume(void **state)
{
        struct store_place *p = *state;
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
        store_place_reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_true(d.ownership.settled);
        assert_int_equal(d.ownership.n_resume, 0);
}

static void test_device_rename_keeps_names_unique(void **state)
{
        struct store_place *p = *state;
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
        store_place_reopen(p);
        assert_int_equal(store_find_name(p->store, "lamp", &d), 0);
        assert_memory_equal(d.device_id, two.device.device_id, sizeof(d.device_id));
}

static void test_device_remove_takes_everything_of_the_device(void **state)
{
        struct store_place *p = *state;
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

static void test_device_removed_keeps_the_highest_epoch(void **state)
{
        struct store_place *p = *state;
        struct store_device d;
        struct sample one;
        uint32_t epoch = 99;
        uint64_t n;

        sample_init(&one, 1);
        assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), STORE_E_NONE);
        assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch),
                         STORE_E_NONE);
        for (uint32_t given_up = 7; given_up >= 6; given_up--) {
                one.device.ownership.epoch = given_up;
                assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
                assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), 0);
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

static void test_device_each_device_walks_by_name_and_may_remove(void **state)
{
        struct store_place *p = *state;
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

static int walk_on_unsettled(void *userdata, const struct store_device *device)
{
        struct walk *w = userdata;

        strcat(strcat(w->names, device->name), " ");
        return store_settle(w->store, device->device_id, 1);
}

static void test_device_walk_begins_behind_a_name(void **state)
{
        struct store_place *p = *state;
        struct walk w = {.store = p->store};
        struct sample s;

        for (unsigned i = 1; i < 6; i++) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device_after(p->store, "device-3", walk_on_device, &w), 0);
        assert_string_equal(w.names, "device-4 device-5 ");
        w.names[0] = '\0';
        assert_int_equal(store_each_device_after(p->store, "device-20", walk_on_device, &w), 0);
        assert_string_equal(w.names, "device-3 "); /* there is none of that name */
}

static void test_device_each_unsettled_may_be_settled(void **state)
{
        struct store_place *p = *state;
        struct walk w = {.store = p->store};
        struct sample s;
        uint64_t n;

        for (unsigned i = 5; i > 0; i--) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                if (i % 2 == 0)
                        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        }
        sample_init_kind(&s, 6, STORE_BROADCAST);
        s.enrollment.counter = NULL;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_each_unsettled(p->store, walk_on_unsettled, &w), 0);
        assert_string_equal(w.names, "device-5 device-3 device-1 ");
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 0);
}

static void test_device_half_of_an_identifier_finds_it(void **state)
{
        uint8_t half[STORE_DEVICE_ID_BYTES / 2];
        struct store_place *p = *state;
        struct store_device d;
        struct sample s;

        for (unsigned i = 1; i < 4; i++) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        sample_init(&s, 2);
        memcpy(half, s.device.device_id, sizeof(half));
        assert_int_equal(store_find_half(p->store, half, &d), 0);
        assert_string_equal(d.name, "device-2");
        half[sizeof(half) - 1]++;
        assert_int_equal(store_find_half(p->store, half, &d), STORE_E_NONE);
}

static void test_device_outbox_lanes_keep_their_order(void **state)
{
        struct store_place *p = *state;
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

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_device_enrolled_device_is_found_after_reopening),
                TEST(test_device_channels_keep_their_limits),
                TEST(test_device_groups_and_presence_go_with_it),
                TEST(test_device_kinds_without_our_keys_are_devices_like_others),
                TEST(test_device_each_device_tells_the_kinds_apart),
                TEST(test_device_counts_those_that_have_not_confirmed),
                TEST(test_device_largest_values_fit),
                TEST(test_device_keeps_over_what_it_was_enrolled),
                TEST(test_device_taken_name_changes_nothing),
                TEST(test_device_new_epoch_replaces_the_device),
                TEST(test_device_lower_counter_is_superseded),
                TEST(test_device_settle_forgets_resume),
                TEST(test_device_rename_keeps_names_unique),
                TEST(test_device_remove_takes_everything_of_the_device),
                TEST(test_device_removed_keeps_the_highest_epoch),
                TEST(test_device_each_device_walks_by_name_and_may_remove),
                TEST(test_device_walk_begins_behind_a_name),
                TEST(test_device_each_unsettled_may_be_settled),
                TEST(test_device_half_of_an_identifier_finds_it),
                TEST(test_device_outbox_lanes_keep_their_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
