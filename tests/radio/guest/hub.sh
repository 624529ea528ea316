# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The maker with its devices and codes, the home with its hub, and what the hub says to everybody.

MAKER=/run/radio/maker
HEARD=$OUT/mqtt

# --- the maker ---

maker_up() { mkdir -p "$MAKER" && cd "$MAKER" && enroll-code issuer nordlicht; }

# device_make NAME: a device that can be reached over the air, and its code. picture_make NAME: the code's picture, and
# the picture's frame.
device_make() {
        local serial
        serial=TH-$(printf '%s' "$1" | cksum | cut -c1-6)
        cd "$MAKER" &&
                enroll-code device --serial "$serial" --maker Nordlicht --model 'Thermo One' --reach ble "$1" &&
                enroll-code make /run/radio/examples/thermo-one.yaml --card "$1.json" --issuer nordlicht.key -o "$1.code"
}
picture_make() {
        cd "$MAKER" && enroll-code qr "$1.code" --png "$1.png" && /run/radio/guest/luma show "$1.png" "$1.frame"
}

# device_on NAME HCI [OPTION...]: plug it in, its radio is this adapter, and wait until it can be heard. device_off NAME:
# pull the plug. What it has written stays.
device_on() {
        local name=$1 hci=$2
        shift 2
        eventually is_without_links "$hci" || return
        # The file is truncated when the program starts: until then it holds what another one said.
        rm -f "$OUT/device-$name"
        systemd-run --quiet --collect --unit="device-$name" --property=StandardOutput="truncate:$OUT/device-$name" \
                enroll-device --link "ble:$hci" --identity "$MAKER/$name.device" --state "$MAKER/$name.state" "$@" &&
                eventually grep --line-regexp advertising "$OUT/device-$name"
}
device_off() { systemctl kill --signal=KILL "device-$1.service" && eventually device_is_off "$1"; }
device_is_off() { fails systemctl --quiet is-active "device-$1.service"; }
# What is without power holds no link. Only the program is gone here, and bluetoothd holds its link until the hub
# drops it.
is_without_links() { [ -z "$(links_of "$1")" ]; }

# --- the home ---

# hub_settle SETTING...: settings in force, each SECTION.KEY=VALUE.
hub_settle() {
        local setting
        for setting in "$@"; do
                printf '[%s]\n%s\n' "${setting%%.*}" "${setting#*.}"
        done >/etc/enrolld/conf.d/radio.conf
        systemctl restart enrolld.service
}

# hub_knows FILTER: what enrollctl says about the hub passes the jq filter.
hub_knows() { enrollctl status --json | tee /dev/stderr | jq --exit-status "$1" >/dev/null; }
bluetooth_is() { hub_knows ".bluetooth.state == \"$1\""; }
device_knows() { enrollctl info "$1" --json | tee /dev/stderr | jq --exit-status "$2" >/dev/null; }
has_device() { enrollctl list --quiet | grep --line-regexp "$1"; }

# ends_with STATUS CODE COMMAND...: the command's exit status, and the stable code in what it says.
ends_with() {
        local status=$1 code=$2 said got
        shift 2
        said=$("$@" 2>&1)
        got=$?
        printf '%s\nexit status %s\n' "$said" "$got"
        [ "$got" = "$status" ] && [[ $said == *"$code"* ]]
}

enroll() { enrollctl enroll --name "$1" --file "$MAKER/$1.code"; }

# enrolled NAME: now, or by an enrollment before of which the hub did not hear the end.
enrolled() {
        enroll "$1"
        case $? in
        0 | 5) has_device "$1" ;;
        *) return 1 ;;
        esac
}

# while_enrolling NAME STEP COMMAND...: an enrollment that ends, whichever way, and the command as soon as the step
# begins. The caller makes sure that the step lasts.
while_enrolling() {
        local name=$1 step=$2
        shift 2
        timeout "$PATIENCE" enrollctl enroll --json=lines --name "$name" --file "$MAKER/$name.code" | while read -r event; do
                echo "$event"
                [[ $event != *'"step_name":"'$step'"'*'"done":false'* ]] || "$@"
        done
        [ "${PIPESTATUS[0]}" != 124 ]
}

# --- the broker ---

# Everything, with the retain flag as it was published: "TOPIC RETAINED PAYLOAD" lines. A session that the broker
# keeps, so that nothing is missed while one of the two is away.
listen() {
        systemd-run --quiet --unit=listener --property=StandardOutput="append:$HEARD" --property=Restart=always \
                mosquitto_sub -V 5 -i listener -c -x 3600 -q 1 --retain-as-published -F '%t %r %p' \
                -t 'enrolld/#' -t 'enrolld-keys/#' -t 'homeassistant/#'
}

# heard TOPIC RETAINED FILTER: some payload of it passes the jq filter.
heard() {
        local payloads
        payloads=$(sed -n "s|^$1 $2 ||p" "$HEARD")
        printf '%s\n' "${payloads:-nothing on $1}"
        jq --exit-status --slurp "any(.[]; $3)" <<<"$payloads" >/dev/null
}
