/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/limits.h"
#include "store/channel.h"
#include "util/free.h"
#include "util/log.h"

/* --- commands --- */

static struct api_answer answer_of(const struct errand_answer *answer)
{
        if (answer->why == REASON_NONE)
                return api_accept("");
        if (!answer->text[0])
                return api_refuse(answer->why);
        return api_refuse_because(answer->why, "%s", answer->text);
}

static void dispatch_on_answer(void *userdata, const struct errand_answer *answer)
{
        _defer_(free) struct api_later *later = userdata;
        const struct api_outcome outcome = {
                .answer = answer_of(answer),
                .values = answer->readings,
                .n_values = answer->n_readings,
        };

        later->on_outcome(later->userdata, &outcome);
}

static const struct store_channel *channel_of(const struct visit_wish *wish, unsigned number)
{
        for (size_t i = 0; i < wish->n_channels; i++)
                if (wish->channels[i].number == number)
                        return &wish->channels[i];
        return NULL;
}

/* Whether each value may be one of its channel; a query has none. */
static struct api_answer dispatch_check(const struct visit_wish *wish,
                                        const struct command *command)
{
        for (size_t i = 0; i < command->n_values; i++) {
                const struct reading *value = &command->values[i];
                const struct store_channel *channel = channel_of(wish, value->value.channel);
                int outcome;

                if (!channel)
                        return api_refuse_because(REASON_CHANNEL_UNKNOWN, "'%s'", value->leaf);
                outcome = command->kind == COMMAND_SET ? limits_check(channel, &value->value) : 0;
                if (outcome)
                        return api_refuse_because(REASON_VALUE_REFUSED, "'%s': %s", value->leaf,
                                                  limits_text(outcome));
        }
        return api_accept("");
}

static int dispatch_new(const struct command *command, const struct api_later *later,
                        struct errand **ret_errand)
{
        _defer_(free) struct api_later *copy = malloc(sizeof(*copy));
        struct message_value values[COMMAND_VALUES_MAX];
        const struct errand_wish wish = {
                .kind = command->kind == COMMAND_SET ? ERRAND_SET : ERRAND_GET,
                .values = values,
                .n_values = command->n_values,
                .seconds = DISPATCH_SECONDS,
        };
        int r;

        if (!copy)
                return -ENOMEM;
        *copy = *later;
        for (size_t i = 0; i < command->n_values; i++)
                values[i] = command->values[i].value;
        r = errand_new(&wish, dispatch_on_answer, copy, ret_errand);
        if (r == 0)
                copy = NULL; /* it is the errand's */
        return r;
}

void dispatch_command(struct gateway *gateway, const struct visit_wish *wish,
                      const struct command *command, const struct api_later *later)
{
        struct api_answer answer = dispatch_check(wish, command);
        struct errand *errand = NULL;
        int r;

        if (answer.reason == REASON_NONE) {
                r = dispatch_new(command, later, &errand);
                if (r < 0) {
                        (void)log_errno(r, "%s: cannot pass a command on", command->name);
                        answer = api_refuse(REASON_INTERNAL);
                }
        }
        if (errand)
                gateway_ask(gateway, wish, errand);
        else
                api_settle(later, answer);
}

/* --- letting go --- */

struct releasing {
        dispatch_on_released_t on_released;
        void *userdata;
};

static void dispatch_on_let_go(void *userdata, const struct errand_answer *answer)
{
        _defer_(free) struct releasing *releasing = userdata;

        releasing->on_released(releasing->userdata, answer);
}

void dispatch_release(struct gateway *gateway, const struct visit_wish *wish, bool is_patient,
                      dispatch_on_released_t on_released, void *userdata)
{
        const struct errand_wish errand_wish = {
                .kind = ERRAND_RELEASE,
                .seconds = DISPATCH_SECONDS,
                .is_patient = is_patient,
        };
        _defer_(free) struct releasing *releasing = calloc(1, sizeof(*releasing));
        struct errand *errand = NULL;

        if (releasing) {
                *releasing = (struct releasing){on_released, userdata};
                if (errand_new(&errand_wish, dispatch_on_let_go, releasing, &errand) == 0)
                        releasing = NULL; /* it is the errand's */
        }
        if (errand)
                gateway_ask(gateway, wish, errand);
        else
                on_released(userdata, &(const struct errand_answer){.why = REASON_INTERNAL});
}
