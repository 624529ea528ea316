/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/librarian.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/json.h"
#include "catalogue/import.h"
#include "catalogue/source.h"
#include "enrollment/request.h"
#include "util/log.h"
#include "util/time.h"

struct librarian {
        struct librarian_means means;
        struct catalogue catalogue;
        struct import *import; /* NULL: none is under way */
        json_t *report;        /* of it */
        struct api_later later;
        struct fetching *fetching; /* for a face; NULL: none is under way */
        json_t *fetch_report;
        struct api_later fetch_later;
        struct request fetch_request; /* whose events tell how it goes */
        enum reason unfetched;        /* why the first code that is missing is */
        struct shelf *browsing;       /* for a face that adds a code; NULL: none is under way */
        struct api_later browse_later;
        char browse_reference[REFERENCE_SIZE], browse_name[STORE_NAME_SIZE];
};

const struct catalogue *librarian_catalogue(struct librarian *librarian)
{
        const struct plan_means *plan = &librarian->means.means->enrollment.plan;

        librarian->catalogue = (struct catalogue){
                .store = plan->store,
                .issuers = plan->issuers,
                .master = plan->master,
                .ceiling = plan->ceiling,
                .daemon = plan->daemon,
        };
        return &librarian->catalogue;
}

void librarian_changed(struct librarian *librarian)
{
        eraser_note(librarian->means.eraser);
        herald_info_changed(librarian->means.herald);
        librarian->means.on_changed(librarian->means.userdata);
}

void librarian_wipe(struct librarian_code *code)
{
        sodium_memzero(code, sizeof(*code));
}

/* --- finding --- */

enum reason librarian_open(struct librarian *librarian, const struct store_entry *entry,
                           const char *whose, struct librarian_code *ret_code)
{
        const struct catalogue *c = librarian_catalogue(librarian);

        *ret_code = (struct librarian_code){.n_bytes = 0};
        if (catalogue_open(c, entry, ret_code->bytes, &ret_code->n_bytes) < 0) {
                reason_explain(REASON_STORE_FAILED, "the entry does not open", ret_code->text);
                return REASON_STORE_FAILED;
        }
        memcpy(ret_code->name, entry->name, sizeof(ret_code->name));
        (void)snprintf(ret_code->text, sizeof(ret_code->text), "%s has the code: %s %s%s%s.", whose,
                       entry->maker, entry->model, entry->serial[0] ? ", " : "", entry->serial);
        return REASON_NONE;
}

static enum reason entry_take(struct librarian *l, const struct store_entry *entry,
                              struct librarian_code *ret_code)
{
        return librarian_open(l, entry, "The catalogue", ret_code);
}

bool librarian_has_directory(const struct librarian *librarian)
{
        return librarian->means.settings->catalogue_directory[0] != '\0';
}

int librarian_browse(struct librarian *librarian, const char *reference,
                     const struct shelf_handler *handler, void *userdata, struct shelf **ret_shelf)
{
        return shelf_new(librarian->means.event, librarian->means.settings->catalogue_directory,
                         reference, handler, userdata, ret_shelf);
}

enum reason librarian_read(struct librarian *librarian, const char *reference,
                           const struct line *line, struct librarian_code *ret_code)
{
        char detail[CATALOGUE_DETAIL_SIZE] = "";
        enum reason why = REASON_REFERENCE_UNKNOWN;
        struct store_entry entry;

        *ret_code = (struct librarian_code){.n_bytes = 0};
        if (line) {
                const struct catalogue_offer offer = {
                        .reference = reference,
                        .code = (const uint8_t *)line->code,
                        .n_code = line->n_code,
                        .name = "",
                };

                why = catalogue_check(librarian_catalogue(librarian), &offer, &entry, detail);
        }
        if (why == REASON_NONE)
                return entry_take(librarian, &entry, ret_code);
        reason_explain(why, detail, ret_code->text);
        return why;
}

enum reason librarian_find(struct librarian *librarian, const char *reference,
                           struct librarian_code *ret_code)
{
        const struct catalogue *c = librarian_catalogue(librarian);
        struct store_entry entry;
        enum reason why;
        int r;

        *ret_code = (struct librarian_code){.n_bytes = 0};
        r = store_find_reference(c->store, reference, &entry);
        if (r == 0)
                return entry_take(librarian, &entry, ret_code);
        why = r == STORE_E_NONE ? REASON_REFERENCE_UNKNOWN : store_reason(r);
        reason_explain(why, "", ret_code->text);
        return why;
}

