/* SPDX-License-Identifier: Apache-2.0 */

#include "api/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/devices.h"
#include "api/exposes.h"
#include "api/scalar.h"
#include "store/channel.h"
#include "util/defer.h"
#include "util/log.h"
#include "util/series.h"
#include "util/word.h"

#define CHANNELS_SIZE 120 /* bytes of a list of channels in a phrase */

/* --- what was asked --- */

static bool wrong(const char *phrase, char ret_wrong[API_DETAIL_SIZE])
{
        (void)snprintf(ret_wrong, API_DETAIL_SIZE, "%s", phrase);
        return false;
}

/* A leaf with its value, or with NULL where it is only asked for. */
static bool add_value(struct command *command, const char *leaf, const json_t *value,
                      char ret_wrong[API_DETAIL_SIZE])
{
        struct reading *reading = &command->values[command->n_values];

        if (command->n_values == COMMAND_VALUES_MAX)
                return wrong("it names more than 16 channels", ret_wrong);
        if (!word_valid(leaf, strlen(leaf)))
                return wrong("the name of a channel is not 1 to 32 letters, digits, - and _",
                             ret_wrong);
        if (value && !scalar_read(value, &reading->value)) {
                (void)snprintf(ret_wrong, API_DETAIL_SIZE,
                               "the value of '%s' is not a number, true, false or a printable "
                               "text of at most %d bytes",
                               leaf, MESSAGE_TEXT_MAX);
                return false;
        }
        for (size_t i = 0; i < command->n_values; i++)
                if (strcmp(command->values[i].leaf, leaf) == 0)
                        return wrong("it names a channel twice", ret_wrong);
        reading->leaf = leaf;
        command->n_values++;
        return true;
}

static bool read_object(struct command *command, json_t *values, char ret_wrong[API_DETAIL_SIZE])
{
        const char *leaf;
        json_t *value;

        json_object_foreach(values, leaf, value)
        {
                if (!add_value(command, leaf, command->kind == COMMAND_SET ? value : NULL,
                               ret_wrong))
                        return false;
        }
        return true;
}

static bool read_list(struct command *command, const json_t *leaves,
                      char ret_wrong[API_DETAIL_SIZE])
{
        const json_t *leaf;
        size_t i;

        json_array_foreach(leaves, i, leaf)
        {
                if (!json_is_string(leaf))
                        return wrong("the name of a channel is not a text", ret_wrong);
                if (!add_value(command, json_string_value(leaf), NULL, ret_wrong))
                        return false;
        }
        return true;
}

bool command_read(enum command_kind kind, const char *device, json_t *values,
                  struct command *ret_command, char ret_wrong[API_DETAIL_SIZE])
{
        bool is_set = kind == COMMAND_SET;

        *ret_command = (struct command){.kind = kind, .device = device};
        if (json_is_object(values)) {
                if (!read_object(ret_command, values, ret_wrong))
                        return false;
        } else if (!is_set && json_is_array(values)) {
                if (!read_list(ret_command, values, ret_wrong))
                        return false;
        } else if (is_set || values) {
                return wrong(is_set ? "it is not an object of channels and their values"
                                    : "it is not a list of channels",
                             ret_wrong);
        }
        if (is_set && ret_command->n_values == 0)
                return wrong("it sets no channel", ret_wrong);
        return true;
}

/* --- what it means for the device --- */

struct channels {
        struct store_channel of[DEVICES_CHANNELS_MAX];
        size_t n;
};

/* The bit of exposes_access() that a channel needs for this. */
static unsigned access_of(enum command_kind kind)
{
        return kind == COMMAND_SET ? EXPOSES_SET : EXPOSES_GET;
}

static const struct store_channel *channel_of(const struct channels *channels, const char *leaf)
{
        for (size_t i = 0; i < channels->n; i++)
                if (strcmp(channels->of[i].leaf, leaf) == 0)
                        return &channels->of[i];
        return NULL;
}

/* The phrase for a channel that is not there, or not for this: those that would do. */
static struct api_answer refuse_channel(const struct command *command,
                                        const struct channels *channels, const char *leaf)
{
        bool is_set = command->kind == COMMAND_SET, known = channel_of(channels, leaf);
        char list[CHANNELS_SIZE] = "no channel";
        struct series series;
        size_t n = 0;

        for (size_t i = 0; i < channels->n; i++)
                n += (exposes_access(&channels->of[i]) & access_of(command->kind)) != 0;
        if (n > 0)
                series_init(&series, list, sizeof(list), n, "and");
        for (size_t i = 0; n > 0 && i < channels->n; i++)
                if (exposes_access(&channels->of[i]) & access_of(command->kind))
                        series_add(&series, channels->of[i].leaf);
        return api_refuse_because(known ? REASON_CHANNEL_ACCESS : REASON_CHANNEL_UNKNOWN,
                                  "'%s'; of %s, %s can be %s", leaf, command->name, list,
                                  is_set ? "set" : "asked for");
}

