/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "enrollment/forward.h"
#include "util/hex.h"

static const uint8_t master[32] = {1, 2, 3};
static struct store_device device;
static struct store_message message;

static int setup(void **state)
{
        (void)state;
        memset(&device, 0, sizeof(device));
        memset(device.device_id, 0xab, sizeof(device.device_id));
        memset(device.ownership.public_key, 0xd1, sizeof(device.ownership.public_key));
        strcpy(device.name, "hall");
        strcpy(device.serial, "N1-000042");
        strcpy(device.maker, "Nordlicht");
        strcpy(device.model, "Thermo \"One\"");
        device.ownership.epoch = 7;
        device.enrolled_at = 1700000000;
        memset(&message, 0xff, sizeof(message));
        return 0;
}

/* The payload of the message for these wishes. */
static json_t *forwarded(bool identity, bool public_key)
{
        const struct forward forward = {
                .hub = "home", .master = master, .identity = identity, .public_key = public_key};
        json_t *json;

        assert_int_equal(forward_message(&forward, &device, &message), 0);
        json = json_loadb((const char *)message.payload, message.n_payload, JSON_REJECT_DUPLICATES,
                          NULL);
        assert_true(json_is_object(json));
        return json;
}

static const char *text_of(const json_t *json, const char *key)
{
        return json_string_value(json_object_get(json, key));
}

/* Whether a consumer who has the hub's key and these words would believe the message. */
static bool believed(const json_t *json, const char *public_key, const char *serial)
{
        uint8_t hub_key[32], signature[64];
        char text[300];

        forward_public_key(master, hub_key);
        (void)snprintf(text, sizeof(text), "enrolld key v1\nhome\n%s\n7\n%s\n%s\n",
                       text_of(json, "device_id"), public_key, serial);
        assert_int_equal(hex_decode(text_of(json, "signature"), signature, 64), 0);
        return crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text),
                                           hub_key) == 0;
}

static void test_forward_message_goes_to_the_key_topic_of_the_device(void **state)
{
        (void)state;
        json_decref(forwarded(true, true));
        assert_string_equal(message.topic, "enrolld-keys/home/abababababababababababababababab");
        assert_true(message.has_device);
        assert_memory_equal(message.device_id, device.device_id, 16);
        assert_false(message.informational);
        assert_int_equal(message.created_at, 1700000000);
}

static void test_forward_message_holds_identity_and_key_signed(void **state)
{
        char key[65], hub_key[65];
        uint8_t public[32];
        json_t *json;

        (void)state;
        json = forwarded(true, true);
        hex_encode(device.ownership.public_key, 32, key);
        forward_public_key(master, public);
        assert_string_equal(text_of(json, "name"), "hall");
        assert_string_equal(text_of(json, "serial"), "N1-000042");
        assert_string_equal(text_of(json, "model"), "Thermo \"One\"");
        assert_null(json_object_get(json, "software")); /* the device did not say */
        assert_string_equal(text_of(json, "public_key"), key);
        assert_string_equal(text_of(json, "hub_key"), hex_encode(public, 32, hub_key));
        assert_int_equal(json_integer_value(json_object_get(json, "epoch")), 7);
        assert_true(believed(json, key, "N1-000042"));
        assert_false(believed(json, key, "N1-000043"));
        assert_false(believed(json, "", "N1-000042"));
        json_decref(json);
}

static void test_forward_message_tells_no_more_than_is_wished(void **state)
{
        char key[65];
        json_t *json;

        (void)state;
        hex_encode(device.ownership.public_key, 32, key);
        json = forwarded(false, true);
        assert_null(json_object_get(json, "serial"));
        assert_null(json_object_get(json, "maker"));
        assert_null(json_object_get(json, "model"));
        assert_true(believed(json, key, ""));
        json_decref(json);

        json = forwarded(true, false);
        assert_null(json_object_get(json, "public_key"));
        assert_true(believed(json, "", "N1-000042"));
        json_decref(json);
}

static void test_forward_message_of_the_longest_device_fits(void **state)
{
        (void)state;
        memset(device.serial, 's', sizeof(device.serial) - 1);
        memset(device.maker, '"', sizeof(device.maker) - 1);
        memset(device.model, '\x01', sizeof(device.model) - 1);
        memset(device.software, 'v', sizeof(device.software) - 1);
        json_decref(forwarded(true, true));
}

