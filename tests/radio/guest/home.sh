# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What scenarios with many devices ask of a home in a commanded air. They set LINKS, the number of devices that are
# addressed at the same time, and devices, the array of their names.

# shellcheck source=SCRIPTDIR/air.sh
. /run/radio/guest/air.sh

devices=() # set by the scenario
PERIOD=5 # s between two readings of a device

# in_groups FUNCTION: for all devices, as many at the same time as there are links.
in_groups() {
        local each pids=() failed=0
        for each in "${devices[@]}"; do
                "$1" "$each" >"$OUT/$1-$each" 2>&1 &
                pids+=($!)
                [ ${#pids[@]} -eq "$LINKS" ] || continue
                for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
                pids=()
        done
        for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
        tail -n 2 "$OUT/$1-"*
        return $failed
}
# all_at_once FUNCTION: for all devices at the same time.
all_at_once() {
        local each pids=() failed=0
        for each in "${devices[@]}"; do
                "$1" "$each" >"$OUT/$1-$each" 2>&1 &
                pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
        tail -n 2 "$OUT/$1-"*
        return $failed
}

reports_often() { eventually enrollctl set "$1" interval "$PERIOD"; }
blinks() { eventually enrollctl set "$1" identify ON; }

# readings_of NAME: how many there were.
readings_of() { grep -c "^enrolld/home/$1 [01] .*\"temperature\"" "$HEARD"; }
# hear_all N: each device, N times from now on, and it is online then.
hear_all() {
        local each
        local -A before=()
        for each in "${devices[@]}"; do before[$each]=$(readings_of "$each"); done
        for each in "${devices[@]}"; do
                eventually heard_often "$each" $((before[$each] + $1)) || return
                eventually device_knows "$each" '.availability.state == "online"' || return
        done
}
heard_often() {
        local n
        n=$(readings_of "$1")
        echo "$1: $n readings of $2"
        [ "$n" -ge "$2" ]
}

# The identifiers of all devices, as a line each.
identifiers() { enrollctl list --json | jq --raw-output '.devices[].device_id' | sort; }
are_the_same() { diff "$OUT/identifiers" <(identifiers); }
# announced: the broker has just these, and the keys of each.
announced() {
        local id
        mosquitto_sub -t enrolld/home/bridge/devices -C 1 -W "$PATIENCE" | jq --raw-output '.[].device_id' | sort | diff "$OUT/identifiers" - || return
        while read -r id; do keys_are "$id" known || return; done <"$OUT/identifiers"
}
# keys_are ID known|removed: as the last message about them says.
keys_are() {
        sed -n "s|^enrolld-keys/home/$1 0 ||p" "$HEARD" | tail -n 1 | tee /dev/stderr |
                jq --exit-status --arg id "$1" --arg state "$2" '
                        .device_id == $id and $state == if has("removed_at") then "removed" else "known" end'
}
# The broker of the machine wants no password.
has_no_problems() { hub_knows '.conditions == ["broker_anonymous"]'; }

kill_party() { systemctl kill --signal=KILL "$1.service" && eventually systemctl --quiet is-active "$1.service"; }
kill_device() { device_off "$1" && device_on "$1" "$(hci "$1")"; }

# devices_up NAME...: each is made, advertises often, and is at an interval of 15 ms.
devices_up() {
        local each
        for each in "$@"; do
                advertises_often "$(hci "$each")" && interval_is 15 "$(hci "$each")" && device_make "$each" &&
                        device_on "$each" "$(hci "$each")" || return
        done
}

# losses: how many messages with readings have not arrived, as the hub reports it. A device may be saying something while
# the hub takes its leave, or the link is lost.
losses() {
        sed -n 's|^enrolld/home/bridge/event 0 ||p' "$HEARD" |
                jq --slurp '{readings_lost: [.[] | select(.type == "readings_lost") | .data.lost] | add}'
}
