/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/resume.h"

static const uint8_t master[32] = {1, 2, 3}, other_master[32] = {1, 2, 4};
static struct resume in, out;
static struct store_device device;

static void fill(size_t n_code, size_t n_values)
{
        in.n_code = n_code;
        in.n_values = n_values;
        memset(in.code, 0xc0, n_code);
        memset(in.values, 0x5a, n_values);
        memset(&device, 0, sizeof(device));
        device.device_id[0] = 7;
        device.ownership.epoch = 3;
}

static void test_resume_of_any_size_comes_back(void **state)
{
        static const size_t sizes[][2] = {
                {1, 0}, {250, 40}, {RESUME_CODE_MAX, RESUME_VALUES_MAX}, {0, 0}};

        (void)state;
        for (size_t i = 0; i < 4; i++) {
                fill(sizes[i][0], sizes[i][1]);
                assert_int_equal(resume_seal(&in, master, &device), 0);
                assert_int_equal(resume_open(&device, master, &out), 0);
                assert_int_equal(out.n_code, in.n_code);
                assert_int_equal(out.n_values, in.n_values);
                assert_memory_equal(out.code, in.code, in.n_code);
                assert_memory_equal(out.values, in.values, in.n_values);
        }
        fill(RESUME_CODE_MAX, 0);
        in.n_code++;
        assert_int_equal(resume_seal(&in, master, &device), -EMSGSIZE);
}

static void test_resume_does_not_show_the_code(void **state)
{
        (void)state;
        fill(250, 40);
        assert_int_equal(resume_seal(&in, master, &device), 0);
        assert_null(memmem(device.ownership.resume, device.ownership.n_resume, in.code, 8));
}

static void test_resume_altered_or_moved_is_refused(void **state)
{
        (void)state;
        fill(20, 4);
        assert_int_equal(resume_seal(&in, master, &device), 0);
        for (size_t i = 0; i < device.ownership.n_resume; i++) {
                device.ownership.resume[i] ^= 1;
                assert_int_equal(resume_open(&device, master, &out), -EBADMSG);
                device.ownership.resume[i] ^= 1;
        }
        assert_int_equal(resume_open(&device, other_master, &out), -EBADMSG);
        device.ownership.epoch++;
        assert_int_equal(resume_open(&device, master, &out), -EBADMSG);
        device.ownership.epoch--;
        device.device_id[15] = 1;
        assert_int_equal(resume_open(&device, master, &out), -EBADMSG);
        device.device_id[15] = 0;
        device.ownership.n_resume--;
        assert_int_equal(resume_open(&device, master, &out), -EBADMSG);
        device.ownership.n_resume = 0;
        assert_int_equal(resume_open(&device, master, &out), -EBADMSG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resume_of_any_size_comes_back),
                cmocka_unit_test(test_resume_does_not_show_the_code),
                cmocka_unit_test(test_resume_altered_or_moved_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
