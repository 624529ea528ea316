/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "bridge/requests.h"
#include "store/delivery.h"
#include "support/store-sample.h"

/* A backend that notes what it was asked. */
struct asked {
        char what[32];
        char code[64];
        char name[40];
        char value[80];
        char cancelled[32];
        char replaced[32];
        bool dry_run, other_model;
        unsigned seconds;
        size_t n_values;
        unsigned n_devices;
        struct api_answer answer;
        struct store *store; /* where devices are looked up, or NULL */
        const char *running[2];
        char *later; /* what was answered by itself */
};

static void note(struct asked *asked, const char *what, const struct api_request *request)
{
        assert_int_equal(request->source, EVENT_SOURCE_MQTT);
        (void)snprintf(asked->what, sizeof(asked->what), "%s", what);
        (void)snprintf(asked->name, sizeof(asked->name), "%s", request->name ? request->name : "");
        (void)snprintf(asked->replaced, sizeof(asked->replaced), "%s",
                       request->replaces ? request->replaces : "");
        asked->dry_run = request->dry_run;
        asked->other_model = request->other_model;
        asked->seconds = request->seconds;
        asked->n_values = request->n_values;
        if (request->n_values > 0)
                (void)snprintf(asked->value, sizeof(asked->value), "%s=%s",
                               request->values[0].parameter, request->values[0].value);
}

static struct api_answer answer(const struct asked *asked, const char *transaction)
{
        return asked->answer.reason == REASON_NONE ? api_accept(transaction) : asked->answer;
}

static struct api_answer asked_enroll(void *userdata, const uint8_t *code, size_t n_code,
                                      const struct api_request *request)
{
        struct asked *asked = userdata;

        note(asked, "enroll", request);
        (void)snprintf(asked->code, sizeof(asked->code), "%.*s", (int)n_code, (const char *)code);
        return answer(asked, "0011223344556677");
}

static struct api_answer asked_scan(void *userdata, const struct api_request *request)
{
        struct asked *asked = userdata;

        note(asked, "scan", request);
        return answer(asked, "8899aabbccddeeff");
}

static struct api_answer asked_open_window(void *userdata, const struct api_request *request,
                                           unsigned *ret_seconds)
{
        struct asked *asked = userdata;

        note(asked, "open window", request);
        *ret_seconds = 90;
        return answer(asked, "");
}

static struct api_answer asked_close_window(void *userdata)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "close window");
        return asked->answer;
}

static struct api_answer asked_cancel(void *userdata, const char *transaction)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->cancelled, sizeof(asked->cancelled), "%s", transaction);
        return asked->answer;
}

static void asked_status(void *userdata, struct api_status *ret_status)
{
        struct asked *asked = userdata;

        *ret_status = (struct api_status){.version = "0.1.0"};
        for (size_t i = 0; i < ELEMENTSOF(asked->running) && asked->running[i]; i++)
                ret_status->enrollments[ret_status->n_enrollments++] =
                        (struct api_enrollment){.transaction = asked->running[i]};
}

static void asked_on_devices(void *userdata)
{
        struct asked *asked = userdata;

        asked->n_devices++;
}

static void asked_on_answer(void *userdata, const struct mqtt_return *to, const char *text)
{
        struct asked *asked = userdata;

        assert_string_equal(to->verb, "here");
        assert_null(asked->later);
        asked->later = strdup(text);
}

static struct api_answer asked_rename(void *userdata, const char *device, const char *name)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "rename %s", device);
        (void)snprintf(asked->name, sizeof(asked->name), "%s", name);
        return asked->answer;
}

static void asked_remove(void *userdata, const char *device, bool force,
                         const struct api_later *later)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "remove %s%s", device,
                       force ? " by force" : "");
        api_settle(later, asked->answer);
}

static struct api_answer asked_send_keys(void *userdata, const char *device)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "keys of %s", device);
        return asked->answer;
}

static const struct requests_handler requests_handler = {
        .on_devices = asked_on_devices,
        .on_answer = asked_on_answer,
};

