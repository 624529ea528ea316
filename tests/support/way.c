/* SPDX-License-Identifier: Apache-2.0 */

#include "support/way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void way_init(struct way *way, sd_event *event)
{
        memset(way, 0, sizeof(*way));
        assert_int_equal(airtime_new(event, 1, &way->airtime), 0);
        way->means = (struct finder_means){
                .event = event,
                .airtime = way->airtime,
                .no_air = REASON_ADAPTER_MISSING,
                .ports = way->ports,
        };
}

void way_add(struct way *way, const char *address)
{
        assert_true(way->n_ports < WAY_PORTS_MAX);
        assert_int_equal(
                port_new(way->means.event, way->airtime, address, &way->ports[way->n_ports++]), 0);
        way->means.n_ports = way->n_ports;
}

void way_done(struct way *way)
{
        while (way->n_ports > 0)
                (void)port_free(way->ports[--way->n_ports]);
        way->airtime = airtime_free(way->airtime);
}
