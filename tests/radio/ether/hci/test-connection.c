/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "hci/host.h"

/* --- links --- */

static void data_passes_both_ways(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t packet[5 + 6] = {HCI_ACL, 0, 0, 6, 0, 2, 0, 4, 0, 0x0a, 0x2a};
        const uint8_t *got;
        size_t n;

        hci_put16(packet + 1, p.central_handle);
        controller_receive(p.central->controller, packet, sizeof(packet));
        world_pass(w, SECOND);
        got = host_next_data(p.peripheral, &n);
        assert_non_null(got);
        assert_int_equal(n, sizeof(packet));
        assert_int_equal(hci_get16(got + 1), p.peripheral_handle | 0x2000);
        assert_memory_equal(got + 5, packet + 5, 6);
        got = host_next(p.central, HCI_COMPLETED_PACKETS, -1);
        assert_non_null(got);
        assert_int_equal(hci_get16(got + 1), p.central_handle);
        assert_int_equal(hci_get16(got + 3), 1);

        hci_put16(packet + 1, p.peripheral_handle);
        controller_receive(p.peripheral->controller, packet, sizeof(packet));
        world_pass(w, SECOND);
        got = host_next_data(p.central, &n);
        assert_non_null(got);
        assert_memory_equal(got + 5, packet + 5, 6);
}

static void both_are_told_of_the_end(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t disconnect[3] = {0, 0, 0x13};
        const uint8_t *event;

        hci_put16(disconnect, p.central_handle);
        host_does(p.central, 0x0406, disconnect, sizeof(disconnect));
        world_pass(w, SECOND);
        event = host_next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 1), p.central_handle);
        assert_int_equal(event[3], HCI_TERMINATED_BY_HOST);
        event = host_next(p.peripheral, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], 0x13);
        assert_int_equal(host_ask(p.central, 0x0406, disconnect, sizeof(disconnect), NULL),
                         HCI_UNKNOWN_CONNECTION);
}

static void unplugged_peer_is_missed(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        const uint8_t *event;

        p.peripheral->controller = controller_free(p.peripheral->controller);
        world_pass(w, SECOND);
        event = host_next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], HCI_CONNECTION_TIMEOUT);
}

static void reset_forgets_links(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);

        host_does(p.peripheral, 0x0c03, NULL, 0);
        world_pass(w, SECOND);
        assert_null(host_next(p.peripheral, HCI_DISCONNECTION_COMPLETE, -1));
        assert_non_null(host_next(p.central, HCI_DISCONNECTION_COMPLETE, -1));
}

static void limits_and_repetitions_are_refused(void **state)
{
        static const struct controller_settings one = {.address = {0, 0, 0, 1, 0xaa, 0},
                                                       .n_links = 1};
        struct world *w = *state;
        uint8_t create[25] = {0x60, 0, 0x60, 0,        0, 0,        1, 0, 0, 1,
                              0xaa, 0, 0,    INTERVAL, 0, INTERVAL, 0, 0, 0, 0x2a};

        w->hosts[0].controller = controller_free(w->hosts[0].controller);
        world_plug(w, 0, &one);
        (void)pair_new(w, 0, 1);
        assert_int_equal(host_ask(&w->hosts[0], 0x200d, create, sizeof(create), NULL),
                         HCI_CONNECTION_LIMIT);
        /* The other one has a place left, but not for the same peer. */
        create[6] = 0;
        assert_int_equal(host_ask(&w->hosts[1], 0x200d, create, sizeof(create), NULL),
                         HCI_CONNECTION_EXISTS);
        create[6] = 2;
        host_does(&w->hosts[1], 0x200d, create, sizeof(create));
        assert_int_equal(host_ask(&w->hosts[1], 0x200d, create, sizeof(create), NULL),
                         HCI_COMMAND_DISALLOWED);
}

/* Two controllers may hold many links between them, by addresses that change. */
static void links_are_as_many_as_can_be(void **state)
{
        static const struct controller_settings many = {.address = {0, 0, 0, 1, 0xaa, 0},
                                                        .n_links = CONTROLLER_LINKS_MAX};
        struct world *w = *state;

        for (size_t i = 0; i < 2; i++) {
                w->hosts[i].controller = controller_free(w->hosts[i].controller);
                world_plug(w, i, &many);
                host_hear_everything(&w->hosts[i]);
        }
        for (uint8_t i = 0; i <= CONTROLLER_LINKS_MAX; i++) {
                uint8_t refusal = i < CONTROLLER_LINKS_MAX ? HCI_SUCCESS : HCI_CONNECTION_LIMIT;

                host_does(&w->hosts[1], 0x2005, PARAMETERS(i, 0, 0, 0, 0, 0xc0));
                host_does(&w->hosts[1], 0x2006,
                          PARAMETERS(0x20, 0, 0x20, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0));
                assert_int_equal(host_ask(&w->hosts[1], 0x200a, PARAMETERS(1), NULL), refusal);
                assert_int_equal(host_ask(&w->hosts[0], 0x200d,
                                          PARAMETERS(0x60, 0, 0x60, 0, 0, 1, i, 0, 0, 0, 0, 0xc0, 0,
                                                     INTERVAL * 4, 0, INTERVAL * 4, 0, 0, 0, 0xe8,
                                                     3, 0, 0, 0, 0),
                                          NULL),
                                 refusal);
                world_pass(w, SECOND);
                assert_true(!host_next_le(&w->hosts[0], HCI_LE_ENHANCED_CONNECTION_COMPLETE) ==
                            (refusal != HCI_SUCCESS));
                w->hosts[0].n_packets = w->hosts[0].n_read = 0;
                w->hosts[1].n_packets = w->hosts[1].n_read = 0;
        }
}

