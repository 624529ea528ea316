/* SPDX-License-Identifier: Apache-2.0 */

#include "order/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order/call.h"
#include "order/counters.h"
#include "order/order-run.h"
#include "room/pace.h"
#include "util/defer.h"

#define ORDER_MESSAGES_MAX 1000000000L

static int order_factor(struct call *call)
{
        double factor;
        int r = call_number(call, 1, PACE_FACTOR_MIN, PACE_FACTOR_MAX, &factor);

        if (r == 0)
                room_set_factor(call->room, factor);
        return r;
}

static int order_after(struct call *call)
{
        const char *line = call->words.rest[2];
        uint64_t delay;
        int r;

        if (!value_duration(call_argument(call, 1), &delay))
                return refuse(call->refusal, "bad_value",
                              "'%s' is not a time; write 250us, 20ms or 1.5s, at most a day",
                              call_argument(call, 1));
        r = order_check(line, call->refusal);
        if (r != 0)
                return r;
        r = room_later(call->room, delay, line);
        if (r == -ENOSPC)
                return refuse(call->refusal, "full",
                              "too many orders wait already; give it when some are done");
        return r < 0 ? refuse_failure(call->refusal, r, "cannot keep the order") : 0;
}

static int order_at(struct call *call)
{
        const char *line = call->words.rest[3];
        struct route route;
        long n;
        int r = call_direction(call, &route);

        if (r == 0)
                r = call_integer(call, 2, 1, ORDER_MESSAGES_MAX, 0, &n);
        if (r == 0)
                r = order_check(line, call->refusal);
        if (r != 0)
                return r;
        r = room_at_message(call->room, route.from, route.to, (uint64_t)n, line);
        return r < 0 ? refuse_failure(call->refusal, r, "cannot keep the order") : 0;
}

/* ether does not collect its children (room/vhci.c), so that a status may not be known. */
static int order_run(struct call *call)
{
        int status = system(call->words.rest[1]);

        if (status < 0 && errno != ECHILD)
                return refuse_failure(call->refusal, -errno, "cannot run it");
        return 0;
}

static int order_counters(struct call *call)
{
        int r = counters_write(call->room, call->answer);

        return r < 0 ? refuse_failure(call->refusal, r, "cannot write the counters") : 0;
}

static int order_reset(struct call *call)
{
        room_zero(call->room);
        return 0;
}

static int order_quit(struct call *call)
{
        room_quit(call->room);
        return 0;
}

static int order_show_help(struct call *call)
{
        order_help(call->answer);
        return 0;
}

/* clang-format off */
static const struct order {
        const char *verb;
        const char *arguments;
        unsigned n_min, n_max; /* of arguments */
        int (*run)(struct call *call);
        const char *help;
} orders[] = {
        { "plug",     "NAME [address=AA:BB:CC:DD:EE:FF] [links=N] [legacy]", 1, 4, order_plug,
          "a controller appears in the kernel; answers NAME hciN ADDRESS" },
        { "unplug",   "NAME",              1, 1, order_unplug,
          "it disappears; its links go silent" },
        { "freeze",   "NAME",              1, 1, order_freeze,
          "it leaves unread what its host says and says nothing to it; its links go on" },
        { "thaw",     "NAME",              1, 1, order_thaw,
          "it catches up with all of that, in order" },
        { "mute",     "NAME",              1, 1, order_mute,
          "nobody hears it, and it hears nobody" },
        { "unmute",   "NAME",              1, 1, order_unmute,
          "it is heard, and hears, again" },
        { "signal",   "WAY DBM",           2, 2, order_signal,
          "how strong it is heard; -100 and less is not heard; at first -50" },
        { "loss",     "WAY PROBABILITY",   2, 2, order_loss,
          "each packet is lost with this probability, 0 to 1" },
        { "hold",     "WAY",               1, 1, order_hold,
          "data waits at its sender; links stay up" },
        { "release",  "WAY",               1, 1, order_release,
          "data passes again" },
        { "drop",     "A>B N",             2, 2, order_drop,
          "the link goes silent at the n-th data packet from now, once; 0 calls it off" },
        { "forge",    "A>B WHAT [VALUE]",  2, 3, order_forge,
          "changes A's next answer to a request for an L2CAP channel, once: result N,\n"
          "      reject N, mtu N or credits N; or the length of its next message there:\n"
          "      length N; off calls it off" },
        { "cut",      "A-B [REASON]",      1, 2, order_cut,
          "their links end at once, both hosts are told REASON, 0x08 by default" },
        { "refuse",   "A>B [N]",           1, 2, order_refuse,
          "the next N connection requests are not heard, 1 by default" },
        { "flood",    "COUNT RATE [DBM]",  1, 3, order_flood,
          "advertisements of COUNT strangers, RATE in a second; COUNT 0 ends it" },
        { "factor",   "FACTOR",            1, 1, order_factor,
          "simulated time passes so many times as fast as real time" },
        { "after",    "DURATION ORDER...", 2, WORDS_MAX, order_after,
          "does ORDER when so much simulated time has passed" },
        { "at",       "A>B N ORDER...",    3, WORDS_MAX, order_at,
          "does ORDER at the n-th message from now, just before B hears it; messages\n"
          "      are write commands, notifications and frames of L2CAP's dynamic channels" },
        { "run",      "COMMAND...",        1, WORDS_MAX, order_run,
          "a shell command; the air stands still until it has ended" },
        { "record",   "NAME FILE|off",     2, 2, order_record,
          "writes what it and its host say to each other to FILE, for btmon -r" },
        { "list",     "",                  0, 0, order_list,
          "a line for each controller, and one for each link" },
        { "counters", "",                  0, 0, order_counters,
          "a line of JSON: what passed on each way, what each radio did" },
        { "reset",    "",                  0, 0, order_reset,
          "sets the counters to zero" },
        { "help",     "",                  0, 0, order_show_help,
          "this" },
        { "quit",     "",                  0, 0, order_quit,
          "unplugs everything and ends ether" },
};
/* clang-format on */

