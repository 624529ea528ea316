/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "policy/values.h"

static const uint8_t key_a[32] = {0xaa}, key_b[32] = {0xbb};
static const struct site site = {.location = "Hamngatan 1",
                                 .owner = "Andersson",
                                 .has_position = true,
                                 .latitude = 59.33,
                                 .longitude = -18.07};
static bool wanted[PROGRAM_NUMBER_MAX + 1];
static struct values values;
static struct diagnostic configuration;

static struct values_source source(void)
{
        memset(wanted, 0, sizeof(wanted));
        return (struct values_source){.site = &site,
                                      .name = "thermo-one",
                                      .hub = "home",
                                      .system_key = key_a,
                                      .gateway_key = key_b,
                                      .now = 1234};
}

static struct value found(unsigned number)
{
        struct value value = {0};

        assert_true(value_find((struct cbor_span){values.bytes, values.n_bytes}, number, &value));
        return value;
}

static void assert_text(unsigned number, const char *expected)
{
        struct value value = found(number);

        assert_int_equal(value.kind, VALUE_TEXT);
        assert_int_equal(value.span.n_bytes, strlen(expected));
        assert_memory_equal(value.span.bytes, expected, strlen(expected));
}

static void test_values_of_the_hub_and_its_site(void **state)
{
        struct values_source s = source();

        (void)state;
        for (unsigned i = 1; i <= 10; i++)
                wanted[i] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_int_equal(values.n_values, 10);
        assert_int_equal(values.n_from_site, 4); /* not the name, the time and the keys */
        assert_int_equal(program_verify_values((struct cbor_span){values.bytes, values.n_bytes},
                                               PROGRAM_PARAMETER),
                         PROGRAM_OK);
        assert_text(PROGRAM_PARAMETER_NAME, "thermo-one");
        assert_text(PROGRAM_PARAMETER_LOCATION, "Hamngatan 1");
        assert_text(PROGRAM_PARAMETER_OWNER, "Andersson");
        assert_text(PROGRAM_PARAMETER_SYSTEM, "enrolld/home");
        assert_text(PROGRAM_PARAMETER_GATEWAY, "home");
        assert_memory_equal(found(PROGRAM_PARAMETER_SYSTEM_KEY).span.bytes, key_a, 32);
        assert_memory_equal(found(PROGRAM_PARAMETER_GATEWAY_KEY).span.bytes, key_b, 32);
        assert_int_equal(found(PROGRAM_PARAMETER_TIME).number, 1234);
        assert_int_equal(found(PROGRAM_PARAMETER_LATITUDE).number, 593300000);
        assert_int_equal(found(PROGRAM_PARAMETER_LONGITUDE).number, -180700000);
}

static void test_values_that_are_personal_are_marked(void **state)
{
        static const struct given given[] = {{"room", "attic"}};
        struct values_source s = source();

        (void)state;
        wanted[PROGRAM_PARAMETER_NAME] = wanted[PROGRAM_PARAMETER_TIME] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_int_equal(values.personal, 0);

        s.given = given;
        s.n_given = 1;
        for (unsigned i = 1; i <= 10; i++)
                wanted[i] = true;
        wanted[PROGRAM_PARAMETER_ROOM] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_int_equal(values.personal,
                         1u << PROGRAM_PARAMETER_LOCATION | 1u << PROGRAM_PARAMETER_OWNER |
                                 1u << PROGRAM_PARAMETER_LATITUDE |
                                 1u << PROGRAM_PARAMETER_LONGITUDE | 1u << PROGRAM_PARAMETER_ROOM);
}

static void test_values_of_the_former_device_come_before_the_hubs(void **state)
{
        static const struct given given[] = {{"owner", "Ada"}};
        struct values_source s = source();
        struct diagnostic former;

        (void)state;
        s.former_is_alike = true;
        s.former = diagnostic(&former, "{1:\"former\",2:\"Kitchen\",3:\"Bo\",64:7}");
        wanted[PROGRAM_PARAMETER_NAME] = true;
        wanted[PROGRAM_PARAMETER_LOCATION] = wanted[PROGRAM_PARAMETER_OWNER] = true;
        wanted[64] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_text(PROGRAM_PARAMETER_NAME, "thermo-one");
        assert_text(PROGRAM_PARAMETER_LOCATION, "Kitchen");
        assert_text(PROGRAM_PARAMETER_OWNER, "Bo");
        assert_int_equal(found(64).number, 7);
        assert_int_equal(values.n_from_site, 0);
        assert_int_equal(values.personal,
                         1u << PROGRAM_PARAMETER_LOCATION | 1u << PROGRAM_PARAMETER_OWNER);

        s.given = given;
        s.n_given = 1;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_text(PROGRAM_PARAMETER_OWNER, "Ada");

        s.former_is_alike = false; /* 64 is something else to another maker */
        assert_int_equal(values_collect(&s, wanted, &values), VALUES_E_MISSING);
        assert_true(values.missing[64]);
        assert_false(values.missing[PROGRAM_PARAMETER_LOCATION]);
}

