/* SPDX-License-Identifier: Apache-2.0 */

/*
 * org.enrolld1 and enrollctl against each other: the real program, a private bus, the daemon's side
 * in this process with a backend that plays scripts.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "api/json.h"
#include "bus/bus.h"
#include "config.h"
#include "support/private-bus.h"
#include "support/store-sample.h"
#include "util/defer.h"
#include "util/loop.h"

#define PATIENCE_SEC  120 /* for the whole test */
#define TRANSACTION   "0011223344556677"
#define LOOK_MSEC     5
#define OUTPUT_MAX    16384
#define ARGUMENTS_MAX 12

/* What the program did. */
struct run {
        pid_t pid;
        int out_fd;
        bool ended;
        int exit_code;
        char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

struct hub {
        struct private_bus private_bus;
        sd_event *event;
        struct bus *bus;
        struct store *store;
        char store_path[256];
        sd_event_source *play, *look;

        /* the script: what happens after a request was accepted */
        const struct event *script;
        size_t n_script, n_played;
        struct api_answer answer; /* to the request itself, if it is refused */
        bool leaves;              /* the daemon goes away when the script is over */
        int signal;               /* for the program, when the script is over */
        bool play_on_status;

        /* what GetStatus and GetDevice say */
        struct api_status status;
        struct state *state;
        struct conditions conditions;

        /* what it was asked */
        enum event_source source;
        char asked[32], name[40], value[80], cancelled[32];
        uint8_t code[64];
        size_t n_code, n_values;
        unsigned seconds;
        bool dry_run;

        struct run run;
};

static void tell_event(struct hub *hub, const struct event *event)
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
                tell_event(hub, &hub->script[hub->n_played++]);
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
        tell_event(hub, &cancelled);
        return api_accept("");
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
        .on_cancel = hub_cancel,
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

/* The first @n of two_enrollments run. */
static void set_running(struct hub *hub, size_t n)
{
        memcpy(hub->status.enrollments, two_enrollments, n * sizeof(two_enrollments[0]));
        hub->status.n_enrollments = n;
}

static void wait_until_up(struct hub *hub)
{
        while (!bus_is_up(hub->bus))
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
}

static void serve(struct hub *hub, struct bus **ret_bus)
{
        const struct api_backend backend = {&handler, hub, hub->store, hub->state,
                                            &hub->conditions};

        assert_int_equal(bus_new(hub->event, hub->private_bus.address, "home", &backend, ret_bus),
                         0);
}

static void hub_prepare(struct hub *hub, const char *policy)
{
        *hub = (struct hub){.status = quiet_status};
        private_bus_start(&hub->private_bus, policy);
        assert_int_equal(sd_event_new(&hub->event), 0);
        assert_int_equal(state_new(&hub->state), 0);
}

static void hub_start(struct hub *hub, const char *policy)
{
        hub_prepare(hub, policy);
        serve(hub, &hub->bus);
        wait_until_up(hub);
}

static void hub_stop(struct hub *hub)
{
        loop_drop(&hub->play);
        loop_drop(&hub->look);
        (void)bus_free(hub->bus);
        (void)state_free(hub->state);
        (void)store_free(hub->store);
        if (hub->store_path[0])
                sample_clean(hub->store_path);
        (void)sd_event_unref(hub->event);
        private_bus_stop(&hub->private_bus);
}

static void read_back(int fd, char text[OUTPUT_MAX])
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

static void execute(const char *address, const char *const *arguments, int in, int out, int err)
{
        char bus[160], *argv[ARGUMENTS_MAX + 3] = {(char *)"enrollctl", bus};

        (void)snprintf(bus, sizeof(bus), "--bus=%s", address);
        for (size_t i = 0; arguments[i]; i++)
                argv[i + 2] = (char *)arguments[i];
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)dup2(in, STDIN_FILENO);
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(err, STDERR_FILENO);
        (void)execv(ENROLLCTL, argv);
        _exit(127);
}

/* Runs enrollctl to its end while the hub serves; @input is what it reads, or NULL. */
static void run_with_input(struct hub *hub, const char *input, const char *const *arguments)
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
                execute(hub->private_bus.address, arguments, in[0], out, err);
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
        read_back(out, hub->run.out);
        read_back(err, hub->run.err);
}

#define RUN(hub, ...) run_with_input((hub), NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_INPUT(hub, input, ...)                                                                 \
        run_with_input((hub), (input), (const char *const[]){__VA_ARGS__, NULL})

#define EVENT(s, ...)                                                                              \
        {                                                                                          \
                .status = (s), .transaction = TRANSACTION, .source = EVENT_SOURCE_TEXT,            \
                __VA_ARGS__                                                                        \
        }

