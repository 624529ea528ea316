/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "util/address.h"
#include "util/defer.h"

#define ALL (ADDRESS_UNIX | ADDRESS_TCP | ADDRESS_SERIAL)

static void test_address_good_texts_are_read(void **state)
{
        static const struct {
                const char *text, *place;
                enum address_kind kind;
                unsigned port;
                speed_t speed;
        } cases[] = {
                {"tcp:localhost:1883", "localhost", ADDRESS_TCP, 1883, B0},
                {"tcp:my_broker.local:1883", "my_broker.local", ADDRESS_TCP, 1883, B0},
                {"tcp:192.0.2.7:1", "192.0.2.7", ADDRESS_TCP, 1, B0},
                {"tcp:[2001:db8::7]:65535", "2001:db8::7", ADDRESS_TCP, 65535, B0},
                {"tcp:[fe80::1%eth0]:1883", "fe80::1%eth0", ADDRESS_TCP, 1883, B0},
                {"unix:/run/mosquitto/mqtt.sock", "/run/mosquitto/mqtt.sock", ADDRESS_UNIX, 0, B0},
                {"unix:/run/my broker, old", "/run/my broker, old", ADDRESS_UNIX, 0, B0},
                {"serial:/dev/ttyUSB0:115200", "/dev/ttyUSB0", ADDRESS_SERIAL, 0, B115200},
                {"serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0:9600",
                 "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", ADDRESS_SERIAL, 0,
                 B9600},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct address a;

                if (address_parse(cases[i].text, ALL, &a, NULL) < 0)
                        fail_msg("refused: %s", cases[i].text);
                assert_string_equal(a.place, cases[i].place);
                assert_int_equal(a.kind, cases[i].kind);
                assert_int_equal(a.port, cases[i].port);
                assert_int_equal(a.speed, cases[i].speed);
        }
}

static void test_address_bad_texts_say_what_is_wrong(void **state)
{
        static const struct {
                const char *text, *why;
        } cases[] = {
                {"", "it is of another kind"},
                {"localhost", "it is of another kind"},
                {"mqtt://localhost", "it is of another kind"},
                {"unix", "it is of another kind"},
                {"tcp://localhost", "no slashes"},
                {"tcp://localhost:1883", "no slashes"},
                {"tcp:localhost", "no port"},
                {"tcp:[::1]", "no port"},
                {"tcp:localhost:", "from 1 to 65535"},
                {"tcp:localhost:0", "from 1 to 65535"},
                {"tcp:localhost:65536", "from 1 to 65535"},
                {"tcp:localhost:99999", "from 1 to 65535"},
                {"tcp:localhost:4294969179", "from 1 to 65535"},
                {"tcp:localhost:1883/", "from 1 to 65535"},
                {"tcp:localhost:18 83", "from 1 to 65535"},
                {"tcp:localhost:-1", "from 1 to 65535"},
                {"tcp:localhost:+1", "from 1 to 65535"},
                {"tcp::1883", "neither a name nor an address"},
                {"tcp:my host:1883", "neither a name nor an address"},
                {"tcp:user@host:1883", "neither a name nor an address"},
                {"tcp:300.1.1.1:1883", "not an IPv4 address"},
                {"tcp:[]:1883", "no IPv6 address"},
                {"tcp:[localhost]:1883", "no IPv6 address"},
                {"tcp:[fe80::1%]:1883", "no IPv6 address"},
                {"tcp:::1:1883", "in brackets"},
                {"tcp:2001:db8::7:1883", "in brackets"},
                {"unix:", "absolute path"},
                {"unix:run/mqtt.sock", "absolute path"},
                {"serial:", "by its device"},
                {"serial:/", "by its device"},
                {"serial:ttyS0:9600", "by its device"},
                {"serial:/dev/ttyS0", "no baud rate"},
                {"serial:/dev/serial/by-path/pci-0000:00:14.0/x", "no baud rate"},
                {"serial:/dev/ttyS0:", "not 9600, 19200"},
                {"serial:/dev/ttyS0:0", "not 9600, 19200"},
                {"serial:/dev/ttyS0:1234", "not 9600, 19200"},
                {"serial:/dev/ttyS0:115200 8n1", "not 9600, 19200"},
                {"serial:/dev/ttyS0:9600,/dev/ttyS1:9600", "blanks or commas"},
        };
        char text[600];
        struct address a;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *why = "";

                if (address_parse(cases[i].text, ALL, &a, &why) != -EINVAL ||
                    !strstr(why, cases[i].why))
                        fail_msg("%s: %s", cases[i].text, why);
        }
        (void)snprintf(text, sizeof(text), "unix:/%0107d", 1);
        assert_int_equal(address_parse(text, ALL, &a, NULL), -EINVAL);
        (void)snprintf(text, sizeof(text), "tcp:a%0300d:1883", 1);
        assert_int_equal(address_parse(text, ALL, &a, NULL), -EINVAL);
        (void)snprintf(text, sizeof(text), "serial:/%0300d:9600", 1);
        assert_int_equal(address_parse(text, ALL, &a, NULL), -EINVAL);
}

