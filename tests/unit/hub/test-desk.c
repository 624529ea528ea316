/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "hub/desk.h"
#include "store/preference.h"
#include "support/store-sample.h"
#include "util/log.h"

/* The parts behind the desk, which note that they were asked, one letter each, and for what. */
static char asked[8];

static void note(char letter)
{
        size_t n = strlen(asked);

        assert_true(n + 1 < sizeof(asked));
        asked[n] = letter;
        asked[n + 1] = '\0';
}

static struct api_answer answer(char letter)
{
        note(letter);
        return api_refuse(REASON_BUSY);
}

struct api_answer intake_enroll(struct intake *intake, const uint8_t *code, size_t n_code,
                                const struct api_request *request)
{
        (void)intake;
        (void)request;
        assert_memory_equal(code, "ENR1", n_code);
        return answer('e');
}

struct api_answer intake_enroll_picture(struct intake *intake, int fd,
                                        const struct api_request *request)
{
        (void)intake;
        (void)request;
        assert_int_equal(fd, 7);
        return answer('p');
}

struct api_answer intake_scan(struct intake *intake, const struct api_request *request)
{
        (void)intake;
        (void)request;
        return answer('s');
}

struct api_answer window_open(struct window *window, const struct api_request *request,
                              unsigned *ret_seconds)
{
        (void)window;
        (void)request;
        *ret_seconds = 30;
        return answer('o');
}

struct api_answer window_close(struct window *window)
{
        (void)window;
        return answer('x');
}

void window_status(const struct window *window, struct api_status *status)
{
        (void)window;
        status->window_until = 8;
}

struct api_answer intake_cancel(struct intake *intake, const char *transaction)
{
        (void)intake;
        assert_string_equal(transaction, "a1b2");
        return answer('c');
}

struct api_answer roster_rename(const struct roster *roster, const char *device, const char *name)
{
        (void)roster;
        assert_string_equal(device, "hall");
        assert_string_equal(name, "attic");
        return answer('n');
}

struct api_answer roster_deliver(const struct roster *roster, const char *device,
                                 const struct store_delivery *delivery)
{
        (void)roster;
        (void)delivery;
        assert_string_equal(device, "hall");
        return answer('d');
}

void roster_remove(const struct roster *roster, const char *device, bool force,
                   const struct api_later *later)
{
        (void)roster;
        assert_string_equal(device, "hall");
        assert_true(force);
        api_settle(later, answer('r'));
}

void roster_command(const struct roster *roster, const struct command *command,
                    const struct api_later *later)
{
        (void)roster;
        (void)command;
        api_settle(later, answer('m'));
}

struct api_answer courier_send_again(const struct courier *courier, const char *device)
{
        (void)courier;
        assert_string_equal(device, "hall");
        return answer('k');
}

void bridge_clean(struct bridge *bridge, const struct api_request *request,
                  const struct api_later *later)
{
        (void)bridge;
        (void)request;
        api_settle(later, answer('b'));
}

void herald_info_changed(struct herald *herald)
{
        (void)herald;
        note('i');
}

void means_status(const struct means *means, struct api_status *status)
{
        (void)means;
        status->n_devices = 3;
}

void intake_status(const struct intake *intake, struct api_status *status)
{
        (void)intake;
        status->n_failed = 4;
}

void settle_status(const struct settle *settle, struct api_status *status)
{
        (void)settle;
        status->n_unfinished = 5;
}

void strays_status(const struct strays *strays, struct api_status *status)
{
        (void)strays;
        status->n_strays = 8;
}

void rounds_status(const struct rounds *rounds, struct api_status *status)
{
        (void)rounds;
        status->n_sessions = 6;
}

static void on_status(void *userdata, struct api_status *status)
{
        (void)userdata;
        status->n_enrolled = 7;
}

static void on_restart(void *userdata)
{
        (void)userdata;
        note('R');
}

/* A desk, and what it works with. */
struct office {
        struct places places;
        struct settings settings;
        struct means means;
        struct desk desk;
        struct api_backend backend;
};

