/* SPDX-License-Identifier: Apache-2.0 */

/* Scanning, and which of the things heard are reported. */

#include <string.h>

#include "hci/packet-queue.h"
#include "hci/command.h"
#include "hci/state.h"

#define REPORT_DATA 229 /* bytes that fit into one extended report */
#define FROZEN_MAX  256 /* packets that wait for a host; then what is heard is not told */

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum { COMPLETE, MORE_TO_COME };

void hci_scanning_reset(struct controller *c)
{
        radio_scan(c->radio, NULL);
        memset(&c->scan, 0, sizeof(c->scan));
}

static uint8_t scan_configure(struct controller *c, bool extended, uint8_t own_type, uint8_t policy,
                              const uint8_t *timing)
{
        uint16_t interval = hci_get16(timing + 1), window = hci_get16(timing + 3);
        struct air_scanning *s = &c->scan.scanning;

        if (!hci_kind_is(c, extended ? HCI_EXTENDED : HCI_LEGACY) || c->scan.enabled)
                return HCI_COMMAND_DISALLOWED;
        if (timing[0] > 1 || window < 4 || window > interval)
                return HCI_INVALID_PARAMETERS;
        s->active = timing[0];
        s->interval = interval * HCI_SLOT;
        s->window = window * HCI_SLOT;
        s->accept_only = policy & 1;
        s->extended = extended;
        c->scan.own_type = own_type;
        return HCI_SUCCESS;
}

static uint8_t scan_enable(struct controller *c, bool enable, bool filter)
{
        const uint8_t *random = c->has_random ? c->random : NULL;
        struct hci_scan *scan = &c->scan;

        if (enable && !hci_own_address(c, scan->own_type, random, &scan->scanning.own))
                return HCI_INVALID_PARAMETERS;
        if (enable &&
            scan->scanning.interval == 0) /* the host has set nothing: what is so at first */
                scan->scanning.interval = scan->scanning.window = 0x10 * HCI_SLOT;
        scan->enabled = enable;
        scan->filter = filter;
        scan->n_seen = 0;
        memset(scan->seen, 0, sizeof(scan->seen));
        radio_scan(c->radio, enable ? &scan->scanning : NULL);
        return HCI_SUCCESS;
}

uint8_t hci_le_set_scan_parameters(struct controller *c, struct hci_call *call)
{
        return scan_configure(c, false, call->in[5], call->in[6], call->in);
}

uint8_t hci_le_set_scan_enable(struct controller *c, struct hci_call *call)
{
        return scan_enable(c, call->in[0], call->in[1]);
}

/* Parameters for each PHY follow; the first one's are those of LE 1M, the only primary PHY here. */
uint8_t hci_le_set_extended_scan_parameters(struct controller *c, struct hci_call *call)
{
        if (!(call->in[2] & LINK_PHY_1M))
                return HCI_UNSUPPORTED_PARAMETER;
        return scan_configure(c, true, call->in[0], call->in[1], call->in + 3);
}

/* A scan that ends by itself is not offered. */
uint8_t hci_le_set_extended_scan_enable(struct controller *c, struct hci_call *call)
{
        if (call->in[0] && (hci_get16(call->in + 2) || hci_get16(call->in + 4)))
                return HCI_UNSUPPORTED_PARAMETER;
        return scan_enable(c, call->in[0], call->in[1]);
}

/* --- reports --- */

static uint64_t hash(uint64_t state, const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                state = (state ^ bytes[i]) * FNV_PRIME;
        return state;
}

/* What is the same in duplicates: who, what kind, and the data. */
static uint64_t report_hash(const struct air_report *r)
{
        uint64_t h = hash(FNV_BASIS, r->from.bytes, sizeof(r->from.bytes));

        h = hash(h, &r->from.type, 1);
        h = hash(h, &r->sid, 1);
        h = hash(h, (uint8_t[]){r->extended, r->response}, 2);
        return hash(h, r->data, r->n_data);
}

static bool is_duplicate(struct hci_scan *scan, const struct air_report *report)
{
        uint64_t h = report_hash(report);
        size_t n = scan->n_seen < HCI_DEVICES ? scan->n_seen : HCI_DEVICES;

        for (size_t i = 0; i < n; i++)
                if (scan->seen[i] == h)
                        return true;
        scan->seen[scan->n_seen++ % HCI_DEVICES] = h;
        return false;
}

static uint8_t legacy_type(const struct air_report *r)
{
        if (r->response)
                return 4;
        if (r->directed)
                return 1;
        if (r->connectable)
                return 0;
        return r->scannable ? 2 : 3;
}

static void legacy_report(struct controller *c, const struct air_report *r)
{
        uint8_t event[64] = {1, legacy_type(r), r->from.type};

        memcpy(event + 3, r->from.bytes, 6);
        event[9] = (uint8_t)r->n_data;
        memcpy(event + 10, r->data, r->n_data);
        event[10 + r->n_data] = (uint8_t)r->signal;
        hci_le_event(c, HCI_LE_ADVERTISING_REPORT, event, 11 + r->n_data);
}

static uint16_t extended_type(const struct air_report *r)
{
        return (uint16_t)((r->connectable ? 1 << 0 : 0) | (r->scannable ? 1 << 1 : 0) |
                          (r->directed ? 1 << 2 : 0) | (r->response ? 1 << 3 : 0) |
                          (r->extended ? 0 : 1 << 4));
}

static void extended_piece(struct controller *c, const struct air_report *r, size_t offset,
                           size_t n_data)
{
        int status = offset + n_data < r->n_data ? MORE_TO_COME : COMPLETE;
        uint8_t event[254] = {1};

        hci_put16(event + 1, (uint16_t)(extended_type(r) | status << 5));
        event[3] = r->from.type;
        memcpy(event + 4, r->from.bytes, 6);
        event[10] = r->primary_phy;
        event[11] = r->extended ? r->secondary_phy : 0;
        event[12] = r->extended ? r->sid : 0xff;
        event[13] = (uint8_t)r->tx_power;
        event[14] = (uint8_t)r->signal;
        if (r->directed) {
                event[17] = r->to.type;
                memcpy(event + 18, r->to.bytes, 6);
        }
        event[24] = (uint8_t)n_data;
        if (n_data > 0)
                memcpy(event + 25, r->data + offset, n_data);
        hci_le_event(c, HCI_LE_EXTENDED_ADVERTISING_REPORT, event, 25 + n_data);
}

static void extended_report(struct controller *c, const struct air_report *r)
{
        size_t offset = 0;

        do {
                size_t n = r->n_data - offset < REPORT_DATA ? r->n_data - offset : REPORT_DATA;

                extended_piece(c, r, offset, n);
                offset += n;
        } while (offset < r->n_data);
}

void hci_scanning_report(struct controller *c, const struct air_report *report)
{
        if (c->frozen && packet_queue_length(c->out) >= FROZEN_MAX)
                return;
        if (c->scan.filter && is_duplicate(&c->scan, report))
                return;
        if (c->kind == HCI_EXTENDED)
                extended_report(c, report);
        else
                legacy_report(c, report);
}
