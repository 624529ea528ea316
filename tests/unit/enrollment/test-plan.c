/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "enrollment/forward.h"
#include "enrollment/plan.h"
#include "store/channel.h"
#include "store/forwarded.h"
#include "store/removal.h"
#include "support/code-sample.h"
#include "wire/message.h"
#include "util/hex.h"

/* One hub with an empty store, one sample code, one plan. */
struct world {
        char directory[64], database[96];
        struct issuer issuer;
        struct issuers issuers;
        struct site site;
        struct plan_means means;
        struct sample sample;
        struct plan plan;
        char text[PLAN_TEXT_SIZE];
        struct diagnostic report;
};

static const uint8_t master[32] = {9, 9, 9};
static const struct plan_wish no_wish;
static const struct plan_contact contact = {.link = "ble", .now = 1750000000};

static int make_world(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        strcpy(w->directory, "/tmp/enrolld-plan-XXXXXX");
        assert_non_null(mkdtemp(w->directory));
        (void)snprintf(w->database, sizeof(w->database), "%s/enrolld.db", w->directory);
        w->issuers = sample_issuers(&w->issuer);
        strcpy(w->site.location, "Hamngatan 1");
        strcpy(w->site.owner, "Andersson");
        w->means = (struct plan_means){.issuers = &w->issuers,
                                       .master = master,
                                       .hub = "home",
                                       .site = &w->site,
                                       .ceiling = CAPABILITY_ALL,
                                       .daemon = 256,
                                       .fail_safe_sec = 60};
        assert_int_equal(store_open(w->database, &w->means.store), 0);
        sample_init(&w->sample);
        *state = w;
        return 0;
}

static int drop_world(void **state)
{
        struct world *w = *state;
        char command[96];

        plan_done(&w->plan);
        (void)store_free(w->means.store);
        (void)snprintf(command, sizeof(command), "rm -rf %s", w->directory);
        assert_int_equal(system(command), 0);
        free(w);
        return 0;
}

static enum reason make(struct world *w, const struct plan_wish *wish)
{
        sample_encode(&w->sample);
        sample_sign(&w->sample);
        return plan_make(&w->plan, &w->means, w->sample.bytes, w->sample.n_bytes, wish, w->text);
}

/* What a device of this sample reports. */
static struct cbor_span good_report(struct world *w)
{
        char key[65], text[200];

        (void)snprintf(text, sizeof(text), "{1:\"TH-1\",2:h'%s',3:\"1.0\",4:[1,2,3]}",
                       hex_encode(w->sample.payload.public_key, 32, key));
        return diagnostic(&w->report, text);
}

/* Up to the device's report. */
static void stage(struct world *w, uint32_t epoch)
{
        uint8_t body[MESSAGE_BODY_MAX];
        struct cbor_writer writer;

        cbor_writer_init(&writer, body, sizeof(body));
        plan_put_stage(&w->plan, epoch, &writer);
        assert_true(cbor_writer_fits(&writer));
        assert_int_equal(plan_take_report(&w->plan, good_report(w), &contact, w->text),
                         REASON_NONE);
}

static void enroll(struct world *w, uint32_t epoch)
{
        stage(w, epoch);
        assert_int_equal(plan_commit(&w->plan), REASON_NONE);
}

static void test_plan_previews_what_the_code_asks_for(void **state)
{
        struct world *w = *state;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_string_equal(
                w->text, "Thermo One, signed by Nordlicht (trusted). It asks to publish "
                         "temperature; to take the command identify; to forward its public key. "
                         "The device receives: location, owner. Once the device is enrolled, its "
                         "code works again only after a reset (erase).");
        assert_string_equal(w->plan.device.name, "thermo-one");
        assert_false(w->plan.known);
}

static void test_plan_stage_holds_the_devices_half_and_not_the_hubs(void **state)
{
        struct world *w = *state;
        uint8_t body[MESSAGE_BODY_MAX], psk[32];
        struct cbor_writer writer;
        struct message_stage stage;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        cbor_writer_init(&writer, body, sizeof(body));
        plan_put_stage(&w->plan, 7, &writer);
        assert_int_equal(message_get_stage((struct cbor_span){body, writer.n_written}, &stage), 0);
        assert_int_equal(stage.epoch, 7);
        assert_int_equal(stage.fail_safe_s, 60);
        assert_int_equal(stage.half.n_bytes, w->sample.device.n_bytes);
        assert_memory_equal(stage.half.bytes, w->sample.device.bytes, stage.half.n_bytes);
        kdf_psk_own(master, w->plan.code.payload.identity, 7, psk);
        assert_memory_equal(stage.psk_own, psk, 32);
        assert_null(memmem(body, writer.n_written, w->sample.hub.bytes, 12));
        assert_null(memmem(body, writer.n_written, w->sample.payload.secret, 32));
}

