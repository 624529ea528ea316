/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The memory of a device on Linux: the two slots are files of a directory, which one process has at
 * a time, and so is the identity that an owned device works with (device/identity.h). A write is a
 * new file that takes the old one's name once it is on the disk.
 */

#include <stddef.h>

#include "device/slot.h"
#include "util/defer.h"

#define MEMORY_IDENTITY SLOT_COUNT /* in place of a slot's number */

struct memory;

/* Opens the directory, which is made with mode 0700 if there is none; -EBUSY if another process
 * has it. */
int memory_open(const char *directory, struct memory **ret_memory);
struct memory *memory_free(struct memory *memory);

/* As struct slot_port asks: 0, or a negative errno. */
int memory_read(struct memory *memory, unsigned slot, void *ret_bytes, size_t n_bytes);
int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes);

/* It was never written then. */
int memory_remove(struct memory *memory, unsigned slot);

DEFINE_DEFER(struct memory *, memory_free);
