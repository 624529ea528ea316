/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * libenroll-device: the device's end of an enrollment, and of everything after it.
 *
 * C99, no allocation, no operating system, no clock, no thread. The board places one struct
 * enroll_device and one buffer of MESSAGE_MAX bytes, supplies the functions of struct
 * ownership_port and those of wire/crypto.h, and passes on what arrives:
 *
 *     enroll_device_init()            once, after power has come
 *     enroll_device_advertisement()   what to advertise, after every call below
 *     enroll_device_link_up()         somebody has connected
 *     enroll_device_feed()            a whole message has arrived; it answers in place
 *     enroll_device_link_lost()       the connection is gone
 *     enroll_device_tick()            enroll_device_wait_ms() have passed
 *     enroll_device_data()            the device has values to send
 *     enroll_device_answer()          a command of the hub has been carried out, or cannot be
 *     enroll_device_call_hub()        the device has values to send, and no hub is there
 *     enroll_device_reset()           a person holds the button
 *     enroll_device_moved()           the Bluetooth address changes
 *
 * README.md beside this file has the main loop of a board, and what it must supply.
 *
 * Normative: doc/protocol.md.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/ownership.h"
#include "wire/message.h"
#include "wire/session.h"

#define ENROLL_FOR_EVER UINT32_MAX

/*
 * What was put into the device when it was made, each 32 bytes. The arrays stay in place.
 *
 * A device that has erased S starts with NULL for it and the two keys that kdf_adv_key() and
 * kdf_mac_key() made of it before. It cannot be enrolled like that: after a reset the board reads
 * the factory's copy of S, and starts again with it.
 */
struct enroll_identity {
        const uint8_t *private_key;       /* d, secret */
        const uint8_t *public_key;        /* D */
        const uint8_t *secret;            /* S, the same as in the device's code */
        const uint8_t *adv_key, *mac_key; /* K_adv and K_mac; not looked at where S is */
};

/* What a call led to, and what the board does about it. "Send" is the message in the buffer. */
enum enroll_event {
        ENROLL_NOTHING,    /* nothing */
        ENROLL_SEND,       /* send */
        ENROLL_SEND_CLOSE, /* send, then close the link */
        ENROLL_CLOSE,      /* close the link; a stream stays open and waits */
        ENROLL_OWNED,      /* send; the device has its owner, and may send data from now on */
        ENROLL_COMMANDED,  /* carry out enroll_device_command(), and answer */
        ENROLL_RELEASED,   /* close the link if one is up; nobody finished what was staged */
};

/* What is small comes first: a small processor reaches it in one instruction. */
struct enroll_device {
        /* of the call under way: the buffer, the bytes of the answer in it, and its body */
        uint8_t *message;
        size_t n_message;
        struct cbor_writer body;

        bool has_secret;
        bool on_air;   /* the link is not one that a PROBE opens */
        bool probed;   /* the stream's hub has asked for the nonce */
        bool waiting;  /* it has something to say, and no hub has come since */
        uint8_t point; /* where the half waits for the hub */
        const struct enroll_identity *identity;
        uint32_t now_ms;
        uint32_t session_left_ms, fail_safe_left_ms; /* or ENROLL_FOR_EVER */
        uint32_t nonce_left_ms; /* 0 while a hub may still answer to a nonce that has expired */
        struct session_keys keys;
        struct message_command command;
        struct session_taken taken; /* these two here, because they are much for a stack */
        struct message_stage stage;
        uint8_t advertisement[MESSAGE_ADV_BYTES];
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
        uint8_t device_id[KDF_DEVICE_ID_BYTES];
        uint8_t psk[KDF_KEY_BYTES], adv_key[KDF_KEY_BYTES], mac_key[KDF_KEY_BYTES];
        uint8_t mac_key_own[KDF_KEY_BYTES];
        struct session session;
        struct ownership ownership;
};

/**
 * enroll_device_init() - read the record, put it into force, and be ready for a hub
 * @d:        placed by the board, about 3 KB; what was in it is lost
 * @identity: stays in place
 * @port:     what the board does, stays in place
 * @board:    passed to the functions of @port
 * @now_ms:   any clock that runs on steadily and wraps at 2^32
 *
 * Return: 0, or -1 if the cryptography or the memory does not work, and then the device must not
 * be used.
 */
int enroll_device_init(struct enroll_device *d, const struct enroll_identity *identity,
                       const struct ownership_port *port, void *board, uint32_t now_ms);

