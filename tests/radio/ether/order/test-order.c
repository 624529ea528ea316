/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "order/lab.h"
#include "order/order.h"
#include "util/defer.h"

static const uint8_t reset[] = {0x01, 0x03, 0x0c, 0x00};

static struct way *way(struct lab *lab, unsigned from, unsigned to)
{
        return space_way(air_space(room_air(lab->room)), from, to);
}

static void plug_two(struct lab *lab)
{
        assert_string_equal(lab_order(lab, "plug hub"), "hub hci0 00:AA:01:00:00:00\n");
        assert_string_equal(lab_order(lab, "plug device"), "device hci1 00:AA:01:00:00:01\n");
}

/* --- controllers --- */

static void test_order_plug_answers_where_it_is(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        assert_string_equal(lab_order(lab, "plug x links=3 legacy address=C0:FF:EE:00:00:01"),
                            "x hci2 C0:FF:EE:00:00:01\n");
        assert_int_equal(plug_settings(room_find(lab->room, "x"))->n_links, 3);
        assert_true(plug_settings(room_find(lab->room, "x"))->legacy);
        assert_int_equal(plug_settings(room_find(lab->room, "hub"))->n_links, 32);
        assert_false(plug_settings(room_find(lab->room, "hub"))->legacy);
}

static void test_order_plug_is_refused_with_a_reason(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        assert_string_equal(lab_refused(lab, "plug hub", "already_plugged"),
                            "'hub' is plugged in; 'unplug hub' first");
        (void)lab_refused(lab, "plug a-b", "bad_name");
        (void)lab_refused(lab, "plug a>b", "bad_name");
        (void)lab_refused(lab, "plug ok", "bad_name");
        (void)lab_refused(lab, "plug error", "bad_name");
        (void)lab_refused(lab, "plug n1234567890123456789012345678901", "bad_name");
        (void)lab_refused(lab, "plug x links=0", "bad_value");
        (void)lab_refused(lab, "plug x links=65", "bad_value");
        (void)lab_refused(lab, "plug x address=00:AA", "bad_value");
        (void)lab_refused(lab, "plug x colour=red", "bad_value");
        (void)lab_refused(lab, "plug x address=00:AA:01:00:00:01", "address_taken");
        (void)lab_refused(lab, "plug", "wrong_arguments");
        assert_null(room_find(lab->room, "x"));
}

static void test_order_plug_without_a_driver_says_what_to_do(void **state)
{
        struct lab *lab = *state;

        lab->no_host = -ENOENT;
        assert_non_null(strstr(lab_refused(lab, "plug hub", "no_vhci"), "modprobe hci_vhci"));
        lab->no_host = -EACCES;
        assert_non_null(strstr(lab_refused(lab, "plug hub", "no_vhci"), "root"));
        lab->no_host = -EMFILE;
        (void)lab_refused(lab, "plug hub", "failed");
        assert_null(room_find(lab->room, "hub"));
        lab->no_host = 0;
        assert_string_equal(lab_order(lab, "plug hub"), "hub hci0 00:AA:01:00:00:00\n");
}

static void test_order_plug_beyond_the_air_is_refused(void **state)
{
        struct lab *lab = *state;
        char line[32];

        for (unsigned i = 0; i < SPACE_RADIOS; i++) {
                (void)snprintf(line, sizeof(line), "plug n%u", i);
                (void)lab_order(lab, line);
        }
        (void)lab_refused(lab, "plug more", "full");
        (void)lab_order(lab, "unplug n7");
        (void)lab_order(lab, "plug more");
}

