/* SPDX-License-Identifier: Apache-2.0 */

#include "code/foreign.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "util/defer.h"

#define TEXT_MAX       4096 /* bytes that are looked at */
#define ZWAVE_DIGITS   52   /* the shortest: lead-in, version, checksum, length, keys and DSK */
#define ZIGBEE_ADDRESS 16   /* hexadecimal digits */

struct foreign_text {
        const char *text;
        size_t n_text;
};

static bool begins_with(struct foreign_text t, const char *word)
{
        size_t n = strlen(word);

        return t.n_text >= n && strncasecmp(t.text, word, n) == 0;
}

static bool holds(struct foreign_text t, const char *word)
{
        for (; t.n_text >= strlen(word); t.text++, t.n_text--)
                if (begins_with(t, word))
                        return true;
        return false;
}

static size_t count_digits(struct foreign_text t)
{
        size_t n = 0;

        while (n < t.n_text && isdigit((unsigned char)t.text[n]))
                n++;
        return n;
}

static bool is_web(struct foreign_text t)
{
        return begins_with(t, "https://") || begins_with(t, "http://") || begins_with(t, "www.");
}

/* SmartStart of Z-Wave: digits only, the first two of which are 90. */
static bool is_zwave(struct foreign_text t)
{
        return begins_with(t, "90") && t.n_text >= ZWAVE_DIGITS && count_digits(t) == t.n_text;
}

/* An install code, as Zigbee 3.0 prints it (Z:address$I:code), and the form with more fields. */
static bool is_zigbee(struct foreign_text t)
{
        size_t n = 2;

        if (begins_with(t, "G$M:"))
                return holds(t, "$I:");
        while (n < t.n_text && isxdigit((unsigned char)t.text[n]))
                n++;
        return begins_with(t, "Z:") && n == 2 + ZIGBEE_ADDRESS && holds(t, "$I:");
}

/* Espressif's provisioning: JSON with the version of the form, a name and how to reach it. */
static bool is_esp(struct foreign_text t)
{
        return begins_with(t, "{") && holds(t, "\"ver\"") && holds(t, "\"name\"") &&
               (holds(t, "\"pop\"") || holds(t, "\"transport\""));
}

/* RFC 9140: an address with the peer's id, a nonce and a hash. */
static bool is_eap_noob(struct foreign_text t)
{
        if (begins_with(t, "eap-noob:") || begins_with(t, "eapnoob:"))
                return true;
        return is_web(t) && (holds(t, "?P=") || holds(t, "&P=")) &&
               (holds(t, "?N=") || holds(t, "&N=")) && (holds(t, "?H=") || holds(t, "&H="));
}

/* clang-format off */
static const struct {
        const char *start;
        enum reason reason;
} starts[] = {
        { "WIFI:",       REASON_FOREIGN_WIFI    },
        { "MT:",         REASON_FOREIGN_MATTER  },
        { "X-HM://",     REASON_FOREIGN_HOMEKIT },
        { "DPP:",        REASON_FOREIGN_DPP     },
        { "BEGIN:VCARD", REASON_FOREIGN_CONTACT },
        { "MECARD:",     REASON_FOREIGN_CONTACT },
        { "BIZCARD:",    REASON_FOREIGN_CONTACT },
        { "tel:",        REASON_FOREIGN_CALL    },
        { "sms:",        REASON_FOREIGN_CALL    },
        { "smsto:",      REASON_FOREIGN_CALL    },
        { "mailto:",     REASON_FOREIGN_CALL    },
        { "MATMSG:",     REASON_FOREIGN_CALL    },
};

/* In this order, because a more special one may look like a later one. */
static const struct {
        bool (*is)(struct foreign_text t);
        enum reason reason;
} shapes[] = {
        { is_zwave,    REASON_FOREIGN_ZWAVE    },
        { is_zigbee,   REASON_FOREIGN_ZIGBEE   },
        { is_esp,      REASON_FOREIGN_ESP      },
        { is_eap_noob, REASON_FOREIGN_EAP_NOOB },
        { is_web,      REASON_FOREIGN_WEB      },
};
/* clang-format on */

enum reason foreign_reason(const uint8_t *text, size_t n_text)
{
        struct foreign_text t = {(const char *)text, n_text < TEXT_MAX ? n_text : TEXT_MAX};

        while (t.n_text > 0 && isspace((unsigned char)t.text[0])) {
                t.text++;
                t.n_text--;
        }
        while (t.n_text > 0 && isspace((unsigned char)t.text[t.n_text - 1]))
                t.n_text--;
        for (size_t i = 0; i < ELEMENTSOF(starts); i++)
                if (begins_with(t, starts[i].start))
                        return starts[i].reason;
        for (size_t i = 0; i < ELEMENTSOF(shapes); i++)
                if (shapes[i].is(t))
                        return shapes[i].reason;
        return REASON_CODE_NOT_ENROLLMENT;
}
