/* SPDX-License-Identifier: Apache-2.0 */

#include "talk/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/crypto.h"

struct world world;

/* [[16, 1], [17, 1, [1]], [18, 1, 1, 60], [18, 4, 5, -5, 6, 30], [19, 1, 2, 6], [20, 1]] */
const uint8_t half_plain[] = {0x86, 0x82, 0x10, 0x01, 0x83, 0x11, 0x01, 0x81, 0x01, 0x84, 0x12,
                              0x01, 0x01, 0x18, 0x3c, 0x86, 0x12, 0x04, 0x05, 0x24, 0x06, 0x18,
                              0x1e, 0x84, 0x13, 0x01, 0x02, 0x06, 0x82, 0x14, 0x01};
const size_t n_half_plain = sizeof(half_plain);

/* [[16, 1], [17, 1, [1]], [6, 7], [18, 1, 1, 60], [6, 9], [18, 4], [19, 1]] */
const uint8_t half_sync[] = {0x87, 0x82, 0x10, 0x01, 0x83, 0x11, 0x01, 0x81, 0x01,
                             0x82, 0x06, 0x07, 0x84, 0x12, 0x01, 0x01, 0x18, 0x3c,
                             0x82, 0x06, 0x09, 0x82, 0x12, 0x04, 0x82, 0x13, 0x01};
const size_t n_half_sync = sizeof(half_sync);

/* [[17, 1, "x"], [18, 1], [18, 4], [20, 3]] */
const uint8_t half_fuse[] = {0x84, 0x83, 0x11, 0x01, 0x61, 0x78, 0x82, 0x12,
                             0x01, 0x82, 0x12, 0x04, 0x82, 0x14, 0x03};
const size_t n_half_fuse = sizeof(half_fuse);

/* {1: "kitchen"} */
static const uint8_t supplied[] = {0xa1, 0x01, 0x67, 'k', 'i', 't', 'c', 'h', 'e', 'n'};

static jmp_buf power;

/* --- the board --- */

static int board_read(void *board, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        (void)board;
        memset(ret_bytes, 0xff, n_bytes);
        memcpy(ret_bytes, world.flash[slot], n_bytes < WORLD_FLASH ? n_bytes : WORLD_FLASH);
        return 0;
}

static int board_write(void *board, unsigned slot, const void *bytes, size_t n_bytes)
{
        size_t n = n_bytes;

        (void)board;
        assert(n_bytes <= WORLD_FLASH);
        if (world.board.memory_fails)
                return -1;
        world.n_writes++;
        if (world.cut == CUT_FAILS && world.n_writes == world.cut_write)
                return -1;
        if (world.cut != CUT_NONE && world.n_writes == world.cut_write)
                n = world.cut == CUT_BEFORE ? 0 : world.cut == CUT_TORN ? n_bytes / 2 : n_bytes;
        memcpy(world.flash[slot], bytes, n);
        if (world.cut != CUT_NONE && world.n_writes == world.cut_write)
                longjmp(power, 1);
        return 0;
}

static int board_set(void *board, unsigned parameter, const struct value *value)
{
        (void)board;
        (void)value;
        if (parameter == PROGRAM_PARAMETER_NAME)
                world.board.named = true;
        return 0;
}

static void board_unset(void *board, unsigned parameter)
{
        (void)board;
        if (parameter == PROGRAM_PARAMETER_NAME)
                world.board.named = false;
}

static int board_call(void *board, unsigned function, const struct ownership_argument *arguments,
                      size_t n_arguments)
{
        (void)board;
        (void)arguments;
        (void)n_arguments;
        if (function != 1 && function != 4)
                return BOARD_E_UNKNOWN;
        if (world.board.broken && function == 4)
                return BOARD_E_FAILED;
        world.board.calls |= (uint8_t)(1U << function);
        world.board.n_calls++;
        return 0;
}

static void board_undo(void *board, unsigned function)
{
        (void)board;
        world.board.calls &= (uint8_t) ~(1U << function);
        world.board.n_undos++;
}

static int board_item(void *board, unsigned item, struct value *ret_value)
{
        static const uint8_t serial[] = "N1-000042";

        (void)board;
        if (item != PROGRAM_ITEM_SERIAL)
                return BOARD_E_UNKNOWN;
        ret_value->kind = VALUE_TEXT;
        ret_value->span = (struct cbor_span){serial, sizeof(serial) - 1};
        return 0;
}

