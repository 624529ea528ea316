/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"

static const struct event found = {
        .status = EVENT_PROGRESS,
        .step = EVENT_STEP_FIND,
        .done = true,
        .step_ms = 412,
        .total_ms = 1500,
        .time = 1769860800,
        .attempt = 2,
        .attempts = 3,
        .waited_sec = 5,
        .limit_sec = 30,
        .transaction = "0011223344556677",
        .source = EVENT_SOURCE_CAMERA,
        .text = "found, -58 dBm",
        .device_id = "000102030405060708090a0b0c0d0e0f",
        .maker = "Nordlicht",
        .model = "Thermo One",
};

static const char found_text[] =
        "{\"attempt\":2,\"attempts\":3,"
        "\"device_id\":\"000102030405060708090a0b0c0d0e0f\",\"done\":true,\"limit_s\":30,"
        "\"manufacturer\":"
        "\"Nordlicht\",\"model_id\":\"Thermo One\",\"source\":\"camera\",\"status\":\"progress\","
        "\"step\":1,\"step_ms\":412,\"step_name\":\"find\",\"step_title\":\"find the device\","
        "\"steps\":7,\"text\":\"found, -58 dBm\",\"time\":\"2026-01-31T12:00:00Z\","
        "\"total_ms\":1500,\"transaction\":\"0011223344556677\",\"waited_s\":5}";

static void test_json_event_has_the_documented_keys(void **state)
{
        json_t *object = json_from_event(&found);
        char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

        (void)state;
        assert_string_equal(text, found_text);
        free(text);
        json_decref(object);
}

static void test_json_preview_has_the_documented_keys(void **state)
{
        static const struct event_preview preview = {
                .issuer = "nordlicht",
                .asks = {"channel.publish"},
                .n_asks = 1,
                .channels = {{.number = 1,
                              .property = "temperature",
                              .device_class = "temperature",
                              .unit = "\xc2\xb0\x43",
                              .access = EVENT_PUBLISH,
                              .period_s = 60,
                              .type = "number",
                              .category = "diagnostic",
                              .has_range = true,
                              .low = -400,
                              .high = 850,
                              .step = 5,
                              .exponent = -1},
                             {.number = 2,
                              .property = "identify",
                              .access = EVENT_COMMAND,
                              .type = "button"},
                             {.number = 3,
                              .property = "bolt",
                              .access = EVENT_PUBLISH | EVENT_COMMAND,
                              .type = "enumeration",
                              .words = "locked unlocked"}},
                .n_channels = 3,
                .groups = {{.kind = "lock", .roles = {{"state", 3}}, .n_roles = 1}},
                .n_groups = 1,
                .presence = "sleeps",
                .sleep_s = 3600,
                .personal = {"location", "owner"},
                .n_personal = 2,
                .replaces = "00112233445566778899aabbccddeeff",
                .erase = true,
        };
        const struct event event = {.status = EVENT_PREVIEW, .text = "", .preview = &preview};
        json_t *object = json_from_event(&event);
        char *text = json_dumps(json_object_get(object, "preview"), JSON_COMPACT | JSON_SORT_KEYS);

        (void)state;
        assert_string_equal(
                text, "{\"asks\":[\"channel.publish\"],\"channels\":[{\"access\":\"publish\","
                      "\"category\":\"diagnostic\",\"channel\":1,"
                      "\"device_class\":\"temperature\",\"period\":60,"
                      "\"property\":\"temperature\",\"type\":\"number\","
                      "\"unit\":\"\xc2\xb0\x43\",\"value_max\":85.0,\"value_min\":-40.0,"
                      "\"value_step\":0.5},"
                      "{\"access\":\"command\",\"channel\":2,\"device_class\":\"\",\"period\":0,"
                      "\"property\":\"identify\",\"type\":\"button\",\"unit\":\"\"},"
                      "{\"access\":\"both\",\"channel\":3,\"device_class\":\"\",\"period\":0,"
                      "\"property\":\"bolt\",\"type\":\"enumeration\",\"unit\":\"\","
                      "\"values\":[\"locked\",\"unlocked\"]}],\"erase\":true,\"fuse\":false,"
                      "\"groups\":[{\"kind\":\"lock\",\"roles\":{\"state\":3}}],"
                      "\"issuer\":\"nordlicht\",\"personal\":[\"location\",\"owner\"],"
                      "\"presence\":\"sleeps\","
                      "\"replaces\":\"00112233445566778899aabbccddeeff\",\"sleep_s\":3600}");
        free(text);
        json_decref(object);
}

