/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/notice.h"

/* What was said, one line for each message. */
struct listener {
        char said[4096];
};

static void listener_on_message(void *userdata, const char *name, const char *text)
{
        struct listener *listener = userdata;
        size_t n = strlen(listener->said);

        (void)snprintf(listener->said + n, sizeof(listener->said) - n, "%s %s\n", name, text);
        for (char *at = listener->said; *at; at++)
                if (*at == '"')
                        *at = '\'';
}

static const struct notice_handler handler = {.on_message = listener_on_message};

static void make_subject(const char *components, struct subject *ret_subject)
{
        *ret_subject = (struct subject){
                .identifier = "enrolld_ab",
                .device = json_pack("{s:s}", "name", "hall"),
                .origin = json_pack("{s:s}", "name", "enrolld"),
                .availability = json_array(),
                .components = json_loads(components, 0, NULL),
        };
        assert_non_null(ret_subject->components);
}

static void expect_said(struct listener *listener, const char *said)
{
        assert_string_equal(listener->said, said);
        listener->said[0] = '\0';
}

#define TWO "{\"a\": {\"platform\": \"sensor\", \"x\": 1}, \"b\": {\"platform\": \"switch\"}}"
#define HEAD                                                                                       \
        "{'device':{'name':'hall'},'origin':{'name':'enrolld'},'availability':[],"                 \
        "'availability_mode':'all','components':"
#define TAIL                                                                                       \
        "'device':{'name':'hall'},'origin':{'name':'enrolld'},'availability':[],"                  \
        "'availability_mode':'all'}\n"

static void test_notice_by_device(void **state)
{
        struct listener listener = {.said = ""};
        const struct notice notice = {NOTICE_DEVICE, "ha", &handler, &listener};
        struct subject subject;

        (void)state;
        make_subject(TWO, &subject);
        assert_int_equal(notice_announce(&notice, &subject, NULL), 0);
        expect_said(&listener, "ha/device/enrolld_ab " HEAD
                               "{'a':{'platform':'sensor','x':1},'b':{'platform':'switch'}}}\n");
        assert_int_equal(notice_announce(&notice, &subject, "sensor/a number/b text/c"), 0);
        expect_said(&listener, "ha/device/enrolld_ab " HEAD
                               "{'a':{'platform':'sensor','x':1},'b':{'platform':'number'},"
                               "'c':{'platform':'text'}}}\n"
                               "ha/device/enrolld_ab " HEAD
                               "{'a':{'platform':'sensor','x':1},'b':{'platform':'switch'}}}\n");
        notice_withdraw(&notice, "enrolld_ab", "sensor/a switch/b");
        expect_said(&listener, "ha/device/enrolld_ab \n");
        subject_clear(&subject);
}

static void test_notice_by_entity(void **state)
{
        struct listener listener = {.said = ""};
        const struct notice notice = {NOTICE_ENTITY, "ha", &handler, &listener};
        struct subject subject;

        (void)state;
        make_subject(TWO, &subject);
        assert_int_equal(notice_announce(&notice, &subject, "sensor/a number/b"), 0);
        expect_said(&listener,
                    "ha/number/enrolld_ab/b \n"
                    "ha/sensor/enrolld_ab/a {'x':1," TAIL "ha/switch/enrolld_ab/b {" TAIL);
        notice_withdraw(&notice, "enrolld_ab", "sensor/a switch/b");
        expect_said(&listener, "ha/sensor/enrolld_ab/a \nha/switch/enrolld_ab/b \n");
        subject_clear(&subject);
}

static void test_notice_off(void **state)
{
        struct listener listener = {.said = ""};
        const struct notice notice = {NOTICE_OFF, "ha", &handler, &listener};
        struct subject subject;

        (void)state;
        make_subject(TWO, &subject);
        assert_int_equal(notice_announce(&notice, &subject, "sensor/a"), 0);
        notice_withdraw(&notice, "enrolld_ab", "sensor/a");
        expect_said(&listener, "");
        subject_clear(&subject);
}

static void test_notice_digest(void **state)
{
        struct subject subject;
        json_t *digest;

        (void)state;
        make_subject(TWO, &subject);
        digest = notice_digest(&subject);
        assert_string_equal(json_string_value(digest), "sensor/a switch/b");
        json_decref(digest);
        subject_clear(&subject);
        make_subject("{}", &subject);
        digest = notice_digest(&subject);
        assert_string_equal(json_string_value(digest), "");
        json_decref(digest);
        subject_clear(&subject);
}

static void test_notice_join(void **state)
{
        static const struct {
                const char *digest, *more, *joined;
        } cases[] = {
                {"", "", ""},
                {"", "sensor/a switch/b", "sensor/a switch/b"},
                {"sensor/a switch/b", "", "sensor/a switch/b"},
                {"sensor/a switch/b", "switch/b number/a sensor/a text/ab",
                 "sensor/a switch/b number/a text/ab"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                json_t *joined = notice_join(cases[i].digest, cases[i].more);

                assert_string_equal(json_string_value(joined), cases[i].joined);
                json_decref(joined);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_notice_by_device), cmocka_unit_test(test_notice_by_entity),
                cmocka_unit_test(test_notice_off),       cmocka_unit_test(test_notice_digest),
                cmocka_unit_test(test_notice_join),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
