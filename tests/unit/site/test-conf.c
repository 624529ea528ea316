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

#include "site/conf.h"
#include "util/defer.h"

struct place {
        char directory[128];
        char file[192];
        struct settings settings;
        bool must_exist;
        unsigned n_files, n_errors;
        char errors[8192]; /* one on a line */
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

static void on_error(void *userdata, const char *path, unsigned line, const char *text)
{
        struct place *p = userdata;
        size_t n = strlen(p->errors);

        p->n_errors++;
        (void)snprintf(p->errors + n, sizeof(p->errors) - n, "%s:%u: %s\n", strrchr(path, '/') + 1,
                       line, text);
}

static int load(struct place *p)
{
        static const struct conf_handler handler = {.on_error = on_error};

        p->errors[0] = '\0';
        p->n_errors = 0;
        return conf_load(p->file, p->must_exist, &handler, p, &p->settings, &p->n_files);
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
        assert_true(s->bluetooth_coc);
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

static void test_conf_nothing_at_all_gives_the_defaults(void **state)
{
        struct place *p = *state;

        assert_int_equal(load(p), 0);
        assert_defaults(&p->settings);
        assert_int_equal(load_text(p, ""), 0);
        assert_defaults(&p->settings);
        assert_int_equal(load_text(p, "\n# a comment\n; another\n  # and one more\n[mqtt]\n"), 0);
        assert_defaults(&p->settings);
}

static void test_conf_every_key_is_read(void **state)
{
        struct place *p = *state;
        const struct settings *s = &p->settings;
        char text[2048], file[192];

        place_write(p, "secret", "x");
        (void)snprintf(file, sizeof(file), "%s/secret", p->directory);
        (void)snprintf(text, sizeof(text),
                       "[hub]\nname=attic_2\n"
                       "[mqtt]\nbroker=unix:/run/mqtt.sock\nuser=u\npassword_file=%s\n"
                       "ca_file=%s\ncert_file=%s\nkey_file=%s\n"
                       "[bluetooth]\nenabled=no\nadapter=hci12\ncoc=no\npower=yes\n"
                       "[link]\nstream=unix:/tmp/no\nstream=none\n"
                       "stream=serial:/dev/ttyUSB0:115200\n"
                       "stream=unix:/run/device\nstream=unix:/run/device\n"
                       "[camera]\ndevice=/dev/video2\nseconds=3600\n"
                       "[site]\ncountry=DE\nstate=BE\nlocality=Berlin\nstreet=Ring\n"
                       "street_number=7b\nbuilding=A\nfloor=1\nroom=Küche\n"
                       "organization=Acme\nunit=Labs\nrole=Owner\nperson=Ada\n"
                       "latitude=-52.5\nlongitude=+13.25\naltitude=34\n"
                       "[policy]\nceiling=key.forward, channel.publish\n"
                       "[timeouts]\nfind=1\nfailsafe=900\n",
                       file, file, file, file);
        assert_int_equal(load_text(p, text), 0);
        assert_string_equal(s->hub_name, "attic_2");
        assert_string_equal(s->mqtt_broker, "unix:/run/mqtt.sock");
        assert_string_equal(s->mqtt_user, "u");
        assert_string_equal(s->mqtt_password_file, file);
        assert_string_equal(s->mqtt_ca_file, file);
        assert_string_equal(s->mqtt_cert_file, file);
        assert_string_equal(s->mqtt_key_file, file);
        assert_false(s->bluetooth_enabled);
        assert_string_equal(s->bluetooth_adapter, "hci12");
        assert_false(s->bluetooth_coc);
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

static void test_conf_values_keep_comment_characters(void **state)
{
        struct place *p = *state;

        assert_int_equal(load_text(p, "[mqtt]\r\n  user = a ;b #c; d\r\n\tca_file=\n"
                                      "[site]\nroom=; first\nfloor=x = y: z\n"),
                         0);
        assert_string_equal(p->settings.mqtt_user, "a ;b #c; d");
        assert_string_equal(p->settings.site_room, "; first");
        assert_string_equal(p->settings.site_floor, "x = y: z");
}

static void test_conf_drop_ins_come_later_and_by_name(void **state)
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
        assert_int_equal(p->n_files, 3);

        place_write(p, "conf.d/50-e.conf", "[site]\n\nrom=e\n");
        assert_int_equal(load(p), -EINVAL);
        assert_non_null(strstr(p->errors, "50-e.conf:3: "));
        assert_string_equal(p->settings.site_room, "b"); /* as it was */
}

static void test_conf_mistakes_name_line_and_what_would_do(void **state)
{
        static const struct {
                const char *text, *errors[3];
        } cases[] = {
                {"[mqtt]\nbrokr=x\n",
                 {":2: [mqtt] has no key \"brokr\"; its keys are broker, user, "}},
                {"[mqt]\nbroker=x\nuser=y\n",
                 {":1: there is no section [mqt]; the sections are hub, mqtt, "}},
                {"[mqt]\n[hub]\nname=\n", {":1: there is no section", ":3: [hub] name must be"}},
                {"name=x\n", {":1: \"name\" is not in a section"}},
                {"[hub]\n\nname\n", {":3: this is neither a [section] nor"}},
                {"[hub]\nname: attic\n", {":2: this is neither a [section] nor"}},
                {"[hub]\n= x\n", {":2: [hub] has no key \"\""}},
                {"[hub\nname=x\n", {":1: the section has no closing bracket"}},
                {"[hub] name=x\n", {":1: something follows the section [hub]; a key goes on"}},
                {"[hub]name=x\nname=\n", {":1: something follows", ":2: [hub] name must be"}},
                {"[hub] [mqtt]\n", {":1: something follows the section [hub]"}},
                {"[mqtt]\nbroker=tcp:localhost:99999\n",
                 {":2: [mqtt] broker must be tcp:HOST:PORT or unix:/PATH, not "
                  "\"tcp:localhost:99999\": the port is not a number from 1 to 65535"}},
                {"[link]\nstream=serial:/dev/ttyUSB0\n[timeouts]\nfind=0\n[site]\nroom=\xff\n",
                 {":2: [link] stream must be", ":4: [timeouts] find must be seconds from 1 to 3600",
                  ":6: [site] room must be text of at most 64 bytes"}},
                {"[site]\nroom=a\x1b[31m\n", {":2: the line has a control character"}},
                {"[site]\nroom=a\rfloor=b\n", {":2: the line has a control character"}},
                {"\xff\xfe[\n", {":1: the file is UTF-16; save it as UTF-8"}},
        };
        struct place *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t n = 0;

                assert_int_equal(load_text(p, cases[i].text), -EINVAL);
                for (; n < ELEMENTSOF(cases[i].errors) && cases[i].errors[n]; n++)
                        if (!strstr(p->errors, cases[i].errors[n]))
                                fail_msg("%s -> %s", cases[i].text, p->errors);
                if (p->n_errors != n)
                        fail_msg("%s -> %s", cases[i].text, p->errors);
        }
}

static void test_conf_mark_line_ends_and_comments_of_other_editors_are_taken(void **state)
{
        struct place *p = *state;

        assert_int_equal(load_text(p, "\xef\xbb\xbf[hub]\r\nname = attic\r\n\r\n# x\r\n"
                                      "[site] # where it is\r\nroom = Küche"),
                         0);
        assert_string_equal(p->settings.hub_name, "attic");
        assert_string_equal(p->settings.site_room, "Küche");
}

static void test_conf_errors_of_all_files_come_at_once_up_to_a_number(void **state)
{
        struct place *p = *state;
        char text[4096] = "[hub]\n";

        place_write(p, "conf.d/10-a.conf", "[hub]\nnmae=x\n");
        place_write(p, "conf.d/20-b.conf", "[camera]\nseconds=0\n");
        assert_int_equal(load_text(p, "[hub]\nname=/\n"), -EINVAL);
        assert_int_equal(p->n_errors, 3);
        assert_non_null(strstr(p->errors, "enrolld.conf:2: [hub] name must be"));
        assert_non_null(strstr(p->errors, "10-a.conf:2: [hub] has no key"));
        assert_non_null(strstr(p->errors, "20-b.conf:2: [camera] seconds must be"));

        for (int i = 0; i < 30; i++)
                strcat(text, "wrong\n");
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_int_equal(p->n_errors, CONF_ERRORS_MAX + 1);
        assert_non_null(strstr(p->errors, "enrolld.conf:0: there are 12 more errors"));
}

static void test_conf_file_that_must_exist_and_does_not_is_an_error(void **state)
{
        struct place *p = *state;

        assert_int_equal(load(p), 0);
        assert_int_equal(p->n_files, 0);
        p->must_exist = true;
        assert_int_equal(load(p), -EINVAL);
        assert_string_equal(p->errors,
                            "enrolld.conf:0: cannot read the file: No such file or directory\n");
        place_write(p, "enrolld.conf", "");
        assert_int_equal(load(p), 0);
}

static void test_conf_unreadable_file_is_reported(void **state)
{
        char text[CONF_BYTES_MAX + 3];
        struct place *p = *state;

        memset(text, '\n', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_non_null(strstr(p->errors, "more than 65536 bytes"));
        assert_int_equal(unlink(p->file), 0);
        assert_int_equal(mkdir(p->file, 0700), 0);
        assert_int_equal(load(p), -EINVAL);
        assert_non_null(strstr(p->errors, "cannot read the file: Is a directory"));
        assert_int_equal(rmdir(p->file), 0);
}

/* The value that counts is looked at, and its line is named. */
static void test_conf_files_that_are_named_must_be_readable(void **state)
{
        struct place *p = *state;
        char text[1024];

        place_write(p, "there", "x");
        (void)snprintf(text, sizeof(text), "[mqtt]\nca_file=/does/not/exist\nca_file=%s/there\n",
                       p->directory);
        assert_int_equal(load_text(p, text), 0);
        (void)snprintf(text, sizeof(text),
                       "[mqtt]\nuser=u\npassword_file=/does/not/exist\nca_file=%s/there\n"
                       "cert_file=%s\nkey_file=/does/not/exist\n",
                       p->directory, p->directory);
        assert_int_equal(load_text(p, text), -EINVAL);
        assert_int_equal(p->n_errors, 3);
        assert_non_null(strstr(p->errors, "enrolld.conf:3: mqtt.password_file: cannot read "
                                          "/does/not/exist: No such file or directory; "));
        assert_non_null(strstr(p->errors, "enrolld.conf:5: mqtt.cert_file: cannot read "));
        assert_non_null(strstr(p->errors, "Is a directory"));
        assert_non_null(strstr(p->errors, "enrolld.conf:6: mqtt.key_file: cannot read "));
}

static void test_conf_keys_that_belong_together_are_set_together(void **state)
{
        static const struct {
                const char *keys, *error;
        } cases[] = {
                {"password_file=@\n", "mqtt.password_file is set and mqtt.user is not"},
                {"ca_file=@\ncert_file=@\n", "mqtt.cert_file is set and mqtt.key_file is not"},
                {"ca_file=@\nkey_file=@\n", "mqtt.key_file is set and mqtt.cert_file is not"},
                {"cert_file=@\nkey_file=@\n", "mqtt.cert_file is set and mqtt.ca_file is not"},
        };
        struct place *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[1024] = "[mqtt]\n";
                const char *at = cases[i].keys;

                place_write(p, "there", "x");
                for (; *at; at++) {
                        size_t n = strlen(text);

                        if (*at != '@') {
                                text[n] = *at;
                                text[n + 1] = '\0';
                                continue;
                        }
                        (void)snprintf(text + n, sizeof(text) - n, "%s/there", p->directory);
                }
                assert_int_equal(load_text(p, text), -EINVAL);
                if (p->n_errors != 1 || !strstr(p->errors, cases[i].error))
                        fail_msg("%s -> %s", text, p->errors);
        }
}

static void test_conf_password_is_a_line_of_text(void **state)
{
        static const struct {
                const char *content, *error;
        } cases[] = {
                {"", "has no password in its first line; write"},
                {"\nsecret\n", "has no password in its first line"},
                {"sec\tret\n", "has a control character in its first line"},
                {"sec\x7fret", "has a control character in its first line"},
        };
        struct place *p = *state;
        char text[512];

        (void)snprintf(text, sizeof(text), "[mqtt]\nuser=u\npassword_file=%s/secret\n",
                       p->directory);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                place_write(p, "secret", cases[i].content);
                assert_int_equal(load_text(p, text), -EINVAL);
                if (p->n_errors != 1 || !strstr(p->errors, cases[i].error) ||
                    strstr(p->errors, "sec\t"))
                        fail_msg("row %zu: %s", i, p->errors);
        }
        place_write(p, "secret",
                    "a #;s\xc3\xa9"
                    "cret \r\n\t");
        assert_int_equal(load_text(p, text), 0);
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

static void test_conf_file_that_is_installed_shows_all_defaults(void **state)
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

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                PLACE_TEST(test_conf_nothing_at_all_gives_the_defaults),
                PLACE_TEST(test_conf_every_key_is_read),
                PLACE_TEST(test_conf_values_keep_comment_characters),
                PLACE_TEST(test_conf_drop_ins_come_later_and_by_name),
                PLACE_TEST(test_conf_mistakes_name_line_and_what_would_do),
                PLACE_TEST(test_conf_mark_line_ends_and_comments_of_other_editors_are_taken),
                PLACE_TEST(test_conf_errors_of_all_files_come_at_once_up_to_a_number),
                PLACE_TEST(test_conf_file_that_must_exist_and_does_not_is_an_error),
                PLACE_TEST(test_conf_unreadable_file_is_reported),
                PLACE_TEST(test_conf_files_that_are_named_must_be_readable),
                PLACE_TEST(test_conf_keys_that_belong_together_are_set_together),
                PLACE_TEST(test_conf_password_is_a_line_of_text),
                PLACE_TEST(test_conf_file_that_is_installed_shows_all_defaults),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
