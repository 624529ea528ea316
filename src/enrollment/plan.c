/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "enrollment/forward.h"
#include "enrollment/preview.h"
#include "enrollment/record.h"
#include "enrollment/resume.h"
#include "util/log.h"
#include "wire/message.h"
#include "program/verify.h"
#include "program/words.h"
#include "store/enrollment.h"
#include "store/removal.h"

#define NAMES_MAX 1000 /* name, name-2, name-3, ... */

static enum reason plan_say(char text[PLAN_TEXT_SIZE], enum reason why, const char *what)
{
        (void)snprintf(text, PLAN_TEXT_SIZE, "%s", what ? what : reason_text(why));
        return why;
}

static enum reason plan_explain(char text[PLAN_TEXT_SIZE], enum reason why, const char *detail)
{
        char sentence[REASON_TEXT_SIZE];

        reason_explain(why, detail, sentence);
        return plan_say(text, why, sentence);
}

/* What is reported when the store returned @r, which goes to the log itself. */
static enum reason plan_store_reason(const struct plan *p, int r, const char *what)
{
        const char *name = p->device.name[0] ? p->device.name : p->verdict.product;

        if (r < 0)
                (void)log_errno(r, "%s: cannot %s", name, what);
        else if (r > 0)
                log_warning("%s: cannot %s (%s)", name, what, reason_code(store_reason(r)));
        return store_reason(r);
}

/* Whether a name is free for this device: nobody's, or its own. 0, STORE_E_NAME_TAKEN, or -errno.
 */
static int plan_name_free(struct plan *p, const struct plan_wish *wish, const char *name)
{
        struct store_device other;
        int r;

        if (wish->is_name_taken && wish->is_name_taken(wish->userdata, name, p->device.device_id))
                return STORE_E_NAME_TAKEN;
        r = store_find_name(p->means->store, name, &other);
        if (r == STORE_E_NONE)
                return 0;
        sodium_memzero(&other.ownership, sizeof(other.ownership));
        if (r < 0)
                return r;
        return memcmp(other.device_id, p->device.device_id, sizeof(other.device_id)) == 0
                       ? 0
                       : STORE_E_NAME_TAKEN;
}

/* The wished name; else the one it had; else one made from the model, with a number if others have
 * it too. */
static int plan_name(struct plan *p, const struct plan_wish *wish)
{
        char base[STORE_NAME_SIZE - 5];
        int r = STORE_E_NAME_TAKEN;

        if (wish->name) {
                r = plan_name_free(p, wish, wish->name);
                if (r == 0)
                        (void)snprintf(p->device.name, sizeof(p->device.name), "%s", wish->name);
                return r;
        }
        if (p->device.name[0])
                return 0;

        record_name(p->code.payload.model, p->device.name);
        (void)snprintf(base, sizeof(base), "%.*s", (int)sizeof(base) - 1, p->device.name);
        for (int i = 2; i < NAMES_MAX; i++) {
                int n;

                r = plan_name_free(p, wish, p->device.name);
                if (r != STORE_E_NAME_TAKEN)
                        break;
                n = snprintf(p->device.name, sizeof(p->device.name), "%s-%d", base, i);
                if (n >= (int)sizeof(p->device.name))
                        return -EOVERFLOW;
        }
        return r;
}

static void plan_know(struct plan *p, const struct store_device *row)
{
        p->known = true;
        p->row_epoch = row->ownership.epoch;
        p->row_settled = row->ownership.settled;
        p->row_of_code = memcmp(row->code_hash, p->code.payload_hash, sizeof(row->code_hash)) == 0;
        memcpy(p->device.name, row->name, sizeof(row->name));
        memcpy(p->device.known_as, row->known_as, sizeof(row->known_as));
}

static int plan_recall_given_up(struct plan *p)
{
        int r;

        r = store_given_up_epoch(p->means->store, p->code.payload.identity, &p->given_up_epoch);
        return r == STORE_E_NONE ? 0 : r;
}

