/* SPDX-License-Identifier: Apache-2.0 */

#include "support/libcbor.h"

#include <string.h>

#include <cbor.h>

#define DEPTH_MAX 6

struct out {
        uint8_t bytes[1024];
        size_t n;
};

static bool canonical(const cbor_item_t *item, struct out *out, unsigned depth);

static void put(struct out *out, const uint8_t *bytes, size_t n)
{
        if (n <= sizeof(out->bytes) - out->n) {
                memcpy(out->bytes + out->n, bytes, n);
                out->n += n;
        }
}

static void put_head(struct out *out, unsigned type, uint64_t argument)
{
        unsigned n = argument < 24      ? 0
                     : argument < 256   ? 1
                     : argument < 65536 ? 2
                     : argument >> 32   ? 8
                                        : 4;
        uint8_t head[9] = {(uint8_t)(type << 5 | argument)};

        if (n > 0)
                head[0] = (uint8_t)(type << 5 | (n == 1 ? 24 : n == 2 ? 25 : n == 4 ? 26 : 27));
        for (unsigned i = 0; i < n; i++)
                head[1 + i] = (uint8_t)(argument >> 8 * (n - 1 - i));
        put(out, head, 1 + n);
}

static bool canonical_array(const cbor_item_t *item, struct out *out, unsigned depth)
{
        cbor_item_t **items = cbor_array_handle(item);
        bool good = depth < DEPTH_MAX && cbor_array_is_definite(item);

        put_head(out, 4, cbor_array_size(item));
        for (size_t i = 0; good && i < cbor_array_size(item); i++)
                good = canonical(items[i], out, depth + 1);
        return good;
}

/* Keys must be scalars whose encodings ascend. */
static bool canonical_map(const cbor_item_t *item, struct out *out, unsigned depth)
{
        struct cbor_pair *pairs = cbor_map_handle(item);
        size_t previous = 0, n_previous = 0;

        if (depth >= DEPTH_MAX || !cbor_map_is_definite(item))
                return false;
        put_head(out, 5, cbor_map_size(item));
        for (size_t i = 0; i < cbor_map_size(item); i++) {
                size_t key = out->n, n_key, n;

                if (cbor_isa_array(pairs[i].key) || cbor_isa_map(pairs[i].key) ||
                    !canonical(pairs[i].key, out, depth + 1))
                        return false;
                n_key = out->n - key;
                n = n_key < n_previous ? n_key : n_previous;
                if (i > 0 && memcmp(out->bytes + previous, out->bytes + key, n) >= 0)
                        return false;
                previous = key;
                n_previous = n_key;
                if (!canonical(pairs[i].value, out, depth + 1))
                        return false;
        }
        return true;
}

static bool canonical(const cbor_item_t *item, struct out *out, unsigned depth)
{
        switch (cbor_typeof(item)) {
        case CBOR_TYPE_UINT:
                put_head(out, 0, cbor_get_int(item));
                return true;
        case CBOR_TYPE_NEGINT:
                put_head(out, 1, cbor_get_int(item));
                return true;
        case CBOR_TYPE_BYTESTRING:
                put_head(out, 2, cbor_bytestring_length(item));
                put(out, cbor_bytestring_handle(item), cbor_bytestring_length(item));
                return cbor_bytestring_is_definite(item);
        case CBOR_TYPE_STRING:
                put_head(out, 3, cbor_string_length(item));
                put(out, cbor_string_handle(item), cbor_string_length(item));
                return cbor_string_is_definite(item) &&
                       (cbor_string_length(item) == 0) == (cbor_string_codepoint_count(item) == 0);
        case CBOR_TYPE_ARRAY:
                return canonical_array(item, out, depth);
        case CBOR_TYPE_MAP:
                return canonical_map(item, out, depth);
        case CBOR_TYPE_FLOAT_CTRL:
                if (!cbor_float_ctrl_is_ctrl(item) || !cbor_is_bool(item))
                        return false;
                put_head(out, 7, cbor_ctrl_value(item));
                return true;
        case CBOR_TYPE_TAG:
                break;
        }
        return false;
}

bool libcbor_accepts(const uint8_t *bytes, size_t n_bytes)
{
        struct cbor_load_result result;
        struct out out = {.n = 0};
        cbor_item_t *item = cbor_load(bytes, n_bytes, &result);
        bool good = item && result.read == n_bytes && canonical(item, &out, 0) &&
                    out.n == n_bytes && memcmp(out.bytes, bytes, n_bytes) == 0;

        if (item)
                cbor_decref(&item);
        return good;
}

/* Looks at every item once. */
static size_t visit(const cbor_item_t *item)
{
        size_t n = 1;

        if (cbor_isa_array(item))
                for (size_t i = 0; i < cbor_array_size(item); i++)
                        n += visit(cbor_array_handle(item)[i]);
        if (cbor_isa_map(item))
                for (size_t i = 0; i < cbor_map_size(item); i++)
                        n += visit(cbor_map_handle(item)[i].key) +
                             visit(cbor_map_handle(item)[i].value);
        return n;
}

size_t libcbor_decode(const uint8_t *bytes, size_t n_bytes)
{
        struct cbor_load_result result;
        cbor_item_t *item = cbor_load(bytes, n_bytes, &result);
        size_t n = item ? visit(item) : 0;

        if (item)
                cbor_decref(&item);
        return n;
}

void *libcbor_prepare(const uint8_t *bytes, size_t n_bytes)
{
        struct cbor_load_result result;

        return cbor_load(bytes, n_bytes, &result);
}

size_t libcbor_encode(void *prepared, uint8_t *ret_bytes, size_t size)
{
        cbor_item_t *item = cbor_copy(prepared);
        size_t n = cbor_serialize(item, ret_bytes, size);

        cbor_decref(&item);
        return n;
}
