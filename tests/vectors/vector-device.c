/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lives of a device: libenroll-device is given what the vector's device heard, and must answer with
 * the same bytes and be in the same state.
 */

#include <stdlib.h>
#include <string.h>

#include "device/enroll-device.h"
#include "vectors/vector.h"
#include "wire/crypto.h"

struct board {
        struct enroll_device device;
        struct enroll_identity identity;
        uint8_t private_key[32], public_key[32], secret[32];
        uint8_t memory[SLOT_COUNT][OWNERSHIP_RECORD_MAX];
        uint8_t message[MESSAGE_MAX];
        json_t *items, *nonces;
        struct bytes functions;
        size_t n_probes;
        uint32_t now_ms;
};

static int board_read(void *userdata, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        struct board *board = userdata;

        memcpy(ret_bytes, board->memory[slot], n_bytes);
        return 0;
}

static int board_write(void *userdata, unsigned slot, const void *bytes, size_t n_bytes)
{
        struct board *board = userdata;

        memcpy(board->memory[slot], bytes, n_bytes);
        return 0;
}

static int board_set(void *userdata, unsigned parameter, const struct value *value)
{
        (void)userdata;
        (void)parameter;
        (void)value;
        return 0;
}

static void board_unset(void *userdata, unsigned parameter)
{
        (void)userdata;
        (void)parameter;
}

/* As generate.py's Board: 1 works, 2 fails, there are no others. */
static int board_call(void *userdata, unsigned function, const struct ownership_argument *arguments,
                      size_t n_arguments)
{
        (void)userdata;
        (void)arguments;
        (void)n_arguments;
        return function == 1 ? 0 : function == 2 ? BOARD_E_FAILED : BOARD_E_UNKNOWN;
}

static void board_undo(void *userdata, unsigned function)
{
        (void)userdata;
        (void)function;
}

static int board_item(void *userdata, unsigned item, struct value *ret_value)
{
        struct board *board = userdata;
        char key[] = {(char)('0' + item), '\0'};

        if (item > 9 || !vector_has(board->items, key))
                return BOARD_E_UNKNOWN;
        if (item == PROGRAM_ITEM_FUNCTIONS) {
                vector_bytes(board->items, key, &board->functions);
                ret_value->kind = VALUE_LIST;
                ret_value->span = span_of(&board->functions);
                return 0;
        }
        ret_value->kind = VALUE_TEXT;
        ret_value->span.bytes = (const uint8_t *)vector_text(board->items, key);
        ret_value->span.n_bytes = strlen(vector_text(board->items, key));
        return 0;
}

static int board_erase(void *userdata)
{
        (void)userdata;
        return 0;
}

static int board_fuse(void *userdata)
{
        (void)userdata;
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

static int board_init(struct board *board, json_t *vector)
{
        json_t *key;
        size_t i;

        memset(board, 0, sizeof(*board));
        vector_fixed(vector, "private", board->private_key, sizeof(board->private_key));
        vector_fixed(vector, "secret", board->secret, sizeof(board->secret));
        crypto_x25519_base(board->private_key, board->public_key);
        board->identity = (struct enroll_identity){.private_key = board->private_key,
                                                   .public_key = board->public_key,
                                                   .secret = board->secret};
        board->items = json_object_get(vector, "items");
        board->nonces = vector_array(vector, "nonces");

        vector_random_reset();
        vector_random_set_boot_id(json_object_get(vector, "boot_id"));
        vector_random_set_nonce(json_array_get(board->nonces, 0));
        json_array_foreach(vector_array(vector, "ephemerals"), i, key) vector_random_push_key(key);
        return enroll_device_init(&board->device, &board->identity, &port, board, 0);
}

#define VALUES_MAX 8 /* of one message */

static size_t gather(struct message_values *walk, struct message_value ret_values[VALUES_MAX])
{
        size_t n = 0;

        while (n < VALUES_MAX && message_values_next(walk, &ret_values[n]))
                n++;
        return n;
}

static size_t board_answer(struct board *board, json_t *event)
{
        struct message_value values[VALUES_MAX];
        struct message_values walk = {.map.n_left = 0};
        struct message_result result = {.id = 0};
        size_t n_values, n_message;
        struct bytes body;

        vector_bytes(event, "result", &body);
        (void)message_get_result(span_of(&body), &result, &walk);
        n_values = gather(&walk, values);
        (void)enroll_device_answer(&board->device, &result, values, n_values, board->message,
                                   &n_message);
        return n_message;
}

static size_t board_hear(struct board *board, json_t *event)
{
        struct bytes message;
        size_t n_answer;

        vector_bytes(event, "in", &message);
        memcpy(board->message, message.bytes, message.n);
        if (message.n == 1 && message.bytes[0] == MESSAGE_PROBE)
                vector_random_set_nonce(json_array_get(board->nonces, ++board->n_probes));
        if (enroll_device_feed(&board->device, board->message, message.n, &n_answer) ==
            ENROLL_COMMANDED)
                return board_answer(board, event);
        return n_answer;
}

static size_t board_tell(struct board *board, json_t *event)
{
        struct message_value values[VALUES_MAX];
        struct message_values walk = {.map.n_left = 0};
        size_t n_values, n_message;
        uint32_t number = 0;
        struct bytes body;

        vector_bytes(event, "data", &body);
        (void)message_get_data(span_of(&body), &walk, &number);
        n_values = gather(&walk, values);
        (void)enroll_device_data(&board->device, values, n_values, number, board->message,
                                 &n_message);
        return n_message;
}

static void board_call_hub(struct board *board)
{
        enroll_device_link_lost(&board->device);
        enroll_device_call_hub(&board->device);
}

static int board_event(struct board *board, json_t *event)
{
        json_t *out = vector_array(event, "out");
        size_t n = 0;

        if (vector_has(event, "in"))
                n = board_hear(board, event);
        else if (vector_has(event, "data"))
                n = board_tell(board, event);
        else if (vector_has(event, "call_hub"))
                board_call_hub(board);
        else if (vector_has(event, "wait"))
                (void)enroll_device_tick(&board->device,
                                         board->now_ms +=
                                         (uint32_t)vector_number(event, "wait") * 1000);
        else if (vector_bool(event, "reset") && enroll_device_reset(&board->device))
                return complain("the reset fails");

        if (expect_number("answers", n > 0, json_array_size(out)))
                return -1;
        if (n > 0 && expect_bytes("the answer", board->message, n, json_array_get(out, 0)))
                return -1;
        return expect_number("the state", enroll_device_state(&board->device),
                             vector_number(event, "state"));
}

int run_device(json_t *vector)
{
        static struct board board;
        json_t *event;
        size_t i;

        if (board_init(&board, vector))
                return complain("the device does not start");
        json_array_foreach(vector_array(vector, "events"), i,
                           event) if (board_event(&board, event)) return complain("  in event %zu",
                                                                                  i + 1);
        return i > 0 ? 0 : complain("nothing happens");
}