void order_help(FILE *file)
{
        for (size_t i = 0; i < ELEMENTSOF(orders); i++)
                (void)fprintf(file, "  %s%s%s\n      %s\n", orders[i].verb,
                              *orders[i].arguments ? " " : "", orders[i].arguments, orders[i].help);
        (void)fputs("\n"
                    "A WAY is A>B for what A sends and B hears, A-B for both directions.\n"
                    "A DURATION is 250us, 20ms, 1.5s. FILE is seen from where ether was started.\n"
                    "# begins a comment. A name that is plugged in again has its address and\n"
                    "limits as before, and what was ordered for its ways, unless another\n"
                    "controller has been plugged in in its place meanwhile.\n",
                    file);
}

static const struct order *order_find(const char *verb)
{
        for (size_t i = 0; i < ELEMENTSOF(orders); i++)
                if (strcmp(orders[i].verb, verb) == 0)
                        return &orders[i];
        return NULL;
}

/* The order that @line is; NULL in its place for a line of nothing. */
static int order_read(const char *line, struct words *words, struct refusal *refusal,
                      const struct order **ret_order)
{
        const struct order *order;

        if (words_split(line, words) < 0)
                return refuse(refusal, "too_long", "orders have at most %d bytes and %d words",
                              WORDS_LINE_MAX, WORDS_MAX);
        *ret_order = NULL;
        if (words->n == 0)
                return 0;
        order = order_find(words->at[0]);
        if (!order)
                return refuse(refusal, "unknown_order",
                              "there is no order '%s'; 'help' lists them all", words->at[0]);
        if (words->n - 1 < order->n_min || words->n - 1 > order->n_max)
                return refuse(refusal, "wrong_arguments", "write '%s%s%s'", order->verb,
                              *order->arguments ? " " : "", order->arguments);
        *ret_order = order;
        return 0;
}

int order_check(const char *line, struct refusal *ret_refusal)
{
        const struct order *order = NULL;
        struct words words;

        return order_read(line, &words, ret_refusal, &order);
}

int order_do(struct room *room, const char *line, FILE *answer, struct refusal *ret_refusal)
{
        struct call call = {.room = room, .answer = answer, .refusal = ret_refusal};
        const struct order *order = NULL;
        int r = order_read(line, &call.words, ret_refusal, &order);

        return r != 0 || !order ? r : order->run(&call);
}

void order_answer(struct room *room, const char *line, FILE *answer)
{
        struct refusal refusal;

        if (order_do(room, line, answer, &refusal) == 0)
                (void)fputs("ok\n", answer);
        else
                (void)fprintf(answer, "error %s %s\n", refusal.code, refusal.text);
}
