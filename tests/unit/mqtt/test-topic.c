/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "mqtt/topic.h"
#include "util/defer.h"

#define ID "00112233445566778899aabbccddeeff"

static const struct {
        enum topic topic;
        const char *name;
        const char *text;
        bool retained, inbound, informational;
} rows[] = {
        {TOPIC_STATE, NULL, "enrolld/home/bridge/state", true, false, true},
        {TOPIC_INFO, NULL, "enrolld/home/bridge/info", true, false, true},
        {TOPIC_DEVICES, NULL, "enrolld/home/bridge/devices", true, false, true},
        {TOPIC_HEALTH, NULL, "enrolld/home/bridge/health", true, false, true},
        {TOPIC_ALERT, "store_full", "enrolld/home/bridge/alert/store_full", true, false, true},
        {TOPIC_EVENT, NULL, "enrolld/home/bridge/event", false, false, true},
        {TOPIC_REQUEST, "device/rename", "enrolld/home/bridge/request/device/rename", false, true,
         true},
        {TOPIC_RESPONSE, "enroll", "enrolld/home/bridge/response/enroll", false, false, true},
        {TOPIC_LOGGING, NULL, "enrolld/home/bridge/logging", false, false, true},
        {TOPIC_DEVICE, "thermo-one", "enrolld/home/thermo-one", false, false, true},
        {TOPIC_AVAILABILITY, "t", "enrolld/home/t/availability", true, false, true},
        {TOPIC_SET, "t", "enrolld/home/t/set", false, true, true},
        {TOPIC_SET_LEAF, "t/state", "enrolld/home/t/set/state", false, true, true},
        {TOPIC_GET, "t", "enrolld/home/t/get", false, true, true},
        {TOPIC_GET_LEAF, "t/state", "enrolld/home/t/get/state", false, true, true},
        {TOPIC_DISCOVERY, "homeassistant/device/enrolld_" ID,
         "homeassistant/device/enrolld_" ID "/config", true, false, true},
        {TOPIC_KEYS, ID, "enrolld-keys/home/" ID, false, false, false},
        {TOPIC_RECEIPT, ID, "enrolld-keys/home/" ID "/receipt", false, true, true},
        {TOPIC_FORMER, "t", "enrolld/home/device/t/availability", true, false, true},
};

static void test_topic_every_row_is_as_documented(void **state)
{
        (void)state;
        assert_int_equal(ELEMENTSOF(rows), TOPIC_MAX);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char text[TOPIC_SIZE], name[TOPIC_NAME_SIZE];
                enum topic topic;

                assert_int_equal(topic_build(rows[i].topic, "home", rows[i].name, text), 0);
                assert_string_equal(text, rows[i].text);
                assert_int_equal(topic_parse("home", text, &topic, name), 0);
                assert_int_equal(topic, rows[i].topic);
                assert_string_equal(name, rows[i].name ? rows[i].name : "");
                assert_int_equal(topic_retained(rows[i].topic), rows[i].retained);
                assert_int_equal(topic_may_retain(rows[i].topic),
                                 rows[i].retained || rows[i].topic == TOPIC_DEVICE);
                assert_int_equal(topic_inbound(rows[i].topic), rows[i].inbound);
                assert_int_equal(topic_outbound(rows[i].topic),
                                 !rows[i].inbound && rows[i].topic != TOPIC_FORMER);
                assert_int_equal(topic_informational(rows[i].topic), rows[i].informational);
        }
}

static void test_topic_keys_are_never_retained(void **state)
{
        (void)state;
        for (int i = 0; i < TOPIC_MAX; i++)
                if (strncmp(rows[i].text, "enrolld-keys", 12) == 0)
                        assert_false(topic_may_retain(rows[i].topic));
}

