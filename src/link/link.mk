# SPDX-License-Identifier: Apache-2.0
# Whole messages over a stream.

noinst_LIBRARIES += liblink.a
liblink_a_SOURCES = \
	%D%/link.h \
	%D%/stream.c %D%/stream.h
