/* SPDX-License-Identifier: Apache-2.0 */

#include "support/fake-evdev.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/input.h>

#include <cmocka.h>

struct fake_evdev fake_evdev;

static void set_bit(uint8_t *bits, size_t n_bits, unsigned bit)
{
        if (bit / 8 < n_bits)
                bits[bit / 8] |= (uint8_t)(1 << bit % 8);
}

/* Answers with the bits of a type, or of which types there are; of an unknown request with zeros.
 */
static int answer(unsigned long request, uint8_t *data, size_t size)
{
        static const struct input_id id = {.bustype = BUS_VIRTUAL};

        memset(data, 0, size);
        switch (_IOC_NR(request)) {
        case _IOC_NR(EVIOCGVERSION):
                memcpy(data, &(int){EV_VERSION}, sizeof(int));
                return 0;
        case _IOC_NR(EVIOCGID):
                memcpy(data, &id, sizeof(id));
                return 0;
        case _IOC_NR(EVIOCGNAME(0)):
                memcpy(data, FAKE_EVDEV_NAME, sizeof(FAKE_EVDEV_NAME));
                return sizeof(FAKE_EVDEV_NAME);
        case _IOC_NR(EVIOCGPHYS(0)):
        case _IOC_NR(EVIOCGUNIQ(0)):
                errno = ENOENT;
                return -1;
        case _IOC_NR(EVIOCGBIT(0, 0)):
                set_bit(data, size, EV_KEY);
                break;
        case _IOC_NR(EVIOCGBIT(EV_KEY, 0)):
                set_bit(data, size, KEY_PROG1);
                set_bit(data, size, KEY_A);
                break;
        case _IOC_NR(EVIOCGKEY(0)):
                if (fake_evdev.is_held)
                        set_bit(data, size, KEY_PROG1);
                break;
        default:
                break;
        }
        return (int)size;
}

/* In place of the C library's, for libevdev as well. */
int ioctl(int fd, unsigned long request, ...)
{
        va_list arguments;
        struct stat st;
        void *data;

        va_start(arguments, request);
        data = va_arg(arguments, void *);
        va_end(arguments);
        if (_IOC_TYPE(request) != 'E' || fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
                return (int)syscall(SYS_ioctl, fd, request, data);
        if (fake_evdev.is_none) {
                errno = ENOTTY;
                return -1;
        }
        return _IOC_DIR(request) & _IOC_READ ? answer(request, data, _IOC_SIZE(request)) : 0;
}

int fake_evdev_open(const char *path)
{
        int end;

        assert_int_equal(mkfifo(path, 0600), 0);
        end = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        assert_true(end >= 0);
        return end;
}

void fake_evdev_say(int end, uint16_t type, uint16_t code, int value, uint64_t ms)
{
        const struct input_event events[] = {
                {.input_event_sec = (time_t)(ms / 1000),
                 .input_event_usec = (suseconds_t)(ms % 1000 * 1000),
                 .type = type,
                 .code = code,
                 .value = value},
                {.input_event_sec = (time_t)(ms / 1000),
                 .input_event_usec = (suseconds_t)(ms % 1000 * 1000),
                 .type = EV_SYN,
                 .code = SYN_REPORT},
        };
        size_t n = type == EV_SYN ? sizeof(events[0]) : sizeof(events);

        assert_int_equal(write(end, events, n), n);
}
