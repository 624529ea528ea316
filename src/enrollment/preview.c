/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/preview.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "enrollment/record.h"
#include "program/outline.h"
#include "program/verify.h"
#include "program/words.h"

#define NAMES_MAX 6 /* channels of a kind that a sentence names */

/* --- the fields --- */

static void add_channels(struct cbor_span hub, struct event_preview *p)
{
        struct program_run run;
        struct program_channel channel;

        program_run_init(&run, hub);
        while (p->n_channels < EVENT_CHANNELS_MAX && program_next_channel(&run, &channel)) {
                struct event_channel *to = &p->channels[p->n_channels++];

                to->number = channel.number;
                record_text(to->property, sizeof(to->property), channel.leaf);
                record_text(to->device_class, sizeof(to->device_class), channel.device_class);
                record_text(to->unit, sizeof(to->unit), channel.unit);
                record_words(to->words, sizeof(to->words), &channel);
                to->access = channel.direction;
                to->period_s = channel.period_sec;
                to->type = program_channel_type_name(channel.type);
                to->category = channel.category ? program_category_name(channel.category) : NULL;
                to->has_range = channel.has_range;
                to->low = channel.range.low;
                to->high = channel.range.high;
                to->step = channel.range.step;
                to->exponent = channel.range.exponent;
                to->length = channel.length;
        }
}

static void add_groups(struct cbor_span hub, struct event_preview *p)
{
        const struct program_role *role;
        struct program_group group;
        struct program_run run;

        program_run_init(&run, hub);
        while (p->n_groups < EVENT_CHANNELS_MAX && program_next_group(&run, &group)) {
                struct event_group *to = &p->groups[p->n_groups++];

                to->kind = program_group_name(group.kind);
                for (size_t i = 0; (role = program_role(group.kind, i)); i++)
                        if (group.channels[i] > 0 && to->n_roles < EVENT_ROLES_MAX) {
                                to->roles[to->n_roles].name = role->name;
                                to->roles[to->n_roles++].channel = group.channels[i];
                        }
        }
}

static void add_presence(struct cbor_span hub, struct event_preview *p)
{
        struct program_presence presence;

        if (!program_presence(hub, &presence))
                return;
        p->presence = presence.sleep_sec > 0 ? "sleeps" : "mains";
        p->sleep_s = presence.sleep_sec;
}

void preview_make(const struct code *code, const struct verdict *verdict,
                  const struct values *values, struct event_preview *ret_preview)
{
        unsigned flags = program_finish_flags(verdict->application->device);
        struct event_preview p = {.issuer = code->issuer_name,
                                  .erase = flags & PROGRAM_FINISH_ERASE,
                                  .fuse = flags & PROGRAM_FINISH_FUSE,
                                  .secret_key = program_forwards_secret(verdict->application->hub)};

        for (unsigned bit = 1; bit <= CAPABILITY_ALL; bit <<= 1)
                if (verdict->capabilities & bit)
                        p.asks[p.n_asks++] = capability_name(bit);
        for (unsigned number = 1; number <= PROGRAM_NAMED_MAX; number++)
                if (values->personal & UINT32_C(1) << number)
                        p.personal[p.n_personal++] = program_number_name(PROGRAM_PARAMETER, number);
        add_channels(verdict->application->hub, &p);
        add_groups(verdict->application->hub, &p);
        add_presence(verdict->application->hub, &p);
        *ret_preview = p;
}

/* --- the sentences --- */

struct sentence {
        char *text;
        size_t n, size;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *format, ...)
{
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(s->text + s->n, s->size - s->n, format, arguments);
        va_end(arguments);
        s->n = s->n + (size_t)n < s->size ? s->n + (size_t)n : s->size - 1;
}

static size_t count_channels(const struct event_preview *p, enum event_access access)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_channels; i++)
                n += (p->channels[i].access & access) != 0;
        return n;
}

/* "temperature, humidity and 2 more" */
static void say_channels(struct sentence *s, const struct event_preview *p,
                         enum event_access access)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_channels; i++) {
                if (!(p->channels[i].access & access))
                        continue;
                if (n < NAMES_MAX)
                        say(s, "%s%s", n == 0 ? "" : ", ", p->channels[i].property);
                n++;
        }
        if (n > NAMES_MAX)
                say(s, " and %zu more", n - NAMES_MAX);
}

static bool asks_for(const struct event_preview *p, const char *capability)
{
        for (size_t i = 0; i < p->n_asks; i++)
                if (strcmp(p->asks[i], capability) == 0)
                        return true;
        return false;
}

static void say_wishes(struct sentence *s, const struct event_preview *p)
{
        size_t n_published = count_channels(p, EVENT_PUBLISH);
        size_t n_commands = count_channels(p, EVENT_COMMAND);
        const char *separator = "";

        say(s, " It asks ");
        if (n_published > 0) {
                say(s, "to publish ");
                say_channels(s, p, EVENT_PUBLISH);
                separator = "; ";
        }
        if (n_commands > 0) {
                say(s, "%sto take the command%s ", separator, n_commands == 1 ? "" : "s");
                say_channels(s, p, EVENT_COMMAND);
                separator = "; ";
        }
        if (asks_for(p, capability_name(CAPABILITY_KEY_FORWARD)))
                say(s, "%sto forward its public key%s.", separator,
                    p->secret_key ? " and, sealed for the recipient, its secret key" : "");
        else
                say(s, "%s.", separator[0] ? "" : "for nothing");
}

/* "It acts as a light, a lock and a cover." */
static void say_groups(struct sentence *s, const struct event_preview *p)
{
        for (size_t i = 0; i < p->n_groups; i++) {
                if (i == 0)
                        say(s, " It acts as ");
                else
                        say(s, i + 1 < p->n_groups ? ", " : " and ");
                say(s, "%s", program_group_text(program_group_from_name(p->groups[i].kind)));
        }
        if (p->n_groups > 0)
                say(s, ".");
}

/* In the largest unit without a rest. */
static void say_sleep(struct sentence *s, unsigned sleep_s)
{
        if (sleep_s % 3600 == 0)
                say(s, " It sleeps for up to %u h at a time.", sleep_s / 3600);
        else if (sleep_s % 60 == 0)
                say(s, " It sleeps for up to %u min at a time.", sleep_s / 60);
        else
                say(s, " It sleeps for up to %u s at a time.", sleep_s);
}

void preview_text(const struct event_preview *preview, const char *model, char *ret_text,
                  size_t size)
{
        struct sentence s = {ret_text, 0, size};

        say(&s, "%s, signed by %s (trusted).", model, preview->issuer);
        say_wishes(&s, preview);
        say_groups(&s, preview);
        if (preview->sleep_s > 0)
                say_sleep(&s, preview->sleep_s);
        for (size_t i = 0; i < preview->n_personal; i++)
                say(&s, "%s%s", i == 0 ? " The device receives: " : ", ", preview->personal[i]);
        if (preview->n_personal > 0)
                say(&s, ".");
        if (preview->fuse)
                say(&s, " This cannot be undone: once the device is enrolled, its code never works "
                        "again, not even after a reset (fuse).");
        else if (preview->erase)
                say(&s, " Once the device is enrolled, its code works again only after a reset "
                        "(erase).");
}
