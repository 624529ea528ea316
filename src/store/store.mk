# SPDX-License-Identifier: Apache-2.0
# SQLite: what the hub knows of its devices.

noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	%D%/schema.c %D%/schema.h \
	%D%/query.c %D%/query.h \
	%D%/store.c %D%/store.h \
	%D%/outbox.c %D%/outbox.h \
	%D%/counter.c %D%/counter.h \
	%D%/delivery.c %D%/delivery.h \
	%D%/preference.c %D%/preference.h \
	%D%/retained.c %D%/retained.h \
	%D%/device.c %D%/device.h \
	%D%/channel.c %D%/channel.h \
	%D%/group.c %D%/group.h \
	%D%/row.h \
	%D%/forwarded.c %D%/forwarded.h \
	%D%/enrollment.c %D%/enrollment.h \
	%D%/removal.c %D%/removal.h \
	%D%/stray.c %D%/stray.h \
	%D%/announced.c %D%/announced.h \
	%D%/memory.c %D%/memory.h \
	%D%/entry.c %D%/entry.h
