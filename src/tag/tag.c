/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/tag.h"

#include <string.h>

#include "tag/ndef.h"
#include "tag/type2.h"
#include "tag/type4.h"

#define SAK_ISO14443_4 0x20
#define SAK_CLASSIC    0x08
#define SAK_UNFINISHED 0x04 /* the identifier is not complete */

enum tag_kind tag_kind_of(unsigned sak)
{
        if (sak & SAK_UNFINISHED)
                return TAG_KIND_OTHER;
        if (sak & SAK_ISO14443_4)
                return TAG_KIND_TYPE4;
        return sak & SAK_CLASSIC ? TAG_KIND_OTHER : TAG_KIND_TYPE2;
}

int tag_read(enum tag_kind kind, const struct air *air, uint8_t code[TEXT_CHARS_MAX],
             size_t *ret_n_code)
{
        uint8_t message[TAG_MESSAGE_MAX];
        size_t n_message = 0;
        int r = TAG_UNSUPPORTED;

        if (kind == TAG_KIND_TYPE2)
                r = type2_read(air, message, &n_message);
        else if (kind == TAG_KIND_TYPE4)
                r = type4_read(air, message, &n_message);
        if (r == 0)
                r = ndef_find(message, n_message, code, ret_n_code);
        explicit_bzero(message, sizeof(message));
        return r;
}

int tag_write(enum tag_kind kind, const struct air *air, const uint8_t *message, size_t n_message)
{
        switch (kind) {
        case TAG_KIND_TYPE2:
                return type2_write(air, message, n_message);
        case TAG_KIND_TYPE4:
                return type4_write(air, message, n_message);
        case TAG_KIND_OTHER:
                break;
        }
        return TAG_UNSUPPORTED;
}

enum reason tag_reason(int outcome)
{
        switch (outcome) {
        case TAG_EMPTY:
                return REASON_TAG_EMPTY;
        case TAG_FOREIGN:
                return REASON_TAG_FOREIGN;
        case TAG_UNSUPPORTED:
                return REASON_TAG_UNSUPPORTED;
        case TAG_FULL:
                return REASON_TAG_TOO_SMALL;
        case TAG_LOCKED:
                return REASON_TAG_LOCKED;
        case TAG_DIFFERENT:
                return REASON_TAG_NOT_WRITTEN;
        default:
                return REASON_TAG_UNREADABLE;
        }
}
