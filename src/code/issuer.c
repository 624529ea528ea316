/* SPDX-License-Identifier: Apache-2.0 */

#include "code/issuer.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ini.h>
#include <sodium.h>

#include "util/free.h"
#include "util/hex.h"

#define SUFFIX ".issuer"

/* One file being read. */
struct file {
        struct issuer issuer;
        bool has_name, has_key, has_capabilities, out_of_memory;
        const char *error; /* what is wrong with the first bad line */
};

static void issuer_done(struct issuer *issuer)
{
        free(issuer->products);
        free(issuer->path);
        memset(issuer, 0, sizeof(*issuer));
}

void issuers_done(struct issuers *issuers)
{
        for (size_t i = 0; i < issuers->n_list; i++)
                issuer_done(&issuers->list[i]);
        free(issuers->list);
        memset(issuers, 0, sizeof(*issuers));
}

const struct issuer *issuers_find(const struct issuers *issuers,
                                  const uint8_t kid[ENVELOPE_KID_BYTES])
{
        for (size_t i = 0; i < issuers->n_list; i++)
                if (memcmp(issuers->list[i].kid, kid, ENVELOPE_KID_BYTES) == 0)
                        return &issuers->list[i];
        return NULL;
}

bool issuer_allows_product(const struct issuer *issuer, const char *maker, const char *model)
{
        char product[2 * PAYLOAD_LABEL_MAX + 2], pattern[256];
        const char *at = issuer->products;

        if (!at)
                return true;
        (void)snprintf(product, sizeof(product), "%s/%s", maker, model);
        for (at += strspn(at, " \t"); *at; at += strspn(at, " \t")) {
                size_t n = strcspn(at, " \t");

                if (n < sizeof(pattern)) {
                        memcpy(pattern, at, n);
                        pattern[n] = '\0';
                        if (fnmatch(pattern, product, FNM_NOESCAPE) == 0)
                                return true;
                }
                at += n;
        }
        return false;
}

/* --- one file --- */

static const char *take_name(struct file *file, const char *value)
{
        struct cbor_span text = {(const uint8_t *)value, strlen(value)};

        if (file->has_name)
                return "a second name";
        if (!payload_is_label(text))
                return "a name has 1 to 32 printable bytes";
        file->has_name = true;
        (void)snprintf(file->issuer.name, sizeof(file->issuer.name), "%s", value);
        return NULL;
}

static const char *take_key(struct file *file, const char *value)
{
        if (file->has_key)
                return "a second key";
        if (hex_decode(value, file->issuer.key, ENVELOPE_KEY_BYTES) < 0)
                return "a key is 64 hexadecimal digits";
        if (!crypto_core_ed25519_is_valid_point(file->issuer.key))
                return "this is not an Ed25519 public key";
        file->has_key = true;
        envelope_kid(file->issuer.key, file->issuer.kid);
        return NULL;
}

static const char *take_capabilities(struct file *file, const char *value)
{
        if (file->has_capabilities)
                return "a second line of capabilities";
        file->has_capabilities = true;
        for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
                size_t n = strcspn(value, " \t");
                unsigned capability = capability_from_name(value, n);

                if (!capability)
                        return "a capability is channel.publish, channel.command or key.forward";
                file->issuer.capabilities |= capability;
                value += n;
        }
        return NULL;
}

static const char *take_products(struct file *file, const char *value)
{
        if (file->issuer.products)
                return "a second line of products";
        file->issuer.products = strdup(value);
        file->out_of_memory = !file->issuer.products;
        return NULL;
}

/* For inih: 1 if the line is good. */
static int file_on_line(void *userdata, const char *section, const char *name, const char *value)
{
        static const struct {
                const char *name;
                const char *(*on_value)(struct file *file, const char *value);
        } lines[] = {
                {"name", take_name},
                {"key", take_key},
                {"capabilities", take_capabilities},
                {"products", take_products},
        };
        struct file *file = userdata;
        const char *error = "a line is name, key, capabilities or products, in [issuer]";

        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                if (strcmp(section, "issuer") == 0 && strcmp(name, lines[i].name) == 0)
                        error = lines[i].on_value(file, value);
        if (error && !file->error)
                file->error = error;
        return !error;
}

