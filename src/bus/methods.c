/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/methods.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "api/command.h"
#include "api/delivery.h"
#include "api/devices.h"
#include "api/json.h"
#include "api/options.h"
#include "api/status.h"
#include "api/variant.h"
#include "config.h"
#include "util/free.h"
#include "util/log.h"

#define ERROR_PREFIX  "org.enrolld1.Error."
#define CODE_MAX      32768 /* bytes; a code has at most 4,435 as text, which may be a mail's */
#define LIST_KEPT_MAX 256   /* devices, about 0.5 MB */

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

void methods_forget(struct methods *methods)
{
        methods->devices = sd_bus_message_unref(methods->devices);
}

int methods_refuse(sd_bus_error *ret_error, enum reason reason, const char *detail)
{
        char name[128], text[REASON_TEXT_SIZE];

        reason_explain(reason, detail, text);
        (void)snprintf(name, sizeof(name), ERROR_PREFIX "%s", reason_code(reason));
        return sd_bus_error_setf(ret_error, name, "%s %s", text, reason_remedy(reason));
}

static int refuse_store(sd_bus_error *ret_error, int r, const char *what)
{
        (void)log_errno(r, "D-Bus: %s cannot be answered", what);
        return methods_refuse(ret_error, store_reason(r), "");
}

/*
 * Reads the options; @ret_json keeps their texts alive. 0, or a refusal that says what is wrong
 * with them.
 */
static int read_options(sd_bus_message *message, unsigned allowed, json_t **ret_json,
                        struct api_request *ret_request, sd_bus_error *ret_error)
{
        char wrong[API_DETAIL_SIZE] =
                "an option is not a text, a number, a boolean or a dictionary";
        const char *twice;
        int r;

        *ret_request = (struct api_request){.source = EVENT_SOURCE_NONE};
        r = variant_read(message, ret_json, &twice);
        if (r == -EEXIST)
                options_refuse_twice(twice, wrong);
        if (r < 0 || !options_read(*ret_json, allowed, ret_request, wrong))
                return methods_refuse(ret_error, REASON_REQUEST_INVALID, wrong);
        return 0;
}

static int reply_started(sd_bus_message *message, const struct api_answer *answer,
                         sd_bus_error *ret_error)
{
        if (answer->reason != REASON_NONE)
                return methods_refuse(ret_error, answer->reason, answer->detail);
        return sd_bus_reply_method_return(message, "s", answer->transaction);
}

/* What an enrollment takes, or one in the place of another device, which has a name. */
static unsigned options_of(const char *replaces, unsigned more)
{
        return OPTIONS_DRY_RUN | OPTIONS_VALUES | more |
               (replaces ? OPTIONS_OTHER_MODEL : OPTIONS_NAME);
}

static int methods_enroll(struct methods *methods, const char *replaces, sd_bus_message *message,
                          sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct api_answer answer;
        const void *code;
        size_t n_code;
        int r;

        r = sd_bus_message_read_array(message, 'y', &code, &n_code);
        if (r < 0)
                return r;
        r = read_options(message, options_of(replaces, OPTIONS_SOURCE), &options, &request,
                         ret_error);
        if (r < 0)
                return r;
        if (n_code == 0 || n_code > CODE_MAX)
                return methods_refuse(ret_error, REASON_REQUEST_INVALID,
                                      "the code is not 1 to 32768 bytes long");
        request.replaces = replaces;
        if (!request.source)
                request.source = EVENT_SOURCE_TEXT;
        answer = methods->backend.handler->on_enroll(methods->backend.userdata, code, n_code,
                                                     &request);
        return reply_started(message, &answer, ret_error);
}

