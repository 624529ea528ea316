/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/backend.h"
#include "util/defer.h"
#include "wire/utf8.h"

struct hub {
        struct api_status status;
        char cancelled[32];
};

static struct api_answer hub_cancel(void *userdata, const char *transaction)
{
        struct hub *hub = userdata;

        (void)snprintf(hub->cancelled, sizeof(hub->cancelled), "%s", transaction);
        return api_accept("");
}

static void hub_status(void *userdata, struct api_status *ret_status)
{
        *ret_status = ((struct hub *)userdata)->status;
}

static struct api_answer cancel(struct hub *hub, const char *transaction)
{
        static const struct api_handler handler = {.on_cancel = hub_cancel,
                                                   .on_status = hub_status};
        const struct api_backend backend = {.handler = &handler, .userdata = hub};

        return api_cancel(&backend, transaction);
}

static void run(struct hub *hub, const char *transaction, const char *device)
{
        hub->status.enrollments[hub->status.n_enrollments++] =
                (struct api_enrollment){.transaction = transaction, .device = device};
}

static void test_backend_answers_hold_what_they_are_made_of(void **state)
{
        struct api_answer answer = api_accept("0011223344556677");

        (void)state;
        assert_int_equal(answer.reason, REASON_NONE);
        assert_string_equal(answer.transaction, "0011223344556677");
        assert_string_equal(answer.detail, "");
        answer = api_refuse(REASON_INTERNAL);
        assert_int_equal(answer.reason, REASON_INTERNAL);
        assert_string_equal(answer.transaction, "");
        assert_string_equal(answer.detail, "");
        answer = api_refuse_because(REASON_BUSY, "until %d:%02d", 12, 5);
        assert_string_equal(answer.detail, "until 12:05");
        answer = api_refuse_because(REASON_BUSY, "%300d", 1);
        assert_int_equal(strlen(answer.detail), API_DETAIL_SIZE - 1);
}

static void test_backend_detail_that_is_too_long_stays_utf8(void **state)
{
        (void)state;
        for (int n = API_DETAIL_SIZE - 6; n < API_DETAIL_SIZE; n++) {
                struct api_answer answer =
                        api_refuse_because(REASON_BUSY, "%*d\xe2\x82\xac\xc3\xa4", n, 1);
                size_t length = strlen(answer.detail);

                assert_true(utf8_valid((const uint8_t *)answer.detail, length));
                assert_true(length >= (size_t)n - 3);
        }
}

static void test_backend_cancel_of_a_named_enrollment_asks_the_hub(void **state)
{
        struct hub hub = {.cancelled = ""};

        (void)state;
        assert_int_equal(cancel(&hub, "ff").reason, REASON_NONE);
        assert_string_equal(hub.cancelled, "ff");
}

static void test_backend_cancel_without_a_name_means_the_only_one(void **state)
{
        static const char *const no_name[] = {NULL, ""};
        struct hub hub = {.cancelled = ""};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(no_name); i++) {
                struct api_answer answer = cancel(&hub, no_name[i]);

                assert_int_equal(answer.reason, REASON_REQUEST_INVALID);
                assert_string_equal(answer.detail, "no enrollment is running");
                assert_string_equal(hub.cancelled, "");
        }
        run(&hub, "0011223344556677", NULL);
        for (size_t i = 0; i < ELEMENTSOF(no_name); i++) {
                hub.cancelled[0] = 0;
                assert_int_equal(cancel(&hub, no_name[i]).reason, REASON_NONE);
                assert_string_equal(hub.cancelled, "0011223344556677");
        }
}

static void test_backend_cancel_without_a_name_is_refused_while_several_run(void **state)
{
        struct hub hub = {.cancelled = ""};
        struct api_answer answer;

        (void)state;
        run(&hub, "0011223344556677", "hall");
        run(&hub, "8899aabbccddeeff", NULL);
        answer = cancel(&hub, NULL);
        assert_int_equal(answer.reason, REASON_REQUEST_INVALID);
        assert_string_equal(answer.detail, "2 enrollments are running, name the one to cancel: "
                                           "0011223344556677 (hall), 8899aabbccddeeff");
        assert_string_equal(hub.cancelled, "");
}

static void test_backend_cancel_names_as_many_as_fit(void **state)
{
        struct hub hub = {.cancelled = ""};
        struct api_answer answer;

        (void)state;
        while (hub.status.n_enrollments < API_ENROLLMENTS_MAX)
                run(&hub, "0011223344556677", "a-name-that-has-32-characters-xx");
        answer = cancel(&hub, NULL);
        assert_string_equal(answer.detail, "64 enrollments are running, name the one to cancel: "
                                           "0011223344556677 (a-name-that-has-32-characters-xx), "
                                           "0011223344556677 (a-name-that-has-32-characters-xx) "
                                           "and 62 more");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_backend_answers_hold_what_they_are_made_of),
                cmocka_unit_test(test_backend_detail_that_is_too_long_stays_utf8),
                cmocka_unit_test(test_backend_cancel_of_a_named_enrollment_asks_the_hub),
                cmocka_unit_test(test_backend_cancel_without_a_name_means_the_only_one),
                cmocka_unit_test(test_backend_cancel_without_a_name_is_refused_while_several_run),
                cmocka_unit_test(test_backend_cancel_names_as_many_as_fit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