static int board_erase(void *board)
{
        (void)board;
        if (!world.board.erased) {
                kdf_adv_key(world.device_secret, world.board.adv_key);
                kdf_mac_key(world.device_secret, world.board.mac_key);
        }
        world.board.erased = true;
        crypto_wipe(world.device_secret, sizeof(world.device_secret));
        return 0;
}

static int board_fuse(void *board)
{
        (void)board;
        world.board.n_fuses++;
        return 0;
}

static const struct ownership_port port = {
        .slot = {.read = board_read, .write = board_write},
        .set = board_set,
        .unset = board_unset,
        .call = board_call,
        .undo = board_undo,
        .item = board_item,
        .erase = board_erase,
        .fuse = board_fuse,
};

static const struct enroll_identity identity = {
        .private_key = world.device_private,
        .public_key = world.device_public,
        .secret = world.device_secret,
};

static const struct enroll_identity identity_erased = {
        .private_key = world.device_private,
        .public_key = world.device_public,
        .adv_key = world.board.adv_key,
        .mac_key = world.board.mac_key,
};

/* --- the link --- */

static void queue_push(struct world_queue *queue, const uint8_t *bytes, size_t n)
{
        struct world_message *message = &queue->messages[queue->n];

        assert(n > 0 && n <= sizeof(message->bytes));
        if (queue->n == WORLD_FLIGHT)
                return;
        memcpy(message->bytes, bytes, n);
        message->n = n;
        queue->n++;
        world.n_messages++;
}

static size_t queue_pop(struct world_queue *queue, uint8_t *ret_bytes)
{
        size_t n = queue->messages[0].n;

        assert(queue->n > 0);
        memcpy(ret_bytes, queue->messages[0].bytes, n);
        queue->n--;
        memmove(queue->messages, queue->messages + 1, queue->n * sizeof(queue->messages[0]));
        return n;
}

static void link_down(void)
{
        world.to_device.n = world.to_hub.n = 0;
        if (world.linked >= 0) {
                session_done(&world.hubs[world.linked].session);
                world.hubs[world.linked].epoch = 0;
        }
        world.linked = -1;
}

/* Both ends hear of it. */
void world_link_lost(void)
{
        link_down();
        enroll_device_link_lost(&world.device);
}

/* --- the device --- */

static void device_init(void)
{
        int r;

        memset(&world.board.calls, 0, sizeof(world.board.calls));
        world.board.named = world.board.lamp = false;
        world.n_data = 0;
        world.cut = CUT_NONE;
        r = enroll_device_init(&world.device, world.board.erased ? &identity_erased : &identity,
                               &port, NULL, world.now_ms);
        assert(r == 0);
        (void)r;
}

/* A device that nobody owns has its secret from the factory. */
static void device_start(void)
{
        device_init();
        if (enroll_device_state(&world.device) != MESSAGE_STATE_FACTORY || !world.board.erased)
                return;
        memcpy(world.device_secret, world.secret, sizeof(world.secret));
        world.board.erased = false;
        device_init();
}

void world_device_power_cut(void)
{
        link_down();
        memset(&world.device, 0xdd, sizeof(world.device));
        device_start();
}

void world_device_reset(void)
{
        int r;

        r = enroll_device_reset(&world.device);
        assert(r == 0);
        (void)r;
        memcpy(world.device_secret, world.secret, sizeof(world.secret));
        world.board.erased = false;
        world_device_power_cut();
}

/* Channel 2 is the lamp; nothing else is there. */
static enum message_outcome board_switch(struct message_values values)
{
        struct message_value value;

        while (message_values_next(&values, &value)) {
                if (value.channel != 2)
                        return MESSAGE_OUTCOME_CHANNEL;
                if (value.type != MESSAGE_BOOLEAN)
                        return MESSAGE_OUTCOME_VALUE;
                world.board.lamp = value.integer != 0;
        }
        return MESSAGE_OUTCOME_DONE;
}

