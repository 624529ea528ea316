/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/verdict.h"
#include "store/enrollment.h"
#include "support/code-sample.h"

/* An empty store, one issuer, one sample code. */
struct world {
        char directory[64], database[96];
        struct issuer issuer;
        struct issuers issuers;
        struct store *store;
        struct sample sample;
        struct code code;
        struct verdict verdict;
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        strcpy(w->directory, "/tmp/test-verdict-XXXXXX");
        assert_non_null(mkdtemp(w->directory));
        (void)snprintf(w->database, sizeof(w->database), "%s/enrolld.db", w->directory);
        assert_int_equal(store_open(w->database, &w->store), 0);
        w->issuers = sample_issuers(&w->issuer);
        sample_init(&w->sample);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        char command[96];

        code_done(&w->code);
        (void)store_free(w->store);
        (void)snprintf(command, sizeof(command), "rm -rf %s", w->directory);
        assert_int_equal(system(command), 0);
        free(w);
        return 0;
}

/* Signs the sample as it is now, opens it and judges it. */
static enum reason judge(struct world *w, unsigned ceiling)
{
        sample_encode(&w->sample);
        sample_sign(&w->sample);
        code_done(&w->code);
        assert_int_equal(code_open(&w->code, w->sample.bytes, w->sample.n_bytes, &w->issuers, 256),
                         REASON_NONE);
        return verdict_make(&w->code, ceiling, w->store, &w->verdict);
}

static void test_verdict_good_code_is_granted_what_it_asks_for(void **state)
{
        struct world *w = *state;

        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
        assert_string_equal(w->verdict.text, "");
        assert_int_equal(w->verdict.capabilities, CAPABILITY_ALL);
        assert_string_equal(w->verdict.product, "Nordlicht/Thermo One");
        assert_ptr_equal(w->verdict.application, w->code.payload.applications);
}

static void test_verdict_more_than_a_ceiling_is_not_permitted(void **state)
{
        struct world *w = *state;

        assert_int_equal(judge(w, CAPABILITY_CHANNEL_PUBLISH | CAPABILITY_CHANNEL_COMMAND),
                         REASON_CODE_NOT_PERMITTED);
        assert_string_equal(w->verdict.text, "The code asks for more than its issuer or this hub "
                                             "allows: it asks for key.forward.");
        assert_null(w->verdict.application);
        w->issuer.capabilities = CAPABILITY_KEY_FORWARD;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_CODE_NOT_PERMITTED);
        assert_non_null(strstr(w->verdict.text, "channel.publish"));
        w->issuer.capabilities = CAPABILITY_ALL;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
}

static void test_verdict_other_products_of_the_issuer_are_not_permitted(void **state)
{
        static char products[] = "Nordlicht/Lamp* Vinterland/*";
        struct world *w = *state;

        w->issuer.products = products;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_CODE_NOT_PERMITTED);
        strcpy(w->sample.payload.model, "Lamp Two");
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
}

/* As if a code of this product with this counter had been enrolled. */
static void enroll(struct world *w, const char *product, uint32_t counter)
{
        struct store_counter row = {.product = product, .value = counter};
        const struct store_device device = {
                .kind = STORE_ENROLLED, .name = "first", .maker = "m", .model = "m", .link = "ble"};
        const struct store_enrollment enrollment = {.device = &device, .counter = &row};

        memcpy(row.kid, w->issuer.kid, sizeof(row.kid));
        assert_int_equal(store_enroll(w->store, &enrollment), 0);
}

static void test_verdict_older_counter_is_superseded_for_this_product_only(void **state)
{
        struct world *w = *state;

        enroll(w, "Nordlicht/Thermo One", 3);
        w->sample.payload.counter = 2;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_CODE_SUPERSEDED);
        assert_true(w->verdict.text[0]);
        w->sample.payload.counter = 3;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
        w->sample.payload.counter = 0;
        strcpy(w->sample.payload.model, "Thermo Two");
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
}

static void test_verdict_of_several_applications_wants_a_newer_daemon(void **state)
{
        static struct diagnostic second_hub, second_device;
        struct world *w = *state;

        w->sample.payload.applications[1].hub = diagnostic(&second_hub, "[[2]]");
        w->sample.payload.applications[1].device = diagnostic(&second_device, "[[18,2]]");
        w->sample.payload.n_applications = 2;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_CODE_DAEMON_TOO_OLD);
        assert_string_equal(w->verdict.text,
                            "The code holds 2 applications; this enrolld runs one.");
        assert_null(w->verdict.application);
        assert_int_equal(verdict_make_again(&w->code, CAPABILITY_ALL, &w->verdict),
                         REASON_CODE_DAEMON_TOO_OLD);
        assert_null(w->verdict.application);
}

static void test_verdict_made_again_holds_against_newer_codes_and_ceilings(void **state)
{
        struct world *w = *state;

        w->sample.payload.counter = 2;
        assert_int_equal(judge(w, CAPABILITY_ALL), REASON_NONE);
        enroll(w, "Nordlicht/Thermo One", 3);
        assert_int_equal(judge(w, 0), REASON_CODE_SUPERSEDED);
        assert_int_equal(verdict_make_again(&w->code, CAPABILITY_KEY_FORWARD, &w->verdict),
                         REASON_NONE);
        assert_ptr_equal(w->verdict.application, w->code.payload.applications);
        assert_int_equal(w->verdict.capabilities, CAPABILITY_KEY_FORWARD);
        assert_string_equal(w->verdict.product, "Nordlicht/Thermo One");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_verdict_good_code_is_granted_what_it_asks_for),
                TEST(test_verdict_more_than_a_ceiling_is_not_permitted),
                TEST(test_verdict_other_products_of_the_issuer_are_not_permitted),
                TEST(test_verdict_older_counter_is_superseded_for_this_product_only),
                TEST(test_verdict_of_several_applications_wants_a_newer_daemon),
                TEST(test_verdict_made_again_holds_against_newer_codes_and_ceilings),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
