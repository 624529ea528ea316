/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "program/verify.h"
#include "wire/kdf.h"

void record_text(char *text, size_t size, struct cbor_span span)
{
        size_t n = span.n_bytes < size ? span.n_bytes : size - 1;

        memcpy(text, span.bytes, n);
        text[n] = '\0';
}

void record_words(char *text, size_t size, const struct program_channel *channel)
{
        size_t n = 0;

        text[0] = '\0';
        for (unsigned i = 0; i < channel->n_words && n + 1 < size; i++) {
                if (i > 0)
                        text[n++] = ' ';
                record_text(text + n, size - n, channel->words[i]);
                n += strlen(text + n);
        }
}

/* Copies the text with this number from a map; leaves @text alone if it is not there. */
static void text_take(struct cbor_span map, unsigned number, char *text, size_t size)
{
        struct value value;

        if (value_find(map, number, &value) && value.kind == VALUE_TEXT)
                record_text(text, size, value.span);
}

void record_name(const char *text, char ret_name[STORE_NAME_SIZE])
{
        size_t n = 0;

        for (; *text && n < STORE_NAME_SIZE - 1; text++) {
                if (isalnum((unsigned char)*text))
                        ret_name[n++] = (char)tolower((unsigned char)*text);
                else if (n > 0 && ret_name[n - 1] != '-')
                        ret_name[n++] = '-';
        }
        while (n > 0 && ret_name[n - 1] == '-')
                n--;
        ret_name[n] = '\0';
        if (!store_name_valid(ret_name, n))
                (void)snprintf(ret_name, STORE_NAME_SIZE, "device");
}

static bool bytes_match(struct cbor_span report, unsigned number, const uint8_t *expected,
                        size_t n_expected)
{
        struct value value;

        if (!value_find(report, number, &value))
                return true; /* whether it must be there is for `expect` to say */
        return value.span.n_bytes == n_expected &&
               memcmp(value.span.bytes, expected, n_expected) == 0;
}

int record_add_report(struct store_device *device, const struct payload *payload,
                      struct cbor_span report)
{
        struct value value;

        if (program_verify_report(report) != PROGRAM_OK)
                return RECORD_E_REPORT;
        if (payload->serial[0] &&
            !bytes_match(report, PROGRAM_ITEM_SERIAL, (const uint8_t *)payload->serial,
                         strlen(payload->serial)))
                return RECORD_E_SERIAL;
        if (!bytes_match(report, PROGRAM_ITEM_PUBLIC_KEY, payload->public_key,
                         sizeof(payload->public_key)) ||
            !bytes_match(report, PROGRAM_ITEM_IDENTITY, device->device_id,
                         sizeof(device->device_id)))
                return RECORD_E_KEY;

        text_take(report, PROGRAM_ITEM_SERIAL, device->serial, sizeof(device->serial));
        text_take(report, PROGRAM_ITEM_SOFTWARE, device->software, sizeof(device->software));
        if (value_find(report, PROGRAM_ITEM_FUNCTIONS, &value) &&
            value.span.n_bytes <= sizeof(device->functions)) {
                memcpy(device->functions, value.span.bytes, value.span.n_bytes);
                device->n_functions = value.span.n_bytes;
        }
        return 0;
}

void record_add_values(struct store_device *device, struct cbor_span values)
{
        text_take(values, PROGRAM_PARAMETER_LOCATION, device->location, sizeof(device->location));
        text_take(values, PROGRAM_PARAMETER_OWNER, device->owner, sizeof(device->owner));
        if (values.n_bytes <= sizeof(device->config)) {
                memcpy(device->config, values.bytes, values.n_bytes);
                device->n_config = values.n_bytes;
        }
}

void record_from_code(const struct payload *payload, const uint8_t device_id[16],
                      const char *issuer, struct store_device *ret_device)
{
        memset(ret_device, 0, sizeof(*ret_device));
        ret_device->kind = STORE_ENROLLED;
        memcpy(ret_device->device_id, device_id, sizeof(ret_device->device_id));
        memcpy(ret_device->ownership.public_key, payload->public_key,
               sizeof(ret_device->ownership.public_key));
        (void)snprintf(ret_device->maker, sizeof(ret_device->maker), "%s", payload->maker);
        (void)snprintf(ret_device->model, sizeof(ret_device->model), "%s", payload->model);
        (void)snprintf(ret_device->serial, sizeof(ret_device->serial), "%s", payload->serial);
        (void)snprintf(ret_device->issuer, sizeof(ret_device->issuer), "%s", issuer);
}