static const struct event good[] = {
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

static const struct event bad[] = {
        EVENT(EVENT_STARTED, .text = ""),
        EVENT(EVENT_PROGRESS, .text = "", .step = EVENT_STEP_FIND),
        EVENT(EVENT_FAILED, .text = "Nothing was heard of it.", .step = EVENT_STEP_FIND,
              .reason = REASON_DEVICE_NOT_FOUND),
};

static void set_script(struct hub *hub, const struct event *script, size_t n_script)
{
        hub->script = script;
        hub->n_script = n_script;
}

#define SCRIPT(hub, events) set_script((hub), (events), ELEMENTSOF(events))

/* stdout is one JSON document with this error, and stderr is empty. */
static void assert_json_error(const struct run *run, const char *code)
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

static void test_api_enroll_shows_each_step_and_ends_with_0(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        RUN(&hub, "enroll", "ENR1:ABC", "--name=hall", "--set", "location=Hall", "--set",
            "owner=Ada=Countess", "--dry-run");
        assert_string_equal(hub.run.err, "");
        assert_string_equal(
                hub.run.out,
                "Thermo One, signed by Nordlicht (trusted).\n"
                " 1/7  find the device                 found, -58 dBm                0.4 s\n"
                "Enrolled as thermo-one in 1.1 s.\n");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll");
        assert_int_equal(hub.source, EVENT_SOURCE_TEXT);
        assert_int_equal(hub.n_code, 8);
        assert_memory_equal(hub.code, "ENR1:ABC", 8);
        assert_string_equal(hub.name, "hall");
        assert_int_equal(hub.n_values, 2);
        assert_string_equal(hub.value, "location=Hall");
        assert_true(hub.dry_run);
        hub_stop(&hub);
}

static void test_api_quiet_enrollment_says_nothing(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        RUN(&hub, "scan", "-q", "--seconds=7");
        assert_string_equal(hub.run.out, "");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "scan");
        assert_int_equal(hub.source, EVENT_SOURCE_CAMERA);
        assert_int_equal(hub.seconds, 7);
        hub_stop(&hub);
}

static void test_api_json_is_one_document_or_one_for_each_event(void **state)
{
        struct hub hub;
        json_t *json;
        char *line, *rest;
        int n = 0;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        RUN(&hub, "--json", "scan");
        assert_int_equal(hub.run.exit_code, 0);
        json = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(json, "status")), "successful");
        assert_string_equal(json_string_value(json_object_get(json, "friendly_name")),
                            "thermo-one");
        json_decref(json);

        RUN(&hub, "--json=lines", "scan");
        assert_int_equal(hub.run.exit_code, 0);
        rest = hub.run.out;
        while ((line = strsep(&rest, "\n")) && line[0]) {
                json = json_loads(line, 0, NULL);
                assert_string_equal(json_string_value(json_object_get(json, "status")),
                                    event_status_name(good[n++].status));
                json_decref(json);
        }
        assert_int_equal(n, 5);
        hub_stop(&hub);
}

static void test_api_failed_enrollment_ends_with_4_and_a_remedy(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, bad);
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 4);
        assert_string_equal(hub.run.out, " 1/7  find the device                 failed\n");
        assert_string_equal(hub.run.err,
                            "error: Nothing was heard of it. (device_not_found)\n"
                            "remedy: Switch the device on, bring it closer, disconnect it from "
                            "phones and other hubs, and put it into enrollment mode.\n");
        RUN(&hub, "scan", "--json");
        assert_int_equal(hub.run.exit_code, 4);
        assert_json_error(&hub.run, "device_not_found");
        assert_non_null(strstr(hub.run.out, "Nothing was heard of it."));
        RUN(&hub, "scan", "--quiet");
        assert_string_equal(hub.run.out, "");
        assert_non_null(strstr(hub.run.err, "error: Nothing was heard of it."));
        hub_stop(&hub);
}

static void test_api_refusals_have_their_exit_codes(void **state)
{
        static const struct {
                enum reason answer;
                int exit_code;
        } cases[] = {
                {REASON_BUSY, 4},
                {REASON_CODE_NOT_ENROLLMENT, 4},
                {REASON_ALREADY_ENROLLED, 5},
                {REASON_REQUEST_INVALID, 2},
                {REASON_INTERNAL, 4},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char expected[512];

                hub.answer = api_refuse(cases[i].answer);
                RUN(&hub, "enroll", "ENR1:X");
                assert_int_equal(hub.run.exit_code, cases[i].exit_code);
                (void)snprintf(expected, sizeof(expected), "error: %s (%s)\nremedy: %s\n",
                               reason_text(hub.answer.reason), reason_code(hub.answer.reason),
                               reason_remedy(hub.answer.reason));
                assert_string_equal(hub.run.err, expected);
                assert_string_equal(hub.run.out, "");
                RUN(&hub, "--json", "enroll", "ENR1:X");
                assert_int_equal(hub.run.exit_code, cases[i].exit_code);
                assert_json_error(&hub.run, reason_code(hub.answer.reason));
        }
        hub_stop(&hub);
}

static void test_api_refusal_says_what_exactly(void **state)
{
        char phrase[API_DETAIL_SIZE];
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.answer = api_refuse_because(REASON_BUSY, "%d enrollments are running", 8);
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 4);
        assert_memory_equal(hub.run.err,
                            "error: The hub is busy: 8 enrollments are running. (busy)\n", 58);
        RUN(&hub, "scan", "--json");
        assert_json_error(&hub.run, "busy");
        assert_non_null(strstr(hub.run.out, "The hub is busy: 8 enrollments are running.\""));

        /* The longest one, whole and without the remedy behind it. */
        memset(phrase, 'x', sizeof(phrase) - 1);
        phrase[sizeof(phrase) - 1] = 0;
        hub.answer = api_refuse_because(REASON_BUSY, "%s", phrase);
        RUN(&hub, "scan");
        assert_non_null(strstr(hub.run.err, phrase));
        assert_non_null(strstr(hub.run.err, "xxx. (busy)\nremedy: Wait"));
        hub_stop(&hub);
}

