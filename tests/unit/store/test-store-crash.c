/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The store when its process dies, the power goes or the disk fails at any call that changes the
 * disk: afterwards one of two neighbouring states is there, never a mixture.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/enrollment.h"
#include "store/removal.h"
#include "support/disk.h"
#include "support/store-sample.h"
#include "util/defer.h"

#define PICTURE_SIZE 4096
#define CALLS_MAX    500 /* far above what the story below needs */

/* One device, enrolled and settled, is there before. Then this happens. */
enum stage {
        NOTHING_YET = 0,
        SECOND_ENROLLED,
        FIRST_ENROLLED_AGAIN,
        FIRST_SETTLED,
        PAST_FORGOTTEN,
        MESSAGE_DROPPED,
        SECOND_REMOVED,
        FIRST_REPLACED,
        N_STAGES,
};

/* The newest stage that a power cut cannot take back once the given one has returned. */
static const enum stage durable[N_STAGES] = {
        [NOTHING_YET] = NOTHING_YET,
        [SECOND_ENROLLED] = SECOND_ENROLLED,
        [FIRST_ENROLLED_AGAIN] = FIRST_ENROLLED_AGAIN,
        [FIRST_SETTLED] = FIRST_ENROLLED_AGAIN,
        [PAST_FORGOTTEN] = PAST_FORGOTTEN,
        [MESSAGE_DROPPED] = PAST_FORGOTTEN,
        [SECOND_REMOVED] = SECOND_REMOVED,
        [FIRST_REPLACED] = FIRST_REPLACED,
};

struct story {
        char path[512];
        struct sample first, second, third;
        char pictures[N_STAGES][PICTURE_SIZE]; /* what the store shows after each stage */
};

static int stage_run(struct story *t, struct store *store, enum stage stage)
{
        switch (stage) {
        case SECOND_ENROLLED:
                return store_enroll(store, &t->second.enrollment);
        case FIRST_ENROLLED_AGAIN:
                return store_enroll(store, &t->first.enrollment);
        case FIRST_SETTLED:
                return store_settle(store, t->first.device.device_id,
                                    t->first.device.ownership.epoch);
        case PAST_FORGOTTEN:
                return store_forget_past(store);
        case MESSAGE_DROPPED:
                return store_outbox_drop(store, 1);
        case SECOND_REMOVED:
                return store_remove(store, t->second.device.device_id, &t->second.messages[1], 1);
        case FIRST_REPLACED:
                return store_enroll(store, &t->third.enrollment);
        case NOTHING_YET:
        case N_STAGES:
                break;
        }
        return 0;
}

struct painter {
        struct store *store;
        char *picture;
        size_t n;
};

#define PAINT(p, ...)                                                                              \
        ((p)->n += (size_t)snprintf((p)->picture + (p)->n, PICTURE_SIZE - (p)->n, __VA_ARGS__))

static int paint_device(void *userdata, const struct store_device *d)
{
        struct painter *p = userdata;
        struct store_channel channels[4];
        size_t n_channels;

        assert_int_equal(store_channels(p->store, d->device_id, 4, channels, &n_channels), 0);
        PAINT(p, "%s (%d, known as %d) epoch %u settled %d resume %zu config %zu:", d->name,
              d->device_id[0], d->known_as[0], d->ownership.epoch, d->ownership.settled,
              d->ownership.n_resume, d->n_config);
        for (size_t i = 0; i < n_channels; i++)
                PAINT(p, " %s", channels[i].leaf);
        PAINT(p, "\n");
        return 0;
}

static void paint(struct story *t, struct store *store, char picture[PICTURE_SIZE])
{
        struct painter p = {.store = store, .picture = picture};
        struct store_message m = {.id = 0};
        uint32_t counter;

        assert_int_equal(store_each_device(store, paint_device, &p), 0);
        while (store_outbox_next(store, m.id, &m) == 0)
                PAINT(&p, "%d %s %zu\n", (int)m.id, m.topic, m.n_payload);
        assert_int_equal(store_counter_get(store, t->first.counter.kid, "thermo-one", &counter), 0);
        PAINT(&p, "counter %u\n", counter);
        assert_true(p.n < PICTURE_SIZE);
}

