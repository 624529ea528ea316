/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/delivery.h"
#include "api/json.h"
#include "api/options.h"
#include "util/free.h"
#include "util/log.h"
#include "util/series.h"

struct requests {
        const struct api_backend *backend;
        const struct requests_handler *handler;
        void *userdata;
        bool closed;
};

/* One request on its way to its answer. */
struct request {
        const char *verb;
        json_t *payload;     /* an object without "transaction" */
        const uint8_t *bare; /* instead of it, or NULL */
        size_t n_bare;
        const char *wrong; /* with a payload that cannot be read */
        const struct mqtt_return *to;
        json_t *transaction; /* that the answer echoes, or NULL */
        json_t *data;        /* of the answer */
        struct api_answer answer;
        bool is_pending; /* it is answered by itself, and .answer means nothing */
};

int requests_new(const struct api_backend *backend, const struct requests_handler *handler,
                 void *userdata, struct requests **ret_requests)
{
        struct requests *requests = calloc(1, sizeof(*requests));

        if (!requests)
                return -ENOMEM;
        requests->backend = backend;
        requests->handler = handler;
        requests->userdata = userdata;
        *ret_requests = requests;
        return 0;
}

struct requests *requests_free(struct requests *requests)
{
        free(requests);
        return NULL;
}

void requests_close(struct requests *requests, bool closed)
{
        requests->closed = closed;
}

static void refuse(struct request *request, const char *wrong)
{
        request->answer = api_refuse_because(REASON_REQUEST_INVALID, "%s", wrong);
}

/* Takes a value out, so that what is left are options; NULL if it is not there. */
static json_t *take_key(struct request *request, const char *key)
{
        json_t *value = json_incref(json_object_get(request->payload, key));

        (void)json_object_del(request->payload, key);
        return value;
}

static bool read_options(struct request *request, unsigned allowed, struct api_request *ret_options)
{
        char wrong[API_DETAIL_SIZE];

        if (!options_read(request->payload, allowed, ret_options, wrong)) {
                refuse(request, wrong);
                return false;
        }
        ret_options->source = EVENT_SOURCE_MQTT;
        return true;
}

static void answer_started(struct request *request, struct api_answer answer)
{
        request->answer = answer;
        if (answer.reason == REASON_NONE)
                (void)json_object_set_new(request->data, "id", json_string(answer.transaction));
}

/* NULL if memory is short. */
static char *make_answer(json_t *data, json_t *transaction, const struct api_answer *answer)
{
        _defer_(json_free) json_t *object = NULL;

        object = json_pack("{s:O, s:s, s:O*}", "data", data, "status",
                           answer->reason == REASON_NONE ? "ok" : "error", "transaction",
                           transaction);
        if (!object || (answer->reason != REASON_NONE &&
                        json_add_error(object, answer->reason, answer->detail) < 0))
                return NULL;
        return json_dumps(object, JSON_COMPACT);
}

static void request_enroll(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *text = take_key(request, "code");
        const uint8_t *code = request->bare;
        size_t n_code = request->n_bare;
        struct api_request options;

        if (!code) {
                code = (const uint8_t *)json_string_value(text);
                n_code = json_string_length(text);
        }
        if (n_code == 0)
                refuse(request, "'code' is missing or not a text");
        else if (read_options(request, OPTIONS_NAME | OPTIONS_DRY_RUN | OPTIONS_VALUES, &options))
                answer_started(request, r->backend->handler->on_enroll(r->backend->userdata, code,
                                                                       n_code, &options));
}

static void request_scan(struct requests *r, struct request *request)
{
        struct api_request options;

        if (read_options(request, OPTIONS_NAME | OPTIONS_DRY_RUN | OPTIONS_SECONDS | OPTIONS_VALUES,
                         &options))
                answer_started(request,
                               r->backend->handler->on_scan(r->backend->userdata, &options));
}

/* An enrollment that has its code goes on, as zigbee2mqtt's interview does. */
static void request_permit_join(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *time = take_key(request, "time");
        json_int_t seconds = json_is_integer(time) ? json_integer_value(time) : -1;
        struct api_request options;
        unsigned granted = 0;

        if (!read_options(request, 0, &options))
                return;
        if (seconds < 0 || seconds > OPTIONS_SECONDS_MAX) {
                refuse(request, "'time' is not a number from 0 to 600");
                return;
        }
        options.seconds = (unsigned)seconds;
        request->answer = seconds > 0 ? r->backend->handler->on_open_window(r->backend->userdata,
                                                                            &options, &granted)
                                      : r->backend->handler->on_close_window(r->backend->userdata);
        if (request->answer.reason == REASON_NONE)
                (void)json_object_set_new(request->data, "time", json_integer(granted));
}

