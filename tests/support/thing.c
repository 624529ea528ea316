/* SPDX-License-Identifier: Apache-2.0 */

#include "support/thing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"

static void thing_make(const struct thing *t, const uint8_t private_key[32],
                       const uint8_t secret[32])
{
        char private_digits[65], secret_digits[65];
        FILE *file = fopen(t->factory, "w");

        assert_non_null(file);
        (void)fprintf(file,
                      "{\"private_key\":\"%s\",\"secret\":\"%s\",\"serial\":\"TH-1\","
                      "\"software\":\"1.0\"}",
                      hex_encode(private_key, 32, private_digits),
                      hex_encode(secret, 32, secret_digits));
        assert_int_equal(fclose(file), 0);
}

void thing_init(struct thing *t, sd_event *event, const uint8_t private_key[32],
                const uint8_t secret[32])
{
        memset(t, 0, sizeof(*t));
        t->event = event;
        strcpy(t->directory, "/tmp/enrolld-thing-XXXXXX");
        assert_non_null(mkdtemp(t->directory));
        (void)snprintf(t->factory, sizeof(t->factory), "%s/factory.device", t->directory);
        (void)snprintf(t->address, sizeof(t->address), "unix:%s/socket", t->directory);
        thing_make(t, private_key, secret);
        t->thermometer.identity = &t->identity;
        t->thermometer.identity_path = t->factory;
}

void thing_start(struct thing *t)
{
        char error[IDENTITY_ERROR_BYTES];

        assert_int_equal(memory_open(t->directory, &t->memory), 0);
        if (identity_recall(&t->identity, t->memory, error) < 0)
                assert_int_equal(identity_read(&t->identity, t->factory, error), 0);
        t->thermometer.memory = t->memory;
        assert_int_equal(host_new(t->event, &t->thermometer, HOST_FAULT_NONE, "", &t->host), 0);
}

void thing_stop(struct thing *t)
{
        t->listener = stream_listener_free(t->listener);
        t->host = host_free(t->host);
        t->memory = memory_free(t->memory);
}

static void thing_on_link(void *userdata, struct link *link)
{
        struct thing *t = userdata;

        host_take_link(t->host, link, true);
}

static const struct stream_listener_handler thing_listener_handler = {.on_link = thing_on_link};

void thing_listen(struct thing *t)
{
        assert_int_equal(
                stream_listener_new(t->event, t->address, &thing_listener_handler, t, &t->listener),
                0);
}

void thing_done(struct thing *t)
{
        char command[96];

        thing_stop(t);
        (void)snprintf(command, sizeof(command), "rm -rf %s", t->directory);
        assert_int_equal(system(command), 0);
}
