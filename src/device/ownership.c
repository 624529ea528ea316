/* SPDX-License-Identifier: Apache-2.0 */

/*
 * moves[] is the table of doc/protocol.md section 6, and ownership_move() the only function that
 * changes the state: it writes the record, and afterwards the state is what the memory says.
 * handlers[] has what the device does for each verb of its half.
 */

#include "device/ownership.h"

#include <string.h>

#include "wire/crypto.h"

#define RECORD_HEAD offsetof(struct ownership_record, half)
#define RECORD_KEPT offsetof(struct ownership_record, n_half)
#define FUSED       0x80 /* a flag of the record, for good */
#define BROKEN      0xff /* a state that the memory never says: the memory does not work */

enum event {
        STAGED,    /* the half ran to its end */
        COMMITTED, /* the hub has its row */
        DROPPED,   /* FAIL, the fail-safe timer, or something new is staged */
        RESET,
};

/* clang-format off */
static const struct move {
        uint8_t state, event, next;
} moves[] = {
        { MESSAGE_STATE_FACTORY, STAGED,    MESSAGE_STATE_PENDING },
        { MESSAGE_STATE_PENDING, COMMITTED, MESSAGE_STATE_OWNED },
        { MESSAGE_STATE_PENDING, DROPPED,   MESSAGE_STATE_FACTORY },
        { MESSAGE_STATE_FACTORY, RESET,     MESSAGE_STATE_FACTORY },
        { MESSAGE_STATE_PENDING, RESET,     MESSAGE_STATE_FACTORY },
        { MESSAGE_STATE_OWNED,   RESET,     MESSAGE_STATE_FACTORY },
};
/* clang-format on */

static struct cbor_span record_half(const struct ownership_record *record)
{
        return (struct cbor_span){record->half, record->n_half};
}

static struct cbor_span record_values(const struct ownership_record *record)
{
        return (struct cbor_span){record->half + record->n_half, record->n_values};
}

/* Leaves what is kept over FACTORY: the place in memory, the epoch, and that the fuse has blown. */
static void record_clear(struct ownership_record *record)
{
        uint8_t fused = record->flags & FUSED;

        crypto_wipe((uint8_t *)record + RECORD_KEPT, sizeof(*record) - RECORD_KEPT);
        record->flags = fused;
}

static int ownership_require(struct ownership *o, struct program_step *step)
{
        struct value value;
        unsigned parameter;

        while (program_next_number(step, &parameter))
                if (!value_find(record_values(&o->record), parameter, &value))
                        return MESSAGE_FAILURE_PARAMETER;
        return 0;
}

/* One that fails in the middle has set something, which must be undone. */
static int ownership_set(struct ownership *o, struct program_step *step)
{
        struct cbor_span values = record_values(&o->record);
        struct value value;
        enum program_next next;
        unsigned parameter;

        o->n_done = (uint8_t)(step->index + 1);
        while ((next = program_next_pair(step, values, &parameter, &value)) == PROGRAM_PAIR)
                if (o->port->set(o->board, parameter, &value) != 0)
                        return MESSAGE_FAILURE_STEP;
        return next == PROGRAM_END ? 0 : MESSAGE_FAILURE_PARAMETER;
}

static void ownership_unset(struct ownership *o, struct program_step *step)
{
        struct program_operand operand;
        unsigned parameter;

        while (program_next_operand(step, &parameter, &operand))
                o->port->unset(o->board, parameter);
}

/* One that fails has done nothing. */
static int ownership_call(struct ownership *o, struct program_step *step)
{
        struct ownership_argument arguments[OWNERSHIP_CALL_ARGUMENTS];
        struct cbor_span values = record_values(&o->record);
        struct value value;
        enum program_next next;
        unsigned number;
        size_t n = 0;
        int r;

        while ((next = program_next_pair(step, values, &number, &value)) == PROGRAM_PAIR &&
               n < OWNERSHIP_CALL_ARGUMENTS) {
                arguments[n].number = (uint8_t)number;
                arguments[n++].value = value;
        }
        if (next != PROGRAM_END)
                return MESSAGE_FAILURE_PARAMETER;
        r = o->port->call(o->board, step->number, arguments, n);
        return r == 0 ? 0 : r == BOARD_E_UNKNOWN ? MESSAGE_FAILURE_FUNCTION : MESSAGE_FAILURE_STEP;
}