static struct api_answer asked_delivery(void *userdata, const char *device,
                                        const struct store_delivery *delivery)
{
        struct asked *asked = userdata;
        struct store_device row;

        (void)snprintf(asked->what, sizeof(asked->what), "options of %.16s", device);
        assert_int_equal(store_find_name(asked->store, device, &row), 0);
        assert_int_equal(store_delivery_set(asked->store, row.device_id, delivery), 0);
        return asked->answer;
}

static struct api_answer asked_log_level(void *userdata, int level)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "log level %d", level);
        return asked->answer;
}

static struct api_answer asked_restart(void *userdata)
{
        struct asked *asked = userdata;

        (void)snprintf(asked->what, sizeof(asked->what), "restart");
        return asked->answer;
}

static const struct api_handler handler = {
        .on_log_level = asked_log_level,
        .on_restart = asked_restart,
        .on_delivery = asked_delivery,
        .on_enroll = asked_enroll,
        .on_scan = asked_scan,
        .on_open_window = asked_open_window,
        .on_close_window = asked_close_window,
        .on_cancel = asked_cancel,
        .on_rename = asked_rename,
        .on_remove = asked_remove,
        .on_send_keys = asked_send_keys,
        .on_status = asked_status,
};

/* Asks, and returns the answer as text with sorted keys, to be freed. */
static char *ask_bytes(struct asked *asked, const char *verb, const void *payload, size_t n)
{
        const struct api_backend backend = {
                .handler = &handler, .userdata = asked, .store = asked->store};
        struct requests *requests;
        char *text, *sorted;
        json_t *json;
        int r;

        assert_int_equal(requests_new(&backend, &requests_handler, asked, &requests), 0);
        r = requests_answer(requests, &(const struct mqtt_return){.verb = "here"}, verb, payload, n,
                            &text);
        if (r == REQUESTS_E_LATER)
                text = take(asked->later);
        else
                assert_int_equal(r, 0);
        (void)requests_free(requests);
        json = json_loads(text, 0, NULL);
        assert_non_null(json);
        sorted = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
        json_decref(json);
        free(text);
        return sorted;
}

static void assert_answer(struct asked *asked, const char *verb, const char *payload,
                          const char *expected)
{
        char *text = ask_bytes(asked, verb, payload, strlen(payload));

        assert_string_equal(text, expected);
        free(text);
}

/* The answer is this error, and its text ends in @wrong. */
static void assert_error(struct asked *asked, const char *verb, const void *payload, size_t n,
                         const char *wrong)
{
        char *text = ask_bytes(asked, verb, payload, n);
        json_t *json = json_loads(text, 0, NULL);
        const char *error = json_string_value(json_object_get(json, "error"));

        assert_string_equal(json_string_value(json_object_get(json, "status")), "error");
        assert_string_equal(json_string_value(json_object_get(json, "code")), "request_invalid");
        assert_int_equal(json_object_size(json_object_get(json, "data")), 0);
        if (!error || !strstr(error, wrong))
                fail_msg("%s: \"%s\" does not say \"%s\"", verb, error ? error : "(none)", wrong);
        assert_string_equal(asked->what, "");
        json_decref(json);
        free(text);
}

#define OK(data) "{\"data\":" data ",\"status\":\"ok\"}"

static void test_requests_enroll_passes_code_and_options(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "enroll",
                      "{\"code\":\"ENR1:ABC\",\"name\":\"hall\",\"dry_run\":true,"
                      "\"values\":{\"location\":\"Hall\"},\"transaction\":\"abc-1\"}",
                      "{\"data\":{\"id\":\"0011223344556677\"},\"status\":\"ok\","
                      "\"transaction\":\"abc-1\"}");
        assert_string_equal(asked.what, "enroll");
        assert_string_equal(asked.code, "ENR1:ABC");
        assert_string_equal(asked.name, "hall");
        assert_true(asked.dry_run);
        assert_int_equal(asked.n_values, 1);
        assert_string_equal(asked.value, "location=Hall");
}

