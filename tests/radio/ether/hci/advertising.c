/* SPDX-License-Identifier: Apache-2.0 */

/* Advertising sets. What the legacy commands set is set 0. */

#include <string.h>

#include "hci/command.h"
#include "hci/state.h"

#define LEGACY_DATA_MAX 31
#define POWER_UNKNOWN   127

/* Types of legacy advertising (Volume 4, Part E, section 7.8.5). */
enum { ADV_IND, ADV_DIRECT_IND_HIGH, ADV_SCAN_IND, ADV_NONCONN_IND, ADV_DIRECT_IND_LOW };

/* Properties of extended advertising (section 7.8.53). */
enum {
        CONNECTABLE = 1 << 0,
        SCANNABLE = 1 << 1,
        DIRECTED = 1 << 2,
        HIGH_DUTY = 1 << 3,
        LEGACY = 1 << 4,
        INCLUDE_POWER = 1 << 6,
};

/* Operations on a set's data (section 7.8.54). */
enum { INTERMEDIATE, FIRST, LAST, COMPLETE, UNCHANGED };

static void set_stop(struct controller *c, uint8_t number)
{
        if (c->sets[number].enabled)
                radio_advertise_stop(c->radio, number);
        c->sets[number].enabled = false;
}

/* What keeps a set from the air. */
static uint8_t set_status(const struct controller *c, const struct hci_set *set,
                          struct air_address *ret_own)
{
        const uint8_t *random = set->has_address ? set->address : NULL;

        if (!hci_own_address(c, set->own_type, random, ret_own))
                return HCI_INVALID_PARAMETERS;
        if (!set->enabled && set->advertising.connectable &&
            radio_links(c->radio) >= c->settings.n_links)
                return HCI_CONNECTION_LIMIT;
        return HCI_SUCCESS;
}

/* Puts the set into the air as it is now. */
static uint8_t set_start(struct controller *c, uint8_t number)
{
        struct hci_set *set = &c->sets[number];
        uint8_t status = set_status(c, set, &set->advertising.own);

        if (status != HCI_SUCCESS)
                return status;
        if (radio_advertise(c->radio, number, &set->advertising) < 0)
                return HCI_MEMORY_EXCEEDED;
        set->enabled = true;
        return HCI_SUCCESS;
}

static void set_refresh(struct controller *c, uint8_t number)
{
        if (c->sets[number].enabled)
                (void)set_start(c, number);
}

void hci_advertising_reset(struct controller *c)
{
        for (uint8_t i = 0; i < AIR_SETS_MAX; i++) {
                set_stop(c, i);
                memset(&c->sets[i], 0, sizeof(c->sets[i]));
        }
}

void hci_advertising_ended(struct controller *c, uint8_t set, uint8_t status, uint16_t handle,
                           unsigned events)
{
        uint8_t data[5] = {status, set, 0, 0, (uint8_t)events};

        c->sets[set].enabled = false;
        hci_put16(data + 2, handle);
        if (c->kind == HCI_EXTENDED)
                hci_le_event(c, HCI_LE_ADVERTISING_SET_TERMINATED, data, sizeof(data));
        else if (status != HCI_SUCCESS)
                hci_connecting_failed(c, status, LINK_PERIPHERAL);
}

/* --- legacy --- */

static bool interval_is_right(uint32_t min, uint32_t max)
{
        return min >= 0x20 && min <= max;
}

uint8_t hci_le_set_advertising_parameters(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = &c->sets[0];
        struct air_advertising *a = &set->advertising;
        const uint8_t *in = call->in;
        uint8_t type = in[4];

        if (!hci_kind_is(c, HCI_LEGACY) || set->enabled)
                return HCI_COMMAND_DISALLOWED;
        if (type > ADV_DIRECT_IND_LOW || !(in[13] & 7) ||
            (type != ADV_DIRECT_IND_HIGH && !interval_is_right(hci_get16(in), hci_get16(in + 2))))
                return HCI_INVALID_PARAMETERS;
        set->used = true;
        set->own_type = in[5];
        a->interval = hci_get16(in) * HCI_SLOT;
        a->connectable = type != ADV_SCAN_IND && type != ADV_NONCONN_IND;
        a->scannable = type == ADV_IND || type == ADV_SCAN_IND;
        a->directed = type == ADV_DIRECT_IND_HIGH || type == ADV_DIRECT_IND_LOW;
        a->high_duty = type == ADV_DIRECT_IND_HIGH;
        a->peer.type = in[6];
        memcpy(a->peer.bytes, in + 7, 6);
        a->channels = in[13];
        a->accept_scans = in[14] & 1;
        a->accept_connects = in[14] & 2;
        a->primary_phy = a->secondary_phy = LINK_PHY_1M;
        a->tx_power = POWER_UNKNOWN;
        return HCI_SUCCESS;
}

uint8_t hci_le_read_advertising_power(struct controller *c, struct hci_call *call)
{
        (void)c;
        call->out[call->n_out++] = HCI_TX_POWER;
        return HCI_SUCCESS;
}

