/* SPDX-License-Identifier: Apache-2.0 */

/* Any text as a broker's address: what is one says the same when it is written again. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/broker.h"
#include "require.h"

#define TEXT_MAX 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[TEXT_MAX + 1], written[BROKER_HOST_SIZE + 16];
        struct broker broker, again;

        if (size > TEXT_MAX)
                return 0;
        memcpy(text, data, size);
        text[size] = '\0';
        if (broker_parse(text, &broker) < 0)
                return 0;

        require(strnlen(broker.host, sizeof(broker.host)) < sizeof(broker.host));
        require(broker.is_unix ? broker.port == 0 : broker.port >= 1 && broker.port <= 65535);
        (void)snprintf(written, sizeof(written), broker.is_unix ? "unix:%s" : "tcp:[%s]:%d",
                       broker.host, broker.port);
        require(broker_parse(written, &again) == 0);
        require(again.is_unix == broker.is_unix && again.port == broker.port);
        require(strcmp(again.host, broker.host) == 0);
        return 0;
}
