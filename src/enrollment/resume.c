/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/resume.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "wire/kdf.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLAIN_MAX   (2 + RESUME_CODE_MAX + RESUME_VALUES_MAX)

_Static_assert(NONCE_BYTES + PLAIN_MAX + TAG_BYTES <= STORE_RESUME_MAX,
               "a resume blob fits its row");

struct binding {
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        uint8_t epoch[4];
};

static struct binding resume_binding(const struct store_device *device)
{
        uint32_t epoch = device->ownership.epoch;
        struct binding b = {.epoch = {(uint8_t)(epoch >> 24), (uint8_t)(epoch >> 16),
                                      (uint8_t)(epoch >> 8), (uint8_t)epoch}};

        memcpy(b.device_id, device->device_id, sizeof(b.device_id));
        return b;
}

int resume_seal(const struct resume *resume, const uint8_t master[32], struct store_device *device)
{
        struct binding binding = resume_binding(device);
        struct store_ownership *o = &device->ownership;
        uint8_t plain[PLAIN_MAX], kek[32];
        size_t n_plain = 2 + resume->n_code + resume->n_values;
        unsigned long long n_sealed = 0;

        if (resume->n_code > RESUME_CODE_MAX || resume->n_values > RESUME_VALUES_MAX)
                return -EMSGSIZE;
        plain[0] = (uint8_t)(resume->n_code >> 8);
        plain[1] = (uint8_t)resume->n_code;
        memcpy(plain + 2, resume->code, resume->n_code);
        memcpy(plain + 2 + resume->n_code, resume->values, resume->n_values);

        kdf_hub_kek(master, kek);
        randombytes_buf(o->resume, NONCE_BYTES);
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(o->resume + NONCE_BYTES, &n_sealed, plain,
                                                         n_plain, (const uint8_t *)&binding,
                                                         sizeof(binding), NULL, o->resume, kek);
        o->n_resume = NONCE_BYTES + (size_t)n_sealed;
        sodium_memzero(plain, sizeof(plain));
        sodium_memzero(kek, sizeof(kek));
        return 0;
}

static int resume_split(struct resume *resume, const uint8_t *plain, size_t n_plain)
{
        size_t n_code;

        if (n_plain < 2)
                return -EBADMSG;
        n_code = (size_t)plain[0] << 8 | plain[1];
        if (n_code > RESUME_CODE_MAX || n_code > n_plain - 2 ||
            n_plain - 2 - n_code > RESUME_VALUES_MAX)
                return -EBADMSG;
        resume->n_code = n_code;
        memcpy(resume->code, plain + 2, n_code);
        resume->n_values = n_plain - 2 - n_code;
        memcpy(resume->values, plain + 2 + n_code, resume->n_values);
        return 0;
}

int resume_open(const struct store_device *device, const uint8_t master[32],
                struct resume *ret_resume)
{
        struct binding binding = resume_binding(device);
        const struct store_ownership *o = &device->ownership;
        uint8_t plain[STORE_RESUME_MAX], kek[32];
        unsigned long long n_plain = 0;
        int r;

        if (o->n_resume < NONCE_BYTES + TAG_BYTES || o->n_resume > STORE_RESUME_MAX)
                return -EBADMSG;
        kdf_hub_kek(master, kek);
        r = crypto_aead_xchacha20poly1305_ietf_decrypt(
                plain, &n_plain, NULL, o->resume + NONCE_BYTES, o->n_resume - NONCE_BYTES,
                (const uint8_t *)&binding, sizeof(binding), o->resume, kek);
        r = r == 0 ? resume_split(ret_resume, plain, (size_t)n_plain) : -EBADMSG;
        sodium_memzero(plain, sizeof(plain));
        sodium_memzero(kek, sizeof(kek));
        return r;
}

void resume_wipe(struct resume *resume)
{
        sodium_memzero(resume, sizeof(*resume));
}