static void test_forward_readdressed_message_is_that_of_the_other_hub(void **state)
{
        struct store_message once, anew;
        struct forward forward = {
                .hub = "attic", .master = master, .identity = true, .public_key = true};

        (void)state;
        assert_int_equal(forward_message(&forward, &device, &once), 0);
        forward.hub = "home";
        assert_int_equal(forward_message(&forward, &device, &anew), 0);
        assert_int_equal(forward_readdress(&forward, NULL, &once), 0);
        assert_string_equal(once.topic, anew.topic);
        assert_int_equal(once.n_payload, anew.n_payload);
        assert_memory_equal(once.payload, anew.payload, anew.n_payload);

        once.n_payload = 3;
        assert_int_equal(forward_readdress(&forward, NULL, &once), -EBADMSG);
}

/* What the recipient finds under the seal of @json, after checking who says so. */
static json_t *opened(const json_t *json, const uint8_t public[32], const uint8_t secret[32])
{
        uint8_t hub_key[32], signature[64], bytes[1024];
        char text[1500], plain[1024] = "";
        size_t n;

        (void)snprintf(text, sizeof(text), "enrolld key v2\n%s\n%s\n7\n%s\n%s\n%s\n%s\n",
                       text_of(json, "hub"), text_of(json, "device_id"),
                       text_of(json, "public_key"), text_of(json, "serial"),
                       text_of(json, "recipient"), text_of(json, "sealed"));
        forward_public_key(master, hub_key);
        assert_int_equal(hex_decode(text_of(json, "signature"), signature, 64), 0);
        assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text),
                                                     hub_key),
                         0);
        assert_int_equal(sodium_base642bin(bytes, sizeof(bytes), text_of(json, "sealed"),
                                           strlen(text_of(json, "sealed")), NULL, &n, NULL,
                                           sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_int_equal(crypto_box_seal_open((uint8_t *)plain, bytes, n, public, secret), 0);
        return json_loads(plain, JSON_REJECT_DUPLICATES, NULL);
}

static json_t *sealed(const struct forward *forward)
{
        assert_int_equal(forward_message(forward, &device, &message), 0);
        return json_loadb((const char *)message.payload, message.n_payload, JSON_REJECT_DUPLICATES,
                          NULL);
}

static void test_forward_secret_key_is_for_the_recipient_only(void **state)
{
        uint8_t public[32], private[32], secret_key[32], receipt[FORWARD_RECEIPT_BYTES];
        char key[65], receipt_text[2 * FORWARD_RECEIPT_BYTES + 1];
        json_t *json, *content;
        struct forward forward = {.hub = "home",
                                  .master = master,
                                  .identity = true,
                                  .public_key = true,
                                  .recipient = public,
                                  .secret_key = secret_key};

        (void)state;
        assert_int_equal(crypto_box_keypair(public, private), 0);
        memset(secret_key, 0x5e, sizeof(secret_key));
        hex_encode(secret_key, 32, key);
        forward_receipt(master, device.device_id, 7, receipt);
        hex_encode(receipt, sizeof(receipt), receipt_text);
        json = sealed(&forward);
        assert_int_equal(message.receipt, STORE_RECEIPT_NONE);
        assert_null(memmem(message.payload, message.n_payload, key, 64));
        assert_null(memmem(message.payload, message.n_payload, receipt_text, 32));
        content = opened(json, public, private);
        assert_string_equal(text_of(content, "secret_key"), key);
        assert_string_equal(text_of(content, "receipt"), receipt_text);
        assert_string_equal(text_of(content, "device_id"), text_of(json, "device_id"));
        assert_int_equal(json_integer_value(json_object_get(content, "epoch")), 7);
        json_decref(content);
        json_decref(json);

        /* Another name of hub and device: signed again, and the seal is the same. */
        forward.hub = "attic";
        assert_int_equal(forward_readdress(&forward, "cellar", &message), 0);
        json = json_loadb((const char *)message.payload, message.n_payload, 0, NULL);
        assert_string_equal(text_of(json, "name"), "cellar");
        assert_string_equal(message.topic, "enrolld-keys/attic/abababababababababababababababab");
        content = opened(json, public, private);
        assert_string_equal(text_of(content, "secret_key"), key);
        json_decref(content);
        json_decref(json);
}

static void test_forward_secret_key_without_a_recipient_goes_nowhere(void **state)
{
        const uint8_t secret_key[32] = {0x5e, 0x5e, 0x5e, 0x5e};
        const struct forward forward = {
                .hub = "home", .master = master, .secret_key = secret_key, .acknowledge = true};
        json_t *json;

        (void)state;
        json = sealed(&forward);
        assert_null(json_object_get(json, "sealed"));
        assert_null(memmem(message.payload, message.n_payload, "5e5e5e5e", 8));
        assert_int_equal(message.receipt, STORE_RECEIPT_NONE);
        json_decref(json);
}

/* Without a secret, too: the receipt is one. */
static void test_forward_message_that_is_to_be_acknowledged_has_a_receipt(void **state)
{
        uint8_t public[32], private[32], one[FORWARD_RECEIPT_BYTES], other[FORWARD_RECEIPT_BYTES];
        json_t *json, *content;
        const struct forward forward = {.hub = "home",
                                        .master = master,
                                        .identity = true,
                                        .public_key = true,
                                        .recipient = public,
                                        .acknowledge = true};

        (void)state;
        assert_int_equal(crypto_box_keypair(public, private), 0);
        json = sealed(&forward);
        assert_int_equal(message.receipt, STORE_RECEIPT_WANTED);
        content = opened(json, public, private);
        assert_null(json_object_get(content, "secret_key"));
        json_decref(content);
        json_decref(json);
        forward_receipt(master, device.device_id, 7, one);
        forward_receipt(master, device.device_id, 8, other);
        assert_memory_not_equal(one, other, sizeof(one));
}

static void test_forward_recipient_that_is_no_key_is_refused(void **state)
{
        static const uint8_t zero[32];
        const struct forward forward = {
                .hub = "home", .master = master, .recipient = zero, .acknowledge = true};

        (void)state;
        assert_int_equal(forward_message(&forward, &device, &message), -EINVAL);
}

static void test_forward_removal_names_the_ownership_signed(void **state)
{
        const struct forward forward = {.hub = "home", .master = master};
        uint8_t hub_key[32], signature[64];
        char text[300];
        json_t *json;

        (void)state;
        assert_int_equal(forward_removal(&forward, &device, 1800000000, &message), 0);
        assert_string_equal(message.topic, "enrolld-keys/home/abababababababababababababababab");
        assert_true(message.has_device);
        assert_false(message.informational);
        assert_int_equal(message.created_at, 1800000000);
        json = json_loadb((const char *)message.payload, message.n_payload, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(json, "epoch")), 7);
        assert_int_equal(json_integer_value(json_object_get(json, "removed_at")), 1800000000);
        assert_null(json_object_get(json, "public_key"));
        (void)snprintf(text, sizeof(text), "enrolld key removal v1\nhome\n%s\n7\n1800000000\n",
                       text_of(json, "device_id"));
        forward_public_key(master, hub_key);
        assert_int_equal(hex_decode(text_of(json, "signature"), signature, 64), 0);
        assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text),
                                                     hub_key),
                         0);
        json_decref(json);
}

