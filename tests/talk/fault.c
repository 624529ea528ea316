/* SPDX-License-Identifier: Apache-2.0 */

#include "talk/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct world_queue earlier[FAULT_MESSAGES]; /* one message each */
static unsigned n_earlier;

void connect_to(int hub)
{
        world.n_messages = 0;
        assert_true(world_connect(hub));
}

struct world_queue *until(unsigned n)
{
        while (world.linked >= 0 && world.n_messages < n &&
               (world.to_device.n > 0 || world.to_hub.n > 0)) {
                if (world.to_device.n > 0)
                        world_deliver_to_device();
                else
                        world_deliver_to_hub();
        }
        /* DONE and the first reading are said at once, and an answer may follow another reading. */
        if (n == world.n_messages && world.to_hub.n == 2) {
                world_deliver_to_hub();
                return &world.to_hub;
        }
        return world.to_device.n > 0 ? &world.to_device : &world.to_hub;
}

void fault_record(unsigned n)
{
        assert_true(n < FAULT_MESSAGES);
        connect_to(0);
        for (unsigned i = 1; i <= n; i++)
                earlier[i] = *until(i);
        n_earlier = n;
        (void)until(1000);
}

void fault_make(enum fault fault, struct world_queue *q, unsigned at)
{
        struct world_message *m = &q->messages[0];

        switch (fault) {
        case LOSE:
                world_link_lost();
                return;
        case DOUBLE:
                q->messages[q->n] = *m;
                q->n++;
                return;
        case SWAP: /* with a message of the other direction, played back to its sender */
                q->messages[1] = *m;
                *m = earlier[at == n_earlier ? at - 1 : at + 1].messages[0];
                q->n = 2;
                return;
        case TRUNCATE:
                m->n--;
                return;
        case EXTEND:
                m->bytes[m->n++] = 0;
                return;
        case EMPTY_TYPE:
                m->n = 1;
                return;
        case REPLAY:
                *m = earlier[at].messages[0];
                return;
        case FAULTS:
                return;
        }
}
