# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A home in an air that is commanded: the hub's controller is called hub and is hci0, the others are devices'. For
# scenarios that run with --program ether and --program etherctl.

# shellcheck source=SCRIPTDIR/lib.sh
. /run/radio/guest/lib.sh
# shellcheck source=SCRIPTDIR/hub.sh
. /run/radio/guest/hub.sh

# home_up [SETTING...]: an installed hub that trusts the maker and has what the thermometer asks for, and these settings.
home_up() {
        packages_install && bluetooth_restarts && maker_up && cp "$MAKER/nordlicht.issuer" /etc/enrolld/issuers.d/ && listen && home_settle "$@"
}

# home_settle [SETTING...]: the same hub with other settings.
home_settle() {
        hub_settle hub.name=home bluetooth.adapter=hci0 site.locality=Stockholm site.room=kitchen \
                'site.organization=Andersson family' "$@" && eventually bluetooth_is ok
}

# interval_is MS HCI...: between the connection events of their next links. The kernel takes no minimum above the
# maximum, and 7.5 ms is below any other.
interval_is() {
        local units hci
        units=$(jq --null-input "$1 / 1.25 | floor")
        shift
        for hci in "$@"; do
                cd "/sys/kernel/debug/bluetooth/$hci" && echo 6 >conn_min_interval && echo "$units" >conn_max_interval &&
                        echo "$units" >conn_min_interval || return
        done
}

# advertises_often HCI...: every 100 ms, as a device that wants to be enrolled does, and not every 1.28 s.
advertises_often() {
        local hci
        for hci in "$@"; do
                cd "/sys/kernel/debug/bluetooth/$hci" && echo 160 >adv_min_interval && echo 160 >adv_max_interval || return
        done
}

# device_reset NAME HCI: a person at the device presses its button.
device_reset() {
        systemctl stop "device-$1.service" &&
                enroll-device --identity "$MAKER/$1.device" --state "$MAKER/$1.state" --reset && device_on "$1" "$2"
}

# forget_services NAME: the hub's bluetoothd has never seen the services of this controller.
forget_services() { rm -f "/var/lib/bluetooth/$(address hub)/cache/$(address "$1")"; }