/* The state of the record, enum message_state without WAITING; and the highest epoch ever taken. */
uint8_t enroll_device_state(const struct enroll_device *d);
uint32_t enroll_device_epoch(const struct enroll_device *d);

/*
 * The 10 bytes of service data. They change with the state, with the address, after a first message
 * with a valid mac1, and every 15 min, but not while a link is up whose hub answers to them.
 */
const uint8_t *enroll_device_advertisement(const struct enroll_device *d);

/*
 * Somebody has connected over a link that carries one hub at a time, and is given 10 s to say
 * something. Not for streams, which are always open.
 */
void enroll_device_link_up(struct enroll_device *d);

/**
 * enroll_device_feed() - take one message of the hub, and answer in its place
 * @d:       set up by enroll_device_init()
 * @message: one whole message as the link put it together, in a buffer of MESSAGE_MAX bytes
 * @n:       bytes of it, 1 to MESSAGE_MAX; everything else fails
 * @ret_n:   bytes of the answer, which is in @message; 0 if there is none
 *
 * Takes at most three curve operations, and as long as the board's functions take that a half
 * calls. Not reentrant. Without a valid mac1 there is no curve operation and no answer. Whatever is
 * wrong is the same on the air: the session is wiped and the link is to be closed. When this
 * returns, what it says has reached the memory.
 *
 * Source: doc/protocol.md sections 3 to 6.
 * Return: one of enum enroll_event, not RELEASED.
 */
enum enroll_event enroll_device_feed(struct enroll_device *d, uint8_t message[MESSAGE_MAX],
                                     size_t n, size_t *ret_n);

/*
 * After COMMANDED and before the buffer is used again: SET, whose values message_values_next()
 * takes one by one, or GET with message_channels_next(). A copy of the walk can be walked again:
 * once to check, once to carry out, because a SET is done as a whole or not at all.
 */
const struct message_command *enroll_device_command(const struct enroll_device *d);

/**
 * enroll_device_answer() - make RESULT in @message
 * @d:       was COMMANDED, at most 5 s ago
 * @result:  the command's id; the outcome; a text of at most 64 bytes, or none
 * @values:  what is in force now; channels ascend, and no text is in @message
 * @n_values: 0 for none
 * @message: a buffer of MESSAGE_MAX bytes
 * @ret_n:   bytes of the answer; 0 if there is none
 *
 * Return: SEND; NOTHING if no command with this id waits any more; CLOSE if the session is used up
 * or the values are too long.
 */
enum enroll_event enroll_device_answer(struct enroll_device *d, const struct message_result *result,
                                       const struct message_value *values, size_t n_values,
                                       uint8_t message[MESSAGE_MAX], size_t *ret_n);

/*
 * Makes DATA of the values, whose channels ascend, in @message. @number counts the DATA of the
 * board since its start, from 0, over all sessions; the hub takes no number twice, so what may not
 * have arrived can be sent again under its own. SEND; NOTHING while no hub is connected whose the
 * device is; CLOSE if the session is used up or the values are too long.
 */
enum enroll_event enroll_device_data(struct enroll_device *d, const struct message_value *values,
                                     size_t n_values, uint32_t number, uint8_t message[MESSAGE_MAX],
                                     size_t *ret_n);

/*
 * The device has something to say and no hub is connected: it advertises so while it is owned,
 * until its hub has come.
 */
void enroll_device_call_hub(struct enroll_device *d);

/* Makes BYE: SEND_CLOSE, or NOTHING as above. */
enum enroll_event enroll_device_bye(struct enroll_device *d, uint8_t message[MESSAGE_MAX],
                                    size_t *ret_n);

/* The link is gone. What is pending stays so. */
void enroll_device_link_lost(struct enroll_device *d);

/*
 * Time has passed: NOTHING, CLOSE or RELEASED. Call it before each of the other calls too: it is
 * how the library learns the time.
 */
enum enroll_event enroll_device_tick(struct enroll_device *d, uint32_t now_ms);

/* The time in ms until enroll_device_tick() must be called, or ENROLL_FOR_EVER. */
uint32_t enroll_device_wait_ms(const struct enroll_device *d);

/*
 * The board's Bluetooth address changes now: so does the advertisement, or it would connect the old
 * address with the new one.
 */
void enroll_device_moved(struct enroll_device *d);

/* Returns to the factory state, except for the epoch; a link is to be closed. 0, or -1 as above. */
int enroll_device_reset(struct enroll_device *d);
