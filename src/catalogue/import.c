/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "catalogue/line.h"
#include "catalogue/source.h"
#include "util/free.h"
#include "util/loop.h"
#include "util/time.h"

#define LINES_A_TURN 16

struct import {
        const struct catalogue *catalogue;
        const struct import_handler *handler;
        void *userdata;
        sd_event_source *turn;
        struct source file;
        size_t number; /* of the last line */
        bool joins;

        /* of this turn */
        struct store_entry entries[LINES_A_TURN];
        size_t numbers[LINES_A_TURN];
        size_t n_entries;
};

static void import_refuse(struct import *im, size_t number, const char *reference,
                          enum reason reason, const char *detail)
{
        const struct import_refusal refusal = {number, reference, reason, detail};

        im->handler->on_refused(im->userdata, &refusal);
}

static void import_take(struct import *im, const char *bytes, size_t n_bytes)
{
        char detail[CATALOGUE_DETAIL_SIZE];
        struct catalogue_offer offer;
        struct line line;
        enum reason why;

        why = line_read(bytes, n_bytes, &line, detail);
        if (why == REASON_NONE && !line.code) {
                why = REASON_CATALOGUE_MALFORMED;
        } else if (why == REASON_NONE) {
                offer = (struct catalogue_offer){
                        .reference = line.reference,
                        .code = (const uint8_t *)line.code,
                        .n_code = line.n_code,
                        .name = "",
                        .joins = im->joins,
                        .now = time_shown(time_now_usec()),
                };
                why = catalogue_check(im->catalogue, &offer, &im->entries[im->n_entries], detail);
        }
        if (why == REASON_NONE)
                im->numbers[im->n_entries++] = im->number;
        else
                import_refuse(im, im->number, line.reference, why, detail);
        line_done(&line);
}

/* What of this turn is good goes into the store. */
static void import_keep(struct import *im)
{
        enum reason reasons[LINES_A_TURN];

        catalogue_keep(im->catalogue, im->entries, im->n_entries, reasons);
        for (size_t i = 0; i < im->n_entries; i++) {
                const struct store_entry *entry = &im->entries[i];

                if (reasons[i] == REASON_NONE)
                        im->handler->on_kept(im->userdata, entry);
                else
                        import_refuse(im, im->numbers[i], entry->reference, reasons[i], "");
        }
}

static int import_on_turn(sd_event_source *source, void *userdata)
{
        struct import *im = userdata;
        const char *bytes;
        size_t n_bytes;
        bool more = true;
        int r = 0;

        im->n_entries = 0;
        for (int i = 0; more && i < LINES_A_TURN; i++) {
                more = source_next(&im->file, &bytes, &n_bytes);
                im->number += more;
                if (more && !line_is_blank(bytes, n_bytes))
                        import_take(im, bytes, n_bytes);
        }
        import_keep(im);
        if (!more && !im->file.is_whole) {
                r = source_read(&im->file);
                more = r == 0;
        }
        if (more)
                loop_rearm(source);
        else
                im->handler->on_done(im->userdata, r);
        return 0;
}

int import_new(sd_event *event, const struct catalogue *catalogue, int fd, bool joins,
               const struct import_handler *handler, void *userdata, struct import **ret_import)
{
        _defer_(import_free) struct import *im = calloc(1, sizeof(*im));
        int r, own;

        if (!im)
                return -ENOMEM;
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        r = own < 0 ? -errno : source_open(&im->file, own);
        if (r == 0)
                r = loop_arm_defer(event, &im->turn, import_on_turn, im);
        if (r != 0)
                return r;
        im->catalogue = catalogue;
        im->joins = joins;
        im->handler = handler;
        im->userdata = userdata;
        *ret_import = take(im);
        return 0;
}

struct import *import_free(struct import *import)
{
        if (!import)
                return NULL;
        loop_drop(&import->turn);
        source_done(&import->file);
        free(import);
        return NULL;
}
