/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <systemd/sd-bus.h>

#include "api/command.h"
#include "api/delivery.h"
#include "api/devices.h"
#include "api/json.h"
#include "api/options.h"
#include "api/status.h"
#include "api/variant.h"
#include "bus/callers.h"
#include "config.h"
#include "util/free.h"
#include "util/dbus.h"
#include "util/log.h"
#include "util/loop.h"

#define RETRY_MSEC    2000
#define ERROR_PREFIX  "org.enrolld1.Error."
#define LIST_KEPT_MAX 256 /* devices, about 0.5 MB */

#define NAME_PRIMARY_OWNER 1 /* D-Bus Specification, org.freedesktop.DBus.RequestName */

struct bus {
        sd_event *event;
        char *address;
        const char *hub;
        struct api_backend backend;

        sd_bus *bus;
        sd_bus_slot *object, *disconnected, *name, *calls;
        sd_event_source *retry;
        struct callers callers;
        sd_bus_message *devices; /* the last answer of ListDevices */
        uint64_t devices_at;     /* it holds as long as bus_changes() says this */
        bool up;
        bool complained; /* about this outage: one line each */
};

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

/* The one place where a connection ends. */
static void bus_disconnect(struct bus *bus)
{
        bus->object = sd_bus_slot_unref(bus->object);
        bus->disconnected = sd_bus_slot_unref(bus->disconnected);
        bus->name = sd_bus_slot_unref(bus->name);
        bus->calls = sd_bus_slot_unref(bus->calls);
        bus->devices = sd_bus_message_unref(bus->devices);
        callers_clear(&bus->callers);
        bus->bus = sd_bus_close_unref(bus->bus);
        bus->up = false;
}

struct bus *bus_free(struct bus *bus)
{
        if (!bus)
                return NULL;
        if (bus->bus)
                (void)sd_bus_flush(bus->bus);
        bus_disconnect(bus);
        loop_drop(&bus->retry);
        bus->event = sd_event_unref(bus->event);
        free(bus->address);
        free(bus);
        return NULL;
}

/* --- the methods --- */

static int refuse(sd_bus_error *ret_error, enum reason reason, const char *detail)
{
        char name[128], text[REASON_TEXT_SIZE];

        reason_explain(reason, detail, text);
        (void)snprintf(name, sizeof(name), ERROR_PREFIX "%s", reason_code(reason));
        return sd_bus_error_setf(ret_error, name, "%s %s", text, reason_remedy(reason));
}

static int refuse_store(sd_bus_error *ret_error, int r, const char *what)
{
        (void)log_errno(r, "D-Bus: %s cannot be answered", what);
        return refuse(ret_error, store_reason(r), "");
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
                return refuse(ret_error, REASON_REQUEST_INVALID, wrong);
        return 0;
}

static int reply_started(sd_bus_message *message, const struct api_answer *answer,
                         sd_bus_error *ret_error)
{
        if (answer->reason != REASON_NONE)
                return refuse(ret_error, answer->reason, answer->detail);
        return sd_bus_reply_method_return(message, "s", answer->transaction);
}

/* What an enrollment takes, or one in the place of another device, which has a name. */
static unsigned options_of(const char *replaces, unsigned more)
{
        return OPTIONS_DRY_RUN | OPTIONS_VALUES | more |
               (replaces ? OPTIONS_OTHER_MODEL : OPTIONS_NAME);
}

static int bus_enroll(struct bus *bus, const char *replaces, sd_bus_message *message,
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
        if (n_code == 0 || n_code > BUS_CODE_MAX)
                return refuse(ret_error, REASON_REQUEST_INVALID,
                              "the code is not 1 to 32768 bytes long");
        request.replaces = replaces;
        if (!request.source)
                request.source = EVENT_SOURCE_TEXT;
        answer = bus->backend.handler->on_enroll(bus->backend.userdata, code, n_code, &request);
        return reply_started(message, &answer, ret_error);
}

/* The descriptor is not trusted: it must be a file that can be read without blocking. */
static bool is_readable_file(int fd)
{
        int flags = fcntl(fd, F_GETFL);
        struct stat st;

        return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && !(flags & O_PATH) &&
               fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int bus_enroll_picture(struct bus *bus, const char *replaces, sd_bus_message *message,
                              sd_bus_error *ret_error)
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
        if (!is_readable_file(fd))
                return refuse(ret_error, REASON_REQUEST_INVALID,
                              "the picture is not a regular file that is open for reading");
        request.replaces = replaces;
        if (!request.source)
                request.source = EVENT_SOURCE_FILE;
        picture = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (picture < 0)
                return -errno;
        answer = bus->backend.handler->on_enroll_picture(bus->backend.userdata, picture, &request);
        if (answer.reason == REASON_NONE)
                (void)fd_take(&picture);
        return reply_started(message, &answer, ret_error);
}

