/* SPDX-License-Identifier: Apache-2.0 */

#include "fleet.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#include "virtual.h"
#include "wire/fragment.h"
#include "wire/message.h"
#include "wire/session.h"

#define READ_BYTES 4096

struct device {
        struct fleet *fleet;
        struct virtual who;
        sd_event_source *listen, *io;
        int fd; /* of the hub's connection, -1: none */
        struct stream_reader reader;
        uint8_t message[MESSAGE_MAX];
        uint8_t *out;
        size_t n_out, out_at, out_room;
        uint8_t nonce[KDF_NONCE_BYTES];
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES]; /* of this run: its numbers begin anew */
        struct session_keys keys;
        struct session session;
        uint32_t number; /* of the last DATA */
        int64_t level;
};

struct fleet {
        sd_event *event;
        unsigned n_devices, n_open;
        struct device *devices;
};

__attribute__((noreturn)) static void fail(const char *what)
{
        (void)fprintf(stderr, "bench: a virtual device: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

/* --- bytes --- */

static void device_watch(struct device *d)
{
        (void)sd_event_source_set_io_events(d->io,
                                            d->n_out > d->out_at ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void device_hang_up(struct device *d)
{
        if (d->fd < 0)
                return;
        if (session_is_open(&d->session))
                d->fleet->n_open--;
        session_done(&d->session);
        d->io = sd_event_source_disable_unref(d->io);
        (void)close(d->fd);
        d->fd = -1;
        d->n_out = d->out_at = 0;
}

static void device_flush(struct device *d)
{
        while (d->out_at < d->n_out) {
                ssize_t n = send(d->fd, d->out + d->out_at, d->n_out - d->out_at, MSG_NOSIGNAL);

                if (n < 0)
                        break; /* it is full, or the hub is gone and EPOLLHUP says so */
                d->out_at += (size_t)n;
        }
        if (d->out_at == d->n_out)
                d->n_out = d->out_at = 0;
        device_watch(d);
}

static void device_queue(struct device *d, const uint8_t *message, size_t n_message)
{
        if (d->out_room - d->n_out < STREAM_ENCODED_MAX) {
                d->out_room = 2 * d->out_room + STREAM_ENCODED_MAX;
                d->out = realloc(d->out, d->out_room);
                if (!d->out)
                        fail("realloc");
        }
        d->n_out += stream_encode(message, n_message, d->out + d->n_out);
}

/* --- messages --- */

static void device_put(struct device *d, enum message_kind kind, uint8_t *message, size_t n_body)
{
        size_t n;

        if (session_put(&d->session, kind, message, n_body, &n) != 0)
                fail("session_put");
        device_queue(d, message, n);
}

static void device_announce(struct device *d)
{
        uint8_t message[1 + MESSAGE_ADV_BYTES] = {MESSAGE_ANNOUNCE};

        memcpy(message + 1, d->nonce, sizeof(d->nonce));
        kdf_adv_tag(d->who.adv_key, d->nonce, MESSAGE_STATE_OWNED, message + 1 + KDF_NONCE_BYTES);
        device_queue(d, message, sizeof(message));
}

static void device_say_done(struct device *d)
{
        struct message_done done = {.epoch = VIRTUAL_EPOCH};
        uint8_t message[MESSAGE_MAX];
        struct cbor_writer w;

        cbor_writer_init(&w, message + MESSAGE_BODY_AT, MESSAGE_BODY_MAX);
        memcpy(done.boot_id, d->boot_id, sizeof(done.boot_id));
        message_put_done(&w, &done);
        device_put(d, MESSAGE_DONE, message, w.n_written);
        d->fleet->n_open++;
}

/* SET takes the level, and both answer it. */
static void device_answer(struct device *d, enum message_kind kind, struct cbor_span body)
{
        struct message_value value = {.type = MESSAGE_INTEGER, .channel = VIRTUAL_LEVEL};
        struct message_command command;
        struct message_result result = {.outcome = MESSAGE_OUTCOME_DONE};
        uint8_t message[MESSAGE_MAX];
        struct cbor_writer w;

        if (message_get_command(kind, body, &command) != 0)
                fail("message_get_command");
        if (kind == MESSAGE_SET && message_values_next(&command.values, &value))
                d->level = value.integer;
        value = (struct message_value){
                .type = MESSAGE_INTEGER, .channel = VIRTUAL_LEVEL, .integer = d->level};
        result.id = command.id;
        cbor_writer_init(&w, message + MESSAGE_BODY_AT, MESSAGE_BODY_MAX);
        message_put_result(&w, &result, &value, 1);
        device_put(d, MESSAGE_RESULT, message, w.n_written);
}

static void device_take_body(struct device *d, const struct session_taken *taken)
{
        switch (taken->kind) {
        case MESSAGE_COMMIT:
                device_say_done(d);
                break;
        case MESSAGE_SET:
        case MESSAGE_GET:
                device_answer(d, taken->kind, taken->body);
                break;
        default: /* BYE: the hub hangs up */
                d->fleet->n_open--;
                break;
        }
}

static void device_take(struct device *d)
{
        struct session_taken taken;

        if (d->message[0] == MESSAGE_PROBE) {
                device_announce(d);
        } else if (session_take(&d->session, d->message, d->reader.n_message, &taken) != 0) {
                errno = EPROTO;
                fail("session_take");
        } else if (taken.event == SESSION_REPLY) {
                device_queue(d, taken.reply, taken.n_reply);
        } else if (taken.event == SESSION_BODY) {
                device_take_body(d, &taken);
        }
        device_flush(d);
}

static int device_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct device *d = userdata;
        uint8_t bytes[READ_BYTES];
        ssize_t n = 0;

        (void)source;
        if (events & EPOLLOUT)
                device_flush(d);
        if (events & ~(uint32_t)EPOLLOUT)
                n = read(fd, bytes, sizeof(bytes));
        if (n <= 0 && events & ~(uint32_t)EPOLLOUT)
                device_hang_up(d);
        for (ssize_t i = 0; i < n; i++)
                if (stream_reader_take(&d->reader, bytes[i]) == FRAGMENT_MESSAGE)
                        device_take(d);
        return 0;
}

/* --- the socket --- */

static int device_on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct device *d = userdata;

        (void)source;
        (void)events;
        device_hang_up(d);
        d->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (d->fd < 0)
                fail("accept");
        stream_reader_init(&d->reader, d->message);
        session_device_init(&d->session, &d->keys);
        if (sd_event_add_io(d->fleet->event, &d->io, d->fd, EPOLLIN, device_on_io, d) < 0)
                fail("sd_event_add_io");
        return 0;
}

static void device_listen(struct device *d, const char *path)
{
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (strlen(path) >= sizeof(where.sun_path))
                fail(path);
        memcpy(where.sun_path, path, strlen(path));
        (void)unlink(path);
        if (fd < 0 || bind(fd, (const struct sockaddr *)&where, sizeof(where)) < 0 ||
            listen(fd, 4) < 0 ||
            sd_event_add_io(d->fleet->event, &d->listen, fd, EPOLLIN, device_on_connection, d) < 0)
                fail(path);
        (void)sd_event_source_set_io_fd_own(d->listen, true);
}

static void device_init(struct device *d, const uint8_t master[32], unsigned number)
{
        virtual_make(master, number, &d->who);
        d->fd = -1;
        randombytes_buf(d->nonce, sizeof(d->nonce));
        randombytes_buf(d->boot_id, sizeof(d->boot_id));
        d->keys = (struct session_keys){
                .own_private = d->who.private_key,
                .own_public = d->who.public_key,
                .peer_public = d->who.hub_public,
                .device_id = d->who.device_id,
                .nonce = d->nonce,
                .mac_key = d->who.mac_key_own,
                .psk_own = d->who.psk_own,
                .mac_key_own = d->who.mac_key_own,
                .refusal = MESSAGE_REFUSAL_OWNED,
                .epoch = VIRTUAL_EPOCH,
        };
}

/* --- the fleet --- */

struct fleet *fleet_new(sd_event *event, const uint8_t master[32], const char *directory,
                        unsigned n_devices)
{
        struct fleet *f = calloc(1, sizeof(*f));
        char path[256];

        if (!f || !(f->devices = calloc(n_devices, sizeof(*f->devices))))
                fail("calloc");
        f->event = event;
        f->n_devices = n_devices;
        for (unsigned i = 0; i < n_devices; i++) {
                f->devices[i].fleet = f;
                device_init(&f->devices[i], master, i);
                (void)snprintf(path, sizeof(path), "%s/%u", directory, i);
                device_listen(&f->devices[i], path);
        }
        return f;
}

struct fleet *fleet_free(struct fleet *fleet)
{
        for (unsigned i = 0; fleet && i < fleet->n_devices; i++) {
                device_hang_up(&fleet->devices[i]);
                (void)sd_event_source_disable_unref(fleet->devices[i].listen);
                free(fleet->devices[i].out);
        }
        if (fleet)
                free(fleet->devices);
        free(fleet);
        return NULL;
}

const char *fleet_name(const struct fleet *fleet, unsigned device)
{
        return fleet->devices[device].who.name;
}

unsigned fleet_n_open(const struct fleet *fleet)
{
        return fleet->n_open;
}

void fleet_prepare(struct fleet *fleet, unsigned device, int64_t value)
{
        const struct message_value reading = {
                .type = MESSAGE_INTEGER, .channel = VIRTUAL_TEMPERATURE, .integer = value};
        struct device *d = &fleet->devices[device];
        uint8_t message[MESSAGE_MAX];
        struct cbor_writer w;

        cbor_writer_init(&w, message + MESSAGE_BODY_AT, MESSAGE_BODY_MAX);
        message_put_data(&w, &reading, 1, ++d->number);
        device_put(d, MESSAGE_DATA, message, w.n_written);
}

void fleet_send(struct fleet *fleet, unsigned device)
{
        device_flush(&fleet->devices[device]);
}
