/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "code/code.h"
#include "policy/verdict.h"
#include "util/hex.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLAIN_MAX   (KDF_KEY_BYTES + CODE_BYTES_MAX)

_Static_assert(NONCE_BYTES + PLAIN_MAX + TAG_BYTES <= STORE_SEALED_MAX, "a code fits its entry");
_Static_assert(REFERENCE_SIZE == STORE_REFERENCE_SIZE, "a reference fits its entry");

/* What an entry's seal is bound to; the label keeps it apart from what else the hub seals. */
struct binding {
        char label[16];
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
};

static struct binding binding_of(const struct store_entry *entry)
{
        struct binding b = {.label = "enrolld entry 1"};

        memcpy(b.device_id, entry->device_id, sizeof(b.device_id));
        return b;
}

/* Seals the advertisement key and the code behind it. */
static void entry_seal(const struct catalogue *c, const struct code *code,
                       struct store_entry *entry)
{
        struct binding binding = binding_of(entry);
        uint8_t plain[PLAIN_MAX], kek[KDF_KEY_BYTES];
        unsigned long long n_sealed = 0;

        kdf_adv_key(code->payload.secret, plain);
        memcpy(plain + KDF_KEY_BYTES, code->bytes, code->n_bytes);
        kdf_hub_kek(c->master, kek);
        randombytes_buf(entry->sealed, NONCE_BYTES);
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
                entry->sealed + NONCE_BYTES, &n_sealed, plain, KDF_KEY_BYTES + code->n_bytes,
                (const uint8_t *)&binding, sizeof(binding), NULL, entry->sealed, kek);
        entry->n_sealed = NONCE_BYTES + (size_t)n_sealed;
        sodium_memzero(plain, sizeof(plain));
        sodium_memzero(kek, sizeof(kek));
}

static int entry_unseal(const struct catalogue *c, const struct store_entry *entry,
                        uint8_t ret_plain[PLAIN_MAX], size_t *ret_n_plain)
{
        struct binding binding = binding_of(entry);
        unsigned long long n_plain = 0;
        uint8_t kek[KDF_KEY_BYTES];
        int r;

        if (entry->n_sealed < NONCE_BYTES + KDF_KEY_BYTES + TAG_BYTES ||
            entry->n_sealed > NONCE_BYTES + PLAIN_MAX + TAG_BYTES)
                return -EBADMSG;
        kdf_hub_kek(c->master, kek);
        r = crypto_aead_xchacha20poly1305_ietf_decrypt(
                ret_plain, &n_plain, NULL, entry->sealed + NONCE_BYTES,
                entry->n_sealed - NONCE_BYTES, (const uint8_t *)&binding, sizeof(binding),
                entry->sealed, kek);
        sodium_memzero(kek, sizeof(kek));
        *ret_n_plain = (size_t)n_plain;
        return r == 0 ? 0 : -EBADMSG;
}

int catalogue_open(const struct catalogue *c, const struct store_entry *entry,
                   uint8_t ret_code[CODE_BYTES_MAX], size_t *ret_n_code)
{
        uint8_t plain[PLAIN_MAX];
        size_t n_plain = 0;
        int r = entry_unseal(c, entry, plain, &n_plain);

        if (r == 0) {
                *ret_n_code = n_plain - KDF_KEY_BYTES;
                memcpy(ret_code, plain + KDF_KEY_BYTES, *ret_n_code);
        }
        sodium_memzero(plain, sizeof(plain));
        return r;
}

int catalogue_adv_key(const struct catalogue *c, const struct store_entry *entry,
                      uint8_t ret_key[KDF_KEY_BYTES])
{
        uint8_t plain[PLAIN_MAX];
        size_t n_plain = 0;
        int r = entry_unseal(c, entry, plain, &n_plain);

        if (r == 0)
                memcpy(ret_key, plain, KDF_KEY_BYTES);
        sodium_memzero(plain, sizeof(plain));
        return r;
}

static void entry_describe(const struct code *code, const struct catalogue_offer *offer,
                           struct store_entry *entry)
{
        const struct payload *payload = &code->payload;

        memset(entry, 0, sizeof(*entry));
        memcpy(entry->device_id, payload->identity, sizeof(entry->device_id));
        (void)snprintf(entry->reference, sizeof(entry->reference), "%s", offer->reference);
        (void)snprintf(entry->maker, sizeof(entry->maker), "%s", payload->maker);
        (void)snprintf(entry->model, sizeof(entry->model), "%s", payload->model);
        (void)snprintf(entry->serial, sizeof(entry->serial), "%s", payload->serial);
        (void)snprintf(entry->issuer, sizeof(entry->issuer), "%s", code->issuer_name);
        (void)snprintf(entry->name, sizeof(entry->name), "%s", offer->name);
        entry->joins = offer->joins;
        entry->added_at = offer->now;
}

