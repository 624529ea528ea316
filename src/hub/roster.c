/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/roster.h"

#include <string.h>
#include <time.h>

#include <sodium.h>

#include "api/devices.h"
#include "code/capability.h"
#include "enrollment/forward.h"
#include "util/hex.h"
#include "util/log.h"

static struct api_answer roster_failed(int r, const char *device, const char *what)
{
        (void)log_errno(r, "%s: it cannot be %s", device, what);
        return api_refuse(store_reason(r));
}

/* The device, unless its row may be written at any moment by somebody else. */
static struct api_answer roster_find(const struct roster *roster, const char *who,
                                     struct store_device *ret_device)
{
        const char *transaction;
        int r;

        r = devices_resolve(roster->means->store, who, ret_device);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r != 0)
                return roster_failed(r, "A device", "found");
        transaction = intake_transaction(roster->intake, ret_device->device_id);
        if (transaction)
                return api_refuse_because(REASON_BUSY, "%s is being enrolled (%s)",
                                          ret_device->name, transaction);
        if (settle_is_finishing(roster->settle, ret_device->device_id))
                return api_refuse_because(REASON_BUSY, "the enrollment of %s is being finished",
                                          ret_device->name);
        return api_accept("");
}

static struct api_answer roster_rename_row(const struct roster *roster,
                                           const struct store_device *device, const char *name)
{
        int r;

        if (strcmp(device->name, name) == 0)
                return api_accept("");
        if (intake_has_name(roster->intake, name))
                return api_refuse_because(REASON_NAME_TAKEN, "a device called %s is being enrolled",
                                          name);
        r = store_rename(roster->means->store, device->device_id, name);
        if (r == STORE_E_NAME_TAKEN)
                return api_refuse(REASON_NAME_TAKEN);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r != 0)
                return roster_failed(r, device->name, "renamed");
        log_info("%s: its name is %s now", device->name, name);
        herald_rename(roster->herald, device, name);
        settle_refresh(roster->settle);
        return api_accept("");
}

struct api_answer roster_rename(const struct roster *roster, const char *device, const char *name)
{
        struct store_device row = {.name = ""};
        struct api_answer answer = roster_find(roster, device, &row);

        if (answer.reason == REASON_NONE)
                answer = roster_rename_row(roster, &row, name);
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        return answer;
}

/* Those who have the device's key are told that it is not the hub's any more. */
static int roster_make_removal(const struct roster *roster, const struct store_device *device,
                               struct store_message *ret_message, size_t *ret_n_messages)
{
        const struct forward forward = {
                .hub = roster->hub,
                .master = master_key(roster->means->master),
        };
        int r;

        *ret_n_messages = 0;
        if (device->kind != STORE_ENROLLED || !(device->capabilities & CAPABILITY_KEY_FORWARD))
                return 0;
        r = forward_removal(&forward, device, time(NULL), ret_message);
        if (r == 0)
                *ret_n_messages = 1;
        return r;
}

/* What the hub does by itself, whether the device was released or not. */
static struct api_answer roster_remove_row(const struct roster *roster,
                                           const struct store_device *device)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        struct store_message message;
        size_t n_messages;
        int r;

        r = roster_make_removal(roster, device, &message, &n_messages);
        if (r == 0)
                r = store_remove(roster->means->store, device->device_id, &message, n_messages);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r != 0)
                return roster_failed(r, device->name, "removed");
        log_info("%s (%s) was removed", device->name,
                 hex_encode(device->device_id, sizeof(device->device_id), id));
        gateway_yield(roster->gateway, device->device_id);
        herald_forget(roster->herald, device);
        settle_refresh(roster->settle);
        eraser_note(roster->eraser);
        mqtt_outbox_kick(roster->outbox);
        return api_accept("");
}

void roster_remove(const struct roster *roster, const char *device, bool force,
                   const struct api_later *later)
{
        struct store_device row = {.name = ""};
        struct api_answer answer = roster_find(roster, device, &row);

        if (answer.reason == REASON_NONE)
                answer = force ? roster_remove_row(roster, &row)
                               : api_refuse_because(REASON_NOT_RELEASED,
                                                    "this version cannot release a device");
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        api_settle(later, answer);
}
