/* SPDX-License-Identifier: Apache-2.0 */

/* What the controller is, and what the host sets once. */

#include <bearssl.h>
#include <string.h>

#include "hci/command.h"
#include "hci/state.h"

#define VERSION_4_2   0x08
#define VERSION_5_2   0x0b
#define COMPANY       0xffff /* for internal use */
#define OCTETS_MAX    LINK_OCTETS_MAX
#define TIME_MAX      2120 /* us, of 251 octets on LE 1M */
#define EVENT_MASK    UINT64_C(0x00001fffffffffff)
#define LE_EVENT_MASK UINT64_C(0x1f)

/* Encryption, connection parameters request, extended reject, peripheral-initiated features
 * exchange, data packet length extension; LE 2M PHY, LE extended advertising (Volume 6, Part B,
 * section 4.6). */
static const uint8_t features_5_2[8] = {0x2f, 0x11};
static const uint8_t features_4_2[8] = {0x2f};

static uint64_t get64(const uint8_t *p)
{
        uint64_t value = 0;

        for (size_t i = 8; i-- > 0;)
                value = value << 8 | p[i];
        return value;
}

static void answer(struct hci_call *call, const void *data, size_t n_data)
{
        memcpy(call->out + call->n_out, data, n_data);
        call->n_out += n_data;
}

void hci_info_reset(struct controller *c)
{
        c->event_mask = EVENT_MASK;
        c->le_event_mask = LE_EVENT_MASK;
        c->has_random = false;
        c->kind = HCI_EITHER;
        c->default_octets = LINK_OCTETS_MIN;
        c->default_tx_phys = c->default_rx_phys = c->settings.legacy ? 1 : 3;
}

bool hci_kind_is(struct controller *c, enum hci_kind kind)
{
        if (c->kind == HCI_EITHER)
                c->kind = kind;
        return c->kind == kind;
}

const uint8_t *hci_info_features(const struct controller *c)
{
        return c->settings.legacy ? features_4_2 : features_5_2;
}

bool hci_own_address(const struct controller *c, uint8_t own_type, const uint8_t *random,
                     struct air_address *ret_address)
{
        struct air_address address = {.type = HCI_OWN_RANDOM(own_type) ? AIR_RANDOM : AIR_PUBLIC};

        if (address.type == AIR_RANDOM && !random)
                return false;
        memcpy(address.bytes, address.type == AIR_RANDOM ? random : c->settings.address, 6);
        *ret_address = address;
        return true;
}

uint8_t hci_reset(struct controller *c, struct hci_call *call)
{
        (void)call;
        hci_link_reset(c);
        hci_advertising_reset(c);
        hci_scanning_reset(c);
        hci_connecting_reset(c);
        hci_info_reset(c);
        return HCI_SUCCESS;
}

uint8_t hci_set_event_mask(struct controller *c, struct hci_call *call)
{
        c->event_mask = get64(call->in);
        return HCI_SUCCESS;
}

uint8_t hci_le_set_event_mask(struct controller *c, struct hci_call *call)
{
        c->le_event_mask = get64(call->in);
        return HCI_SUCCESS;
}

void hci_info_version(const struct controller *c, uint8_t ret_version[5])
{
        memset(ret_version, 0, 5);
        ret_version[0] = c->settings.legacy ? VERSION_4_2 : VERSION_5_2;
        hci_put16(ret_version + 1, COMPANY);
}

/* HCI version, its revision, then the same of the link layer. */
uint8_t hci_read_local_version(struct controller *c, struct hci_call *call)
{
        uint8_t version[5];

        hci_info_version(c, version);
        answer(call, (uint8_t[]){version[0], 0, 0}, 3);
        answer(call, version, sizeof(version));
        return HCI_SUCCESS;
}

uint8_t hci_read_local_commands(struct controller *c, struct hci_call *call)
{
        uint8_t bitmap[64];

        hci_command_support(c, bitmap);
        answer(call, bitmap, sizeof(bitmap));
        return HCI_SUCCESS;
}

uint8_t hci_read_local_features(struct controller *c, struct hci_call *call)
{
        static const uint8_t lmp[8] = {[4] = 0x60}; /* no BR/EDR, LE */

        (void)c;
        answer(call, lmp, sizeof(lmp));
        return HCI_SUCCESS;
}

uint8_t hci_read_address(struct controller *c, struct hci_call *call)
{
        answer(call, c->settings.address, sizeof(c->settings.address));
        return HCI_SUCCESS;
}

