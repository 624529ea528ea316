/* SPDX-License-Identifier: Apache-2.0 */

#include "support/far-end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/crypto.h"

void far_end_hold(struct far_end *f, struct link *link_take)
{
        far_end_cut(f);
        memset(&f->heard, 0, sizeof(f->heard));
        f->n_taken = 0;
        session_device_init(&f->session, &f->keys);
        link_record_hold(&f->heard, link_take);
}

void far_end_connect(struct far_end *f, struct link **ret_link)
{
        struct link *link = NULL;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
                         0);
        assert_int_equal(stream_link_new(f->event, fds[0], ret_link), 0);
        assert_int_equal(stream_link_new(f->event, fds[1], &link), 0);
        far_end_hold(f, link);
}

static void far_end_prepare(struct far_end *f, sd_event *event, const uint8_t master[32])
{
        uint8_t hub_private[32];

        memset(f, 0, sizeof(*f));
        f->event = event;
        memset(f->private_key, 0x11, sizeof(f->private_key));
        memset(f->secret, 0x5e, sizeof(f->secret));
        memset(f->nonce, 0x77, sizeof(f->nonce));
        crypto_x25519_base(f->private_key, f->public_key);
        kdf_device_id(f->public_key, f->device_id);

        kdf_hub_static(master, f->device_id, hub_private);
        crypto_x25519_base(hub_private, f->hub_public);
        kdf_psk(f->secret, f->psk);
        kdf_mac_key(f->secret, f->mac_key);
        kdf_psk_own(master, f->device_id, FAR_END_EPOCH, f->psk_own);
        kdf_own_mac_key(f->psk_own, f->mac_key_own);
        f->keys = (struct session_keys){
                .own_private = f->private_key,
                .own_public = f->public_key,
                .peer_public = f->hub_public,
                .device_id = f->device_id,
                .nonce = f->nonce,
                .psk = f->psk,
                .mac_key = f->mac_key,
                .psk_own = f->psk_own,
                .mac_key_own = f->mac_key_own,
        };
        session_device_init(&f->session, &f->keys);
}

void far_end_init(struct far_end *f, sd_event *event, const uint8_t master[32], enum keys_kind kind,
                  struct keys *ret_keys, struct link **ret_link)
{
        far_end_prepare(f, event, master);
        memset(ret_keys, 0, sizeof(*ret_keys));
        keys_begin(ret_keys, master, f->public_key);
        if (kind == KEYS_OF_CODE)
                keys_of_code(ret_keys, f->secret, f->nonce);
        else
                keys_of_ownership(ret_keys, master, FAR_END_EPOCH, f->nonce);
        far_end_connect(f, ret_link);
}

/* A new connection is a new session. */
static void far_end_on_link(void *userdata, struct link *link)
{
        struct far_end *f = userdata;

        session_device_init(&f->session, &f->keys);
        f->heard.free_on_lost = true; /* the listener has one connection at a time */
        link_record_hold(&f->heard, link);
}

static const struct stream_listener_handler far_end_listener_handler = {.on_link = far_end_on_link};

void far_end_listen(struct far_end *f, sd_event *event, const uint8_t master[32])
{
        far_end_prepare(f, event, master);
        (void)snprintf(f->address, sizeof(f->address), "unix:/tmp/far-end-%d", (int)getpid());
        assert_int_equal(
                stream_listener_new(event, f->address, &far_end_listener_handler, f, &f->listener),
                0);
}

void far_end_announce(struct far_end *f, const uint8_t adv_key[32], enum message_state state)
{
        uint8_t announce[1 + MESSAGE_ADV_BYTES] = {MESSAGE_ANNOUNCE};

        loop_until(f->event, &f->heard.n_messages, f->n_taken + 1);
        f->n_taken++;
        assert_int_equal(f->heard.message[0], MESSAGE_PROBE);
        memcpy(announce + 1, f->nonce, sizeof(f->nonce));
        kdf_adv_tag(adv_key, f->nonce, (uint8_t)state, announce + 1 + KDF_NONCE_BYTES);
        far_end_send(f, announce, sizeof(announce));
}

void far_end_take(struct far_end *f, struct session_taken *ret_taken)
{
        loop_until(f->event, &f->heard.n_messages, f->n_taken + 1);
        f->n_taken++;
        assert_int_equal(session_take(&f->session, f->heard.message, f->heard.n_message, ret_taken),
                         0);
        if (ret_taken->n_reply > 0)
                far_end_send(f, ret_taken->reply, ret_taken->n_reply);
}

void far_end_shake_hands(struct far_end *f, enum keys_kind kind)
{
        struct session_taken taken;

        far_end_take(f, &taken);
        assert_int_equal(taken.event, SESSION_REPLY);
        if (kind == KEYS_OF_OWNERSHIP)
                return;
        far_end_take(f, &taken);
        assert_int_equal(taken.event, SESSION_READY);
}

void far_end_expect(struct far_end *f, enum message_kind kind)
{
        struct session_taken taken;

        far_end_take(f, &taken);
        assert_int_equal(taken.event, SESSION_BODY);
        assert_int_equal(taken.kind, kind);
}

void far_end_say(struct far_end *f, enum message_kind kind, const uint8_t *body, size_t n_body)
{
        uint8_t message[MESSAGE_MAX];
        size_t n;

        memcpy(message + MESSAGE_BODY_AT, body, n_body);
        assert_int_equal(session_put(&f->session, kind, message, n_body, &n), 0);
        far_end_send(f, message, n);
}

void far_end_say_number(struct far_end *f, enum message_kind kind, uint32_t number)
{
        struct cbor_writer w;
        uint8_t body[16];

        cbor_writer_init(&w, body, sizeof(body));
        message_put_number(&w, number);
        far_end_say(f, kind, body, w.n_written);
}

void far_end_say_done(struct far_end *f, uint32_t epoch)
{
        const struct message_done done = {.epoch = epoch, .boot_id = FAR_END_BOOT_ID};
        struct cbor_writer w;
        uint8_t body[24];

        cbor_writer_init(&w, body, sizeof(body));
        message_put_done(&w, &done);
        far_end_say(f, MESSAGE_DONE, body, w.n_written);
}

void far_end_send(struct far_end *f, const uint8_t *bytes, size_t n_bytes)
{
        assert_int_equal(link_send(f->heard.link, bytes, n_bytes), 0);
}

void far_end_cut(struct far_end *f)
{
        f->heard.link = link_free(f->heard.link);
}

void far_end_done(struct far_end *f)
{
        far_end_cut(f);
        f->listener = stream_listener_free(f->listener);
}
