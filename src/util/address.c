/* SPDX-License-Identifier: Apache-2.0 */

#include "util/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "util/defer.h"

#define UNIX_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)
#define HOST_ALPHABET  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"

/* "123" -> 123; 0 for anything else, or if it is more than @max. */
static unsigned number_parse(const char *text, unsigned max)
{
        unsigned long number;
        char *end;

        if (!isdigit((unsigned char)text[0]) || strlen(text) > 9)
                return 0;
        number = strtoul(text, &end, 10);
        return *end || number > max ? 0 : (unsigned)number;
}

/* All of these return what is wrong, or NULL. */
static const char *unix_parse(const char *path, unsigned kinds, struct address *address)
{
        size_t n = strlen(path);

        if (n == 0 || (path[0] != '/' && !(kinds & ADDRESS_RELATIVE)))
                return "a Unix socket is given by its absolute path, like unix:/run/x.sock";
        if (n >= UNIX_PATH_SIZE)
                return "the path of a Unix socket has at most 107 bytes";
        memcpy(address->place, path, n + 1);
        return NULL;
}

static bool is_ipv6(const char *host)
{
        char digits[INET6_ADDRSTRLEN];
        size_t n = strcspn(host, "%"); /* fe80::1%eth0: the zone is the system's to judge */
        struct in6_addr ip;

        if (n >= sizeof(digits) || (host[n] && !host[n + 1]))
                return false;
        memcpy(digits, host, n);
        digits[n] = '\0';
        return inet_pton(AF_INET6, digits, &ip) == 1;
}

static const char *host_check(const char *host, bool in_brackets)
{
        struct in_addr ip;

        if (in_brackets)
                return is_ipv6(host) ? NULL : "there is no IPv6 address in the brackets";
        if (strchr(host, ':'))
                return "an IPv6 address stands in brackets, like tcp:[::1]:1883";
        if (!host[0] || host[strspn(host, HOST_ALPHABET)] || strchr("-.", host[0]))
                return "the host is neither a name nor an address";
        if (!host[strspn(host, "0123456789.")] && inet_pton(AF_INET, host, &ip) != 1)
                return "the host is not an IPv4 address";
        return NULL;
}

static const char *tcp_parse(const char *text, struct address *address)
{
        const char *colon = strrchr(text, ':');
        bool in_brackets;
        size_t n;

        if (strncmp(text, "//", 2) == 0)
                return "there are no slashes before the host";
        if (!colon || (text[0] == '[' && text[strlen(text) - 1] == ']'))
                return "there is no port, like the 1883 in tcp:localhost:1883";
        n = (size_t)(colon - text);
        in_brackets = n >= 2 && text[0] == '[' && text[n - 1] == ']';
        if (in_brackets) {
                text++;
                n -= 2;
        }
        if (n >= sizeof(address->place))
                return "the host is too long";
        memcpy(address->place, text, n);
        address->place[n] = '\0';
        address->port = number_parse(colon + 1, 65535);
        if (address->port == 0)
                return "the port is not a number from 1 to 65535";
        return host_check(address->place, in_brackets);
}

static speed_t speed_find(const char *baud)
{
        static const struct {
                const char *baud;
                speed_t speed;
        } speeds[] = {
                {"9600", B9600},     {"19200", B19200},   {"38400", B38400},   {"57600", B57600},
                {"115200", B115200}, {"230400", B230400}, {"460800", B460800}, {"921600", B921600},
        };

        for (size_t i = 0; i < ELEMENTSOF(speeds); i++)
                if (strcmp(baud, speeds[i].baud) == 0)
                        return speeds[i].speed;
        return B0;
}

static const char *serial_parse(const char *text, struct address *address)
{
        const char *colon = strrchr(text, ':');
        size_t n = colon ? (size_t)(colon - text) : strlen(text);

        if (text[0] != '/' || n < 2)
                return "a serial line is given by its device, like serial:/dev/ttyUSB0:115200";
        if (!colon || strchr(colon, '/'))
                return "there is no baud rate, like the 115200 in serial:/dev/ttyUSB0:115200";
        if (n >= sizeof(address->place))
                return "the name of the device is too long";
        memcpy(address->place, text, n);
        address->place[n] = '\0';
        if (strpbrk(address->place, ", \t"))
                return "there are blanks or commas in the name of the device";
        address->speed = speed_find(colon + 1);
        return address->speed == B0 ? "the baud rate is not " ADDRESS_BAUDS : NULL;
}