static void request_cancel(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *id = take_key(request, "id");
        struct api_request options;

        if (!read_options(request, 0, &options))
                return;
        if (id && !json_is_string(id))
                refuse(request, "'id' is not a text");
        else
                request->answer = api_cancel(r->backend, json_string_value(id));
}

static void request_health_check(struct requests *r, struct request *request)
{
        struct api_request options;

        (void)r;
        if (read_options(request, 0, &options))
                (void)json_object_set_new(request->data, "healthy", json_true());
}

/* The one option that can be changed while the hub runs; NULL, or what is wrong. */
static const char *read_log_level(const json_t *changes, int *ret_level)
{
        const json_t *advanced = json_object_get(changes, "advanced");
        const char *name = json_string_value(json_object_get(advanced, "log_level"));
        int level = log_level_from_name(name ? name : "");

        if (json_object_size(changes) != 1 || json_object_size(advanced) != 1 || !name)
                return "'options' is not {\"advanced\": {\"log_level\": LEVEL}}; everything else "
                       "is "
                       "set in enrolld.conf";
        if (level < 0)
                return "'log_level' is not error, warning, info or debug";
        *ret_level = level;
        return NULL;
}

static void request_options(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *changes = take_key(request, "options");
        struct api_request options;
        const char *wrong;
        int level;

        if (!read_options(request, 0, &options))
                return;
        wrong = read_log_level(changes, &level);
        if (wrong) {
                refuse(request, wrong);
                return;
        }
        request->answer = r->backend->handler->on_log_level(r->backend->userdata, level);
        if (request->answer.reason == REASON_NONE)
                (void)json_object_set_new(request->data, "restart_required", json_false());
}

static void request_restart(struct requests *r, struct request *request)
{
        struct api_request options;

        if (read_options(request, 0, &options))
                request->answer = r->backend->handler->on_restart(r->backend->userdata);
}

static void request_devices(struct requests *r, struct request *request)
{
        struct api_request options;

        if (read_options(request, 0, &options))
                r->handler->on_devices(r->userdata);
}

/* --- devices --- */

/*
 * Takes a key that zigbee2mqtt's consumers always send and that asks for nothing while it is false.
 * False, and a refusal, if it does.
 */
static bool take_idle(struct request *request, const char *key)
{
        _defer_(json_free) json_t *value = take_key(request, key);

        if (!value || json_is_false(value))
                return true;
        request->answer = api_refuse_because(REASON_REQUEST_INVALID, "'%s' is not false", key);
        return false;
}

static void request_rename(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *from = take_key(request, "from"), *to = take_key(request, "to");
        struct api_request options;

        if (!take_idle(request, "homeassistant_rename") || !read_options(request, 0, &options))
                return;
        if (!json_is_string(from) || !json_is_string(to)) {
                refuse(request, "'from' and 'to' are not the names of the device before and after");
                return;
        }
        request->answer = api_rename(r->backend, json_string_value(from), json_string_value(to));
        if (request->answer.reason != REASON_NONE)
                return;
        (void)json_object_set(request->data, "from", from);
        (void)json_object_set(request->data, "to", to);
}

/* Whether it may be one of the hub's; false, and a refusal, if it is no name of anything. */
static bool is_device(struct request *request, const json_t *id)
{
        if (!json_is_string(id))
                refuse(request, "'id' is not the name or the identifier of a device");
        return json_is_string(id);
}

/* Without a code the camera looks for it. */
static void request_replace(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *id = take_key(request, "id"), *code = take_key(request, "code");
        unsigned allowed = OPTIONS_DRY_RUN | OPTIONS_VALUES | OPTIONS_OTHER_MODEL;
        struct api_request options;

        if (!read_options(request, code ? allowed : allowed | OPTIONS_SECONDS, &options))
                return;
        options.replaces = json_string_value(id);
        if (!is_device(request, id))
                return;
        if (!code)
                answer_started(request,
                               r->backend->handler->on_scan(r->backend->userdata, &options));
        else if (json_string_length(code) == 0)
                refuse(request, "'code' is not a text");
        else
                answer_started(request, r->backend->handler->on_enroll(
                                                r->backend->userdata,
                                                (const uint8_t *)json_string_value(code),
                                                json_string_length(code), &options));
}

static void request_options_of_device(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *id = take_key(request, "id"),
                                  *changes = take_key(request, "options");
        struct store_delivery from, to;
        struct api_request options;

        if (!read_options(request, 0, &options))
                return;
        if (!is_device(request, id))
                return;
        request->answer = delivery_change(r->backend, json_string_value(id), changes, &from, &to);
        if (request->answer.reason != REASON_NONE)
                return;
        (void)json_object_set(request->data, "id", id);
        (void)json_object_set_new(request->data, "from", delivery_json(&from));
        (void)json_object_set_new(request->data, "to", delivery_json(&to));
        (void)json_object_set_new(request->data, "restart_required", json_false());
}

