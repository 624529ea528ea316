/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "code/payload.h"
#include "site/settings.h"
#include "util/defer.h"

static void set(struct settings *settings, const char *section, const char *key, const char *value)
{
        char error[SETTINGS_ERROR_SIZE];

        if (settings_set(settings, section, key, value, error, sizeof(error)) < 0)
                fail_msg("%s", error);
}

static void test_settings_values_out_of_range_say_why(void **state)
{
        static const struct {
                const char *section, *key, *value, *allowed, *why;
        } cases[] = {
                {"hub", "name", "", "1 to 32 letters, digits, _ and -, not \"\"", ""},
                {"hub", "name", "my home", "1 to 32 letters", ""},
                {"hub", "name", "héim", "1 to 32 letters", ""},
                {"hub", "name", "a/b", "1 to 32 letters", ""},
                {"hub", "name", "+", "1 to 32 letters", ""},
                {"hub", "name", "012345678901234567890123456789012", "1 to 32 letters", ""},
                {"keys", "recipient", "5f0e", "64 hexadecimal digits", ""},
                {"keys", "recipient",
                 "000000000000000000000000000000000000000000000000000000000000000g",
                 "64 hexadecimal digits", ""},
                {"keys", "recipient",
                 "0000000000000000000000000000000000000000000000000000000000000000",
                 "X25519 public key", "nobody has this key"},
                {"mqtt", "broker", "localhost", "tcp:HOST:PORT", "neither tcp: nor unix:"},
                {"mqtt", "broker", "", "tcp:HOST:PORT", "neither tcp: nor unix:"},
                {"mqtt", "broker", "mqtts://host:8883", "tcp:HOST:PORT", "neither tcp: nor unix:"},
                {"mqtt", "broker", "tcp:localhost:99999", "tcp:HOST:PORT", "from 1 to 65535"},
                {"mqtt", "broker", "tcp://localhost", "tcp:HOST:PORT", "no slashes"},
                {"mqtt", "broker", "tcp:::1:1883", "tcp:HOST:PORT", "in brackets"},
                {"mqtt", "broker", "unix:mqtt.sock", "unix:/PATH", "absolute path"},
                {"mqtt", "ca_file", "ca.crt", "the absolute path of a file", ""},
                {"mqtt", "user", "a\tb", "text of at most 64 bytes", ""},
                {"home_assistant", "discovery", "on", "off, device or entity, not \"on\"", ""},
                {"home_assistant", "prefix", "", "a topic of at most 32", ""},
                {"home_assistant", "prefix", "/ha", "single slashes", ""},
                {"home_assistant", "prefix", "ha/#", "a topic of at most 32", ""},
                {"home_assistant", "prefix", "enrolld/ha", "not below enrolld", ""},
                {"home_assistant", "prefix", "012345678901234567890123456789012", "", "too long"},
                {"home_assistant", "birth", "enrolld-keys/home/x", "not below enrolld", ""},
                {"home_assistant", "birth", "ha/+", "a topic of at most 64", ""},
                {"home_assistant", "birth_delay", "301", "seconds from 0 to 300", ""},
                {"bluetooth", "enabled", "1", "yes or no, not \"1\"", ""},
                {"bluetooth", "adapter", "hci", "adapters like hci0", ""},
                {"bluetooth", "adapter", "hci0x", "adapters like hci0", ""},
                {"bluetooth", "adapter", "hci0, 00:11:22:33:44", "00:11:22:33:44:55", ""},
                {"bluetooth", "adapter", "00:11:22:33:44:5g", "00:11:22:33:44:55", ""},
                {"bluetooth", "coc", "yes", "auto or no", ""},
                {"bluetooth", "coc", "", "auto or no", ""},
                {"bluetooth", "coc", "automatic", "auto or no", ""},
                {"link", "stream", "/dev/ttyUSB0", "serial:/DEVICE", "neither serial: nor unix:"},
                {"link", "stream", "serial:/dev/ttyUSB0", "serial:/DEVICE", "no baud rate"},
                {"link", "stream", "serial:/dev/ttyUSB0:115201", "serial:/DEVICE", "not 9600, "},
                {"link", "stream", "unix:x", "unix:/PATH", "absolute path"},
                {"link", "stream", "unix:/a, unix:/b", "repeated", "repeat the key"},
                {"link", "stream", "unix:/a;unix:/b", "repeated", "repeat the key"},
                {"link", "stream", "serial:/dev/a:9600 serial:/dev/b:9600", "", "repeat the key"},
                {"link", "stream", "serial:/dev/a:9600,/dev/b:9600", "", "repeat the key"},
                {"camera", "device", "video0", "devices like /dev/video0", ""},
                {"camera", "device", "/dev/../etc/x", "devices like /dev/video0", ""},
                {"camera", "device", "/dev/my camera", "devices like /dev/video0", ""},
                {"nfc", "device", "/dev/ttyUSB0", "a reader like pn532_uart:/dev/ttyUSB0", ""},
                {"nfc", "device", "", "a reader like pn532_uart:/dev/ttyUSB0", ""},
                {"nfc", "device", "pn532_uart:/dev/../x", "auto, none, or a reader", ""},
                {"catalogue", "service", "https://user:secret@x.example/",
                 "not \"a web address with a login\"", "a login must not be in it"},
                {"camera", "seconds", "0", "a number from 1 to 3600", ""},
                {"camera", "seconds", "3601", "a number from 1 to 3600", ""},
                {"camera", "seconds", "1.5", "a number from 1 to 3600", ""},
                {"camera", "seconds", "-1", "a number from 1 to 3600", ""},
                {"camera", "seconds", "", "a number from 1 to 3600", ""},
                {"site", "latitude", "91", "degrees from -90 to 90", ""},
                {"site", "longitude", "nan", "degrees from -180 to 180", ""},
                {"site", "altitude", "0x10", "metres from", ""},
                {"site", "altitude", "1-2", "metres from", ""},
                {"site", "room", "\xff", "text of at most 64 bytes", ""},
                {"policy", "ceiling", "channel.write", "channel.publish, channel.command", ""},
                {"policy", "ceiling", "", "or none", ""},
                {"timeouts", "failsafe", "9", "seconds from 10 to 900", ""},
        };
        struct settings settings;

        (void)state;
        settings_default(&settings);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char error[SETTINGS_ERROR_SIZE] = "";

                if (settings_set(&settings, cases[i].section, cases[i].key, cases[i].value, error,
                                 sizeof(error)) != -EINVAL ||
                    !strstr(error, cases[i].key) || !strstr(error, cases[i].allowed) ||
                    !strstr(error, cases[i].why))
                        fail_msg("%s = %s: %s", cases[i].key, cases[i].value, error);
        }
}