static void board_command(uint8_t *message)
{
        const struct message_command *command = enroll_device_command(&world.device);
        struct message_result result = {.id = command->id};
        struct message_value lamp = {.channel = 2, .type = MESSAGE_BOOLEAN};
        size_t n;

        if (command->kind == MESSAGE_SET)
                result.outcome = (uint8_t)board_switch(command->values);
        lamp.integer = world.board.lamp;
        if (enroll_device_answer(&world.device, &result, &lamp, 1, message, &n) == ENROLL_SEND)
                queue_push(&world.to_hub, message, n);
}

static void board_measure(uint8_t *message)
{
        const struct message_value value = {
                .channel = 1, .integer = 2150, .exponent = -2, .type = MESSAGE_DECIMAL};
        size_t n;

        if (enroll_device_data(&world.device, &value, 1, world.n_data, message, &n) ==
            ENROLL_SEND) {
                world.n_data++;
                queue_push(&world.to_hub, message, n);
        }
}

static void device_did(enum enroll_event event, uint8_t *message, size_t n)
{
        if (n > 0)
                queue_push(&world.to_hub, message, n);
        if (event == ENROLL_CLOSE || event == ENROLL_RELEASED) {
                world_link_lost();
        } else if (event == ENROLL_SEND_CLOSE) {
                /* The last message still arrives; then the link is gone. */
                enroll_device_link_lost(&world.device);
        } else if (event == ENROLL_OWNED) {
                board_measure(message);
        } else if (event == ENROLL_COMMANDED) {
                board_command(message);
        }
}

void world_deliver_to_device(void)
{
        static uint8_t message[MESSAGE_MAX];
        size_t n = queue_pop(&world.to_device, message);
        enum enroll_event event;
        uint8_t before = enroll_device_state(&world.device);

        world.n_writes = 0;
        if (setjmp(power) != 0) {
                world_device_power_cut();
                return;
        }
        event = enroll_device_feed(&world.device, message, n, &n);
        world.cut = CUT_NONE;
        device_did(event, message, n);
        if (before == MESSAGE_STATE_OWNED &&
            enroll_device_state(&world.device) == MESSAGE_STATE_FACTORY)
                device_start();
}

uint32_t world_patience_ms(void)
{
        const struct enroll_device *d = &world.device;

        return d->session_left_ms < d->fail_safe_left_ms ? d->session_left_ms
                                                         : d->fail_safe_left_ms;
}

void world_device_waits(void)
{
        uint32_t wait = world_patience_ms();

        if (wait == ENROLL_FOR_EVER)
                return;
        world.n_writes = 0;
        if (setjmp(power) != 0) {
                world_device_power_cut();
                return;
        }
        world.now_ms += wait;
        device_did(enroll_device_tick(&world.device, world.now_ms), NULL, 0);
        world.cut = CUT_NONE;
}

/* --- the hub --- */

static void hub_write(struct world_hub *hub, uint8_t state, uint32_t epoch)
{
        enum world_cut cut = world.hub_cut;

        world.hub_cut = CUT_NONE;
        if (cut != CUT_BEFORE && cut != CUT_TORN) {
                hub->row.state = state;
                hub->row.epoch = epoch;
                if (state != ROW_UNSETTLED)
                        hub->has_code = false;
                if (state == ROW_NONE)
                        hub->releases = false;
        }
        if (cut != CUT_NONE)
                longjmp(power, 1);
}

void world_hub_power_cut(int which)
{
        struct world_hub *hub = &world.hubs[which];

        session_done(&hub->session);
        hub->epoch = 0;
        hub->enrolls_next = false;
        if (world.linked == which)
                world_link_lost();
}

void world_hub_say(int which, enum message_kind kind, const uint8_t *body, size_t n_body)
{
        uint8_t message[WORLD_MESSAGE];
        size_t n;

        memcpy(message + MESSAGE_BODY_AT, body, n_body);
        if (session_put(&world.hubs[which].session, kind, message, n_body, &n) == 0)
                queue_push(&world.to_device, message, n);
}

static void hub_say_number(int which, enum message_kind kind, uint32_t number)
{
        struct cbor_writer w;
        uint8_t body[16];

        cbor_writer_init(&w, body, sizeof(body));
        message_put_number(&w, number);
        world_hub_say(which, kind, body, w.n_written);
}

