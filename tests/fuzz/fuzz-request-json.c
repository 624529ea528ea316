/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as an MQTT request: the first chooses the verb, the rest is the payload. Whatever comes
 * in, the answer is JSON of the documented shape, and the backend is asked nothing out of bounds.
 */

#include <stdlib.h>
#include <string.h>

#include "api/delivery.h"
#include "api/json.h"
#include "api/options.h"
#include "bridge/requests.h"
#include "util/word.h"
#include "require.h"
#include "store/device.h"
#include "support/store-sample.h"
#include "util/log.h"
#include "wire/utf8.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct api_request *request)
{
        require(request->source == EVENT_SOURCE_MQTT);
        require(!request->name || word_valid(request->name, strlen(request->name)));
        require(request->seconds <= OPTIONS_SECONDS_MAX);
        require(request->n_values <= API_VALUES_MAX);
        for (size_t i = 0; i < request->n_values; i++)
                require(utf8_printable((const uint8_t *)request->values[i].value,
                                       strlen(request->values[i].value)));
}

static struct api_answer take_enroll(void *userdata, const uint8_t *code, size_t n_code,
                                     const struct api_request *request)
{
        (void)userdata;
        check(request);
        require(n_code > 0 && n_code <= REQUESTS_PAYLOAD_MAX);
        return code[0] == 'b' ? api_refuse(REASON_BUSY) : api_accept("0011223344556677");
}

static struct api_answer take_scan(void *userdata, const struct api_request *request)
{
        (void)userdata;
        check(request);
        return api_accept("0011223344556677");
}

static struct api_answer take_cancel(void *userdata, const char *transaction)
{
        (void)userdata;
        require(transaction[0]);
        return strlen(transaction) == EVENT_TRANSACTION_CHARS ? api_accept("")
                                                              : api_refuse(REASON_REQUEST_INVALID);
}

static struct api_answer take_open_window(void *userdata, const struct api_request *request,
                                          unsigned *ret_seconds)
{
        (void)userdata;
        require(request->seconds >= 1 && request->seconds <= 600);
        *ret_seconds = request->seconds / 2;
        return request->seconds == 7 ? api_refuse(REASON_READER_UNAVAILABLE) : api_accept("");
}

static struct api_answer take_close_window(void *userdata)
{
        (void)userdata;
        return api_accept("");
}

static void take_status(void *userdata, struct api_status *ret_status)
{
        (void)userdata;
        *ret_status = (struct api_status){
                .enrollments = {{.transaction = "0011223344556677"}},
                .n_enrollments = 1,
        };
}

static void take_on_devices(void *userdata)
{
        (void)userdata;
}

static void take_on_answer(void *userdata, const struct mqtt_return *to, const char *answer)
{
        char **later = userdata;

        require(strcmp(to->verb, "there") == 0 && !*later);
        *later = strdup(answer);
}

static struct api_answer take_rename(void *userdata, const char *device, const char *name)
{
        (void)userdata;
        require(store_name_valid(name, strlen(name)));
        return device[0] == 'b' ? api_refuse(REASON_BUSY) : api_accept("");
}

static void take_remove(void *userdata, const char *device, bool force,
                        const struct api_later *later)
{
        (void)userdata;
        (void)device;
        api_settle(later, force ? api_accept("") : api_refuse(REASON_NOT_RELEASED));
}

static struct api_answer take_delivery(void *userdata, const char *device,
                                       const struct store_delivery *delivery)
{
        (void)userdata;
        require(device[0]);
        require(delivery->throttle_s <= DELIVERY_THROTTLE_MAX);
        return delivery->retain ? api_refuse(REASON_STORE_FULL) : api_accept("");
}

static struct api_answer take_log_level(void *userdata, int level)
{
        (void)userdata;
        require(level >= LOG_ERR && level <= LOG_DEBUG);
        return api_accept("");
}

static struct api_answer take_restart(void *userdata)
{
        (void)userdata;
        return api_refuse(REASON_RESTART_UNAVAILABLE);
}

static const struct requests_handler requests_handler = {
        .on_devices = take_on_devices,
        .on_answer = take_on_answer,
};

static const struct api_handler handler = {
        .on_enroll = take_enroll,
        .on_scan = take_scan,
        .on_open_window = take_open_window,
        .on_close_window = take_close_window,
        .on_cancel = take_cancel,
        .on_rename = take_rename,
        .on_remove = take_remove,
        .on_delivery = take_delivery,
        .on_log_level = take_log_level,
        .on_restart = take_restart,
        .on_status = take_status,
};

static struct store_place *place;

static void tear_down(void)
{
        (void)store_place_tear_down((void **)&place);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        struct sample sample;

        (void)argc;
        (void)argv;
        log_open("fuzz-request-json", LOG_ERR);
        require(store_place_set_up((void **)&place) == 0 && atexit(tear_down) == 0);
        sample_init(&sample, 1);
        return store_enroll(place->store, &sample.enrollment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const verbs[] = {
                "enroll",  "scan",           "cancel",        "health_check",  "devices",
                "unheard", "permit_join",    "device/rename", "device/remove", "options",
                "restart", "device/options", "device/replace"};
        const struct api_backend backend = {.handler = &handler, .store = place->store};
        struct requests *requests;
        const char *status;
        char *text, *later;
        json_t *answer;
        bool ok;
        int r;

        if (size == 0)
                return 0;
        require(requests_new(&backend, &requests_handler, &later, &requests) == 0);
        later = NULL;
        r = requests_answer(requests, &(const struct mqtt_return){.verb = "there"},
                            verbs[data[0] % ELEMENTSOF(verbs)], data + 1, size - 1, &text);
        require((r == REQUESTS_E_LATER) == (later != NULL));
        if (r == REQUESTS_E_LATER)
                text = take(later);
        else
                require(r == 0);
        answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        require(json_is_object(answer));
        status = json_string_value(json_object_get(answer, "status"));
        ok = strcmp(status, "ok") == 0;
        require(json_is_object(json_object_get(answer, "data")));
        require(ok == !json_object_get(answer, "error") && ok == !json_object_get(answer, "code"));
        json_decref(answer);
        free(text);
        (void)requests_free(requests);
        return 0;
}