static void test_settings_names_that_last_are_taken(void **state)
{
        struct settings s;

        (void)state;
        settings_default(&s);
        set(&s, "bluetooth", "adapter", "00:1A:7D:da:71:13, hci2 00:11:22:33:44:55");
        assert_string_equal(s.bluetooth_adapter, "00:1A:7D:da:71:13, hci2 00:11:22:33:44:55");
        set(&s, "bluetooth", "adapter", "hci12");
        set(&s, "camera", "device", "/dev/v4l/by-id/usb-Cam_\\x28USB\\x29_#1-video-index0");
        set(&s, "camera", "device", "/dev/video0, /dev/video2");
        set(&s, "nfc", "device", "none");
        set(&s, "nfc", "device", "pn532_uart:/dev/serial/by-id/usb-a_B.1-port0:115200");
        set(&s, "camera", "device", "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0");
        assert_string_equal(s.camera_device,
                            "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0");
        set(&s, "link", "stream", "serial:/dev/serial/by-path/pci-0000:00:14.0-port0:115200");
        assert_int_equal(s.link_streams.n, 1);
}

static void test_settings_ports_beyond_the_last_are_refused(void **state)
{
        char text[64], error[SETTINGS_ERROR_SIZE];
        struct settings s;

        (void)state;
        settings_default(&s);
        for (unsigned i = 0; i < SETTINGS_STREAMS_MAX; i++) {
                (void)snprintf(text, sizeof(text), "unix:/run/%u", i);
                set(&s, "link", "stream", text);
        }
        set(&s, "link", "stream", "unix:/run/0");
        assert_int_equal(settings_set(&s, "link", "stream", "unix:/x", error, sizeof(error)),
                         -EINVAL);
        assert_non_null(strstr(error, "one port too many"));
}

/* What is shown of a value does nothing to a terminal and does not fill the message. */
static void test_settings_value_that_is_refused_is_shown_harmlessly(void **state)
{
        char long_one[600], error[SETTINGS_ERROR_SIZE];
        struct settings s;

        (void)state;
        settings_default(&s);
        assert_true(settings_set(&s, "site", "room", "a\x1b[31m\xff", error, sizeof(error)) < 0);
        assert_non_null(strstr(error, "\"a?[31m?\""));
        (void)snprintf(long_one, sizeof(long_one), "/%0500d", 1);
        assert_true(settings_set(&s, "mqtt", "ca_file", long_one, error, sizeof(error)) < 0);
        assert_non_null(strstr(error, "0...\": it is too long"));
        assert_true(settings_set(&s, "hub", long_one, "x", error, sizeof(error)) < 0);
        assert_non_null(strstr(error, "its keys are name"));
}

