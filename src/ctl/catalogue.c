/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/json.h"
#include "catalogue/filename.h"
#include "ctl/table.h"
#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"
#include "wire/utf8.h"

#define IMPORT_SEC  600   /* thousands of signatures take their time on a small machine */
#define FETCH_SEC   1200  /* up to 1000 codes, 100 in an order of up to a minute */
#define NUMBERS_MAX 65536 /* bytes of standard input */

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

const char *catalogue_read(char **arguments, struct catalogue_wish *wish)
{
        static const char *const names[] = {
                [CATALOGUE_LIST] = "list",     [CATALOGUE_IMPORT] = "import",
                [CATALOGUE_ALLOW] = "allow",   [CATALOGUE_FORBID] = "forbid",
                [CATALOGUE_REMOVE] = "remove",
        };
        const char *name = arguments[0] ? arguments[0] : "list";
        size_t i = 0;

        while (i < ELEMENTSOF(names) && strcmp(names[i], name) != 0)
                i++;
        if (i == ELEMENTSOF(names))
                return "catalogue takes list, import, allow, forbid or remove";
        wish->action = (enum catalogue_action)i;
        wish->arguments = arguments[0] ? arguments + 1 : arguments;
        if (wish->joins && wish->action != CATALOGUE_IMPORT)
                return "--later is for catalogue import";
        if (wish->all && wish->action < CATALOGUE_ALLOW)
                return "--all is for catalogue allow, forbid and remove";
        if (wish->action == CATALOGUE_LIST)
                return wish->arguments[0] ? "catalogue list takes nothing" : NULL;
        if (wish->all == (wish->arguments[0] != NULL))
                return wish->action == CATALOGUE_IMPORT
                               ? "catalogue import takes files or directories"
                               : "it takes the number or the identifier of each code, or --all";
        for (char **at = wish->arguments; *at; at++)
                if (!utf8_printable((const uint8_t *)*at, strlen(*at)))
                        return "catalogue takes printable text in UTF-8";
        return NULL;
}

static int call_list(struct client *client, json_t **ret_entries, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r = client_new_call(client, "List", &message);

        return client_call(client, r, message, 0, ret_entries, ret_fault);
}

static int run_list(struct client *client, struct output *output)
{
        _defer_(json_free) json_t *entries = NULL, *object = NULL;
        struct fault fault;
        json_t *entry;
        size_t i;
        int r;

        if (call_list(client, &entries, &fault) != 0)
                return output_fault(output, &fault);
        if (output->form != OUTPUT_PEOPLE) {
                object = json_pack("{s:O}", "entries", entries);
                output_json(output, object);
                return EXIT_OK;
        }
        if (json_array_size(entries) == 0 && !output->quiet)
                (void)printf("There are no codes in the catalogue.\n");
        if (json_array_size(entries) == 0)
                return EXIT_OK;
        if (!output->quiet) {
                r = table_entries(entries, output->width, stdout);
                if (r == 0)
                        return EXIT_OK;
                fault_local(&fault, r);
                return output_fault(output, &fault);
        }
        json_array_foreach(entries, i, entry)
        {
                const char *id = json_string_value(json_object_get(entry, "id"));

                (void)printf("%s\n",
                             id ? id : json_string_value(json_object_get(entry, "device_id")));
        }
        return EXIT_OK;
}

/* --- import --- */

/* The report of all files, and the file that is imported now. */
struct importing {
        struct client *client;
        bool joins;
        const char *path;
        json_t *report;
        struct fault fault;
};

static void add_number(json_t *sum, const json_t *report, const char *key)
{
        json_t *number = json_object_get(sum, key);

        (void)json_integer_set(number, json_integer_value(number) +
                                               json_integer_value(json_object_get(report, key)));
}

static void add_report(struct importing *im, const json_t *report)
{
        json_t *failures = json_object_get(im->report, "failures"), *failure;
        size_t i;

        add_number(im->report, report, "added");
        add_number(im->report, report, "refused");
        json_array_foreach(json_object_get(report, "failures"), i, failure)
        {
                (void)json_object_set_new(failure, "file", json_from_text(im->path));
                (void)json_array_append(failures, failure);
        }
}

