/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device/enroll-device.h"
#include "thermometer/console.h"
#include "util/log.h"
#include "util/loop.h"
#include "wire/crypto.h"

#define CLOSE_AFTER_MS 1000 /* so that the last message arrives before the link is closed */

static const char *const state_names[] = {"factory", "pending", "owned"};

struct host {
        sd_event *event;
        sd_event_source *deadline; /* the library's */
        sd_event_source *reading;  /* the next measurement */
        sd_event_source *closing;
        struct link *link;
        bool stream;
        bool heard; /* a message has come over the link */

        struct thermometer *thermometer;
        struct enroll_identity identity;
        struct enroll_device device;
        uint32_t n_data; /* DATA since the start */
        bool released;   /* the secret is to be restored once the link is closed */
        uint8_t message[MESSAGE_MAX];

        enum host_fault fault;
        const char *fault_message;

        /* as last reported */
        uint8_t state, advertisement[MESSAGE_ADV_BYTES];
        bool advertised;
        const struct host_handler *handler;
        void *userdata;
};

static uint64_t host_now_ms(const struct host *h)
{
        uint64_t usec = 0;

        (void)sd_event_now(h->event, CLOCK_MONOTONIC, &usec);
        return usec / 1000;
}

/* An owned device measures whether or not a hub is there. */
static void host_measure_later(struct host *h)
{
        if (enroll_device_state(&h->device) == MESSAGE_STATE_OWNED &&
            h->thermometer->interval_s > 0)
                loop_rearm_timer(h->reading, 1000ULL * h->thermometer->interval_s);
        else
                loop_disarm(h->reading);
}

static void host_close(struct host *h)
{
        loop_disarm(h->closing);
        if (!h->link)
                return;
        h->link = link_free(h->link);
        h->advertised = false;
        enroll_device_link_lost(&h->device);
        host_measure_later(h);
        console_say("disconnected");
}

/* Between two sessions a stream stays open; the library receives nothing until the next PROBE. */
static void host_end_session(struct host *h, bool said_something)
{
        host_measure_later(h);
        if (h->stream || !h->link)
                return;
        if (said_something)
                loop_rearm_timer(h->closing, CLOSE_AFTER_MS);
        else
                host_close(h);
}

/* The name of the answer, as far as it can be known outside the session, before the new state is
 * reported. */
static const char *answer_name(const struct host *h, enum enroll_event event, uint8_t heard)
{
        uint8_t state = enroll_device_state(&h->device);

        switch (h->message[0]) {
        case MESSAGE_M2:
                return "M2";
        case MESSAGE_K2:
                return "K2";
        case MESSAGE_REFUSE:
                return "REFUSE";
        case MESSAGE_ANNOUNCE:
                return "ANNOUNCE";
        default:
                break;
        }
        if (event == ENROLL_OWNED)
                return "DONE";
        if (event == ENROLL_SEND_CLOSE)
                return h->state == MESSAGE_STATE_OWNED && state == MESSAGE_STATE_FACTORY
                               ? "RELEASED"
                               : "FAIL";
        if (heard == MESSAGE_M3)
                return "HELLO";
        return state == MESSAGE_STATE_PENDING ? "REPORT" : "SYNC";
}

static void power_off(void)
{
        console_say("power off");
        _exit(HOST_EXIT_POWER_OFF);
}

static void host_send(struct host *h, const char *name, size_t n)
{
        enum host_fault fault = strcmp(name, h->fault_message) == 0 ? h->fault : HOST_FAULT_NONE;
        int r;

        if (fault == HOST_FAULT_POWER_OFF_BEFORE)
                power_off();
        if (fault == HOST_FAULT_LOSE) {
                console_say("%s lost", name);
                h->fault = HOST_FAULT_NONE;
                host_close(h);
        }
        if (!h->link)
                return;
        r = link_send(h->link, h->message, n);
        if (r < 0) {
                (void)log_errno(r, "Cannot send %s", name);
                host_close(h);
                return;
        }
        console_say("sent %s", name);
        if (fault == HOST_FAULT_POWER_OFF_AFTER)
                power_off();
}

static void host_commanded(struct host *h)
{
        const struct message_command *command = enroll_device_command(&h->device);
        struct message_result result = {.id = command->id};
        struct thermometer_answer answer;
        size_t n;

        thermometer_command(h->thermometer, command, host_now_ms(h) / 1000, &answer);
        console_say("%s: outcome %u", command->kind == MESSAGE_SET ? "set" : "get", answer.outcome);
        result.outcome = answer.outcome;
        if (answer.text)
                result.text = (struct cbor_span){(const uint8_t *)answer.text, strlen(answer.text)};
        if (enroll_device_answer(&h->device, &result, answer.values, answer.n_values, h->message,
                                 &n) == ENROLL_SEND)
                host_send(h, "RESULT", n);
        else
                host_end_session(h, false);
        if (command->kind == MESSAGE_SET)
                host_measure_later(h);
}

