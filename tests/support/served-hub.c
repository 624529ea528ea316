/* SPDX-License-Identifier: Apache-2.0 */

#include "support/served-hub.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/command.h"
#include "api/json.h"
#include "store/delivery.h"
#include "support/store-sample.h"
#include "util/loop.h"

#define LOOK_MSEC     5
#define ARGUMENTS_MAX 12

void hub_tell(struct hub *hub, const struct event *event)
{
        struct face face = bus_face(hub->bus);

        face.handler->on_event(face.userdata, event);
}

/* Interrupts the program as soon as it has written something. */
static int hub_on_look(sd_event_source *source, uint64_t now, void *userdata)
{
        struct hub *hub = userdata;
        struct stat st;

        (void)source;
        (void)now;
        assert_int_equal(fstat(hub->run.out_fd, &st), 0);
        if (st.st_size == 0)
                return loop_arm_timer(hub->event, &hub->look, LOOK_MSEC, hub_on_look, hub);
        assert_int_equal(kill(hub->run.pid, hub->signal), 0);
        return 0;
}

static int hub_on_play(sd_event_source *source, void *userdata)
{
        struct hub *hub = userdata;

        (void)source;
        if (hub->n_played < hub->n_script) {
                hub_tell(hub, &hub->script[hub->n_played++]);
                return loop_arm_defer(hub->event, &hub->play, hub_on_play, hub);
        }
        if (hub->leaves)
                hub->bus = bus_free(hub->bus);
        if (hub->signal)
                return loop_arm_timer(hub->event, &hub->look, LOOK_MSEC, hub_on_look, hub);
        return 0;
}

static struct api_answer accept_request(struct hub *hub, const char *what,
                                        const struct api_request *request)
{
        (void)snprintf(hub->asked, sizeof(hub->asked), "%s", what);
        hub->source = request->source;
        (void)snprintf(hub->name, sizeof(hub->name), "%s", request->name ? request->name : "");
        hub->dry_run = request->dry_run;
        hub->other_model = request->other_model;
        (void)snprintf(hub->device, sizeof(hub->device), "%s",
                       request->replaces ? request->replaces : "");
        hub->seconds = request->seconds;
        hub->n_values = request->n_values;
        if (request->n_values > 0)
                (void)snprintf(hub->value, sizeof(hub->value), "%s=%s",
                               request->values[0].parameter, request->values[0].value);
        if (hub->answer.reason != REASON_NONE)
                return hub->answer;
        assert_int_equal(loop_arm_defer(hub->event, &hub->play, hub_on_play, hub), 0);
        return api_accept(TRANSACTION);
}

static struct api_answer hub_enroll(void *userdata, const uint8_t *code, size_t n_code,
                                    const struct api_request *request)
{
        struct hub *hub = userdata;

        hub->n_code = n_code;
        memcpy(hub->code, code, n_code < sizeof(hub->code) ? n_code : sizeof(hub->code));
        return accept_request(hub, "enroll", request);
}

static struct api_answer hub_enroll_picture(void *userdata, int fd,
                                            const struct api_request *request)
{
        struct hub *hub = userdata;
        struct api_answer answer;

        hub->n_code = (size_t)pread(fd, hub->code, sizeof(hub->code), 0);
        answer = accept_request(hub, "enroll_picture", request);
        if (answer.reason == REASON_NONE)
                (void)close(fd);
        return answer;
}

static struct api_answer hub_scan(void *userdata, const struct api_request *request)
{
        return accept_request(userdata, "scan", request);
}

/* Half of what was asked for. */
static struct api_answer hub_open_window(void *userdata, const struct api_request *request,
                                         unsigned *ret_seconds)
{
        struct hub *hub = userdata;

        (void)snprintf(hub->asked, sizeof(hub->asked), "open window");
        hub->source = request->source;
        hub->seconds = request->seconds;
        *ret_seconds = request->seconds / 2;
        return hub->answer;
}

static struct api_answer hub_close_window(void *userdata)
{
        struct hub *hub = userdata;

        (void)snprintf(hub->asked, sizeof(hub->asked), "close window");
        return hub->answer;
}

static struct api_answer hub_cancel(void *userdata, const char *transaction)
{
        static const struct event cancelled = {
                .status = EVENT_FAILED,
                .reason = REASON_CANCELLED,
                .transaction = TRANSACTION,
                .source = EVENT_SOURCE_TEXT,
                .text = "",
        };
        struct hub *hub = userdata;

        if (strcmp(transaction, TRANSACTION) != 0)
                return api_refuse(REASON_REQUEST_INVALID);
        (void)snprintf(hub->cancelled, sizeof(hub->cancelled), "%s", transaction);
        hub_tell(hub, &cancelled);
        return api_accept("");
}