static void test_plan_commit_writes_row_channels_and_a_signed_message(void **state)
{
        struct world *w = *state;
        struct store_channel channels[4];
        struct store_message message;
        struct store_device row;
        uint8_t hub_key[32], signature[64];
        char text[512], id[33], key[65];
        size_t n_channels;
        json_t *json;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        assert_int_equal(store_find_name(w->means.store, "thermo-one", &row), 0);
        assert_string_equal(row.serial, "TH-1");
        assert_string_equal(row.software, "1.0");
        assert_string_equal(row.location, "Hamngatan 1");
        assert_string_equal(row.owner, "Andersson");
        assert_int_equal(row.ownership.epoch, 1);
        assert_false(row.ownership.settled);
        assert_int_equal(store_channels(w->means.store, row.device_id, 4, channels, &n_channels),
                         0);
        assert_int_equal(n_channels, 2);

        assert_int_equal(store_outbox_next(w->means.store, 0, &message), 0);
        assert_string_equal(message.topic + strlen("enrolld-keys/home/"),
                            hex_encode(row.device_id, 16, id));
        assert_false(message.informational);
        json = json_loadb((const char *)message.payload, message.n_payload, 0, NULL);
        assert_non_null(json);
        forward_public_key(master, hub_key);
        (void)snprintf(text, sizeof(text), "enrolld key v1\nhome\n%s\n1\n%s\nTH-1\n", id,
                       hex_encode(row.ownership.public_key, 32, key));
        assert_int_equal(
                hex_decode(json_string_value(json_object_get(json, "signature")), signature, 64),
                0);
        assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text),
                                                     hub_key),
                         0);
        json_decref(json);
}

static void test_plan_can_be_made_again_from_its_row_until_it_is_settled(void **state)
{
        struct world *w = *state;
        static struct plan again;
        struct store_device row;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 5);
        assert_int_equal(store_find_name(w->means.store, "thermo-one", &row), 0);
        assert_int_equal(plan_make_again(&again, &w->means, &row), 0);
        assert_memory_equal(again.code.payload.secret, w->sample.payload.secret, 32);
        assert_int_equal(again.row_epoch, 5);
        assert_string_equal(again.device.name, "thermo-one");
        assert_int_equal(plan_settle(&again), REASON_NONE);
        assert_int_equal(again.half.n_channels, 2);
        plan_done(&again);

        assert_int_equal(store_find_name(w->means.store, "thermo-one", &row), 0);
        assert_true(row.ownership.settled);
        assert_int_equal(row.ownership.n_resume, 0);
        assert_true(plan_make_again(&again, &w->means, &row) < 0);
}

static void test_plan_of_a_known_device_keeps_its_name_and_knows_its_row(void **state)
{
        struct world *w = *state;
        const struct plan_wish wish = {.name = "kitchen"};

        assert_int_equal(make(w, &wish), REASON_NONE);
        enroll(w, 2);
        plan_done(&w->plan);
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_string_equal(w->plan.device.name, "kitchen");
        assert_true(w->plan.known);
        assert_int_equal(w->plan.row_epoch, 2);
        assert_false(w->plan.row_settled);
}

static void test_plan_of_a_second_device_of_the_model_gets_another_name(void **state)
{
        struct world *w = *state;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        w->sample.payload.public_key[0]++;
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_string_equal(w->plan.device.name, "thermo-one-2");
}

/* The device and epoch that a message of the key topic is about; whether it says that it is over.
 */
static bool is_end_of_key(const struct store_message *message, uint8_t ret_id[16])
{
        json_t *json = json_loadb((const char *)message->payload, message->n_payload, 0, NULL);
        bool is_end = json_object_get(json, "removed_at") != NULL;

        assert_non_null(json);
        assert_int_equal(
                hex_decode(json_string_value(json_object_get(json, "device_id")), ret_id, 16), 0);
        json_decref(json);
        return is_end;
}