static void test_values_of_the_person_come_first_the_codes_last(void **state)
{
        static const struct given given[] = {{"location", "attic"}, {"64", "7"}, {"65", "seven"}};
        struct values_source s = source();

        (void)state;
        s.given = given;
        s.n_given = 3;
        s.configuration = diagnostic(&configuration, "{2:\"nowhere\",14:\"frost\",66:true}");
        wanted[2] = wanted[14] = wanted[64] = wanted[65] = wanted[66] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        assert_text(2, "attic");
        assert_text(14, "frost");
        assert_int_equal(found(64).kind, VALUE_INTEGER);
        assert_int_equal(found(64).number, 7);
        assert_text(65, "seven");
        assert_int_equal(found(66).kind, VALUE_BOOLEAN);
        assert_int_equal(values.n_from_person, 3);
}

static void test_values_nobody_has_are_named(void **state)
{
        struct values_source s = source();

        (void)state;
        wanted[PROGRAM_PARAMETER_NAME] = wanted[PROGRAM_PARAMETER_ROOM] = true;
        assert_int_equal(values_collect(&s, wanted, &values), VALUES_E_MISSING);
        assert_true(values.missing[PROGRAM_PARAMETER_ROOM]);
        assert_false(values.missing[PROGRAM_PARAMETER_NAME]);

        /* All of them at once. */
        wanted[PROGRAM_PARAMETER_ALTITUDE] = wanted[64] = true;
        assert_int_equal(values_collect(&s, wanted, &values), VALUES_E_MISSING);
        assert_true(values.missing[PROGRAM_PARAMETER_ROOM] &&
                    values.missing[PROGRAM_PARAMETER_ALTITUDE] && values.missing[64]);
}

static void test_values_given_for_nothing_or_twice_are_refused(void **state)
{
        static const struct given twice[] = {{"room", "attic"}, {"room", "cellar"}};
        struct values_source s = source();

        (void)state;
        s.given = twice;
        s.n_given = 1;
        assert_int_equal(values_collect(&s, wanted, &values), VALUES_E_UNWANTED);
        assert_string_equal(values.given->parameter, "room");
        wanted[PROGRAM_PARAMETER_ROOM] = true;
        assert_int_equal(values_collect(&s, wanted, &values), 0);
        s.n_given = 2;
        assert_int_equal(values_collect(&s, wanted, &values), VALUES_E_TWICE);
}

static void test_values_given_that_make_no_sense_are_refused(void **state)
{
        static const struct given bad[] = {
                {"colour", "red"},
                {"", "red"},
                {"63", "1"},
                {"128", "1"},
                {"time", "yesterday"},
                {"time", "-1"},
                {"time", "12 "},
                {"system_key", "abcd"},
                {"location", ""},
                {"location",
                 "0123456789012345678901234567890123456789012345678901234567890123456789"},
        };
        struct values_source s = source();

        (void)state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                s.given = &bad[i];
                s.n_given = 1;
                if (values_collect(&s, wanted, &values) != VALUES_E_GIVEN)
                        fail_msg("taken: %s=%s", bad[i].parameter, bad[i].value);
                assert_ptr_equal(values.given, &bad[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values_of_the_hub_and_its_site),
                cmocka_unit_test(test_values_that_are_personal_are_marked),
                cmocka_unit_test(test_values_of_the_former_device_come_before_the_hubs),
                cmocka_unit_test(test_values_of_the_person_come_first_the_codes_last),
                cmocka_unit_test(test_values_nobody_has_are_named),
                cmocka_unit_test(test_values_given_that_make_no_sense_are_refused),
                cmocka_unit_test(test_values_given_for_nothing_or_twice_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
