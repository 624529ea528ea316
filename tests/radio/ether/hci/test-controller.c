/* SPDX-License-Identifier: Apache-2.0 */

/* Controllers in one air, each with a host that sends commands and keeps what it is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hci/controller.h"
#include "hci/hci.h"
#include "util/defer.h"

#define N_HOSTS   3
#define N_PACKETS 512
#define SECOND    UINT64_C(1000000)

#define PARAMETERS(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

struct host {
        struct controller *controller;
        size_t n_packets, n_read;
        struct packet {
                size_t n;
                uint8_t bytes[CONTROLLER_PACKET_MAX];
        } packets[N_PACKETS];
        unsigned n_notes;
};

struct world {
        struct air *air;
        uint64_t now;
        struct host hosts[N_HOSTS];
};

static void on_packet(void *userdata, const uint8_t *packet, size_t n_packet)
{
        struct host *host = userdata;
        struct packet *p = &host->packets[host->n_packets++];

        assert_true(host->n_packets < N_PACKETS);
        assert_in_range(n_packet, 1, sizeof(p->bytes));
        memcpy(p->bytes, packet, n_packet);
        p->n = n_packet;
}

static void on_note(void *userdata, const char *text)
{
        struct host *host = userdata;

        assert_non_null(text);
        host->n_notes++;
}

static void plug(struct world *w, size_t number, const struct controller_settings *settings)
{
        static const struct controller_owner owner = {on_packet, on_note};
        struct controller_settings s = *settings;

        s.address[0] = (uint8_t)number;
        assert_int_equal(
                controller_new(w->air, &s, &owner, &w->hosts[number], &w->hosts[number].controller),
                0);
}

static int world_new(void **state)
{
        static const struct controller_settings usual = {
                .address = {0, 0, 0, 1, 0xaa, 0}, .n_links = 2, .seed = 1};
        static struct world world;
        struct world *w = &world;

        memset(w, 0, sizeof(*w));
        if (air_new(1, &w->air) < 0)
                return -1;
        for (size_t i = 0; i < N_HOSTS; i++)
                plug(w, i, &usual);
        *state = w;
        return 0;
}

static int world_free(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < N_HOSTS; i++)
                w->hosts[i].controller = controller_free(w->hosts[i].controller);
        (void)air_free(w->air);
        return 0;
}

static void pass(struct world *w, uint64_t time)
{
        w->now += time;
        air_advance(w->air, w->now);
}

/* --- what the host says and hears --- */

static void command_send(struct host *host, uint16_t opcode, const uint8_t *parameters,
                         size_t n_parameters)
{
        uint8_t packet[CONTROLLER_PACKET_MAX] = {HCI_COMMAND};

        hci_put16(packet + 1, opcode);
        packet[3] = (uint8_t)n_parameters;
        if (n_parameters > 0)
                memcpy(packet + 4, parameters, n_parameters);
        controller_receive(host->controller, packet, 4 + n_parameters);
}

/* The next packet of this type and code, past others, or NULL. */
static const uint8_t *next(struct host *host, uint8_t code, int subevent)
{
        while (host->n_read < host->n_packets) {
                const struct packet *p = &host->packets[host->n_read++];

                if (p->bytes[0] == HCI_EVENT && p->bytes[1] == code &&
                    (subevent < 0 || p->bytes[3] == subevent))
                        return p->bytes + (subevent < 0 ? 3 : 4);
        }
        return NULL;
}

static const uint8_t *next_le(struct host *host, uint8_t subevent)
{
        return next(host, HCI_LE_META, subevent);
}

static const uint8_t *next_data(struct host *host, size_t *ret_n)
{
        while (host->n_read < host->n_packets) {
                const struct packet *p = &host->packets[host->n_read++];

                if (p->bytes[0] == HCI_ACL) {
                        *ret_n = p->n;
                        return p->bytes;
                }
        }
        return NULL;
}