static void ownership_uncall(struct ownership *o, struct program_step *step)
{
        o->port->undo(o->board, step->number);
}

static int ownership_item(const struct ownership *o, unsigned item, struct value *ret_value)
{
        ret_value->kind = VALUE_BYTES;
        if (item == PROGRAM_ITEM_PUBLIC_KEY) {
                ret_value->span = (struct cbor_span){o->public_key, 32};
                return 0;
        }
        if (item == PROGRAM_ITEM_IDENTITY) {
                ret_value->span = (struct cbor_span){o->device_id, 16};
                return 0;
        }
        return o->port->item(o->board, item, ret_value);
}

/* Notes what the report will hold, and that the board has it. */
static int ownership_note_items(struct ownership *o, struct program_step *step)
{
        struct value value;
        unsigned item;

        while (program_next_number(step, &item)) {
                if (ownership_item(o, item, &value) != 0)
                        return MESSAGE_FAILURE_STEP;
                o->items[item / 8] |= (uint8_t)(1 << item % 8);
        }
        return 0;
}

/* Notes what is in force from the commit on. */
static int ownership_note_flags(struct ownership *o, struct program_step *step)
{
        o->record.flags |= (uint8_t)step->number;
        return 0;
}

/* Every verb of a device half but sync, at which ownership_run() stops. */
/* clang-format off */
static const struct handler {
        uint8_t verb; /* enum program_verb */
        /* 0, or an enum message_failure */
        int (*run)(struct ownership *o, struct program_step *step);
        /* NULL: there is nothing to undo, and nothing to do again after a start */
        void (*undo)(struct ownership *o, struct program_step *step);
} handlers[] = {
        { PROGRAM_REQUIRE, ownership_require,    NULL },
        { PROGRAM_SET,     ownership_set,        ownership_unset },
        { PROGRAM_CALL,    ownership_call,       ownership_uncall },
        { PROGRAM_REPORT,  ownership_note_items, NULL },
        { PROGRAM_FINISH,  ownership_note_flags, NULL },
};
/* clang-format on */

static const struct handler *handler_find(enum program_verb verb)
{
        const struct handler *handler = handlers;

        while (handler->verb != verb)
                if (++handler == handlers + sizeof(handlers) / sizeof(handlers[0]))
                        return NULL;
        return handler;
}

enum pass {
        RUN,   /* for the first time */
        AGAIN, /* after a start */
        UNDO,
};

/* 0, or an enum message_failure. */
static int ownership_step(struct ownership *o, struct program_step *step, enum pass pass)
{
        const struct handler *handler = handler_find(step->verb);
        int failure;

        if (!handler)
                return MESSAGE_FAILURE_HALF;
        if (pass != RUN && !handler->undo)
                return 0;
        if (pass == UNDO) {
                handler->undo(o, step);
                return 0;
        }
        failure = handler->run(o, step);
        if (failure == 0)
                o->n_done = (uint8_t)(step->index + 1);
        return failure;
}

/* Undoes the first n_done steps, last first. */
static void ownership_undo(struct ownership *o)
{
        struct program_step step;

        for (; o->n_done > 0; o->n_done--)
                if (program_step_at(record_half(&o->record), o->n_done - 1U, &step))
                        (void)ownership_step(o, &step, UNDO);
}

bool ownership_has_erased(const struct ownership *o)
{
        return o->record.flags & FUSED ||
               (o->record.state == MESSAGE_STATE_OWNED && o->record.flags & PROGRAM_FINISH_ERASE);
}

/* What a half asks for at its end is in force from the commit on. A board that fails now gets the
 * same calls again at the next start. */
static void ownership_finish(struct ownership *o)
{
        if (ownership_has_erased(o))
                (void)o->port->erase(o->board);
        if (o->record.flags & FUSED)
                (void)o->port->fuse(o->board);
}