static void hub_on_hello(int which, struct cbor_span body)
{
        struct world_hub *hub = &world.hubs[which];
        struct message_hello hello;
        struct message_stage stage;
        struct cbor_writer w;
        uint8_t bytes[WORLD_MESSAGE - 32];

        if (message_get_hello(body, &hello))
                return;
        hub->epoch = hello.epoch + 1;
        kdf_psk_own(hub->master, world.device_id, hub->epoch, hub->psk_own);
        stage = (struct message_stage){.epoch = hub->epoch,
                                       .psk_own = hub->psk_own,
                                       .code_hash = world.device_public,
                                       .fail_safe_s = 120,
                                       .half = {world.half, world.n_half},
                                       .values = {supplied, sizeof(supplied)}};
        cbor_writer_init(&w, bytes, sizeof(bytes));
        message_put_stage(&w, &stage);
        world_hub_say(which, MESSAGE_STAGE, bytes, w.n_written);
}

/* What the hub wants of a device that is its own, one after the other. */
static void hub_command(int which)
{
        static const struct message_value on = {
                .channel = 2, .type = MESSAGE_BOOLEAN, .integer = 1};
        struct world_hub *hub = &world.hubs[which];
        static const uint8_t lamp = 2;
        struct cbor_writer w;
        uint8_t body[16];

        cbor_writer_init(&w, body, sizeof(body));
        if (hub->sets) {
                hub->sets = false;
                message_put_set(&w, ++hub->id, &on, 1);
                world_hub_say(which, MESSAGE_SET, body, w.n_written);
        } else if (hub->gets) {
                hub->gets = false;
                message_put_get(&w, ++hub->id, &lamp, 1);
                world_hub_say(which, MESSAGE_GET, body, w.n_written);
        } else if (hub->releases) {
                hub_say_number(which, MESSAGE_RELEASE, hub->row.epoch);
        }
}

static void hub_on_done(int which, struct cbor_span body)
{
        struct world_hub *hub = &world.hubs[which];
        struct message_done done;

        if (message_get_done(body, &done) || done.epoch != hub->row.epoch)
                return;
        memcpy(hub->boot_id, done.boot_id, sizeof(hub->boot_id));
        hub_write(hub, ROW_CONFIRMED, done.epoch);
        hub_command(which);
}

static void hub_on_data(int which, struct cbor_span body)
{
        struct message_values values;

        if (message_get_data(body, &values, &world.hubs[which].number) == 0)
                world.hubs[which].n_data++;
}

static void hub_on_result(int which, struct cbor_span body)
{
        struct world_hub *hub = &world.hubs[which];
        struct message_result result;
        struct message_values values;
        struct message_value value;

        if (message_get_result(body, &result, &values) || result.id != hub->id)
                return;
        hub->n_results++;
        hub->outcome = result.outcome;
        if (message_values_next(&values, &value))
                hub->lamp = value.integer != 0;
        hub_command(which);
}

static void hub_on_released(struct world_hub *hub, struct cbor_span body)
{
        uint32_t epoch;

        if (message_get_epoch(body, &epoch) || epoch != hub->row.epoch)
                return;
        hub_write(hub, ROW_NONE, 0);
}

static void hub_on_body(int which, uint8_t kind, struct cbor_span body)
{
        struct world_hub *hub = &world.hubs[which];
        struct message_fail fail;
        uint8_t point;

        switch ((enum message_kind)kind) {
        case MESSAGE_HELLO:
                hub_on_hello(which, body);
                return;
        case MESSAGE_SYNC:
                if (message_get_point(body, &point) == 0)
                        hub_say_number(which, MESSAGE_SYNC, point);
                return;
        case MESSAGE_REPORT:
                hub_write(hub, ROW_UNSETTLED, hub->epoch);
                hub_say_number(which, MESSAGE_COMMIT, hub->epoch);
                return;
        case MESSAGE_DONE:
                hub_on_done(which, body);
                return;
        case MESSAGE_FAIL:
                if (message_get_fail(body, &fail) == 0)
                        hub->failure = fail.failure;
                return;
        case MESSAGE_DATA:
                hub_on_data(which, body);
                return;
        case MESSAGE_RESULT:
                hub_on_result(which, body);
                return;
        case MESSAGE_RELEASED:
                hub_on_released(hub, body);
                return;
        default:
                return;
        }
}