/* Writes a file into the bus's directory; private_bus_stop() expects it to be removed again. */
static void write_file(struct hub *hub, char path[128], const char *text, size_t n_text)
{
        FILE *file;

        (void)snprintf(path, 128, "%s/code", hub->private_bus.directory);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, n_text, file), n_text);
        assert_int_equal(fclose(file), 0);
}

static void test_api_file_is_what_its_content_says(void **state)
{
        static const struct {
                const char *content;
                size_t n_content;
                const char *asked;
        } cases[] = {
                {"\x89PNG\r\n\x1a\n....", 12, "enroll_picture"},
                {"\xff\xd8\xff\xe0", 4, "enroll_picture"},
                {"P5\n1 1\n", 7, "enroll_picture"},
                {"P2 1 1", 6, "enroll_picture"},
                {"P51", 3, "enroll"},
                {"ENR1:ABC\n", 9, "enroll"},
                {"\xd2\x84\x4d\x00\xff", 5, "enroll"},
        };
        struct hub hub;
        char path[128];

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                write_file(&hub, path, cases[i].content, cases[i].n_content);
                RUN(&hub, "enroll", "--file", path);
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.asked, cases[i].asked);
                assert_int_equal(hub.source, EVENT_SOURCE_FILE);
                assert_int_equal(hub.n_code, cases[i].n_content);
                assert_memory_equal(hub.code, cases[i].content, cases[i].n_content);
                RUN(&hub, "enroll", path);
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.asked, cases[i].asked);
                assert_int_equal(hub.source, EVENT_SOURCE_FILE);
        }
        (void)unlink(path);
        RUN(&hub, "enroll", "--file", path, "--json");
        assert_int_equal(hub.run.exit_code, 1);
        assert_json_error(&hub.run, "input");
        RUN(&hub, "enroll", path, "--json");
        assert_int_equal(hub.run.exit_code, 1);
        assert_json_error(&hub.run, "input");
        RUN(&hub, "enroll", "--file", "/dev/null");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void test_api_code_that_a_shell_has_split_is_joined(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        RUN(&hub, "enroll", "ENR1:RRQT", "9P60GO", "--dry-run", "A");
        assert_int_equal(hub.run.exit_code, 0);
        assert_int_equal(hub.source, EVENT_SOURCE_TEXT);
        assert_int_equal(hub.n_code, 18);
        assert_memory_equal(hub.code, "ENR1:RRQT 9P60GO A", 18);
        RUN(&hub, "enroll", "");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void test_api_standard_input_takes_codes_and_pictures(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, good);
        RUN_INPUT(&hub, "ENR1:FROM-A-PIPE\n", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll");
        assert_memory_equal(hub.code, "ENR1:FROM-A-PIPE\n", hub.n_code);
        RUN_INPUT(&hub, "P5 1 1 255 x", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll_picture");
        assert_int_equal(hub.n_code, 12);
        assert_memory_equal(hub.code, "P5 1 1 255 x", 12);
        RUN_INPUT(&hub, "", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void fill_store(struct hub *hub)
{
        struct sample sample;

        sample_path(hub->store_path, sizeof(hub->store_path), "store");
        assert_int_equal(store_open(hub->store_path, &hub->store), 0);
        for (unsigned i = 1; i <= 2; i++) {
                sample_init(&sample, i);
                sample.device.n_functions = i == 1 ? 3 : 2;
                memcpy(sample.device.functions, "\x82\x01\x03", 3);
                assert_int_equal(store_enroll(hub->store, &sample.enrollment), 0);
        }
}

static void test_api_list_and_info_show_the_store(void **state)
{
        struct hub hub;
        json_t *document, *list, *device;
        const char *id;

        (void)state;
        hub_prepare(&hub, "");
        fill_store(&hub);
        serve(&hub, &hub.bus);
        wait_until_up(&hub);
        RUN(&hub, "list", "--json");
        assert_int_equal(hub.run.exit_code, 0);
        document = json_loads(hub.run.out, 0, NULL);
        list = json_object_get(document, "devices");
        assert_int_equal(json_array_size(list), 2);
        device = json_array_get(list, 0);
        assert_string_equal(json_string_value(json_object_get(device, "friendly_name")),
                            "device-1");
        assert_string_equal(json_string_value(json_object_get(device, "interview_state")),
                            "IN_PROGRESS");
        assert_int_equal(json_array_size(json_object_get(device, "channels")), 2);
        assert_null(json_object_get(device, "public_key"));
        assert_int_equal(json_array_size(json_object_get(device, "functions")), 2);
        assert_int_equal(
                json_integer_value(json_array_get(json_object_get(device, "functions"), 1)), 3);
        assert_int_equal(json_array_size(json_object_get(json_array_get(list, 1), "functions")), 0);
        id = json_string_value(json_object_get(device, "device_id"));
        assert_int_equal(strlen(id), 32);

        RUN(&hub, "info", id, "--json");
        assert_int_equal(hub.run.exit_code, 0);
        device = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(device, "friendly_name")),
                            "device-1");
        assert_int_equal(json_string_length(json_object_get(device, "public_key")), 64);
        json_decref(device);
        json_decref(document);

        RUN(&hub, "list");
        assert_non_null(strstr(hub.run.out, "NAME"));
        assert_non_null(strstr(hub.run.out, "device-2"));
        RUN(&hub, "-q");
        assert_string_equal(hub.run.out, "device-1\ndevice-2\n");
        RUN(&hub, "info", "device-1");
        assert_non_null(strstr(hub.run.out, "1, 3\n"));
        RUN(&hub, "info", "device-2");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "CHANNEL"));
        RUN(&hub, "info", "device-3");
        assert_int_equal(hub.run.exit_code, 10);
        assert_non_null(strstr(hub.run.err, "remedy: Did you mean device-1?"));
        RUN(&hub, "info", "elsewhere");
        assert_non_null(strstr(hub.run.err, "remedy: See enrollctl list for the names."));
        RUN(&hub, "info", "device-3", "--json");
        assert_json_error(&hub.run, "no_such_device");
        hub_stop(&hub);
}