bool methods_is_readable(int fd)
{
        int flags = fcntl(fd, F_GETFL);
        struct stat st;

        return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && !(flags & O_PATH) &&
               fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int methods_enroll_picture(struct methods *methods, const char *replaces,
                                  sd_bus_message *message, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        _defer_(fd_close) int picture = -1;
        struct api_request request;
        struct api_answer answer;
        int r, fd;

        r = sd_bus_message_read(message, "h", &fd);
        if (r < 0)
                return r;
        r = read_options(message, options_of(replaces, OPTIONS_SOURCE), &options, &request,
                         ret_error);
        if (r < 0)
                return r;
        if (!methods_is_readable(fd))
                return methods_refuse(ret_error, REASON_REQUEST_INVALID,
                                      "the picture is not a regular file that is open for reading");
        request.replaces = replaces;
        if (!request.source)
                request.source = EVENT_SOURCE_FILE;
        picture = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (picture < 0)
                return -errno;
        answer = methods->backend.handler->on_enroll_picture(methods->backend.userdata, picture,
                                                             &request);
        if (answer.reason == REASON_NONE)
                (void)fd_take(&picture);
        return reply_started(message, &answer, ret_error);
}

static int methods_scan(struct methods *methods, const char *replaces, sd_bus_message *message,
                        sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct api_answer answer;
        int r;

        r = read_options(message, options_of(replaces, OPTIONS_SECONDS), &options, &request,
                         ret_error);
        if (r < 0)
                return r;
        request.replaces = replaces;
        request.source = EVENT_SOURCE_CAMERA;
        answer = methods->backend.handler->on_scan(methods->backend.userdata, &request);
        return reply_started(message, &answer, ret_error);
}

static int methods_on_open_window(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct methods *methods = userdata;
        struct api_request request;
        struct api_answer answer;
        unsigned seconds;
        int r;

        r = read_options(message, OPTIONS_SECONDS, &options, &request, ret_error);
        if (r < 0)
                return r;
        request.source = EVENT_SOURCE_DBUS;
        answer = methods->backend.handler->on_open_window(methods->backend.userdata, &request,
                                                          &seconds);
        if (answer.reason != REASON_NONE)
                return methods_refuse(ret_error, answer.reason, answer.detail);
        return sd_bus_reply_method_return(message, "u", seconds);
}

static int methods_on_enroll(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return methods_enroll(userdata, NULL, message, ret_error);
}

static int methods_on_enroll_picture(sd_bus_message *message, void *userdata,
                                     sd_bus_error *ret_error)
{
        return methods_enroll_picture(userdata, NULL, message, ret_error);
}

static int methods_on_scan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return methods_scan(userdata, NULL, message, ret_error);
}

static int methods_on_replace(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : methods_enroll(userdata, device, message, ret_error);
}

static int methods_on_replace_picture(sd_bus_message *message, void *userdata,
                                      sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : methods_enroll_picture(userdata, device, message, ret_error);
}

static int methods_on_replace_scan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : methods_scan(userdata, device, message, ret_error);
}

/* Of a method that returns nothing. */
static int reply_done(sd_bus_message *message, const struct api_answer *answer,
                      sd_bus_error *ret_error)
{
        if (answer->reason != REASON_NONE)
                return methods_refuse(ret_error, answer->reason, answer->detail);
        return sd_bus_reply_method_return(message, NULL);
}

static int methods_on_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct methods *methods = userdata;
        const char *transaction;
        struct api_answer answer;
        int r;

        r = sd_bus_message_read(message, "s", &transaction);
        if (r < 0)
                return r;
        answer = api_cancel(&methods->backend, transaction);
        return reply_done(message, &answer, ret_error);
}

static int methods_on_close_window(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct methods *methods = userdata;
        struct api_answer answer =
                methods->backend.handler->on_close_window(methods->backend.userdata);

        return reply_done(message, &answer, ret_error);
}

static int reply_dictionary(sd_bus_message *message, json_t *value)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = variant_append(reply, value);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

/* Grows with every change of what ListDevices says. */
static uint64_t methods_changes(const struct methods *methods)
{
        return store_writes(methods->backend.store) + state_changes(methods->backend.state);
}

/* An answer of ListDevices that is being made. */
struct listing {
        sd_bus_message *reply;
        size_t n_devices;
};

static int methods_on_listed(void *userdata, const char *name, json_t *device)
{
        struct listing *listing = userdata;

        (void)name;
        listing->n_devices++;
        return variant_append(listing->reply, device);
}

/* Sends the list, and keeps the answer for the next one who asks, unless it is long. */
static int methods_reply_devices(struct methods *methods, sd_bus_message *reply, size_t n_devices,
                                 uint64_t changes)
{
        int r;

        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_send(NULL, reply, NULL);
        if (r < 0)
                return r;
        (void)sd_bus_message_unref(methods->devices);
        methods->devices = n_devices <= LIST_KEPT_MAX ? sd_bus_message_ref(reply) : NULL;
        methods->devices_at = changes;
        return r;
}