static void test_order_plugged_again_keeps_address_and_ways(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_order(lab, "plug x links=3 address=C0:FF:EE:00:00:01");
        (void)lab_order(lab, "loss hub-x 0.25");
        (void)lab_order(lab, "unplug x");
        assert_null(strstr(lab_order(lab, "list"), "hci2"));
        assert_non_null(strstr(lab->answer, "x unplugged C0:FF:EE:00:00:01"));
        (void)lab_order(lab, "signal hub>x -70");
        assert_string_equal(lab_order(lab, "plug x"), "x hci3 C0:FF:EE:00:00:01\n");
        assert_int_equal(plug_settings(room_find(lab->room, "x"))->n_links, 3);
        assert_float_equal(way(lab, 2, 0)->loss, 0.25, 0);
        assert_int_equal(way(lab, 0, 2)->signal, -70);
}

static void test_order_plugged_in_the_place_of_another_begins_anew(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_order(lab, "loss hub-device 0.25");
        (void)lab_order(lab, "mute device");
        way(lab, 0, 1)->tally.packets = 7;
        (void)lab_order(lab, "unplug device");
        (void)lab_order(lab, "plug other");
        assert_int_equal(room_number(lab->room, room_find(lab->room, "other")), 1);
        assert_float_equal(way(lab, 0, 1)->loss, 0, 0);
        assert_false(space_muted(air_space(room_air(lab->room)), 1));
        assert_int_equal(way(lab, 0, 1)->tally.packets, 0);
        assert_non_null(strstr(lab_refused(lab, "loss hub>device 1", "not_plugged"), "plug"));
        (void)lab_order(lab, "plug device");
        (void)lab_order(lab, "loss hub>device 1");
        assert_float_equal(way(lab, 0, 2)->loss, 1, 0);
}

static void test_order_a_plug_whose_host_goes_is_unplugged(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)shutdown(lab->hosts[1], SHUT_RDWR);
        lab_wait(lab, 5);
        assert_non_null(strstr(lab_order(lab, "list"), "device unplugged"));
        (void)lab_order(lab, "plug device");
}

static void test_order_frozen_controller_answers_when_thawed(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_order(lab, "freeze hub");
        assert_non_null(
                strstr(lab_order(lab, "list"), "hub hci0 00:AA:01:00:00:00 links=32 frozen"));
        lab_say(lab, 0, reset, sizeof(reset));
        assert_false(lab_hear(lab, 0, 20));
        (void)lab_order(lab, "thaw hub");
        assert_true(lab_hear(lab, 0, 1000));
        assert_memory_equal(lab->packet, "\x04\x0e\x04\x01\x03\x0c\x00", 7);
        assert_null(strstr(lab_order(lab, "list"), "frozen"));
}

static void test_order_mute_and_unmute(void **state)
{
        struct lab *lab = *state;
        struct space *space = air_space(room_air(lab->room));

        plug_two(lab);
        (void)lab_order(lab, "mute device");
        assert_false(space_in_range(space, 0, 1));
        assert_non_null(strstr(lab_order(lab, "list"), "links=32 muted"));
        (void)lab_order(lab, "unmute device");
        assert_true(space_in_range(space, 0, 1));
}

static void test_order_on_no_controller_is_refused(void **state)
{
        static const char *const orders[] = {"unplug x", "freeze x", "thaw x",         "mute x",
                                             "unmute x", "hold x>a", "record x /tmp/x"};
        struct lab *lab = *state;

        for (size_t i = 0; i < ELEMENTSOF(orders); i++)
                assert_string_equal(lab_refused(lab, orders[i], "unknown_controller"),
                                    "'x' is not plugged in; 'list' shows what is");
        plug_two(lab);
        (void)lab_order(lab, "unplug hub");
        assert_string_equal(lab_refused(lab, "freeze hub", "not_plugged"),
                            "'hub' is unplugged; 'plug hub' plugs it in again");
        (void)lab_refused(lab, "unplug hub", "not_plugged");
}

/* --- ways --- */