static void test_requests_bare_values_stand_for_the_usual_key(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "enroll", " ENR1:A+B$%*\r\n", OK("{\"id\":\"0011223344556677\"}"));
        assert_string_equal(asked.code, " ENR1:A+B$%*\r\n");
        assert_answer(&asked, "enroll", "\"ENR1:X\"", OK("{\"id\":\"0011223344556677\"}"));
        assert_string_equal(asked.code, "ENR1:X");
        assert_answer(&asked, "scan", "120", OK("{\"id\":\"8899aabbccddeeff\"}"));
        assert_int_equal(asked.seconds, 120);
        assert_answer(&asked, "scan", "", OK("{\"id\":\"8899aabbccddeeff\"}"));
        assert_int_equal(asked.seconds, 0);
        assert_answer(&asked, "cancel", "1234567890123456", OK("{}"));
        assert_string_equal(asked.cancelled, "1234567890123456");
}

static void test_requests_a_bare_code_may_be_any_bytes(void **state)
{
        static const char *const codes[] = {
                "\xff\xfe"
                "e",
                "enr1.\xa0"
                "A",
                "\"enr1.A\nB\"",
                "\"enr1.A",
                "\u201cenr1.A\u201d",
        };
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(codes); i++) {
                assert_answer(&asked, "enroll", codes[i], OK("{\"id\":\"0011223344556677\"}"));
                assert_string_equal(asked.code, codes[i]);
        }
        assert_answer(&asked, "enroll", "\xef\xbb\xbf{\"code\":\"enr1.A\",\"name\":\"hall\"}",
                      OK("{\"id\":\"0011223344556677\"}"));
        assert_string_equal(asked.code, "enr1.A");
        assert_string_equal(asked.name, "hall");
}

static void test_requests_transaction_of_any_type_is_echoed(void **state)
{
        static const char *const values[] = {"7", "null", "[1,{\"a\":2}]", "\"x\"", "true", "1.5"};
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                char payload[64], expected[128];

                (void)snprintf(payload, sizeof(payload), "{\"transaction\":%s}", values[i]);
                (void)snprintf(expected, sizeof(expected),
                               "{\"data\":{\"healthy\":true},\"status\":\"ok\",\"transaction\":%s}",
                               values[i]);
                assert_answer(&asked, "health_check", payload, expected);
        }
}

static void test_requests_refusal_of_the_daemon_is_an_error_with_code(void **state)
{
        struct asked asked = {.answer = api_refuse(REASON_BUSY)};

        (void)state;
        assert_answer(&asked, "scan", "{\"transaction\":1}",
                      "{\"code\":\"busy\",\"data\":{},\"error\":\"The hub is busy.\","
                      "\"status\":\"error\",\"transaction\":1}");
        asked.answer = api_refuse_because(REASON_BUSY, "%d enrollments are running", 8);
        assert_answer(&asked, "enroll", "ENR1:A",
                      "{\"code\":\"busy\",\"data\":{},\"error\":\"The hub is busy: 8 enrollments "
                      "are running.\",\"status\":\"error\"}");
}

static void test_requests_rename_and_remove_a_device(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "device/rename", "{\"from\":\"hall\",\"to\":\"attic\"}",
                      OK("{\"from\":\"hall\",\"to\":\"attic\"}"));
        assert_string_equal(asked.what, "rename hall");
        assert_string_equal(asked.name, "attic");
        assert_answer(&asked, "device/rename",
                      "{\"from\":\"attic\",\"to\":\"hall\",\"homeassistant_rename\":false}",
                      OK("{\"from\":\"attic\",\"to\":\"hall\"}"));
        assert_answer(&asked, "device/remove", "{\"id\":\"hall\",\"force\":false,\"block\":false}",
                      OK("{\"force\":false,\"id\":\"hall\"}"));
        assert_answer(&asked, "device/remove", "hall", OK("{\"force\":false,\"id\":\"hall\"}"));
        assert_string_equal(asked.what, "remove hall");
        assert_answer(
                &asked, "device/remove", "{\"id\":\"hall\",\"force\":true,\"transaction\":7}",
                "{\"data\":{\"force\":true,\"id\":\"hall\"},\"status\":\"ok\",\"transaction\":7}");
        assert_string_equal(asked.what, "remove hall by force");
        asked.answer = api_refuse(REASON_NO_SUCH_DEVICE);
        assert_answer(
                &asked, "device/remove", "{\"id\":\"hall\",\"transaction\":7}",
                "{\"code\":\"no_such_device\",\"data\":{},\"error\":\"There is no device with "
                "this name.\",\"status\":\"error\",\"transaction\":7}");
        assert_answer(
                &asked, "device/rename", "{\"from\":\"hall\",\"to\":\"attic\"}",
                "{\"code\":\"no_such_device\",\"data\":{},\"error\":\"There is no device with "
                "this name.\",\"status\":\"error\"}");
}

