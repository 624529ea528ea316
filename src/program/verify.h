/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What only a hub checks: its own half, both halves against each other, and a device's report.
 * Firmware does not link this.
 */

#include "program/program.h"

/* Checks a hub half as program_verify_device() checks a device half. */
enum program_error program_verify_hub(struct cbor_span half, struct program_fault *ret_fault);

/* What the steps of a hub half before the next one did: nothing at the beginning. */
struct program_order {
        bool delivered, needs_report;
};

/* Whether a step with this verb may come next: PROGRAM_OK, or what is wrong. */
enum program_error program_order_next(struct program_order *order, enum program_verb verb);

/* Whether a hub can forward this item without a report of it, because it knows it from the code. */
bool program_is_known_to_hub(unsigned item);

/* Whether the hub half forwards an item that only the recipient of the hub's settings may have. */
bool program_forwards_secret(struct cbor_span hub);

/*
 * Checks two halves that were found good one by one against each other. @configuration is the
 * code's own map of values, empty (n_bytes 0) if it has none.
 */
enum program_error program_verify_pair(struct cbor_span hub, struct cbor_span device,
                                       struct cbor_span configuration,
                                       struct program_fault *ret_fault);

/* Checks a report, a map of items, and that every text in it can be shown. */
enum program_error program_verify_report(struct cbor_span map);
