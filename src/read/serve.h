/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The reader's end of one connection: takes one request and answers it. */

#include "read/scanner.h"

/*
 * serve_request() - serve the one request of a connection, blocking
 * @fd: a connected SOCK_SEQPACKET socket; stays open
 * @symbologies: set to look for, see symbology_parse_list()
 *
 * A failure to read is reported to the far end and is not an error here.
 * Return: 0, or -errno when the far end has gone or is silent.
 */
int serve_request(int fd, unsigned symbologies);

/*
 * Reads the code in the picture behind @fd. A picture that takes unreasonably long ends the process
 * by SIGALRM. Return: 0 with the code, -ENOMEM, or the enum reason why not: those of
 * image_parse() and search_still(). REASON_SEVERAL_CODES fills @ret_offer.
 */
int serve_picture(int fd, struct scanner *scanner, struct symbol *ret_symbol,
                  struct offer *ret_offer);
