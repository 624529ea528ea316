/* SPDX-License-Identifier: Apache-2.0 */

#include "hci/controller.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/command.h"
#include "hci/state.h"
#include "hci/packet-queue.h"

/* Name of a controller's stream of chance. */
#define RANDOM_NUMBERS UINT64_C(0x5241000000000000)

static void controller_deliver(struct controller *c, const uint8_t *packet, size_t n_packet)
{
        if (!c->frozen)
                c->owner->on_packet(c->userdata, packet, n_packet);
        else if (packet_queue_push(c->out, packet, n_packet) < 0)
                hci_note(c, "out of memory: a packet is lost");
}

void hci_note(struct controller *c, const char *format, ...)
{
        char text[160];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        c->owner->on_note(c->userdata, text);
}

/* --- events --- */

/* Masks have a bit for each event from 1 on; those that answer commands and return buffers have
 * none. */
static bool event_wanted(const struct controller *c, uint8_t code)
{
        return code == HCI_COMMAND_COMPLETE || code == HCI_COMMAND_STATUS ||
               code == HCI_COMPLETED_PACKETS || c->event_mask >> (code - 1) & 1;
}

bool hci_le_wanted(const struct controller *c, uint8_t subevent)
{
        return event_wanted(c, HCI_LE_META) && c->le_event_mask >> (subevent - 1) & 1;
}

void hci_event(struct controller *c, uint8_t code, const uint8_t *parameters, size_t n_parameters)
{
        uint8_t packet[CONTROLLER_PACKET_MAX] = {HCI_EVENT, code, (uint8_t)n_parameters};

        if (!event_wanted(c, code))
                return;
        memcpy(packet + 3, parameters, n_parameters);
        controller_deliver(c, packet, 3 + n_parameters);
}

void hci_le_event(struct controller *c, uint8_t subevent, const uint8_t *parameters,
                  size_t n_parameters)
{
        uint8_t meta[255] = {subevent};

        if (!hci_le_wanted(c, subevent))
                return;
        memcpy(meta + 1, parameters, n_parameters);
        hci_event(c, HCI_LE_META, meta, 1 + n_parameters);
}

void hci_data(struct controller *c, uint16_t handle, bool first, const uint8_t *data, size_t n_data)
{
        uint8_t packet[CONTROLLER_PACKET_MAX] = {HCI_ACL};

        hci_put16(packet + 1, (uint16_t)(handle | (first ? 0x2000 : 0x1000)));
        hci_put16(packet + 3, (uint16_t)n_data);
        memcpy(packet + 5, data, n_data);
        controller_deliver(c, packet, 5 + n_data);
}

/* --- commands --- */

static void command_answer(struct controller *c, const struct hci_call *call, bool by_status,
                           uint8_t status)
{
        uint8_t parameters[255] = {1}; /* commands the host may send now */
        size_t n_out = call->n_out;

        if (by_status) {
                parameters[0] = status;
                parameters[1] = 1;
                hci_put16(parameters + 2, call->opcode);
                hci_event(c, HCI_COMMAND_STATUS, parameters, 4);
                return;
        }
        hci_put16(parameters + 1, call->opcode);
        parameters[3] = status;
        memcpy(parameters + 4, call->out, n_out);
        hci_event(c, HCI_COMMAND_COMPLETE, parameters, 4 + n_out);
}

static uint8_t command_run(struct controller *c, const struct hci_command *command,
                           struct hci_call *call)
{
        if (call->n_in < command->n_in ||
            (call->n_in > command->n_in && !(command->flags & HCI_MORE)))
                return HCI_INVALID_PARAMETERS;
        memcpy(call->out, call->in, command->n_echo);
        call->n_out = command->n_echo;
        return command->handler(c, call);
}