static void request_keys(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *id = take_key(request, "id");
        struct api_request options;

        if (!read_options(request, 0, &options))
                return;
        if (!is_device(request, id))
                return;
        request->answer =
                r->backend->handler->on_send_keys(r->backend->userdata, json_string_value(id));
        if (request->answer.reason == REASON_NONE)
                (void)json_object_set(request->data, "id", id);
}

/* A request that waits for its outcome. */
struct pending {
        struct requests *requests;
        struct mqtt_return to;
        json_t *transaction, *data;
};

static void pending_on_outcome(void *userdata, const struct api_outcome *outcome)
{
        struct pending *pending = userdata;
        struct requests *r = pending->requests;
        _defer_(json_free) json_t *empty = json_object();
        bool is_done = outcome->answer.reason == REASON_NONE;
        _defer_(free) char *text = NULL;

        if (!is_done)
                log_warning("MQTT request device/remove refused: %s",
                            reason_code(outcome->answer.reason));
        text = make_answer(is_done ? pending->data : empty, pending->transaction, &outcome->answer);
        if (text)
                r->handler->on_answer(r->userdata, &pending->to, text);
        else
                log_error("MQTT: an answer cannot be made");
        (void)json_free(pending->transaction);
        (void)json_free(pending->data);
        free(pending);
}

static void request_remove(struct requests *r, struct request *request)
{
        _defer_(json_free) json_t *id = take_key(request, "id");
        struct pending *pending;
        struct api_request options;
        struct api_later later;

        if (!take_idle(request, "block") || !read_options(request, OPTIONS_FORCE, &options))
                return;
        if (!is_device(request, id))
                return;
        pending = calloc(1, sizeof(*pending));
        if (!pending) {
                request->answer = api_refuse(REASON_INTERNAL);
                return;
        }
        pending->requests = r;
        pending->to = *request->to;
        pending->transaction = json_incref(request->transaction);
        pending->data = json_pack("{s:O, s:b}", "id", id, "force", (int)options.force);
        later = (struct api_later){pending_on_outcome, pending};
        request->is_pending = true;
        r->backend->handler->on_remove(r->backend->userdata, json_string_value(id), options.force,
                                       &later);
}

struct verb {
        const char *name;
        const char *bare; /* the key that a payload which is a bare value stands for, or NULL */
        enum {
                BARE_JSON,
                BARE_TEXT,  /* it is taken as it stands */
                BARE_BYTES, /* the same, and need not even be UTF-8 */
        } bare_is;
        void (*answer)(struct requests *r, struct request *request);
};

/* clang-format off */
static const struct verb verbs[] = {
        { "enroll",         "code",    BARE_BYTES, request_enroll },
        { "scan",           "seconds", BARE_JSON,  request_scan },
        { "permit_join",    "time",    BARE_JSON,  request_permit_join },
        { "cancel",         "id",      BARE_TEXT,  request_cancel },
        { "devices",        NULL,      BARE_JSON,  request_devices },
        { "device/rename",  NULL,      BARE_JSON,  request_rename },
        { "device/remove",  "id",      BARE_TEXT,  request_remove },
        { "device/replace", "id",      BARE_TEXT,  request_replace },
        { "device/options", NULL,      BARE_JSON,  request_options_of_device },
        { "device/keys",    "id",      BARE_TEXT,  request_keys },
        { "options",        NULL,      BARE_JSON,  request_options },
        { "restart",        NULL,      BARE_JSON,  request_restart },
        { "health_check",   NULL,      BARE_JSON,  request_health_check },
};
/* clang-format on */

static const struct verb *find_verb(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return &verbs[i];
        return NULL;
}