static void test_order_ways_are_one_direction_or_both(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_order(lab, "signal hub>device -90");
        assert_int_equal(way(lab, 0, 1)->signal, -90);
        assert_int_equal(way(lab, 1, 0)->signal, SPACE_NEAR);
        (void)lab_order(lab, "signal device-hub -60");
        assert_int_equal(way(lab, 0, 1)->signal, -60);
        assert_int_equal(way(lab, 1, 0)->signal, -60);
        (void)lab_order(lab, "loss hub-device 0.05");
        assert_float_equal(way(lab, 1, 0)->loss, 0.05, 1e-9);
        (void)lab_order(lab, "hold device>hub");
        assert_true(way(lab, 1, 0)->held);
        assert_false(way(lab, 0, 1)->held);
        (void)lab_order(lab, "release device-hub");
        assert_false(way(lab, 1, 0)->held);
        (void)lab_order(lab, "drop hub>device 12");
        assert_int_equal(way(lab, 0, 1)->drop, 12);
        (void)lab_order(lab, "drop hub>device 0");
        assert_int_equal(way(lab, 0, 1)->drop, 0);
        (void)lab_order(lab, "forge hub>device result 0x05");
        assert_int_equal(way(lab, 0, 1)->forgery.kind, FORGERY_RESULT);
        assert_int_equal(way(lab, 0, 1)->forgery.value, 5);
        (void)lab_order(lab, "forge hub>device length");
        assert_int_equal(way(lab, 0, 1)->forgery.kind, FORGERY_LENGTH);
        assert_int_equal(way(lab, 0, 1)->forgery.value, 0);
        (void)lab_order(lab, "forge hub>device off");
        assert_int_equal(way(lab, 0, 1)->forgery.kind, FORGERY_OFF);
        (void)lab_order(lab, "refuse hub>device");
        assert_int_equal(way(lab, 0, 1)->refusals, 1);
        (void)lab_order(lab, "refuse hub>device 5");
        assert_int_equal(way(lab, 0, 1)->refusals, 5);
}

static void test_order_ways_that_are_none_are_refused(void **state)
{
        static const char *const bad[] = {"hub",         "hub>",           ">hub",    "hub-",
                                          "hub>>device", "hub>device>hub", "hub>hub", "hub<device"};
        struct lab *lab = *state;
        char line[64];

        plug_two(lab);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                (void)snprintf(line, sizeof(line), "hold %s", bad[i]);
                (void)lab_refused(lab, line, "bad_way");
        }
        (void)lab_refused(lab, "drop hub-device 1", "bad_way");
        (void)lab_refused(lab, "refuse hub-device", "bad_way");
        (void)lab_refused(lab, "forge hub-device reject", "bad_way");
        (void)lab_refused(lab, "cut hub>device", "bad_way");
        (void)lab_refused(lab, "hold hub>nobody", "unknown_controller");
}

static void test_order_values_out_of_range_are_refused(void **state)
{
        static const char *const bad[] = {
                "signal hub>device -128",
                "signal hub>device 21",
                "signal hub>device loud",
                "loss hub>device 1.1",
                "loss hub>device -0.1",
                "loss hub>device x",
                "drop hub>device -1",
                "drop hub>device x",
                "refuse hub>device -1",
                "forge hub>device x",
                "forge hub>device length -1",
                "forge hub>device length 65536",
                "cut hub-device 0",
                "cut hub-device 256",
                "factor 0",
                "factor 1001",
                "factor fast",
                "flood x 1",
                "flood 10 x",
                "flood 10 0",
                "flood 10 10 -200",
                "flood 100001 1",
                "after 10 list",
                "after soon list",
                "after 2d list",
                "cut hub-device x",
        };
        struct lab *lab = *state;

        plug_two(lab);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                (void)lab_refused(lab, bad[i], "bad_value");
}

static void test_order_cut_without_a_link_is_refused(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_refused(lab, "cut hub-device", "no_link");
        (void)lab_refused(lab, "cut hub-device 0x13", "no_link");
}

/* --- the rest --- */