static void test_settings_capabilities_are_those_of_codes(void **state)
{
        struct settings s;

        (void)state;
        settings_default(&s);
        for (unsigned bit = 1; bit <= CAPABILITY_ALL; bit <<= 1) {
                set(&s, "policy", "ceiling", capability_name(bit));
                assert_int_equal(s.policy_ceiling, bit);
        }
        assert_int_equal((int)SETTINGS_CAPABILITIES, (int)CAPABILITY_ALL);
        set(&s, "policy", "ceiling", "none");
        assert_int_equal(s.policy_ceiling, 0);
        set(&s, "policy", "ceiling", "all");
        assert_int_equal(s.policy_ceiling, SETTINGS_CAPABILITIES);
}

static void test_settings_one_key_is_set(void **state)
{
        struct settings s;
        char error[SETTINGS_ERROR_SIZE];

        (void)state;
        settings_default(&s);
        assert_int_equal(settings_set(&s, "hub", "name", "shed", error, sizeof(error)),
                         settings_find("hub.name"));
        assert_string_equal(s.hub_name, "shed");
        assert_int_equal(settings_set(&s, "hub", "name", "", error, sizeof(error)), -EINVAL);
        assert_string_equal(error, "[hub] name must be 1 to 32 letters, digits, _ and -, not \"\"");
        assert_string_equal(s.hub_name, "shed");
}

static void test_settings_site_is_put_together(void **state)
{
        char text[SETTINGS_TEXT_SIZE];
        struct settings s;
        struct site site;

        (void)state;
        settings_default(&s);
        settings_site(&s, &site);
        assert_string_equal(site.location, "");
        assert_string_equal(site.owner, "");
        assert_false(site.has_position);
        assert_false(site.has_altitude);

        set(&s, "site", "room", "Kitchen");
        set(&s, "site", "floor", "1");
        set(&s, "site", "street", "Ring");
        set(&s, "site", "street_number", "7");
        set(&s, "site", "locality", "Berlin");
        set(&s, "site", "country", "DE");
        set(&s, "site", "organization", "Acme");
        set(&s, "site", "unit", "Labs");
        set(&s, "site", "person", "Ada");
        set(&s, "site", "latitude", "52.5");
        set(&s, "site", "longitude", "13.25");
        set(&s, "site", "altitude", "34");
        settings_site(&s, &site);
        assert_string_equal(site.location, "Kitchen, 1, Ring 7, Berlin, DE");
        assert_string_equal(site.owner, "Ada, Labs, Acme");
        assert_string_equal(site.organization, "Acme / Labs");
        assert_string_equal(site.room, "Kitchen");
        assert_true(site.has_position && site.has_altitude);
        assert_true(site.latitude == 52.5 && site.longitude == 13.25 && site.altitude == 34);

        set(&s, "site", "latitude", "52.5163");
        set(&s, "site", "longitude", "-13.3777");
        set(&s, "site", "position", "coarse");
        settings_site(&s, &site);
        assert_true(site.has_position && !site.has_altitude);
        assert_true(site.latitude == 52.52 && site.longitude == -13.38);
        set(&s, "site", "position", "none");
        settings_site(&s, &site);
        assert_false(site.has_position);

        /* A part that does not fit is left out, not cut. */
        settings_default(&s);
        (void)snprintf(text, sizeof(text), "%064d", 0);
        set(&s, "site", "room", text);
        set(&s, "site", "locality", "Berlin");
        set(&s, "site", "latitude", "1");
        set(&s, "site", "altitude", "1");
        settings_site(&s, &site);
        assert_int_equal(strlen(site.location), 64);
        assert_null(strstr(site.location, "Berlin"));
        assert_false(site.has_position || site.has_altitude);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_settings_values_out_of_range_say_why),
                cmocka_unit_test(test_settings_names_that_last_are_taken),
                cmocka_unit_test(test_settings_ports_beyond_the_last_are_refused),
                cmocka_unit_test(test_settings_value_that_is_refused_is_shown_harmlessly),
                cmocka_unit_test(test_settings_capabilities_are_those_of_codes),
                cmocka_unit_test(test_settings_one_key_is_set),
                cmocka_unit_test(test_settings_site_is_put_together),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
