# SPDX-License-Identifier: Apache-2.0
# One device's life after its enrollment.

noinst_LIBRARIES += libgateway.a
libgateway_a_SOURCES = \
	%D%/errand.c %D%/errand.h \
	%D%/limits.c %D%/limits.h \
	%D%/visit.c %D%/visit.h \
	%D%/gateway.c %D%/gateway.h \
	%D%/timetable.c %D%/timetable.h \
	%D%/watch.c %D%/watch.h