static void test_order_flood_is_heard_by_who_listens(void **state)
{
        struct lab *lab = *state;

        (void)lab_refused(lab, "flood 10", "wrong_arguments");
        (void)lab_order(lab, "flood 10 100");
        assert_true(air_next(room_air(lab->room)) < UINT64_MAX);
        (void)lab_order(lab, "flood 0");
        assert_true(air_next(room_air(lab->room)) == UINT64_MAX);
}

static void test_order_factor_is_kept(void **state)
{
        struct lab *lab = *state;

        (void)lab_order(lab, "factor 2.5");
        assert_float_equal(room_factor(lab->room), 2.5, 0);
}

static void test_order_after_is_checked_when_given(void **state)
{
        struct lab *lab = *state;

        (void)lab_refused(lab, "after 1s frobnicate", "unknown_order");
        (void)lab_refused(lab, "after 1s unplug", "wrong_arguments");
        (void)lab_refused(lab, "after 1s", "wrong_arguments");
        (void)lab_order(lab, "after 1s unplug hub # which is not there yet");
}

static void test_order_after_is_done_in_its_time(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_order(lab, "after 250us factor 10");
        (void)lab_order(lab, "after 20ms after 10ms loss hub>device 0.5");
        (void)lab_order(lab, "after 10ms mute nobody");
        (void)lab_order(lab, "factor 1");
        assert_return_code(room_start(lab->room), 0);
        lab_wait(lab, 1);
        while (way(lab, 0, 1)->loss < 0.5)
                (void)sd_event_run(lab->event, 1000);
        assert_float_equal(room_factor(lab->room), 10, 0);
        assert_string_equal(lab->refused, "mute nobody: unknown_controller");
        assert_true(room_now(lab->room) >= 30000);
}

static void test_order_after_too_many_is_refused(void **state)
{
        struct lab *lab = *state;

        for (unsigned i = 0; i < 10000; i++)
                (void)lab_order(lab, "after 1s list");
        (void)lab_refused(lab, "after 1s list", "full");
}

static void test_order_at_is_checked_when_given(void **state)
{
        struct lab *lab = *state;

        plug_two(lab);
        (void)lab_refused(lab, "at hub>device 1 frobnicate", "unknown_order");
        (void)lab_refused(lab, "at hub>device 1 unplug", "wrong_arguments");
        (void)lab_refused(lab, "at hub>device 1", "wrong_arguments");
        (void)lab_refused(lab, "at hub>device 0 mute hub", "bad_value");
        (void)lab_refused(lab, "at hub-device 1 mute hub", "bad_way");
        (void)lab_order(lab, "at hub>device 1 mute another # which is not there yet");
}

static void test_order_run_is_over_when_it_is_answered(void **state)
{
        struct lab *lab = *state;
        char path[] = "/tmp/test-order-XXXXXX", line[64];
        struct stat status;

        assert_return_code(close(mkstemp(path)), errno);
        (void)snprintf(line, sizeof(line), "run printf '%%s' 'as is' >%s", path);
        (void)lab_order(lab, line);
        assert_return_code(stat(path, &status), errno);
        assert_int_equal(status.st_size, strlen("as is"));
        assert_return_code(unlink(path), errno);
}

static void test_order_record_begins_and_ends(void **state)
{
        struct lab *lab = *state;
        struct stat status;
        char path[] = "/tmp/test-order-XXXXXX", line[64];

        assert_return_code(close(mkstemp(path)), errno);
        plug_two(lab);
        (void)lab_refused(lab, "record hub /nowhere/hub", "cannot_record");
        (void)snprintf(line, sizeof(line), "record hub %s", path);
        (void)lab_order(lab, line);
        assert_non_null(strstr(lab_order(lab, "list"), "record=/tmp/test-order-"));
        lab_command(lab, 0, 0x0c03, NULL, 0);
        (void)lab_order(lab, "record hub off");
        assert_null(strstr(lab_order(lab, "list"), "record="));
        lab_command(lab, 0, 0x0c03, NULL, 0);
        assert_return_code(stat(path, &status), errno);
        assert_int_equal(status.st_size, 16 + 24 + 4 + 24 + 7);
        assert_return_code(unlink(path), errno);
}