/* Reads one file; what is wrong with it is left in @file and @ret_line. */
static int file_read(const char *path, struct file *file, unsigned *ret_line)
{
        struct stat st;
        int r;

        *ret_line = 0;
        if (stat(path, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_mode & S_IWOTH) {
                file->error = "this is not a regular file that only its owner and group can write";
                return 0;
        }
        errno = 0; /* libinih does not promise to leave a reason */
        r = ini_parse(path, file_on_line, file);
        if (r == -2 || file->out_of_memory)
                return -ENOMEM;
        if (r < 0)
                return errno > 0 ? -errno : -EIO;
        *ret_line = (unsigned)r;
        if (r > 0 && !file->error)
                file->error = "this is not \"name = value\", or too long";
        else if (!file->error && (!file->has_name || !file->has_key))
                file->error = "the name or the key is missing";
        return 0;
}

static int issuers_add(struct issuers *issuers, struct issuer *issuer)
{
        struct issuer *list = reallocarray(issuers->list, issuers->n_list + 1, sizeof(*list));

        if (!list)
                return -ENOMEM;
        issuers->list = list;
        issuers->list[issuers->n_list++] = *issuer;
        memset(issuer, 0, sizeof(*issuer));
        return 0;
}

static void issuers_refuse(struct issuers *issuers, const struct issuers_handler *handler,
                           const char *path, unsigned line, const char *text)
{
        issuers->n_refused++;
        handler->on_error(handler->userdata, path, line, text);
}

/* Adds one file, or tells what is wrong with it. */
static int issuers_add_file(struct issuers *issuers, const char *path,
                            const struct issuers_handler *handler)
{
        struct file file = {0};
        unsigned line;
        int r = file_read(path, &file, &line);

        if (r == 0 && !file.error) {
                file.issuer.path = strdup(path);
                r = file.issuer.path ? issuers_add(issuers, &file.issuer) : -ENOMEM;
        } else if (r == 0)
                issuers_refuse(issuers, handler, path, line, file.error);
        else if (r != -ENOMEM) {
                issuers_refuse(issuers, handler, path, 0, strerror(-r));
                r = 0;
        }
        issuer_done(&file.issuer);
        return r;
}

/* --- the directory --- */

/* Whether two files say the same. */
static bool issuer_equals(const struct issuer *a, const struct issuer *b)
{
        return memcmp(a->key, b->key, ENVELOPE_KEY_BYTES) == 0 && strcmp(a->name, b->name) == 0 &&
               a->capabilities == b->capabilities && !a->products == !b->products &&
               (!a->products || strcmp(a->products, b->products) == 0);
}

/* Compares each issuer with those before it. */
static void issuers_mark_doubles(struct issuers *issuers)
{
        struct issuer *list = issuers->list;

        for (size_t i = 0; i < issuers->n_list; i++)
                for (size_t j = 0; j < i; j++)
                        if (issuer_equals(&list[i], &list[j]))
                                list[i].repeated = true;
                        else if (memcmp(list[i].kid, list[j].kid, ENVELOPE_KID_BYTES) == 0)
                                list[i].doubled = list[j].doubled = true;
}

/*
 * Of files that say the same, one counts. Refuses all others that share a kid: it is not for us to
 * say which of them is meant.
 */
static void issuers_refuse_doubles(struct issuers *issuers, const struct issuers_handler *handler)
{
        struct issuer *list = issuers->list;
        size_t n_kept = 0;

        issuers_mark_doubles(issuers);
        for (size_t i = 0; i < issuers->n_list; i++) {
                if (!list[i].doubled && !list[i].repeated) {
                        list[n_kept++] = list[i];
                        continue;
                }
                if (list[i].doubled)
                        issuers_refuse(issuers, handler, list[i].path, 0,
                                       "another file has the same key, and says something else");
                issuer_done(&list[i]);
        }
        issuers->n_list = n_kept;
}

static int is_issuer_file(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name), n_suffix = strlen(SUFFIX);

        return entry->d_name[0] != '.' && n > n_suffix &&
               strcmp(entry->d_name + n - n_suffix, SUFFIX) == 0;
}

int issuers_load(struct issuers *issuers, const char *directory,
                 const struct issuers_handler *handler)
{
        struct dirent **entries = NULL;
        int n = scandir(directory, &entries, is_issuer_file, alphasort), r = 0;

        if (n < 0)
                return -errno;
        for (int i = 0; i < n; i++) {
                _defer_(free) char *path = NULL;

                if (r == 0 && asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0) {
                        path = NULL;
                        r = -ENOMEM;
                }
                if (r == 0)
                        r = issuers_add_file(issuers, path, handler);
                free(entries[i]);
        }
        free(entries);
        issuers_refuse_doubles(issuers, handler);
        return r;
}
