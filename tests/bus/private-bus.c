/* SPDX-License-Identifier: Apache-2.0 */

#include "private-bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char configuration[] =
        "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'\n"
        " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
        "<busconfig><type>session</type><listen>unix:path=%s/socket</listen><auth>EXTERNAL</auth>\n"
        "<policy context='default'><allow user='*'/><allow own='*'/><allow send_type='*'/>\n"
        "<allow send_destination='*' eavesdrop='false'/><allow receive_type='*'/></policy>\n"
        "</busconfig>\n";

static void configuration_write(const struct private_bus *p, char *path, size_t size)
{
        FILE *file;

        (void)snprintf(path, size, "%s/bus.conf", p->directory);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, configuration, p->directory) > 0);
        assert_int_equal(fclose(file), 0);
}

void private_bus_start(struct private_bus *p)
{
        char path[64], option[80], byte;
        int ready[2];

        strcpy(p->directory, "/tmp/test-bus-XXXXXX");
        assert_non_null(mkdtemp(p->directory));
        (void)snprintf(p->address, sizeof(p->address), "unix:path=%s/socket", p->directory);
        configuration_write(p, path, sizeof(path));
        (void)snprintf(option, sizeof(option), "--config-file=%s", path);

        /* The daemon prints its address when it listens, and not before. */
        assert_return_code(pipe(ready), errno);
        p->pid = fork();
        assert_return_code(p->pid, errno);
        if (p->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)dup2(ready[1], 3);
                (void)execlp("dbus-daemon", "dbus-daemon", option, "--nofork", "--print-address=3",
                             (char *)NULL);
                _exit(127);
        }
        (void)close(ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        (void)close(ready[0]);
}

void private_bus_stop(struct private_bus *p)
{
        char path[64];

        (void)kill(p->pid, SIGKILL);
        assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
        (void)snprintf(path, sizeof(path), "%s/bus.conf", p->directory);
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s/socket", p->directory);
        (void)unlink(path);
        assert_return_code(rmdir(p->directory), errno);
}

sd_bus *private_bus_connect(const struct private_bus *p, sd_event *event)
{
        sd_bus *bus;

        assert_return_code(sd_bus_new(&bus), 0);
        assert_return_code(sd_bus_set_address(bus, p->address), 0);
        assert_return_code(sd_bus_set_bus_client(bus, 1), 0);
        assert_return_code(sd_bus_start(bus), 0);
        if (event)
                assert_return_code(sd_bus_attach_event(bus, event, 0), 0);
        return bus;
}
