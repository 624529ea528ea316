/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Timers that run out sooner, for tests of what happens when somebody does not answer.
 *
 * A program linked with HASTE_LINKING has every relative timer divided by haste; the clock itself
 * is as always, so a timer can run out early but nothing measures a wrong time.
 */

extern unsigned haste; /* 1 unless a test sets it */
