/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The program enroll-device, as a process behind a socket: the hub of world.c talks to it instead
 * of to the library. Needs no privilege and no Bluetooth.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/hex.h"
#include "talk/world.h"

#define PATIENCE_MS 120000

static struct {
        char directory[64], identity[96], elsewhere[96], state[96], socket[96], link[104], log[96];
        pid_t pid;
        int fd;
        uint8_t buffer[MESSAGE_MAX];
        struct stream_reader reader;
} device;

static int setup(void **state)
{
        char private_key[65], secret[65];
        FILE *f;

        (void)state;
        world_init();
        (void)snprintf(device.directory, sizeof(device.directory), "/tmp/enroll-device.XXXXXX");
        assert_non_null(mkdtemp(device.directory));
        (void)snprintf(device.identity, sizeof(device.identity), "%s/card.device",
                       device.directory);
        (void)snprintf(device.elsewhere, sizeof(device.elsewhere), "%s/elsewhere",
                       device.directory);
        (void)snprintf(device.state, sizeof(device.state), "%s/state", device.directory);
        (void)snprintf(device.socket, sizeof(device.socket), "%s/link", device.directory);
        (void)snprintf(device.link, sizeof(device.link), "unix:%s", device.socket);
        (void)snprintf(device.log, sizeof(device.log), "%s/log", device.directory);
        f = fopen(device.identity, "we");
        assert_non_null(f);
        (void)fprintf(f,
                      "{\"private_key\": \"%s\", \"secret\": \"%s\", \"serial\": \"N1-000042\","
                      " \"maker\": \"Nordlicht\", \"model\": \"Thermo One\","
                      " \"software\": \"1.0.0\"}\n",
                      hex_encode(world.device_private, 32, private_key),
                      hex_encode(world.secret, 32, secret));
        assert_int_equal(fclose(f), 0);
        device.fd = -1;
        return 0;
}

static int teardown(void **state)
{
        char command[96];

        (void)state;
        if (device.fd >= 0)
                (void)close(device.fd);
        if (device.pid > 0) {
                (void)kill(device.pid, SIGKILL);
                (void)waitpid(device.pid, NULL, 0);
        }
        device.pid = 0;
        (void)snprintf(command, sizeof(command), "rm -r %s", device.directory);
        return system(command);
}

/* Starts the program with an option and its argument, if any; its output goes behind the log. */
static void spawn_with(const char *option, const char *argument, const char *fault)
{
        device.pid = fork();
        assert_true(device.pid >= 0);
        if (device.pid > 0)
                return;
        if (!freopen(device.log, "a", stdout) || !freopen(device.log, "a", stderr))
                _exit(99);
        if (fault)
                (void)execl(ENROLL_DEVICE, ENROLL_DEVICE, "--fault", fault, "--identity",
                            device.identity, "--state", device.state, option, argument, NULL);
        else
                (void)execl(ENROLL_DEVICE, ENROLL_DEVICE, "--identity", device.identity, "--state",
                            device.state, option, argument, NULL);
        _exit(98);
}

static void spawn(const char *option, const char *argument)
{
        spawn_with(option, argument, NULL);
}

static void spawn_with_fault(const char *fault)
{
        spawn_with("--link", device.link, fault);
}

static int wait_for_exit(void)
{
        int status;

        assert_int_equal(waitpid(device.pid, &status, 0), device.pid);
        device.pid = 0;
        if (device.fd >= 0)
                (void)close(device.fd);
        device.fd = -1;
        if (!WIFEXITED(status))
                fail_msg("ended by signal %d", WTERMSIG(status));
        return WEXITSTATUS(status);
}

static int stop(void)
{
        assert_int_equal(kill(device.pid, SIGTERM), 0);
        return wait_for_exit();
}

static bool log_has(const char *line)
{
        char text[8192];
        FILE *f = fopen(device.log, "re");
        size_t n;

        assert_non_null(f);
        n = fread(text, 1, sizeof(text) - 1, f);
        (void)fclose(f);
        text[n] = '\0';
        return strstr(text, line) != NULL;
}

