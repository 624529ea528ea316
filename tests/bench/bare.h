/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a relay cannot do without, as a process of its own: it reads one message after the other
 * from a descriptor and publishes each as it is, with QoS 1, through a bare client.
 */

#include <sys/types.h>

#define BARE_TOPIC "enrolld/bare/device"

/* Starts it; what is written to *@ret_fd, a socket that keeps messages apart and does not block, is
 * published to @broker. */
pid_t bare_start(const char *broker, int *ret_fd);
void bare_stop(pid_t pid, int fd);
