/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What systemd passes to a service that it starts for each connection. */

/*
 * The connection, a SOCK_SEQPACKET Unix socket: the one descriptor that was passed, or standard
 * input if none was. -1 if there is none.
 */
int passed_connection(void);