/* Sends a command; its status, and the parameters that follow it. */
static uint8_t ask(struct host *host, uint16_t opcode, const uint8_t *parameters,
                   size_t n_parameters, const uint8_t **ret_out)
{
        size_t before = host->n_packets;
        const struct packet *answer = &host->packets[before];

        command_send(host, opcode, parameters, n_parameters);
        assert_true(host->n_packets > before);
        if (answer->bytes[1] == HCI_COMMAND_STATUS) {
                assert_int_equal(hci_get16(answer->bytes + 5), opcode);
                return answer->bytes[3];
        }
        assert_int_equal(answer->bytes[1], HCI_COMMAND_COMPLETE);
        assert_int_equal(hci_get16(answer->bytes + 4), opcode);
        if (ret_out)
                *ret_out = answer->bytes + 7;
        return answer->bytes[6];
}

static void does(struct host *host, uint16_t opcode, const uint8_t *parameters, size_t n_parameters)
{
        assert_int_equal(ask(host, opcode, parameters, n_parameters, NULL), HCI_SUCCESS);
}

/* As Linux does: every LE event this controller knows. */
static void hear_everything(struct host *host)
{
        does(host, 0x0c01, PARAMETERS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
        does(host, 0x2001, PARAMETERS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
}

/* --- the usual proceedings --- */

#define INTERVAL 24 /* 30 ms */

static void advertise(struct host *host)
{
        uint8_t data[32] = {3, 2, 0x01, 0x06};

        does(host, 0x2006, PARAMETERS(0x20, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0));
        does(host, 0x2008, data, sizeof(data));
        does(host, 0x200a, PARAMETERS(1));
}

static void connect_to(struct host *host, uint8_t peer)
{
        does(host, 0x200d,
             PARAMETERS(0x60, 0, 0x60, 0, 0, 0, peer, 0, 0, 1, 0xaa, 0, 0, INTERVAL, 0, INTERVAL, 0,
                        0, 0, 0x2a, 0, 0, 0, 0, 0));
}

/* A link between two hosts: the handles at both. */
struct pair {
        struct host *central, *peripheral;
        uint16_t central_handle, peripheral_handle;
};

static uint16_t connected(struct host *host, uint8_t role)
{
        const uint8_t *event = next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);

        assert_non_null(event);
        assert_int_equal(event[0], HCI_SUCCESS);
        assert_int_equal(event[3], role);
        assert_int_equal(hci_get16(event + 23), INTERVAL);
        return hci_get16(event + 1);
}

static struct pair pair_new(struct world *w, size_t central, size_t peripheral)
{
        struct pair p = {&w->hosts[central], &w->hosts[peripheral], 0, 0};

        hear_everything(p.central);
        hear_everything(p.peripheral);
        advertise(p.peripheral);
        connect_to(p.central, (uint8_t)peripheral);
        pass(w, SECOND);
        p.central_handle = connected(p.central, LINK_CENTRAL);
        p.peripheral_handle = connected(p.peripheral, LINK_PERIPHERAL);
        return p;
}

/* --- commands --- */

static void commands_are_answered(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *out;

        assert_int_equal(ask(host, 0x1003, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[4], 0x60);
        assert_int_equal(ask(host, 0x1009, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[4], 0xaa);
        assert_int_equal(ask(host, 0x2002, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(hci_get16(out), 251);
        assert_int_equal(host->n_notes, 0);
}

static void unknown_command_is_told(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        assert_int_equal(ask(host, 0x2069, PARAMETERS(1, 2, 3), NULL), HCI_UNKNOWN_COMMAND);
        assert_int_equal(host->n_notes, 1);
}

static void wrong_lengths_are_refused(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        assert_int_equal(ask(host, 0x2001, PARAMETERS(1), NULL), HCI_INVALID_PARAMETERS);
        assert_int_equal(ask(host, 0x1009, PARAMETERS(1), NULL), HCI_INVALID_PARAMETERS);
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

        assert_int_equal(ask(host, 0x1002, NULL, 0, &bitmap), HCI_SUCCESS);
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
        plug(w, 2, &old);
        assert_int_equal(ask(host, 0x1001, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[0], 8);
        assert_int_equal(ask(host, 0x2003, NULL, 0, &out), HCI_SUCCESS);
        assert_int_equal(out[1], 0);
        assert_int_equal(ask(host, 0x203b, NULL, 0, NULL), HCI_UNKNOWN_COMMAND);
        assert_int_equal(ask(host, 0x1002, NULL, 0, &out), HCI_SUCCESS);
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
        assert_int_equal(ask(&w->hosts[0], 0x2017, in, sizeof(in), &out), HCI_SUCCESS);
        assert_memory_equal(out, expected, sizeof(expected));
}

static void random_numbers_differ(void **state)
{
        struct world *w = *state;
        const uint8_t *a, *b, *other;

        assert_int_equal(ask(&w->hosts[0], 0x2018, NULL, 0, &a), HCI_SUCCESS);
        assert_int_equal(ask(&w->hosts[0], 0x2018, NULL, 0, &b), HCI_SUCCESS);
        assert_int_equal(ask(&w->hosts[1], 0x2018, NULL, 0, &other), HCI_SUCCESS);
        assert_memory_not_equal(a, b, 8);
        assert_memory_not_equal(a, other, 8);
}

static void kinds_are_not_mixed(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        does(host, 0x2006, PARAMETERS(0x20, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0));
        assert_int_equal(ask(host, 0x2042, PARAMETERS(0, 0, 0, 0, 0, 0), NULL), HCI_SUCCESS);
        assert_int_equal(ask(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0), NULL),
                         HCI_COMMAND_DISALLOWED);
        does(host, 0x0c03, NULL, 0);
        does(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0));
}

/* --- advertising and scanning --- */

static void advertisements_are_reported(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *event;

        hear_everything(host);
        advertise(&w->hosts[1]);
        does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        does(host, 0x200c, PARAMETERS(1, 1));
        pass(w, SECOND);
        event = next_le(host, HCI_LE_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(event[1], 0); /* connectable */
        assert_int_equal(event[3], 1); /* the advertiser's address */
        assert_int_equal(event[9], 3);
        assert_memory_equal(event + 10, ((uint8_t[]){2, 0x01, 0x06}), 3);
        assert_int_equal((int8_t)event[13], SPACE_NEAR);
        /* Again only if the host wants duplicates, or begins anew. */
        assert_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
        does(host, 0x200c, PARAMETERS(0, 0));
        does(host, 0x200c, PARAMETERS(1, 0));
        pass(w, SECOND);
        for (size_t i = 0; i < 20; i++)
                assert_non_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
}

static void active_scan_gets_a_response(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        uint8_t response[32] = {2, 1, 0x09};
        const uint8_t *event;

        hear_everything(host);
        advertise(&w->hosts[1]);
        does(&w->hosts[1], 0x2009, response, sizeof(response));
        does(host, 0x200b, PARAMETERS(1, 0x60, 0, 0x60, 0, 0, 0));
        does(host, 0x200c, PARAMETERS(1, 1));
        pass(w, SECOND);
        assert_non_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
        event = next_le(host, HCI_LE_ADVERTISING_REPORT);
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

        hear_everything(host);
        other->controller = controller_free(other->controller);
        plug(w, 1, &(struct controller_settings){.address = {0, 0, 0, 1, 0xaa, 0}, .n_links = 1});
        hear_everything(other);
        advertise(other);
        connect_to(other, 2);
        advertise(&w->hosts[2]);
        pass(w, SECOND);
        (void)connected(other, LINK_CENTRAL);
        does(other, 0x2008, data, sizeof(data));
        does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        does(host, 0x200c, PARAMETERS(1, 1));
        pass(w, SECOND);
        event = next_le(host, HCI_LE_ADVERTISING_REPORT);
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

        hear_everything(host);
        first[4] = 0x11;
        last[103] = 0x22;
        does(other, 0x2036,
             PARAMETERS(1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1, 0, 2,
                        5, 0));
        does(other, 0x2037, first, sizeof(first));
        does(other, 0x2037, last, sizeof(last));
        does(other, 0x2039, PARAMETERS(1, 1, 1, 0, 0, 0));
        does(host, 0x2041, PARAMETERS(0, 0, 1, 0, 0x60, 0, 0x60, 0));
        does(host, 0x2042, PARAMETERS(1, 1, 0, 0, 0, 0));
        pass(w, SECOND);
        event = next_le(host, HCI_LE_EXTENDED_ADVERTISING_REPORT);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 1), 0x20); /* more to come */
        assert_int_equal(event[11], 2);
        assert_int_equal(event[12], 5);
        assert_int_equal(event[24], 229);
        assert_int_equal(event[25], 0x11);
        event = next_le(host, HCI_LE_EXTENDED_ADVERTISING_REPORT);
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

        hear_everything(host);
        does(other, 0x2036,
             PARAMETERS(1, 0, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1, 0, 1,
                        5, 0));
        does(other, 0x2037, data, sizeof(data));
        assert_int_equal(ask(other, 0x2036,
                             PARAMETERS(1, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
                                        0, 0, 127, 1, 0, 1, 5, 0),
                             NULL),
                         HCI_INVALID_PARAMETERS);
        does(other, 0x2039, PARAMETERS(1, 1, 1, 0, 0, 0));
        does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        does(host, 0x200c, PARAMETERS(1, 0));
        pass(w, SECOND);
        assert_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
        /* Without data it may become so. */
        does(other, 0x2039, PARAMETERS(0, 1, 1, 0, 0, 0));
        does(other, 0x2037, PARAMETERS(1, 3, 0, 0));
        does(other, 0x2036,
             PARAMETERS(1, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1, 0,
                        1, 5, 0));
}

static void set_ends_after_its_time(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[1];
        const uint8_t *event;

        hear_everything(host);
        does(host, 0x2036,
             PARAMETERS(3, 0x10, 0, 0x20, 0, 0, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 1, 0,
                        1, 0, 0));
        does(host, 0x2039, PARAMETERS(1, 1, 3, 50, 0, 0));
        pass(w, 400000);
        assert_null(next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED));
        pass(w, 200000);
        event = next_le(host, HCI_LE_ADVERTISING_SET_TERMINATED);
        assert_non_null(event);
        assert_int_equal(event[0], 0x3c);
        assert_int_equal(event[1], 3);
        assert_int_equal(ask(host, 0x2039, PARAMETERS(1, 1, 4, 0, 0, 0), NULL),
                         HCI_UNKNOWN_ADVERTISING_SET);
}

static void random_address_is_kept_from_its_users(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        does(host, 0x2005, PARAMETERS(1, 0, 0, 0, 0, 0xc0));
        advertise(host);
        assert_int_equal(ask(host, 0x2005, PARAMETERS(2, 0, 0, 0, 0, 0xc0), NULL),
                         HCI_COMMAND_DISALLOWED);
        does(host, 0x200a, PARAMETERS(0));
        does(host, 0x2005, PARAMETERS(2, 0, 0, 0, 0, 0xc0));
}

/* Legacy commands have no event of their own for it (section 7.7.65.1). */
static void high_duty_advertising_ends_by_itself(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        const uint8_t *event;

        hear_everything(host);
        does(host, 0x2006, PARAMETERS(0, 0, 0, 0, 1, 0, 0, 9, 0, 0, 1, 0xaa, 0, 7, 0));
        does(host, 0x200a, PARAMETERS(1));
        pass(w, SECOND);
        assert_null(next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE));
        pass(w, SECOND);
        event = next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_ADVERTISING_TIMEOUT);
        assert_int_equal(event[3], LINK_PERIPHERAL);
}

