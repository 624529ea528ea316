/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a device's private file: refused with a sentence and wiped, or a whole identity. */

#include <string.h>

#include "thermometer/identity.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_label(const char label[PROGRAM_LABEL_MAX + 1])
{
        return strnlen(label, PROGRAM_LABEL_MAX + 1) <= PROGRAM_LABEL_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct identity nobody;
        char error[IDENTITY_ERROR_BYTES] = "";
        struct identity identity;

        if (identity_parse(&identity, (const char *)data, size, error) < 0) {
                require(error[0] && memcmp(&identity, &nobody, sizeof(nobody)) == 0);
                return 0;
        }
        require(memcmp(identity.private_key, nobody.secret, 32) != 0);
        require(memcmp(identity.public_key, nobody.secret, 32) != 0);
        require(memcmp(identity.adv_key, nobody.adv_key, 32) != 0);
        require(memcmp(identity.mac_key, nobody.mac_key, 32) != 0);
        require(identity.has_secret == (memcmp(identity.secret, nobody.secret, 32) != 0));
        require(is_label(identity.serial) && is_label(identity.maker));
        require(is_label(identity.model) && is_label(identity.software));
        identity_done(&identity);
        require(memcmp(&identity, &nobody, sizeof(nobody)) == 0);
        return 0;
}