static int bus_scan(struct bus *bus, const char *replaces, sd_bus_message *message,
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
        answer = bus->backend.handler->on_scan(bus->backend.userdata, &request);
        return reply_started(message, &answer, ret_error);
}

static int bus_on_enroll(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return bus_enroll(userdata, NULL, message, ret_error);
}

static int bus_on_enroll_picture(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return bus_enroll_picture(userdata, NULL, message, ret_error);
}

static int bus_on_scan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return bus_scan(userdata, NULL, message, ret_error);
}

static int bus_on_replace(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : bus_enroll(userdata, device, message, ret_error);
}

static int bus_on_replace_picture(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : bus_enroll_picture(userdata, device, message, ret_error);
}

static int bus_on_replace_scan(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        return r < 0 ? r : bus_scan(userdata, device, message, ret_error);
}

static int bus_on_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct bus *bus = userdata;
        const char *transaction;
        struct api_answer answer;
        int r;

        r = sd_bus_message_read(message, "s", &transaction);
        if (r < 0)
                return r;
        answer = api_cancel(&bus->backend, transaction);
        if (answer.reason != REASON_NONE)
                return refuse(ret_error, answer.reason, answer.detail);
        return sd_bus_reply_method_return(message, NULL);
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
static uint64_t bus_changes(const struct bus *bus)
{
        return store_writes(bus->backend.store) + state_changes(bus->backend.state);
}

/* An answer of ListDevices that is being made. */
struct listing {
        sd_bus_message *reply;
        size_t n_devices;
};

static int bus_on_listed(void *userdata, const char *name, json_t *device)
{
        struct listing *listing = userdata;

        (void)name;
        listing->n_devices++;
        return variant_append(listing->reply, device);
}

/* Sends the list, and keeps the answer for the next one who asks, unless it is long. */
static int bus_reply_devices(struct bus *bus, sd_bus_message *reply, size_t n_devices,
                             uint64_t changes)
{
        int r;

        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_send(NULL, reply, NULL);
        if (r < 0)
                return r;
        (void)sd_bus_message_unref(bus->devices);
        bus->devices = n_devices <= LIST_KEPT_MAX ? sd_bus_message_ref(reply) : NULL;
        bus->devices_at = changes;
        return r;
}

static int bus_repeat_devices(struct bus *bus, sd_bus_message *message)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_rewind(bus->devices, true);
        if (r < 0)
                return r;
        r = sd_bus_message_copy(reply, bus->devices, true);
        if (r < 0)
                return r;
        return sd_bus_send(NULL, reply, NULL);
}

static int bus_on_list_devices(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        struct listing listing = {.reply = NULL};
        struct bus *bus = userdata;
        uint64_t changes = bus_changes(bus);
        int r;

        if (bus->devices && bus->devices_at == changes)
                return bus_repeat_devices(bus, message);
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "a{sv}");
        if (r < 0)
                return r;
        listing.reply = reply;
        r = devices_each(&bus->backend, "", bus_on_listed, &listing);
        if (r != 0)
                return refuse_store(ret_error, r, "ListDevices");
        return bus_reply_devices(bus, reply, listing.n_devices, changes);
}

static int bus_on_get_device(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *device = NULL;
        struct bus *bus = userdata;
        const char *name;
        int r;

        r = sd_bus_message_read(message, "s", &name);
        if (r < 0)
                return r;
        r = devices_find(&bus->backend, name, &device);
        if (r == STORE_E_NONE)
                return refuse(ret_error, REASON_NO_SUCH_DEVICE, "");
        if (r != 0)
                return refuse_store(ret_error, r, "GetDevice");
        return reply_dictionary(message, device);
}