/* A device that is gone is found out by receive_message(). */
static void send_message(const uint8_t *message, size_t n)
{
        uint8_t encoded[STREAM_ENCODED_MAX];
        size_t n_encoded = stream_encode(message, n, encoded);

        (void)send(device.fd, encoded, n_encoded, MSG_NOSIGNAL);
}

/* The next message in device.buffer, or 0 when the device has closed the link. */
static size_t receive_message(void)
{
        struct pollfd pollfd = {.fd = device.fd, .events = POLLIN};
        uint8_t byte;

        for (;;) {
                assert_int_equal(poll(&pollfd, 1, PATIENCE_MS), 1);
                if (read(device.fd, &byte, 1) != 1)
                        return 0;
                if (stream_reader_take(&device.reader, byte) == FRAGMENT_MESSAGE)
                        return device.reader.n_message;
        }
}

static void connect_link(void)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        static const uint8_t zero, probe = MESSAGE_PROBE;

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", device.socket);
        device.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(device.fd >= 0);
        for (int ms = 0; connect(device.fd, (struct sockaddr *)&address, sizeof(address)) < 0;
             ms += 5) {
                assert_true(ms < PATIENCE_MS);
                (void)usleep(5000);
        }
        stream_reader_init(&device.reader, device.buffer);
        assert_int_equal(send(device.fd, &zero, 1, MSG_NOSIGNAL), 1);
        send_message(&probe, 1);
        assert_int_equal(receive_message(), 1 + MESSAGE_ADV_BYTES);
        assert_int_equal(device.buffer[0], MESSAGE_ANNOUNCE);
        memcpy(world.device.advertisement, device.buffer + 1, MESSAGE_ADV_BYTES);
}

/*
 * The hub has a session with the process, if it has a reason to, until it has so many readings or
 * the link is gone. What it knows of the device's state is what the device announces.
 */
static void converse_until(unsigned n_data)
{
        connect_link();
        world.linked = -1;
        (void)world_connect(0);
        while (world.hubs[0].n_data < n_data && !session_is_over(&world.hubs[0].session)) {
                size_t n;

                for (size_t i = 0; i < world.to_device.n; i++)
                        send_message(world.to_device.messages[i].bytes,
                                     world.to_device.messages[i].n);
                world.to_device.n = 0;
                n = receive_message();
                if (n == 0)
                        break;
                memcpy(world.to_hub.messages[0].bytes, device.buffer, n);
                world.to_hub.messages[0].n = n;
                world.to_hub.n = 1;
                world_deliver_to_hub();
        }
        (void)close(device.fd);
        device.fd = -1;
        session_done(&world.hubs[0].session);
        world.linked = -1;
}

static void converse(void)
{
        converse_until(world.hubs[0].n_data + 1);
}

/* Says what the owner has to say, and at last that it lets the device go. */
static void command_and_release(void)
{
        world.hubs[0].sets = world.hubs[0].gets = world.hubs[0].releases = true;
        converse_until(UINT_MAX);
}

static void test_enroll_device_is_enrolled_and_stays_so(void **state)
{
        (void)state;
        spawn("--link", device.link);
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(world.hubs[0].n_data, 1);
        assert_true(log_has("set name (1) to \"kitchen\""));
        assert_true(log_has("function 1: measure every 60 s"));
        assert_true(log_has("state pending, epoch 1\nsent REPORT"));
        assert_true(log_has("state owned, epoch 1"));
        assert_int_equal(stop(), 0);

        spawn("--link", device.link);
        world.hubs[0].row.state = ROW_UNSETTLED;
        world.hubs[0].enrolls_next = false;
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(world.hubs[0].n_data, 2);
        assert_int_equal(world.hubs[0].row.epoch, 1);
        assert_int_equal(stop(), 0);
}

