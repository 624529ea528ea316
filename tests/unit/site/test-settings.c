/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code/payload.h"
#include "site/settings.h"
#include "util/defer.h"

struct place {
        char directory[128];
        char file[192];
        struct settings settings;
        char error[SETTINGS_ERROR_SIZE];
};

static void place_write(const struct place *p, const char *name, const char *text)
{
        char path[256];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s", p->directory, name);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
        struct place *p = calloc(1, sizeof(*p));
        char path[256];

        assert_non_null(p);
        strcpy(p->directory, "/tmp/enrolld-settings-XXXXXX");
        assert_non_null(mkdtemp(p->directory));
        (void)snprintf(p->file, sizeof(p->file), "%s/enrolld.conf", p->directory);
        (void)snprintf(path, sizeof(path), "%s/conf.d", p->directory);
        assert_int_equal(mkdir(path, 0700), 0);
        *state = p;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;
        char command[256];

        (void)snprintf(command, sizeof(command), "rm -r %s", p->directory);
        assert_int_equal(system(command), 0);
        free(p);
        return 0;
}

static int load(struct place *p)
{
        p->error[0] = '\0';
        return settings_load(&p->settings, p->file, p->error, sizeof(p->error));
}

static int load_text(struct place *p, const char *text)
{
        place_write(p, "enrolld.conf", text);
        return load(p);
}

static void assert_defaults(const struct settings *s)
{
        assert_string_equal(s->hub_name, "home");
        assert_string_equal(s->mqtt_broker, "tcp:localhost:1883");
        assert_string_equal(s->mqtt_user, "");
        assert_string_equal(s->mqtt_ca_file, "");
        assert_true(s->bluetooth_enabled);
        assert_string_equal(s->bluetooth_adapter, "");
        assert_false(s->bluetooth_power);
        assert_int_equal(s->link_streams.n, 0);
        assert_int_equal(s->limit_enrollments, 8);
        assert_int_equal(s->limit_links, 4);
        assert_string_equal(s->camera_device, "auto");
        assert_int_equal(s->camera_seconds, 60);
        assert_string_equal(s->site_room, "");
        assert_true(isnan(s->site_latitude));
        assert_int_equal(s->policy_ceiling, SETTINGS_CAPABILITIES);
        assert_int_equal(s->timeout_find, 30);
        assert_int_equal(s->timeout_fail_safe, 60);
}

static void test_settings_nothing_at_all_gives_the_defaults(void **state)
{
        struct place *p = *state;

        assert_int_equal(load(p), 0);
        assert_defaults(&p->settings);
        assert_int_equal(load_text(p, ""), 0);
        assert_defaults(&p->settings);
        assert_int_equal(load_text(p, "\n# a comment\n; another\n  # and one more\n[mqtt]\n"), 0);
        assert_defaults(&p->settings);
}

static void test_settings_every_key_is_read(void **state)
{
        struct place *p = *state;
        const struct settings *s = &p->settings;

        assert_int_equal(load_text(p,
                                   "[hub]\nname=attic_2\n"
                                   "[mqtt]\nbroker=unix:/run/mqtt.sock\nuser=u\npassword_file=/p\n"
                                   "ca_file=/ca\ncert_file=/cert\nkey_file=/key\n"
                                   "[bluetooth]\nenabled=no\nadapter=hci12\npower=yes\n"
                                   "[link]\nstream=unix:/tmp/no\nstream=none\n"
                                   "stream=serial:/dev/ttyUSB0:115200\n"
                                   "stream=unix:/run/device\nstream=unix:/run/device\n"
                                   "[camera]\ndevice=/dev/video2\nseconds=3600\n"
                                   "[site]\ncountry=DE\nstate=BE\nlocality=Berlin\nstreet=Ring\n"
                                   "street_number=7b\nbuilding=A\nfloor=1\nroom=Küche\n"
                                   "organization=Acme\nunit=Labs\nrole=Owner\nperson=Ada\n"
                                   "latitude=-52.5\nlongitude=+13.25\naltitude=34\n"
                                   "[policy]\nceiling=key.forward, channel.publish\n"
                                   "[timeouts]\nfind=1\nfailsafe=900\n"),
                         0);
        assert_string_equal(s->hub_name, "attic_2");
        assert_string_equal(s->mqtt_broker, "unix:/run/mqtt.sock");
        assert_string_equal(s->mqtt_user, "u");
        assert_string_equal(s->mqtt_password_file, "/p");
        assert_string_equal(s->mqtt_ca_file, "/ca");
        assert_string_equal(s->mqtt_cert_file, "/cert");
        assert_string_equal(s->mqtt_key_file, "/key");
        assert_false(s->bluetooth_enabled);
        assert_string_equal(s->bluetooth_adapter, "hci12");
        assert_true(s->bluetooth_power);
        assert_int_equal(s->link_streams.n, 2);
        assert_string_equal(s->link_streams.addresses[0], "serial:/dev/ttyUSB0:115200");
        assert_string_equal(s->link_streams.addresses[1], "unix:/run/device");
        assert_string_equal(s->camera_device, "/dev/video2");
        assert_int_equal(s->camera_seconds, 3600);
        assert_string_equal(s->site_country, "DE");
        assert_string_equal(s->site_state, "BE");
        assert_string_equal(s->site_locality, "Berlin");
        assert_string_equal(s->site_street, "Ring");
        assert_string_equal(s->site_street_number, "7b");
        assert_string_equal(s->site_building, "A");
        assert_string_equal(s->site_floor, "1");
        assert_string_equal(s->site_room, "Küche");
        assert_string_equal(s->site_organization, "Acme");
        assert_string_equal(s->site_unit, "Labs");
        assert_string_equal(s->site_role, "Owner");
        assert_string_equal(s->site_person, "Ada");
        assert_true(s->site_latitude == -52.5);
        assert_true(s->site_longitude == 13.25);
        assert_true(s->site_altitude == 34);
        assert_int_equal(s->policy_ceiling, SETTINGS_KEY_FORWARD | SETTINGS_CHANNEL_PUBLISH);
        assert_int_equal(s->timeout_find, 1);
        assert_int_equal(s->timeout_fail_safe, 900);
}

