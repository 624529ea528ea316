/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs enrolld.json, or the file given: what an implementation in another language made from
 * doc/code.md and doc/protocol.md is what this one makes and takes, byte for byte. Says how many
 * vectors of each kind were run; none of a kind fails, and so does an unknown kind.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/vector.h"
#include "wire/crypto.h"

struct kind {
        const char *name;
        int (*run)(json_t *vector);
};

static const struct kind kinds[] = {
        {"cbor", run_cbor},
        {"base45", run_base45},
        {"base64url", run_base64url},
        {"code", run_code},
        {"keys", run_keys},
        {"advertisement", run_advertisement},
        {"mac1", run_mac1},
        {"fragments", run_fragments},
        {"reassembly", run_reassembly},
        {"cobs", run_cobs},
        {"stream", run_stream},
        {"body", run_body},
        {"session", run_session},
        {"device", run_device},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_find(const char *name)
{
        for (size_t i = 0; i < N_KINDS; i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        return NULL;
}

static int run(json_t *vector, size_t number, size_t n_run[N_KINDS])
{
        const char *name = vector_text(vector, "kind");
        const struct kind *kind = kind_find(name);

        if (!kind)
                return complain("vector %zu is of the unknown kind %s", number, name);
        n_run[kind - kinds]++;
        if (kind->run(vector) == 0)
                return 0;
        return complain("not ok - vector %zu, %s %s", number, name,
                        vector_has(vector, "name") ? vector_text(vector, "name") : "");
}

int main(int argc, char **argv)
{
        bool whole = argc < 2; /* our own file, which has some of every kind */
        const char *path = whole ? VECTORS : argv[1];
        size_t n_run[N_KINDS] = {0}, n_failed = 0, i;
        json_error_t error;
        json_t *file, *vector;

        if (crypto_init() < 0)
                return EXIT_FAILURE;
        vector_random_init();
        file = json_load_file(path, 0, &error);
        if (!file) {
                (void)complain("%s: %s", path, error.text);
                return EXIT_FAILURE;
        }
        json_array_foreach(vector_array(file, "vectors"), i, vector) n_failed +=
                run(vector, i + 1, n_run) != 0;
        json_decref(file);

        for (size_t kind = 0; kind < N_KINDS; kind++) {
                printf("%-14s %4zu\n", kinds[kind].name, n_run[kind]);
                n_failed += whole && n_run[kind] == 0;
        }
        n_failed += i == 0;
        printf("%zu vectors, %zu failed\n", i, n_failed);
        return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
