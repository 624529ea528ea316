/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/sticker.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tag/type2.h"
#include "tag/type4.h"
#include "tool/argument.h"
#include "tool/complaint.h"
#include "util/defer.h"
#include "util/free.h"
#include "util/log.h"

extern char **environ;

/* What they hold as they come from NXP: what the capability container counts, and of an NTAG213 the
 * lock control block in front takes five bytes. */
static const struct {
        const char *name;
        size_t n_bytes;
} tags[] = {{"NTAG213", 144 - 5}, {"NTAG215", 496}, {"NTAG216", 872}};

static bool tag_holds(size_t i, size_t n_message)
{
        return TYPE2_HEAD_BYTES(n_message) + n_message <= tags[i].n_bytes;
}

const char *sticker_smallest(size_t n_code)
{
        /* flags, length of the type, of the payload, the type (NFC Forum, NDEF 1.0) */
        size_t n_message = 2 + (n_code < 256 ? 1 : 4) + strlen(NDEF_MIME_TYPE) + n_code;

        for (size_t i = 0; i < ELEMENTSOF(tags); i++)
                if (tag_holds(i, n_message))
                        return tags[i].name;
        return NULL;
}

const char *sticker_fits(size_t n_message, char *ret_text, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(tags) && n < size; i++)
                if (tag_holds(i, n_message))
                        n += (size_t)snprintf(ret_text + n, size - n, "%s, ", tags[i].name);
        if (n < size)
                (void)snprintf(ret_text + n, size - n,
                               "%sType 4 with an NDEF file of at least %zu bytes", n ? "or " : "",
                               n_message + TYPE4_HEAD_BYTES);
        return ret_text;
}

/* The message; EXIT_SUCCESS, or what the complaint returned. */
static int message_make(const struct sticker *s, const struct code *code,
                        uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message)
{
        if (s->form != NDEF_FORM_URI && s->base)
                return complaint_usage("--base goes with --record uri");
        if (ndef_make(s->form, code->bytes, code->n_bytes, s->base, message, ret_n_message) == 0)
                return EXIT_SUCCESS;
        return complaint_usage("--record uri takes --base URI, a web address like "
                               "https://example.com/start without a #");
}

int sticker_make(const struct sticker *s, const struct code *code)
{
        uint8_t message[TAG_MESSAGE_MAX], image[TAG_MESSAGE_MAX + 5];
        char fits[160];
        size_t n_message = 0, n_image;
        int r;

        r = message_make(s, code, message, &n_message);
        if (r != EXIT_SUCCESS)
                return r;
        if (!s->output && isatty(STDOUT_FILENO)) {
                explicit_bzero(message, sizeof(message));
                return complaint_usage("the message is binary; give it a file with -o FILE");
        }
        n_image = type2_image(message, n_message, image);
        r = s->memory ? argument_write(s->output, image, n_image)
                      : argument_write(s->output, message, n_message);
        explicit_bzero(message, sizeof(message));
        explicit_bzero(image, sizeof(image));
        if (r < 0)
                return complaint_file(r, s->output ? s->output : "stdout");
        log_info("a message of %zu bytes, which fits on %s", n_message,
                 sticker_fits(n_message, fits, sizeof(fits)));
        return EXIT_SUCCESS;
}

/* --- writing it --- */

/* A pipe that holds the message, whose writing end is closed. */
static int pipe_fill(const uint8_t *message, size_t n_message, int *ret_fd)
{
        _defer_(fd_close) int reading = -1;
        _defer_(fd_close) int writing = -1;
        int ends[2];
        ssize_t n;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        reading = ends[0];
        writing = ends[1];
        n = write(writing, message, n_message); /* a pipe has room for all of it */
        if (n < 0)
                return -errno;
        if ((size_t)n != n_message)
                return -EIO;
        *ret_fd = fd_take(&reading);
        return 0;
}

static int run_writer(const struct sticker *s, int fd)
{
        char seconds[16];
        char *const argv[] = {(char *)s->program,
                              (char *)"--write",
                              (char *)"--device",
                              (char *)s->reader,
                              (char *)"--seconds",
                              seconds,
                              NULL};
        posix_spawn_file_actions_t actions;
        int status, r;
        pid_t pid;

        (void)snprintf(seconds, sizeof(seconds), "%u", s->seconds);
        r = posix_spawn_file_actions_init(&actions);
        if (r == 0) {
                r = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
                if (r == 0)
                        r = posix_spawn(&pid, s->program, &actions, NULL, argv, environ);
                (void)posix_spawn_file_actions_destroy(&actions);
        }
        if (r == ENOENT) {
                log_error("there is no %s, which drives the reader; it is in the package enrolld",
                          s->program);
                return EXIT_FAILURE;
        }
        if (r != 0)
                return complaint_file(-r, s->program);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return complaint_file(-errno, s->program);
        if (!WIFEXITED(status)) {
                log_error("%s was ended by signal %d", s->program, WTERMSIG(status));
                return EXIT_FAILURE;
        }
        return WEXITSTATUS(status); /* it has said what is wrong */
}

int sticker_write(const struct sticker *s, const struct code *code)
{
        _defer_(fd_close) int fd = -1;
        uint8_t message[TAG_MESSAGE_MAX];
        char fits[160];
        size_t n_message = 0;
        int r;

        r = message_make(s, code, message, &n_message);
        if (r != EXIT_SUCCESS)
                return r;
        r = pipe_fill(message, n_message, &fd);
        explicit_bzero(message, sizeof(message));
        if (r < 0)
                return complaint_file(r, s->program);
        log_info("a message of %zu bytes, which fits on %s", n_message,
                 sticker_fits(n_message, fits, sizeof(fits)));
        return run_writer(s, fd);
}
