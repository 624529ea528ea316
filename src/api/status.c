/* SPDX-License-Identifier: Apache-2.0 */

#include "api/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "api/json.h"
#include "util/log.h"
#include "util/time.h"

#define MIB (1024.0 * 1024.0)

static const char *state_name(enum reason reason)
{
        return reason == REASON_NONE ? "ok" : reason_code(reason);
}

static json_t *adapters_json(const struct api_adapter *adapters, size_t n)
{
        json_t *list = json_array();

        for (size_t i = 0; i < n; i++)
                (void)json_array_append_new(list,
                                            json_pack("{s:s, s:s, s:s*}", "name", adapters[i].name,
                                                      "state", state_name(adapters[i].state),
                                                      "address", adapters[i].address));
        return list;
}

static json_t *bluetooth_json(const struct api_status *status)
{
        json_t *object = json_pack("{s:s, s:o}", "state", state_name(status->bluetooth_state),
                                   "adapters", adapters_json(status->adapters, status->n_adapters));

        if (object && status->interval_max_ms > 0)
                (void)json_object_set_new(object, "connection_interval",
                                          json_pack("{s:f, s:f}", "min_ms", status->interval_min_ms,
                                                    "max_ms", status->interval_max_ms));
        if (object && status->n_others > 0)
                (void)json_object_set_new(object, "others",
                                          adapters_json(status->others, status->n_others));
        return object;
}

static json_t *ports_json(const struct api_status *status)
{
        json_t *list = json_array();

        for (size_t i = 0; i < status->n_ports; i++)
                (void)json_array_append_new(list, json_pack("{s:s, s:s}", "name",
                                                            status->ports[i].address, "state",
                                                            state_name(status->ports[i].state)));
        return list;
}

/* Keys and values are those of an event. */
static json_t *enrollment_json(const struct api_enrollment *enrollment)
{
        json_t *object = json_pack("{s:s, s:s*}", "transaction", enrollment->transaction,
                                   "friendly_name", enrollment->device);

        if (object && json_add_step(object, enrollment->step) < 0)
                object = json_free(object);
        return object;
}

static json_t *enrollments_json(const struct api_status *status)
{
        json_t *list = json_array();

        for (size_t i = 0; i < status->n_enrollments; i++)
                (void)json_array_append_new(list, enrollment_json(&status->enrollments[i]));
        return list;
}

/* What is done about it, and while that is nothing, until when. */
static json_t *unfinished_json(const struct api_unfinished *unfinished)
{
        const char *state = unfinished->is_tried        ? "finishing"
                            : unfinished->is_looked_for ? "looking"
                                                        : "waiting";
        bool waits = !unfinished->is_tried && !unfinished->is_looked_for;
        char when[TIME_TEXT_SIZE];

        return json_pack("{s:s, s:s, s:s*}", "friendly_name", unfinished->device, "state", state,
                         "next_try", waits ? time_text(unfinished->next_try, when) : NULL);
}

static json_t *all_unfinished_json(const struct api_status *status)
{
        json_t *list = json_array();

        for (size_t i = 0; i < status->n_unfinished; i++)
                (void)json_array_append_new(list, unfinished_json(&status->unfinished[i]));
        return list;
}

static json_t *strays_json(const struct api_status *status)
{
        json_t *list = json_array();

        for (size_t i = 0; i < status->n_strays; i++) {
                const struct api_stray *stray = &status->strays[i];
                char when[TIME_TEXT_SIZE];

                (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "friendly_name",
                                                            stray->device, "device_id",
                                                            stray->device_id, "removed_at",
                                                            time_text(stray->given_up_at, when)));
        }
        return list;
}

static json_t *conditions_json(const struct conditions *conditions)
{
        json_t *list = json_array();

        for (enum reason reason = condition_next_open(conditions, REASON_NONE);
             reason != REASON_NONE; reason = condition_next_open(conditions, reason))
                (void)json_array_append_new(list, json_string(reason_code(reason)));
        return list;
}

/* As zigbee2mqtt says that devices may join: in ms, which its consumers count down. */
static int add_scan(json_t *info, int64_t until)
{
        int r = json_object_set_new(info, "permit_join", json_boolean(until > 0));

        if (until > 0)
                r |= json_object_set_new(info, "permit_join_end", json_integer(until * 1000));
        return r;
}

/* The window in full: nothing of zigbee2mqtt says who opened it. */
static int add_window(json_t *info, const struct api_status *status)
{
        bool is_open = status->window_until > 0;
        char until[TIME_TEXT_SIZE];
        json_t *window =
                json_pack("{s:s, s:s*, s:s*}", "state", is_open ? "open" : "closed", "until",
                          is_open ? time_text(status->window_until, until) : NULL, "source",
                          is_open ? event_source_name(status->window_source) : NULL);

        return json_object_set_new(info, "window", window);
}

static int add_panel(json_t *info, const struct api_status *status)
{
        return json_object_set_new(info, "led",
                                   json_pack("{s:s}", "state", state_name(status->light_state))) |
               json_object_set_new(info, "button",
                                   json_pack("{s:s, s:i}", "state",
                                             state_name(status->button_state), "count",
                                             (int)status->n_buttons));
}

/*
 * What consumers of zigbee2mqtt look for in its configuration: that values come as JSON, and that
 * nothing is in a form of its earlier versions.
 */
