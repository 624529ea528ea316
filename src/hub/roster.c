/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/roster.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "api/devices.h"
#include "enrollment/forward.h"
#include "hub/dispatch.h"
#include "store/channel.h"
#include "store/delivery.h"
#include "store/removal.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"

static struct api_answer roster_failed(int r, const char *device, const char *what)
{
        (void)log_errno(r, "%s: it cannot be %s", device, what);
        return api_refuse(store_reason(r));
}

/* Whether the device is nobody else's business now, who may write its row at any moment. */
static struct api_answer roster_allow(const struct roster *roster,
                                      const struct store_device *device)
{
        const char *transaction = intake_transaction(roster->intake, device->device_id);

        if (transaction)
                return api_refuse_because(REASON_BUSY, "%s is being enrolled or replaced (%s)",
                                          device->name, transaction);
        if (settle_is_finishing(roster->settle, device->device_id))
                return api_refuse_because(REASON_BUSY, "the enrollment of %s is being finished",
                                          device->name);
        return api_accept("");
}

static struct api_answer roster_answer(int r)
{
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        return roster_failed(r, "A device", "found");
}

static struct api_answer roster_find(const struct roster *roster, const char *who,
                                     struct store_device *ret_device)
{
        int r;

        r = devices_resolve(roster->means->store, who, ret_device);
        return r == 0 ? roster_allow(roster, ret_device) : roster_answer(r);
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

struct api_answer roster_replace(const struct roster *roster, const char *device,
                                 uint8_t ret_device_id[STORE_DEVICE_ID_BYTES])
{
        struct store_device row = {.name = ""};
        struct api_answer answer = roster_find(roster, device, &row);

        memcpy(ret_device_id, row.device_id, sizeof(row.device_id));
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        return answer;
}

static struct api_answer roster_deliver_row(const struct roster *roster,
                                            const struct store_device *device,
                                            const struct store_delivery *delivery)
{
        int r;

        r = store_delivery_set(roster->means->store, device->device_id, delivery);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r != 0)
                return roster_failed(r, device->name, "given other options");
        log_info("%s: retain %s, throttle %u s", device->name, delivery->retain ? "yes" : "no",
                 delivery->throttle_s);
        herald_devices_changed(roster->herald);
        return api_accept("");
}

struct api_answer roster_deliver(const struct roster *roster, const char *device,
                                 const struct store_delivery *delivery)
{
        struct store_device row = {.name = ""};
        struct api_answer answer;
        int r;

        r = devices_resolve(roster->means->store, device, &row);
        answer = r == 0 ? roster_deliver_row(roster, &row, delivery) : roster_answer(r);
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

        return forward_end(&forward, device, time(NULL), ret_message, ret_n_messages);
}

/* What the hub does by itself, whether the device was released or not. */
static struct api_answer roster_remove_row(const struct roster *roster,
                                           const struct store_device *device, bool is_released)
{
        struct store *store = roster->means->store;
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        struct store_message message;
        size_t n_messages;
        int r;

        r = roster_make_removal(roster, device, &message, &n_messages);
        if (r == 0)
                r = is_released ? store_remove(store, device->device_id, &message, n_messages)
                                : store_remove_unreleased(store, device->device_id, time(NULL),
                                                          &message, n_messages);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r != 0)
                return roster_failed(r, device->name, "removed");
        log_info("%s (%s) was removed", device->name,
                 hex_encode(device->device_id, sizeof(device->device_id), id));
        gateway_yield(roster->gateway, device->device_id, REASON_NO_SUCH_DEVICE);
        herald_forget(roster->herald, device);
        settle_refresh(roster->settle);
        strays_refresh(roster->strays);
        eraser_note(roster->eraser);
        mqtt_outbox_kick(roster->outbox);
        return api_accept("");
}

/* --- what the device is asked --- */