static int import_fd(struct importing *im, int fd)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        _defer_(json_free) json_t *report = NULL;
        int r;

        r = client_new_call(im->client, "Import", &message);
        if (r >= 0)
                r = sd_bus_message_append(message, "hb", fd, (int)im->joins);
        if (client_call(im->client, r, message, IMPORT_SEC, &report, &im->fault) != 0)
                return CLIENT_E_FAULT;
        add_report(im, report);
        return 0;
}

static int is_catalogue(const struct dirent *entry)
{
        return filename_is_catalogue(entry->d_name);
}

static int import_path(struct importing *im, int at, const char *path);

static int import_directory(struct importing *im, int directory)
{
        struct dirent **names = NULL;
        int r = 0, n = scandirat(directory, ".", &names, is_catalogue, alphasort);

        if (n < 0) {
                fault_input(&im->fault, im->path, -errno);
                return CLIENT_E_FAULT;
        }
        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = import_path(im, directory, names[i]->d_name);
                free(names[i]);
        }
        free(names);
        return r;
}

/* A file, or the catalogue files of a directory; what is in a directory is no directory. */
static int import_path(struct importing *im, int at, const char *path)
{
        _defer_(fd_close) int fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        struct stat st;

        im->path = path;
        if (fd < 0 || fstat(fd, &st) < 0) {
                fault_input(&im->fault, path, -errno);
                return CLIENT_E_FAULT;
        }
        if (S_ISDIR(st.st_mode) && at == AT_FDCWD)
                return import_directory(im, fd);
        return import_fd(im, fd);
}

int catalogue_show_report(struct output *output, const json_t *report)
{
        json_int_t added = json_integer_value(json_object_get(report, "added"));
        json_int_t refused = json_integer_value(json_object_get(report, "refused"));
        json_t *failure;
        size_t i;

        if (output->form != OUTPUT_PEOPLE) {
                output_json(output, report);
                return refused > 0 ? EXIT_FAULT : EXIT_OK;
        }
        json_array_foreach(json_object_get(report, "failures"), i, failure)
        {
                const char *file = json_string_value(json_object_get(failure, "file"));
                const char *id = json_string_value(json_object_get(failure, "id"));
                json_int_t line = json_integer_value(json_object_get(failure, "line"));

                if (file && line > 0)
                        (void)fprintf(stderr, "%s:%lld: ", file, (long long)line);
                (void)fprintf(stderr, "%s%s%s (%s)\n", id ? id : "", id ? ": " : "",
                              json_string_value(json_object_get(failure, "error")),
                              json_string_value(json_object_get(failure, "code")));
        }
        if (!output->quiet)
                (void)printf("%lld code%s added, %lld refused.\n", (long long)added,
                             added == 1 ? "" : "s", (long long)refused);
        return refused > 0 ? EXIT_FAULT : EXIT_OK;
}

static int run_import(struct client *client, struct output *output,
                      const struct catalogue_wish *wish)
{
        struct importing im = {.client = client, .joins = wish->joins};
        _defer_(json_free) json_t *report =
                json_pack("{s:i, s:i, s:[]}", "added", 0, "refused", 0, "failures");

        im.report = report;
        for (char **at = wish->arguments; *at; at++)
                if (import_path(&im, AT_FDCWD, *at) != 0)
                        return output_fault(output, &im.fault);
        return catalogue_show_report(output, report);
}

/* --- fetch --- */

/* The words of standard input, in @text; a list that ends with NULL, to be freed. NULL: no memory.
 */
static char **split_words(char *text)
{
        char **words = calloc(strlen(text) / 2 + 2, sizeof(*words)), *rest = NULL;
        size_t n = 0;

        for (char *word = strtok_r(text, " ,\t\r\n", &rest); words && word;
             word = strtok_r(NULL, " ,\t\r\n", &rest))
                words[n++] = word;
        return words;
}

static int fetch_words(struct client *client, struct output *output, char **words, bool joins)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        _defer_(json_free) json_t *report = NULL;
        struct fault fault;
        int r;

        r = client_new_call(client, "Fetch", &message);
        if (r >= 0)
                r = sd_bus_message_append_strv(message, words);
        if (r >= 0)
                r = sd_bus_message_append(message, "b", (int)joins);
        if (client_call(client, r, message, FETCH_SEC, &report, &fault) != 0)
                return output_fault(output, &fault);
        return catalogue_show_report(output, report);
}

