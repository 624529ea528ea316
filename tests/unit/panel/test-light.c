/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "panel/light.h"
#include "support/haste.h"
#include "util/log.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */

/* A directory of LEDs with one, of files; a trigger that is written is the one in brackets then. */
struct world {
        char root[64], led[96];
        sd_event *event;
        struct light *light;
        unsigned n_changed;
};

static void path_of(const struct world *w, const char *file, char ret_path[160])
{
        (void)snprintf(ret_path, 160, "%s/%s", w->led, file);
}

static void put(const struct world *w, const char *file, const char *text)
{
        char path[160];
        FILE *f;

        path_of(w, file, path);
        f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void assert_file(const struct world *w, const char *file, const char *expected)
{
        char path[160], text[64] = "";
        FILE *f;

        path_of(w, file, path);
        f = fopen(path, "re");
        assert_non_null(f);
        (void)fgets(text, sizeof(text), f);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, expected);
}

static void drop(const struct world *w, const char *file)
{
        char path[160];

        path_of(w, file, path);
        assert_int_equal(unlink(path), 0);
}

static void make_led(const struct world *w, const char *trigger, const char *brightness)
{
        assert_int_equal(mkdir(w->led, 0700), 0);
        put(w, "trigger", trigger);
        put(w, "brightness", brightness);
        put(w, "max_brightness", "255\n");
        put(w, "delay_on", "500\n");
        put(w, "delay_off", "500\n");
}

static int set_up(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        (void)snprintf(w.root, sizeof(w.root), "/tmp/test-light.%d", (int)getpid());
        (void)snprintf(w.led, sizeof(w.led), "%s/enrolld", w.root);
        assert_int_equal(mkdir(w.root, 0700), 0);
        assert_int_equal(sd_event_new(&w.event), 0);
        haste = 1000;
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        static const char *const files[] = {"trigger", "brightness", "max_brightness", "delay_on",
                                            "delay_off"};
        struct world *w = *state;
        char path[160];

        haste = 1;
        w->light = light_free(w->light);
        w->event = sd_event_unref(w->event);
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                path_of(w, files[i], path);
                (void)unlink(path);
                (void)rmdir(path);
        }
        (void)rmdir(w->led);
        return rmdir(w->root);
}

static void on_changed(void *userdata)
{
        ((struct world *)userdata)->n_changed++;
}

static const struct light_handler handler = {.on_changed = on_changed};

static void use(struct world *w, const char *name)
{
        assert_int_equal(light_new(w->event, w->root, name, &handler, w, &w->light), 0);
}

static void turn(struct world *w)
{
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
}

static void wait_for(struct world *w, enum reason state)
{
        while (light_state(w->light) != state)
                turn(w);
}

static void test_light_signs_are_written_as_the_kernel_takes_them(void **state)
{
        static const struct {
                enum light_sign sign;
                const char *trigger, *brightness, *delay_on, *delay_off; /* NULL: as it was */
        } cases[] = {
                {LIGHT_WAITING, "timer", NULL, "100", "1900"},
                {LIGHT_READ, "none", "255", NULL, NULL},
                {LIGHT_WORKING, "timer", NULL, "1000", "1000"},
                {LIGHT_FAILED, NULL, NULL, "100", "100"},
                {LIGHT_DONE, "none", "255", NULL, NULL},
                {LIGHT_OFF, NULL, "0", NULL, NULL},
        };
        struct world *w = *state;

        make_led(w, "[none] timer heartbeat\n", "0\n");
        use(w, "enrolld");
        turn(w);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                light_show(w->light, cases[i].sign);
                if (cases[i].trigger) {
                        assert_file(w, "trigger", cases[i].trigger);
                        put(w, "trigger",
                            cases[i].trigger[0] == 't' ? "none [timer] heartbeat\n"
                                                       : "[none] timer heartbeat\n");
                }
                if (cases[i].brightness)
                        assert_file(w, "brightness", cases[i].brightness);
                if (cases[i].delay_on)
                        assert_file(w, "delay_on", cases[i].delay_on);
                if (cases[i].delay_off)
                        assert_file(w, "delay_off", cases[i].delay_off);
        }
        assert_int_equal(light_state(w->light), REASON_NONE);
        assert_int_equal(w->n_changed, 0);
}

static void test_light_that_shows_the_same_is_not_written(void **state)
{
        struct world *w = *state;

        make_led(w, "[none] timer\n", "0\n");
        use(w, "enrolld");
        turn(w);
        light_show(w->light, LIGHT_DONE);
        put(w, "brightness", "7");
        light_show(w->light, LIGHT_DONE);
        assert_file(w, "brightness", "7");
        assert_file(w, "trigger", "[none] timer\n");
}

