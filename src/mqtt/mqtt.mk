# SPDX-License-Identifier: Apache-2.0
# Topics, the broker, and what must reach it.

noinst_LIBRARIES += libmqtt.a
libmqtt_a_SOURCES = \
	%D%/topic.c %D%/topic.h \
	%D%/options.c %D%/options.h \
	%D%/broker.c %D%/broker.h \
	%D%/dial.c %D%/dial.h \
	%D%/connection.c %D%/connection.h \
	%D%/client.c %D%/client.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/outbox.c %D%/outbox.h