static void test_requests_keys_are_sent_again(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "device/keys", "{\"id\":\"hall\"}", OK("{\"id\":\"hall\"}"));
        assert_string_equal(asked.what, "keys of hall");
        assert_answer(&asked, "device/keys", "attic", OK("{\"id\":\"attic\"}"));
        asked = (struct asked){.answer = {.reason = REASON_NONE}};
        assert_error(&asked, "device/keys", "", 0, "'id'");
        assert_error(&asked, "device/keys", "{\"id\":\"a\",\"last\":1}", 19, "'last'");
        asked.answer = api_refuse(REASON_KEYS_MISSING);
        assert_answer(&asked, "device/keys", "hall",
                      "{\"code\":\"keys_missing\",\"data\":{},\"error\":\"The hub has forwarded no "
                      "keys of this device.\",\"status\":\"error\"}");
}

static void test_requests_replace_enrolls_in_the_place_of_a_device(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "device/replace",
                      "{\"id\":\"hall\",\"code\":\"enr1.x\",\"other_model\":true,"
                      "\"values\":{\"owner\":\"Ada\"}}",
                      OK("{\"id\":\"0011223344556677\"}"));
        assert_string_equal(asked.what, "enroll");
        assert_string_equal(asked.code, "enr1.x");
        assert_string_equal(asked.replaced, "hall");
        assert_string_equal(asked.value, "owner=Ada");
        assert_true(asked.other_model);
        assert_answer(&asked, "device/replace", "{\"id\":\"hall\",\"seconds\":5}",
                      OK("{\"id\":\"8899aabbccddeeff\"}"));
        assert_string_equal(asked.what, "scan");
        assert_string_equal(asked.replaced, "hall");
        assert_int_equal(asked.seconds, 5);
        assert_false(asked.other_model);
        assert_answer(&asked, "device/replace", "attic", OK("{\"id\":\"8899aabbccddeeff\"}"));
        assert_string_equal(asked.replaced, "attic");
        assert_answer(&asked, "enroll", "enr1.x", OK("{\"id\":\"0011223344556677\"}"));
        assert_string_equal(asked.replaced, "");
}

static void test_requests_options_of_a_device_say_before_and_after(void **state)
{
        struct store_place *place;
        struct asked asked = {.answer = {.reason = REASON_NONE}};
        struct sample sample;

        (void)state;
        assert_int_equal(store_place_set_up((void **)&place), 0);
        asked.store = place->store;
        sample_init(&sample, 1);
        assert_int_equal(store_enroll(place->store, &sample.enrollment), 0);
        assert_answer(&asked, "device/options",
                      "{\"id\":\"device-1\",\"options\":{\"retain\":true,\"throttle\":5}}",
                      OK("{\"from\":{\"retain\":false,\"throttle\":0},\"id\":\"device-1\","
                         "\"restart_required\":false,\"to\":{\"retain\":true,\"throttle\":5}}"));
        assert_string_equal(asked.what, "options of device-1");
        assert_answer(&asked, "device/options",
                      "{\"id\":\"device-1\",\"options\":{\"throttle\":null}}",
                      OK("{\"from\":{\"retain\":true,\"throttle\":5},\"id\":\"device-1\","
                         "\"restart_required\":false,\"to\":{\"retain\":true,\"throttle\":0}}"));
        asked.what[0] = '\0';
        assert_error(&asked, "device/options", "{\"id\":\"device-1\"}", 17,
                     "the options are not an object");
        assert_error(&asked, "device/options", "{\"options\":{}}", 14, "'id' is not");
        assert_answer(
                &asked, "device/options", "{\"id\":\"hall\",\"options\":{}}",
                "{\"code\":\"no_such_device\",\"data\":{},\"error\":\"There is no device with "
                "this name.\",\"status\":\"error\"}");
        (void)store_place_tear_down((void **)&place);
}

