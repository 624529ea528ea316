/* SPDX-License-Identifier: Apache-2.0 */

#include "support/private-bus.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char config[] =
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
        "<busconfig>\n"
        "  <type>session</type>\n"
        "  <listen>%s</listen>\n"
        "  <auth>EXTERNAL</auth>\n"
        "  <policy context=\"default\">\n"
        "    <allow user=\"*\"/>\n"
        "    <allow own=\"*\"/>\n"
        "    <allow send_destination=\"*\" eavesdrop=\"false\"/>\n"
        "    <allow receive_sender=\"*\"/>\n"
        "    %s\n"
        "  </policy>\n"
        "</busconfig>\n";

static void config_path(const struct private_bus *bus, char ret_path[128])
{
        (void)snprintf(ret_path, 128, "%s/bus.conf", bus->directory);
}

/* The daemon writes its address when it listens; it ends with the test that started it. */
void private_bus_again(struct private_bus *bus)
{
        char path[128], option[160], line[256];
        int ready[2], quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);

        config_path(bus, path);
        (void)snprintf(option, sizeof(option), "--config-file=%s", path);
        assert_int_equal(pipe(ready), 0);
        bus->pid = fork();
        assert_true(bus->pid >= 0);
        if (bus->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)dup2(ready[1], STDOUT_FILENO);
                (void)dup2(quiet, STDERR_FILENO);
                (void)close(ready[0]);
                (void)close(ready[1]);
                (void)execlp("dbus-daemon", "dbus-daemon", option, "--nofork", "--print-address",
                             (char *)NULL);
                _exit(127);
        }
        (void)close(ready[1]);
        (void)close(quiet);
        if (read(ready[0], line, sizeof(line)) <= 0)
                fail_msg("dbus-daemon does not start");
        (void)close(ready[0]);
}

void private_bus_start(struct private_bus *bus, const char *policy)
{
        const char *tmp = getenv("TMPDIR");
        char path[128];
        FILE *file;

        (void)snprintf(bus->directory, sizeof(bus->directory), "%s/bus-XXXXXX", tmp ? tmp : "/tmp");
        assert_non_null(mkdtemp(bus->directory));
        (void)snprintf(bus->address, sizeof(bus->address), "unix:path=%s/socket", bus->directory);
        config_path(bus, path);
        file = fopen(path, "we");
        assert_non_null(file);
        (void)fprintf(file, config, bus->address, policy);
        assert_int_equal(fclose(file), 0);
        private_bus_again(bus);
}

void private_bus_kill(struct private_bus *bus)
{
        if (bus->pid == 0)
                return;
        (void)kill(bus->pid, SIGTERM);
        (void)waitpid(bus->pid, NULL, 0);
        bus->pid = 0;
}

void private_bus_stop(struct private_bus *bus)
{
        char path[128];

        private_bus_kill(bus);
        config_path(bus, path);
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s/socket", bus->directory);
        (void)unlink(path);
        (void)rmdir(bus->directory);
}

sd_bus *private_bus_connect(const struct private_bus *bus, sd_event *event)
{
        sd_bus *connection;

        assert_return_code(sd_bus_new(&connection), 0);
        assert_return_code(sd_bus_set_address(connection, bus->address), 0);
        assert_return_code(sd_bus_set_bus_client(connection, 1), 0);
        assert_return_code(sd_bus_start(connection), 0);
        if (event)
                assert_return_code(sd_bus_attach_event(connection, event, 0), 0);
        return connection;
}
