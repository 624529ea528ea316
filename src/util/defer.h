/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cleanup at the end of a scope, and transfer of ownership.
 *
 * A destructor is declared once with DEFINE_DEFER(type, destructor); a local that owns its object
 * is then written `_defer_(destructor) type x = NULL;`. Ownership leaves through take(x), which
 * sets x to NULL.
 */

#define _defer_(destructor) __attribute__((cleanup(destructor##_deferred)))

#define DEFINE_DEFER(type, destructor)                                                             \
        static inline void destructor##_deferred(type *p)                                          \
        {                                                                                          \
                if (*p)                                                                            \
                        (void)destructor(*p);                                                      \
        }                                                                                          \
        struct defer_semicolon_eater

#define take(pointer)                                                                              \
        ({                                                                                         \
                __typeof__(pointer) *take_p_ = &(pointer);                                         \
                __typeof__(pointer) take_v_ = *take_p_;                                            \
                *take_p_ = NULL;                                                                   \
                take_v_;                                                                           \
        })

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))
