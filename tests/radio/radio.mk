# SPDX-License-Identifier: Apache-2.0
# What the virtual machine runs: both ends of Bluetooth LE against a real bluetoothd, and the radio we command.

noinst_PROGRAMS += %D%/ble-echo
%C%_ble_echo_LDADD = libble.a liblink.a libreason.a libutil.a libwire.a $(SYSTEMD_LIBS)

include $(srcdir)/tests/radio/ether/ether.mk
