/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The steps of a source's hub half behind its deliver, compiled, for tests that are about one verb.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "tool/source.h"

#define HUB_SOURCE_HEAD                                                                            \
        "product: {maker: M, model: O}\nask: [channel.publish, channel.command]\n"                 \
        "hub:\n - deliver: device\n"

struct hub_source {
        const char *steps;   /* each on a line of its own, from line 5 on */
        const char *outcome; /* the half in diagnostic notation, without deliver; or the error */
        size_t line, column; /* of the error; 0: there is none */
};

static void hub_source_compile(const char *steps, struct source *ret_source)
{
        static const struct functions any;
        char text[2048];
        int n = snprintf(text, sizeof(text), HUB_SOURCE_HEAD "%s", steps);

        assert_in_range(n, 1, sizeof(text) - 1);
        (void)source_compile(ret_source, text, (size_t)n, &any);
}

/* The steps compile to these bytes, or have this as their first error. */
static void hub_source_assert(const struct hub_source *c)
{
        static struct source source;
        char half[1024];
        struct diagnostic d;
        struct cbor_span bytes, expected;

        hub_source_compile(c->steps, &source);
        if (c->line > 0) {
                assert_int_not_equal(source.errors.n_errors, 0);
                assert_string_equal(source.errors.list[0].text, c->outcome);
                assert_int_equal(source.errors.list[0].line, c->line);
                assert_int_equal(source.errors.list[0].column, c->column);
                return;
        }
        if (source.errors.n_errors > 0)
                fail_msg("%s%s", c->steps, source.errors.list[0].text);
        (void)snprintf(half, sizeof(half), "[[2],%s]", c->outcome);
        expected = diagnostic(&d, half);
        bytes = source.payload.applications[0].hub;
        assert_int_equal(bytes.n_bytes, expected.n_bytes);
        assert_memory_equal(bytes.bytes, expected.bytes, expected.n_bytes);
}