static void test_api_empty_list_says_how_to_begin(void **state)
{
        struct hub hub;
        json_t *document;

        (void)state;
        hub_prepare(&hub, "");
        sample_path(hub.store_path, sizeof(hub.store_path), "store");
        assert_int_equal(store_open(hub.store_path, &hub.store), 0);
        serve(&hub, &hub.bus);
        wait_until_up(&hub);
        RUN(&hub, "list", "--json");
        document = json_loads(hub.run.out, 0, NULL);
        assert_true(json_is_array(json_object_get(document, "devices")));
        assert_int_equal(json_array_size(json_object_get(document, "devices")), 0);
        json_decref(document);
        RUN(&hub, "-q");
        assert_string_equal(hub.run.out, "");
        hub.status.n_issuers = 0;
        RUN(&hub, "list");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "There are no devices on this hub yet."));
        assert_non_null(strstr(hub.run.out, "/etc/enrolld/issuers.d"));
        assert_non_null(strstr(hub.run.out, "enrollctl scan"));
        hub.status.n_issuers = 1;
        RUN(&hub, "list");
        assert_null(strstr(hub.run.out, "issuers.d"));
        assert_non_null(strstr(hub.run.out, "enrollctl enroll FILE"));
        hub_stop(&hub);
}

static void test_api_status_names_what_is_wrong(void **state)
{
        struct hub hub;
        json_t *status;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "tcp:localhost:1883"));
        assert_non_null(strstr(hub.run.out, "(broker_unreachable)"));
        assert_non_null(strstr(hub.run.out, "hci0"));
        RUN(&hub, "status", "--json");
        status = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(status, "mqtt"), "state")),
                "broker_unreachable");
        assert_int_equal(json_integer_value(json_object_get(status, "devices")), 2);
        assert_true(json_is_false(json_object_get(status, "enrolling")));
        json_decref(status);
        hub_stop(&hub);
}

