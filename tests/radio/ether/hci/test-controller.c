/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "hci/host.h"
#include "util/defer.h"

static void commands_are_answered(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *out;

        assert_int_equal(host_ask(host, 0x1003, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[4], 0x60);
        assert_int_equal(host_ask(host, 0x1009, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[4], 0xaa);
        assert_int_equal(host_ask(host, 0x2002, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(hci_get16(out), 251);
        assert_int_equal(host->n_notes, 0);
}

static void unknown_command_is_told(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        assert_int_equal(host_ask(host, 0x2069, PARAMETERS(1, 2, 3), NULL), HCI_UNKNOWN_COMMAND);
        assert_int_equal(host->n_notes, 1);
}

static void wrong_lengths_are_refused(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        assert_int_equal(host_ask(host, 0x2001, PARAMETERS(1), NULL), HCI_INVALID_PARAMETERS);
        assert_int_equal(host_ask(host, 0x1009, PARAMETERS(1), NULL), HCI_INVALID_PARAMETERS);
        /* A packet that is not as long as it says has no answer. */
        host->n_packets = 0;
        controller_receive(host->controller, PARAMETERS(HCI_COMMAND, 0x01, 0x20, 8, 0));
        controller_receive(host->controller, PARAMETERS(HCI_ACL, 0x01, 0x20, 8, 0));
        controller_receive(host->controller, PARAMETERS(0x77));
        assert_int_equal(host->n_packets, 0);
}

/* A host believes the list; so every command on it must be known, and no other. */
static void supported_commands_are_known(void **state)
{
        static const uint16_t some[] = {0x0406, 0x041d, 0x2005, 0x200d, 0x2013,
                                        0x2016, 0x2022, 0x2032, 0x2036, 0x2042};
        static const unsigned octets[] = {0, 2, 25, 26, 27, 27, 33, 35, 36, 37};
        static const unsigned bits[] = {5, 7, 4, 4, 2, 5, 6, 6, 2, 6};
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *bitmap;
        unsigned n = 0;

        assert_int_equal(host_ask(host, 0x1002, NULL, 0, &bitmap), HCI_SUCCESS);
        for (size_t i = 0; i < ELEMENTSOF(some); i++)
                assert_true(bitmap[octets[i]] >> bits[i] & 1);
        for (size_t i = 0; i < 64; i++)
                n += (unsigned)__builtin_popcount(bitmap[i]);
        assert_int_equal(n, 59);
}

static void legacy_controller_has_no_extensions(void **state)
{
        static const struct controller_settings old = {.n_links = 1, .legacy = true};
        struct world *w = *state;
        struct host *host = &w->hosts[2];
        const uint8_t *out;

        host->controller = controller_free(host->controller);
        world_plug(w, 2, &old);
        assert_int_equal(host_ask(host, 0x1001, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[0], 8);
        assert_int_equal(host_ask(host, 0x2003, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[1], 0);
        assert_int_equal(host_ask(host, 0x203b, NULL, 0, NULL), HCI_UNKNOWN_COMMAND);
        assert_int_equal(host_ask(host, 0x1002, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[36], 0);
}

/* FIPS 197, appendix C.1, with the least significant byte first. */
static void host_can_encrypt(void **state)
{
        static const uint8_t expected[16] = {0x5a, 0xc5, 0xb4, 0x70, 0x80, 0xb7, 0xcd, 0xd8,
                                             0x30, 0x04, 0x7b, 0x6a, 0xd8, 0xe0, 0xc4, 0x69};
        struct world *w = *state;
        uint8_t in[32];
        const uint8_t *out;

        for (size_t i = 0; i < 16; i++) {
                in[15 - i] = (uint8_t)i;
                in[31 - i] = (uint8_t)(i * 0x11);
        }
        assert_int_equal(host_ask(&w->hosts[0], 0x2017, in, sizeof(in), &out), HCI_SUCCESS);
        assert_memory_equal(out, expected, sizeof(expected));
}

static void random_numbers_differ(void **state)
{
        struct world *w = *state;
        const uint8_t *a, *b, *other;

        assert_int_equal(host_ask(&w->hosts[0], 0x2018, NULL, 0, &a), HCI_SUCCESS);
        assert_int_equal(host_ask(&w->hosts[0], 0x2018, NULL, 0, &b), HCI_SUCCESS);
        assert_int_equal(host_ask(&w->hosts[1], 0x2018, NULL, 0, &other), HCI_SUCCESS);
        assert_memory_not_equal(a, b, 8);
        assert_memory_not_equal(a, other, 8);
}

static void kinds_are_not_mixed(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        host_does(host, 0x2006, PARAMETERS(0x20, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0));
        assert_int_equal(host_ask(host, 0x2042, PARAMETERS(0, 0, 0, 0, 0, 0), NULL), HCI_SUCCESS);
        assert_int_equal(host_ask(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0), NULL),
                         HCI_COMMAND_DISALLOWED);
        host_does(host, 0x0c03, NULL, 0);
        host_does(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0));
}

/* --- frozen --- */

static void frozen_controller_answers_later(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        size_t before;

        host_hear_everything(host);
        before = host->n_packets;
        controller_freeze(host->controller, true);
        host_command(host, 0x1009, NULL, 0);
        host_command(host, 0x1003, NULL, 0);
        world_pass(w, SECOND);
        assert_int_equal(host->n_packets, before);
        controller_freeze(host->controller, false);
        assert_int_equal(host->n_packets, before + 2);
        assert_int_equal(hci_get16(host->packets[before].bytes + 4), 0x1009);
        assert_int_equal(hci_get16(host->packets[before + 1].bytes + 4), 0x1003);
}

/* As many as it would in a crowd, for as long as somebody likes. */
static void frozen_controller_keeps_some_reports(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        size_t before;

        host_hear_everything(host);
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 0));
        before = host->n_packets;
        controller_freeze(host->controller, true);
        air_flood(w->air, 1000, 10000, SPACE_NEAR);
        world_pass(w, SECOND);
        host_command(host, 0x1009, NULL, 0);
        air_flood(w->air, 0, 0, SPACE_NEAR);
        controller_freeze(host->controller, false);
        assert_int_equal(host->n_packets, before + 256 + 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(commands_are_answered),
                TEST(unknown_command_is_told),
                TEST(wrong_lengths_are_refused),
                TEST(supported_commands_are_known),
                TEST(legacy_controller_has_no_extensions),
                TEST(host_can_encrypt),
                TEST(random_numbers_differ),
                TEST(kinds_are_not_mixed),
                TEST(frozen_controller_answers_later),
                TEST(frozen_controller_keeps_some_reports),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
