/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The memory of a device on Linux. The two slots, and the identity that an owned device uses
 * (thermometer/identity.h), are files in a directory that one process can open at a time. A write
 * replaces the file (util/file.h).
 */

#include <stddef.h>

#include "device/slot.h"
#include "util/defer.h"

#define MEMORY_IDENTITY SLOT_COUNT /* instead of a slot's number */

struct memory;

/* Opens the directory and creates it with mode 0700 if necessary; -EBUSY if another process has it
 * open. */
int memory_open(const char *directory, struct memory **ret_memory);
struct memory *memory_free(struct memory *memory);

/* As struct slot_port asks: 0, or a negative errno. */
int memory_read(struct memory *memory, unsigned slot, void *ret_bytes, size_t n_bytes);
int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes);

/* Afterwards it reads as if it had never been written. */
int memory_remove(struct memory *memory, unsigned slot);

DEFINE_DEFER(struct memory *, memory_free);