/*
 * After a start: does again what the record says. A step that fails now did work when it was
 * staged; the device goes on without it, because it is owned all the same.
 */
static void ownership_apply(struct ownership *o)
{
        struct program_step step;

        program_run_init(&o->run, record_half(&o->record));
        while (program_run_next(&o->run, &step))
                (void)ownership_step(o, &step, AGAIN);
        ownership_finish(o);
}

static bool record_is_sound(const struct ownership_record *record)
{
        return record->state <= MESSAGE_STATE_OWNED &&
               record->slot.n_bytes == RECORD_HEAD + record->n_half + record->n_values;
}

static int ownership_load(struct ownership *o)
{
        int r;

        o->running = false;
        r = slot_load(&o->port->slot, o->board, &o->record.slot, sizeof(o->record));
        if (r == SLOT_E_BLANK)
                return 0;
        if (r == 0 && record_is_sound(&o->record)) {
                ownership_apply(o);
                return 0;
        }
        /* The owner of the device is now unknown, so it cannot be enrolled. */
        crypto_wipe(&o->record, sizeof(o->record));
        o->record.state = BROKEN;
        return OWNERSHIP_E_STORAGE;
}

static const struct move *move_find(uint8_t state, enum event event)
{
        for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
                if (moves[i].state == state && moves[i].event == event)
                        return &moves[i];
        return NULL;
}

/* If the memory fails in the middle, what it holds afterwards is what counts. */
static int ownership_move(struct ownership *o, enum event event)
{
        const struct move *move = move_find(o->record.state, event);
        uint32_t sequence = o->record.slot.sequence + 1;

        if (!move)
                return OWNERSHIP_E_STORAGE;
        if (move->next == MESSAGE_STATE_FACTORY) {
                ownership_undo(o);
                record_clear(&o->record);
        }
        o->record.state = move->next;
        o->running = false;
        if (slot_store(&o->port->slot, o->board, &o->record.slot,
                       RECORD_HEAD + o->record.n_half + o->record.n_values) == 0)
                return 0;

        ownership_undo(o);
        if (ownership_load(o) == 0 && o->record.slot.sequence == sequence)
                return 0;
        return OWNERSHIP_E_STORAGE;
}

int ownership_init(struct ownership *o, const struct ownership_port *port, void *board,
                   const uint8_t public_key[32], const uint8_t device_id[16])
{
        memset(o, 0, sizeof(*o));
        o->port = port;
        o->board = board;
        o->public_key = public_key;
        o->device_id = device_id;
        return ownership_load(o);
}

static int ownership_fail(struct ownership *o, int failure, int step, struct message_fail *ret_fail)
{
        (void)ownership_drop(o);
        ret_fail->failure = (uint8_t)failure;
        ret_fail->step = (int16_t)step;
        ret_fail->text = (struct cbor_span){NULL, 0};
        return OWNERSHIP_E_FAILED;
}

/* Whether what a hub wants to stage can be: 0, or an enum message_failure. */
static int ownership_check(const struct ownership *o, const struct message_stage *stage,
                           struct program_fault *ret_fault)
{
        if (stage->epoch <= o->record.epoch ||
            stage->epoch - o->record.epoch > OWNERSHIP_EPOCH_STEP_MAX)
                return MESSAGE_FAILURE_EPOCH;
        if (program_verify_device(stage->half, ret_fault))
                return MESSAGE_FAILURE_HALF;
        if (program_verify_values(stage->values, PROGRAM_PARAMETER))
                return MESSAGE_FAILURE_PARAMETER;
        if (stage->half.n_bytes + stage->values.n_bytes > sizeof(o->record.half))
                return MESSAGE_FAILURE_STORAGE;
        return 0;
}

int ownership_stage(struct ownership *o, const struct message_stage *stage, const uint8_t hub[32],
                    struct message_fail *ret_fail)
{
        struct ownership_record *record = &o->record;
        struct program_fault fault;
        int failure;

