# SPDX-License-Identifier: Apache-2.0
# BlueZ on the bus, both ends of it.

noinst_LIBRARIES += libble.a
libble_a_SOURCES = \
	%D%/uuid.h \
	%D%/dict.c %D%/dict.h \
	%D%/object.c %D%/object.h \
	%D%/cache.c %D%/cache.h \
	%D%/announcement.c %D%/announcement.h \
	%D%/audience.c %D%/audience.h \
	%D%/bluez.c %D%/bluez.h \
	%D%/rfkill.c %D%/rfkill.h \
	%D%/adapter.c %D%/adapter.h \
	%D%/revival.c %D%/revival.h \
	%D%/discovery.c %D%/discovery.h \
	%D%/discoveries.c %D%/discoveries.h \
	%D%/observer.c %D%/observer.h \
	%D%/heard.c %D%/heard.h \
	%D%/interval.c %D%/interval.h \
	%D%/reorder.c %D%/reorder.h \
	%D%/channel.c %D%/channel.h \
	%D%/l2cap.c %D%/l2cap.h \
	%D%/coc.c %D%/coc.h \
	%D%/bearers.c %D%/bearers.h \
	%D%/knock.c %D%/knock.h \
	%D%/shunned.c %D%/shunned.h \
	%D%/answer.c %D%/answer.h \
	%D%/attempt.c %D%/attempt.h \
	%D%/central.c %D%/central.h \
	%D%/stepper.c %D%/stepper.h \
	%D%/gatt.c %D%/gatt.h \
	%D%/advertiser.c %D%/advertiser.h \
	%D%/doorway.c %D%/doorway.h \
	%D%/peripheral.c %D%/peripheral.h