static void test_light_is_at_the_end_what_it_was(void **state)
{
        struct world *w = *state;

        make_led(w, "[none] timer\n", "40\n");
        use(w, "enrolld");
        turn(w);
        assert_file(w, "brightness", "0");
        w->light = light_free(w->light);
        assert_file(w, "brightness", "40");
        put(w, "trigger", "none timer [heartbeat]\n");
        use(w, "enrolld");
        turn(w);
        assert_file(w, "trigger", "none");
        put(w, "trigger", "[none] timer heartbeat\n");
        put(w, "brightness", "0\n");
        w->light = light_free(w->light);
        assert_file(w, "trigger", "heartbeat");
        assert_file(w, "brightness", "0\n");
}

static void test_light_that_is_missing_is_a_state_until_it_is_there(void **state)
{
        struct world *w = *state;

        use(w, "enrolld");
        wait_for(w, REASON_LIGHT_UNAVAILABLE);
        light_show(w->light, LIGHT_WORKING);
        assert_int_equal(w->n_changed, 1);
        make_led(w, "[none] timer\n", "0\n");
        wait_for(w, REASON_NONE);
        assert_int_equal(w->n_changed, 2);
        assert_file(w, "trigger", "timer");
        assert_file(w, "delay_on", "1000");
}

/* As udev gives the delays to the hub only after the trigger is there. */
static void test_light_whose_delays_come_later_blinks_as_it_should(void **state)
{
        struct world *w = *state;

        make_led(w, "[none] timer\n", "0\n");
        drop(w, "delay_on");
        drop(w, "delay_off");
        use(w, "enrolld");
        turn(w);
        light_show(w->light, LIGHT_FAILED);
        assert_file(w, "trigger", "timer");
        put(w, "trigger", "none [timer]\n");
        turn(w);
        assert_int_equal(light_state(w->light), REASON_NONE);
        assert_file(w, "trigger", "none [timer]\n");
        put(w, "delay_on", "500\n");
        put(w, "delay_off", "500\n");
        turn(w);
        assert_file(w, "delay_on", "100");
        assert_file(w, "delay_off", "100");
        assert_int_equal(w->n_changed, 0);
}

/* A directory in the place of a file cannot be written, by nobody. */
static void test_light_that_cannot_be_written_is_a_state(void **state)
{
        struct world *w = *state;
        char path[160];

        make_led(w, "[none] timer\n", "0\n");
        use(w, "enrolld");
        turn(w);
        drop(w, "brightness");
        path_of(w, "brightness", path);
        assert_int_equal(mkdir(path, 0700), 0);
        light_show(w->light, LIGHT_DONE);
        wait_for(w, REASON_LIGHT_UNAVAILABLE);
        assert_int_equal(w->n_changed, 1);
        assert_int_equal(rmdir(path), 0);
        put(w, "brightness", "0\n");
        wait_for(w, REASON_NONE);
        assert_file(w, "brightness", "255");
}

static void test_light_with_triggers_that_cannot_be_is_a_state(void **state)
{
        struct world *w = *state;

        make_led(w, "none timer]\n", "0\n");
        use(w, "enrolld");
        wait_for(w, REASON_LIGHT_UNAVAILABLE);
        put(w, "trigger", "[a-trigger-with-a-name-that-is-longer-than-any]\n");
        for (unsigned i = 0; i < 3; i++)
                turn(w);
        assert_int_equal(light_state(w->light), REASON_LIGHT_UNAVAILABLE);
}

static void test_light_that_the_settings_do_not_name_is_no_problem(void **state)
{
        struct world *w = *state;

        use(w, "");
        light_show(w->light, LIGHT_DONE);
        assert_int_equal(sd_event_run(w->event, 10000), 0);
        assert_int_equal(light_state(w->light), REASON_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_light_signs_are_written_as_the_kernel_takes_them),
                TEST(test_light_that_shows_the_same_is_not_written),
                TEST(test_light_is_at_the_end_what_it_was),
                TEST(test_light_that_is_missing_is_a_state_until_it_is_there),
                TEST(test_light_whose_delays_come_later_blinks_as_it_should),
                TEST(test_light_that_cannot_be_written_is_a_state),
                TEST(test_light_with_triggers_that_cannot_be_is_a_state),
                TEST(test_light_that_the_settings_do_not_name_is_no_problem),
        };

        log_open("test-light", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