/* The store as it is before the story. */
static void story_begin(struct story *t)
{
        struct store *store = NULL;

        sample_path(t->path, sizeof(t->path), "enrolld.db");
        sample_init(&t->first, 1);
        sample_init(&t->second, 2);
        sample_init(&t->third, 3);
        memcpy(t->third.device.name, t->first.device.name, sizeof(t->third.device.name));
        t->third.enrollment.counter = NULL;
        t->third.enrollment.replaces = t->first.device.device_id;
        assert_int_equal(store_open(t->path, &store), 0);
        assert_int_equal(store_enroll(store, &t->first.enrollment), 0);
        assert_int_equal(store_settle(store, t->first.device.device_id, 1), 0);
        (void)store_free(store);

        t->first.device.ownership.epoch = 2;
        t->first.device.n_config = STORE_CONFIG_MAX; /* needs overflow pages */
        t->first.counter.value = 7;
        t->first.enrollment.n_channels = 1;
}

static void story_learn_pictures(struct story *t)
{
        struct store *store = NULL;

        story_begin(t);
        assert_int_equal(store_open(t->path, &store), 0);
        for (enum stage s = NOTHING_YET; s < N_STAGES; s++) {
                assert_int_equal(stage_run(t, store, s), 0);
                paint(t, store, t->pictures[s]);
                if (s == PAST_FORGOTTEN) { /* the one that changes nothing that the store shows */
                        assert_string_equal(t->pictures[s - 1], t->pictures[s]);
                        continue;
                }
                for (enum stage before = NOTHING_YET; before < s; before++)
                        assert_string_not_equal(t->pictures[before], t->pictures[s]);
        }
        (void)store_free(store);
        sample_clean(t->path);
}

/* The child: tells how far it came, one byte per stage, until the disk ends it. */
static void story_tell(struct story *t, const struct disk *plan, int pipe_fd)
{
        struct store *store = NULL;
        struct disk disk;

        disk_install(&disk);
        disk.fault = plan->fault;
        disk.at_call = plan->at_call;
        disk.seed = plan->seed;
        if (store_open(t->path, &store))
                _exit(1);
        for (enum stage s = SECOND_ENROLLED; s < N_STAGES; s++) {
                if (stage_run(t, store, s))
                        _exit(2);
                if (write(pipe_fd, "", 1) != 1)
                        _exit(3);
        }
        (void)store_free(store);
        _exit(0);
}

/* Lets a child tell the story on the planned disk. Its exit code, and the last stage it finished.
 */
