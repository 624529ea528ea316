/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/request.h"
#include "util/defer.h"

static uint8_t packet[READ_PACKET_MAX];
static struct read_reply reply, back;

static void test_read_request_image_comes_back(void **state)
{
        static const struct read_request image = {.kind = READ_REQUEST_IMAGE};
        static const uint8_t bytes[] = {1, 1, 0, 0};
        struct read_request request = {.seconds = 9};
        size_t n;

        (void)state;
        assert_int_equal(read_request_encode(&image, packet, &n), 0);
        assert_int_equal(n, sizeof(bytes));
        assert_memory_equal(packet, bytes, sizeof(bytes));
        assert_int_equal(read_request_decode(packet, n, &request), 0);
        assert_int_equal(request.kind, READ_REQUEST_IMAGE);
        assert_int_equal(request.seconds, 0);
}

static void test_read_request_camera_comes_back(void **state)
{
        static const char *const devices[] = {"", "/dev/video0",
                                              "/dev/v4l/by-id/usb-a_B.1:2-index0",
                                              "/dev/video0, /dev/video2,/dev/video4"};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
                struct read_request in = {.kind = READ_REQUEST_CAMERA, .seconds = 300 + i}, out;
                size_t n;

                strcpy(in.devices, devices[i]);
                assert_int_equal(read_request_encode(&in, packet, &n), 0);
                assert_int_equal(n, 4 + strlen(devices[i]));
                assert_int_equal(packet[2], 1);
                assert_int_equal(packet[3], 44 + i);
                assert_int_equal(read_request_decode(packet, n, &out), 0);
                assert_int_equal(out.kind, READ_REQUEST_CAMERA);
                assert_int_equal(out.seconds, 300 + i);
                assert_string_equal(out.devices, devices[i]);
        }
}

static void test_read_request_longest_device_comes_back(void **state)
{
        struct read_request in = {.kind = READ_REQUEST_CAMERA, .seconds = 1}, out;
        size_t n;

        (void)state;
        memset(in.devices, 'x', READ_DEVICES_MAX);
        memcpy(in.devices, "/dev/", 5);
        assert_int_equal(read_request_encode(&in, packet, &n), 0);
        assert_int_equal(read_request_decode(packet, n, &out), 0);
        assert_string_equal(out.devices, in.devices);
        packet[n] = 'x';
        assert_int_equal(read_request_decode(packet, n + 1, &out), READ_E_MALFORMED);
}

static void test_read_request_hostile_is_malformed(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } cases[] = {
                {"", 0},
                {"\1\1\0", 3},   /* short */
                {"\0\1\0\0", 4}, /* version 0 */
                {"\2\1\0\0", 4}, /* version 2 */
                {"\1\0\0\0", 4}, /* no such kind */
                {"\1\3\0\1", 4},
                {"\1\201\0\1", 4},                  /* a reply */
                {"\1\1\0\1", 4},                    /* image with a time */
                {"\1\1\0\0x", 5},                   /* image with a device */
                {"\1\2\0\0", 4},                    /* no time */
                {"\1\2\16\21", 4},                  /* 3601 s */
                {"\1\2\0\1/dev/", 9},               /* the folder */
                {"\1\2\0\1/etc/shadow", 15},        /* not below /dev */
                {"\1\2\0\1/dev/../etc/shadow", 22}, /* climbs out */
                {"\1\2\0\1/dev/v4l/..", 15},
                {"\1\2\0\1/dev/video0\0", 16},      /* NUL at the end */
                {"\1\2\0\1/dev/vi\0eo0", 15},       /* NUL inside */
                {"\1\2\0\1/dev/video 0", 16},       /* a space */
                {"\1\2\0\1, ", 6},                  /* a list of none */
                {"\1\2\0\1/dev/a,/etc/b", 17},      /* the second is not below /dev */
                {"\1\2\0\1/dev/video\xc3\xa4", 16}, /* not ASCII */
        };
        struct read_request out = {.seconds = 77};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(
                        read_request_decode((const uint8_t *)cases[i].bytes, cases[i].n, &out),
                        READ_E_MALFORMED);
        assert_int_equal(out.seconds, 77);
}

static void test_read_request_invalid_is_not_encoded(void **state)
{
        struct read_request in = {.kind = READ_REQUEST_CAMERA, .seconds = 0};
        size_t n = 77;

        (void)state;
        assert_int_equal(read_request_encode(&in, packet, &n), READ_E_MALFORMED);
        in.seconds = READ_SECONDS_MAX + 1;
        assert_int_equal(read_request_encode(&in, packet, &n), READ_E_MALFORMED);
        in.seconds = 1;
        memset(in.devices, '/', sizeof(in.devices)); /* not terminated */
        assert_int_equal(read_request_encode(&in, packet, &n), READ_E_MALFORMED);
        assert_int_equal(n, 77);
}

static void test_read_reply_every_progress_comes_back(void **state)
{
        (void)state;
        for (enum read_progress p = 0; p < READ_PROGRESS_MAX; p++) {
                size_t n;

                reply = (struct read_reply){.kind = READ_REPLY_PROGRESS, .progress = p};
                assert_int_equal(read_reply_encode(&reply, packet, &n), 0);
                assert_int_equal(n, 2 + strlen(read_progress_code(p)));
                assert_memory_equal(packet + 2, read_progress_code(p), n - 2);
                assert_int_equal(read_reply_decode(packet, n, &back), 0);
                assert_int_equal(back.kind, READ_REPLY_PROGRESS);
                assert_int_equal(back.progress, p);
        }
}

