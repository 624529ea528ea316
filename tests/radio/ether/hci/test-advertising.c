/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "hci/host.h"

static void advertisements_are_reported(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *event;

        host_hear_everything(host);
        host_advertise(&w->hosts[1]);
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        event = host_next_le(host, HCI_LE_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(event[1], 0); /* connectable */
        assert_int_equal(event[3], 1); /* the advertiser's address */
        assert_int_equal(event[9], 3);
        assert_memory_equal(event + 10, ((uint8_t[]){2, 0x01, 0x06}), 3);
        assert_int_equal((int8_t)event[13], SPACE_NEAR);
        /* Again only if the host wants duplicates, or starts again. */
        assert_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
        host_does(host, 0x200c, PARAMETERS(0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 0));
        world_pass(w, SECOND);
        for (size_t i = 0; i < 20; i++)
                assert_non_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
}

static void active_scan_gets_a_response(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        uint8_t response[32] = {2, 1, 0x09};
        const uint8_t *event;

        host_hear_everything(host);
        host_advertise(&w->hosts[1]);
        host_does(&w->hosts[1], 0x2009, response, sizeof(response));
        host_does(host, 0x200b, PARAMETERS(1, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        assert_non_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
        event = host_next_le(host, HCI_LE_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(event[1], 4);
        assert_int_equal(event[9], 2);
        assert_memory_equal(event + 10, ((uint8_t[]){1, 0x09}), 2);
}

/* A set that runs when the last link is made runs on, and says what the host wants it to. */
static void data_changes_when_there_is_no_room_for_a_link(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0], *other = &w->hosts[1];
        uint8_t data[32] = {2, 1, 0x09};
        const uint8_t *event;

        host_hear_everything(host);
        other->controller = controller_free(other->controller);
        world_plug(w, 1,
                   &(struct controller_settings){.address = {0, 0, 0, 1, 0xaa, 0}, .n_links = 1});
        host_hear_everything(other);
        host_advertise(other);
        host_connect(other, 2);
        host_advertise(&w->hosts[2]);
        world_pass(w, SECOND);
        (void)host_connected(other, LINK_CENTRAL);
        host_does(other, 0x2008, data, sizeof(data));
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        event = host_next_le(host, HCI_LE_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(event[9], 2);
}

/* An extended set of 300 bytes on 2M: told in two pieces. */
static void extended_advertisement_comes_in_pieces(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0], *other = &w->hosts[1];
        uint8_t first[4 + 200] = {1, 1, 0, 200}, last[4 + 100] = {1, 2, 0, 100};
        const uint8_t *event;

        host_hear_everything(host);
        first[4] = 0x11;
        last[103] = 0x22;
        host_does(other, 0x2036,
                  PARAMETERS(1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1,
                             0, 2, 5, 0));
        host_does(other, 0x2037, first, sizeof(first));
        host_does(other, 0x2037, last, sizeof(last));
        host_does(other, 0x2039, PARAMETERS(1, 1, 1, 0, 0, 0));
        host_does(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0));
        host_does(host, 0x2042, PARAMETERS(1, 1, 0, 0, 0, 0));
        world_pass(w, SECOND);
        event = host_next_le(host, HCI_LE_EXTENDED_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 1), 0x20); /* more to come */
        assert_int_equal(event[11], 2);
        assert_int_equal(event[12], 5);
        assert_int_equal(event[24], 229);
        assert_int_equal(event[25], 0x11);
        event = host_next_le(host, HCI_LE_EXTENDED_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 1), 0x00);
        assert_int_equal(event[24], 71);
        assert_int_equal(event[25 + 70], 0x22);
}

/* The data of an extended set is not told in legacy reports, that have no room for it. */
static void long_data_is_not_made_legacy(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0], *other = &w->hosts[1];
        uint8_t data[4 + 200] = {1, 3, 0, 200};

        host_hear_everything(host);
        host_does(other, 0x2036,
                  PARAMETERS(1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1,
                             0, 1, 5, 0));
        host_does(other, 0x2037, data, sizeof(data));
        assert_int_equal(host_ask(other, 0x2036,
                                  PARAMETERS(1, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0,
                                             0, 0, 0, 0, 127, 1, 0, 1, 5, 0),
                                  NULL),
                         HCI_INVALID_PARAMETERS);
        host_does(other, 0x2039, PARAMETERS(1, 1, 1, 0, 0, 0));
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 0));
        world_pass(w, SECOND);
        assert_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
        /* Without data it may become so. */
        host_does(other, 0x2039, PARAMETERS(0, 1, 1, 0, 0, 0));
        host_does(other, 0x2037, PARAMETERS(1, 3, 0, 0));
        host_does(other, 0x2036,
                  PARAMETERS(1, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127,
                             1, 0, 1, 5, 0));
}

static void set_ends_after_its_time(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[1];
        const uint8_t *event;

        host_hear_everything(host);
        host_does(host, 0x2036,
                  PARAMETERS(3, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127,
                             1, 0, 1, 0, 0));
        host_does(host, 0x2039, PARAMETERS(1, 1, 3, 50, 0, 0));
        world_pass(w, 400000);
        assert_null(host_next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED));
        world_pass(w, 200000);
        event = host_next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED);
        assert_non_null(event);
        assert_int_equal(event[0], 0x3c);
        assert_int_equal(event[1], 3);
        assert_int_equal(host_ask(host, 0x2039, PARAMETERS(1, 1, 4, 0, 0, 0), NULL),
                         HCI_UNKNOWN_ADVERTISING_SET);
}

