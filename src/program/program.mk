# SPDX-License-Identifier: Apache-2.0
# The language of halves, in plain C99. What a device has of it, and beside it what only hubs, tools and people need.

noinst_LIBRARIES += libprogram.a libprogram-hub.a
libprogram_a_SOURCES = \
	%D%/table.h \
	%D%/program.c %D%/program.h
libprogram_a_CFLAGS = $(C99_CFLAGS)
libprogram_hub_a_SOURCES = \
	%D%/verify.c %D%/verify.h \
	%D%/channel.c %D%/channel.h \
	%D%/presence.c %D%/presence.h \
	%D%/group.c %D%/group.h \
	%D%/outline.c %D%/outline.h \
	%D%/words.c %D%/words.h \
	%D%/describe.c %D%/describe.h
libprogram_hub_a_CFLAGS = $(C99_CFLAGS)