/* Somebody else has the device for good, if the epoch says so; section 4. */
static void hub_on_refused(struct world_hub *hub, const struct session_taken *taken)
{
        if (taken->refusal != MESSAGE_REFUSAL_OWNED)
                return;
        if (hub->row.state == ROW_NONE || taken->epoch > hub->row.epoch) {
                hub->refused = true;
                hub_write(hub, ROW_NONE, 0);
        }
        hub->enrolls_next = false;
}

static void hub_take(int which, uint8_t *message, size_t n)
{
        struct world_hub *hub = &world.hubs[which];
        struct session_taken taken;

        if (session_take(&hub->session, message, n, &taken)) {
                world_link_lost();
                return;
        }
        if (taken.n_reply > 0)
                queue_push(&world.to_device, taken.reply, taken.n_reply);
        if (taken.event == SESSION_READY)
                hub_say_number(which, MESSAGE_COMMIT, hub->row.epoch);
        if (taken.event == SESSION_REFUSED)
                hub_on_refused(hub, &taken);
        if (taken.event == SESSION_BODY)
                hub_on_body(which, taken.kind, taken.body);
        if (session_is_over(&hub->session))
                world_link_lost();
}

void world_deliver_to_hub(void)
{
        static uint8_t message[MESSAGE_MAX];
        size_t n = queue_pop(&world.to_hub, message);
        int which = world.linked;

        if (which < 0)
                return;
        if (setjmp(power) != 0) {
                world_hub_power_cut(which);
                return;
        }
        hub_take(which, message, n);
        world.hub_cut = CUT_NONE;
}

void world_hub_gives_up(void)
{
        world_link_lost();
}

/* The state in the advertisement, or -1 if it is not the device of the code. */
static int hub_recognises(const struct world_hub *hub, const uint8_t *advertisement)
{
        uint8_t adv_key[32], tag[5];

        (void)hub;
        kdf_adv_key(world.secret, adv_key);
        for (uint8_t state = MESSAGE_STATE_FACTORY; state <= MESSAGE_STATE_WAITING; state++) {
                kdf_adv_tag(adv_key, advertisement, state, tag);
                if (memcmp(tag, advertisement + MESSAGE_NONCE_BYTES, sizeof(tag)) == 0)
                        return state;
        }
        return -1;
}

/* Whether there is a reason to connect. Who has let a device go that nobody owns is done with it.
 */
static bool hub_has_reason(struct world_hub *hub, int state)
{
        if (hub->row.state == ROW_CONFIRMED && hub->releases && state == MESSAGE_STATE_FACTORY) {
                hub_write(hub, ROW_NONE, 0);
                return false;
        }
        if (hub->row.state == ROW_CONFIRMED && (hub->sets || hub->gets || hub->releases))
                return true;
        return hub->row.state == ROW_UNSETTLED || hub->has_code;
}

static bool hub_resumes(struct world_hub *hub, int state)
{
        if (hub->row.state == ROW_CONFIRMED && !hub->has_code)
                return true;
        if (hub->row.state != ROW_UNSETTLED || state == MESSAGE_STATE_FACTORY)
                return false;
        hub->enrolls_next = !hub->enrolls_next;
        return hub->enrolls_next;
}

bool world_connect(int which)
{
        struct world_hub *hub = &world.hubs[which];
        const uint8_t *advertisement = enroll_device_advertisement(&world.device);
        uint8_t message[SESSION_FIRST_BYTES];
        int state = hub_recognises(hub, advertisement);

        assert(world.linked < 0);
        if (state < 0 || !hub_has_reason(hub, state))
                return false;
        memcpy(hub->nonce, advertisement, sizeof(hub->nonce));
        kdf_psk(world.secret, hub->psk);
        kdf_mac_key(world.secret, hub->mac_key);
        kdf_psk_own(hub->master, world.device_id, hub->row.epoch, hub->psk_own);
        kdf_own_mac_key(hub->psk_own, hub->mac_key_own);
        hub->keys = (struct session_keys){.own_private = hub->private_key,
                                          .own_public = hub->public_key,
                                          .peer_public = world.device_public,
                                          .device_id = world.device_id,
                                          .nonce = hub->nonce,
                                          .psk = hub->psk,
                                          .mac_key = hub->mac_key,
                                          .psk_own = hub->psk_own,
                                          .mac_key_own = hub->mac_key_own};
        world.linked = which;
        if (!world.stream)
                enroll_device_link_up(&world.device);
        if (hub_resumes(hub, state))
                (void)session_hub_resume(&hub->session, &hub->keys, message);
        else
                (void)session_hub_enroll(&hub->session, &hub->keys, message);
        queue_push(&world.to_device, message, sizeof(message));
        return true;
}

