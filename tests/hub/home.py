# SPDX-License-Identifier: Apache-2.0
"""A home for a test: the real programs, private to it, and what a person can see of them.

    with Home() as home:                a broker, a bus, a reader and a hub in a directory of their own
        thing = home.thing()            a device that is switched on, and its code
        home.enroll(thing)              enrollctl
        home.mqtt.wait(...)             what arrived on MQTT

Nothing sleeps: wait_until() looks again whenever a program has said something. Whatever a home has started ends with it,
and a hub or a device that does not end in order fails the scenario, so that a sanitizer's complaint does, too.
"""

import concurrent.futures
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ENROLLD_BUILD", os.getcwd()))
EXAMPLE = SOURCE / "doc/examples/thermo-one.yaml"

PATIENCE = 120  # s, generous: after this a test fails, and none passes or fails by how fast the machine is
STATES = ("FACTORY", "PENDING", "OWNED", "OWNED")  # the last one has something to say, too

news = threading.Condition()  # notified whenever anything may have changed


class Failure(Exception):
    """What a scenario expected did not happen."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def expect_equal(got, wanted, what):
    expect(got == wanted, f"{what}: {got!r} instead of {wanted!r}")


def wait_until(what, predicate, seconds=PATIENCE):
    """Returns what @predicate returns as soon as that is true."""
    end = time.monotonic() + seconds
    begin = time.monotonic()
    while not (value := predicate()):
        now = time.monotonic()
        expect(now < end, f"{what} did not happen in {seconds} s")
        with news:
            news.wait(min(end - now, 0.05))  # news may have come meanwhile, and a file or a socket tells nobody of itself
        # A burst of news is looked at once; and a look that starts a program leaves the processor to those it waits for.
        time.sleep(max(0.01, 2 * (now - begin)))
        begin = time.monotonic()
    return value


# --- programs ---


# A test that is killed leaves no program behind. A program ensures that, not a function between fork and exec, for which
# Python would copy itself hundreds of times a minute.
DIES_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"]


class Program:
    """One running program and the lines it has said, on both outputs."""

    def __init__(self, name, argv, env=None, stdin=subprocess.DEVNULL):
        self.name = name
        self.lines = []
        self.process = subprocess.Popen(
            DIES_WITH_PARENT + [str(a) for a in argv],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, **(env or {})),
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with news:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                news.notify_all()
        with news:
            news.notify_all()

    def running(self):
        return self.process.poll() is None

    def said(self, text, since=0):
        return [line for line in self.lines[since:] if text in line]

    def wait_for(self, text, since=0, seconds=PATIENCE):
        """A line with @text; fails at once if the program ends without it."""

        def look():
            found = self.said(text, since)
            if not found and not self.running() and not self.reader.is_alive():
                raise Failure(f"{self.name} ended with {self.process.returncode} before it said '{text}'")
            return found

        return wait_until(f"'{text}' of {self.name}", look, seconds)[0]

    def wait(self, seconds=PATIENCE):
        """How it ended by itself."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end in {seconds} s") from None
        self.reader.join(seconds)
        return code

    def stop(self, how=signal.SIGTERM):
        if self.running():
            self.process.send_signal(how)
        return self.wait()

    def kill(self):
        """As a power cut: nothing is said, nothing is cleaned up."""
        self.stop(signal.SIGKILL)


def is_listening(path):
    """Whether a program listens on this Unix socket, which is there a moment before."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as sockets:
        for line in sockets:
            words = line.split()
            if words[-1] == str(path) and int(words[3], 16) & 0x10000:  # __SO_ACCEPTCON
                return True
    return False


def run(*argv, given=None, seconds=2 * PATIENCE):
    """Runs a program to its end: exit code, standard output, standard error."""
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        DIES_WITH_PARENT + [str(a) for a in argv],
        input=data if data is not None else b"",
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def lines(self):
        """The documents of --json=lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return f"exit {self.code}, said {self.out!r}, complained {self.err!r}"


def must(result, code=0):
    expect_equal(result.code, code, f"exit code ({result!r})")
    return result


# --- the maker ---


