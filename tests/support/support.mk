# SPDX-License-Identifier: Apache-2.0
# The fixtures of all tests.

check_LIBRARIES += libtest.a
libtest_a_SOURCES = \
	%D%/caller.c %D%/caller.h \
	%D%/catalogue-sample.h \
	%D%/code-sample.h \
	%D%/diagnostic.h \
	%D%/disk.c %D%/disk.h \
	%D%/drawing.c %D%/drawing.h \
	%D%/fake-evdev.c %D%/fake-evdev.h \
	%D%/fake-node.c %D%/fake-node.h \
	%D%/far-end.c %D%/far-end.h \
	%D%/haste.c %D%/haste.h \
	%D%/home.c %D%/home.h \
	%D%/hub-source.h \
	%D%/link-fixture.c %D%/link-fixture.h \
	%D%/mock-bluez.c %D%/mock-bluez.h \
	%D%/mock-bus.c %D%/mock-bus.h \
	%D%/mqtt-hub.c %D%/mqtt-hub.h \
	%D%/peer.c %D%/peer.h \
	%D%/printed.c %D%/printed.h \
	%D%/private-broker.c %D%/private-broker.h \
	%D%/private-bus.c %D%/private-bus.h \
	%D%/server.c %D%/server.h \
	%D%/served-hub.c %D%/served-hub.h \
	%D%/specimen.c %D%/specimen.h \
	%D%/store-sample.c %D%/store-sample.h \
	%D%/thing.c %D%/thing.h \
	%D%/wall.c %D%/wall.h \
	%D%/way.c %D%/way.h

# Makes every timer of a program divisible (haste.h).
HASTE_LINKING = $(AM_LDFLAGS) -Wl,--wrap=sd_event_add_time_relative -Wl,--wrap=sd_event_source_set_time_relative

# Makes the clocks a test's own (wall.h).
WALL_LINKING = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

# In place of the kernel's L2CAP channels (fake-l2cap.h): of a program's sources, so that it comes before the library.
FAKE_L2CAP = %D%/fake-l2cap.c %D%/fake-l2cap.h
COC_CALLER = %D%/coc-caller.c %D%/coc-caller.h $(FAKE_L2CAP)

# In place of the client of MQTT (bridged-hub.h).
BRIDGED_HUB = %D%/bridged-hub.c %D%/bridged-hub.h

# In place of libsodium.
BEARSSL_PORT_LIBS = libbearssl-port.a libwire.a $(BEARSSL_LIBS)

if HAVE_LIBCBOR
# libcbor and src/wire/cbor.c share names; where both are linked, ours get others.
RENAME_CPPFLAGS = $(AM_CPPFLAGS) -Dcbor_get_int=ours_get_int -Dcbor_get_bool=ours_get_bool
check_LIBRARIES += libcbortest.a
libcbortest_a_SOURCES = %D%/libcbor.c %D%/libcbor.h
libcbortest_a_CFLAGS = $(AM_CFLAGS) $(LIBCBOR_CFLAGS)
endif