static bool is_space(uint8_t byte)
{
        return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void trim(const uint8_t **payload, size_t *n_payload)
{
        while (*n_payload > 0 && is_space((*payload)[*n_payload - 1]))
                (*n_payload)--;
        while (*n_payload > 0 && is_space((*payload)[0])) {
                (*payload)++;
                (*n_payload)--;
        }
}

/* Jansson's own text would quote what is near, and that may be the code. */
static const char *what_is_wrong(const json_error_t *error)
{
        switch (json_error_code(error)) {
        case json_error_duplicate_key:
                return "a key is there twice in the payload";
        case json_error_numeric_overflow:
                return "a number in the payload is too large";
        case json_error_null_character:
        case json_error_null_byte_in_key:
                return "a text in the payload contains \\u0000";
        default:
                return "the payload is not a JSON object";
        }
}

/*
 * The payload as an object. A bare value, as people type it into a client, goes under the verb's
 * key, or is noted in @request if it may be any bytes. NULL if it is neither.
 */
static json_t *parse_payload(struct request *request, const struct verb *verb,
                             const uint8_t *payload, size_t n_payload)
{
        _defer_(json_free) json_t *value = NULL;
        const uint8_t *whole = payload;
        size_t n_whole = n_payload;
        json_error_t error;
        bool is_json;

        if (n_payload >= 3 && memcmp(payload, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
                payload += 3;
                n_payload -= 3;
        }
        trim(&payload, &n_payload);
        if (n_payload == 0)
                return json_object();
        request->wrong = "the payload is not a JSON object";
        is_json = !verb || verb->bare_is == BARE_JSON || payload[0] == '{' || payload[0] == '"';
        if (is_json) {
                value = json_loadb((const char *)payload, n_payload,
                                   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
                request->wrong = value ? request->wrong : what_is_wrong(&error);
        } else if (verb->bare_is == BARE_TEXT)
                value = json_stringn((const char *)payload, n_payload);
        if (json_is_object(value))
                return take(value);
        if (!value && verb && verb->bare_is == BARE_BYTES && payload[0] != '{') {
                request->bare = whole;
                request->n_bare = n_whole;
                return json_object();
        }
        if (!value || !verb || !verb->bare)
                return NULL;
        return json_pack("{s:o}", verb->bare, take(value));
}

/* What zigbee2mqtt has and this hub has not: the beginning of a verb, and why. */
static const struct {
        const char *verb, *why;
} absent[] = {
        {"device/configure", "a device configures itself while it is enrolled"},
        {"device/interview", "a device says what it is while it is enrolled; <name>/get asks it "
                             "for its values"},
        {"device/ota_update/", "this hub does not update devices"},
        {"device/bind", "devices cannot be bound to each other"},
        {"device/unbind", "devices cannot be bound to each other"},
        {"group/", "there are no groups of devices"},
        {"touchlink/", "devices are enrolled by their codes"},
        {"install_code/", "a code is enrolled with enroll"},
        {"networkmap", "the devices are not a network"},
        {"coordinator_check", "there is no coordinator"},
        {"backup", "stop the hub and copy its state directory"},
};

static const char *find_absent(const char *verb)
{
        for (size_t i = 0; i < ELEMENTSOF(absent); i++)
                if (strncmp(absent[i].verb, verb, strlen(absent[i].verb)) == 0)
                        return absent[i].why;
        return NULL;
}

static void refuse_verb(struct request *request)
{
        const char *why = find_absent(request->verb);
        char list[API_DETAIL_SIZE] = "";
        struct series series;

        if (why) {
                refuse(request, why);
                return;
        }
        series_init(&series, list, sizeof(list), ELEMENTSOF(verbs), "and");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                series_add(&series, verbs[i].name);
        request->answer = api_refuse_because(REASON_REQUEST_INVALID,
                                             "there is no such verb; the verbs are %s", list);
}

static void run(struct requests *r, struct request *request, const uint8_t *payload,
                size_t n_payload)
{
        const struct verb *verb = find_verb(request->verb);

        if (n_payload <= REQUESTS_PAYLOAD_MAX)
                request->payload = parse_payload(request, verb, payload, n_payload);
        if (request->payload)
                request->transaction = take_key(request, "transaction");
        if (r->closed)
                request->answer = api_refuse(REASON_REQUESTS_DISABLED);
        else if (!verb)
                refuse_verb(request);
        else if (n_payload > REQUESTS_PAYLOAD_MAX)
                refuse(request, "the payload is longer than 32 KiB");
        else if (!request->payload)
                refuse(request, request->wrong);
        else
                verb->answer(r, request);
}

/* The verb comes from a topic: it is logged only if it is one of ours. */
static void log_refusal(const char *verb, const struct api_answer *answer)
{
        log_warning("MQTT request %s refused: %s%s%s",
                    find_verb(verb) ? verb : "with an unknown verb", reason_code(answer->reason),
                    answer->detail[0] ? ", " : "", answer->detail);
}

int requests_answer(struct requests *requests, const struct mqtt_return *to, const char *verb,
                    const uint8_t *payload, size_t n_payload, char **ret_answer)
{
        _defer_(json_free) json_t *data = json_object();
        struct request request = {.verb = verb, .to = to, .data = data};
        char *text;

        run(requests, &request, payload, n_payload);
        (void)json_free(request.payload);
        if (!request.is_pending && request.answer.reason != REASON_NONE)
                log_refusal(verb, &request.answer);
        text = request.is_pending ? NULL : make_answer(data, request.transaction, &request.answer);
        (void)json_free(request.transaction);
        if (request.is_pending)
                return REQUESTS_E_LATER;
        if (!text)
                return -ENOMEM;
        *ret_answer = text;
        return 0;
}