static const char *kinds_text(unsigned kinds)
{
        switch (kinds & (ADDRESS_UNIX | ADDRESS_TCP | ADDRESS_SERIAL)) {
        case ADDRESS_UNIX | ADDRESS_TCP:
                return "it begins with neither tcp: nor unix:";
        case ADDRESS_UNIX | ADDRESS_SERIAL:
                return "it begins with neither serial: nor unix:";
        case ADDRESS_UNIX:
                return "it does not begin with unix:";
        default:
                return "it is of another kind";
        }
}

static const char *any_parse(const char *text, unsigned kinds, struct address *address)
{
        if ((kinds & ADDRESS_UNIX) && strncmp(text, "unix:", 5) == 0) {
                address->kind = ADDRESS_UNIX;
                return unix_parse(text + 5, kinds, address);
        }
        if ((kinds & ADDRESS_TCP) && strncmp(text, "tcp:", 4) == 0) {
                address->kind = ADDRESS_TCP;
                return tcp_parse(text + 4, address);
        }
        if ((kinds & ADDRESS_SERIAL) && strncmp(text, "serial:", 7) == 0) {
                address->kind = ADDRESS_SERIAL;
                return serial_parse(text + 7, address);
        }
        return kinds_text(kinds);
}

int address_parse(const char *text, unsigned kinds, struct address *ret_address,
                  const char **ret_why)
{
        struct address address = {.speed = B0};
        const char *why = any_parse(text, kinds, &address);

        if (why) {
                if (ret_why)
                        *ret_why = why;
                return -EINVAL;
        }
        *ret_address = address;
        return 0;
}

/* What udev leaves in a name: letters, digits, these, and "\x20" for anything else. */
static bool is_device_char(char c)
{
        return isascii((unsigned char)c) &&
               (isalnum((unsigned char)c) || (c && strchr("/_.:-#+=@\\", c)));
}

bool address_is_device(const char *text, size_t n_text)
{
        static const char root[] = "/dev/";

        if (n_text < sizeof(root) || n_text >= ADDRESS_PLACE_SIZE ||
            memcmp(text, root, sizeof(root) - 1) != 0 || text[n_text - 1] == '/')
                return false;
        for (size_t i = 0; i < n_text; i++) {
                size_t rest = n_text - i;

                if (!is_device_char(text[i]))
                        return false;
                /* A whole part of the path that is "..", not two dots within a name. */
                if (rest >= 3 && memcmp(text + i, "/..", 3) == 0 &&
                    (rest == 3 || text[i + 3] == '/'))
                        return false;
        }
        return true;
}

static bool is_separator(char c)
{
        return c != '\0' && strchr(ADDRESS_SEPARATORS, c);
}

bool address_is_device_list(const char *text, size_t n_text)
{
        bool any = false;

        for (size_t i = 0, n; i < n_text; i += n) {
                bool between = is_separator(text[i]);

                for (n = 1; i + n < n_text && is_separator(text[i + n]) == between; n++)
                        continue;
                if (!between && !address_is_device(text + i, n))
                        return false;
                any = any || !between;
        }
        return any;
}

bool address_is_bluetooth(const char *text, size_t n_text)
{
        if (n_text != 17)
                return false;
        for (size_t i = 0; i < n_text; i++)
                if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
                        return false;
        return true;
}

bool address_is_https(const char *text)
{
        static const char scheme[] = "https://";
        size_t n_scheme = sizeof(scheme) - 1;

        if (strncmp(text, scheme, n_scheme) != 0)
                return false;
        for (const char *c = text; *c; c++)
                if (*c <= ' ' || *c > '~' || strchr("\"\\<>#@", *c))
                        return false;
        return strcspn(text + n_scheme, "/?:") > 0;
}

static bool is_among(char c, const char *characters)
{
        return c != '\0' && strchr(characters, c);
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool address_is_nfc(const char *text, size_t n_text)
{
        size_t n_driver = 0;

        if (n_text > ADDRESS_NFC_MAX)
                return false;
        while (n_driver < n_text && is_among(text[n_driver], LOWER DIGITS "_"))
                n_driver++;
        if (n_driver == 0 || (n_driver < n_text && text[n_driver] != ':'))
                return false;
        for (size_t i = n_driver; i < n_text; i++)
                if (!is_among(text[i], LOWER UPPER DIGITS ":/_.-") ||
                    (text[i] == '.' && text[i - 1] == '.'))
                        return false;
        return true;
}
