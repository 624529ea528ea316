/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/input.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code/reference.h"
#include "read/format.h"
#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"

#define TERMINAL_LINE_MAX 4095 /* bytes before the line feed, termios(3) */
#define NAMED_MAX         64   /* bytes; a longer name of a file may be a code, which is a secret */

void input_done(struct input *input)
{
        if (input->code)
                explicit_bzero(input->code, input->n_code);
        free(input->code);
        input->picture = fd_close(input->picture);
        *input = INPUT_NONE;
}

/*
 * What begins as a picture or a document, and what is too long for a code and no text: the daemon's
 * reader says what it is where it cannot read it.
 */
static bool is_picture(const uint8_t *bytes, size_t n)
{
        return format_of(bytes, n) != FORMAT_OTHER || (n > INPUT_CODE_MAX && memchr(bytes, 0, n));
}

/* The daemon's reader needs a file that it can map and seek in; a pipe is copied to one. */
static int copy_to_memory(int fd, const uint8_t *begin, size_t n_begin, int *ret_memory)
{
        _defer_(fd_close) int memory = memfd_create("picture", MFD_CLOEXEC);
        size_t total = n_begin;
        uint8_t block[16384];
        ssize_t n;
        int r;

        r = memory < 0 ? -errno : file_write_fd(memory, begin, n_begin);
        while (r == 0 && (n = file_read_fd(fd, block, sizeof(block))) != 0) {
                total += n < 0 ? 0 : (size_t)n;
                r = n < 0                       ? (int)n
                    : total > INPUT_PICTURE_MAX ? -EFBIG
                                                : file_write_fd(memory, block, (size_t)n);
        }
        if (r < 0)
                return r;
        if (lseek(memory, 0, SEEK_SET) < 0)
                return -errno;
        *ret_memory = fd_take(&memory);
        return 0;
}

/* Takes @fd over if it is a picture's file. */
static int read_input(int *fd, struct input *ret_input)
{
        struct input input = {.source = EVENT_SOURCE_FILE, .picture = -1};
        struct stat st;
        ssize_t n;
        int r = 0;

        if (fstat(*fd, &st) < 0)
                return -errno;
        input.code = malloc(INPUT_CODE_MAX + 1);
        if (!input.code)
                return -ENOMEM;
        n = file_read_fd(*fd, input.code, INPUT_CODE_MAX + 1);
        input.n_code = n < 0 ? 0 : (size_t)n;
        if (n < 0) {
                r = (int)n;
        } else if (is_picture(input.code, input.n_code)) {
                if (S_ISREG(st.st_mode))
                        input.picture = lseek(*fd, 0, SEEK_SET) < 0 ? -1 : fd_take(fd);
                else
                        r = copy_to_memory(*fd, input.code, input.n_code, &input.picture);
        } else if (n == 0 || n > INPUT_CODE_MAX) {
                r = n == 0 ? -ENODATA : -EFBIG;
        }
        if (r < 0) {
                input_done(&input);
                return r;
        }
        *ret_input = input;
        return 0;
}

/* A prefix of any form and version, in either case (doc/code.md, section 1). */
static bool has_prefix(const char *text)
{
        for (const char *at = strcasestr(text, "enr"); at; at = strcasestr(at + 1, "enr"))
                if (isdigit((unsigned char)at[3]))
                        return true;
        return false;
}

/* A number that names a code, mistyped or not. */
static bool is_reference(const char *text)
{
        char canonical[REFERENCE_SIZE];

        return reference_read((const uint8_t *)text, strlen(text), canonical) != REFERENCE_OTHER;
}

bool input_is_file(const char *argument)
{
        return argument[0] &&
               (access(argument, F_OK) == 0 || (!has_prefix(argument) && !is_reference(argument)));
}

bool input_are_files(char *const *words)
{
        bool exists = false;

        for (size_t i = 0; words[i]; i++) {
                if (!input_is_file(words[i]))
                        return false;
                exists = exists || access(words[i], F_OK) == 0;
        }
        return exists;
}

int input_from_words(char *const *words, struct input *ret_input, struct fault *ret_fault)
{
        struct input input = {.source = EVENT_SOURCE_TEXT, .picture = -1};
        size_t n_max = 0;

        for (size_t i = 0; words[i]; i++)
                n_max += strlen(words[i]) + 1;
        input.code = malloc(n_max + 1);
        if (!input.code || n_max <= 1) {
                free(input.code);
                fault_input(ret_fault, "the argument", n_max <= 1 ? -ENODATA : -ENOMEM);
                return INPUT_E_FAULT;
        }
        for (size_t i = 0; words[i]; i++) {
                size_t n = strlen(words[i]);

                if (i > 0)
                        input.code[input.n_code++] = ' ';
                memcpy(input.code + input.n_code, words[i], n);
                input.n_code += n;
        }
        *ret_input = input;
        return 0;
}

int input_from_file(const char *path, struct input *ret_input, struct fault *ret_fault)
{
        _defer_(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        int r = fd < 0 ? -errno : read_input(&fd, ret_input);

        if (r >= 0)
                return 0;
        fault_input(ret_fault,
                    !path[0]                    ? "a file without a name"
                    : strlen(path) <= NAMED_MAX ? path
                                                : "the file",
                    r);
        return INPUT_E_FAULT;
}

/* Whether a line of this text is as long as a terminal allows; it drops what follows. */
static bool has_cut_line(const struct input *input)
{
        size_t n_line = 0;

        for (size_t i = 0; i < input->n_code; i++) {
                n_line = input->code[i] == '\n' ? 0 : n_line + 1;
                if (n_line >= TERMINAL_LINE_MAX)
                        return true;
        }
        return false;
}

int input_from_stdin(int fd, struct input *ret_input, struct fault *ret_fault)
{
        _defer_(fd_close) int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        int r = copy < 0 ? -errno : read_input(&copy, ret_input);

        if (r >= 0 && isatty(fd) && has_cut_line(ret_input)) {
                input_done(ret_input);
                r = -EMSGSIZE;
        }
        if (r >= 0) {
                ret_input->source = EVENT_SOURCE_TEXT;
                return 0;
        }
        fault_input(ret_fault, "standard input", r);
        return INPUT_E_FAULT;
}
