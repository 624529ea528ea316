# SPDX-License-Identifier: Apache-2.0
# enrolld: the whole chain.

libexec_PROGRAMS += enrolld
enrolld_SOURCES = \
	src/enrolld.c \
	%D%/vault.c %D%/vault.h \
	%D%/awaited.c %D%/awaited.h \
	%D%/librarian.c %D%/librarian.h \
	%D%/means.c %D%/means.h \
	%D%/backlog.c %D%/backlog.h \
	%D%/beacon.c %D%/beacon.h \
	%D%/broker.c %D%/broker.h \
	%D%/bulletin.c %D%/bulletin.h \
	%D%/census.c %D%/census.h \
	%D%/clock.c %D%/clock.h \
	%D%/controls.c %D%/controls.h \
	%D%/courier.c %D%/courier.h \
	%D%/desk.c %D%/desk.h \
	%D%/dispatch.c %D%/dispatch.h \
	%D%/eraser.c %D%/eraser.h \
	%D%/farewell.c %D%/farewell.h \
	%D%/fetching.c %D%/fetching.h \
	%D%/herald.c %D%/herald.h \
	%D%/intake.c %D%/intake.h \
	%D%/job.c %D%/job.h \
	%D%/keeper.c %D%/keeper.h \
	%D%/login.c %D%/login.h \
	%D%/lookout.c %D%/lookout.h \
	%D%/nfc.c %D%/nfc.h \
	%D%/recent.c %D%/recent.h \
	%D%/reload.c %D%/reload.h \
	%D%/roster.c %D%/roster.h \
	%D%/rounds.c %D%/rounds.h \
	%D%/settle.c %D%/settle.h \
	%D%/strays.c %D%/strays.h \
	%D%/verbosity.c %D%/verbosity.h \
	%D%/window.c %D%/window.h \
	%D%/hub.c %D%/hub.h
enrolld_CPPFLAGS = $(AM_CPPFLAGS) \
	-DCONF_DIRECTORY='"$(sysconfdir)/enrolld"' \
	-DSTATE_DIRECTORY='"$(localstatedir)/lib/enrolld"' \
	-DREADER_SOCKET='"$(runstatedir)/enroll-read.socket"' \
	-DFETCHER_SOCKET='"$(runstatedir)/enroll-fetch.socket"' \
	-DTAGS_SOCKET='"$(runstatedir)/enroll-tag.socket"'
enrolld_LDADD = libbridge.a libhass.a libbus.a libapi.a libgateway.a libenrollment.a libcontact.a libfetch.a libcatalogue.a libpolicy.a libevent.a \
	libsite.a libpanel.a libmqtt.a libstore.a libble.a liblink.a libread.a libtag.a libcode.a libprogram-hub.a libprogram.a libreason.a libutil.a libwire.a \
	$(SODIUM_LIBS) $(INIH_LIBS) $(SQLITE_LIBS) $(MOSQUITTO_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) $(EVDEV_LIBS) -lm