static int methods_repeat_devices(struct methods *methods, sd_bus_message *message)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_rewind(methods->devices, true);
        if (r < 0)
                return r;
        r = sd_bus_message_copy(reply, methods->devices, true);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int methods_on_list_devices(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        struct listing listing = {.reply = NULL};
        struct methods *methods = userdata;
        uint64_t changes = methods_changes(methods);
        int r;

        if (methods->devices && methods->devices_at == changes)
                return methods_repeat_devices(methods, message);
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "a{sv}");
        if (r < 0)
                return r;
        listing.reply = reply;
        r = devices_each(&methods->backend, "", methods_on_listed, &listing);
        if (r != 0)
                return refuse_store(ret_error, r, "ListDevices");
        return methods_reply_devices(methods, reply, listing.n_devices, changes);
}

static int methods_on_get_device(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *device = NULL;
        struct methods *methods = userdata;
        const char *name;
        int r;

        r = sd_bus_message_read(message, "s", &name);
        if (r < 0)
                return r;
        r = devices_find(&methods->backend, name, &device);
        if (r == STORE_E_NONE)
                return methods_refuse(ret_error, REASON_NO_SUCH_DEVICE, "");
        if (r != 0)
                return refuse_store(ret_error, r, "GetDevice");
        return reply_dictionary(message, device);
}

static int methods_on_get_status(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct methods *methods = userdata;
        _defer_(json_free) json_t *info = status_info(&methods->backend);

        (void)ret_error;
        return info ? reply_dictionary(message, info) : -ENOMEM;
}

/* --- methods that are answered later --- */

/* Answers a call of Remove, Set, Get or CleanMqtt with its outcome, which has this, or NULL. */
static void answer_call(sd_bus_message *call, const struct api_outcome *outcome, json_t *values)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (outcome->answer.reason != REASON_NONE) {
                (void)methods_refuse(&error, outcome->answer.reason, outcome->answer.detail);
                r = sd_bus_reply_method_error(call, &error);
                sd_bus_error_free(&error);
        } else if (values) {
                r = reply_dictionary(call, values);
        } else {
                r = sd_bus_reply_method_return(call, NULL);
        }
        /* The caller, or the bus, may have gone meanwhile. */
        if (r < 0)
                log_debug("D-Bus: a call cannot be answered: %s", strerror(-r));
}

static void methods_on_removed(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;

        answer_call(call, outcome, NULL);
}

static void methods_on_commanded(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;
        _defer_(json_free) json_t *values = command_values(outcome->values, outcome->n_values);

        answer_call(call, outcome, values);
}

static int methods_on_rename(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device, *name;
        struct methods *methods = userdata;
        struct api_answer answer;
        int r;

        r = sd_bus_message_read(message, "ss", &device, &name);
        if (r < 0)
                return r;
        answer = api_rename(&methods->backend, device, name);
        return reply_done(message, &answer, ret_error);
}

static int methods_on_send_keys(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct methods *methods = userdata;
        struct api_answer answer;
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        if (r < 0)
                return r;
        answer = methods->backend.handler->on_send_keys(methods->backend.userdata, device);
        return reply_done(message, &answer, ret_error);
}

static void methods_on_cleaned(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;

        answer_call(call, outcome, outcome->report);
}

static int methods_on_clean_mqtt(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct methods *methods = userdata;
        struct api_later later;
        int r;

        r = read_options(message, OPTIONS_DRY_RUN | OPTIONS_HUB, &options, &request, ret_error);
        if (r < 0)
                return r;
        later = (struct api_later){methods_on_cleaned, sd_bus_message_ref(message)};
        methods->backend.handler->on_clean(methods->backend.userdata, &request, &later);
        return 1; /* it is answered by methods_on_cleaned() */
}

/*
 * Reads what is to be set for a device: its name, and values by their keys. If one of them is of
 * another type than it may be, @mistyped says so.
 */
static int read_values(sd_bus_message *message, const char *mistyped, const char **ret_device,
                       json_t **ret_values, sd_bus_error *ret_error)
{
        char wrong[API_DETAIL_SIZE];
        const char *twice;
        int r;

        (void)snprintf(wrong, sizeof(wrong), "%s", mistyped);
        r = sd_bus_message_read(message, "s", ret_device);
        if (r < 0)
                return r;
        r = variant_read(message, ret_values, &twice);
        if (r == -EEXIST)
                options_refuse_twice(twice, wrong);
        return r < 0 ? methods_refuse(ret_error, REASON_REQUEST_INVALID, wrong) : 0;
}

static int methods_on_set_options(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *changes = NULL, *options = NULL;
        struct store_delivery from, to;
        struct methods *methods = userdata;
        struct api_answer answer;
        const char *device;
        int r;

        r = read_values(message, "an option is not a number, a text or a boolean", &device,
                        &changes, ret_error);
        if (r < 0)
                return r;
        answer = delivery_change(&methods->backend, device, changes, &from, &to);
        if (answer.reason != REASON_NONE)
                return methods_refuse(ret_error, answer.reason, answer.detail);
        options = delivery_json(&to);
        return options ? reply_dictionary(message, options) : -ENOMEM;
}

