/* SPDX-License-Identifier: Apache-2.0 */

#include "util/passed.h"

#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

int passed_connection(void)
{
        int n = sd_listen_fds(1);

        if (n == 1 && sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_SEQPACKET, 0) > 0)
                return SD_LISTEN_FDS_START;
        if (n <= 0 && sd_is_socket(STDIN_FILENO, AF_UNIX, SOCK_SEQPACKET, 0) > 0)
                return STDIN_FILENO;
        return -1;
}
