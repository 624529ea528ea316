/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/hass.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/devices.h"
#include "api/json.h"
#include "hass/ledger.h"
#include "store/device.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/loop.h"

#define THE_HUB "" /* among devices */

#define ID_SIZE (2 * STORE_DEVICE_ID_BYTES + 1)

/*
 * Subjects have for an id what their devices are known as, in hexadecimal: so a device that
 * replaces another is the same subject. Sets of them are JSON objects whose values say nothing.
 */
struct hass {
        struct hass_options options;
        struct notice notice;
        struct subject_means means;
        const struct api_backend *backend;
        const struct hass_handler *handler;
        void *userdata;

        bool is_started;       /* on this connection */
        struct ledger *ledger; /* what Home Assistant may have of each subject */
        json_t *versions;      /* of the devices that were announced since the hub has started */
        json_t *due;           /* set: what has to be announced */
        json_t *fresh;         /* set: devices whose states are published when the timer fires */
        unsigned n_unanswered;
        sd_event_source *birth, *states;
};

/* --- what there is to announce --- */

/*
 * What changes whenever the announcement of a device does: it has the text of its row that is
 * shown, and its channels change with an enrollment only.
 */
static json_t *version_json(const struct store_device *device)
{
        char id[ID_SIZE];

        return json_sprintf("%s/%" PRIu32 "/%" PRId64 "/%s/%s", device->name,
                            device->ownership.epoch, device->enrolled_at, device->software,
                            hex_encode(device->device_id, sizeof(device->device_id), id));
}

/* 0; STORE_E_NONE; -errno. */
static int find_device(const struct hass *h, const char *id,
                       uint8_t ret_device_id[STORE_DEVICE_ID_BYTES])
{
        uint8_t known_as[STORE_DEVICE_ID_BYTES];

        if (hex_decode(id, known_as, sizeof(known_as)) < 0)
                return STORE_E_NONE;
        return store_device_behind(h->backend->store, known_as, ret_device_id);
}

/* The subject, and the version of its device. 0; STORE_E_NONE; -errno. */
static int load_device(const struct hass *h, const char *id, struct subject *ret_subject,
                       json_t **ret_version)
{
        struct devices_parts parts;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        struct store_device device;
        int r;

        r = find_device(h, id, device_id);
        if (r == 0)
                r = store_find_id(h->backend->store, device_id, &device);
        if (r == 0)
                r = devices_read_parts(h->backend->store, device_id, &parts);
        if (r == 0)
                r = subject_from_device(&h->means, &device, &parts.source, ret_subject);
        if (r == 0)
                *ret_version = version_json(&device);
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        return r;
}

static int load(const struct hass *h, const char *id, struct subject *ret_subject,
                json_t **ret_version)
{
        if (id[0])
                return load_device(h, id, ret_subject, ret_version);
        *ret_version = json_string("");
        return subject_from_hub(&h->means, ret_subject);
}

static void identify(const struct hass *h, const char *id,
                     char ret_identifier[SUBJECT_IDENTIFIER_SIZE])
{
        uint8_t known_as[STORE_DEVICE_ID_BYTES] = {0};

        if (!id[0]) {
                subject_identify_hub(h->options.hub, ret_identifier);
                return;
        }
        (void)hex_decode(id, known_as, sizeof(known_as));
        subject_identify_device(known_as, ret_identifier);
}

/* --- announcing --- */

/* Announces one subject. True if the connection has taken it. */
static bool announce(struct hass *h, const char *id)
{
        _defer_(subject_clear) struct subject subject = {.device = NULL};
        _defer_(json_free) json_t *version = NULL, *digest = NULL;
        unsigned n_before = h->n_unanswered;
        int r;

        r = load(h, id, &subject, &version);
        if (r == STORE_E_NONE)
                return false;
        if (r == 0) {
                digest = notice_digest(&subject);
                r = digest ? notice_announce(&h->notice, &subject, ledger_entities(h->ledger, id))
                           : -ENOMEM;
        }
        if (r < 0) {
                (void)log_errno(r, "Home Assistant: a device cannot be announced");
                return false;
        }
        if (h->n_unanswered == n_before)
                return false;
        ledger_announce(h->ledger, id, json_string_value(digest));
        (void)json_object_set(h->versions, id, version);
        return true;
}

