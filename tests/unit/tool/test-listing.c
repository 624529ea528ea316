/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "tool/argument.h"
#include "tool/listing.h"
#include "tool/source.h"
#include "util/defer.h"
#include "util/file.h"

#define HEAD "product: {maker: M, model: O}\n"

static const struct functions any;
static struct source source;
static struct errors errors;

static void compile(const char *text)
{
        if (source_compile(&source, text, strlen(text), &any) < 0)
                fail_msg("%zu: %s\n%s", source.errors.list[0].line, source.errors.list[0].text,
                         text);
}

/* The source of a payload, to be freed. */
static char *list(const struct payload *p)
{
        char *text = NULL;
        size_t n = 0;
        FILE *file = open_memstream(&text, &n);

        assert_non_null(file);
        assert_int_equal(listing_write(p, file), 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(strlen(text), n);
        return text;
}

static void encode(const struct payload *p, struct diagnostic *ret_bytes)
{
        struct cbor_writer w;

        cbor_writer_init(&w, ret_bytes->bytes, sizeof(ret_bytes->bytes));
        payload_encode(p, &w);
        assert_true(cbor_writer_fits(&w));
        ret_bytes->n_bytes = w.n_written;
}

/* What is made of the listing of @text is what was made of @text, byte for byte. */
static void assert_back(const char *text, const char *expected)
{
        static struct diagnostic before, after;
        char *listing;

        compile(text);
        listing = list(&source.payload);
        if (expected && !strstr(listing, expected))
                fail_msg("%s\nis not in\n%s", expected, listing);
        assert_int_equal(listing_check(&source.payload, listing, strlen(listing), &errors), 0);
        encode(&source.payload, &before);
        compile(listing);
        encode(&source.payload, &after);
        assert_int_equal(before.n_bytes, after.n_bytes);
        assert_memory_equal(before.bytes, after.bytes, after.n_bytes);
        free(listing);
}

static void test_listing_of_every_example_makes_it_again(void **state)
{
        static const char *const names[] = {"thermo-one", "plug-one", "lock-one"};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char path[512], *text = NULL;
                size_t n;

                (void)snprintf(path, sizeof(path), "%s/%s.yaml", EXAMPLES, names[i]);
                assert_int_equal(argument_read(path, &text, &n), 0);
                assert_back(text, NULL);
                file_free(text, n);
        }
}

static void test_listing_has_every_step_and_channel(void **state)
{
        (void)state;
        assert_back(HEAD
                    "ask: [channel.publish, channel.command, key.forward]\n"
                    "daemon: \"1.2\"\ncounter: 4294967295\n"
                    "hub:\n"
                    "  - supply: [name, 64]\n"
                    "  - deliver: device\n"
                    "  - sync: 200\n"
                    "  - sync: 0\n"
                    "  - expect: [serial]\n"
                    "  - presence: sleeps 90 s\n"
                    "  - channel: {number: 1, leaf: on, access: both, type: switch}\n"
                    "  - channel: {number: 2, leaf: dim, access: both, range: [0, 100]}\n"
                    "  - channel: {number: 3, leaf: b, type: text, access: both, length: 7}\n"
                    "  - channel: {number: 4, leaf: c, type: button, access: command}\n"
                    "  - channel: {number: 5, leaf: d, type: event, words: [press, \"no\"]}\n"
                    "  - channel: {number: 6, leaf: e, unit: \"%\", every: 24 h, range: [-1.5, "
                    "2], step: 0.25, category: diagnostic}\n"
                    "  - group: {kind: light, state: on, brightness: dim}\n"
                    "  - forward: [serial]\n"
                    "device:\n"
                    "  - sync: 200\n"
                    "  - report: [serial]\n"
                    "  - call: {function: 255, with: {interval: 60, 70: no}}\n"
                    "  - call: {function: 1}\n"
                    "  - sync: 0\n"
                    "  - finish: {erase: no, fuse: yes}\n",
                    "  - presence: sleeps 90 s\n"
                    "  - channel: {number: 1, leaf: \"on\", access: both, type: switch}\n"
                    "  - channel: {number: 2, leaf: dim, access: both, range: [0, 100]}\n"
                    "  - channel: {number: 3, leaf: b, access: both, type: text, length: 7}\n"
                    "  - channel: {number: 4, leaf: c, access: command, type: button}\n"
                    "  - channel: {number: 5, leaf: d, type: event, words: [press, \"no\"]}\n"
                    "  - channel: {number: 6, leaf: e, unit: \"%\", every: 24 h, range: [-1.5, 2], "
                    "step: 0.25, category: diagnostic}\n"
                    "  - group: {kind: light, state: \"on\", brightness: dim}\n");
        assert_back(HEAD "device:\n  - finish: {}\n",
                    "\ndevice:\n  - finish: {erase: no, fuse: no}\n");
        assert_back(HEAD "hub:\n  - deliver: device\n  - presence: mains\n", "presence: mains\n");
}

static void test_listing_has_every_application(void **state)
{
        (void)state;
        assert_back(HEAD "applications:\n"
                         "  - {hub: [{deliver: device}], device: [{finish: {}}]}\n"
                         "  - {device: [{report: [software]}]}\n"
                         "  - {hub: [{deliver: device}, {presence: mains}]}\n",
                    "\napplications:\n  -\n    hub:\n      - deliver: device\n    device:\n");
}

