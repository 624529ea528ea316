/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/failure.h"
#include "support/code-sample.h"
#include "util/defer.h"

static void expect(enum reason why, uint8_t failure, int step, const char *said, const char *text)
{
        const struct conversation_end end = {
                .why = why,
                .failed = true,
                .fail = {failure, (int16_t)step, {(const uint8_t *)said, strlen(said)}},
        };
        char described[FAILURE_TEXT_SIZE];
        struct sample sample;

        sample_init(&sample);
        failure_describe(&end, sample.payload.applications[0].device, described);
        assert_string_equal(described, text);
}

static void test_failure_of_a_step_names_it(void **state)
{
        (void)state;
        expect(REASON_STEP_FAILED, MESSAGE_FAILURE_STEP, 0, "too hot",
               "Step 1 on the device (require) failed: too hot.");
        expect(REASON_STEP_FAILED, MESSAGE_FAILURE_STEP, 0, "",
               "Step 1 on the device (require) failed.");
}

/* Also what only looks like a step, and bytes that a terminal would obey. */
static void test_failure_without_a_step_is_a_sentence(void **state)
{
        (void)state;
        expect(REASON_CANCELLED, MESSAGE_FAILURE_CANCELLED, -1, "",
               "The enrollment was cancelled at the device. (failure 9)");
        expect(REASON_CANCELLED, MESSAGE_FAILURE_CANCELLED, 99, "\33[2J",
               "The enrollment was cancelled at the device. (failure 9: ?[2J)");
        expect(REASON_PROTOCOL_VIOLATED, MESSAGE_FAILURE_HUB_STORE, -1, "",
               "The device reports a failure that only a hub can have. (failure 8)");
        expect(REASON_STEP_FAILED, 77, -1, "",
               "The device gave up for a reason that this hub does not know. (failure 77)");
}

static void test_failure_that_is_final_does_not_pass(void **state)
{
        static const enum reason final[] = {REASON_DEVICE_OWNED, REASON_DEVICE_NOT_FOUND,
                                            REASON_WRONG_SECRET, REASON_STEP_FAILED,
                                            REASON_STORE_FULL,   REASON_CANCELLED};
        static const enum reason passing[] = {REASON_LINK_LOST,       REASON_LINK_TIMEOUT,
                                              REASON_CONNECT_FAILED,  REASON_DEVICE_BUSY,
                                              REASON_SERVICE_MISSING, REASON_ADAPTER_BUSY};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(final); i++)
                assert_false(failure_passes(final[i]));
        for (size_t i = 0; i < ELEMENTSOF(passing); i++)
                assert_true(failure_passes(passing[i]));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_failure_of_a_step_names_it),
                cmocka_unit_test(test_failure_without_a_step_is_a_sentence),
                cmocka_unit_test(test_failure_that_is_final_does_not_pass),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