/* Takes over what a row of this device already says: its name, its epoch, whether it is settled. */
static int plan_recall(struct plan *p)
{
        struct store_device row;
        int r;

        r = plan_recall_given_up(p);
        if (r < 0)
                return r;
        r = store_find_id(p->means->store, p->code.payload.identity, &row);
        if (r == STORE_E_NONE)
                return store_known_as(p->means->store, p->code.payload.identity,
                                      p->device.known_as);
        if (r < 0)
                return r;
        plan_know(p, &row);
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        return 0;
}

/* What the device is sent: what the hub's half supplies, and the code's own configuration. */
static void plan_wanted(const struct plan *p, bool wanted[PROGRAM_NUMBER_MAX + 1])
{
        const struct cbor_span configuration = p->code.payload.configuration;
        struct value value;

        for (unsigned number = 0; number <= PROGRAM_NUMBER_MAX; number++)
                wanted[number] =
                        p->half.supply[number] ||
                        (configuration.n_bytes > 0 && value_find(configuration, number, &value));
}

/* All of them at once, as they are given to enrollctl. */
static void plan_name_missing(const struct plan *p, char text[PLAN_TEXT_SIZE])
{
        const char *separator = "";
        int at = snprintf(text, PLAN_TEXT_SIZE,
                          "The device needs values that this hub does not have: ");

        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX && at < PLAN_TEXT_SIZE - 24;
             number++) {
                const char *name = program_number_name(PROGRAM_PARAMETER, number);

                if (!p->values.missing[number])
                        continue;
                if (name)
                        at += snprintf(text + at, PLAN_TEXT_SIZE - (size_t)at, "%s%s", separator,
                                       name);
                else
                        at += snprintf(text + at, PLAN_TEXT_SIZE - (size_t)at, "%s%u", separator,
                                       number);
                separator = ", ";
        }
        (void)snprintf(text + at, PLAN_TEXT_SIZE - (size_t)at, ".");
}

static enum reason plan_values(struct plan *p, const struct plan_wish *wish,
                               char text[PLAN_TEXT_SIZE])
{
        bool wanted[PROGRAM_NUMBER_MAX + 1];
        char detail[GIVEN_DETAIL_SIZE];
        uint8_t system_key[32];
        enum reason why;
        const struct values_source source = {
                .given = wish->given,
                .n_given = wish->n_given,
                .site = p->means->site,
                .name = p->device.name,
                .hub = p->means->hub,
                .system_key = system_key,
                .gateway_key = p->keys.hub_public,
                .now = wish->now,
                .former = replacement_values(&p->replacement),
                .former_is_alike = p->replacement.is_alike,
                .configuration = p->code.payload.configuration,
        };

        forward_public_key(p->means->master, system_key);
        plan_wanted(p, wanted);
        switch (values_collect(&source, wanted, &p->values)) {
        case 0:
                return REASON_NONE;
        case VALUES_E_MISSING:
                plan_name_missing(p, text);
                return REASON_PARAMETER_MISSING;
        case VALUES_E_GIVEN:
                why = given_check(p->values.given, detail);
                return plan_explain(text, why, detail);
        case VALUES_E_UNWANTED:
                return plan_explain(text, REASON_PARAMETER_UNWANTED, p->values.given->parameter);
        case VALUES_E_TWICE:
                (void)snprintf(detail, sizeof(detail), "%.64s is given twice",
                               p->values.given->parameter);
                return plan_explain(text, REASON_REQUEST_INVALID, detail);
        default: /* VALUES_E_LONG: plan_check_size() has the reason */
                return REASON_NONE;
        }
}

/* Whose name it is. */
static enum reason plan_say_taken(const struct plan *p, const char *name, char text[PLAN_TEXT_SIZE])
{
        struct store_device other;

        if (store_find_name(p->means->store, name, &other) == 0)
                (void)snprintf(
                        text, PLAN_TEXT_SIZE,
                        "%s is the name of another device, %.128s with the serial number %.128s.",
                        name, other.model, other.serial);
        else
                (void)snprintf(text, PLAN_TEXT_SIZE,
                               "%s is the name of another device, which is being enrolled.", name);
        sodium_memzero(&other.ownership, sizeof(other.ownership));
        return REASON_NAME_TAKEN;
}