static void test_plan_of_a_replacement_takes_everything_over_at_once(void **state)
{
        struct world *w = *state;
        struct given where = {"location", "Kitchen"};
        struct plan_wish wish = {.name = "kitchen", .given = &where, .n_given = 1};
        struct store_device former, row;
        struct store_message message;
        uint8_t id[16];

        assert_int_equal(make(w, &wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        assert_int_equal(store_find_name(w->means.store, "kitchen", &former), 0);

        w->sample.payload.public_key[0]++;
        wish = (struct plan_wish){.replaces = former.device_id};
        assert_int_equal(make(w, &wish), REASON_NONE);
        assert_non_null(strstr(w->text, "It takes the place of kitchen with the serial number "
                                        "TH-1, which is removed as soon as this device is owned."));
        assert_int_equal(store_find_name(w->means.store, "kitchen", &row), 0);
        assert_memory_equal(row.device_id, former.device_id, 16);
        enroll(w, 1);
        assert_false(w->plan.replacement.is_due);
        assert_false(w->plan.replacement.is_due);

        assert_int_equal(store_find_id(w->means.store, former.device_id, &row), STORE_E_NONE);
        assert_int_equal(store_find_name(w->means.store, "kitchen", &row), 0);
        assert_memory_equal(row.device_id, w->plan.code.payload.identity, 16);
        assert_memory_equal(row.known_as, former.device_id, 16);
        assert_memory_equal(w->plan.device.known_as, former.device_id, 16);
        assert_string_equal(row.location, "Kitchen");
        assert_string_equal(row.owner, "Andersson");
        assert_int_equal(store_outbox_next(w->means.store, 0, &message), 0);
        assert_true(is_end_of_key(&message, id));
        assert_memory_equal(id, former.device_id, 16);
        assert_int_equal(store_outbox_next(w->means.store, message.id, &message), 0);
        assert_false(is_end_of_key(&message, id));
        assert_memory_equal(id, row.device_id, 16);
        assert_int_equal(store_outbox_next(w->means.store, message.id, &message), STORE_E_NONE);

        enroll(w, 2); /* it is staged again: there is nothing left to replace */
        assert_int_equal(store_find_name(w->means.store, "kitchen", &row), 0);
        assert_int_equal(row.ownership.epoch, 2);
        assert_memory_equal(row.known_as, former.device_id, 16);
}

static void test_plan_of_a_replacement_that_may_not_be_changes_nothing(void **state)
{
        struct world *w = *state;
        struct store_device former, row;
        struct plan_wish wish = {.replaces = former.device_id};

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        assert_int_equal(store_find_name(w->means.store, "thermo-one", &former), 0);
        w->sample.payload.public_key[0]++;
        strcpy(w->sample.payload.model, "Thermo Two");
        assert_int_equal(make(w, &wish), REASON_MODEL_DIFFERS);
        assert_string_equal(w->text, "The code is not for the model of the device that is to be "
                                     "replaced: the code is for Nordlicht Thermo Two, and "
                                     "thermo-one is Nordlicht Thermo One.");
        plan_done(&w->plan);
        wish.other_model = true;
        assert_int_equal(make(w, &wish), REASON_NONE);

        /* The former device goes before the commit: then nothing of the new one is stored. */
        assert_int_equal(store_remove(w->means.store, former.device_id, NULL, 0), 0);
        stage(w, 1);
        assert_int_equal(plan_commit(&w->plan), REASON_NO_SUCH_DEVICE);
        assert_int_equal(store_find_name(w->means.store, "thermo-one", &row), STORE_E_NONE);
        plan_done(&w->plan);
        assert_int_equal(make(w, &wish), REASON_NO_SUCH_DEVICE);
}

/* Two enrollments that run side by side: the other one is about to name its device. */
static bool is_name_taken(void *userdata, const char *name,
                          const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct world *w = userdata;

        assert_memory_equal(device_id, w->plan.device.device_id, STORE_DEVICE_ID_BYTES);
        return strcmp(name, "thermo-one") == 0 || strcmp(name, "hall") == 0;
}

static void test_plan_takes_no_name_that_another_enrollment_is_about_to_give(void **state)
{
        struct world *w = *state;
        struct plan_wish wish = {.is_name_taken = is_name_taken, .userdata = w};

        assert_int_equal(make(w, &wish), REASON_NONE);
        assert_string_equal(w->plan.device.name, "thermo-one-2");
        plan_done(&w->plan);
        wish.name = "hall";
        assert_int_equal(make(w, &wish), REASON_NAME_TAKEN);
        assert_string_equal(w->text,
                            "hall is the name of another device, which is being enrolled.");
}

static void test_plan_report_that_contradicts_the_code_is_refused(void **state)
{
        struct world *w = *state;
        static const struct {
                const char *report;
                const char *says;
                enum reason why;
        } cases[] = {
                {"{1:\"TH-2\"}", "serial", REASON_REPORT_MISMATCH},
                {"{1:\"TH-1\",2:h'0000000000000000000000000000000000000000000000000000000000000000'"
                 "}",
                 "public key", REASON_REPORT_MISMATCH},
                {"{1:\"TH-1\"}", "public_key", REASON_REPORT_INCOMPLETE},
                {"{1:7}", "malformed", REASON_REPORT_INCOMPLETE},
                {"{1:\"TH-1\",200:1}", "malformed", REASON_REPORT_INCOMPLETE},
        };
        uint8_t body[MESSAGE_BODY_MAX];
        struct cbor_writer writer;
        uint64_t n_devices;

        strcpy(w->sample.payload.serial, "TH-1");
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                cbor_writer_init(&writer, body, sizeof(body));
                plan_put_stage(&w->plan, 1, &writer);
                assert_int_equal(plan_take_report(&w->plan, diagnostic(&w->report, cases[i].report),
                                                  &contact, w->text),
                                 cases[i].why);
                if (!strstr(w->text, cases[i].says))
                        fail_msg("%s: %s", cases[i].report, w->text);
        }
        assert_int_equal(store_device_count(w->means.store, &n_devices), 0);
        assert_int_equal(n_devices, 0);
}

static void test_plan_that_may_not_be_says_why_and_leaves_nothing(void **state)
{
        struct world *w = *state;
        struct given colour = {"colour", "red"};
        const struct plan_wish odd = {.name = "a/b"}, given = {.given = &colour, .n_given = 1};
        uint64_t n = 1;

        w->means.ceiling = CAPABILITY_CHANNEL_PUBLISH;
        assert_int_equal(make(w, &no_wish), REASON_CODE_NOT_PERMITTED);
        w->means.ceiling = CAPABILITY_ALL;
        assert_int_equal(make(w, &odd), REASON_REQUEST_INVALID);
        assert_int_equal(make(w, &given), REASON_PARAMETER_UNKNOWN);
        assert_string_equal(w->text, "There is no value with this name: colour.");
        colour = (struct given){"room", "hall"};
        assert_int_equal(make(w, &given), REASON_PARAMETER_UNWANTED);
        assert_string_equal(w->text, "The device does not ask for a value that was given: room.");
        w->site.location[0] = '\0';
        assert_int_equal(make(w, &no_wish), REASON_PARAMETER_MISSING);
        assert_non_null(strstr(w->text, "location"));
        w->issuers.n_list = 0;
        assert_int_equal(make(w, &no_wish), REASON_CODE_ISSUER_UNKNOWN);
        assert_int_equal(store_outbox_count(w->means.store, &n), 0);
        assert_int_equal(n, 0);
}

static void test_plan_that_hands_on_a_secret_needs_a_recipient(void **state)
{
        uint8_t public[32], private[32], bytes[1024], plain[1024];
        struct world *w = *state;
        struct store_message row;
        char key[65], text[300];
        json_t *json;
        size_t n;

        w->sample.payload.applications[0].hub =
                diagnostic(&w->sample.hub, "[[1,1,2,3],[2],[3,1],[5,6,7]]");
        w->sample.payload.applications[0].device =
                diagnostic(&w->sample.device, "[[16,1,2,3],[19,1,7]]");
        assert_int_equal(make(w, &no_wish), REASON_RECIPIENT_MISSING);
        assert_int_equal(crypto_box_keypair(public, private), 0);
        w->means.has_recipient = true;
        memcpy(w->means.recipient, public, 32);
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_non_null(strstr(w->text, "and, sealed for the recipient, its secret key."));
        (void)snprintf(text, sizeof(text), "{1:\"TH-1\",7:h'%064d'}", 77);
        assert_int_equal(
                plan_take_report(&w->plan, diagnostic(&w->report, text), &contact, w->text),
                REASON_NONE);
        w->plan.device.ownership.epoch = 1;
        assert_int_equal(plan_commit(&w->plan), REASON_NONE);
        assert_int_equal(store_outbox_next(w->means.store, 0, &row), 0);
        json = json_loadb((const char *)row.payload, row.n_payload, 0, NULL);
        (void)snprintf(key, sizeof(key), "%064d", 77);
        assert_null(memmem(row.payload, row.n_payload, key, 64));
        assert_int_equal(sodium_base642bin(bytes, sizeof(bytes),
                                           json_string_value(json_object_get(json, "sealed")),
                                           json_string_length(json_object_get(json, "sealed")),
                                           NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_int_equal(crypto_box_seal_open(plain, bytes, n, public, private), 0);
        assert_non_null(memmem(plain, n - crypto_box_SEALBYTES, key, 64));
        json_decref(json);

        /* It is kept as it was sent, to be sent again. */
        assert_int_equal(store_forwarded(w->means.store, w->plan.device.device_id, &row), 0);
        assert_non_null(memmem(row.payload, row.n_payload, "\"sealed\":", 9));
}

static void test_plan_of_a_superseded_code_is_refused(void **state)
{
        struct world *w = *state;

        w->sample.payload.counter = 3;
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        w->sample.payload.counter = 2;
        w->sample.payload.public_key[0]++;
        assert_int_equal(make(w, &no_wish), REASON_CODE_SUPERSEDED);
        w->sample.payload.counter = 3;
        assert_int_equal(make(w, &no_wish), REASON_NONE);
}

static void test_plan_sends_the_codes_own_configuration(void **state)
{
        struct world *w = *state;
        uint8_t body[MESSAGE_BODY_MAX];
        struct value value = {0};
        struct cbor_writer writer;
        struct message_stage stage;

        w->sample.payload.configuration =
                diagnostic(&w->sample.configuration, "{2:\"nowhere\",64:5}");
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        cbor_writer_init(&writer, body, sizeof(body));
        plan_put_stage(&w->plan, 1, &writer);
        assert_int_equal(message_get_stage((struct cbor_span){body, writer.n_written}, &stage), 0);
        assert_true(value_find(stage.values, 64, &value));
        assert_int_equal(value.number, 5);
        assert_true(value_find(stage.values, PROGRAM_PARAMETER_LOCATION, &value));
        assert_memory_equal(value.span.bytes, "Hamngatan 1", 11);
}

/* The sample's other values are "thermo-one", "Hamngatan 1" and the owner, with a byte each in
 * front. */
static void test_plan_that_fits_is_sent_and_one_byte_more_is_refused(void **state)
{
        static const struct {
                bool long_half;
                size_t n_room; /* bytes for the values */
        } cases[] = {
                {true, MESSAGE_STAGED_MAX - PROGRAM_BYTES_MAX},
                {false, MESSAGE_VALUES_MAX},
        };
        struct world *w = *state;
        uint8_t body[MESSAGE_BODY_MAX];
        struct cbor_writer writer;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sample_init(&w->sample);
                if (cases[i].long_half)
                        sample_lengthen(&w->sample);
                strcpy(w->site.owner, "Andersson");
                sample_configure(&w->sample, cases[i].n_room - 12 - 13 - 11);
                assert_int_equal(make(w, &no_wish), REASON_NONE);
                assert_int_equal(w->plan.values.n_bytes, cases[i].n_room);
                cbor_writer_init(&writer, body, sizeof(body));
                plan_put_stage(&w->plan, UINT32_MAX, &writer);
                assert_true(cbor_writer_fits(&writer));
                plan_done(&w->plan);

                strcpy(w->site.owner, "Anderssons");
                assert_int_equal(make(w, &no_wish), REASON_VALUES_TOO_LONG);
                assert_non_null(strstr(w->text, cases[i].long_half ? "877 bytes" : "1025 bytes"));
                plan_done(&w->plan);
        }
}

static void test_plan_of_another_code_cannot_drop_the_row(void **state)
{
        struct world *w = *state;
        uint64_t n_devices;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        memset(w->sample.payload.secret, 0xee, 32);
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_true(w->plan.known);
        assert_int_not_equal(plan_drop(&w->plan), REASON_NONE);
        assert_int_equal(store_device_count(w->means.store, &n_devices), 0);
        assert_int_equal(n_devices, 1);

        plan_done(&w->plan);
        memset(w->sample.payload.secret, 0x5e, 32);
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_int_equal(plan_drop(&w->plan), REASON_NONE);
        assert_int_equal(store_device_count(w->means.store, &n_devices), 0);
        assert_int_equal(n_devices, 0);
}

/* The row was made before the issuer raised its counter; what it obliges the hub to goes on. */
static void test_plan_made_again_does_not_mind_a_newer_code(void **state)
{
        struct world *w = *state;
        static struct plan again;
        struct store_device row;
        uint8_t body[MESSAGE_BODY_MAX];
        struct cbor_writer writer;

        w->sample.payload.counter = 6;
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        plan_done(&w->plan);
        assert_int_equal(store_find_name(w->means.store, "thermo-one", &row), 0);
        w->sample.payload.counter = 7;
        w->sample.payload.public_key[0]++;
        assert_int_equal(make(w, &no_wish), REASON_NONE);
        enroll(w, 1);
        w->sample.payload.public_key[0]--;

        assert_int_equal(plan_make_again(&again, &w->means, &row), 0);
        cbor_writer_init(&writer, body, sizeof(body));
        plan_put_stage(&again, 2, &writer);
        assert_int_equal(plan_take_report(&again, good_report(w), &contact, w->text), REASON_NONE);
        assert_int_equal(plan_commit(&again), REASON_NONE);
        plan_done(&again);
}

static void expect_next_epoch(struct world *w, uint32_t device_epoch, uint32_t expected)
{
        uint32_t epoch = 0;

        assert_true(plan_next_epoch(&w->plan, device_epoch, &epoch));
        assert_int_equal(epoch, expected);
}

/* The device of a row that was given up may start over, with a new memory: our keys must not. */
static void test_plan_next_epoch_is_above_what_was_given_up(void **state)
{
        struct world *w = *state;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        expect_next_epoch(w, 0, 1);
        enroll(w, 6);
        expect_next_epoch(w, 0, 7);
        expect_next_epoch(w, 9, 10);
        assert_int_equal(plan_drop(&w->plan), REASON_NONE);
        expect_next_epoch(w, 0, 7);
        plan_done(&w->plan);

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_false(w->plan.known);
        expect_next_epoch(w, 0, 7);
        expect_next_epoch(w, 7, 8);
}

/* A device that says 2^32-2, is enrolled, and then says 0. */
static void test_plan_next_epoch_does_not_wrap(void **state)
{
        struct world *w = *state;
        uint32_t epoch;

        assert_int_equal(make(w, &no_wish), REASON_NONE);
        assert_false(plan_next_epoch(&w->plan, UINT32_MAX, &epoch));
        expect_next_epoch(w, UINT32_MAX - 1, UINT32_MAX);
        enroll(w, UINT32_MAX);
        assert_false(plan_next_epoch(&w->plan, 0, &epoch));
        assert_int_equal(plan_drop(&w->plan), REASON_NONE);
        assert_false(plan_next_epoch(&w->plan, 0, &epoch));
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, drop_world)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WORLD(test_plan_previews_what_the_code_asks_for),
                WORLD(test_plan_stage_holds_the_devices_half_and_not_the_hubs),
                WORLD(test_plan_commit_writes_row_channels_and_a_signed_message),
                WORLD(test_plan_can_be_made_again_from_its_row_until_it_is_settled),
                WORLD(test_plan_of_a_known_device_keeps_its_name_and_knows_its_row),
                WORLD(test_plan_of_a_second_device_of_the_model_gets_another_name),
                WORLD(test_plan_of_a_replacement_takes_everything_over_at_once),
                WORLD(test_plan_of_a_replacement_that_may_not_be_changes_nothing),
                WORLD(test_plan_takes_no_name_that_another_enrollment_is_about_to_give),
                WORLD(test_plan_report_that_contradicts_the_code_is_refused),
                WORLD(test_plan_that_may_not_be_says_why_and_leaves_nothing),
                WORLD(test_plan_that_hands_on_a_secret_needs_a_recipient),
                WORLD(test_plan_of_a_superseded_code_is_refused),
                WORLD(test_plan_sends_the_codes_own_configuration),
                WORLD(test_plan_that_fits_is_sent_and_one_byte_more_is_refused),
                WORLD(test_plan_of_another_code_cannot_drop_the_row),
                WORLD(test_plan_next_epoch_is_above_what_was_given_up),
                WORLD(test_plan_next_epoch_does_not_wrap),
                WORLD(test_plan_made_again_does_not_mind_a_newer_code),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