enum reason librarian_find_device(struct librarian *librarian,
                                  const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                  struct librarian_code *ret_code)
{
        const struct catalogue *c = librarian_catalogue(librarian);
        enum reason why = REASON_NO_SUCH_ENTRY;
        struct store_entry entry;
        int r;

        *ret_code = (struct librarian_code){.n_bytes = 0};
        r = store_find_entry(c->store, device_id, &entry);
        if (r == 0)
                return entry_take(librarian, &entry, ret_code);
        if (r < 0)
                why = store_reason(r);
        reason_explain(why, "", ret_code->text);
        return why;
}

/* --- adding and removing --- */

static void librarian_end_import(struct librarian *l, struct api_answer answer)
{
        const struct api_outcome outcome = {.answer = answer, .report = l->report};

        l->import = import_free(l->import);
        l->later.on_outcome(l->later.userdata, &outcome);
        l->report = json_free(l->report);
}

static void librarian_on_kept(void *userdata, const struct store_entry *entry)
{
        (void)entry;
        entries_report_added(((struct librarian *)userdata)->report);
}

static void librarian_on_refused(void *userdata, const struct import_refusal *refusal)
{
        const struct entries_failure failure = {refusal->number, refusal->reference,
                                                refusal->reason, refusal->detail};

        entries_report_refused(((struct librarian *)userdata)->report, &failure);
}

static void librarian_on_done(void *userdata, int r)
{
        struct librarian *l = userdata;

        if (r < 0)
                (void)log_errno(r, "A catalogue cannot be read to its end");
        log_info("A catalogue was imported: %lld codes added, %lld refused.",
                 (long long)json_integer_value(json_object_get(l->report, "added")),
                 (long long)json_integer_value(json_object_get(l->report, "refused")));
        librarian_end_import(l, r < 0 ? api_refuse(REASON_INTERNAL) : api_accept(""));
        librarian_changed(l);
}

static const struct import_handler librarian_import_handler = {
        .on_kept = librarian_on_kept,
        .on_refused = librarian_on_refused,
        .on_done = librarian_on_done,
};

static int librarian_begin_import(struct librarian *l, int fd, bool joins)
{
        l->report = entries_report();
        if (!l->report)
                return -ENOMEM;
        means_load_issuers(l->means.means);
        return import_new(l->means.event, librarian_catalogue(l), fd, joins,
                          &librarian_import_handler, l, &l->import);
}

static struct api_answer refuse_import(int r)
{
        if (r == SOURCE_E_OTHER)
                return api_refuse_because(REASON_REQUEST_INVALID, "it is not a regular file");
        (void)log_errno(r, "Cannot import a catalogue");
        if (r == -EFBIG)
                return api_refuse_because(REASON_REQUEST_INVALID, "the file has more than %d bytes",
                                          SOURCE_BYTES_MAX);
        return api_refuse(REASON_INTERNAL);
}

static void librarian_on_import(void *userdata, int fd, bool joins, const struct api_later *later)
{
        struct librarian *l = userdata;
        int r;

        if (l->import) {
                api_settle(later,
                           api_refuse_because(REASON_BUSY, "another catalogue is being imported"));
                return;
        }
        l->later = *later;
        r = librarian_begin_import(l, fd, joins);
        if (r != 0)
                librarian_end_import(l, refuse_import(r));
}

/* --- fetching --- */

static struct fetching_means librarian_fetching_means(struct librarian *l)
{
        return (struct fetching_means){
                .event = l->means.event,
                .socket = l->means.means->places->fetcher,
                .settings = l->means.settings,
                .catalogue = librarian_catalogue(l),
        };
}

bool librarian_has_service(const struct librarian *librarian)
{
        return librarian->means.settings->catalogue_service[0] != '\0';
}

int librarian_fetch(struct librarian *librarian, const char *reference,
                    const struct fetching_handler *handler, void *userdata,
                    struct fetching **ret_fetching)
{
        const struct fetching_means means = librarian_fetching_means(librarian);
        char references[1][REFERENCE_SIZE];

        (void)snprintf(references[0], REFERENCE_SIZE, "%s", reference);
        return fetching_new(&means, (const char(*)[REFERENCE_SIZE])references, 1, false, handler,
                            userdata, ret_fetching);
}

