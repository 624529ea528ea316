/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/message.h"

#include <string.h>

#include "wire/value.h"

/* doc/protocol.md section 3, the column of lengths; TRANSPORT has bounds instead. */
/* clang-format off */
static const struct {
        uint8_t type, n;
} sizes[] = {
        { MESSAGE_M1,       65 },
        { MESSAGE_M2,       49 },
        { MESSAGE_M3,       65 },
        { MESSAGE_K1,       65 },
        { MESSAGE_K2,       49 },
        { MESSAGE_REFUSE,   22 },
        { MESSAGE_PROBE,     1 },
        { MESSAGE_ANNOUNCE, 11 },
};
/* clang-format on */

bool message_size_fits(uint8_t type, size_t n)
{
        if (type == MESSAGE_TRANSPORT)
                return n > MESSAGE_MAX - MESSAGE_BODY_MAX && n <= MESSAGE_MAX;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
                if (sizes[i].type == type)
                        return n == sizes[i].n;
        return false;
}

/* A body under way: a map whose keys come as the layout says. */
struct body {
        struct cbor_reader r;
        struct cbor_map map;
};

static void body_open(struct body *b, struct cbor_span bytes)
{
        cbor_reader_init(&b->r, bytes.bytes, bytes.n_bytes);
        cbor_get_map(&b->r, &b->map);
}

/* Takes a key that must come next. */
static void body_key(struct body *b, uint32_t key)
{
        uint32_t found = 0;

        if (!cbor_map_next(&b->r, &b->map, &found) || found != key)
                cbor_fail(&b->r, CBOR_UNEXPECTED);
}

static uint32_t body_uint(struct body *b, uint32_t key, uint32_t least, uint32_t most)
{
        uint32_t value;

        body_key(b, key);
        value = cbor_get_uint_max(&b->r, most);
        if (value < least)
                cbor_fail(&b->r, CBOR_UNEXPECTED);
        return value;
}

static const uint8_t *body_fixed(struct body *b, uint32_t key, size_t n)
{
        body_key(b, key);
        return cbor_get_fixed(&b->r, n);
}

/* A nested array or map, left as it is. */
static struct cbor_span body_item(struct body *b, uint32_t key, enum cbor_type type)
{
        body_key(b, key);
        if (cbor_peek(&b->r) != type)
                cbor_fail(&b->r, CBOR_UNEXPECTED);
        return cbor_get_item(&b->r);
}

/* The end: no key may be left over, and no byte. */
static int body_close(struct body *b)
{
        if (b->map.n_left > 0)
                cbor_fail(&b->r, CBOR_UNEXPECTED);
        return cbor_finish(&b->r) == CBOR_OK ? 0 : MESSAGE_E_MALFORMED;
}

int message_get_hello(struct cbor_span body, struct message_hello *ret_hello)
{
        struct message_hello hello;
        const uint8_t *boot_id;
        uint64_t version;
        struct body b;

        body_open(&b, body);
        body_key(&b, 1);
        version = cbor_get_uint(&b.r);
        if (!cbor_error(&b.r) && version > MESSAGE_VERSION)
                return MESSAGE_E_NEWER;
        if (version < MESSAGE_VERSION)
                cbor_fail(&b.r, CBOR_UNEXPECTED);
        hello.state = (uint8_t)body_uint(&b, 2, 0, MESSAGE_STATE_PENDING);
        hello.epoch = body_uint(&b, 3, 0, UINT32_MAX);
        boot_id = body_fixed(&b, 4, sizeof(hello.boot_id));
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        memcpy(hello.boot_id, boot_id, sizeof(hello.boot_id));
        *ret_hello = hello;
        return 0;
}

int message_get_stage(struct cbor_span body, struct message_stage *ret_stage)
{
        struct message_stage stage;
        struct body b;

        body_open(&b, body);
        stage.epoch = body_uint(&b, 1, 0, UINT32_MAX);
        stage.psk_own = body_fixed(&b, 2, MESSAGE_KEY_BYTES);
        stage.code_hash = body_fixed(&b, 3, MESSAGE_HASH_BYTES);
        stage.fail_safe_s =
                (uint16_t)body_uint(&b, 4, MESSAGE_FAIL_SAFE_MIN, MESSAGE_FAIL_SAFE_MAX);
        stage.half = body_item(&b, 5, CBOR_ARRAY);
        stage.values = body_item(&b, 6, CBOR_MAP);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        *ret_stage = stage;
        return 0;
}