static void host_say_state(struct host *h)
{
        uint8_t state = enroll_device_state(&h->device);

        if (state != h->state && state < ELEMENTSOF(state_names))
                console_say("state %s, epoch %u", state_names[state],
                            enroll_device_epoch(&h->device));
        h->state = state;
}

/* Does what an event of the library asks for. */
static void host_did(struct host *h, enum enroll_event event, uint8_t heard, size_t n)
{
        const char *name = answer_name(h, event, heard);

        host_say_state(h);
        switch (event) {
        case ENROLL_NOTHING:
                return;
        case ENROLL_SEND:
                host_send(h, name, n);
                return;
        case ENROLL_SEND_CLOSE:
                h->released = strcmp(name, "RELEASED") == 0;
                host_send(h, name, n);
                host_end_session(h, true);
                return;
        case ENROLL_CLOSE:
                console_say("session ended");
                host_end_session(h, false);
                return;
        case ENROLL_OWNED:
                host_send(h, name, n);
                if (h->link)
                        loop_rearm_timer(h->reading, 0);
                return;
        case ENROLL_COMMANDED:
                host_commanded(h);
                return;
        case ENROLL_RELEASED:
                console_say("the enrollment timed out");
                host_end_session(h, false);
                return;
        }
}

static int host_start(struct host *h)
{
        const struct identity *identity = h->thermometer->identity;

        h->identity = (struct enroll_identity){
                .private_key = identity->private_key,
                .public_key = identity->public_key,
                .secret = identity->has_secret ? identity->secret : NULL,
                .adv_key = identity->adv_key,
                .mac_key = identity->mac_key,
        };
        if (enroll_device_init(&h->device, &h->identity, &thermometer_port, h->thermometer,
                               (uint32_t)host_now_ms(h)) < 0)
                return -EIO;
        h->n_data = 0;
        return 0;
}

/*
 * A device that nobody owns needs its secret, and starts again with it. It has none if the fuse has
 * been blown.
 */
static int host_restore_secret(struct host *h)
{
        struct thermometer *t = h->thermometer;
        char error[IDENTITY_ERROR_BYTES];
        struct identity made;
        int r;

        if (t->identity->has_secret || enroll_device_state(&h->device) != MESSAGE_STATE_FACTORY)
                return 0;
        r = identity_read(&made, t->identity_path, error);
        if (r < 0) {
                log_error("Cannot use %s: %s", t->identity_path, error);
                return r;
        }
        if (made.has_secret) {
                r = memory_remove(t->memory, MEMORY_IDENTITY);
                *t->identity = made;
                if (r == 0)
                        r = host_start(h);
                console_say("secret restored");
        }
        identity_done(&made);
        return r;
}

/* Reports what has changed, and rearms the timer. */
static void host_settle(struct host *h)
{
        const uint8_t *advertisement = enroll_device_advertisement(&h->device);
        uint32_t wait_ms;

        if (h->released && (h->stream || !h->link)) {
                h->released = false;
                (void)host_restore_secret(h);
        }
        host_say_state(h);
        wait_ms = enroll_device_wait_ms(&h->device);
        if (wait_ms == ENROLL_FOR_EVER)
                loop_disarm(h->deadline);
        else
                loop_rearm_timer(h->deadline, wait_ms);

        if (h->link || !h->handler)
                return;
        if (h->advertised && memcmp(advertisement, h->advertisement, MESSAGE_ADV_BYTES) == 0)
                return;
        h->advertised = true;
        memcpy(h->advertisement, advertisement, MESSAGE_ADV_BYTES);
        h->handler->on_advertisement(h->userdata, h->advertisement);
}

static void host_tick(struct host *h)
{
        host_did(h, enroll_device_tick(&h->device, (uint32_t)host_now_ms(h)), 0, 0);
}

static int host_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct host *h = userdata;

        (void)source;
        (void)usec;
        host_tick(h);
        host_settle(h);
        return 0;
}

