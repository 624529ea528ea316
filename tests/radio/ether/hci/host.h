/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Controllers in one air for tests, each with a host that sends commands and keeps what it is told.
 * Whatever is not as expected fails the test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hci/controller.h"
#include "hci/hci.h"

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

#define INTERVAL 24 /* 30 ms, of pair_new() */

/* A link between two hosts: the handles at both. */
struct pair {
        struct host *central, *peripheral;
        uint16_t central_handle, peripheral_handle;
};

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

/* Three controllers, two links each, their addresses 00:AA:01:00:00:NUMBER. */
int world_new(void **state);
int world_free(void **state);

/* Plugs in controller @number, whatever address the settings have at its end. */
void world_plug(struct world *w, size_t number, const struct controller_settings *settings);

/* Lets @time microseconds pass. */
void world_pass(struct world *w, uint64_t time);

/* --- what the host says and hears --- */

void host_command(struct host *host, uint16_t opcode, const uint8_t *parameters,
                  size_t n_parameters);

/* The parameters of the next event of this code (and subevent, or -1), past other packets, or NULL.
 */
const uint8_t *host_next(struct host *host, uint8_t code, int subevent);
const uint8_t *host_next_le(struct host *host, uint8_t subevent);

/* The next data packet, from its type byte on, or NULL. */
const uint8_t *host_next_data(struct host *host, size_t *ret_n);

/* Sends a command; its status, and the parameters that follow it. */
uint8_t host_ask(struct host *host, uint16_t opcode, const uint8_t *parameters, size_t n_parameters,
                 const uint8_t **ret_out);

/* Sends a command that must succeed. */
void host_does(struct host *host, uint16_t opcode, const uint8_t *parameters, size_t n_parameters);

/* --- the usual proceedings --- */

/* As Linux does: every event. */
void host_hear_everything(struct host *host);
void host_advertise(struct host *host);

/* Begins to connect to controller @peer, for an interval of INTERVAL. */
void host_connect(struct host *host, uint8_t peer);

/* The handle of the connection reported to it, which is in this role. */
uint16_t host_connected(struct host *host, uint8_t role);

/* Connects two hosts. */
struct pair pair_new(struct world *w, size_t central, size_t peripheral);