/* A query without channels is for all that can be asked for. */
static void take_all(struct command *command, const struct channels *channels)
{
        for (size_t i = 0; i < channels->n && command->n_values < COMMAND_VALUES_MAX; i++)
                if (exposes_access(&channels->of[i]) & EXPOSES_GET)
                        command->values[command->n_values++].leaf = channels->of[i].leaf;
}

static int by_number(const void *a, const void *b)
{
        const struct reading *one = a, *other = b;

        return (int)one->value.channel - (int)other->value.channel;
}

static bool is_text(struct cbor_span text, const char *word, size_t n_word)
{
        return text.n_bytes == n_word && strncasecmp((const char *)text.bytes, word, n_word) == 0;
}

/* The word of the channel that is @text but for its case; an exact one goes before others. */
static struct cbor_span find_word(const struct store_channel *channel, struct cbor_span text)
{
        struct cbor_span found = text;

        for (const char *word = channel->words; *word; word += strspn(word, " ")) {
                size_t n = strcspn(word, " ");

                if (n == text.n_bytes && memcmp(word, text.bytes, n) == 0)
                        return text;
                if (is_text(text, word, n))
                        found = (struct cbor_span){(const uint8_t *)word, n};
                word += n;
        }
        return found;
}

/* People and zigbee2mqtt's consumers say ON and OFF for a switch, and a word in any case. */
static void accept_text(const struct store_channel *channel, struct message_value *value)
{
        if (value->type != MESSAGE_TEXT)
                return;
        if (channel->type == STORE_ENUMERATION)
                value->text = find_word(channel, value->text);
        if (channel->type != STORE_SWITCH)
                return;
        if (is_text(value->text, "on", 2) || is_text(value->text, "off", 3)) {
                value->integer = value->text.n_bytes == 2;
                value->type = MESSAGE_BOOLEAN;
        }
}

/* Gives each value its channel. */
static struct api_answer assign_channels(struct command *command, const struct channels *channels)
{
        if (command->n_values == 0)
                take_all(command, channels);
        if (command->n_values == 0)
                return api_refuse_because(REASON_CHANNEL_ACCESS,
                                          "%s has no channel that can be asked for", command->name);
        for (size_t i = 0; i < command->n_values; i++) {
                const char *leaf = command->values[i].leaf;
                const struct store_channel *channel = channel_of(channels, leaf);

                if (!channel || !(exposes_access(channel) & access_of(command->kind)))
                        return refuse_channel(command, channels, leaf);
                command->values[i].value.channel = (uint8_t)channel->number;
                accept_text(channel, &command->values[i].value);
        }
        qsort(command->values, command->n_values, sizeof(command->values[0]), by_number);
        return api_accept("");
}

static int find_channels(struct store *store, struct command *command,
                         struct store_device *ret_device, struct channels *ret_channels)
{
        int r;

        r = devices_resolve(store, command->device, ret_device);
        if (r != 0)
                return r;
        memcpy(command->name, ret_device->name, sizeof(command->name));
        memcpy(command->device_id, ret_device->device_id, sizeof(command->device_id));
        memcpy(command->known_as, ret_device->known_as, sizeof(command->known_as));
        return store_channels(store, ret_device->device_id, ELEMENTSOF(ret_channels->of),
                              ret_channels->of, &ret_channels->n);
}

void command_run(const struct api_backend *backend, struct command *command,
                 const struct api_later *later)
{
        struct store_device device;
        struct channels channels;
        struct api_answer answer;
        int r;

        r = find_channels(backend->store, command, &device, &channels);
        if (r == 0) {
                answer = assign_channels(command, &channels);
        } else if (r == STORE_E_NONE) {
                answer = api_refuse(REASON_NO_SUCH_DEVICE);
        } else {
                (void)log_errno(r, "%s: its channels cannot be read", command->device);
                answer = api_refuse(store_reason(r));
        }
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        if (answer.reason == REASON_NONE)
                backend->handler->on_command(backend->userdata, command, later);
        else
                api_settle(later, answer);
}

json_t *command_values(const struct reading *values, size_t n_values)
{
        json_t *object = json_object();

        for (size_t i = 0; i < n_values; i++)
                (void)json_object_set_new(object, values[i].leaf, scalar_json(&values[i].value));
        return object;
}