static void command_receive(struct controller *c, const uint8_t *packet, size_t n_packet)
{
        const struct hci_command *command;
        struct hci_call call = {.in = packet + 4};
        uint8_t status;

        if (n_packet < 4 || n_packet != 4U + packet[3]) {
                hci_note(c, "the host sent a command of %zu bytes whose length is wrong", n_packet);
                return;
        }
        call.opcode = hci_get16(packet + 1);
        call.n_in = packet[3];
        command = hci_command_find(c, call.opcode);
        if (!command) {
                hci_note(c, "unknown command 0x%04x", call.opcode);
                command_answer(c, &call, false, HCI_UNKNOWN_COMMAND);
                return;
        }
        status = command_run(c, command, &call);
        if (status != HCI_SUCCESS)
                hci_note(c, "command 0x%04x ends with 0x%02x", call.opcode, status);
        command_answer(c, &call, command->flags & HCI_BY_STATUS, status);
        if (call.then)
                call.then(c, call.then_link);
}

static void packet_receive(struct controller *c, const uint8_t *packet, size_t n_packet)
{
        switch (packet[0]) {
        case HCI_COMMAND:
                command_receive(c, packet, n_packet);
                break;
        case HCI_ACL:
                hci_link_send(c, packet, n_packet);
                break;
        default:
                hci_note(c, "the host sent a packet of type 0x%02x", packet[0]);
        }
}

void controller_receive(struct controller *c, const uint8_t *packet, size_t n_packet)
{
        if (n_packet == 0)
                return;
        if (!c->frozen)
                packet_receive(c, packet, n_packet);
        else if (packet_queue_push(c->in, packet, n_packet) < 0)
                hci_note(c, "out of memory: a packet is lost");
}

static void thaw(struct controller *c)
{
        uint8_t packet[PACKET_MAX];
        size_t n_packet;

        c->frozen = false;
        while ((n_packet = packet_queue_pop(c->out, packet)) > 0)
                c->owner->on_packet(c->userdata, packet, n_packet);
        while ((n_packet = packet_queue_pop(c->in, packet)) > 0)
                packet_receive(c, packet, n_packet);
}

void controller_freeze(struct controller *c, bool frozen)
{
        if (frozen)
                c->frozen = true;
        else if (c->frozen)
                thaw(c);
}

/* --- the air --- */

static void on_report(void *userdata, const struct air_report *report)
{
        hci_scanning_report(userdata, report);
}

static void on_connected(void *userdata, const struct air_connection *connection)
{
        hci_connecting_done(userdata, connection);
}

static void on_set_ended(void *userdata, uint8_t set, uint8_t status, unsigned events)
{
        hci_advertising_ended(userdata, set, status, 0, events);
}

int controller_new(struct air *air, const struct controller_settings *settings,
                   const struct controller_owner *owner, void *userdata,
                   struct controller **ret_controller)
{
        static const struct radio_owner radio_owner = {on_report, on_connected, on_set_ended};
        struct controller *c = calloc(1, sizeof(*c));
        int r;

        assert(settings->n_links <= CONTROLLER_LINKS_MAX);
        if (!c)
                return -ENOMEM;
        c->air = air;
        c->settings = *settings;
        c->owner = owner;
        c->userdata = userdata;
        r = packet_queue_new(&c->in);
        if (r >= 0)
                r = packet_queue_new(&c->out);
        if (r >= 0)
                r = radio_new(air, &radio_owner, c, &c->radio);
        if (r < 0) {
                (void)controller_free(c);
                return r;
        }
        c->chance = chance_new(settings->seed, RANDOM_NUMBERS + radio_number(c->radio));
        radio_limit(c->radio, settings->n_links);
        hci_info_reset(c);
        *ret_controller = c;
        return 0;
}

struct controller *controller_free(struct controller *c)
{
        if (!c)
                return NULL;
        if (c->radio) {
                hci_link_reset(c);
                (void)radio_free(c->radio);
        }
        (void)packet_queue_free(c->in);
        (void)packet_queue_free(c->out);
        free(c);
        return NULL;
}

unsigned controller_number(const struct controller *c)
{
        return radio_number(c->radio);
}

struct radio_tally controller_tally(const struct controller *c)
{
        return radio_tally(c->radio);
}
