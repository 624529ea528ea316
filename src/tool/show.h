/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Everything a code holds, for people and as JSON (doc/source.md, "Showing a code"). */

#include <stdbool.h>
#include <stdio.h>

#include "code/code.h"

struct show {
        struct code code;
        char issuer_name[ISSUER_NAME_MAX + 1]; /* empty unless the issuer is trusted */
        bool secret;                           /* print S too */
};

/*
 * Takes a code apart, whether or not its signature is good. The refusals of code_unpack(). If the
 * payload cannot be parsed: the refusal of the signature, else REASON_CODE_MALFORMED, both with
 * code.detail unless the code was altered; or REASON_CODE_FORMAT_NEWER, if it was not. show_done()
 * in either case.
 */
enum reason show_open(struct show *show, const uint8_t *input, size_t n_input,
                      const struct issuers *issuers);
void show_done(struct show *show);

/* Whether its issuer is known and did not sign it. */
bool show_is_wrong(const struct show *show);

/* 0 or -EIO, -ENOMEM. */
int show_write_text(const struct show *show, FILE *file);
int show_write_json(const struct show *show, FILE *file);