static struct api_answer hub_rename(void *userdata, const char *device, const char *name)
{
        struct hub *hub = userdata;

        (void)snprintf(hub->asked, sizeof(hub->asked), "rename");
        (void)snprintf(hub->device, sizeof(hub->device), "%s", device);
        (void)snprintf(hub->name, sizeof(hub->name), "%s", name);
        return hub->answer;
}

static struct api_answer hub_delivery(void *userdata, const char *device,
                                      const struct store_delivery *delivery)
{
        struct hub *hub = userdata;
        struct store_device row;

        (void)snprintf(hub->asked, sizeof(hub->asked), "delivery");
        (void)snprintf(hub->device, sizeof(hub->device), "%s", device);
        assert_int_equal(store_find_name(hub->store, device, &row), 0);
        assert_int_equal(store_delivery_set(hub->store, row.device_id, delivery), 0);
        return hub->answer;
}

/* The values of a command that is done are 7 and 21.5. */
static int hub_on_settle(sd_event_source *source, void *userdata)
{
        static const struct reading values[] = {
                {.leaf = "identify", .value = {.type = MESSAGE_INTEGER, .integer = 7}},
                {.leaf = "temperature",
                 .value = {.type = MESSAGE_DECIMAL, .integer = 215, .exponent = -1}},
        };
        struct hub *hub = userdata;
        const struct api_outcome outcome = {
                .answer = hub->answer, .values = values, .n_values = ELEMENTSOF(values)};

        (void)source;
        hub->later.on_outcome(hub->later.userdata, &outcome);
        return 0;
}

static void settle(struct hub *hub, const struct api_later *later)
{
        hub->later = *later;
        if (hub->answers_later)
                assert_int_equal(loop_arm_defer(hub->event, &hub->settle, hub_on_settle, hub), 0);
        else
                (void)hub_on_settle(NULL, hub);
}

static void hub_remove(void *userdata, const char *device, bool force,
                       const struct api_later *later)
{
        struct hub *hub = userdata;

        (void)snprintf(hub->asked, sizeof(hub->asked), "remove");
        (void)snprintf(hub->device, sizeof(hub->device), "%s", device);
        hub->force = force;
        settle(hub, later);
}

static void hub_command(void *userdata, const struct command *command,
                        const struct api_later *later)
{
        struct hub *hub = userdata;
        size_t n = 0;

        (void)snprintf(hub->asked, sizeof(hub->asked), "%s",
                       command->kind == COMMAND_SET ? "set" : "get");
        (void)snprintf(hub->device, sizeof(hub->device), "%s", command->name);
        for (size_t i = 0; i < command->n_values && n < sizeof(hub->command); i++)
                n += (size_t)snprintf(hub->command + n, sizeof(hub->command) - n, "%u:%s=%lld ",
                                      command->values[i].value.channel, command->values[i].leaf,
                                      (long long)command->values[i].value.integer);
        settle(hub, later);
}

static void hub_status(void *userdata, struct api_status *ret_status)
{
        struct hub *hub = userdata;

        *ret_status = hub->status;
        if (hub->play_on_status)
                assert_int_equal(loop_arm_defer(hub->event, &hub->play, hub_on_play, hub), 0);
}

static const struct api_handler handler = {
        .on_enroll = hub_enroll,
        .on_enroll_picture = hub_enroll_picture,
        .on_scan = hub_scan,
        .on_open_window = hub_open_window,
        .on_close_window = hub_close_window,
        .on_cancel = hub_cancel,
        .on_rename = hub_rename,
        .on_delivery = hub_delivery,
        .on_remove = hub_remove,
        .on_command = hub_command,
        .on_status = hub_status,
};

static const struct api_status quiet_status = {
        .version = "0.1.0",
        .hub = "home",
        .broker = "tcp:localhost:1883",
        .broker_state = REASON_BROKER_UNREACHABLE,
        .adapters = {{.name = "hci0"}},
        .n_adapters = 1,
        .n_devices = 2,
        .n_issuers = 1,
};

static const struct api_enrollment two_enrollments[] = {
        {TRANSACTION, "kitchen", EVENT_STEP_SUPPLY},
        {"8899aabbccddeeff", NULL, EVENT_STEP_CODE},
};

void hub_set_running(struct hub *hub, size_t n)
{
        memcpy(hub->status.enrollments, two_enrollments, n * sizeof(two_enrollments[0]));
        hub->status.n_enrollments = n;
}

void hub_wait_until_up(struct hub *hub)
{
        while (!bus_is_up(hub->bus))
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
}

void hub_serve(struct hub *hub, struct bus **ret_bus)
{
        const struct api_backend backend = {&handler,         hub,  hub->store, hub->state,
                                            &hub->conditions, NULL, NULL};

        assert_int_equal(bus_new(hub->event, hub->private_bus.address, "home", &backend, ret_bus),
                         0);
}

