/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input as what two hosts say to their controllers in one air, and the time that passes
 * between: a chunk is a packet, its first byte's lowest bit says whose, the others how long nothing
 * happens before.
 *
 * Whatever they say, each command is answered once, and what the hosts are told has the length it
 * says it has.
 */

#include <string.h>

#include "chunk.h"
#include "hci/controller.h"
#include "hci/hci.h"
#include "require.h"

#define N_HOSTS 2
#define STEP    UINT64_C(5000) /* us */

struct host {
        struct controller *controller;
        size_t n_answers;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_packet(void *userdata, const uint8_t *packet, size_t n_packet)
{
        struct host *host = userdata;

        require(n_packet >= 3 && n_packet <= CONTROLLER_PACKET_MAX);
        if (packet[0] == HCI_ACL) {
                require(n_packet == 5U + hci_get16(packet + 3));
                return;
        }
        require(packet[0] == HCI_EVENT && n_packet == 3U + packet[2]);
        host->n_answers += packet[1] == HCI_COMMAND_COMPLETE || packet[1] == HCI_COMMAND_STATUS;
}

static void on_note(void *userdata, const char *text)
{
        (void)userdata;
        require(*text != '\0');
}

static void say(struct host *host, const uint8_t *packet, size_t n_packet)
{
        bool is_command = n_packet >= 4 && packet[0] == HCI_COMMAND && n_packet == 4U + packet[3];
        size_t before = host->n_answers;

        controller_receive(host->controller, packet, n_packet);
        require(host->n_answers == before + is_command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct controller_owner owner = {on_packet, on_note};
        struct host hosts[N_HOSTS] = {0};
        struct air *air = NULL;
        struct chunk chunk;
        uint64_t now = 0;

        require(air_new(1, &air) == 0);
        for (uint8_t i = 0; i < N_HOSTS; i++) {
                struct controller_settings settings = {.address = {i}, .n_links = 1};

                require(controller_new(air, &settings, &owner, &hosts[i], &hosts[i].controller) ==
                        0);
        }
        while (chunk_take(&data, &size, CONTROLLER_PACKET_MAX, &chunk)) {
                now += STEP * (chunk.kind >> 1);
                air_advance(air, now);
                say(&hosts[chunk.kind & 1], chunk.bytes, chunk.n_bytes);
        }
        air_advance(air, now + STEP);
        for (size_t i = 0; i < N_HOSTS; i++)
                (void)controller_free(hosts[i].controller);
        (void)air_free(air);
        return 0;
}