static void test_topic_bad_names_are_refused(void **state)
{
        static const char *const bad_words[] = {
                "",  "a/b",  "a+", "#",   "a b",
                "é", "a\nb", "$",  "a.b", "123456789012345678901234567890123",
        };
        static const char *const bad_paths[] = {"", "/", "a/", "/a", "a//b", "a/+", "#", "a b"};
        static const char *const bad_ids[] = {"", "00112233445566778899aabbccddeef",
                                              "00112233445566778899AABBCCDDEEFF", ID "0"};
        static const char *const bad_leaves[] = {"",   "t", "t/", "/state", "t/a/b", "bridge/state",
                                                 "t/+"};
        char text[TOPIC_SIZE];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad_leaves); i++)
                assert_int_equal(topic_build(TOPIC_SET_LEAF, "home", bad_leaves[i], text), -EINVAL);
        assert_int_equal(topic_build(TOPIC_DEVICE, "home", "bridge", text), -EINVAL);
        for (size_t i = 0; i < ELEMENTSOF(bad_words); i++) {
                assert_int_equal(topic_build(TOPIC_DEVICE, "home", bad_words[i], text), -EINVAL);
                assert_int_equal(topic_build(TOPIC_STATE, bad_words[i], NULL, text), -EINVAL);
                assert_int_equal(topic_filter(TOPIC_SET, bad_words[i], text), -EINVAL);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad_paths); i++)
                assert_int_equal(topic_build(TOPIC_RESPONSE, "home", bad_paths[i], text), -EINVAL);
        for (size_t i = 0; i < ELEMENTSOF(bad_ids); i++)
                assert_int_equal(topic_build(TOPIC_KEYS, "home", bad_ids[i], text), -EINVAL);
        assert_int_equal(topic_build(TOPIC_STATE, "home", "name", text), -EINVAL);
        assert_int_equal(topic_build(TOPIC_DEVICE, "home", NULL, text), -EINVAL);
        assert_int_equal(topic_build(TOPIC_MAX, "home", NULL, text), -EINVAL);
}

