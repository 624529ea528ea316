/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-store [DIRECTORY]: what enrolling costs the disk.
 *
 * Enrolls 100 devices one after the other as the hub does (enroll, settle, drop the delivered
 * messages), empties the log at the end, and prints syncs per device. Compare the syncs with
 * `strace -f -c -e trace=fsync,fdatasync`; times depend on the disk and are not printed.
 */

#include <stdio.h>
#include <stdlib.h>

#include "support/disk.h"
#include "store/enrollment.h"
#include "support/store-sample.h"

#define N_DEVICES 100

static int bench_deliver(struct store *store)
{
        struct store_message m;
        int r;

        while ((r = store_outbox_next(store, 0, &m)) == 0) {
                r = store_outbox_drop(store, m.id);
                if (r)
                        return r;
        }
        return r == STORE_E_NONE ? 0 : r;
}

static int bench_enroll(struct store *store, unsigned number)
{
        struct sample s;
        int r;

        sample_init(&s, number);
        r = store_enroll(store, &s.enrollment);
        if (r)
                return r;
        r = store_settle(store, s.device.device_id, 1);
        if (r)
                return r;
        return bench_deliver(store);
}

int main(int argc, char **argv)
{
        struct store *store = NULL;
        struct disk disk;
        uint64_t at_start;
        char path[512];
        int r;

        if (argc > 1)
                (void)setenv("TMPDIR", argv[1], 1);
        sample_path(path, sizeof(path), "enrolld.db");
        disk_install(&disk);
        r = store_open(path, &store);
        at_start = disk.n_syncs;
        for (unsigned i = 1; r == 0 && i <= N_DEVICES; i++)
                r = bench_enroll(store, i);
        if (r == 0)
                r = store_forget_past(store);
        if (r == 0)
                printf("store: %.2f syncs per enrolled device, %.1f calls that change the disk "
                       "(%d devices)\n",
                       (double)(disk.n_syncs - at_start) / N_DEVICES,
                       (double)disk.n_calls / N_DEVICES, N_DEVICES);
        (void)store_free(store);
        disk_remove(&disk);
        sample_clean(path);
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
