/* SPDX-License-Identifier: Apache-2.0 */

#include "hci/host.h"

#include <string.h>

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

void world_plug(struct world *w, size_t number, const struct controller_settings *settings)
{
        static const struct controller_owner owner = {on_packet, on_note};
        struct controller_settings s = *settings;

        s.address[0] = (uint8_t)number;
        assert_int_equal(
                controller_new(w->air, &s, &owner, &w->hosts[number], &w->hosts[number].controller),
                0);
}

int world_new(void **state)
{
        static const struct controller_settings usual = {
                .address = {0, 0, 0, 1, 0xaa, 0}, .n_links = 2, .seed = 1};
        static struct world world;
        struct world *w = &world;

        memset(w, 0, sizeof(*w));
        if (air_new(1, &w->air) < 0)
                return -1;
        for (size_t i = 0; i < N_HOSTS; i++)
                world_plug(w, i, &usual);
        *state = w;
        return 0;
}

int world_free(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < N_HOSTS; i++)
                w->hosts[i].controller = controller_free(w->hosts[i].controller);
        (void)air_free(w->air);
        return 0;
}

void world_pass(struct world *w, uint64_t time)
{
        w->now += time;
        air_advance(w->air, w->now);
}

/* --- what the host says and hears --- */

void host_command(struct host *host, uint16_t opcode, const uint8_t *parameters,
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
const uint8_t *host_next(struct host *host, uint8_t code, int subevent)
{
        while (host->n_read < host->n_packets) {
                const struct packet *p = &host->packets[host->n_read++];

                if (p->bytes[0] == HCI_EVENT && p->bytes[1] == code &&
                    (subevent < 0 || p->bytes[3] == subevent))
                        return p->bytes + (subevent < 0 ? 3 : 4);
        }
        return NULL;
}

const uint8_t *host_next_le(struct host *host, uint8_t subevent)
{
        return host_next(host, HCI_LE_META, subevent);
}

const uint8_t *host_next_data(struct host *host, size_t *ret_n)
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
uint8_t host_ask(struct host *host, uint16_t opcode, const uint8_t *parameters, size_t n_parameters,
                 const uint8_t **ret_out)
{
        size_t before = host->n_packets;
        const struct packet *answer = &host->packets[before];

        host_command(host, opcode, parameters, n_parameters);
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

void host_does(struct host *host, uint16_t opcode, const uint8_t *parameters, size_t n_parameters)
{
        assert_int_equal(host_ask(host, opcode, parameters, n_parameters, NULL), HCI_SUCCESS);
}

/* As Linux does: every LE event this controller knows. */
void host_hear_everything(struct host *host)
{
        host_does(host, 0x0c01, PARAMETERS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
        host_does(host, 0x2001, PARAMETERS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
}

/* --- the usual proceedings --- */

void host_advertise(struct host *host)
{
        uint8_t data[32] = {3, 2, 0x01, 0x06};

        host_does(host, 0x2006, PARAMETERS(0x20, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0));
        host_does(host, 0x2008, data, sizeof(data));
        host_does(host, 0x200a, PARAMETERS(1));
}

void host_connect(struct host *host, uint8_t peer)
{
        host_does(host, 0x200d,
                  PARAMETERS(0x60, 0, 0x60, 0, 0, 0, peer, 0, 0, 1, 0xaa, 0, 0, INTERVAL, 0,
                             INTERVAL, 0, 0, 0, 0x2a, 0, 0, 0, 0, 0));
}

uint16_t host_connected(struct host *host, uint8_t role)
{
        const uint8_t *event = host_next_le(host, HCI_LE_ENHANCED_CONNECTION_COMPLETE);

        assert_non_null(event);
        assert_int_equal(event[0], HCI_SUCCESS);
        assert_int_equal(event[3], role);
        assert_int_equal(hci_get16(event + 23), INTERVAL);
        return hci_get16(event + 1);
}

struct pair pair_new(struct world *w, size_t central, size_t peripheral)
{
        struct pair p = {&w->hosts[central], &w->hosts[peripheral], 0, 0};

        host_hear_everything(p.central);
        host_hear_everything(p.peripheral);
        host_advertise(p.peripheral);
        host_connect(p.central, (uint8_t)peripheral);
        world_pass(w, SECOND);
        p.central_handle = host_connected(p.central, LINK_CENTRAL);
        p.peripheral_handle = host_connected(p.peripheral, LINK_PERIPHERAL);
        return p;
}