static void test_topic_longest_names_fit(void **state)
{
        static const char word[] = "1234567890123456789012345678901x";
        char path[65], leaf[TOPIC_NAME_SIZE], text[TOPIC_SIZE], name[TOPIC_NAME_SIZE];
        enum topic topic;

        (void)state;
        memset(path, 'v', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        assert_int_equal(topic_build(TOPIC_RESPONSE, word, path, text), 0);
        assert_int_equal(topic_parse(word, text, &topic, name), 0);
        assert_string_equal(name, path);
        assert_int_equal(topic_build(TOPIC_AVAILABILITY, word, word, text), 0);
        (void)snprintf(leaf, sizeof(leaf), "%s/%s", word, word);
        assert_int_equal(topic_build(TOPIC_SET_LEAF, word, leaf, text), 0);
        assert_int_equal(topic_parse(word, text, &topic, name), 0);
        assert_int_equal(topic, TOPIC_SET_LEAF);
        assert_string_equal(name, leaf);
        (void)snprintf(leaf, sizeof(leaf), "%s/binary_sensor/enrolld_%s/%s", word, word, word);
        assert_int_equal(topic_build(TOPIC_DISCOVERY, word, leaf, text), 0);
        assert_int_equal(topic_parse(word, text, &topic, name), 0);
        assert_int_equal(topic, TOPIC_DISCOVERY);
        assert_string_equal(name, leaf);
        strcat(text, "x");
        assert_int_equal(topic_parse(word, text, &topic, name), TOPIC_E_FOREIGN);
}

static void test_topic_foreign_text_is_not_ours(void **state)
{
        static const char *const foreign[] = {
                "",
                "enrolld",
                "enrolld/",
                "enrolld/home",
                "enrolld/home2/bridge/state",
                "enrolld/away/bridge/state",
                "enrolld/home/bridge/state/",
                "enrolld/home/bridge/stat",
                "enrolld/home/bridge/request/",
                "enrolld/home//set",
                "enrolld/home/a/b/set",
                "enrolld/home/a/settle",
                "enrolld/home/a/set/",
                "enrolld/home/a/set/b/c",
                "enrolld/home/bridge",
                "enrolld/home/bridge/set",
                "enrolld/home/bridge/set/state",
                "enrolld-keys/home/xyz",
                "homeassistant/config",
                "homeassistant/device/config",
                "homeassistant/device//config",
                "homeassistant/device/a/configure",
                "enrolld/home/device/a/config",
                "enrolld-keys/device/a/config",
                "123456789012345678901234567890123/device/a/config",
                "zigbee2mqtt/bridge/state",
        };
        char name[TOPIC_NAME_SIZE];
        enum topic topic;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                assert_int_equal(topic_parse("home", foreign[i], &topic, name), TOPIC_E_FOREIGN);
}

static void test_topic_of_somebody_else(void **state)
{
        static const char *const good[] = {"homeassistant", "ha", "house/ha", "enrolld-2"};
        static const char *const bad[] = {
                "",     "/ha",     "ha/",        "a//b",           "a b", "ha/#", "+",
                "$SYS", "enrolld", "enrolld/ha", "enrolld-keys/x",
        };
        char name[TOPIC_NAME_SIZE], text[TOPIC_SIZE];
        enum topic topic;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                assert_true(topic_foreign(good[i]));
                (void)snprintf(name, sizeof(name), "%s/sensor/enrolld_" ID "/x", good[i]);
                assert_int_equal(topic_build(TOPIC_DISCOVERY, "home", name, text), 0);
                assert_int_equal(topic_parse("home", text, &topic, name), 0);
                assert_int_equal(topic, TOPIC_DISCOVERY);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(topic_foreign(bad[i]));
}

static void test_topic_filters_exist_for_what_comes_in(void **state)
{
        char text[TOPIC_SIZE];

        (void)state;
        assert_int_equal(topic_filter(TOPIC_REQUEST, "home", text), 0);
        assert_string_equal(text, "enrolld/home/bridge/request/#");
        assert_int_equal(topic_filter(TOPIC_SET, "home", text), 0);
        assert_string_equal(text, "enrolld/home/+/set");
        assert_int_equal(topic_filter(TOPIC_SET_LEAF, "home", text), 0);
        assert_string_equal(text, "enrolld/home/+/set/+");
        assert_int_equal(topic_filter(TOPIC_RECEIPT, "home", text), 0);
        assert_string_equal(text, "enrolld-keys/home/+/receipt");
        assert_int_equal(topic_filter(TOPIC_FORMER, "home", text), -EINVAL);
        assert_int_equal(topic_filter(TOPIC_KEYS, "home", text), -EINVAL);
}

static void test_topic_answers_cannot_forge_what_is_ours(void **state)
{
        (void)state;
        assert_true(topic_may_answer("home", "somebody/answer/7"));
        assert_true(topic_may_answer("home", "enrolld/home/bridge/response/enroll"));
        assert_false(topic_may_answer("home", "enrolld/home/bridge/state"));
        assert_false(topic_may_answer("home", "enrolld/away/bridge/response/enroll"));
        assert_false(topic_may_answer("home", "enrolld-keys/home/" ID));
        assert_false(topic_may_answer("home", "homeassistant/device/x/config"));
        assert_false(topic_may_answer("home", "homeassistant/status"));
        assert_false(topic_may_answer("home", "ha/sensor/x/y/config"));
        assert_false(topic_may_answer("home", "$SYS/broker"));
        assert_false(topic_may_answer("home", "a/#"));
        assert_false(topic_may_answer("home", "a/+/b"));
        assert_false(topic_may_answer("home", ""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_topic_every_row_is_as_documented),
                cmocka_unit_test(test_topic_keys_are_never_retained),
                cmocka_unit_test(test_topic_bad_names_are_refused),
                cmocka_unit_test(test_topic_longest_names_fit),
                cmocka_unit_test(test_topic_foreign_text_is_not_ours),
                cmocka_unit_test(test_topic_of_somebody_else),
                cmocka_unit_test(test_topic_filters_exist_for_what_comes_in),
                cmocka_unit_test(test_topic_answers_cannot_forge_what_is_ours),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