static void connecting_can_be_cancelled(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *event;

        host_hear_everything(host);
        host_connect(host, 1);
        host_does(host, 0x200e, NULL, 0);
        event = host_next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_UNKNOWN_CONNECTION);
        assert_int_equal(host_ask(host, 0x200e, NULL, 0, NULL), HCI_COMMAND_DISALLOWED);
}

/* --- procedures --- */

static void central_changes_parameters(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t update[14] = {0, 0, 12, 0, 12, 0, 1, 0, 100, 0};
        const uint8_t *event;

        hci_put16(update, p.central_handle);
        host_does(p.central, 0x2013, update, sizeof(update));
        world_pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = host_next_le(i ? p.central : p.peripheral,
                                     HCI_LE_CONNECTION_UPDATE_COMPLETE);
                assert_non_null(event);
                assert_int_equal(event[0], HCI_SUCCESS);
                assert_int_equal(hci_get16(event + 3), 12);
                assert_int_equal(hci_get16(event + 5), 1);
                assert_int_equal(hci_get16(event + 7), 100);
        }
}

static void peripheral_asks_for_parameters(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t update[14] = {0, 0, 40, 0, 40, 0, 0, 0, 100, 0}, refusal[3] = {0, 0, 0x3b};
        const uint8_t *event;

        hci_put16(update, p.peripheral_handle);
        host_does(p.peripheral, 0x2013, update, sizeof(update));
        world_pass(w, SECOND);
        event = host_next_le(p.central, HCI_LE_CONNECTION_PARAMETER_REQUEST);
        assert_non_null(event);
        assert_memory_equal(event + 2, update + 2, 8);
        hci_put16(refusal, p.central_handle);
        host_does(p.central, 0x2021, refusal, sizeof(refusal));
        world_pass(w, SECOND);
        event = host_next_le(p.peripheral, HCI_LE_CONNECTION_UPDATE_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], 0x3b);
        assert_int_equal(hci_get16(event + 3), INTERVAL);

        host_does(p.peripheral, 0x2013, update, sizeof(update));
        world_pass(w, SECOND);
        assert_non_null(host_next_le(p.central, HCI_LE_CONNECTION_PARAMETER_REQUEST));
        hci_put16(update, p.central_handle);
        host_does(p.central, 0x2020, update, sizeof(update));
        world_pass(w, SECOND);
        event = host_next_le(p.peripheral, HCI_LE_CONNECTION_UPDATE_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_SUCCESS);
        assert_int_equal(hci_get16(event + 3), 40);
}

static void features_and_version_are_exchanged(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t handle[2];
        const uint8_t *event;

        hci_put16(handle, p.peripheral_handle);
        host_does(p.peripheral, 0x2016, handle, sizeof(handle));
        host_does(p.peripheral, 0x041d, handle, sizeof(handle));
        world_pass(w, SECOND);
        event = host_next_le(p.peripheral, HCI_LE_REMOTE_FEATURES_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[3], 0x2f);
        event = host_next(p.peripheral, HCI_REMOTE_VERSION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], 0x0b);
        /* What was learnt from the question is reported at once. */
        hci_put16(handle, p.central_handle);
        host_does(p.central, 0x2016, handle, sizeof(handle));
        assert_non_null(host_next_le(p.central, HCI_LE_REMOTE_FEATURES_COMPLETE));
        host_does(p.central, 0x041d, handle, sizeof(handle));
        assert_non_null(host_next(p.central, HCI_REMOTE_VERSION_COMPLETE, -1));
}

static void length_is_agreed(void **state)
{
        struct world *w = *state;
        struct pair p = {0};
        const uint8_t *event;

        host_does(&w->hosts[0], 0x2024, PARAMETERS(251, 0, 0x48, 0x08));
        host_does(&w->hosts[1], 0x2024, PARAMETERS(100, 0, 0x48, 0x08));
        p = pair_new(w, 0, 1);
        event = host_next_le(p.central, HCI_LE_DATA_LENGTH_CHANGE);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 2), 251);
        assert_int_equal(hci_get16(event + 4), 2120);
        assert_int_equal(hci_get16(event + 6), 100);
        event = host_next_le(p.peripheral, HCI_LE_DATA_LENGTH_CHANGE);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 2), 100);
        assert_int_equal(hci_get16(event + 6), 251);
}