/* The last event, without which a face shows until a restart that something is under way. */
static void librarian_tell_end(struct librarian *l, enum reason why)
{
        char text[REASON_TEXT_SIZE];
        struct event event;

        (void)snprintf(text, sizeof(text), "%lld added to the catalogue, %lld refused.",
                       (long long)json_integer_value(json_object_get(l->fetch_report, "added")),
                       (long long)json_integer_value(json_object_get(l->fetch_report, "refused")));
        event = request_event(&l->fetch_request,
                              why == REASON_NONE ? EVENT_SUCCESSFUL : EVENT_FAILED, why, text);
        herald_event(l->means.herald, &event);
}

static void librarian_end_fetch(struct librarian *l, struct api_answer answer)
{
        const struct api_outcome outcome = {.answer = answer, .report = l->fetch_report};

        l->fetching = fetching_free(l->fetching);
        librarian_tell_end(l, answer.reason != REASON_NONE ? answer.reason : l->unfetched);
        l->fetch_later.on_outcome(l->fetch_later.userdata, &outcome);
        l->fetch_report = json_free(l->fetch_report);
}

/* How far it has come, for everybody who listens. */
static void librarian_tell(struct librarian *l, const char *id, const char *text)
{
        char line[REFERENCE_SIZE + REASON_TEXT_SIZE + 2];
        struct event event;

        (void)snprintf(line, sizeof(line), "%s: %s", id, text);
        event = request_event(&l->fetch_request, EVENT_READING, REASON_NONE, line);
        herald_event(l->means.herald, &event);
}

static void librarian_on_fetched(void *userdata, const struct store_entry *entry)
{
        struct librarian *l = userdata;
        char text[2 * STORE_TEXT_SIZE + 32];

        entries_report_added(l->fetch_report);
        (void)snprintf(text, sizeof(text), "%s %s is in the catalogue.", entry->maker,
                       entry->model);
        librarian_tell(l, entry->reference, text);
}

static void librarian_on_unfetched(void *userdata, const char *id, enum reason why,
                                   const char *detail)
{
        const struct entries_failure failure = {0, id, why, detail};
        struct librarian *l = userdata;
        char text[REASON_TEXT_SIZE];

        if (l->unfetched == REASON_NONE)
                l->unfetched = why;
        entries_report_refused(l->fetch_report, &failure);
        reason_explain(why, detail, text);
        librarian_tell(l, id, text);
}

static void librarian_on_all_fetched(void *userdata)
{
        struct librarian *l = userdata;

        librarian_end_fetch(l, api_accept(""));
        librarian_changed(l);
}

static const struct fetching_handler librarian_fetching_handler = {
        .on_kept = librarian_on_fetched,
        .on_refused = librarian_on_unfetched,
        .on_done = librarian_on_all_fetched,
};

/* Whether the catalogue has it already; then its device may join if that is wished. */
static bool librarian_has(struct librarian *l, const char *reference, bool joins)
{
        struct store *store = l->catalogue.store;
        struct store_entry entry;

        if (store_find_reference(store, reference, &entry) != 0)
                return false;
        if (joins && !entry.joins)
                (void)store_let_join(store, entry.device_id, true);
        return true;
}

/* What a person wrote, as far as there is room for whole characters. */
static void cut(const char *id, char ret_id[REFERENCE_SIZE])
{
        size_t n = strnlen(id, REFERENCE_SIZE - 1);

        while (n > 0 && ((uint8_t)id[n] & 0xc0) == 0x80)
                n--;
        memcpy(ret_id, id, n);
        ret_id[n] = '\0';
}

/* Those that have to be asked for, each once; the others are reported at once. */
static size_t librarian_choose(struct librarian *l, char **ids, bool joins,
                               char (*ret_references)[REFERENCE_SIZE])
{
        size_t n = 0, i;

        for (; *ids; ids++) {
                char reference[REFERENCE_SIZE];
                enum reference_outcome outcome =
                        reference_read((const uint8_t *)*ids, strlen(*ids), reference);

                if (outcome != REFERENCE_DONE) {
                        cut(*ids, reference);
                        librarian_on_unfetched(l, reference,
                                               outcome == REFERENCE_OTHER
                                                       ? REASON_REQUEST_INVALID
                                                       : REASON_REFERENCE_MISTYPED,
                                               outcome == REFERENCE_OTHER ? "it is not a number "
                                                                            "that names a code"
                                                                          : "");
                        continue;
                }
                for (i = 0; i < n && strcmp(ret_references[i], reference) != 0; i++)
                        ;
                if (i == n && !librarian_has(l, reference, joins))
                        memcpy(ret_references[n++], reference, sizeof(reference));
        }
        return n;
}

