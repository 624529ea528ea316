/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a radio is switched off by rfkill, as the kernel's sysfs says (rfkill(7), and
 * Documentation/ABI/stable/sysfs-class-rfkill). BlueZ before 5.72 does not report it.
 */

#include <stdbool.h>

#define RFKILL_DIRECTORY "/sys/class/rfkill"

/* True if a switch below @directory named like the adapter ("hci0") blocks it, softly or hard. */
bool rfkill_blocks(const char *directory, const char *adapter);