static void test_json_no_event_is_lost_for_its_text(void **state)
{
        struct event hostile = {.status = EVENT_FAILED,
                                .reason = REASON_REQUEST_INVALID,
                                .text = "cut in a character \xe2\x82",
                                .maker = "\xff",
                                .model = "reads \xef\xbf\xbe backwards \xe2\x80\xae"};
        json_t *object = json_from_event(&hostile);

        (void)state;
        assert_non_null(object);
        assert_string_equal(json_string_value(json_object_get(object, "text")),
                            "cut in a character ??");
        assert_string_equal(json_string_value(json_object_get(object, "manufacturer")), "?");
        assert_string_equal(json_string_value(json_object_get(object, "model_id")),
                            "reads ? backwards ?");
        json_decref(object);
}

static void test_json_a_device_joins_when_its_gateway_is_there(void **state)
{
        struct event end = {.status = EVENT_SUCCESSFUL,
                            .step = EVENT_STEP_GATEWAY,
                            .text = "",
                            .time = 1769860800,
                            .device = "hall",
                            .device_id = "000102030405060708090a0b0c0d0e0f",
                            .known_as = "f0f102030405060708090a0b0c0d0e0f"};
        json_t *joined = json_message_joined(&end);

        (void)state;
        assert_string_equal(json_string_value(json_object_get(joined, "type")), "device_joined");
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(joined, "data"), "time")),
                "2026-01-31T12:00:00Z");
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(joined, "data"), "ieee_address")),
                "0xf0f1020304050607");
        json_decref(joined);
        end.step = EVENT_STEP_CODE; /* a dry run */
        assert_null(json_message_joined(&end));
}

static void test_json_failure_event_says_code_reason_and_hint(void **state)
{
        struct event failed = {.status = EVENT_FAILED,
                               .step = EVENT_STEP_FIND,
                               .reason = REASON_ADAPTER_OFF,
                               .source = EVENT_SOURCE_TEXT,
                               .text = ""};
        json_t *object = json_from_event(&failed);

        (void)state;
        assert_string_equal(json_string_value(json_object_get(object, "code")), "adapter_off");
        assert_string_equal(json_string_value(json_object_get(object, "reason")),
                            reason_text(REASON_ADAPTER_OFF));
        assert_string_equal(json_string_value(json_object_get(object, "hint")),
                            reason_remedy(REASON_ADAPTER_OFF));
        assert_int_equal(json_integer_value(json_object_get(object, "step")), EVENT_STEP_FIND);
        assert_null(json_object_get(object, "done"));
        assert_null(json_object_get(object, "limit_s"));
        assert_null(json_object_get(object, "next_try"));
        assert_null(json_object_get(object, "friendly_name"));
        json_decref(object);
        failed.next_try = 1769860800;
        failed.step = EVENT_STEP_CODE; /* what fails before the device is touched has a step, too */
        object = json_from_event(&failed);
        assert_true(json_is_integer(json_object_get(object, "step")));
        assert_string_equal(json_string_value(json_object_get(object, "step_name")), "code");
        assert_string_equal(json_string_value(json_object_get(object, "next_try")),
                            "2026-01-31T12:00:00Z");
        json_decref(object);
}

static void assert_same_text(const char *a, const char *b)
{
        if (!a || !b)
                assert_ptr_equal(a, b);
        else
                assert_string_equal(a, b);
}