class Maker:
    """An issuer and what it makes: cards, identities, codes, pictures."""

    def __init__(self, directory, name="nordlicht", **options):
        self.directory, self.name = pathlib.Path(directory), name
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        must(run(BUILD / "enroll-code", "issuer", name, "--directory", self.directory, *words))
        self.key = self.directory / f"{name}.key"
        self.issuer = self.directory / f"{name}.issuer"

    def seed(self):
        for line in self.key.read_text().splitlines():
            if line.startswith("seed"):
                return bytes.fromhex(line.split("=")[1].strip())
        raise Failure(f"{self.key} has no seed")

    def card(self, serial, **options):
        card = self.directory / f"{serial}.json"
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        must(run(BUILD / "enroll-code", "device", card, "--serial", serial, "--reach", "stream", *words))
        return card

    def code(self, card, *options, source=EXAMPLE, signed=True):
        """The text of a code, with its newline."""
        how = ["--issuer", self.key] if signed else ["--unsigned"]
        return must(run(BUILD / "enroll-code", "make", source, "--card", card, *how, *options)).out

    def binary(self, card, path):
        must(run(BUILD / "enroll-code", "make", EXAMPLE, "--card", card, "--issuer", self.key, "--binary", "-o", path))
        return path

    def picture(self, code, path):
        source = path.with_suffix(".code")
        source.write_text(code)
        must(run(BUILD / "enroll-code", "qr", source, "--png", path))
        return path


# --- the device ---


