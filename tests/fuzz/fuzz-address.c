/* SPDX-License-Identifier: Apache-2.0 */

/* Any text as an address: what is one says the same when it is written again. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "require.h"
#include "util/address.h"

#define TEXT_MAX 400
#define KINDS    (ADDRESS_UNIX | ADDRESS_TCP)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[TEXT_MAX + 1], written[ADDRESS_PLACE_SIZE + 16];
        struct address one, again;
        const char *why = NULL;

        if (size > TEXT_MAX)
                return 0;
        memcpy(text, data, size);
        text[size] = '\0';
        if (address_parse(text, ADDRESS_SERIAL, &one, NULL) == 0)
                require(one.kind == ADDRESS_SERIAL && one.place[0] == '/' && one.speed != B0);
        if (address_parse(text, KINDS, &one, &why) < 0) {
                require(why != NULL);
                return 0;
        }
        require(strnlen(one.place, sizeof(one.place)) < sizeof(one.place));
        if (one.kind == ADDRESS_UNIX)
                (void)snprintf(written, sizeof(written), "unix:%s", one.place);
        else
                (void)snprintf(written, sizeof(written),
                               strchr(one.place, ':') ? "tcp:[%s]:%u" : "tcp:%s:%u", one.place,
                               one.port);
        require(address_parse(written, KINDS, &again, NULL) == 0);
        require(again.kind == one.kind && again.port == one.port);
        require(strcmp(again.place, one.place) == 0);
        return 0;
}