static uint8_t legacy_data(struct controller *c, const uint8_t *in, uint8_t *data, uint16_t *n_data)
{
        if (!hci_kind_is(c, HCI_LEGACY))
                return HCI_COMMAND_DISALLOWED;
        if (in[0] > LEGACY_DATA_MAX)
                return HCI_INVALID_PARAMETERS;
        memcpy(data, in + 1, in[0]);
        *n_data = in[0];
        set_refresh(c, 0);
        return HCI_SUCCESS;
}

uint8_t hci_le_set_advertising_data(struct controller *c, struct hci_call *call)
{
        struct air_advertising *a = &c->sets[0].advertising;

        return legacy_data(c, call->in, a->data, &a->n_data);
}

uint8_t hci_le_set_response_data(struct controller *c, struct hci_call *call)
{
        struct air_advertising *a = &c->sets[0].advertising;

        return legacy_data(c, call->in, a->response, &a->n_response);
}

/* Without parameters the set is what the specification says it is at first. */
static void legacy_defaults(struct hci_set *set)
{
        struct air_advertising *a = &set->advertising;

        if (set->used)
                return;
        set->used = true;
        a->interval = 0x800 * HCI_SLOT;
        a->connectable = a->scannable = true;
        a->channels = 7;
        a->primary_phy = a->secondary_phy = LINK_PHY_1M;
        a->tx_power = POWER_UNKNOWN;
}

uint8_t hci_le_set_advertising_enable(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = &c->sets[0];

        if (!hci_kind_is(c, HCI_LEGACY))
                return HCI_COMMAND_DISALLOWED;
        if (!call->in[0]) {
                set_stop(c, 0);
                return HCI_SUCCESS;
        }
        legacy_defaults(set);
        set->has_address = c->has_random;
        memcpy(set->address, c->random, sizeof(set->address));
        return set_start(c, 0);
}

/* --- extended --- */

/* The set of a command, or NULL. */
static struct hci_set *set_find(struct controller *c, uint8_t number)
{
        return number < AIR_SETS_MAX && c->sets[number].used ? &c->sets[number] : NULL;
}

static void set_configure(struct hci_set *set, const uint8_t *in)
{
        struct air_advertising *a = &set->advertising;
        uint16_t properties = hci_get16(in + 1);

        set->used = true;
        set->own_type = in[10];
        a->extended = !(properties & LEGACY);
        a->connectable = properties & CONNECTABLE;
        a->scannable = properties & SCANNABLE;
        a->directed = properties & DIRECTED;
        a->high_duty = properties & HIGH_DUTY;
        a->interval = (uint64_t)hci_get24(in + 3) * HCI_SLOT;
        a->channels = in[9];
        a->peer.type = in[11];
        memcpy(a->peer.bytes, in + 12, 6);
        a->accept_scans = in[18] & 1;
        a->accept_connects = in[18] & 2;
        a->primary_phy = in[20];
        a->secondary_phy = a->extended ? in[22] : LINK_PHY_1M;
        a->sid = in[23];
        a->tx_power = properties & INCLUDE_POWER ? HCI_TX_POWER : POWER_UNKNOWN;
}

/* What the set holds already must fit what it becomes (section 7.8.53). */
static bool data_fits(const struct hci_set *set, bool extended)
{
        const struct air_advertising *a = &set->advertising;

        return extended || (a->n_data <= LEGACY_DATA_MAX && a->n_response <= LEGACY_DATA_MAX);
}

/* An extended advertisement cannot be both connectable and scannable, and this radio has no coded
 * PHY. */
static uint8_t configuration_status(const uint8_t *in)
{
        uint16_t properties = hci_get16(in + 1);

        if (!interval_is_right(hci_get24(in + 3), hci_get24(in + 6)) || !(in[9] & 7))
                return HCI_INVALID_PARAMETERS;
        if (!(properties & LEGACY) && (properties & CONNECTABLE) && (properties & SCANNABLE))
                return HCI_INVALID_PARAMETERS;
        if (in[20] != LINK_PHY_1M ||
            (!(properties & LEGACY) && (in[22] == 0 || in[22] > LINK_PHY_2M)))
                return HCI_UNSUPPORTED_PARAMETER;
        return HCI_SUCCESS;
}

uint8_t hci_le_set_extended_parameters(struct controller *c, struct hci_call *call)
{
        uint8_t number = call->in[0], status = configuration_status(call->in);

        if (!hci_kind_is(c, HCI_EXTENDED))
                return HCI_COMMAND_DISALLOWED;
        if (number >= AIR_SETS_MAX)
                return HCI_MEMORY_EXCEEDED;
        if (c->sets[number].enabled)
                return HCI_COMMAND_DISALLOWED;
        if (status != HCI_SUCCESS)
                return status;
        if (!data_fits(&c->sets[number], !(hci_get16(call->in + 1) & LEGACY)))
                return HCI_INVALID_PARAMETERS;
        set_configure(&c->sets[number], call->in);
        call->out[call->n_out++] = HCI_TX_POWER;
        return HCI_SUCCESS;
}