static void test_api_status_lists_adapters_enrollments_and_problems(void **state)
{
        struct hub hub;
        json_t *status;
        char *text;

        (void)state;
        hub_start(&hub, "");
        hub.status.adapters[1] = (struct api_adapter){"hci1", REASON_ADAPTER_OFF, NULL};
        hub.status.n_adapters = 2;
        set_running(&hub, 2);
        hub.status.unfinished[0] = (struct api_unfinished){"hall", false, false, 1769860800};
        hub.status.unfinished[1] = (struct api_unfinished){"attic", false, true, 1769860800};
        hub.status.unfinished[2] = (struct api_unfinished){"cellar", true, false, 1769860800};
        hub.status.n_unfinished = 3;
        assert_true(condition_set(&hub.conditions, REASON_STORE_FULL, true, 1));
        assert_true(condition_set(&hub.conditions, REASON_CAMERA_MISSING, true, 1));
        RUN(&hub, "status", "--json");
        status = json_loads(hub.run.out, 0, NULL);
        assert_true(json_is_true(json_object_get(status, "enrolling")));
        text = json_dumps(json_object_get(status, "bluetooth"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "{\"adapters\":[{\"name\":\"hci0\",\"state\":\"ok\"},"
                            "{\"name\":\"hci1\",\"state\":\"adapter_off\"}],\"state\":\"ok\"}");
        free(text);
        text = json_dumps(json_object_get(status, "enrollments"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "[{\"friendly_name\":\"kitchen\",\"step\":4,\"step_name\":\"supply\","
                            "\"step_title\":\"supply the values\",\"steps\":7,"
                            "\"transaction\":\"" TRANSACTION "\"},"
                            "{\"step\":0,\"step_name\":\"code\","
                            "\"step_title\":\"check the code\",\"steps\":7,"
                            "\"transaction\":\"8899aabbccddeeff\"}]");
        free(text);
        text = json_dumps(json_object_get(status, "unfinished"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "[{\"friendly_name\":\"hall\",\"next_try\":\"2026-01-31T12:00:00Z\","
                            "\"state\":\"waiting\"},"
                            "{\"friendly_name\":\"attic\",\"state\":\"looking\"},"
                            "{\"friendly_name\":\"cellar\",\"state\":\"finishing\"}]");
        free(text);
        text = json_dumps(json_object_get(status, "conditions"), JSON_COMPACT);
        assert_string_equal(text, "[\"camera_missing\",\"store_full\"]");
        free(text);
        json_decref(status);

        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, " hci0\n"));
        assert_non_null(strstr(hub.run.out, " hci1: "));
        assert_non_null(strstr(hub.run.out, TRANSACTION ", kitchen, step 4/7 supply the values\n"));
        assert_non_null(strstr(hub.run.out, " 8899aabbccddeeff, step 0/7 check the code\n"));
        assert_non_null(strstr(hub.run.out, "hall, waiting until 2026-01-31T12:00:00Z\n"));
        assert_non_null(strstr(hub.run.out, "attic, looking\n"));
        assert_non_null(strstr(hub.run.out, "Open problems"));
        assert_non_null(strstr(hub.run.out, "(store_full)"));
        hub_stop(&hub);
}

/* What is configured and missing stands beside what is there; a port that works is a row, too. */
static void test_api_status_names_what_is_missing_and_what_is_there(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.status.adapters[1] =
                (struct api_adapter){"00:00:5E:00:53:02", REASON_ADAPTER_MISSING, NULL};
        hub.status.n_adapters = 2;
        hub.status.others[0] = (struct api_adapter){"hci1", REASON_NONE, "00:00:5E:00:53:01"};
        hub.status.n_others = 1;
        hub.status.ports[0] = (struct api_port){"unix:/run/a", REASON_NONE};
        hub.status.ports[1] = (struct api_port){"unix:/run/b", REASON_PORT_UNAVAILABLE};
        hub.status.n_ports = 2;
        assert_true(condition_set(&hub.conditions, REASON_ADAPTER_MISSING, true, 1));
        assert_true(condition_set(&hub.conditions, REASON_PORT_UNAVAILABLE, true, 1));
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, " 00:00:5E:00:53:02: The Bluetooth adapter is missing. "
                                            "(adapter_missing) "));
        assert_non_null(
                strstr(hub.run.out, " hci1 00:00:5E:00:53:01: there, but not configured\n"));
        assert_non_null(strstr(hub.run.out, "Stream ports"));
        assert_non_null(strstr(hub.run.out, " unix:/run/a\n"));
        assert_non_null(strstr(hub.run.out, " unix:/run/b: "));
        assert_non_null(strstr(hub.run.out, "(port_unavailable)"));
        assert_null(strstr(hub.run.out, "Open problems"));
        hub_stop(&hub);
}

static void test_api_status_says_a_problem_once(void **state)
{
        struct hub hub;
        char *first;

        (void)state;
        hub_start(&hub, "");
        hub.status.n_adapters = 0;
        hub.status.bluetooth_state = REASON_ADAPTER_MISSING;
        assert_true(condition_set(&hub.conditions, REASON_ADAPTER_MISSING, true, 1));
        RUN(&hub, "status");
        first = strstr(hub.run.out, "(adapter_missing)");
        assert_non_null(first);
        assert_null(strstr(first + 1, "(adapter_missing)"));
        assert_null(strstr(hub.run.out, "Open problems"));
        hub_stop(&hub);
}

static void test_api_info_shows_what_is_known_of_a_device(void **state)
{
        const struct reading readings[] = {
                {"temperature", {.type = MESSAGE_DECIMAL, .integer = 2734, .exponent = -2}},
                {"mode", {.type = MESSAGE_TEXT, .text = {(const uint8_t *)"day", 3}}},
        };
        struct store_device row;
        struct hub hub;
        json_t *device;
        char *text;

        (void)state;
        hub_prepare(&hub, "");
        fill_store(&hub);
        assert_int_equal(store_find_name(hub.store, "device-1", &row), 0);
        assert_int_equal(state_add(hub.state, row.device_id, row.name), 0);
        serve(&hub, &hub.bus);
        wait_until_up(&hub);
        RUN(&hub, "info", "device-1", "--json");
        device = json_loads(hub.run.out, 0, NULL);
        assert_null(json_object_get(device, "state"));
        text = json_dumps(json_object_get(device, "availability"), JSON_COMPACT);
        assert_string_equal(text, "{\"state\":\"offline\"}");
        free(text);
        json_decref(device);

        assert_int_equal(state_readings(hub.state, row.device_id, readings, 2, 1769860800), 0);
        assert_true(state_available(hub.state, row.device_id, true));
        RUN(&hub, "info", "device-1", "--json");
        assert_non_null(strstr(hub.run.out, "27.34,"));
        device = json_loads(hub.run.out, 0, NULL);
        text = json_dumps(json_object_get(device, "state"),
                          JSON_COMPACT | JSON_SORT_KEYS | JSON_DECIMALS);
        assert_string_equal(text, "{\"last_seen\":\"2026-01-31T12:00:00Z\",\"mode\":\"day\","
                                  "\"temperature\":27.34}");
        free(text);
        json_decref(device);
        RUN(&hub, "info", "device-1");
        assert_non_null(strstr(hub.run.out, "online"));
        assert_non_null(strstr(hub.run.out, "2026-01-31T12:00:00Z"));
        assert_non_null(strstr(hub.run.out, "27.34"));
        hub_stop(&hub);
}