int catalogue_fetch(struct client *client, struct output *output, char **arguments, bool joins)
{
        _defer_(free) char **words = NULL;
        struct fault fault;
        char *text = NULL;
        size_t n_text = 0;
        int r;

        if (strcmp(arguments[0], "-") != 0 || arguments[1])
                return fetch_words(client, output, arguments, joins);
        r = file_load_fd(STDIN_FILENO, NUMBERS_MAX, &text, &n_text);
        words = r < 0 ? NULL : split_words(text);
        if (!words || !utf8_printable((const uint8_t *)text, strcspn(text, "\n"))) {
                fault_input(&fault, "standard input", r < 0 ? r : -EINVAL);
                r = output_fault(output, &fault);
        } else {
                r = fetch_words(client, output, words, joins);
        }
        file_free(text, n_text);
        return r;
}

/* --- one by one --- */

static int change_one(struct client *client, enum catalogue_action action, const char *id,
                      struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r;

        r = client_new_call(client, action == CATALOGUE_REMOVE ? "Remove" : "LetJoin", &message);
        if (r >= 0)
                r = sd_bus_message_append(message, "s", id);
        if (r >= 0 && action != CATALOGUE_REMOVE)
                r = sd_bus_message_append(message, "b", (int)(action == CATALOGUE_ALLOW));
        return client_call(client, r, message, 0, NULL, ret_fault);
}

static int run_change(struct client *client, struct output *output,
                      const struct catalogue_wish *wish)
{
        _defer_(json_free) json_t *entries = NULL;
        struct fault fault;
        json_t *entry;
        size_t i;
        int r = 0;

        for (char **at = wish->arguments; r == 0 && *at; at++)
                r = change_one(client, wish->action, *at, &fault);
        if (wish->all)
                r = call_list(client, &entries, &fault);
        json_array_foreach(entries, i, entry)
        {
                if (r == 0)
                        r = change_one(client, wish->action,
                                       json_string_value(json_object_get(entry, "device_id")),
                                       &fault);
        }
        return r == 0 ? EXIT_OK : output_fault(output, &fault);
}

int catalogue_run(struct client *client, struct output *output, const struct catalogue_wish *wish)
{
        if (wish->action == CATALOGUE_LIST)
                return run_list(client, output);
        if (wish->action == CATALOGUE_IMPORT)
                return run_import(client, output, wish);
        return run_change(client, output, wish);
}

/* NULL, or why this cannot be done later. */
static const char *wrong_for_later(const struct input *input, const json_t *options)
{
        if (input->picture >= 0)
                return "--later takes a code or its number, not a picture of one";
        if (json_object_get(options, "values") || json_object_get(options, "dry_run"))
                return "--later takes --name, and no other option of enroll";
        return NULL;
}

int catalogue_add(struct client *client, struct output *output, const struct input *input,
                  const json_t *options)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        const char *name = json_string_value(json_object_get(options, "name"));
        const char *wrong = wrong_for_later(input, options);
        _defer_(json_free) json_t *entry = NULL;
        struct fault fault;
        int r;

        if (wrong) {
                fault_usage(&fault, wrong);
                return output_fault(output, &fault);
        }
        r = client_new_call(client, "Add", &message);
        if (r >= 0)
                r = sd_bus_message_sensitive(message);
        if (r >= 0)
                r = sd_bus_message_append_array(message, 'y', input->code, input->n_code);
        if (r >= 0)
                r = sd_bus_message_append(message, "s", name ? name : "");
        if (client_call(client, r, message, 0, &entry, &fault) != 0)
                return output_fault(output, &fault);
        if (output->form != OUTPUT_PEOPLE)
                output_json(output, entry);
        else if (!output->quiet)
                (void)printf("%s %s is enrolled when it is switched on.\n",
                             json_string_value(json_object_get(entry, "model_id")),
                             json_string_value(json_object_get(entry, "serial_number")));
        return EXIT_OK;
}