static void accept_list_is_kept_from_its_users(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];

        hear_everything(host);
        does(host, 0x2011, PARAMETERS(0, 9, 0, 0, 1, 0xaa, 0));
        advertise(&w->hosts[1]);
        does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 1));
        does(host, 0x200c, PARAMETERS(1, 1));
        pass(w, SECOND);
        assert_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
        assert_int_equal(ask(host, 0x2011, PARAMETERS(0, 1, 0, 0, 1, 0xaa, 0), NULL),
                         HCI_COMMAND_DISALLOWED);
        does(host, 0x200c, PARAMETERS(0, 0));
        does(host, 0x2011, PARAMETERS(0, 1, 0, 0, 1, 0xaa, 0));
        does(host, 0x2012, PARAMETERS(0, 9, 0, 0, 1, 0xaa, 0));
        does(host, 0x200c, PARAMETERS(1, 1));
        pass(w, SECOND);
        assert_non_null(next_le(host, HCI_LE_ADVERTISING_REPORT));
}

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
        pass(w, SECOND);
        got = next_data(p.peripheral, &n);
        assert_non_null(got);
        assert_int_equal(n, sizeof(packet));
        assert_int_equal(hci_get16(got + 1), p.peripheral_handle | 0x2000);
        assert_memory_equal(got + 5, packet + 5, 6);
        got = next(p.central, HCI_COMPLETED_PACKETS, -1);
        assert_non_null(got);
        assert_int_equal(hci_get16(got + 1), p.central_handle);
        assert_int_equal(hci_get16(got + 3), 1);

        hci_put16(packet + 1, p.peripheral_handle);
        controller_receive(p.peripheral->controller, packet, sizeof(packet));
        pass(w, SECOND);
        got = next_data(p.central, &n);
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
        does(p.central, 0x0406, disconnect, sizeof(disconnect));
        pass(w, SECOND);
        event = next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 1), p.central_handle);
        assert_int_equal(event[3], HCI_TERMINATED_BY_HOST);
        event = next(p.peripheral, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], 0x13);
        assert_int_equal(ask(p.central, 0x0406, disconnect, sizeof(disconnect), NULL),
                         HCI_UNKNOWN_CONNECTION);
}