static void test_api_interrupt_cancels_the_enrollment(void **state)
{
        static const int signals[] = {SIGINT, SIGTERM};
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        set_script(&hub, good, 3);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                hub.signal = signals[i];
                hub.cancelled[0] = 0;
                RUN(&hub, "scan");
                assert_string_equal(hub.cancelled, TRANSACTION);
                assert_int_equal(hub.run.exit_code, 4);
                assert_non_null(strstr(hub.run.err, "(cancelled)"));
        }
        hub_stop(&hub);
}

static void test_api_cancel_ends_what_runs(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 5);
        set_running(&hub, 1);
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.cancelled, TRANSACTION);
        RUN(&hub, "cancel", "ff");
        assert_int_equal(hub.run.exit_code, 2);
        hub_stop(&hub);
}

static void test_api_cancel_wants_a_name_while_several_run(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        set_running(&hub, 2);
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 2);
        assert_non_null(strstr(hub.run.err, TRANSACTION " (kitchen), 8899aabbccddeeff."));
        assert_string_equal(hub.cancelled, "");
        RUN(&hub, "cancel", TRANSACTION);
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.cancelled, TRANSACTION);
        hub_stop(&hub);
}

static void test_api_timeout_cancels_and_ends_with_3(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        set_script(&hub, good, 3);
        RUN(&hub, "scan", "--timeout=1");
        assert_int_equal(hub.run.exit_code, 3);
        assert_string_equal(hub.cancelled, TRANSACTION);
        hub_stop(&hub);
}

static void test_api_monitor_shows_everybodys_events(void **state)
{
        struct hub hub;
        json_t *json;

        (void)state;
        hub_start(&hub, "");
        set_script(&hub, &good[5], 1);
        hub.play_on_status = true;
        hub.signal = SIGINT;
        RUN(&hub, "monitor");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(strchr(hub.run.out, ' '), " ffff - failed check the code: not mine\n");
        RUN(&hub, "monitor", "--json");
        json = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(json, "text")), "not mine");
        json_decref(json);
        hub_stop(&hub);
}

static void test_api_monitor_ends_when_its_time_is_up(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "monitor", "--timeout=1");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.run.out, "");
        assert_string_equal(hub.run.err, "");
        hub_stop(&hub);
}

static void test_api_daemon_absent_ends_with_8(void **state)
{
        static const char *const verbs[] = {"list", "status", "monitor", "scan", "cancel"};
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.bus = bus_free(hub.bus);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                RUN(&hub, verbs[i]);
                assert_int_equal(hub.run.exit_code, 8);
                assert_non_null(strstr(hub.run.err, "(not_running)"));
                assert_string_equal(hub.run.out, "");
        }
        private_bus_kill(&hub.private_bus);
        RUN(&hub, "list", "--json");
        assert_int_equal(hub.run.exit_code, 8);
        assert_json_error(&hub.run, "not_running");
        hub_stop(&hub);
}

static void test_api_daemon_gone_in_between_ends_with_8(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        set_script(&hub, good, 3);
        hub.leaves = true;
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 8);
        hub_stop(&hub);
}

static void test_api_somebody_without_permission_ends_with_77(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "<deny send_destination=\"org.enrolld1\"/>");
        RUN(&hub, "list");
        assert_int_equal(hub.run.exit_code, 77);
        RUN(&hub, "scan", "--json");
        assert_int_equal(hub.run.exit_code, 77);
        assert_json_error(&hub.run, "permission");
        hub_stop(&hub);
}

static void test_api_wrong_command_lines_end_with_2(void **state)
{
        static const char *const lines[][4] = {
                {"frobnicate"},
                {"info"},
                {"info", "a", "b"},
                {"enroll"},
                {"scan", "x"},
                {"enroll", "x", "--file=y"},
                {"--json=xml"},
                {"--nonsense"},
                {"scan", "--timeout=0"},
                {"scan", "--seconds=-1"},
                {"scan", "--set=x"},
                {"scan", "--set==x"},
                {"list", "--dry-run"},
                {"list", "--color=pink"},
                {"scan", "--name=a/b"},
                {"enroll", "x", "--seconds=5"},
                {"scan", "--seconds=601"},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                run_with_input(&hub, NULL, lines[i]);
                if (hub.run.exit_code != 2)
                        fail_msg("%s %s: %d", lines[i][0], lines[i][1] ? lines[i][1] : "",
                                 hub.run.exit_code);
                assert_string_equal(hub.asked, "");
        }
        hub_stop(&hub);
}

