/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-roll DEVICES WHOSE ROUNDS: how long it takes to find out whose an advertisement is, among
 * so many devices. Prints the microseconds of one.
 *
 *     stranger   each is of nobody
 *     device     each is of a device that has a new nonce; they have one in turn
 *     known      each has been heard before
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contact/roll.h"
#include "wire/crypto.h"

#define KNOWN 8 /* that are heard again and again */

struct heard {
        uint8_t data[MESSAGE_ADV_BYTES];
};

static void key_of(size_t device, uint8_t ret_key[KDF_KEY_BYTES])
{
        memset(ret_key, 0, KDF_KEY_BYTES);
        memcpy(ret_key, &device, sizeof(device));
}

/* What @device announces with its nonce of this number. */
static void announce(size_t device, size_t number, struct heard *ret_heard)
{
        uint8_t key[KDF_KEY_BYTES];

        key_of(device, key);
        memcpy(ret_heard->data, &number, KDF_NONCE_BYTES);
        kdf_adv_tag(key, ret_heard->data, MESSAGE_STATE_OWNED, ret_heard->data + KDF_NONCE_BYTES);
}

static int fill(struct roll *roll, size_t n_devices)
{
        static int device; /* whose address stands for all of them */
        uint8_t key[KDF_KEY_BYTES];
        int r = 0;

        for (size_t i = 0; r == 0 && i < n_devices; i++) {
                key_of(i, key);
                r = roll_add(roll, key, &device);
        }
        return r;
}

/* 0, or -EIO if an advertisement is not recognised, or one that is nobody's. */
static int recognise(struct roll *roll, const struct heard *heard, size_t n_heard, size_t rounds,
                     bool wanted)
{
        struct roll_match match;

        for (size_t i = 0; i < rounds; i++)
                if (roll_recognise(roll, heard[i % n_heard].data, 1 + i, &match) != wanted)
                        return -EIO;
        return 0;
}

static double now_us(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int bench(struct roll *roll, size_t n_devices, const char *whose, size_t rounds)
{
        bool is_stranger = strcmp(whose, "stranger") == 0, is_known = strcmp(whose, "known") == 0;
        size_t n_heard = is_known ? KNOWN : rounds;
        struct heard *heard = calloc(n_heard, sizeof(*heard));
        double begin;
        int r;

        if (!heard)
                return -ENOMEM;
        for (size_t i = 0; i < n_heard; i++)
                announce(is_stranger ? n_devices + i : i % n_devices, i, &heard[i]);
        r = fill(roll, n_devices);
        if (r == 0 && is_known)
                r = recognise(roll, heard, n_heard, n_heard, true);
        begin = now_us();
        if (r == 0)
                r = recognise(roll, heard, n_heard, rounds, !is_stranger);
        if (r == 0)
                printf("%.3f\n", (now_us() - begin) / (double)rounds);
        free(heard);
        return r;
}

int main(int argc, char *argv[])
{
        struct roll *roll;
        int r;

        if (argc != 4 || atoi(argv[1]) <= 0 || atoi(argv[3]) <= 0) {
                fprintf(stderr, "usage: bench-roll DEVICES stranger|device|known ROUNDS\n");
                return 2;
        }
        if (crypto_init() < 0 || roll_new(&roll) < 0)
                return 1;
        r = bench(roll, (size_t)atoi(argv[1]), argv[2], (size_t)atoi(argv[3]));
        (void)roll_free(roll);
        return r == 0 ? 0 : 1;
}