static void test_requests_change_the_log_level_and_nothing_else_of_the_hub(void **state)
{
        static const char *const wrong[] = {
                "{}",
                "{\"options\":7}",
                "{\"options\":{}}",
                "{\"options\":{\"advanced\":{}}}",
                "{\"options\":{\"advanced\":{\"log_level\":3}}}",
                "{\"options\":{\"advanced\":{\"log_level\":\"info\",\"channel\":11}}}",
                "{\"options\":{\"advanced\":{\"log_level\":\"info\"},\"mqtt\":{}}}",
        };
        static const char loud[] = "{\"options\":{\"advanced\":{\"log_level\":\"loud\"}}}";
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_error(&asked, "options", wrong[i], strlen(wrong[i]), "'options' is not {");
        assert_error(&asked, "options", loud, strlen(loud),
                     "'log_level' is not error, warning, info or debug");
        assert_answer(&asked, "options", "{\"options\":{\"advanced\":{\"log_level\":\"debug\"}}}",
                      OK("{\"restart_required\":false}"));
        assert_string_equal(asked.what, "log level 7");
}

static void test_requests_restart_is_accepted_or_refused(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_error(&asked, "restart", "{\"when\":1}", 10, "'when' is not a key");
        assert_answer(&asked, "restart", "", OK("{}"));
        assert_string_equal(asked.what, "restart");
        asked.answer = api_refuse(REASON_RESTART_UNAVAILABLE);
        assert_answer(
                &asked, "restart", "",
                "{\"code\":\"restart_unavailable\",\"data\":{},\"error\":\"Nothing would start "
                "the hub again.\",\"status\":\"error\"}");
}

static void test_requests_permit_join_opens_and_closes_the_window(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "permit_join", "0", OK("{\"time\":0}"));
        assert_string_equal(asked.what, "close window");
        assert_answer(&asked, "permit_join", "{\"time\":120}", OK("{\"time\":90}"));
        assert_string_equal(asked.what, "open window");
        assert_int_equal(asked.seconds, 120);
        asked.answer = api_refuse(REASON_READER_UNAVAILABLE);
        assert_answer(&asked, "permit_join", "120",
                      "{\"code\":\"reader_unavailable\",\"data\":{},\"error\":\"The code reader "
                      "service does not answer.\",\"status\":\"error\"}");
}

static void test_requests_unknown_verb_is_answered(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "reboot", "{\"transaction\":9}",
                      "{\"code\":\"request_invalid\",\"data\":{},\"error\":\"The request is not "
                      "valid: there is no such verb; the verbs are enroll, scan, permit_join, "
                      "cancel, devices, device/rename, device/remove, device/replace, "
                      "device/options, device/keys, options, restart and "
                      "health_check.\",\"status\":\"error\",\"transaction\":9}");
        assert_error(&asked, "enroll/x", "x", 1, "no such verb");
        assert_error(&asked, "", "", 0, "no such verb");
        assert_error(&asked, "device/configure", "hall", 4,
                     "configures itself while it is enrolled");
        assert_error(&asked, "group/members/add", "{}", 2, "there are no groups");
}