static void test_settings_values_keep_comment_characters(void **state)
{
        struct place *p = *state;

        assert_int_equal(load_text(p, "[mqtt]\r\n  user = a ;b #c; d\r\n\tpassword_file=/a ;b\n"
                                      "[site]\nroom=; first\nfloor=x = y: z\n"),
                         0);
        assert_string_equal(p->settings.mqtt_user, "a ;b #c; d");
        assert_string_equal(p->settings.mqtt_password_file, "/a ;b");
        assert_string_equal(p->settings.site_room, "; first");
        assert_string_equal(p->settings.site_floor, "x = y: z");
}

static void test_settings_drop_ins_come_later_and_by_name(void **state)
{
        struct place *p = *state;

        place_write(p, "enrolld.conf", "[site]\nroom=main\nfloor=main\nunit=main\n");
        place_write(p, "conf.d/20-b.conf", "[site]\nroom=b\nfloor=b\n");
        place_write(p, "conf.d/10-a.conf", "[site]\nroom=a\n");
        place_write(p, "conf.d/30-c.conf.bak", "[site]\nroom=c\n");
        place_write(p, "conf.d/.40-d.conf", "[site]\nroom=d\n");
        assert_int_equal(load(p), 0);
        assert_string_equal(p->settings.site_room, "b");
        assert_string_equal(p->settings.site_floor, "b");
        assert_string_equal(p->settings.site_unit, "main");

        place_write(p, "conf.d/50-e.conf", "[site]\n\nrom=e\n");
        assert_int_equal(load(p), -EINVAL);
        assert_non_null(strstr(p->error, "conf.d/50-e.conf:3: "));
        assert_string_equal(p->settings.site_room, "b"); /* as it was */
}

