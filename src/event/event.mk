# SPDX-License-Identifier: Apache-2.0
# What everybody is told.

noinst_LIBRARIES += libevent.a
libevent_a_SOURCES = \
	%D%/event.c %D%/event.h \
	%D%/journal.c %D%/journal.h