static int librarian_begin_fetch(struct librarian *l, char **ids, size_t n_ids, bool joins)
{
        const struct fetching_means means = librarian_fetching_means(l);
        char(*references)[REFERENCE_SIZE] = calloc(n_ids + 1, sizeof(*references));
        size_t n;
        int r;

        request_init(&l->fetch_request, EVENT_SOURCE_CATALOGUE);
        l->unfetched = REASON_NONE;
        l->fetch_report = entries_report();
        if (!references || !l->fetch_report) {
                free(references);
                return -ENOMEM;
        }
        means_load_issuers(l->means.means);
        n = librarian_choose(l, ids, joins, references);
        r = fetching_new(&means, (const char(*)[REFERENCE_SIZE])references, n, joins,
                         &librarian_fetching_handler, l, &l->fetching);
        free(references);
        return r;
}

static void librarian_on_fetch(void *userdata, char **ids, bool joins,
                               const struct api_later *later)
{
        struct api_answer answer = api_accept("");
        struct librarian *l = userdata;
        size_t n = 0;
        int r;

        while (ids[n])
                n++;
        if (l->fetching)
                answer = api_refuse_because(REASON_BUSY, "other codes are being fetched");
        else if (!librarian_has_service(l))
                answer = api_refuse(REASON_FETCH_UNCONFIGURED);
        else if (n == 0 || n > ENTRIES_FETCH_MAX)
                answer = api_refuse_because(REASON_REQUEST_INVALID, "there are not 1 to %d numbers",
                                            ENTRIES_FETCH_MAX);
        if (answer.reason != REASON_NONE) {
                api_settle(later, answer);
                return;
        }
        l->fetch_later = *later;
        r = librarian_begin_fetch(l, ids, n, joins);
        if (r == 0)
                return;
        (void)log_errno(r, "Cannot fetch codes");
        librarian_end_fetch(l, api_refuse(REASON_INTERNAL));
}

/* --- one by one --- */

/* Puts what was offered there; @later hears how that went. */
static void librarian_add(struct librarian *l, const struct catalogue_offer *offer,
                          const struct api_later *later)
{
        char detail[CATALOGUE_DETAIL_SIZE];
        struct api_outcome outcome = {.values = NULL};
        struct store_entry entry;
        enum reason why;

        why = catalogue_check(librarian_catalogue(l), offer, &entry, detail);
        if (why == REASON_NONE)
                catalogue_keep(librarian_catalogue(l), &entry, 1, &why);
        if (why != REASON_NONE) {
                api_settle(later,
                           detail[0] ? api_refuse_because(why, "%s", detail) : api_refuse(why));
                return;
        }
        log_info("%s %s %s is in the catalogue, and is enrolled when it is switched on.",
                 entry.maker, entry.model, entry.serial);
        outcome.report = entries_json(&entry);
        outcome.answer = outcome.report ? api_accept("") : api_refuse(REASON_INTERNAL);
        librarian_changed(l);
        later->on_outcome(later->userdata, &outcome);
        json_decref(outcome.report);
}

/* A code that a reference names; it is wiped. */
static void librarian_add_found(struct librarian *l, const char *reference, const char *name,
                                enum reason why, struct librarian_code *code,
                                const struct api_later *later)
{
        const struct catalogue_offer offer = {
                .reference = reference,
                .code = code->bytes,
                .n_code = code->n_bytes,
                .name = name,
                .joins = true,
                .now = time_shown(time_now_usec()),
        };

        if (why == REASON_NONE)
                librarian_add(l, &offer, later);
        else
                api_settle(later, api_refuse(why));
        librarian_wipe(code);
}

static void librarian_on_browsed(void *userdata, const struct line *line)
{
        struct librarian *l = userdata;
        struct librarian_code code;
        enum reason why;

        why = librarian_read(l, l->browse_reference, line, &code);
        l->browsing = shelf_free(l->browsing);
        librarian_add_found(l, l->browse_reference, l->browse_name, why, &code, &l->browse_later);
}

static const struct shelf_handler librarian_shelf_handler = {.on_end = librarian_on_browsed};

/* Looks for it in the directory first. */
static void librarian_add_browsed(struct librarian *l, const char *reference, const char *name,
                                  const struct api_later *later)
{
        int r;

        if (l->browsing) {
                api_settle(later,
                           api_refuse_because(REASON_BUSY, "another code is being looked for"));
                return;
        }
        (void)snprintf(l->browse_reference, sizeof(l->browse_reference), "%s", reference);
        (void)snprintf(l->browse_name, sizeof(l->browse_name), "%s", name);
        l->browse_later = *later;
        r = librarian_browse(l, reference, &librarian_shelf_handler, l, &l->browsing);
        if (r == 0)
                return;
        (void)log_errno(r, "Cannot look for a code");
        api_settle(later, api_refuse(REASON_INTERNAL));
}