/* --- the world --- */

void world_init(void)
{
        memset(&world, 0, sizeof(world));
        memset(world.flash, 0xff, sizeof(world.flash));
        memset(world.device_private, 0x11, sizeof(world.device_private));
        memset(world.secret, 0x22, sizeof(world.secret));
        memset(world.device_secret, 0x22, sizeof(world.device_secret));
        crypto_x25519_base(world.device_private, world.device_public);
        kdf_device_id(world.device_public, world.device_id);
        for (int i = 0; i < WORLD_HUBS; i++) {
                struct world_hub *hub = &world.hubs[i];

                memset(hub->master, 0x33 + i, sizeof(hub->master));
                kdf_hub_static(hub->master, world.device_id, hub->private_key);
                crypto_x25519_base(hub->private_key, hub->public_key);
                hub->has_code = true;
        }
        world.linked = -1;
        world.half = half_plain;
        world.n_half = n_half_plain;
        device_start();
}

/* One fair turn: everything under way arrives, then whoever is left waiting gives up. */
static void world_turn(int hub)
{
        if (world.linked >= 0)
                world_link_lost();
        if (world_connect(hub)) {
                while (world.linked >= 0 && (world.to_device.n > 0 || world.to_hub.n > 0)) {
                        if (world.to_device.n > 0)
                                world_deliver_to_device();
                        else
                                world_deliver_to_hub();
                }
                if (world.linked >= 0)
                        world_hub_gives_up();
        }
}

void world_settle(void)
{
        for (int round = 0; round < 6; round++)
                for (int hub = 0; hub < WORLD_HUBS; hub++)
                        world_turn(hub);
        /* What is still pending now is nobody's, and the fail-safe timer ends it. */
        if (world.linked < 0)
                world_device_waits();
}

static int owner_of(const struct ownership_record *record)
{
        for (int i = 0; i < WORLD_HUBS; i++)
                if (memcmp(record->hub, world.hubs[i].public_key, 32) == 0)
                        return i;
        return -1;
}

const char *world_broken(void)
{
        const struct ownership_record *record = &world.device.ownership.record;
        bool in_force = record->state != MESSAGE_STATE_FACTORY;
        int owner = owner_of(record);

        if (record->state == MESSAGE_STATE_OWNED &&
            (owner < 0 || world.hubs[owner].row.state == ROW_NONE ||
             world.hubs[owner].row.epoch != record->epoch))
                return "I1: owned by a key that its hub does not hold";
        for (int i = 0; i < WORLD_HUBS; i++)
                if (world.hubs[i].row.state == ROW_CONFIRMED && !world.hubs[i].releases &&
                    (record->state != MESSAGE_STATE_OWNED || owner != i ||
                     world.hubs[i].row.epoch != record->epoch))
                        return "I2: a hub has confirmed what is not its own";
        if (world.device.ownership.running)
                return NULL;
        if (world.board.named != in_force || world.board.calls != (in_force ? 0x12 : 0))
                return "the board does not do what the record says";
        if (!in_force && (record->n_half > 0 || record->psk_own[0] != 0))
                return "something is left of what was staged";
        return NULL;
}

const char *world_unsettled(void)
{
        const struct ownership_record *record = &world.device.ownership.record;
        int owner = record->state == MESSAGE_STATE_OWNED ? owner_of(record) : -1;

        if (record->state == MESSAGE_STATE_PENDING)
                return "I3: still pending";
        for (int i = 0; i < WORLD_HUBS; i++)
                if (world.hubs[i].row.state != (i == owner ? ROW_CONFIRMED : ROW_NONE))
                        return "I3: device and rows do not match";
        return world_broken();
}