static void test_order_record_of_a_directory_is_for_every_name(void **state)
{
        struct lab *lab = *state;
        char directory[] = "/tmp/test-order-XXXXXX", path[64];

        assert_non_null(mkdtemp(directory));
        assert_int_equal(room_record(lab->room, directory), 0);
        (void)lab_order(lab, "plug hub");
        lab_command(lab, 0, 0x0c03, NULL, 0);
        (void)lab_order(lab, "unplug hub");
        (void)lab_order(lab, "plug hub");
        (void)lab_order(lab, "record hub off");
        (void)snprintf(path, sizeof(path), "%s/hub.btsnoop", directory);
        assert_return_code(unlink(path), errno);
        assert_return_code(rmdir(directory), errno);
}

static json_t *counters(struct lab *lab)
{
        json_t *object = json_loads(lab_order(lab, "counters"), 0, NULL);

        assert_non_null(object);
        return object;
}

static json_int_t counter(json_t *object, const char *a, const char *b, const char *c)
{
        json_t *at = json_object_get(object, a);

        at = b ? json_object_get(at, b) : at;
        at = c ? json_object_get(at, c) : at;
        assert_true(json_is_integer(at));
        return json_integer_value(at);
}

static void test_order_counters_tell_what_passed(void **state)
{
        struct lab *lab = *state;
        struct tally *tally;
        json_t *object, *used;

        plug_two(lab);
        tally = &way(lab, 0, 1)->tally;
        *tally = (struct tally){.packets = 3,
                                .bytes = 81,
                                .control = 2,
                                .lost = 1,
                                .drops = 5,
                                .stops = 6,
                                .forged = 7,
                                .airtime = 900};
        tally->att[0x52] = 4;
        tally->att[0x02] = 1;
        tally->att[0x12] = 2;
        tally->att[0x7f] = 1;
        object = counters(lab);
        assert_int_equal(counter(object, "att_requests", NULL, NULL), 3);
        assert_int_equal(counter(object, "time_us", NULL, NULL), 0);
        assert_int_equal(counter(object, "controllers", "hub", "events"), 0);
        assert_int_equal(counter(object, "ways", "hub>device", "packets"), 3);
        assert_int_equal(counter(object, "ways", "hub>device", "bytes"), 81);
        assert_int_equal(counter(object, "ways", "hub>device", "control"), 2);
        assert_int_equal(counter(object, "ways", "hub>device", "lost"), 1);
        assert_int_equal(counter(object, "ways", "hub>device", "drops"), 5);
        assert_int_equal(counter(object, "ways", "hub>device", "stops"), 6);
        assert_int_equal(counter(object, "ways", "hub>device", "forged"), 7);
        assert_int_equal(counter(object, "ways", "hub>device", "airtime_us"), 900);
        assert_int_equal(counter(object, "ways", "hub>device", "att_requests"), 3);
        used = json_object_get(json_object_get(json_object_get(object, "ways"), "hub>device"),
                               "att");
        assert_int_equal(counter(used, "write_command", NULL, NULL), 4);
        assert_int_equal(counter(used, "exchange_mtu_request", NULL, NULL), 1);
        assert_int_equal(counter(used, "write_request", NULL, NULL), 2);
        assert_int_equal(counter(used, "opcode_0x7f", NULL, NULL), 1);
        assert_int_equal(json_object_size(used), 4);
        assert_int_equal(json_object_size(json_object_get(object, "ways")), 1);
        json_decref(object);

        (void)lab_order(lab, "reset");
        object = counters(lab);
        assert_int_equal(json_object_size(json_object_get(object, "ways")), 0);
        assert_int_equal(counter(object, "att_requests", NULL, NULL), 0);
        json_decref(object);
}