def hkdf(key, info):
    """RFC 5869 with an empty salt, one block."""
    prk = hmac.new(bytes(32), key, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


class Thing:
    """A device: its card, its code, and the running enroll-device, if it is switched on."""

    def __init__(self, home, serial, code=None, card=None):
        self.home, self.serial = home, serial
        self.card = card or home.maker.card(serial)
        self.code = code or home.maker.code(self.card)
        about = json.loads(self.card.read_text())
        self.public_key = bytes.fromhex(about["public_key"])
        self.secret = bytes.fromhex(about["secret"])
        self.device_id = hashlib.sha256(b"enrolld devid" + self.public_key).digest()[:16].hex()
        self.identity = self.card.with_suffix(".device")
        self.state_directory = home.path / f"{serial}.state"
        self.socket = home.path / f"{serial}.sock"
        self.program = None

    def start(self, *options, state=None):
        expect(not (self.program and self.program.running()), "the device is on already")
        self.program = self.home.keep(
            Program(
                f"device {self.serial}",
                [BUILD / "enroll-device", "--link", f"unix:{self.socket}", "--identity", self.identity]
                + ["--state", state or self.state_directory, *options],
            )
        )
        wait_until(f"the start of device {self.serial}", self.listens)
        return self

    def listens(self):
        expect(self.program.running(), f"device {self.serial} ended: {self.program.lines}")
        with socket.socket(socket.AF_UNIX) as s, contextlib.suppress(OSError):
            s.connect(str(self.socket))
            return True
        return False

    def stop(self):
        if self.program:
            expect_equal(self.program.stop(), 0, f"exit code of device {self.serial}")
        self.program = None

    def power_cut(self):
        self.program.kill()
        self.program = None

    def reset(self):
        """A person holds the button of the device, which is off."""
        must(run(BUILD / "enroll-device", "--identity", self.identity, "--state", self.state_directory, "--reset"))

    def ask(self):
        """What the device answers to PROBE; b"" if the hub connects meanwhile, and the device turns to the hub."""
        with socket.socket(socket.AF_UNIX) as s, contextlib.suppress(OSError):
            s.settimeout(PATIENCE)
            s.connect(str(self.socket))
            s.sendall(b"\x00\x02\x10\x00")
            frame = b""
            while not frame.endswith(b"\x00") or len(frame) < 2:
                byte = s.recv(1)
                if not byte:
                    return b""
                frame = frame + byte if frame != b"\x00" else byte
            return frame
        return b""

    def state(self):
        """FACTORY, PENDING or OWNED, as it announces itself to whoever holds its code (doc/protocol.md, 2.3)."""
        frame = wait_until(f"the answer of device {self.serial} to PROBE", self.ask)
        said = uncobs(frame[:-1])
        expect(said[0] == 0x11 and len(said) == 11, f"device {self.serial} announces {said.hex()}")
        key = hkdf(self.secret, b"enrolld adv v1")
        for number, state in enumerate(STATES):
            if hmac.new(key, said[1:6] + bytes([number]), hashlib.sha256).digest()[:5] == said[6:]:
                return state
        raise Failure(f"device {self.serial} announces a tag that is not its own")

    def said_state(self):
        """The same as it says itself, which it does at its start and at each change; None while it is off."""
        said = [line for line in self.program.lines if line.startswith("state ")] if self.program else []
        return said[-1].split()[1].rstrip(",").upper() if said else None

    def wait_state(self, state, seconds=PATIENCE):
        """It is not asked: a device with a cable has one connection, and the hub may hold it for minutes."""
        wait_until(f"state {state} of device {self.serial}", lambda: self.said_state() == state, seconds)


def uncobs(data):
    """Consistent overhead byte stuffing, back; @data without its zero."""
    out = b""
    while data:
        n = data[0]
        out += data[1:n] + (b"\x00" if n < 255 and len(data) > n else b"")
        data = data[n:]
    return out


# --- the cable between hub and device, with somebody at it ---

PLAIN = {0x01: "M1", 0x02: "M2", 0x03: "M3", 0x05: "K1", 0x06: "K2", 0x0F: "REFUSE", 0x10: "PROBE", 0x11: "ANNOUNCE"}
# What follows the handshake is sealed, but its order is fixed (doc/protocol.md, 4 and 5).
SEALED = {
    ("M1", "hub"): ("STAGE", "COMMIT", "BYE"),
    ("M1", "device"): ("HELLO", "REPORT", "DONE", "DATA"),
    ("K1", "hub"): ("COMMIT", "BYE"),
    ("K1", "device"): ("DONE", "DATA"),
}


class Cable:
    """Stands between hub and device, names every message, and cuts the cable where it is told to.

    on(message, action, deliver): when @message passes the next time, action() is called, and the message is delivered
    "first", "afterwards", or not at all. Without an action both ends are cut off.

    hold(message): @message is held back, and so is all that its sender says after it on that connection, so that the
    other side waits.

    end_at(message): when @message passes, the cable is cut for good: nobody can connect through it again.
    """

    def __init__(self, home, device_socket):
        self.path = home.path / "cable.sock"
        self.device_socket = device_socket
        self.seen = []  # the names of all messages that were sent, lost ones too
        self.bytes = b""  # and everything as it went over the line
        self.plans = []
        self.closed = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(4)
        threading.Thread(target=self.serve, daemon=True).start()

    def on(self, message, action=None, deliver=None, always=False):
        self.plans.append((message, action, deliver, always))
        return self

    def hold(self, message):
        return self.on(message, deliver="never", always=True)

    def end_at(self, message):
        return self.on(message, deliver="at the end")

    def close(self):
        self.closed = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while not self.closed:
            try:
                hub, _ = self.listener.accept()
            except OSError:
                return
            self.carry(hub)

    def carry(self, hub):
        device = socket.socket(socket.AF_UNIX)
        try:
            device.connect(str(self.device_socket))
        except OSError:
            hub.close()
            return
        session = {"kind": "M1", "hub": 0, "device": 0, "held": set()}
        back = threading.Thread(target=self.pass_on, args=(device, hub, "device", session), daemon=True)
        back.start()
        self.pass_on(hub, device, "hub", session)
        back.join()
        hub.close()
        device.close()

    def pass_on(self, source, sink, sender, session):
        left = b""
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                self.bytes += data
                left += data
                while b"\x00" in left:
                    frame, left = left.split(b"\x00", 1)
                    if not self.pass_frame(frame, source, sink, sender, session):
                        break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def pass_frame(self, frame, source, sink, sender, session):
        name = self.name(frame, sender, session)
        plan = next((p for p in self.plans if p[0] == name), (name, None, "undisturbed", True))
        _, action, deliver, always = plan
        if not always:
            self.plans.remove(plan)
        if deliver == "never":
            session["held"].add(sender)
        if deliver == "at the end":
            self.close()
        held = sender in session["held"]
        if deliver == "first" and not action:
            session["held"].add("device" if sender == "hub" else "hub")  # or the answer may be there before the cut
        if deliver in ("first", "undisturbed") and not held:
            sink.sendall(frame + b"\x00")
        with news:
            if name:
                self.seen.append(name)
            news.notify_all()
        if held:
            return True
        if action:
            action()
        if deliver == "afterwards":
            sink.sendall(frame + b"\x00")
        if action or deliver == "undisturbed":
            return True
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return False

    @staticmethod
    def name(frame, sender, session):
        message = uncobs(frame)
        if not message:
            return None
        if message[0] != 0x04:
            name = PLAIN.get(message[0], "?")
            if name in ("M1", "K1"):
                session.update(kind=name, hub=0, device=0)
            return name
        order = SEALED[session["kind"], sender]
        n = session[sender]
        session[sender] += 1
        return order[min(n, len(order) - 1)]


# --- MQTT ---


class Message:
    def __init__(self, line):
        said = json.loads(line)
        self.topic, self.qos, self.retain = said["topic"], said["qos"], bool(said["retain"])
        self.text = said.get("payload") or ""

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.topic} {'(retained) ' if self.retain else ''}{self.text}"