static int add_config(json_t *info, const struct api_status *status)
{
        const char *level = log_level_name(status->log_level);
        json_t *config;

        config = json_pack("{s:{s:s, s:s, s:s, s:b, s:b}, s:{s:b}, s:{s:o}, s:{s:b}}", "advanced",
                           "log_level", level, "output", "json", "last_seen", "ISO_8601",
                           "legacy_api", 0, "legacy_availability_payload", 0, "device_options",
                           "legacy", 0, "mqtt", "base_topic",
                           json_sprintf("enrolld/%s", status->hub), "availability", "enabled", 1);
        return json_object_set_new(info, "log_level", json_string(level)) |
               json_object_set_new(info, "restart_required", json_false()) |
               json_object_set_new(info, "config", config);
}

/* The sessions that the hub has with its devices, and those that wait for one. */
static json_t *visits_json(const struct api_status *status)
{
        return json_pack("{s:i, s:i, s:i}", "sessions", (int)status->n_sessions, "waiting",
                         (int)status->n_visits_waiting, "longest_wait_s",
                         (int)status->longest_wait_sec);
}

/* The reader for tags, if the settings want one. */
static int add_nfc(json_t *info, const struct api_status *status)
{
        if (!status->has_nfc)
                return 0;
        return json_object_set_new(info, "nfc",
                                   json_pack("{s:s, s:s*}", "state", state_name(status->nfc_state),
                                             "name", status->nfc_reader));
}

json_t *status_info(const struct api_backend *backend)
{
        struct api_status status = {.version = NULL};
        json_t *info;

        backend->handler->on_status(backend->userdata, &status);
        info = json_pack(
                "{s:s, s:s, s:{s:s, s:s}, s:o, s:o, s:{s:s}, s:b, s:o, s:o, s:o, s:o, s:i, s:i, "
                "s:i, s:i, s:i, s:I, s:I, s:o, s:{s:i, s:i}}",
                "version", status.version, "hub", status.hub, "mqtt", "server", status.broker,
                "state", state_name(status.broker_state), "bluetooth", bluetooth_json(&status),
                "ports", ports_json(&status), "reader", "state", state_name(status.reader_state),
                "enrolling", status.n_enrollments > 0, "enrollments", enrollments_json(&status),
                "unfinished", all_unfinished_json(&status), "unreleased", strays_json(&status),
                "conditions", conditions_json(backend->conditions), "devices",
                (int)status.n_devices, "unsettled", (int)status.n_unsettled, "outbox",
                (int)status.n_outbox, "issuers", (int)status.n_issuers, "issuers_refused",
                (int)status.n_issuers_refused, "enrolled", (json_int_t)status.n_enrolled, "failed",
                (json_int_t)status.n_failed, "visits", visits_json(&status), "catalogue", "entries",
                (int)status.n_entries, "joining", (int)status.n_joining);
        if (info &&
            (add_scan(info, status.scan_until) | add_window(info, &status) |
             add_panel(info, &status) | add_nfc(info, &status) | add_config(info, &status)) < 0)
                info = json_free(info);
        return info;
}

json_t *status_condition(enum reason reason, int64_t since)
{
        json_t *object =
                json_from_failure(reason_code(reason), reason_text(reason), reason_remedy(reason));
        char when[TIME_TEXT_SIZE];

        if (object && json_object_set_new(object, "since", json_string(time_text(since, when))) < 0)
                object = json_free(object);
        return object;
}

/* Resident memory of this process, the second number in proc(5), /proc/pid/statm; 0 if unknown. */
static double resident_mib(void)
{
        FILE *file = fopen("/proc/self/statm", "re");
        char line[128] = "";
        const char *second;

        if (!file)
                return 0;
        if (!fgets(line, sizeof(line), file))
                line[0] = 0;
        (void)fclose(file);
        second = strchr(line, ' ');
        if (!second)
                return 0;
        return (double)strtoul(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / MIB;
}

/* To two digits, so that a retained message does not change for nothing. */
static double rounded(double value)
{
        return (double)(int64_t)(value * 100 + 0.5) / 100;
}

json_t *status_health(const struct api_backend *backend, uint64_t uptime_s)
{
        struct api_status status = {.version = NULL};
        double load[3] = {0, 0, 0}, total, used;
        struct sysinfo info = {.mem_unit = 1};

        backend->handler->on_status(backend->userdata, &status);
        (void)getloadavg(load, 3);
        (void)sysinfo(&info);
        total = (double)info.totalram * info.mem_unit / MIB;
        used = total - (double)(info.freeram + info.bufferram) * info.mem_unit / MIB;
        return json_pack("{s:{s:[f,f,f], s:f, s:f}, s:{s:I, s:f}, s:{s:b, s:i}, s:{s:I, s:I}, s:i, "
                         "s:i, s:o}",
                         "os", "load_average", rounded(load[0]), rounded(load[1]), rounded(load[2]),
                         "memory_used_mb", rounded(used), "memory_percent",
                         total > 0 ? rounded(100 * used / total) : 0.0, "process", "uptime_sec",
                         (json_int_t)uptime_s, "memory_used_mb", rounded(resident_mib()), "mqtt",
                         "connected", status.broker_state == REASON_NONE, "queued",
                         (int)status.n_outbox, "enroll", "successful",
                         (json_int_t)status.n_enrolled, "failed", (json_int_t)status.n_failed,
                         "devices", (int)status.n_devices, "unsettled", (int)status.n_unsettled,
                         "visits", visits_json(&status));
}