static void random_address_is_kept_from_its_users(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        host_does(host, 0x2005, PARAMETERS(1, 0, 0, 0, 0, 0xc0));
        host_advertise(host);
        assert_int_equal(host_ask(host, 0x2005, PARAMETERS(2, 0, 0, 0, 0, 0xc0), NULL),
                         HCI_COMMAND_DISALLOWED);
        host_does(host, 0x200a, PARAMETERS(0));
        host_does(host, 0x2005, PARAMETERS(2, 0, 0, 0, 0, 0xc0));
}

/* Legacy commands have no event of their own for it (section 7.7.65.1). */
static void high_duty_advertising_ends_by_itself(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *event;

        host_hear_everything(host);
        host_does(host, 0x2006, PARAMETERS(0, 0, 0, 0, 1, 0, 0, 9, 0, 0, 1, 0xaa, 0, 7, 0));
        host_does(host, 0x200a, PARAMETERS(1));
        world_pass(w, SECOND);
        assert_null(host_next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE));
        world_pass(w, SECOND);
        event = host_next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_ADVERTISING_TIMEOUT);
        assert_int_equal(event[3], LINK_PERIPHERAL);
}

static void accept_list_is_kept_from_its_users(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        host_hear_everything(host);
        host_does(host, 0x2011, PARAMETERS(0, 9, 0, 0, 1, 0xaa, 0));
        host_advertise(&w->hosts[1]);
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 1));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        assert_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
        assert_int_equal(host_ask(host, 0x2011, PARAMETERS(0, 1, 0, 0, 1, 0xaa, 0), NULL),
                         HCI_COMMAND_DISALLOWED);
        host_does(host, 0x200c, PARAMETERS(0, 0));
        host_does(host, 0x2011, PARAMETERS(0, 1, 0, 0, 1, 0xaa, 0));
        host_does(host, 0x2012, PARAMETERS(0, 9, 0, 0, 1, 0xaa, 0));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        assert_non_null(host_next_le(host, HCI_LE_ADVERTISING_REPORT));
}

static void sets_are_enabled_together_or_not_at_all(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[1];
        uint8_t parameters[25] = {1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0,
                                  0, 0, 0, 0,    0, 0, 127,  1, 0, 2, 5, 0};

        host_hear_everything(&w->hosts[0]);
        host_does(host, 0x2036, parameters, sizeof(parameters));
        assert_int_equal(host_ask(host, 0x2039, PARAMETERS(1, 2, 1, 0, 0, 0, 2, 0, 0, 0), NULL),
                         HCI_UNKNOWN_ADVERTISING_SET);
        assert_int_equal(controller_tally(host->controller).adverts, 0);
        world_pass(w, SECOND);
        assert_int_equal(controller_tally(host->controller).adverts, 0);
        host_does(host, 0x2039, PARAMETERS(1, 1, 1, 0, 0, 0));
        world_pass(w, SECOND);
        assert_true(controller_tally(host->controller).adverts > 20);
}

/* Enabled again, it has all of its time again. */
static void enabled_set_begins_anew(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[1];
        uint8_t parameters[25] = {1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0,
                                  0, 0, 0, 0,    0, 0, 127,  1, 0, 2, 5, 0};

        host_hear_everything(host);
        host_does(host, 0x2036, parameters, sizeof(parameters));
        host_does(host, 0x2039, PARAMETERS(1, 1, 1, 50, 0, 0));
        world_pass(w, 400000);
        host_does(host, 0x2039, PARAMETERS(1, 1, 1, 50, 0, 0));
        world_pass(w, 400000);
        assert_null(host_next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED));
        world_pass(w, 200000);
        assert_non_null(host_next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED));
}

static void directed_advertisement_has_no_data(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0], *other = &w->hosts[1];
        uint8_t data[32] = {3, 2, 0x01, 0x06};
        const uint8_t *event;

        host_hear_everything(host);
        host_does(other, 0x2006, PARAMETERS(0x20, 0, 0x20, 0, 4, 0, 0, 0, 0, 0, 1, 0xaa, 0, 7, 0));
        host_does(other, 0x2008, data, sizeof(data));
        host_does(other, 0x200a, PARAMETERS(1));
        host_does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        host_does(host, 0x200c, PARAMETERS(1, 1));
        world_pass(w, SECOND);
        event = host_next_le(host, HCI_LE_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(event[1], 1);
        assert_int_equal(event[9], 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(advertisements_are_reported),
                TEST(active_scan_gets_a_response),
                TEST(data_changes_when_there_is_no_room_for_a_link),
                TEST(extended_advertisement_comes_in_pieces),
                TEST(long_data_is_not_made_legacy),
                TEST(set_ends_after_its_time),
                TEST(sets_are_enabled_together_or_not_at_all),
                TEST(enabled_set_begins_anew),
                TEST(directed_advertisement_has_no_data),
                TEST(random_address_is_kept_from_its_users),
                TEST(high_duty_advertising_ends_by_itself),
                TEST(accept_list_is_kept_from_its_users),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
