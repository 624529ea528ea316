/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files of the settings: enrolld.conf, and the drop-ins in conf.d beside it.
 *
 * The start and --check-config read them with the same call, so that settings that were checked are
 * settings that start. It reports every error that it finds, not only the first, and leaves
 * nothing for later that can be known now: the files that a setting names, for instance.
 *
 * Normative: enrolld.conf(5).
 */

#include <stdbool.h>

#include "site/settings.h"

#define CONF_BYTES_MAX  65536 /* of one file */
#define CONF_ERRORS_MAX 20    /* reported one by one; of those beyond only the number is */

struct conf_handler {
        /*
         * An error, as a phrase for people, in this line of this file; @line is 0 if it is in the
         * file as a whole.
         */
        void (*on_error)(void *userdata, const char *path, unsigned line, const char *text);
        /* Whether a file that a setting names can be read: 0 or -errno. NULL: by this process. */
        int (*can_read)(void *userdata, const char *path);
};

/*
 * Reads @file and then each *.conf in the directory conf.d beside it, by name. With @must_exist a
 * missing @file is an error; without, the defaults apply. *@ret_n_files: how many were read. 0;
 * -EINVAL after errors that were reported; -ENOMEM.
 */
int conf_load(const char *file, bool must_exist, const struct conf_handler *handler, void *userdata,
              struct settings *ret_settings, unsigned *ret_n_files);

/* Whether this process can read the file: 0 or -errno; a directory is no file. */
int conf_can_read(const char *path);
