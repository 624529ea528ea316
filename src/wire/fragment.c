/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/fragment.h"

#include <string.h>

#define FIRST       0x80
#define LAST        0x40
#define NUMBER_MASK 0x3f

/* A link-layer packet carries 251 bytes; L2CAP takes 4 of the first one and ATT 3 of each message.
 */
static const size_t good_sizes[] = {495, 244};

void fragment_writer_init(struct fragment_writer *w)
{
        memset(w, 0, sizeof(*w));
}

void fragment_writer_start(struct fragment_writer *w, const uint8_t *message, size_t n_message)
{
        w->message = message;
        w->n_message = n_message;
        w->at = 0;
}

bool fragment_writer_pending(const struct fragment_writer *w)
{
        return w->at < w->n_message;
}

size_t fragment_writer_next(struct fragment_writer *w, uint8_t *packet, size_t size)
{
        size_t n = w->n_message - w->at;

        if (n == 0)
                return 0;
        if (n > size - FRAGMENT_HEADER_BYTES)
                n = size - FRAGMENT_HEADER_BYTES;

        packet[0] = w->number;
        if (w->at == 0)
                packet[0] |= FIRST;
        if (w->at + n == w->n_message)
                packet[0] |= LAST;
        memcpy(packet + FRAGMENT_HEADER_BYTES, w->message + w->at, n);

        w->at += n;
        w->number = (w->number + 1) & NUMBER_MASK;
        return n + FRAGMENT_HEADER_BYTES;
}

void fragment_writer_undo(struct fragment_writer *w, size_t n_packet)
{
        w->at -= n_packet - FRAGMENT_HEADER_BYTES;
        w->number = (w->number - 1) & NUMBER_MASK;
}

void fragment_reader_init(struct fragment_reader *r, uint8_t *message)
{
        memset(r, 0, sizeof(*r));
        r->message = message;
}

enum fragment_event fragment_reader_take(struct fragment_reader *r, const uint8_t *packet,
                                         size_t n_packet)
{
        size_t n;

        if (n_packet <= FRAGMENT_HEADER_BYTES)
                return FRAGMENT_BROKEN;
        if ((packet[0] & NUMBER_MASK) != r->number || !(packet[0] & FIRST) != r->open)
                return FRAGMENT_BROKEN;

        if (packet[0] & FIRST)
                r->n_message = 0;
        n = n_packet - FRAGMENT_HEADER_BYTES;
        if (n > MESSAGE_MAX - r->n_message)
                return FRAGMENT_BROKEN;

        memcpy(r->message + r->n_message, packet + FRAGMENT_HEADER_BYTES, n);
        r->n_message += n;
        r->number = (r->number + 1) & NUMBER_MASK;
        r->open = !(packet[0] & LAST);
        return r->open ? FRAGMENT_MORE : FRAGMENT_MESSAGE;
}

size_t fragment_packet_size(unsigned att_mtu, unsigned n_att)
{
        size_t fits = (att_mtu > FRAGMENT_ATT_MTU_MIN ? att_mtu : FRAGMENT_ATT_MTU_MIN) - n_att;

        for (size_t i = 0; i < sizeof(good_sizes) / sizeof(good_sizes[0]); i++)
                if (good_sizes[i] <= fits)
                        return good_sizes[i];
        return fits;
}

size_t stream_encode(const uint8_t *message, size_t n_message,
                     uint8_t ret_encoded[STREAM_ENCODED_MAX])
{
        size_t code_at = 0, out = 1;

        for (size_t i = 0; i < n_message; i++) {
                if (message[i] != 0)
                        ret_encoded[out++] = message[i];
                if (message[i] == 0 || (out - code_at == 0xff && i + 1 < n_message)) {
                        ret_encoded[code_at] = (uint8_t)(out - code_at);
                        code_at = out++;
                }
        }
        ret_encoded[code_at] = (uint8_t)(out - code_at);
        ret_encoded[out++] = 0;
        return out;
}

void stream_reader_init(struct stream_reader *r, uint8_t *message)
{
        memset(r, 0, sizeof(*r));
        r->message = message;
}

static void stream_reader_put(struct stream_reader *r, uint8_t byte)
{
        if (r->n_message == MESSAGE_MAX)
                r->broken = true;
        else
                r->message[r->n_message++] = byte;
}

static enum fragment_event stream_reader_end(struct stream_reader *r)
{
        enum fragment_event event = FRAGMENT_MORE;

        if (r->broken || r->run > 0)
                event = FRAGMENT_BROKEN;
        else if (r->started && r->n_message > 0)
                event = FRAGMENT_MESSAGE;
        r->run = 0;
        r->started = r->broken = r->zero_after = false;
        return event;
}

enum fragment_event stream_reader_take(struct stream_reader *r, uint8_t byte)
{
        if (byte == 0)
                return stream_reader_end(r);
        if (!r->started)
                r->n_message = 0;

        if (r->run > 0) {
                stream_reader_put(r, byte);
                r->run--;
                return FRAGMENT_MORE;
        }

        /* A code byte: the block before it is over, and its zero, if it stood for one, is due now.
         */
        if (r->started && r->zero_after)
                stream_reader_put(r, 0);
        r->started = true;
        r->run = byte - 1;
        r->zero_after = byte != 0xff;
        return FRAGMENT_MORE;
}
