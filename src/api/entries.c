/* SPDX-License-Identifier: Apache-2.0 */

#include "api/entries.h"

#include "api/json.h"
#include "util/hex.h"
#include "util/time.h"

json_t *entries_json(const struct store_entry *entry)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], when[TIME_TEXT_SIZE];

        return json_pack("{s:s*, s:s, s:o, s:o, s:o, s:o, s:s*, s:b, s:s}", "id",
                         entry->reference[0] ? entry->reference : NULL, "device_id",
                         hex_encode(entry->device_id, sizeof(entry->device_id), id), "manufacturer",
                         json_from_text(entry->maker), "model_id", json_from_text(entry->model),
                         "serial_number", json_from_text(entry->serial), "issuer",
                         json_from_text(entry->issuer), "name", entry->name[0] ? entry->name : NULL,
                         "joins", (int)entry->joins, "added_at", time_text(entry->added_at, when));
}

static int on_entry(void *userdata, const struct store_entry *entry)
{
        return json_array_append_new(userdata, entries_json(entry));
}

json_t *entries_list(const struct api_backend *backend)
{
        json_t *list = json_array();

        if (list && store_each_entry(backend->store, on_entry, list) != 0)
                list = json_free(list);
        return list;
}

json_t *entries_report(void)
{
        return json_pack("{s:i, s:i, s:[]}", "added", 0, "refused", 0, "failures");
}

static void count(json_t *report, const char *key)
{
        json_t *number = json_object_get(report, key);

        (void)json_integer_set(number, json_integer_value(number) + 1);
}

void entries_report_added(json_t *report)
{
        count(report, "added");
}

void entries_report_refused(json_t *report, const struct entries_failure *failure)
{
        json_t *failures = json_object_get(report, "failures"), *object;

        count(report, "refused");
        if (json_array_size(failures) >= ENTRIES_FAILURES_MAX)
                return;
        object = json_pack("{s:o*, s:s}", "id", failure->id[0] ? json_from_text(failure->id) : NULL,
                           "hint", reason_remedy(failure->reason));
        if (!object)
                return;
        (void)json_add_error(object, failure->reason, failure->detail);
        if (failure->line > 0)
                (void)json_object_set_new(object, "line", json_integer((json_int_t)failure->line));
        (void)json_array_append_new(failures, object);
}