static void test_settings_mistakes_name_place_key_and_what_is_allowed(void **state)
{
        static const struct {
                const char *text, *place, *says;
        } cases[] = {
                {"[mqtt]\nbrokr=x\n",
                 ":2: ", "[mqtt] has no key \"brokr\"; its keys are broker, user, "},
                {"[mqt]\nbroker=x\n",
                 ":2: ", "there is no section [mqt]; the sections are hub, mqtt, "},
                {"name=x\n", ":1: ", "\"name\" is not in a section"},
                {"[hub]\n\nname\n", ":3: ", "neither a [section] nor"},
                {"[hub]\n= x\n", ":2: ", "[hub] has no key \"\""},
                {"[hub\nname=x\n", ":1: ", "neither a [section] nor"},
                {"[hub]\nname=my home\n",
                 ":2: ", "1 to 32 letters, digits, _ and -, not \"my home"},
                {"[hub]\nname=\n", ":2: ", "1 to 32 letters"},
                {"[hub]\nname=012345678901234567890123456789012\n", ":2: ", "1 to 32 letters"},
                {"[mqtt]\nbroker=localhost\n", ":2: ", "tcp:HOST:PORT or unix:/PATH"},
                {"[mqtt]\nbroker=tcp:localhost\n", ":2: ", "tcp:HOST:PORT or unix:/PATH"},
                {"[mqtt]\nbroker=unix:mqtt.sock\n", ":2: ", "tcp:HOST:PORT or unix:/PATH"},
                {"[mqtt]\nca_file=ca.crt\n", ":2: ", "the absolute path of a file"},
                {"[bluetooth]\nenabled=1\n", ":2: ", "yes or no, not \"1\""},
                {"[bluetooth]\nadapter=hci\n", ":2: ", "auto, all, or adapters like hci0"},
                {"[bluetooth]\nadapter=hci0x\n", ":2: ", "auto, all, or adapters like hci0"},
                {"[link]\nstream=/dev/ttyUSB0\n", ":2: ", "none, unix:/PATH or serial:"},
                {"[camera]\ndevice=video0\n", ":2: ", "auto or a device like /dev/video0"},
                {"[camera]\nseconds=0\n", ":2: ", "a number from 1 to 3600"},
                {"[camera]\nseconds=3601\n", ":2: ", "a number from 1 to 3600"},
                {"[camera]\nseconds=1.5\n", ":2: ", "a number from 1 to 3600"},
                {"[camera]\nseconds=-1\n", ":2: ", "a number from 1 to 3600"},
                {"[camera]\nseconds=\n", ":2: ", "a number from 1 to 3600"},
                {"[site]\nlatitude=91\n", ":2: ", "degrees from -90 to 90"},
                {"[site]\nlongitude=nan\n", ":2: ", "degrees from -180 to 180"},
                {"[site]\naltitude=0x10\n", ":2: ", "metres from"},
                {"[site]\naltitude=1-2\n", ":2: ", "metres from"},
                {"[site]\nroom=\xff\n", ":2: ", "text of at most 64 bytes"},
                {"[site]\nroom=a\x1b[31m\n", ":2: ", "text of at most 64 bytes"},
                {"[site]\nroom=a\x01z\n", ":2: ", "control character"},
                {"[policy]\nceiling=channel.write\n", ":2: ", "channel.publish, channel.command"},
                {"[policy]\nceiling=\n", ":2: ", "or none"},
                {"[timeouts]\nfailsafe=9\n", ":2: ", "seconds from 10 to 900"},
        };
        struct place *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(load_text(p, cases[i].text), -EINVAL);
                assert_non_null(strstr(p->error, "enrolld.conf"));
                if (!strstr(p->error, cases[i].place) || !strstr(p->error, cases[i].says))
                        fail_msg("%s -> %s", cases[i].text, p->error);
        }
}

static void test_settings_long_line_is_refused(void **state)
{
        struct place *p = *state;
        char text[600];

        (void)snprintf(text, sizeof(text), "[mqtt]\npassword_file=/%0*d\n",
                       SETTINGS_LINE_MAX - (int)strlen("password_file=/"), 1);
        assert_int_equal(load_text(p, text), 0);
        (void)snprintf(text, sizeof(text), "[mqtt]\npassword_file=/%0*d\n",
                       SETTINGS_LINE_MAX - (int)strlen("password_file=/") + 1, 1);
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_non_null(strstr(p->error, ":2: the line is longer"));
        (void)snprintf(text, sizeof(text), "[site]\nroom=%0500d", 1);
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_non_null(strstr(p->error, ":2: the line is longer"));
        (void)snprintf(text, sizeof(text), "[site]\nroom=%065d\n", 1);
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_non_null(strstr(p->error, "at most 64 bytes"));
}

static void test_settings_unreadable_file_is_told(void **state)
{
        struct place *p = *state;

        assert_int_equal(mkdir(p->file, 0700), 0);
        assert_true(load(p) < 0);
        assert_non_null(strstr(p->error, "Cannot read "));
        assert_int_equal(rmdir(p->file), 0);
}

static void test_settings_capabilities_are_those_of_codes(void **state)
{
        struct place *p = *state;
        char text[128];

        for (unsigned bit = 1; bit <= CAPABILITY_ALL; bit <<= 1) {
                (void)snprintf(text, sizeof(text), "[policy]\nceiling=%s\n", capability_name(bit));
                assert_int_equal(load_text(p, text), 0);
                assert_int_equal(p->settings.policy_ceiling, bit);
        }
        assert_int_equal((int)SETTINGS_CAPABILITIES, (int)CAPABILITY_ALL);
        assert_int_equal(load_text(p, "[policy]\nceiling=none\n"), 0);
        assert_int_equal(p->settings.policy_ceiling, 0);
        assert_int_equal(load_text(p, "[policy]\nceiling=all\n"), 0);
        assert_int_equal(p->settings.policy_ceiling, SETTINGS_CAPABILITIES);
}

/* Turns "#key = value" into "key = value" and leaves comments alone. */
static void uncomment(char *text)
{
        for (char *line = text; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
                        line[0] = ' ';
        }
}

static bool has_key(const char *text, const char *name)
{
        const char *dot = strchr(name, '.'), *at, *end;
        char section[80], key[80];

        (void)snprintf(section, sizeof(section), "[%.*s]\n", (int)(dot - name), name);
        (void)snprintf(key, sizeof(key), "\n %s =", dot + 1);
        at = strstr(text, section);
        if (!at)
                return false;
        end = strstr(at, "\n[");
        at = strstr(at, key);
        return at && (!end || at < end);
}