static int methods_on_remove(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct methods *methods = userdata;
        struct api_later later;
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        if (r < 0)
                return r;
        r = read_options(message, OPTIONS_FORCE, &options, &request, ret_error);
        if (r < 0)
                return r;
        later = (struct api_later){methods_on_removed, sd_bus_message_ref(message)};
        methods->backend.handler->on_remove(methods->backend.userdata, device, request.force,
                                            &later);
        return 1; /* it is answered by methods_on_removed() */
}

static int methods_command(struct methods *methods, enum command_kind kind, sd_bus_message *message,
                           sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *values = NULL;
        char wrong[API_DETAIL_SIZE];
        struct command command;
        struct api_later later;
        const char *device;
        int r;

        r = read_values(message, "a value is not a number, a text or a boolean", &device, &values,
                        ret_error);
        if (r < 0)
                return r;
        if (!command_read(kind, device, values, &command, wrong))
                return methods_refuse(ret_error, REASON_REQUEST_INVALID, wrong);
        later = (struct api_later){methods_on_commanded, sd_bus_message_ref(message)};
        command_run(&methods->backend, &command, &later);
        return 1; /* it is answered by methods_on_commanded() */
}

static int methods_on_set(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return methods_command(userdata, COMMAND_SET, message, ret_error);
}

static int methods_on_get(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return methods_command(userdata, COMMAND_GET, message, ret_error);
}

/* --- properties --- */

static int methods_on_version(sd_bus *connection, const char *path, const char *interface,
                              const char *property, sd_bus_message *reply, void *userdata,
                              sd_bus_error *ret_error)
{
        (void)connection;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "s", PACKAGE_VERSION);
}

/*
 * The bus's policy (group enrolld) decides who may call, not a capability: every method is
 * unprivileged. Codes are wiped from the messages that carried them.
 */
/* clang-format off */
const sd_bus_vtable methods_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Enroll",
                                SD_BUS_ARGS("ay", code, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_enroll,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("EnrollPicture",
                                SD_BUS_ARGS("h", picture, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_enroll_picture,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Scan",
                                SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_scan,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Replace",
                                SD_BUS_ARGS("s", device, "ay", code, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_replace,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("ReplacePicture",
                                SD_BUS_ARGS("s", device, "h", picture, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_replace_picture,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReplaceScan",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), methods_on_replace_scan,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("OpenWindow",
                                SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("u", seconds), methods_on_open_window,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CloseWindow",
                                SD_BUS_NO_ARGS,
                                SD_BUS_NO_RESULT, methods_on_close_window,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Cancel",
                                SD_BUS_ARGS("s", transaction),
                                SD_BUS_NO_RESULT, methods_on_cancel,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListDevices",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("aa{sv}", devices), methods_on_list_devices,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetDevice",
                                SD_BUS_ARGS("s", name_or_id),
                                SD_BUS_RESULT("a{sv}", device), methods_on_get_device,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Rename",
                                SD_BUS_ARGS("s", device, "s", name),
                                SD_BUS_NO_RESULT, methods_on_rename,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Remove",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_NO_RESULT, methods_on_remove,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SendKeys",
                                SD_BUS_ARGS("s", device),
                                SD_BUS_NO_RESULT, methods_on_send_keys,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetOptions",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_RESULT("a{sv}", options), methods_on_set_options,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Set",
                                SD_BUS_ARGS("s", device, "a{sv}", values),
                                SD_BUS_RESULT("a{sv}", values), methods_on_set,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Get",
                                SD_BUS_ARGS("s", device, "as", channels),
                                SD_BUS_RESULT("a{sv}", values), methods_on_get,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CleanMqtt",
                                SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", report), methods_on_clean_mqtt,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetStatus",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a{sv}", status), methods_on_get_status,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Event", SD_BUS_ARGS("a{sv}", event), 0),
        SD_BUS_PROPERTY("Version", "s", methods_on_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Hub", "s", NULL, offsetof(struct methods, hub), SD_BUS_VTABLE_PROPERTY_CONST),
        /* Unix time, as bridge/info has it in ms. */
        SD_BUS_PROPERTY("WindowEnd", "x", NULL, offsetof(struct methods, window_until),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_VTABLE_END,
};
/* clang-format on */
