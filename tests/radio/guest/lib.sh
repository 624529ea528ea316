# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scenarios say and do. A check is one command that succeeds; what it wrote is shown only when it fails.

export OUT=/run/radio/out

# check WHAT COMMAND...: one line of the report.
check() {
        local what=$1 said
        shift
        if said=$("$@" 2>&1); then
                echo "ok - $what"
        else
                echo "not ok - $what"
                printf '%s\n' "${said:-(no output from: $*)}" | tail -n 20
        fi
}

# fails COMMAND...: the opposite.
fails() { ! "$@"; }

# Seconds after which what has not happened will not happen. No limit of a scenario is shorter: how long something takes
# says how busy the host is, and nothing else.
export PATIENCE=300

# eventually COMMAND...: repeat until it succeeds.
eventually() {
        local end=$((SECONDS + PATIENCE)) said
        until said=$("$@" 2>&1); do
                if ((SECONDS >= end)); then
                        printf '%s\n' "$said" "(not within $PATIENCE s: $*)"
                        return 1
                fi
                sleep 0.5
        done
        printf '%s\n' "$said"
}

# has TEXT COMMAND...: the command's output holds the text.
has() {
        local text=$1 said
        shift
        said=$("$@" 2>&1)
        printf '%s\n' "$said"
        [[ $said == *"$text"* ]]
}

# --- the radio ---

# Two controllers by btvirt under a bluetoothd of their own; hci0 is the hub's, hci1 the device's.
radio_up() {
        one_bearer
        systemctl start btmon.service && systemctl start btvirt.service &&
                eventually bluez_adapter hci0 && eventually bluez_adapter hci1
}

# BlueZ 5.66 opens more ATT bearers to a peer that has them. Here both ends are BlueZ and do so at once, and on a busy
# host the kernel then lets one of them starve for 30 s. Devices in the field do not open any.
one_bearer() { sed -i 's/^#Channels = 3$/Channels = 1/' /etc/bluetooth/main.conf; }

# remembered: what bluetoothd has discovered it forgets after 30 s otherwise, also while a busy host connects to others.
remembered() { sed -i "s/^#TemporaryTimeout = 30$/TemporaryTimeout = $PATIENCE/" /etc/bluetooth/main.conf; }

# bluez_adapter HCI: bluetoothd has it, and it is on.
bluez_adapter() { has true busctl --system get-property org.bluez "/org/bluez/$1" org.bluez.Adapter1 Powered; }

# links_of HCI: who it is connected to, an address each line, as bluetoothd knows it.
links_of() {
        busctl --system --json=short call org.bluez / org.freedesktop.DBus.ObjectManager GetManagedObjects |
                jq --raw-output --arg below "/org/bluez/$1/" '.data[0] | to_entries[] | select(.key | startswith($below)) |
                        .value["org.bluez.Device1"] | select(.Connected.data) | .Address.data'
}

# --- an air that is commanded ---

# ether ORDER...: gives the order, and prints its answer.
ether() { /run/radio/programs/etherctl "$@"; }

# ether_up 'NAME OPTION...'...: controllers under a bluetoothd of their own, plugged in one after the other, so that the
# first is hci0. Needs --program ether and --program etherctl.
ether_up() {
        local each
        one_bearer
        systemctl restart ether.service || return
        for each in "$@"; do
                # shellcheck disable=SC2086 # It is several words.
                ether plug $each || return
        done
        for each in "$@"; do
                eventually bluez_adapter "$(hci "${each%% *}")" || return
        done
}
ether_down() { systemctl stop ether.service; }

# hci NAME, address NAME: what the controller is called elsewhere.
hci() { ether list | awk -v name="$1" '$1 == name { print $2 }'; }
address() { ether list | awk -v name="$1" '$1 == name { print $3 }'; }

# --- the camera ---

CAMERA=/dev/video0
DISPLAY_NODE=/dev/video1

# A display and a camera that looks at it.
camera_up() {
        # One capture and one output node. Their HDMI connectors are what can be looped.
        modprobe vivid n_devs=1 node_types=0x101 vid_cap_nr=0 vid_out_nr=1 || return
        udevadm settle
        v4l2-ctl -d "$CAMERA" -i 3 &&
                v4l2-ctl -d "$DISPLAY_NODE" -o 1 &&
                v4l2-ctl -d "$CAMERA" --set-dv-bt-timings index=0 &&
                v4l2-ctl -d "$DISPLAY_NODE" --set-dv-bt-timings index=0 &&
                v4l2-ctl -d "$CAMERA" --set-fmt-video pixelformat=YUYV &&
                v4l2-ctl -d "$DISPLAY_NODE" --set-fmt-video-out pixelformat=YUYV &&
                v4l2-ctl -d "$CAMERA" -c osd_text_mode=2 &&
                camera_faces_display
}

# Up to Linux 6.10 one switch loops what can be looped, later ones have a plug for each connector.
camera_faces_display() {
        v4l2-ctl -d "$CAMERA" -c loop_video=1 || v4l2-ctl -d "$CAMERA" -c hdmi_000_0_is_connected_to=2
}

camera_down() {
        show_nothing
        modprobe -r vivid
}

# show FRAMES: put them on the display until something else is shown. Until then the camera sees noise.
show() {
        show_nothing
        systemd-run --quiet --collect --unit=display v4l2-ctl -d "$DISPLAY_NODE" --stream-out-mmap --stream-from="$1" \
                --stream-loop
}
show_nothing() { systemctl stop display.service 2>/dev/null || true; }

# photograph FILE: one frame of what the camera sees. The first ones are older than the question.
photograph() { v4l2-ctl -d "$CAMERA" --stream-mmap --stream-skip=4 --stream-count=1 --stream-to="$1"; }

# --- the packages under test ---

packages_install() { DEBIAN_FRONTEND=noninteractive dpkg --install /run/radio/packages/enroll*.deb; }

# A bluetoothd that crashes is started again, as README.md proposes.
bluetooth_restarts() {
        install -D -m 0644 -t /etc/systemd/system/bluetooth.service.d/ \
                /usr/share/doc/enrolld/examples/bluetooth-restart.conf && systemctl daemon-reload
}

# as_hub COMMAND...: as the user that the daemon runs as, and nothing more.
as_hub() { setpriv --reuid enrolld --regid enrolld --clear-groups "$@"; }