int message_get_report(struct cbor_span body, struct cbor_span *ret_items)
{
        struct cbor_span items;
        struct body b;

        body_open(&b, body);
        items = body_item(&b, 1, CBOR_MAP);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        *ret_items = items;
        return 0;
}

int message_get_fail(struct cbor_span body, struct message_fail *ret_fail)
{
        struct message_fail fail = {.step = -1};
        struct body b;
        uint32_t key;

        body_open(&b, body);
        fail.failure = (uint8_t)body_uint(&b, 1, 1, UINT8_MAX);
        while (cbor_map_next(&b.r, &b.map, &key))
                if (key == 2)
                        fail.step = (int16_t)cbor_get_uint_max(&b.r, INT16_MAX);
                else if (key == 3)
                        fail.text = cbor_get_text(&b.r);
                else
                        cbor_fail(&b.r, CBOR_UNEXPECTED);
        if (body_close(&b) || fail.text.n_bytes > MESSAGE_TEXT_MAX)
                return MESSAGE_E_MALFORMED;
        *ret_fail = fail;
        return 0;
}

int message_get_done(struct cbor_span body, struct message_done *ret_done)
{
        const uint8_t *boot_id;
        uint32_t epoch;
        struct body b;

        body_open(&b, body);
        epoch = body_uint(&b, 1, 0, UINT32_MAX);
        boot_id = body_fixed(&b, 2, MESSAGE_BOOT_ID_BYTES);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        ret_done->epoch = epoch;
        memcpy(ret_done->boot_id, boot_id, MESSAGE_BOOT_ID_BYTES);
        return 0;
}

int message_get_bye(struct cbor_span body)
{
        struct body b;

        body_open(&b, body);
        return body_close(&b);
}

static int get_number(struct cbor_span body, uint32_t most, uint32_t *ret_number)
{
        struct body b;
        uint32_t number;

        body_open(&b, body);
        number = body_uint(&b, 1, 0, most);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        *ret_number = number;
        return 0;
}

int message_get_epoch(struct cbor_span body, uint32_t *ret_epoch)
{
        return get_number(body, UINT32_MAX, ret_epoch);
}

int message_get_point(struct cbor_span body, uint8_t *ret_point)
{
        uint32_t point;
        int r;

        r = get_number(body, UINT8_MAX, &point);
        if (r == 0)
                *ret_point = (uint8_t)point;
        return r;
}