static const struct api_handler *open_office(struct office *o, struct store_place *p)
{
        static const struct desk_handler handler = {on_status, on_restart};

        asked[0] = '\0';
        *o = (struct office){
                .settings = {.hub_name = "home", .mqtt_broker = "unix:/broker"},
                .means = {.places = &o->places, .settings = &o->settings, .store = p->store},
                .desk = {.means = &o->means, .handler = &handler},
        };
        o->backend = desk_backend(&o->desk, NULL, NULL);
        assert_ptr_equal(o->backend.store, p->store);
        return o->backend.handler;
}

static void on_outcome(void *userdata, const struct api_outcome *outcome)
{
        unsigned *n_outcomes = userdata;

        assert_int_equal(outcome->answer.reason, REASON_BUSY);
        (*n_outcomes)++;
}

static void test_desk_passes_each_question_to_its_part(void **state)
{
        unsigned n_outcomes = 0;
        const struct api_later later = {on_outcome, &n_outcomes};
        const struct api_handler *h;
        unsigned seconds;
        struct office o;
        void *desk = &o.desk;

        h = open_office(&o, *state);
        assert_int_equal(h->on_enroll(desk, (const uint8_t *)"ENR1", 4, NULL).reason, REASON_BUSY);
        assert_int_equal(h->on_enroll_picture(desk, 7, NULL).reason, REASON_BUSY);
        assert_int_equal(h->on_scan(desk, NULL).reason, REASON_BUSY);
        assert_int_equal(h->on_cancel(desk, "a1b2").reason, REASON_BUSY);
        assert_int_equal(h->on_open_window(desk, NULL, &seconds).reason, REASON_BUSY);
        assert_int_equal(h->on_close_window(desk).reason, REASON_BUSY);
        assert_string_equal(asked, "epscox");
        asked[0] = '\0';
        assert_int_equal(h->on_rename(desk, "hall", "attic").reason, REASON_BUSY);
        assert_int_equal(h->on_delivery(desk, "hall", NULL).reason, REASON_BUSY);
        assert_int_equal(h->on_send_keys(desk, "hall").reason, REASON_BUSY);
        h->on_remove(desk, "hall", true, &later);
        h->on_command(desk, NULL, &later);
        h->on_clean(desk, NULL, &later);
        assert_string_equal(asked, "ndkrmb");
        assert_int_equal(n_outcomes, 3);
}

static void test_desk_puts_the_status_together(void **state)
{
        struct api_status status;
        struct office o;

        open_office(&o, *state)->on_status(&o.desk, &status);
        assert_string_equal(status.version, PACKAGE_VERSION);
        assert_string_equal(status.hub, "home");
        assert_string_equal(status.broker, "unix:/broker");
        assert_int_equal(status.log_level, log_level());
        assert_int_equal(status.n_devices, 3);
        assert_int_equal(status.n_failed, 4);
        assert_int_equal(status.window_until, 8);
        assert_int_equal(status.n_unfinished, 5);
        assert_int_equal(status.n_strays, 8);
        assert_int_equal(status.n_sessions, 6);
        assert_int_equal(status.n_enrolled, 7);
        assert_int_equal(status.n_others, 0);
}

static void test_desk_refuses_a_restart_after_which_nobody_would_start_it(void **state)
{
        const struct api_handler *h;
        struct office o;

        h = open_office(&o, *state);
        assert_int_equal(h->on_restart(&o.desk).reason, REASON_RESTART_UNAVAILABLE);
        assert_string_equal(asked, "");
        o.places.restart_status = 75;
        assert_int_equal(h->on_restart(&o.desk).reason, REASON_NONE);
        assert_string_equal(asked, "R");
}

static void test_desk_shows_a_log_level_that_has_been_set(void **state)
{
        char text[STORE_PREFERENCE_SIZE];
        struct store_place *p = *state;
        const struct api_handler *h;
        struct office o;

        h = open_office(&o, p);
        assert_int_equal(h->on_log_level(&o.desk, LOG_WARNING).reason, REASON_NONE);
        assert_int_equal(log_level(), LOG_WARNING);
        assert_int_equal(store_preference_get(p->store, "log_level", text), 0);
        assert_string_equal(text, "warning");
        assert_string_equal(asked, "i");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_desk_passes_each_question_to_its_part),
                TEST(test_desk_puts_the_status_together),
                TEST(test_desk_refuses_a_restart_after_which_nobody_would_start_it),
                TEST(test_desk_shows_a_log_level_that_has_been_set),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