static void test_read_reply_code_of_every_length_comes_back(void **state)
{
        static const size_t lengths[] = {1, 2, 100, 1500, SYMBOL_BYTES_MAX - 1, SYMBOL_BYTES_MAX};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                size_t n;

                reply = (struct read_reply){.kind = READ_REPLY_CODE};
                reply.symbol.symbology = SYMBOLOGY_EAN;
                reply.symbol.n_bytes = lengths[i];
                for (size_t b = 0; b < lengths[i]; b++)
                        reply.symbol.bytes[b] = (uint8_t)(b * 7);
                assert_int_equal(read_reply_encode(&reply, packet, &n), 0);
                assert_int_equal(n, 3 + lengths[i]);
                assert_int_equal(read_reply_decode(packet, n, &back), 0);
                assert_int_equal(back.kind, READ_REPLY_CODE);
                assert_int_equal(back.symbol.symbology, SYMBOLOGY_EAN);
                assert_int_equal(back.symbol.n_bytes, lengths[i]);
                assert_memory_equal(back.symbol.bytes, reply.symbol.bytes, lengths[i]);
        }
}

static void test_read_reply_only_reasons_of_reading_come_back(void **state)
{
        unsigned n_known = 0;

        (void)state;
        for (enum reason r = 0; r < REASON_MAX; r++) {
                size_t n;

                reply = (struct read_reply){.kind = READ_REPLY_FAILURE, .reason = r};
                if (read_reply_encode(&reply, packet, &n)) {
                        n = 2 + strlen(reason_code(r));
                        packet[0] = 1;
                        packet[1] = READ_REPLY_FAILURE;
                        memcpy(packet + 2, reason_code(r), n - 2);
                        assert_int_equal(read_reply_decode(packet, n, &back), READ_E_MALFORMED);
                        continue;
                }
                n_known++;
                assert_int_equal(read_reply_decode(packet, n, &back), 0);
                assert_int_equal(back.kind, READ_REPLY_FAILURE);
                assert_int_equal(back.reason, r);
        }
        assert_int_equal(n_known, 18 + FOREIGN_KINDS);
}

static void test_read_reply_hostile_is_malformed(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } cases[] = {
                {"", 0},
                {"\1", 1},
                {"\2\201watching", 10},   /* version */
                {"\1\1watching", 10},     /* a request's kind */
                {"\1\204watching", 10},   /* no such kind */
                {"\1\201", 2},            /* empty progress */
                {"\1\201watchin", 9},     /* cut */
                {"\1\201watching\0", 11}, /* NUL */
                {"\1\201watchingx", 11},  /* more */
                {"\1\202", 2},            /* no symbology */
                {"\1\202\1", 3},          /* no bytes */
                {"\1\202\0x", 4},         /* no such symbology */
                {"\1\202\4x", 4},
                {"\1\202\377x", 4},
                {"\1\203", 2},              /* empty reason */
                {"\1\203none", 6},          /* success is no failure */
                {"\1\203device_owned", 14}, /* not the reader's to say */
                {"\1\203camera_busy\n", 14},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(
                        read_reply_decode((const uint8_t *)cases[i].bytes, cases[i].n, &back),
                        READ_E_MALFORMED);
}

static void test_read_reply_code_too_long_is_malformed(void **state)
{
        (void)state;
        memset(packet, 'A', sizeof(packet));
        memcpy(packet, "\1\202\1", 3);
        assert_int_equal(read_reply_decode(packet, 3 + SYMBOL_BYTES_MAX, &back), 0);
        assert_int_equal(read_reply_decode(packet, 4 + SYMBOL_BYTES_MAX, &back), READ_E_MALFORMED);
        assert_int_equal(read_reply_decode(packet, READ_PACKET_MAX, &back), READ_E_MALFORMED);
}

static void test_read_reply_invalid_is_not_encoded(void **state)
{
        size_t n = 77;

        (void)state;
        reply = (struct read_reply){.kind = READ_REPLY_CODE};
        assert_int_equal(read_reply_encode(&reply, packet, &n), READ_E_MALFORMED);
        reply.symbol.symbology = SYMBOLOGY_QR;
        reply.symbol.n_bytes = SYMBOL_BYTES_MAX + 1;
        assert_int_equal(read_reply_encode(&reply, packet, &n), READ_E_MALFORMED);
        reply = (struct read_reply){.kind = READ_REPLY_PROGRESS, .progress = READ_PROGRESS_MAX};
        assert_int_equal(read_reply_encode(&reply, packet, &n), READ_E_MALFORMED);
        assert_int_equal(n, 77);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_read_request_image_comes_back),
                cmocka_unit_test(test_read_request_camera_comes_back),
                cmocka_unit_test(test_read_request_longest_device_comes_back),
                cmocka_unit_test(test_read_request_hostile_is_malformed),
                cmocka_unit_test(test_read_request_invalid_is_not_encoded),
                cmocka_unit_test(test_read_reply_every_progress_comes_back),
                cmocka_unit_test(test_read_reply_code_of_every_length_comes_back),
                cmocka_unit_test(test_read_reply_only_reasons_of_reading_come_back),
                cmocka_unit_test(test_read_reply_hostile_is_malformed),
                cmocka_unit_test(test_read_reply_code_too_long_is_malformed),
                cmocka_unit_test(test_read_reply_invalid_is_not_encoded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
