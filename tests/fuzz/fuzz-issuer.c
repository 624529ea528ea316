/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as an issuer's file: it is refused with a reason, or it is an issuer within bounds. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "code/issuer.h"
#include "require.h"

static char directory[] = "/dev/shm/fuzz-issuer-XXXXXX", path[64];
static FILE *file;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void clean_up(void)
{
        (void)fclose(file);
        (void)unlink(path);
        (void)rmdir(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        require(mkdtemp(directory) != NULL);
        (void)snprintf(path, sizeof(path), "%s/a.issuer", directory);
        file = fopen(path, "w");
        require(file != NULL && atexit(clean_up) == 0);
        return 0;
}

static void on_error(void *userdata, const char *where, unsigned line, const char *text)
{
        unsigned *n_errors = userdata;

        (void)line;
        require(strcmp(where, path) == 0 && text[0]);
        ++*n_errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned n_errors = 0;
        const struct issuers_handler listener = {on_error, &n_errors};
        struct issuers issuers = {.list = NULL};

        rewind(file);
        require(ftruncate(fileno(file), 0) == 0);
        require(fwrite(data, 1, size, file) == size && fflush(file) == 0);

        require(issuers_load(&issuers, directory, &listener) == 0);
        require(issuers.n_list + n_errors == 1);
        if (issuers.n_list == 1) {
                const struct issuer *issuer = &issuers.list[0];

                require(issuer->name[0] && strlen(issuer->name) <= ISSUER_NAME_MAX);
                require((issuer->capabilities & ~(unsigned)CAPABILITY_ALL) == 0);
                require(issuers_find(&issuers, issuer->kid) == issuer);
                (void)issuer_allows_product(issuer, "Nordlicht", "Thermo One");
        }
        issuers_done(&issuers);
        return 0;
}