static void test_forward_readdressed_removal_is_that_of_the_other_hub(void **state)
{
        struct store_message once, other;
        struct forward forward = {.hub = "attic", .master = master};

        (void)state;
        assert_int_equal(forward_removal(&forward, &device, 1800000000, &once), 0);
        forward.hub = "home";
        assert_int_equal(forward_removal(&forward, &device, 1800000000, &other), 0);
        assert_int_equal(forward_readdress(&forward, NULL, &once), 0);
        assert_string_equal(once.topic, other.topic);
        assert_int_equal(once.n_payload, other.n_payload);
        assert_memory_equal(once.payload, other.payload, other.n_payload);
}

static void test_forward_message_of_a_hub_without_a_name_is_refused(void **state)
{
        const struct forward forward = {
                .hub = "a/b", .master = master, .identity = true, .public_key = true};

        (void)state;
        assert_true(forward_message(&forward, &device, &message) < 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
        const struct CMUnitTest tests[] = {
                TEST(test_forward_message_goes_to_the_key_topic_of_the_device),
                TEST(test_forward_message_holds_identity_and_key_signed),
                TEST(test_forward_message_tells_no_more_than_is_wished),
                TEST(test_forward_message_of_the_longest_device_fits),
                TEST(test_forward_readdressed_message_is_that_of_the_other_hub),
                TEST(test_forward_secret_key_is_for_the_recipient_only),
                TEST(test_forward_secret_key_without_a_recipient_goes_nowhere),
                TEST(test_forward_message_that_is_to_be_acknowledged_has_a_receipt),
                TEST(test_forward_recipient_that_is_no_key_is_refused),
                TEST(test_forward_removal_names_the_ownership_signed),
                TEST(test_forward_readdressed_removal_is_that_of_the_other_hub),
                TEST(test_forward_message_of_a_hub_without_a_name_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
