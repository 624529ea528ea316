/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The memory of a device on Linux: the two slots are files of a directory, which one process has at
 * a time. A write is a new file that takes the old one's name once it is on the disk.
 */

#include <stddef.h>

#include "util/defer.h"

struct memory;

/* Opens the directory, which is made with mode 0700 if there is none; -EBUSY if another process
 * has it. */
int memory_open(const char *directory, struct memory **ret_memory);
struct memory *memory_free(struct memory *memory);

/* As struct slot_port asks: 0, or a negative errno. */
int memory_read(struct memory *memory, unsigned slot, void *ret_bytes, size_t n_bytes);
int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes);

DEFINE_DEFER(struct memory *, memory_free);