static void test_enroll_device_power_off_is_made_good(void **state)
{
        static const char *const faults[] = {
                "power-off-before=M2",     "power-off-after=M2",     "power-off-before=HELLO",
                "power-off-before=REPORT", "power-off-after=REPORT", "power-off-before=DONE",
                "power-off-after=DONE",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
                setup(NULL);
                spawn_with_fault(faults[i]);
                converse();
                assert_int_equal(wait_for_exit(), 3);
                spawn("--link", device.link);
                for (int n = 0; n < 3 && world.hubs[0].row.state != ROW_CONFIRMED; n++)
                        converse();
                connect_link();
                assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
                assert_int_equal(stop(), 0);
                assert_int_equal(teardown(NULL), 0);
        }
}

static void test_enroll_device_lost_link_is_made_good(void **state)
{
        (void)state;
        spawn_with_fault("lose=DONE");
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_UNSETTLED);
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_true(log_has("DONE lost\ndisconnected"));
        assert_int_equal(stop(), 0);
}

static void test_enroll_device_takes_commands_and_is_released(void **state)
{
        (void)state;
        spawn("--link", device.link);
        converse();
        command_and_release();
        assert_int_equal(world.hubs[0].n_results, 2);
        assert_true(world.hubs[0].lamp);
        assert_int_equal(world.hubs[0].row.state, ROW_NONE);

        world.hubs[0].has_code = true;
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(world.hubs[0].row.epoch, 2);
        assert_int_equal(stop(), 0);
        assert_true(log_has("identify: blink\nset: outcome 0\nsent RESULT\n"));
        assert_true(log_has("get: outcome 3\nsent RESULT\n"));
        assert_true(log_has("state factory, epoch 1\nsent RELEASED\nsecret restored\n"));
}

static void test_enroll_device_power_off_at_an_answer_is_made_good(void **state)
{
        static const char *const faults[] = {
                "power-off-before=RESULT",
                "power-off-after=RESULT",
                "power-off-before=RELEASED",
                "power-off-after=RELEASED",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
                setup(NULL);
                spawn_with_fault(faults[i]);
                converse();
                command_and_release();
                assert_int_equal(wait_for_exit(), 3);
                spawn("--link", device.link);
                for (int n = 0; n < 3 && world.hubs[0].row.state != ROW_NONE; n++)
                        converse_until(UINT_MAX);
                assert_int_equal(world.hubs[0].row.state, ROW_NONE);
                world.hubs[0].has_code = true;
                converse();
                assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
                assert_int_equal(world.hubs[0].row.epoch, 2);
                assert_int_equal(stop(), 0);
                assert_int_equal(teardown(NULL), 0);
        }
}

static void test_enroll_device_failing_function_is_undone(void **state)
{
        (void)state;
        spawn_with_fault("function=4");
        converse();
        assert_int_equal(world.hubs[0].failure, MESSAGE_FAILURE_STEP);
        assert_int_equal(world.hubs[0].row.state, ROW_NONE);
        assert_true(log_has("function 1 undone\nunset name (1)"));
        assert_int_equal(stop(), 0);
}

static void test_enroll_device_reset_forgets_the_owner(void **state)
{
        (void)state;
        spawn("--link", device.link);
        converse();
        assert_int_equal(stop(), 0);
        spawn("--reset", NULL);
        assert_int_equal(wait_for_exit(), 0);
        assert_true(log_has("state factory, epoch 1"));
        world.hubs[0].row.state = ROW_NONE;
        world.hubs[0].has_code = true;
        spawn("--link", device.link);
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(world.hubs[0].row.epoch, 2);
        assert_int_equal(stop(), 0);
}

/* Whether a file of the device holds the secret, as bytes or as text. */
static bool file_has_secret(const char *path)
{
        char text[8192], digits[65];
        FILE *f = fopen(path, "re");
        size_t n;

        if (!f)
                return false;
        n = fread(text, 1, sizeof(text), f);
        (void)fclose(f);
        return memmem(text, n, world.secret, 32) ||
               memmem(text, n, hex_encode(world.secret, 32, digits), 64);
}

