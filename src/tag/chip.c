/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/chip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>

#include <nfc/nfc.h>

#include "util/free.h"

#define EXCHANGE_MS  1500
#define ERRORS_MAX   8          /* looks that failed one after the other */
#define PORT_CLAIMED 0x80000000 /* a flag that libnfc leaves on a serial port that is in use */

struct chip {
        nfc_context *context;
        nfc_device *device;
        int port_fd; /* locked, of a serial reader; else -1 */
        unsigned n_errors;
};

int chip_silence(void)
{
        return setenv("LIBNFC_LOG_LEVEL", "0", 1) < 0 ? -errno : 0;
}

/*
 * libnfc marks a serial port as claimed in its settings, which outlive a process that is killed;
 * then it would never open the port again. A lock says who really uses it.
 */
static int port_claim(const char *device, int *ret_fd)
{
        const char *colon = strchr(device, ':');
        _defer_(fd_close) int fd = -1;
        struct termios settings;

        *ret_fd = -1;
        if (!colon || strncmp(colon + 1, "/dev/", 5) != 0)
                return 0;
        {
                _defer_(free) char *path = strdup(colon + 1);

                if (!path)
                        return -ENOMEM;
                path[strcspn(path, ":")] = '\0'; /* the speed follows */
                fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        }
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return CHIP_E_MISSING;
        if (tcgetattr(fd, &settings) == 0 && settings.c_iflag & PORT_CLAIMED) {
                settings.c_iflag &= ~(tcflag_t)PORT_CLAIMED;
                (void)tcsetattr(fd, TCSANOW, &settings);
        }
        *ret_fd = fd_take(&fd);
        return 0;
}

/* The first that is there without disturbing what else may be at a serial port. */
static nfc_device *device_open(nfc_context *context, const char *device)
{
        nfc_connstring name = {0};

        if (device[0] && strlen(device) < sizeof(name))
                memcpy(name, device, strlen(device));
        else if (nfc_list_devices(context, &name, 1) == 0)
                return NULL;
        return nfc_open(context, name);
}

int chip_open(const char *device, struct chip **ret_chip)
{
        _defer_(chip_close) struct chip *chip = calloc(1, sizeof(*chip));
        int r;

        if (!chip)
                return -ENOMEM;
        r = port_claim(device, &chip->port_fd);
        if (r != 0)
                return r;
        nfc_init(&chip->context);
        if (!chip->context)
                return -ENOMEM;
        chip->device = device_open(chip->context, device);
        if (!chip->device || nfc_initiator_init(chip->device) < 0 ||
            nfc_device_set_property_bool(chip->device, NP_INFINITE_SELECT, false) < 0 ||
            nfc_device_set_property_bool(chip->device, NP_ACTIVATE_FIELD, false) < 0)
                return CHIP_E_MISSING;
        *ret_chip = take(chip);
        return 0;
}

struct chip *chip_close(struct chip *chip)
{
        if (!chip)
                return NULL;
        if (chip->device)
                nfc_close(chip->device);
        if (chip->context)
                nfc_exit(chip->context);
        (void)fd_close(chip->port_fd);
        free(chip);
        return NULL;
}

const char *chip_name(const struct chip *chip)
{
        return nfc_device_get_name(chip->device);
}

void chip_rest(struct chip *chip)
{
        (void)nfc_device_set_property_bool(chip->device, NP_ACTIVATE_FIELD, false);
}

static int look(struct chip *chip, nfc_target *ret_target)
{
        const nfc_modulation modulation = {.nmt = NMT_ISO14443A, .nbr = NBR_106};
        int r;

        r = nfc_device_set_property_bool(chip->device, NP_ACTIVATE_FIELD, false);
        if (r == 0)
                r = nfc_device_set_property_bool(chip->device, NP_ACTIVATE_FIELD, true);
        if (r == 0)
                r = nfc_initiator_select_passive_target(chip->device, modulation, NULL, 0,
                                                        ret_target);
        if (r <= 0)
                chip_rest(chip);
        return r;
}

int chip_look(struct chip *chip, struct chip_target *ret_target)
{
        nfc_target target;
        int r;

        memset(&target, 0, sizeof(target));
        r = look(chip, &target);
        if (r == NFC_EIO || r == NFC_ENOTSUCHDEV)
                return -EIO;
        if (r < 0)
                return ++chip->n_errors >= ERRORS_MAX ? -EIO : 0;
        chip->n_errors = 0;
        if (r == 0 || target.nti.nai.szUidLen > PRESENCE_UID_MAX)
                return 0;
        ret_target->kind = tag_kind_of(target.nti.nai.btSak);
        ret_target->n_uid = target.nti.nai.szUidLen;
        memcpy(ret_target->uid, target.nti.nai.abtUid, ret_target->n_uid);
        return 1;
}

static int chip_on_exchange(void *userdata, const uint8_t *command, size_t n_command,
                            uint8_t *answer, size_t size, size_t *ret_n_answer)
{
        struct chip *chip = userdata;
        int r = nfc_initiator_transceive_bytes(chip->device, command, n_command, answer, size,
                                               EXCHANGE_MS);

        if (r == NFC_EIO || r == NFC_ENOTSUCHDEV)
                return -EIO;
        if (r < 0 || (size_t)r > size)
                return TAG_SILENT;
        *ret_n_answer = (size_t)r;
        return 0;
}

struct air chip_air(struct chip *chip)
{
        return (struct air){chip_on_exchange, chip};
}
