/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The least that a daemon with enrolld's libraries can be: it calls one function of each, says that
 * it is ready, and waits. What enrolld holds beyond this is its own.
 */

#include <math.h>
#include <stdlib.h>

#include <ini.h>
#include <jansson.h>
#include <mosquitto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

static int on_setting(void *userdata, const char *section, const char *name, const char *value)
{
        (void)userdata;
        (void)section;
        (void)name;
        (void)value;
        return 1;
}

int main(int argc, char **argv)
{
        sd_event *event = NULL;
        json_t *json = json_object();

        (void)argv;
        if (sodium_init() < 0 || sqlite3_initialize() != SQLITE_OK ||
            mosquitto_lib_init() != MOSQ_ERR_SUCCESS ||
            ini_parse_string("", on_setting, NULL) != 0 || sd_event_default(&event) < 0 || !json ||
            isnan(exp2(argc)))
                return EXIT_FAILURE;
        (void)sd_notify(0, "READY=1");
        return sd_event_loop(event) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