static void test_settings_file_that_is_installed_shows_all_defaults(void **state)
{
        struct place *p = *state;
        char text[8192], name[SETTINGS_TEXT_SIZE];
        FILE *f = fopen(SETTINGS_INSTALLED, "r");
        size_t n, n_keys = 0;

        assert_non_null(f);
        n = fread(text, 1, sizeof(text) - 1, f);
        assert_int_equal(fclose(f), 0);
        text[n] = '\0';
        assert_int_equal(load_text(p, text), 0);
        assert_defaults(&p->settings);

        uncomment(text);
        assert_int_equal(load_text(p, text), 0);
        assert_defaults(&p->settings);
        for (n = 0; settings_key(n, name); n++)
                if (!has_key(text, name))
                        fail_msg("conf/enrolld.conf does not have %s", name);
        for (const char *at = text; (at = strstr(at, "\n ")); at++)
                n_keys++;
        assert_int_equal(n_keys, n);
}

static void test_settings_one_key_is_set(void **state)
{
        struct place *p = *state;

        settings_default(&p->settings);
        assert_int_equal(
                settings_set(&p->settings, "hub", "name", "shed", p->error, sizeof(p->error)), 0);
        assert_string_equal(p->settings.hub_name, "shed");
        assert_int_equal(settings_set(&p->settings, "hub", "name", "", p->error, sizeof(p->error)),
                         -EINVAL);
        assert_string_equal(p->error,
                            "[hub] name must be 1 to 32 letters, digits, _ and -, not \"\"");
        assert_string_equal(p->settings.hub_name, "shed");
}

static void test_settings_site_is_put_together(void **state)
{
        struct place *p = *state;
        struct site site;
        char text[512];

        settings_default(&p->settings);
        settings_site(&p->settings, &site);
        assert_string_equal(site.location, "");
        assert_string_equal(site.owner, "");
        assert_false(site.has_position);
        assert_false(site.has_altitude);

        assert_int_equal(load_text(p, "[site]\nroom=Kitchen\nfloor=1\nstreet=Ring\n"
                                      "street_number=7\nlocality=Berlin\ncountry=DE\n"
                                      "organization=Acme\nunit=Labs\nperson=Ada\n"
                                      "latitude=52.5\nlongitude=13.25\naltitude=34\n"),
                         0);
        settings_site(&p->settings, &site);
        assert_string_equal(site.location, "Kitchen, 1, Ring 7, Berlin, DE");
        assert_string_equal(site.owner, "Ada, Labs, Acme");
        assert_string_equal(site.organization, "Acme / Labs");
        assert_string_equal(site.room, "Kitchen");
        assert_true(site.has_position && site.has_altitude);
        assert_true(site.latitude == 52.5 && site.longitude == 13.25 && site.altitude == 34);

        assert_int_equal(load_text(p, "[site]\nlatitude=52.5163\nlongitude=-13.3777\naltitude=34\n"
                                      "position=coarse\n"),
                         0);
        settings_site(&p->settings, &site);
        assert_true(site.has_position && !site.has_altitude);
        assert_true(site.latitude == 52.52 && site.longitude == -13.38);
        assert_int_equal(
                load_text(p, "[site]\nlatitude=52.5163\nlongitude=-13.3777\nposition=none\n"), 0);
        settings_site(&p->settings, &site);
        assert_false(site.has_position);

        /* A part that does not fit is left out, not cut. */
        (void)snprintf(text, sizeof(text),
                       "[site]\nroom=%064d\nlocality=Berlin\nlatitude=1\naltitude=1\n", 0);
        assert_int_equal(load_text(p, text), 0);
        settings_site(&p->settings, &site);
        assert_int_equal(strlen(site.location), 64);
        assert_null(strstr(site.location, "Berlin"));
        assert_false(site.has_position || site.has_altitude);
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                PLACE_TEST(test_settings_nothing_at_all_gives_the_defaults),
                PLACE_TEST(test_settings_every_key_is_read),
                PLACE_TEST(test_settings_values_keep_comment_characters),
                PLACE_TEST(test_settings_drop_ins_come_later_and_by_name),
                PLACE_TEST(test_settings_mistakes_name_place_key_and_what_is_allowed),
                PLACE_TEST(test_settings_long_line_is_refused),
                PLACE_TEST(test_settings_unreadable_file_is_told),
                PLACE_TEST(test_settings_capabilities_are_those_of_codes),
                PLACE_TEST(test_settings_file_that_is_installed_shows_all_defaults),
                PLACE_TEST(test_settings_one_key_is_set),
                PLACE_TEST(test_settings_site_is_put_together),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