class Subscriber:
    """Everything that arrives below some topics; retain flags are those of the sender."""

    def __init__(self, home, *topics):
        words = [word for topic in topics for word in ("-t", topic)]
        self.program = home.keep(
            Program(
                "subscriber",
                ["stdbuf", "-oL", find("mosquitto_sub"), "-d", "-V", "5", "-q", "1", "--unix", home.broker_door(), "-F", "%j"]
                + ["--retain-as-published", *words],
            )
        )
        self.program.wait_for("Subscribed")

    def messages(self, topic=None, since=0):
        """Those whose topic is @topic, or begins with it if it ends in a slash."""
        lines = [line for line in list(self.program.lines) if line.startswith("{")]
        all_of_them = [Message(line) for line in lines[since:]]
        if topic is None:
            return all_of_them
        return [m for m in all_of_them if m.topic == topic or (topic.endswith("/") and m.topic.startswith(topic))]

    def mark(self):
        return len(self.messages())

    def wait(self, topic, predicate=lambda message: True, since=0, seconds=PATIENCE):
        def look():
            return next((m for m in self.messages(topic, since) if predicate(m)), None)

        return wait_until(f"the message on {topic}", look, seconds)

    def stop(self):
        self.program.stop()


# --- the home ---

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>
</busconfig>
"""

SITE = {"locality": "Stockholm", "street": "Hamngatan", "room": "kitchen", "organization": "Andersson family"}


class Home:
    """name: of the hub; settings: {section: {key: value or list of values}} beyond what makes it run here, None leaves a
    section out.

    The hub looks for a device, and the device waits for its hub, as long as a test does: only a test of what happens when
    that time is up makes it short.
    """

    def __init__(self, name="home", settings=None, broker=True, reader=True, hub=True, bus=True, listen=True, verbose=True):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="hub-"))
        self.name = name
        self.programs, self.ended = [], []
        self.broker_socket = self.path / "broker.sock"
        self.bus_address = f"unix:path={self.path}/bus.sock"
        self.reader_socket = self.path / "read.sock"
        self.tags_socket = self.path / "tag.sock"
        self.issuers = self.path / "issuers"
        self.state = self.path / "state"
        self.broker = self.bus = self.reader = self.hub = self.mqtt = self.cable = self.plugged = None
        self.verbose = ["--verbose"] if verbose else []  # of hub and broker; a benchmark does without
        self.hub_limits = []  # a program that sets them and becomes the hub
        self.hub_options = []  # beyond those that make it private
        self.reader_options = []
        self.issuers.mkdir()
        self.maker = Maker(self.path)
        self.trust(self.maker)
        self.settings = {
            "hub": {"name": name},
            "mqtt": {"broker": f"unix:{self.broker_socket}", "requests": "yes"},
            "bluetooth": {"enabled": "no"},
            "link": {"stream": f"unix:{self.path}/device.sock"},
            "site": dict(SITE),
            "timeouts": {"find": str(PATIENCE), "failsafe": str(PATIENCE)},
        }
        for section, keys in (settings or {}).items():
            self.settings[section] = dict(self.settings.get(section, {}), **keys) if keys is not None else {}
        self.wants = {"broker": broker, "bus": bus, "reader": reader, "hub": hub, "listen": listen}

    def __enter__(self):
        try:
            for what, wanted in self.wants.items():
                if wanted:
                    getattr(self, "listen" if what == "listen" else f"start_{what}")()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def keep(self, program):
        self.programs.append(program)
        return program

    def __exit__(self, kind, error, trace):
        if kind:
            self.show()
        wrong = []
        if self.cable:
            self.cable.close()
        for program in reversed(self.programs):
            if not program.running():
                continue
            if program.name == "subscriber":
                program.kill()  # mosquitto_sub may hang if it is asked to end while messages come
                continue
            try:
                code = program.stop()
            except Failure as failure:
                program.process.kill()
                wrong.append(str(failure))
                continue
            if code != 0 and program.name.split()[0] in ("enrolld", "device"):
                wrong.append(f"{program.name} ended with {code}: {program.lines[-20:]}")
        shutil.rmtree(self.path, ignore_errors=True)
        if wrong and not kind:
            raise Failure("; ".join(wrong))

    def show(self):
        """The last words of everybody, for whoever looks at a failed scenario."""
        for program in self.programs:
            if program.name in ("mosquitto", "dbus-daemon", "reader", "subscriber"):
                continue
            for line in program.lines[-40:]:
                report.lines.append(f"#   {program.name}: {line[:300]}")
        if self.cable:
            report.lines.append(f"#   cable: {' '.join(self.cable.seen)}")

    # programs

    def broker_door(self):
        """Where the broker can be reached now: before the hub can reach it, behind another name."""
        return self.broker_socket if self.broker_socket.exists() else self.broker_socket.with_suffix(".early")

    def start_broker(self, *lines, listen=False):
        """listen: to everything, from before the hub can reach it."""
        conf = self.path / "mosquitto.conf"
        early = self.broker_socket.with_suffix(".early")
        user = ["user root"] if os.getuid() == 0 else []
        conf.write_text("\n".join([f"listener 0 {early}", "allow_anonymous true", *user, *lines, ""]))
        with contextlib.suppress(OSError):
            self.broker_socket.unlink()  # one that was killed leaves it behind
        self.broker = self.keep(Program("mosquitto", [find("mosquitto"), *(["-v"] if self.verbose else []), "-c", conf]))
        self.broker.wait_for("running")
        if listen:
            self.listen()
        early.rename(self.broker_socket)

    def start_bus(self):
        conf = self.path / "bus.conf"
        conf.write_text(BUS.format(path=self.path / "bus.sock"))
        self.bus = self.keep(Program("dbus-daemon", [find("dbus-daemon"), f"--config-file={conf}", "--nofork", "--print-address"]))
        self.bus.wait_for("unix:")

    def start_reader(self):
        argv = [find("systemd-socket-activate"), "--accept", "--seqpacket", "-l", self.reader_socket, BUILD / "enroll-read", *self.reader_options]
        self.reader = self.keep(Program("reader", argv))
        wait_until("the start of the reader", lambda: is_listening(self.reader_socket))

    def start_tags(self):
        """The service for the NFC reader."""
        argv = [find("systemd-socket-activate"), "--accept", "--seqpacket", "-l", self.tags_socket, BUILD / "enroll-tag"]
        tags = self.keep(Program("tags", argv))
        wait_until("the start of the service for tags", lambda: is_listening(self.tags_socket))
        return tags

    def write_settings(self):
        conf = self.path / "enrolld.conf"
        lines = []
        for section, keys in self.settings.items():
            lines.append(f"[{section}]")
            for key, value in keys.items():
                lines += [f"{key} = {one}" for one in (value if isinstance(value, list) else [value])]
        conf.write_text("\n".join(lines) + "\n")
        return conf

    def launch_hub(self):
        """Only starts it."""
        self.hub = self.keep(
            Program(
                "enrolld",
                [*self.hub_limits, BUILD / "enrolld", "--config", self.write_settings(), "--state", self.state, "--issuers", self.issuers]
                + ["--bus", self.bus_address, "--reader", self.reader_socket, "--tags", self.tags_socket, *self.verbose, *self.hub_options],
            )
        )
        return self.hub

    def start_hub(self):
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.launch_hub()
        wait_until("the start of enrolld", self.answers)
        if self.broker and self.broker.running():
            wait_until("the hub's connection to the broker", lambda: self.status()["mqtt"]["state"] == "ok")

    def answers(self):
        if not self.hub.running():
            raise Failure(f"enrolld ended with {self.hub.wait()}: {self.hub.lines[-10:]}")
        return self.ctl("status", "--json").code == 0

    def stop_hub(self):
        expect_equal(self.hub.stop(), 0, f"exit code of enrolld {self.hub.lines[-20:]}")

    def restart_hub(self):
        self.stop_hub()
        self.start_hub()

    def kill_hub(self):
        self.hub.kill()

    def listen(self):
        self.mqtt = Subscriber(self, "enrolld/#", "enrolld-keys/#")

    # the maker's and the person's side

    def trust(self, maker):
        shutil.copy(maker.issuer, self.issuers)

    def thing(self, serial="TH-1", on=True, **options):
        """Another device; the hub's cable is at the latest one."""
        thing = Thing(self, serial, **options)
        self.plug(thing)
        return thing.start() if on else thing

    def tap(self, thing):
        """Puts a cable between hub and device; to be called before the hub is started."""
        self.cable = Cable(self, thing.socket)
        self.settings["link"] = {"stream": f"unix:{self.cable.path}"}
        return self.cable

    def plug(self, thing):
        """The hub's cable is at this device from now on; it is pulled out of the other one."""
        link = self.path / "device.sock"
        with contextlib.suppress(OSError):
            link.unlink()
        link.symlink_to(thing.socket)
        if self.plugged:
            self.plugged.ask()  # the device talks to one at a time
        self.plugged = thing

    def things(self, n):
        """So many devices, switched on, each at a port of its own; to be called before the hub is started."""
        things = [Thing(self, f"TH-{i + 1}").start() for i in range(n)]
        self.settings["link"] = {"stream": [f"unix:{thing.socket}" for thing in things]}
        return things

    def ctl(self, *words, given=None):
        return run(BUILD / "enrollctl", "--bus", self.bus_address, *words, given=given)

    def start_ctl(self, *words, **options):
        return self.keep(Program("enrollctl", [BUILD / "enrollctl", "--bus", self.bus_address, *words], **options))

    def enroll(self, thing, *words, code=0):
        return must(self.ctl("enroll", "-", *words, given=thing.code), code)

    def status(self):
        return must(self.ctl("status", "--json")).json()

    def devices(self):
        return must(self.ctl("list", "--json")).json()["devices"]

    def wait_settled(self, seconds=PATIENCE):
        """The one device of this hub has confirmed."""
        wait_until("the confirmation", lambda: [d["interview_state"] for d in self.devices()] == ["SUCCESSFUL"], seconds)

    def request(self, verb, payload, *words):
        """Over MQTT; does not wait for the answer."""
        argv = [find("mosquitto_pub"), "-V", "5", "-q", "1", "--unix", self.broker_socket, "-t", self.topic(f"bridge/request/{verb}")]
        text = payload if isinstance(payload, str) else json.dumps(payload)
        must(run(*argv, *words, *(["-s"] if text else ["-n"]), given=text))

    def ask(self, verb, payload, *words):
        """Over MQTT; the answer."""
        mark = self.mqtt.mark()
        self.request(verb, payload, *words)
        return self.mqtt.wait(self.topic(f"bridge/response/{verb}"), since=mark).json()

    def topic(self, rest):
        return f"enrolld/{self.name}/{rest}"

    def alert(self, code):
        """Whether this alert stands, after what it says was looked at."""
        said = self.mqtt.messages(self.topic(f"bridge/alert/{code}"))
        expect(all(m.retain for m in said), f"alert {code} is retained")
        if not said or not said[-1].text:
            return False
        alert = said[-1].json()
        expect(alert["code"] == code and alert["message"] and alert["remedy"], f"alert {code}: {alert}")
        return True

    def wait_alert(self, code, stands):
        wait_until(f"alert {code}: {stands}", lambda: self.alert(code) == stands)

    def keys(self):
        return self.mqtt.messages(f"enrolld-keys/{self.name}/")

    def events(self, since=0):
        """The data of all enrollment events on MQTT."""
        said = [m.json() for m in self.mqtt.messages(self.topic("bridge/event"), since)]
        return [e["data"] for e in said if e["type"] == "device_enrollment"]

    def wait_event(self, since=0, seconds=PATIENCE, **fields):
        """The first event that has all of @fields."""

        def look():
            return next((e for e in self.events(since) if all(e.get(k) == v for k, v in fields.items())), None)

        return wait_until(f"an event with {fields}", look, seconds)

    def wait_failures(self, since, count):
        """The failed events of @count enrollments. It waits for all of them, so that none is taken for the next enrollment's."""
        return wait_until(
            f"{count} events of failures",
            lambda: (found := [e for e in self.events(since) if e["status"] == "failed"])[count - 1 :] and found,
        )


