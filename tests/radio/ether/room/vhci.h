/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One descriptor of /dev/vhci, the kernel's virtual HCI driver: a Bluetooth controller appears as
 * hciN while it is open, and each read or write is one H:4 packet of that controller.
 *
 * The driver's conversation begins with a packet of type 0xff (0xff, 0x00: a primary controller),
 * which it answers with 0xff, the same, and N in two bytes, least significant first. Any descriptor
 * that keeps packets apart and talks like that will do, such as a socket of type SEQPACKET.
 */

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "util/defer.h"

#define VHCI_DEVICE "/dev/vhci"

/* The longest packet that is read whole: the kernel sends ACL data of the controller's size, and
 * commands of at most 259 bytes. */
#define VHCI_PACKET_MAX 2048

struct vhci_owner {
        /* The host has said this. */
        void (*on_packet)(void *userdata, const uint8_t *packet, size_t n_packet);
        /* The host is gone, -@error tells why; nothing follows. */
        void (*on_lost)(void *userdata, int error);
};

struct vhci;

/* A descriptor for vhci_new(): that, or what the system said. */
int vhci_open(const char *path);

/*
 * Makes a controller appear. The owner is called from the loop only, and may free it there. 0,
 * -EPROTO if what is at @fd_take does not talk like the driver, or what the system said.
 */
int vhci_new(sd_event *event, int fd_take, const struct vhci_owner *owner, void *userdata,
             struct vhci **ret_vhci);

/*
 * Makes it disappear. The kernel may take seconds for that, so it is a child process that waits for
 * it; a program that does not want to collect its children ignores SIGCHLD. Takes NULL, returns
 * NULL.
 */
struct vhci *vhci_free(struct vhci *vhci);

/* Waits for all children, so that what has been freed is gone. */
void vhci_settle(void);

/* The N of hciN. */
unsigned vhci_index(const struct vhci *vhci);

/* Says something to the host. 0, -ENXIO if the host has not switched this controller on, or what
 * the system said. */
int vhci_write(struct vhci *vhci, const uint8_t *packet, size_t n_packet);

DEFINE_DEFER(struct vhci *, vhci_free);
