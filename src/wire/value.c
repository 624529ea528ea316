/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/value.h"

static void value_get_list(struct cbor_reader *r, struct value *value)
{
        uint32_t n_items;

        value->kind = VALUE_LIST;
        value->span.bytes = r->at;
        n_items = cbor_get_array(r);
        if (n_items > VALUE_LIST_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        while (n_items-- > 0)
                (void)cbor_get_uint_max(r, UINT32_MAX);
        value->span.n_bytes = (size_t)(r->at - value->span.bytes);
}

void value_get(struct cbor_reader *r, struct value *ret_value)
{
        *ret_value = (struct value){VALUE_NOTHING, 0, {NULL, 0}};
        switch (cbor_peek(r)) {
        case CBOR_UINT:
        case CBOR_NEGATIVE:
                ret_value->kind = VALUE_INTEGER;
                ret_value->number = cbor_get_int(r);
                break;
        case CBOR_SIMPLE:
                ret_value->kind = VALUE_BOOLEAN;
                ret_value->number = cbor_get_bool(r);
                break;
        case CBOR_BYTES:
                ret_value->kind = VALUE_BYTES;
                ret_value->span = cbor_get_bytes(r);
                break;
        case CBOR_TEXT:
                ret_value->kind = VALUE_TEXT;
                ret_value->span = cbor_get_text(r);
                break;
        case CBOR_ARRAY:
                value_get_list(r, ret_value);
                break;
        case CBOR_MAP:
        case CBOR_TAG:
        case CBOR_NONE:
                cbor_fail(r, CBOR_UNEXPECTED);
                break;
        }
        if (ret_value->kind != VALUE_LIST && ret_value->span.n_bytes > VALUE_STRING_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        if (cbor_error(r))
                ret_value->kind = VALUE_NOTHING;
}

void value_put(struct cbor_writer *w, const struct value *value)
{
        switch (value->kind) {
        case VALUE_INTEGER:
                cbor_put_int(w, value->number);
                break;
        case VALUE_BOOLEAN:
                cbor_put_bool(w, value->number != 0);
                break;
        case VALUE_BYTES:
                cbor_put_bytes(w, value->span.bytes, value->span.n_bytes);
                break;
        case VALUE_TEXT:
                cbor_put_text(w, (const char *)value->span.bytes, value->span.n_bytes);
                break;
        case VALUE_LIST:
                cbor_put_raw(w, value->span.bytes, value->span.n_bytes);
                break;
        case VALUE_NOTHING:
                break;
        }
}

bool value_find(struct cbor_span map, unsigned number, struct value *ret_value)
{
        struct value value;
        struct cbor_reader r;
        struct cbor_map at;
        uint32_t key;

        cbor_reader_init(&r, map.bytes, map.n_bytes);
        cbor_get_map(&r, &at);
        while (cbor_map_next(&r, &at, &key)) {
                value_get(&r, &value);
                if (key == number && value.kind != VALUE_NOTHING) {
                        *ret_value = value;
                        return true;
                }
        }
        return false;
}
