/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a handshake costs beyond its X25519 operations: one line of JSON, for both patterns the CPU
 * time of both ends together, the time its X25519 operations take alone, and the ratio, each the
 * median of many rounds. Handshakes and lone operations alternate, so that a change of the clock
 * frequency hits both.
 *
 * bench-handshake PATTERN handshake|x25519 ROUNDS only does one of the two, for a counter of
 * instructions.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/noise.h"

#define ROUNDS 1501
#define WARMUP 50

static const struct {
        const char *name;
        enum noise_pattern pattern;
        unsigned n_messages;
        unsigned n_base, n_dh; /* X25519 operations of both ends */
} patterns[] = {
        {"xkpsk3", NOISE_XKPSK3, 3, 2, 6},
        {"kkpsk2", NOISE_KKPSK2, 2, 2, 8},
};

#define N_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

struct party {
        uint8_t s[32], s_public[32];
        struct noise noise;
        struct noise_cipher send, receive;
};

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void handshake(struct party parties[2], size_t p)
{
        static const uint8_t psk[32] = {1}, prologue[30] = {2};
        uint8_t message[NOISE_OVERHEAD_MAX], *payload;
        size_t n, n_payload;

        for (unsigned i = 0; i < 2; i++)
                noise_init(&parties[i].noise,
                           &(struct noise_setup){
                                   .pattern = patterns[p].pattern,
                                   .role = i == 0 ? NOISE_INITIATOR : NOISE_RESPONDER,
                                   .prologue = prologue,
                                   .n_prologue = sizeof(prologue),
                                   .s = parties[i].s,
                                   .s_public = parties[i].s_public,
                                   .rs = parties[1 - i].s_public,
                                   .psk = psk,
                           });
        for (unsigned i = 0; i < patterns[p].n_messages; i++)
                if (noise_write(&parties[i % 2].noise, NULL, 0, message, &n) != 0 ||
                    noise_read(&parties[1 - i % 2].noise, message, n, &payload, &n_payload) != 0)
                        abort();
        for (unsigned i = 0; i < 2; i++)
                if (noise_split(&parties[i].noise, &parties[i].send, &parties[i].receive) != 0)
                        abort();
}

static void operations(struct party parties[2], size_t p)
{
        uint8_t out[32];

        for (unsigned i = 0; i < patterns[p].n_base; i++)
                crypto_x25519_base(parties[0].s, out);
        for (unsigned i = 0; i < patterns[p].n_dh; i++)
                if (crypto_x25519(parties[0].s, parties[1].s_public, out) != 0)
                        abort();
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *values)
{
        qsort(values, ROUNDS, sizeof(*values), compare);
        return values[ROUNDS / 2];
}

static void run(struct party parties[2], size_t p)
{
        static double whole[ROUNDS], lone[ROUNDS], ratio[ROUNDS];

        for (int i = -WARMUP; i < ROUNDS; i++) {
                double a = now_us(), b, c;

                handshake(parties, p);
                b = now_us();
                operations(parties, p);
                c = now_us();
                if (i < 0)
                        continue;
                whole[i] = b - a;
                lone[i] = c - b;
                ratio[i] = (b - a) / (c - b);
        }
        printf("\"%s\":{\"handshake_us\":%.1f,\"x25519_operations\":%u,\"x25519_us\":%.1f,"
               "\"ratio\":%.3f}",
               patterns[p].name, median(whole), patterns[p].n_base + patterns[p].n_dh, median(lone),
               median(ratio));
}

/* "handshake" or "x25519" alone, so many times; false when that is not what is asked for. */
static bool run_alone(struct party parties[2], char **words)
{
        void (*what)(struct party parties[2], size_t p) =
                strcmp(words[1], "handshake") == 0 ? handshake : operations;
        size_t p = 0;

        while (p < N_PATTERNS && strcmp(words[0], patterns[p].name) != 0)
                p++;
        if (p == N_PATTERNS || (what == operations && strcmp(words[1], "x25519") != 0))
                return false;
        for (unsigned long i = strtoul(words[2], NULL, 10); i > 0; i--)
                what(parties, p);
        return true;
}

int main(int argc, char **argv)
{
        struct party parties[2];

        if (crypto_init() < 0)
                return EXIT_FAILURE;
        for (unsigned i = 0; i < 2; i++) {
                crypto_random(parties[i].s, sizeof(parties[i].s));
                crypto_x25519_base(parties[i].s, parties[i].s_public);
        }
        if (argc == 4)
                return run_alone(parties, argv + 1) ? EXIT_SUCCESS : EXIT_FAILURE;
        printf("{\"bench\":\"handshake\",\"rounds\":%d,\"noise_bytes\":%zu,", ROUNDS,
               sizeof(struct noise));
        run(parties, 0);
        putchar(',');
        run(parties, 1);
        puts("}");
        return EXIT_SUCCESS;
}