uint8_t hci_le_set_set_address(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = set_find(c, call->in[0]);

        if (!set)
                return HCI_UNKNOWN_ADVERTISING_SET;
        if (set->enabled && set->advertising.connectable)
                return HCI_COMMAND_DISALLOWED;
        memcpy(set->address, call->in + 1, sizeof(set->address));
        set->has_address = true;
        set_refresh(c, call->in[0]);
        return HCI_SUCCESS;
}

/* One piece of a set's data, or all of it: handle, operation, preference, length, bytes. */
static uint8_t extended_data(struct controller *c, const struct hci_call *call, uint8_t *data,
                             uint16_t *n_data)
{
        const struct hci_set *set = &c->sets[call->in[0]];
        uint16_t limit = set->advertising.extended ? AIR_DATA_MAX : LEGACY_DATA_MAX;
        uint8_t operation = call->in[1], n = call->in[3];
        bool begins = operation == FIRST || operation == COMPLETE;

        if (operation > UNCHANGED || call->n_in != 4U + n || (begins ? n : *n_data + n) > limit)
                return HCI_INVALID_PARAMETERS;
        if (set->enabled && operation != COMPLETE && operation != UNCHANGED)
                return HCI_COMMAND_DISALLOWED;
        if (operation == UNCHANGED)
                return HCI_SUCCESS;
        if (begins)
                *n_data = 0;
        memcpy(data + *n_data, call->in + 4, n);
        *n_data = (uint16_t)(*n_data + n);
        set_refresh(c, call->in[0]);
        return HCI_SUCCESS;
}

uint8_t hci_le_set_extended_data(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = set_find(c, call->in[0]);

        return set ? extended_data(c, call, set->advertising.data, &set->advertising.n_data)
                   : HCI_UNKNOWN_ADVERTISING_SET;
}

uint8_t hci_le_set_extended_response(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = set_find(c, call->in[0]);

        return set ? extended_data(c, call, set->advertising.response, &set->advertising.n_response)
                   : HCI_UNKNOWN_ADVERTISING_SET;
}

static uint8_t enable_status(struct controller *c, uint8_t number)
{
        const struct hci_set *set = set_find(c, number);
        struct air_address own;

        return set ? set_status(c, set, &own) : HCI_UNKNOWN_ADVERTISING_SET;
}

/* Its duration and its events are counted from zero, even if it runs already. */
static uint8_t extended_enable(struct controller *c, const uint8_t *in)
{
        struct hci_set *set = &c->sets[in[0]];

        set_stop(c, in[0]);
        set->advertising.duration = hci_get16(in + 1) * UINT64_C(10000);
        set->advertising.max_events = in[3];
        return set_start(c, in[0]);
}

static uint8_t extended_disable(struct controller *c, const uint8_t *in)
{
        set_stop(c, in[0]);
        return HCI_SUCCESS;
}

/* All sets of the command, or none. */
uint8_t hci_le_set_extended_enable(struct controller *c, struct hci_call *call)
{
        uint8_t enable = call->in[0], n_sets = call->in[1], status = HCI_SUCCESS;
        const uint8_t *sets = call->in + 2;

        if (!hci_kind_is(c, HCI_EXTENDED))
                return HCI_COMMAND_DISALLOWED;
        if (call->n_in != 2U + n_sets * 4U || (enable && n_sets == 0))
                return HCI_INVALID_PARAMETERS;
        if (n_sets == 0)
                for (uint8_t i = 0; i < AIR_SETS_MAX; i++)
                        set_stop(c, i);
        for (uint8_t i = 0; i < n_sets && status == HCI_SUCCESS; i++)
                if (enable)
                        status = enable_status(c, sets[i * 4]);
                else if (!set_find(c, sets[i * 4]))
                        status = HCI_UNKNOWN_ADVERTISING_SET;
        for (uint8_t i = 0; i < n_sets && status == HCI_SUCCESS; i++)
                status = enable ? extended_enable(c, sets + i * 4)
                                : extended_disable(c, sets + i * 4);
        return status;
}

uint8_t hci_le_read_maximum_data(struct controller *c, struct hci_call *call)
{
        (void)c;
        hci_put16(call->out + call->n_out, AIR_DATA_MAX);
        call->n_out += 2;
        return HCI_SUCCESS;
}

uint8_t hci_le_read_number_of_sets(struct controller *c, struct hci_call *call)
{
        (void)c;
        call->out[call->n_out++] = AIR_SETS_MAX;
        return HCI_SUCCESS;
}

uint8_t hci_le_remove_set(struct controller *c, struct hci_call *call)
{
        struct hci_set *set = set_find(c, call->in[0]);

        if (!set)
                return HCI_UNKNOWN_ADVERTISING_SET;
        if (set->enabled)
                return HCI_COMMAND_DISALLOWED;
        memset(set, 0, sizeof(*set));
        return HCI_SUCCESS;
}

uint8_t hci_le_clear_sets(struct controller *c, struct hci_call *call)
{
        (void)call;
        for (size_t i = 0; i < AIR_SETS_MAX; i++)
                if (c->sets[i].enabled)
                        return HCI_COMMAND_DISALLOWED;
        memset(c->sets, 0, sizeof(c->sets));
        return HCI_SUCCESS;
}