/* What a visit to a device needs; the secrets in it are wiped by whom_wipe(). */
struct whom {
        struct store_device device;
        struct store_channel channels[DEVICES_CHANNELS_MAX];
        size_t n_channels;
};

static void whom_wipe(struct whom *whom)
{
        sodium_memzero(&whom->device.ownership, sizeof(whom->device.ownership));
}

static int whom_find(struct whom *whom, struct store *store,
                     const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        int r;

        r = store_find_id(store, device_id, &whom->device);
        if (r != 0)
                return r;
        return store_channels(store, device_id, ELEMENTSOF(whom->channels), whom->channels,
                              &whom->n_channels);
}

void roster_command(const struct roster *roster, const struct command *command,
                    const struct api_later *later)
{
        struct whom whom = {.n_channels = 0};
        struct api_answer answer;
        int r;

        r = whom_find(&whom, roster->means->store, command->device_id);
        answer = r == 0 ? roster_allow(roster, &whom.device) : roster_answer(r);
        if (answer.reason == REASON_NONE)
                dispatch_command(
                        roster->gateway,
                        &(const struct visit_wish){&whom.device, whom.channels, whom.n_channels},
                        command, later);
        else
                api_settle(later, answer);
        whom_wipe(&whom);
}

/* A removal that waits for the device. */
struct removal {
        struct roster roster;
        struct api_later later;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
};

/* The reason's sentence becomes a phrase about the device that is still there. */
static struct api_answer roster_not_released(enum reason why, const char *text)
{
        char said[REASON_TEXT_SIZE];

        if (why == REASON_NO_SUCH_DEVICE) /* it was removed meanwhile */
                return api_refuse(why);
        reason_explain(why, text, said);
        said[0] = (char)tolower((unsigned char)said[0]);
        return api_refuse_because(REASON_NOT_RELEASED, "%.*s (%s)", (int)strlen(said) - 1, said,
                                  reason_code(why));
}

/* One that only seems to be released becomes a stray: if it is owned after all, it turns up. */
static void roster_on_released(void *userdata, const struct errand_answer *released)
{
        _defer_(free) struct removal *removal = userdata;
        struct store_device row = {.name = ""};
        struct api_answer answer;
        int r;

        if (released->why != REASON_NONE) {
                api_settle(&removal->later, roster_not_released(released->why, released->text));
                return;
        }
        r = store_find_id(removal->roster.means->store, removal->device_id, &row);
        answer = r == 0 ? roster_remove_row(&removal->roster, &row, !released->is_inferred)
                        : roster_answer(r);
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        api_settle(&removal->later, answer);
}

/* 0 and @later is called when the device has answered; or -errno. */
static int roster_release(const struct roster *roster, const struct store_device *device,
                          const struct api_later *later)
{
        struct removal *removal = calloc(1, sizeof(*removal));
        struct whom whom = {.n_channels = 0};
        int r;

        if (!removal)
                return -ENOMEM;
        r = whom_find(&whom, roster->means->store, device->device_id);
        if (r != 0) {
                free(removal);
                return r;
        }
        removal->roster = *roster;
        removal->later = *later;
        memcpy(removal->device_id, device->device_id, sizeof(removal->device_id));
        dispatch_release(roster->gateway,
                         &(const struct visit_wish){&whom.device, whom.channels, whom.n_channels},
                         false, roster_on_released, removal);
        whom_wipe(&whom);
        return 0;
}

void roster_remove(const struct roster *roster, const char *device, bool force,
                   const struct api_later *later)
{
        struct store_device row = {.name = ""};
        struct api_answer answer = roster_find(roster, device, &row);
        bool at_once = force || row.kind != STORE_ENROLLED;
        int r = 1;

        if (answer.reason == REASON_NONE && at_once)
                answer = roster_remove_row(roster, &row, false);
        else if (answer.reason == REASON_NONE)
                r = roster_release(roster, &row, later);
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        if (r < 0)
                answer = roster_failed(r, device, "released");
        if (r != 0)
                api_settle(later, answer);
}
