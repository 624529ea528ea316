/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any text as the topic of a message and as a response topic. What is one of ours is written the
 * same again, and nobody makes the hub answer where only the hub may write.
 */

#include <stdint.h>
#include <string.h>

#include "mqtt/topic.h"
#include "require.h"
#include "util/word.h"

#define HUB      "home"
#define TEXT_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[TEXT_MAX + 1], name[TOPIC_NAME_SIZE], again[TOPIC_SIZE];
        enum topic topic;
        bool ours;

        if (size > TEXT_MAX)
                return 0;
        memcpy(text, data, size);
        text[size] = '\0';

        ours = topic_parse(HUB, text, &topic, name) == 0;
        if (ours)
                require(topic_build(topic, HUB, name, again) == 0 && strcmp(again, text) == 0);
        if (topic_may_answer(HUB, text)) {
                require(text[0] && !strpbrk(text, "+#"));
                require(!ours || topic == TOPIC_RESPONSE);
        }
        require(word_valid(text, strlen(text)) ==
                (topic_build(TOPIC_STATE, text, NULL, again) == 0));
        return 0;
}
