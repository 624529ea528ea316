/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "order/lab.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "order/order.h"
#include "room/vhci.h"

#define PATIENCE_MS      10000
#define COMMAND_COMPLETE 0x0e
#define COMMAND_STATUS   0x0f
#define LE_META          0x3e

static int open_host(void *userdata)
{
        struct lab *lab = userdata;
        uint8_t created[] = {0xff, 0x00, (uint8_t)lab->n_hosts, 0x00};
        int fds[2];

        if (lab->no_host)
                return lab->no_host;
        assert_true(lab->n_hosts < LAB_HOSTS_MAX);
        assert_return_code(
                socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), errno);
        assert_int_equal(send(fds[0], created, sizeof(created), 0), sizeof(created));
        lab->hosts[lab->n_hosts++] = fds[0];
        return fds[1];
}

static void on_due(void *userdata, const char *line)
{
        struct lab *lab = userdata;
        struct refusal refusal;
        FILE *answer = fmemopen(lab->answer, sizeof(lab->answer), "w");

        assert_non_null(answer);
        if (order_do(lab->room, line, answer, &refusal) != 0)
                (void)snprintf(lab->refused, sizeof(lab->refused), "%s: %s", line, refusal.code);
        (void)fclose(answer);
}

static const struct room_owner room_owner = {.open_host = open_host, .on_due = on_due};

struct lab *lab_new(uint64_t seed, double factor)
{
        struct lab *lab = calloc(1, sizeof(*lab));

        assert_non_null(lab);
        assert_return_code(sd_event_new(&lab->event), 0);
        assert_int_equal(room_new(lab->event, seed, factor, &room_owner, lab, &lab->room), 0);
        return lab;
}

struct lab *lab_free(struct lab *lab)
{
        (void)room_free(lab->room);
        vhci_settle();
        for (unsigned i = 0; i < lab->n_hosts; i++)
                (void)close(lab->hosts[i]);
        (void)sd_event_unref(lab->event);
        free(lab);
        return NULL;
}

int lab_setup_still(void **state)
{
        *state = lab_new(1, 100);
        return 0;
}

int lab_setup(void **state)
{
        struct lab *lab = lab_new(1, 100);

        assert_return_code(room_start(lab->room), 0);
        *state = lab;
        return 0;
}

int lab_teardown(void **state)
{
        *state = lab_free(*state);
        return 0;
}

static int order_give(struct lab *lab, const char *line, struct refusal *refusal)
{
        FILE *answer = fmemopen(lab->answer, sizeof(lab->answer), "w");
        int r;

        assert_non_null(answer);
        room_advance(lab->room);
        r = order_do(lab->room, line, answer, refusal);
        room_arm(lab->room);
        assert_int_equal(fclose(answer), 0);
        return r;
}

const char *lab_order(struct lab *lab, const char *line)
{
        struct refusal refusal;

        memset(lab->answer, 0, sizeof(lab->answer));
        if (order_give(lab, line, &refusal) != 0)
                fail_msg("%s: %s: %s", line, refusal.code, refusal.text);
        return lab->answer;
}

const char *lab_refused(struct lab *lab, const char *line, const char *code)
{
        struct refusal refusal;

        if (order_give(lab, line, &refusal) == 0)
                fail_msg("'%s' should be refused", line);
        if (strcmp(refusal.code, code) != 0)
                fail_msg("'%s' is refused as %s: %s", line, refusal.code, refusal.text);
        (void)snprintf(lab->refused, sizeof(lab->refused), "%s", refusal.text);
        return lab->refused;
}

static uint64_t now_ms(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void lab_wait(struct lab *lab, unsigned milliseconds)
{
        uint64_t end = now_ms() + milliseconds;

        while (now_ms() < end)
                (void)sd_event_run(lab->event, 500);
}

void lab_say(struct lab *lab, unsigned host, const void *packet, size_t n_packet)
{
        assert_int_equal(send(lab->hosts[host], packet, n_packet, 0), n_packet);
}

bool lab_hear(struct lab *lab, unsigned host, unsigned milliseconds)
{
        uint64_t end = now_ms() + milliseconds;

        do {
                ssize_t n;

                while (sd_event_run(lab->event, 0) > 0)
                        continue;
                n = recv(lab->hosts[host], lab->packet, sizeof(lab->packet), 0);
                if (n > 0 && lab->packet[0] != 0xff) {
                        lab->n_packet = (size_t)n;
                        return true;
                }
                if (n < 0)
                        (void)sd_event_run(lab->event, 500);
        } while (now_ms() < end);
        return false;
}

static bool is_answer_to(const struct lab *lab, uint16_t opcode)
{
        const uint8_t *p = lab->packet;
        bool complete = p[1] == COMMAND_COMPLETE;
        size_t at = complete ? 4 : 5;

        if (p[0] != 0x04 || (!complete && p[1] != COMMAND_STATUS) ||
            (p[at] | p[at + 1] << 8) != opcode)
                return false;
        if (p[complete ? 6 : 3] != 0)
                fail_msg("command 0x%04x ends with 0x%02x", opcode, p[complete ? 6 : 3]);
        return true;
}

void lab_command(struct lab *lab, unsigned host, uint16_t opcode, const void *parameters,
                 size_t n_parameters)
{
        uint8_t packet[260] = {0x01, (uint8_t)opcode, (uint8_t)(opcode >> 8),
                               (uint8_t)n_parameters};

        if (n_parameters > 0)
                memcpy(packet + 4, parameters, n_parameters);
        lab_say(lab, host, packet, 4 + n_parameters);
        do {
                if (!lab_hear(lab, host, PATIENCE_MS))
                        fail_msg("command 0x%04x is not answered", opcode);
        } while (!is_answer_to(lab, opcode));
}

static const uint8_t *await_event(struct lab *lab, unsigned host, uint8_t code, int subevent)
{
        do {
                if (!lab_hear(lab, host, PATIENCE_MS))
                        fail_msg("host %u does not get event 0x%02x, 0x%02x", host, code,
                                 (unsigned)subevent);
        } while (lab->packet[0] != 0x04 || lab->packet[1] != code ||
                 (subevent >= 0 && lab->packet[3] != subevent));
        return lab->packet + (subevent >= 0 ? 4 : 3);
}

const uint8_t *lab_event(struct lab *lab, unsigned host, uint8_t code)
{
        return await_event(lab, host, code, -1);
}

const uint8_t *lab_le_event(struct lab *lab, unsigned host, uint8_t subevent)
{
        return await_event(lab, host, LE_META, subevent);
}
