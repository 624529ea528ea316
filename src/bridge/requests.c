/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/options.h"
#include "util/log.h"

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
        json_t *data;      /* of the answer */
        struct api_answer answer;
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

void requests_close(struct requests *requests)
{
        requests->closed = true;
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

static void request_devices(struct requests *r, struct request *request)
{
        struct api_request options;

        if (read_options(request, 0, &options))
                r->handler->on_devices(r->userdata);
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
        { "enroll",       "code",    BARE_BYTES, request_enroll },
        { "scan",         "seconds", BARE_JSON,  request_scan },
        { "cancel",       "id",      BARE_TEXT,  request_cancel },
        { "health_check", NULL,      BARE_JSON,  request_health_check },
        { "devices",      NULL,      BARE_JSON,  request_devices },
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

/* Returns the transaction that the answer echoes, or NULL. */
static json_t *run(struct requests *r, struct request *request, const uint8_t *payload,
                   size_t n_payload)
{
        const struct verb *verb = find_verb(request->verb);
        json_t *transaction = NULL;

        if (n_payload <= REQUESTS_PAYLOAD_MAX)
                request->payload = parse_payload(request, verb, payload, n_payload);
        if (request->payload)
                transaction = take_key(request, "transaction");
        if (r->closed)
                request->answer = api_refuse(REASON_REQUESTS_DISABLED);
        else if (!verb)
                refuse(request, "there is no such verb; the verbs are enroll, scan, cancel, "
                                "health_check and "
                                "devices");
        else if (n_payload > REQUESTS_PAYLOAD_MAX)
                refuse(request, "the payload is longer than 32 KiB");
        else if (!request->payload)
                refuse(request, request->wrong);
        else
                verb->answer(r, request);
        return transaction;
}

/* The verb comes from a topic: it is logged only if it is one of ours. */
static void log_refusal(const struct request *request)
{
        log_warning("MQTT request %s refused: %s%s%s",
                    find_verb(request->verb) ? request->verb : "with an unknown verb",
                    reason_code(request->answer.reason), request->answer.detail[0] ? ", " : "",
                    request->answer.detail);
}

static int add_error(json_t *answer, const struct request *request)
{
        const struct api_answer *refusal = &request->answer;
        char error[REASON_TEXT_SIZE];

        reason_explain(refusal->reason, refusal->detail, error);
        return json_object_set_new(answer, "error", json_string(error)) |
               json_object_set_new(answer, "code", json_string(reason_code(refusal->reason)));
}

int requests_answer(struct requests *requests, const char *verb, const uint8_t *payload,
                    size_t n_payload, char **ret_answer)
{
        _defer_(json_free) json_t *transaction = NULL, *data = json_object(), *answer = NULL;
        struct request request = {.verb = verb, .data = data, .answer = {.reason = REASON_NONE}};
        char *text;

        transaction = run(requests, &request, payload, n_payload);
        (void)json_free(request.payload);
        answer = json_pack("{s:O, s:s, s:O*}", "data", data, "status",
                           request.answer.reason == REASON_NONE ? "ok" : "error", "transaction",
                           transaction);
        if (!answer)
                return -ENOMEM;
        if (request.answer.reason != REASON_NONE) {
                log_refusal(&request);
                if (add_error(answer, &request) < 0)
                        return -ENOMEM;
        }
        text = json_dumps(answer, JSON_COMPACT);
        if (!text)
                return -ENOMEM;
        *ret_answer = text;
        return 0;
}
