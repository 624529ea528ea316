/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/forward.h"
#include "hub/courier.h"
#include "support/store-sample.h"
#include "util/hex.h"

static const uint8_t master[32] = {7, 7, 7};

/* The outbox of this test only counts how often it was asked to look at the store again. */
static unsigned n_resumed;

void mqtt_outbox_resume_device(struct mqtt_outbox *outbox,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        (void)outbox;
        (void)device_id;
        n_resumed++;
}

static struct courier courier_of(struct store_place *p, const char *hub)
{
        n_resumed = 0;
        return (struct courier){
                .store = p->store, .hub = hub, .master = master, .acknowledge = true};
}

/* A device with a key message that is to be acknowledged. */
static void enroll(struct store_place *p, struct sample *s, unsigned number)
{
        const uint8_t recipient[32] = {9};
        const struct forward forward = {.hub = "home",
                                        .master = master,
                                        .public_key = true,
                                        .recipient = recipient,
                                        .acknowledge = true};

        sample_init(s, number);
        assert_int_equal(forward_message(&forward, &s->device, &s->messages[0]), 0);
        assert_int_equal(store_enroll(p->store, &s->enrollment), 0);
}

static unsigned n_waiting(struct store_place *p)
{
        uint64_t n;

        assert_int_equal(store_outbox_count(p->store, &n), 0);
        return (unsigned)n;
}

static void hand_in(const struct courier *courier, const struct sample *s, const char *payload)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];

        courier_take_receipt(courier, hex_encode(s->device.device_id, STORE_DEVICE_ID_BYTES, id),
                             payload, strlen(payload));
}

static const char *receipt_of(const struct sample *s, uint32_t epoch, char text[80])
{
        char hex[2 * FORWARD_RECEIPT_BYTES + 1];
        uint8_t receipt[FORWARD_RECEIPT_BYTES];

        forward_receipt(master, s->device.device_id, epoch, receipt);
        (void)snprintf(text, 80, "{\"epoch\":%u,\"receipt\":\"%s\"}", epoch,
                       hex_encode(receipt, sizeof(receipt), hex));
        return text;
}

static void test_courier_takes_the_receipt_of_its_device_only(void **state)
{
        struct store_place *p = *state;
        const struct courier courier = courier_of(p, "home");
        struct sample one, other;
        char text[80];

        enroll(p, &one, 1);
        enroll(p, &other, 2);
        assert_int_equal(n_waiting(p), 4); /* a key and an event of each */
        hand_in(&courier, &other, receipt_of(&one, 1, text));
        hand_in(&courier, &one, receipt_of(&one, 2, text)); /* of an ownership that there is not */
        assert_int_equal(n_waiting(p), 4);
        hand_in(&courier, &one, receipt_of(&one, 1, text));
        assert_int_equal(n_waiting(p), 3);
        hand_in(&courier, &one, receipt_of(&one, 1, text));
        assert_int_equal(n_waiting(p), 3);
        assert_true(n_resumed >= 1);
}

static void test_courier_does_not_believe_what_it_cannot_read(void **state)
{
        static const char *const payloads[] = {
                "",
                "{",
                "[]",
                "1",
                "{\"epoch\":1}",
                "{\"receipt\":\"00000000000000000000000000000000\"}",
                "{\"epoch\":\"1\",\"receipt\":\"00000000000000000000000000000000\"}",
                "{\"epoch\":-1,\"receipt\":\"00000000000000000000000000000000\"}",
                "{\"epoch\":4294967297,\"receipt\":\"00000000000000000000000000000000\"}",
                "{\"epoch\":1,\"receipt\":\"00000000000000000000000000000000\"}",
                "{\"epoch\":1,\"receipt\":\"0000000000000000000000000000000\"}",
                "{\"epoch\":1,\"receipt\":7}",
        };
        struct store_place *p = *state;
        const struct courier courier = courier_of(p, "home");
        struct sample s;

        enroll(p, &s, 1);
        for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
                hand_in(&courier, &s, payloads[i]);
        courier_take_receipt(&courier, "nobody", "{}", 2);
        assert_int_equal(n_waiting(p), 2);
        assert_int_equal(n_resumed, 0);
}

static void test_courier_sends_once_more_what_does_not_wait(void **state)
{
        struct store_place *p = *state;
        const struct courier courier = courier_of(p, "attic");
        struct store_message m;
        struct sample s;

        enroll(p, &s, 1);
        assert_int_equal(courier_send_again(&courier, "device-1").reason, REASON_NONE);
        assert_int_equal(n_waiting(p), 2);
        assert_int_equal(n_resumed, 1);
        assert_int_equal(store_outbox_drop(p->store, 1), 0);
        assert_int_equal(courier_send_again(&courier, "device-1").reason, REASON_NONE);
        assert_int_equal(n_waiting(p), 2);
        assert_int_equal(store_outbox_next(p->store, 2, &m), 0);
        assert_non_null(strstr(m.topic, "enrolld-keys/attic/"));
        assert_int_equal(m.receipt, STORE_RECEIPT_WANTED);
        assert_false(m.informational);
        assert_non_null(memmem(m.payload, m.n_payload, "\"hub\":\"attic\"", 13));
}

static void test_courier_refuses_what_there_is_not(void **state)
{
        struct store_place *p = *state;
        const struct courier courier = courier_of(p, "home");
        struct sample s;

        sample_init(&s, 1);
        s.enrollment.n_messages = 0;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(courier_send_again(&courier, "device-1").reason, REASON_KEYS_MISSING);
        assert_int_equal(courier_send_again(&courier, "nobody").reason, REASON_NO_SUCH_DEVICE);
        assert_int_equal(n_waiting(p), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_courier_takes_the_receipt_of_its_device_only),
                TEST(test_courier_does_not_believe_what_it_cannot_read),
                TEST(test_courier_sends_once_more_what_does_not_wait),
                TEST(test_courier_refuses_what_there_is_not),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
