/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as the source of an application: an error with its place, or a payload hubs accept. */

#include <stdlib.h>
#include <string.h>

#include "code/text.h"
#include "tool/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
        return 0;
}
