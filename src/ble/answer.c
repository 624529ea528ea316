/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/defer.h"

int answer_take_socket(sd_bus_message *m, int *ret_fd, uint16_t *ret_mtu)
{
        uint16_t mtu;
        int fd, r;

        r = sd_bus_message_read(m, "hq", &fd, &mtu);
        if (r < 0)
                return r;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        *ret_mtu = mtu;
        return 0;
}

bool answer_is_busy(const sd_bus_error *error)
{
        static const char *const texts[] = {"already in progress", "already-connected",
                                            "le-connection-busy"};

        if (sd_bus_error_has_name(error, "org.bluez.Error.InProgress"))
                return true;
        for (size_t i = 0; error->message && i < ELEMENTSOF(texts); i++)
                if (strstr(error->message, texts[i]))
                        return true;
        return false;
}