/* Whatever the preview lets through can be sent to the device, and stored there. */
static enum reason plan_check_size(const struct plan *p, char text[PLAN_TEXT_SIZE])
{
        size_t n_half = p->verdict.application->device.n_bytes;
        size_t room = MESSAGE_STAGED_MAX - n_half;

        if (room > MESSAGE_VALUES_MAX)
                room = MESSAGE_VALUES_MAX;
        if (p->values.n_bytes <= room)
                return REASON_NONE;
        (void)snprintf(text, PLAN_TEXT_SIZE,
                       "The values for the device have %zu bytes, and beside its half of the code, "
                       "which has %zu, there is room for %zu in one message.",
                       p->values.n_bytes, n_half, room);
        return REASON_VALUES_TOO_LONG;
}

static enum reason plan_check_name(struct plan *p, const struct plan_wish *wish,
                                   char text[PLAN_TEXT_SIZE])
{
        int r;

        if (wish->name && !store_name_valid(wish->name, strlen(wish->name)))
                return plan_say(text, REASON_REQUEST_INVALID,
                                "A device's name is 1 to 32 letters, digits, dashes and "
                                "underscores, and not \"bridge\".");
        r = plan_name(p, wish);
        if (r < 0)
                return plan_say(text, plan_store_reason(p, r, "be given a name"), NULL);
        if (r == STORE_E_NAME_TAKEN)
                return plan_say_taken(p, wish->name, text);
        return REASON_NONE;
}

static enum reason plan_replace(struct plan *p, const struct plan_wish *wish,
                                char text[PLAN_TEXT_SIZE])
{
        char detail[REASON_TEXT_SIZE];
        enum reason why;

        if (!wish->replaces)
                return REASON_NONE;
        why = replacement_make(&p->replacement, p->means->store, wish->replaces, wish->other_model,
                               &p->device, detail);
        return why == REASON_NONE ? REASON_NONE : plan_explain(text, why, detail);
}

/* What follows from an opened code without any choice. */
static int plan_derive(struct plan *p)
{
        const struct payload *payload = &p->code.payload;
        struct store_ownership *ownership = &p->device.ownership;
        uint8_t known_as[STORE_DEVICE_ID_BYTES];
        char name[STORE_NAME_SIZE];

        memcpy(name, p->device.name, sizeof(name));
        memcpy(known_as, p->device.known_as, sizeof(known_as));
        record_from_code(payload, payload->identity, p->code.issuer_name, &p->device);
        memcpy(p->device.name, name, sizeof(name));
        memcpy(p->device.known_as, known_as, sizeof(known_as));
        memcpy(p->device.code_hash, p->code.payload_hash, sizeof(p->device.code_hash));
        kdf_adv_key(payload->secret, ownership->adv_key);
        keys_begin(&p->keys, p->means->master, payload->public_key);
        memcpy(ownership->hub_public, p->keys.hub_public, sizeof(ownership->hub_public));
        p->device.capabilities = p->verdict.capabilities;
        return half_begin(&p->half, p->verdict.application, p->verdict.capabilities);
}

enum reason plan_make(struct plan *p, const struct plan_means *means, const uint8_t *code,
                      size_t n_code, const struct plan_wish *wish, char text[PLAN_TEXT_SIZE])
{
        struct event_preview preview;
        enum reason why;
        int r;

        memset(p, 0, sizeof(*p));
        p->means = means;
        why = code_open(&p->code, code, n_code, means->issuers, means->daemon);
        if (why != REASON_NONE)
                return plan_explain(text, why, p->code.detail);
        why = verdict_make(&p->code, means->ceiling, means->store, &p->verdict);
        if (why != REASON_NONE)
                return plan_say(text, why, p->verdict.text);

        /* A secret that the hub may not keep must have somebody to go to. */
        if (program_forwards_secret(p->verdict.application->hub) && !means->has_recipient)
                return plan_say(text, REASON_RECIPIENT_MISSING, NULL);

        r = plan_recall(p);
        if (r < 0)
                return plan_say(text, plan_store_reason(p, r, "be looked up"), NULL);
        if (plan_derive(p) != 0)
                return plan_say(text, REASON_CODE_MALFORMED,
                                "The hub's half of the code cannot run.");
        why = plan_replace(p, wish, text);
        if (why == REASON_NONE)
                why = plan_check_name(p, wish, text);
        if (why == REASON_NONE)
                why = plan_values(p, wish, text);
        if (why == REASON_NONE)
                why = plan_check_size(p, text);
        if (why != REASON_NONE)
                return why;

        r = store_probe_space(means->store, STORE_ROOM_BYTES);
        if (r != 0)
                return plan_say(text, plan_store_reason(p, r, "be stored"), NULL);
        preview_make(&p->code, &p->verdict, &p->values, &preview);
        preview_text(&preview, p->code.payload.model, text, PLAN_TEXT_SIZE);
        if (p->replacement.is_due)
                replacement_text(&p->replacement, text + strlen(text),
                                 PLAN_TEXT_SIZE - strlen(text));
        return REASON_NONE;
}