/* A reference is one of an entry that is there, or of the directory, which is added then. */
static void librarian_add_reference(struct librarian *l, const char *reference, const char *name,
                                    const struct api_later *later)
{
        struct librarian_code code;
        enum reason why;

        why = librarian_find(l, reference, &code);
        if (why == REASON_REFERENCE_UNKNOWN && librarian_has_directory(l))
                librarian_add_browsed(l, reference, name, later);
        else
                librarian_add_found(l, reference, name, why, &code, later);
}

static void librarian_on_add(void *userdata, const uint8_t *code, size_t n_code, const char *name,
                             const struct api_later *later)
{
        const struct catalogue_offer offer = {
                .reference = "",
                .code = code,
                .n_code = n_code,
                .name = name,
                .joins = true,
                .now = time_shown(time_now_usec()),
        };
        char reference[REFERENCE_SIZE];
        struct librarian *l = userdata;

        means_load_issuers(l->means.means);
        switch (reference_read(code, n_code, reference)) {
        case REFERENCE_WRONG_CHECK:
                api_settle(later, api_refuse(REASON_REFERENCE_MISTYPED));
                break;
        case REFERENCE_DONE:
                librarian_add_reference(l, reference, name, later);
                break;
        default:
                librarian_add(l, &offer, later);
        }
}

static struct api_answer librarian_on_let_join(void *userdata, const char *id, bool joins)
{
        struct librarian *l = userdata;
        const struct catalogue *c = librarian_catalogue(l);
        struct store_entry entry;
        enum reason why;
        int r;

        why = catalogue_find(c, id, &entry);
        if (why != REASON_NONE)
                return api_refuse(why);
        r = store_let_join(c->store, entry.device_id, joins);
        if (r != 0)
                return api_refuse(store_reason(r));
        librarian_changed(l);
        return api_accept("");
}

void librarian_forget(struct librarian *librarian, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        int r = store_remove_entry(librarian_catalogue(librarian)->store, device_id);

        if (r < 0)
                (void)log_errno(r, "The catalogue keeps a code that is not needed any more");
        if (r != 0)
                return;
        librarian_changed(librarian);
}

static struct api_answer librarian_on_discard(void *userdata, const char *id)
{
        struct librarian *l = userdata;
        struct store_entry entry;
        enum reason why;
        int r;

        why = catalogue_find(librarian_catalogue(l), id, &entry);
        if (why != REASON_NONE)
                return api_refuse(why);
        r = store_remove_entry(l->catalogue.store, entry.device_id);
        if (r != 0)
                return api_refuse(store_reason(r));
        librarian_changed(l);
        return api_accept("");
}

/* --- beginning and end --- */

void librarian_serve(struct librarian *librarian, struct api_backend *backend)
{
        static const struct entries_handler handler = {
                .on_import = librarian_on_import,
                .on_fetch = librarian_on_fetch,
                .on_add = librarian_on_add,
                .on_let_join = librarian_on_let_join,
                .on_discard = librarian_on_discard,
        };

        backend->entries = &handler;
        backend->catalogue = librarian;
}

void librarian_status(const struct librarian *librarian, struct api_status *status)
{
        struct store *store = librarian->means.means->store;
        uint64_t n_entries = 0, n_joining = 0;

        (void)store_entry_count(store, &n_entries);
        (void)store_joining_count(store, &n_joining);
        status->n_entries = (unsigned)n_entries;
        status->n_joining = (unsigned)n_joining;
}

int librarian_new(const struct librarian_means *means, struct librarian **ret_librarian)
{
        struct librarian *l = calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        l->means = *means;
        *ret_librarian = l;
        return 0;
}

struct librarian *librarian_free(struct librarian *librarian)
{
        if (!librarian)
                return NULL;
        if (librarian->import)
                librarian_end_import(librarian, api_refuse(REASON_STOPPING));
        if (librarian->fetching)
                librarian_end_fetch(librarian, api_refuse(REASON_STOPPING));
        if (librarian->browsing) {
                librarian->browsing = shelf_free(librarian->browsing);
                api_settle(&librarian->browse_later, api_refuse(REASON_STOPPING));
        }
        free(librarian);
        return NULL;
}
