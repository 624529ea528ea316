/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "code/foreign.h"

static enum reason reason_of(const char *text)
{
        size_t n = strlen(text);
        uint8_t *copy = malloc(n + 1); /* its end is the end of an allocation */
        enum reason reason;

        assert_non_null(copy);
        memcpy(copy + 1, text, n);
        reason = foreign_reason(copy + 1, n);
        free(copy);
        return reason;
}

/* As they are printed on devices, and in the examples of the standards. */
static void test_foreign_every_kind_is_named(void **state)
{
        static const struct {
                const char *text;
                enum reason reason;
        } cases[] = {
                {"WIFI:T:WPA;S:home;P:secret;;", REASON_FOREIGN_WIFI},
                {"wifi:S:home;;", REASON_FOREIGN_WIFI},
                {" \r\nWIFI:S:home;;\n", REASON_FOREIGN_WIFI},
                {"MT:Y.K9042C00KA0648G00", REASON_FOREIGN_MATTER},
                {"X-HM://0023ISYWY7CDE", REASON_FOREIGN_HOMEKIT},
                {"DPP:C:81/1;M:5254005828e5;K:MDkwEwYHKoZIzj0CAQ==;;", REASON_FOREIGN_DPP},
                {"900132782003515253545541424344453132333435212223242500100435301537022065520001",
                 REASON_FOREIGN_ZWAVE},
                {"Z:000D6F000DAD8E3A$I:83FED3407A939723A5C639B26916D505C3B5",
                 REASON_FOREIGN_ZIGBEE},
                {"G$M:751$S:123$D:54EF4410001A2B3C%Z$A:54EF4410001A2B3C$I:83FED340",
                 REASON_FOREIGN_ZIGBEE},
                {"{\"ver\":\"v1\",\"name\":\"PROV_123456\",\"pop\":\"abcd1234\",\"transport\":"
                 "\"ble\"}",
                 REASON_FOREIGN_ESP},
                {"https://example.com/"
                 "eapnoob?P=mcm5BSCDZ45cYPlAr1ghNw&N=Ak8bZ&H=QvnMp4UGxuQVFaXPW_14UW",
                 REASON_FOREIGN_EAP_NOOB},
                {"eap-noob:mcm5BSCDZ45cYPlAr1ghNw", REASON_FOREIGN_EAP_NOOB},
                {"https://example.com/manual?P=1", REASON_FOREIGN_WEB},
                {"HTTP://EXAMPLE.COM", REASON_FOREIGN_WEB},
                {"www.example.com", REASON_FOREIGN_WEB},
                {"BEGIN:VCARD\r\nN:Ada\r\nEND:VCARD", REASON_FOREIGN_CONTACT},
                {"MECARD:N:Ada;TEL:1;;", REASON_FOREIGN_CONTACT},
                {"tel:+49123", REASON_FOREIGN_CALL},
                {"mailto:ada@example.com", REASON_FOREIGN_CALL},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(reason_of(cases[i].text), cases[i].reason);
}

static void test_foreign_what_is_only_similar_is_not_named(void **state)
{
        static const char *const texts[] = {
                "",
                " \n ",
                "WIFI",
                "MT",
                "the WIFI: of my home",
                "90013278200351525354",                                  /* too short */
                "9001327820035152535455414243444531323334352122232425x", /* not only digits */
                "Z:000D6F000DAD8E3A",
                "Z:0D$I:83FED3407A939723A5C639B26916D505C3B5",
                "G$M:751",
                "{\"ver\":\"v1\"}",
                "{\"name\":\"x\",\"pop\":\"y\"}",
                "4006381333931",
                "%PDF-1.7",
                "httpx://example.com",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_int_equal(reason_of(texts[i]), REASON_CODE_NOT_ENROLLMENT);
}

static void test_foreign_long_text_is_bounded(void **state)
{
        size_t n = 1 << 20;
        uint8_t *text = malloc(n);

        (void)state;
        assert_non_null(text);
        memset(text, '9', n);
        text[1] = '0';
        memset(text + 4096, 'x', n - 4096);
        assert_int_equal(foreign_reason(text, n), REASON_FOREIGN_ZWAVE);
        memset(text, ' ', n);
        assert_int_equal(foreign_reason(text, n), REASON_CODE_NOT_ENROLLMENT);
        free(text);
}

static void test_foreign_kinds_follow_each_other(void **state)
{
        (void)state;
        for (int r = FOREIGN_FIRST; r <= FOREIGN_LAST; r++)
                assert_memory_equal(reason_code((enum reason)r), "foreign_", 8);
        assert_memory_not_equal(reason_code((enum reason)(FOREIGN_FIRST - 1)), "foreign_", 8);
        assert_memory_not_equal(reason_code((enum reason)(FOREIGN_LAST + 1)), "foreign_", 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_foreign_every_kind_is_named),
                cmocka_unit_test(test_foreign_what_is_only_similar_is_not_named),
                cmocka_unit_test(test_foreign_long_text_is_bounded),
                cmocka_unit_test(test_foreign_kinds_follow_each_other),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