int plan_make_again(struct plan *p, const struct plan_means *means, const struct store_device *row)
{
        struct resume resume;
        enum reason why;
        int r;

        memset(p, 0, sizeof(*p));
        p->means = means;
        r = resume_open(row, means->master, &resume);
        if (r < 0)
                return log_errno(r, "%s: the stored part of its enrollment cannot be opened",
                                 row->name);
        why = code_open(&p->code, resume.code, resume.n_code, means->issuers, means->daemon);
        if (why == REASON_NONE)
                why = verdict_make_again(&p->code, row->capabilities, &p->verdict);
        if (why == REASON_NONE)
                why = plan_store_reason(p, plan_recall_given_up(p), "be looked up");
        if (why == REASON_NONE) {
                plan_know(p, row);
                memcpy(p->values.bytes, resume.values, resume.n_values);
                p->values.n_bytes = resume.n_values;
                why = plan_derive(p) ? REASON_INTERNAL : REASON_NONE;
        }
        resume_wipe(&resume);
        if (why == REASON_NONE)
                return 0;
        /* For instance, the issuer is not trusted any more. */
        log_warning("%s: its enrollment cannot be finished. %s %s (%s)", row->name,
                    reason_text(why), reason_remedy(why), reason_code(why));
        return -EBADMSG;
}

void plan_keys(struct plan *p, enum keys_kind kind, const uint8_t nonce[KDF_NONCE_BYTES])
{
        if (kind == KEYS_OF_CODE)
                keys_of_code(&p->keys, p->code.payload.secret, nonce);
        else
                keys_of_ownership(&p->keys, p->means->master, p->row_epoch, nonce);
}

bool plan_next_epoch(const struct plan *p, uint32_t device_epoch, uint32_t *ret_epoch)
{
        uint32_t highest = device_epoch;

        if (p->known && p->row_epoch > highest)
                highest = p->row_epoch;
        if (p->given_up_epoch > highest)
                highest = p->given_up_epoch;
        if (highest == UINT32_MAX)
                return false;
        *ret_epoch = highest + 1;
        return true;
}

void plan_put_stage(struct plan *p, uint32_t epoch, struct cbor_writer *w)
{
        const struct payload *payload = &p->code.payload;
        uint8_t psk_own[KDF_KEY_BYTES], half[PROGRAM_BYTES_MAX];
        struct cbor_writer half_writer;
        struct message_stage stage = {
                .epoch = epoch,
                .psk_own = psk_own,
                .code_hash = p->code.payload_hash,
                .fail_safe_s = (uint16_t)p->means->fail_safe_sec,
                .values = {p->values.bytes, p->values.n_bytes},
        };

        cbor_writer_init(&half_writer, half, sizeof(half));
        application_put_device(p->verdict.application, &half_writer);
        stage.half = (struct cbor_span){half, half_writer.n_written};
        kdf_psk_own(p->means->master, payload->identity, epoch, psk_own);
        message_put_stage(w, &stage);
        sodium_memzero(psk_own, sizeof(psk_own));

        p->device.ownership.epoch = epoch;
        program_run_init(&p->device_run, p->verdict.application->device);
        (void)half_begin(&p->half, p->verdict.application, p->verdict.capabilities);
}

