/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a device's card: refused with a sentence and wiped, or a card a code is made of. */

#include <string.h>

#include "require.h"
#include "tool/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_label(const char *label)
{
        return !label[0] ||
               payload_is_label((struct cbor_span){(const uint8_t *)label, strlen(label)});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct card blank;
        char error[160] = "";
        struct card card;

        if (card_parse(&card, (const char *)data, size, error) < 0) {
                require(error[0] && memcmp(&card, &blank, sizeof(blank)) == 0);
                return 0;
        }
        require(memcmp(card.public_key, blank.public_key, sizeof(card.public_key)) != 0);
        require(memcmp(card.secret, blank.secret, sizeof(card.secret)) != 0);
        require(is_label(card.serial) && is_label(card.maker) && is_label(card.model));
        require(!card.maker[0] == !card.model[0]);
        require(card.reach >= 1 && card.reach <= (PAYLOAD_REACH_BLE | PAYLOAD_REACH_STREAM));
        card_done(&card);
        require(memcmp(&card, &blank, sizeof(blank)) == 0);
        return 0;
}