static void test_api_mistakes_are_named_with_what_was_meant(void **state)
{
        static const struct {
                const char *line[3];
                const char *says;
        } cases[] = {
                {{"lsit"}, "there is no verb lsit (did you mean list?)."},
                {{"list", "--jsn"}, "there is no option --jsn (did you mean --json?)."},
                {{"list", "--color=alway"}, "not alway (did you mean always?)."},
                {{"scan", "--seconds=601"}, "--seconds takes a number from 1 to 600, not 601."},
                {{"scan", "--name=a/b"}, "--name takes 1 to 32 letters, digits, - and _."},
                {{"list", "--name=a"}, "list takes no option --name, which is for scan, enroll."},
                {{"enroll"}, "enroll needs a file, a code, - or --file."},
                {{"/dev/null"}, "remedy: To enroll a device from it, use enrollctl enroll."},
                {{"enr1.AAAA"}, "remedy: To enroll a device from it, use enrollctl enroll."},
                {{"enroll", "/nonexistent"}, "cannot be read from /nonexistent: No such file"},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                run_with_input(&hub, NULL, cases[i].line);
                if (!strstr(hub.run.err, cases[i].says))
                        fail_msg("%s %s: %s", cases[i].line[0],
                                 cases[i].line[1] ? cases[i].line[1] : "", hub.run.err);
                assert_non_null(strstr(hub.run.err, "\nremedy: "));
                assert_string_equal(hub.asked, "");
        }
        RUN(&hub, "cancel", "ff");
        assert_non_null(strstr(hub.run.err, "remedy: See enrollctl status"));
        hub_stop(&hub);
}

static void test_api_help_and_version_need_no_bus(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        private_bus_kill(&hub.private_bus);
        RUN(&hub, "--help");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "Exit codes"));
        RUN(&hub, "--version");
        assert_int_equal(hub.run.exit_code, 0);
        assert_memory_equal(hub.run.out, "enrollctl ", 10);
        hub_stop(&hub);
}

static void test_api_bus_that_restarts_is_served_again(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        private_bus_kill(&hub.private_bus);
        while (bus_is_up(hub.bus))
                assert_true(sd_event_run(hub.event, UINT64_MAX) >= 0);
        tell_event(&hub, &good[0]);
        private_bus_again(&hub.private_bus);
        wait_until_up(&hub);
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        hub_stop(&hub);
}

static void test_api_name_that_is_taken_is_waited_for(void **state)
{
        struct bus *second = NULL;
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        serve(&hub, &second);
        RUN(&hub, "status");
        assert_false(bus_is_up(second));
        (void)bus_free(hub.bus);
        hub.bus = second;
        wait_until_up(&hub);
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        hub_stop(&hub);
}

/* What a stranger's call was answered. */
struct answer {
        bool there;
        char error[128];
        char text[64]; /* in a variant */
};

static int answer_on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(message);
        struct answer *answer = userdata;
        const char *text;

        (void)ret_error;
        answer->there = true;
        (void)snprintf(answer->error, sizeof(answer->error), "%s", error ? error->name : "");
        if (!error && sd_bus_message_read(message, "v", "s", &text) > 0)
                (void)snprintf(answer->text, sizeof(answer->text), "%s", text);
        return 0;
}