unsigned plan_device_sec(const struct plan *p)
{
        return program_run_patience(&p->device_run);
}

void plan_device_goes_on(struct plan *p)
{
        struct program_step step;

        while (program_run_next(&p->device_run, &step) && step.verb != PROGRAM_SYNC)
                ;
}

void plan_device_text(const struct plan *p, char text[PLAN_TEXT_SIZE])
{
        struct program_run run;
        struct program_step step;
        unsigned n_set = 0, number;
        size_t n = 0;

        text[0] = '\0';
        program_run_init(&run, p->verdict.application->device);
        while (program_run_next(&run, &step)) {
                struct program_operand operand;

                if (step.verb == PROGRAM_SET)
                        while (program_next_operand(&step, &number, &operand))
                                n_set++;
                if (step.verb == PROGRAM_CALL && n < PLAN_TEXT_SIZE)
                        n += (size_t)snprintf(text + n, PLAN_TEXT_SIZE - n, "function %u, ",
                                              step.number);
        }
        if (n < PLAN_TEXT_SIZE)
                (void)snprintf(text + n, PLAN_TEXT_SIZE - n, "%u value%s set", n_set,
                               n_set == 1 ? "" : "s");
}

static const char *record_error_text(int outcome)
{
        switch (outcome) {
        case RECORD_E_SERIAL:
                return "The device reports another serial number than its code.";
        case RECORD_E_KEY:
                return "The device reports another public key than its code.";
        default:
                return "The device's report is malformed.";
        }
}

static void plan_take_secret(struct plan *p, struct cbor_span report)
{
        struct value value;

        if (p->half.forward[PROGRAM_ITEM_SECRET_KEY] &&
            value_find(report, PROGRAM_ITEM_SECRET_KEY, &value))
                memcpy(p->secret_key, value.span.bytes, sizeof(p->secret_key));
}

enum reason plan_take_report(struct plan *p, struct cbor_span report,
                             const struct plan_contact *contact, char text[PLAN_TEXT_SIZE])
{
        const char *item;
        int r;

        r = record_add_report(&p->device, &p->code.payload, report);
        if (r)
                return plan_say(text,
                                r == RECORD_E_REPORT ? REASON_REPORT_INCOMPLETE
                                                     : REASON_REPORT_MISMATCH,
                                record_error_text(r));
        r = half_report(&p->half, report);
        if (r == HALF_E_MISSING) {
                item = program_number_name(PROGRAM_ITEM, p->half.missing);
                (void)snprintf(text, PLAN_TEXT_SIZE, "The device did not report its %s.",
                               item ? item : "own item");
                return REASON_REPORT_INCOMPLETE;
        }
        if (r)
                return plan_say(text, REASON_PROTOCOL_VIOLATED, NULL);

        plan_take_secret(p, report);
        p->device.presence = p->half.presence;
        p->device.sleep_s = p->half.sleep_s;
        record_add_values(&p->device, (struct cbor_span){p->values.bytes, p->values.n_bytes});
        (void)snprintf(p->device.link, sizeof(p->device.link), "%s", contact->link);
        p->device.enrolled_at = contact->now;
        return REASON_NONE;
}

static int plan_seal(struct plan *p)
{
        struct resume resume;
        int r;

        resume.n_code = p->code.n_bytes;
        memcpy(resume.code, p->code.bytes, p->code.n_bytes);
        resume.n_values = p->values.n_bytes;
        memcpy(resume.values, p->values.bytes, p->values.n_bytes);
        r = resume_seal(&resume, p->means->master, &p->device);
        resume_wipe(&resume);
        return r;
}

/* The message that the former device is gone, if there is one and it was forwarded. */
static int plan_forward_end(struct plan *p, struct store_message *ret_message,
                            size_t *ret_n_messages)
{
        const struct forward forward = {.hub = p->means->hub, .master = p->means->master};

        *ret_n_messages = 0;
        if (!p->replacement.is_due)
                return 0;
        return forward_end(&forward, &p->replacement.former, p->device.enrolled_at, ret_message,
                           ret_n_messages);
}