/* As many as the broker may leave unanswered; the others when it has answered. */
static void pump(struct hass *h)
{
        void *first;

        while (h->n_unanswered < HASS_UNANSWERED_MAX && (first = json_object_iter(h->due))) {
                char id[ID_SIZE];

                (void)snprintf(id, sizeof(id), "%s", json_object_iter_key(first));
                (void)json_object_del(h->due, id);
                if (announce(h, id) && id[0])
                        (void)json_object_set_new(h->fresh, id, json_true());
        }
        if (json_object_size(h->fresh) > 0 && json_object_size(h->due) == 0)
                loop_rearm_timer(h->states, HASS_STATES_MSEC);
}

static void notice_on_message(void *userdata, const char *name, const char *text)
{
        struct hass *h = userdata;

        h->n_unanswered += h->handler->on_message(h->userdata, name, text);
}

static const struct notice_handler hass_notice_handler = {.on_message = notice_on_message};

void hass_acknowledged(struct hass *hass, int result)
{
        hass->n_unanswered--;
        if (result < 0) {
                (void)json_object_clear(hass->due); /* the next connection announces everything */
                ledger_doubt(hass->ledger);
                return;
        }
        pump(hass);
        if (hass->n_unanswered == 0)
                ledger_settle(hass->ledger);
}

/* --- what is due --- */

static void add_due(struct hass *h, const char *id)
{
        (void)json_object_set_new(h->due, id, json_true());
}

/* Calls @on_id for each device. */
struct each {
        struct hass *hass;
        void (*on_id)(struct hass *h, const char *id);
};

static int each_on_device(void *userdata, const struct store_device *device)
{
        struct each *each = userdata;
        char id[ID_SIZE];

        each->on_id(each->hass, hex_encode(device->known_as, sizeof(device->known_as), id));
        return 0;
}

static void each_subject(struct hass *h, void (*on_id)(struct hass *h, const char *id))
{
        struct each each = {h, on_id};
        int r;

        on_id(h, THE_HUB); /* first, because the devices refer to it */
        r = store_each_device(h->backend->store, each_on_device, &each);
        if (r < 0)
                (void)log_errno(r, "Home Assistant: the devices cannot be announced");
}

static bool is_gone(const struct hass *h, const char *id)
{
        uint8_t device_id[STORE_DEVICE_ID_BYTES];

        return id[0] && find_device(h, id, device_id) == STORE_E_NONE;
}

static void forget(struct hass *h, const char *id)
{
        char identifier[SUBJECT_IDENTIFIER_SIZE];

        identify(h, id, identifier);
        if (h->is_started)
                notice_withdraw(&h->notice, identifier, ledger_entities(h->ledger, id));
        (void)json_object_del(h->due, id);
        (void)json_object_del(h->fresh, id);
        (void)json_object_del(h->versions, id);
        ledger_withdraw(h->ledger, id);
}

/* Forgets what is not a device of the hub any more, and withdraws it if anything was announced on
 * this connection; otherwise its message is one that hass_begin() does not name. */
static void forget_gone(struct hass *h)
{
        const char *next;

        for (const char *id = ledger_next(h->ledger, NULL); id; id = next) {
                next = ledger_next(h->ledger, id);
                if (is_gone(h, id))
                        forget(h, id);
        }
}

/* --- a connection --- */

static void hass_on_name(const struct notice *notice, const char *name)
{
        struct hass *h = notice->userdata;

        h->handler->on_name(h->userdata, name);
}

/* A message for the whole device has a name that does not depend on what is in it. */
static void name_subject(struct hass *h, const char *id)
{
        _defer_(subject_clear) struct subject subject = {.device = NULL};
        _defer_(json_free) json_t *version = NULL, *digest = NULL;
        char identifier[SUBJECT_IDENTIFIER_SIZE];

        if (h->options.form == NOTICE_ENTITY && load(h, id, &subject, &version) == 0)
                digest = notice_digest(&subject);
        identify(h, id, identifier);
        notice_name_all(&h->notice, identifier, digest ? json_string_value(digest) : "",
                        hass_on_name);
}