static void test_requests_invalid_payloads_start_nothing(void **state)
{
        static const struct {
                const char *verb, *payload, *wrong;
        } cases[] = {
                {"enroll", "", "'code' is missing"},
                {"enroll", "{}", "'code' is missing"},
                {"enroll", "{\"code\":\"\"}", "'code' is missing"},
                {"enroll", "{\"code\":5}", "'code' is missing"},
                {"enroll", "{\"code\":\"a\",\"code\":\"b\"}",
                 "a key is there twice in the payload"},
                {"enroll", "{\"code\":\"a\\u0000b\"}", "contains \\u0000"},
                {"scan", "{\"seconds\":18446744073709551616}",
                 "a number in the payload is too large"},
                {"enroll", "{\"code\":\"ENR1:A\"", "not a JSON object"},
                {"enroll", "{\"code\":\"A\",\"seconds\":3}",
                 "'seconds' is not a key that it takes; its options are: name, dry_run and values"},
                {"enroll", "{\"code\":\"A\",\"source\":\"camera\"}", "'source' is not a key"},
                {"enroll", "{\"code\":\"A\",\"name\":\"a/b\"}", "'name'"},
                {"enroll", "{\"code\":\"A\",\"name\":\"\"}", "'name'"},
                {"enroll", "{\"code\":\"A\",\"name\":7}", "'name'"},
                {"enroll", "{\"code\":\"A\",\"name\":\"0123456789012345678901234567890123\"}",
                 "'name'"},
                {"enroll", "{\"code\":\"A\",\"dry_run\":1}", "'dry_run'"},
                {"enroll", "{\"code\":\"A\",\"values\":[]}", "'values'"},
                {"enroll", "{\"code\":\"A\",\"values\":{\"room\":7}}", "the value of 'room'"},
                {"enroll", "{\"code\":\"A\",\"values\":{\"room\":\"a\\u001bb\"}}",
                 "the value of 'room'"},
                {"scan", "{\"seconds\":0}", "'seconds'"},
                {"scan", "{\"seconds\":601}", "'seconds'"},
                {"scan", "{\"seconds\":\"60\"}", "'seconds'"},
                {"scan", "[]", "'seconds'"},
                {"scan", "-1", "'seconds'"},
                {"scan", "{\"code\":\"A\"}",
                 "'code' is not a key that it takes; its options are: name, dry_run, "
                 "seconds and values"},
                {"scan", "{\"a\\u001bb\":\"A\"}", "it has a key that it does not take"},
                {"cancel", "{\"id\":7}", "'id'"},
                {"permit_join", "", "'time'"},
                {"permit_join", "{\"value\":true}", "'value'"},
                {"permit_join", "601", "'time'"},
                {"permit_join", "-1", "'time'"},
                {"device/rename", "", "'from' and 'to'"},
                {"device/rename", "{\"from\":\"hall\"}", "'from' and 'to'"},
                {"device/rename", "{\"from\":\"a\",\"to\":\"b\",\"last\":true}", "'last'"},
                {"device/rename", "{\"from\":\"a\",\"to\":\"bridge\"}", "bridge"},
                {"device/rename", "{\"from\":\"a\",\"to\":\"b/c\"}", "the new name"},
                {"device/remove", "", "'id'"},
                {"device/remove", "{\"id\":7}", "'id'"},
                {"device/remove", "{\"id\":\"a\",\"force\":1}", "'force'"},
                {"device/remove", "{\"id\":\"a\",\"block\":true}", "'block' is not false"},
                {"device/replace", "", "'id'"},
                {"device/replace", "{\"code\":\"x\"}", "'id'"},
                {"device/replace", "{\"id\":\"a\",\"code\":\"\"}", "'code'"},
                {"device/replace", "{\"id\":\"a\",\"code\":1}", "'code'"},
                {"device/replace", "{\"id\":\"a\",\"code\":\"x\",\"seconds\":1}", "'seconds'"},
                {"device/replace", "{\"id\":\"a\",\"code\":\"x\",\"name\":\"b\"}", "'name'"},
                {"device/replace", "{\"id\":\"a\",\"other_model\":1}", "'other_model'"},
                {"enroll", "{\"code\":\"x\",\"other_model\":true}", "'other_model'"},
                {"device/rename", "{\"from\":\"a\",\"to\":\"b\",\"homeassistant_rename\":1}",
                 "'homeassistant_rename' is not false"},
                {"cancel", "", "no enrollment is running"},
                {"health_check", "7", "not a JSON object"},
                {"devices", "{\"x\":1}", "'x' is not a key that it takes; its options are: none"},
        };
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_error(&asked, cases[i].verb, cases[i].payload, strlen(cases[i].payload),
                             cases[i].wrong);
        assert_error(&asked, "scan", "\xff\xfe", 2, "not a JSON object");
        assert_int_equal(asked.n_devices, 0);
        assert_string_equal(asked.cancelled, "");
}

