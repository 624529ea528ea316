/* SPDX-License-Identifier: Apache-2.0 */

#include "support/store-sample.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/hex.h"

#define FILE_MAX (1024 * 1024) /* bytes: far above what a test stores */

#define TEXT(field, ...) ((void)snprintf((field), sizeof(field), __VA_ARGS__))

static void sample_ownership(struct store_ownership *o, unsigned number)
{
        memset(o->public_key, (int)(0x21 + number), sizeof(o->public_key));
        o->epoch = 1;
        memset(o->hub_public, (int)(0x22 + number), sizeof(o->hub_public));
        memset(o->adv_key, (int)(0x23 + number), sizeof(o->adv_key));
        o->n_resume = 5;
        memcpy(o->resume, "\0seal", 5);
}

static void sample_device(struct store_device *d, unsigned number)
{
        d->kind = STORE_ENROLLED;
        memset(d->device_id, 0x10, sizeof(d->device_id));
        memcpy(d->device_id, &number, sizeof(number));
        TEXT(d->name, "device-%u", number);
        TEXT(d->maker, "Nordlicht");
        TEXT(d->model, "Thermo One");
        TEXT(d->serial, "NL-%08u", number);
        TEXT(d->software, "1.0.%u", number);
        memset(d->code_hash, (int)(0x24 + number), sizeof(d->code_hash));
        TEXT(d->issuer, "nordlicht");
        TEXT(d->link, "ble");
        TEXT(d->location, "{\"room\":\"Kitchen\"}");
        TEXT(d->owner, "{\"person\":\"Ada\"}");
        d->n_functions = 3;
        memcpy(d->functions, "\x83\x01\x02", 3);
        d->capabilities = 7;
        d->n_config = 2;
        memcpy(d->config, "\xa0\x00", 2); /* with a zero byte: it is a blob */
        d->enrolled_at = 1700000000 + number;
        sample_ownership(&d->ownership, number);
}

static void sample_message(struct store_message *m, const struct store_device *d, const char *leaf,
                           bool informational)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];

        m->has_device = true;
        memcpy(m->device_id, d->device_id, sizeof(m->device_id));
        TEXT(m->topic, "%s/%s", leaf, hex_encode(d->device_id, sizeof(d->device_id), id));
        m->informational = informational;
        m->created_at = d->enrolled_at;
        m->n_payload = (size_t)snprintf((char *)m->payload, sizeof(m->payload),
                                        "{\"name\":\"%s\",\"leaf\":\"%s\"}", d->name, leaf);
}

void sample_init(struct sample *s, unsigned number)
{
        memset(s, 0, sizeof(*s));
        sample_device(&s->device, number);
        s->channels[0] = (struct store_channel){.number = 1,
                                                .leaf = "temperature",
                                                .class = "temperature",
                                                .unit = "°C",
                                                .direction = STORE_PUBLISH,
                                                .every_s = 60};
        s->channels[1] =
                (struct store_channel){.number = 2, .leaf = "identify", .direction = STORE_COMMAND};
        sample_message(&s->messages[0], &s->device, "enrolld-keys/home", false);
        sample_message(&s->messages[1], &s->device, "event", true);
        memcpy(s->counter.kid, "issuer-1", sizeof(s->counter.kid));
        s->counter.product = "thermo-one";
        s->counter.value = 1 + number;
        s->enrollment = (struct store_enrollment){.device = &s->device,
                                                  .channels = s->channels,
                                                  .n_channels = 2,
                                                  .messages = s->messages,
                                                  .n_messages = 2,
                                                  .counter = &s->counter};
}

void sample_init_kind(struct sample *s, unsigned number, enum store_kind kind)
{
        sample_init(s, number);
        s->device.kind = kind;
        s->device.n_functions = 0;
        memset(&s->device.ownership, 0, sizeof(s->device.ownership));
}

void sample_assert_same(const struct store_device *a, const struct store_device *b)
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
        assert_int_equal(a->presence, b->presence);
        assert_int_equal(a->sleep_s, b->sleep_s);
        assert_int_equal(a->ownership.settled, b->ownership.settled);
        assert_int_equal(a->ownership.n_resume, b->ownership.n_resume);
        assert_memory_equal(a->ownership.resume, b->ownership.resume, a->ownership.n_resume);
}

void sample_path(char *path, size_t size, const char *file)
{
        const char *tmp = getenv("TMPDIR");
        char directory[256];

        (void)snprintf(directory, sizeof(directory), "%s/enrolld-test-XXXXXX", tmp ? tmp : "/tmp");
        if (!mkdtemp(directory))
                abort();
        (void)snprintf(path, size, "%s/%s", directory, file);
}

void sample_clean(const char *path)
{
        char directory[512], entry_path[1024];
        struct dirent *entry;
        DIR *d;

        TEXT(directory, "%s", path);
        *strrchr(directory, '/') = '\0';
        d = opendir(directory);
        if (!d)
                return;
        while ((entry = readdir(d))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                (void)snprintf(entry_path, sizeof(entry_path), "%s/%s", directory, entry->d_name);
                (void)remove(entry_path);
        }
        (void)closedir(d);
        (void)rmdir(directory);
}

int store_place_set_up(void **state)
{
        static struct store_place place; /* cmocka hands it back to store_place_tear_down() */

        sample_path(place.path, sizeof(place.path), "enrolld.db");
        assert_int_equal(store_open(place.path, &place.store), 0);
        *state = &place;
        return 0;
}

int store_place_tear_down(void **state)
{
        struct store_place *p = *state;

        p->store = store_free(p->store);
        sample_clean(p->path);
        return 0;
}

void store_place_reopen(struct store_place *p)
{
        p->store = store_free(p->store);
        assert_int_equal(store_open(p->path, &p->store), 0);
}

static bool file_holds(const char *path, const void *bytes, size_t n_bytes)
{
        uint8_t *content = malloc(FILE_MAX);
        size_t n = 0;
        bool holds;
        FILE *f;

        assert_non_null(content);
        f = fopen(path, "re");
        if (f) {
                n = fread(content, 1, FILE_MAX, f);
                assert_int_equal(fclose(f), 0);
        }
        assert_true(n < FILE_MAX);
        holds = memmem(content, n, bytes, n_bytes) != NULL;
        free(content);
        return holds;
}

bool store_files_hold(const char *path, const void *bytes, size_t n_bytes)
{
        char log[512];

        TEXT(log, "%s-wal", path);
        return file_holds(path, bytes, n_bytes) || file_holds(log, bytes, n_bytes);
}
