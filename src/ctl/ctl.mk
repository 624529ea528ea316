# SPDX-License-Identifier: Apache-2.0
# enrollctl: the shapes of answers and events, and nothing of the daemon behind them.

noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = \
	%D%/charset.c %D%/charset.h \
	%D%/text.c %D%/text.h \
	%D%/fault.c %D%/fault.h \
	%D%/output.c %D%/output.h \
	%D%/input.c %D%/input.h \
	%D%/client.c %D%/client.h \
	%D%/progress.c %D%/progress.h \
	%D%/follow.c %D%/follow.h \
	%D%/grid.c %D%/grid.h \
	%D%/health.c %D%/health.h \
	%D%/table.c %D%/table.h \
	%D%/summary.c %D%/summary.h \
	%D%/invocation.c %D%/invocation.h \
	%D%/catalogue.c %D%/catalogue.h \
	%D%/devices.c %D%/devices.h \
	%D%/enrollments.c %D%/enrollments.h

bin_PROGRAMS += enrollctl
enrollctl_SOURCES = %D%/enrollctl.c
enrollctl_LDADD = libctl.a libcatalogue.a libread.a libapi.a libevent.a libcode.a libreason.a libutil.a libwire.a \
	$(JANSSON_LIBS) $(SYSTEMD_LIBS) $(SMARTCOLS_LIBS)