static sd_bus *stranger(struct hub *hub)
{
        sd_bus *bus = NULL;

        assert_int_equal(sd_bus_new(&bus), 0);
        assert_true(sd_bus_set_address(bus, hub->private_bus.address) >= 0);
        assert_true(sd_bus_set_bus_client(bus, 1) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        assert_true(sd_bus_attach_event(bus, hub->event, 0) >= 0);
        return bus;
}

#define INVALID "org.enrolld1.Error.request_invalid"

/* Calls, waits for the answer and compares the error's name. */
#define ASSERT_REFUSED(hub, bus, expected, method, ...)                                            \
        do {                                                                                       \
                struct answer answer_ = {.there = false};                                          \
                assert_true(sd_bus_call_method_async((bus), NULL, BUS_NAME, BUS_OBJECT,            \
                                                     BUS_INTERFACE, (method), answer_on_reply,     \
                                                     &answer_, __VA_ARGS__) >= 0);                 \
                while (!answer_.there)                                                             \
                        assert_true(sd_event_run((hub)->event, UINT64_MAX) >= 0);                  \
                assert_string_equal(answer_.error, (expected));                                    \
                assert_string_equal((hub)->asked, "");                                             \
        } while (false)

static void test_api_invalid_options_start_nothing(void **state)
{
        struct hub hub;
        sd_bus *bus;
        int ends[2];

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "seconds", "s", "x");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "seconds", "x", INT64_MAX);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "unheard", "b", 1);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "values", "as", 1, "x");
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "values", "a{ii}", 1, 1, 2);
        ASSERT_REFUSED(&hub, bus, INVALID, "Scan", "a{sv}", 1, "name", "v", "(ss)", "a", "b");
        ASSERT_REFUSED(&hub, bus, INVALID, "Enroll", "aya{sv}", 0, 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "Enroll", "aya{sv}", 1, 'x', 1, "source", "s", "mqtt");
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        ASSERT_REFUSED(&hub, bus, INVALID, "EnrollPicture", "ha{sv}", ends[0], 0);
        (void)close(ends[0]);
        (void)close(ends[1]);
        ASSERT_REFUSED(&hub, bus, INVALID, "Cancel", "s", "");
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void test_api_options_may_come_as_documented_types(void **state)
{
        struct answer answer = {.there = false};
        struct hub hub;
        sd_bus *bus;

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        assert_true(sd_bus_call_method_async(bus, NULL, BUS_NAME, BUS_OBJECT, BUS_INTERFACE, "Scan",
                                             answer_on_reply, &answer, "a{sv}", 4, "seconds", "u",
                                             30, "dry_run", "b", 1, "name", "s", "hall", "values",
                                             "a{ss}", 1, "location", "Hall") >= 0);
        while (!answer.there)
                assert_true(sd_event_run(hub.event, UINT64_MAX) >= 0);
        assert_string_equal(answer.error, "");
        assert_int_equal(hub.seconds, 30);
        assert_true(hub.dry_run);
        assert_string_equal(hub.name, "hall");
        assert_string_equal(hub.value, "location=Hall");
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void assert_property(struct hub *hub, sd_bus *bus, const char *name, const char *expected)
{
        struct answer answer = {.there = false};

        assert_true(sd_bus_call_method_async(
                            bus, NULL, BUS_NAME, BUS_OBJECT, "org.freedesktop.DBus.Properties",
                            "Get", answer_on_reply, &answer, "ss", BUS_INTERFACE, name) >= 0);
        while (!answer.there)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        assert_string_equal(answer.text, expected);
}

static void test_api_properties_name_hub_and_version(void **state)
{
        struct hub hub;
        sd_bus *bus;

        (void)state;
        hub_start(&hub, "");
        bus = stranger(&hub);
        assert_property(&hub, bus, "Hub", "home");
        assert_property(&hub, bus, "Version", PACKAGE_VERSION);
        (void)sd_bus_flush_close_unref(bus);
        hub_stop(&hub);
}

static void test_api_output_that_cannot_be_written_is_a_failure(void **state)
{
        const char *const arguments[] = {"--help", NULL};
        int full = open("/dev/full", O_WRONLY | O_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
        char text[OUTPUT_MAX];
        pid_t pid;
        int status;

        (void)state;
        assert_true(full >= 0 && err >= 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                execute("unix:path=/nowhere", arguments, STDIN_FILENO, full, err);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 1);
        read_back(err, text);
        assert_non_null(strstr(text, "cannot be written: No space left on device. (output)"));
        (void)close(full);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_api_enroll_shows_each_step_and_ends_with_0),
                cmocka_unit_test(test_api_quiet_enrollment_says_nothing),
                cmocka_unit_test(test_api_json_is_one_document_or_one_for_each_event),
                cmocka_unit_test(test_api_failed_enrollment_ends_with_4_and_a_remedy),
                cmocka_unit_test(test_api_refusals_have_their_exit_codes),
                cmocka_unit_test(test_api_refusal_says_what_exactly),
                cmocka_unit_test(test_api_file_is_what_its_content_says),
                cmocka_unit_test(test_api_code_that_a_shell_has_split_is_joined),
                cmocka_unit_test(test_api_standard_input_takes_codes_and_pictures),
                cmocka_unit_test(test_api_list_and_info_show_the_store),
                cmocka_unit_test(test_api_empty_list_says_how_to_begin),
                cmocka_unit_test(test_api_status_names_what_is_wrong),
                cmocka_unit_test(test_api_status_lists_adapters_enrollments_and_problems),
                cmocka_unit_test(test_api_status_names_what_is_missing_and_what_is_there),
                cmocka_unit_test(test_api_status_says_a_problem_once),
                cmocka_unit_test(test_api_info_shows_what_is_known_of_a_device),
                cmocka_unit_test(test_api_interrupt_cancels_the_enrollment),
                cmocka_unit_test(test_api_cancel_ends_what_runs),
                cmocka_unit_test(test_api_cancel_wants_a_name_while_several_run),
                cmocka_unit_test(test_api_timeout_cancels_and_ends_with_3),
                cmocka_unit_test(test_api_monitor_shows_everybodys_events),
                cmocka_unit_test(test_api_monitor_ends_when_its_time_is_up),
                cmocka_unit_test(test_api_daemon_absent_ends_with_8),
                cmocka_unit_test(test_api_daemon_gone_in_between_ends_with_8),
                cmocka_unit_test(test_api_somebody_without_permission_ends_with_77),
                cmocka_unit_test(test_api_wrong_command_lines_end_with_2),
                cmocka_unit_test(test_api_mistakes_are_named_with_what_was_meant),
                cmocka_unit_test(test_api_help_and_version_need_no_bus),
                cmocka_unit_test(test_api_bus_that_restarts_is_served_again),
                cmocka_unit_test(test_api_name_that_is_taken_is_waited_for),
                cmocka_unit_test(test_api_invalid_options_start_nothing),
                cmocka_unit_test(test_api_options_may_come_as_documented_types),
                cmocka_unit_test(test_api_properties_name_hub_and_version),
                cmocka_unit_test(test_api_output_that_cannot_be_written_is_a_failure),
        };

        (void)alarm(PATIENCE_SEC);
        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
