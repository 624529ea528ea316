# SPDX-License-Identifier: Apache-2.0
# What everybody is told.

noinst_LIBRARIES += libevent.a
libevent_a_SOURCES = \
	%D%/event.c %D%/event.h \
	%D%/reading.h \
	%D%/state.c %D%/state.h \
	%D%/condition.c %D%/condition.h \
	%D%/journal.c %D%/journal.h
