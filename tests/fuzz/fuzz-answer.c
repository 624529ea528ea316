/* SPDX-License-Identifier: Apache-2.0 */

/* Any answer of a web service, in pieces of any size: no id is passed on twice, or unasked. */

#include <stdint.h>
#include <string.h>

#include "fetch/answer.h"
#include "require.h"

static const struct order order = {
        .url = "https://example.org", .ids = {"96385074", "A12425GABC1234002M"}, .n_ids = 2};

static bool on_line(void *userdata, const char *id, const char *code, size_t n_code)
{
        size_t i = order_find(&order, id);
        bool *heard = userdata;

        require(i < order.n_ids && !heard[i]);
        require(!code == (n_code == 0) && n_code <= LINE_BYTES_MAX);
        heard[i] = true;
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how large a piece is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        size_t n = size > 0 ? (size_t)data[0] + 1 : 1;
        enum reason why = REASON_NONE;
        struct order_reply reply;
        struct answer answer;
        bool heard[2] = {false};
        struct order any;

        (void)order_decode(data, size, &any);
        (void)order_reply_decode(data, size, &reply);
        answer_init(&answer, &order, on_line, heard);
        for (size_t i = 1; why == REASON_NONE && i < size; i += n)
                why = answer_take(&answer, (const char *)data + i, size - i < n ? size - i : n);
        if (why == REASON_NONE)
                (void)answer_end(&answer);
        answer_done(&answer);
        return 0;
}