        failure = ownership_drop(o) ? MESSAGE_FAILURE_STORAGE : ownership_check(o, stage, &fault);
        if (failure)
                return ownership_fail(o, failure,
                                      failure == MESSAGE_FAILURE_HALF ? (int)fault.step : -1,
                                      ret_fail);

        record->n_half = (uint16_t)stage->half.n_bytes;
        record->n_values = (uint16_t)stage->values.n_bytes;
        record->fail_safe_s = stage->fail_safe_s;
        memcpy(record->hub, hub, sizeof(record->hub));
        memcpy(record->psk_own, stage->psk_own, sizeof(record->psk_own));
        memcpy(record->code_hash, stage->code_hash, sizeof(record->code_hash));
        memcpy(record->half, stage->half.bytes, stage->half.n_bytes);
        memcpy(record->half + record->n_half, stage->values.bytes, stage->values.n_bytes);

        memset(o->items, 0, sizeof(o->items));
        o->epoch = stage->epoch;
        o->running = true;
        program_run_init(&o->run, record_half(record));
        return 0;
}

/* Only counts: the items are written when the record is durable, and then it is too late. */
static bool ownership_can_report(const struct ownership *o)
{
        struct cbor_writer w;

        cbor_writer_init(&w, NULL, 0);
        message_put_report(&w);
        ownership_put_items(o, &w);
        return w.n_written <= MESSAGE_BODY_MAX;
}

int ownership_run(struct ownership *o, uint8_t *ret_point, struct message_fail *ret_fail)
{
        struct program_step step;
        int failure;

        while (program_run_next(&o->run, &step)) {
                if (step.verb == PROGRAM_SYNC) {
                        *ret_point = (uint8_t)step.number;
                        return OWNERSHIP_SYNC;
                }
                failure = ownership_step(o, &step, RUN);
                if (failure)
                        return ownership_fail(o, failure, (int)step.index, ret_fail);
        }
        if (!ownership_can_report(o))
                return ownership_fail(o, MESSAGE_FAILURE_STEP, -1, ret_fail);
        o->record.epoch = o->epoch;
        if (ownership_move(o, STAGED))
                return ownership_fail(o, MESSAGE_FAILURE_STORAGE, -1, ret_fail);
        return 0;
}

void ownership_put_items(const struct ownership *o, struct cbor_writer *w)
{
        struct value value;
        size_t n = 0;

        for (unsigned i = 0; i <= PROGRAM_NUMBER_MAX; i++)
                n += o->items[i / 8] >> i % 8 & 1;
        cbor_put_map(w, n);
        for (unsigned i = 0; i <= PROGRAM_NUMBER_MAX; i++)
                if (o->items[i / 8] >> i % 8 & 1 && ownership_item(o, i, &value) == 0) {
                        cbor_put_uint(w, i);
                        value_put(w, &value);
                }
}

int ownership_commit(struct ownership *o, uint32_t epoch)
{
        struct ownership_record *record = &o->record;

        if (epoch != record->epoch)
                return OWNERSHIP_E_EPOCH;
        if (record->state == MESSAGE_STATE_OWNED)
                return 0;
        if (record->flags & PROGRAM_FINISH_FUSE)
                record->flags |= FUSED;
        if (ownership_move(o, COMMITTED))
                return OWNERSHIP_E_STORAGE;
        ownership_finish(o);
        return 0;
}

int ownership_drop(struct ownership *o)
{
        if (o->running) {
                ownership_undo(o);
                record_clear(&o->record);
                o->running = false;
        }
        return o->record.state == MESSAGE_STATE_PENDING ? ownership_move(o, DROPPED) : 0;
}

/* The second write is over the copy that still holds the keys. */
int ownership_reset(struct ownership *o)
{
        int r;

        r = ownership_drop(o);
        if (r == 0)
                r = ownership_move(o, RESET);
        if (r == 0)
                r = ownership_move(o, RESET);
        return r;
}

bool ownership_is_free(const struct ownership *o)
{
        return o->record.state <= MESSAGE_STATE_PENDING && !(o->record.flags & FUSED);
}
