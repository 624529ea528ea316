/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tag/tap.h"
#include "util/defer.h"

static uint8_t packet[TAP_PACKET_MAX];
static struct tap tap, back;

static void test_tap_request_comes_back(void **state)
{
        static const char *const devices[] = {"", "pn53x_usb", "pn532_uart:/dev/ttyUSB0",
                                              "pn532_uart:/dev/serial/by-id/usb-a_B.1-port0:115200",
                                              "pn53x_usb:001:004"};
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
                struct tap_request in = {.device = ""}, out = {.device = "x"};

                strcpy(in.device, devices[i]);
                assert_int_equal(tap_request_encode(&in, packet, &n), 0);
                assert_int_equal(n, 2 + strlen(devices[i]));
                assert_memory_equal(packet, "\1\1", 2);
                assert_int_equal(tap_request_decode(packet, n, &out), 0);
                assert_string_equal(out.device, devices[i]);
        }
}

static void test_tap_request_that_is_none_is_refused(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } wrong[] = {{"", 0},           {"\1", 1},       {"\2\1", 2},        {"\1\2", 2},
                     {"\1\1:x", 4},     {"\1\1PN:x", 6}, {"\1\1pn532 x", 9}, {"\1\1a:/../b", 9},
                     {"\1\1a:b\0c", 7}, {"\1\1a\nb", 5}, {"\1\1\0", 3}};
        struct tap_request request;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_int_equal(
                        tap_request_decode((const uint8_t *)wrong[i].bytes, wrong[i].n, &request),
                        TAP_E_MALFORMED);
        memset(packet, 'a', sizeof(packet));
        memcpy(packet, "\1\1", 2);
        assert_int_equal(tap_request_decode(packet, 2 + TAP_DEVICE_MAX, &request), 0);
        assert_int_equal(tap_request_decode(packet, 3 + TAP_DEVICE_MAX, &request), TAP_E_MALFORMED);
        assert_int_equal(tap_request_decode(packet, sizeof(packet), &request), TAP_E_MALFORMED);
}

static void assert_comes_back(void)
{
        size_t n;

        assert_int_equal(tap_encode(&tap, packet, &n), 0);
        assert_int_equal(packet[0], 1);
        assert_int_equal(packet[1], tap.kind);
        memset(&back, 0xaa, sizeof(back));
        assert_int_equal(tap_decode(packet, n, &back), 0);
        assert_int_equal(back.kind, tap.kind);
}

static void test_tap_packets_come_back(void **state)
{
        (void)state;
        memset(&tap, 0, sizeof(tap));
        tap.kind = TAP_ALIVE;
        assert_comes_back();

        tap.kind = TAP_READER;
        assert_comes_back();
        assert_string_equal(back.name, "");
        strcpy(tap.name, "pn532_uart:/dev/ttyS0");
        assert_comes_back();
        assert_string_equal(back.name, tap.name);

        tap.kind = TAP_CODE;
        for (tap.n_code = 1; tap.n_code <= TAP_CODE_MAX; tap.n_code += TAP_CODE_MAX - 1) {
                memset(tap.code, 0xd2, tap.n_code);
                assert_comes_back();
                assert_int_equal(back.n_code, tap.n_code);
                assert_memory_equal(back.code, tap.code, tap.n_code);
        }

        tap.kind = TAP_FAILURE;
        tap.reason = REASON_TAG_REMOVED;
        assert_comes_back();
        assert_int_equal(back.reason, REASON_TAG_REMOVED);
}

static void test_tap_packet_that_would_be_refused_is_not_made(void **state)
{
        size_t n;

        (void)state;
        memset(&tap, 0, sizeof(tap));
        tap.kind = TAP_CODE;
        assert_int_equal(tap_encode(&tap, packet, &n), TAP_E_MALFORMED);
        tap.n_code = TAP_CODE_MAX + 1;
        assert_int_equal(tap_encode(&tap, packet, &n), TAP_E_MALFORMED);
        tap.kind = TAP_FAILURE;
        tap.reason = REASON_DEVICE_OWNED;
        assert_int_equal(tap_encode(&tap, packet, &n), TAP_E_MALFORMED);
        tap.kind = TAP_READER;
        strcpy(tap.name, "a\nb");
        assert_int_equal(tap_encode(&tap, packet, &n), TAP_E_MALFORMED);
}

static void test_tap_packet_that_is_none_is_refused(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } wrong[] = {{"", 0},
                     {"\1", 1},
                     {"\2\204", 2},
                     {"\1\200", 2},
                     {"\1\205", 2},
                     {"\1\204x", 3},
                     {"\1\202", 2},
                     {"\1\203", 2},
                     {"\1\203tag_empty\0", 12},
                     {"\1\203device_owned", 14},
                     {"\1\201a\x7f", 4},
                     {"\1\201\0", 3}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_int_equal(tap_decode((const uint8_t *)wrong[i].bytes, wrong[i].n, &back),
                                 TAP_E_MALFORMED);
        memset(packet, 'a', sizeof(packet));
        memcpy(packet, "\1\201", 2);
        assert_int_equal(tap_decode(packet, 2 + TAP_NAME_MAX, &back), 0);
        assert_int_equal(tap_decode(packet, 3 + TAP_NAME_MAX, &back), TAP_E_MALFORMED);
        packet[1] = TAP_CODE;
        assert_int_equal(tap_decode(packet, 3 + TAP_CODE_MAX, &back), TAP_E_MALFORMED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tap_request_comes_back),
                cmocka_unit_test(test_tap_request_that_is_none_is_refused),
                cmocka_unit_test(test_tap_packets_come_back),
                cmocka_unit_test(test_tap_packet_that_would_be_refused_is_not_made),
                cmocka_unit_test(test_tap_packet_that_is_none_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