static void test_address_of_a_kind_that_is_not_allowed_is_refused(void **state)
{
        struct address a;
        const char *why;

        (void)state;
        assert_int_equal(address_parse("tcp:a:1", ADDRESS_UNIX | ADDRESS_SERIAL, &a, &why),
                         -EINVAL);
        assert_string_equal(why, "it begins with neither serial: nor unix:");
        assert_int_equal(address_parse("serial:/dev/a:9600", ADDRESS_UNIX | ADDRESS_TCP, &a, &why),
                         -EINVAL);
        assert_string_equal(why, "it begins with neither tcp: nor unix:");
        assert_int_equal(address_parse("unix:a", ADDRESS_UNIX, &a, NULL), -EINVAL);
        assert_int_equal(address_parse("unix:a", ADDRESS_UNIX | ADDRESS_RELATIVE, &a, NULL), 0);
        assert_string_equal(a.place, "a");
}

static void test_address_devices_are_below_dev(void **state)
{
        static const char *const good[] = {
                "/dev/video0",
                "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_ABCD-video-index0",
                "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0",
                "/dev/v4l/by-id/usb-Cam_\\x28USB\\x29_#1+2=3@4..5-video-index0",
        };
        static const char *const bad[] = {
                "",           "/dev",        "/dev/",         "video0",       "/devices/video0",
                "/dev/../x",  "/dev/v4l/..", "/dev/v4l/../x", "/dev/video 0", "/dev/video0,",
                "/dev/vid\n", "/dev/vidéo",  "/dev/v4l/",     "/dev/$HOME",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (!address_is_device(good[i], strlen(good[i])))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (address_is_device(bad[i], strlen(bad[i])))
                        fail_msg("taken: %s", bad[i]);
        assert_false(address_is_device("/dev/a\0b", 8));
}

static void test_address_list_of_devices_is_checked_one_by_one(void **state)
{
        static const char *const good[] = {"/dev/a", "/dev/a,/dev/b", "/dev/a /dev/b",
                                           " /dev/a, /dev/v4l/by-id/c-d:1,"};
        static const char *const bad[] = {"",       ",",       "/dev/a,b",        "/dev/a;/dev/b",
                                          "/dev/,", "/tmp/a,", "/dev/a,/dev/../b"};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (!address_is_device_list(good[i], strlen(good[i])))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (address_is_device_list(bad[i], strlen(bad[i])))
                        fail_msg("taken: %s", bad[i]);
        assert_false(address_is_device_list("/dev/a\0", 7));
}

static void test_address_of_bluetooth_has_six_bytes(void **state)
{
        static const char *const bad[] = {
                "",
                "hci0",
                "00:11:22:33:44",
                "00:11:22:33:44:5g",
                "00-11-22-33-44-55",
                "00:11:22:33:44:55:66",
        };

        (void)state;
        assert_true(address_is_bluetooth("00:1a:2B:33:44:ff", 17));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(address_is_bluetooth(bad[i], strlen(bad[i])));
}

static void test_address_nfc_reader_is_a_driver_and_what_it_needs(void **state)
{
        static const char *const good[] = {"auto", "none", "pn53x_usb", "pn53x_usb:001:004",
                                           "pn532_uart:/dev/serial/by-id/usb-a_B.1-port0:115200"};
        static const char *const bad[] = {"",      ":x",   "PN:x",        "pn532 x",
                                          "a:b c", "a\nb", "a:/../dev/x", "a:b#"};
        char longest[ADDRESS_NFC_MAX + 2];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(address_is_nfc(good[i], strlen(good[i])));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(address_is_nfc(bad[i], strlen(bad[i])));
        assert_false(address_is_nfc("a:b\0c", 5));
        assert_false(address_is_nfc("\0", 1));
        memset(longest, 'a', sizeof(longest));
        assert_true(address_is_nfc(longest, ADDRESS_NFC_MAX));
        assert_false(address_is_nfc(longest, ADDRESS_NFC_MAX + 1));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_address_nfc_reader_is_a_driver_and_what_it_needs),
                cmocka_unit_test(test_address_good_texts_are_read),
                cmocka_unit_test(test_address_bad_texts_say_what_is_wrong),
                cmocka_unit_test(test_address_of_a_kind_that_is_not_allowed_is_refused),
                cmocka_unit_test(test_address_devices_are_below_dev),
                cmocka_unit_test(test_address_list_of_devices_is_checked_one_by_one),
                cmocka_unit_test(test_address_of_bluetooth_has_six_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
