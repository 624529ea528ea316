/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/limits.h"

#include <stdbool.h>
#include <string.h>

/*
 * A number counted in powers of ten of its channel: whole <= number < whole + 1, and equal if it is
 * exact. What does not fit into 64 bits is beyond every limit.
 */
struct scaled {
        int64_t whole;
        bool is_exact;
        int beyond; /* below 0, above 0; 0: .whole is right */
};

static struct scaled scale(int64_t integer, int exponent, int to)
{
        struct scaled s = {integer, true, 0};

        for (; exponent > to && s.whole != 0; exponent--) {
                if (s.whole > INT64_MAX / 10 || s.whole < INT64_MIN / 10) {
                        s.beyond = s.whole < 0 ? -1 : 1;
                        return s;
                }
                s.whole *= 10;
        }
        for (; exponent < to; exponent++) {
                int64_t rest = s.whole % 10;

                s.is_exact &= rest == 0;
                s.whole = s.whole / 10 - (rest < 0); /* division rounds towards 0 */
        }
        return s;
}

static int check_number(const struct store_channel *c, const struct message_value *value)
{
        int exponent = value->type == MESSAGE_DECIMAL ? value->exponent : 0;
        struct scaled s;

        if (value->type != MESSAGE_INTEGER && value->type != MESSAGE_DECIMAL)
                return LIMITS_E_TYPE;
        if (!c->has_range)
                return 0;
        s = scale(value->integer, exponent, c->exponent);
        if (s.beyond || s.whole < c->low || s.whole > c->high ||
            (s.whole == c->high && !s.is_exact))
                return LIMITS_E_RANGE;
        if (c->step == 0)
                return 0;
        /* The difference of two numbers of 63 bits and a sign has 64 bits. */
        if (!s.is_exact || ((uint64_t)s.whole - (uint64_t)c->low) % (uint64_t)c->step != 0)
                return LIMITS_E_STEP;
        return 0;
}

static int check_word(const struct store_channel *c, const struct message_value *value)
{
        const char *word = c->words;

        if (value->type != MESSAGE_TEXT)
                return LIMITS_E_TYPE;
        while (*word) {
                size_t n = strcspn(word, " ");

                if (n == value->text.n_bytes && memcmp(word, value->text.bytes, n) == 0)
                        return 0;
                word += n + (word[n] == ' ');
        }
        return LIMITS_E_WORD;
}

int limits_check(const struct store_channel *channel, const struct message_value *value)
{
        switch (channel->type) {
        case STORE_NUMBER:
                return check_number(channel, value);
        case STORE_SWITCH:
                return value->type == MESSAGE_BOOLEAN ? 0 : LIMITS_E_TYPE;
        case STORE_ENUMERATION:
        case STORE_EVENT:
                return check_word(channel, value);
        case STORE_TEXT:
                if (value->type != MESSAGE_TEXT)
                        return LIMITS_E_TYPE;
                return value->text.n_bytes <= channel->length ? 0 : LIMITS_E_LENGTH;
        case STORE_BUTTON:
        case STORE_TYPE_MAX:
                break;
        }
        return 0;
}

const char *limits_text(int outcome)
{
        static const char *const texts[] = {
                [0] = "it is a value of the channel",
                [LIMITS_E_TYPE] = "it is not of the channel's type",
                [LIMITS_E_RANGE] = "it is not in the channel's range",
                [LIMITS_E_STEP] = "it is not on a step of the channel's range",
                [LIMITS_E_WORD] = "it is not one of the channel's words",
                [LIMITS_E_LENGTH] = "it is longer than a text of the channel may be",
        };

        return texts[outcome];
}
