/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The input of an enrollment: a code as text or bytes, or a picture of one. The content decides
 * which it is, not the name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/fault.h"
#include "event/event.h"

#define INPUT_CODE_MAX    32768 /* bytes; a code has at most 4,435 as text, which may be a mail's */
#define INPUT_PICTURE_MAX (128 * 1024 * 1024) /* bytes, of one that comes through a pipe */

enum {
        INPUT_E_FAULT = 1,
};

struct input {
        enum event_source source; /* a text or a file */
        int picture;              /* a descriptor of a file that is no text, or -1 */
        uint8_t *code;            /* secret */
        size_t n_code;
};

/* An input that holds nothing. */
#define INPUT_NONE ((struct input){.picture = -1})

/* Whether an argument is to be taken for a file: there is one, or no code can be meant. */
bool input_is_file(const char *argument);

/* Whether one of these arguments, none of which can be meant for a code, is a file that exists. */
bool input_are_files(char *const *words);

/*
 * From arguments, into which a shell may have split the text; from a file; from standard input. 0,
 * or INPUT_E_FAULT with @ret_fault.
 */
int input_from_words(char *const *words, struct input *ret_input, struct fault *ret_fault);
int input_from_file(const char *path, struct input *ret_input, struct fault *ret_fault);
int input_from_stdin(int fd, struct input *ret_input, struct fault *ret_fault);

/* Wipes the code, closes the picture. */
void input_done(struct input *input);