/* Each may be the value of a parameter; what it is, is still the same. */
static void test_listing_has_every_value(void **state)
{
        static const char *const values[] = {
                "-9223372036854775808",
                "18446744073709551",
                "yes",
                "no",
                "!hex 00ff",
                "!hex \"\"",
                "\"\"",
                "\"5\"",
                "\"1.5\"",
                "\"yes\"",
                "\"Off\"",
                "\"null\"",
                "\"~\"",
                "\"$name\"",
                "plain words",
                "\" blanks \"",
                "\"a: b # c\"",
                "\"'single'\"",
                "\"\\\"double\\\"\"",
                "\"back\\\\slash\"",
                "\"-\"",
                "\"- item\"",
                "\"[a, b]\"",
                "\"{a: b}\"",
                "\"&a *b !c |d >e @f `g %h\"",
                "\"\\x01\\x1f\\x7f\\u0085\\u2028\\ufeff\"",
                "\"line\\nline\\ttab\\r\"",
                "\"\xc2\xb0\x43 \xf0\x9f\x98\x80 \\U000e0001\"",
                "\"0123456789012345678901234567890123456789012345678901234567890123\"",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                char text[512];

                (void)snprintf(text, sizeof(text),
                               HEAD "configuration: {name: x, 64: %s}\n"
                                    "device:\n  - set: {64: %s, 65: x}\n"
                                    "  - call: {function: 1, with: {64: %s}}\n",
                               values[i], values[i], values[i]);
                assert_back(text, NULL);
        }
        assert_back(HEAD "configuration: {location: here}\n"
                         "device:\n  - require: [location]\n  - set: {location: $location}\n",
                    "  - set: {location: $location}\n");
}

static void test_listing_keeps_the_serial_numbers_place(void **state)
{
        char *listing;

        (void)state;
        compile(HEAD "device:\n  - finish: {}\n");
        strcpy(source.payload.serial, "TH-1");
        listing = list(&source.payload);
        assert_null(strstr(listing, "serial"));
        assert_null(strstr(listing, "TH-1"));
        assert_int_equal(listing_check(&source.payload, listing, strlen(listing), &errors), 0);
        free(listing);
}

/* A half that another tool than make has written. */
static void with_hub(struct diagnostic *d, const char *text)
{
        compile(HEAD "device:\n  - finish: {}\n");
        source.payload.applications[0].hub = diagnostic(d, text);
}

static int check(const char *replace, const char *with)
{
        char *listing = list(&source.payload), *at = strstr(listing, replace);
        int r;

        assert_non_null(at);
        assert_int_equal(strlen(replace), strlen(with));
        memcpy(at, with, strlen(with));
        r = listing_check(&source.payload, listing, strlen(listing), &errors);
        free(listing);
        return r;
}

static void test_listing_says_the_same_in_other_bytes(void **state)
{
        struct diagnostic d;

        (void)state;
        with_hub(&d, "[[2],[4,1,\"temperature\",\"temperature\",\"W\",1,60],"
                     "[4,2,\"a\",\"\",\"\",1,0,[0,500,2500,-2,50]],"
                     "[4,3,\"b\",\"\",\"\",1,0,[0,5,25,3]],"
                     "[4,4,\"c\",\"\",\"\",3,0,1],[8,1,4,0,0]]");
        source.payload.capabilities = CAPABILITY_ALL;
        assert_int_equal(check("step: 0.5", "step: 0.5"), 0);
        assert_int_equal(check("[5000, 25000]", "[5000, 25000]"), 0);
        assert_int_equal(check("step: 0.5", "step: 0.4"), LISTING_E_DIFFERS);
        assert_int_equal(check("unit: W", "unit: V"), LISTING_E_DIFFERS);
        assert_int_equal(check("state: c", "state: d"), LISTING_E_INVALID);
        assert_int_equal(check("model: O", "model: P"), LISTING_E_DIFFERS);
        assert_int_equal(check("erase: no", "erase: NO"), LISTING_E_INVALID);
}

static void test_listing_of_what_no_source_can_say_is_found_out(void **state)
{
        struct diagnostic d;
        char *listing;

        (void)state;
        with_hub(&d, "[[2],[4,1,\"a\",\"\",\"\",1,0,[0,-9223372036854775808,0,18]]]");
        source.payload.capabilities = CAPABILITY_ALL;
        assert_int_equal(check("product", "product"), LISTING_E_INVALID);
        assert_non_null(strstr(errors.list[0].text, "up to 18 digits"));

        compile(HEAD "configuration: {64: abc}\ndevice:\n  - finish: {}\n");
        source.configuration[source.payload.configuration.n_bytes - 2] = '\0';
        listing = list(&source.payload);
        assert_non_null(strstr(listing, "64: \"a\\x00c\"\n"));
        free(listing);
        assert_int_equal(check("product", "product"), LISTING_E_INVALID);
        assert_string_equal(errors.list[0].text, "the text contains a NUL; remove it");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_listing_of_every_example_makes_it_again),
                cmocka_unit_test(test_listing_has_every_step_and_channel),
                cmocka_unit_test(test_listing_has_every_application),
                cmocka_unit_test(test_listing_has_every_value),
                cmocka_unit_test(test_listing_keeps_the_serial_numbers_place),
                cmocka_unit_test(test_listing_says_the_same_in_other_bytes),
                cmocka_unit_test(test_listing_of_what_no_source_can_say_is_found_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