static void test_json_every_event_comes_back(void **state)
{
        (void)state;
        for (int s = 0; s < EVENT_STATUS_MAX; s++)
                for (int step = 0; step <= EVENT_STEPS; step++) {
                        struct event event = found, back;
                        json_t *object;

                        event.status = (enum event_status)s;
                        event.step = (enum event_step)step;
                        event.done = s == EVENT_PROGRESS && step > 0;
                        event.step_ms = event.done ? 412 : 0;
                        event.reason = s == EVENT_FAILED ? REASON_LINK_LOST : REASON_NONE;
                        event.device = s == EVENT_SUCCESSFUL ? "thermo-one" : NULL;
                        object = json_from_event(&event);
                        assert_int_equal(json_to_event(object, &back), 0);
                        assert_int_equal(back.status, event.status);
                        assert_int_equal(back.step, event.step);
                        assert_int_equal(back.done, event.done);
                        assert_int_equal(back.step_ms, event.step_ms);
                        assert_int_equal(back.total_ms, event.total_ms);
                        assert_int_equal(back.reason, event.reason);
                        assert_string_equal(back.transaction, event.transaction);
                        assert_int_equal(back.source, event.source);
                        assert_string_equal(back.text, event.text);
                        assert_same_text(back.device, event.device);
                        assert_same_text(back.device_id, event.device_id);
                        assert_same_text(back.maker, event.maker);
                        assert_same_text(back.model, event.model);
                        json_decref(object);
                }
}

static void test_json_what_is_no_event_is_refused(void **state)
{
        static const char *const hostile[] = {
                "null",
                "[]",
                "{}",
                "{\"status\":7}",
                "{\"status\":\"\"}",
                "{\"status\":\"unheard\"}",
                "{\"status\":\"progress\",\"step\":8}",
                "{\"status\":\"progress\",\"step\":9223372036854775807}",
                "{\"status\":\"started\",\"transaction\":\"00112233445566778\"}",
        };
        struct event event = {.text = "untouched"};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(hostile); i++) {
                json_t *object = json_loads(hostile[i], JSON_DECODE_ANY, NULL);

                assert_non_null(object);
                if (json_to_event(object, &event) != -EBADMSG)
                        fail_msg("not refused: %s", hostile[i]);
                assert_string_equal(event.text, "untouched");
                json_decref(object);
        }
}

static void test_json_event_of_odd_types_has_empty_texts(void **state)
{
        json_t *object =
                json_loads("{\"status\":\"reading\",\"text\":4,\"source\":null,\"step\":-1,"
                           "\"total_ms\":-9,\"device_id\":[],\"code\":\"brand_new\"}",
                           0, NULL);
        struct event event;

        (void)state;
        assert_int_equal(json_to_event(object, &event), 0);
        assert_string_equal(event.text, "");
        assert_int_equal(event.source, EVENT_SOURCE_NONE);
        assert_int_equal(event.step, 0);
        assert_int_equal(event.total_ms, 0);
        assert_null(event.device_id);
        assert_int_equal(event.reason, REASON_INTERNAL);
        json_decref(object);
}

/* The C library gives the block out again at once, as it was left. */
static void test_json_freed_memory_is_wiped(void **state)
{
        static const char secret[] = "ENR1:SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRET";
        json_t *value = json_string(secret);
        uintptr_t where = (uintptr_t)json_string_value(value);
        char *again;

        (void)state;
        json_decref(value);
        again = malloc(sizeof(secret));
        assert_non_null(again);
        if ((uintptr_t)again == where) /* not so under AddressSanitizer */
                assert_null(memmem(again, sizeof(secret), "SECRET", 6));
        free(again);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_json_event_has_the_documented_keys),
                cmocka_unit_test(test_json_preview_has_the_documented_keys),
                cmocka_unit_test(test_json_no_event_is_lost_for_its_text),
                cmocka_unit_test(test_json_a_device_joins_when_its_gateway_is_there),
                cmocka_unit_test(test_json_failure_event_says_code_reason_and_hint),
                cmocka_unit_test(test_json_every_event_comes_back),
                cmocka_unit_test(test_json_what_is_no_event_is_refused),
                cmocka_unit_test(test_json_event_of_odd_types_has_empty_texts),
                cmocka_unit_test(test_json_freed_memory_is_wiped),
        };

        json_wipe_freed_memory();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