static void test_requests_too_long_payload_is_refused(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};
        static char payload[REQUESTS_PAYLOAD_MAX + 1];

        (void)state;
        memset(payload, 'A', sizeof(payload));
        assert_error(&asked, "enroll", payload, sizeof(payload), "longer than 32 KiB");
}

static void test_requests_too_many_values_are_refused(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};
        char payload[1024] = "{\"code\":\"A\",\"values\":{";

        (void)state;
        for (int i = 0; i <= API_VALUES_MAX; i++)
                (void)snprintf(payload + strlen(payload), sizeof(payload) - strlen(payload),
                               "%s\"p%d\":\"v\"", i ? "," : "", i);
        strcat(payload, "}}");
        assert_error(&asked, "enroll", payload, strlen(payload), "'values'");
}

static void test_requests_nested_arrays_are_refused(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};
        static char payload[REQUESTS_PAYLOAD_MAX];

        (void)state;
        memset(payload, '[', sizeof(payload));
        assert_error(&asked, "scan", payload, sizeof(payload), "not a JSON object");
}

static void test_requests_cancel_without_id_ends_what_runs(void **state)
{
        struct asked asked = {.running = {"0011223344556677"}};

        (void)state;
        assert_answer(&asked, "cancel", "", OK("{}"));
        assert_string_equal(asked.cancelled, "0011223344556677");
        assert_answer(&asked, "cancel", "{\"id\":\"ff\"}", OK("{}"));
        assert_string_equal(asked.cancelled, "ff");
}

static void test_requests_cancel_without_id_is_refused_while_several_run(void **state)
{
        struct asked asked = {.running = {"0011223344556677", "8899aabbccddeeff"}};

        (void)state;
        assert_error(&asked, "cancel", "", 0, "0011223344556677, 8899aabbccddeeff");
        assert_string_equal(asked.cancelled, "");
        assert_answer(&asked, "cancel", "{\"id\":\"8899aabbccddeeff\"}", OK("{}"));
        assert_string_equal(asked.cancelled, "8899aabbccddeeff");
}

static void test_requests_devices_are_published_again(void **state)
{
        struct asked asked = {.answer = {.reason = REASON_NONE}};

        (void)state;
        assert_answer(&asked, "devices", "", OK("{}"));
        assert_int_equal(asked.n_devices, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_requests_enroll_passes_code_and_options),
                cmocka_unit_test(test_requests_bare_values_stand_for_the_usual_key),
                cmocka_unit_test(test_requests_a_bare_code_may_be_any_bytes),
                cmocka_unit_test(test_requests_transaction_of_any_type_is_echoed),
                cmocka_unit_test(test_requests_refusal_of_the_daemon_is_an_error_with_code),
                cmocka_unit_test(test_requests_rename_and_remove_a_device),
                cmocka_unit_test(test_requests_replace_enrolls_in_the_place_of_a_device),
                cmocka_unit_test(test_requests_options_of_a_device_say_before_and_after),
                cmocka_unit_test(test_requests_change_the_log_level_and_nothing_else_of_the_hub),
                cmocka_unit_test(test_requests_restart_is_accepted_or_refused),
                cmocka_unit_test(test_requests_keys_are_sent_again),
                cmocka_unit_test(test_requests_permit_join_opens_and_closes_the_window),
                cmocka_unit_test(test_requests_unknown_verb_is_answered),
                cmocka_unit_test(test_requests_invalid_payloads_start_nothing),
                cmocka_unit_test(test_requests_too_long_payload_is_refused),
                cmocka_unit_test(test_requests_too_many_values_are_refused),
                cmocka_unit_test(test_requests_nested_arrays_are_refused),
                cmocka_unit_test(test_requests_cancel_without_id_ends_what_runs),
                cmocka_unit_test(test_requests_cancel_without_id_is_refused_while_several_run),
                cmocka_unit_test(test_requests_devices_are_published_again),
        };

        json_wipe_freed_memory();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
