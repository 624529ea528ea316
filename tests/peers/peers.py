# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder have in common: a home, the example devices in it, and programs of other people that
speak JSON lines.
"""

import functools
import json
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "hub"))

from home import EXAMPLE, Failure, Program, Thing, expect, find, must, run, wait_until  # pylint: disable=wrong-import-position

EXAMPLES = EXAMPLE.parent


class OtherThing(Thing):
    """A plug or a lock (thing.py): a device in another language, which takes lines for what a person does at it."""

    def __init__(self, home, kind):
        self.kind = kind
        name = home.path / kind
        about = ["--model", f"{kind.capitalize()} One", "--serial", f"{kind}-1"]
        must(run(HERE.parent / "vectors/device.py", "make", name, *about))
        card = name.with_suffix(".json")
        super().__init__(home, kind, code=home.maker.code(card, source=EXAMPLES / f"{kind}-one.yaml"), card=card)

    def start(self):
        argv = [HERE / "thing.py", self.kind, self.identity, self.state_directory, self.socket]
        self.program = self.home.keep(Program(f"thing {self.kind}", argv, stdin=subprocess.PIPE))
        wait_until(f"the start of the {self.kind}", self.listens)
        return self

    def do(self, line):
        """A person at the device."""
        self.program.process.stdin.write(f"{line}\n".encode())
        self.program.process.stdin.flush()


def enroll_examples(home):
    """Every device of doc/examples, enrolled: thermo-one, plug-one and lock-one. The hub is started here."""
    things = [Thing(home, "TH-1").start(), OtherThing(home, "plug").start(), OtherThing(home, "lock").start()]
    home.settings["link"] = {"stream": [f"unix:{thing.socket}" for thing in things]}
    home.start_hub()
    for thing in things:
        home.enroll(thing)
    wait_until("the confirmations", lambda: all(d["interview_completed"] for d in home.devices()))
    return things


@functools.lru_cache
def fetched():
    """The directory of the packages; fetches them the first time."""
    done = run(HERE / "fetch", seconds=600)
    expect(done.code == 0, f"the peers cannot be fetched: {done.err}")
    return done.out.strip()


fetching = threading.Lock()


class Peer:
    """A program of another people, and what it says, an object a line."""

    def __init__(self, home, script, *words):
        with fetching:
            packages = fetched()
        argv = [find("node"), HERE / script, packages, *words]
        self.program = home.keep(Program(script, argv, stdin=subprocess.PIPE))

    def tell(self, **line):
        self.program.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.program.process.stdin.flush()

    def lines(self, since=0):
        """What it has said; what is not JSON is a complaint of node."""
        said = self.program.lines[since:]
        wrong = [line for line in said if not line.startswith("{")]
        expect(not wrong, f"{self.program.name} says {wrong}")
        return [json.loads(line) for line in said]

    def mark(self):
        return len(self.program.lines)

    def wait(self, what, predicate, since=0):
        """The first line for which @predicate is true."""

        def look():
            if not self.program.running():
                raise Failure(f"{self.program.name} ended: {self.program.lines[-20:]}")
            return next((line for line in self.lines(since) if predicate(line)), None)

        return wait_until(what, look)