uint8_t hci_le_read_buffer_size(struct controller *c, struct hci_call *call)
{
        static const uint8_t size[3] = {HCI_ACL_OCTETS, 0, HCI_ACL_COUNT};

        (void)c;
        answer(call, size, sizeof(size));
        return HCI_SUCCESS;
}

uint8_t hci_le_read_features(struct controller *c, struct hci_call *call)
{
        answer(call, hci_info_features(c), 8);
        return HCI_SUCCESS;
}

uint8_t hci_le_read_states(struct controller *c, struct hci_call *call)
{
        static const uint8_t all[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0x03};

        (void)c;
        answer(call, all, sizeof(all));
        return HCI_SUCCESS;
}

uint8_t hci_le_set_random_address(struct controller *c, struct hci_call *call)
{
        if (c->initiating || c->scan.enabled || (c->kind == HCI_LEGACY && c->sets[0].enabled))
                return HCI_COMMAND_DISALLOWED;
        memcpy(c->random, call->in, sizeof(c->random));
        c->has_random = true;
        return HCI_SUCCESS;
}

uint8_t hci_le_set_channel_classification(struct controller *c, struct hci_call *call)
{
        (void)c;
        (void)call; /* a hint; every channel of this air is as good */
        return HCI_SUCCESS;
}

/* HCI has the key, the plaintext and the result with the least significant byte first. */
uint8_t hci_le_encrypt(struct controller *c, struct hci_call *call)
{
        uint8_t key[16], block[16];

        (void)c;
        for (size_t i = 0; i < 16; i++) {
                key[i] = call->in[15 - i];
                block[i] = call->in[31 - i];
        }
        hci_aes(key, block);
        for (size_t i = 0; i < 16; i++)
                call->out[call->n_out++] = block[15 - i];
        return HCI_SUCCESS;
}

void hci_aes(const uint8_t key[16], uint8_t block[16])
{
        br_aes_ct_cbcenc_keys keys;
        uint8_t zero[16] = {0};

        br_aes_ct_cbcenc_init(&keys, key, 16);
        br_aes_ct_cbcenc_run(&keys, zero, block, 16);
}

uint8_t hci_le_rand(struct controller *c, struct hci_call *call)
{
        uint64_t number = chance_draw(&c->chance);

        answer(call, &number, sizeof(number));
        return HCI_SUCCESS;
}

uint8_t hci_le_read_default_length(struct controller *c, struct hci_call *call)
{
        uint8_t data[4];

        hci_put16(data, c->default_octets);
        hci_put16(data + 2, hci_octets_time(c->default_octets));
        answer(call, data, sizeof(data));
        return HCI_SUCCESS;
}

uint8_t hci_le_write_default_length(struct controller *c, struct hci_call *call)
{
        uint16_t octets = hci_get16(call->in);

        if (octets < LINK_OCTETS_MIN || octets > OCTETS_MAX)
                return HCI_INVALID_PARAMETERS;
        c->default_octets = octets;
        return HCI_SUCCESS;
}

uint8_t hci_le_read_maximum_length(struct controller *c, struct hci_call *call)
{
        uint8_t data[8];

        (void)c;
        hci_put16(data, OCTETS_MAX);
        hci_put16(data + 2, TIME_MAX);
        hci_put16(data + 4, OCTETS_MAX);
        hci_put16(data + 6, TIME_MAX);
        answer(call, data, sizeof(data));
        return HCI_SUCCESS;
}

/* Airtime on LE 1M: preamble, access address, header, MIC and CRC are 14 bytes more. */
uint16_t hci_octets_time(uint16_t octets)
{
        return (uint16_t)((octets + 14) * 8);
}

uint8_t hci_le_set_default_phy(struct controller *c, struct hci_call *call)
{
        uint8_t no_preference = call->in[0], tx = call->in[1], rx = call->in[2];

        c->default_tx_phys = no_preference & 1 ? 3 : tx;
        c->default_rx_phys = no_preference & 2 ? 3 : rx;
        return HCI_SUCCESS;
}

uint8_t hci_le_read_transmit_power(struct controller *c, struct hci_call *call)
{
        static const uint8_t power[2] = {(uint8_t)-20, (uint8_t)10};

        (void)c;
        answer(call, power, sizeof(power));
        return HCI_SUCCESS;
}
