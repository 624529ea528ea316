/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/entries.h"
#include "api/json.h"
#include "api/variant.h"
#include "bus/methods.h"
#include "util/log.h"

#define CODE_MAX 32768 /* bytes; as of Enroll */

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

static int reply_done(sd_bus_message *message, const struct api_answer *answer,
                      sd_bus_error *ret_error)
{
        if (answer->reason != REASON_NONE)
                return methods_refuse(ret_error, answer->reason, answer->detail);
        return sd_bus_reply_method_return(message, NULL);
}

static int reply_object(sd_bus_message *message, json_t *object)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = variant_append(reply, object);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* Answers a call whose outcome has a report. */
static void catalogue_on_outcome(void *userdata, const struct api_outcome *outcome)
{
        _defer_(sd_bus_message_unref) sd_bus_message *call = userdata;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (outcome->answer.reason != REASON_NONE) {
                (void)methods_refuse(&error, outcome->answer.reason, outcome->answer.detail);
                r = sd_bus_reply_method_error(call, &error);
                sd_bus_error_free(&error);
        } else {
                r = reply_object(call, outcome->report);
        }
        /* The caller, or the bus, may have gone meanwhile. */
        if (r < 0)
                log_debug("D-Bus: a call cannot be answered: %s", strerror(-r));
}

static int catalogue_on_list(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        _defer_(json_free) json_t *list = entries_list(userdata);
        json_t *entry;
        size_t i;
        int r;

        if (!list)
                return methods_refuse(ret_error, REASON_STORE_FAILED, "");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "a{sv}");
        json_array_foreach(list, i, entry)
        {
                if (r >= 0)
                        r = variant_append(reply, entry);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int catalogue_on_import(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const struct api_backend *backend = userdata;
        struct api_later later;
        int r, fd, joins;

        r = sd_bus_message_read(message, "hb", &fd, &joins);
        if (r < 0)
                return r;
        if (!methods_is_readable(fd))
                return methods_refuse(ret_error, REASON_REQUEST_INVALID,
                                      "the catalogue is not a regular file that is open for "
                                      "reading");
        later = (struct api_later){catalogue_on_outcome, sd_bus_message_ref(message)};
        backend->entries->on_import(backend->catalogue, fd, joins != 0, &later);
        return 1; /* it is answered by catalogue_on_outcome() */
}

static int catalogue_on_fetch(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const struct api_backend *backend = userdata;
        struct api_later later;
        char **ids = NULL;
        int r, joins = 0;

        (void)ret_error;
        r = sd_bus_message_read_strv(message, &ids);
        if (r >= 0)
                r = sd_bus_message_read(message, "b", &joins);
        if (r >= 0) {
                static char *nothing[] = {NULL};

                later = (struct api_later){catalogue_on_outcome, sd_bus_message_ref(message)};
                backend->entries->on_fetch(backend->catalogue, ids ? ids : nothing, joins != 0,
                                           &later);
                r = 1; /* it is answered by catalogue_on_outcome() */
        }
        for (char **id = ids; id && *id; id++)
                free(*id);
        free(ids);
        return r;
}

static int catalogue_on_add(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const struct api_backend *backend = userdata;
        struct api_later later;
        const void *code;
        const char *name;
        size_t n_code;
        int r;

        r = sd_bus_message_read_array(message, 'y', &code, &n_code);
        if (r >= 0)
                r = sd_bus_message_read(message, "s", &name);
        if (r < 0)
                return r;
        if (n_code == 0 || n_code > CODE_MAX)
                return methods_refuse(ret_error, REASON_REQUEST_INVALID,
                                      "the code is not 1 to 32768 bytes long");
        if (name[0] && !store_name_valid(name, strlen(name)))
                return methods_refuse(ret_error, REASON_REQUEST_INVALID,
                                      "the name is not 1 to 32 letters, digits, - and _, or it is "
                                      "bridge");
        later = (struct api_later){catalogue_on_outcome, sd_bus_message_ref(message)};
        backend->entries->on_add(backend->catalogue, code, n_code, name, &later);
        return 1; /* it is answered by catalogue_on_outcome() */
}

static int catalogue_on_let_join(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const struct api_backend *backend = userdata;
        struct api_answer answer;
        const char *id;
        int r, joins;

        r = sd_bus_message_read(message, "sb", &id, &joins);
        if (r < 0)
                return r;
        answer = backend->entries->on_let_join(backend->catalogue, id, joins != 0);
        return reply_done(message, &answer, ret_error);
}

static int catalogue_on_remove(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const struct api_backend *backend = userdata;
        struct api_answer answer;
        const char *id;
        int r;

        r = sd_bus_message_read(message, "s", &id);
        if (r < 0)
                return r;
        answer = backend->entries->on_discard(backend->catalogue, id);
        return reply_done(message, &answer, ret_error);
}

/* clang-format off */
const sd_bus_vtable catalogue_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("List",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("aa{sv}", entries), catalogue_on_list,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Import",
                                SD_BUS_ARGS("h", file, "b", joins),
                                SD_BUS_RESULT("a{sv}", report), catalogue_on_import,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Fetch",
                                SD_BUS_ARGS("as", ids, "b", joins),
                                SD_BUS_RESULT("a{sv}", report), catalogue_on_fetch,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Add",
                                SD_BUS_ARGS("ay", code, "s", name),
                                SD_BUS_RESULT("a{sv}", entry), catalogue_on_add,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("LetJoin",
                                SD_BUS_ARGS("s", id, "b", joins),
                                SD_BUS_NO_RESULT, catalogue_on_let_join,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Remove",
                                SD_BUS_ARGS("s", id),
                                SD_BUS_NO_RESULT, catalogue_on_remove,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
/* clang-format on */
