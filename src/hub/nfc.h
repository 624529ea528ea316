/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's NFC reader: each tap of a tag with a code is a request to enroll, and of any other tag
 * an event that says what to do. Whether there is a reader is part of the status, and a problem
 * where the settings name one.
 */

#include "hub/intake.h"

struct nfc;

/*
 * Begins to wait for taps, if the settings want that. Everything outlives it. 0 or -errno.
 */
int nfc_new(const struct job_means *means, struct intake *intake, struct nfc **ret_nfc);

/* The settings may have changed. */
void nfc_reload(struct nfc *nfc);

/* Its part of the status. */
void nfc_status(const struct nfc *nfc, struct api_status *status);

struct nfc *nfc_free(struct nfc *nfc);

DEFINE_DEFER(struct nfc *, nfc_free);