static void get_decimal(struct cbor_reader *r, struct message_value *value)
{
        int64_t exponent;

        if (cbor_get_array(r) != 2)
                cbor_fail(r, CBOR_UNEXPECTED);
        value->integer = cbor_get_int(r);
        exponent = cbor_get_int(r);
        if (exponent < -MESSAGE_EXPONENT_MAX || exponent > MESSAGE_EXPONENT_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        value->exponent = (int8_t)exponent;
}

/* A channel has integers, booleans and texts, and decimals besides. */
static void get_value(struct cbor_reader *r, struct message_value *value)
{
        struct value plain;

        if (cbor_peek(r) == CBOR_ARRAY) {
                value->type = MESSAGE_DECIMAL;
                get_decimal(r, value);
                return;
        }
        value_get(r, &plain);
        value->type = (uint8_t)plain.kind;
        value->integer = plain.number;
        value->text = plain.span;
        if (plain.kind == VALUE_BYTES)
                cbor_fail(r, CBOR_UNEXPECTED);
}

bool message_values_next(struct message_values *values, struct message_value *ret_value)
{
        struct message_value value;
        uint32_t channel;

        if (!cbor_map_next(&values->reader, &values->map, &channel))
                return false;
        if (channel < 1 || channel > UINT8_MAX)
                cbor_fail(&values->reader, CBOR_UNEXPECTED);
        memset(&value, 0, sizeof(value));
        value.channel = (uint8_t)channel;
        get_value(&values->reader, &value);
        if (cbor_error(&values->reader))
                return false;
        *ret_value = value;
        return true;
}

bool message_channels_next(struct message_values *channels, uint8_t *ret_channel)
{
        uint32_t channel;

        if (channels->map.n_left == 0)
                return false;
        channels->map.n_left--;
        channel = cbor_get_uint_max(&channels->reader, UINT8_MAX);
        if (channel < channels->map.least_key)
                cbor_fail(&channels->reader, CBOR_UNEXPECTED);
        if (cbor_error(&channels->reader))
                return false;
        channels->map.least_key = channel + 1;
        *ret_channel = (uint8_t)channel;
        return true;
}

/* Walks over a map of values, and notes where it is. */
static void body_values(struct body *b, struct message_values *ret_values)
{
        struct message_values walk = {.reader = b->r};
        struct message_value value;

        cbor_get_map(&walk.reader, &walk.map);
        *ret_values = walk;
        while (message_values_next(&walk, &value))
                ;
        b->r = walk.reader;
}

static void body_channels(struct body *b, struct message_values *ret_channels)
{
        struct message_values walk = {.reader = b->r, .map.least_key = 1};
        uint8_t channel;

        walk.map.n_left = cbor_get_array(&walk.reader);
        if (walk.map.n_left < 1 || walk.map.n_left > MESSAGE_CHANNELS_MAX)
                cbor_fail(&walk.reader, CBOR_UNEXPECTED);
        *ret_channels = walk;
        while (message_channels_next(&walk, &channel))
                ;
        b->r = walk.reader;
}

int message_get_data(struct cbor_span body, struct message_values *ret_values, uint32_t *ret_number)
{
        struct message_values values;
        uint32_t number;
        struct body b;

        body_open(&b, body);
        body_key(&b, 1);
        body_values(&b, &values);
        number = body_uint(&b, 2, 0, UINT32_MAX);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        *ret_values = values;
        *ret_number = number;
        return 0;
}

int message_get_command(enum message_kind kind, struct cbor_span body,
                        struct message_command *ret_command)
{
        struct message_command command = {.kind = (uint8_t)kind};
        struct body b;

        body_open(&b, body);
        command.id = body_uint(&b, 1, 0, UINT32_MAX);
        body_key(&b, 2);
        if (kind == MESSAGE_SET)
                body_values(&b, &command.values);
        else
                body_channels(&b, &command.values);
        if (body_close(&b))
                return MESSAGE_E_MALFORMED;
        *ret_command = command;
        return 0;
}

int message_get_result(struct cbor_span body, struct message_result *ret_result,
                       struct message_values *ret_values)
{
        struct message_values values = {.map.n_left = 0};
        struct message_result result = {.text.n_bytes = 0};
        struct body b;
        uint32_t key;

        body_open(&b, body);
        result.id = body_uint(&b, 1, 0, UINT32_MAX);
        result.outcome = (uint8_t)body_uint(&b, 2, 0, UINT8_MAX);
        while (cbor_map_next(&b.r, &b.map, &key))
                if (key == 3)
                        body_values(&b, &values);
                else if (key == 4)
                        result.text = cbor_get_text(&b.r);
                else
                        cbor_fail(&b.r, CBOR_UNEXPECTED);
        if (body_close(&b) || result.text.n_bytes > MESSAGE_TEXT_MAX)
                return MESSAGE_E_MALFORMED;
        *ret_result = result;
        *ret_values = values;
        return 0;
}

int message_check(enum message_kind kind, struct cbor_span body)
{
        union {
                struct message_hello hello;
                struct message_stage stage;
                struct message_fail fail;
                struct message_done done;
                struct message_command command;
                struct message_result result;
                struct cbor_span items;
                uint32_t number;
                uint8_t point;
        } any;
        struct message_values values;

        switch (kind) {
        case MESSAGE_HELLO:
                return message_get_hello(body, &any.hello);
        case MESSAGE_STAGE:
                return message_get_stage(body, &any.stage);
        case MESSAGE_REPORT:
                return message_get_report(body, &any.items);
        case MESSAGE_DONE:
                return message_get_done(body, &any.done);
        case MESSAGE_COMMIT:
        case MESSAGE_RELEASE:
        case MESSAGE_RELEASED:
                return message_get_epoch(body, &any.number);
        case MESSAGE_SYNC:
                return message_get_point(body, &any.point);
        case MESSAGE_FAIL:
                return message_get_fail(body, &any.fail);
        case MESSAGE_DATA:
                return message_get_data(body, &values, &any.number);
        case MESSAGE_SET:
        case MESSAGE_GET:
                return message_get_command(kind, body, &any.command);
        case MESSAGE_RESULT:
                return message_get_result(body, &any.result, &values);
        case MESSAGE_BYE:
                return message_get_bye(body);
        }
        return MESSAGE_E_MALFORMED;
}

static void put_number(struct cbor_writer *w, uint32_t key, uint32_t number)
{
        cbor_put_uint(w, key);
        cbor_put_uint(w, number);
}

static void put_text(struct cbor_writer *w, uint32_t key, struct cbor_span text)
{
        cbor_put_uint(w, key);
        cbor_put_text(w, (const char *)text.bytes, text.n_bytes);
}

void message_put_hello(struct cbor_writer *w, const struct message_hello *hello)
{
        cbor_put_map(w, 4);
        put_number(w, 1, MESSAGE_VERSION);
        put_number(w, 2, hello->state);
        put_number(w, 3, hello->epoch);
        cbor_put_uint(w, 4);
        cbor_put_bytes(w, hello->boot_id, sizeof(hello->boot_id));
}

void message_put_stage(struct cbor_writer *w, const struct message_stage *stage)
{
        cbor_put_map(w, 6);
        put_number(w, 1, stage->epoch);
        cbor_put_uint(w, 2);
        cbor_put_bytes(w, stage->psk_own, MESSAGE_KEY_BYTES);
        cbor_put_uint(w, 3);
        cbor_put_bytes(w, stage->code_hash, MESSAGE_HASH_BYTES);
        put_number(w, 4, stage->fail_safe_s);
        cbor_put_uint(w, 5);
        cbor_put_raw(w, stage->half.bytes, stage->half.n_bytes);
        cbor_put_uint(w, 6);
        cbor_put_raw(w, stage->values.bytes, stage->values.n_bytes);
}

void message_put_report(struct cbor_writer *w)
{
        cbor_put_map(w, 1);
        cbor_put_uint(w, 1);
}

void message_put_fail(struct cbor_writer *w, const struct message_fail *fail)
{
        cbor_put_map(w, 1U + (fail->step >= 0) + (fail->text.n_bytes > 0));
        put_number(w, 1, fail->failure);
        if (fail->step >= 0)
                put_number(w, 2, (uint32_t)fail->step);
        if (fail->text.n_bytes > 0)
                put_text(w, 3, fail->text);
}

void message_put_done(struct cbor_writer *w, const struct message_done *done)
{
        cbor_put_map(w, 2);
        put_number(w, 1, done->epoch);
        cbor_put_uint(w, 2);
        cbor_put_bytes(w, done->boot_id, sizeof(done->boot_id));
}

void message_put_bye(struct cbor_writer *w)
{
        cbor_put_map(w, 0);
}

void message_put_number(struct cbor_writer *w, uint32_t number)
{
        cbor_put_map(w, 1);
        put_number(w, 1, number);
}

static void put_value(struct cbor_writer *w, const struct message_value *value)
{
        const struct value plain = {(enum value_kind)value->type, value->integer, value->text};

        cbor_put_uint(w, value->channel);
        if (value->type != MESSAGE_DECIMAL) {
                value_put(w, &plain);
                return;
        }
        cbor_put_array(w, 2);
        cbor_put_int(w, value->integer);
        cbor_put_int(w, value->exponent);
}

static void put_values(struct cbor_writer *w, uint32_t key, const struct message_value *values,
                       size_t n_values)
{
        cbor_put_uint(w, key);
        cbor_put_map(w, n_values);
        for (size_t i = 0; i < n_values; i++)
                put_value(w, &values[i]);
}

void message_put_data(struct cbor_writer *w, const struct message_value *values, size_t n_values,
                      uint32_t number)
{
        cbor_put_map(w, 2);
        put_values(w, 1, values, n_values);
        put_number(w, 2, number);
}

void message_put_set(struct cbor_writer *w, uint32_t id, const struct message_value *values,
                     size_t n_values)
{
        cbor_put_map(w, 2);
        put_number(w, 1, id);
        put_values(w, 2, values, n_values);
}

void message_put_get(struct cbor_writer *w, uint32_t id, const uint8_t *channels, size_t n_channels)
{
        cbor_put_map(w, 2);
        put_number(w, 1, id);
        cbor_put_uint(w, 2);
        cbor_put_array(w, n_channels);
        for (size_t i = 0; i < n_channels; i++)
                cbor_put_uint(w, channels[i]);
}

void message_put_result(struct cbor_writer *w, const struct message_result *result,
                        const struct message_value *values, size_t n_values)
{
        cbor_put_map(w, 2U + (n_values > 0) + (result->text.n_bytes > 0));
        put_number(w, 1, result->id);
        put_number(w, 2, result->outcome);
        if (n_values > 0)
                put_values(w, 3, values, n_values);
        if (result->text.n_bytes > 0)
                put_text(w, 4, result->text);
}