void hass_begin(struct hass *hass)
{
        hass->is_started = false;
        (void)json_object_clear(hass->due);
        (void)json_object_clear(hass->fresh);
        forget_gone(hass);
        if (hass->options.form == NOTICE_OFF)
                return;
        each_subject(hass, name_subject);
}

void hass_start(struct hass *hass)
{
        hass->is_started = hass->options.form != NOTICE_OFF;
        if (!hass->is_started)
                return;
        each_subject(hass, add_due);
        pump(hass);
}

/* --- devices --- */

/* Whether it is announced as it is now. */
static bool is_announced(const struct hass *h, const char *id, const struct store_device *device)
{
        const json_t *announced = json_object_get(h->versions, id);
        _defer_(json_free) json_t *version = announced ? version_json(device) : NULL;

        return version && json_equal(announced, version);
}

static int check_device(void *userdata, const struct store_device *device)
{
        struct hass *h = userdata;
        char id[ID_SIZE];

        (void)hex_encode(device->known_as, sizeof(device->known_as), id);
        if (!is_announced(h, id, device))
                add_due(h, id);
        return 0;
}

void hass_devices_changed(struct hass *hass)
{
        int r;

        if (!hass->is_started)
                return;
        forget_gone(hass);
        r = store_each_device(hass->backend->store, check_device, hass);
        if (r < 0)
                (void)log_errno(r, "Home Assistant: the devices cannot be announced");
        pump(hass);
}

/* --- Home Assistant --- */

static int hass_on_birth(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct hass *h = userdata;

        (void)source;
        (void)usec;
        if (h->is_started) {
                each_subject(h, add_due);
                pump(h);
        }
        return 0;
}

void hass_greet(struct hass *hass)
{
        uint32_t lot = 0;

        if (hass->options.form == NOTICE_OFF)
                return;
        (void)getrandom(&lot, sizeof(lot), GRND_NONBLOCK);
        loop_rearm_timer(hass->birth, lot % (1000 * hass->options.birth_delay + 1));
}

static int hass_on_states(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct hass *h = userdata;
        const struct state_device *device;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        const char *id;
        json_t *value;

        (void)source;
        (void)usec;
        json_object_foreach(h->fresh, id, value)
        {
                if (find_device(h, id, device_id) != 0)
                        continue;
                device = state_find(h->backend->state, device_id);
                if (device)
                        h->handler->on_state(h->userdata, device);
        }
        (void)json_object_clear(h->fresh);
        return 0;
}

/* --- making it --- */

void hass_close_requests(struct hass *hass, bool closed)
{
        if (hass->means.obeys == !closed)
                return;
        hass->means.obeys = !closed;
        if (!hass->is_started)
                return;
        each_subject(hass, add_due);
        pump(hass);
}

int hass_new(sd_event *event, const struct hass_options *options, const struct api_backend *backend,
             const struct hass_handler *handler, void *userdata, struct hass **ret_hass)
{
        _defer_(hass_free) struct hass *h = calloc(1, sizeof(*h));
        int r;

        if (!h)
                return -ENOMEM;
        h->options = *options;
        h->notice = (struct notice){options->form, options->prefix, &hass_notice_handler, h};
        h->means = (struct subject_means){options->hub, options->version, true};
        h->backend = backend;
        h->handler = handler;
        h->userdata = userdata;
        h->versions = json_object();
        h->due = json_object();
        h->fresh = json_object();
        if (!h->versions || !h->due || !h->fresh)
                return -ENOMEM;
        r = ledger_new(backend->store, &h->ledger);
        if (r == 0)
                r = loop_add_timer(event, &h->birth, hass_on_birth, h);
        if (r == 0)
                r = loop_add_timer(event, &h->states, hass_on_states, h);
        if (r < 0)
                return r;
        *ret_hass = take(h);
        return 0;
}

struct hass *hass_free(struct hass *hass)
{
        if (!hass)
                return NULL;
        loop_drop(&hass->birth);
        loop_drop(&hass->states);
        hass->ledger = ledger_free(hass->ledger);
        (void)json_free(hass->versions);
        (void)json_free(hass->due);
        (void)json_free(hass->fresh);
        free(hass);
        return NULL;
}
