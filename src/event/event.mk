# SPDX-License-Identifier: Apache-2.0
# What there is to report: events, readings and states of devices, conditions of the hub; and the journal.

noinst_LIBRARIES += libevent.a
libevent_a_SOURCES = \
	%D%/event.c %D%/event.h \
	%D%/reading.h \
	%D%/numbering.c %D%/numbering.h \
	%D%/state.c %D%/state.h \
	%D%/condition.c %D%/condition.h \
	%D%/journal.c %D%/journal.h
