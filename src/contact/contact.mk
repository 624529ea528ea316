# SPDX-License-Identifier: Apache-2.0
# From a device that is looked for to a session with it: what enrollment and gateway share.

noinst_LIBRARIES += libcontact.a
libcontact_a_SOURCES = \
	%D%/airtime.c %D%/airtime.h \
	%D%/keys.c %D%/keys.h \
	%D%/lanes.c %D%/lanes.h \
	%D%/port.c %D%/port.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/roll.c %D%/roll.h \
	%D%/finder.c %D%/finder.h \
	%D%/vigil.c %D%/vigil.h \
	%D%/conversation.c %D%/conversation.h \
	%D%/meeting.c %D%/meeting.h