static int story_run(struct story *t, const struct disk *plan, enum stage *ret_stage)
{
        int fds[2], status = 0;
        char byte;
        pid_t child;

        assert_int_equal(pipe(fds), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
                story_tell(t, plan, fds[1]);
        assert_int_equal(close(fds[1]), 0);
        *ret_stage = NOTHING_YET;
        while (read(fds[0], &byte, 1) == 1)
                (*ret_stage)++;
        assert_int_equal(close(fds[0]), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void assert_one_of(const struct story *t, const char *picture, enum stage from,
                          enum stage to)
{
        for (enum stage s = from; s <= to && s < N_STAGES; s++)
                if (strcmp(picture, t->pictures[s]) == 0)
                        return;
        print_error("after stage %d, before %d:\n%s", from, to, picture);
        fail();
}

static void crash_everywhere(struct story *t, enum disk_fault fault, unsigned seed)
{
        struct disk plan = {.fault = fault, .seed = seed};
        int exit_code = DISK_EXIT_CODE;

        for (plan.at_call = 1; exit_code == DISK_EXIT_CODE; plan.at_call++) {
                char picture[PICTURE_SIZE];
                struct store *store = NULL;
                enum stage stage;

                assert_true(plan.at_call < CALLS_MAX);
                story_begin(t);
                exit_code = story_run(t, &plan, &stage);
                assert_true(exit_code == DISK_EXIT_CODE || exit_code == 0);
                assert_int_equal(store_open(t->path, &store), 0);
                paint(t, store, picture);
                (void)store_free(store);
                assert_one_of(t, picture, fault == DISK_KILL ? stage : durable[stage], stage + 1);
                sample_clean(t->path);
        }
        assert_true(plan.at_call > 20); /* the story does change the disk */
}

static void test_store_killed_at_any_call_is_old_or_new(void **state)
{
        struct story t;

        (void)state;
        story_learn_pictures(&t);
        crash_everywhere(&t, DISK_KILL, 0);
}

static void test_store_power_cut_at_any_call_keeps_what_was_promised(void **state)
{
        struct story t;

        (void)state;
        story_learn_pictures(&t);
        crash_everywhere(&t, DISK_POWER_CUT, 0);
}

static void test_store_torn_writes_at_any_call_keep_what_was_promised(void **state)
{
        struct story t;

        (void)state;
        story_learn_pictures(&t);
        for (unsigned seed = 1; seed <= 3; seed++)
                crash_everywhere(&t, DISK_TORN, seed);
}

/* Tells the story on a disk that fails; false when it came to its end. */
static bool fail_at(struct story *t, enum disk_fault fault, int code, uint64_t at_call)
{
        char picture[PICTURE_SIZE];
        struct store *store = NULL;
        enum stage s = NOTHING_YET;
        struct disk disk;
        int r = 0;

        story_begin(t);
        disk_install(&disk);
        disk.fault = fault;
        disk.code = code;
        disk.at_call = at_call;
        if (store_open(t->path, &store) == 0)
                for (s = SECOND_ENROLLED; r == 0 && s < N_STAGES; s++)
                        r = stage_run(t, store, s);
        disk.fault = DISK_KEEPS_WORKING;
        if (r) {
                /* The failed stage shows no trace, and works when the disk does. */
                assert_true(r < 0);
                assert_int_not_equal(store_reason(r), REASON_NONE);
                s--;
                paint(t, store, picture);
                assert_string_equal(picture, t->pictures[s - 1]);
                assert_int_equal(stage_run(t, store, s), 0);
                paint(t, store, picture);
                assert_string_equal(picture, t->pictures[s]);
        }
        store = store_free(store);
        disk_remove(&disk);
        if (s > NOTHING_YET) {
                assert_int_equal(store_open(t->path, &store), 0);
                paint(t, store, picture);
                assert_string_equal(picture, t->pictures[r ? s : N_STAGES - 1]);
                (void)store_free(store);
        }
        sample_clean(t->path);
        return disk.n_calls >= at_call;
}

static void test_store_failing_disk_at_any_call_changes_nothing(void **state)
{
        static const struct {
                enum disk_fault fault;
                int code;
        } cases[] = {
                {DISK_FAIL_ONCE, SQLITE_FULL},
                {DISK_FAIL, SQLITE_FULL},
                {DISK_FAIL_ONCE, SQLITE_IOERR_WRITE},
                {DISK_FAIL, SQLITE_IOERR_FSYNC},
        };
        struct story t;

        (void)state;
        story_learn_pictures(&t);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t at_call = 1;

                while (fail_at(&t, cases[i].fault, cases[i].code, at_call))
                        assert_true(++at_call < CALLS_MAX);
                assert_true(at_call > 20);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_store_killed_at_any_call_is_old_or_new),
                cmocka_unit_test(test_store_power_cut_at_any_call_keeps_what_was_promised),
                cmocka_unit_test(test_store_torn_writes_at_any_call_keep_what_was_promised),
                cmocka_unit_test(test_store_failing_disk_at_any_call_changes_nothing),
        };

        /* The power is cut in this program, so the syncs need not reach a real disk. */
        if (access("/dev/shm", W_OK) == 0)
                (void)setenv("TMPDIR", "/dev/shm", 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
