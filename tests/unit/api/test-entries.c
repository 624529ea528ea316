/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/entries.h"
#include "api/json.h"
#include "support/store-sample.h"

static struct store_entry an_entry(void)
{
        return (struct store_entry){
                .device_id = {0xab},
                .reference = "96385074",
                .maker = "Nordlicht",
                .model = "Thermo One",
                .serial = "TH-1",
                .issuer = "nordlicht",
                .name = "hall",
                .joins = true,
                .added_at = 1769860800,
                .n_sealed = 4,
                .sealed = "code",
        };
}

static void assert_text(const json_t *object, const char *key, const char *text)
{
        assert_string_equal(json_string_value(json_object_get(object, key)), text);
}

static void test_entries_show_all_but_the_code(void **state)
{
        struct store_entry entry = an_entry();
        _defer_(json_free) json_t *object = entries_json(&entry), *bare = NULL;

        (void)state;
        assert_int_equal(json_object_size(object), 9);
        assert_text(object, "id", "96385074");
        assert_text(object, "device_id", "ab000000000000000000000000000000");
        assert_text(object, "manufacturer", "Nordlicht");
        assert_text(object, "model_id", "Thermo One");
        assert_text(object, "serial_number", "TH-1");
        assert_text(object, "issuer", "nordlicht");
        assert_text(object, "name", "hall");
        assert_true(json_is_true(json_object_get(object, "joins")));
        assert_text(object, "added_at", "2026-01-31T12:00:00Z");
        entry.reference[0] = entry.name[0] = '\0';
        bare = entries_json(&entry);
        assert_int_equal(json_object_size(bare), 7);
}

static void test_entries_list_is_what_the_store_has(void **state)
{
        struct store_entry entry = an_entry();
        const struct store_entry *const entries[] = {&entry};
        struct store_place *p = *state;
        const struct api_backend backend = {.store = p->store};
        _defer_(json_free) json_t *empty = entries_list(&backend), *list = NULL;
        bool taken;

        assert_int_equal(json_array_size(empty), 0);
        assert_int_equal(store_put_entries(p->store, entries, 1, &taken), 0);
        list = entries_list(&backend);
        assert_int_equal(json_array_size(list), 1);
        assert_text(json_array_get(list, 0), "id", "96385074");
}

static void test_entries_report_counts_and_names(void **state)
{
        const struct entries_failure line = {7, "", REASON_CATALOGUE_MALFORMED, "it is no object"};
        const struct entries_failure id = {0, "96385074", REASON_REFERENCE_TAKEN, ""};
        const struct entries_failure half = {0, "T\xc3", REASON_REQUEST_INVALID, ""};
        _defer_(json_free) json_t *report = entries_report();
        const json_t *failures = json_object_get(report, "failures");

        (void)state;
        entries_report_added(report);
        entries_report_added(report);
        entries_report_refused(report, &line);
        entries_report_refused(report, &id);
        assert_int_equal(json_integer_value(json_object_get(report, "added")), 2);
        assert_int_equal(json_integer_value(json_object_get(report, "refused")), 2);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(failures, 0), "line")),
                         7);
        assert_null(json_object_get(json_array_get(failures, 0), "id"));
        assert_non_null(
                strstr(json_string_value(json_object_get(json_array_get(failures, 0), "error")),
                       "it is no object"));
        assert_null(json_object_get(json_array_get(failures, 1), "line"));
        assert_text(json_array_get(failures, 1), "id", "96385074");
        assert_text(json_array_get(failures, 1), "code", "reference_taken");
        assert_text(json_array_get(failures, 1), "hint", reason_remedy(REASON_REFERENCE_TAKEN));
        entries_report_refused(report, &half);
        assert_text(json_array_get(failures, 2), "id", "T?");
        for (unsigned i = 0; i < 2 * ENTRIES_FAILURES_MAX; i++)
                entries_report_refused(report, &id);
        assert_int_equal(json_array_size(failures), ENTRIES_FAILURES_MAX);
        assert_int_equal(json_integer_value(json_object_get(report, "refused")),
                         2 * ENTRIES_FAILURES_MAX + 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_entries_show_all_but_the_code),
                cmocka_unit_test_setup_teardown(test_entries_list_is_what_the_store_has,
                                                store_place_set_up, store_place_tear_down),
                cmocka_unit_test(test_entries_report_counts_and_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