static bool state_has_secret(void)
{
        char path[160];
        bool has = false;

        for (const char *const *name =
                     (const char *const[]){"slot-a", "slot-b", "identity", "identity.new", NULL};
             *name; name++) {
                (void)snprintf(path, sizeof(path), "%s/%s", device.state, *name);
                has = has || file_has_secret(path);
        }
        return has;
}

static void enroll_and_reset(const uint8_t *half, size_t n_half)
{
        world.half = half;
        world.n_half = n_half;
        spawn("--link", device.link);
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_true(log_has("secret erased\n"));
        assert_int_equal(stop(), 0);
        assert_false(state_has_secret());

        /* It does not even look at what the factory put into it. */
        assert_int_equal(rename(device.identity, device.elsewhere), 0);
        spawn("--link", device.link);
        world.hubs[0].row.state = ROW_UNSETTLED;
        world.hubs[0].enrolls_next = false;
        converse();
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(stop(), 0);
        assert_int_equal(rename(device.elsewhere, device.identity), 0);

        spawn("--reset", NULL);
        assert_int_equal(wait_for_exit(), 0);
        assert_false(state_has_secret());
        world.hubs[0].row.state = ROW_NONE;
        world.hubs[0].has_code = true;
        spawn("--link", device.link);
        converse();
        assert_int_equal(stop(), 0);
}

static void test_enroll_device_erased_secret_comes_back_by_reset(void **state)
{
        (void)state;
        enroll_and_reset(half_plain, n_half_plain);
        assert_true(file_has_secret(device.identity));
        assert_int_equal(world.hubs[0].row.state, ROW_CONFIRMED);
        assert_int_equal(world.hubs[0].row.epoch, 2);
}

static void test_enroll_device_fused_secret_does_not_come_back(void **state)
{
        uint8_t half[32];

        (void)state;
        /* A fuse without erase destroys it, too. */
        memcpy(half, half_fuse, n_half_fuse);
        half[n_half_fuse - 1] = PROGRAM_FINISH_FUSE;
        enroll_and_reset(half, n_half_fuse);
        assert_false(file_has_secret(device.identity));
        assert_true(world.hubs[0].refused);
        assert_true(log_has("state factory, epoch 1\n"));
        assert_int_equal(world.hubs[0].row.state, ROW_NONE);
}

static void test_enroll_device_memory_is_one_process_s(void **state)
{
        pid_t first;

        (void)state;
        spawn("--link", device.link);
        connect_link();
        first = device.pid;
        (void)close(device.fd);
        device.fd = -1;
        spawn("--reset", NULL);
        assert_int_equal(wait_for_exit(), 1);
        device.pid = first;
        assert_int_equal(stop(), 0);
}

static void test_enroll_device_wrong_usage_is_told(void **state)
{
        (void)state;
        spawn("--fault", "nonsense");
        assert_int_equal(wait_for_exit(), 2);
        spawn(NULL, NULL);
        assert_int_equal(wait_for_exit(), 2);
        spawn_with_fault("lose=NOTHING");
        assert_int_equal(wait_for_exit(), 1);
        spawn("--help", NULL);
        assert_int_equal(wait_for_exit(), 0);
        spawn("--version", NULL);
        assert_int_equal(wait_for_exit(), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_enroll_device_is_enrolled_and_stays_so, setup,
                                                teardown),
                cmocka_unit_test(test_enroll_device_power_off_is_made_good),
                cmocka_unit_test_setup_teardown(test_enroll_device_lost_link_is_made_good, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_enroll_device_takes_commands_and_is_released,
                                                setup, teardown),
                cmocka_unit_test(test_enroll_device_power_off_at_an_answer_is_made_good),
                cmocka_unit_test_setup_teardown(test_enroll_device_failing_function_is_undone,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_enroll_device_reset_forgets_the_owner, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(
                        test_enroll_device_erased_secret_comes_back_by_reset, setup, teardown),
                cmocka_unit_test_setup_teardown(test_enroll_device_fused_secret_does_not_come_back,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_enroll_device_memory_is_one_process_s, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_enroll_device_wrong_usage_is_told, setup,
                                                teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