static void test_order_help_tells_of_every_order(void **state)
{
        static const char *const verbs[] = {"plug",   "unplug",   "freeze", "thaw",   "mute",
                                            "unmute", "signal",   "loss",   "hold",   "release",
                                            "drop",   "forge",    "cut",    "refuse", "flood",
                                            "factor", "after",    "at",     "run",    "record",
                                            "list",   "counters", "reset",  "help",   "quit"};
        struct lab *lab = *state;
        const char *help = lab_order(lab, "help");
        char start[16];

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                (void)snprintf(start, sizeof(start), "  %s", verbs[i]);
                assert_non_null(strstr(help, start));
        }
}

static void test_order_nothing_is_done_for_a_comment(void **state)
{
        assert_string_equal(lab_order(*state, ""), "");
        assert_string_equal(lab_order(*state, "  # plug hub"), "");
}

static void test_order_unknown_is_refused(void **state)
{
        char line[1200];

        assert_string_equal(lab_refused(*state, "explode", "unknown_order"),
                            "there is no order 'explode'; 'help' lists them all");
        assert_string_equal(lab_refused(*state, "drop a>b", "wrong_arguments"),
                            "write 'drop A>B N'");
        (void)lab_refused(*state, "list all", "wrong_arguments");
        memset(line, 'x', sizeof(line));
        line[sizeof(line) - 1] = 0;
        (void)lab_refused(*state, line, "too_long");
}

static void test_order_answer_ends_with_its_outcome(void **state)
{
        struct lab *lab = *state;
        char text[256] = "";
        FILE *answer = fmemopen(text, sizeof(text), "w");

        assert_non_null(answer);
        order_answer(lab->room, "plug hub", answer);
        order_answer(lab->room, "mute hub9", answer);
        (void)fclose(answer);
        assert_string_equal(
                text, "hub hci0 00:AA:01:00:00:00\nok\n"
                      "error unknown_controller 'hub9' is not plugged in; 'list' shows what is\n");
}

static void test_order_quit_ends_the_loop(void **state)
{
        struct lab *lab = *state;

        (void)lab_order(lab, "quit");
        assert_int_equal(sd_event_loop(lab->event), 0);
}

#define STILL(function) cmocka_unit_test_setup_teardown(function, lab_setup_still, lab_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STILL(test_order_plug_answers_where_it_is),
                STILL(test_order_plug_is_refused_with_a_reason),
                STILL(test_order_plug_without_a_driver_says_what_to_do),
                STILL(test_order_plug_beyond_the_air_is_refused),
                STILL(test_order_plugged_again_keeps_address_and_ways),
                STILL(test_order_plugged_in_the_place_of_another_begins_anew),
                STILL(test_order_a_plug_whose_host_goes_is_unplugged),
                STILL(test_order_frozen_controller_answers_when_thawed),
                STILL(test_order_mute_and_unmute),
                STILL(test_order_on_no_controller_is_refused),
                STILL(test_order_ways_are_one_direction_or_both),
                STILL(test_order_ways_that_are_none_are_refused),
                STILL(test_order_values_out_of_range_are_refused),
                STILL(test_order_cut_without_a_link_is_refused),
                STILL(test_order_flood_is_heard_by_who_listens),
                STILL(test_order_factor_is_kept),
                STILL(test_order_after_is_checked_when_given),
                STILL(test_order_after_is_done_in_its_time),
                STILL(test_order_after_too_many_is_refused),
                STILL(test_order_at_is_checked_when_given),
                STILL(test_order_run_is_over_when_it_is_answered),
                STILL(test_order_record_begins_and_ends),
                STILL(test_order_record_of_a_directory_is_for_every_name),
                STILL(test_order_counters_tell_what_passed),
                STILL(test_order_help_tells_of_every_order),
                STILL(test_order_nothing_is_done_for_a_comment),
                STILL(test_order_unknown_is_refused),
                STILL(test_order_answer_ends_with_its_outcome),
                STILL(test_order_quit_ends_the_loop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