static void phy_is_agreed(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t set[7] = {0, 0, 0, 2, 2, 0, 0};
        const uint8_t *event;

        hci_put16(set, p.peripheral_handle);
        host_does(p.peripheral, 0x2032, set, sizeof(set));
        world_pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = host_next_le(i ? p.central : p.peripheral, HCI_LE_PHY_UPDATE_COMPLETE);
                assert_non_null(event);
                assert_int_equal(event[0], HCI_SUCCESS);
                assert_int_equal(event[3], LINK_PHY_2M);
                assert_int_equal(event[4], LINK_PHY_2M);
        }
}

static void encryption_needs_the_same_key(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t enable[28] = {0}, reply[18] = {0};
        const uint8_t *event;

        enable[12] = reply[2] = 0x77;
        hci_put16(enable, p.central_handle);
        hci_put16(reply, p.peripheral_handle);
        host_does(p.central, 0x2019, enable, sizeof(enable));
        world_pass(w, SECOND);
        assert_non_null(host_next_le(p.peripheral, HCI_LE_LONG_TERM_KEY_REQUEST));
        host_does(p.peripheral, 0x201a, reply, sizeof(reply));
        world_pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = host_next(i ? p.central : p.peripheral, HCI_ENCRYPTION_CHANGE, -1);
                assert_non_null(event);
                assert_int_equal(event[0], HCI_SUCCESS);
                assert_int_equal(event[3], 1);
        }
        reply[2] = 0x78;
        host_does(p.central, 0x2019, enable, sizeof(enable));
        world_pass(w, SECOND);
        host_does(p.peripheral, 0x201a, reply, sizeof(reply));
        world_pass(w, SECOND);
        event = host_next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], HCI_MIC_FAILURE);
}

static void missing_key_is_told(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t enable[28] = {0}, handle[2];
        const uint8_t *event;

        hci_put16(enable, p.central_handle);
        hci_put16(handle, p.peripheral_handle);
        host_does(p.central, 0x2019, enable, sizeof(enable));
        world_pass(w, SECOND);
        host_does(p.peripheral, 0x201b, handle, sizeof(handle));
        world_pass(w, SECOND);
        event = host_next(p.central, HCI_ENCRYPTION_CHANGE, -1);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_KEY_MISSING);
        assert_int_equal(event[3], 0);
}

/* Each update is reported once, so a second one has to wait for the first. */
static void one_update_at_a_time(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t update[14] = {0, 0, 12, 0, 12, 0, 0, 0, 100, 0}, phy[7] = {0, 0, 0, 2, 2, 0, 0};

        hci_put16(update, p.central_handle);
        hci_put16(phy, p.central_handle);
        host_does(p.central, 0x2013, update, sizeof(update));
        assert_int_equal(host_ask(p.central, 0x2013, update, sizeof(update), NULL),
                         HCI_COMMAND_DISALLOWED);
        host_does(p.central, 0x2032, phy, sizeof(phy));
        assert_int_equal(host_ask(p.central, 0x2032, phy, sizeof(phy), NULL),
                         HCI_COMMAND_DISALLOWED);
        world_pass(w, SECOND);
        host_does(p.central, 0x2013, update, sizeof(update));
        host_does(p.central, 0x2032, phy, sizeof(phy));
}

static void masked_key_request_is_refused(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t enable[28] = {0};
        const uint8_t *event;

        host_does(p.peripheral, 0x2001, PARAMETERS(0x0f, 0, 0, 0, 0, 0, 0, 0));
        hci_put16(enable, p.central_handle);
        host_does(p.central, 0x2019, enable, sizeof(enable));
        world_pass(w, SECOND);
        event = host_next(p.central, HCI_ENCRYPTION_CHANGE, -1);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_KEY_MISSING);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(data_passes_both_ways),
                TEST(both_are_told_of_the_end),
                TEST(unplugged_peer_is_missed),
                TEST(reset_forgets_links),
                TEST(limits_and_repetitions_are_refused),
                TEST(links_are_as_many_as_can_be),
                TEST(connecting_can_be_cancelled),
                TEST(central_changes_parameters),
                TEST(one_update_at_a_time),
                TEST(peripheral_asks_for_parameters),
                TEST(features_and_version_are_exchanged),
                TEST(length_is_agreed),
                TEST(phy_is_agreed),
                TEST(encryption_needs_the_same_key),
                TEST(missing_key_is_told),
                TEST(masked_key_request_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