static int bus_on_get_status(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct bus *bus = userdata;
        _defer_(json_free) json_t *info = status_info(&bus->backend);

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
                (void)refuse(&error, outcome->answer.reason, outcome->answer.detail);
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

static void bus_on_removed(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;

        answer_call(call, outcome, NULL);
}

static void bus_on_commanded(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;
        _defer_(json_free) json_t *values = command_values(outcome->values, outcome->n_values);

        answer_call(call, outcome, values);
}

static int bus_on_rename(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const char *device, *name;
        struct bus *bus = userdata;
        struct api_answer answer;
        int r;

        r = sd_bus_message_read(message, "ss", &device, &name);
        if (r < 0)
                return r;
        answer = api_rename(&bus->backend, device, name);
        if (answer.reason != REASON_NONE)
                return refuse(ret_error, answer.reason, answer.detail);
        return sd_bus_reply_method_return(message, NULL);
}

static void bus_on_cleaned(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;

        answer_call(call, outcome, outcome->report);
}

static int bus_on_clean_mqtt(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct bus *bus = userdata;
        struct api_later later;
        int r;

        r = read_options(message, OPTIONS_DRY_RUN | OPTIONS_HUB, &options, &request, ret_error);
        if (r < 0)
                return r;
        later = (struct api_later){bus_on_cleaned, sd_bus_message_ref(message)};
        bus->backend.handler->on_clean(bus->backend.userdata, &request, &later);
        return 1; /* it is answered by bus_on_cleaned() */
}

static int bus_on_set_options(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *changes = NULL, *options = NULL;
        char wrong[API_DETAIL_SIZE] = "an option is not a number, a text or a boolean";
        const char *device, *twice;
        struct store_delivery from, to;
        struct bus *bus = userdata;
        struct api_answer answer;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        if (r < 0)
                return r;
        r = variant_read(message, &changes, &twice);
        if (r == -EEXIST)
                options_refuse_twice(twice, wrong);
        if (r < 0)
                return refuse(ret_error, REASON_REQUEST_INVALID, wrong);
        answer = delivery_change(&bus->backend, device, changes, &from, &to);
        if (answer.reason != REASON_NONE)
                return refuse(ret_error, answer.reason, answer.detail);
        options = delivery_json(&to);
        return options ? reply_dictionary(message, options) : -ENOMEM;
}

static int bus_on_remove(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *options = NULL;
        struct api_request request;
        struct bus *bus = userdata;
        struct api_later later;
        const char *device;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        if (r < 0)
                return r;
        r = read_options(message, OPTIONS_FORCE, &options, &request, ret_error);
        if (r < 0)
                return r;
        later = (struct api_later){bus_on_removed, sd_bus_message_ref(message)};
        bus->backend.handler->on_remove(bus->backend.userdata, device, request.force, &later);
        return 1; /* it is answered by bus_on_removed() */
}

static int bus_command(struct bus *bus, enum command_kind kind, sd_bus_message *message,
                       sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *values = NULL;
        char wrong[API_DETAIL_SIZE] = "a value is not a number, a text or a boolean";
        const char *device, *twice;
        struct command command;
        struct api_later later;
        int r;

        r = sd_bus_message_read(message, "s", &device);
        if (r < 0)
                return r;
        r = variant_read(message, &values, &twice);
        if (r == -EEXIST)
                options_refuse_twice(twice, wrong);
        if (r < 0 || !command_read(kind, device, values, &command, wrong))
                return refuse(ret_error, REASON_REQUEST_INVALID, wrong);
        later = (struct api_later){bus_on_commanded, sd_bus_message_ref(message)};
        command_run(&bus->backend, &command, &later);
        return 1; /* it is answered by bus_on_commanded() */
}

static int bus_on_set(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return bus_command(userdata, COMMAND_SET, message, ret_error);
}

static int bus_on_get(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return bus_command(userdata, COMMAND_GET, message, ret_error);
}

/* --- properties --- */

static int bus_on_version(sd_bus *connection, const char *path, const char *interface,
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

static int bus_on_hub(sd_bus *connection, const char *path, const char *interface,
                      const char *property, sd_bus_message *reply, void *userdata,
                      sd_bus_error *ret_error)
{
        struct bus *bus = userdata;

        (void)connection;
        (void)path;
        (void)interface;
        (void)property;
        (void)ret_error;
        return sd_bus_message_append(reply, "s", bus->hub);
}

/*
 * The bus's policy (group enrolld) decides who may call, not a capability: every method is
 * unprivileged. Codes are wiped from the messages that carried them.
 */
/* clang-format off */
static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Enroll",
                                SD_BUS_ARGS("ay", code, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_enroll,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("EnrollPicture",
                                SD_BUS_ARGS("h", picture, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_enroll_picture,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Scan",
                                SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_scan,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Replace",
                                SD_BUS_ARGS("s", device, "ay", code, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_replace,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("ReplacePicture",
                                SD_BUS_ARGS("s", device, "h", picture, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_replace_picture,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReplaceScan",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_RESULT("s", transaction), bus_on_replace_scan,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Cancel",
                                SD_BUS_ARGS("s", transaction),
                                SD_BUS_NO_RESULT, bus_on_cancel,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListDevices",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("aa{sv}", devices), bus_on_list_devices,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetDevice",
                                SD_BUS_ARGS("s", name_or_id),
                                SD_BUS_RESULT("a{sv}", device), bus_on_get_device,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Rename",
                                SD_BUS_ARGS("s", device, "s", name),
                                SD_BUS_NO_RESULT, bus_on_rename,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Remove",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_NO_RESULT, bus_on_remove,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetOptions",
                                SD_BUS_ARGS("s", device, "a{sv}", options),
                                SD_BUS_RESULT("a{sv}", options), bus_on_set_options,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Set",
                                SD_BUS_ARGS("s", device, "a{sv}", values),
                                SD_BUS_RESULT("a{sv}", values), bus_on_set,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Get",
                                SD_BUS_ARGS("s", device, "as", channels),
                                SD_BUS_RESULT("a{sv}", values), bus_on_get,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CleanMqtt",
                                SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", report), bus_on_clean_mqtt,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetStatus",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a{sv}", status), bus_on_get_status,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Event", SD_BUS_ARGS("a{sv}", event), 0),
        SD_BUS_PROPERTY("Version", "s", bus_on_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Hub", "s", bus_on_hub, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

/* Sees each message before it is dispatched. */
static int bus_on_message(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct bus *bus = userdata;
        uint64_t n_answers = 0;

        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0)
                return 0;
        (void)sd_bus_get_n_queued_write(bus->bus, &n_answers);
        if (n_answers == 0)
                callers_clear(&bus->callers);
        else if (!callers_admit(&bus->callers, sd_bus_message_get_sender(message)))
                return refuse(ret_error, REASON_BUSY,
                              "this program has not read the answers to its last calls");
        return 0;
}

/* --- the connection --- */

/* Logs each outage once, and tries again after RETRY_MSEC. */
static void bus_lose(struct bus *bus, int r, const char *what)
{
        if (!bus->complained)
                log_warning("D-Bus: %s: %s; trying again", what, strerror(-r));
        bus->complained = true;
        bus_disconnect(bus);
        loop_rearm_timer(bus->retry, RETRY_MSEC);
}

static int bus_on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        (void)message;
        (void)ret_error;
        bus_lose(userdata, -ECONNRESET, "the connection ended");
        return 0;
}

static int bus_on_name(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(message);
        struct bus *bus = userdata;
        uint32_t answer = 0;
        int r;

        (void)ret_error;
        r = error ? -sd_bus_error_get_errno(error) : sd_bus_message_read(message, "u", &answer);
        if (r >= 0 && answer != NAME_PRIMARY_OWNER)
                r = -EEXIST;
        if (r < 0) {
                bus_lose(bus, r, "the name " BUS_NAME " cannot be acquired");
                return 0;
        }
        bus->up = true;
        if (bus->complained)
                log_info("D-Bus: " BUS_NAME " acquired");
        bus->complained = false;
        return 0;
}

static int bus_connect(struct bus *bus)
{
        int r;

        r = dbus_open(bus->address, &bus->bus);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(bus->bus, bus->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = sd_bus_match_signal(bus->bus, &bus->disconnected, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", bus_on_disconnected,
                                bus);
        if (r < 0)
                return r;
        r = sd_bus_add_filter(bus->bus, &bus->calls, bus_on_message, bus);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus->bus, &bus->object, BUS_OBJECT, BUS_INTERFACE, vtable,
                                     bus);
        if (r < 0)
                return r;
        return sd_bus_request_name_async(bus->bus, &bus->name, BUS_NAME, 0, bus_on_name, bus);
}

static int bus_on_retry(sd_event_source *source, uint64_t now, void *userdata)
{
        struct bus *bus = userdata;
        int r;

        (void)source;
        (void)now;
        r = bus_connect(bus);
        if (r < 0)
                bus_lose(bus, r, "cannot connect");
        return 0;
}

int bus_new(sd_event *event, const char *address, const char *hub,
            const struct api_backend *backend, struct bus **ret_bus)
{
        _defer_(bus_free) struct bus *bus = calloc(1, sizeof(*bus));
        _defer_(free) char *copy = address ? strdup(address) : NULL;
        int r;

        if (!bus || (address && !copy))
                return -ENOMEM;
        bus->event = sd_event_ref(event);
        bus->hub = hub;
        bus->backend = *backend;
        bus->address = take(copy);
        r = loop_add_timer(event, &bus->retry, bus_on_retry, bus);
        if (r < 0)
                return r;
        loop_rearm_timer(bus->retry, 0);
        *ret_bus = take(bus);
        return 0;
}

bool bus_is_up(const struct bus *bus)
{
        return bus->up;
}

static int send_event(struct bus *bus, json_t *object)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_signal(bus->bus, &message, BUS_OBJECT, BUS_INTERFACE, "Event");
        if (r < 0)
                return r;
        r = variant_append(message, object);
        if (r < 0)
                return r;
        return sd_bus_send(bus->bus, message, NULL);
}

static void bus_on_event(void *userdata, const struct event *event)
{
        _defer_(json_free) json_t *object = NULL;
        struct bus *bus = userdata;
        int r;

        if (!bus->up)
                return;
        object = json_from_event(event);
        r = object ? send_event(bus, object) : -ENOMEM;
        if (r < 0)
                (void)log_errno(r, "D-Bus: an event cannot be sent");
}

struct face bus_face(struct bus *bus)
{
        static const struct face_handler handler = {.on_event = bus_on_event};

        return (struct face){&handler, bus};
}
