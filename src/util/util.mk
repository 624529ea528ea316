# SPDX-License-Identifier: Apache-2.0
# No word of the domain in here.

noinst_LIBRARIES += libutil.a
libutil_a_SOURCES = \
	%D%/address.c %D%/address.h \
	%D%/defer.h \
	%D%/file.c %D%/file.h \
	%D%/free.h \
	%D%/dbus.c %D%/dbus.h \
	%D%/hex.c %D%/hex.h \
	%D%/log.c %D%/log.h \
	%D%/loop.c %D%/loop.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/options.c %D%/options.h \
	%D%/packet.c %D%/packet.h \
	%D%/passed.c %D%/passed.h \
	%D%/series.c %D%/series.h \
	%D%/sorted.c %D%/sorted.h \
	%D%/time.c %D%/time.h \
	%D%/word.c %D%/word.h