static void host_read(struct host *h)
{
        struct message_value value = thermometer_measure(h->thermometer, host_now_ms(h) / 1000);
        enum enroll_event event;
        size_t n;

        host_tick(h);
        event = enroll_device_data(&h->device, &value, 1, h->n_data, h->message, &n);
        if (event == ENROLL_SEND) {
                h->n_data++;
                console_say("temperature %.2f", (double)value.integer / 100);
                host_send(h, "DATA", n);
        } else if (event == ENROLL_NOTHING) {
                enroll_device_call_hub(&h->device);
        } else {
                host_did(h, event, 0, n);
        }
        host_measure_later(h);
        host_settle(h);
}

static int host_on_reading(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        host_read(userdata);
        return 0;
}

static int host_on_closing(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct host *h = userdata;

        (void)source;
        (void)usec;
        host_close(h);
        host_settle(h);
        return 0;
}

static void host_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct host *h = userdata;
        uint8_t heard = message[0];
        enum enroll_event event;
        size_t n;

        if (!h->heard && !h->stream)
                console_say("over %s", link_name(h->link));
        h->heard = true;
        host_tick(h);
        memcpy(h->message, message, n_message);
        event = enroll_device_feed(&h->device, h->message, n_message, &n);
        host_did(h, event, heard, n);
        host_settle(h);
}

static void host_on_lost(void *userdata, enum reason why)
{
        struct host *h = userdata;

        (void)why;
        host_close(h);
        host_settle(h);
}

static const struct link_handler host_link_handler = {
        .on_message = host_on_message,
        .on_lost = host_on_lost,
};

void host_take_link(struct host *host, struct link *link_take, bool stream)
{
        host_close(host);
        host->link = link_take;
        host->stream = stream;
        host->heard = false;
        console_say("connected");
        host_tick(host);
        if (!stream)
                enroll_device_link_up(&host->device);
        host_settle(host);
        link_set_handler(link_take, &host_link_handler, host);
}

int host_reset(struct host *host)
{
        int r;

        /*
         * This comes first: if the power fails in the meantime, the device is still owned and
         * erases again.
         */
        r = memory_remove(host->thermometer->memory, MEMORY_IDENTITY);
        if (r < 0)
                return log_errno(r, "Cannot remove the identity from the memory");
        r = enroll_device_reset(&host->device);
        console_say("reset");
        host_close(host);
        host_settle(host);
        return r < 0 ? -EIO : 0;
}

void host_set_handler(struct host *host, const struct host_handler *handler, void *userdata)
{
        host->handler = handler;
        host->userdata = userdata;
        host_settle(host);
}

/* Whether @name is one of the words of HOST_MESSAGES. */
static bool message_is_known(const char *name)
{
        static const char messages[] = HOST_MESSAGES;
        size_t n = strlen(name);
        const char *at = messages;

        while ((at = strstr(at, name))) {
                if (n > 0 && (at == messages || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
                at++;
        }
        return false;
}

static int host_add_timers(struct host *h)
{
        int r;

        r = loop_add_timer(h->event, &h->deadline, host_on_deadline, h);
        if (r >= 0)
                r = loop_add_timer(h->event, &h->reading, host_on_reading, h);
        if (r >= 0)
                r = loop_add_timer(h->event, &h->closing, host_on_closing, h);
        return r;
}

int host_new(sd_event *event, struct thermometer *thermometer, enum host_fault fault,
             const char *message, struct host **ret_host)
{
        _defer_(host_free) struct host *h = NULL;
        int r;

        if (fault != HOST_FAULT_NONE && !message_is_known(message))
                return -EINVAL;
        h = calloc(1, sizeof(*h));
        if (!h)
                return -ENOMEM;
        h->event = sd_event_ref(event);
        h->thermometer = thermometer;
        h->fault = fault;
        h->fault_message = fault == HOST_FAULT_NONE ? "" : message;
        r = host_add_timers(h);
        if (r < 0)
                return r;
        r = host_start(h);
        if (r == 0)
                r = host_restore_secret(h);
        if (r < 0)
                return r;
        host_measure_later(h);
        h->state = enroll_device_state(&h->device);
        console_say("state %s, epoch %u", state_names[h->state], enroll_device_epoch(&h->device));
        host_settle(h);
        *ret_host = take(h);
        return 0;
}

void host_let_go(struct host *host)
{
        size_t n;

        if (host->link && enroll_device_bye(&host->device, host->message, &n) == ENROLL_SEND_CLOSE)
                host_send(host, "BYE", n);
        host_close(host);
}

struct host *host_free(struct host *host)
{
        if (!host)
                return NULL;
        host_let_go(host);
        loop_drop(&host->deadline);
        loop_drop(&host->reading);
        loop_drop(&host->closing);
        host->event = sd_event_unref(host->event);
        crypto_wipe(host, sizeof(*host));
        free(host);
        return NULL;
}