void hub_prepare(struct hub *hub, const char *policy)
{
        *hub = (struct hub){.status = quiet_status};
        private_bus_start(&hub->private_bus, policy);
        assert_int_equal(sd_event_new(&hub->event), 0);
        assert_int_equal(state_new(&hub->state), 0);
}

void hub_start(struct hub *hub, const char *policy)
{
        hub_prepare(hub, policy);
        hub_serve(hub, &hub->bus);
        hub_wait_until_up(hub);
}

void hub_stop(struct hub *hub)
{
        loop_drop(&hub->play);
        loop_drop(&hub->look);
        loop_drop(&hub->settle);
        (void)bus_free(hub->bus);
        (void)state_free(hub->state);
        (void)store_free(hub->store);
        if (hub->store_path[0])
                sample_clean(hub->store_path);
        (void)sd_event_unref(hub->event);
        private_bus_stop(&hub->private_bus);
}

void hub_read_back(int fd, char text[OUTPUT_MAX])
{
        ssize_t n = pread(fd, text, OUTPUT_MAX - 1, 0);

        assert_true(n >= 0);
        text[n] = 0;
        (void)close(fd);
}

static int hub_on_end(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct hub *hub = userdata;

        (void)source;
        (void)fd;
        (void)revents;
        hub->run.ended = true;
        return 0;
}

_Noreturn void hub_execute(const char *program, const char *address, const char *const *arguments,
                           int in, int out, int err)
{
        char bus[160], *argv[ARGUMENTS_MAX + 3] = {(char *)"enrollctl", bus};

        (void)snprintf(bus, sizeof(bus), "--bus=%s", address);
        for (size_t i = 0; arguments[i]; i++)
                argv[i + 2] = (char *)arguments[i];
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)dup2(in, STDIN_FILENO);
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(err, STDERR_FILENO);
        (void)execv(program, argv);
        _exit(127);
}

void hub_run(struct hub *hub, const char *program, const char *input, const char *const *arguments)
{
        int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
        sd_event_source *end = NULL;
        int in[2], status, pidfd;

        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        if (input)
                assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
        (void)close(in[1]);
        hub->n_played = 0;
        hub->run.out_fd = out;
        hub->run.ended = false;
        hub->run.pid = fork();
        assert_true(hub->run.pid >= 0);
        if (hub->run.pid == 0)
                hub_execute(program, hub->private_bus.address, arguments, in[0], out, err);
        (void)close(in[0]);
        pidfd = pidfd_open(hub->run.pid, 0);
        assert_true(pidfd >= 0);
        assert_int_equal(sd_event_add_io(hub->event, &end, pidfd, EPOLLIN, hub_on_end, hub), 0);
        while (!hub->run.ended)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        (void)sd_event_source_unref(end);
        (void)close(pidfd);
        assert_int_equal(waitpid(hub->run.pid, &status, 0), hub->run.pid);
        assert_true(WIFEXITED(status));
        hub->run.exit_code = WEXITSTATUS(status);
        hub_read_back(out, hub->run.out);
        hub_read_back(err, hub->run.err);
}

const struct event hub_good[GOOD_EVENTS] = {
        EVENT(EVENT_STARTED, .text = ""),
        EVENT(EVENT_PREVIEW, .text = "Thermo One, signed by Nordlicht (trusted)."),
        EVENT(EVENT_PROGRESS, .text = "", .step = EVENT_STEP_FIND),
        EVENT(EVENT_PROGRESS, .text = "found, -58 dBm", .step = EVENT_STEP_FIND, .done = true,
              .step_ms = 400),
        EVENT(EVENT_SUCCESSFUL, .text = "", .step = EVENT_STEP_GATEWAY, .device = "thermo-one",
              .total_ms = 1100, .device_id = "000102030405060708090a0b0c0d0e0f"),
        /* somebody else's, and one that is late: neither is ours to show */
        {.status = EVENT_FAILED,
         .transaction = "ffff",
         .source = EVENT_SOURCE_TEXT,
         .text = "not mine"},
};

void hub_set_script(struct hub *hub, const struct event *script, size_t n_script)
{
        hub->script = script;
        hub->n_script = n_script;
}

void hub_expect_json_error(const struct run *run, const char *code)
{
        json_t *json = json_loads(run->out, 0, NULL);
        const json_t *error = json_object_get(json, "error");

        if (!json)
                fail_msg("not JSON: %s", run->out);
        assert_string_equal(json_string_value(json_object_get(error, "code")), code);
        assert_true(json_string_length(json_object_get(error, "message")) > 0);
        assert_true(json_string_length(json_object_get(error, "remedy")) > 0);
        assert_string_equal(run->err, "");
        json_decref(json);
}
