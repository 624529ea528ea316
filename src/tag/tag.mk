# SPDX-License-Identifier: Apache-2.0
# What the hub and the tools link: tags and messages as bytes, the protocol of the reader, its client. No libnfc.

noinst_LIBRARIES += libtag.a
libtag_a_SOURCES = \
	%D%/air.h \
	%D%/ndef.c %D%/ndef.h \
	%D%/type2.c %D%/type2.h \
	%D%/type4.c %D%/type4.h \
	%D%/tag.c %D%/tag.h \
	%D%/presence.c %D%/presence.h \
	%D%/tap.c %D%/tap.h \
	%D%/taps.c %D%/taps.h

# What only the sandboxed process links: libnfc.
libexec_PROGRAMS += enroll-tag
enroll_tag_SOURCES = \
	%D%/chip.c %D%/chip.h \
	%D%/station.c %D%/station.h \
	%D%/enroll-tag.c
enroll_tag_CFLAGS = $(AM_CFLAGS) $(NFC_CFLAGS)
enroll_tag_LDADD = libtag.a libcode.a libprogram-hub.a libprogram.a libreason.a libutil.a libwire.a \
	$(NFC_LIBS) $(SODIUM_LIBS) $(SYSTEMD_LIBS)
