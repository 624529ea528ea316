/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/desk.h"

#include "config.h"

#include "hub/verbosity.h"
#include "util/log.h"

static struct api_answer desk_on_enroll(void *userdata, const uint8_t *code, size_t n_code,
                                        const struct api_request *request)
{
        return intake_enroll(((struct desk *)userdata)->intake, code, n_code, request);
}

static struct api_answer desk_on_enroll_picture(void *userdata, int fd,
                                                const struct api_request *request)
{
        return intake_enroll_picture(((struct desk *)userdata)->intake, fd, request);
}

static struct api_answer desk_on_scan(void *userdata, const struct api_request *request)
{
        return intake_scan(((struct desk *)userdata)->intake, request);
}

static struct api_answer desk_on_open_window(void *userdata, const struct api_request *request,
                                             unsigned *ret_seconds)
{
        return window_open(((struct desk *)userdata)->window, request, ret_seconds);
}

static struct api_answer desk_on_close_window(void *userdata)
{
        return window_close(((struct desk *)userdata)->window);
}

static struct api_answer desk_on_cancel(void *userdata, const char *transaction)
{
        return intake_cancel(((struct desk *)userdata)->intake, transaction);
}

static struct api_answer desk_on_rename(void *userdata, const char *device, const char *name)
{
        return roster_rename(((struct desk *)userdata)->roster, device, name);
}

static struct api_answer desk_on_delivery(void *userdata, const char *device,
                                          const struct store_delivery *delivery)
{
        return roster_deliver(((struct desk *)userdata)->roster, device, delivery);
}

static void desk_on_remove(void *userdata, const char *device, bool force,
                           const struct api_later *later)
{
        roster_remove(((struct desk *)userdata)->roster, device, force, later);
}

static struct api_answer desk_on_send_keys(void *userdata, const char *device)
{
        return courier_send_again(((struct desk *)userdata)->courier, device);
}

static void desk_on_command(void *userdata, const struct command *command,
                            const struct api_later *later)
{
        roster_command(((struct desk *)userdata)->roster, command, later);
}

static void desk_on_clean(void *userdata, const struct api_request *request,
                          const struct api_later *later)
{
        bridge_clean(((struct desk *)userdata)->bridge, request, later);
}

static struct api_answer desk_on_log_level(void *userdata, int level)
{
        const struct desk *desk = userdata;
        int r;

        r = verbosity_set(desk->means->store, level);
        if (r < 0)
                return api_refuse(store_reason(r));
        herald_info_changed(desk->herald);
        return api_accept("");
}

static struct api_answer desk_on_restart(void *userdata)
{
        const struct desk *desk = userdata;

        if (desk->means->places->restart_status == 0)
                return api_refuse(REASON_RESTART_UNAVAILABLE);
        log_info("Restarting, as requested");
        desk->handler->on_restart(desk->userdata);
        return api_accept("");
}

static void desk_on_status(void *userdata, struct api_status *ret_status)
{
        const struct desk *desk = userdata;
        const struct settings *settings = desk->means->settings;

        *ret_status = (struct api_status){
                .version = PACKAGE_VERSION,
                .hub = settings->hub_name,
                .log_level = log_level(),
                .broker = settings->mqtt_broker,
        };
        desk->handler->on_status(desk->userdata, ret_status);
        means_status(desk->means, ret_status);
        intake_status(desk->intake, ret_status);
        window_status(desk->window, ret_status);
        settle_status(desk->settle, ret_status);
        strays_status(desk->strays, ret_status);
        rounds_status(desk->rounds, ret_status);
}

static const struct api_handler desk_api_handler = {
        .on_enroll = desk_on_enroll,
        .on_enroll_picture = desk_on_enroll_picture,
        .on_scan = desk_on_scan,
        .on_open_window = desk_on_open_window,
        .on_close_window = desk_on_close_window,
        .on_cancel = desk_on_cancel,
        .on_rename = desk_on_rename,
        .on_delivery = desk_on_delivery,
        .on_remove = desk_on_remove,
        .on_send_keys = desk_on_send_keys,
        .on_command = desk_on_command,
        .on_clean = desk_on_clean,
        .on_log_level = desk_on_log_level,
        .on_restart = desk_on_restart,
        .on_status = desk_on_status,
};

struct api_backend desk_backend(struct desk *desk, const struct state *state,
                                const struct conditions *conditions)
{
        return (struct api_backend){
                .handler = &desk_api_handler,
                .userdata = desk,
                .store = desk->means->store,
                .state = state,
                .conditions = conditions,
        };
}
