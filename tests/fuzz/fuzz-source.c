/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as the source of an application: an error with its place, or a payload that hubs
 * accept, and of which the listing is a source of the same code.
 */

#include <stdlib.h>
#include <string.h>

#include "code/text.h"
#include "tool/listing.h"
#include "tool/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_listing(const struct payload *payload)
{
        static struct errors errors;
        char *text = NULL;
        size_t n = 0;
        FILE *file = open_memstream(&text, &n);

        if (!file || listing_write(payload, file) < 0 || fclose(file) != 0 ||
            listing_check(payload, text, n, &errors) != 0)
                abort();
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct source source;
        static uint8_t payload[4 * 2 * 1024 + 8192];
        static const struct functions any;
        struct payload_fault fault;
        struct payload parsed;
        struct cbor_writer w;

        if (source_compile(&source, (const char *)data, size, &any) < 0) {
                if (source.errors.n_list == 0 || source.errors.list[0].line == 0)
                        abort();
                return 0;
        }
        cbor_writer_init(&w, payload, sizeof(payload));
        source.payload.reach = PAYLOAD_REACH_BLE;
        payload_encode(&source.payload, &w);
        if (!cbor_writer_fits(&w) ||
            payload_parse((struct cbor_span){payload, w.n_written}, &parsed, &fault))
                abort();
        check_listing(&parsed);
        return 0;
}