/* The message that forwards the device's identity, if the hub's half asks for one. */
static int plan_forward(struct plan *p, struct store_message *ret_message, size_t *ret_n_messages)
{
        const struct forward forward = {
                .hub = p->means->hub,
                .master = p->means->master,
                .identity = p->half.forward[PROGRAM_ITEM_IDENTITY] ||
                            p->half.forward[PROGRAM_ITEM_SERIAL],
                .public_key = p->half.forward[PROGRAM_ITEM_PUBLIC_KEY],
                .recipient = p->means->has_recipient ? p->means->recipient : NULL,
                .secret_key = p->half.forward[PROGRAM_ITEM_SECRET_KEY] ? p->secret_key : NULL,
                .acknowledge = p->means->acknowledge,
        };
        int r;

        *ret_n_messages = 0;
        if (!forward.identity && !forward.public_key && !forward.secret_key)
                return 0;
        r = forward_message(&forward, &p->device, ret_message);
        if (r == 0)
                *ret_n_messages = 1;
        return r;
}

/* The row is there, whatever the plan knew before. */
static void plan_note_commit(struct plan *p)
{
        p->known = p->row_of_code = true;
        p->row_epoch = p->device.ownership.epoch;
        p->row_settled = false;
        /* As it was planned, unless others came or went meanwhile. */
        (void)store_known_as(p->means->store, p->device.device_id, p->device.known_as);
        p->replacement.is_due = false;
}

enum reason plan_commit(struct plan *p)
{
        struct store_counter counter = {.product = p->verdict.product,
                                        .value = p->code.payload.counter};
        struct store_message messages[2];
        size_t n_ends = 0, n_keys = 0;
        struct store_enrollment enrollment = {
                .device = &p->device,
                .channels = p->half.channels,
                .n_channels = p->half.n_channels,
                .members = p->half.members,
                .n_members = p->half.n_members,
                .messages = messages,
                .replaces = p->replacement.is_due ? p->replacement.former.device_id : NULL,
                /* A code that made a row was let in once; its successor does not take that back. */
                .counter = p->known && p->row_of_code ? NULL : &counter,
        };
        int r;

        /* It was there when the plan was made; the settings may have been read again since. */
        if (p->half.forward[PROGRAM_ITEM_SECRET_KEY] && !p->means->has_recipient)
                return REASON_RECIPIENT_MISSING;
        memcpy(counter.kid, p->code.envelope.kid, sizeof(counter.kid));
        r = plan_seal(p);
        if (r < 0)
                return plan_store_reason(p, r, "be sealed");
        r = plan_forward_end(p, messages, &n_ends);
        if (r == 0)
                r = plan_forward(p, messages + n_ends, &n_keys);
        if (r < 0)
                return plan_store_reason(p, r, "be forwarded");
        enrollment.n_messages = n_ends + n_keys;
        r = store_enroll(p->means->store, &enrollment);
        if (r == STORE_E_SUPERSEDED)
                return REASON_CODE_SUPERSEDED;
        if (r == STORE_E_NONE)
                return REASON_NO_SUCH_DEVICE;
        if (r)
                return plan_store_reason(p, r, "be stored");
        plan_note_commit(p);
        return REASON_NONE;
}

enum reason plan_settle(struct plan *p)
{
        const uint8_t *id = p->code.payload.identity;
        int r;

        r = store_settle(p->means->store, id, p->row_epoch);
        if (r == 0)
                r = store_find_id(p->means->store, id, &p->device);
        if (r == 0)
                r = store_channels(p->means->store, id, HALF_CHANNELS_MAX, p->half.channels,
                                   &p->half.n_channels);
        p->row_settled = r == 0;
        return plan_store_reason(p, r, "be noted as settled");
}

enum reason plan_drop(struct plan *p)
{
        int r;

        if (!p->row_of_code)
                return REASON_CODE_NOT_PERMITTED;
        r = store_remove(p->means->store, p->code.payload.identity, NULL, 0);
        p->known = false;
        p->given_up_epoch = p->row_epoch;
        return plan_store_reason(p, r, "be removed");
}

void plan_done(struct plan *p)
{
        code_done(&p->code);
        sodium_memzero(p, sizeof(*p));
}
