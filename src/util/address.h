/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where something outside the program is, as settings and options write it: "unix:/PATH",
 * "tcp:HOST:PORT", "tcp:[IPV6]:PORT", "serial:/DEVICE:BAUD", or a device below /dev.
 *
 * What is checked before a start and what is opened later go through the same functions, so that
 * an address that was accepted once is never refused later for its form.
 */

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define ADDRESS_PLACE_SIZE 256 /* with the NUL */
#define ADDRESS_NFC_MAX    255 /* bytes, without the NUL */
#define ADDRESS_BAUDS      "9600, 19200, 38400, 57600, 115200, 230400, 460800 or 921600"

/* Kinds, to be added up where several are allowed. */
enum address_kind {
        ADDRESS_UNIX = 1,
        ADDRESS_TCP = 2,
        ADDRESS_SERIAL = 4,
        ADDRESS_RELATIVE = 8, /* a Unix socket may be named relative to the working directory */
};

struct address {
        enum address_kind kind;
        char place[ADDRESS_PLACE_SIZE]; /* the path, the host without brackets, or the device */
        unsigned port;                  /* of ADDRESS_TCP, else 0 */
        speed_t speed;                  /* of ADDRESS_SERIAL, else B0 */
};

/*
 * Reads @text, one of @kinds. 0, or -EINVAL and, where @ret_why is not NULL, what is wrong with it
 * as a phrase: "the port is not a number from 1 to 65535".
 */
int address_parse(const char *text, unsigned kinds, struct address *ret_address,
                  const char **ret_why);

/* Whether these bytes are a path below /dev, as udev makes them, that cannot lead out of it. */
bool address_is_device(const char *text, size_t n_text);

#define ADDRESS_SEPARATORS ", " /* between the devices of a list */

/* Whether these bytes are at least one such path, separated by commas or blanks. */
bool address_is_device_list(const char *text, size_t n_text);

/* Whether these bytes are a Bluetooth address, "00:11:22:AA:bb:cc". */
bool address_is_bluetooth(const char *text, size_t n_text);

/*
 * Whether it is a URL of a web service: https, a host, printable ASCII without what a URL does not
 * have, and no login.
 */
bool address_is_https(const char *text);

/*
 * Whether these bytes name an NFC reader as libnfc does: a driver, and perhaps a colon and what it
 * needs, "pn532_uart:/dev/ttyUSB0:115200". At most ADDRESS_NFC_MAX.
 */
bool address_is_nfc(const char *text, size_t n_text);