def expect_one_owner(home, thing):
    """The device is this hub's, both know it, and its key of this epoch has arrived."""
    home.wait_settled()
    thing.wait_state("OWNED")
    [device] = home.devices()
    expect_equal(device["device_id"], thing.device_id, "device")
    key = home.mqtt.wait(f"enrolld-keys/home/{thing.device_id}", lambda m: m.json()["epoch"] == device["epoch"])
    expect_equal(key.json()["public_key"], thing.public_key.hex(), "key that was forwarded")
    wait_until("the empty outbox", lambda: home.status()["outbox"] == 0)


def with_cable(home):
    thing = home.thing()
    cable = home.tap(thing)
    home.start_hub()
    return thing, cable


def find(program):
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    expect(path, f"there is no {program}")
    return path


# --- scenarios ---

scenarios = []
class Report(threading.local):
    """What there is to say about a scenario that failed."""

    def __init__(self):
        self.lines = []


report = Report()


def scenario(what):
    def add(function):
        scenarios.append((what, function))
        return function

    return add


def for_each(messages, what):
    """A scenario for each message: @what has a place for its name."""

    def add(function):
        for message in messages:
            scenario(what.format(message))(lambda message=message: function(message))
        return function

    return add


def run_scenario(what, function):
    """Its lines: what helps if it failed, and the last one says how it went."""
    begin = time.monotonic()
    report.lines = []
    try:
        function()
        return [f"ok - {what} ({time.monotonic() - begin:.1f} s)"]
    except Exception as error:  # pylint: disable=broad-except
        places = reversed(traceback.extract_tb(error.__traceback__))
        where = " < ".join(f"{pathlib.Path(place.filename).name}:{place.lineno}" for place in places)
        return [*report.lines, f"not ok - {what}: {type(error).__name__}: {error} ({where})"]


def main(together=1):
    """Runs all scenarios, @together of them at a time, or those that have all words of the command line; and exits."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = [s for s in scenarios if all(word in s[0] for word in sys.argv[1:])]
    failed = not wanted
    pool = concurrent.futures.ThreadPoolExecutor(together)
    try:
        for done in concurrent.futures.as_completed([pool.submit(run_scenario, *s) for s in wanted]):
            print("\n".join(done.result()), flush=True)
            failed = failed or done.result()[-1].startswith("not ok")
    finally:
        pool.shutdown(cancel_futures=True)
    sys.exit(1 if failed else 0)
