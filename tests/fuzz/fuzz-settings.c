/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as enrolld.conf: an error that names the place, or settings of which every one is what
 * its key allows.
 */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "require.h"
#include "site/conf.h"

static char path[32];
static int fd;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        fd = memfd_create("enrolld.conf", MFD_CLOEXEC);
        require(fd >= 0);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        return 0;
}

static bool within(double value, double bound)
{
        return isnan(value) || fabs(value) <= bound;
}

static void check(const struct settings *s)
{
        struct site site;

        require(s->hub_name[0] && strnlen(s->hub_name, sizeof(s->hub_name)) < sizeof(s->hub_name));
        require(strncmp(s->mqtt_broker, "tcp:", 4) == 0 ||
                strncmp(s->mqtt_broker, "unix:/", 6) == 0);
        require(!s->mqtt_password_file[0] || s->mqtt_password_file[0] == '/');
        require(s->camera_seconds >= 1 && s->camera_seconds <= 3600);
        require(s->timeout_find >= 1 && s->timeout_find <= 3600);
        require(s->timeout_fail_safe >= 10 && s->timeout_fail_safe <= 900);
        require(s->gateway_offline_after <= 31536000);
        require(s->gateway_save_every >= 1 && s->gateway_save_every <= 86400);
        require(s->policy_ceiling <= SETTINGS_CAPABILITIES);
        require(within(s->site_latitude, 90) && within(s->site_longitude, 180));
        settings_site(s, &site);
        require(strnlen(site.location, sizeof(site.location)) < sizeof(site.location));
        require(strnlen(site.owner, sizeof(site.owner)) < sizeof(site.owner));
}

/* Each error names the file. */
static void on_error(void *userdata, const char *where, unsigned line, const char *text)
{
        (void)line;
        require(strcmp(where, path) == 0 && text[0] != '\0');
        require(++*(unsigned *)userdata <= CONF_ERRORS_MAX + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct conf_handler handler = {.on_error = on_error};
        static struct settings settings;
        unsigned n_errors = 0, n_files;

        require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
        if (conf_load(path, true, &handler, &n_errors, &settings, &n_files) == 0) {
                require(n_errors == 0);
                check(&settings);
        } else {
                require(n_errors > 0);
        }
        return 0;
}