static void unplugged_peer_is_missed(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        const uint8_t *event;

        p.peripheral->controller = controller_free(p.peripheral->controller);
        pass(w, SECOND);
        event = next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], HCI_CONNECTION_TIMEOUT);
}

static void reset_forgets_links(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);

        does(p.peripheral, 0x0c03, NULL, 0);
        pass(w, SECOND);
        assert_null(next(p.peripheral, HCI_DISCONNECTION_COMPLETE, -1));
        assert_non_null(next(p.central, HCI_DISCONNECTION_COMPLETE, -1));
}

static void limits_and_repetitions_are_refused(void **state)
{
        static const struct controller_settings one = {.address = {0, 0, 0, 1, 0xaa, 0},
                                                       .n_links = 1};
        struct world *w = *state;
        uint8_t create[25] = {0x60, 0, 0x60, 0,        0, 0,        1, 0, 0, 1,
                              0xaa, 0, 0,    INTERVAL, 0, INTERVAL, 0, 0, 0, 0x2a};

        w->hosts[0].controller = controller_free(w->hosts[0].controller);
        plug(w, 0, &one);
        (void)pair_new(w, 0, 1);
        assert_int_equal(ask(&w->hosts[0], 0x200d, create, sizeof(create), NULL),
                         HCI_CONNECTION_LIMIT);
        /* The other one has a place left, but not for the same peer. */
        create[6] = 0;
        assert_int_equal(ask(&w->hosts[1], 0x200d, create, sizeof(create), NULL),
                         HCI_CONNECTION_EXISTS);
        create[6] = 2;
        does(&w->hosts[1], 0x200d, create, sizeof(create));
        assert_int_equal(ask(&w->hosts[1], 0x200d, create, sizeof(create), NULL),
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
                plug(w, i, &many);
                hear_everything(&w->hosts[i]);
        }
        for (uint8_t i = 0; i <= CONTROLLER_LINKS_MAX; i++) {
                uint8_t refusal = i < CONTROLLER_LINKS_MAX ? HCI_SUCCESS : HCI_CONNECTION_LIMIT;

                does(&w->hosts[1], 0x2005, PARAMETERS(i, 0, 0, 0, 0, 0xc0));
                does(&w->hosts[1], 0x2006,
                     PARAMETERS(0x20, 0, 0x20, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0));
                assert_int_equal(ask(&w->hosts[1], 0x200a, PARAMETERS(1), NULL), refusal);
                assert_int_equal(
                        ask(&w->hosts[0], 0x200d,
                            PARAMETERS(0x60, 0, 0x60, 0, 0, 1, i, 0, 0, 0, 0, 0xc0, 0, INTERVAL * 4,
                                       0, INTERVAL * 4, 0, 0, 0, 0xe8, 3, 0, 0, 0, 0),
                            NULL),
                        refusal);
                pass(w, SECOND);
                assert_true(!next_le(&w->hosts[0], HCI_LE_ENHANCED_CONNECTION_COMPLETE) ==
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

        hear_everything(host);
        connect_to(host, 1);
        does(host, 0x200e, NULL, 0);
        event = next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_UNKNOWN_CONNECTION);
        assert_int_equal(ask(host, 0x200e, NULL, 0, NULL), HCI_COMMAND_DISALLOWED);
}

/* --- procedures --- */

static void central_changes_parameters(void **state)
{
        struct world *w = *state;
        struct pair p = pair_new(w, 0, 1);
        uint8_t update[14] = {0, 0, 12, 0, 12, 0, 1, 0, 100, 0};
        const uint8_t *event;

        hci_put16(update, p.central_handle);
        does(p.central, 0x2013, update, sizeof(update));
        pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = next_le(i ? p.central : p.peripheral, HCI_LE_CONNECTION_UPDATE_COMPLETE);
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
        does(p.peripheral, 0x2013, update, sizeof(update));
        pass(w, SECOND);
        event = next_le(p.central, HCI_LE_CONNECTION_PARAMETER_REQUEST);
        assert_non_null(event);
        assert_memory_equal(event + 2, update + 2, 8);
        hci_put16(refusal, p.central_handle);
        does(p.central, 0x2021, refusal, sizeof(refusal));
        pass(w, SECOND);
        event = next_le(p.peripheral, HCI_LE_CONNECTION_UPDATE_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[0], 0x3b);
        assert_int_equal(hci_get16(event + 3), INTERVAL);

        does(p.peripheral, 0x2013, update, sizeof(update));
        pass(w, SECOND);
        assert_non_null(next_le(p.central, HCI_LE_CONNECTION_PARAMETER_REQUEST));
        hci_put16(update, p.central_handle);
        does(p.central, 0x2020, update, sizeof(update));
        pass(w, SECOND);
        event = next_le(p.peripheral, HCI_LE_CONNECTION_UPDATE_COMPLETE);
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
        does(p.peripheral, 0x2016, handle, sizeof(handle));
        does(p.peripheral, 0x041d, handle, sizeof(handle));
        pass(w, SECOND);
        event = next_le(p.peripheral, HCI_LE_REMOTE_FEATURES_COMPLETE);
        assert_non_null(event);
        assert_int_equal(event[3], 0x2f);
        event = next(p.peripheral, HCI_REMOTE_VERSION_COMPLETE, -1);
        assert_non_null(event);
        assert_int_equal(event[3], 0x0b);
        /* What was learnt from the question is told at once. */
        hci_put16(handle, p.central_handle);
        does(p.central, 0x2016, handle, sizeof(handle));
        assert_non_null(next_le(p.central, HCI_LE_REMOTE_FEATURES_COMPLETE));
        does(p.central, 0x041d, handle, sizeof(handle));
        assert_non_null(next(p.central, HCI_REMOTE_VERSION_COMPLETE, -1));
}

static void length_is_agreed(void **state)
{
        struct world *w = *state;
        struct pair p = {0};
        const uint8_t *event;

        does(&w->hosts[0], 0x2024, PARAMETERS(251, 0, 0x48, 0x08));
        does(&w->hosts[1], 0x2024, PARAMETERS(100, 0, 0x48, 0x08));
        p = pair_new(w, 0, 1);
        event = next_le(p.central, HCI_LE_DATA_LENGTH_CHANGE);
        assert_non_null(event);
        assert_int_equal(hci_get16(event + 2), 251);
        assert_int_equal(hci_get16(event + 4), 2120);
        assert_int_equal(hci_get16(event + 6), 100);
        event = next_le(p.peripheral, HCI_LE_DATA_LENGTH_CHANGE);
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
        does(p.peripheral, 0x2032, set, sizeof(set));
        pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = next_le(i ? p.central : p.peripheral, HCI_LE_PHY_UPDATE_COMPLETE);
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
        does(p.central, 0x2019, enable, sizeof(enable));
        pass(w, SECOND);
        assert_non_null(next_le(p.peripheral, HCI_LE_LONG_TERM_KEY_REQUEST));
        does(p.peripheral, 0x201a, reply, sizeof(reply));
        pass(w, SECOND);
        for (size_t i = 0; i < 2; i++) {
                event = next(i ? p.central : p.peripheral, HCI_ENCRYPTION_CHANGE, -1);
                assert_non_null(event);
                assert_int_equal(event[0], HCI_SUCCESS);
                assert_int_equal(event[3], 1);
        }
        reply[2] = 0x78;
        does(p.central, 0x2019, enable, sizeof(enable));
        pass(w, SECOND);
        does(p.peripheral, 0x201a, reply, sizeof(reply));
        pass(w, SECOND);
        event = next(p.central, HCI_DISCONNECTION_COMPLETE, -1);
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
        does(p.central, 0x2019, enable, sizeof(enable));
        pass(w, SECOND);
        does(p.peripheral, 0x201b, handle, sizeof(handle));
        pass(w, SECOND);
        event = next(p.central, HCI_ENCRYPTION_CHANGE, -1);
        assert_non_null(event);
        assert_int_equal(event[0], HCI_KEY_MISSING);
        assert_int_equal(event[3], 0);
}

/* --- frozen --- */

static void frozen_controller_answers_later(void **state)
{
        struct world *w = *state;
        struct host *host = &w->hosts[0];
        size_t before;

        hear_everything(host);
        before = host->n_packets;
        controller_freeze(host->controller, true);
        command_send(host, 0x1009, NULL, 0);
        command_send(host, 0x1003, NULL, 0);
        pass(w, SECOND);
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

        hear_everything(host);
        does(host, 0x200b, PARAMETERS(0, 0x60, 0, 0x60, 0, 0, 0));
        does(host, 0x200c, PARAMETERS(1, 0));
        before = host->n_packets;
        controller_freeze(host->controller, true);
        air_flood(w->air, 1000, 10000, SPACE_NEAR);
        pass(w, SECOND);
        command_send(host, 0x1009, NULL, 0);
        air_flood(w->air, 0, 0, SPACE_NEAR);
        controller_freeze(host->controller, false);
        assert_int_equal(host->n_packets, before + 256 + 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

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
                TEST(advertisements_are_reported),
                TEST(active_scan_gets_a_response),
                TEST(data_changes_when_there_is_no_room_for_a_link),
                TEST(extended_advertisement_comes_in_pieces),
                TEST(long_data_is_not_made_legacy),
                TEST(set_ends_after_its_time),
                TEST(random_address_is_kept_from_its_users),
                TEST(high_duty_advertising_ends_by_itself),
                TEST(accept_list_is_kept_from_its_users),
                TEST(data_passes_both_ways),
                TEST(both_are_told_of_the_end),
                TEST(unplugged_peer_is_missed),
                TEST(reset_forgets_links),
                TEST(limits_and_repetitions_are_refused),
                TEST(links_are_as_many_as_can_be),
                TEST(connecting_can_be_cancelled),
                TEST(central_changes_parameters),
                TEST(peripheral_asks_for_parameters),
                TEST(features_and_version_are_exchanged),
                TEST(length_is_agreed),
                TEST(phy_is_agreed),
                TEST(encryption_needs_the_same_key),
                TEST(missing_key_is_told),
                TEST(frozen_controller_answers_later),
                TEST(frozen_controller_keeps_some_reports),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