enum reason catalogue_check(const struct catalogue *c, const struct catalogue_offer *offer,
                            struct store_entry *ret_entry, char ret_detail[CATALOGUE_DETAIL_SIZE])
{
        struct verdict verdict = {.text = ""};
        struct code code;
        enum reason why;

        ret_detail[0] = '\0';
        why = code_open(&code, offer->code, offer->n_code, c->issuers, c->daemon);
        if (why == REASON_NONE)
                why = verdict_make(&code, c->ceiling, c->store, &verdict);
        if (why == REASON_NONE && offer->reference[0] &&
            !reference_fits(offer->reference, code.payload.serial))
                why = REASON_REFERENCE_DIFFERS;
        if (why == REASON_NONE) {
                entry_describe(&code, offer, ret_entry);
                entry_seal(c, &code, ret_entry);
        } else {
                (void)snprintf(ret_detail, CATALOGUE_DETAIL_SIZE, "%s", code.detail);
        }
        code_done(&code);
        return why;
}

#define KEEP_MAX 16 /* in one transaction */

/* Those for which there is room. How many they are. */
static size_t choose(const struct catalogue *c, const struct store_entry *entries, size_t n_entries,
                     uint64_t n_kept, const struct store_entry *ret_chosen[KEEP_MAX],
                     enum reason *ret_reasons)
{
        uint64_t room = n_kept < CATALOGUE_ENTRIES_MAX ? CATALOGUE_ENTRIES_MAX - n_kept : 0;
        struct store_entry former;
        size_t n = 0;

        for (size_t i = 0; i < n_entries; i++) {
                bool is_new = store_find_entry(c->store, entries[i].device_id, &former) != 0;

                ret_reasons[i] = is_new && room == 0 ? REASON_CATALOGUE_FULL : REASON_NONE;
                if (ret_reasons[i] != REASON_NONE)
                        continue;
                room -= is_new;
                ret_chosen[n++] = &entries[i];
        }
        return n;
}

static void keep_some(const struct catalogue *c, const struct store_entry *entries,
                      size_t n_entries, enum reason *ret_reasons)
{
        const struct store_entry *chosen[KEEP_MAX];
        bool taken[KEEP_MAX] = {false};
        uint64_t n_kept = 0;
        size_t n = 0;
        int r;

        r = store_entry_count(c->store, &n_kept);
        if (r == 0) {
                n = choose(c, entries, n_entries, n_kept, chosen, ret_reasons);
                r = store_put_entries(c->store, chosen, n, taken);
        }
        for (size_t i = 0; r < 0 && i < n_entries; i++)
                ret_reasons[i] = store_reason(r);
        for (size_t i = 0; r == 0 && i < n; i++)
                if (taken[i])
                        ret_reasons[chosen[i] - entries] = REASON_REFERENCE_TAKEN;
}

void catalogue_keep(const struct catalogue *c, const struct store_entry *entries, size_t n_entries,
                    enum reason *ret_reasons)
{
        for (size_t i = 0; i < n_entries; i += KEEP_MAX)
                keep_some(c, entries + i, n_entries - i < KEEP_MAX ? n_entries - i : KEEP_MAX,
                          ret_reasons + i);
}

enum reason catalogue_find(const struct catalogue *c, const char *id, struct store_entry *ret_entry)
{
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char reference[REFERENCE_SIZE];
        enum reference_outcome outcome;
        int r = STORE_E_NONE;

        outcome = reference_read((const uint8_t *)id, strlen(id), reference);
        if (outcome == REFERENCE_DONE)
                r = store_find_reference(c->store, reference, ret_entry);
        if (r == STORE_E_NONE && hex_decode(id, device_id, sizeof(device_id)) == 0) {
                outcome = REFERENCE_OTHER;
                r = store_find_entry(c->store, device_id, ret_entry);
        }
        if (r == STORE_E_NONE)
                return outcome == REFERENCE_WRONG_CHECK ? REASON_REFERENCE_MISTYPED
                                                        : REASON_NO_SUCH_ENTRY;
        return r == 0 ? REASON_NONE : store_reason(r);
}
