# SPDX-License-Identifier: Apache-2.0
"""A home whose hub owns many virtual devices: putting them into its store, and waiting until the broker knows all of them."""

import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hub"))
from home import BUILD, Program, expect_equal, must, run, wait_until

# The store is in memory: what is measured is not this machine's disk, which would sync for each device that is put in.
tempfile.tempdir = "/dev/shm"

AVAILABILITY = "enrolld/home/+/availability"


def seed_store(state, devices, messages=0):
    must(run(BUILD / "tests/bench/bench-seed", state, devices, messages, seconds=600))


def seed(home, devices, messages=0):
    """The hub does not run yet, or any more: its store is made by its first start."""
    home.start_hub()
    home.stop_hub()
    seed_store(home.state, devices, messages)


def listen(home, topic, count, patience=60):
    """Begins to, as soon as there is a broker; what it says at its end is for heard()."""
    argv = [BUILD / "tests/bench/bench-listen", home.broker_socket, topic, count, patience]
    return home.keep(Program("listener", argv))


def heard(listener):
    return json.loads(listener.wait_for("arrived"))


def listed(home):
    """How many devices are in bridge/devices as the broker keeps it."""
    argv = ["mosquitto_sub", "-V", "5", "--unix", home.broker_socket, "-t", home.topic("bridge/devices"), "-C", "1", "-W", "2"]
    text = run(*argv).out
    return len(json.loads(text)) if text else 0


def wait_published(home, devices, listener):
    """Until everything of them has arrived, their availability at @listener; how long the latter took, in s."""
    said = heard(listener)
    expect_equal(said["arrived"], devices, "devices published")
    wait_until("the list of the devices", lambda: listed(home) == devices)
    return said["seconds"]


def start(home, devices):
    listener = listen(home, AVAILABILITY, devices)
    home.start_hub()
    wait_published(home, devices, listener)
